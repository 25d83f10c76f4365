"""What one person said, as one record: made once from raw answers, then handed on."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from lumbar.reading.problems import BadAnswersError, Problem, did_you_mean
from lumbar.rulebook.conditions import Facts, Value
from lumbar.rulebook.questionnaire import ANSWERED_ON, QUESTIONNAIRE, Questionnaire, written

Fault = tuple[str, str, str, str]  # the question; the code, message and hint of what is wrong
Place = Callable[[str, str, str, str], Problem]


def nowhere(_question: str, *fault: str) -> Problem:
    """Tell a problem of answers that are in no file."""
    return Problem("answers", 0, 0, *fault)


@dataclass(frozen=True, eq=False)
class Answers(Mapping[str, Value]):
    """Typed answers by question, in the order of the questionnaire, and all that is made of them.

    `facts` are the answers, the scores, and the questions left open; `answered_on` is the day, such
    as 2026-11-22. Every answer is to a question that is asked of this person. Equal to any mapping
    with the same answers.
    """

    questionnaire: Questionnaire
    facts: Facts
    answered_on: str | None = None

    @cached_property
    def given(self) -> Mapping[str, Value]:
        """The answers alone, without the scores."""
        known = self.facts.known
        return {name: known[name] for name in self.questionnaire.questions if name in known}

    def __getitem__(self, question: str) -> Value:
        return self.given[question]

    def __iter__(self) -> Iterator[str]:
        return iter(self.given)

    def __len__(self) -> int:
        return len(self.given)

    @property
    def version(self) -> str:
        """The version of the questionnaire that these are answers to."""
        return self.questionnaire.version

    def is_to(self, questionnaire: Questionnaire) -> bool:
        """Return whether these are answers to this questionnaire, or to one that means the same."""
        mine = self.questionnaire
        return mine is questionnaire or mine.version == questionnaire.version

    @property
    def raw(self) -> dict[str, Any]:
        """The answers as a file has them, but for the day: several options are a sorted list."""
        return {
            name: sorted(value) if isinstance(value, frozenset) else value
            for name, value in self.given.items()
        }

    @classmethod
    def of(
        cls, questionnaire: Questionnaire, given: Mapping[str, Any], place: Place = nowhere
    ) -> "Answers":
        """Understand raw answers, such as a file has; a record for this questionnaire is returned.

        Raises BadAnswersError with every problem, at the `place` of its question.
        """
        if isinstance(given, Answers) and given.is_to(questionnaire):
            return given
        _refuse(faults(questionnaire, given), place)
        answers, misplaced = cls._made(questionnaire, _typed(questionnaire, given), _day(given))
        _refuse((_not_asked(questionnaire, name) for name in misplaced), place)
        return answers

    @classmethod
    def typed(
        cls, questionnaire: Questionnaire, values: Mapping[str, Value], day: str | None = None
    ) -> "Answers":
        """Return the record of typed answers, without those to questions that are not asked."""
        return cls._made(questionnaire, values, day)[0]

    @classmethod
    def _made(
        cls, questionnaire: Questionnaire, values: Mapping[str, Value], day: str | None
    ) -> tuple["Answers", tuple[str, ...]]:
        facts, misplaced = questionnaire.facts(values)
        return cls(questionnaire, facts, day), misplaced

    def having(
        self, changed: Mapping[str, Any], place: Place = nowhere
    ) -> tuple["Answers", tuple[str, ...]]:
        """Lay raw answers over these; return that, and the answers dropped as no longer asked for.

        Raises BadAnswersError where a change is no answer, or to a question that is not asked.
        """
        for key in {ANSWERED_ON, QUESTIONNAIRE} & changed.keys():
            said = f"'{key}' is of the answers as a whole, not a question"
            _refuse([(key, "unknown-question", said, _LISTED)], place)
        _refuse(faults(self.questionnaire, changed), place)
        values = {**self.given, **_typed(self.questionnaire, changed)}
        answers, misplaced = self._made(self.questionnaire, values, self.answered_on)
        found = (_not_asked(self.questionnaire, name) for name in misplaced if name in changed)
        _refuse(found, place)
        return answers, misplaced

    def without(self, *questions: str) -> "Answers":
        """Return these answers with questions left open, and without what is then not asked."""
        values = {name: value for name, value in self.given.items() if name not in questions}
        return self._made(self.questionnaire, values, self.answered_on)[0]


_LISTED = "`lumbar schema answers` lists every question"


def _refuse(found: Iterable[Fault], place: Place = nowhere) -> None:
    problems = [place(*fault) for fault in found]
    if problems:
        raise BadAnswersError(problems)


def _typed(questionnaire: Questionnaire, given: Mapping[str, Any]) -> dict[str, Value]:
    questions = questionnaire.questions
    return {name: questions[name].typed(raw) for name, raw in given.items() if name in questions}


def _day(given: Mapping[str, Any]) -> str | None:
    return given.answered_on if isinstance(given, Answers) else given.get(ANSWERED_ON)


def faults(questionnaire: Questionnaire, given: Mapping[str, Any]) -> list[Fault]:
    """Return all that makes raw answers, each by itself, no answers to their questions."""
    asked = questionnaire.questions
    if len(given) > 2 * len(asked):
        said = f"{len(given)} answers are too many"
        return [("", "too-large", said, f"there are {len(asked)} questions")]
    found = []
    for name, raw in given.items():
        question = asked.get(name)
        fault = question.fault(raw) if question else _fault_of_no_question(asked, name, raw)
        if fault:
            found.append((name, *fault))
    return found


def _fault_of_no_question(
    asked: Iterable[str], name: str, raw: object
) -> tuple[str, str, str] | None:
    if name == ANSWERED_ON:
        said = f"'{name}' should be a day, not {written(raw)}"
        return None if is_day(raw) else ("wrong-type", said, "write it as 2026-11-22")
    if name == QUESTIONNAIRE:
        said = f"'{name}' should be the version of the questions, not {written(raw)}"
        return None if isinstance(raw, str) else ("wrong-type", said, "leave it out")
    hint = did_you_mean(str(name), asked) or _LISTED
    return "unknown-question", f"there is no question {written(name)}", hint


def _not_asked(questionnaire: Questionnaire, name: str) -> Fault:
    why = " and ".join(f"({condition})" for condition in questionnaire.shown_when[name])
    said = f"'{name}' is answered, but is not asked of this person"
    return name, "not-asked", said, f"only asked when {why}"


def is_day(raw: object) -> bool:
    """Return whether raw data is a day as it is written down: 2026-11-22."""
    try:
        return isinstance(raw, str) and date.fromisoformat(raw).isoformat() == raw
    except ValueError:
        return False
