"""The people at the edges of a rule: each number just under, at and just over, each flag alone,
asked if need be.
"""

import json
from pathlib import Path

import pytest

from lumbar import Catalog, load
from lumbar.review.cover.boundary import Row, boundary, show, to_json
from lumbar.review.cover.people import everybody
from lumbar.terminal.output import captured

TOY = Path(__file__).parents[1] / "toy"


@pytest.fixture(scope="module")
def toy() -> Catalog:
    return load(TOY)


def rows(catalog: Catalog, rule: str) -> tuple[Row, ...]:
    return boundary(catalog, catalog.rules[rule], everybody(catalog, {}))


def fires(catalog: Catalog, rule: str) -> dict[str, bool]:
    return {row.looked_at: row.fires for row in rows(catalog, rule)}


def test_a_number_is_tried_just_under_at_and_just_over(toy):
    assert fires(toy, "phase-long") == {
        "pain_days 83": False,
        "pain_days 84": True,
        "pain_days 85": True,
    }


def test_a_question_that_is_not_asked_is_brought_up_first(toy):
    found = rows(toy, "pregnant-late")
    weeks = {row.looked_at: row.fires for row in found if "weeks" in row.looked_at}
    assert weeks == {
        "pregnancy_weeks 19": False,
        "pregnancy_weeks 20": True,
        "pregnancy_weeks 21": True,
    }
    assert all(row.answers["pregnant"] == "yes" for row in found if "weeks" in row.looked_at)


def test_each_flag_stands_alone_on_the_example_person(toy):
    found = rows(toy, "fever")
    assert {row.looked_at: dict(row.answers) for row in found} == {
        "fever unsure alone": {"fever": "unsure"},
        "fever yes alone": {"fever": "yes"},
    }
    assert {row.urgency for row in found} == {"same_day"}
    assert {row.sees for row in found} == {("same_day",)}


def test_a_score_is_shown_by_people_around_its_number(toy):
    assert fires(toy, "mood-low") == {"mood_total 2": False, "mood_total 3": True}


def test_a_number_that_cannot_be_answered_makes_no_row(toy):
    assert fires(toy, "active") == {
        "pain_worst 8": True,
        "pain_worst 9": True,
        "pain_worst 10": False,
    }


def test_the_items_of_the_rule_are_told_in_and_out(toy):
    tried = {row.looked_at: (row.offered, row.kept_out) for row in rows(toy, "no-massage")}
    assert tried == {
        "signs rash alone": ((), ("massage/knead", "massage/knock", "massage/push", "massage/roll"))
    }
    assert rows(toy, "heavy")[0].offered == ("belt/support", "work/lifting")


@pytest.mark.parametrize("rule", ["fever", "no-massage", "pregnant-late", "mood-low"])
def test_the_table_fits_a_terminal_and_cuts_nothing_short(rule, toy):
    text = captured(lambda console: show(toy, toy.rules[rule], rows(toy, rule), console))
    assert max(map(len, text.splitlines())) <= 80
    assert "…" not in text
    assert f"[{rule}]" in text


def test_every_row_is_in_the_json(toy):
    found = json.loads(to_json(toy.rules["fever"], rows(toy, "fever")))
    assert found["rule"] == "fever"
    assert [one["looked_at"] for one in found["people"]] == [
        "fever unsure alone",
        "fever yes alone",
    ]


def test_people_who_picked_several_options_are_in_the_json_too(catalog):
    found = json.loads(to_json(catalog.rules["fragile-bone"], rows(catalog, "fragile-bone")))
    assert any(
        isinstance(answer, list) for one in found["people"] for answer in one["answers"].values()
    )


def test_a_question_left_open_is_tried_where_the_rule_asks_for_that(toy):
    assert fires(toy, "warmth") == {"pain_now left open": False}


def test_shipped_rules_of_every_stage_have_somebody_at_their_edges(catalog):
    people = everybody(catalog, {})
    some = [rule for rules in catalog.by_stage.values() for rule in rules[::10]]
    assert [rule.id for rule in some if not boundary(catalog, rule, people)] == []
