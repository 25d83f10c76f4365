"""How often each answer is given by made-up people: `rules/practice.yaml`, and its faults.

It decides nothing: it only says whom the review draws when it measures the rules.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from lumbar.reading.model import Model
from lumbar.reading.problems import BadCatalogError, did_you_mean, listed
from lumbar.reading.yamlfile import Loc
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import clauses
from lumbar.rulebook.files import Files
from lumbar.rulebook.items import Words
from lumbar.rulebook.names import Names
from lumbar.rulebook.parsing import ConditionText
from lumbar.rulebook.questionnaire import NONE, Number, OneOf, SeveralOf

FILE = "rules/practice.yaml"
CODE = "bad-practice"
_TYPES: Mapping[str, type[Number | OneOf | SeveralOf]] = {
    "one_of": OneOf,
    "several_of": SeveralOf,
    "number": Number,
    "normal": Number,
}

Weight = Annotated[float, Field(ge=0, le=1_000_000)]
Chance = Annotated[float, Field(ge=0, le=1)]


class Range(Model):
    """Whole numbers, each as likely as the next; `weight` is against the other ranges."""

    low: int
    high: int
    weight: Weight


class Normal(Model):
    """A bell, moved by other facts, rounded between `low` and `high`; `log`: of the logarithm.

    Without `low` and `high` it is not rounded: a hidden fact that only ties answers together.
    """

    mean: float
    sd: Annotated[float, Field(ge=0)]
    plus: Mapping[str, float] = {}
    log: Literal["yes", "no"] = "no"
    low: int | None = None
    high: int | None = None


class Draw(Model):
    """How an answer is drawn, in the way of its question's type.

    `one_of` weighs the options against each other. `several_of` gives each option its own chance;
    nobody who picks none of them is left without an answer: theirs is `none`. `number` weighs
    ranges against each other. `times` multiplies every weight but the first, or every chance, by
    e to the power of a fact times a number.
    """

    one_of: Mapping[str, Weight] | None = None
    several_of: Mapping[str, Chance] | None = None
    number: tuple[Range, ...] | None = None
    normal: Normal | None = None
    times: Mapping[str, float] = {}

    @model_validator(mode="after")
    def _one_way(self) -> "Draw":
        given = [name for name in _TYPES if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("an entry has exactly one of one_of, several_of, number and normal")
        return self

    @property
    def way(self) -> str:
        """The one way it has, such as 'one_of'."""
        return next(name for name in _TYPES if getattr(self, name) is not None)

    @property
    def options(self) -> Mapping[str, float]:
        """The options with their weights or chances; empty for a number."""
        return self.one_of or self.several_of or {}


class Given(Draw):
    """Another draw for people of whom `when` is true; it reads questions asked before."""

    when: ConditionText


class Marginal(Draw):
    """How one question is answered; without a source it is assumed."""

    source: str | None = None
    note: Words | None = None
    unanswered: Chance | None = None
    given: tuple[Given, ...] = ()


class Doubt(Model):
    """People who are not sure of a sign this often, where 2 in 100 are over all."""

    weight: Weight
    unsure: Chance


class LeftOpen(Model):
    """People who leave questions open this often: all, or `only` these."""

    weight: Weight
    open: Chance
    only: tuple[str, ...] = ()


class FollowUp(Model):
    """What people answer otherwise so many `days` after their first time, whatever the plan did.

    A draw reads what was answered the time before.
    """

    days: Annotated[int, Field(ge=1)]
    answers: Mapping[str, Marginal]


class Practice(Model):
    """`rules/practice.yaml`: `hidden` facts are drawn first and tie a person's answers together.

    `defaults` answer every question that is not named and has exactly their options.
    """

    about: Words
    unanswered: Chance
    doubt: tuple[Doubt, ...] = ()
    after_follow_up: Chance = 1
    left_open: tuple[LeftOpen, ...] = ()
    hidden: Mapping[str, Marginal] = {}
    defaults: tuple[Marginal, ...] = ()
    questions: Mapping[str, Marginal]
    following: tuple[FollowUp, ...] = ()

    def marginal(self, question: Number | OneOf | SeveralOf) -> Marginal | None:
        """Return how a question is answered: by its name, else by the default with its options."""
        named = self.questions.get(question.id)
        return named or next((one for one in self.defaults if _is_default_of(one, question)), None)


def _is_default_of(one: Marginal, question: Number | OneOf | SeveralOf) -> bool:
    if isinstance(question, Number) or not isinstance(question, _TYPES[one.way]):
        return False
    return one.options.keys() == _drawn(question)


def read(catalog: Catalog, root: Path) -> Practice | None:
    """Return the practice of a rule set, or None where it has none; raise BadCatalogError with
    every problem.
    """
    files = Files(root)
    practice = read_in(files, catalog)
    if files.problems:
        raise BadCatalogError(files.problems)
    return practice


def read_in(files: Files, catalog: Catalog | None) -> Practice | None:
    """Return the practice among other files, None where there is none; what is wrong is noted.

    Without the catalog, what it says of questions and sources is not looked up.
    """
    if not (files.root / FILE).exists():
        return None
    practice: Practice | None = files.record(FILE, Practice)
    if practice and catalog:
        for loc, message, hint in _faults(catalog, practice):
            files.add(FILE, loc, CODE, message, hint)
    return practice


_Found = tuple[Loc, str, str]  # where something is wrong, what, and a hint


def _faults(catalog: Catalog, practice: Practice) -> Iterator[_Found]:
    questions = catalog.questionnaire.questions
    names = Names(questions.values(), (), catalog.thresholds, ())
    earlier: list[str] = []
    for name, fact in practice.hidden.items():
        yield from _of_facts(("hidden", name), fact, set(earlier))
        earlier.append(name)
    for name in practice.questions.keys() - questions.keys():
        said = f"there is no question '{name}'"
        yield ("questions", name), said, did_you_mean(name, questions)
    for name, question in questions.items():
        if not question.asked:
            continue
        marginal = practice.marginal(question)
        if marginal is None:
            hint = "name it under 'questions', or add a default with exactly its options"
            yield ("questions",), f"nothing says how '{name}' is answered", hint
        elif name in practice.questions:
            yield from _of_question(names, earlier, ("questions", name), marginal, question)
    yield from _of_following(names, earlier, practice)
    for place, default in enumerate(practice.defaults):
        mine = [one for one in questions.values() if practice.marginal(one) is default]
        yield from _of_default(("defaults", place), default, mine)
    yield from _sources(catalog, practice)


def _of_following(names: Names, hidden: Sequence[str], practice: Practice) -> Iterator[_Found]:
    questions = names.questions
    for place, visit in enumerate(practice.following):
        for name, marginal in visit.answers.items():
            loc: Loc = ("following", place, "answers", name)
            if name in questions and questions[name].asked:
                yield from _of_question(names, hidden, loc, marginal, questions[name])
            else:
                yield loc, f"there is no question '{name}'", did_you_mean(name, questions)


def _sources(catalog: Catalog, practice: Practice) -> Iterator[_Found]:
    every: list[tuple[Loc, Marginal]] = [
        *((("defaults", place), one) for place, one in enumerate(practice.defaults)),
        *((("questions", name), one) for name, one in practice.questions.items()),
    ]
    for loc, one in every:
        if one.source is not None and one.source not in catalog.sources:
            near = did_you_mean(one.source, catalog.sources)
            hint = near or "sources stand in content/evidence.yaml"
            yield (*loc, "source"), f"there is no source '{one.source}'", hint


def _of_default(
    loc: Loc, default: Marginal, mine: list[Number | OneOf | SeveralOf]
) -> Iterator[_Found]:
    """Yield what is wrong with a default: it hangs on no question, and answers at least one."""
    if default.given or default.way == "number":
        said = "a default is one_of or several_of, and the same for everybody"
        yield loc, said, "name the question instead"
    elif not mine:
        hint = f"its options are {listed(default.options)}"
        yield loc, "no question is answered by this default", hint
    else:
        yield from _of_draw(loc, default, mine[0])


def _of_facts(loc: Loc, marginal: Marginal, before: AbstractSet[str]) -> Iterator[_Found]:
    """Yield what a hidden fact, or the draw of an answer, reads that is not drawn before it."""
    for where, draw in ((loc, marginal), *_given(loc, marginal)):
        read = {**draw.times, **(draw.normal.plus if draw.normal else {})}
        read |= {one.name: 0 for one, _ in clauses(draw.when)} if isinstance(draw, Given) else {}
        for name in sorted(read.keys() - before):
            hint = did_you_mean(name, before) or "it may read only what is drawn before it"
            yield where, f"'{name}' is not drawn before this", hint


def _given(loc: Loc, marginal: Marginal) -> Iterator[tuple[Loc, Given]]:
    for place, given in enumerate(marginal.given):
        yield (*loc, "given", place), given


def _of_question(
    names: Names,
    hidden: Sequence[str],
    loc: Loc,
    marginal: Marginal,
    question: Number | OneOf | SeveralOf,
) -> Iterator[_Found]:
    """Yield what is wrong with its draws, and conditions that read what is not asked before it."""
    yield from _of_draw(loc, marginal, question)
    before = {name for name, at in names.asked_at.items() if at < names.asked_at[question.id]}
    for here, given in _given(loc, marginal):
        yield from _of_draw(here, given, question)
        for clause, _ in clauses(given.when):
            if clause.name in hidden:
                continue
            if clause.name not in before:
                hint = did_you_mean(clause.name, before) or "it may read questions only"
                said = f"'{clause.name}' is not asked before '{question.id}'"
                yield (*here, "when"), said, hint
            elif wrong := names.complaint(clause):
                yield (*here, "when"), *wrong[1:]


def _of_draw(loc: Loc, draw: Draw, question: Number | OneOf | SeveralOf) -> Iterator[_Found]:
    here = (*loc, draw.way)
    if not isinstance(question, _TYPES[draw.way]):
        said = f"'{question.id}' is not answered with {draw.way}"
        yield here, said, f"write {question.type}"
    elif draw.normal is not None:
        if draw.normal.low is None or draw.normal.high is None:
            yield here, f"'{question.id}' needs 'low' and 'high'", question.allowed
    elif isinstance(question, Number):
        for place, one in enumerate(draw.number or ()):
            if not question.low <= one.low <= one.high <= question.high:
                said = f"'{question.id}' cannot be drawn from {one.low} to {one.high}"
                yield (*here, place), said, question.allowed
    else:
        for option in sorted(draw.options.keys() - _drawn(question)):
            said = f"'{question.id}' has no option '{option}' to draw"
            yield (*here, option), said, question.allowed
        if missing := sorted(_drawn(question) - draw.options.keys()):
            said = f"'{question.id}' leaves out {listed(missing)}"
            yield here, said, "write 0 for what nobody picks"
    weights = draw.options.values() if draw.one_of else [one.weight for one in draw.number or ()]
    if draw.way in {"one_of", "number"} and not sum(weights):
        yield here, f"'{question.id}' weighs nothing: something needs more than 0", ""


def _drawn(question: OneOf | SeveralOf) -> frozenset[str]:
    """Return the options that are drawn; nobody who picks none of several needs to be drawn."""
    return frozenset(question.labels) - ({NONE} if isinstance(question, SeveralOf) else set())
