"""People drawn from declared marginals are always valid, always the same, and as often as was
declared.
"""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("numpy", reason="the extra `crowd` is not installed")
from edits import TOY, copied, edited

from lumbar import Catalog, load
from lumbar.intake.answers import Answers
from lumbar.reading.paths import data_root
from lumbar.reading.problems import BadCatalogError, Problem
from lumbar.review.people.drawing import Drawing
from lumbar.review.people.practice import FILE, Practice, read, read_in
from lumbar.rulebook.files import Files

PINNED = {
    "age": 24, "weak_leg": "no", "fever": "no", "signs": ["none"], "pregnant": "no", "pain_now": 10, "pain_worst": 10,
    "pain_days": 25, "mood_down": "some", "mood_worry": "never", "minutes_a_day": 20, "floor": "yes", "likes": ["none"],
    "work": "desk",
}  # fmt: skip
BAD = TOY.parent / "bad" / "bad-practice" / FILE


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """Return a copy of the toy with a sound practice: that of the bad file, mended."""
    root = copied(TOY, tmp_path / "toy")
    shutil.copy(BAD, root / FILE)
    return edited(root, FILE, "high: 100", "high: 90")


@pytest.fixture(scope="module")
def toy_catalog() -> Catalog:
    return load(TOY)


def problems(catalog: Catalog, root: Path) -> list[Problem]:
    files = Files(root)
    read_in(files, catalog)
    return files.problems


def people(
    catalog: Catalog, said: Practice, count: int, seed: int | str
) -> Iterator[dict[str, Any]]:
    drawn = Drawing(catalog, said, seed).drawn(range(count))
    return (drawn.person(place).answers for place in range(count))


def drawing(root: Path, seed: int | str = 1) -> Drawing:
    catalog = load(root)
    said = read(catalog, root)
    assert said is not None
    return Drawing(catalog, said, seed)


def test_everybody_drawn_from_the_shipped_practice_gives_valid_answers(catalog):
    said = read(catalog, data_root())
    drawn = list(people(catalog, said, 300, 7))
    assert [Answers.of(catalog.questionnaire, one).keys() for one in drawn] == [
        one.keys() for one in drawn
    ]


def test_the_shipped_practice_draws_every_option_of_every_question(catalog):
    said = read(catalog, data_root())
    asked = {name: one for name, one in catalog.questionnaire.questions.items() if one.asked}
    for name, question in asked.items():
        marginal = said.marginal(question)
        ways = (marginal, *marginal.given)
        options = {option for way in ways for option, weight in way.options.items() if weight}
        assert options >= set(getattr(question, "labels", {})) - {"none", "unsure"}, name


def test_what_the_shipped_practice_does_not_source_it_calls_assumed(catalog):
    said = read(catalog, data_root())
    assert "assumed" in said.about
    sourced = [one for one in said.questions.values() if one.source]
    assert sourced
    assert all(one.note for one in sourced)


def test_the_same_seed_and_place_give_the_same_person_for_ever(toy):
    """These answers were written down once: a new Python, another machine or another order must
    give them again.
    """
    assert drawing(toy).person(3) == drawing(toy).person(3)
    assert drawing(toy, 42).person(0) == PINNED


def test_a_person_does_not_hang_on_how_many_are_drawn_or_on_who_was_drawn_before(toy, toy_catalog):
    said = read(toy_catalog, toy)
    few, many = list(people(toy_catalog, said, 5, 1)), list(people(toy_catalog, said, 50, 1))
    assert many[:5] == few
    random.seed(0)
    assert drawing(toy).person(4) == few[4]
    assert len({str(one) for one in many}) > 40


def test_people_drawn_together_are_those_drawn_alone(catalog):
    said = read(catalog, data_root())
    for more in ({}, {"unsure": 0.1}, {"thinned": 0.5}, {"cause": "ces"}):
        drawn = Drawing(catalog, said, "together", **more)
        some = drawn.drawn(range(5, 70))
        assert [some.person(at) for at in (0, 3, 64)] == [drawn.made_up(at) for at in (5, 8, 69)]


def test_another_seed_draws_other_people(toy):
    assert [drawing(toy, 1).person(n) for n in range(5)] != [
        drawing(toy, 2).person(n) for n in range(5)
    ]


def test_options_come_as_often_as_they_were_declared(toy, toy_catalog):
    drawn = list(people(toy_catalog, read(toy_catalog, toy), 4000, 1))
    desk = sum(one.get("work") == "desk" for one in drawn) / 4000
    mild = sum(one.get("pain_now", 10) <= 6 for one in drawn) / 4000
    rubbing = sum("rubbing" in one.get("likes", ()) for one in drawn) / 4000
    open_ = sum("age" not in one for one in drawn) / 4000
    assert desk == pytest.approx(0.5 * 0.99, abs=0.03)
    assert mild == pytest.approx(0.8 * 0.99, abs=0.03)
    assert rubbing == pytest.approx(0.6 * 0.99, abs=0.03)
    assert 0.002 < open_ < 0.02


def test_a_range_is_drawn_from_its_lowest_to_its_highest_number(toy, toy_catalog):
    drawn = {
        one["age"] for one in people(toy_catalog, read(toy_catalog, toy), 3000, 1) if "age" in one
    }
    assert (min(drawn), max(drawn)) == (18, 90)


def test_whoever_picks_nothing_of_several_says_none_and_none_alone(toy, toy_catalog):
    likes = [
        one["likes"]
        for one in people(toy_catalog, read(toy_catalog, toy), 500, 1)
        if "likes" in one
    ]
    assert ["none"] in likes
    assert all(one == ["none"] or "none" not in one for one in likes)


def test_a_question_that_is_not_asked_is_not_answered(toy, toy_catalog):
    for one in people(toy_catalog, read(toy_catalog, toy), 500, 1):
        assert one.get("weak_leg") != "no" or "weak_days" not in one


def test_people_of_whom_a_condition_is_true_are_drawn_in_their_own_way(toy, toy_catalog):
    given = "floor:\n    given: [{when: age >= older_from, one_of: {no: 1, yes: 0}}]\n"
    edited(toy, FILE, "floor:\n", given)
    edited(toy, FILE, "one_of: {no: 20, yes: 80}", "one_of: {no: 0, yes: 1}")
    for one in people(toy_catalog, read(toy_catalog, toy), 500, 1):
        if "floor" in one:
            assert one["floor"] == ("no" if one.get("age", 0) >= 65 else "yes")


def test_what_nobody_leaves_open_is_answered_by_all(toy, toy_catalog):
    edited(toy, FILE, "unanswered: 0.01", "unanswered: 0")
    edited(toy, FILE, "  work:\n", "  work:\n    unanswered: 1\n")
    for one in people(toy_catalog, read(toy_catalog, toy), 100, 1):
        assert "age" in one
        assert "work" not in one


def test_a_rule_set_without_a_practice_is_sound_and_has_none(toy_catalog):
    assert problems(toy_catalog, TOY) == []
    assert read(toy_catalog, TOY) is None


def test_a_practice_with_faults_is_not_drawn_from(toy, toy_catalog):
    edited(toy, FILE, "low: 18, high: 90", "low: 18, high: 900")
    with pytest.raises(BadCatalogError, match=r"practice\.yaml:8:14 bad-practice"):
        read(toy_catalog, toy)


@pytest.mark.parametrize(
    ("find", "put", "line", "says"),
    [
        ("  work:\n", "  worrk:\n", 48, "there is no question 'worrk'"),
        ("  work:\n", "  worrk:\n", 7, "nothing says how 'work' is answered"),
        ("desk: 50, heavy: 30, no_work: 20", "desk: 50, heavy: 30", 48, "leaves out no_work"),
        ("desk: 50, heavy: 30, no_work: 20", "desk: 0, heavy: 0, no_work: 0", 48, "weighs nothing"),
        (
            "{rubbing: 0.6, tapping: 0.3}",
            "{rubbing: 0.6, tapping: 0.3, none: 0.1}",
            44,
            "no option 'none' to draw",
        ),
        ("{low: 18, high: 90, weight: 1}", "{low: 18, high: 90, weight: 0}", 8, "weighs nothing"),
        (
            "{low: 7, high: 10, weight: 2}",
            "{low: 10, high: 7, weight: 2}",
            24,
            "cannot be drawn from 10 to 7",
        ),
        (
            "several_of: {rubbing: 0.6",
            "one_of: {rubbing: 0.6",
            44,
            "'likes' is not answered with one_of",
        ),
        (
            "often: 10}, source: toy-guess",
            "often: 10}, source: toy-gues",
            5,
            "there is no source 'toy-gues'",
        ),
        ("never: 60,", "seldom: 60,", 5, "no question is answered by this default"),
    ],
)
def test_what_cannot_be_drawn_is_told_at_its_place(toy, toy_catalog, find, put, line, says):
    edited(toy, FILE, find, put)
    found = [(one.line, one.code) for one in problems(toy_catalog, toy) if says in one.message]
    assert found == [(line, "bad-practice")]


@pytest.mark.parametrize(
    ("when", "says"),
    [
        ("wor == desk", "'wor' is not asked before 'work'"),
        ("work == desk", "'work' is not asked before 'work'"),
        ("floor == perhaps", "'floor' is never 'perhaps'"),
        ("signs == lump", "'signs' is a several-of question"),
        ("likes includes knocking", "'likes' is never 'knocking'"),
        ("age > young", "'age' is compared with 'young', which is no number"),
    ],
)
def test_a_condition_reads_what_was_answered_before_and_what_can_be_answered(
    toy, toy_catalog, when, says
):
    given = f"  work:\n    given: [{{when: {when}, one_of: {{desk: 1, heavy: 1, no_work: 1}}}}]\n"
    edited(toy, FILE, "  work:\n", given)
    found = problems(toy_catalog, toy)
    assert [(one.line, one.code) for one in found] == [(48, "bad-practice")]
    assert says in found[0].message


@pytest.mark.parametrize(
    "when", ["age > older_from", "unanswered(fever)", "signs includes lump or not floor == no"]
)
def test_a_condition_may_be_as_rich_as_that_of_a_rule(toy, toy_catalog, when):
    given = f"  work:\n    given: [{{when: {when}, one_of: {{desk: 1, heavy: 1, no_work: 1}}}}]\n"
    assert problems(toy_catalog, edited(toy, FILE, "  work:\n", given)) == []


def test_another_draw_must_be_whole_too(toy, toy_catalog):
    edited(toy, FILE, "  work:\n", "  work:\n    given: [{when: age > 20, one_of: {desk: 1}}]\n")
    assert "'work' leaves out heavy, no_work" in problems(toy_catalog, toy)[0].message


@pytest.mark.parametrize(
    ("find", "put", "code"),
    [
        ("unanswered: 0.01", "unanswered: 2", "bad-value"),
        ("unanswered: 0.01", "unanswerd: 0.01", "unknown-key"),
        ("desk: 50,", "desk: -1,", "bad-value"),
        ("    one_of: {no: 20, yes: 80}\n", "", "bad-value"),
        ("desk: 50, heavy", "desk: many, heavy", "wrong-type"),
    ],
)
def test_a_practice_of_the_wrong_shape_is_refused(toy, toy_catalog, find, put, code):
    edited(toy, FILE, find, put)
    assert code in [one.code for one in problems(toy_catalog, toy)]


def test_a_draw_has_exactly_one_way(toy, toy_catalog):
    edited(
        toy,
        FILE,
        "one_of: {no: 20, yes: 80}",
        "one_of: {no: 20, yes: 80}\n    several_of: {no: 0.2, yes: 0.8}",
    )
    assert (
        "exactly one of one_of, several_of, number and normal"
        in problems(toy_catalog, toy)[0].message
    )
