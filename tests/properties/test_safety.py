"""What must hold for everybody. The contraindications are written here anew, from the evidence, not
from the rules.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
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

from lumbar import Catalog, decide, make_plan
from lumbar.rulebook.items import URGENCIES
from lumbar.rulebook.questionnaire import UNSURE, Number, OneOf

Answers = Mapping[str, Any]
YES = {"yes", "unsure"}
HANDS = {
    f"massage/{name}"
    for name in ("knead", "push", "press_waist", "pinch", "roll", "knock", "rake", "shake")
}
MASSAGE = HANDS | {"massage/philtrum", "massage/behind_knee"}
KNEE = {"massage/behind_knee"}
VIGOROUS = {"massage/press_waist", "massage/pinch", "massage/roll", "massage/knock"}
BELT, HEAT, LIFT = {"belt/support"}, {"heat/warm_wrap"}, {"exercise/prone_back_extension"}
PRONE = {"exercise/prone_lie", "exercise/prone_on_elbows", "exercise/press_up"} | LIFT


def said(question: str, *options: str) -> Callable[[Answers], bool]:
    """Return whether a one-of answer is one of these, or a several-of answer has one of them."""

    def holds(answers: Answers) -> bool:
        value = answers.get(question)
        return bool(set(options) & (set(value) if isinstance(value, list) else {value}))

    return holds


def at_least(question: str, number: int) -> Callable[[Answers], bool]:
    return lambda answers: answers.get(question, -1) >= number


NEVER: list[tuple[str, Callable[[Answers], bool], set[str]]] = [
    ("a clot before", said("clot_ever", *YES), KNEE),
    ("a swollen calf", said("calf_swelling", *YES), MASSAGE),
    ("varicose veins, phlebitis, a knee cyst, an artery bulge, poor circulation", lambda a: bool(
        set(a.get("leg_vessels", [])) - {"none"}), KNEE),
    ("a long journey, an operation, days in bed", lambda a: bool(set(a.get("still_long", [])) - {"none"}), KNEE),
    ("pregnancy", said("pregnant", *YES), KNEE | {"massage/knock"} | BELT),
    ("six weeks after birth", lambda a: a.get("postpartum_weeks", 99) <= 6, KNEE),
    ("a blood thinner", said("blood_thinner", *YES), KNEE | VIGOROUS),
    ("a bleeding disorder", said("bleeding_disorder", *YES), KNEE | VIGOROUS),
    ("numb or painful below the knee", said("numb_places", "lower_leg", "foot"), KNEE),
    ("leg pain below the knee", said("pain_places", "leg_below_knee"), KNEE),
    ("thin bones", said("osteoporosis", *YES), (VIGOROUS - {"massage/pinch"}) | {"massage/shake"}),
    ("thin bones, hard or bending exercise", said("osteoporosis", *YES), LIFT | {"exercise/curl_up"}),
    ("long-term steroids", said("steroids", *YES), {"massage/roll"}),
    ("broken skin", said("back_skin", "broken", "infected"), HANDS | HEAT | BELT),
    ("a rash or sunburn", said("back_skin", "rash", "sunburn"), {"massage/rake"}),
    ("fever", said("fever", *YES), MASSAGE | HEAT),
    ("dizziness", said("dizziness", *YES), {"massage/roll", "massage/shake"}),
    ("high blood pressure not under control", said("blood_pressure", "uncontrolled", "unsure"), BELT | LIFT),
    ("heart disease", said("conditions", "heart"), BELT),
    ("a hernia or stoma", said("conditions", "groin_hernia", "hiatus_hernia", "belly_hernia", "stoma"), BELT),
    ("reflux or breathing disease", said("conditions", "reflux", "breathing"), BELT),
    ("a recent belly operation", said("recent_operation", "belly"), BELT | LIFT),
    ("numb skin", said("heat_feeling", *YES), HEAT),
    ("poor circulation", said("leg_vessels", "poor_circulation"), HEAT),
    ("a medicine patch", said("pain_patch", "yes"), HEAT),
    ("a narrowed spine", said("spine_diagnoses", "stenosis"), LIFT | {"exercise/press_up"}),
    ("a slipped vertebra", said("spine_diagnoses", "slipped_vertebra"), LIFT | {"massage/shake"}),
    ("a broken vertebra", said("spine_diagnoses", "spinal_fracture"), HANDS | LIFT),
    ("kidney disease", said("conditions", "kidney"), {"massage/press_waist", "massage/knock"}),
    ("later pregnancy, lying on the front", at_least("pregnancy_weeks", 14), PRONE),
    ("a cold sore, an infection or filler on the face", said(
        "face_problems", "infection", "cold_sore", "broken_skin", "lip_filler_surgery"), {"massage/philtrum"}),
    ("cancer now, cupping", said("cancer_ever", "now", "unsure"), {"practitioner/cupping"}),
    ("a blood thinner, cupping", said("blood_thinner", *YES), {"practitioner/cupping"}),
    ("a pacemaker, cupping", said("implants", "pacemaker"), {"practitioner/cupping"}),
]  # fmt: skip


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
@settings(max_examples=300)
def test_nothing_contraindicated_is_ever_recommended(catalog: Catalog, answers: Answers) -> None:
    recommended = {one.item for one in decide(catalog, answers).recommended}
    for reason, holds, items in NEVER:
        if holds(answers):
            assert not recommended & items, f"{reason}: {sorted(recommended & items)}"


@pytest.mark.parametrize("reason", [reason for reason, _, _ in NEVER])
def test_each_contraindication_is_met_by_somebody_and_would_be_noticed(
    catalog: Catalog, reason: str
) -> None:
    _, holds, items = next(one for one in NEVER if one[0] == reason)
    single = ({name: option if isinstance(q, OneOf) else [option]} for name, q in QUESTIONS.items()
              if not isinstance(q, Number) for option in q.labels)  # fmt: skip
    numbers = (
        {"pregnant": "yes", "pregnancy_weeks": 30},
        {"birth_recent": "yes", "postpartum_weeks": 4},
    )
    base = {
        "massage_wish": ["traditional_points"],
        "pain_places": ["leg_below_knee"],
        "pregnant": "no",
    }
    met = [over for over in (*single, *numbers) if holds({**base, **over})]
    assert met
    assert items <= set(catalog.items)


@given(answers=people)
@settings(max_examples=50)
def test_red_flag_trumps_care(catalog: Catalog, answers: Answers) -> None:
    decision = decide(catalog, answers)
    plan = make_plan(decision)
    if decision.urgency in {"emergency", "same_day"}:
        assert not plan.sections
        assert plan.referrals
        assert plan.safety_net.while_you_wait


@given(answers=people, data=st.data())
@settings(max_examples=300)
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


RED_FLAGS = [name for name, one in QUESTIONS.items() if one.red_flag]
UNSURE_COUNTS = [
    name for name, one in QUESTIONS.items() if one.red_flag and isinstance(one, OneOf) and UNSURE in one.labels
    and {"new", "yes"} & set(one.labels)
]  # fmt: skip


@given(answers=anybody() | nearly_the_example(), name=st.sampled_from(UNSURE_COUNTS))
@settings(max_examples=300)
def test_unsure_on_a_red_flag_counts_as_yes(catalog: Catalog, answers: Answers, name: str) -> None:
    assume(name in answers)
    worst = "new" if "new" in QUESTIONS[name].labels else "yes"
    unsure, yes = ({**answers, name: value} for value in (UNSURE, worst))
    assume(still_asked(unsure) == unsure and still_asked(yes) == yes)
    assert urgency(catalog, unsure) == urgency(catalog, yes)


@given(answers=anybody() | nearly_the_example(), name=st.sampled_from(RED_FLAGS))
@settings(max_examples=200)
def test_unanswered_red_flag_never_ends_in_self_care(
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
@settings(max_examples=50)
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
@settings(max_examples=50)
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
    assert (
        make_plan(decide(catalog, doubled)).model_dump_json()
        == make_plan(decide(catalog, answers)).model_dump_json()
    )


@given(answers=people)
@settings(max_examples=50)
def test_massage_never_comes_without_moving(catalog: Catalog, answers: Answers) -> None:
    items = shown(catalog, answers)
    if items & MASSAGE:
        assert "habit/stay_active" in items or any(item.startswith("exercise/") for item in items)


@given(answers=people)
@settings(max_examples=50)
def test_a_plan_keeps_its_limits(catalog: Catalog, answers: Answers) -> None:
    plan = make_plan(decide(catalog, answers))
    minutes = answers.get("minutes_a_day", QUESTIONS["minutes_a_day"].low)
    assert sum(section.minutes for section in plan.sections) <= minutes
    limits = {section.id: section for section in catalog.limits.sections}
    for section in plan.sections:
        assert len(section.items) <= limits[section.id].at_most
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
