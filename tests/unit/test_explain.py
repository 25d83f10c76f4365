"""Why, why not and what if, each in words that a person or a clinician can check."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lumbar import BadAnswersError, Catalog, Decision, Plan, decide, load, make_plan
from lumbar.plan.document import LeftOut, PlanItem, PlanReferral
from lumbar.plan.explain import (
    UnknownNameError,
    condition_in_words,
    effects_in_words,
    in_words,
    what_if,
    why,
    why_not,
)
from lumbar.rulebook.conditions import Condition, Not
from lumbar.rulebook.parsing import parse

TOY = Path(__file__).parents[1] / "toy"


@pytest.fixture(scope="module")
def toy() -> Catalog:
    return load(TOY)


def planned(catalog: Catalog, **over: Any) -> tuple[Decision, Plan]:
    decision = decide(catalog, catalog.questionnaire.example(over))
    return decision, make_plan(decision)


def missing(catalog: Catalog, item: str, **over: Any) -> tuple[str, tuple[str, ...]]:
    found = why_not(*planned(catalog, **over), item)
    assert found is not None
    assert found.nearest is not None
    return found.nearest.rule, found.nearest.missing


def test_why_an_item_is_in_names_its_rules_and_answers(toy: Catalog) -> None:
    found = why(planned(toy)[1], toy, "massage/knead")
    assert isinstance(found, PlanItem)
    assert {one.rule: [said.question for said in one.answers] for one in found.because} == {
        "rubbing": ["likes"],
        "rubbing-early": ["pain_days", "likes"],
    }


def test_why_somebody_should_be_seen_names_the_referral(toy: Catalog) -> None:
    found = why(planned(toy, weak_leg="yes")[1], toy, "practitioner/emergency")
    assert isinstance(found, PlanReferral)
    assert [(one.rule, one.answers[0].answer) for one in found.because] == [("weak-leg", "Yes")]


def test_why_an_item_was_avoided_names_the_caution(toy: Catalog) -> None:
    found = why(planned(toy, signs=["rash"])[1], toy, "massage/knead")
    assert isinstance(found, LeftOut)
    assert (found.reason, [one.rule for one in found.because]) == ("avoided", ["no-massage"])


def test_every_item_of_the_catalog_can_be_asked_about(toy: Catalog) -> None:
    _, plan = planned(toy)
    assert [
        name
        for name in toy.items
        if not isinstance(why(plan, toy, name), PlanItem | PlanReferral | LeftOut)
    ] == []


@pytest.mark.parametrize("ask", [lambda d, p, i: why(p, d.catalog, i), why_not])
def test_an_unknown_item_is_named_with_the_nearest_known_one(
    toy: Catalog, ask: Callable[..., Any]
) -> None:
    with pytest.raises(
        UnknownNameError, match="there is no item 'massage/kned'; did you mean 'massage/knead'"
    ):
        ask(*planned(toy), "massage/kned")
    with pytest.raises(UnknownNameError, match=r"there is no item 'zzz'$"):
        ask(*planned(toy), "zzz")


def test_there_is_no_why_not_for_what_is_in_the_plan(toy: Catalog) -> None:
    decision, plan = planned(toy, weak_leg="unsure")
    assert why_not(decision, plan, "practitioner/same_day") is None
    assert why_not(*planned(toy), "massage/knead") is None


def test_an_item_left_out_for_another_reason_has_no_nearest_rule(toy: Catalog) -> None:
    found = why_not(*planned(toy, signs=["rash"]), "massage/knead")
    assert found is not None
    assert (found.left_out.reason, found.nearest) == ("avoided", None)


def test_the_nearest_rule_is_the_one_with_the_fewest_missing_clauses(toy: Catalog) -> None:
    assert missing(toy, "massage/knead", likes=["none"], pain_days=90) == (
        "rubbing",
        ("'What you like' includes \"Rubbing\"",),
    )


def test_only_what_was_missing_is_named(toy: Catalog) -> None:
    assert missing(toy, "rest/relative_rest")[1] == (
        "'Worst pain' is at least 8 points (severe from)",
    )
    assert missing(toy, "practitioner/emergency", fever="yes") == (
        "weak-leg",
        ("'A weak leg' is \"Yes\"",),
    )


def test_a_missing_finding_and_a_missing_value_are_named(toy: Catalog) -> None:
    assert missing(toy, "practitioner/acupuncturist")[1] == ("'phase' is long",)
    assert missing(toy, "habit/pacing")[1] == ("'mood low' was found",)


def test_a_missing_answer_is_named(toy: Catalog) -> None:
    assert missing(toy, "heat/warm_wrap", pain_now=None)[1] == ("'Pain now' was answered",)


def test_after_a_failure_no_rule_is_said_to_have_come_near(
    toy: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.import_module("lumbar.decision.decide"), "engines", lambda: ())
    found = why_not(*planned(toy), "massage/knead")
    assert found is not None
    assert found.nearest is None or found.nearest.missing


def test_what_if_tells_how_the_plan_would_differ(toy: Catalog) -> None:
    found = what_if(decide(toy, toy.questionnaire.example()), {"work": "heavy"})
    assert found.changed == {"work": "Your work: Heavy work"}
    assert (found.items_added, found.items_removed) == (
        ("belt/support", "work/lifting"),
        ("work/desk",),
    )
    assert (found.rules_now_firing, found.rules_now_silent) == (("heavy",), ("desk",))
    assert (found.urgency_before, found.urgency_after) == ("self_care", "self_care")


def test_what_if_tells_of_referrals(toy: Catalog) -> None:
    found = what_if(decide(toy, toy.questionnaire.example({"pain_days": 90})), {"weak_leg": "yes"})
    assert (found.urgency_before, found.urgency_after) == ("routine", "emergency")
    assert (found.referrals_added, found.referrals_removed) == (("practitioner/emergency",), ())
    assert "massage/knead" in found.items_removed


def test_what_if_drops_and_names_answers_no_longer_asked_for(toy: Catalog) -> None:
    answers = toy.questionnaire.example({"pregnant": "yes"})
    found = what_if(decide(toy, answers), {"age": 70})
    assert found.dropped == ("pregnant", "pregnancy_weeks")
    assert found.urgency_after == "within_days"


def test_what_if_with_the_same_answer_changes_nothing(toy: Catalog) -> None:
    found = what_if(decide(toy, toy.questionnaire.example()), {"age": 42})
    assert (
        found.items_added,
        found.items_removed,
        found.rules_now_firing,
        found.rules_now_silent,
    ) == ((), (), (), ())


def test_what_if_leaves_the_answers_as_they_are(toy: Catalog) -> None:
    answers = toy.questionnaire.example()
    what_if(decide(toy, answers), {"age": 70})
    assert answers == toy.questionnaire.example()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"age": 200}, "out-of-range"),
        ({"agee": 42}, "unknown-question"),
        ({"fever": "maybe"}, "unknown-option"),
        ({"weak_days": 3}, "not-asked"),
    ],
)
def test_what_if_refuses_an_answer_that_is_none(
    toy: Catalog, changed: dict[str, Any], code: str
) -> None:
    with pytest.raises(BadAnswersError) as caught:
        what_if(decide(toy, toy.questionnaire.example()), changed)
    assert code in {one.code for one in caught.value.problems}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("age < 65", "'Your age' is under 65 years"),
        ("age <= 65", "'Your age' is at most 65 years"),
        ("age > 65", "'Your age' is over 65 years"),
        ("age >= 65", "'Your age' is at least 65 years"),
        ("age != 65", "'Your age' is not 65 years"),
        ("fever == yes", "'A fever' is \"Yes\""),
        ("fever in [unsure, yes]", '\'A fever\' is "Not sure" or "Yes"'),
        ("signs includes lump", "'Signs of illness' includes \"A lump\""),
        ("answered(age)", "'Your age' was answered"),
        ("unanswered(age)", "'Your age' was not answered"),
        ("mood_low", "'mood low' was found"),
        ("phase == long", "'phase' is long"),
        ("risk_signs >= 1", "'Signs' is at least 1"),
    ],
)
def test_a_clause_is_said_in_words(toy: Catalog, text: str, words: str) -> None:
    clause: Any = parse(text)
    assert in_words(toy, clause) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("fever in [unsure, yes]", '\'A fever\' is not "Not sure" or "Yes"'),
        ("signs includes lump", "'Signs of illness' does not include \"A lump\""),
        ("answered(age)", "'Your age' was not answered"),
        ("unanswered(age)", "'Your age' was answered"),
        ("mood_low", "'mood low' was not found"),
    ],
)
def test_a_negated_clause_is_said_in_words(toy: Catalog, text: str, words: str) -> None:
    clause: Any = parse(text)
    assert in_words(toy, Not(clause)) == words


def test_a_condition_is_said_as_its_alternatives(toy: Catalog) -> None:
    condition: Condition = parse("mood_low and (age < 65 or fever == yes) or phase == long")
    assert condition_in_words(toy, condition) == (
        ("'mood low' was found", "'Your age' is under 65 years"),
        ("'mood low' was found", "'A fever' is \"Yes\""),
        ("'phase' is long",),
    )


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            "weak-leg",
            [
                "concludes 'nerve signs'",
                "refers to Emergency department (emergency: Soon emergency)",
            ],
        ),
        ("phase-long", ["concludes 'phase' is long"]),
        ("rubbing-early", ["recommends Knead (massage/knead, dose 'gentle')"]),
        ("no-floor", ["keeps tag:floor out of every plan"]),
    ],
)
def test_what_a_rule_does_is_said_in_words(toy: Catalog, rule: str, words: list[str]) -> None:
    assert list(effects_in_words(toy, toy.rules[rule])) == words


def test_every_shipped_rule_can_be_said_in_words(catalog: Catalog) -> None:
    for rule in catalog.rules.values():
        assert all(alternative for alternative in condition_in_words(catalog, rule.when))
        assert all(effects_in_words(catalog, rule))


def test_every_shipped_item_left_out_of_a_plan_has_an_answer(
    catalog: Catalog, example: Callable[..., dict[str, Any]]
) -> None:
    decision = decide(catalog, example())
    plan = make_plan(decision)
    for left in plan.left_out:
        found = why_not(decision, plan, left.item)
        assert found is not None
        assert (found.nearest is not None) == (left.reason == "not_recommended")
        assert found.nearest is None or found.nearest.missing
