"""The people at the edges of a rule: each number just under, at and just over, each flag alone,
asked if need be.
"""

import json
from pathlib import Path

import pytest

from lumbar import Catalog, load
from lumbar.review.cover.boundary import Boundary, Edge, boundary, print_boundary
from lumbar.review.cover.people import everybody
from lumbar.terminal.output import captured

TOY = Path(__file__).parents[1] / "toy"


@pytest.fixture(scope="module")
def toy() -> Catalog:
    return load(TOY)


def found_at(catalog: Catalog, rule: str) -> Boundary:
    return boundary(catalog, catalog.rules[rule], everybody(catalog, {}))


def edges(catalog: Catalog, rule: str) -> tuple[Edge, ...]:
    return found_at(catalog, rule).people


def fires(catalog: Catalog, rule: str) -> dict[str, bool]:
    return {one.looked_at: one.fires for one in edges(catalog, rule)}


def test_a_number_is_tried_just_under_at_and_just_over(toy):
    assert fires(toy, "phase-long") == {
        "pain_days 83": False,
        "pain_days 84": True,
        "pain_days 85": True,
    }


def test_a_question_that_is_not_asked_is_brought_up_first(toy):
    found = edges(toy, "pregnant-late")
    weeks = {one.looked_at: one.fires for one in found if "weeks" in one.looked_at}
    assert weeks == {
        "pregnancy_weeks 19": False,
        "pregnancy_weeks 20": True,
        "pregnancy_weeks 21": True,
    }
    assert all(one.answers["pregnant"] == "yes" for one in found if "weeks" in one.looked_at)


def test_each_flag_stands_alone_on_the_example_person(toy):
    found = edges(toy, "fever")
    assert {one.looked_at: dict(one.answers) for one in found} == {
        "fever unsure alone": {"fever": "unsure"},
        "fever yes alone": {"fever": "yes"},
    }
    assert {one.urgency for one in found} == {"same_day"}
    assert {one.sees for one in found} == {("same_day",)}


def test_a_score_is_shown_by_people_around_its_number(toy):
    assert fires(toy, "mood-low") == {"mood_total 2": False, "mood_total 3": True}


def test_a_number_that_cannot_be_answered_makes_no_edge(toy):
    assert fires(toy, "active") == {
        "pain_worst 8": True,
        "pain_worst 9": True,
        "pain_worst 10": False,
    }


def test_the_items_of_the_rule_are_told_in_and_out(toy):
    tried = {one.looked_at: (one.offered, one.kept_out) for one in edges(toy, "no-massage")}
    assert tried == {
        "signs rash alone": ((), ("massage/knead", "massage/knock", "massage/push", "massage/roll"))
    }
    assert edges(toy, "heavy")[0].offered == ("belt/support", "work/lifting")


@pytest.mark.parametrize("rule", ["fever", "no-massage", "pregnant-late", "mood-low"])
def test_the_table_fits_a_terminal_and_cuts_nothing_short(rule, toy):
    text = captured(lambda console: print_boundary(found_at(toy, rule), toy.rules[rule], console))
    assert max(map(len, text.splitlines())) <= 80
    assert "…" not in text
    assert f"[{rule}]" in text


def test_how_urgent_it_is_is_never_broken_within_a_word(catalog):
    for rule in ("unanswered-emergency", "ces-bladder"):
        found = boundary(catalog, catalog.rules[rule], everybody(catalog, {}))
        urgencies = {word for one in found.people for word in one.urgency.split("_")}
        shown = captured(lambda to: print_boundary(found, catalog.rules[rule], to))  # noqa: B023
        assert urgencies <= set(shown.split())


def test_everybody_at_an_edge_is_in_the_json(toy):
    found = json.loads(found_at(toy, "fever").to_json())
    assert found["rule"] == "fever"
    assert [one["looked_at"] for one in found["people"]] == [
        "fever unsure alone",
        "fever yes alone",
    ]


def test_people_who_picked_several_options_are_in_the_json_too(catalog):
    found = json.loads(found_at(catalog, "fragile-bone").to_json())
    assert any(
        isinstance(answer, list) for one in found["people"] for answer in one["answers"].values()
    )


def test_a_question_left_open_is_tried_where_the_rule_asks_for_that(toy):
    assert fires(toy, "warmth") == {"pain_now left open": False}


def test_shipped_rules_of_every_stage_have_somebody_at_their_edges(catalog):
    people = everybody(catalog, {})
    some = [rule for rules in catalog.by_stage.values() for rule in rules[::10]]
    assert [rule.id for rule in some if not boundary(catalog, rule, people).people] == []
