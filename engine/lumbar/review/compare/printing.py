"""What a change of the rules does, on a terminal: what differs, who shows it, how many people."""

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lumbar.reading.problems import listed
from lumbar.review.compare.comparing import Compared, Count, Impact
from lumbar.review.compare.edits import Edit, touches_room
from lumbar.review.compare.fields import LAYERS, Lines
from lumbar.review.compare.kinds import KINDS, TITLES, Case, Consequences
from lumbar.review.words import Paragraphs, counted, in_short, print_paragraphs, shortened

_MEANS = {
    "logic": "what decides",
    "wording": "what a person reads",
    "evidence": "what stands behind it",
    "cosmetic": "changes nothing that is read",
}
_STYLES = {
    "urgency_lowered": "bold red",
    "no_decision": "bold red",
    "urgency_raised": "bold yellow",
}
_MARKS = {"urgency_lowered": "!!! ", "no_decision": "!!! "}
_ALWAYS = ("urgency_lowered", "urgency_raised")  # counted even where there are none
_MOST_LINES = 8  # of one edit
_MOST_CASES = 4  # of one kind
_MOST_TOLD = 5  # lines of one row


def print_comparison(made: Compared, console: Console) -> None:
    """Print what changed, layer by layer, and who shows it."""
    print_paragraphs(_edits(made.changes), console)
    if made.people:
        print_paragraphs(_people(made.people, not touches_room(made.changes)), console)


def _edits(edits: Sequence[Edit]) -> Paragraphs:
    if not edits:
        yield 0, "Nothing changed: every file is the same, byte for byte."
    for layer in LAYERS:
        if mine := [edit for edit in edits if edit.layer == layer]:
            count = counted(len(mine), "change")
            yield 0, Text(f"\n{layer.upper()}: {_MEANS[layer]} ({count})", style="bold")
        for edit in mine:
            yield from _edit(edit)


def _edit(edit: Edit) -> Paragraphs:
    if edit.kind == "file" and not edit.old and not edit.new:
        yield 2, f"{edit.name}: {edit.field} only"
        return
    what = f", {edit.field}" if edit.field else ": new" if edit.new else ": gone"
    yield 2, Text(f"{edit.kind} {edit.name}{what}", style="bold")
    was, now = _differing(edit.old, edit.new)
    for word, lines in (("was", was), ("now", now)):
        yield from ((4, f"{word}: {line}") for line in lines[:_MOST_LINES])
        if len(lines) > _MOST_LINES:
            yield 4, f"{word}: and {counted(len(lines) - _MOST_LINES, 'more line')}"
    if not was and not now:
        yield 4, f"was: {listed(edit.old, 40)}"
        yield 4, f"now: {listed(edit.new, 40)}"


def _differing(old: Lines, new: Lines) -> tuple[Lines, Lines]:
    """Return the lines of one side only; of two long texts, what differs and what is beside it."""
    gone, come = Counter(old) - Counter(new), Counter(new) - Counter(old)
    was, now = tuple(gone.elements()), tuple(come.elements())
    if len(was) == len(now) == 1:
        one, other = shortened(was[0], now[0])
        return (one,), (other,)
    return was, now


def _people(found: Consequences, plans_too: bool) -> Paragraphs:
    """Yield who shows each kind, the worst first, and what is proved to happen to nobody.

    `plans_too`: nothing but decisions and votes can change a plan.
    """
    yield 0, Text("\nFOR WHOM: looked for among everybody who could answer", style="bold")
    for kind in KINDS:
        if cases := found.of(kind):
            mark = "! " if kind == "urgency_raised" else _MARKS.get(kind, "")
            style = _STYLES.get(kind, "bold")
            yield 2, Text(f"{mark}{TITLES[kind]} for somebody", style=style)
            for case in cases[:_MOST_CASES]:
                yield from _case(case)
            if rest := [line for case in cases[_MOST_CASES:] for line in case.shows]:
                yield 4, f"also: {listed(rest, 6)}; --format json lists all"
    yield from ((2, text) for text in _proofs(found, plans_too))
    for side, answers in (("OLD", found.taken_by_old_only), ("NEW", found.taken_by_new_only)):
        if answers is not None:
            yield 2, f"Some answers are taken by {side} only; nothing is said of them here."


def _case(case: Case) -> Paragraphs:
    yield 4, listed(case.shows, 6)
    yield 6, f"for example: {in_short(case.unusual)}"
    others = {kind: lines for kind, lines in case.differences.items() if kind != case.kind}
    also = [f"{TITLES[kind].lower()} ({len(lines)})" for kind, lines in others.items()]
    if also:
        yield 6, f"for them also: {'; '.join(also)}"
    if case.file:
        yield 6, f"saved as: {case.file}"


def _proofs(found: Consequences, plans_too: bool) -> Iterator[str]:
    """Yield what is proved of everybody whose answers both rule sets take."""
    if not found.nobody_differs:
        nobody = (TITLES[kind].lower() for kind in found.proved_for_nobody)
        yield f"Proved for nobody: {'; '.join(nobody)}."
        return
    yield (
        "Proved: nobody's decision differs. Urgency, referrals, items, doses and what is kept out "
        "are all the same."
    )
    if found.another_number_of_rules is not None:
        yield (
            "But for somebody another number of rules speaks for an item, so a plan may have room "
            f"for other ones ({in_short(found.another_number_of_rules)}). `lumbar impact` counts "
            "such plans."
        )
    elif plans_too:
        yield "Proved: nobody's plan holds other items either."
    else:
        yield (
            "But limits of the plan changed, so a plan may hold other items. `lumbar impact` "
            "counts such plans."
        )


def print_impact(made: Impact, console: Console) -> None:
    """Print how many people each way touches, and for whom; one person can count in several."""
    console.print(Text(_headline(made), style="bold"))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("what differs", no_wrap=True)
    table.add_column("people", justify="right", no_wrap=True)
    table.add_column("share", justify="right", no_wrap=True)
    table.add_column("for example", overflow="fold")
    for row in made.rows:
        if row.people or row.row in _ALWAYS:
            title = f"{_MARKS.get(row.row, '') if row.people else ''}{row.title}"
            example = str(row.file or row.example or "") if row.row != "same" else ""
            style = _STYLES.get(row.row, "") if row.people else ""
            share = _share(row.people, made.people)
            table.add_row(Text(title), f"{row.people:,}", share, Text(example), style=style)
    console.print(table)
    for row in made.rows:
        print_paragraphs(_lines(row), console)


def _lines(row: Count) -> Paragraphs:
    if row.lines:
        yield 0, Text(f"\n{row.title}: for whom", style=_STYLES.get(row.row, "bold"))
    for line in row.lines[:_MOST_TOLD]:
        yield 2, f"{counted(line.people, 'person', 'people')}: {line.what}"
    if len(row.lines) > _MOST_TOLD:
        rest = counted(len(row.lines) - _MOST_TOLD, "other line")
        yield 2, f"and {rest}; --format json lists all"


def _headline(made: Impact) -> str:
    softer = {"reasons", "wording", "same"}
    same = [r.people for r in made.rows if r.row in softer or r.row.startswith("not_taken")]
    changed = made.people - sum(same)
    share = _share(changed, made.people)
    of = counted(made.people, "person", "people")
    return f"Of {of}, {changed:,} would get another plan ({share}).\n"


def _share(count: int, people: int) -> str:
    return f"{100 * count / people:.2f}%" if people else "-"
