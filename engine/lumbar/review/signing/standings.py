"""Where the rules and the rule set stand, what a release needs, and what changed since."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import Any

from pydantic_core import to_json
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lumbar.reading.problems import listed
from lumbar.review.people.personas import Persona
from lumbar.review.signing.since import since_signed
from lumbar.review.words import Paragraphs, counted, print_paragraphs
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.rules import STAGES
from lumbar.signatures.entries import Entry
from lumbar.signatures.reviewed import RULE_SET, hash_of, reviewed
from lumbar.signatures.signoffs import SIGNED, Standing, Status, signoffs, standing
from lumbar.terminal.page import listing

# disputed personas, and what is still open of each
People = Mapping[str, tuple[Persona, tuple[str, ...]]]

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
    "valid": "green",
    "due": "green",
    "overdue": "yellow",
    "changed": "yellow",
    "disputed": "bold red",
    "broken_record": "bold red",
}
# What each status asks of whoever wants to release the rules. An overdue signature holds, but is no
# way to begin.
_NEEDS: Mapping[Status, str] = {
    "disputed": "the dispute settled: change the rule or the expectation, then sign",
    "changed": "a new signature, because what was signed has changed",
    "never_reviewed": "a first signature",
    "overdue": "a new signature, because the last one is past its day",
    "broken_record": "the record of signatures mended",
}
_STILL_DRAFT = "'status: reviewed' in its file: it is signed but still says draft"


@dataclass(frozen=True)
class Overview:
    """Where everything stands on a day, and the disputed personas."""

    catalog: Catalog
    today: date
    people: People

    @cached_property
    def rules(self) -> tuple[Standing, ...]:
        """Where every rule in force stands, in the order of the catalog."""
        return tuple(standing(self.catalog, one.id, self.today) for one in self.catalog.in_force)

    @cached_property
    def whole(self) -> Standing:
        """Where the rule set stands."""
        return standing(self.catalog, RULE_SET, self.today)


def needs(catalog: Catalog, found: Iterable[Standing]) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return what a release needs of its rules: for each need the rules, by `triage/cancer`."""
    wanted: dict[str, dict[str, tuple[str, ...]]] = {words: {} for words in _NEEDS.values()}
    wanted[_STILL_DRAFT] = {}
    for one in found:
        topic = f"{catalog.stage_of[one.rule]}/{catalog.topic_of[one.rule]}"
        draft = one.status in SIGNED and catalog.rules[one.rule].status == "draft"
        for words in filter(None, (_NEEDS.get(one.status), _STILL_DRAFT if draft else None)):
            wanted[words][topic] = (*wanted[words].get(topic, ()), one.rule)
    return {words: topics for words, topics in wanted.items() if topics}


def show(overview: Overview, wanted: tuple[Standing, ...], console: Console) -> None:
    """Print the standings that are wanted, then disputes, counts and needs over everything."""
    print_paragraphs(_list(overview, wanted), console)


def _list(overview: Overview, wanted: tuple[Standing, ...]) -> Paragraphs:
    catalog = overview.catalog
    widest = max((len(one.rule) for one in wanted), default=0)
    for stage, group in groupby(wanted, key=lambda one: catalog.stage_of[one.rule]):
        yield _heading(stage.upper())
        for topic, ones in groupby(group, key=lambda one: catalog.topic_of[one.rule]):
            yield 2, Text(topic.replace("_", " "), style="bold")
            yield 4, _table(ones, widest)
    if not wanted:
        yield 0, "No rule is like that."
    if overview.people:
        yield _heading("PEOPLE IN DISPUTE")
        yield 0, listing(_person(name, *entry) for name, entry in overview.people.items())
    yield _heading("HOW MANY")
    yield 0, _counts(overview)
    yield _heading("THE RULE SET AS A WHOLE")
    yield 0, _table([overview.whole], len(RULE_SET))
    if changed := [one.where for one in since_signed(catalog, overview.whole)]:
        yield 0, listing([f"changed: {listed(changed)}"])
    yield _heading("WHAT A RELEASE NEEDS")
    yield from _needed(overview)


def _heading(words: str) -> tuple[int, Text]:
    return 0, Text(f"\n{words}", style="bold")


def _table(ones: Iterable[Standing], widest: int) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=min(widest, 40), overflow="fold")
    table.add_column(width=16)
    table.add_column()
    for one in ones:
        words = Text(WORDS[one.status], style=_STYLES.get(one.status, ""))
        entry = one.dispute or one.signature
        by = f"{entry.name}, {entry.day}{_until(entry)}" if entry else ""
        table.add_row(Text(one.rule), words, Text(by))
    return table


def _until(entry: Entry) -> str:
    return f", until {entry.valid_until}" if entry.valid_until else ""


def _person(name: str, persona: Persona, open_still: tuple[str, ...]) -> str:
    settled = "settled: the plan is as expected now, so drop 'disputed' from the file"
    stands = f"still open: {'; '.join(open_still)}" if open_still else settled
    return f"{name} [{persona.disputed}], {stands}"


def _counts(overview: Overview) -> Table:
    catalog = overview.catalog
    found = Counter((catalog.stage_of[one.rule], one.status) for one in overview.rules)
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_row("", *(Text(word, justify="right") for word in (*STAGES, "all")))
    rows = {WORDS[status]: [found[stage, status] for stage in STAGES] for status in WORDS}
    rows |= {"rules in force": [len(catalog.by_stage[stage]) for stage in STAGES]}
    for words, numbers in rows.items():
        if any(numbers):
            cells = (Text(str(number), justify="right") for number in (*numbers, sum(numbers)))
            table.add_row(Text(words), *cells)
    return table


def _needed(overview: Overview) -> Paragraphs:
    wanted = needs(overview.catalog, overview.rules)
    for words, topics in wanted.items():
        number = sum(map(len, topics.values()))
        yield 0, f"{counted(number, 'rule')} need{'s' if number == 1 else ''}: {words}"
        for stage, group in groupby(topics.items(), key=lambda entry: entry[0].partition("/")[0]):
            of = {topic.partition("/")[2]: len(rules) for topic, rules in group}
            named = (f"{topic.replace('_', ' ')} {many}" for topic, many in of.items())
            yield 0, listing([f"{stage} {sum(of.values())}: {', '.join(named)}"])
    if need := _NEEDS.get(overview.whole.status):
        yield 0, f"the rule set as a whole needs: {need} (lumbar sign --release)"
    elif not wanted:
        yield 0, "Nothing: every rule in force is signed as it is, and so is the rule set."


def list_json(overview: Overview, wanted: Iterable[Standing]) -> str:
    """Return the standings that are wanted, and disputes and needs over everything, as JSON."""
    catalog, record = overview.catalog, signoffs(overview.catalog)
    told = {
        "record": {"entries": len(record.entries), "problems": list(map(str, record.problems))},
        "rule_set": _told(catalog, overview.whole),
        "rules": [_told(catalog, one) for one in wanted],
        "disputed_people": [
            {"persona": name, "rule": one.disputed, "open": left}
            for name, (one, left) in overview.people.items()
        ],
        "needs": needs(catalog, overview.rules),
    }
    return to_json(told, indent=2).decode()


def rule_json(catalog: Catalog, one: Standing) -> str:
    """Return one rule's standing, all that was recorded of it, and what changed since, as JSON."""
    return to_json(_told(catalog, one), indent=2).decode()


def _told(catalog: Catalog, one: Standing) -> dict[str, Any]:
    rule = catalog.rules.get(one.rule)
    place = {"title": rule.title, "stage": catalog.stage_of[one.rule]} if rule else {}
    now = {"hash": hash_of(reviewed(catalog, one.rule)), "changed": since_signed(catalog, one)}
    return place | {"topic": catalog.topic_of.get(one.rule)} | vars(one) | now


def show_rule(catalog: Catalog, one: Standing, console: Console) -> None:
    """Print one rule's standing, all that was recorded of it, and what changed since."""
    print_paragraphs(_rule(catalog, one), console)


def _rule(catalog: Catalog, one: Standing) -> Paragraphs:
    now = hash_of(reviewed(catalog, one.rule))[:12]
    yield _heading(f"{catalog.rules[one.rule].title} [{one.rule}]")
    yield 0, f"{WORDS[one.status]}; the hash of what is read is {now}"
    yield _heading("HISTORY")
    nothing = "It cannot be told." if one.status == "broken_record" else "Nobody has signed it."
    yield (0, listing(map(_entry, one.history))) if one.history else (2, nothing)
    if one.dispute:
        yield _heading("THE DISPUTE")
        yield 0, listing(f"expected: {said}" for said in one.dispute.expected)
    differences = since_signed(catalog, one)
    if differences:
        yield _heading("CHANGED SINCE IT WAS SIGNED")
    for difference in differences:
        before, after = difference.in_words
        yield 2, difference.where
        yield 4, Text(f"was: {before}", style="red")
        yield 4, Text(f"is:  {after}", style="green")


def _entry(entry: Entry) -> str:
    did = "signed" if entry.kind == "signature" else "disagreed with"
    by = f"{entry.name}, {entry.role}, {entry.registration}"
    note = f": {entry.note}" if entry.note else ""
    return f"{entry.day}: {by}, {did} {entry.hash[:12]}{_until(entry)}{note}"
