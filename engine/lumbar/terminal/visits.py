"""The visits of one person on disk: the last in a file of answers, and those before beside it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lumbar.intake.answers_file import read_raw
from lumbar.reading.jsonfile import parse_json
from lumbar.reading.opening import read_text
from lumbar.reading.problems import BadAnswersError, Problem
from lumbar.reading.writing import write_whole

_LARGEST = 5_000_000  # bytes: a visit a day for a year

Raw = dict[str, Any]


@dataclass(frozen=True)
class Visits:
    """Where visits are kept: all files are read by their owner alone.

    A new visit stands in a file of its own until it ends, so that `last` is always a whole one.
    """

    last: Path

    @property
    def before(self) -> Path:
        """The file of all visits before the last."""
        return self.last.with_name(f"{self.last.stem}.before.json")

    @property
    def begun(self) -> Path:
        """The file of a visit that has not ended."""
        return self.last.with_name(f"{self.last.stem}.check-in{self.last.suffix}")

    def read(self) -> list[Raw]:
        """Return the visits that ended, the earliest first; raise BadAnswersError."""
        before, last = self._read_before(), _read(self.last)
        return [*before, *([] if before[-1:] == [last] else [last])]

    def read_begun(self) -> Raw | None:
        """Return the visit that has not ended, if there is one; raise BadAnswersError."""
        if not (self.begun.is_file() and self.begun.stat().st_size):
            return None
        begun = _read(self.begun)
        return None if begun == _read(self.last) else begun  # it ended, and was killed then

    def end(self) -> None:
        """Put the visit that was begun in place of the last, and that one among those before.

        Whenever it is killed, none is lost, and none is read twice. Raises OSError.
        """
        every = self.read()
        if every[-1] != _read(self.begun):
            write_whole(self.before, json.dumps(every, indent=1) + "\n", private=True)
            write_whole(self.last, self.begun.read_text(encoding="utf-8"), private=True)
        self.begun.unlink()

    def _read_before(self) -> list[Raw]:
        if not self.before.exists():
            return []
        name = self.before.name
        text, problems = read_text(self.before, name, _LARGEST)
        data, wrong = parse_json(text, name) if not problems else (None, [])
        if isinstance(data, list) and all(isinstance(one, dict) for one in data) and not wrong:
            return data
        said, hint = "this is no list of visits", "mend it, or move it away to begin a new one"
        problems = [*problems, *wrong] or [Problem(name, 1, 1, "wrong-type", said, hint)]
        raise BadAnswersError(problems)


def _read(path: Path) -> Raw:
    """Return raw answers as JSON would have them, so that visits can be compared."""
    found: Raw = json.loads(json.dumps(read_raw(path)[0], default=list))
    return found
