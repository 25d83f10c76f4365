"""The question loop without input or output: what to ask next, going back, another answer."""

from collections.abc import Iterator, Mapping
from typing import Any

from lumbar.intake.answers import Answers
from lumbar.rulebook.conditions import Value
from lumbar.rulebook.questionnaire import Number, OneOf, Questionnaire, SeveralOf, Topic


class Interview:
    """One person's way through the questionnaire; `skipped` questions are not asked again."""

    def __init__(
        self, questionnaire: Questionnaire, answers: Mapping[str, Any] | None = None
    ) -> None:
        self.questionnaire = questionnaire
        self.answers = Answers.of(questionnaire, answers or {})
        self.skipped: set[str] = set()
        self.current: str | None = None
        self.advance()

    @property
    def question(self) -> Number | OneOf | SeveralOf | None:
        """The question to ask now; None when all that apply were asked."""
        return self.questionnaire.questions[self.current] if self.current else None

    @property
    def topic(self) -> Topic | None:
        """The topic of the question to ask now."""
        return next(
            (one for one in self.questionnaire.topics if self.question in one.questions), None
        )

    def asked(self) -> Iterator[str]:
        """Return the questions that apply as far as can be told, in order."""
        return (
            name for name, applies in self.questionnaire.walk(self.answers) if applies is not False
        )

    def progress(self) -> tuple[int, int]:
        """Return the number of the screen and about how many there are."""
        asked = set(self.asked())
        topics = [
            one
            for one in self.questionnaire.topics
            if asked & {question.id for question in one.questions}
        ]
        number = next((i for i, one in enumerate(topics, 1) if one is self.topic), len(topics))
        return number, len(topics)

    def advance(self) -> None:
        """Go to the first question that was neither answered nor skipped."""
        done = self.answers.keys() | self.skipped
        self.current = next((name for name in self.asked() if name not in done), None)

    def answer(self, value: Value) -> None:
        """Take the answer to the current question, and go on; what hangs on it is asked anew."""
        assert self.current is not None
        name = self.current
        if self.answers.get(name) != value:
            hanging = self._hanging_on(name)
            self.answers, _ = self.answers.without(*hanging).having({name: value})
            self.skipped -= {name, *hanging}
        self._next_after(name)

    def skip(self) -> None:
        """Leave the current question unanswered and go on."""
        assert self.current is not None
        name = self.current
        self.answers = self.answers.without(name, *self._hanging_on(name))
        self.skipped.add(name)
        self._next_after(name)

    def _next_after(self, name: str) -> None:
        """Go to the next open question after this one, else to the first."""
        asked, done = list(self.asked()), self.answers.keys() | self.skipped
        later = asked[asked.index(name) + 1 :]
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
        """Go to the question before the current one, its answer kept; False at the first."""
        asked = list(self.asked())
        place = asked.index(self.current) if self.current in asked else len(asked)
        if place == 0:
            return False
        self.current = asked[place - 1]
        return True

    def change(self, name: str) -> None:
        """Go to one question, to answer it anew."""
        self.current = name
