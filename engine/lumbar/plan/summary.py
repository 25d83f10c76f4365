"""A person's case on one page for whoever sees them: said, denied, left open, and what came out."""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import groupby
from typing import Protocol

from lumbar.decision.decide import Decision
from lumbar.plan.blocks import Block
from lumbar.plan.document import Plan, Reason
from lumbar.rulebook.questionnaire import NONE, Number, OneOf, SeveralOf
from lumbar.rulebook.words import fill

_RED_FLAG = frozenset({"decisive", "contributing"})
_NO = ("no", NONE, frozenset({NONE}))

Question = Number | OneOf | SeveralOf


class _Named(Protocol):
    @property
    def name(self) -> str: ...


def summary(decision: Decision, plan: Plan, answered_on: str | None) -> Iterator[Block]:
    """Yield the page for a practitioner; `answered_on` is the day of the answers (2026-11-22)."""
    page = _Summary(decision, plan)
    yield Block("banner", (page.says.title, page.who(answered_on)), plan.urgency.level)
    yield from page.whom_to_see()
    yield from page.red_flags()
    yield from page.else_said()
    yield from page.planned()
    yield page.made()


def to_take_along(decision: Decision, plan: Plan, answered_on: str | None) -> Iterator[Block]:
    """Yield what whoever sees the person now wants to know first."""
    page = _Summary(decision, plan)
    yield Block("text", (page.who(answered_on),))
    yield from page.red_flags()


class _Summary:
    def __init__(self, decision: Decision, plan: Plan) -> None:
        self.decision, self.plan, self.answers = decision, plan, decision.answers
        self.words, self.says = decision.catalog.words, decision.catalog.words.summary
        self.topics = self.answers.questionnaire.topics

    @cached_property
    def asked(self) -> tuple[Question, ...]:
        """The questions that apply to this person, as far as can be told."""
        questionnaire = self.answers.questionnaire
        walk = questionnaire.walk(self.answers)
        return tuple(questionnaire.questions[one] for one, applies in walk if applies is not False)

    def who(self, answered_on: str | None) -> str:
        """Return what was said first, how much it hurts, and of which day that is."""
        first = (one for one in self.asked if one.id in self.first and one.id in self.answers)
        text = self.says.who if answered_on else self.says.who_undated
        return fill(text, said="; ".join(map(self.in_words, first)), day=answered_on)

    @cached_property
    def first(self) -> frozenset[str]:
        """The questions that `who` tells."""
        pain = self.decision.catalog.limits.pain_question
        return frozenset({pain, *(one.id for one in self.topics[0].questions)})

    def whom_to_see(self) -> Iterator[Block]:
        """Yield whom the rules suggest to see, each rule with the answers that it rests on."""
        yield Block("heading", (self.says.suggested,))
        if self.plan.failure:
            yield Block("text", (fill(self.words.explain.failure, failure=self.plan.failure),))
        elif not self.plan.referrals:
            yield Block("text", (self.says.no_visit,))
        for one in self.plan.referrals:
            yield Block("text", (self.line(one.name, one.how_soon),))
            if one.because:
                yield Block("bullets", tuple(map(self.rule, one.because)))

    def rule(self, reason: Reason) -> str:
        """Return a rule by its title and id, with the answers that it rests on."""
        open_ = self.words.page.not_answered
        return fill(
            self.says.rule,
            title=self.decision.catalog.rules[reason.rule].title,
            rule=reason.rule,
            answers="; ".join(f"{one.name}: {one.answer or open_}" for one in reason.answers),
        )

    def red_flags(self) -> Iterator[Block]:
        """Yield the warning signs that were said or are not sure, left open, and denied."""
        flags = [one for one in self.asked if one.kind in _RED_FLAG]
        signs = tuple(self.in_words(one) for one in flags if self.is_sign(one))
        yield Block("heading", (self.says.signs,))
        yield Block("bullets", signs) if signs else Block("text", (self.says.no_signs,))
        yield from self.names(self.says.left_open, (o for o in flags if o.id not in self.answers))
        if denied := self.by_topic(filter(self.is_no, flags), lambda one: one.name):
            yield Block("text", (self.says.denied,))
            yield Block("bullets", denied)

    def else_said(self) -> Iterator[Block]:
        """Yield the other answers, a line a topic, then those that are a no, and what adds up."""
        flags = (one for one in self.asked if one.kind in _RED_FLAG)
        told = {one.id for one in flags if self.is_sign(one) or self.is_no(one)} | self.first
        rest = [one for one in self.asked if one.id in self.answers and one.id not in told]
        lines = self.by_topic((one for one in rest if not self.is_no(one)), self.in_words)
        if scores := "; ".join(self.scores()):
            lines = (*lines, self.line(self.says.scores, scores))
        if lines:
            yield Block("heading", (self.says.else_said,))
            yield Block("bullets", lines)
        yield from self.names(self.says.no_to, (one for one in rest if self.is_no(one)))

    def scores(self) -> Iterator[str]:
        """Yield the scores that add up answers, where all of these were given."""
        for one in self.answers.questionnaire.scores:
            if not one.count and one.reads <= self.answers.keys():
                yield f"{one.title}: {self.decision.facts.known[one.id]:.3g}"

    def planned(self) -> Iterator[Block]:
        """Yield what the person may do, and what is kept from them."""
        doing = [one for section in self.plan.sections for one in section.items]
        kept = [one for one in self.plan.left_out if one.reason == "avoided" and one.wanted_by]
        if doing or kept:
            yield Block("heading", (self.says.plan,))
        yield from self.names(self.says.doing, doing)
        yield from self.names(self.says.kept_out, kept)

    def made(self) -> Block:
        """Return what made this page, and what that is not."""
        made = self.plan.provenance
        text = fill(
            self.says.made, program=made.program, rules=made.rule_set, hash=made.sha256[:12],
            note=made.review_note,
        )  # fmt: skip
        return Block("note", (text.rstrip(),))

    def is_sign(self, question: Question) -> bool:
        """Return whether the answer is one that is a sign, of whatever kind, or is not sure."""
        said = self.answers.get(question.id)
        picked = said if isinstance(said, frozenset) else {said}
        return not question.kinds.keys().isdisjoint(picked)

    def is_no(self, question: Question) -> bool:
        """Return whether the answer is a plain no."""
        return self.answers.get(question.id) in _NO

    def by_topic(
        self, questions: Iterable[Question], told: Callable[[Question], str]
    ) -> tuple[str, ...]:
        """Return a line a topic with what is told of its questions."""
        of = {one.id: topic.title for topic in self.topics for one in topic.questions}
        groups = groupby(questions, lambda one: of[one.id])
        return tuple(self.line(title, "; ".join(map(told, group))) for title, group in groups)

    def in_words(self, question: Question) -> str:
        """Return an answer in the person's words."""
        return self.answers.questionnaire.in_words(question.id, self.answers[question.id])

    def line(self, name: str, text: str) -> str:
        """Return something by its name."""
        return fill(self.words.page.in_a_line, name=name, text=text)

    @staticmethod
    def names(text: str, them: Iterable[_Named]) -> Iterator[Block]:
        """Yield a text with the names of some things, if there are any."""
        if names := "; ".join(one.name for one in them):
            yield Block("text", (fill(text, names=names),))
