"""Visits on disk: whenever the program is killed no visit is lost or read twice, and nobody else
can read them.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from lumbar.reading.problems import BadAnswersError
from lumbar.reading.writing import write_whole
from lumbar.terminal import visits as module
from lumbar.terminal.visits import Visits


class PowerGoneError(BaseException):
    """The machine goes off."""


@pytest.fixture
def kept(tmp_path: Path) -> Visits:
    visits = Visits(tmp_path / "me.yaml")
    visits.last.write_text("pain_now: 7\n")
    visits.begun.write_text("pain_now: 5\n")
    return visits


def pains(visits: Visits) -> list[int]:
    return [one["pain_now"] for one in visits.read()]


def test_a_visit_that_ends_is_the_last_and_the_one_before_is_kept(kept: Visits) -> None:
    kept.end()
    assert pains(kept) == [7, 5]
    assert not kept.begun.exists()
    kept.begun.write_text("pain_now: 3\nworse_with: [bending, sitting]\n")
    assert pains(kept) == [7, 5]
    kept.end()
    assert pains(kept) == [7, 5, 3]
    assert {one.stat().st_mode & 0o777 for one in (kept.last, kept.before)} == {0o600}


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("write", [1, 2])
def test_killed_at_any_write_nothing_is_lost_or_read_twice(
    kept: Visits, monkeypatch: pytest.MonkeyPatch, write: int, after: bool
) -> None:
    writes = []

    def killed(path: Path, text: str, private: bool = False) -> None:
        writes.append(path)
        if len(writes) == write and not after:
            raise PowerGoneError
        write_whole(path, text, private)
        if len(writes) == write:
            raise PowerGoneError

    with monkeypatch.context() as patch, pytest.raises(PowerGoneError):
        patch.setattr(module, "write_whole", killed)
        kept.end()
    ended = write == 2 and after
    assert pains(kept) == ([7, 5] if ended else [7])
    assert kept.read_begun() == (None if ended else {"pain_now": 5})
    kept.end()
    assert pains(kept) == [7, 5]


@pytest.mark.parametrize("text", ["{", "{}", "[1]", '[{"a": 1, "a": 2}]', "\x00"])
def test_a_damaged_file_of_visits_is_told_and_left_as_it_is(kept: Visits, text: str) -> None:
    kept.before.write_text(text)
    with pytest.raises(BadAnswersError) as error:
        kept.end()
    assert kept.before.name in str(error.value.problems[0])
    assert kept.before.read_text() == text
    assert kept.last.read_text() == "pain_now: 7\n"


def test_visits_that_say_the_same_on_two_days_are_two(kept: Visits) -> None:
    def at(day: str) -> dict[str, Any]:
        return {"answered_on": day, "pain_now": 5}

    kept.before.write_text(json.dumps([at("2026-11-01")]))
    kept.last.write_text(json.dumps(at("2026-11-08")))
    assert len(kept.read()) == 2
