"""A plan stays within its limits, gives the gentlest dose, and accounts for every item exactly
once.
"""

import json
import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from lumbar import Catalog, Decision, Plan, decide, load, make_plan
from lumbar.intake.answers import faults
from lumbar.plan.document import PlanItem, PlanSection
from lumbar.rulebook.questionnaire import Number, OneOf

TOY = Path(__file__).parents[1] / "toy"
ALL = ["rubbing", "tapping"]


@pytest.fixture(scope="module")
def toy() -> Catalog:
    return load(TOY)


def planned(toy: Catalog, **over: Any) -> Plan:
    return make_plan(decide(toy, toy.questionnaire.example(over)))


def section(plan: Plan, name: str) -> PlanSection:
    return next(one for one in plan.sections if one.id == name)


def shown(plan: Plan, name: str) -> list[str]:
    return [one.item.partition("/")[2] for one in section(plan, name).items]


def left_out(plan: Plan) -> dict[str, str]:
    return {one.item: one.reason for one in plan.left_out}


def any_person(catalog: Catalog, dice: random.Random, *, calm: bool) -> dict[str, Any]:
    """Return random answers; a calm person has the example's answers to every sign."""
    over: dict[str, Any] = {}
    kept = dice.choice([0.4, 0.7, 0.95])
    for name, question in catalog.questionnaire.questions.items():
        if dice.random() < kept or (calm and question.kind):
            continue
        if isinstance(question, Number):
            over[name] = dice.choice(
                [question.low, question.high, dice.randint(question.low, question.high)]
            )
        elif isinstance(question, OneOf):
            over[name] = dice.choice(list(question.labels))
        else:
            others = [one for one in question.labels if one != "none"]
            over[name] = dice.choice([["none"], dice.sample(others, dice.randint(1, len(others)))])
    return {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in catalog.questionnaire.example(over).items()
    }


@pytest.fixture(scope="module")
def people(catalog: Catalog) -> list[tuple[Decision, Plan]]:
    """Return the decisions and plans of people on the shipped rules: one who wants it all, and
    random ones.
    """
    dice = random.Random(7)
    wishes = ["firm_pressing", "tapping_shaking", "warm_rubbing"]
    eager = decide(
        catalog, catalog.questionnaire.example({"minutes_a_day": 90, "massage_wish": wishes})
    )
    every = [
        eager,
        *(decide(catalog, any_person(catalog, dice, calm=number % 4 > 0)) for number in range(45)),
    ]
    return [(decision, make_plan(decision)) for decision in every]


def assert_every_item_is_somewhere_once(catalog: Catalog, plan: Plan) -> None:
    items = [one.item for part in plan.sections for one in part.items]
    referred = [one.to for one in plan.referrals]
    assert sorted([*items, *referred, *(one.item for one in plan.left_out)]) == sorted(
        catalog.items
    )


def test_every_item_is_shown_referred_to_or_left_out_exactly_once(
    catalog: Catalog, people: list[tuple[Decision, Plan]]
) -> None:
    for _, plan in people:
        assert_every_item_is_somewhere_once(catalog, plan)


@pytest.mark.parametrize("seed", range(20))
def test_every_toy_item_is_somewhere_exactly_once(toy: Catalog, seed: int) -> None:
    decision = decide(toy, any_person(toy, random.Random(seed), calm=seed % 2 == 0))
    assert_every_item_is_somewhere_once(toy, make_plan(decision))


def test_the_random_people_meet_every_reason_to_leave_an_item_out(
    people: list[tuple[Decision, Plan]],
) -> None:
    met = {one.reason for _, plan in people for one in plan.left_out}
    assert met == {"avoided", "urgent", "no_room", "no_time", "not_recommended"}


def test_there_are_at_most_six_techniques_of_ten_minutes_and_four_exercises_beside_walking(
    catalog: Catalog, people: list[tuple[Decision, Plan]]
) -> None:
    parts = [part for _, plan in people for part in plan.sections]
    massage = [part for part in parts if part.id == "massage"]
    exercise = [part for part in parts if part.id == "exercise"]
    assert max(len(part.items) for part in massage) == 6
    assert max(part.minutes for part in massage) <= 10
    assert max(len(places(catalog, part)) for part in exercise) == 4


def places(catalog: Catalog, part: PlanSection) -> list[PlanItem]:
    """Return the items that take a place and minutes."""
    beside = next(one.beside for one in catalog.limits.sections if one.id == part.id)
    return [one for one in part.items if one.item not in beside]


def test_no_section_holds_more_than_its_limits(
    catalog: Catalog, people: list[tuple[Decision, Plan]]
) -> None:
    limits = {one.id: one for one in catalog.limits.sections}
    for _, plan in people:
        for part in plan.sections:
            limit = limits[part.id]
            paid = places(catalog, part)
            assert part.items and len(paid) <= limit.at_most
            assert limit.minutes_at_most is None or part.minutes <= limit.minutes_at_most
            assert part.minutes == sum(one.dose.minutes for one in paid if one.dose)


def test_a_plan_fits_into_the_minutes_the_person_has(people: list[tuple[Decision, Plan]]) -> None:
    for decision, plan in people:
        minutes = decision.answers["minutes_a_day"]
        assert isinstance(minutes, int)
        assert sum(part.minutes for part in plan.sections) <= minutes


def test_a_section_is_under_its_least_only_where_nothing_more_was_to_be_had(
    catalog: Catalog, people: list[tuple[Decision, Plan]]
) -> None:
    for decision, plan in people:
        for limit in catalog.limits.sections:
            held = next(
                (len(places(catalog, one)) for one in plan.sections if one.id == limit.id), 0
            )
            reasons = {reason for item, reason in left_out(plan).items() if item in limit.order}
            assert (
                held >= limit.at_least
                or "no_time" in reasons
                or held == recommended(decision, {*limit.order} - {*limit.beside})
            )


def recommended(decision: Decision, items: set[str]) -> int:
    return len([one for one in decision.recommended if one.item in items])


def test_the_shipped_limits_are_two_to_six_techniques_and_three_to_four_exercises(
    catalog: Catalog,
) -> None:
    limits = {
        one.id: (one.at_least, one.at_most, one.minutes_at_most) for one in catalog.limits.sections
    }
    assert (limits["massage"], limits["exercise"]) == ((2, 6, 10), (3, 4, None))


def test_the_shipped_example_person_gets_enough_of_each(
    catalog: Catalog, example: Callable[..., Any]
) -> None:
    plan = make_plan(decide(catalog, example()))
    assert 2 <= len(section(plan, "massage").items) <= 6
    assert 3 <= len(places(catalog, section(plan, "exercise"))) <= 4


def test_walking_is_not_paid_from_the_minutes_of_a_person(
    catalog: Catalog, example: Callable[..., Any]
) -> None:
    part = section(make_plan(decide(catalog, example({"minutes_a_day": 5}))), "exercise")
    walk = next(one for one in part.items if one.item == "exercise/walking")
    assert walk.dose and walk.dose.minutes > 5
    assert part.minutes <= 5


def test_items_and_sections_stand_in_the_order_of_the_limits(
    catalog: Catalog, people: list[tuple[Decision, Plan]]
) -> None:
    order = [item for one in catalog.limits.sections for item in one.order]
    for _, plan in people:
        places = [order.index(one.item) for part in plan.sections for one in part.items]
        assert places == sorted(places)


def test_every_wish_is_granted_or_answered(
    catalog: Catalog, people: list[tuple[Decision, Plan]]
) -> None:
    """Whoever wished for an item has one of its kind, or reads which answers are against it, or
    that there is no room or no time.
    """
    left_out = catalog.words.left_out
    of_a_plan = {left_out.no_room, left_out.no_time}
    answered = 0
    for decision, plan in people:
        if not plan.today:
            continue
        shown = {one.item for part in plan.sections for one in part.items}
        shown |= {one.to for one in plan.referrals}
        refused = {items for one in plan.not_now for items in one.items}
        for name, question in catalog.questionnaire.questions.items():
            said = decision.answers.get(name)
            for option in getattr(question, "options", ()):
                if option.wishes and (said == option.id or option.id in (said or ())):
                    assert shown & set(option.wishes) or set(option.wishes) <= refused
                    answered += 1
        assert all(one.answers or one.text in of_a_plan for one in plan.not_now)
    assert answered > 20


def test_the_shipped_techniques_go_from_warm_to_cool(catalog: Catalog) -> None:
    order = next(one.order for one in catalog.limits.sections if one.id == "massage")
    names = [item.removeprefix("massage/") for item in order]
    assert names == [
        "knead", "push", "press_waist", "pinch", "roll", "knock", "shake", "rake",
        "philtrum", "behind_knee"
    ]  # fmt: skip


def test_as_many_items_are_shown_as_the_minutes_of_a_section_hold(toy: Catalog) -> None:
    assert shown(planned(toy, likes=["tapping"]), "massage") == ["roll", "knock"]
    assert shown(planned(toy, likes=ALL), "massage") == ["knead", "push", "roll"]
    assert shown(planned(toy, likes=ALL, pain_days=90), "massage") == ["knead", "push", "roll"]


def test_items_that_more_rules_recommend_are_chosen_first(
    catalog: Catalog, people: list[tuple[Decision, Plan]]
) -> None:
    compared = 0
    first = next(one.first for one in catalog.limits.sections if one.id == "exercise")
    for decision, plan in people:
        votes = {one.item: one.votes for one in decision.recommended}
        refused = {
            item
            for item, reason in left_out(plan).items()
            if reason == "no_room" and item.startswith("exercise/")
        }
        for part in plan.sections:
            if part.id == "exercise" and len(places(catalog, part)) == 4 and refused:
                compared += 1
                taken = [one.item for one in places(catalog, part)]
                later = [votes[item] for item in taken if item not in first]
                assert refused.isdisjoint(first) or not later
                assert (
                    min(later, default=9) >= max(votes[item] for item in refused - {*first})
                    or "no_time" in left_out(plan).values()
                )
    assert compared


def test_the_gentlest_dose_that_a_rule_asks_for_wins(toy: Catalog) -> None:
    def dose(**over: Any) -> str:
        given = next(
            one.dose
            for one in section(planned(toy, **over), "massage").items
            if one.item == "massage/knead"
        )
        assert given is not None
        return given.id

    assert dose(pain_days=90) == "standard"
    assert dose(pain_days=21) == "gentle"


def test_an_item_no_rule_gives_a_dose_for_gets_its_gentlest(toy: Catalog) -> None:
    doses = {one.item: one.dose.id for one in section(planned(toy), "exercise").items if one.dose}
    assert doses == {
        "exercise/bridge": "standard",
        "exercise/bird_dog": "gentle",
        "exercise/pelvic_tilt": "gentle",
    }


def test_an_item_over_the_minutes_of_its_section_has_no_room(toy: Catalog) -> None:
    plan = planned(toy, likes=ALL, pain_days=90, minutes_a_day=90)
    assert section(plan, "massage").minutes == 4
    assert left_out(plan)["massage/knock"] == "no_room"


def test_an_item_that_does_not_fit_in_the_dose_asked_for_is_shown_in_a_gentler_one(
    toy: Catalog,
) -> None:
    doses = {
        one.item: one.dose.id
        for one in section(planned(toy, likes=ALL, pain_days=90), "massage").items
        if one.dose
    }
    assert doses == {"massage/knead": "gentle", "massage/push": "gentle", "massage/roll": "gentle"}


def test_no_dose_is_ever_stronger_than_the_one_asked_for(
    catalog: Catalog, people: list[tuple[Decision, Plan]]
) -> None:
    for decision, plan in people:
        asked = {one.item: one.dose for one in decision.recommended}
        for one in (one for part in plan.sections for one in part.items if one.dose):
            order = [dose.id for dose in catalog.items[one.item].doses]
            assert order.index(one.dose.id) <= order.index(asked[one.item] or order[0])


def test_an_item_in_a_full_section_has_no_room(toy: Catalog) -> None:
    reasons = left_out(planned(toy, minutes_a_day=90))
    assert (reasons["exercise/breathing"], reasons["exercise/walking"]) == ("no_room", "no_room")


def test_an_item_longer_than_the_minutes_left_has_no_time(toy: Catalog) -> None:
    plan = planned(toy, minutes_a_day=5, floor="no", likes=["none"])
    assert shown(plan, "exercise") == ["pelvic_tilt", "breathing"]
    assert left_out(plan)["exercise/walking"] == "no_time"


def test_every_section_gets_its_least_before_any_gets_its_most(toy: Catalog) -> None:
    plan = planned(toy, minutes_a_day=5, likes=ALL)
    assert shown(plan, "exercise") == ["bridge", "bird_dog"]
    assert shown(plan, "massage") == ["knead"]


def test_who_leaves_the_minutes_open_gets_the_shortest_plan(toy: Catalog) -> None:
    plan = planned(toy, minutes_a_day=None)
    assert sum(part.minutes for part in plan.sections) <= 5


def test_each_left_out_item_says_why_in_the_words_of_the_catalog(toy: Catalog) -> None:
    plan = planned(toy, signs=["rash"])
    words = toy.words.left_out.plain()
    assert {one.text for one in plan.left_out} <= set(words.values())
    assert all(one.text == words[one.reason] for one in plan.left_out)
    assert all(bool(one.because) is (one.reason == "avoided") for one in plan.left_out)


@pytest.mark.parametrize(
    ("over", "item", "reason"),
    [
        ({"signs": ["rash"]}, "massage/knead", "avoided"),
        ({"fever": "yes"}, "massage/knead", "urgent"),
        ({"fever": "yes", "signs": ["rash"]}, "massage/knead", "avoided"),
        ({"likes": ["none"]}, "massage/knead", "not_recommended"),
        ({"pregnant": "yes", "pregnancy_weeks": 30}, "belt/support", "avoided"),
    ],
)
def test_the_reason_to_leave_an_item_out_is_the_weightiest(
    toy: Catalog, over: dict[str, Any], item: str, reason: str
) -> None:
    assert left_out(planned(toy, **over))[item] == reason


@pytest.mark.parametrize("over", [{"weak_leg": "yes"}, {"fever": "yes"}])
def test_who_must_be_seen_today_is_shown_only_whom_to_see(
    toy: Catalog, over: dict[str, Any]
) -> None:
    plan = planned(toy, **over)
    assert plan.sections == ()
    assert plan.safety_net.while_you_wait


def test_somebody_referred_to_is_not_also_a_recommendation(
    catalog: Catalog, people: list[Any]
) -> None:
    for _, plan in people:
        items = {one.item for part in plan.sections for one in part.items}
        assert items.isdisjoint(one.to for one in plan.referrals)


@pytest.mark.parametrize(
    ("over", "day"),
    [({}, "2026-12-20"), ({"pain_days": 90}, "2026-12-06"), ({"signs": ["lump"]}, "2026-11-29"),
     ({"fever": "yes"}, "2026-11-23"), ({"weak_leg": "yes"}, "2026-11-22")],
)  # fmt: skip
def test_the_day_of_review_hangs_on_the_urgency(
    toy: Catalog, over: dict[str, Any], day: str
) -> None:
    assert make_plan(decide(toy, toy.questionnaire.example(over)), "2026-11-22").review.on == day


def test_the_day_of_review_passes_over_the_end_of_a_leap_february(toy: Catalog) -> None:
    decision = decide(toy, toy.questionnaire.example({"signs": ["lump"]}))
    assert make_plan(decision, "2028-02-25").review.on == "2028-03-03"


def test_without_a_day_of_the_answers_there_is_no_day_of_review(toy: Catalog) -> None:
    review = planned(toy).review
    assert (review.on, review.after_days) == (None, 28)


@pytest.mark.parametrize("answered_on", ["0001-01-01", "2026-11-22", "9999-12-31"])
def test_any_day_that_answers_may_have_been_given_on_makes_a_plan(
    toy: Catalog, answered_on: str
) -> None:
    refused = faults(toy.questionnaire, {"answered_on": answered_on})
    assert (
        refused
        or make_plan(decide(toy, toy.questionnaire.example()), answered_on).review.after_days == 28
    )


def test_the_shipped_day_of_review_is_told_from_the_day_of_the_answers(
    catalog: Catalog, people: list[tuple[Decision, Plan]]
) -> None:
    for decision, _ in people[:5]:
        review = make_plan(decision, "2026-11-22").review
        assert review.on == (date(2026, 11, 22) + timedelta(days=review.after_days)).isoformat()


def test_the_words_of_the_operator_are_filled_in_everywhere(
    people: list[tuple[Decision, Plan]],
) -> None:
    for _, plan in people:
        text = json.dumps(plan.plain("provenance"))
        assert not any(
            f"{{{name}}}" in text for name in ("emergency_number", "urgent_line", "crisis_line")
        )


def test_the_plan_says_what_made_it(toy: Catalog) -> None:
    plan = planned(toy, weak_leg="yes")
    assert (plan.provenance.rule_set, plan.provenance.sha256) == ("toy", toy.sha256)
    assert plan.provenance.rules_fired == len(plan.firings)
    assert plan.provenance.review_note == f"0 of {len(plan.firings)} signed."
    assert plan.provenance.rules_signed == 0


def test_every_firing_names_the_answers_it_rests_on(people: list[tuple[Decision, Plan]]) -> None:
    for decision, plan in people:
        assert [one.rule for one in plan.firings] == list(decision.fired)
        assert [one.rule for one in plan.firings if not one.answers] == []


def test_the_same_answers_give_the_same_bytes_whatever_their_order(
    catalog: Catalog, people: list[tuple[Decision, Plan]]
) -> None:
    for decision, plan in people[:5]:
        turned = dict(reversed(decision.answers.raw.items()))
        assert make_plan(decide(catalog, turned)) == plan


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("weak_leg", "your leg goes weak"),
        ("fever", "your answer to 'A fever' became 'Yes'"),
        ("signs", "your answer to 'Signs of illness' included 'A lump'"),
    ],
)
def test_a_change_is_said_in_words(toy: Catalog, question: str, words: str) -> None:
    assert next(one.text for one in planned(toy).would_change if one.question == question) == words


def test_an_age_is_nothing_to_watch_for(toy: Catalog) -> None:
    assert "age" not in {one.question for one in planned(toy).would_change}
