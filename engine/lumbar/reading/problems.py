"""What is wrong in a file, where, and how to mend it; always all problems at once."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

_MOST, _LONGEST = 50, 500  # problems of a list, and characters of one: more is read by nobody


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong: `file:line:column code message`, and a hint of how to mend it."""

    file: str
    line: int
    column: int
    code: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        hint = f"\n    hint: {printable(self.hint)}" if self.hint else ""
        return printable(f"{place} {self.code} {self.message}") + hint


class ProblemsError(Exception):
    """Raised with every problem found in one go."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(told(self.problems)))


class BadCatalogError(ProblemsError):
    """The rules or the content cannot be used; exit code 4."""


class BadAnswersError(ProblemsError):
    """The answers cannot be used; exit code 3."""


def told(problems: Collection[Problem]) -> Iterator[str]:
    """Yield the first problems of a list, and how many more there are."""
    for _, problem in zip(range(_MOST), problems, strict=False):
        yield str(problem)
    if len(problems) > _MOST:
        yield f"... and {len(problems) - _MOST} more problems"


def printable(text: str) -> str:
    """Return a text from outside on one line, with what would reach into a terminal spelt out."""
    return spelt_out(text if len(text) <= _LONGEST else text[:_LONGEST] + " ...")


def spelt_out(text: str) -> str:
    """Return a text on one line, with what a terminal would obey rather than show spelt out."""
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in text
    )


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return "did you mean 'x'" for the nearest known word, or an empty text."""
    near = get_close_matches(word, list(known), n=1) if len(word) <= _LONGEST else []
    return f"did you mean '{near[0]}'" if near else ""


def listed(words: Iterable[object], most: int = 12) -> str:
    """Return words joined by commas, cut after `most`."""
    all_words = [str(word) for word in words]
    rest = len(all_words) - most
    return ", ".join(all_words[:most]) + (f" and {rest} more" if rest > 0 else "")
