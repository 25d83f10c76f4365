"""Items of care, their doses, the evidence register, the operator's words and the safety net."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from lumbar.reading.record import Before, Limit, Record
from lumbar.rulebook.conditions import Condition, Facts
from lumbar.rulebook.parsing import ConditionText

Kind = Literal["practitioner", "rest", "heat", "exercise", "massage", "belt", "work", "habit"]
Label = Literal[
    "guideline_strong",
    "guideline_conditional",
    "trial_limited",
    "comfort_only",
    "traditional_only",
    "guideline_against",
]
Urgency = Literal["emergency", "same_day", "within_days", "routine", "self_care"]
URGENCIES: tuple[Urgency, ...] = (
    "emergency",
    "same_day",
    "within_days",
    "routine",
    "self_care",
)  # most urgent first

Direction = Literal["for", "against", "mixed"]
Strength = Literal["strong", "conditional", "weak", "none"]
Certainty = Literal["high", "moderate", "low", "very_low", "none"]

Words = Annotated[str, Limit(min_length=1)]
Lines = Annotated[tuple[Words, ...], Limit(min_length=1)]


class Citation(Record):
    """One source for or against: on an item, its use; on a rule, what the rule does.

    `strength` and `certainty` are as the source itself grades them.
    """

    source: str
    direction: Direction
    strength: Strength = "none"
    certainty: Certainty = "none"
    note: str = ""


Citations = Annotated[tuple[Citation, ...], Limit(min_length=1)]


class Source(Record):
    """One entry of the evidence register; `read` says how closely it was read."""

    id: str
    title: Words
    publisher: Words
    year: int | Literal["unknown"]
    link: Words
    kind: Literal[
        "guideline", "systematic_review", "trial", "cohort", "case_report", "review", "pathway",
        "leaflet", "instrument", "terminology", "regulation", "traditional", "lay",
        "textbook_knowledge", "proposal",
    ]  # fmt: skip
    read: Literal["excerpt", "secondary", "not_verified", "own_proposal"]
    says: Words


class Dose(Record):
    """How much of an item; doses are listed gentlest first. `minutes` of the person's day, 0 where
    it takes none.

    `days_at_most` is for how many days on end, where the text sets such a limit.
    """

    id: Literal["gentle", "standard", "full"]
    text: Words
    minutes: Annotated[int, Limit(ge=0, le=60)]
    days_at_most: Annotated[int, Limit(ge=1)] | None = None


Doses = Annotated[tuple[Dose, ...], Limit(min_length=1)]


class LabelWhen(Record):
    """Another label for those of whom `when` is true, such as those whose pain has lasted long."""

    when: ConditionText
    label: Label
    label_note: Words


class _Item(Record):
    """What every item of care has; of `label_when` the first that is true holds."""

    name: Words
    summary: Words
    label: Label
    label_note: Words
    label_when: tuple[LabelWhen, ...] = ()
    tags: tuple[str, ...]
    evidence: Citations
    doses: tuple[Dose, ...] = ()
    not_for: tuple[Words, ...] = ()
    source_says: str = ""
    we_changed: str = ""


class Called(Record):
    """A technique's names."""

    english: Words
    pinyin: Words
    characters: Words


class Technique(_Item):
    """A self-massage technique of the source."""

    called: Called
    position: Words
    hands: Words
    where: Words
    steps: Lines
    doses: Doses
    should_feel: Words
    should_not_feel: Words
    stop_if: Lines
    not_for: Lines
    source_says: Words
    we_changed: Words


class Exercise(_Item):
    """An exercise, with its progression and the pain it may cause."""

    position: Words
    steps: Lines
    doses: Doses
    progress: Words
    should_feel: Words
    stop_if: Lines
    not_for: Lines
    swap_for: tuple[str, ...]


class Advice(_Item):
    """Rest, belt, heat, work and everyday habits."""

    steps: Lines
    stop_if: tuple[Words, ...] = ()


class Practitioner(_Item):
    """Somebody to see: how soon, why, what to ask and what to tell them."""

    how_soon: Words
    why_them: Words
    ask: Lines
    tell: Lines
    bring: tuple[Words, ...] = ()


Item = Technique | Exercise | Advice | Practitioner


def labelled(item: Item, facts: Facts) -> tuple[Label, str]:
    """Return an item's label and its note for somebody."""
    held = (one for one in item.label_when if one.when.truth(facts) is True)
    one = next(held, item)
    return one.label, one.label_note


def labels_of(item: Item) -> frozenset[Label]:
    """Return every label that an item has for somebody."""
    return frozenset({item.label, *(one.label for one in item.label_when)})


SHAPES: Mapping[str, type[Item]] = {
    "practitioner": Practitioner,
    "rest": Advice,
    "heat": Advice,
    "exercise": Exercise,
    "massage": Technique,
    "belt": Advice,
    "work": Advice,
    "habit": Advice,
}


def kind_of(item: str) -> str:
    """Return the kind of an item from its id: 'massage' of 'massage/knead'."""
    return item.partition("/")[0]


class Calls(Record):
    """Whom to call, in words that fit inside a sentence."""

    emergency_number: Words
    urgent_line: Words
    crisis_line: Words


class Operator(Record):
    """`content/operator.yaml`: who runs Lumbar, where, and whom to call there, each None until it
    is set; `anywhere` says what to call in words that are true of every country.
    """

    name: Words | None = None
    country: Words | None = None
    emergency_number: Words | None = None
    urgent_line: Words | None = None
    crisis_line: Words | None = None
    anywhere: Calls

    @property
    def not_set(self) -> tuple[str, ...]:
        """The names of what nobody has set yet."""
        return tuple(name for name, said in self if said is None)

    def fill(self, text: str) -> str:
        """Return a text with the operator's words put in for their names in braces."""
        for name, anywhere in self.anywhere if "{" in text else ():
            text = text.replace(f"{{{name}}}", getattr(self, name) or anywhere)
        return text


class Recheck(Record):
    """When to answer the questions again."""

    after_days: Annotated[int, Limit(ge=0, le=60)]
    text: Words


class Sign(Record):
    """A line to watch for; with `when`, not for those of whom that is false."""

    text: Words
    when: ConditionText | None = None


def that_matter(signs: Iterable[Sign], facts: Facts) -> tuple[str, ...]:
    """Return the lines that can matter for somebody; what was left open may be true."""
    return tuple(one.text for one in signs if one.when is None or _may_be(one.when, facts))


def _may_be(condition: Condition, facts: Facts) -> bool:
    truth = condition.truth(facts)
    return not facts.unanswered.isdisjoint(condition.reads) if truth is None else truth


def _sign(given: object) -> object:
    return {"text": given} if isinstance(given, str) else given


Signs = Annotated[tuple[Annotated[Sign, Before(_sign)], ...], Limit(min_length=1)]


class SafetyNet(Record):
    """`content/safety_net.yaml`: when to seek help; `come_back` is the short list of every plan."""

    come_back: Signs
    go_now: Signs
    same_day: Signs
    stop_rules: Lines
    while_you_wait: Mapping[Literal["emergency", "same_day"], Signs]
    recheck: Mapping[Urgency, Recheck]
