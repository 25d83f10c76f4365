"""A plan as a terminal page, as Markdown, as JSON: one stream of blocks, three ways to show it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from lumbar.plan.document import Detail, Firing, LeftOut, Plan, PlanItem, PlanReferral, Reason, Said
from lumbar.rulebook.items import Urgency

# Words carry the meaning, the mark repeats it, and colour only underlines it.
MARKS: dict[Urgency, tuple[str, str]] = {
    "emergency": ("!!!", "bold red"),
    "same_day": ("!!", "bold yellow"),
    "within_days": ("!", "bold yellow"),
    "routine": ("i", "bold cyan"),
    "self_care": ("ok", "bold green"),
}
_IN_PLAN = frozenset(
    {"Position", "Hands", "Where", "What to do", "It should feel", "It should not feel"}
)
_IN_REFERRAL = frozenset({"What to ask", "What to tell them", "What to bring"})


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a page: `lines` are one paragraph each, or the bullets or steps of a list."""

    kind: Literal["banner", "heading", "item", "text", "label", "note", "bullets", "steps"]
    lines: tuple[str, ...]
    urgency: Urgency | None = None


def blocks(plan: Plan, full: bool) -> Iterator[Block]:
    """Yield a plan in the order a person needs it; `full` adds evidence, everything an item says
    and the trace.
    """
    level = plan.urgency.level
    yield Block("banner", (plan.urgency.title, plan.urgency.action, plan.urgency.how_soon), level)
    urgent = bool(plan.safety_net.while_you_wait)
    if plan.sections:
        yield from _list("Your plan in short", _in_short(plan))
    if urgent:
        yield from _list("While you wait", plan.safety_net.while_you_wait)
    if plan.referrals and not plan.failure:
        yield Block("heading", ("Who to see, and why",))
        for referral in plan.referrals:
            if full or not urgent or referral.urgency == level:
                yield from _referral(referral, full)
    for section in plan.sections:
        minutes = f" ({section.minutes} minutes a day)" if section.minutes else ""
        yield Block("heading", (f"{section.title}{minutes}",))
        yield Block("text", (section.intro,))
        for item in section.items:
            yield from _item(item, full)
    yield from _safety_net(plan, full)
    yield from _would_change(plan, full)
    yield from _left_out(plan, full or not urgent)
    yield Block("heading", ("When to answer the questions again",))
    when = (
        f"On {plan.review.on}"
        if plan.review.on
        else f"In {plan.review.after_days} day{'' if plan.review.after_days == 1 else 's'}"
    )
    yield Block("text", (f"{when}. {plan.review.text}",))
    if full:
        yield from _trace(plan)
    yield from _standing(plan)


def _in_short(plan: Plan) -> Iterator[str]:
    """Yield one line for whom to see and one a section: the whole plan at a glance."""
    for referral in plan.referrals:
        yield f"See: {referral.name}. {referral.how_soon}"
    for section in plan.sections:
        minutes = f" ({section.minutes} minutes a day)" if section.minutes else ""
        yield f"{section.title}{minutes}: {', '.join(item.name for item in section.items)}"


def _safety_net(plan: Plan, full: bool) -> Iterator[Block]:
    """Yield when to stop and when to seek help, less what the page already says by its urgency."""
    level, net = plan.urgency.level, plan.safety_net
    if plan.sections:
        yield from _list("Stop, and rest, if", net.stop_rules)
    if full or level != "emergency":
        yield from _list("Go to an emergency department now if", net.go_now)
    if full or level not in {"emergency", "same_day"}:
        yield from _list("Ask to be seen today if", net.same_day)


def _list(title: str, lines: Iterable[str]) -> Iterator[Block]:
    yield Block("heading", (title,))
    yield Block("bullets", tuple(lines))


def _referral(referral: PlanReferral, full: bool) -> Iterator[Block]:
    yield Block("item", (referral.name,))
    yield Block("text", (referral.how_soon,))
    yield from _reasons(referral.because)
    yield from _details(referral.details, None if full else _IN_REFERRAL)


def _item(item: PlanItem, full: bool) -> Iterator[Block]:
    yield Block("item", (item.name,))
    yield Block("text", (item.summary,))
    if item.dose:
        yield Block("text", (f"How much: {item.dose.text}",))
    yield from _details(item.details, None if full else _IN_PLAN)
    yield from _reasons(item.because)
    yield Block("label", (f"Evidence: {item.label.name}. {item.label.note}",))
    if full:
        yield Block("bullets", tuple(_cited(item)))


def _cited(item: PlanItem) -> Iterator[str]:
    for one in item.evidence:
        said = (
            f"{one.direction}, strength {one.strength}, certainty {one.certainty.replace('_', ' ')}"
        )
        yield f"{one.title} ({one.publisher}, {one.year}): {said}." + (
            f" {one.note}" if one.note else ""
        )


def _details(details: Iterable[Detail], wanted: frozenset[str] | None) -> Iterator[Block]:
    for detail in details:
        if wanted is not None and detail.title not in wanted:
            continue
        if len(detail.lines) == 1:
            yield Block("text", (f"{detail.title}: {detail.lines[0]}",))
        else:
            yield Block("text", (f"{detail.title}:",))
            yield Block("steps" if detail.title == "What to do" else "bullets", detail.lines)


def _reasons(reasons: Iterable[Reason]) -> Iterator[Block]:
    lines = tuple(f"{reason.because}{_because_of(reason.answers)}" for reason in reasons)
    if lines:
        yield Block("text", ("Why:",))
        yield Block("bullets", lines)


def _because_of(answers: tuple[Said, ...], most: int = 4) -> str:
    said = [f"{one.name}: {one.answer or 'not answered'}" for one in answers[:most]]
    more = f"; and {len(answers) - most} more" if len(answers) > most else ""
    return f" (You said: {'; '.join(said)}{more}.)" if said else ""


def _would_change(plan: Plan, full: bool) -> Iterator[Block]:
    """Yield what would make it more urgent, less what the safety net says already unless `full`."""
    most_urgent: dict[str, Urgency] = {}
    for one in plan.would_change:  # most urgent first
        most_urgent.setdefault(one.text, one.urgency)
    if not full:
        most_urgent = {
            text: level
            for text, level in most_urgent.items()
            if level not in {"emergency", "same_day"}
        }
    for level, group in groupby(most_urgent.items(), key=lambda entry: entry[1]):
        yield Block("heading", (f"What would change this to: {WORDS[level]}",))
        yield Block("bullets", tuple(f"if {text}" for text, _ in group))


WORDS: dict[Urgency, str] = {
    "emergency": "be seen now",
    "same_day": "be seen today",
    "within_days": "be seen within days",
    "routine": "make an appointment",
    "self_care": "look after it yourself",
}


def _left_out(plan: Plan, one_by_one: bool) -> Iterator[Block]:
    """Yield what a rule would have offered and why it is not here; while somebody must be seen, in
    one line.
    """
    wanted = [one for one in plan.left_out if one.wanted_by]
    if not wanted:
        return
    yield Block("heading", ("Left out, and why",))
    if not one_by_one:
        text = next((one.text for one in wanted if one.reason == "urgent"), wanted[0].text)
        yield Block("text", (f"{text} ({len(wanted)} parts of a plan)",))
        return
    for text, group in groupby(
        sorted(wanted, key=lambda one: (one.reason, _left_out_because(one))), lambda one: one.text
    ):
        yield Block("text", (text,))
        yield Block("bullets", tuple(_left_out_lines(group)))


def _left_out_lines(left_out: Iterable[LeftOut]) -> Iterator[str]:
    for because, group in groupby(left_out, _left_out_because):
        names = ", ".join(one.name for one in group)
        yield f"{names}: {because}" if because else names


def _left_out_because(one: LeftOut) -> str:
    return f"{one.because[0].because}{_because_of(one.because[0].answers)}" if one.because else ""


def _trace(plan: Plan) -> Iterator[Block]:
    yield Block("heading", ("The rules that fired",))
    yield Block(
        "bullets",
        tuple(
            f"{one.rule} ({standing(one)}): {one.title}{_because_of(one.answers)}"
            for one in plan.firings
        ),
    )


def standing(firing: Firing) -> str:
    """Return how far a rule that fired can be relied on: its status, and whether somebody signed it
    as it is.
    """
    return f"{firing.status}, {'signed' if firing.signed else 'not signed'}"


def _standing(plan: Plan) -> Iterator[Block]:
    made = plan.provenance
    yield Block("heading", ("What this is, and what it is not",))
    yield Block("bullets", (*plan.limits, made.review_note))
    engines = " and ".join(made.engines) or "none"
    yield Block(
        "note",
        (f"{made.program}, rules {made.rule_set} ({made.sha256[:12]}), decided by {engines}.",),
    )


def to_json(plan: Plan) -> str:
    """Return the plan as JSON, the same bytes for the same plan."""
    return plan.model_dump_json(indent=2) + "\n"


def to_markdown(plan: Plan) -> str:
    """Return the whole plan, evidence and trace included, as Markdown."""
    return "\n\n".join(_markdown(block) for block in blocks(plan, full=True)) + "\n"


def _markdown(block: Block) -> str:
    first = _escaped(block.lines[0])
    if block.kind == "banner":
        return "\n\n".join([f"# {first}", *map(_escaped, block.lines[1:])])
    if block.kind in {"heading", "item"}:
        return f"{'##' if block.kind == 'heading' else '###'} {first}"
    if block.kind == "bullets":
        return "\n".join(f"- {_escaped(line)}" for line in block.lines)
    if block.kind == "steps":
        return "\n".join(
            f"{number}. {_escaped(line)}" for number, line in enumerate(block.lines, 1)
        )
    return f"*{first}*" if block.kind in {"label", "note"} else first


def _escaped(text: str) -> str:
    return "".join(f"\\{sign}" if sign in "\\`*_<>#[]" else sign for sign in text)


def show(plan: Plan, console: Console, full: bool = False) -> None:
    """Print a plan on a terminal."""
    for block in blocks(plan, full):
        console.print(as_rich(block))


def as_rich(block: Block) -> RenderableType:
    """Return a block as rich prints it."""
    if block.kind == "banner" and block.urgency:
        mark, style = MARKS[block.urgency]
        title, *rest = block.lines
        lines = [Text(title, style=style), *(Text(f"\n{line}") for line in rest)]
        return Panel(
            Group(*lines),
            title=Text(f" {mark} {WORDS[block.urgency]} ", style=style),
            border_style=style,
        )
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
        for number, line in enumerate(self.lines, 1):
            mark = f"{number}." if self.numbered else "-"
            for place, part in enumerate(
                Text(line).wrap(console, max(options.max_width - indent, 20))
            ):
                part.rstrip()
                yield Text(("" if place else mark.rjust(indent - 1)).ljust(indent)) + part


def listing(lines: Iterable[str], numbered: bool = False) -> RenderableType:
    """Return lines as a list that wraps under its own text."""
    return _Listing(tuple(lines), numbered)
