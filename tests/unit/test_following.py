"""Made-up people who come again are themselves some days later, and answer what applies then."""

from pathlib import Path

import pytest

pytest.importorskip("numpy", reason="the extra `crowd` is not installed")
from edits import TOY, copied

from lumbar import Catalog, load
from lumbar.intake.answers import Answers
from lumbar.reading.paths import data_root
from lumbar.review.people.drawing import Drawing
from lumbar.review.people.following import Following
from lumbar.review.people.practice import FILE, Practice, read, read_in
from lumbar.rulebook.files import Files

SOME = range(200)


@pytest.fixture(scope="module")
def practice(catalog: Catalog) -> Practice:
    said = read(catalog, data_root())
    assert said is not None
    return said


def following(catalog: Catalog, practice: Practice, days: int) -> Following:
    return Following(catalog, practice, 7, days, "simple")


@pytest.mark.parametrize("days", [14, 42])
def test_whoever_comes_again_answers_all_that_applies_and_nothing_else(
    catalog: Catalog, practice: Practice, days: int
) -> None:
    people = following(catalog, practice, days).drawn(SOME)
    for at in SOME:
        raw = people.raw(at)
        answers = Answers.of(catalog.questionnaire, raw)
        assert answers.keys() == raw.keys()
        assert not answers.facts.unanswered
        assert answers["plan_days"] == days
        assert "goal_now" in answers


def test_they_are_the_same_people_who_came_before(catalog: Catalog, practice: Practice) -> None:
    first = Drawing(catalog, practice, 7, cause="simple").drawn(SOME)
    second = following(catalog, practice, 14).drawn(SOME)
    third = following(catalog, practice, 42).drawn(SOME)
    for at in SOME:
        once, twice, thrice = (one.raw(at) for one in (first, second, third))
        assert once["age"] == twice["age"] == thrice["age"]
        assert twice["pain_days"] == once["pain_days"] + 14
        assert thrice["pain_days"] == once["pain_days"] + 42
        assert twice["pain_at_start"] == twice["pain_last"] == once["pain_now"]
        assert thrice["pain_at_start"] == once["pain_now"]
        assert thrice["pain_last"] == twice["pain_now"]
        assert "plan_days" not in once


def test_nobody_hangs_on_who_else_comes_again(catalog: Catalog, practice: Practice) -> None:
    all_of_them = following(catalog, practice, 42)
    alone = all_of_them.drawn(range(13, 14)).raw(0)
    assert all_of_them.drawn(SOME).raw(13) == alone


def test_what_is_said_of_no_question_of_those_who_come_again_is_told(tmp_path: Path) -> None:
    root = copied(TOY, tmp_path / "toy")
    bad = (TOY.parent / "bad" / "bad-practice" / FILE).read_text(encoding="utf-8")
    more = "following:\n  - days: 14\n    answers:\n      no_such: {one_of: {no: 1}}\n"
    (root / FILE).write_text(bad.replace("high: 100", "high: 90") + more, encoding="utf-8")
    files = Files(root)
    read_in(files, load(TOY))
    assert [(one.code, one.message) for one in files.problems] == [
        ("bad-practice", "there is no question 'no_such'")
    ]
