"""Two rule sets over the same people: for each way in which outcomes can differ, the formulas that
they do.
"""

from collections.abc import Mapping
from itertools import product

from lumbar.review.compare.outcomes import FAILED, Kind, dose, dose_of, lower, referral
from lumbar.review.proof.encoding import Encoding
from lumbar.review.proof.formulas import FALSE, Formula, both, either, opposite
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.items import URGENCIES, Urgency

Parts = Mapping[str, Formula]  # one difference each, by the line that tells it


class _Side:
    """One rule set as formulas that hold whether or not its rules contradict each other."""

    def __init__(self, encoding: Encoding, conflict: Formula) -> None:
        self.catalog: Catalog = encoding.catalog
        self.conflict = conflict
        sound = opposite(conflict)
        self.urgency = {level: both((part, sound)) for level, part in encoding.urgency.items()}
        self.urgency[FAILED.urgency] = either((self.urgency[FAILED.urgency], conflict))
        self.referred = {key: both((part, sound)) for key, part in encoding.referred.items()}
        for fallback in FAILED.referrals.items():
            self.referred[fallback] = either((self.referred.get(fallback, FALSE), conflict))
        self.offered = {item: both((part, sound)) for item, part in encoding.recommended.items()}
        self.kept_out = {item: both((part, sound)) for item, part in encoding.avoided.items()}
        self.doses = self._doses(encoding, sound)

    def _doses(self, encoding: Encoding, sound: Formula) -> dict[str, dict[str, Formula]]:
        found: dict[str, dict[str, Formula]] = {item: {} for item in self.catalog.items}
        for (item, asked), part in encoding.doses.items():
            name = dose_of(self.catalog, item, asked)
            found[item][name] = either((found[item].get(name, FALSE), both((part, sound))))
        return found

    def to(self, practitioner: str) -> dict[Urgency, Formula]:
        """Return how soon this practitioner is to be seen."""
        return {
            urgency: part for (to, urgency), part in self.referred.items() if to == practitioner
        }


class Contrast:
    """The old rules and the new, each with the formula that its own rules contradict each other."""

    def __init__(self, old: Encoding, new: Encoding, conflicts: tuple[Formula, Formula]) -> None:
        self._old = _Side(old, conflicts[0])
        self._new = _Side(new, conflicts[1])

    def parts(self, kind: Kind) -> Parts:
        """Return every difference of a kind; one that the two rule sets cannot have is left out or
        is FALSE.
        """
        old, new = self._old, self._new
        if kind in {"urgency_lowered", "urgency_raised"}:
            return self._urgencies(kind == "urgency_lowered")
        if kind in {"referrals_dropped", "referrals_added"}:
            return self._referrals(kind == "referrals_dropped")
        if kind == "doses_changed":
            return self._doses()
        less: dict[Kind, Parts] = {
            "no_decision": _more(
                {"the rules contradict each other": new.conflict},
                {"the rules contradict each other": old.conflict},
            ),
            "decision_again": _more(
                {"the rules agree": old.conflict}, {"the rules agree": new.conflict}
            ),
            "items_removed": _more(old.offered, new.offered),
            "items_added": _more(new.offered, old.offered),
            "no_longer_kept_out": _more(old.kept_out, new.kept_out),
            "newly_kept_out": _more(new.kept_out, old.kept_out),
        }
        return less[kind]

    def _urgencies(self, lowered: bool) -> Parts:
        return {
            f"{was} to {now}": both((self._old.urgency[was], self._new.urgency[now]))
            for was, now in product(URGENCIES, URGENCIES)
            if (lower(was, now) if lowered else lower(now, was))
            and not self._old.urgency[was].eq(self._new.urgency[was])
        }

    def _referrals(self, dropped: bool) -> Parts:
        first, second = (self._old, self._new) if dropped else (self._new, self._old)
        found = {}
        for to in dict.fromkeys(to for to, _ in first.referred):
            more, less = first.to(to), second.to(to)
            for urgency, part in more.items():
                if part.eq(less.get(urgency, FALSE)) and len(more) == len(less) == 1:
                    continue
                found[referral(to, urgency, None)] = both((part, opposite(either(less.values()))))
                for later, other in less.items():
                    if lower(urgency, later):
                        line = (
                            referral(to, urgency, later)
                            if dropped
                            else referral(to, later, urgency)
                        )
                        found[line] = both((part, other))
        return found

    def _doses(self) -> Parts:
        return {
            dose(item, was, now): both((part, other))
            for item, doses in self._old.doses.items()
            for was, part in doses.items()
            for now, other in self._new.doses.get(item, {}).items()
            if was != now and not part.eq(self._new.doses[item].get(was, FALSE))
        }


def _more(one: Parts, other: Parts) -> Parts:
    """Return what the first has and the second has not; what is the same formula on both sides is
    left out.
    """
    return {
        name: both((part, opposite(other.get(name, FALSE))))
        for name, part in one.items()
        if not part.eq(other.get(name, FALSE))
    }
