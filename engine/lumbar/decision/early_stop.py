"""The early stop: an emergency is told as soon as the answers so far mean one."""

from collections.abc import Iterable

from lumbar.decision.decide import Decision, foresee
from lumbar.intake.answers import Answers
from lumbar.rulebook.catalog import Catalog


class EarlyStop:
    """Looks at answers while they are given; no reason is told twice.

    `told` are the rules that were a reason when it last looked.
    """

    def __init__(self, catalog: Catalog, told: Iterable[str] = ()) -> None:
        self._catalog = catalog
        self.told = frozenset(told)

    def look(self, answers: Answers) -> Decision | None:
        """Return a decision where the answers mean emergency for a reason not told before."""
        seen = foresee(self._catalog, answers)
        if seen is None or seen.urgency != "emergency":
            self.told = frozenset()  # taken back, and told anew if it is given again
            return None
        urgent = (one for one in seen.referrals if one.urgency == "emergency")
        reasons = frozenset(rule for one in urgent for rule in one.rules)
        if reasons <= self.told:
            return None
        self.told = reasons
        return seen
