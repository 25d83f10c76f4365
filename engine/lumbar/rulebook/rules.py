"""Thresholds, rules, effects, stages and the limits of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from functools import cached_property
from typing import Annotated, Any, Literal

from lumbar.reading.record import Before, Limit, Record, ToldBy
from lumbar.rulebook.items import Citations, Kind, Urgency, Words
from lumbar.rulebook.parsing import ConditionText

Stage = Literal["triage", "profile", "cautions", "care"]
STAGES: tuple[Stage, ...] = ("triage", "profile", "cautions", "care")


class Threshold(Record):
    """A named whole number that conditions compare with."""

    id: str
    value: int
    unit: Words
    means: Words
    source: str
    note: str = ""


class Conclude(Record):
    """A finding: true, or a value."""

    conclude: str
    value: str | None = None


class Refer(Record):
    """Somebody to see, and how soon."""

    refer: str
    urgency: Literal["emergency", "same_day", "within_days", "routine"]


class Recommend(Record):
    """An item, in one of its doses where the rule says which."""

    recommend: str
    dose: Literal["gentle", "standard", "full"] | None = None


class Avoid(Record):
    """An item (`massage/knock`), a whole kind (`massage/*`) or every item with a tag
    (`tag:percussion`).
    """

    avoid: str


Effect = Conclude | Refer | Recommend | Avoid
_VERBS: Mapping[str, str] = {
    "conclude": "Conclude",
    "refer": "Refer",
    "recommend": "Recommend",
    "avoid": "Avoid",
}


def _verb(raw: Any) -> str | None:
    """Tell which effect an entry is by its key: a fault is told for that effect alone."""
    return next(
        (tag for verb, tag in _VERBS.items() if isinstance(raw, Mapping) and verb in raw), None
    )


EffectEntry = Annotated[Effect, ToldBy(_verb)]
ALLOWED: Mapping[Stage, tuple[type[Effect], ...]] = {
    "triage": (Conclude, Refer),
    "profile": (Conclude, Refer),
    "cautions": (Avoid,),
    "care": (Recommend,),
}


def _however_soon(said: Any) -> Any:
    """Turn a list of whom to see into a mapping that leaves open how soon."""
    listed = isinstance(said, tuple | list) and all(isinstance(one, str) for one in said)
    return dict.fromkeys(said) if listed else said


class Expectation(Record):
    """Some of what is decided for a person; what is not said is not looked at.

    `refers_to` lists whom to see, or maps them to how soon; `recommends` has items of the plan, and
    `doses` those that rules ask for. Every item that `avoids` means (`belt/*`, `tag:floor`) is kept
    out by a rule; `leaves_out` has items that are not in the plan, each with a reason or the rule
    that keeps it out. `findings` are `yes`, `no` or a value; `fires` and `silent` are rules.
    """

    urgency: Urgency | None = None
    refers_to: Annotated[Mapping[str, Urgency | None], Before(_however_soon)] = field(
        default_factory=dict
    )
    not_refers_to: tuple[str, ...] = ()
    findings: Mapping[str, str] = field(default_factory=dict)
    avoids: tuple[str, ...] = ()
    recommends: tuple[str, ...] = ()
    doses: Mapping[str, str] = field(default_factory=dict)
    leaves_out: Mapping[str, str] = field(default_factory=dict)
    fires: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()

    def plain(self, *without: str, short: bool = False) -> dict[str, Any]:
        """Return what is expected as plain data; how soon to see somebody, only where it is."""
        told = super().plain(*without, short=short)
        if "refers_to" in told and not any(self.refers_to.values()):
            told["refers_to"] = list(self.refers_to)
        return told


class Example(Record):
    """Answers laid over the example person for whom the rule `fires`, or stays `silent`.

    `gives` is what its person gets then, with the rule itself among those that say so.
    """

    fires: Mapping[str, Any] | None = None
    silent: Mapping[str, Any] | None = None
    gives: Expectation | None = None

    def __post_init__(self) -> None:
        if (self.fires is None) == (self.silent is None):
            raise ValueError("an example says either 'fires' or 'silent'")
        if self.gives is not None and self.fires is None:
            raise ValueError("only an example that fires gives something")

    @property
    def answers(self) -> Mapping[str, Any]:
        """The answers that differ from the example person's."""
        return (self.fires if self.fires is not None else self.silent) or {}

    def expected(self, rule: str) -> Expectation:
        """Return all that is expected of its person, as an example of this rule."""
        if self.fires is None:
            return Expectation(silent=(rule,))
        gives = self.gives or Expectation()
        return replace(gives, fires=(rule, *gives.fires))


class Rule(Record):
    """A condition, its effects, the reason a person reads, and what stands behind it."""

    id: Annotated[str, Limit(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    title: Words
    when: ConditionText
    then: Annotated[tuple[EffectEntry, ...], Limit(min_length=1)]
    because: Words
    note: str = ""
    not_for: str = ""
    evidence: Citations
    status: Literal["draft", "reviewed", "retired"] = "draft"
    examples: tuple[Example, ...] = ()

    @cached_property
    def refers(self) -> tuple[Refer, ...]:
        """The effects that refer."""
        return tuple(effect for effect in self.then if isinstance(effect, Refer))

    @cached_property
    def recommends(self) -> tuple[Recommend, ...]:
        """The effects that recommend."""
        return tuple(effect for effect in self.then if isinstance(effect, Recommend))

    @cached_property
    def avoids(self) -> tuple[Avoid, ...]:
        """The effects that avoid."""
        return tuple(effect for effect in self.then if isinstance(effect, Avoid))

    @cached_property
    def concludes(self) -> Mapping[str, str | bool]:
        """The findings this rule concludes, with their values."""
        every = (effect for effect in self.then if isinstance(effect, Conclude))
        return {effect.conclude: True if effect.value is None else effect.value for effect in every}


class Section(Record):
    """One section of a plan: its items in the order they are shown, and how many at most.

    Items of `first` come before all others, however many rules recommend those. An item of
    `beside` takes no place, and its minutes are not those that a person sets aside. So many as
    `today` says are among what to do today.
    """

    id: str
    kind: Kind
    at_least: Annotated[int, Limit(ge=0)]
    at_most: Annotated[int, Limit(ge=1)]
    minutes_at_most: int | None = None
    today: Annotated[int, Limit(ge=0)] = 0
    first: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    order: tuple[str, ...]


class PlanLimits(Record):
    """`rules/plan.yaml`."""

    version: Words
    minutes_question: str
    today_at_most: Annotated[int, Limit(ge=1)]
    pain_question: str
    pain_high_from: int
    since_last: tuple[str, ...] = ()
    sections: Annotated[tuple[Section, ...], Limit(min_length=1)]
