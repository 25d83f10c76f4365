"""The figures of an audit, and what must be reached of each: `rules/audit.yaml`."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from statistics import mean, median, quantiles
from typing import Any

from pydantic import Field, model_validator

from lumbar.reading.model import Model
from lumbar.review.audit.seen import SIMPLE, Seen
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.files import Files
from lumbar.rulebook.items import URGENCIES, Urgency
from lumbar.rulebook.questionnaire import NONE, SeveralOf

FILE = "rules/audit.yaml"
PLANNED: tuple[Urgency, ...] = ("routine", "self_care")
TODAY: tuple[Urgency, ...] = ("emergency", "same_day")
SOON: tuple[Urgency, ...] = (*TODAY, "within_days")
_PAIRS = 400  # people whose exercises are compared, each with each


class Goal(Model):
    """One figure: what it tells, what it should reach, and what it has reached and must keep."""

    id: str
    says: str
    at_least: float | None = None
    at_most: float | None = None
    held: float | None = None
    note: str = ""

    @model_validator(mode="after")
    def _one_way(self) -> "Goal":
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("a figure has either at_least or at_most")
        return self

    def kept(self, value: float) -> bool:
        """Return whether a value is no worse than what is held, or the goal where nothing is."""
        return self._reaches(value, self.held)

    def reached(self, value: float) -> bool:
        """Return whether a value reaches the goal."""
        return self._reaches(value, None)

    def _reaches(self, value: float, held: float | None) -> bool:
        if self.at_least is not None:
            return value >= (self.at_least if held is None else held)
        return value <= (self.at_most if held is None else held)  # type: ignore[operator]


class Goals(Model):
    """`rules/audit.yaml`: the figures, and the people they are held on."""

    people: int = Field(ge=100)
    seed: str
    figures: tuple[Goal, ...]


def read_goals(root: Path) -> Goals | None:
    """Return the goals of a rule set, or None; raise BadCatalogError as `load` does."""
    if not (root / FILE).exists():
        return None
    from lumbar.reading.problems import BadCatalogError

    files = Files(root)
    goals: Goals | None = files.record(FILE, Goals)
    if files.problems:
        raise BadCatalogError(files.problems)
    return goals


def figures(catalog: Catalog, found: Mapping[str, Sequence[Seen]]) -> dict[str, float]:
    """Return every figure by id, rounded as it is printed; shares are of 100."""
    simple = [one for one in found["all"] if one.cause == SIMPLE]
    told: dict[str, float] = {
        "simple-planned": _share(simple, lambda one: one.urgency in PLANNED and bool(one.shown)),
        "simple-self-care": _share(simple, lambda one: one.urgency == "self_care"),
        "simple-emergency": _share(simple, lambda one: one.urgency == "emergency"),
        "simple-same-day": _share(simple, lambda one: one.urgency == "same_day"),
        "simple-within-days": _share(simple, lambda one: one.urgency == "within_days"),
        "thinned-planned": _share(found["thinned"], _planned),
        "unsure-planned": _share(found["unsure"], _planned),
        **dict(_of_causes(catalog, found)),
        **_of_length(simple),
        **_of_plans(catalog, [one for one in found["all"] if _planned(one)]),
    }
    return {name: round(value, 2) for name, value in told.items()}


def _share(people: Sequence[Seen], of: Callable[[Seen], bool]) -> float:
    return 100 * sum(map(of, people)) / len(people) if people else 0.0


def _planned(one: Seen) -> bool:
    return one.urgency in PLANNED


_NERVES = frozenset(
    [
        "bladder_start",
        "bladder_control",
        "bladder_leak",
        "bladder_flow_feeling",
        "bladder_fullness",
        "bowel_control",
        "bowel_feeling",
        "saddle_genitals",
        "saddle_back_passage",
        "saddle_wiping",
        "sexual_function",
        "sexual_feeling",
        "legs_weak_both",
        "walking_unsteady",
        "leg_weakness",
        "foot_drop",
    ]
)
_FORWARDS = frozenset({"flexion", "lean_forward"})  # tags of items
_BACKWARDS = "extension"


def _of_causes(
    catalog: Catalog, found: Mapping[str, Sequence[Seen]]
) -> Iterator[tuple[str, float]]:
    for cause in ("ces", "aneurysm", "infection", "cancer", "organ", "dvt", "fracture"):
        people = found.get(cause, ())
        yield f"{cause}-today", _share(people, lambda one: one.urgency in TODAY)
        if cause != "ces":  # all of them must be seen today
            yield f"{cause}-soon", _share(people, lambda one: one.urgency in SOON)
    plain = [one for one in found.get("sciatica", ()) if not one.signs & _NERVES]
    yield "sciatica-today", _share(plain, lambda one: one.urgency in TODAY)
    eased = [one for one in found.get("stenosis", ()) if one.findings.get("claudication_suspected")]
    in_time: tuple[Urgency, ...] = (*PLANNED, "within_days")
    yield (
        "stenosis-flexion",
        _share(eased, lambda one: one.urgency in in_time and bends(catalog, one)),
    )


def bends(catalog: Catalog, one: Seen) -> bool:
    """Return whether somebody's exercises bend or lean forwards, and none arches."""
    tags = {tag for item in filter(_is_exercise, one.shown) for tag in catalog.items[item].tags}
    return bool(tags & _FORWARDS) and _BACKWARDS not in tags


def _of_length(people: Sequence[Seen]) -> dict[str, float]:
    told = [one.length for one in people if one.length is not None]
    answers = [one.answers for one in told] or [0, 0]
    return {
        "answers-median": median(answers),
        "answers-most": quantiles(answers, n=20)[-1],
        "screens-median": median([one.screens for one in told] or [0]),
        "minutes-median": median([one.minutes for one in told] or [0]),
    }


def _of_plans(catalog: Catalog, people: Sequence[Seen]) -> dict[str, float]:
    kinds = wished_by(catalog)
    asked = [one for one in people if _wanted(one)]
    open_to = [one for one in asked if any(fit(one, item, kinds) for item in kinds)]
    belts = [one for one in people if one.wishes.get("belt_wish") in {"has", "wants"}]
    alike = likeness(people)
    return {
        "exercise": _share(people, lambda one: any(map(_is_exercise, one.shown))),
        "massage-wish": _share(open_to, lambda one: any(item in one.shown for item in kinds)),
        "technique-least": min((share for _, share in techniques(catalog, people)), default=0),
        "belt-answered": _share(belts, belt_answered),
        "likeness-mean": mean(alike) if alike else 0,
        "likeness-most": max(alike, default=0),
    }


def _is_exercise(item: str) -> bool:
    return item.startswith("exercise/")


def _wanted(one: Seen) -> frozenset[str]:
    return frozenset(one.wishes.get("massage_wish", ())) - {NONE}


def wished_by(catalog: Catalog) -> Mapping[str, frozenset[str]]:
    """Return for each massage technique the kinds of massage whose wish it answers."""
    wish = catalog.questionnaire.questions["massage_wish"]
    assert isinstance(wish, SeveralOf)
    items = dict.fromkeys(item for option in wish.options for item in option.wishes)
    return {
        item: frozenset(option.id for option in wish.options if item in option.wishes)
        for item in items
    }


def fit(one: Seen, item: str, kinds: Mapping[str, frozenset[str]]) -> bool:
    """Return whether somebody wished for the kind of a technique, and no caution is against it."""
    return bool(_wanted(one) & kinds[item]) and item not in one.kept_out


def techniques(catalog: Catalog, people: Sequence[Seen]) -> Iterator[tuple[str, float]]:
    """Yield for each technique its share among those who wished its kind and have no caution."""
    kinds = wished_by(catalog)
    for item in sorted(kinds):
        mine = [one for one in people if fit(one, item, kinds)]
        yield item, _share(mine, lambda one, item=item: item in one.shown)  # type: ignore[misc]


def belt_answered(one: Seen) -> bool:
    """Return whether a wish for a belt is answered: one is shown, or a rule says why not."""
    belts = {item for item in (*one.shown, *one.kept_out) if item.startswith("belt/")}
    return bool(belts)


def likeness(people: Sequence[Seen]) -> list[float]:
    """Return how alike the exercises are of people who differ in phase and severity (Jaccard)."""
    some = [one for one in people if any(map(_is_exercise, one.shown))][:_PAIRS]
    told = [
        (one.findings.get("phase"), one.findings.get("severity"), _exercises(one)) for one in some
    ]
    return [
        len(mine & other) / len(mine | other)
        for (phase, pain, mine), (phase2, pain2, other) in combinations(told, 2)
        if phase != phase2 and pain != pain2
    ]


def _exercises(one: Seen) -> frozenset[str]:
    return frozenset(filter(_is_exercise, one.shown))


def urgent_rules(people: Sequence[Seen]) -> list[tuple[Urgency, str, float, float]]:
    """Return the rules that raise the urgency of people: how often each fires, and how often
    nothing else is as urgent, in hundredths; the most frequent first.
    """
    fires: Counter[tuple[Urgency, str]] = Counter()
    alone: Counter[tuple[Urgency, str]] = Counter()
    for one in people:
        for rule, urgency in one.refers.items():
            if urgency != "self_care":
                fires[urgency, rule] += 1
        as_urgent = [rule for rule, said in one.refers.items() if _sooner(said, one.urgency)]
        if len(as_urgent) == 1:
            alone[one.urgency, as_urgent[0]] += 1
    whole = len(people) or 1
    rows = [
        (urgency, rule, 100 * often / whole, 100 * alone[urgency, rule] / whole)
        for (urgency, rule), often in fires.items()
    ]
    return sorted(rows, key=lambda row: (URGENCIES.index(row[0]), -row[2], row[1]))


def _sooner(said: Urgency, urgency: Urgency) -> bool:
    return URGENCIES.index(said) <= URGENCIES.index(urgency)


def missing(people: Iterable[Seen], item: str) -> Counter[str]:
    """Count why people who could have an item do not: the rule that keeps it out, or no room."""
    why: Counter[str] = Counter()
    for one in people:
        if item in one.shown:
            continue
        if item in one.kept_out:
            why.update(one.kept_out[item][:1])
        else:
            why["no room or time" if item in one.offered else "not recommended"] += 1
    return why


def by_urgency(people: Sequence[Seen]) -> dict[str, Any]:
    """Return the share of each urgency."""
    return {
        level: round(_share(people, lambda one, level=level: one.urgency == level), 1)  # type: ignore[misc]
        for level in URGENCIES
    }
