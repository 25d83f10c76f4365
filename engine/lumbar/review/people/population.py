"""How often each answer is given in a made-up population: the records of `rules/population.yaml`,
and their faults.

It decides nothing: it only says whom the review draws when it counts what a change of the rules
would do.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, model_validator

from lumbar.reading.problems import BadCatalogError, did_you_mean, listed
from lumbar.reading.record import Record
from lumbar.reading.yamlfile import Loc
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import (
    Answered,
    Clause,
    Comparison,
    Inclusion,
    Membership,
    Unanswered,
    clauses,
)
from lumbar.rulebook.files import Files
from lumbar.rulebook.items import Words
from lumbar.rulebook.parsing import ConditionText
from lumbar.rulebook.questionnaire import NONE, Number, OneOf, SeveralOf

FILE = "rules/population.yaml"
CODE = "bad-population"
_TYPES: Mapping[str, type[Number | OneOf | SeveralOf]] = {
    "one_of": OneOf,
    "several_of": SeveralOf,
    "number": Number,
}

Weight = Annotated[float, Field(ge=0, le=1_000_000)]
Chance = Annotated[float, Field(ge=0, le=1)]


class Range(Record):
    """Whole numbers from `low` to `high`, each as likely as the next; `weight` against the other
    ranges.
    """

    low: int
    high: int
    weight: Weight


class Draw(Record):
    """How an answer is drawn, in the way of its question's type.

    `one_of` weighs the options against each other. `several_of` gives each option its own chance;
    nobody who picks none of them is left without an answer: theirs is `none`. `number` weighs
    ranges against each other.
    """

    one_of: Mapping[str, Weight] | None = None
    several_of: Mapping[str, Chance] | None = None
    number: tuple[Range, ...] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "Draw":
        given = [name for name in _TYPES if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("an entry has exactly one of one_of, several_of and number")
        return self

    @property
    def way(self) -> str:
        """The one way it has: 'one_of', 'several_of' or 'number'."""
        return next(name for name in _TYPES if getattr(self, name) is not None)

    @property
    def options(self) -> Mapping[str, float]:
        """The options with their weights or chances; empty for a number."""
        return self.one_of or self.several_of or {}


class Given(Draw):
    """Another draw for the people of whom `when` is true; it reads questions that are asked before."""

    when: ConditionText


class Marginal(Draw):
    """How one question is answered, where that was taken from, and what is assumed."""

    source: str
    note: Words
    unanswered: Chance | None = None
    given: tuple[Given, ...] = ()


class Population(Record):
    """`rules/population.yaml`: `defaults` answer every question that is not named and has exactly
    their options.
    """

    about: Words
    unanswered: Chance
    defaults: tuple[Marginal, ...] = ()
    questions: Mapping[str, Marginal]

    def marginal(self, question: Number | OneOf | SeveralOf) -> Marginal | None:
        """Return how a question is answered: by its name, else by the default with its options."""
        named = self.questions.get(question.id)
        return named or next((one for one in self.defaults if _is_default_of(one, question)), None)


def _is_default_of(one: Marginal, question: Number | OneOf | SeveralOf) -> bool:
    if isinstance(question, Number) or not isinstance(question, _TYPES[one.way]):
        return False
    return one.options.keys() == question.labels.keys() - (
        {NONE} if isinstance(question, SeveralOf) else set()
    )


def read(catalog: Catalog, root: Path) -> Population | None:
    """Return the population of a rule set, or None where it has none; raise BadCatalogError with
    every problem.
    """
    files = Files(root)
    population = read_in(files, catalog)
    if files.problems:
        raise BadCatalogError(files.problems)
    return population


def read_in(files: Files, catalog: Catalog | None) -> Population | None:
    """Return the population among other files, None where there is none; what is wrong is noted.

    Without the catalog, what it says of questions and sources is not looked up.
    """
    if not (files.root / FILE).exists():
        return None
    population: Population | None = files.record(FILE, Population)
    if population and catalog:
        for loc, message, hint in _faults(catalog, population):
            files.add(FILE, loc, CODE, message, hint)
    return population


_Fault = tuple[Loc, str, str]  # where, message, hint


def _faults(catalog: Catalog, population: Population) -> Iterator[_Fault]:
    questions = catalog.questionnaire.questions
    for name, marginal in population.questions.items():
        if name in questions:
            yield from _marginal_faults(catalog, ("questions", name), marginal, questions[name])
        else:
            yield (
                ("questions", name),
                f"there is no question '{name}'",
                did_you_mean(name, questions),
            )
    for place, default in enumerate(population.defaults):
        yield from _default_faults(catalog, population, place, default)
    for name, question in questions.items():
        if population.marginal(question) is None:
            hint = "name it under 'questions', or add a default with exactly its options"
            yield ("questions",), f"nothing says how '{name}' is answered", hint


def _default_faults(
    catalog: Catalog, population: Population, place: int, default: Marginal
) -> Iterator[_Fault]:
    """Yield what is wrong with a default: it answers many questions, so it hangs on none, and
    answers at least one.
    """
    loc: Loc = ("defaults", place)
    yield from _source_fault(catalog, loc, default)
    questions = catalog.questionnaire.questions.values()
    mine = [
        one
        for one in questions
        if one.id not in population.questions and _is_default_of(default, one)
    ]
    if default.given or default.way == "number":
        yield (
            loc,
            "a default is one_of or several_of, and the same for everybody",
            "name the question instead",
        )
    elif not mine or population.marginal(mine[0]) is not default:
        yield (
            loc,
            "no question is answered by this default",
            f"its options are {listed(default.options)}",
        )
    else:
        yield from _draw_faults(loc, default, mine[0])


def _marginal_faults(
    catalog: Catalog, loc: Loc, marginal: Marginal, question: Number | OneOf | SeveralOf
) -> Iterator[_Fault]:
    yield from _source_fault(catalog, loc, marginal)
    yield from _draw_faults(loc, marginal, question)
    for place, given in enumerate(marginal.given):
        yield from _draw_faults((*loc, "given", place), given, question)
        for clause, _ in clauses(given.when):
            if fault := _clause_fault(catalog, question.id, clause):
                yield (*loc, "given", place, "when"), *fault


def _source_fault(catalog: Catalog, loc: Loc, marginal: Marginal) -> Iterator[_Fault]:
    if marginal.source not in catalog.sources:
        hint = (
            did_you_mean(marginal.source, catalog.sources)
            or "sources stand in content/evidence.yaml"
        )
        yield (*loc, "source"), f"there is no source '{marginal.source}'", hint


def _draw_faults(loc: Loc, draw: Draw, question: Number | OneOf | SeveralOf) -> Iterator[_Fault]:
    if not isinstance(question, _TYPES[draw.way]):
        yield (
            (*loc, draw.way),
            f"'{question.id}' is not answered with {draw.way}",
            f"write {question.type}",
        )
    elif isinstance(question, Number):
        yield from _range_faults((*loc, draw.way), draw.number or (), question)
    else:
        options = question.labels.keys() - ({NONE} if isinstance(question, SeveralOf) else set())
        for option in sorted(draw.options.keys() - options):
            yield (
                (*loc, draw.way, option),
                f"'{question.id}' has no option '{option}' to draw",
                question.allowed,
            )
        missing = [option for option in question.labels if option in options - draw.options.keys()]
        if missing:
            yield (
                (*loc, draw.way),
                f"'{question.id}' leaves out {listed(missing)}",
                "write 0 for what nobody picks",
            )
        if isinstance(question, OneOf) and not sum(draw.options.values()):
            yield (
                (*loc, draw.way),
                f"'{question.id}' weighs nothing: one option needs more than 0",
                "",
            )


def _range_faults(loc: Loc, ranges: tuple[Range, ...], question: Number) -> Iterator[_Fault]:
    for place, one in enumerate(ranges):
        if not question.low <= one.low <= one.high <= question.high:
            yield (
                (*loc, place),
                f"'{question.id}' cannot be drawn from {one.low} to {one.high}",
                question.allowed,
            )
    if not sum(one.weight for one in ranges):
        yield loc, f"'{question.id}' weighs nothing: one range needs more than 0", ""


def _clause_fault(catalog: Catalog, asked: str, clause: Clause) -> tuple[str, str] | None:
    """Return message and hint where a clause cannot be asked of the answers given before a
    question.
    """
    questions = catalog.questionnaire.questions
    before = list(questions)[: list(questions).index(asked)]
    if clause.name not in before:
        hint = did_you_mean(clause.name, before) or "it may read questions only"
        return f"'{clause.name}' is not asked before '{asked}'", hint
    question = questions[clause.name]
    if isinstance(clause, (Answered, Unanswered)):
        return None
    fits: Any = {
        Number: (Comparison, Membership),
        OneOf: (Comparison, Membership),
        SeveralOf: (Inclusion,),
    }
    if not isinstance(clause, fits[type(question)]):
        return (
            f"'{clause}' does not fit '{clause.name}', a {question.type} question",
            "see rules/README.md",
        )
    for value in clause.values:
        known: Any = catalog.thresholds if isinstance(question, Number) else question.labels
        if value not in known and not (isinstance(question, Number) and isinstance(value, int)):
            return f"'{clause.name}' is never '{value}'", did_you_mean(
                str(value), known
            ) or question.allowed
    return None
