"""One request of a person: whose it is, what was sent with it, and how a page leaves."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import Depends, HTTPException, Request, Response
from starlette.responses import RedirectResponse

from lumbar.rulebook.catalog import Catalog
from lumbar.web.pages import Pages
from lumbar.web.session import Session
from lumbar.web.sessions import Sessions, new_id

_LOCAL = {"localhost", "127.0.0.1", "::1"}
_MOST_FIELDS = 200

Fields = Mapping[str, Sequence[str]]


class Site:
    """What all pages share; `today` tells the day, as 2026-11-22, that stands on a plan."""

    def __init__(self, catalog: Catalog, today: Callable[[], str], require_signed: bool) -> None:
        self.catalog, self.today, self.require_signed = catalog, today, require_signed
        self.sessions, self.pages = Sessions(), Pages(catalog)


class Visit:
    """One request at a site; the id of whoever makes it is in a cookie."""

    def __init__(self, request: Request) -> None:
        self.site: Site = request.app.state.site
        self._secure = request.url.hostname not in _LOCAL
        self._cookie = "__Host-lumbar" if self._secure else "lumbar"  # no other place can set it
        self.id = request.cookies.get(self._cookie, "")

    @property
    def session(self) -> Session | None:
        """The session of whoever asks, if there is one."""
        data = self.site.sessions.find(self.id)
        return Session.of(self.site.catalog, data) if data else None

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """Return a page, whose forms are for this person alone."""
        new = "" if self.id else new_id()
        token = self.site.sessions.token(self.id or new)
        page = self.site.pages.page(template, status, token=token, **values)
        return self._remembered(page, new) if new else page

    def begin(self, session: Session, address: str) -> Response:
        """Begin a session under a new id, in place of the one before; raise FullError."""
        self.site.sessions.end(self.id)
        return self._remembered(to(address), self.site.sessions.begin(session.data()))

    def keep(self, session: Session) -> None:
        """Keep what the session has become."""
        self.site.sessions.keep(self.id, session.data())

    def end(self, address: str) -> Response:
        """Forget all that was answered."""
        self.site.sessions.end(self.id)
        page = to(address)
        page.delete_cookie(self._cookie, secure=self._secure, httponly=True, samesite="lax")
        return page

    def _remembered(self, page: Response, name: str) -> Response:
        """Let the browser keep an id until it is closed."""
        page.set_cookie(self._cookie, name, secure=self._secure, httponly=True, samesite="lax")
        return page


Visiting = Annotated[Visit, Depends(Visit)]


def _session(visit: Visiting) -> Session:
    """Return the session of whoever asks; who has none is led to the first page."""
    session = visit.session
    if session is None:
        raise led_to("/")
    return session


async def _fields(request: Request, visit: Visiting) -> Fields:
    """Return the fields of a form, if it is from a page of ours."""
    try:
        text = (await request.body()).decode()
        fields = parse_qs(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise HTTPException(400) from None
    if not visit.site.sessions.ours(visit.id, fields.get("token", [""])[0]):
        raise HTTPException(403)
    return fields


Asked = Annotated[Session, Depends(_session)]
Sent = Annotated[Fields, Depends(_fields)]


def to(address: str) -> Response:
    """Lead to another page."""
    return RedirectResponse(address, 303)


def led_to(address: str) -> HTTPException:
    """Return what to raise where another page is to be shown instead."""
    return HTTPException(303, headers={"Location": address})
