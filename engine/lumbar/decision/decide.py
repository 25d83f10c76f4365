"""Both engines run and compared, their effects combined, and the trace kept."""

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

from lumbar.engines import durable, reference
from lumbar.engines.inference import ConflictError, Inference, sound
from lumbar.intake.answers import Answers
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Facts, Value, grounds
from lumbar.rulebook.items import URGENCIES, Urgency
from lumbar.rulebook.rules import ALLOWED, STAGES, Refer, Rule, Stage

# While somebody must be seen today, nothing is offered that could delay it or do harm.
URGENT: frozenset[Urgency] = frozenset({"emergency", "same_day"})

REFERRING: tuple[Stage, ...] = tuple(
    stage for stage, effects in ALLOWED.items() if Refer in effects
)

Engine = Callable[[Catalog, Facts], Inference]


class Referral(NamedTuple):
    """Somebody to see, how soon, and the rules that say so."""

    to: str
    urgency: Urgency
    rules: tuple[str, ...]


class Recommended(NamedTuple):
    """An item that may be in the plan, the dose asked for, and the rules that say so.

    `votes` counts those that speak for it: not those that only ask for a gentler dose than another.
    """

    item: str
    dose: str | None
    rules: tuple[str, ...]
    votes: int


class Withheld(NamedTuple):
    """An item that must not be in the plan: `avoided` by rules, or as being seen is `urgent`.

    `wanted_by` are the rules that would have recommended it.
    """

    item: str
    reason: Literal["avoided", "urgent"]
    rules: tuple[str, ...]
    wanted_by: tuple[str, ...]


@dataclass(frozen=True)
class Decision:
    """What was decided for one person, and everything needed to say why.

    `failure` is set where no safe decision could be made: then there are no items, and the urgency
    is at least same-day. `engines` are those that ran and agreed.
    """

    catalog: Catalog
    answers: Answers
    inference: Inference
    urgency: Urgency
    referrals: tuple[Referral, ...]
    recommended: tuple[Recommended, ...]
    withheld: tuple[Withheld, ...]
    engines: tuple[str, ...]
    failure: str = ""

    @property
    def facts(self) -> Facts:
        """The facts that the rules were asked of."""
        return self.answers.facts

    @cached_property
    def offered(self) -> frozenset[str]:
        """The items that may be in the plan."""
        return frozenset(one.item for one in self.recommended)

    @cached_property
    def avoided(self) -> frozenset[str]:
        """The items that rules keep out of the plan."""
        return frozenset(one.item for one in self.withheld if one.reason == "avoided")

    @cached_property
    def referred(self) -> frozenset[str]:
        """Whom to see, as items."""
        return frozenset(one.to for one in self.referrals)

    @cached_property
    def findings(self) -> Mapping[str, Value]:
        """The findings by name."""
        return dict(self.inference.findings)

    @property
    def fired(self) -> tuple[str, ...]:
        """The ids of the rules that fired, in catalog order."""
        return self.inference.fired

    @cached_property
    def settled(self) -> Facts:
        """The answers, scores and findings together: what every condition was true of."""
        return self.facts.having(self.findings)

    def rests_on(self, rule: str) -> tuple[str, ...]:
        """Return the questions whose answers, or want of one, made a rule fire, at any remove."""
        if rule not in self._resting:
            found: set[str] = set()
            self._trace(self.catalog.rules[rule], found, set())
            place = self.catalog.questionnaire.place
            self._resting[rule] = tuple(sorted(found & place.keys(), key=place.__getitem__))
        return self._resting[rule]

    @cached_property
    def _resting(self) -> dict[str, tuple[str, ...]]:
        return {}

    @cached_property
    def _concluding(self) -> Mapping[str, list[Rule]]:
        """The rules that fired by what they conclude."""
        found: dict[str, list[Rule]] = {}
        for rule in map(self.catalog.rules.__getitem__, self.fired):
            for name in rule.concludes:
                found.setdefault(name, []).append(rule)
        return found

    def _trace(self, rule: Rule, found: set[str], seen: set[str]) -> None:
        for name in grounds(rule.when, self.settled) - seen:
            if name in seen:  # by one of those just before
                continue
            seen.add(name)
            found |= self._read_by_score(name) or {name}
            for other in self._concluding.get(name, ()):
                self._trace(other, found, seen)

    def _read_by_score(self, name: str) -> Set[str]:
        score = self.catalog.questionnaire.score_of.get(name)
        if score is None or not score.count:
            return score.reads if score else frozenset()
        return {read for part in score.count for read in grounds(part, self.facts)}


def engines() -> tuple[tuple[str, Engine], ...]:
    """Return the engines that can run here, the live one first."""
    live = (("durable_rules", durable.infer),) if durable.available() else ()
    return (*live, ("reference", reference.infer))


def decide(catalog: Catalog, answers: Mapping[str, Any]) -> Decision:
    """Decide for one person: the record of their answers, or raw ones as an answers file has them.

    Every engine runs; where they disagree, or one fails, the decision is to see somebody and
    nothing else. Raises BadAnswersError where the answers are none.
    """
    answers = Answers.of(catalog.questionnaire, answers)
    results: dict[str, Inference] = {}
    failures: list[str] = []
    for name, infer in engines():
        try:
            results[name] = sound(catalog, infer(catalog, answers.facts))
        except ConflictError:
            failures.append("two rules contradict each other")
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001 - whatever breaks an engine, somebody must be seen
            failures.append(f"the engine '{name}' failed")
    if len(set(results.values())) > 1:
        failures.append("the two engines disagree")
    if failures or not results:
        return _failed(catalog, answers, results, failures)
    return combine(catalog, answers, next(iter(results.values())), tuple(results))


def by_reference(
    catalog: Catalog, answers: Mapping[str, Any], stages: tuple[Stage, ...] = STAGES
) -> Decision:
    """Return what the rules mean for one person, by the reference alone: never shown as a decision.

    Raises BadAnswersError, and ConflictError where rules contradict each other.
    """
    answers = Answers.of(catalog.questionnaire, answers)
    return combine(catalog, answers, reference.infer(catalog, answers.facts, stages))


def foresee(catalog: Catalog, answers: Mapping[str, Any]) -> Decision | None:
    """Return what the rules that refer say of answers; None where they contradict each other.

    `decide` fails closed then, and whoever looks ahead has nothing to say.
    """
    try:
        return by_reference(catalog, answers, REFERRING)
    except ConflictError:
        return None


def combine(
    catalog: Catalog,
    answers: Answers,
    inference: Inference,
    engines: tuple[str, ...] = ("reference",),
) -> Decision:
    """Combine the effects of the rules that fired: the whole policy, the same for every rule set.

    The most urgent `refer` is the urgency. `avoid` beats every `recommend`. At emergency and
    same-day nothing is shown but whom to see. Two values of one finding never get here.
    """
    rules = [catalog.rules[name] for name in inference.fired]
    referrals = _referrals(rules)
    urgency = most_urgent(referral.urgency for referral in referrals)
    recommended = _recommended(catalog, rules)
    wanted = {one.item: one.rules for one in recommended}
    held = {one: Withheld(one, "urgent", (), wanted[one]) for one in wanted if urgency in URGENT}
    for item, by in _avoided(catalog, rules).items():
        held[item] = Withheld(item, "avoided", by, wanted.get(item, ()))
    return Decision(
        catalog=catalog,
        answers=answers,
        inference=inference,
        urgency=urgency,
        referrals=referrals,
        recommended=tuple(one for one in recommended if one.item not in held),
        withheld=tuple(held[item] for item in sorted(held)),
        engines=engines,
    )


def most_urgent(urgencies: Iterable[Urgency]) -> Urgency:
    """Return the most urgent of several, self-care where there is none."""
    return min(urgencies, key=URGENCIES.index, default="self_care")


def _referrals(rules: Iterable[Rule]) -> tuple[Referral, ...]:
    by: dict[str, list[tuple[Urgency, str]]] = {}
    for rule in rules:
        for one in rule.refers:
            by.setdefault(one.refer, []).append((one.urgency, rule.id))
    referrals = (
        Referral(
            to,
            most_urgent(level for level, _ in said),
            tuple(dict.fromkeys(rule for _, rule in said)),
        )
        for to, said in by.items()
    )
    return tuple(sorted(referrals, key=lambda one: (URGENCIES.index(one.urgency), one.to)))


def _avoided(catalog: Catalog, rules: Iterable[Rule]) -> dict[str, tuple[str, ...]]:
    by: dict[str, list[str]] = {}
    for rule in rules:
        for item in catalog.kept_out[rule.id]:
            by.setdefault(item, []).append(rule.id)
    return {item: tuple(reasons) for item, reasons in by.items()}


def _recommended(catalog: Catalog, rules: Iterable[Rule]) -> tuple[Recommended, ...]:
    by: dict[str, dict[str, str | None]] = {}
    for rule in rules:
        for one in rule.recommends:
            by.setdefault(one.recommend, {})[rule.id] = one.dose
    doses = catalog.doses
    return tuple(_recommendation(doses[item], item, asked) for item, asked in sorted(by.items()))


def _recommendation(
    doses: Mapping[str | None, int], item: str, asked: Mapping[str, str | None]
) -> Recommended:
    """Return an item in the gentlest dose asked for; rules that ask for the strongest are votes."""
    places = [doses[dose] for dose in asked.values()]
    named = [dose for dose in asked.values() if dose]
    gentlest = min(named, key=doses.__getitem__) if named else None
    return Recommended(item, gentlest, tuple(asked), places.count(max(places)))


def refused(decision: Decision, why: str) -> Decision:
    """Return the fail-closed decision for the same person: to be seen, and nothing else."""
    results = dict.fromkeys(decision.engines, decision.inference)
    return _failed(decision.catalog, decision.answers, results, [why])


def _failed(
    catalog: Catalog, answers: Answers, results: Mapping[str, Inference], failures: list[str]
) -> Decision:
    failure = "; ".join(dict.fromkeys(failures)) or "no engine could run"
    import logging  # it takes longer to load than to decide

    log = logging.getLogger("lumbar")  # never the answers
    log.error("no safe decision: %s (rule set %s)", failure, catalog.sha256[:12])
    rules = [catalog.rules[name] for one in results.values() for name in one.fired]
    urgency = most_urgent(["same_day", *(one.urgency for one in _referrals(rules))])
    to = "practitioner/emergency" if urgency == "emergency" else "practitioner/same_day"
    return Decision(
        catalog=catalog,
        answers=answers,
        inference=Inference((), ()),
        urgency=urgency,
        referrals=(Referral(to, urgency, ()),),
        recommended=(),
        withheld=(),
        engines=tuple(results),
        failure=failure,
    )
