"""The rules as formulas, and what safety properties say of what comes out: as `safety.observed`."""

from collections.abc import Mapping
from typing import Any

from lumbar.form.encoding import Encoding, Truths, agrees
from lumbar.form.formulas import FALSE, TRUE, Formula, both, either, opposite
from lumbar.review.properties import safety
from lumbar.rulebook.conditions import Bare


class Observed(Encoding):
    """An encoding that knows the outcomes too, which `safety` adds to the names of conditions."""

    def values(self, name: str) -> Mapping[Any, Formula]:
        return self.urgency if name == safety.URGENCY else super().values(name)

    def of_values(self, clause: Any) -> Truths:
        said = safety.outcome(clause.name)
        return self._of_outcome(clause, *said) if said else super().of_values(clause)

    def _of_outcome(self, clause: Any, verb: str, target: str) -> Truths:
        if verb in {"label", "days"}:
            value = safety.constant(self.catalog, verb, target)
            if value is None or isinstance(clause, Bare):
                return FALSE, FALSE
            return (TRUE, FALSE) if agrees(clause, value) else (FALSE, TRUE)
        if verb == "fired":
            true = self.fires.get(target, FALSE)
        elif verb == "referred":
            true = self.sees(target)
        elif verb == "avoided":
            true = both(self.avoided[item] for item in self.catalog.meant(target))
        else:
            true = either(self.recommended[item] for item in self.catalog.meant(target))
        return true, opposite(true)
