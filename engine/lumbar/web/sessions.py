"""Where sessions are between two requests: in the memory of this process and nowhere else.

A session is found by a random id, which a cookie holds. An id that was never given out finds
nothing, and nobody can make one up.
"""

import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from threading import Lock
from time import monotonic
from typing import Any

_IDLE = 60 * 60  # seconds without use after which answers are forgotten
_MOST = 10_000  # sessions at a time


class FullError(Exception):
    """As many people are being asked as there is room for."""


class Sessions:
    """The data of every session by its id; `clock` tells seconds."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._lock = Lock()
        self._known: dict[str, tuple[str, float]] = {}  # the longest unused first

    def begin(self, data: Mapping[str, Any]) -> str:
        """Keep a new session and return its id; raise FullError where there is no room."""
        name = new_id()
        with self._lock:
            self._forget_old()
            if len(self._known) >= _MOST:
                raise FullError
            self._known[name] = json.dumps(data), self._clock()
        return name

    def find(self, name: str) -> dict[str, Any] | None:
        """Return the data of a session, if it is in use."""
        with self._lock:
            self._forget_old()
            found = self._known.pop(name, None)
            if found is None:
                return None
            self._known[name] = found[0], self._clock()
        data: dict[str, Any] = json.loads(found[0])
        return data

    def keep(self, name: str, data: Mapping[str, Any]) -> None:
        """Keep what a session has become; one that was ended meanwhile stays so."""
        with self._lock:
            if self._known.pop(name, None):
                self._known[name] = json.dumps(data), self._clock()

    def end(self, name: str) -> None:
        """Forget all that was answered."""
        with self._lock:
            self._known.pop(name, None)

    def token(self, name: str) -> str:
        """Return what a form must carry to be from a page of ours, given to this id."""
        return hmac.new(self._key, name.encode(), "sha256").hexdigest()

    def ours(self, name: str, token: str) -> bool:
        """Return whether a form with this token is from a page of ours, given to this id."""
        return hmac.compare_digest(self.token(name).encode(), token.encode())

    def _forget_old(self) -> None:
        for name, (_, used) in [*self._known.items()]:
            if self._clock() - used < _IDLE:
                break
            del self._known[name]


def new_id() -> str:
    """Return an id that nobody can guess."""
    return secrets.token_urlsafe(32)
