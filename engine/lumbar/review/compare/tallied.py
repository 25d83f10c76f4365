"""The impact of a change on a terminal and as JSON: how many people, in which way, and somebody to
look at.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lumbar.review.compare.compared import STYLES, counted, indented
from lumbar.review.compare.impact import ROWS, TITLES, Crowd, Row, Tally

_ALWAYS = ("urgency_lowered", "urgency_raised")  # told even where there are none
_MOST_LINES = 5  # of one row on a terminal


def show(tally: Tally, crowd: Crowd, saved: Mapping[Row, Path], console: Console) -> None:
    """Print how many people each kind of difference touches; one person can count in several rows."""
    console.print(Text(_headline(tally), style="bold"))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("what differs", no_wrap=True)
    table.add_column("people", justify="right", no_wrap=True)
    table.add_column("share", justify="right", no_wrap=True)
    table.add_column("for example", overflow="fold")
    for row in ROWS:
        if (count := tally.rows[row]) or row in _ALWAYS:
            mark = "!!! " if count and row in {"urgency_lowered", "no_decision"} else ""
            example = _example(row, tally, crowd, saved) if count and row != "same" else ""
            style = STYLES.get(row, "") if count else ""
            table.add_row(
                Text(f"{mark}{TITLES[row]}"),
                f"{count:,}",
                _share(count, tally.people),
                example,
                style=style,
            )
    console.print(table)
    for row in ROWS:
        if lines := tally.top(row):
            console.print(Text(f"\n{TITLES[row]}: for whom", style=STYLES.get(row, "bold")))
            for line, count in lines[:_MOST_LINES]:
                console.print(
                    indented(
                        f"{counted(count, 'person') if count == 1 else f'{count:,} people'}: {line}",
                        2,
                    )
                )
            if len(lines) > _MOST_LINES:
                console.print(
                    indented(
                        f"and {counted(len(lines) - _MOST_LINES, 'other line')}; --format json lists all",
                        2,
                    )
                )
    if crowd.drawn and not saved:
        console.print(
            "\nTo open a synthetic person, say --save DIR: it keeps one answers file a row."
        )


def _headline(tally: Tally) -> str:
    not_taken = sum(tally.rows[row] for row in ROWS if row.startswith("not_taken"))
    softer = tally.rows["reasons"] + tally.rows["wording"]
    changed = tally.people - not_taken - softer - tally.rows["same"]
    people = "1 person" if tally.people == 1 else f"{tally.people:,} people"
    return f"Of {people}, {changed:,} would get another plan ({_share(changed, tally.people)}).\n"


def _share(count: int, people: int) -> str:
    return f"{100 * count / people:.2f}%" if people else "-"


def _example(row: Row, tally: Tally, crowd: Crowd, saved: Mapping[Row, Path]) -> str:
    return str(saved[row]) if row in saved else crowd[tally.first[row]].name


def to_json(names: tuple[str, str], tally: Tally, crowd: Crowd, saved: Mapping[Row, Path]) -> str:
    """Return the whole tally, every row with all its lines."""
    rows = [
        {
            "row": row,
            "title": TITLES[row],
            "people": tally.rows[row],
            "example": crowd[tally.first[row]].name if row in tally.first else None,
            "answers": _answers(crowd, tally, row),
            "file": str(saved[row]) if row in saved else None,
            "lines": [{"what": line, "people": count} for line, count in tally.top(row)],
        }
        for row in ROWS
    ]
    return json.dumps(
        {"old": names[0], "new": names[1], "people": tally.people, "rows": rows},
        indent=2,
        ensure_ascii=False,
    )


def _answers(crowd: Crowd, tally: Tally, row: Row) -> Any:
    return crowd[tally.first[row]].answers if row in tally.first and row != "same" else None
