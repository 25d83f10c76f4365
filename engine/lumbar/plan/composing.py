"""A decision composed for a person: what to do, how much, why, and what was left out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property
from itertools import islice
from typing import Any

from lumbar import __version__
from lumbar.decision.changes import Worsening, changes
from lumbar.decision.decide import Decision, Recommended, Referral, Withheld
from lumbar.plan import document as doc
from lumbar.plan.fitting import Selection, select
from lumbar.rulebook.items import Called, Citation, Dose, Item, Sign, kind_of, labelled, that_matter
from lumbar.rulebook.questionnaire import Number, OneOf, Option, SeveralOf
from lumbar.rulebook.words import fill
from lumbar.signatures.signoffs import signoffs, unsigned

_NOT_CITED = ("id", "kind", "read", "says")
_MOST_SIGNS = 8  # of the short list to come back for


class _Composer:
    """Composes one decision; every list follows the order of the catalog."""

    def __init__(self, decision: Decision) -> None:
        self.decision = decision
        self.catalog = decision.catalog

    @cached_property
    def unsigned(self) -> frozenset[str]:
        """The rules that fired and are not validly signed."""
        return frozenset(unsigned(self.catalog, self.decision.fired))

    def said(self, text: str) -> str:
        """Return a text with the operator's words filled in."""
        return self.catalog.operator.fill(text)

    def lines(self, texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(map(self.said, texts))

    def answers(self, questions: Iterable[str]) -> tuple[doc.Said, ...]:
        asked, given = self.catalog.questionnaire.questions, self.decision.answers
        return tuple(
            doc.Said(
                question=name,
                name=asked[name].name,
                answer=asked[name].in_words(given[name]) if name in given else "",
            )
            for name in questions
        )

    def reasons(self, rules: Iterable[str]) -> tuple[doc.Reason, ...]:
        return tuple(
            doc.Reason(
                rule=name,
                because=self.said(self.catalog.rules[name].because),
                answers=self.answers(self.decision.rests_on(name)),
            )
            for name in rules
        )

    def evidence(self, citations: Iterable[Citation]) -> tuple[doc.Evidence, ...]:
        return tuple(
            doc.Evidence(**self.catalog.sources[one.source].plain(*_NOT_CITED), **dict(one))
            for one in citations
        )

    def sections(self, selection: Selection) -> Iterator[doc.PlanSection]:
        for section in self.catalog.limits.sections:
            taken = selection.taken.get(section.id, {})
            chosen = [one for one in self.decision.recommended if one.item in taken]
            if chosen:
                words = self.catalog.words.sections[section.kind]
                yield doc.PlanSection(
                    id=section.id,
                    title=words.title,
                    intro=self.said(words.intro),
                    minutes=selection.spent(section),
                    items=tuple(
                        self.item(one, taken[one.item])
                        for one in sorted(chosen, key=lambda one: section.order.index(one.item))
                    ),
                )

    def today(self, sections: Iterable[doc.PlanSection]) -> tuple[doc.Step, ...]:
        """Return what to do today: so many of each section as it says, until there are enough."""
        limits = self.catalog.limits
        many = {section.id: section.today for section in limits.sections}
        steps = (
            doc.Step(
                item=one.item,
                name=one.name,
                text=one.dose.text if one.dose else one.summary,
                warning=one.label.warning,
            )
            for section in sections
            for one in section.items[: many[section.id]]
        )
        return tuple(islice(steps, limits.today_at_most))

    def not_now(self, selection: Selection, shown: set[str]) -> Iterator[doc.NotNow]:
        """Yield the wishes that the plan does not grant, with why."""
        if self.decision.failure or self.decision.urgency in self.catalog.safety_net.while_you_wait:
            return
        held = {one.item: one for one in self.decision.withheld}
        for name, question in self.catalog.questionnaire.questions.items():
            if isinstance(question, Number):
                continue
            for option in question.options:
                wished = option.wishes and picked(self.decision.answers.get(name), option.id)
                if wished and shown.isdisjoint(option.wishes):
                    yield self.refused(question, option, held, selection)

    def refused(
        self,
        question: OneOf | SeveralOf,
        option: Option,
        held: Mapping[str, Withheld],
        selection: Selection,
    ) -> doc.NotNow:
        """Return why a wish is not granted: what was said against it, or the limits of a plan."""
        against = [held[item].rules for item in option.wishes if item in held]
        rule = self.most_telling([rule for rules in against for rule in rules])
        reason = selection.refused.get(option.wishes[0], "not_recommended")
        return doc.NotNow(
            items=option.wishes,
            name=option.label if isinstance(question, SeveralOf) else question.name,
            text="" if rule else getattr(self.catalog.words.left_out, reason),
            rule=rule,
            answers=self.answers(self.decision.rests_on(rule)) if rule else (),
        )

    def most_telling(self, rules: Sequence[str]) -> str:
        """Return the rule that rests on the fewest answers, the first of these; "" for none."""
        return min(rules, key=lambda rule: len(self.decision.rests_on(rule)), default="")

    def pain_limit(self) -> str:
        """Return how much pain is all right for somebody whose pain is as they say it is now."""
        limits, says = self.catalog.limits, self.catalog.words.page
        now = self.decision.answers.get(limits.pain_question)
        if not isinstance(now, int):
            return says.pain_unknown
        text = says.pain_high if now >= limits.pain_high_from else says.pain_usual
        return fill(text, now=now, most=min(now + 2, 10))

    def item(self, one: Recommended, dose: Dose | None) -> doc.PlanItem:
        item = self.catalog.items[one.item]
        label, note = labelled(item, self.decision.settled)
        return doc.PlanItem(
            item=one.item,
            kind=kind_of(one.item),  # type: ignore[arg-type]
            name=item.name,
            summary=self.said(item.summary),
            dose=dose and replace(dose, text=self.said(dose.text)),
            details=tuple(self.details(item)),
            label=doc.LabelSaid(
                id=label, note=self.said(note), **dict(self.catalog.words.labels[label])
            ),
            because=self.reasons(self.most_specific(one.rules)),
            evidence=self.evidence(item.evidence),
        )

    def most_specific(self, rules: Sequence[str]) -> list[str]:
        """Return rules, those first that rest on the most answers of this person."""
        return sorted(rules, key=lambda rule: -len(self.decision.rests_on(rule)))

    def details(self, item: Item) -> Iterator[doc.Detail]:
        """Yield what an item says about itself, a heading a field that it has."""
        for field, title in self.catalog.words.details:
            value: Any = getattr(item, field, None)
            if isinstance(value, Called):
                value = f"{value.english}, {value.pinyin} {value.characters}"
            if value:
                lines = self.lines((value,) if isinstance(value, str) else value)
                yield doc.Detail(field=field, title=title, lines=lines)

    def referral(self, referral: Referral) -> doc.PlanReferral:
        item = self.catalog.items[referral.to]
        return doc.PlanReferral(
            to=referral.to,
            name=item.name,
            urgency=referral.urgency,
            how_soon=self.said(self.catalog.words.urgency[referral.urgency].how_soon),
            because=self.reasons(referral.rules),
            details=tuple(self.details(item)),
        )

    def left_out(self, selection: Selection, shown: set[str]) -> Iterator[doc.LeftOut]:
        withheld = {one.item: one for one in self.decision.withheld}
        wanted = {one.item: one.rules for one in self.decision.recommended}
        for name, item in self.catalog.items.items():
            if name in shown:
                continue
            held = withheld.get(name)
            otherwise = "urgent" if self.decision.failure else "not_recommended"
            reason: Any = held.reason if held else selection.refused.get(name, otherwise)
            text = getattr(self.catalog.words.left_out, reason)
            yield doc.LeftOut(
                item=name,
                name=item.name,
                reason=reason,
                text=text,
                because=self.reasons(held.rules) if held else (),
                wanted_by=held.wanted_by if held else wanted.get(name, ()),
            )

    def would_change(self) -> Iterator[doc.WouldChange]:
        for change in changes(self.decision):
            question = self.catalog.questionnaire.questions[change.question]
            if isinstance(question, Number) and not question.watch_for:
                continue  # an age is nothing to watch for
            yield doc.WouldChange(
                question=change.question,
                answer=question.in_words(change.answer),
                text=self.change(change),
                urgency=change.urgency,
                what_then=self.said(self.catalog.words.urgency[change.urgency].how_soon),
                rules=change.rules,
            )

    def change(self, change: Worsening) -> str:
        """Return a change as a person would read it: 'your leg or foot goes weak'."""
        question = self.catalog.questionnaire.questions[change.question]
        says, new = self.catalog.words.page, question.in_words(change.answer)
        if isinstance(question, SeveralOf):
            before: Any = self.decision.answers.get(change.question, frozenset())
            after: Any = change.answer
            added = (one for one in question.options if one.id in after - before)
            said = ", ".join(one.watch_for for one in added if one.watch_for)
            new = question.in_words(after - before)
            return said or fill(says.answer_included, question=question.name, answer=new)
        return question.watch_for or fill(says.answer_became, question=question.name, answer=new)

    def firings(self) -> Iterator[doc.Firing]:
        for name in self.decision.fired:
            rule = self.catalog.rules[name]
            yield doc.Firing(
                rule=name,
                title=rule.title,
                stage=self.catalog.stage_of[name],
                status=rule.status,
                signed=name not in self.unsigned,
                because=self.said(rule.because),
                answers=self.answers(self.decision.rests_on(name)),
                evidence=self.evidence(rule.evidence),
            )

    def urgency(self) -> doc.UrgencySaid:
        level = self.decision.urgency
        words = self.catalog.words.urgency[level]
        failed = self.catalog.words.fail_closed
        unsure = self.decision.failure and level != "emergency"
        title, action = (failed.title, failed.action) if unsure else (words.title, words.action)
        return doc.UrgencySaid(
            level=level,
            title=self.said(title),
            how_soon=self.said(words.how_soon),
            action=self.said(action),
            because=self.first_reason(),
        )

    def first_reason(self) -> doc.Reason | None:
        """Return the most urgent referral's reason that needs the fewest answers."""
        first = next(iter(self.decision.referrals), None)
        if first is None or self.decision.failure:
            return None
        return next(iter(self.reasons([self.most_telling(first.rules)])))

    def safety(self) -> doc.Safety:
        net = self.catalog.safety_net
        waiting: Mapping[str, tuple[Sign, ...]] = net.while_you_wait  # type: ignore[assignment]
        return doc.Safety(
            come_back=self.signs(net.come_back)[:_MOST_SIGNS],
            go_now=self.signs(net.go_now),
            same_day=self.signs(net.same_day),
            stop_rules=self.lines(net.stop_rules),
            while_you_wait=self.signs(waiting.get(self.decision.urgency, ())),
        )

    def signs(self, signs: Iterable[Sign]) -> tuple[str, ...]:
        """Return the signs that can matter for this person."""
        return self.lines(that_matter(signs, self.decision.settled))

    def review(self, answered_on: str | None) -> doc.Review:
        recheck = self.catalog.safety_net.recheck[self.decision.urgency]
        return doc.Review(
            after_days=recheck.after_days,
            on=_later(answered_on, recheck.after_days),
            text=self.said(recheck.text),
        )

    def provenance(self) -> doc.Provenance:
        fired, words = len(self.decision.fired), self.catalog.words
        signed, broken = fired - len(self.unsigned), signoffs(self.catalog).problems
        note = fill(words.not_scored_by_clinician, signed=signed, total=fired) if fired else ""
        return doc.Provenance(
            program=f"lumbar {__version__}",
            rule_set=self.catalog.limits.version,
            sha256=self.catalog.sha256,
            engines=self.decision.engines,
            rules_fired=fired,
            rules_signed=signed,
            review_note=f"{note} {words.signatures_broken}".strip() if broken else note,
        )


def picked(answer: object, option: str) -> bool:
    """Return whether an answer is, or includes, an option."""
    return option in answer if isinstance(answer, frozenset) else answer == option


def _later(day: str | None, days: int) -> str | None:
    try:
        return (date.fromisoformat(day) + timedelta(days=days)).isoformat() if day else None
    except OverflowError:  # the calendar ends
        return None


def make_plan(decision: Decision, answered_on: str | None = None) -> doc.Plan:
    """Compose a decision; `answered_on` is the day of the answers (2026-11-22), for the review."""
    composer = _Composer(decision)
    selection = select(decision)
    sections = tuple(composer.sections(selection))
    referrals = tuple(map(composer.referral, decision.referrals))
    shown = {item.item for section in sections for item in section.items} | {
        one.to for one in referrals
    }
    return doc.Plan(
        urgency=composer.urgency(),
        failure=decision.failure,
        today=composer.today(sections),
        not_now=tuple(composer.not_now(selection, shown)),
        pain_limit=composer.pain_limit() if sections else "",
        referrals=referrals,
        sections=sections,
        left_out=tuple(composer.left_out(selection, shown)),
        would_change=tuple(composer.would_change()),
        safety_net=composer.safety(),
        review=composer.review(answered_on),
        findings={
            name: value
            for name, value in decision.findings.items()
            if isinstance(value, (str, bool))
        },
        firings=tuple(composer.firings()),
        limits=composer.lines(decision.catalog.words.limits),
        provenance=composer.provenance(),
    )
