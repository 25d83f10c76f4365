"""The pages of who comes again: beginning another visit, and how it went over time."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from fastapi import APIRouter, Response
from markupsafe import Markup

from lumbar.intake.check_in import Point, followed, over_time
from lumbar.pictures.chart import chart
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.questionnaire import Number
from lumbar.rulebook.words import fill
from lumbar.web.session import Session
from lumbar.web.visit import Asked, Sent, Visiting, to

router = APIRouter()


@router.post("/check-in")
def _check_in(visit: Visiting, session: Asked, _: Sent) -> Response:
    if session.complete:  # sent once more, it must not begin a visit after one that has just begun
        visit.keep(session.come_again(visit.site.today()))
    return to("/on")


@router.get("/over-time")
def _over_time(visit: Visiting, session: Asked) -> Response:
    points = over_time(visit.site.catalog.questionnaire, session.all_visits)
    return visit.page("over_time.html", **_view(visit.site.catalog, points, session))


def _view(catalog: Catalog, points: Sequence[Point], session: Session) -> dict[str, Any]:
    asked, says = catalog.questionnaire.questions, catalog.words.over_time
    names = followed(catalog.questionnaire)
    first = asked[names[0]]
    assert isinstance(first, Number)
    days = [date.fromisoformat(point.day).toordinal() for point in points]
    drawn = chart(days, [[point.answers[name] for point in points] for name in names], first.high)
    rows = [
        (point.day, [_said(says.open, point.answers[name]) for name in names]) for point in points
    ]
    return {
        "chart": Markup(drawn),  # noqa: S704 - there is no word in it
        "names": [asked[name].name for name in names],
        "lines": [
            fill(text, name=asked[name].name)
            for text, name in zip((says.whole_line, says.dashed_line), names, strict=True)
        ],
        "rows": rows,
        "alone": len(points) == 1,
        "complete": session.complete,
    }


def _said(left_open: str, number: int | None) -> str:
    return left_open if number is None else str(number)
