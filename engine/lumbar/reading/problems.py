"""What is wrong in a file, where, and how to mend it; always all problems at once."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

_MOST, _LONGEST = 50, 500  # problems of a list, and characters of one: more is read by nobody
_NEAR = 0.75  # one slip in a word of four letters; what shares less is another word
_SHORTEST = 3  # a word of which something can be near


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


class BadSettingsError(ProblemsError):
    """What the operator set cannot be used; exit code 2."""


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
    """Return "did you mean 'x'" for a known word that is near, or begins so; or an empty text."""
    if not _SHORTEST <= len(word) <= _LONGEST:
        return ""
    names = list(known)
    near = get_close_matches(word, names, 1, _NEAR) or [n for n in names if n.startswith(word)]
    return f"did you mean '{near[0]}'" if near else ""


def listed(words: Iterable[object], most: int = 12) -> str:
    """Return words joined by commas, cut after `most`."""
    all_words = [str(word) for word in words]
    rest = len(all_words) - most
    return ", ".join(all_words[:most]) + (f" and {rest} more" if rest > 0 else "")
