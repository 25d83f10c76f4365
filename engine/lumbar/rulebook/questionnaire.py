"""Questions, what answers each takes, who is asked it, and scores: what makes facts of answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Literal, get_args

from lumbar.reading.problems import did_you_mean, listed
from lumbar.reading.record import Limit, Record, ToldBy
from lumbar.rulebook.conditions import Condition, Facts, Truth, Value
from lumbar.rulebook.parsing import ConditionText
from lumbar.rulebook.scores import Code, Score

NONE = "none"  # the exclusive option of every several-of question
UNSURE = "unsure"
ANSWERED_ON = "answered_on"  # the day, and
QUESTIONNAIRE = "questionnaire"  # the version of the questions: what an answers file says besides

# Decisive acts alone; contributing counts with others and alone sends nobody today; background is
# old, unchanged or already looked at, or makes others count more, and alone changes nothing.
SignKind = Literal["decisive", "contributing", "background"]
SIGN_KINDS: tuple[SignKind, ...] = get_args(SignKind)  # the most serious first

# A part of the body that can be shown on a picture of it, from the head down.
Region = Literal["upper_back", "low_back", "buttock", "thigh", "lower_leg", "foot"]

Values = Mapping[str, Value]  # typed answers by question
Fault = tuple[str, str, str]  # the code, message and hint of what is wrong with an answer


class Option(Record):
    """One thing a person can pick; `points` where a score adds it up, its own kind of `sign`.

    `wishes` are the items of which whoever picks it wants one: they get it, or hear why not.
    `watch_for` is that of a question, for this option of several. `regions` of the body are where
    this is: a question that has them is shown with a picture.
    """

    id: str
    label: str
    points: int | None = None
    sign: SignKind | None = None
    wishes: tuple[str, ...] = ()
    watch_for: str | None = None
    regions: tuple[Region, ...] = ()


class Known(Record):
    """From which visit something is known: the `answer` given there to a number, else how many days
    ago it was.
    """

    visit: Literal["first", "last"]
    answer: str | None = None


class _Question(Record):
    """What every question has.

    `sign` is the kind of each of its answers but the harmless one, unless an option has its own.
    `tick` is its line on the card of its topic. What `changes` daily is asked again when answers
    are older than a day, and so is every sign.
    """

    id: str
    name: str
    text: str
    help: str
    why: str
    tick: str | None = None
    sign: SignKind | None = None
    shown_when: ConditionText | None = None
    watch_for: str | None = None
    changes: Literal["daily"] | None = None
    code: Code | None = None

    @property
    def asked(self) -> bool:
        """Whether a person is asked it: not what the program knows from an earlier visit."""
        return True


class Number(_Question):
    """A whole number from `low` to `high` in `unit`, of which there is `one`; `units` are others to
    type, in that unit.

    It cannot be under the answer to the question `at_least`, nor over that to `at_most`: both are
    asked before it, in this unit or in one of `units`. What is `known` from an earlier visit is
    asked of nobody, and never open.
    """

    type: Literal["number"]
    low: int
    high: int
    unit: str
    one: str | None = None
    units: Mapping[str, int] = field(default_factory=dict)
    example: int
    at_least: str | None = None
    at_most: str | None = None
    better_to_worse: Literal["ascending"] | None = None
    known: Known | None = None

    def __post_init__(self) -> None:
        if self.known and self.shown_when:
            raise ValueError("what is known from an earlier visit is not shown")

    @property
    def asked(self) -> bool:
        return self.known is None

    def fault(self, raw: object) -> Fault | None:
        """Return code, message and hint where `raw` is no answer to this question."""
        if not isinstance(raw, int) or isinstance(raw, bool):
            said = f"'{self.id}' should be a whole number, not {written(raw)}"
            return "wrong-type", said, self.allowed
        if not self.low <= raw <= self.high:
            return "out-of-range", f"'{self.id}' cannot be {raw}", self.allowed
        return None

    @property
    def kinds(self) -> Mapping[str, SignKind]:
        """No number is a sign by itself: `sign` is the kind of the question as a whole."""
        return {}

    @property
    def kind(self) -> SignKind | None:
        return self.sign

    @property
    def harmless(self) -> int:
        """The raw answer that is no sign."""
        return self.example

    @property
    def bounds(self) -> tuple[Any, ...]:
        return self.low, self.high

    @property
    def allowed(self) -> str:
        return f"allowed: {self.low} to {self.high} {self.unit}"

    def typed(self, raw: Any) -> Value:
        return int(raw)

    def contradicted(self, value: int, others: Values, asked: Mapping[str, Any]) -> Number | None:
        """Return the question whose answer makes this one impossible, of `others` to `asked`."""
        for name, least in ((self.at_least, True), (self.at_most, False)):
            if name is None or name not in others:
                continue
            other: Number = asked[name]
            said: Any = others[name]
            times = self.units.get(other.unit, 0)
            if value < said if least else value > (times * (said + 1) if times else said):
                return other
        return None

    def in_words(self, value: Any) -> str:
        """Return a number in the largest unit that it is a whole number of: 42 days as 6 weeks."""
        whole = [(times, name) for name, times in self.units.items() if value and not value % times]
        times, unit = max(whole, default=(1, self.unit))
        number = value // times
        if number != 1:
            return f"{number} {unit}"
        return f"1 {singular(unit) if whole else self.one or unit}"


def singular(unit: str) -> str:
    """Return what one of a unit is called: a week of weeks."""
    return unit.removesuffix("s")


class _Choice(_Question):
    options: tuple[Option, ...]

    @property
    def best(self) -> str:
        """The option that is never a sign."""
        return NONE

    @cached_property
    def kinds(self) -> Mapping[str, SignKind]:
        """The kind of sign that each option is, of those that are one."""
        every = ((one.id, one.sign or self.sign) for one in self.options)
        return {name: kind for name, kind in every if kind and name != self.best}

    @cached_property
    def kind(self) -> SignKind | None:
        """The most serious kind that an answer can be."""
        return min(self.kinds.values(), key=SIGN_KINDS.index, default=None)

    @cached_property
    def labels(self) -> Mapping[str, str]:
        return {option.id: option.label for option in self.options}

    @property
    def bounds(self) -> tuple[Any, ...]:
        return tuple((option.id, option.points) for option in self.options)

    @property
    def allowed(self) -> str:
        return f"allowed: {listed(self.labels)}"

    def _unknown(self, raw: object) -> Fault:
        hints = filter(None, (did_you_mean(str(raw), self.labels), self.allowed))
        return "unknown-option", f"'{self.id}' has no option {written(raw)}", "; ".join(hints)


class OneOf(_Choice):
    """One of several options."""

    type: Literal["one_of"]
    example: str
    better_to_worse: tuple[str, ...] | None = None

    @cached_property
    def best(self) -> str:
        """The option that is no sign: the best, or `no`; where neither can be told, the example."""
        best = (*(self.better_to_worse or ()), "no", NONE)
        return next((one for one in best if one in self.labels), self.example)

    @property
    def harmless(self) -> str:
        """The raw answer that is no sign."""
        return self.best

    def alone(self, option: str) -> Any:
        """Return the raw answer that says this and nothing else."""
        return option

    def fault(self, raw: object) -> Fault | None:
        """Return code, message and hint where `raw` is no answer to this question."""
        if not isinstance(raw, str):
            said = f"'{self.id}' should be one option, not {written(raw)}"
            return "wrong-type", said, self.allowed
        return None if raw in self.labels else self._unknown(raw)

    def typed(self, raw: Any) -> Value:
        return str(raw)

    def in_words(self, value: Any) -> str:
        return self.labels[value]

    @cached_property
    def points(self) -> Mapping[str, int]:
        return {option.id: option.points for option in self.options if option.points is not None}


class SeveralOf(_Choice):
    """Any number of options, or `none` alone; `by_itself` it is not on the card of its topic."""

    type: Literal["several_of"]
    example: tuple[str, ...]
    by_itself: Literal["yes"] | None = None

    def __post_init__(self) -> None:
        if self.by_itself and self.tick:
            raise ValueError("what is asked by itself has no line on a card")

    @property
    def harmless(self) -> tuple[str, ...]:
        """The raw answer that is no sign: the example's, or `none` where one of it is a sign."""
        return (NONE,) if self.kinds.keys() & self.example else self.example

    def alone(self, option: str) -> Any:
        """Return the raw answer that says this and nothing else."""
        return (option,)

    def fault(self, raw: object) -> Fault | None:
        """Return code, message and hint where `raw` is no answer to this question."""
        if not isinstance(raw, (list, tuple, set, frozenset)) or not all(
            isinstance(one, str) for one in raw
        ):
            said = f"'{self.id}' should be a list of options, not {written(raw)}"
            return "wrong-type", said, self.allowed
        unknown = next((one for one in sorted(raw) if one not in self.labels), None)
        if unknown is not None:
            return self._unknown(unknown)
        if not raw:
            hint = f"for none of these, say [{NONE}]; {self.allowed}"
            return "empty-list", f"'{self.id}' names no option", hint
        if NONE in raw and set(raw) != {NONE}:
            said = f"'{self.id}' says '{NONE}' together with {listed(sorted(set(raw) - {NONE}))}"
            return "contradictory", said, f"keep '{NONE}' or the others"
        return None

    def typed(self, raw: Any) -> Value:
        return frozenset(raw)

    def in_words(self, value: Any) -> str:
        return ", ".join(label for option, label in self.labels.items() if option in value)


def asked_again(question: Number | OneOf | SeveralOf) -> bool:
    """Return whether an answer is soon too old to count: a sign, and what changes day by day."""
    return question.changes is not None or question.kind in {"decisive", "contributing"}


Question = Annotated[Number | OneOf | SeveralOf, ToldBy("type")]


class Topic(Record):
    """One screen: a small group of questions that belong together; `card` asks them all at once."""

    id: str
    title: str
    intro: str = ""
    card: str | None = None
    shown_when: ConditionText | None = None
    questions: Annotated[tuple[Question, ...], Limit(min_length=1)]


class QuestionnaireFile(Record):
    """`content/questionnaire.yaml`."""

    topics: Annotated[tuple[Topic, ...], Limit(min_length=1)]


@dataclass(frozen=True)
class Questionnaire:
    """The topics in the order they are asked, and the scores; thresholds are put in as numbers."""

    topics: tuple[Topic, ...]
    scores: tuple[Score, ...]

    @cached_property
    def questions(self) -> Mapping[str, Number | OneOf | SeveralOf]:
        """Every question by id, in the order they are asked."""
        return {question.id: question for topic in self.topics for question in topic.questions}

    @cached_property
    def shown_when(self) -> Mapping[str, tuple[Condition, ...]]:
        """What must be true for each question to be asked: its topic's condition and its own."""
        return {
            question.id: tuple(filter(None, (topic.shown_when, question.shown_when)))
            for topic in self.topics
            for question in topic.questions
        }

    @cached_property
    def place(self) -> Mapping[str, int]:
        """The place of each question in the order in which they are asked."""
        return {name: place for place, name in enumerate(self.questions)}

    @cached_property
    def score_of(self) -> Mapping[str, Score]:
        """The scores by id."""
        return {score.id: score for score in self.scores}

    @cached_property
    def known(self) -> Mapping[str, Known]:
        """What the program itself tells, from the visits before, of who comes again."""
        numbers = (one for one in self.questions.values() if isinstance(one, Number))
        return {one.id: one.known for one in numbers if one.known}

    @cached_property
    def version(self) -> str:
        """A short hash of all that gives answers their meaning, scores included; words are not."""
        from hashlib import sha256

        asked = (
            (one.type, name, one.bounds, self.shown_when[name])
            for name, one in self.questions.items()
        )
        scores = ((one.id, one.sum, one.mean, one.count, one.fall) for one in self.scores)
        return sha256(repr((*asked, *scores)).encode()).hexdigest()[:12]

    @cached_property
    def _points(self) -> Mapping[str, Mapping[str, int]]:
        return {one.id: one.points for one in self.questions.values() if isinstance(one, OneOf)}

    @cached_property
    def least(self) -> Mapping[str, int]:
        """The least that an answer to each question can add to a score."""
        numbers = {one.id: one.low for one in self.questions.values() if isinstance(one, Number)}
        return numbers | {one: min(few.values(), default=0) for one, few in self._points.items()}

    def walk(self, answers: Values) -> Iterator[tuple[str, Truth]]:
        """Yield every question with whether it applies; unknown where an answer before it is open.

        A question that hangs on one that does not apply does not apply either. What is known from
        an earlier visit applies where it is told.
        """
        return self._walk(answers, {}, set())

    def _walk(
        self, answers: Values, known: dict[str, Value], unanswered: set[str]
    ) -> Iterator[tuple[str, Truth]]:
        """Walk, and leave in `known` and `unanswered` what the answers come to."""
        facts, told = Facts(known, unanswered), self.known
        for name, conditions in self.shown_when.items():
            if name in told:
                applies: Truth = name in answers
            else:
                applies = _all(conditions, facts) if conditions else True
            yield name, applies
            if name in told or applies is not False:
                if name in answers:
                    known[name] = answers[name]
                elif name not in told:
                    unanswered.add(name)

    def applies(self, name: str, facts: Facts) -> Truth:
        """Return whether a question is asked of whom these facts are."""
        return _all(self.shown_when[name], facts)

    @cached_property
    def hanging(self) -> Mapping[str, frozenset[str]]:
        """What each question that is not asked of everybody hangs on, directly."""
        return {
            name: frozenset(read for condition in conditions for read in condition.reads)
            for name, conditions in self.shown_when.items()
            if conditions
        }

    def facts(self, answers: Values) -> tuple[Facts, tuple[str, ...]]:
        """Return the facts, scores included, and the answered questions that do not apply."""
        known: dict[str, Value] = {}
        unanswered: set[str] = set()
        walk = self._walk(answers, known, unanswered)
        misplaced = [name for name, applies in walk if applies is False and name in answers]
        facts = Facts(known, frozenset(unanswered))
        for score in self.scores:
            known[score.id] = self.total(score, facts)
        return facts, tuple(misplaced)

    def total(self, score: Score, facts: Facts) -> Value:
        """Return what a score comes to."""
        return score.value(facts, self.least, self._points)

    def example(self, over: Mapping[str, Any] | None = None) -> dict[str, Value]:
        """Return the example person's answers, with raw ones laid over; None leaves one open."""
        answers: dict[str, Value] = {}
        over = over or {}
        for name, applies in self.walk(answers):
            question = self.questions[name]
            if name in self.known:
                value = over.get(name)
            else:
                value = None if applies is False else over.get(name, question.example)
            if value is not None:
                answers[name] = question.typed(value)
        return answers

    def unlike_example(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Return what `example` needs to give these raw answers; None for what was left open."""
        typed = {name: one.typed(raw[name]) for name, one in self.questions.items() if name in raw}
        usual = {name: one.typed(one.example) for name, one in self.questions.items()}
        return {
            name: tuple(raw[name]) if isinstance(raw.get(name), list) else raw.get(name)
            for name, applies in self.walk(typed)
            if applies is not False and (typed.get(name) != usual[name] or name in self.known)
        }

    def in_words(self, name: str, value: Value) -> str:
        """Return an answer as the person would read it: 'Your age: 42 years'."""
        question = self.questions[name]
        return f"{question.name}: {question.in_words(value)}"


def _all(conditions: tuple[Condition, ...], facts: Facts) -> Truth:
    """Return whether all are true; unknown only where a question that was asked is open."""
    result: Truth = True
    for condition in conditions:
        truth = condition.truth(facts)
        if truth is False:
            return False
        if truth is None:
            result = None
    read = (name for condition in conditions for name in condition.reads)
    return result if result or not facts.unanswered.isdisjoint(read) else False


def written(raw: object) -> str:
    """Return a raw answer as it stands in a file, safe to print and cut after 60 characters."""
    if raw is None:
        return "nothing"
    text = f"'{raw}'" if isinstance(raw, str) else json.dumps(raw, default=str)
    # what a terminal would obey rather than show, and half a character, is written out
    text = "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in text)
    return text if len(text) <= 60 else f"{text[:57]}..."
