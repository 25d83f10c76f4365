"""What would change this: every change told is real, and on the toy, by trying them all, none is
missing.
"""

import pickle
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from properties.people import anybody, nearly_the_example, with_gaps
from properties.rule_sets import rule_set

from lumbar import Catalog, Decision, decide, load
from lumbar.decision.changes import Worsening, changes, other_answers
from lumbar.decision.decide import foresee
from lumbar.decision.terms import terms
from lumbar.intake.answers import Answers
from lumbar.reading.yamlfile import YamlFile
from lumbar.rulebook.conditions import Value
from lumbar.rulebook.items import URGENCIES
from lumbar.rulebook.questionnaire import Number, OneOf, Questionnaire

TESTS = Path(__file__).parents[1]
TOY = TESTS / "toy"
PERSONAS = sorted((TESTS / "personas").glob("*.yaml"))
Told = tuple[
    str, str, tuple[str, ...]
]  # the question, the urgency, and for several-of questions what is picked

PEOPLE: dict[str, dict[str, Any]] = {
    "the example": {},
    "somebody long in pain": {"pain_days": 90},
    "somebody in much pain": {"pain_now": 7, "pain_worst": 8},
    "somebody with a rash": {"signs": ["rash"]},
    "somebody pregnant": {"pregnant": "yes", "pregnancy_weeks": 30},
    "somebody with a fever": {"fever": "yes"},
    "somebody with a lump": {"signs": ["lump"], "age": 70},
    "somebody unsure of a leg": {"weak_leg": "unsure"},
    "somebody who left a sign open": {"fever": None},
    "somebody who left all signs open": {"weak_leg": None, "fever": None, "signs": None},
    "somebody who left the pain open": {"pain_now": None, "pain_days": None},
}


@pytest.fixture(scope="module")
def toy() -> Catalog:
    return load(TOY)


def other_values(question: Any, now: Any) -> Iterator[Value]:
    """Yield every other answer: all numbers, all options, and one option more of several."""
    if isinstance(question, Number):
        yield from (value for value in range(question.low, question.high + 1) if value != now)
    elif isinstance(question, OneOf):
        yield from (option for option in question.labels if option != now)
    else:
        chosen = (now or frozenset()) - {"none"}
        yield from (
            chosen | {option} for option in question.labels if option not in {*chosen, "none"}
        )


def with_change(
    questionnaire: Questionnaire, answers: Any, name: str, value: Value
) -> dict[str, Any]:
    """Return answers with one changed, without those to questions that are then no longer asked."""
    changed = {**answers, name: value}
    while misplaced := questionnaire.facts(changed)[1]:
        changed = {one: kept for one, kept in changed.items() if one not in misplaced}
    return changed


def told_of(question: Any, urgency: str, value: Any) -> Told:
    return question.id, urgency, tuple(sorted(value)) if isinstance(value, frozenset) else ()


def by_trying_all(decision: Decision) -> set[Told]:
    """Return every change of one answer after which a rule that rests on this answer raises the
    urgency.
    """
    questionnaire = decision.catalog.questionnaire
    found = set()
    for name, question in questionnaire.questions.items():
        if name in decision.answers or name in decision.facts.unanswered:
            for value in other_values(question, decision.answers.get(name)):
                after = decide(
                    decision.catalog, with_change(questionnaire, decision.answers, name, value)
                )
                if raised_by(decision, after, name):
                    found.add(told_of(question, after.urgency, value))
    return found


def raised_by(before: Decision, after: Decision, name: str) -> bool:
    if URGENCIES.index(after.urgency) >= URGENCIES.index(before.urgency):
        return False
    reasons = {
        rule for one in after.referrals if one.urgency == after.urgency for rule in one.rules
    }
    return any(name in after.rests_on(rule) for rule in reasons)


def told(decision: Decision) -> set[Told]:
    questions = decision.catalog.questionnaire.questions
    return {told_of(questions[one.question], one.urgency, one.answer) for one in changes(decision)}


@pytest.mark.parametrize("who", PEOPLE)
def test_the_changes_told_are_those_that_trying_all_of_them_finds(toy: Catalog, who: str) -> None:
    decision = decide(toy, toy.questionnaire.example(PEOPLE[who]))
    real = by_trying_all(decision)
    assert {"missing": real - told(decision), "not real": told(decision) - real} == {
        "missing": set(),
        "not real": set(),
    }


def assert_real(decision: Decision) -> None:
    for change in changes(decision):
        after = decide(
            decision.catalog,
            with_change(
                decision.catalog.questionnaire, decision.answers, change.question, change.answer
            ),
        )
        assert after.urgency == change.urgency
        assert URGENCIES.index(after.urgency) < URGENCIES.index(decision.urgency)
        assert set(change.rules) <= set(after.fired)
        assert all(change.question in after.rests_on(rule) for rule in change.rules)


def test_every_change_told_to_the_shipped_example_person_is_real(
    catalog: Catalog, example: Callable[..., dict[str, Any]]
) -> None:
    assert_real(decide(catalog, example()))


@pytest.mark.parametrize("seed", range(4))
def test_every_change_told_to_a_random_person_is_real(
    catalog: Catalog, example: Callable[..., dict[str, Any]], seed: int
) -> None:
    dice = random.Random(seed)
    questions = catalog.questionnaire.questions
    plain = [name for name, one in questions.items() if isinstance(one, OneOf) and not one.kind]
    over = {name: dice.choice(list(questions[name].labels)) for name in dice.sample(plain, 12)}  # type: ignore[union-attr]
    assert_real(decide(catalog, example(over)))


def test_the_changes_stand_in_order_of_urgency(toy: Catalog) -> None:
    order = [
        URGENCIES.index(one.urgency) for one in changes(decide(toy, toy.questionnaire.example()))
    ]
    assert order == sorted(order)
    assert order[0] == 0


def test_in_an_emergency_nothing_is_more_urgent(toy: Catalog) -> None:
    assert changes(decide(toy, toy.questionnaire.example({"weak_leg": "yes"}))) == ()


def test_the_change_of_a_number_is_the_nearest_that_matters(toy: Catalog) -> None:
    found = {one.question: one.answer for one in changes(decide(toy, toy.questionnaire.example()))}
    assert (found["age"], found["pain_days"]) == (65, 84)


@pytest.mark.parametrize(
    "question", ["bladder_start", "saddle_wiping", "legs_weak_both", "bowel_control"]
)
def test_the_shipped_example_person_is_told_of_each_nerve_sign(
    catalog: Catalog, example: Callable[..., dict[str, Any]], question: str
) -> None:
    assert (question, "emergency") in {
        (one.question, one.urgency) for one in changes(decide(catalog, example()))
    }


def by_deciding_each(decision: Decision) -> tuple[Worsening, ...]:
    """Return what `changes` means: each other answer tried by itself, in a plain loop."""
    asked = decision.catalog.questionnaire.questions
    found: dict[Told, Worsening] = {}
    for name, question in asked.items():
        if question.asked and (name in decision.answers or name in decision.facts.unanswered):
            for value in others(decision, question):
                if worse := worsening(decision, name, value):
                    found.setdefault(told_of(question, worse.urgency, value), worse)
    return tuple(sorted(found.values(), key=lambda one: URGENCIES.index(one.urgency)))


def others(decision: Decision, question: Any) -> Iterator[Value]:
    """Yield the other answers to a question, every number where they are few."""
    compared: Any = terms(decision.catalog).numbers(question.id)
    if isinstance(question, Number) and question.high - question.low <= 20:
        compared = range(question.low, question.high + 1)
    return other_answers(question, decision.answers.get(question.id), compared)


def worsening(before: Decision, name: str, value: Value) -> Worsening | None:
    after = foresee(before.catalog, before.answers.having({name: value})[0])
    if after is None or URGENCIES.index(after.urgency) >= URGENCIES.index(before.urgency):
        return None
    urgent = (one for one in after.referrals if one.urgency == after.urgency)
    reasons = dict.fromkeys(rule for one in urgent for rule in one.rules)
    rules = tuple(rule for rule in reasons if name in after.rests_on(rule))
    return Worsening(name, value, after.urgency, rules) if rules else None


@pytest.mark.parametrize("path", PERSONAS, ids=lambda path: path.stem)
def test_all_changes_at_once_are_those_of_deciding_each(catalog: Catalog, path: Path) -> None:
    answers = YamlFile(path.name, path.read_text()).data.get("answers")
    decision = decide(catalog, catalog.questionnaire.example(answers))
    assert changes(decision) == by_deciding_each(decision)


@settings(max_examples=15)
@given(anybody() | nearly_the_example() | with_gaps())
def test_all_changes_at_once_are_those_of_deciding_each_for_anybody(
    catalog: Catalog, answers: dict[str, Any]
) -> None:
    before = foresee(catalog, answers)
    if before:
        assert changes(before) == by_deciding_each(before)


@pytest.mark.parametrize("seed", range(60))
def test_all_changes_at_once_are_those_of_deciding_each_by_random_rules(seed: int) -> None:
    """With findings of several values, rules that contradict each other, and every part of the
    language.
    """
    catalog = rule_set(seed)
    asked = catalog.questionnaire
    for person in range(4):
        rnd = random.Random(f"{seed} {person}")
        over = {name: rnd.choice([None, one.example]) for name, one in asked.questions.items()}
        before = foresee(catalog, Answers.typed(asked, asked.example(over)))
        if before:
            assert changes(before) == by_deciding_each(before)


def test_rule_sets_under_one_hash_have_changes_of_their_own(toy: Catalog) -> None:
    """As mutants of a rule set do, which differ from it in a rule and nothing else."""
    person = toy.questionnaire.example()
    urgent = {name for name, rule in toy.rules.items() if rule.refers}
    calm = replace(
        toy, rules={name: rule for name, rule in toy.rules.items() if name not in urgent}
    )
    assert changes(decide(toy, person))
    assert calm.sha256 == toy.sha256
    assert not changes(foresee(calm, person))


def test_a_catalog_that_made_plans_can_go_to_another_process(toy: Catalog) -> None:
    person = toy.questionnaire.example()
    told = changes(decide(toy, person))
    assert changes(decide(pickle.loads(pickle.dumps(toy)), person)) == told
