"""How one question is put to a person: arrow keys on a terminal, numbered lines on a pipe or for a
screen reader.
"""

import re
from collections.abc import Sequence
from enum import Enum
from typing import Any, Protocol

from rich.console import Console
from rich.text import Text

from lumbar.rulebook.conditions import Value
from lumbar.rulebook.questionnaire import NONE, Number, OneOf, SeveralOf

Question = Number | OneOf | SeveralOf


class Command(Enum):
    """What a person can say instead of an answer."""

    WHY = "Why do you ask?"
    BACK = "Back to the question before"
    SKIP = "Skip this question"
    STOP = "Stop here"


_KEYS = {
    "?": Command.WHY,
    "b": Command.BACK,
    "back": Command.BACK,
    "s": Command.SKIP,
    "q": Command.STOP,
}
KEYS_IN_WORDS = "? why we ask   b back   s skip   q stop"


class Prompts(Protocol):
    """Puts a question and returns the answer, or a command."""

    def ask(self, question: Question, now: Value | None) -> Value | Command:
        """Ask until there is an answer that fits, or a command; `now` is the answer given before,
        if any.
        """

    def choose(self, text: str, options: Sequence[str]) -> int:
        """Ask for one of several ways on; return its place."""

    def line(self, text: str) -> str:
        """Ask for a line of text."""


def number_from(question: Number, text: str) -> Value | str:
    """Return the number a person typed, in the question's unit ("6 weeks" where it takes days), or
    what is wrong.
    """
    match = re.fullmatch(r"\s*([0-9]{1,6})\s*([a-z]*)\s*", text.lower())
    if not match:
        return f"Please type a whole number. {_bounds(question)}"
    number, unit = int(match[1]), match[2]
    factors = {question.unit: 1, **question.units}
    factor = next(
        (times for name, times in factors.items() if unit in {"", name, name.rstrip("s")}), None
    )
    if factor is None:
        return f"'{unit}' is not a unit we know here. {_bounds(question)}"
    fault = question.fault(number * factor)
    return f"That is out of range. {_bounds(question)}" if fault else number * factor


def _bounds(question: Number) -> str:
    also = f", or say it in {' or '.join(question.units)}" if question.units else ""
    return f"From {question.low} to {question.high} {question.unit}{also}."


def _example_of(question: Number) -> str:
    unit = next(iter(question.units), None)
    return f"{_bounds(question)}" + (f" For example: 6 {unit}." if unit else "")


class PlainPrompts:
    """Numbered options and typed lines: no colours, no cursor movements."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def line(self, text: str) -> str:
        """Ask for a line of text; raise EOFError where the input has ended."""
        self._console.print(Text(text), end="")
        return input()

    def choose(self, text: str, options: Sequence[str]) -> int:
        """Ask for one of several ways on; return its place."""
        self._numbered(options)
        while True:
            said = self.line(f"{text} (1 to {len(options)}): ").strip()
            if said in _places(options):
                return int(said) - 1

    def ask(self, question: Question, now: Value | None) -> Value | Command:
        """Ask until there is an answer that fits, or a command."""
        if not isinstance(question, Number):
            self._numbered([option.label for option in question.options])
        while True:
            said = self.line(f"{self._how(question, now)}: ").strip().lower()
            if said in _KEYS:
                return _KEYS[said]
            if not said and now is not None:
                return now
            value = self._value(question, said)
            if not isinstance(value, _Fault):
                return value
            self._console.print(Text(str(value)))

    def _numbered(self, options: Sequence[str]) -> None:
        for number, label in enumerate(options, 1):
            self._console.print(Text(f"  {number}. {label}"))

    @staticmethod
    def _how(question: Question, now: Value | None) -> str:
        if isinstance(question, Number):
            how = _example_of(question)
        elif isinstance(question, OneOf):
            how = f"One number, 1 to {len(question.options)}"
        else:
            how = f"One or more numbers, 1 to {len(question.options)}, such as 1,3"
        kept = f" Enter keeps: {question.in_words(now)}." if now is not None else ""
        return f"{how}{kept}\n[{KEYS_IN_WORDS}]"

    @staticmethod
    def _value(question: Question, said: str) -> "Value | _Fault":
        if isinstance(question, Number):
            value = number_from(question, said)
            return _Fault(value) if isinstance(value, str) else value
        picked = re.split(r"[\s,;]+", said.strip(" ,;"))
        most = len(question.options)
        if not set(picked) <= _places(question.options):
            return _Fault(f"Please type a number from 1 to {most}.")
        ids = [question.options[int(one) - 1].id for one in picked]
        if isinstance(question, OneOf):
            return ids[0] if len(ids) == 1 else _Fault("Please choose one only.")
        fault = _several_fault(question, sorted(set(ids)))
        return _Fault(fault) if fault else frozenset(ids)


def _places(options: Sequence[object]) -> set[str]:
    """Return the numbers that stand before the options, as a person types them."""
    return {str(place) for place in range(1, len(options) + 1)}


class _Fault(str):
    """What is wrong with what a person typed."""


_NOTHING = ""  # no option has this id


class KeyPrompts:
    """Arrow keys, space and enter, by questionary."""

    def __init__(self, console: Console) -> None:
        import questionary

        self._console = console
        self._kit: Any = questionary

    def line(self, text: str, default: str = "") -> str:
        """Ask for a line of text; Ctrl-C is KeyboardInterrupt."""
        return str(self._kit.text(text, default=default, qmark="").unsafe_ask())

    def choose(self, text: str, options: Sequence[str]) -> int:
        """Ask for one of several ways on; return its place."""
        choices = [self._kit.Choice(label, value=place) for place, label in enumerate(options)]
        return int(self._kit.select(text, choices=choices, qmark="").unsafe_ask())

    def ask(self, question: Question, now: Value | None) -> Value | Command:
        """Ask until there is an answer that fits, or a command."""
        if isinstance(question, Number):
            return self._number(question, now)
        said: Value | Command
        said = (
            self._one(question, now)
            if isinstance(question, OneOf)
            else self._several(question, now)
        )
        return said

    def _number(self, question: Number, now: Value | None) -> Value | Command:
        self._console.print(Text(f"{_example_of(question)}\n[{KEYS_IN_WORDS}]", style="dim"))
        said = "" if now is None else str(now)
        while True:
            said = self.line("Your answer:", said).strip().lower()
            value = _KEYS.get(said) or number_from(question, said)
            if not isinstance(value, str):
                return value
            self._console.print(Text(value))

    def _commands(self) -> list[Any]:
        return [
            self._kit.Separator(" "),
            *(self._kit.Choice(one.value, value=one) for one in Command),
        ]

    def _one(self, question: OneOf, now: Value | None) -> Any:
        """Ask for one option; none stands ready under the cursor, so that Enter alone never answers
        a warning sign.
        """
        nothing = self._kit.Choice("(go down to your answer)", value=_NOTHING)
        choices = [self._kit.Choice(option.label, value=option.id) for option in question.options]
        said: Any = _NOTHING
        while said == _NOTHING:
            said = self._kit.select(
                "Your answer:",
                choices=[nothing, *choices, *self._commands()],
                default=now or _NOTHING,
                qmark="",
                instruction="(arrows, enter)",
            ).unsafe_ask()
        return said

    def _several(self, question: SeveralOf, now: Any) -> Any:
        ticked = now or frozenset()
        while True:
            choices = [
                self._kit.Choice(one.label, value=one.id, checked=one.id in ticked)
                for one in question.options
            ]
            picked = self._kit.checkbox(
                "Your answer:",
                choices=[*choices, *self._commands()],
                qmark="",
                instruction="(arrows, space ticks, enter goes on)",
            ).unsafe_ask()
            commands = [one for one in picked if isinstance(one, Command)]
            fault = "" if commands else _several_fault(question, picked)
            if not fault:
                return commands[0] if commands else frozenset(picked)
            self._console.print(Text(fault))
            ticked = frozenset(picked)


def _several_fault(question: SeveralOf, picked: Sequence[str]) -> str:
    if not picked:
        return f"Tick what fits with the space bar, or '{question.labels[NONE]}'."
    if NONE in picked and len(picked) > 1:
        return f"'{question.labels[NONE]}' cannot go together with another answer."
    return ""
