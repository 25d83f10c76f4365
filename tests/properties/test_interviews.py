"""Interviews with somebody who presses anything, stops anyhow and comes back: no answer that was
given is lost, and none is invented.
"""

import builtins
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from lumbar import Catalog, load
from lumbar.intake.answers import Answers
from lumbar.intake.answers_file import read, read_raw
from lumbar.intake.earlier import earlier
from lumbar.reading.writing import write_whole
from lumbar.rulebook.questionnaire import Number, Questionnaire, asked_again
from lumbar.terminal import ask
from lumbar.terminal.prompts import KeyPrompts

# As many as anybody wants: `LUMBAR_INTERVIEWS=500 .venv/bin/python -m pytest tests/properties/test_interviews.py`.
MANY = int(os.environ.get("LUMBAR_INTERVIEWS", "40"))
SITTINGS = 3
DOWN, UP, ENTER, INTERRUPT = "\x1b[B", "\x1b[A", "\r", "\x03"
KEYS = ([ENTER] * 3 + [DOWN] * 4 + [UP, " ", " ", "7", "42", "6 weeks", "2"]) * 6 + [
    "?", "b", "s", "q", "a", "i", "x", "B", "\t", "\x7f", "3 moons", "\x1b[D", "back", "\x1b[A\r",
]  # fmt: skip
LINES = ["1", "2", "3", "1,2", "7", "42", "6 weeks", "10", "", "3", "2"] * 5 + [
    "?", "b", "s", "q", "nonsense", "999999", "1,9", "-1", "since yesterday", "B", "7/10", "\x00",
]  # fmt: skip


class PowerGoneError(BaseException):
    """The machine goes off, in the middle of anything."""


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load()


def hanging(questionnaire: Questionnaire, names: set[str]) -> set[str]:
    """Return the questions that are asked because of a sign, directly or through others."""
    found = {name for name in names if asked_again(questionnaire.questions[name])}
    for other, conditions in questionnaire.shown_when.items():
        if any(read in found for condition in conditions for read in condition.reads):
            found.add(other)
    return found


def contradicted(answers: Answers) -> set[str]:
    asked = answers.questionnaire.questions
    return {
        name
        for name, said in answers.items()
        if isinstance(question := asked[name], Number)
        and isinstance(said, int)
        and question.contradicted(said, answers, asked)
    }


def hold(session: Any, step: Callable[[], None], seen: Counter[str]) -> None:
    """Take one step of an interview; hold that it takes and gives nothing but what was asked."""
    interview, before = session._interview, session._interview.kept
    card = interview.card
    asked = {one.id for one in card.asked} if card else {interview.current}
    try:
        step()
    finally:
        after = session._interview.kept
        seen["steps"] += 1
        seen["answers"] += len(after.items() - before.items())
        known = {**session._earlier.said, **before.given}  # an earlier answer may apply again
        invented = {name for name in after if after[name] != known.get(name)} - asked
        assert not invented, f"asked {asked}, and {invented} changed"
        lost = before.keys() - after.keys() - asked
        asks = {name for name, applies in after.questionnaire.walk(after) if applies is not False}
        merged = Answers.typed(after.questionnaire, {**before.given, **after.given})
        excused = hanging(after.questionnaire, asked) | contradicted(merged)
        assert not {name for name in lost if name in asks} - excused, f"asked {asked}, lost {lost}"


def sitting(
    catalog: Catalog,
    saved: Path,
    dice: random.Random,
    patch: pytest.MonkeyPatch,
    seen: Counter[str],
) -> None:
    """Let somebody sit down once, by keys or by lines, and leave somehow."""
    raw = read_raw(saved)[0] if saved.exists() else {}
    given = earlier(catalog.questionnaire, raw, date.today())
    assert given.unfit == ()

    def written(path: Path, text: str, private: bool = False) -> None:
        gone = dice.random()
        if gone < 0.004:
            raise PowerGoneError
        write_whole(path, text, private)
        if gone > 0.996:
            raise PowerGoneError

    one_question = ask._Session._one_question
    patch.setattr(ask, "write_whole", written)
    patch.setattr(
        ask._Session, "_one_question", lambda one: hold(one, lambda: one_question(one), seen)
    )
    many, keys = dice.choice([5, 40, 150, 400]), dice.random() < 0.5
    lines: Iterator[str] = iter(dice.choices(LINES, k=many // 2))

    def line(*_: object) -> str:
        said = next(lines, None)
        if said is None:
            raise dice.choice([EOFError, KeyboardInterrupt])
        return said

    patch.setattr(builtins, "input", line)
    with create_pipe_input() as pressed, create_app_session(input=pressed, output=DummyOutput()):
        if keys:
            patch.setattr(ask, "PlainPrompts", KeyPrompts)
            pressed.send_text("".join(dice.choices(KEYS, k=many)) + INTERRUPT)
        try:
            code = ask.run(
                catalog, given, saved, plain=False, require_signed=False, found=bool(raw)
            )
            assert code in {0, 3}
            seen[f"ended with {code}"] += 1
        except PowerGoneError:
            seen["power gone"] += 1


@pytest.mark.parametrize("seed", range(MANY))
def test_nothing_that_was_answered_is_lost_and_nothing_is_invented(
    catalog: Catalog, tmp_path: Path, seed: int
) -> None:
    dice, saved, seen = random.Random(seed), tmp_path / "saved.yaml", Counter[str]()
    for _ in range(SITTINGS):
        ends: list[Answers] = []
        before = saved.read_bytes() if saved.exists() else b""
        session_ended = ask._Session.stopped
        with pytest.MonkeyPatch.context() as patch:

            def stopped(one: Any, ended: Callable[[Any], None] = session_ended) -> None:
                ends.append(one._interview.kept)  # noqa: B023 - of this sitting
                ended(one)

            patch.setattr(ask._Session, "stopped", stopped)
            sitting(catalog, saved, dice, patch, seen)
        if not saved.exists():
            continue
        kept = read(catalog.questionnaire, saved)
        if ends and ends[0]:
            assert kept == ends[0]
        elif ends:  # began anew, and left before the first answer: what was there stays
            assert saved.read_bytes() == before
        if dice.random() < 0.3:  # they come back days later
            day = date.today() - timedelta(dice.choice([1, 3, 29, 40]))
            text = saved.read_text(encoding="utf-8")
            saved.write_text(text.replace(str(date.today()), str(day)), encoding="utf-8")
    assert seen["steps"]
    print(dict(seen))
