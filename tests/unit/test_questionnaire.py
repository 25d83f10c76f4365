"""Questions: who is asked what, what an unanswered one means, and the scores made of the answers."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from lumbar import Catalog, load
from lumbar.rulebook.conditions import Facts
from lumbar.rulebook.questionnaire import Questionnaire
from lumbar.rulebook.scores import Score

TOY = Path(__file__).parents[1] / "toy"


@pytest.fixture(scope="module")
def toy() -> Questionnaire:
    return load(TOY).questionnaire


def shown(questionnaire: Questionnaire, **answers: Any) -> dict[str, bool | None]:
    return dict(questionnaire.walk(answers))


def known(questionnaire: Questionnaire, **over: Any) -> Any:
    return questionnaire.facts(questionnaire.example(over))[0].known


def test_every_question_is_walked_once_in_the_order_of_the_file(toy: Questionnaire) -> None:
    assert [name for name, _ in toy.walk({})] == list(toy.questions)
    assert list(toy.questions)[:3] == ["age", "weak_leg", "weak_days"]


def test_a_question_without_a_condition_always_applies(toy: Questionnaire) -> None:
    assert shown(toy)["age"] is True


def test_whether_a_question_applies_is_open_until_what_it_hangs_on_is_answered(
    toy: Questionnaire,
) -> None:
    assert shown(toy)["weak_days"] is None
    assert shown(toy, weak_leg="no")["weak_days"] is False
    assert shown(toy, weak_leg="unsure")["weak_days"] is True


@pytest.mark.parametrize(("age", "asked"), [(60, True), (61, False)])
def test_a_topic_hides_all_its_questions(toy: Questionnaire, age: int, asked: bool) -> None:
    assert shown(toy, age=age)["pregnant"] is asked
    assert shown(toy, age=age, pregnant="yes")["pregnancy_weeks"] is asked


def test_a_question_that_hangs_on_a_hidden_one_is_hidden(toy: Questionnaire) -> None:
    assert shown(toy, age=70)["pregnancy_weeks"] is False


def test_a_question_left_open_brings_up_what_hangs_on_that(tmp_path: Path) -> None:
    shutil.copytree(TOY, tmp_path / "toy")
    file = tmp_path / "toy" / "content" / "questionnaire.yaml"
    file.write_text(
        file.read_text().replace("shown_when: weak_leg != no", "shown_when: unanswered(weak_leg)")
    )
    asked = load(tmp_path / "toy").questionnaire
    assert shown(asked)["weak_days"] is True
    assert shown(asked, weak_leg="yes")["weak_days"] is False


def test_an_answer_to_a_hidden_question_is_no_fact(toy: Questionnaire) -> None:
    facts, misplaced = toy.facts({"age": 70, "pregnant": "yes", "pregnancy_weeks": 30})
    assert misplaced == ("pregnant", "pregnancy_weeks")
    assert not facts.known.keys() & {"pregnant", "pregnancy_weeks"}


def test_only_questions_that_apply_or_may_apply_are_unanswered(toy: Questionnaire) -> None:
    facts, _ = toy.facts({"age": 70, "weak_leg": "no"})
    assert facts.unanswered.isdisjoint(
        {"age", "weak_leg", "weak_days", "pregnant", "pregnancy_weeks"}
    )
    assert {"fever", "signs", "minutes_a_day"} <= facts.unanswered
    assert {"weak_days", "pregnancy_weeks"} <= toy.facts({})[0].unanswered


@pytest.mark.parametrize(
    ("down", "worry", "total"), [("never", "never", 0), ("some", "often", 3), ("often", "often", 4)]
)
def test_a_sum_adds_points(toy: Questionnaire, down: str, worry: str, total: int) -> None:
    assert known(toy, mood_down=down, mood_worry=worry)["mood_total"] == total


def test_a_mean_is_not_rounded(toy: Questionnaire) -> None:
    assert known(toy, pain_now=4, pain_worst=7)["pain_mean"] == 5.5


@pytest.mark.parametrize(
    ("signs", "age", "count"), [(["none"], 42, 0), (["lump"], 42, 1), (["lump", "rash"], 65, 3)]
)
def test_a_count_counts_the_conditions_that_are_true(
    toy: Questionnaire, signs: list[str], age: int, count: int
) -> None:
    assert known(toy, signs=signs, age=age)["risk_signs"] == count


@pytest.mark.parametrize(
    ("answers", "score", "least"),
    [
        ({"mood_down": None, "mood_worry": "often"}, "mood_total", 2),
        ({"pain_worst": None, "pain_now": 8}, "pain_mean", 4),
        ({"signs": None, "age": 70}, "risk_signs", 1),
        ({"signs": ["lump", "rash"], "age": None}, "risk_signs", 2),
    ],
)
def test_what_was_answered_counts_where_another_answer_is_missing(
    toy: Questionnaire, answers: dict[str, Any], score: str, least: float
) -> None:
    assert known(toy, **answers)[score] == least


def test_a_count_of_unanswered_questions_is_always_known(toy: Questionnaire) -> None:
    assert toy.facts({})[0].known["open_flags"] == 3
    assert known(toy, fever=None)["open_flags"] == 1


def test_a_count_does_not_need_a_question_that_does_not_apply(catalog: Catalog) -> None:
    questionnaire = catalog.questionnaire
    hidden = questionnaire.example({"age": 70, "sex": "female"})
    assert "pregnant" not in hidden
    every = {score.id for score in questionnaire.scores if score.count}
    assert every <= questionnaire.facts(hidden)[0].known.keys()


@pytest.mark.parametrize("way", ["sum", "mean"])
def test_a_question_without_an_answer_adds_the_least_it_can(way: str) -> None:
    score = TypeAdapter(Score).validate_python(
        {"id": "s", "title": "S", "unit": "points", "source": "s", way: ("a", "b")}
    )
    assert score.value(Facts({"a": 1}), {"a": 0, "b": 1}, {}) == (2 if way == "sum" else 1)
    assert score.value(Facts({"a": 1, "b": 3}), {"a": 0, "b": 1}, {}) == (4 if way == "sum" else 2)


@pytest.mark.parametrize("ways", [{}, {"sum": ("a",), "mean": ("a",)}])
def test_a_score_is_made_in_exactly_one_way(ways: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="exactly one of"):
        TypeAdapter(Score).validate_python(
            {"id": "s", "title": "S", "unit": "points", "source": "s", **ways}
        )


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("age", 42, "Your age: 42 years"),
        ("fever", "unsure", "A fever: Not sure"),
        ("signs", frozenset({"rash", "lump"}), "Signs of illness: A lump, A rash"),
        ("signs", frozenset({"none"}), "Signs of illness: None of these"),
    ],
)
def test_an_answer_is_said_in_the_words_of_the_question(
    toy: Questionnaire, name: str, value: Any, words: str
) -> None:
    assert toy.in_words(name, value) == words


def test_the_example_person_answers_all_that_is_asked_and_nothing_else(toy: Questionnaire) -> None:
    example = toy.example()
    assert example.keys() == {name for name, applies in toy.walk(example) if applies}
    assert toy.facts(example)[1] == ()
    assert "pregnancy_weeks" not in example


def test_the_example_person_answers_what_a_change_brings_up(toy: Questionnaire) -> None:
    assert toy.example({"pregnant": "yes"})["pregnancy_weeks"] == 20


def test_nothing_laid_over_leaves_a_question_unanswered(toy: Questionnaire) -> None:
    assert "fever" not in toy.example({"fever": None})


def test_what_is_laid_over_a_question_not_asked_is_left_out(toy: Questionnaire) -> None:
    assert "pregnancy_weeks" not in toy.example({"pregnancy_weeks": 30})


def test_the_shipped_example_person_is_asked_and_scored_in_full(catalog: Catalog) -> None:
    questionnaire = catalog.questionnaire
    facts, misplaced = questionnaire.facts(questionnaire.example())
    assert (facts.unanswered, misplaced) == (frozenset(), ())
    assert {score.id for score in questionnaire.scores} <= facts.known.keys()


def test_every_shipped_several_of_question_offers_none(catalog: Catalog) -> None:
    several = [one for one in catalog.questionnaire.questions.values() if one.type == "several_of"]
    assert [one.id for one in several if "none" not in one.labels] == []
