"""Who is being asked: one person's answers, in the memory of this process and nowhere else.

A session is found by a random id, which a cookie holds. An id that was never given out finds
nothing, and nobody can make one up.
"""

import hmac
import secrets
from collections.abc import Callable
from threading import Lock
from time import monotonic

from lumbar.decision.decide import Decision, decide
from lumbar.decision.early_stop import EarlyStop
from lumbar.intake.interview import Interview, Place
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Value

_IDLE = 60 * 60  # seconds without use after which answers are forgotten
_MOST = 10_000  # sessions at a time


class FullError(Exception):
    """As many people are being asked as there is room for."""


class Session:
    """One person's interview, and each place they were asked at: its number is in the address."""

    def __init__(self, catalog: Catalog) -> None:
        self.lock = Lock()
        self._catalog = catalog
        self._stop = EarlyStop(catalog)
        self.interview = Interview(catalog.questionnaire, {}, catalog.words.interview)
        self.places: list[Place] = []
        self._go_on()

    @property
    def complete(self) -> bool:
        """Whether all that applies was asked."""
        return self.interview.current is None

    def at(self, number: int) -> Interview | None:
        """Return the interview at its n-th place, the first is 1; None where it is not there."""
        known = 1 <= number <= len(self.places)
        return self.interview.at(self.places[number - 1]) if known else None

    def answer(self, number: int, value: Value | None) -> bool:
        """Take the answer at a place, or None for leaving it open; what was asked after it is
        asked anew only where it is open. Return whether there is a new reason to be seen now, or
        one that was taken back and is there again.
        """
        asked = self.at(number)
        assert asked is not None
        if value is None:
            asked.skip()
        else:
            asked.answer(value)
        self.interview = asked
        del self.places[number:]
        self._go_on()
        return self._stop.look(asked.kept) is not None

    def change(self, name: str) -> int:
        """Let one question be asked once more by itself; return the number of its place."""
        self.interview.change(name)
        self.places.append(Place(name, None))
        self.interview.advance()  # as long as it is not answered anew, the answer counts
        return len(self.places)

    @property
    def emergency(self) -> Decision | None:
        """What the answers so far mean, where that is to be seen now."""
        return EarlyStop(self._catalog).look(self.interview.kept)

    @property
    def urgent(self) -> bool:
        """Whether the answers so far mean to be seen now."""
        return self.emergency is not None

    @property
    def decision(self) -> Decision:
        """What the answers mean."""
        return decide(self._catalog, self.interview.answers)

    def _go_on(self) -> None:
        if place := self.interview.place:
            self.places.append(place)


class Sessions:
    """Every session of this process by its id; `clock` tells seconds."""

    def __init__(self, catalog: Catalog, clock: Callable[[], float] = monotonic) -> None:
        self._catalog, self._clock = catalog, clock
        self._key = secrets.token_bytes(32)
        self._lock = Lock()
        self._known: dict[str, tuple[Session, float]] = {}  # the longest unused first

    def begin(self) -> str:
        """Begin an interview and return its id; raise FullError where there is no room."""
        name, session = new_id(), Session(self._catalog)
        with self._lock:
            self._forget_old()
            if len(self._known) >= _MOST:
                raise FullError
            self._known[name] = session, self._clock()
        return name

    def find(self, name: str) -> Session | None:
        """Return the session of an id, if it is in use."""
        with self._lock:
            self._forget_old()
            found = self._known.pop(name, None)
            if found is None:
                return None
            self._known[name] = found[0], self._clock()
            return found[0]

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
