"""One request of a person: whose it is, what was sent with it, and how a page leaves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import Depends, HTTPException, Request, Response
from starlette.datastructures import MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lumbar.rulebook.catalog import Catalog
from lumbar.web.pages import Pages
from lumbar.web.session import Session
from lumbar.web.sessions import Ticket, Tickets
from lumbar.web.settings import Settings
from lumbar.web.store.codes import key_of, new_code
from lumbar.web.store.records import ChangedMeanwhileError, Record
from lumbar.web.store.store import Store

_MOST_FIELDS = 200
_FORM = 1  # of a record's document; another one is another number

Fields = Mapping[str, Sequence[str]]


class Site:
    """What all pages share; `today` tells the day, as 2026-11-22, that stands on a plan."""

    def __init__(
        self, catalog: Catalog, store: Store, today: Callable[[], str], given: Settings
    ) -> None:
        self.catalog, self.store, self.today = catalog, store, today
        self.given, self.require_signed = given, given.require_signed
        self.tickets, self.pages = Tickets(store.secret), Pages(catalog)


def _site(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


AtSite = Annotated[Site, Depends(_site)]


class Visit:
    """One request at a site; what its browser holds for the person is a ticket, in a cookie."""

    def __init__(self, request: Request) -> None:
        self.site = _site(request)
        self._secure = self.site.given.for_the_public
        self._cookie = "__Host-lumbar" if self._secure else "lumbar"  # no other place can set it
        found = self.site.tickets.opened(request.cookies.get(self._cookie, ""))
        self._unknown = found is None
        self.ticket: Ticket = found[0] if found else Ticket()
        self._to_remember = bool(found and found[1])
        request.scope["lumbar.visit"] = self

    @cached_property
    def record(self) -> Record | None:
        """What is kept for whoever asks, if they saved, and it was not deleted since."""
        return self.site.store.records.find(self.ticket.key) if self.ticket.key else None

    @property
    def session(self) -> Session | None:
        """The session of whoever asks, if there is one."""
        data = self.record.document["session"] if self.record else self.ticket.session
        return Session.of(self.site.catalog, data, self.site.today()) if data else None

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """Return a page, whose forms are for this person alone."""
        self._to_remember |= self._unknown
        known = {
            "token": self.site.tickets.token(self.ticket),
            "open": bool(self.ticket.session or self.record),
            "saved": self.record is not None,
        }
        return self.site.pages.page(template, status, **known, **values)

    def begin(self, session: Session, address: str) -> Response:
        """Begin a session in place of the one before, and go on to an address."""
        self._hold(Ticket(session=session.data()))
        return to(address)

    def keep(self, session: Session) -> None:
        """Keep what the session has become; what was saved is on the disk when this returns."""
        if self.ticket.key is None:
            self._hold(replace(self.ticket, session=session.data()))
        elif self.record:
            document = {**self.record.document, "session": session.data()}
            try:
                self.record = self.site.store.records.change(self.record, document)
            except ChangedMeanwhileError:  # in another window of theirs: that one counts
                raise led_to("/on") from None

    def save(self, session: Session) -> str:
        """Keep the session under a new code, which is returned and stands nowhere; an earlier one
        opens nothing any more.
        """
        code = new_code()
        key, before = key_of(code), self.record
        assert key
        document = before.document if before else {"form": _FORM, "session": session.data()}
        self.record = self.site.store.records.add(key, document)
        if before:
            self.site.store.records.delete(before.key)
        self._hold(Ticket(key=key))
        return code

    def come_back(self, record: Record) -> Session:
        """Go on with what is kept, as it counts today."""
        data, site = record.document["session"], self.site
        self._hold(Ticket(key=record.key))
        self.record = record
        session = Session.resumed(site.catalog, data, site.today())
        self.keep(session)
        return session

    def end(self, address: str) -> Response:
        """Forget all that was answered, in this browser."""
        self._hold(Ticket())
        return to(address)

    def delete(self) -> None:
        """Delete what is kept, and forget all that was answered."""
        if self.ticket.key:
            self.site.store.records.delete(self.ticket.key)
        self._hold(Ticket())

    def _hold(self, ticket: Ticket) -> None:
        self.ticket, self._to_remember = ticket, True

    def remember(self, headers: MutableHeaders) -> None:
        """Let the browser keep the ticket until it is closed, where that is not the one it sent."""
        if self._to_remember:
            value = self.site.tickets.sealed(self.ticket)
            page = Response()
            page.set_cookie(self._cookie, value, secure=self._secure, httponly=True, samesite="lax")
            headers.append("set-cookie", page.headers["set-cookie"])


class Remembering:
    """Wraps the pages: with each that leaves goes what the browser is to hold from then on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def with_cookie(message: Message) -> None:
            visit: Visit | None = scope.get("lumbar.visit")
            if visit and message["type"] == "http.response.start":
                visit.remember(MutableHeaders(scope=message))
            await send(message)

        await self._app(scope, receive, with_cookie)


Visiting = Annotated[Visit, Depends(Visit)]


def _session(request: Request, visit: Visiting) -> Session:
    """Return the session of whoever asks; who has none is led to the first page, or told that the
    page was too old whose form they sent.
    """
    session = visit.session
    if session is None:
        raise HTTPException(403) if request.method == "POST" else led_to("/")
    return session


async def _fields(request: Request, visit: Visiting) -> Fields:
    """Return the fields of a form, if it is from a page of ours."""
    try:
        text = (await request.body()).decode()
        fields = parse_qs(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise HTTPException(400) from None
    if not visit.site.tickets.ours(visit.ticket, fields.get("token", [""])[0]):
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
