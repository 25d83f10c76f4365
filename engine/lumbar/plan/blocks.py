"""A plan as a page: one stream of blocks in the order a person needs them, and it as Markdown."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from lumbar.plan.document import (
    Detail,
    Evidence,
    Firing,
    LabelSaid,
    LeftOut,
    Plan,
    PlanItem,
    PlanSection,
    Reason,
    Said,
)
from lumbar.rulebook.items import Citation, Source, Urgency
from lumbar.rulebook.words import WordsFile, fill

_ON_CARD = frozenset({"position", "hands", "where", "steps", "should_feel", "stop_if"})
_IN_REFERRAL = frozenset({"ask", "tell", "bring"})
_MOST_CARDS = {"practitioner": 0, "habit": 1}  # of a section; one habit at a time is begun
_MOST_ANSWERS = 2
_MOST_REASONS = 1  # of an item; `lumbar explain` tells all


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a page: `lines` are one paragraph each, or the bullets or steps of a list."""

    kind: Literal["banner", "heading", "item", "text", "label", "note", "bullets", "steps"]
    lines: tuple[str, ...]
    urgency: Urgency | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """A part of a page that is read by itself; the first, which has no title, is read first."""

    title: str
    blocks: tuple[Block, ...]


def layers(plan: Plan, words: WordsFile, cards: bool = True) -> tuple[Layer, ...]:
    """Return a plan as layers, those with nothing in them left out.

    Without `cards`, each thing to do is only named: how to do it is told elsewhere, by `card`.
    """
    page, says = _Page(plan, words, cards), words.page
    if not plan.sections and not page.urgent:  # nothing is planned, as for a child
        signs = (*page.safety_net(), *page.about())
        return Layer("", tuple(page.first())), Layer(says.every_sign, signs)
    found = (
        Layer("", tuple(page.first())),
        Layer(says.how_to, tuple(page.how_to())),
        Layer(says.week, tuple(page.week())),
        Layer(says.more, tuple(page.more())),
    )
    return tuple(layer for layer in found if layer.blocks)


def blocks(plan: Plan, words: WordsFile, full: bool) -> Iterator[Block]:
    """Yield a plan: what is read first, and with `full` all the rest."""
    for layer in layers(plan, words)[: None if full else 1]:
        yield from layer.blocks


def card(
    plan: Plan,
    words: WordsFile,
    item: PlanItem,
    whole: bool = False,
    told: frozenset[str] = frozenset(),
) -> Iterator[Block]:
    """Yield how to do one thing of a plan, less the lines that were `told` before; `whole` adds
    all else that the item says.
    """
    page = _Page(plan, words)
    yield from page.card(item, told)
    if whole:
        said = frozenset(one.field for one in item.details)
        yield from page.details(item.details, said - _ON_CARD)


def before_doing(plan: Plan, words: WordsFile) -> Iterator[Block]:
    """Yield whom to see, and when to stop what is done."""
    yield from _Page(plan, words).before_doing()


def last_word(plan: Plan) -> Block | None:
    """Return what to do in an emergency, for whoever reads the end of a page."""
    said = plan.urgency
    return Block("banner", (said.action,), said.level) if said.level == "emergency" else None


def banner(plan: Plan) -> Block:
    """Return how soon to be seen, and what to do now."""
    said = plan.urgency
    return Block("banner", (said.title, said.action), said.level)


class _Page:
    def __init__(self, plan: Plan, words: WordsFile, cards: bool = True) -> None:
        self.plan, self.words, self.says, self.cards = plan, words, words.page, cards
        self.urgent = bool(plan.safety_net.while_you_wait)

    def first(self) -> Iterator[Block]:
        """Yield what to do about being seen, what to do today, and what to come back for."""
        yield self.now()
        yield from _list(self.says.while_you_wait, self.plan.safety_net.while_you_wait)
        yield from self.since_last()
        yield from self.today()
        if not self.urgent:
            yield from _list(self.says.come_back, self.plan.safety_net.come_back)
        note = self.plan.provenance.review_note
        yield Block("note", (fill(self.says.fine_print, note=note).rstrip(),))

    def now(self) -> Block:
        head = banner(self.plan)
        said = self.plan.urgency.because
        lines = [*head.lines]
        if said:
            lines.append(self.because(said))
        elif not self.plan.failure:
            lines.append(self.says.no_sign)
        seen = [one.name for one in self.plan.referrals if one.urgency == self.plan.urgency.level]
        if seen and not self.urgent:
            lines.append(fill(self.says.see, names="; ".join(seen)))
        return Block("banner", tuple(lines), head.urgency)

    def since_last(self) -> Iterator[Block]:
        """Yield what changed since last time, and what comes of it."""
        if since := self.plan.since_last:
            yield Block("heading", (self.says.since_last,))
            for one in since.followed:
                same = one.first == one.last
                text = self.says.last_and_now if same else self.says.then_and_now
                yield Block("text", (fill(text, **dict(one)),))
            yield from (Block("text", (one.because,)) for one in since.because)

    def today(self) -> Iterator[Block]:
        if not self.plan.today:
            return
        yield Block("heading", (self.says.today,))
        steps = (
            fill(self.says.step, name=one.name, text=one.text, warning=one.warning).rstrip()
            for one in self.plan.today
        )
        yield Block("steps", tuple(steps))
        yield Block("text", (self.plan.pain_limit,))
        yield from self.one_habit()
        if refused := tuple(self.not_now()):
            yield Block("bullets", refused)

    def one_habit(self) -> Iterator[Block]:
        """Yield the habit to begin with, where it is not among what to do today."""
        begun = {one.item for one in self.plan.today}
        for section in self.plan.sections:
            habit = section.items[0]
            if habit.kind == "habit" and habit.item not in begun:
                yield Block("text", (fill(self.says.one_habit, name=habit.name),))

    def not_now(self) -> Iterator[str]:
        """Yield why wishes are not granted; what speaks against several is said once."""
        told: dict[tuple[str, str], list[str]] = {}
        for one in self.plan.not_now:
            told.setdefault((one.text, self.answers(one.answers)), []).append(one.name)
        for (text, answers), names in told.items():
            said = self.says.not_now_else if text else self.says.not_now
            yield fill(said, name="; ".join(names), text=text, answers=answers)

    def how_to(self) -> Iterator[Block]:
        """Yield whom to see with what to say there, and a card for each thing to do."""
        yield from self.before_doing()
        for section in self.plan.sections:
            yield from self.section(section)

    def before_doing(self) -> Iterator[Block]:
        """Yield whom to see with what to say there, and when to stop what is done."""
        if self.plan.referrals and not self.plan.failure:
            yield from self.who_to_see()
        if self.plan.sections:
            yield from _list(self.says.stop_if, self.plan.safety_net.stop_rules)

    def who_to_see(self) -> Iterator[Block]:
        """Yield whom to see first, with what to say there, and the others in a line each."""
        yield Block("heading", (self.says.who_to_see,))
        others = []
        for one in self.plan.referrals:
            if one.urgency == self.plan.urgency.level:
                yield Block("item", (one.name,))
                yield Block("text", (one.how_soon,))
                yield from self.details(one.details, _IN_REFERRAL)
            else:
                others.append(fill(self.says.in_a_line, name=one.name, text=one.how_soon))
        if others and not self.urgent:
            yield Block("text", (self.says.see_too,))
            yield Block("bullets", tuple(others))

    def section(self, section: PlanSection) -> Iterator[Block]:
        """Yield how to do the things of a section; what stops several of them is said once."""
        yield Block("heading", (self.with_minutes(section.title, section.minutes),))
        yield Block("text", (section.intro,))
        many = _MOST_CARDS.get(section.items[0].kind, len(section.items))
        in_full, in_a_line = section.items[:many], section.items[many:]
        of_several = stops_of_several(in_full)
        if of_several and self.cards:
            yield Block("text", (self.says.stop_any,))
            yield Block("bullets", of_several)
        for item in in_full:
            if self.cards:
                yield from self.card(item, frozenset(of_several))
            else:
                yield Block("item", (item.name,))
        if in_a_line:
            if in_full:
                yield Block("text", (self.says.later,))
            lines = (
                fill(self.says.in_a_line, name=one.name, text=one.summary) for one in in_a_line
            )
            yield Block("bullets", tuple(lines))

    def card(self, item: PlanItem, told: frozenset[str] = frozenset()) -> Iterator[Block]:
        """Yield how to do one thing, less the lines that were told before."""
        yield Block("item", (item.name,))
        if item.dose:
            yield Block("text", (fill(self.says.how_much, dose=item.dose.text),))
        elif item.kind == "practitioner":
            yield Block("text", (item.summary,))
        details = (
            replace(one, lines=tuple(x for x in one.lines if x not in told)) for one in item.details
        )
        yield from self.details((one for one in details if one.lines), _ON_CARD)

    def week(self) -> Iterator[Block]:
        """Yield how to go on, and when to answer again."""
        if self.plan.sections:
            yield from _list(self.says.week, self.says.week_lines)
        yield from self.again()

    def more(self) -> Iterator[Block]:
        """Yield why, what was left out, every sign, what would change this, and what made it."""
        yield from self.reasons()
        yield from self.left_out()
        yield from self.safety_net()
        yield from self.would_change()
        yield from self.about()

    def with_minutes(self, title: str, minutes: int) -> str:
        forms = self.says.minutes_a_day
        return self.words.counted(forms, minutes, title=title) if minutes else title

    def reasons(self) -> Iterator[Block]:
        """Yield why each thing is there, and how good the evidence for it is; what is the same for
        several is said once.
        """
        told: dict[tuple[tuple[Reason, ...], LabelSaid | None], list[str]] = {}
        for seen in self.plan.referrals:
            told.setdefault((seen.because, None), []).append(seen.name)
        for section in self.plan.sections:
            for one in section.items:
                because = one.because[:_MOST_REASONS]
                told.setdefault((because, one.label), []).append(one.name)
        if told:
            yield Block("heading", (self.says.why,))
        for (because, label), names in told.items():
            yield Block("item", (", ".join(names),))
            yield from (Block("text", (one.because,)) for one in because)
            if label:
                text = fill(self.says.evidence, label=label.name, note=label.note)
                yield Block("label", (text.rstrip(),))

    def details(self, details: Iterable[Detail], wanted: frozenset[str]) -> Iterator[Block]:
        for one in details:
            if one.field not in wanted:
                continue
            if one.field == "steps":
                yield Block("steps", one.lines)
            elif len(one.lines) == 1:
                yield Block("text", (f"{one.title}: {one.lines[0]}",))
            else:
                yield Block("text", (f"{one.title}:",))
                yield Block("bullets", one.lines)

    def because(self, reason: Reason) -> str:
        said = self.answers(reason.answers)
        return (
            f"{reason.because} {fill(self.says.you_said, answers=said)}" if said else reason.because
        )

    def answers(self, answers: tuple[Said, ...]) -> str:
        """Return the first answers behind a reason."""
        not_answered = self.says.not_answered
        said = "; ".join(
            f"{one.name}: {one.answer or not_answered}" for one in answers[:_MOST_ANSWERS]
        )
        more = len(answers) - _MOST_ANSWERS
        return self.words.counted(self.says.and_more, more, answers=said) if more > 0 else said

    def safety_net(self) -> Iterator[Block]:
        net = self.plan.safety_net
        yield from _list(self.says.go_now, net.go_now)
        yield from _list(self.says.same_day, net.same_day)

    def would_change(self) -> Iterator[Block]:
        """Yield what would make it more urgent, less what the safety net says."""
        most_urgent: dict[str, Urgency] = {}
        for one in self.plan.would_change:  # most urgent first
            most_urgent.setdefault(one.text, one.urgency)
        for level, group in groupby(most_urgent, most_urgent.__getitem__):
            if level in {"emergency", "same_day"}:
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
        if self.urgent:
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

    def about(self) -> Iterator[Block]:
        made = self.plan.provenance
        yield from _list(self.says.about, filter(None, (*self.plan.limits, made.review_note)))
        engines = self.words.joined(self.words.lists.both, made.engines or (self.says.no_engine,))
        text = fill(
            self.says.made_by,
            program=made.program,
            rules=made.rule_set,
            hash=made.sha256[:12],
            engines=engines,
        )
        yield Block("note", (text,))


def stops_of_several(items: Iterable[PlanItem]) -> tuple[str, ...]:
    """Return what to stop for that more than one of these things says."""
    told = Counter(line for item in items for line in _stops(item))
    return tuple(line for line, times in told.items() if times > 1)


def _stops(item: PlanItem) -> Iterator[str]:
    return (line for one in item.details if one.field == "stop_if" for line in one.lines)


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
    ungraded = one.strength == one.certainty == "none"
    return fill(
        words.page.cited_ungraded if ungraded else words.page.cited,
        source=f"{source.title} ({source.publisher}, {source.year}){mark}",
        direction=words.grades[one.direction],
        strength=words.grades[one.strength],
        certainty=words.grades[one.certainty],
        note=one.note,
    ).rstrip()


def to_markdown(plan: Plan, words: WordsFile) -> str:
    """Return the whole plan as Markdown: what is read first, and the rest folded."""
    first, *rest = layers(plan, words)
    parts = [*map(_markdown, first.blocks), *(part for layer in rest for part in _folded(layer))]
    return "\n\n".join(parts) + "\n"


def _folded(layer: Layer) -> Iterator[str]:
    yield f"<details>\n<summary>{layer.title}</summary>"
    yield from map(_markdown, layer.blocks)
    yield "</details>"


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
