"""Who signed which rule: the record of signatures, and where each rule stands.

A signature holds for exactly the content that was read (`reviewed.py`). The record,
`rules/signoffs.jsonl`, is one JSON object a line: each carries the hash of the line before it and a
seal over itself. A record that is broken anywhere counts for nothing. Only `on` and `valid_until`
are days; no signature ends by the clock alone.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property, lru_cache
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from lumbar.decision.decide import Decision, refused
from lumbar.reading.record import Record
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.files import UNREADABLE
from lumbar.rulebook.items import Words
from lumbar.signatures.reviewed import content_hash

NOTHING_BEFORE = "0" * 64
# Two months: a group of clinicians that meets monthly has one meeting to hand a rule out and one to
# sign it again.
DUE_WITHIN = timedelta(days=60)

Status = Literal[
    "never_reviewed", "valid", "changed", "due", "overdue", "disputed", "retired", "broken_record"
]


_LATE = ConfigDict(defer_build=True)  # a plan without signatures pays nothing for them


class Signature(Record):
    """A line of the record: somebody signed what a rule was then; `content` is its hash."""

    model_config = _LATE

    n: int
    previous: str
    kind: Literal["sign"]
    rule: Words
    content: str
    on: date
    name: Words
    role: Words
    registration: Words
    note: str
    valid_until: date | None


class Dispute(Record):
    """A line of the record: somebody disagrees with a rule, for the person with these raw
    `answers`.
    """

    model_config = _LATE

    n: int
    previous: str
    kind: Literal["dispute"]
    rule: Words
    content: str
    on: date
    name: Words
    role: Words
    registration: Words
    note: Words
    valid_until: None
    answers: Mapping[str, Any]
    expected: tuple[str, ...]


Entry = Signature | Dispute


@cache
def _entries() -> TypeAdapter[Entry]:
    return TypeAdapter(Annotated[Signature | Dispute, Field(discriminator="kind")])


# A line is the entry, the seal over it, and of a signature what was reviewed, whose hash is the
# entry's `content`: `{"n":1,..,"seal":"..","reviewed":{..}}`. Inside words a quote is written \",
# so the first mark is the real one.
_SEAL = b',"seal":"'
_REVIEWED = b'","reviewed":'
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def line_of(entry: Entry, reviewed: bytes = b"") -> bytes:
    """Return the line that records an entry; `reviewed` is the canonical content of a signature."""
    head = _head(entry)
    return (
        head + _SEAL + _sha256(head).encode() + (_REVIEWED + reviewed + b"}" if reviewed else b'"}')
    )


def _head(entry: Entry) -> bytes:
    return _JSON.encode(entry.model_dump(mode="json")).encode()[:-1]


def _sha256(text: bytes | memoryview) -> str:
    return hashlib.sha256(text).hexdigest()


@dataclass(frozen=True)
class Broken:
    """The first line of a record that cannot be trusted (from 1), and what is wrong with it."""

    line: int
    what: str


@dataclass(frozen=True)
class Ledger:
    """The record as far as it can be trusted: its entries, what was `reviewed` in each (JSON), the
    hash of each line.

    `broken` is set where the record is.
    """

    entries: tuple[Entry, ...] = ()
    reviewed: tuple[memoryview, ...] = ()
    hashes: tuple[str, ...] = ()
    broken: Broken | None = None

    @property
    def last(self) -> str:
        """The hash that the next line will carry as its `previous`, empty for an empty record."""
        return self.hashes[-1] if self.hashes else ""

    @cached_property
    def by_rule(self) -> Mapping[str, tuple[Entry, ...]]:
        """The entries of each rule, oldest first."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            found.setdefault(entry.rule, []).append(entry)
        return {rule: tuple(entries) for rule, entries in found.items()}


def ledger(catalog: Catalog) -> Ledger:
    """Return the record as it lay beside the rules when they were loaded."""
    return read_ledger(catalog.signoffs)


@lru_cache(maxsize=4)
def read_ledger(raw: bytes) -> Ledger:
    """Read and verify a whole record; nothing is raised: what is wrong stands in `broken`."""
    entries: list[Entry] = []
    reviewed: list[memoryview] = []
    hashes: list[str] = []
    broken = None
    start = 0
    while start < len(raw) and broken is None:
        stop = raw.find(b"\n", start)
        try:
            entry, content = _read_line(
                raw, start, stop, len(entries) + 1, hashes[-1] if hashes else NOTHING_BEFORE
            )
        except ValueError as error:
            broken = Broken(len(entries) + 1, str(error))
        else:
            entries.append(entry)
            reviewed.append(content)
            hashes.append(_sha256(memoryview(raw)[start:stop]))
            start = stop + 1
    return Ledger(tuple(entries), tuple(reviewed), tuple(hashes), broken)


def _read_line(
    raw: bytes, start: int, stop: int, number: int, previous: str
) -> tuple[Entry, memoryview]:
    """Read the line from `start` to `stop` without copying it: lines are long, and every plan reads
    them all.
    """
    at = raw.find(_SEAL, start, stop)
    head, after = raw[start:at], at + len(_SEAL) + 64
    if raw == UNREADABLE:
        raise ValueError("the file cannot be read")
    if raw[max(stop - 1, 0) : stop] == b"\r":
        raise ValueError(
            "its line ending was changed, by an editor or by git: put back the copy with the old ones"
        )
    signs = raw.startswith(_REVIEWED, after) and raw[stop - 1 : stop] == b"}"
    if stop < 0 or at < 0 or not (signs or raw[after:stop] == b'"}'):
        raise ValueError("it is cut off, or is no line of this record")
    if _sha256(head).encode() != raw[after - 64 : after]:
        raise ValueError("it was changed after it was written: its seal does not fit")
    entry = _entry(head)
    if entry.n != number:
        raise ValueError(f"it says it is line {entry.n}: lines were removed, added or moved")
    if entry.previous != previous:
        raise ValueError(
            "it does not follow the line before it: one of the two was changed or moved"
        )
    if signs is not isinstance(entry, Signature):
        raise ValueError("a signature, and nothing else, comes with what was reviewed")
    reviewed = memoryview(raw)[after + len(_REVIEWED) : stop - 1] if signs else memoryview(b"")
    if signs and _sha256(reviewed) != entry.content:
        raise ValueError("what was reviewed was changed after it was signed: its hash does not fit")
    return entry, reviewed


def _entry(head: bytes) -> Entry:
    try:
        entry = _entries().validate_json(head + b"}")
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = f": see '{fault['loc'][-1]}'" if fault["loc"] else ""
        raise ValueError(f"it is not as the program writes it{where}") from None
    if _head(entry) != head:
        raise ValueError("it is not as the program writes it: the keys or their spelling differ")
    return entry


@dataclass(frozen=True)
class Standing:
    """Where a rule stands: its last signature, the dispute that is open, and all that was recorded
    of it.
    """

    rule: str
    status: Status
    signature: Signature | None
    dispute: Dispute | None
    history: tuple[Entry, ...]


def standing(catalog: Catalog, rule_id: str, today: date) -> Standing:
    """Return where a rule stands on a day: only `due` and `overdue` depend on the day, and both are
    still signed.
    """
    record = ledger(catalog)
    history = record.by_rule.get(rule_id, ())
    signature = next((one for one in reversed(history) if isinstance(one, Signature)), None)
    dispute = next((one for one in reversed(history) if isinstance(one, Dispute)), None)
    if dispute and signature and dispute.n < signature.n:
        dispute = None  # who signs after a dispute settles it
    status: Status = "valid"
    if record.broken:
        status = "broken_record"
    elif catalog.rules[rule_id].status == "retired":
        status = "retired"
    elif dispute:
        status = "disputed"
    elif signature is None:
        status = "never_reviewed"
    elif signature.content != content_hash(catalog, rule_id):
        status = "changed"
    elif signature.valid_until is not None and signature.valid_until - today <= DUE_WITHIN:
        status = "overdue" if signature.valid_until < today else "due"
    return Standing(rule_id, status, signature, dispute, history)


SIGNED: frozenset[Status] = frozenset({"valid", "due", "overdue"})


def unsigned(catalog: Catalog, rules: Iterable[str]) -> tuple[str, ...]:
    """Return those of the rules that are not validly signed, whatever the day."""
    return tuple(rule for rule in rules if standing(catalog, rule, date.min).status not in SIGNED)


def only_signed(decision: Decision) -> Decision:
    """Return the decision, or its refusal where a rule that fired is not validly signed."""
    missing = unsigned(decision.catalog, decision.fired)
    if decision.failure or not missing:
        return decision
    # no names: which rules fired tells of the answers, and the reason is logged
    return refused(
        decision,
        f"{len(missing)} of the {len(decision.fired)} rules behind it have no valid signature",
    )
