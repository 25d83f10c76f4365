"""Cards: one screen that asks several signs at once, each on its own line.

A topic with `card` is a card: its questions with `tick` are a line each, its other several-of
questions a line for each option, but for those asked `by_itself`. To the prompts a card is a
question with several answers. Lines that are not ticked are answered with what is harmless; a
ticked one that can mean several things is then asked in full, and so is each that the person is not
sure of. The answers are the same record as if each question had been asked by itself.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeGuard

from lumbar.intake.answers import Answers
from lumbar.rulebook.conditions import Value
from lumbar.rulebook.questionnaire import NONE, UNSURE, Number, OneOf, Option, SeveralOf, Topic
from lumbar.rulebook.words import InterviewWords

Lines = Mapping[str, tuple[str, str | None]]  # by id: the question, and the option of several


@dataclass(frozen=True)
class Card:
    """The lines that one person is shown; `doubtful`: which of these they are not sure of."""

    topic: Topic
    says: InterviewWords
    asked: tuple[OneOf | SeveralOf, ...]
    left: frozenset[str] | None = None  # the lines left for the second step; None in the first

    @property
    def doubtful(self) -> bool:
        """Whether this is the second step, which asks of what the person is not sure."""
        return self.left is not None

    @cached_property
    def lines(self) -> Lines:
        """Each line that is shown, with what it answers."""
        every = {
            f"{one.id}.{option}" if option else one.id: (one.id, option)
            for one in self.asked
            for option in (_options(one) if _by_option(one) else (None,))
        }
        return {
            line: meant for line, meant in every.items() if self.left is None or line in self.left
        }

    @cached_property
    def question(self) -> SeveralOf:
        """The card as a question with several answers, for the prompts."""
        options = [Option(id=line, label=self._label(*meant)) for line, meant in self.lines.items()]
        options.append(Option(id=NONE, label=self.says.none_of_these))
        if not self.doubtful and any(UNSURE in one.labels for one in self.asked):
            options.append(Option(id=UNSURE, label=self.says.not_sure_here))
        return SeveralOf(
            id=card_id(self.topic),
            name=self.topic.title,
            text=self.says.which_doubtful if self.doubtful else self.topic.card or "",
            help=self.says.card_help,
            why=" ".join(dict.fromkeys(one.why for one in self.asked)),
            type="several_of",
            options=tuple(options),
            example=(NONE,),
        )

    def _label(self, name: str, option: str | None) -> str:
        question = next(one for one in self.asked if one.id == name)
        return question.labels[option] if option else question.tick or question.name

    def ticked(
        self, answers: Mapping[str, Value], in_full: Collection[str] = ()
    ) -> frozenset[str] | None:
        """Return the lines that these answers tick, and those that are open because they are asked
        `in_full` after a tick; None where there are none yet.
        """
        said = {one.id: answers[one.id] for one in self.asked if one.id in answers}
        doubted = {name for name, answer in said.items() if _is_unsure(answer)}
        if self.doubtful:
            found = {line for line, (name, _) in self.lines.items() if name in doubted}
            return frozenset(found) or None
        pending = {line for line in self.lines if line in in_full and line not in answers}
        if not said:
            return frozenset(pending) or None
        found = pending | {
            line
            for line, (name, option) in self.lines.items()
            if name in said and _is_ticked(self._of(name), said[name], option)
        }
        return frozenset(found | ({UNSURE} if doubted else set()) or {NONE})

    def _of(self, name: str) -> OneOf | SeveralOf:
        return next(one for one in self.asked if one.id == name)

    def told(self, picked: frozenset[str], answers: Answers) -> dict[str, Value | None]:
        """Return the answer to each question that these ticks give; None where it must be asked.

        Where somebody is not sure, lines without a tick say nothing before the second step.
        """
        ticked = {self.lines[line][0] for line in picked & self.lines.keys()}
        shown = {name for name, _ in self.lines.values()}
        speak = ticked if UNSURE in picked else shown
        return {one.id: self._said(one, picked, answers) for one in self.asked if one.id in speak}

    def _said(
        self, question: OneOf | SeveralOf, picked: frozenset[str], answers: Answers
    ) -> Value | None:
        if _by_option(question):
            return self._said_of_several(question, picked, answers)
        if question.id not in picked:
            return not_ticked(question)
        meant = [one for one in question.labels if one not in {NONE, question.best, UNSURE}]
        if self.doubtful or len(meant) > 1:
            before = answers.get(question.id)
            kept = before is not None and _is_ticked(question, before, None) and not self.doubtful
            return before if kept else None
        return question.typed(question.alone(meant[0]))

    def _said_of_several(
        self, question: SeveralOf, picked: frozenset[str], answers: Answers
    ) -> Value | None:
        mine = {line for line in picked if line.startswith(f"{question.id}.")}
        if not self.doubtful:
            return frozenset(self.lines[line][1] or "" for line in mine) or frozenset({NONE})
        before = answers.get(question.id)
        if before is not None:
            return before
        unsure = mine and UNSURE in question.labels
        return frozenset({UNSURE if unsure else NONE})

    def rest(self, picked: frozenset[str]) -> "Card | None":
        """Return the second step for who is not sure of something: the lines not ticked."""
        left = self.lines.keys() - picked
        return replace(self, left=frozenset(left)) if UNSURE in picked and left else None


def card_id(topic: Topic) -> str:
    """Return the name that the card of a topic goes by, which no question has."""
    return f"card.{topic.id}"


def card_of(topic: Topic, applies: frozenset[str], says: InterviewWords) -> Card | None:
    """Return the card of a topic for somebody of whom these questions are asked, if it is one."""
    asked = tuple(one for one in on_card(topic) if one.id in applies)
    card = Card(topic, says, asked) if topic.card and asked else None
    return card if card and len(card.lines) > 1 else None


def on_card(topic: Topic) -> Iterator[OneOf | SeveralOf]:
    """Yield the questions of a topic that stand on its card."""
    for one in topic.questions if topic.card else ():
        if not isinstance(one, Number) and (one.tick or _by_option(one)):
            yield one


def not_ticked(question: OneOf | SeveralOf) -> Value:
    """Return the answer of whoever ticks nothing of a question."""
    return question.typed(question.alone(question.best))


def _by_option(question: OneOf | SeveralOf) -> TypeGuard[SeveralOf]:
    """Return whether each option of a question is a line of its own."""
    return isinstance(question, SeveralOf) and not question.tick and not question.by_itself


def _is_unsure(answer: Value) -> bool:
    return answer == UNSURE or (isinstance(answer, frozenset) and UNSURE in answer)


def _options(question: SeveralOf) -> Iterator[str]:
    return (one for one in question.labels if one not in {NONE, UNSURE})


def _is_ticked(question: OneOf | SeveralOf, answer: Value, option: str | None) -> bool:
    if isinstance(question, SeveralOf):
        given = answer if isinstance(answer, frozenset) else frozenset()
        return option in given if option else bool(given - {NONE, UNSURE})
    return answer not in {question.best, UNSURE}
