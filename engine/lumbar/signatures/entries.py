"""The entries of the record of signatures: what each says, and how it is read."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from lumbar.reading.model import Model
from lumbar.reading.problems import Problem
from lumbar.reading.yamlfile import YamlFile
from lumbar.rulebook.fingerprint import SIGNOFFS
from lumbar.rulebook.items import Lines, Words

# Fillers, blanks and selectors: letters or marks to Unicode, nothing to the eye.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U00013441\U00013442\U00016fe4\U0001d159\U000e0100-\U000e01ef]"
)


def _seen(text: str) -> bool:
    return text.isprintable() and not _UNSEEN.search(text)


def _who(text: str) -> str:
    text = text.strip()
    if not (2 <= len(text) <= 100 and sum(map(str.isalpha, text)) >= 2 and _seen(text)):
        raise ValueError("needs 2 to 100 characters, two of them letters, all of them to be seen")
    return text


def _remark(text: str) -> str:
    text = " ".join(text.split())
    if len(text) > 2000 or not _seen(text):
        raise ValueError("needs at most 2,000 characters, all of them to be seen")
    return text


def _as_day(value: Any) -> Any:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError(f"should be a day such as 2026-11-22, not '{value}'") from None


_Who = Annotated[str, AfterValidator(_who)]
_Day = Annotated[date, BeforeValidator(_as_day)]


class _Entry(Model):
    """What every entry says: who, on which day, of which rule; `hash` is of all that was read."""

    of: Words
    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    name: _Who
    role: _Who
    registration: _Who
    day: _Day
    note: Annotated[str, AfterValidator(_remark)] = ""


class Signature(_Entry):
    """Somebody signed a rule, or the rule set, as it was; `reviewed` is what was read, in short."""

    kind: Literal["signature"] = "signature"
    valid_until: _Day | None = None
    reviewed: str

    @field_validator("valid_until")
    @classmethod
    def _not_over(cls, last: date | None, info: ValidationInfo) -> date | None:
        if last and last < info.data.get("day", last):
            raise ValueError(f"{last} is already over")
        return last


class Dispute(_Entry):
    """Somebody disagrees with a rule, for the person with these raw `answers`."""

    kind: Literal["dispute"] = "dispute"
    valid_until: None = None
    answers: Mapping[str, Any]
    expected: Lines


Entry = Signature | Dispute


def read_entries(text: str) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    """Return the entries of a record and what is wrong with it; of a faulty record no entry."""
    file = YamlFile(SIGNOFFS, text)
    entries: tuple[Entry, ...] | None = file.read(
        tuple[Annotated[Signature | Dispute, Field(discriminator="kind")], ...]
    )
    return entries or (), tuple(file.problems)
