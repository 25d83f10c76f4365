"""A plan on a terminal, and lists that wrap under their own text."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from lumbar.plan.blocks import Block, blocks, card, last_word
from lumbar.plan.document import Plan, PlanItem
from lumbar.rulebook.items import Urgency
from lumbar.rulebook.words import WordsFile

# Words carry the meaning, the mark repeats it, and colour only underlines it.
_MARKS: dict[Urgency, tuple[str, str]] = {
    "emergency": ("!!!", "bold red"),
    "same_day": ("!!", "bold yellow"),
    "within_days": ("!", "bold yellow"),
    "routine": ("i", "bold cyan"),
    "self_care": ("ok", "bold green"),
}


def show(plan: Plan, words: WordsFile, console: Console, full: bool = False) -> None:
    """Print what is read first of a plan, and with `full` all the rest."""
    show_blocks(blocks(plan, words, full), words, console)
    if last := last_word(plan):
        console.print(as_rich(last, words))


def show_cards(plan: Plan, words: WordsFile, items: Sequence[PlanItem], console: Console) -> None:
    """Print how to do some things of a plan; of one alone, all that it says."""
    for item in items:
        show_blocks(card(plan, words, item, whole=len(items) == 1), words, console)


def show_blocks(shown: Iterable[Block], words: WordsFile, console: Console) -> None:
    """Print blocks one after the other."""
    for block in shown:
        console.print(as_rich(block, words))


def as_rich(block: Block, words: WordsFile) -> RenderableType:
    """Return a block as rich prints it."""
    if block.urgency:
        mark, style = _MARKS[block.urgency]
        first, *rest = block.lines
        lines = [Text(first, style=style), *(Text(f"\n{line}") for line in rest)]
        title = Text(f" {mark} {words.urgency[block.urgency].short} ", style=style)
        return Panel(Group(*lines), title=title, border_style=style)
    if block.kind == "heading":
        return Padding(Text(block.lines[0].upper(), style="bold"), (1, 0, 0, 0))
    if block.kind == "item":
        return Padding(Text(f"* {block.lines[0]}", style="bold underline"), (1, 0, 0, 0))
    if block.kind in {"bullets", "steps"}:
        return listing(block.lines, numbered=block.kind == "steps")
    style = "italic" if block.kind in {"label", "note"} else ""
    return Padding(Text(block.lines[0], style=style), (0, 0, 0, 2))


@dataclass(frozen=True, slots=True)
class _Listing:
    """Lines that wrap under their own text; a table would do it too, at three times the cost."""

    lines: tuple[str, ...]
    numbered: bool

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> Iterator[RenderableType]:
        indent = 6 + len(str(len(self.lines))) * self.numbered
        width = max(options.max_width - indent, 20)
        for number, line in enumerate(self.lines, 1):
            mark = f"{number}." if self.numbered else "-"
            for place, part in enumerate(Text(line).wrap(console, width)):
                part.rstrip()
                yield Text(("" if place else mark.rjust(indent - 1)).ljust(indent)) + part


def listing(lines: Iterable[str], numbered: bool = False) -> RenderableType:
    """Return lines as a list that wraps under its own text."""
    return _Listing(tuple(lines), numbered)
