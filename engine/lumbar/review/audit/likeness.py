"""How alike the plans are of people who differ: each of some compared with each other."""

from typing import Any

import numpy as np

from lumbar.form.fitting import today
from lumbar.form.table import Numbers, Truths, Words, places
from lumbar.review.audit.seen import Seen
from lumbar.rulebook.catalog import Catalog

_SOME = 400  # people who are compared, each with each


def exercises(catalog: Catalog) -> list[str]:
    """Return the items that are exercises."""
    return [item for item in catalog.items if item.startswith("exercise/")]


class Compared:
    """The first of some people who have an exercise; a pair is two of them, once."""

    def __init__(self, catalog: Catalog, some: Seen, who: Words) -> None:
        self._catalog, self._some = catalog, some
        self._people = places(who & some.shows(exercises(catalog)))[:_SOME]

    def exercises_alike(self) -> float:
        """Return the share of exercises that two have in common (Jaccard), of those of either; the
        mean of pairs who differ in phase and severity.
        """
        has = np.array([self._shown(item) for item in exercises(self._catalog)]).astype(np.int64)
        both, each = has.T @ has, has.sum(axis=0)
        alike = both / np.maximum(each[:, None] + each - both, 1)
        return _mean(alike[self._differ("finding", "phase") & self._differ("finding", "severity")])

    def same_today(self) -> float:
        """Return how often, of 100, two of another work and phase are to do the same today."""
        limits = self._catalog.limits
        shown = {item: self._shown(item) for item in self._catalog.items}
        tasks = today(limits.sections, limits.today_at_most, shown)
        same = np.logical_and.reduce([one[:, None] == one for one in tasks])
        unlike = self._differ("answers", "work_posture") & self._differ("finding", "phase")
        return 100 * _mean(same[unlike])

    def _shown(self, item: str) -> Truths:
        return self._has(("shown", item))

    def _has(self, key: Any) -> Truths:
        found: Truths = self._some.truths(self._some[key])[self._people]
        return found

    def _differ(self, kind: str, name: str) -> Truths:
        """Return of each pair whether they differ in a finding or answer; one of them may have
        none.
        """
        values = np.zeros(len(self._people), np.int64)
        mine = sorted(key for key in self._some.of if key[:2] == (kind, name))
        for number, key in enumerate(mine, 1):
            values[self._has(key)] = number
        return np.triu(values[:, None] != values, 1)


def _mean(values: Numbers) -> float:
    return float(values.mean()) if values.size else 0.0
