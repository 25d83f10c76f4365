"""What changed between two rule sets is put in its layer; whom it touches is shown by somebody, or
proved of nobody.
"""

from itertools import pairwise
from pathlib import Path

import pytest

pytest.importorskip("z3", reason="the extra `review` is not installed")
from edits import SHIPPED, TOY, copied, edited, without_rule

from lumbar import decide, load
from lumbar.decision.difference import difference
from lumbar.review.compare.consequences import answers_to, consequences
from lumbar.review.compare.edits import Edit, edits, touches_room
from lumbar.review.compare.kinds import KINDS, Consequences, by_kind
from lumbar.review.compare.revisions import NoSuchSideError, opened
from lumbar.rulebook.items import URGENCIES


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return copied(TOY, tmp_path / "old")


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return copied(TOY, tmp_path / "new")


def changed(old: Path, new: Path) -> tuple[Edit, ...]:
    with opened(str(old), str(new)) as sides:
        return edits(*sides)


def people(old: Path, new: Path) -> Consequences:
    return consequences(load(old), load(new), lambda _done, _of: None)


def layers(found: tuple[Edit, ...]) -> set[str]:
    return {one.layer for one in found}


def test_the_same_files_have_no_change_and_differ_for_nobody(old, new):
    assert changed(old, new) == ()
    found = people(old, new)
    assert found.nobody_differs
    assert (found.another_number_of_rules, found.taken_by_old_only, found.taken_by_new_only) == (
        None,
        None,
        None,
    )


THRESHOLDS, SIGNS, PAIN = (
    "rules/thresholds.yaml",
    "rules/triage/signs.yaml",
    "rules/triage/pain.yaml",
)
CARE, PLAN, QUESTIONS = "rules/care/body.yaml", "rules/plan.yaml", "content/questionnaire.yaml"
SAFETY_NET = "content/safety_net.yaml"
STRONG = ("Because of severe pain.", "Because it is strong.")
MORE_ROOM = tuple(f"at_most: {most}\n    order: [exercise/bridge" for most in (3, 4))
DOWN = tuple(f"points: {n}}}\n        example: never\n      - id: mood_worry" for n in (2, 3))


@pytest.mark.parametrize(
    ("file", "find", "put", "told"),
    [
        (THRESHOLDS, "value: 84", "value: 85", "logic threshold long_after value"),
        (
            THRESHOLDS,
            "means: late in pregnancy from here",
            "means: late",
            "evidence threshold late_from means",
        ),
        (SIGNS, "weak_leg == yes", "weak_leg in [unsure, yes]", "logic rule weak-leg when"),
        (
            CARE,
            "massage/knead, dose: standard",
            "massage/knead, dose: gentle",
            "logic rule rubbing then",
        ),
        (PAIN, *STRONG, "wording rule severe-pain because"),
        (PAIN, "certainty: low", "certainty: high", "evidence rule severe-pain evidence"),
        (
            PAIN,
            "{pain_now: 7, pain_worst: 9}",
            "{pain_now: 8, pain_worst: 9}",
            "evidence rule severe-pain examples",
        ),
        (
            PAIN,
            "status: draft",
            "status: draft\n  note: For adults.",
            "evidence rule severe-pain note",
        ),
        (
            "rules/scores.yaml",
            "mean: [pain_now, pain_worst]",
            "mean: [pain_now]",
            "logic score pain_mean mean",
        ),
        (PLAN, *MORE_ROOM, "logic section exercise at_most"),
        (QUESTIONS, "label: Rubbing}", "label: Soft rubbing}", "wording question likes labels"),
        (
            QUESTIONS,
            "shown_when: weak_leg != no",
            "shown_when: weak_leg == yes",
            "logic question weak_days shown_when",
        ),
        (QUESTIONS, *DOWN, "logic question mood_down points"),
        (
            "content/evidence.yaml",
            "says: Toys work.",
            "says: Toys may work.",
            "evidence source toy-study says",
        ),
        (
            SAFETY_NET,
            "after_days: 7",
            "after_days: 8",
            "logic words safety_net recheck within_days after_days",
        ),
    ],
)
def test_each_change_is_told_field_by_field_in_its_layer(old, new, file, find, put, told):
    found = changed(old, edited(new, file, find, put))
    assert [" ".join((one.layer, one.kind, one.name, one.field)) for one in found] == [told]
    assert found[0].file == file


def test_a_change_holds_the_old_lines_and_the_new(old, new):
    edited(new, CARE, "massage/knead, dose: standard", "massage/knead, dose: gentle")
    (change,) = changed(old, new)
    assert change.old == ("recommend massage/knead, dose standard", "recommend massage/push")
    assert change.new == ("recommend massage/knead, dose gentle", "recommend massage/push")


def test_minutes_of_a_dose_are_logic_and_its_text_is_wording(old, new):
    path = new / "content" / "massage" / "knead.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("minutes: 1", "minutes: 2", 1).replace("text: ", "text: New ", 1),
        encoding="utf-8",
    )
    found = {(one.layer, one.field) for one in changed(old, new)}
    assert found == {("logic", "doses"), ("wording", "dose texts")}


def test_who_is_taken_by_only_one_side_is_told_where_a_number_may_be_higher_than_before(old, new):
    edited(new, QUESTIONS, "low: 1\n        high: 45", "low: 1\n        high: 60")
    found = people(old, new)
    assert found.taken_by_old_only is None
    assert found.taken_by_new_only is not None
    assert found.taken_by_new_only["pregnancy_weeks"] > 45


def test_a_comment_a_space_or_another_order_is_cosmetic_and_proved_to_change_nothing(old, new):
    edited(new, THRESHOLDS, "value: 84, unit: days", "unit:   days, value: 84  ")
    path = new / "rules" / "care" / "life.yaml"
    path.write_text("# why this is so\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    rules = (new / "rules" / "cautions" / "body.yaml").read_text(encoding="utf-8").split("\n\n")
    (new / "rules" / "cautions" / "body.yaml").write_text(
        "\n\n".join(reversed(rules)), encoding="utf-8"
    )
    found = changed(old, new)
    assert [(one.layer, one.name) for one in found] == [
        ("cosmetic", "rules/care/life.yaml"),
        ("cosmetic", "rules/cautions/body.yaml"),
        ("cosmetic", "rules/thresholds.yaml"),
    ]
    assert people(old, new).nobody_differs
    assert not touches_room(found)


def test_a_rule_in_another_file_of_its_stage_only_moved(old, new):
    text = (new / "rules" / "triage" / "pain.yaml").read_text(encoding="utf-8")
    (new / "rules" / "triage" / "pain.yaml").unlink()
    (new / "rules" / "triage" / "ache.yaml").write_text(text, encoding="utf-8")
    assert [(one.layer, one.name, one.field) for one in changed(old, new)] == [
        ("cosmetic", "severe-pain", "topic")
    ]


@pytest.mark.parametrize("raw", [b"\xff\xfe no text", b"- id: {a: b}\n"])
def test_a_file_that_only_reviews_and_is_broken_is_told_as_evidence(raw, old, new):
    (new / "rules" / "safety.yaml").write_bytes(raw)
    assert layers(changed(old, new)) == {"evidence"}


def test_what_reviews_the_rules_is_never_logic(old, new):
    (new / "rules" / "practice.yaml").write_text("about: nobody\n", encoding="utf-8")
    assert [(c.layer, c.kind, c.name, c.field) for c in changed(old, new)] == [
        ("evidence", "file", "rules/practice.yaml", "")
    ]


def test_a_changed_word_differs_for_nobody(old, new):
    edited(new, PAIN, *STRONG)
    assert layers(changed(old, new)) == {"wording"}
    assert people(old, new).nobody_differs


def test_a_threshold_moved_by_one_is_shown_by_somebody_who_stands_on_it(old, new):
    found = people(
        old,
        edited(
            new,
            THRESHOLDS,
            "value: 8, unit: points, means: severe",
            "value: 9, unit: points, means: severe",
        ),
    )
    lowered = found.of("urgency_lowered")
    assert [case.shows for case in lowered] == [("routine to self_care",)]
    assert 8 <= (lowered[0].answers["pain_now"] + lowered[0].answers["pain_worst"]) / 2 < 9
    assert set(lowered[0].unusual) <= {"pain_now", "pain_worst"}
    assert [case.shows for case in found.of("items_removed")] != []
    assert {kind for kind in KINDS if found.of(kind)} == {
        "urgency_lowered", "referrals_dropped", "items_removed",
    }  # fmt: skip


def test_a_deleted_rule_lowers_the_urgency_of_somebody(old, new):
    found = people(old, without_rule(new, SIGNS, "weak-leg-unsure"))
    assert ("same_day to self_care",) in [case.shows for case in found.of("urgency_lowered")]
    assert all(case.answers["weak_leg"] == "unsure" for case in found.of("urgency_lowered"))
    assert [case.shows for case in found.of("referrals_dropped")] == [
        ("practitioner/same_day (same_day)",)
    ]
    assert not found.of("urgency_raised")


def test_everybody_shown_differs_by_both_rule_sets_just_as_told(old, new):
    without_rule(new, SIGNS, "weak-leg-unsure")
    edited(new, CARE, "massage/knead, dose: standard", "massage/knead, dose: gentle")
    edited(new, "rules/cautions/body.yaml", "floor == no or weakness_old", "floor == no")
    one, other = load(old), load(new)
    found = people(old, new)
    cases = [(kind, case) for kind in KINDS for case in found.of(kind)]
    assert {kind for kind, _ in cases} >= {
        "urgency_lowered",
        "items_added",
        "doses_changed",
        "no_longer_kept_out",
    }
    for kind, case in cases:
        decisions = [decide(side, answers_to(side, case.answers)) for side in (one, other)]
        assert by_kind(difference(*decisions)) == case.differences
        assert set(case.shows) <= set(case.differences[kind])


def test_every_difference_that_somebody_can_have_is_shown_once(old, new):
    edited(new, SIGNS, "when: weak_leg == yes", "when: weak_leg == yes and age < 50")
    lines = [line for case in people(old, new).of("urgency_lowered") for line in case.shows]
    assert sorted(lines) == sorted(set(lines))
    assert set(lines) == {f"emergency to {level}" for level in URGENCIES if level != "emergency"}


def test_a_dose_that_became_gentler_is_shown_with_both_doses(old, new):
    edited(new, CARE, "massage/knead, dose: standard", "massage/knead, dose: gentle")
    found = people(old, new)
    assert [case.shows for case in found.of("doses_changed")] == [
        ("massage/knead: standard to gentle",)
    ]
    assert not found.of("items_removed")


def test_a_caution_that_is_dropped_shows_what_is_no_longer_kept_out(old, new):
    found = people(old, without_rule(new, "rules/cautions/body.yaml", "no-knock"))
    assert [case.shows for case in found.of("no_longer_kept_out")] == [("massage/knock",)]
    assert found.of("items_added")[0].shows == ("massage/knock",)


def test_rules_that_begin_to_contradict_each_other_are_shown(old, new):
    edited(
        new,
        "rules/profile/state.yaml",
        "when: pain_days >= long_after\n",
        "when: pain_days >= 80\n",
    )
    found = people(old, new)
    assert [case.shows for case in found.of("no_decision")] == [
        ("the rules contradict each other",)
    ]
    assert 80 <= found.of("no_decision")[0].answers["pain_days"] < 84
    assert people(new, old).of("decision_again")


def test_an_added_option_leaves_others_as_they_were_and_is_told_as_an_answer_of_one_side(old, new):
    edited(
        new,
        QUESTIONS,
        "{id: heavy, label: Heavy work}",
        "{id: heavy, label: Heavy work}, {id: night, label: At night}",
    )
    found = people(old, new)
    assert found.nobody_differs
    assert found.taken_by_old_only is None
    assert found.taken_by_new_only is not None
    assert found.taken_by_new_only["work"] == "night"
    assert [(one.layer, one.field) for one in changed(old, new)] == [
        ("logic", "options"),
        ("wording", "labels"),
    ]


def test_another_vote_for_an_item_that_is_offered_anyway_may_change_the_room_in_a_plan(old, new):
    path = new / "rules" / "care" / "life.yaml"
    rule = path.read_text(encoding="utf-8").split("\n\n")[0].replace("id: active", "id: active-too")
    path.write_text(path.read_text(encoding="utf-8") + "\n" + rule + "\n", encoding="utf-8")
    found = people(old, new)
    assert found.nobody_differs
    assert found.another_number_of_rules is not None
    votes = [
        {
            one.item: one.votes
            for one in decide(load(root), found.another_number_of_rules).recommended
        }
        for root in (old, new)
    ]
    assert votes[0] != votes[1]


def test_limits_of_the_plan_touch_its_room_and_words_do_not(old, new):
    edited(new, PAIN, *STRONG)
    assert not touches_room(changed(old, new))
    edited(new, PLAN, *MORE_ROOM)
    assert touches_room(changed(old, new))


def test_a_question_of_another_type_is_refused_in_words(old, new):
    text = "type: one_of\n        options: [{id: no, label: No}, {id: yes, label: Yes}]\n        example: yes\n"
    edited(
        new,
        QUESTIONS,
        text,
        "type: number\n        low: 0\n        high: 1\n        unit: points\n        example: 1\n",
    )
    for file in (CARE, "rules/cautions/body.yaml"):
        path = new / file
        path.write_text(
            path.read_text(encoding="utf-8")
            .replace("floor == yes", "floor == 1")
            .replace("floor == no", "floor == 0"),
            encoding="utf-8",
        )
    with pytest.raises(ValueError, match="'floor' is a different type"):
        people(old, new)


@pytest.mark.parametrize("side", ["OLD", "NEW"])
def test_a_broken_side_is_named_with_its_problems(old, new, side):
    broken = {"OLD": old, "NEW": new}[side]
    edited(broken, "rules/triage/pain.yaml", "pain_mean >=", "pain_meen >=")
    with pytest.raises(
        Exception, match=rf"(?m)^{side} \(.*\) rules/triage/pain\.yaml:3:9 unknown-name"
    ):
        changed(old, new)


@pytest.mark.parametrize("name", ["nowhere", "--help", "", "HEAD:rules"])
def test_what_is_neither_a_folder_nor_a_revision_is_refused_with_a_hint(
    tmp_path, monkeypatch, name, new
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        NoSuchSideError, match="name a folder that holds rules/ and content/, or a git revision"
    ):
        changed(Path(name), new)


def test_kinds_are_in_the_order_in_which_they_matter():
    assert KINDS[:2] == ("urgency_lowered", "urgency_raised")
    assert all(one != other for one, other in pairwise(KINDS))


def test_a_red_flag_deleted_from_the_shipped_rules_lowers_the_urgency_of_somebody_who_has_it(
    tmp_path,
):
    one, other = copied(SHIPPED, tmp_path / "one"), copied(SHIPPED, tmp_path / "other")
    found = people(one, without_rule(other, "rules/triage/cauda_equina.yaml", "ces-bladder"))
    lowered = found.of("urgency_lowered")
    assert {line.split()[0] for case in lowered for line in case.shows} == {"emergency"}
    assert all(any(name.startswith("bladder_") for name in case.unusual) for case in lowered)
    assert not found.of("urgency_raised")


def test_a_comment_in_the_shipped_rules_is_proved_to_change_nothing_for_anybody(tmp_path):
    one, other = copied(SHIPPED, tmp_path / "one"), copied(SHIPPED, tmp_path / "other")
    edited(
        other,
        "rules/triage/cauda_equina.yaml",
        "- id: ces-bladder\n",
        "# the bladder first\n- id: ces-bladder\n",
    )
    assert layers(changed(one, other)) == {"cosmetic"}
    found = people(one, other)
    assert found.nobody_differs
    assert found.another_number_of_rules is None
