"""How a question is put: arrow keys on a terminal, numbered lines on a pipe or a screen reader."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from rich.console import Console
from rich.text import Text

from lumbar.intake.typed import Refused, about, number_from
from lumbar.rulebook.conditions import Value
from lumbar.rulebook.questionnaire import NONE, Number, OneOf, SeveralOf
from lumbar.rulebook.words import WordsFile, fill

Question = Number | OneOf | SeveralOf


class Command(Enum):
    """What a person can say instead of an answer; its words are under this name."""

    WHY = "why"
    BACK = "back"
    SKIP = "skip"
    STOP = "stop"


class Prompts(ABC):
    """Puts a question and returns the answer, or a command."""

    def __init__(self, console: Console, words: WordsFile) -> None:
        self.console, self.words, self.says = console, words, words.interview
        said = {one: getattr(self.says.commands, one.value) for one in Command}
        self.keys = {key: one for one, words in said.items() for key in words.keys}
        self.reminder = "   ".join(f"{words.keys[0]} {words.short}" for words in said.values())
        self.in_short = " ".join(words.keys[0] for words in said.values())

    @abstractmethod
    def ask(self, question: Question, now: Value | None) -> Value | Command:
        """Ask until an answer fits, or for a command; `now` is the answer given before, if any."""

    @abstractmethod
    def choose(self, text: str, options: Sequence[str]) -> int:
        """Ask for one of several ways on; return its place."""

    @abstractmethod
    def line(self, text: str) -> str:
        """Ask for a line of text; raise EOFError where the input has ended."""

    def say(self, text: str, style: str = "") -> None:
        """Print a text."""
        self.console.print(Text(text, style=style))

    def echo(self, question: Question, answer: Value) -> None:
        """Say an answer back as it was understood."""
        self.say(f"{self.says.your_answer} {question.in_words(answer)}", "dim")

    def several_refused(self, question: SeveralOf, picked: Sequence[str]) -> Refused:
        """Return what is wrong with options picked together, an empty text where nothing is."""
        none = question.labels[NONE]
        alone = fill(self.says.none_alone, none=none) if NONE in picked and len(picked) > 1 else ""
        return Refused(alone if picked else fill(self.says.tick, none=none))


class PlainPrompts(Prompts):
    """Numbered options and typed lines: no colours, no cursor movements."""

    def line(self, text: str) -> str:
        self.console.print(Text(text), end="")
        return input()

    def choose(self, text: str, options: Sequence[str]) -> int:
        self._numbered(options)
        while True:
            said = self.line(fill(self.says.pick, question=text, number=len(options))).strip()
            if said in _places(options):
                return int(said) - 1
            self.say(fill(self.says.pick_from, number=len(options)))

    def ask(self, question: Question, now: Value | None) -> Value | Command:
        if not isinstance(question, Number):
            self._numbered([option.label for option in question.options])
        while True:
            said = self.line(f"{self._how(question, now)} ({self.in_short}): ").strip().lower()
            if said in self.keys:
                return self.keys[said]
            value = now if not said and now is not None else self._value(question, said)
            if not isinstance(value, Refused):
                if not isinstance(question, OneOf):
                    self.echo(question, value)
                return value
            self.say(value)

    def _numbered(self, options: Sequence[str]) -> None:
        for number, label in enumerate(options, 1):
            self.say(f"  {number}. {label}")

    def _how(self, question: Question, now: Value | None) -> str:
        if isinstance(question, Number):
            how = about(self.words, question)
        else:
            says = self.says
            one = isinstance(question, OneOf)
            text = says.one_number if one else says.several_numbers
            how = fill(text, number=len(question.options))
        kept = fill(self.says.enter_keeps, answer=question.in_words(now)) if now is not None else ""
        return f"{how}{' ' if kept else ''}{kept}"

    def _value(self, question: Question, said: str) -> Value | Refused:
        if isinstance(question, Number):
            return number_from(self.words, question, said)
        picked = re.split(r"[\s,;]+", said.strip(" ,;"))
        if not set(picked) <= _places(question.options):
            return Refused(fill(self.says.pick_from, number=len(question.options)))
        ids = [question.options[int(one) - 1].id for one in picked]
        if isinstance(question, OneOf):
            return ids[0] if len(ids) == 1 else Refused(self.says.one_only)
        return self.several_refused(question, sorted(set(ids))) or frozenset(ids)


def _places(options: Sequence[object]) -> set[str]:
    """Return the numbers that stand before the options, as a person types them."""
    return {str(place) for place in range(1, len(options) + 1)}


_NOTHING = ""  # no option has this id


class KeyPrompts(Prompts):
    """Arrow keys, space and enter, by questionary; Ctrl-C is KeyboardInterrupt.

    Lists hold answers and nothing else: what can be said instead is a key of its own.
    """

    def __init__(self, console: Console, words: WordsFile) -> None:
        import questionary

        super().__init__(console, words)
        self._kit: Any = questionary

    def line(self, text: str) -> str:
        return str(self._kit.text(text, qmark="").unsafe_ask())

    def choose(self, text: str, options: Sequence[str]) -> int:
        choices = [self._kit.Choice(label, value=place) for place, label in enumerate(options)]
        return int(self._kit.select(text, choices=choices, qmark="").unsafe_ask())

    def ask(self, question: Question, now: Value | None) -> Value | Command:
        by_type: Any = {Number: self._number, OneOf: self._one, SeveralOf: self._several}
        said: Value | Command = by_type[type(question)](question, now)
        if not isinstance(said, Command):
            self.echo(question, said)
        return said

    def _number(self, question: Number, now: Value | None) -> Value | Command:
        self.say(f"{about(self.words, question)}\n[{self.reminder}]", "dim")
        ready = "" if now is None else question.in_words(now)
        while True:
            prompt = self._kit.text(self.says.your_answer, default=ready, qmark="")
            said = self._put(prompt).strip().lower()
            value = self.keys.get(said) or number_from(self.words, question, said)
            if not isinstance(value, Refused):
                return value
            self.say(value)
            ready = ""  # nobody types on after what was wrong

    def _one(self, question: OneOf, now: Value | None) -> Any:
        """Ask for one option; none stands ready: Enter alone never answers a warning sign."""
        nothing = self._kit.Choice(self.says.go_down, value=_NOTHING)
        choices = [self._kit.Choice(option.label, value=option.id) for option in question.options]
        said: Any = _NOTHING
        while said == _NOTHING:
            prompt = self._kit.select(
                self.says.your_answer,
                choices=[nothing, *choices, *self._bottom()],
                default=now or _NOTHING,
                qmark="",
                instruction=self.says.arrows,
            )
            said = self._put(prompt, self._letters())
        return said

    def _several(self, question: SeveralOf, now: Any) -> Any:
        ticked = now or frozenset()
        while True:
            choices = [
                self._kit.Choice(one.label, value=one.id, checked=one.id in ticked)
                for one in question.options
            ]
            prompt = self._kit.checkbox(
                self.says.your_answer,
                choices=[*choices, *self._bottom()],
                qmark="",
                instruction=self.says.arrows_and_space,
            )
            # the toolkit's own keys tick all lines at once: nobody means that
            picked = self._put(prompt, {"a": None, "i": None, **self._letters()})
            if isinstance(picked, Command):
                return picked
            refused = self.several_refused(question, picked)
            if not refused:
                return frozenset(picked)
            self.say(refused)
            ticked = frozenset(picked)

    def _bottom(self) -> list[Any]:
        return [self._kit.Separator(" "), self._kit.Separator(self.reminder)]

    def _letters(self) -> dict[str, Command]:
        """Return the commands that are one key, and so can be said while a list is shown."""
        return {key: one for key, one in self.keys.items() if len(key) == 1}

    @staticmethod
    def _put(prompt: Any, letters: Mapping[str, Command | None] | None = None) -> Any:
        """Put a prompt that leaves nothing behind; each of `letters` ends it, or does nothing."""
        prompt.application.erase_when_done = True
        for letter, command in (letters or {}).items():

            def obey(event: Any, command: Command | None = command) -> None:
                if command:
                    event.app.exit(result=command)

            for key in {letter, letter.upper()}:
                prompt.application.key_bindings.add(key, eager=True)(obey)
        return prompt.unsafe_ask()
