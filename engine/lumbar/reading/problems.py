"""What is wrong in a file, where, and how to mend it; always all problems at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


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
        hint = f"\n    hint: {self.hint}" if self.hint else ""
        return f"{place} {self.code} {self.message}{hint}"


class ProblemsError(Exception):
    """Raised with every problem found in one go."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


class BadCatalogError(ProblemsError):
    """The rules or the content cannot be used; exit code 4."""


class BadAnswersError(ProblemsError):
    """The answers cannot be used; exit code 3."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return "did you mean 'x'" for the nearest known word, or an empty text."""
    near = get_close_matches(word, list(known), n=1)
    return f"did you mean '{near[0]}'" if near else ""


def listed(words: Iterable[object], most: int = 12) -> str:
    """Return words joined by commas, cut after `most`."""
    all_words = [str(word) for word in words]
    rest = len(all_words) - most
    return ", ".join(all_words[:most]) + (f" and {rest} more" if rest > 0 else "")
