"""A plan as a page: one stream of blocks in the order a person needs them, and it as Markdown."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from lumbar.plan.document import (
    Detail,
    Evidence,
    Firing,
    LeftOut,
    Plan,
    PlanItem,
    PlanReferral,
    Reason,
    Said,
)
from lumbar.rulebook.items import Citation, Source, Urgency
from lumbar.rulebook.words import WordsFile, fill

_IN_PLAN = frozenset({"position", "hands", "where", "steps", "should_feel", "should_not_feel"})
_IN_REFERRAL = frozenset({"ask", "tell", "bring"})
_MOST_ANSWERS = 4


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a page: `lines` are one paragraph each, or the bullets or steps of a list."""

    kind: Literal["banner", "heading", "item", "text", "label", "note", "bullets", "steps"]
    lines: tuple[str, ...]
    urgency: Urgency | None = None


def blocks(plan: Plan, words: WordsFile, full: bool) -> Iterator[Block]:
    """Yield a plan; `full` adds evidence, everything an item says, and the trace."""
    return _Page(plan, words, full).blocks()


def banner(plan: Plan) -> Block:
    """Return how soon to be seen, and what to do now."""
    said = plan.urgency
    return Block("banner", (said.title, said.action, said.how_soon), said.level)


class _Page:
    def __init__(self, plan: Plan, words: WordsFile, full: bool) -> None:
        self.plan, self.words, self.says, self.full = plan, words, words.page, full
        self.urgent = bool(plan.safety_net.while_you_wait)

    def blocks(self) -> Iterator[Block]:
        yield banner(self.plan)
        if self.plan.sections:
            yield from _list(self.says.in_short, self.in_short())
        if self.urgent:
            yield from _list(self.says.while_you_wait, self.plan.safety_net.while_you_wait)
        yield from self.referrals()
        yield from self.sections()
        yield from self.safety_net()
        yield from self.would_change()
        yield from self.left_out()
        yield from self.again()
        if self.full:
            yield from _list(self.says.rules_fired, map(self.fired, self.plan.firings))
        yield from self.about()

    def in_short(self) -> Iterator[str]:
        """Yield one line for whom to see and one a section: the whole plan at a glance."""
        for one in self.plan.referrals:
            yield fill(self.says.see, name=one.name, how_soon=one.how_soon)
        for section in self.plan.sections:
            names = ", ".join(item.name for item in section.items)
            yield f"{self.with_minutes(section.title, section.minutes)}: {names}"

    def with_minutes(self, title: str, minutes: int) -> str:
        forms = self.says.minutes_a_day
        return self.words.counted(forms, minutes, title=title) if minutes else title

    def referrals(self) -> Iterator[Block]:
        if not self.plan.referrals or self.plan.failure:
            return
        yield Block("heading", (self.says.who_to_see,))
        for one in self.plan.referrals:
            if self.full or not self.urgent or one.urgency == self.plan.urgency.level:
                yield from self.referral(one)

    def referral(self, referral: PlanReferral) -> Iterator[Block]:
        yield Block("item", (referral.name,))
        yield Block("text", (referral.how_soon,))
        yield from self.reasons(referral.because)
        yield from self.details(referral.details, _IN_REFERRAL)

    def sections(self) -> Iterator[Block]:
        for section in self.plan.sections:
            yield Block("heading", (self.with_minutes(section.title, section.minutes),))
            yield Block("text", (section.intro,))
            for item in section.items:
                yield from self.item(item)

    def item(self, item: PlanItem) -> Iterator[Block]:
        yield Block("item", (item.name,))
        yield Block("text", (item.summary,))
        if item.dose:
            yield Block("text", (fill(self.says.how_much, dose=item.dose.text),))
        yield from self.details(item.details, _IN_PLAN)
        yield from self.reasons(item.because)
        evidence = fill(self.says.evidence, label=item.label.name, note=item.label.note)
        yield Block("label", (evidence,))
        if self.full:
            yield Block("bullets", tuple(cited(self.words, one, one) for one in item.evidence))

    def details(self, details: Iterable[Detail], wanted: frozenset[str]) -> Iterator[Block]:
        for one in details:
            if not self.full and one.field not in wanted:
                continue
            if len(one.lines) == 1:
                yield Block("text", (f"{one.title}: {one.lines[0]}",))
            else:
                yield Block("text", (f"{one.title}:",))
                yield Block("steps" if one.field == "steps" else "bullets", one.lines)

    def reasons(self, reasons: Iterable[Reason]) -> Iterator[Block]:
        lines = tuple(self.because(reason) for reason in reasons)
        if lines:
            yield Block("text", (self.says.why,))
            yield Block("bullets", lines)

    def because(self, reason: Reason) -> str:
        return f"{reason.because}{self.you_said(reason.answers)}"

    def you_said(self, answers: tuple[Said, ...]) -> str:
        """Return the first answers behind a reason, to be read after it."""
        not_answered = self.says.not_answered
        said = "; ".join(
            f"{one.name}: {one.answer or not_answered}" for one in answers[:_MOST_ANSWERS]
        )
        if (more := len(answers) - _MOST_ANSWERS) > 0:
            said = self.words.counted(self.says.and_more, more, answers=said)
        return f" {fill(self.says.you_said, answers=said)}" if said else ""

    def safety_net(self) -> Iterator[Block]:
        """Yield when to stop and to seek help, less what the page says already by its urgency."""
        level, net = self.plan.urgency.level, self.plan.safety_net
        if self.plan.sections:
            yield from _list(self.says.stop_if, net.stop_rules)
        if self.full or level != "emergency":
            yield from _list(self.says.go_now, net.go_now)
        if self.full or level not in {"emergency", "same_day"}:
            yield from _list(self.says.same_day, net.same_day)

    def would_change(self) -> Iterator[Block]:
        """Yield what would make it more urgent, less what the safety net says unless `full`."""
        most_urgent: dict[str, Urgency] = {}
        for one in self.plan.would_change:  # most urgent first
            most_urgent.setdefault(one.text, one.urgency)
        for level, group in groupby(most_urgent, most_urgent.__getitem__):
            if not self.full and level in {"emergency", "same_day"}:
                continue
            short = self.words.urgency[level].short
            lines = (fill(self.says.change, change=text) for text in group)
            yield from _list(fill(self.says.would_change, urgency=short), lines)

    def left_out(self) -> Iterator[Block]:
        """Yield what a rule would have offered, and why it is not here; in one line if urgent."""
        wanted = [one for one in self.plan.left_out if one.wanted_by]
        if not wanted:
            return
        yield Block("heading", (self.says.left_out,))
        if self.urgent and not self.full:
            text = next((one.text for one in wanted if one.reason == "urgent"), wanted[0].text)
            forms = self.says.parts_left_out
            yield Block("text", (self.words.counted(forms, len(wanted), text=text),))
            return
        wanted.sort(key=lambda one: (one.reason, self.left_out_because(one)))
        for text, group in groupby(wanted, lambda one: one.text):
            yield Block("text", (text,))
            yield Block("bullets", tuple(self.left_out_lines(group)))

    def left_out_lines(self, left_out: Iterable[LeftOut]) -> Iterator[str]:
        for because, group in groupby(left_out, self.left_out_because):
            names = ", ".join(one.name for one in group)
            yield f"{names}: {because}" if because else names

    def left_out_because(self, one: LeftOut) -> str:
        return self.because(one.because[0]) if one.because else ""

    def again(self) -> Iterator[Block]:
        review, says = self.plan.review, self.says
        yield Block("heading", (says.again,))
        if review.on:
            yield Block("text", (fill(says.on_day, day=review.on, text=review.text),))
        else:
            text = self.words.counted(says.in_days, review.after_days, text=review.text)
            yield Block("text", (text,))

    def fired(self, one: Firing) -> str:
        said = self.you_said(one.answers)
        return f"{one.rule} ({standing(self.words, one)}): {one.title}{said}"

    def about(self) -> Iterator[Block]:
        made = self.plan.provenance
        yield from _list(self.says.about, (*self.plan.limits, made.review_note))
        engines = self.words.joined(self.words.lists.both, made.engines or (self.says.no_engine,))
        text = fill(
            self.says.made_by,
            program=made.program,
            rules=made.rule_set,
            hash=made.sha256[:12],
            engines=engines,
        )
        yield Block("note", (text,))


def _list(title: str, lines: Iterable[str]) -> Iterator[Block]:
    if said := tuple(lines):
        yield Block("heading", (title,))
        yield Block("bullets", said)


def standing(words: WordsFile, firing: Firing) -> str:
    """Return how far a rule can be relied on: its status, and whether it is signed as it is."""
    said = words.page.signed if firing.signed else words.page.not_signed
    return fill(said, status=firing.status)


def cited(
    words: WordsFile, source: Source | Evidence, one: Citation | Evidence, mark: str = ""
) -> str:
    """Return a source and what it says, `mark` after its name."""
    return fill(
        words.page.cited,
        source=f"{source.title} ({source.publisher}, {source.year}){mark}",
        direction=words.grades[one.direction],
        strength=words.grades[one.strength],
        certainty=words.grades[one.certainty],
        note=one.note,
    ).rstrip()


def to_markdown(plan: Plan, words: WordsFile) -> str:
    """Return the whole plan, evidence and trace included, as Markdown."""
    return "\n\n".join(map(_markdown, blocks(plan, words, full=True))) + "\n"


def _markdown(block: Block) -> str:
    first, *rest = map(_escaped, block.lines)
    if block.kind == "banner":
        return "\n\n".join([f"# {first}", *rest])
    if block.kind in {"heading", "item"}:
        return f"{'##' if block.kind == 'heading' else '###'} {first}"
    if block.kind == "bullets":
        return "\n".join(f"- {line}" for line in (first, *rest))
    if block.kind == "steps":
        return "\n".join(f"{number}. {line}" for number, line in enumerate((first, *rest), 1))
    return f"*{first}*" if block.kind in {"label", "note"} else first


def _escaped(text: str) -> str:
    return "".join(f"\\{sign}" if sign in "\\`*_<>#[]" else sign for sign in text)
