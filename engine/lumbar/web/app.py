"""The pages by their addresses. No address holds an answer: a page is found by its number."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.responses import PlainTextResponse, RedirectResponse

from lumbar.intake.interview import Interview
from lumbar.intake.typed import Refused
from lumbar.plan.composing import make_plan
from lumbar.plan.document import Plan, to_json
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Value
from lumbar.signatures.signoffs import only_signed
from lumbar.web.answering import answer_from
from lumbar.web.guard import Guard
from lumbar.web.pages import Pages
from lumbar.web.sessions import FullError, Session, Sessions, new_id

_LOCAL = {"localhost", "127.0.0.1", "::1"}
_MOST_FIELDS = 100
_DAY = 86_400  # seconds; for so long a browser may keep the style sheet

Fields = Mapping[str, Sequence[str]]


class Site:
    """What all pages share; `today` tells the day, as 2026-11-22, that stands on a plan."""

    def __init__(self, catalog: Catalog, today: Callable[[], str], require_signed: bool) -> None:
        self.words, self.today = catalog.words, today
        self.sessions, self.pages = Sessions(catalog), Pages(catalog)
        self._require_signed = require_signed

    def plan(self, session: Session) -> Plan:
        """Return the plan for what was answered."""
        decision = session.decision
        return make_plan(only_signed(decision) if self._require_signed else decision, self.today())

    def said(self, shown: Interview, given: Sequence[str]) -> Value | Refused:
        """Return the answer given at a place, or what is wrong with it."""
        assert shown.question is not None
        said = answer_from(self.words, shown.question, given)
        if not isinstance(said, Refused) and (other := shown.contradicted(said)):
            return Refused(self.pages.contradiction(shown, other))
        return said


def make_app(
    catalog: Catalog, today: Callable[[], str], *, require_signed: bool = False
) -> FastAPI:
    """Return the application; `today` tells the day, as 2026-11-22, that stands on a plan."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    site = app.state.site = Site(catalog, today, require_signed)
    app.add_middleware(Guard, failed=site.pages.failed)
    app.add_exception_handler(StarletteHTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _refused)
    app.include_router(_router)
    return app


_router = APIRouter()


def _site(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


_AtSite = Annotated[Site, Depends(_site)]


def _session(request: Request, site: _AtSite) -> Session:
    """Return the session of whoever asks; who has none is led to the first page."""
    session = site.sessions.find(_id(request))
    if session is None:
        raise HTTPException(303, headers={"Location": "/"})
    return session


async def _fields(request: Request, site: _AtSite) -> Fields:
    """Return the fields of a form, if it is from a page of ours."""
    try:
        text = (await request.body()).decode()
        fields = parse_qs(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise HTTPException(400) from None
    if not site.sessions.ours(_id(request), fields.get("token", [""])[0]):
        raise HTTPException(403)
    return fields


_Asked = Annotated[Session, Depends(_session)]
_Sent = Annotated[Fields, Depends(_fields)]


def _plan(site: _AtSite, session: _Asked) -> Plan:
    """Return the plan of whoever answered all, or must be seen now."""
    if not session.complete and session.emergency is None:
        raise HTTPException(303, headers={"Location": "/on"})
    return site.plan(session)


_Planned = Annotated[Plan, Depends(_plan)]


@_router.get("/")
def _start(request: Request, site: _AtSite) -> Response:
    name = _id(request) or new_id()
    going_on = site.sessions.find(name) is not None
    page = site.pages.page("start.html", token=site.sessions.token(name), going_on=going_on)
    if not _id(request):
        _remember(request, page, name)
    return page


@_router.post("/")
def _begin(request: Request, site: _AtSite, _: _Sent) -> Response:
    site.sessions.end(_id(request))
    try:
        name = site.sessions.begin()
    except FullError:
        raise HTTPException(503) from None
    page = _to("/question/1")
    _remember(request, page, name)
    return page


@_router.get("/on")
def _on(session: _Asked) -> Response:
    return _onward(session)


@_router.get("/question/{number}")
def _question(request: Request, number: int, site: _AtSite, session: _Asked) -> Response:
    shown = session.at(number)
    if shown is None:
        return _onward(session)
    return _show(request, "question.html", **site.pages.question(shown, session, number))


@_router.post("/question/{number}")
def _answer(
    request: Request, number: int, site: _AtSite, session: _Asked, fields: _Sent
) -> Response:
    with session.lock:
        shown = session.at(number)
        if shown is None:
            return _onward(session)
        given = fields.get("answer", [])
        said = None if "skip" in fields else site.said(shown, given)
        if isinstance(said, Refused):
            view = site.pages.question(shown, session, number, said, given)
            return _show(request, "question.html", 422, **view)
        new = session.answer(number, said)
    return _to("/emergency") if new else _onward(session)


@_router.get("/emergency")
def _emergency(request: Request, site: _AtSite, session: _Asked) -> Response:
    found = session.emergency
    if found is None:
        return _onward(session)
    return _show(request, "emergency.html", plan=make_plan(found, site.today()))


@_router.get("/check")
def _check(request: Request, site: _AtSite, session: _Asked) -> Response:
    if not session.complete:
        return _onward(session)
    return _show(request, "check.html", topics=site.pages.check(session.interview))


@_router.post("/check")
def _change(session: _Asked, fields: _Sent) -> Response:
    name = fields.get("change", [""])[0]
    with session.lock:
        if name not in set(session.interview.asked()):
            return _onward(session)
        return _to(f"/question/{session.change(name)}")


@_router.get("/plan")
def _plan_page(request: Request, site: _AtSite, plan: _Planned, session: _Asked) -> Response:
    return _show(request, "plan.html", complete=session.complete, **site.pages.plan(plan))


@_router.get("/plan.json")
def _plan_data(plan: _Planned) -> Response:
    name = {"Content-Disposition": 'attachment; filename="plan.json"'}
    return Response(to_json(plan) + "\n", media_type="application/json", headers=name)


@_router.get("/how/{number}")
def _how(request: Request, number: int, site: _AtSite, plan: _Planned) -> Response:
    view = site.pages.how(plan, number)
    if view is None:
        raise HTTPException(404)
    return _show(request, "how.html", **view)


@_router.post("/end")
def _end(request: Request, site: _AtSite, _: _Sent) -> Response:
    site.sessions.end(_id(request))
    page = _to("/")
    page.delete_cookie(_cookie(request), secure=_secure(request), httponly=True, samesite="lax")
    return page


@_router.get("/style.css")
def _style(site: _AtSite) -> Response:
    return _kept(site.pages.style, "text/css")


@_router.get("/icon.svg")
def _icon(site: _AtSite) -> Response:
    return _kept(site.pages.icon, "image/svg+xml")


@_router.get("/healthz")
def _healthz() -> Response:
    return PlainTextResponse("ok\n")


def _refused(request: Request, error: Exception) -> Response:
    """Lead somewhere else, or say why there is no page; an address that fits none is unknown."""
    if not isinstance(error, StarletteHTTPException):
        return _site(request).pages.failed(404)
    if error.status_code == 303:
        return _to((error.headers or {})["Location"])
    return _site(request).pages.failed(error.status_code)


def _show(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    site = _site(request)
    return site.pages.page(template, status, token=site.sessions.token(_id(request)), **values)


def _onward(session: Session) -> Response:
    """Lead to what is to be done next."""
    return _to("/check" if session.complete else f"/question/{len(session.places)}")


def _to(address: str) -> Response:
    return RedirectResponse(address, 303)


def _kept(text: str, kind: str) -> Response:
    return Response(text, media_type=kind, headers={"Cache-Control": f"max-age={_DAY}"})


def _secure(request: Request) -> bool:
    return request.url.hostname not in _LOCAL


def _cookie(request: Request) -> str:
    """Return the name of the cookie; no other place can set one with this prefix."""
    return "__Host-lumbar" if _secure(request) else "lumbar"


def _id(request: Request) -> str:
    return request.cookies.get(_cookie(request), "")


def _remember(request: Request, page: Response, name: str) -> None:
    """Let the browser keep an id until it is closed."""
    secure = _secure(request)
    page.set_cookie(_cookie(request), name, secure=secure, httponly=True, samesite="lax")
