"""The pages of a plan: the plan, its movements, how to do each thing, on paper, and as files."""

from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, HTTPException, Response

from lumbar.decision.decide import Decision
from lumbar.plan.composing import make_plan
from lumbar.plan.document import Plan, to_json
from lumbar.signatures.signoffs import only_signed
from lumbar.web import pdf, plans
from lumbar.web.calendar import calendar
from lumbar.web.guard import WITH_SCRIPT
from lumbar.web.visit import Asked, Visiting, led_to

router = APIRouter()


class Made(NamedTuple):
    """A plan, the decision it was made of, and the day of the answers."""

    decision: Decision
    plan: Plan
    day: str


def _made(visit: Visiting, session: Asked) -> Made:
    """Return the plan of whoever answered all, or must be seen now."""
    if not session.complete and session.emergency is None:
        raise led_to("/on")
    decision = session.decision
    if visit.site.require_signed:
        decision = only_signed(decision)
    return Made(decision, make_plan(decision, session.day), session.day)


Planned = Annotated[Made, Depends(_made)]


@router.get("/plan")
def _page(visit: Visiting, made: Planned, session: Asked) -> Response:
    view = plans.layered(visit.site.catalog.words, made.plan)
    again = bool(session.visits)
    return visit.page("plan.html", complete=session.complete, coming_again=again, **view)


@router.get("/how/{number}")
def _how(number: int, visit: Visiting, made: Planned) -> Response:
    return visit.page("how.html", **_there(plans.how(visit.site.catalog.words, made.plan, number)))


@router.get("/movement/{number}")
def _movement(number: int, visit: Visiting, made: Planned) -> Response:
    view = _there(plans.movement(visit.site.catalog.words, made.plan, number))
    page = visit.page("movement.html", **view)
    if view["item"]:
        page.headers["Content-Security-Policy"] = WITH_SCRIPT
    return page


@router.get("/paper")
def _paper(visit: Visiting, made: Planned) -> Response:
    view = plans.on_paper(visit.site.catalog.words, *made)
    return visit.page("paper.html", **view)


@router.get("/summary")
def _summary(visit: Visiting, made: Planned) -> Response:
    return visit.page("summary.html", **plans.summed_up(*made))


@router.get("/plan.pdf")
def _pdf(visit: Visiting, made: Planned) -> Response:
    if not pdf.available():
        raise HTTPException(404)
    pages = visit.site.pages
    view = plans.on_paper(visit.site.catalog.words, *made)
    text = pages.text("paper.html", token="", picture=pages.plain_picture, **view)
    return _file(pdf.written(text, pages.style), "application/pdf", "plan.pdf")


@router.get("/plan.ics")
def _calendar(visit: Visiting, made: Planned) -> Response:
    if not made.plan.sections:
        raise HTTPException(404)
    says = visit.site.catalog.words.web.calendar
    return _file(calendar(says, made.plan, visit.site.today()), "text/calendar", "plan.ics")


@router.get("/plan.json")
def _document(made: Planned) -> Response:
    return _file(f"{to_json(made.plan)}\n".encode(), "application/json", "plan.json")


def _there(view: dict[str, Any] | None) -> dict[str, Any]:
    if view is None:
        raise HTTPException(404)
    return view


def _file(body: bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type=kind, headers=headers)
