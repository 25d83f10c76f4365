"""What a person types: numbers with units, numbered options, and words that are commands."""

import builtins
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from lumbar import load
from lumbar.intake.typed import number_from
from lumbar.rulebook.questionnaire import Number, Questionnaire
from lumbar.terminal.prompts import Command, PlainPrompts

TOY = Path(__file__).parents[1] / "toy"
WORDS = load(TOY).words


@pytest.fixture(scope="module")
def toy() -> Questionnaire:
    return load(TOY).questionnaire


@pytest.fixture(scope="module")
def days(toy: Questionnaire) -> Number:
    question = toy.questions["pain_days"]
    assert isinstance(question, Number)
    return question


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("21", 21), (" 21 ", 21), ("21 days", 21), ("1 day", 1), ("6 weeks", 42), ("6weeks", 42), ("1 week", 7),
        ("6 WEEKS", 42), ("3 months", 90), ("1 month", 30), ("0", 0), ("400", 400), ("007", 7),
        ("six weeks", 42), ("a week", 7), ("about two months", 60), ("6 weeks ago", 42),
        ("since yesterday", 1), ("today", 0), ("for 3 wks", 21), ("200/400", 200),
        ("half a month", 15), ("about half a week", 3), ("half month", 15),
    ],
)  # fmt: skip
def test_a_number_may_be_said_in_any_unit_of_the_question(
    days: Number, typed: str, number: int
) -> None:
    assert number_from(WORDS, days, typed) == number


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "soon",
        "-1",
        "+1",
        "4.5",
        "4,5",
        "week",
        "7/10",
        "two or three weeks",
        "1e2",
        "½",
        "half",
        "half 6 weeks",
        "2 half weeks",
        "²",
        "٣",
        "9999999",
        "21;",
        "0x1",
    ],
)
def test_nonsense_is_answered_with_what_is_allowed(days: Number, typed: str) -> None:
    said = number_from(WORDS, days, typed)
    assert isinstance(said, str)
    assert "From 0 to 400 days, or say it in weeks or months." in said


@pytest.mark.parametrize("typed", ["401", "58 weeks", "14 months", "999999"])
def test_a_number_out_of_range_is_told_after_the_unit_is_counted_in(
    days: Number, typed: str
) -> None:
    assert str(number_from(WORDS, days, typed)).startswith("That is out of range.")


@pytest.mark.parametrize("typed", ["6 years", "6 w", "6 s", "6 kg"])
def test_a_unit_the_question_does_not_know_is_named(days: Number, typed: str) -> None:
    assert f"'{typed.split()[1]}' is not a unit" in str(number_from(WORDS, days, typed))


def test_a_question_without_other_units_takes_only_its_own(toy: Questionnaire) -> None:
    age: Any = toy.questions["age"]
    assert number_from(WORDS, age, "42 years") == 42
    assert isinstance(number_from(WORDS, age, "6 weeks"), str)


@pytest.mark.parametrize(
    ("name", "typed", "number", "echo"),
    [
        ("pain_days", "two days", 2, "2 days"), ("pain_days", "8 months", 240, "8 months"),
        ("pain_days", "since yesterday", 1, "1 day"), ("pain_days", "a week", 7, "1 week"),
        ("pain_days", "10", 10, "10 days"), ("pain_days", "0", 0, "0 days"),
        ("minutes_a_day", "1 hour", 60, "1 hour"), ("minutes_a_day", "30 mins", 30, "30 minutes"),
        ("morning_stiffness", "half an hour", 30, "30 minutes"), ("pain_now", "7/10", 7, "7 points"),
    ],
)  # fmt: skip
def test_what_people_write_is_understood_and_echoed(
    name: str, typed: str, number: int, echo: str
) -> None:
    catalog = load()
    question = catalog.questionnaire.questions[name]
    assert isinstance(question, Number)
    said = number_from(catalog.words, question, typed)
    assert said == number
    assert question.in_words(number) == echo


Ask = Callable[..., Any]


@pytest.fixture
def ask(toy: Questionnaire, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Return a function that asks a question of somebody who types these lines; it also gives what
    was printed.
    """

    def asking(name: str, *lines: str, now: Any = None) -> tuple[Any, str]:
        typed = iter(lines)
        monkeypatch.setattr(builtins, "input", lambda: next(typed))
        console = Console(record=True, file=io.StringIO(), width=200)
        said = PlainPrompts(console, WORDS).ask(toy.questions[name], now)
        assert list(typed) == [], "not every line was read"
        return said, console.export_text()

    return asking


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("age", "42", 42),
        ("pain_days", "6 weeks", 42),
        ("fever", "3", "yes"),
        ("fever", " 1 ", "no"),
        ("signs", "1", frozenset({"lump"})),
        ("signs", "1,2", frozenset({"lump", "rash"})),
        ("signs", "2 1", frozenset({"lump", "rash"})),
        ("signs", "1; 1", frozenset({"lump"})),
        ("signs", "1, 2,", frozenset({"lump", "rash"})),
        ("signs", "3", frozenset({"none"})),
    ],
)
def test_a_typed_line_becomes_the_typed_answer(ask: Ask, name: str, typed: str, value: Any) -> None:
    assert ask(name, typed)[0] == value


@pytest.mark.parametrize(
    ("name", "typed", "says"),
    [
        ("fever", "4", "Please type a number from 1 to 3."),
        ("fever", "0", "Please type a number from 1 to 3."),
        ("fever", "yes", "Please type a number from 1 to 3."),
        ("fever", "", "Please type a number from 1 to 3."),
        ("fever", "-1", "Please type a number from 1 to 3."),
        ("fever", "1 2", "Please choose one only."),
        ("fever", "²", "Please type a number from 1 to 3."),
        ("fever", "9" * 5000, "Please type a number from 1 to 3."),
        ("signs", "5", "Please type a number from 1 to 4."),
        ("signs", "1, x", "Please type a number from 1 to 4."),
        ("signs", ",", "Please type a number from 1 to 4."),
        ("signs", "1, 3", "cannot go together with another answer."),
        ("age", "old", "Please type a whole number. From 0 to 120 years."),
        ("age", "121", "That is out of range."),
    ],
    ids=lambda value: value[:12],
)
def test_what_does_not_fit_is_told_and_asked_again(
    ask: Ask, name: str, typed: str, says: str
) -> None:
    value, printed = ask(name, typed, "1")
    assert not isinstance(value, Command)
    assert says in printed


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("?", Command.WHY),
        ("b", Command.BACK),
        ("BACK", Command.BACK),
        ("s", Command.SKIP),
        ("q", Command.STOP),
    ],
)
@pytest.mark.parametrize("name", ["age", "fever", "signs"])
def test_a_command_is_understood_at_every_kind_of_question(
    ask: Ask, name: str, typed: str, command: Command
) -> None:
    assert ask(name, typed)[0] is command


def test_enter_keeps_the_answer_given_before(ask: Ask) -> None:
    value, printed = ask("fever", "", now="unsure")
    assert value == "unsure"
    assert "Enter keeps: Not sure." in printed


def test_enter_keeps_an_answer_of_zero(ask: Ask) -> None:
    assert ask("pain_now", "", now=0)[0] == 0


def test_every_option_is_printed_with_its_number(ask: Ask) -> None:
    printed = ask("signs", "3")[1]
    assert "  1. A lump\n  2. A rash\n  3. None of these\n  4. Not sure\n" in printed


@pytest.mark.parametrize("nonsense", ["0", "3", "", "x", "²"])
def test_choosing_a_way_on_asks_until_it_is_one_of_them(
    monkeypatch: pytest.MonkeyPatch, nonsense: str
) -> None:
    typed = iter([nonsense, "2"])
    monkeypatch.setattr(builtins, "input", lambda: next(typed))
    assert PlainPrompts(Console(file=io.StringIO()), WORDS).choose("Which?", ("this", "that")) == 1


def test_the_end_of_the_input_is_not_taken_for_an_answer(
    monkeypatch: pytest.MonkeyPatch, toy: Questionnaire
) -> None:
    def ended() -> str:
        raise EOFError

    monkeypatch.setattr(builtins, "input", ended)
    with pytest.raises(EOFError):
        PlainPrompts(Console(file=io.StringIO()), WORDS).ask(toy.questions["fever"], "no")
