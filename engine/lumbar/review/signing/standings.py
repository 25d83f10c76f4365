"""Where the rules stand: a list by stage, what a release needs, and what changed in a rule since it
was signed.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lumbar.review.people.personas import Persona
from lumbar.review.signing.since import since_signed
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.files import SIGNOFFS
from lumbar.rulebook.rules import STAGES
from lumbar.signatures.reviewed import content_hash
from lumbar.signatures.signoffs import (
    SIGNED,
    Dispute,
    Entry,
    Ledger,
    Signature,
    Standing,
    Status,
    ledger,
    standing,
)
from lumbar.terminal.page import listing

People = Mapping[
    str, tuple[Persona, tuple[str, ...]]
]  # disputed personas, and what is still open of each

WORDS: Mapping[Status, str] = {
    "never_reviewed": "never reviewed",
    "valid": "signed",
    "changed": "changed since",
    "due": "signed, due soon",
    "overdue": "signed, overdue",
    "disputed": "disputed",
    "retired": "retired",
    "broken_record": "cannot be told",
}
_STYLES: Mapping[Status, str] = {
    "valid": "green", "due": "green", "overdue": "yellow", "changed": "yellow", "disputed": "bold red",
    "broken_record": "bold red",
}  # fmt: skip
# What each status asks of whoever wants to release the rules. An overdue signature holds, but is no
# way to begin.
_NEEDS: Mapping[Status, str] = {
    "disputed": "the dispute settled: change the rule or the expectation, then sign",
    "changed": "a new signature, because what was signed has changed",
    "never_reviewed": "a first signature",
    "overdue": "a new signature, because the last one is past its day",
    "broken_record": "the record of signatures mended from its last good copy",
}


@dataclass(frozen=True)
class Overview:
    """Where every rule in force stands, and the disputed personas."""

    catalog: Catalog
    standings: tuple[Standing, ...]
    people: People


def standings(catalog: Catalog, today: date) -> tuple[Standing, ...]:
    """Return where every rule in force stands, in the order of the catalog."""
    return tuple(standing(catalog, rule.id, today) for rule in catalog.in_force)


def needs(catalog: Catalog, found: Iterable[Standing]) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return what a release needs: for each need the rules, by topic (`triage/cancer`); nothing
    where it may go out.
    """
    wanted: dict[str, dict[str, tuple[str, ...]]] = {}
    for status, words in _NEEDS.items():
        _group(catalog, wanted, words, [one.rule for one in found if one.status == status])
    drafts = [
        one.rule
        for one in found
        if one.status in SIGNED and catalog.rules[one.rule].status == "draft"
    ]
    _group(
        catalog, wanted, "'status: reviewed' in its file: it is signed but still says draft", drafts
    )
    return wanted


def _group(
    catalog: Catalog, wanted: dict[str, dict[str, tuple[str, ...]]], words: str, rules: list[str]
) -> None:
    for rule in rules:
        topics = wanted.setdefault(words, {})
        topic = f"{catalog.stage_of[rule]}/{catalog.topic_of[rule]}"
        topics[topic] = (*topics.get(topic, ()), rule)


def record_fault(record: Ledger, seen: str | None) -> str:
    """Return what is wrong with the record, or an empty text; `seen` is the hash of a line that
    must be in it.
    """
    if record.broken:
        return f"line {record.broken.line} of {SIGNOFFS} is broken: {record.broken.what}; no rule counts as signed"
    if seen is not None and seen not in record.hashes:
        return f"no line of {SIGNOFFS} has the hash '{seen}': lines that were there are gone, or were changed"
    return ""


def record_in_words(record: Ledger) -> str:
    """Return how much a record holds that is whole."""
    if not record.entries:
        return "there is no record yet: nobody has signed anything"
    lines = f"{len(record.entries)} lines" if len(record.entries) > 1 else "1 line"
    return f"the record is whole: {lines}, the last one {record.last}"


def show(overview: Overview, wanted: tuple[Standing, ...], console: Console) -> None:
    """Print the standings that are wanted by stage and topic, then disputes, counts and needs over
    everything.
    """
    catalog = overview.catalog
    widest = max((len(one.rule) for one in wanted), default=0)
    for stage, group in groupby(wanted, key=lambda one: catalog.stage_of[one.rule]):
        console.print(Text(f"\n{stage.upper()}", style="bold"))
        for topic, ones in groupby(group, key=lambda one: catalog.topic_of[one.rule]):
            console.print(Text(f"  {topic.replace('_', ' ')}", style="bold"))
            console.print(Padding(_table(ones, widest), (0, 0, 0, 4)))
    if not wanted:
        console.print("No rule is like that.")
    if overview.people:
        console.print(Text("\nPEOPLE IN DISPUTE", style="bold"))
        console.print(listing(_person(name, *entry) for name, entry in overview.people.items()))
    _counts(overview, console)
    _needed(overview, console)


def _table(ones: Iterable[Standing], widest: int) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=min(widest, 40), overflow="fold")
    table.add_column(width=16)
    table.add_column()
    for one in ones:
        words = Text(WORDS[one.status], style=_STYLES.get(one.status, ""))
        table.add_row(Text(one.rule), words, Text(_by(one)))
    return table


def _person(name: str, persona: Persona, open_still: tuple[str, ...]) -> str:
    if open_still:
        return f"{name} [{persona.disputed}], still open: {'; '.join(open_still)}"
    return f"{name} [{persona.disputed}], settled: the plan is as expected now, so drop 'disputed' from the file"


def _by(one: Standing) -> str:
    entry = one.dispute or one.signature
    if entry is None:
        return ""
    until = f", until {entry.valid_until}" if entry.valid_until else ""
    return f"{entry.name}, {entry.on}{until}"


def _counts(overview: Overview, console: Console) -> None:
    catalog = overview.catalog
    counted = Counter((catalog.stage_of[one.rule], one.status) for one in overview.standings)
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_row("", *(Text(word, justify="right") for word in (*STAGES, "all")))
    rows = {WORDS[status]: [counted[stage, status] for stage in STAGES] for status in WORDS}
    rows |= {"rules in force": [len(catalog.by_stage[stage]) for stage in STAGES]}
    for words, numbers in rows.items():
        if any(numbers):
            cells = (Text(str(number), justify="right") for number in (*numbers, sum(numbers)))
            table.add_row(Text(words), *cells)
    console.print(Text("\nHOW MANY", style="bold"))
    console.print(table)


def _needed(overview: Overview, console: Console) -> None:
    console.print(Text("\nWHAT A RELEASE NEEDS", style="bold"))
    wanted = needs(overview.catalog, overview.standings)
    if not wanted:
        console.print("Nothing: every rule in force is signed as it is.")
    for words, topics in wanted.items():
        console.print(Text(f"{_rules(sum(map(len, topics.values())))}: {words}"))
        for stage, group in groupby(topics.items(), key=lambda entry: entry[0].partition("/")[0]):
            of_stage = [
                (topic.partition("/")[2].replace("_", " "), rules) for topic, rules in group
            ]
            named = ", ".join(f"{topic} {len(rules)}" for topic, rules in of_stage)
            console.print(listing([f"{stage} {sum(len(rules) for _, rules in of_stage)}: {named}"]))


def _rules(number: int) -> str:
    return "1 rule needs" if number == 1 else f"{number} rules need"


def to_json(overview: Overview, wanted: tuple[Standing, ...]) -> str:
    """Return the standings that are wanted, and disputes and needs over everything, as JSON."""
    catalog = overview.catalog
    record = ledger(catalog)
    broken = {"line": record.broken.line, "what": record.broken.what} if record.broken else None
    rules = [_plain(catalog, one) for one in wanted]
    whole: dict[str, Any] = {
        "record": {"lines": len(record.entries), "last": record.last, "broken": broken},
        "rules": rules,
    }
    disputed = [
        {"persona": name, "rule": one.disputed, "open": left}
        for name, (one, left) in overview.people.items()
    ]
    whole |= {"disputed_people": disputed, "needs": needs(catalog, overview.standings)}
    return json.dumps(whole, indent=2, ensure_ascii=False)


def rule_to_json(catalog: Catalog, one: Standing) -> str:
    """Return one rule's standing, all that was recorded of it, and what changed since it was
    signed, as JSON.
    """
    history = [entry.model_dump(mode="json") for entry in one.history]
    changed = [asdict(difference) for difference in since_signed(catalog, one)]
    whole = {**_plain(catalog, one), "history": history, "changed": changed}
    return json.dumps(whole, indent=2, ensure_ascii=False)


def _plain(catalog: Catalog, one: Standing) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "title": catalog.rules[one.rule].title,
        "stage": catalog.stage_of[one.rule],
        "topic": catalog.topic_of[one.rule],
        "status": one.status,
        "content": content_hash(catalog, one.rule),
        "signature": one.signature and one.signature.model_dump(mode="json"),
        "dispute": one.dispute and one.dispute.model_dump(mode="json"),
    }


def show_rule(catalog: Catalog, one: Standing, console: Console) -> None:
    """Print one rule's standing, all that was recorded of it, and what changed since it was last
    signed.
    """
    rule = catalog.rules[one.rule]
    console.print(Text(f"\n{rule.title} [{one.rule}]", style="bold"))
    console.print(
        Text(f"{WORDS[one.status]}; its content is {content_hash(catalog, one.rule)[:12]}")
    )
    console.print(Text("\nHISTORY", style="bold"))
    nothing = "It cannot be told." if one.status == "broken_record" else "Nobody has signed it."
    console.print(listing(_told(entry) for entry in one.history) if one.history else f"  {nothing}")
    if isinstance(one.dispute, Dispute):
        console.print(Text("\nTHE DISPUTE", style="bold"))
        console.print(listing([f"expected: {said}" for said in one.dispute.expected]))
    differences = since_signed(catalog, one)
    if differences:
        console.print(Text("\nCHANGED SINCE IT WAS SIGNED", style="bold"))
        for difference in differences:
            before, after = difference.in_words
            console.print(Text(f"  {difference.where}"))
            console.print(Padding(Text(f"was: {before}", style="red"), (0, 0, 0, 4)))
            console.print(Padding(Text(f"is:  {after}", style="green"), (0, 0, 0, 4)))


def _told(entry: Entry) -> str:
    did = "signed" if isinstance(entry, Signature) else "disagreed with"
    until = f", until {entry.valid_until}" if entry.valid_until else ""
    note = f": {entry.note}" if entry.note else ""
    return f"{entry.on}: {entry.name}, {entry.role}, {entry.registration}, {did} {entry.content[:12]}{until}{note}"
