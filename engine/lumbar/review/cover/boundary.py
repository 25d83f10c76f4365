"""People just under, at and just over each number that a rule compares with, and with each flag
alone.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lumbar.decision.decide import by_reference
from lumbar.engines.inference import ConflictError
from lumbar.reading.flow import flow
from lumbar.review.cover.people import Person
from lumbar.review.people.expectations import fault_of_answers
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Answered, Clause, Comparison, Condition, Unanswered, clauses
from lumbar.rulebook.items import Urgency
from lumbar.rulebook.questionnaire import Number, OneOf
from lumbar.rulebook.rules import Rule, matches

Over = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One person: what is looked at, the answers that differ from the example person's, and what
    comes out.

    `offered` and `kept_out` are of the items that the rule names.
    """

    looked_at: str
    answers: Over
    fires: bool
    urgency: Urgency
    sees: tuple[str, ...]
    offered: tuple[str, ...]
    kept_out: tuple[str, ...]


def boundary(catalog: Catalog, rule: Rule, people: Sequence[Person]) -> tuple[Row, ...]:
    """Return the rows of a rule, clause by clause; `people` show scores, which nobody answers
    directly.
    """
    start = _start(rule)
    found = {
        _key(row): row
        for clause, _ in clauses(rule.when)
        for row in _rows(catalog, rule, clause, start, people)
    }
    return tuple(found.values())


def _key(row: Row) -> tuple[str, str]:
    return row.looked_at, flow(row.answers)


def _start(rule: Rule) -> Over:
    """Return the shortest example that fires: from there one answer is moved."""
    fires = [one.answers for one in rule.examples if one.fires is not None]
    return min(fires, key=len, default={})


def _rows(
    catalog: Catalog, rule: Rule, clause: Clause, start: Over, people: Sequence[Person]
) -> Iterator[Row]:
    questions = catalog.questionnaire.questions
    question = questions.get(clause.name)
    if isinstance(clause, (Answered, Unanswered)):
        asked = _asked(catalog, {}, clause.name)
        if asked is not None:
            yield from _decided(
                catalog, rule, f"{clause.name} left open", {**asked, clause.name: None}
            )
    elif isinstance(question, Number):
        for number in _near(clause, question.low, question.high):
            yield from _row(
                catalog,
                rule,
                f"{clause.name} {number}",
                _of_rule(rule, clause, start),
                {clause.name: number},
            )
    elif question is None:
        yield from _of_others(catalog, rule, clause, people)
    else:
        for option in map(str, clause.values):
            value = option if isinstance(question, OneOf) else (option,)
            yield from _row(
                catalog, rule, f"{clause.name} {option} alone", {}, {clause.name: value}
            )


def _near(clause: Clause, low: int, high: int) -> list[int]:
    """Return the numbers around those that a clause compares with, within what can be answered."""
    near = {
        number + step for number in clause.values if isinstance(number, int) for step in (-1, 0, 1)
    }
    return sorted(number for number in near if low <= number <= high)


def _of_rule(rule: Rule, clause: Clause, start: Over) -> Over:
    """Return an example of the rule that answers the question of the clause, so that the number
    alone is moved.
    """
    answering = [
        e.answers for e in rule.examples if e.fires is not None and clause.name in e.answers
    ]
    return min(answering, key=len, default=start)


def _row(catalog: Catalog, rule: Rule, looked_at: str, start: Over, over: Over) -> Iterator[Row]:
    for name, value in over.items():
        asked = _asked(catalog, {**start, name: value}, name)
        if asked is not None:
            yield from _decided(catalog, rule, looked_at, asked)


def _asked(
    catalog: Catalog, over: dict[str, Any], name: str, depth: int = 3
) -> dict[str, Any] | None:
    """Return the answers changed so far that the question is asked; None where no change of a few
    answers does it.
    """
    if name in catalog.questionnaire.example(over):
        return over
    for condition in catalog.questionnaire.shown_when[name] if depth else ():
        for clause, _ in clauses(condition):
            for value in _ways(catalog, clause):
                other = _asked(catalog, {**over, clause.name: value}, clause.name, depth - 1)
                if other is not None and name in catalog.questionnaire.example(other):
                    return other
    return None


def _ways(catalog: Catalog, clause: Clause) -> list[Any]:
    """Return answers to the question of a clause that might make it true."""
    question = catalog.questionnaire.questions[clause.name]
    if isinstance(question, Number):
        return _near(clause, question.low, question.high)
    return (
        list(question.labels)
        if isinstance(question, OneOf)
        else [(option,) for option in question.labels]
    )


def _of_others(
    catalog: Catalog, rule: Rule, clause: Clause, people: Sequence[Person]
) -> Iterator[Row]:
    """Yield people for a score around its number, or with a finding: of all examples and personas
    the simplest.
    """
    for wanted in _wanted(catalog, clause):
        who = (one for one in people if wanted.truth(one.settled))
        simplest = min(
            (catalog.questionnaire.unlike_example(one.answers) for one in who),
            key=len,
            default=None,
        )
        if simplest is not None:
            yield from _decided(catalog, rule, str(wanted).replace(" == ", " "), simplest)


def _wanted(catalog: Catalog, clause: Clause) -> list[Condition]:
    if isinstance(clause, Comparison) and isinstance(clause.value, int):
        return [Comparison(clause.name, "==", clause.value + step) for step in (-1, 0, 1)]
    if clause.name in catalog.finding_stage:
        return [clause]
    return []


def _decided(catalog: Catalog, rule: Rule, looked_at: str, over: Over) -> Iterator[Row]:
    answers = catalog.questionnaire.example(over)
    if fault_of_answers(catalog, {name: value for name, value in over.items() if name in answers}):
        # what is no longer asked of this person is left out; anything else wrong makes no row
        return
    try:
        decision = by_reference(catalog, answers)
    except ConflictError:
        return
    named = _named(catalog, rule)
    withheld = {one.item for one in decision.withheld}
    yield Row(
        looked_at=looked_at,
        answers=catalog.questionnaire.unlike_example(answers),
        fires=rule.id in decision.fired,
        urgency=decision.urgency,
        sees=tuple(one.to.partition("/")[2] for one in decision.referrals),
        offered=tuple(item for item in named if item in decision.offered),
        kept_out=tuple(item for item in named if item in withheld),
    )


def _named(catalog: Catalog, rule: Rule) -> tuple[str, ...]:
    said = [effect.avoid for effect in rule.avoids] + [
        effect.recommend for effect in rule.recommends
    ]
    return tuple(
        i
        for i, item in catalog.items.items()
        if any(matches(target, i, item.tags) for target in said)
    )


def show(catalog: Catalog, rule: Rule, rows: Sequence[Row], console: Console) -> None:
    """Print the rows as a table for somebody who has to say whether each is right."""
    console.print(Text(f"{rule.title} [{rule.id}]", style="bold"))
    console.print(Text(f"fires when {rule.when}", style="dim"))
    items = bool(_named(catalog, rule))
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    for title, width in (("looked at", 17), ("with", 13), ("fires", 5), ("urgency", 8)):
        table.add_column(title, width=width, overflow="fold")
    table.add_column("offered + or out -" if items else "sees", overflow="fold")
    for row in rows:
        other = {
            name: value for name, value in row.answers.items() if name != row.looked_at.split()[0]
        }
        last = _items(row) if items else "\n".join(row.sees) or "nobody"
        table.add_row(
            Text(row.looked_at), Text(flow(other)[1:-1] or "none"), "yes" if row.fires else "no",
            row.urgency.replace("_", " "), Text(last),
        )  # fmt: skip
    console.print(table)
    console.print(
        "Each line is one person: the example person with these answers. Is each outcome right?"
    )


def _items(row: Row, most: int = 4) -> str:
    """Return the items one a line, what is offered first, cut after a few of each."""
    lines = []
    for sign, items in (("+", row.offered), ("-", row.kept_out)):
        rest = len(items) - most
        lines += [f"{sign} {item}" for item in items[:most]] + (
            [f"{sign} {rest} more"] if rest > 0 else []
        )
    return "\n".join(lines) or "none of its items"


def to_json(rule: Rule, rows: Sequence[Row]) -> str:
    """Return the rows as JSON."""
    told = {"rule": rule.id, "people": [asdict(row) for row in rows]}
    return json.dumps(
        told, indent=2, ensure_ascii=False, default=sorted
    )  # several options are kept as a set
