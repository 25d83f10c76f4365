"""The audit: figures of people side by side, and what is held."""

import json
from collections.abc import Iterator
from math import ceil
from typing import Any

import pytest

pytest.importorskip("numpy", reason="the extra `crowd` is not installed")
import numpy as np

from lumbar import Catalog
from lumbar.decision.decide import Decision, by_reference
from lumbar.form.agreement import DisagreementError, decided
from lumbar.form.encoding import Encoding
from lumbar.form.formulas import TRUE
from lumbar.form.table import Column, columns, count, places
from lumbar.intake.answers import Answers
from lumbar.intake.interview import Interview
from lumbar.intake.length import length, minutes_left
from lumbar.plan.fitting import selected
from lumbar.reading.paths import data_root
from lumbar.review.audit import figures, measuring, printing
from lumbar.review.audit.goals import FILE, Goal, read_goals
from lumbar.review.audit.likeness import Compared
from lumbar.review.audit.measuring import seen
from lumbar.review.audit.seen import Seen, bands
from lumbar.review.people.crowds import Listed
from lumbar.review.people.drawing import CAUSE, Crowded, Drawing
from lumbar.review.people.files import Person
from lumbar.review.people.practice import read
from lumbar.rulebook.questionnaire import Number


@pytest.fixture(scope="module")
def encoding(catalog: Catalog) -> Encoding:
    return Encoding(catalog)


@pytest.fixture(scope="module")
def found(catalog: Catalog, encoding: Encoding) -> dict[str, Seen]:
    """Return a few people of each group."""
    groups = measuring.made_up(catalog, read(catalog, data_root()), "test", 100, 0.02)
    return {
        name: seen(encoding, crowd.drawn(range(40)), 20, 2, "age") for name, crowd in groups.items()
    }


def people(encoding: Encoding, *some: dict[str, Any]) -> Seen:
    """Return what came out for example people with some answers laid over."""
    catalog = encoding.catalog
    answers = [catalog.questionnaire.example(over) for over in some]
    return seen(encoding, Crowded(range(len(some)), columns(catalog.questionnaire, answers)))


def test_every_figure_is_measured_and_every_measure_is_a_figure(catalog, found):
    goals = read_goals(data_root())
    assert {one.id for one in goals.figures} == figures.figures(catalog, found).keys()


def test_everything_is_printed_and_the_json_says_the_same(catalog, found):
    values, goals = figures.figures(catalog, found), read_goals(data_root())
    made = [*printing.against(values, goals, True), *printing.tables(catalog, found)]
    assert all(len(row) == len(head) for _, (head, *rows) in made for row in rows)
    page = printing.markdown(iter(made))
    assert all(one.says in page for one in goals.figures)
    assert json.loads(printing.as_json(iter(made), values, {}))["figures"] == values


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


def test_people_are_told_the_minutes_that_the_audit_measures(catalog):
    measured = next(one for one in read_goals(data_root()).figures if one.id == "minutes-median")
    interview = Interview(catalog.questionnaire, {}, catalog.words.interview)
    assert minutes_left(interview, catalog.words.interview) == ceil(measured.held)


def test_a_rule_set_without_goals_has_none(tmp_path):
    assert read_goals(tmp_path) is None


def test_goals_of_the_wrong_shape_are_refused(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / FILE).write_text("people: 100\nseed: a\nfigures:\n  - {id: a, says: b}\n")
    with pytest.raises(Exception, match=r"audit\.yaml"):
        read_goals(tmp_path)


def test_the_rule_that_alone_makes_somebody_urgent_is_told(catalog, encoding):
    both = {"fever": "yes", "weight_loss": "yes"}
    some = people(encoding, {"fever": "yes"}, {}, {"weight_loss": "yes"}, both)
    rows = figures.urgent_rules(catalog, some, some.everybody)
    assert ("same_day", "infection-fever", 50, 50) in rows
    told = {rule: (fires, alone) for _, rule, fires, alone in rows}
    assert told["cancer-weight-loss"] == (50, 25)
    assert [urgency for urgency, *_ in rows] == sorted(
        (urgency for urgency, *_ in rows), key=["same_day", "within_days"].index
    )


def test_a_technique_is_counted_for_who_wished_it_and_has_no_caution(catalog, encoding):
    kinds = figures.wished_by(catalog)
    wish = {"massage_wish": ("tapping_shaking",)}
    some = people(encoding, wish, {**wish, "blood_thinner": "yes"}, {"massage_wish": ("none",)})
    assert places(figures.wished(some, "massage/knock", kinds)) == [0, 1]
    assert places(figures.fit(some, "massage/knock", kinds)) == [0]
    why = figures.missing(
        catalog, some, figures.wished(some, "massage/knock", kinds), "massage/knock"
    )
    assert why.total() == 2 - count(some["shown", "massage/knock"])
    assert any(rule in catalog.rules for rule in why)


def test_people_alike_in_phase_or_severity_are_not_compared(catalog, encoding):
    new, old = {"pain_days": 5, "pain_now": 8}, {"pain_days": 200, "pain_now": 2}
    same = people(encoding, new, new)
    assert Compared(catalog, same, same.everybody).exercises_alike() == 0
    other = people(encoding, new, old)
    assert 0 < Compared(catalog, other, other.everybody).exercises_alike() < 1


def test_two_of_another_work_and_phase_with_the_same_to_do_today_are_counted(catalog, encoding):
    """Everybody who is compared is made to have one and the same plan."""
    work = catalog.questionnaire.questions["work_posture"].labels
    over = [{"pain_days": days, "work_posture": one} for days in (5, 200) for one in (*work,)[:2]]
    some = people(encoding, *over, over[0])
    shown = {key: some.everybody for key in some.of if key[0] == "shown"}
    alike = Seen(some.everybody, {**some.of, **shown})
    assert Compared(catalog, alike, alike.everybody).same_today() == 100
    assert Compared(catalog, some, some.everybody).same_today() < 100


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
    one = np.ones(1, "<u8")
    some = Seen(one, {("shown", item): one for item in shown})
    assert figures.bends(catalog, some).any() == bends


def keys(decision: Decision) -> Iterator[tuple[Any, ...]]:
    """Yield all that an audit keeps of somebody, told one by one."""
    yield from decided(decision)
    yield from (("shown", item) for item in selected(decision))
    for name, value in decision.answers.items():
        options = value if isinstance(value, frozenset) else {value}
        yield from (("answers", name, one) for one in options if isinstance(one, str))


def test_what_is_seen_of_a_crowd_is_what_is_seen_of_each(catalog, encoding):
    crowd = Drawing(catalog, read(catalog, data_root()), "each", unsure=0.02).drawn(range(7, 160))
    found = seen(encoding, crowd, 50, 0, "sex")
    for place, one in enumerate(map(crowd.person, range(len(crowd)))):
        alone = {
            *keys(by_reference(catalog, one.answers)),
            ("cause", one.hidden[CAUSE]),
            ("outlook", one.hidden["outlook"]),
            ("among", one.answers.get("sex", "no answer")),
        }
        assert {key for key, who in found.of.items() if found.truths(who)[place]} == alone


def test_people_seen_apart_are_joined_in_their_order(catalog, encoding):
    drawing = Drawing(catalog, read(catalog, data_root()), "joined")
    whole = seen(encoding, drawing.drawn(range(100)))
    joined = Seen.joined(
        [seen(encoding, drawing.drawn(some)) for some in (range(64), range(64, 100))]
    )
    assert len(joined) == 100
    assert {key: places(who) for key, who in joined.of.items()} == {
        key: places(who) for key, who in whole.of.items()
    }


def test_nothing_is_measured_where_the_formulas_and_the_reference_engine_disagree(catalog):
    crowd = Drawing(catalog, read(catalog, data_root()), "apart").drawn(range(0, 3))
    encoding = Encoding(catalog)
    encoding.fires["infection-fever"] = TRUE
    with pytest.raises(DisagreementError, match="person 0: fires infection-fever"):
        seen(encoding, crowd)


def test_nothing_is_measured_where_a_plan_would_show_something_else(catalog, encoding, monkeypatch):
    crowd = Drawing(catalog, read(catalog, data_root()), "apart").drawn(range(0, 3))
    real = measuring.shown
    monkeypatch.setattr(
        measuring, "shown", lambda *given: {one: ~who for one, who in real(*given).items()}
    )
    with pytest.raises(DisagreementError, match="person 0: the plan shows"):
        seen(encoding, crowd)


def test_of_people_whose_cause_nobody_knows_only_what_needs_none_is_told(catalog, encoding):
    found = {"all": people(encoding, {}, {"fever": "yes"})}
    values, goals = figures.figures(catalog, found), read_goals(data_root())
    assert {"exercise", "likeness-today"} <= values.keys()
    assert not {"simple-planned", "ces-today", "stenosis-flexion", "minutes-median"} & values.keys()
    (_, told), (title, unknown) = printing.against(values, goals, False)
    assert len(told) + len(unknown) == len(goals.figures) + 2
    assert "known of made-up people alone" in title
    assert not any("cause" in title for title, _ in printing.tables(catalog, found))


def test_a_figure_that_is_not_held_on_these_people_is_not_called_lost(catalog, found):
    values = dict.fromkeys(figures.figures(catalog, found), 0.0)
    goals = read_goals(data_root())
    (_, held), (_, other) = (next(printing.against(values, goals, one)) for one in (True, False))
    assert {row[-1] for row in held[1:]} == {"reached", "LOST"}
    assert {row[-1] for row in other[1:]} == {"reached", "not reached"}


def test_who_cannot_be_decided_for_is_left_out_with_the_reason(catalog, encoding):
    usual = catalog.questionnaire.example()
    crowd = Listed(
        [
            Person("well", usual),
            Person("old", {**usual, "age": 400}),
            Person("list", ["age"]),
            Person("man", {**usual, "sex": "male", "pregnant_now": "no"}),
        ],
        catalog.questionnaire,
    )
    found = seen(encoding, crowd.drawn(range(4)), 1)
    assert len(found) == 1
    assert found.left_out.keys() == {1, 2, 3}
    assert "'age' cannot be 400" in found.left_out[1]
    assert found.left_out[2] == "this is no set of answers"
    assert all(places(who) in ([], [0]) for who in found.of.values())


def test_people_are_told_by_the_options_of_a_question_or_bands_of_a_number(catalog):
    asked = catalog.questionnaire.questions

    def said(name: str, *values: Any) -> list[str]:
        some = [{name: value} if value is not None else {} for value in values]
        column = columns(catalog.questionnaire, some)[name]
        told = dict(bands(asked[name], column))
        return [next(one for one in told if told[one][at]) for at in range(len(values))]

    assert said("age", 49, 50, None) == ["40–49", "50–59", "no answer"]
    assert said("pain_now", 10) == ["10"]
    assert said("sex", "female", None) == ["female", "no answer"]
    for question in asked.values():
        if isinstance(question, Number):
            ends = np.array([question.low, question.high])
            groups = [whose for _, whose in bands(question, Column(ends, ends >= 0))]
            assert len(groups) <= 17
            assert np.sum(groups, axis=0).tolist() == [1, 1]


def test_who_picks_several_options_is_counted_among_each(catalog):
    question = catalog.questionnaire.questions["also_does"]
    first, second = list(question.labels)[:2]
    both = columns(catalog.questionnaire, [{"also_does": frozenset([first, second])}])["also_does"]
    assert [group for group, whose in bands(question, both) if whose[0]] == [first, second]


def test_how_soon_and_items_are_told_by_group(catalog, found):
    *_, (title, rows), (_, items) = printing.tables(catalog, found, "age")
    assert title == "How soon, by age (of 100)"
    assert sum(int(row[1]) for row in rows[1:]) == len(found["all"])
    assert [row[0] for row in rows[1:]] == list(items[0][1:])
