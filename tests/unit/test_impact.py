"""Everybody is decided for by both rule sets and counted, in the right rows, and nobody is lost."""

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("numpy", reason="the extra `crowd` is not installed")
from edits import edited, without_rule

from lumbar import BadAnswersError, Catalog, decide, make_plan
from lumbar.decision.difference import difference
from lumbar.form.agreement import DisagreementError
from lumbar.form.formulas import TRUE
from lumbar.reading.problems import BadCatalogError
from lumbar.review.compare import impact, sieve
from lumbar.review.compare.consequences import consequences
from lumbar.review.compare.edits import edits
from lumbar.review.compare.impact import WAYS, Comparison, Tally
from lumbar.review.compare.kinds import KINDS, by_kind
from lumbar.review.compare.people import People, drawing, personas
from lumbar.review.compare.revisions import opened
from lumbar.review.people.crowds import Drawn
from lumbar.review.people.drawing import Drawing
from lumbar.review.people.files import Person, in_file

SIGNS, CARE, CAUTIONS = (
    "rules/triage/signs.yaml",
    "rules/care/body.yaml",
    "rules/cautions/body.yaml",
)
Sides = tuple[Catalog, Catalog, Comparison]


def sides(old: Path, new: Path) -> Sides:
    with opened(str(old), str(new)) as both:
        return (
            both[0].catalog,
            both[1].catalog,
            Comparison(both[0].catalog, both[1].catalog, edits(*both)),
        )


def drawn(old: Path, new: Path) -> Drawing:
    with opened(str(old), str(new)) as both:
        return drawing(*both, 1)


def raw(catalog: Catalog, **over: Any) -> dict[str, Any]:
    typed = catalog.questionnaire.example(over)
    return {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in typed.items()
    }


def told(old: Path, new: Path, **over: Any) -> dict[str, tuple[str, ...]]:
    one, _, comparison = sides(old, new)
    return comparison.touched(Person("somebody", raw(one, **over)))


def test_somebody_whom_nothing_touches_counts_as_the_same(old, new):
    without_rule(new, SIGNS, "weak-leg-unsure")
    assert told(old, new) == {"same": ()}


def test_a_lowered_urgency_is_told_with_both_levels_and_all_that_follows(old, new):
    without_rule(new, SIGNS, "weak-leg-unsure")
    found = told(old, new, weak_leg="unsure")
    assert found["urgency_lowered"] == ("same_day to self_care",)
    assert found["referrals_dropped"] == ("practitioner/same_day (same_day)",)
    assert "massage/knead" in found["items_added"]
    assert told(new, old, weak_leg="unsure")["urgency_raised"] == ("self_care to same_day",)


def test_a_referral_that_comes_later_is_told_as_dropped_with_both_times(old, new):
    effect = "when: risk_signs >= one_sign\n  then:\n    - {refer: practitioner/gp, urgency: "
    edited(new, SIGNS, effect + "within_days}", effect + "routine}")
    assert told(old, new, signs=["lump"]) == {
        "urgency_lowered": ("within_days to routine",),
        "referrals_dropped": ("practitioner/gp: within_days to routine",),
    }  # fmt: skip


def test_a_dose_is_told_with_its_minutes(old, new):
    edited(new, CARE, "massage/knead, dose: standard", "massage/knead, dose: gentle")
    found = told(old, new, pain_days=90)
    assert list(found) == ["doses_changed"]
    assert found["doses_changed"][0].startswith("massage/knead: standard (")


def test_an_item_for_which_a_plan_has_no_room_is_no_item_of_the_plan(old, new):
    edited(
        new,
        "rules/plan.yaml",
        "at_most: 3\n    order: [exercise/bridge",
        "at_most: 2\n    order: [exercise/bridge",
    )
    assert len(told(old, new)["items_removed"]) == 1


def test_another_reason_for_the_same_plan_is_told_as_that(old, new):
    edited(new, SIGNS, "- id: fever\n", "- id: hot\n")
    assert told(old, new, fever="yes") == {"reasons": ("fever", "hot")}
    assert told(old, new) == {"same": ()}


def test_a_changed_word_counts_only_for_those_who_read_it(old, new):
    edited(new, SIGNS, "Because of fever.", "Because of your fever.")
    edited(new, "content/massage/knock.yaml", "name: ", "name: New ")
    assert told(old, new, fever="yes") == {"wording": ("rule fever",)}
    assert told(old, new, likes=["tapping"]) == {"wording": ("item massage/knock",)}
    assert told(old, new) == {"same": ()}


def test_a_word_that_everybody_reads_counts_for_everybody(old, new):
    text = (new / "content" / "operator.yaml").read_text(encoding="utf-8")
    (new / "content" / "operator.yaml").write_text(
        text.replace(": ", ": the ", 1), encoding="utf-8"
    )
    assert told(old, new) == {"wording": ("words operator",)}


def test_rules_that_contradict_each_other_are_told_as_no_decision(old, new):
    edited(
        new,
        "rules/profile/state.yaml",
        "when: pain_days >= long_after\n",
        "when: pain_days >= 80\n",
    )
    found = told(old, new, pain_days=82)
    assert found["no_decision"] == ("the rules contradict each other",)
    assert found["urgency_raised"] == ("self_care to same_day",)
    assert "decision_again" in told(new, old, pain_days=82)


def test_answers_that_one_side_does_not_take_are_counted_in_a_row_of_their_own(old, new):
    option = "{id: heavy, label: Heavy work}"
    edited(new, "content/questionnaire.yaml", option, f"{option}, {{id: night, label: At night}}")
    one, _, comparison = sides(old, new)
    _, _, back = sides(new, old)
    at_night = Person("nurse", {**raw(one), "work": "night"})
    assert comparison.touched(at_night) == {"not_taken_by_old": ("'work' has no option 'night'",)}
    assert back.touched(at_night) == {"not_taken_by_new": ("'work' has no option 'night'",)}
    assert comparison.touched(Person("x", {**raw(one), "work": "sea"})) == {
        "not_taken": ("'work' has no option 'sea'",)
    }


@pytest.mark.parametrize(
    "nobody",
    [None, 3, "age: 3", ["age"], {"agee": 3}, {"age": 400}, {"weak_days": 3, "weak_leg": "no"}],
)
def test_what_is_no_set_of_answers_is_counted_and_never_lost(old, new, nobody):
    _, _, comparison = sides(old, new)
    tally = impact.impact(comparison, People([Person("nobody", nobody)]), lambda _done, _of: None)
    assert (tally.people, tally.ways["not_taken"]) == (1, 1)


def test_a_question_of_one_side_only_is_left_out_on_the_other(old, new):
    """The old asks for your work, the new for your job: neither is a fault, and everything else is
    compared.
    """
    edited(new, "content/questionnaire.yaml", "- id: work\n", "- id: job\n")
    path = new / "rules" / "care" / "life.yaml"
    text = path.read_text(encoding="utf-8").replace("work ==", "job ==").replace("{work:", "{job:")
    path.write_text(text, encoding="utf-8")
    one, other, comparison = sides(old, new)
    both = {**raw(one), **raw(other)}
    assert comparison.touched(Person("somebody", both)) == {"wording": ("topic wishes",)}


EDITS = {
    "threshold": ("rules/thresholds.yaml", "value: 84, unit: days", "value: 60, unit: days"),
    "score": ("rules/scores.yaml", "mean: [pain_now, pain_worst]", "mean: [pain_worst]"),
    "condition": (SIGNS, "when: weak_leg == yes", "when: weak_leg == yes and age < 70"),
    "wider condition": (
        CAUTIONS,
        "when: signs includes rash",
        "when: signs includes rash or age >= 50",
    ),
    "effect": (
        CARE,
        "{recommend: massage/knock, dose: standard}",
        "{recommend: massage/knock, dose: gentle}",
    ),
    "stage of a finding": (
        "rules/profile/state.yaml",
        "when: pregnant in [unsure, yes]",
        "when: pregnant == yes",
    ),
    "caution": (CAUTIONS, '{avoid: "tag:floor"}', "{avoid: exercise/bridge}"),
    "limit": (
        "rules/plan.yaml",
        "at_most: 3\n    order: [exercise/bridge",
        "at_most: 2\n    order: [exercise/bridge",
    ),
    "shown when": (
        "content/questionnaire.yaml",
        "shown_when: age < pregnancy_asked_below",
        "shown_when: age < 80",
    ),
    "status": (
        SIGNS,
        *(
            f"status: {one}\n  examples:\n    - fires: {{weak_leg: unsure}}"
            for one in ("draft", "retired")
        ),
    ),
}


@pytest.mark.parametrize("edit", EDITS, ids=str)
def test_what_is_counted_is_what_both_engines_and_the_plan_say(old, new, edit):
    edited(new, *EDITS[edit])
    one, other, comparison = sides(old, new)
    people = People([], [Drawn(drawn(old, new), 80)])
    seen = set()
    for place in range(len(people)):
        found = comparison.touched(people[place])
        seen |= set(found)
        assert {*found} & {*KINDS} == slow(one, other, people[place].answers), people[place].answers
    assert len(seen) > 1, "nobody differs, so nothing was tried"


def slow(old: Catalog, new: Catalog, answers: Any) -> set[str]:
    """Return the kinds of difference between two whole plans."""
    try:
        one, other = decide(old, answers), decide(new, answers)
    except BadAnswersError:
        return set()
    was, now = shown(one), shown(other)
    levels = ("emergency", "same_day", "within_days", "routine", "self_care")
    down = levels.index(other.urgency) - levels.index(one.urgency)
    before, after = (
        {r.to: levels.index(r.urgency) for r in side.referrals} for side in (one, other)
    )
    kept, keeps = (
        {w.item for w in side.withheld if w.reason == "avoided"} for side in (one, other)
    )
    found = {
        "urgency_lowered": down > 0,
        "urgency_raised": down < 0,
        "referrals_dropped": any(after.get(to, 9) > level for to, level in before.items()),
        "referrals_added": any(before.get(to, 9) > level for to, level in after.items()),
        "items_removed": was.keys() - now.keys(),
        "items_added": now.keys() - was.keys(),
        "doses_changed": any(was[item] != now[item] for item in was.keys() & now.keys()),
        "no_longer_kept_out": kept - keeps,
        "newly_kept_out": keeps - kept,
    }
    return {kind for kind, differs in found.items() if differs}


def shown(decision: Any) -> dict[str, Any]:
    sections = make_plan(decision).sections
    return {
        item.item: item.dose and (item.dose.id, item.dose.minutes)
        for one in sections
        for item in one.items
    }


def counted(old: Path, new: Path, people: int) -> Tally:
    _, _, comparison = sides(old, new)
    heard: list[tuple[int, int]] = []
    found = impact.impact(
        comparison, People([], [Drawn(drawn(old, new), people)]), lambda *done: heard.append(done)
    )
    assert heard[-1] == (people, people)
    return found


def test_more_processes_count_the_same(old, new, monkeypatch):
    without_rule(new, SIGNS, "weak-leg-unsure")
    monkeypatch.setattr(impact, "_BLOCK", 40)
    monkeypatch.setattr(impact.os, "cpu_count", lambda: 2)
    alone = counted(old, new, 200)
    monkeypatch.setattr(impact, "_FEW", 0)
    together = counted(old, new, 200)
    assert together == alone
    assert alone.ways["urgency_lowered"] > 0
    assert alone.people == 200


WORDED = {
    "a reason": (SIGNS, "Because of weak leg.", "Because a leg is weak."),
    "a question": ("content/questionnaire.yaml", "What is your age?", "How old are you?"),
    "an item": ("content/massage/knead.yaml", "name: ", "name: The "),
}


@pytest.mark.parametrize("edit", [*EDITS, *WORDED], ids=str)
def test_whom_the_formulas_find_untouched_nothing_touches(old, new, edit):
    """What is counted by the block is what is counted one by one."""
    edited(new, *(EDITS | WORDED)[edit])
    _, _, comparison = sides(old, new)
    people = People([], [Drawn(drawn(old, new), 300)])
    one_by_one = Tally()
    for place in range(len(people)):
        one_by_one.add(comparison.touched(people[place]), place)
    assert counted(old, new, 300) == one_by_one
    assert len(one_by_one.ways) > 1


def test_nothing_is_counted_where_the_formulas_and_the_reference_engine_disagree(
    old, new, monkeypatch
):
    _, _, comparison = sides(old, new)
    comparison.sieve._sides[1].fires["fever"] = TRUE
    with pytest.raises(DisagreementError, match="fires fever"):
        impact.impact(comparison, People([], [Drawn(drawn(old, new), 60)]), lambda *_: None)


def test_rules_that_ask_a_question_in_another_way_are_counted_one_by_one(old, new, monkeypatch):
    def changed_type(*_: Any) -> None:
        raise ValueError("'work' is a different type of question in the two rule sets")

    without_rule(new, SIGNS, "weak-leg-unsure")
    by_the_block = counted(old, new, 60)
    monkeypatch.setattr(sieve, "AnswerSpace", changed_type)
    assert counted(old, new, 60) == by_the_block


def test_the_first_of_a_row_is_the_same_however_many_are_drawn(old, new):
    without_rule(new, SIGNS, "weak-leg-unsure")
    assert (
        counted(old, new, 300).first["urgency_lowered"]
        == counted(old, new, 600).first["urgency_lowered"]
    )


def test_ways_are_told_worst_first():
    assert tuple(WAYS)[:3] == ("urgency_lowered", "urgency_raised", "no_decision")
    assert tuple(WAYS)[-1] == "same"


def people_in(path: Path, text: str) -> list[Person]:
    path.write_text(text, encoding="utf-8")
    return list(in_file(path))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.yaml", "- {age: 40}\n- {age: 41}\n"),
        ("documents.yaml", "---\nage: 40\n---\nage: 41\n"),
        ("list.json", '[{"age": 40}, {"age": 41}]'),
        ("lines.jsonl", '{"age": 40}\n\n{"age": 41}\n'),
    ],
)
def test_people_are_read_from_every_shape_of_file_and_named_by_their_place(tmp_path, name, text):
    path = tmp_path / name
    assert people_in(path, text) == [
        Person(f"{path}:1", {"age": 40}),
        Person(f"{path}:2", {"age": 41}),
    ]


@pytest.mark.parametrize(
    ("name", "text"), [("one.yaml", "age: 40\n"), ("one.json", json.dumps({"age": 40}))]
)
def test_one_set_of_answers_is_named_by_its_file(tmp_path, name, text):
    assert people_in(tmp_path / name, text) == [Person(str(tmp_path / name), {"age": 40})]


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("a.yaml", "age: [", "yaml-syntax"),
        ("a.jsonl", '{"age": 1}\n{"age"', "json-syntax"),
        ("a.jsonl", '{"age": 1}\n{"age"', ":2:"),
        ("a.yaml", "\n", "empty-file"),
        ("a.yaml", "[" * 60, "yaml-nesting"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_name(tmp_path, name, text, code):
    with pytest.raises(BadAnswersError, match=rf"{name}.*{code}"):
        people_in(tmp_path / name, text)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BadAnswersError, match=r"gone\.yaml no-file"):
        list(in_file(tmp_path / "gone.yaml"))


def test_a_persona_is_laid_over_the_example_person(old, new, tmp_path):
    (tmp_path / "ann.yaml").write_text(
        "who: Ann.\nanswers: {fever: yes, age: null}\nexpect: {}\n", encoding="utf-8"
    )
    one, other, _ = sides(old, new)
    (ann,) = personas(one.questionnaire, other.questionnaire, tmp_path)
    assert ann.name == "persona ann"
    assert ann.answers == {
        name: value for name, value in raw(one, fever="yes").items() if name != "age"
    }


def test_a_persona_with_an_answer_that_cannot_be_is_counted_as_not_taken(old, new, tmp_path):
    (tmp_path / "ann.yaml").write_text(
        "who: Ann.\nanswers: {fevver: yes}\nexpect: {}\n", encoding="utf-8"
    )
    (tmp_path / "ben.yaml").write_text(
        "who: Ben.\nanswers: {fever: often}\nexpect: {}\n", encoding="utf-8"
    )
    one, other, comparison = sides(old, new)
    found = [
        comparison.touched(p) for p in personas(one.questionnaire, other.questionnaire, tmp_path)
    ]
    assert [list(told) for told in found] == [["not_taken"], ["not_taken"]]


def test_people_are_drawn_for_the_rules_whose_practice_it_is(old, new):
    assert drawn(old, new).person(1) == drawn(new, old).person(1)


def test_a_practice_that_does_not_fit_the_rules_is_refused(old, new):
    edited(new, "rules/practice.yaml", "  work:\n", "  wrok:\n")
    with pytest.raises(BadCatalogError, match="there is no question 'wrok'"):
        drawn(old, new)


@pytest.mark.parametrize(
    "edit", ["threshold", "score", "condition", "wider condition", "effect", "caution"]
)
def test_nobody_drawn_differs_in_a_way_that_the_proof_does_not_show(old, new, edit):
    edited(new, *EDITS[edit])
    one, other, _ = sides(old, new)
    found = consequences(one, other, lambda _done, _of: None)
    shown_lines = {(kind, line) for kind in KINDS for case in found.of(kind) for line in case.shows}
    people = drawn(old, new)
    for place in range(300):
        answers = people.person(place)
        told_of = by_kind(difference(decide(one, answers), decide(other, answers)))
        assert {(kind, line) for kind, lines in told_of.items() for line in lines} <= shown_lines, (
            answers
        )
