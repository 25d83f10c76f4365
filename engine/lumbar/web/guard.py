"""What stands before every page: headers, a limit to what is sent, and a page when it breaks.

Nothing that a person sent is in what it logs: of a failure, its kind and the line it came from.
"""

import logging
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import suppress
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lumbar.web.addresses import name_of, this_machine
from lumbar.web.logs import kind_and_place

MOST_SENT = 16_384  # bytes of a form

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
WITH_SCRIPT = f"{POLICY}; script-src 'self'"  # for a page that a script of ours makes easier

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

# a browser that came once by HTTPS comes by nothing else for a year
FOR_THE_PUBLIC = {**HEADERS, "Strict-Transport-Security": "max-age=31536000"}

_log = logging.getLogger(__name__)


class TooMuchError(Exception):
    """More was sent than any form of ours holds."""


class Guard:
    """Wraps the pages; `failed` makes what a request gets for a status."""

    def __init__(
        self, app: ASGIApp, failed: Callable[[Request, int], Response], headers: Mapping[str, str]
    ) -> None:
        self._app, self._failed, self._headers = app, failed, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent, begun = 0, False

        async def limited() -> Message:
            nonlocal sent
            message = await receive()
            sent += len(message.get("body", b""))
            if sent > MOST_SENT:
                raise TooMuchError
            return message

        async def with_headers(message: MutableMapping[str, Any]) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            with suppress(ClientDisconnect):  # nobody is there to be answered
                await self._app(scope, limited, with_headers)
        except TooMuchError:
            await self._failed(Request(scope), 413)(scope, receive, with_headers)
        except Exception as error:  # noqa: BLE001 - its message may hold an answer: nobody else logs it
            _log.error("something broke inside: %s", kind_and_place(error))
            if not begun:
                await self._failed(Request(scope), 500)(scope, receive, with_headers)


class AtHome:
    """Answers under the names of this machine alone: else a page from elsewhere could have its own
    name lead here, and read what somebody answers.
    """

    def __init__(self, app: ASGIApp, failed: Callable[[Request, int], Response]) -> None:
        self._app, self._failed = app, failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        host = Headers(scope=scope).get("host", "") if scope["type"] == "http" else "localhost"
        here = this_machine(name_of(host))
        answer: ASGIApp = self._app if here else self._failed(Request(scope), 404)
        await answer(scope, receive, send)
