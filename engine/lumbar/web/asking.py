"""The pages that ask: the first, each question, what to do in an emergency, check your answers."""

from collections.abc import Sequence

from fastapi import APIRouter, Response

from lumbar.intake.interview import Interview
from lumbar.intake.typed import Refused
from lumbar.rulebook.conditions import Value
from lumbar.web import plans, questions
from lumbar.web.answering import answer_from
from lumbar.web.session import Session
from lumbar.web.visit import Asked, Sent, Site, Visiting, to

router = APIRouter()


@router.get("/")
def _start(visit: Visiting) -> Response:
    return visit.page("start.html", going_on=visit.session is not None)


@router.post("/")
def _begin(visit: Visiting, _: Sent) -> Response:
    return visit.begin(Session.begun(visit.site.catalog, visit.site.today()), "/question/1")


@router.get("/on")
def _on(session: Asked) -> Response:
    return _onward(session)


@router.get("/question/{number}")
def _question(number: int, visit: Visiting, session: Asked) -> Response:
    shown = session.at(number)
    if shown is None:
        return _onward(session)
    return visit.page(
        "question.html", **questions.question(visit.site.catalog.words, shown, session, number)
    )


@router.post("/question/{number}")
def _answer(number: int, visit: Visiting, session: Asked, fields: Sent) -> Response:
    shown = session.at(number)
    if shown is None:
        return _onward(session)
    given = fields.get("answer", [])
    said = None if "skip" in fields else _said(visit.site, shown, given)
    if isinstance(said, Refused):
        view = questions.question(visit.site.catalog.words, shown, session, number, said, given)
        return visit.page("question.html", 422, **view)
    new = session.answer(number, said)
    visit.keep(session)
    return to("/emergency") if new else _onward(session)


def _said(site: Site, shown: Interview, given: Sequence[str]) -> Value | Refused:
    """Return the answer given at a place, or what is wrong with it."""
    assert shown.question is not None
    said = answer_from(site.catalog.words, shown.question, given)
    if not isinstance(said, Refused) and (other := shown.contradicted(said)):
        return Refused(questions.contradiction(site.catalog.words, shown, other))
    return said


@router.get("/emergency")
def _emergency(visit: Visiting, session: Asked) -> Response:
    found = session.emergency
    if found is None:
        return _onward(session)
    return visit.page("emergency.html", **plans.emergency(found, session.day))


@router.get("/check")
def _check(visit: Visiting, session: Asked) -> Response:
    if not session.complete:
        return _onward(session)
    return visit.page("check.html", topics=questions.check(visit.site.catalog, session.interview))


@router.post("/check")
def _change(visit: Visiting, session: Asked, fields: Sent) -> Response:
    name = fields.get("change", [""])[0]
    if name not in set(session.interview.asked()):
        return _onward(session)
    number = session.change(name)
    visit.keep(session)
    return to(f"/question/{number}")


@router.post("/end")
def _end(visit: Visiting, _: Sent) -> Response:
    return visit.end("/")


def _onward(session: Session) -> Response:
    """Lead to what is to be done next."""
    return to("/check" if session.complete else f"/question/{len(session.places)}")
