"""People just under, at and just over each number of a rule, and with each flag alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lumbar.decision.decide import by_reference
from lumbar.engines.inference import ConflictError
from lumbar.intake.answers import Answers
from lumbar.reading.flow import flow
from lumbar.review.cover.people import Person
from lumbar.review.people.expectations import fault_of_answers
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Answered, Clause, Comparison, Condition, Unanswered, clauses
from lumbar.rulebook.items import Urgency
from lumbar.rulebook.questionnaire import Number, OneOf
from lumbar.rulebook.rules import Rule

Over = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Edge:
    """One person: what is looked at, what they answer unlike the example person, what comes out.

    `offered` and `kept_out` are of the items that the rule names.
    """

    looked_at: str
    answers: Over
    fires: bool
    urgency: Urgency
    sees: tuple[str, ...]
    offered: tuple[str, ...]
    kept_out: tuple[str, ...]


@dataclass(frozen=True)
class Boundary:
    """The people at the edges of a rule, clause by clause."""

    rule: str
    people: tuple[Edge, ...]

    def to_json(self) -> str:
        """Return the people as JSON."""
        return TypeAdapter(Boundary).dump_json(self, indent=2).decode()


def boundary(catalog: Catalog, rule: Rule, people: Sequence[Person]) -> Boundary:
    """Return the people at the edges of a rule; `people` show scores, which nobody answers."""
    edges = _Edges(catalog, rule, people)
    every = (one for clause, _ in clauses(rule.when) for one in edges.of(clause))
    found = {(one.looked_at, flow(one.answers)): one for one in every}
    return Boundary(rule.id, tuple(found.values()))


class _Edges:
    """Looks for people at the edges of the clauses of one rule."""

    def __init__(self, catalog: Catalog, rule: Rule, people: Sequence[Person]) -> None:
        self._catalog, self._rule, self._people = catalog, rule, people
        self._asked = catalog.questionnaire
        said = [one.avoid for one in rule.avoids] + [one.recommend for one in rule.recommends]
        meant = {item for target in said for item in catalog.meant(target)}
        self._named = [item for item in catalog.items if item in meant]
        self._firing = [one.answers for one in rule.examples if one.fires is not None]

    def of(self, clause: Clause) -> Iterator[Edge]:
        """Yield the people at the edges of a clause."""
        name, question = clause.name, self._asked.questions.get(clause.name)
        if isinstance(clause, (Answered, Unanswered)):
            left_open = self._brought_up({}, name)
            if left_open is not None:
                yield from self._edge(f"{name} left open", {**left_open, name: None})
        elif question is None:
            yield from self._of_others(clause)
        elif isinstance(question, Number):
            for number in _near(clause, question):
                yield from self._answering(f"{name} {number}", self._start(name), name, number)
        else:
            for option in map(str, clause.values):
                value = option if isinstance(question, OneOf) else (option,)
                yield from self._answering(f"{name} {option} alone", {}, name, value)

    def _start(self, name: str) -> Over:
        """Return the shortest example that fires, from which one answer alone is moved.

        Where one answers the question, it is one of those.
        """
        answering = [answers for answers in self._firing if name in answers]
        return min(answering or self._firing, key=len, default={})

    def _answering(self, looked_at: str, start: Over, name: str, value: Any) -> Iterator[Edge]:
        over = self._brought_up({**start, name: value}, name)
        if over is not None:
            yield from self._edge(looked_at, over)

    def _brought_up(self, over: Over, name: str, depth: int = 3) -> Over | None:
        """Return answers changed so far that a question is asked; None where a few do not do it."""
        if name in self._asked.example(over):
            return over
        for condition in self._asked.shown_when[name] if depth else ():
            for clause, _ in clauses(condition):
                for value in self._ways(clause):
                    other = self._brought_up({**over, clause.name: value}, clause.name, depth - 1)
                    if other is not None and name in self._asked.example(other):
                        return other
        return None

    def _ways(self, clause: Clause) -> Sequence[Any]:
        """Return answers to the question of a clause that might make it true."""
        question = self._asked.questions[clause.name]
        if isinstance(question, Number):
            return _near(clause, question) or (question.example,)
        options = tuple(question.labels)
        return options if isinstance(question, OneOf) else [(option,) for option in options]

    def _of_others(self, clause: Clause) -> Iterator[Edge]:
        """Yield people for a score around its number, or with a finding: of all the simplest."""
        for wanted in self._wanted(clause):
            people = (one.decision for one in self._people if wanted.truth(one.decision.settled))
            unlike = (self._asked.unlike_example(one.answers.raw) for one in people)
            simplest = min(unlike, key=len, default=None)
            if simplest is not None:
                yield from self._edge(str(wanted).replace(" == ", " "), simplest)

    def _wanted(self, clause: Clause) -> list[Condition]:
        if isinstance(clause, Comparison) and isinstance(clause.value, int):
            return [Comparison(clause.name, "==", clause.value + step) for step in (-1, 0, 1)]
        return [clause] if clause.name in self._catalog.finding_stage else []

    def _edge(self, looked_at: str, over: Over) -> Iterator[Edge]:
        answers = self._asked.example(over)
        # what is no longer asked is left out; anything else wrong makes nobody
        if fault_of_answers(self._catalog, {n: v for n, v in over.items() if n in answers}):
            return
        try:
            decision = by_reference(self._catalog, Answers.typed(self._asked, answers))
        except ConflictError:
            return
        withheld = {one.item for one in decision.withheld}
        yield Edge(
            looked_at=looked_at,
            answers=self._asked.unlike_example(decision.answers.raw),
            fires=self._rule.id in decision.fired,
            urgency=decision.urgency,
            sees=tuple(one.to.partition("/")[2] for one in decision.referrals),
            offered=tuple(item for item in self._named if item in decision.offered),
            kept_out=tuple(item for item in self._named if item in withheld),
        )


def _near(clause: Clause, question: Number) -> list[int]:
    """Return the possible answers around the numbers that a clause compares with."""
    numbers = (value for value in clause.values if isinstance(value, int))
    near = {number + step for number in numbers for step in (-1, 0, 1)}
    return sorted(number for number in near if question.low <= number <= question.high)


def print_boundary(found: Boundary, rule: Rule, console: Console) -> None:
    """Print the people as a table for somebody who has to say whether each outcome is right."""
    console.print(Text(f"{rule.title} [{rule.id}]", style="bold"))
    console.print(Text(f"fires when {rule.when}", style="dim"))
    items = bool(rule.avoids or rule.recommends)
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    for title, width in (("looked at", 20), ("with", 13), ("fires", 5), ("urgency", 9)):
        table.add_column(title, max_width=width, overflow="fold")
    table.add_column("offered + or out -" if items else "sees", overflow="fold")
    for one in found.people:
        others = {n: value for n, value in one.answers.items() if n != one.looked_at.split()[0]}
        table.add_row(
            Text(one.looked_at),
            Text(flow(others)[1:-1] or "none"),
            "yes" if one.fires else "no",
            one.urgency.replace("_", " "),
            Text(_items(one) if items else "\n".join(one.sees) or "nobody"),
        )
    console.print(table)
    console.print(
        "Each line is one person: the example person with these answers. Is each outcome right?"
    )


def _items(one: Edge, most: int = 4) -> str:
    """Return the items one a line, what is offered first, cut after a few of each."""
    lines = []
    for sign, items in (("+", one.offered), ("-", one.kept_out)):
        lines += [f"{sign} {item}" for item in items[:most]]
        lines += [f"{sign} {len(items) - most} more"] if len(items) > most else []
    return "\n".join(lines) or "none of its items"
