"""Adding to the record of signatures: who signs which rules. Lines are only ever added, and only to
a whole record.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import IO, TypeVar

from rich.console import Console

from lumbar.reading.problems import did_you_mean
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.files import SIGNOFFS
from lumbar.rulebook.rules import STAGES
from lumbar.signatures.reviewed import canonical, content_hash, reviewed_content
from lumbar.signatures.signoffs import (
    NOTHING_BEFORE,
    Dispute,
    Ledger,
    Signature,
    line_of,
    read_ledger,
)
from lumbar.terminal.page import listing

E = TypeVar("E", Signature, Dispute)


class SigningError(ValueError):
    """What was asked for cannot go into the record; the message says why and what can be done."""


@dataclass(frozen=True)
class Signer:
    """Who signs or disagrees, on which day, with what remark. Nothing here proves that they are who
    they say.
    """

    name: str
    role: str
    registration: str
    on: date
    note: str = ""

    def __post_init__(self) -> None:
        for field in ("name", "role", "registration"):
            text = getattr(self, field).strip()
            if not text or not text.isprintable():
                raise SigningError(f"--{field} needs words on one line: who signs must be told")
            object.__setattr__(self, field, text)
        object.__setattr__(self, "note", " ".join(self.note.split()))
        if not self.note.isprintable():
            raise SigningError(
                "--note holds characters that cannot be seen: type it anew, in plain words"
            )


def chosen(catalog: Catalog, wanted: Iterable[str]) -> tuple[str, ...]:
    """Return the rules that are meant by ids, stages (`triage`) and topics (`triage/cauda_equina`),
    each once.

    Raises SigningError for a name that is none of these, and for a retired rule that is named by
    itself.
    """
    found: dict[str, None] = {}
    for name in wanted:
        found |= dict.fromkeys(_meant(catalog, name.removeprefix("rules/").removesuffix(".yaml")))
    return tuple(found)


def _meant(catalog: Catalog, name: str) -> tuple[str, ...]:
    if name in catalog.rules:
        return (one_rule(catalog, name),)
    in_force = [rule.id for rule in catalog.in_force]
    topics = {rule: f"{catalog.stage_of[rule]}/{catalog.topic_of[rule]}" for rule in in_force}
    meant = tuple(rule for rule, topic in topics.items() if name in {topic, catalog.stage_of[rule]})
    if not meant:
        hint = did_you_mean(name, [*catalog.rules, *topics.values(), *STAGES])
        raise SigningError(
            f"there is no rule, topic or stage '{name}'" + (f"; {hint}" if hint else "")
        )
    return meant


def one_rule(catalog: Catalog, name: str, retired: bool = False) -> str:
    """Return the id of a rule; raise SigningError where there is none, or where it is `retired` and
    must not be.
    """
    if name in catalog.rules and (retired or catalog.rules[name].status != "retired"):
        return name
    if name in catalog.rules:
        raise SigningError(
            f"'{name}' is retired: it never runs, so there is nothing to sign or dispute"
        )
    hint = did_you_mean(name, catalog.rules)
    raise SigningError(f"there is no rule '{name}'" + (f"; {hint}" if hint else ""))


def show(catalog: Catalog, rules: Iterable[str], console: Console) -> None:
    """Print what is about to be signed: each rule with the beginning of the hash of its content."""
    lines = (
        f"{rule} {content_hash(catalog, rule)[:12]} {catalog.rules[rule].title}" for rule in rules
    )
    console.print(listing(lines))


def a_day(text: str, today: date) -> date:
    """Return the day until which a signature holds; raise SigningError where it is none, or is
    over.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise SigningError(
            f"--valid-until should be a day such as {today.year + 1}-06-30, not '{text}'"
        ) from None
    if day < today:
        raise SigningError(f"--valid-until {day} is already over: today is {today}")
    return day


def sign(
    root: Path, catalog: Catalog, rules: Iterable[str], by: Signer, valid_until: date | None = None
) -> tuple[Signature, ...]:
    """Sign rules as they are in the catalog; return the lines added to the record under `root`, all
    or none.

    Raises SigningError where the record is broken or cannot be written.
    """
    contents = {rule: canonical(reviewed_content(catalog, rule)) for rule in rules}
    drafts = [
        Signature(
            n=0,
            previous="",
            kind="sign",
            rule=rule,
            content=hashlib.sha256(content).hexdigest(),
            **asdict(by),
            valid_until=valid_until,
        )
        for rule, content in contents.items()
    ]
    return append(root, drafts, contents)


def append(root: Path, drafts: Iterable[E], reviewed: Mapping[str, bytes]) -> tuple[E, ...]:
    """Add entries to the record under a lock, all or none, each given its number and its place in
    the chain.

    `reviewed` is the content of each rule that is signed. What stands there is verified first and
    never changed.
    """
    path = root / SIGNOFFS
    try:
        with path.open("ab+") as stream, _locked(stream):
            stream.seek(0)
            record = read_ledger(stream.read())
            if record.broken:
                where = f"line {record.broken.line} of {SIGNOFFS} is broken: {record.broken.what}"
                raise SigningError(
                    f"nothing can be added, because {where}; put its last good copy back"
                )
            entries, text = _following(record, drafts, reviewed)
            _write(stream, text)
    except OSError as error:
        raise SigningError(
            f"'{path}' cannot be written: {(error.strerror or 'unknown').lower()}"
        ) from None
    return entries


def _following(
    record: Ledger, drafts: Iterable[E], reviewed: Mapping[str, bytes]
) -> tuple[tuple[E, ...], bytes]:
    entries: list[E] = []
    text = b""
    previous = record.last or NOTHING_BEFORE
    for n, draft in enumerate(drafts, len(record.entries) + 1):
        entries.append(draft.model_copy(update={"n": n, "previous": previous}))
        line = line_of(entries[-1], reviewed.get(draft.rule, b""))
        previous = hashlib.sha256(line).hexdigest()
        text += line + b"\n"
    return tuple(entries), text


def _write(stream: IO[bytes], text: bytes) -> None:
    length = stream.seek(0, os.SEEK_END)
    try:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    except OSError:
        stream.truncate(length)  # half a line would break the record for good
        raise


@contextmanager
def _locked(stream: IO[bytes]) -> Iterator[None]:
    """Keep others from adding at the same time, where the system can."""
    try:
        from fcntl import LOCK_EX, LOCK_UN, flock
    except ImportError:  # not on Windows
        yield
        return
    flock(stream, LOCK_EX)
    try:
        yield
    finally:
        flock(stream, LOCK_UN)
