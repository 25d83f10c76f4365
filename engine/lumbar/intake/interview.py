"""The question loop without input or output: what to ask next, going back, another answer."""

from collections.abc import Iterator, Mapping
from copy import copy
from typing import Any

from lumbar.intake.answers import Answers
from lumbar.intake.cards import Card, card_id, card_of, on_card
from lumbar.rulebook.conditions import Value
from lumbar.rulebook.questionnaire import (
    Number,
    OneOf,
    Questionnaire,
    SeveralOf,
    Topic,
    asked_again,
)
from lumbar.rulebook.words import InterviewWords


class Interview:
    """One person's way through the questionnaire; `skipped` questions are not asked again.

    With words for them (`says`), `question` may be a card, which asks several at once: see
    `intake/cards.py`. `before` is what was said on an earlier day (`intake/earlier.py`): it is
    suggested, but for signs, and not lost as long as not everything was asked again.
    """

    def __init__(
        self,
        questionnaire: Questionnaire,
        answers: Mapping[str, Any] | None = None,
        says: InterviewWords | None = None,
        before: Mapping[str, Value] | None = None,
    ) -> None:
        self.questionnaire = questionnaire
        self._says = says
        self.before = before or {}
        self.answers = Answers.of(questionnaire, answers or {})
        self.skipped: set[str] = set()
        self.current: str | None = None
        # topics whose card was answered, questions put in full after it, and its second step
        self.done: set[str] = {
            topic.id
            for topic in questionnaire.topics
            if any(one.id in self.answers for one in on_card(topic))
        }
        self.in_full: set[str] = set()
        self.doubtful: Card | None = None
        self.advance()

    @property
    def card(self) -> Card | None:
        """The card to show now; None where one question is asked by itself."""
        topic = self.topic
        if self.doubtful or topic is None or topic.id in self.done:
            return self.doubtful
        card = self.card_of(topic)
        return card if card and any(one.id == self.current for one in card.asked) else None

    def card_of(self, topic: Topic) -> Card | None:
        """Return the card of a topic as this person is shown it, answered or not."""
        return card_of(topic, frozenset(self.asked()), self._says) if self._says else None

    @property
    def question(self) -> Number | OneOf | SeveralOf | None:
        """The question, or card, to ask now; None when all that apply were asked."""
        card = self.card
        if card:
            return card.question
        return self.questionnaire.questions[self.current] if self.current else None

    @property
    def said(self) -> Value | None:
        """What was answered before to the question, or card, that is asked now."""
        card = self.card
        if card:
            signs = any(map(asked_again, card.asked))
            ticked = card.ticked(self.answers, self.in_full)
            return ticked or (None if signs else card.ticked(self.before))
        if self.current is None or self.current in self.answers:
            return self.answers.get(self.current or "")
        sign = asked_again(self.questionnaire.questions[self.current])
        return None if sign else self.before.get(self.current)

    @property
    def kept(self) -> Answers:
        """The answers, and until all was asked those of an earlier day that were not asked yet."""
        return Answers.typed(self.questionnaire, {**self.before, **self.answers.given})

    @property
    def needs_help(self) -> bool:
        """Whether help stands with the question: a sign that a card left to find out about."""
        if self.card or self.current is None or self.current not in self.in_full:
            return False
        return self.questionnaire.questions[self.current].sign is not None

    @property
    def last_named(self) -> str | None:
        """The question to be answered now; on a card the last of its questions."""
        return self.card.asked[-1].id if self.card else self.current

    @property
    def topic(self) -> Topic | None:
        """The topic of the question to ask now."""
        return self.topic_of(self.current) if self.current else None

    def topic_of(self, name: str) -> Topic:
        """Return the topic of a question, or of a card by its id."""
        return next(
            topic
            for topic in self.questionnaire.topics
            if card_id(topic) == name or any(one.id == name for one in topic.questions)
        )

    def asked(self) -> Iterator[str]:
        """Return the questions that apply as far as can be told, in order."""
        known = self.questionnaire.known
        facts = self.answers.facts  # what applies is known or open: no need to walk once more
        return (
            name
            for name in self.questionnaire.questions
            if name not in known and (name in facts.known or name in facts.unanswered)
        )

    def progress(self, at: Topic | None = None) -> tuple[int, int]:
        """Return the number of the screen at a topic, or of the one to show now, and about how many
        there are.
        """
        asked = set(self.asked())
        topics = [
            one
            for one in self.questionnaire.topics
            if asked & {question.id for question in one.questions}
        ]
        here = at or self.topic
        number = next((i for i, one in enumerate(topics, 1) if one is here), len(topics))
        return number, len(topics)

    def advance(self) -> None:
        """Go to the first question that was neither answered nor skipped."""
        done = self.answers.keys() | self.skipped
        self.current = next((name for name in self.asked() if name not in done), None)
        if self.current is None:
            self.before = {}

    def answer(self, value: Value) -> None:
        """Take the answer to the current question, and go on; what hangs on it is asked anew."""
        assert self.current is not None
        card = self.card
        if card:
            assert isinstance(value, frozenset)
            self._take(card, value)
            return
        name = self.current
        self._set(name, value)
        self._next_after(name)

    def contradicted(self, value: Value) -> Number | None:
        """Return the question whose answer makes this answer to the current one impossible."""
        question = self.question
        if not isinstance(question, Number) or not isinstance(value, int):
            return None
        return question.contradicted(value, self.answers, self.questionnaire.questions)

    def _set(self, name: str, value: Value) -> None:
        """Set an answer; what still applies is kept, unless it was said of another sign."""
        if self.answers.get(name) != value:
            asked = self.questionnaire.questions
            anew = self._hanging_on(name) if asked_again(asked[name]) else ()
            self.answers, _ = self.answers.without(*anew).having({name: value})
            wrong = [
                one
                for one, said in self.answers.items()
                if isinstance(question := asked[one], Number)
                and isinstance(said, int)
                and name in {question.at_least, question.at_most}
                and question.contradicted(said, self.answers, asked)
            ]
            self.answers = self.answers.without(*wrong)
            self.skipped &= set(self.asked()) - {name, *anew}

    def _take(self, card: Card, picked: frozenset[str]) -> None:
        """Take the ticks of a card: what they answer is answered, the rest is asked in full."""
        told = card.told(picked, self.answers)
        if not card.doubtful:
            self.in_full -= {one.id for one in card.asked}
            open_still = [one.id for one in card.asked if one.id not in told]
            self.answers = self.answers.without(*open_still)
        for name, value in told.items():
            if name not in set(self.asked()):  # a tick before it says that it does not apply
                continue
            if value is not None:
                self._set(name, value)
            else:
                self.answers = self.answers.without(name, *self._hanging_on(name))
                self.skipped.discard(name)
                self.in_full.add(name)
        self.done.add(card.topic.id)
        self.doubtful = None if card.doubtful else card.rest(picked)
        if self.doubtful is None:
            self._next_in(card)

    def _next_in(self, card: Card) -> None:
        """Go to the first open question from the card on."""
        done = self.answers.keys() | self.skipped
        asked = list(self.asked())
        first = asked.index(card.asked[0].id)
        self.current = next((one for one in asked[first:] if one not in done), None)
        if self.current is None:
            self.advance()

    def skip(self) -> None:
        """Leave the current question, or all of a card, unanswered and go on."""
        assert self.current is not None
        card = self.card
        names = [one.id for one in card.asked] if card else [self.current]
        for name in names:
            if not (card and card.doubtful and name in self.answers and self._stays(card, name)):
                self.answers = self.answers.without(name, *self._hanging_on(name))
                self.skipped.add(name)
        if card:
            self.done.add(card.topic.id)
            self.doubtful = None
        self._next_after(names[-1])

    @staticmethod
    def _stays(card: Card, name: str) -> bool:
        """Return whether the second step of a card does not speak of a question."""
        return all(asked != name for asked, _ in card.lines.values())

    def _next_after(self, name: str) -> None:
        """Go to the next open question after this one, else to the first."""
        asked, done = list(self.asked()), self.answers.keys() | self.skipped
        later = asked[asked.index(name) + 1 :] if name in asked else []
        self.current = next((one for one in later if one not in done), None)
        if self.current is None:
            self.advance()

    def _hanging_on(self, name: str) -> tuple[str, ...]:
        """Return the questions that are asked because of this one, directly or through others."""
        found = [name]
        for other, conditions in self.questionnaire.shown_when.items():
            if any(read in found for condition in conditions for read in condition.reads):
                found.append(other)
        return tuple(found[1:])

    def back(self) -> bool:
        """Go to the question or card before, its answer kept; False at the first."""
        if self.doubtful:
            self._show(self.doubtful)
            return True
        asked = list(self.asked())
        here = self.card.asked[0].id if self.card else self.current
        place = asked.index(here) if here in asked else len(asked)
        if place == 0:
            return False
        self.current = asked[place - 1]
        topic = self.topic_of(self.current)
        card = self.card_of(topic)
        if card and any(one.id == self.current for one in card.asked):
            full = [one.id for one in card.asked if one.id in self.in_full and one.id != here]
            before = [one for one in full if asked.index(one) < place]
            if before:
                self.current = before[-1]
            else:
                self._show(card)
        return True

    def go_to(self, name: str) -> bool:
        """Go to a question, or to a card by its id, with what was said of it before; return whether
        it is there.
        """
        if name in self.questionnaire.questions:
            self.doubtful, self.current = None, name
            return True
        card = self.card_of(self.topic_of(name))
        if card:
            self._show(card)
        return card is not None

    def doubt(self, card: Card) -> None:
        """Go to the second step of a card."""
        self.doubtful, self.current = card, card.asked[0].id

    def copied(self) -> "Interview":
        """Return another that is where this one is; what is answered to it leaves this as it is."""
        other = copy(self)
        other.skipped, other.done, other.in_full = {*self.skipped}, {*self.done}, {*self.in_full}
        return other

    def _show(self, card: Card) -> None:
        """Show a card again, with what was ticked."""
        self.doubtful = None
        self.done.discard(card.topic.id)
        self.current = card.asked[0].id

    def change(self, name: str) -> None:
        """Go to one question, to answer it anew by itself."""
        self.current = name
        self.done.add(self.topic_of(name).id)
