"""Adding to the record of signatures: who signs which rules. Nothing that stands there changes."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from rich.console import Console

from lumbar.reading.flow import block
from lumbar.reading.problems import did_you_mean
from lumbar.reading.writing import write_whole
from lumbar.reading.yamlfile import said_of
from lumbar.review.signing.since import told
from lumbar.review.words import counted
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.fingerprint import SIGNOFFS, signoffs_text
from lumbar.signatures.entries import Dispute, Entry, Signature
from lumbar.signatures.reviewed import RULE_SET, hash_of, reviewed
from lumbar.signatures.signoffs import read_signoffs, unsigned
from lumbar.terminal.page import listing

E = TypeVar("E", Signature, Dispute)
HEAD = """\
# Who signed which rule, or the rule set as a whole, and who disagrees: oldest first.
# `lumbar sign` and `lumbar dispute` add to the end; nothing above is ever changed or taken away.
# One entry with a problem, and no signature counts: `lumbar check` tells the problem.
# The history of this file is its history in git: commit it together with the rules it is about.
"""


class SigningError(ValueError):
    """What was asked for cannot go into the record; the message says why and what can be done."""


def entry(kind: type[E], of: str, content: dict[str, Any], **said: Any) -> E:
    """Return an entry about what is read; raise SigningError for what was said and cannot stand."""
    try:
        return kind(of=of, hash=hash_of(content), **said)
    except ValidationError as error:
        wrong = error.errors(include_url=False)
        texts = (f"--{one['loc'][0]} {said_of(one)}" for one in wrong)
        raise SigningError("; ".join(texts).replace("_", "-")) from None


def signatures(
    catalog: Catalog, names: Iterable[str], by: Mapping[str, Any]
) -> tuple[Signature, ...]:
    """Return the signatures of rules, or of the RULE_SET, as they are; raise SigningError.

    `by` has the name, role and registration, `day`, and optionally `note` and `valid_until`.
    """
    contents = {name: reviewed(catalog, name) for name in names}
    return tuple(
        entry(Signature, name, content, reviewed=told(content), **by)
        for name, content in contents.items()
    )


def chosen(catalog: Catalog, wanted: Iterable[str]) -> tuple[str, ...]:
    """Return the rules meant by ids, stages (`triage`) and topics (`triage/cancer`), each once.

    Raises SigningError for a name that is none of these, and for a retired rule.
    """
    meant: dict[str, list[str]] = {}
    in_force = [rule.id for rule in catalog.in_force]
    for rule in in_force:
        stage = catalog.stage_of[rule]
        for name in (stage, f"{stage}/{catalog.topic_of[rule]}"):
            meant.setdefault(name, []).append(rule)
    meant |= {rule: [rule] for rule in in_force}
    names = [name.removeprefix("rules/").removesuffix(".yaml") for name in wanted]
    for name in names:
        if name in catalog.rules and name not in meant:
            why = "it never runs, so there is nothing to sign or dispute"
            raise SigningError(f"'{name}' is retired: {why}")
        known(name, meant, "rule, topic or stage")
    return tuple(dict.fromkeys(rule for name in names for rule in meant[name]))


def known(name: str, names: Iterable[str], what: str = "rule") -> str:
    """Return the name if it is one of those; raise SigningError with the nearest if it is not."""
    if name not in names:
        hint = did_you_mean(name, names)
        raise SigningError(f"there is no {what} '{name}'" + (f"; {hint}" if hint else ""))
    return name


def show(catalog: Catalog, entries: Iterable[Signature], console: Console) -> None:
    """Print what is about to be signed, each with the beginning of the hash of what is read."""
    console.print(listing(f"{one.of} {one.hash[:12]} {_title(catalog, one.of)}" for one in entries))


def _title(catalog: Catalog, name: str) -> str:
    if name != RULE_SET:
        return catalog.rules[name].title
    rules = [rule.id for rule in catalog.in_force]
    signed = len(rules) - len(unsigned(catalog, rules))
    return f"{catalog.limits.version}: {counted(len(rules), 'rule')}, {signed} signed one by one"


def append(root: Path, entries: Sequence[Entry]) -> int:
    """Add entries to the record under a lock, all or none; return how many it then holds.

    Raises SigningError where the record has a problem or cannot be written.
    """
    path = root / SIGNOFFS
    try:
        with _locked(path.parent):
            text, problems = signoffs_text(root)
            record = read_signoffs(text, problems)
            whole = (text or HEAD).rstrip("\n") + "\n" + "".join(map(_written, entries))
            after = read_signoffs(whole)
            for problem in (*record.problems, *after.problems)[:1]:
                raise SigningError(f"nothing can be added to a record with a problem: {problem}")
            write_whole(path, whole)
            if not text:  # who can read the rules must be able to read who signed them
                path.chmod(0o666 & (path.parent / "plan.yaml").stat().st_mode)
    except OSError as error:
        why = (error.strerror or "unknown").lower()
        raise SigningError(f"'{path}' cannot be written: {why}") from None
    return len(after.entries)


def _written(entry: Entry) -> str:
    said = {"kind": entry.kind, "of": entry.of}
    said |= entry.model_dump(mode="json", exclude_defaults=True)
    parts = said.pop("reviewed", "").splitlines()
    lines = "".join(f"    {line}\n" for line in parts)
    return f"- {block(said, '  ')[2:]}" + (f"  reviewed: |\n{lines}" if parts else "")


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep others from adding at the same time, where the system can."""
    try:
        from fcntl import LOCK_EX, flock
    except ImportError:  # not on Windows
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        flock(handle, LOCK_EX)
        yield
    finally:
        os.close(handle)
