"""What a form says, as an answer to the question it was about."""

from collections.abc import Sequence

from lumbar.intake.typed import Refused, number_from
from lumbar.rulebook.conditions import Value
from lumbar.rulebook.questionnaire import NONE, Number, OneOf, SeveralOf
from lumbar.rulebook.words import WordsFile, fill

_MOST_CHOICES = 11  # numbers that are shown as choices, 0 to 10


def choices(question: Number | OneOf | SeveralOf) -> list[tuple[str, str]]:
    """Return what can be picked, each with its label; nothing where a number is typed."""
    if not isinstance(question, Number):
        return list(question.labels.items())
    few = question.high - question.low < _MOST_CHOICES and not question.units
    numbers = range(question.low, question.high + 1) if few else ()
    return [(str(one), str(one)) for one in numbers]


def answer_from(
    words: WordsFile, question: Number | OneOf | SeveralOf, said: Sequence[str]
) -> Value | Refused:
    """Return the answer that the fields of a form give, or what is wrong with it."""
    says = words.web
    if isinstance(question, Number):
        if choices(question) and not any(said):
            return Refused(says.choose)
        return number_from(words, question, said[0] if said else "")
    if not set(said) <= question.labels.keys():
        return Refused(says.choose)
    if isinstance(question, OneOf):
        return said[0] if len(said) == 1 else Refused(says.choose)
    none = question.labels[NONE]
    if not said:
        return Refused(fill(says.tick, none=none))
    if NONE in said and len(said) > 1:
        return Refused(fill(words.interview.none_alone, none=none))
    return frozenset(said)
