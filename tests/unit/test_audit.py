"""The audit: figures of made-up people, and what is held."""

import json
from dataclasses import replace
from typing import Any

import pytest

from lumbar import Catalog
from lumbar.decision.decide import by_reference
from lumbar.intake.answers import Answers
from lumbar.intake.length import length
from lumbar.reading.paths import data_root
from lumbar.review.audit import figures, measuring, printing
from lumbar.review.audit.figures import FILE, Goal, read_goals
from lumbar.review.audit.measuring import Seen, looked_at
from lumbar.review.people.drawing import CAUSE, Drawing
from lumbar.review.people.practice import read


@pytest.fixture(scope="module")
def found(catalog: Catalog) -> dict[str, list[Seen]]:
    """Return a few people of each group, without other processes."""
    practice = read(catalog, data_root())
    groups = measuring.groups(practice, 100, 0)
    made = {}
    for group in groups:
        drawing = Drawing(
            catalog,
            practice,
            f"test/{group.name}",
            cause=group.cause,
            unsure=group.unsure,
            thinned=group.thinned,
        )
        made[group.name] = [seen(catalog, drawing, place) for place in range(40)]
    return made


def seen(catalog: Catalog, drawing: Drawing, place: int) -> Seen:
    person = drawing.made_up(place)
    answers = Answers.of(catalog.questionnaire, person.answers)
    return looked_at(by_reference(catalog, answers), person.hidden[CAUSE])


def person(catalog: Catalog, **over: Any) -> Seen:
    answers = catalog.questionnaire.example(over)
    return looked_at(by_reference(catalog, Answers.of(catalog.questionnaire, answers)), "simple")


def test_every_figure_is_measured_and_every_measure_is_a_figure(catalog, found):
    goals = read_goals(data_root())
    assert {one.id for one in goals.figures} == figures.figures(catalog, found).keys()


def test_everything_is_printed_and_the_json_says_the_same(catalog, found):
    values, goals = figures.figures(catalog, found), read_goals(data_root())
    made = list(printing.tables(catalog, found, values, goals))
    assert all(len(row) == len(head) for _, (head, *rows) in made for row in rows)
    page = printing.markdown(iter(made))
    assert all(one.says in page for one in goals.figures)
    assert json.loads(printing.as_json(iter(made), values))["figures"] == values


@pytest.mark.parametrize(
    ("goal", "value", "kept", "reached"),
    [
        ({"at_least": 72, "held": 60}, 61, True, False),
        ({"at_least": 72, "held": 60}, 59, False, False),
        ({"at_least": 72}, 72, True, True),
        ({"at_most": 7, "held": 9}, 8, True, False),
        ({"at_most": 7, "held": 9}, 9.5, False, False),
        ({"at_most": 7}, 7, True, True),
    ],
)
def test_a_figure_is_held_at_what_was_reached_or_else_at_its_goal(goal, value, kept, reached):
    one = Goal(id="x", says="x", **goal)
    assert (one.kept(value), one.reached(value)) == (kept, reached)


def test_a_rule_set_without_goals_has_none(tmp_path):
    assert read_goals(tmp_path) is None


def test_goals_of_the_wrong_shape_are_refused(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / FILE).write_text("people: 100\nseed: a\nfigures:\n  - {id: a, says: b}\n")
    with pytest.raises(Exception, match=r"audit\.yaml"):
        read_goals(tmp_path)


def test_the_rule_that_alone_makes_somebody_urgent_is_told(catalog):
    people = [person(catalog, fever="yes"), person(catalog), person(catalog, weight_loss="yes")]
    rows = figures.urgent_rules(people)
    third = pytest.approx(33.3, abs=0.1)
    assert ("same_day", "infection-fever", third, third) in rows
    assert [urgency for urgency, *_ in rows] == ["same_day", "within_days"]


def test_a_technique_is_counted_for_who_wished_it_and_has_no_caution(catalog):
    kinds = figures.wished_by(catalog)
    wished = person(catalog, massage_wish=("tapping_shaking",))
    assert figures.fit(wished, "massage/knock", kinds)
    kept_out = person(catalog, massage_wish=("tapping_shaking",), blood_thinner="yes")
    assert not figures.fit(kept_out, "massage/knock", kinds)
    assert figures.missing([kept_out], "massage/knock").total() == 1


def test_people_alike_in_phase_or_severity_are_not_compared(catalog):
    new, old = person(catalog, pain_days=5, pain_now=8), person(catalog, pain_days=200, pain_now=2)
    assert figures.likeness([new, new]) == []
    assert len(figures.likeness([new, old])) == 1


def test_who_ticks_nothing_answers_one_question_a_card(catalog):
    says, usual = catalog.words.interview, catalog.questionnaire.example()
    short = length(catalog.questionnaire, says, Answers.of(catalog.questionnaire, usual))
    over = catalog.questionnaire.example({"bladder_leak": "new"})
    more = length(catalog.questionnaire, says, Answers.of(catalog.questionnaire, over))
    assert short.answers < len(usual) / 2
    assert more.answers == short.answers + 1
    assert more.minutes > short.minutes


@pytest.mark.parametrize(
    ("shown", "bends"),
    [
        ({"exercise/table_lean"}, True),
        ({"exercise/chair_bend", "exercise/walking"}, True),
        ({"exercise/chair_bend", "exercise/standing_back_bend"}, False),
        ({"exercise/walking", "massage/knead"}, False),
        (set(), False),
    ],
)
def test_a_plan_bends_forwards_where_an_exercise_bends_or_leans_and_none_arches(
    catalog, shown, bends
):
    one = replace(person(catalog), shown=frozenset(shown))
    assert figures.bends(catalog, one) is bends
