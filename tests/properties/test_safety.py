"""What must hold for everybody: the safety properties of live decisions, and what they cannot say."""

from collections.abc import Mapping
from typing import Any

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from properties.people import (
    ANSWERS,
    QUESTIONNAIRE,
    QUESTIONS,
    anybody,
    nearly_the_example,
    people,
    still_asked,
    with_gaps,
)

from lumbar import Catalog, decide, load, make_plan
from lumbar.reading.paths import data_root
from lumbar.review.proof.prove import properties_of
from lumbar.review.properties.safety import claims
from lumbar.rulebook.items import URGENCIES
from lumbar.rulebook.questionnaire import Number, OneOf

Answers = Mapping[str, Any]
SHIPPED = load()
CLAIMS = [claim for prop in properties_of(data_root(), SHIPPED) for claim in claims(SHIPPED, prop)]


def shown(catalog: Catalog, answers: Answers) -> set[str]:
    return {
        item.item
        for section in make_plan(decide(catalog, answers)).sections
        for item in section.items
    }


def urgency(catalog: Catalog, answers: Answers) -> int:
    """Return how urgent it is, 0 the most."""
    return URGENCIES.index(decide(catalog, answers).urgency)


@given(answers=people)
@settings(max_examples=60)
def test_nobody_breaks_a_safety_property(catalog: Catalog, answers: Answers) -> None:
    decision = decide(catalog, answers)
    assert [claim.id for claim in CLAIMS if claim.broken(decision)] == []


@given(answers=people)
@settings(max_examples=30)
def test_red_flag_trumps_care(catalog: Catalog, answers: Answers) -> None:
    decision = decide(catalog, answers)
    plan = make_plan(decision)
    if decision.urgency in {"emergency", "same_day"}:
        assert not plan.sections
        assert plan.referrals
        assert plan.safety_net.while_you_wait


@given(answers=people, data=st.data())
@settings(max_examples=150)
def test_worse_is_never_safer(catalog: Catalog, answers: Answers, data: st.DataObject) -> None:
    ordered = [name for name in answers if getattr(QUESTIONS[name], "better_to_worse", None)]
    assume(ordered)
    name = data.draw(st.sampled_from(ordered))
    question = QUESTIONS[name]
    if isinstance(question, Number):
        worse: Any = data.draw(st.integers(answers[name], question.high))
    else:
        order = question.better_to_worse
        worse = data.draw(st.sampled_from(order[order.index(answers[name]) :]))
    changed = {**answers, name: worse}
    assume(
        still_asked(changed) == changed
    )  # an answer that hides another question makes another person
    assert urgency(catalog, changed) <= urgency(catalog, answers)


SIGNS = [name for name, one in QUESTIONS.items() if one.kind in {"decisive", "contributing"}]
DECISIVE = [
    (name, option)
    for name, one in QUESTIONS.items()
    if isinstance(one, OneOf)
    for option, kind in one.kinds.items()
    if kind == "decisive"
]


@given(answers=anybody() | nearly_the_example(), sign=st.sampled_from(DECISIVE))
@settings(max_examples=150)
def test_a_decisive_sign_is_seen_today_whatever_else_is_answered(
    catalog: Catalog, answers: Answers, sign: tuple[str, str]
) -> None:
    name, option = sign
    assume(name in answers)
    given_it = still_asked({**answers, name: option})
    assert decide(catalog, given_it).urgency in {"emergency", "same_day"}


@given(answers=anybody() | nearly_the_example(), name=st.sampled_from(SIGNS))
@settings(max_examples=120)
def test_unanswered_sign_never_ends_in_self_care(
    catalog: Catalog, answers: Answers, name: str
) -> None:
    assume(name in answers)
    rest = still_asked({other: value for other, value in answers.items() if other != name})
    assert decide(catalog, rest).urgency != "self_care"


def test_the_default_is_safe(catalog: Catalog) -> None:
    decision = decide(catalog, {})
    assert decision.urgency in {"emergency", "same_day"}
    assert not make_plan(decision).sections


@given(answers=people, age=st.integers(0, 15))
@settings(max_examples=30)
def test_under_sixteen_gets_no_plan_but_somebody_to_see(
    catalog: Catalog, answers: Answers, age: int
) -> None:
    plan = make_plan(decide(catalog, still_asked({**answers, "age": age})))
    assert not plan.sections
    assert plan.referrals


@given(answers=people)
@settings(max_examples=30)
def test_total_and_never_empty(catalog: Catalog, answers: Answers) -> None:
    decision = decide(catalog, answers)
    plan = make_plan(decision)
    assert not decision.failure
    assert plan.sections or plan.referrals
    assert plan.safety_net.go_now
    places = [
        *(i.item for s in plan.sections for i in s.items),
        *(r.to for r in plan.referrals),
        *(o.item for o in plan.left_out),
    ]
    assert sorted(places) == sorted(catalog.items)


@given(answers=people)
@settings(max_examples=30)
def test_every_reason_is_true_and_none_is_missing(catalog: Catalog, answers: Answers) -> None:
    decision = decide(catalog, answers)
    for stage, rules in catalog.by_stage.items():
        for rule in rules:
            assert (rule.when.truth(decision.settled) is True) is (rule.id in decision.fired), (
                stage,
                rule.id,
            )
    plan = make_plan(decision)
    for firing in plan.firings:
        for one in firing.answers:
            given_answer = decision.answers.get(one.question)
            words = (
                QUESTIONS[one.question].in_words(given_answer) if given_answer is not None else ""
            )
            assert one.answer == words
    for item in (item for section in plan.sections for item in section.items):
        assert item.because


@given(answers=people, data=st.data())
@settings(max_examples=30)
def test_order_and_duplicates_of_answers_do_not_matter(
    catalog: Catalog, answers: Answers, data: st.DataObject
) -> None:
    names = data.draw(st.permutations(list(answers)))
    doubled = {
        n: [*answers[n], *reversed(answers[n])] if isinstance(answers[n], list) else answers[n]
        for n in names
    }
    assert make_plan(decide(catalog, doubled)) == make_plan(decide(catalog, answers))


@given(answers=people)
@settings(max_examples=30)
def test_massage_never_comes_without_moving(catalog: Catalog, answers: Answers) -> None:
    items = shown(catalog, answers)
    if any(item.startswith("massage/") for item in items):
        assert "habit/stay_active" in items or any(item.startswith("exercise/") for item in items)


@given(answers=people)
@settings(max_examples=30)
def test_a_plan_keeps_its_limits(catalog: Catalog, answers: Answers) -> None:
    plan = make_plan(decide(catalog, answers))
    minutes = answers.get("minutes_a_day", QUESTIONS["minutes_a_day"].low)
    assert sum(section.minutes for section in plan.sections) <= minutes
    limits = {section.id: section for section in catalog.limits.sections}
    for section in plan.sections:
        beside = limits[section.id].beside
        paid = [one for one in section.items if one.item not in beside]
        assert len(paid) <= limits[section.id].at_most
        assert section.minutes <= (limits[section.id].minutes_at_most or section.minutes)
        order = limits[section.id].order
        assert [one.item for one in section.items] == sorted(
            (one.item for one in section.items), key=order.index
        )


@given(answers=with_gaps())
@settings(max_examples=30)
@example(answers={})
def test_an_unanswered_question_is_never_held_against_its_own_meaning(
    catalog: Catalog, answers: Answers
) -> None:
    decision = decide(catalog, answers)
    for rule in decision.fired:
        for name in decision.rests_on(rule):
            assert name in decision.answers or name in decision.facts.unanswered


def test_every_kind_of_answer_can_be_drawn() -> None:
    assert set(ANSWERS) == set(QUESTIONNAIRE.questions)
