"""How often one address may ask, so that nobody takes it all from the others.

Each worker counts for itself, in memory: with several, an address may ask that many times as often.
"""

from collections.abc import Callable
from math import ceil
from time import monotonic

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from lumbar.web.addresses import household

_MOST = 100_000  # addresses that are known at a time
_NEVER_REFUSED = {"/healthz", "/readyz"}  # or it would be taken for dead when it is only asked much


class Rates:
    """What each address may still ask: as much as in a minute at once, and it grows back."""

    def __init__(self, a_minute: int, clock: Callable[[], float] = monotonic) -> None:
        self._most, self._clock = a_minute, clock
        self._left: dict[str, tuple[float, float]] = {}  # and when; the longest unused first

    def wait(self, address: str) -> int:
        """Take one request; return for how many seconds there is none to take, or 0."""
        now, a_second = self._clock(), self._most / 60
        left, since = self._left.pop(address, (float(self._most), now))
        left = min(self._most, left + (now - since) * a_second)
        self._left[address] = (left - 1 if left >= 1 else left), now
        self._forget(now)
        return 0 if left >= 1 else ceil((1 - left) / a_second)

    def _forget(self, now: float) -> None:
        """Forget the longest unused while it is as new, or where there are too many."""
        while self._left:
            oldest = next(iter(self._left))
            if now - self._left[oldest][1] < 60 and len(self._left) <= _MOST:
                break
            del self._left[oldest]


class Limit:
    """Refuses who asks too often; `failed` makes what a request gets for a status."""

    def __init__(
        self, app: ASGIApp, rates: Rates, failed: Callable[[Request, int], Response]
    ) -> None:
        self._app, self._rates, self._failed = app, rates, failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["path"] not in _NEVER_REFUSED:
            client = scope.get("client")
            if seconds := self._rates.wait(household(client[0] if client else "")):
                answer = self._failed(Request(scope), 429)
                answer.headers["Retry-After"] = str(seconds)
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)
