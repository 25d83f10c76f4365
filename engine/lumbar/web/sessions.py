"""Where a session is between two requests: sealed in a cookie, or in a record of the store.

Nothing of it is in a process, so any worker answers any request, and a restart loses nobody.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import time
from typing import Any

from lumbar.web.store.codes import Key
from lumbar.web.store.sealing import UnsealableError, derived, seal, unseal

IDLE = 60 * 60  # seconds without use after which a ticket opens nothing any more
_FRESH = 10 * 60  # seconds for which one is not renewed where nothing else changed


def _new_id() -> str:
    """Return an id that nobody can guess."""
    return secrets.token_urlsafe(24)


@dataclass(frozen=True)
class Ticket:
    """What a browser holds for a person: the data of their `session`, or the `key` to the record
    that holds it, or neither. Its `id` ties forms to it.
    """

    id: str = field(default_factory=_new_id)
    session: Mapping[str, Any] | None = None
    key: Key | None = None


class Tickets:
    """Seals tickets and opens them, with keys made of a secret; `clock` tells seconds."""

    def __init__(self, secret: bytes, clock: Callable[[], float] = time) -> None:
        self._sealing, self._forms = derived(secret, "ticket"), derived(secret, "form")
        self._clock = clock

    def sealed(self, ticket: Ticket) -> str:
        """Return a ticket as the value of a cookie."""
        what: dict[str, Any] = {"id": ticket.id, "used": int(self._clock())}
        if ticket.key:
            what["key"] = [one.hex() for one in ticket.key]
        elif ticket.session:
            what["session"] = ticket.session
        return base64.urlsafe_b64encode(seal(self._sealing, what)).decode()

    def opened(self, value: str) -> tuple[Ticket, bool] | None:
        """Return the ticket of a cookie, and whether it is to be renewed; None where it is none, or
        was not used for too long.
        """
        try:
            what = unseal(self._sealing, base64.urlsafe_b64decode(value))
        except (UnsealableError, binascii.Error, ValueError):
            return None
        age = self._clock() - what["used"]
        if age >= IDLE:
            return None
        key = Key(*map(bytes.fromhex, what["key"])) if "key" in what else None
        return Ticket(what["id"], what.get("session"), key), age >= _FRESH

    def token(self, ticket: Ticket) -> str:
        """Return what a form must carry to be from a page of ours, given to this browser."""
        return hmac.digest(self._forms, ticket.id.encode(), "sha256").hex()

    def ours(self, ticket: Ticket, token: str) -> bool:
        """Return whether a form with this token is from a page of ours, given to this browser."""
        return hmac.compare_digest(self.token(ticket).encode(), token.encode())
