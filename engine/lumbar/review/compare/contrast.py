"""Two rule sets over the same people: the formulas that decisions differ, the twin of `by_kind`."""

from collections.abc import Mapping
from itertools import product

from lumbar.form.encoding import Encoding
from lumbar.form.formulas import FALSE, Formula, both, either, opposite
from lumbar.review.compare.kinds import AGREE, CONTRADICT, TO_BE_SEEN, Kind, dose, lower, referral
from lumbar.rulebook.items import URGENCIES, Urgency

Parts = Mapping[str, Formula]  # one difference each, by the line that tells it


class Outcomes:
    """What comes out of one rule set as formulas that hold whether or not its rules conflict."""

    def __init__(self, encoding: Encoding, conflict: Formula) -> None:
        self.items = encoding.catalog.items
        self.conflict = conflict
        sound = opposite(conflict)
        to, soon = TO_BE_SEEN
        self.urgency = {level: both((part, sound)) for level, part in encoding.urgency.items()}
        self.urgency[soon] = either((self.urgency[soon], conflict))
        self.referred = {key: both((part, sound)) for key, part in encoding.referred.items()}
        self.referred[to, soon] = either((self.referred.get((to, soon), FALSE), conflict))
        self.offered = {item: both((part, sound)) for item, part in encoding.recommended.items()}
        self.avoided = {item: both((part, sound)) for item, part in encoding.avoided.items()}
        self.doses: dict[str, dict[str, Formula]] = {item: {} for item in self.items}
        for (item, asked), part in encoding.doses.items():
            gentlest = next((one.id for one in self.items[item].doses), "")
            mine, name = self.doses[item], asked or gentlest
            mine[name] = either((mine.get(name, FALSE), both((part, sound))))

    def to(self, practitioner: str) -> dict[Urgency, Formula]:
        """Return how soon this practitioner is to be seen."""
        every = self.referred.items()
        return {urgency: part for (to, urgency), part in every if to == practitioner}


def parts(kind: Kind, old: Outcomes, new: Outcomes) -> Parts:
    """Return every difference of a kind; one that the two cannot have is left out or is FALSE."""
    if kind in {"urgency_lowered", "urgency_raised"}:
        return _urgencies(old, new, kind == "urgency_lowered")
    if kind == "referrals_dropped":
        return _referrals(old, new, dropped=True)
    if kind == "referrals_added":
        return _referrals(new, old, dropped=False)
    if kind == "doses_changed":
        return _doses(old, new)
    less: dict[Kind, Parts] = {
        "no_decision": _more({CONTRADICT: new.conflict}, {CONTRADICT: old.conflict}),
        "decision_again": _more({AGREE: old.conflict}, {AGREE: new.conflict}),
        "items_removed": _more(old.offered, new.offered),
        "items_added": _more(new.offered, old.offered),
        "no_longer_kept_out": _more(old.avoided, new.avoided),
        "newly_kept_out": _more(new.avoided, old.avoided),
    }
    return less[kind]


def _urgencies(old: Outcomes, new: Outcomes, lowered: bool) -> Parts:
    return {
        f"{was} to {now}": both((old.urgency[was], new.urgency[now]))
        for was, now in product(URGENCIES, URGENCIES)
        if (lower(was, now) if lowered else lower(now, was))
        and old.urgency[was] is not new.urgency[was]
    }


def _referrals(first: Outcomes, second: Outcomes, dropped: bool) -> Parts:
    """Return that the first refers to somebody whom the second does not refer to, or only later."""
    found = {}
    for to in dict.fromkeys(to for to, _ in first.referred):
        more, less = first.to(to), second.to(to)
        for urgency, part in more.items():
            if part is less.get(urgency, FALSE) and len(more) == len(less) == 1:
                continue
            found[referral(to, urgency, None)] = both((part, opposite(either(less.values()))))
            for later, other in less.items():
                if lower(urgency, later):
                    moved = (urgency, later) if dropped else (later, urgency)
                    found[referral(to, *moved)] = both((part, other))
    return found


def _doses(old: Outcomes, new: Outcomes) -> Parts:
    return {
        dose(item, was, now): both((part, other))
        for item, doses in old.doses.items()
        for was, part in doses.items()
        for now, other in new.doses.get(item, {}).items()
        if was != now and part is not new.doses[item].get(was, FALSE)
    }


def _more(one: Parts, other: Parts) -> Parts:
    """Return what the first has and the second has not, but for formulas that are the same."""
    return {
        name: both((part, opposite(other.get(name, FALSE))))
        for name, part in one.items()
        if part is not other.get(name, FALSE)
    }
