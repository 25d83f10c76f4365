"""What is noted of each request: which page of ours, how it ended and how long it took.

Neither who asked nor what they sent: the page is its route, `/page/{number}`, never an address.
"""

import logging
import secrets
from time import perf_counter

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lumbar.web import metrics
from lumbar.web.logs import REQUESTS, request_id

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_log = logging.getLogger(REQUESTS)


class Watch:
    """Gives each request an id, which its lines and its answer carry, and notes how it went."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name, status, began = secrets.token_hex(8), 0, perf_counter()
        request_id.set(name)

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = name
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            _note(scope, status, perf_counter() - began)


def _note(scope: Scope, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", "none")
    method = scope["method"] if scope["method"] in _METHODS else "other"
    metrics.count(route, method, status, seconds)
    facts = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
    _log.info("answered", extra={"facts": facts})
