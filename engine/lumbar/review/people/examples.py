"""What the examples of a rule say, held against what is decided for their people."""

from collections.abc import Iterator, Mapping
from typing import Any

from lumbar.decision.decide import Decision, by_reference
from lumbar.engines.inference import ConflictError
from lumbar.reading.problems import listed
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.rules import Example, Gives, Rule, matches


def fault(catalog: Catalog, rule: Rule, example: Example) -> str:
    """Return what is wrong with an example of a rule, as the end of a sentence; an empty text where
    nothing is.
    """
    return fault_of_answers(catalog, example.answers) or _fault_of_outcome(catalog, rule, example)


def fault_of_answers(catalog: Catalog, over: Mapping[str, Any]) -> str:
    """Return why these answers cannot be laid over the example person, or an empty text."""
    questions = catalog.questionnaire
    for name, value in over.items():
        if name not in questions.questions:
            return f"answers '{name}', which is no question"
        if value is not None and (wrong := questions.questions[name].fault(value)):
            return f"cannot be: {wrong[1]}"
    answers = questions.example(over)
    unused = sorted(name for name in over.keys() - answers.keys() if over[name] is not None)
    return f"answers {listed(unused)}, which this person is not asked" if unused else ""


def _fault_of_outcome(catalog: Catalog, rule: Rule, example: Example) -> str:
    try:
        decision = by_reference(catalog, catalog.questionnaire.example(example.answers))
    except ConflictError as error:
        return f"makes two rules contradict each other: {error}"
    fires = rule.id in decision.fired
    if fires is not (example.fires is not None):
        return "fires" if fires else "stays silent"
    if example.gives is None:
        return ""
    return next((f"says it {one}" for one in amiss(rule.id, example.gives, decision)), "")


def amiss(rule: str, gives: Gives, decision: Decision) -> Iterator[str]:
    """Yield what an example of a rule says that its person gets, and does not get from it."""
    if gives.urgency not in {None, decision.urgency}:
        yield f"gives the urgency {gives.urgency}, which is {decision.urgency}"
    concluded = decision.catalog.rules[rule].concludes
    for name, wanted in gives.findings.items():
        if finding(concluded.get(name, False)) != wanted:
            yield f"gives the finding {name} ({wanted}), which the rule does not conclude"
    referred = {(one.to, one.urgency) for one in decision.referrals if rule in one.rules}
    for to, urgency in gives.refers_to.items():
        if (to, urgency) not in referred:
            yield f"refers to {to} ({urgency}), which it does not"
    yield from _items_amiss(rule, gives, decision)


def _items_amiss(rule: str, gives: Gives, decision: Decision) -> Iterator[str]:
    avoided = {
        one.item for one in decision.withheld if one.reason == "avoided" and rule in one.rules
    }
    for target in gives.avoids:
        items = {
            name
            for name, item in decision.catalog.items.items()
            if matches(target, name, item.tags)
        }
        if not items or not items <= avoided:
            yield f"avoids {target}, which it does not"
    recommended = {one.item: one for one in decision.recommended if rule in one.rules}
    yield from (
        f"recommends {one}, which it does not" for one in gives.recommends if one not in recommended
    )
    for item, dose in gives.doses.items():
        if item not in recommended or recommended[item].dose != dose:
            yield f"gives {item} in the dose {dose}, which it does not"


def finding(value: object) -> object:
    """Return a finding as personas and examples write it: `yes` and `no` for one without values."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
