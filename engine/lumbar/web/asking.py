"""The pages that ask: the first, each question, what to do in an emergency, check your answers."""

from functools import partial

from fastapi import APIRouter, Response

from lumbar.web import plans, questions
from lumbar.web.session import Session
from lumbar.web.visit import Asked, Sent, Visiting, to

router = APIRouter()


@router.get("/")
def _start(visit: Visiting) -> Response:
    return visit.page("start.html", going_on=visit.session is not None)


@router.post("/")
def _begin(visit: Visiting, _: Sent) -> Response:
    return visit.begin(Session.begun(visit.site.catalog, visit.site.today()), "/page/1")


@router.get("/on")
def _on(session: Asked) -> Response:
    return _onward(session)


@router.get("/page/{number}")
def _page(number: int, visit: Visiting, session: Asked) -> Response:
    if not session.page(number):
        return _onward(session)
    return visit.page("page.html", **questions.page(visit.site.catalog.words, session, number))


@router.post("/page/{number}")
def _answer(number: int, visit: Visiting, session: Asked, fields: Sent) -> Response:
    words = visit.site.catalog.words
    if not session.page(number):
        return _onward(session)
    read = partial(questions.read, words)
    new, wrong = session.answer(number, fields, read, leave_open="skip" in fields)
    visit.keep(session)
    if new:
        return to("/emergency")
    if wrong:
        return visit.page("page.html", 422, **questions.page(words, session, number, fields, wrong))
    return _onward(session)


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
    return to(f"/page/{number}")


@router.post("/end")
def _end(visit: Visiting, _: Sent) -> Response:
    return visit.end("/")


def _onward(session: Session) -> Response:
    """Lead to what is to be done next."""
    return to("/check" if session.complete else f"/page/{len(session.places)}")
