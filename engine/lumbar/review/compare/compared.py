"""A comparison of two rule sets on a terminal and as JSON: what changed, and who shows what that
does.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.text import Text

from lumbar.reading.flow import flow
from lumbar.reading.problems import listed
from lumbar.review.compare.diff import Change
from lumbar.review.compare.fields import LAYERS, Layer, Lines
from lumbar.review.compare.outcomes import IN_WORDS, KINDS, Kind
from lumbar.review.words import shortened

if TYPE_CHECKING:  # what changed is told without Z3 too
    from lumbar.review.compare.consequences import Case, Consequences

Saved = Mapping[tuple[Kind, int], Path]  # the file of the case of a kind at a place, from 0

MEANS: Mapping[Layer, str] = {
    "logic": "what decides",
    "wording": "what a person reads",
    "evidence": "what stands behind it",
    "cosmetic": "changes nothing that is read",
}
STYLES: Mapping[str, str] = {
    "urgency_lowered": "bold red",
    "no_decision": "bold red",
    "urgency_raised": "bold yellow",
}
_MOST_LINES = 8  # of one change on a terminal
_MOST_CASES = 4  # of one kind on a terminal


def show_changes(changes: Sequence[Change], console: Console) -> None:
    """Print what changed, layer by layer; where nothing did, say so."""
    if not changes:
        console.print("Nothing changed: every file is the same, byte for byte.")
    for layer in LAYERS:
        mine = [change for change in changes if change.layer == layer]
        if mine:
            console.print(
                Text(
                    f"\n{layer.upper()}: {MEANS[layer]} ({counted(len(mine), 'change')})",
                    style="bold",
                )
            )
        for change in mine:
            for line in _change(change):
                console.print(line)


def counted(count: int, what: str) -> str:
    """Return a number of things: '1 change', '2,000 changes'."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def indented(text: str | Text, by: int) -> RenderableType:
    """Return a paragraph that wraps under its own beginning."""
    return Padding(Text(text) if isinstance(text, str) else text, (0, 0, 0, by))


def _change(change: Change) -> Iterator[RenderableType]:
    if change.kind == "file" and not change.old and not change.new:
        yield indented(f"{change.name}: {change.field} only", 2)
        return
    what = "" if change.field else ": new" if change.new else ": gone"
    yield indented(
        Text(
            f"{change.kind} {change.name}{f', {change.field}' if change.field else what}",
            style="bold",
        ),
        2,
    )
    was, now = _differing(change.old, change.new)
    for word, lines in (("was", was), ("now", now)):
        for line in lines[:_MOST_LINES]:
            yield indented(f"{word}: {line}", 4)
        if len(lines) > _MOST_LINES:
            yield indented(f"{word}: and {counted(len(lines) - _MOST_LINES, 'more line')}", 4)
    if not was and not now:
        yield indented(f"was: {listed(change.old, 40)}", 4)
        yield indented(f"now: {listed(change.new, 40)}", 4)


def _differing(old: Lines, new: Lines) -> tuple[Lines, Lines]:
    """Return the lines that are only in one of both; of two long texts, the words that differ and
    those beside them.
    """
    gone, come = Counter(old) - Counter(new), Counter(new) - Counter(old)
    was, now = tuple(gone.elements()), tuple(come.elements())
    if len(was) == len(now) == 1:
        one, other = shortened(was[0], now[0])
        return (one,), (other,)
    return was, now


def show_people(found: "Consequences", plans_too: bool, saved: Saved, console: Console) -> None:
    """Print who shows each kind of difference, urgency lowered first, and what is proved to happen
    to nobody.

    `plans_too`: nothing but decisions and votes can change a plan.
    """
    console.print(Text("\nFOR WHOM: looked for among everybody who could answer", style="bold"))
    for kind in KINDS:
        if cases := found.cases[kind]:
            console.print(indented(Text(_title(kind), style=STYLES.get(kind, "bold")), 2))
            for place, case in enumerate(cases[:_MOST_CASES]):
                for line in _case(kind, case, saved.get((kind, place))):
                    console.print(line)
            if rest := [line for case in cases[_MOST_CASES:] for line in case.shows]:
                console.print(indented(f"also: {listed(rest, 6)}; --format json lists all", 4))
    for text in _proofs(found, plans_too):
        console.print(indented(text, 2))
    for side, answers in (("OLD", found.only_old), ("NEW", found.only_new)):
        if answers is not None:
            console.print(
                indented(f"Some answers are taken by {side} only; nothing is said of them here.", 2)
            )


def _title(kind: Kind) -> str:
    mark = {"urgency_lowered": "!!! ", "no_decision": "!!! ", "urgency_raised": "! "}.get(kind, "")
    return f"{mark}{IN_WORDS[kind]} for somebody"


def _case(kind: Kind, case: "Case", saved: Path | None) -> Iterator[RenderableType]:
    yield indented(listed(case.shows, 6), 4)
    yield indented(f"for example: {in_short(case.unusual)}", 6)
    also = [
        f"{IN_WORDS[other].lower()} ({len(lines)})"
        for other, lines in case.differences.items()
        if other != kind
    ]
    if also:
        yield indented(f"for them also: {'; '.join(also)}", 6)
    if saved:
        yield indented(f"saved as: {saved}", 6)


def in_short(unusual: Mapping[str, Any]) -> str:
    """Return the answers that are not the example person's, on one line."""
    said = (
        f"{name} {'left open' if value is None else flow(value)}" for name, value in unusual.items()
    )
    return "; ".join(said) or "the example person as it is"


def _proofs(found: "Consequences", plans_too: bool) -> Iterator[str]:
    """Yield what is proved of everybody whose answers both rule sets take."""
    nobody = [IN_WORDS[kind].lower() for kind in KINDS if not found.cases[kind]]
    if not found.nobody:
        yield f"Proved for nobody: {'; '.join(nobody)}."
        return
    yield "Proved: nobody's decision differs. Urgency, referrals, items, doses and what is kept out are all the same."
    if found.room is not None:
        yield (
            "But for somebody another number of rules speaks for an item, so a plan may have room for other ones "
            f"({in_short(found.room)}). `lumbar impact` counts such plans."
        )
    elif plans_too:
        yield "Proved: nobody's plan holds other items either."
    else:
        yield "But limits of the plan changed, so a plan may hold other items. `lumbar impact` counts such plans."


def to_json(
    names: tuple[str, str],
    changes: Iterable[Change],
    found: "Consequences | None",
    missing: str,
    saved: Saved,
) -> str:
    """Return the whole comparison; `people` is null where it could not be worked out, and `missing`
    says why.
    """
    people = found and {
        "nobody_differs": found.nobody,
        "cases": [
            {"kind": kind, **asdict(case), "file": str(saved[kind, place]) if saved else None}
            for kind in KINDS
            for place, case in enumerate(found.cases[kind])
        ],
        "proved_for_nobody": [kind for kind in KINDS if not found.cases[kind]],
        "another_number_of_rules": found.room,
        "taken_by_old_only": found.only_old,
        "taken_by_new_only": found.only_new,
    }
    whole = {
        "old": names[0],
        "new": names[1],
        "changes": list(map(asdict, changes)),
        "people": people,
        "missing": missing,
    }
    return json.dumps(whole, indent=2, ensure_ascii=False)
