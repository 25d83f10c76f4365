"""Who signed what: the record of signatures, `rules/signoffs.yaml`, and where each rule stands.

A signature holds for exactly what was read (`reviewed.py`). The record is a list of entries, oldest
first, that is only ever added to. One with any problem counts for nothing. Only `day` and
`valid_until` are days; no signature ends by the clock alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from lumbar.decision.decide import Decision, refused
from lumbar.reading.problems import Problem
from lumbar.rulebook.catalog import Catalog
from lumbar.signatures.reviewed import RULE_SET, hash_of, reviewed

if TYPE_CHECKING:
    from lumbar.signatures.entries import Dispute, Entry, Signature

# Two months: a group of clinicians that meets monthly has one meeting to hand a rule out and one to
# sign it again.
DUE_WITHIN = timedelta(days=60)

Status = Literal[
    "never_reviewed", "valid", "changed", "due", "overdue", "disputed", "retired", "broken_record"
]
SIGNED: frozenset[Status] = frozenset({"valid", "due", "overdue"})


@dataclass(frozen=True)
class Signoffs:
    """The record of signatures, oldest first: no entry at all where anything is wrong with it."""

    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()


def signoffs(catalog: Catalog) -> Signoffs:
    """Return the record as it lay beside the rules when they were loaded."""
    return read_signoffs(*catalog.signoffs)


@lru_cache(maxsize=4)
def read_signoffs(text: str, problems: tuple[Problem, ...] = ()) -> Signoffs:
    """Read a record from its text; nothing is raised, and comments alone are an empty record."""
    if problems or all(line.lstrip()[:1] in {"", "#"} for line in text.splitlines()):
        return Signoffs((), problems)
    from lumbar.signatures.entries import read_entries  # a plan of unsigned rules needs no reader

    return Signoffs(*read_entries(text))


@dataclass(frozen=True)
class Standing:
    """Where a rule, or the rule set, stands: its last signature, an open dispute, all entries."""

    rule: str
    status: Status
    signature: Signature | None
    dispute: Dispute | None
    history: tuple[Entry, ...]


def standing(catalog: Catalog, name: str, today: date) -> Standing:
    """Return where a rule, or the RULE_SET, stands on a day.

    Only `due` and `overdue` depend on the day, and both are still signed.
    """
    record = signoffs(catalog)
    history = tuple(one for one in record.entries if one.of == name)
    signature = next((one for one in reversed(history) if one.kind == "signature"), None)
    last = history[-1] if history else None
    # who signs after a dispute settles it
    dispute = last if last and last.kind == "dispute" else None
    status: Status = "valid"
    if record.problems:
        status = "broken_record"
    elif name != RULE_SET and catalog.rules[name].status == "retired":
        status = "retired"
    elif dispute:
        status = "disputed"
    elif signature is None:
        status = "never_reviewed"
    elif signature.hash != hash_of(reviewed(catalog, name)):
        status = "changed"
    elif signature.valid_until is not None and signature.valid_until - today <= DUE_WITHIN:
        status = "overdue" if signature.valid_until < today else "due"
    return Standing(name, status, signature, dispute, history)


def unsigned(catalog: Catalog, names: Iterable[str]) -> tuple[str, ...]:
    """Return those of the rules that are not validly signed, whatever the day."""
    return tuple(name for name in names if standing(catalog, name, date.min).status not in SIGNED)


def only_signed(decision: Decision) -> Decision:
    """Return the decision; its refusal where a rule that fired, or the rule set, is not signed."""
    missing = unsigned(decision.catalog, decision.fired)
    if decision.failure:
        return decision
    if missing:  # no names: which rules fired tells of the answers, and the reason is logged
        fired = len(decision.fired)
        why = f"{len(missing)} of the {fired} rules behind it have no valid signature"
        return refused(decision, why)
    if unsigned(decision.catalog, [RULE_SET]):
        return refused(decision, "the rule set as a whole has no valid signature")
    return decision
