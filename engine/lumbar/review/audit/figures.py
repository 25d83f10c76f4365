"""The figures of an audit: what each is of the people who were seen."""

from collections import Counter
from collections.abc import Iterator, Mapping
from statistics import median, quantiles

from lumbar.form.table import Words, count
from lumbar.review.audit.likeness import Compared, exercises
from lumbar.review.audit.seen import SIMPLE, Seen, share, soonest
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.items import URGENCIES, Urgency
from lumbar.rulebook.questionnaire import NONE, SeveralOf

PLANNED: tuple[Urgency, ...] = ("routine", "self_care")
TODAY: tuple[Urgency, ...] = ("emergency", "same_day")
SOON: tuple[Urgency, ...] = (*TODAY, "within_days")


def figures(catalog: Catalog, found: Mapping[str, Seen]) -> dict[str, float]:
    """Return every figure by id, rounded as it is printed; shares are of 100.

    Of people of whom nobody knows what they have, only those that need not know it.
    """
    everybody = found["all"]
    told = _of_plans(catalog, everybody)
    if ("cause", SIMPLE) in everybody.of:
        told |= {**_of_simple(catalog, found), **dict(_of_causes(catalog, found))}
        told |= dict(_of_coming_again(found))
    return {name: round(value, 2) for name, value in told.items()}


def _of_simple(catalog: Catalog, found: Mapping[str, Seen]) -> dict[str, float]:
    everybody = found["all"]
    simple, levels = everybody["cause", SIMPLE], by_urgency(everybody, everybody["cause", SIMPLE])
    with_plan = everybody.urgent(PLANNED) & everybody.shows(catalog.items)
    return {
        "simple-planned": share(with_plan, simple),
        "simple-self-care": levels["self_care"],
        "simple-emergency": levels["emergency"],
        "simple-same-day": levels["same_day"],
        "simple-within-days": levels["within_days"],
        "thinned-planned": _within(found, "thinned", PLANNED),
        "unsure-planned": _within(found, "unsure", PLANNED),
        **_of_length(everybody),
    }


def _within(found: Mapping[str, Seen], group: str, levels: tuple[Urgency, ...]) -> float:
    """Return how many of a group should be seen this soon."""
    people = found.get(group)
    return share(people.urgent(levels), people.everybody) if people else 0.0


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


def _of_causes(catalog: Catalog, found: Mapping[str, Seen]) -> Iterator[tuple[str, float]]:
    for cause in ("ces", "aneurysm", "infection", "cancer", "organ", "dvt", "fracture"):
        yield f"{cause}-today", _within(found, cause, TODAY)
        if cause != "ces":  # all of them must be seen today
            yield f"{cause}-soon", _within(found, cause, SOON)
    if some := found.get("sciatica"):
        signs = some.any(("answers", one, said) for one in _NERVES for said in ("new", "unsure"))
        yield "sciatica-today", share(some.urgent(TODAY), some.everybody & ~signs)
    if some := found.get("stenosis"):
        in_time = some.urgent((*PLANNED, "within_days"))
        eased = some["finding", "claudication_suspected", True]
        yield "stenosis-flexion", share(in_time & bends(catalog, some), eased)


# by figure: who come again after how many days, how it goes for them, and what is found of them
_AGAIN = {
    "again-settling-more": (14, "settles", "do_more"),
    "again-settling-less": (14, "settles", "do_less"),
    "again-worsening-less": (14, "worsens", "do_less"),
    "again-settling-visit": (42, "settles", "not_improving"),
    "again-staying-visit": (42, "stays", "not_improving"),
    "again-worsening-visit": (42, "worsens", "not_improving"),
}


def _of_coming_again(found: Mapping[str, Seen]) -> Iterator[tuple[str, float]]:
    """Yield what those with simple back pain are told who come again with nothing more urgent."""
    for figure, (days, outlook, finding) in _AGAIN.items():
        some = found.get(f"after {days} days")
        if some is not None:
            who = some.urgent(PLANNED) & some["outlook", outlook]
            yield figure, share(some["finding", finding, True], who)


def bends(catalog: Catalog, some: Seen) -> Words:
    """Return whose exercises bend or lean forwards, and none of them arches."""
    tags = {item: set(catalog.items[item].tags) for item in exercises(catalog)}
    forwards = some.shows(item for item in tags if tags[item] & _FORWARDS)
    return forwards & ~some.shows(item for item in tags if _BACKWARDS in tags[item])


def _of_length(some: Seen) -> dict[str, float]:
    told = some.lengths
    answers = [one.answers for one in told] or [0, 0]
    return {
        "answers-median": median(answers),
        "answers-most": quantiles(answers, n=20)[-1],
        "screens-median": median([one.screens for one in told] or [0]),
        "minutes-median": median([one.minutes for one in told] or [0]),
    }


def _of_plans(catalog: Catalog, some: Seen) -> dict[str, float]:
    planned, kinds = some.urgent(PLANNED), wished_by(catalog)
    open_to = some.any(())
    for item in kinds:
        open_to = open_to | fit(some, item, kinds)
    belts = some.any(("answers", "belt_wish", said) for said in ("has", "wants"))
    compared = Compared(catalog, some, planned)
    return {
        "exercise": share(some.shows(exercises(catalog)), planned),
        "massage-wish": share(some.shows(kinds), planned & open_to),
        "technique-least": min((one for _, one in techniques(catalog, some, planned)), default=0),
        "belt-answered": share(belt_answered(catalog, some), planned & belts),
        "likeness-mean": compared.exercises_alike(),
        "likeness-today": compared.same_today(),
    }


def wished_by(catalog: Catalog) -> Mapping[str, frozenset[str]]:
    """Return for each massage technique the kinds of massage whose wish it answers."""
    wish = catalog.questionnaire.questions["massage_wish"]
    assert isinstance(wish, SeveralOf)
    items = dict.fromkeys(item for option in wish.options for item in option.wishes)
    return {
        item: frozenset(option.id for option in wish.options if item in option.wishes)
        for item in items
    }


def wished(some: Seen, item: str, kinds: Mapping[str, frozenset[str]]) -> Words:
    """Return who wished for the kind of a technique."""
    return some.any(("answers", "massage_wish", kind) for kind in kinds[item] if kind != NONE)


def fit(some: Seen, item: str, kinds: Mapping[str, frozenset[str]]) -> Words:
    """Return who wished for the kind of a technique, and has no caution against it."""
    return wished(some, item, kinds) & ~some["keeps out", item]


def techniques(catalog: Catalog, some: Seen, who: Words) -> Iterator[tuple[str, float]]:
    """Yield for each technique its share among those who wished its kind and have no caution."""
    kinds = wished_by(catalog)
    for item in sorted(kinds):
        yield item, share(some["shown", item], who & fit(some, item, kinds))


def belt_answered(catalog: Catalog, some: Seen) -> Words:
    """Return whose wish for a belt is answered: one is shown, or a rule says why not."""
    belts = [item for item in catalog.items if item.startswith("belt/")]
    return some.shows(belts) | some.any(("keeps out", item) for item in belts)


def urgent_rules(
    catalog: Catalog, some: Seen, who: Words
) -> list[tuple[Urgency, str, float, float]]:
    """Return the rules that raise the urgency of people: how often each fires, and how often
    nothing else is as urgent, in hundredths; the most frequent first.
    """
    says = {
        rule.id: soon
        for rule in catalog.in_force
        if (soon := soonest(one.urgency for one in rule.refers)) and soon != "self_care"
    }
    alone = {level: who & _by_one(some, says, level) for level in URGENCIES}
    rows = [
        (soon, rule, share(fires, who), share(fires & alone[soon], who))
        for rule, soon in says.items()
        if (fires := some["fires", rule] & who).any()
    ]
    return sorted(rows, key=lambda row: (URGENCIES.index(row[0]), -row[2], row[1]))


def _by_one(some: Seen, says: Mapping[str, Urgency], level: Urgency) -> Words:
    """Return who should be seen this soon as exactly one rule says so."""
    once = twice = some.any(())
    for rule, soon in says.items():
        if soon == level:
            fires = some["fires", rule]
            once, twice = once | fires, twice | once & fires
    return some["urgency", level] & once & ~twice


def missing(catalog: Catalog, some: Seen, who: Words, item: str) -> Counter[str]:
    """Count why people who could have an item do not: the rule that keeps it out, or no room."""
    why: Counter[str] = Counter()
    left = who & ~some["shown", item]
    for rule in catalog.in_force:
        if item in catalog.kept_out[rule.id]:
            why[rule.id] = count(left & some["fires", rule.id])
            left = left & ~some["fires", rule.id]
    offered = some.any(key for key in some.of if key[:2] == ("offers", item))
    why["no room or time"] = count(left & offered)
    why["not recommended"] = count(left & ~offered)
    return +why


def by_urgency(some: Seen, who: Words) -> dict[Urgency, float]:
    """Return the share of each urgency."""
    return {level: share(some["urgency", level], who) for level in URGENCIES}
