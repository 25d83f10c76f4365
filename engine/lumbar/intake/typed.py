"""Numbers as people write them: "6 weeks" for 42 days, "7/10" for 7."""

import re

from lumbar.rulebook.questionnaire import Number, singular
from lumbar.rulebook.words import InterviewWords, WordsFile, fill

# "6 weeks", or "½ 1 hour", which is what `_as_meant` makes of "half an hour"
_NUMBER = re.compile(r"½ (?:1 )?(?P<half>[^\W\d_]+)|(?P<number>[0-9]{1,6})\s*(?P<unit>[^\W\d_]*)")


class Refused(str):
    """What is wrong with what a person answered, in words."""


def about(words: WordsFile, question: Number) -> str:
    """Return what numbers are taken; where there are several units, these with an example."""
    if not question.units:
        return allowed(words, question)
    units = words.joined(words.lists.either, (question.unit, *question.units))
    example = question.in_words(question.example)
    return fill(words.interview.in_units, units=units, example=example)


def allowed(words: WordsFile, question: Number) -> str:
    """Return from where to where a number may be, and in which units."""
    says, units = words.interview, question.units
    return fill(
        says.number_in_units if units else says.number,
        low=question.low,
        high=question.high,
        unit=question.unit,
        units=words.joined(words.lists.either, units or [""]),
    )


def number_from(words: WordsFile, question: Number, text: str) -> int | Refused:
    """Return the number in the question's unit ("6 weeks" for 42 days), or what is wrong."""
    says: InterviewWords = words.interview
    may_be = allowed(words, question)
    match = _NUMBER.fullmatch(_as_meant(says, question, text.lower()))
    if not match:
        return Refused(fill(says.whole_number, allowed=may_be))
    number, unit = int(match["number"] or 1), match["half"] or match["unit"]
    factors = {question.unit: 1, **question.units}
    fitting = (times for name, times in factors.items() if unit in {"", name, singular(name)})
    factor = next(fitting, None)
    if factor is None:
        return Refused(fill(says.unknown_unit, unit=unit, allowed=may_be))
    counted = factor // 2 if match["half"] else number * factor
    if question.fault(counted):
        return Refused(fill(says.out_of_range, allowed=may_be))
    return counted


def _as_meant(says: InterviewWords, question: Number, text: str) -> str:
    """Return what somebody means: "since two weeks" is 2 weeks, and "7/10" is 7."""
    of_most = re.fullmatch(rf"\s*([0-9]+)\s*/\s*{question.high}\s*", text)
    if of_most:
        return of_most[1]
    spoken = (says.spoken.get(word, word) for word in text.split() if word not in says.fillers)
    return " ".join(spoken)
