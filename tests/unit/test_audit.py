"""The audit: figures of made-up people, and what is held."""

import json
from dataclasses import replace
from typing import Any

import pytest

from lumbar import Catalog
from lumbar.decision.decide import by_reference
from lumbar.form.agreement import DisagreementError
from lumbar.form.encoding import Encoding
from lumbar.form.formulas import TRUE
from lumbar.intake.answers import Answers
from lumbar.intake.length import length
from lumbar.reading.paths import data_root
from lumbar.review.audit import figures, measuring, printing
from lumbar.review.audit.figures import FILE, Goal, read_goals
from lumbar.review.audit.measuring import seen
from lumbar.review.audit.seen import Seen, among, bands, looked_at
from lumbar.review.people.drawing import CAUSE, Drawing
from lumbar.review.people.practice import read
from lumbar.rulebook.questionnaire import Number


@pytest.fixture(scope="module")
def found(catalog: Catalog) -> dict[str, list[Seen]]:
    """Return a few people of each group, without other processes."""
    practice, encoding = read(catalog, data_root()), Encoding(catalog)
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
        made[group.name] = list(seen(encoding, drawing.drawn(range(40)), 2, "age"))
    return made


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


def test_what_is_looked_at_of_a_crowd_is_what_is_looked_at_of_each(catalog):
    people = Drawing(catalog, read(catalog, data_root()), "each", unsure=0.02).drawn(range(7, 60))
    one_by_one = [
        looked_at(
            by_reference(catalog, one.answers),
            one.hidden[CAUSE],
            None,
            among(catalog, "sex", one.answers),
        )
        for one in map(people.person, range(len(people)))
    ]
    assert list(seen(Encoding(catalog), people, 0, "sex")) == one_by_one


def test_nothing_is_measured_where_the_formulas_and_the_reference_engine_disagree(catalog):
    people = Drawing(catalog, read(catalog, data_root()), "apart").drawn(range(0, 3))
    encoding = Encoding(catalog)
    encoding.fires["infection-fever"] = TRUE
    with pytest.raises(DisagreementError, match="person 0: fires infection-fever"):
        list(seen(encoding, people, 0))


def test_people_are_told_by_the_options_of_a_question_or_bands_of_a_number(catalog):
    assert bands(catalog, "sex") == [*catalog.questionnaire.questions["sex"].labels, "no answer"]
    assert among(catalog, "age", {"age": 49}) == "40–49"
    assert among(catalog, "age", {}) == "no answer"
    assert among(catalog, "pain_now", {"pain_now": 10}) == "10"
    for name, question in catalog.questionnaire.questions.items():
        if isinstance(question, Number):
            ends = {among(catalog, name, {name: end}) for end in (question.low, question.high)}
            assert ends <= {*bands(catalog, name)}
            assert len(bands(catalog, name)) <= 17


def test_how_soon_and_items_are_told_by_group(catalog, found):
    values, goals = figures.figures(catalog, found), read_goals(data_root())
    *_, (title, rows), (_, items) = printing.tables(catalog, found, values, goals, "age")
    assert title == "How soon, by age (of 100)"
    assert sum(int(row[1]) for row in rows[1:]) == len(found["all"])
    assert [row[0] for row in rows[1:]] == list(items[0][1:])
