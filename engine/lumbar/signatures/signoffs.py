"""Who signed what: the record of signatures, `rules/signoffs.yaml`, and where each rule stands.

A signature holds for exactly what was read (`reviewed.py`). The record is a list of entries, oldest
first, that is only ever added to. One with any problem counts for nothing. Only `day` and
`valid_until` are days; no signature ends by the clock alone.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from lumbar.decision.decide import Decision, refused
from lumbar.reading.problems import Problem
from lumbar.reading.record import Record
from lumbar.reading.yamlfile import YamlFile
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.files import SIGNOFFS
from lumbar.rulebook.items import Lines, Words
from lumbar.signatures.reviewed import RULE_SET, hash_of, reviewed

# Two months: a group of clinicians that meets monthly has one meeting to hand a rule out and one to
# sign it again.
DUE_WITHIN = timedelta(days=60)

Status = Literal[
    "never_reviewed", "valid", "changed", "due", "overdue", "disputed", "retired", "broken_record"
]
SIGNED: frozenset[Status] = frozenset({"valid", "due", "overdue"})

# Fillers, blanks and selectors: letters or marks to Unicode, nothing to the eye.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U00013441\U00013442\U00016fe4\U0001d159\U000e0100-\U000e01ef]"
)


def _seen(text: str) -> bool:
    return text.isprintable() and not _UNSEEN.search(text)


def _who(text: str) -> str:
    text = text.strip()
    if not (2 <= len(text) <= 100 and sum(map(str.isalpha, text)) >= 2 and _seen(text)):
        raise ValueError("needs 2 to 100 characters, two of them letters, all of them to be seen")
    return text


def _remark(text: str) -> str:
    text = " ".join(text.split())
    if len(text) > 2000 or not _seen(text):
        raise ValueError("needs at most 2,000 characters, all of them to be seen")
    return text


def _as_day(value: Any) -> Any:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError(f"should be a day such as 2026-11-22, not '{value}'") from None


_Who = Annotated[str, AfterValidator(_who)]
_Day = Annotated[date, BeforeValidator(_as_day)]


class _Entry(Record):
    """What every entry says: who, on which day, of which rule; `hash` is of all that was read."""

    of: Words
    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    name: _Who
    role: _Who
    registration: _Who
    day: _Day
    note: Annotated[str, AfterValidator(_remark)] = ""


class Signature(_Entry):
    """Somebody signed a rule, or the rule set, as it was; `reviewed` is what was read, in short."""

    kind: Literal["signature"] = "signature"
    valid_until: _Day | None = None
    reviewed: str

    @field_validator("valid_until")
    @classmethod
    def _not_over(cls, last: date | None, info: ValidationInfo) -> date | None:
        if last and last < info.data.get("day", last):
            raise ValueError(f"{last} is already over")
        return last


class Dispute(_Entry):
    """Somebody disagrees with a rule, for the person with these raw `answers`."""

    kind: Literal["dispute"] = "dispute"
    valid_until: None = None
    answers: Mapping[str, Any]
    expected: Lines


Entry = Signature | Dispute


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
    file = YamlFile(SIGNOFFS, text)
    entries: tuple[Entry, ...] | None = file.read(
        tuple[Annotated[Signature | Dispute, Field(discriminator="kind")], ...]
    )
    return Signoffs(entries or (), tuple(file.problems))


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
    signature = next((one for one in reversed(history) if isinstance(one, Signature)), None)
    last = history[-1] if history else None
    dispute = last if isinstance(last, Dispute) else None  # who signs after a dispute settles it
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
