"""A decision composed for a person: what to do, how much, why, and what was left out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property
from itertools import islice

from lumbar import __version__
from lumbar.decision.changes import changes
from lumbar.decision.decide import Decision, Recommended, Referral, Withheld
from lumbar.plan import document as doc
from lumbar.plan.fitting import Selection, select
from lumbar.plan.wording import Grounds, wording
from lumbar.rulebook.items import Dose, Sign, kind_of, labelled, that_matter
from lumbar.rulebook.questionnaire import Number, OneOf, Option, SeveralOf
from lumbar.rulebook.words import fill
from lumbar.signatures.signoffs import signoffs, unsigned

_CALM = ("routine", "self_care")
_MOST_SIGNS = 8  # of the short list to come back for


class _Composer:
    """Composes one decision; every list follows the order of the catalog."""

    def __init__(self, decision: Decision) -> None:
        self.decision = decision
        self.catalog = decision.catalog
        self.words = wording(decision.catalog)

    @cached_property
    def unsigned(self) -> frozenset[str]:
        """The rules that fired and are not validly signed."""
        return frozenset(unsigned(self.catalog, self.decision.fired))

    def grounds(self, rule: str) -> Grounds:
        """Return the answers that a rule which fired rests on."""
        given = self.decision.answers.given
        return tuple([(name, given.get(name)) for name in self.decision.rests_on(rule)])

    def reasons(self, rules: Iterable[str]) -> tuple[doc.Reason, ...]:
        return tuple([self.words.reason(name, self.grounds(name)) for name in rules])

    def sections(self, selection: Selection) -> Iterator[doc.PlanSection]:
        for section in self.catalog.limits.sections:
            taken = selection.taken.get(section.id, {})
            chosen = [one for one in self.decision.recommended if one.item in taken]
            if chosen:
                words = self.catalog.words.sections[section.kind]
                yield doc.PlanSection(
                    id=section.id,
                    title=words.title,
                    intro=self.words.said(words.intro),
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
            answers=self.words.answers(self.grounds(rule)) if rule else (),
        )

    def most_telling(self, rules: Sequence[str]) -> str:
        """Return the rule that rests on the fewest answers, the first of these; "" for none."""
        return min(rules, key=lambda rule: len(self.decision.rests_on(rule)), default="")

    def since_last(self) -> doc.SinceLast | None:
        """Return what changed since last time; nothing where that would stand beside a sign."""
        told = tuple(one for one in self.catalog.limits.since_last if one in self.decision.fired)
        if self.decision.failure or self.decision.urgency not in _CALM or not told:
            return None
        return doc.SinceLast(followed=tuple(self.followed()), because=self.reasons(told))

    def followed(self) -> Iterator[doc.Followed]:
        """Yield the answers of today beside those that are known of visits before."""
        asked = self.catalog.questionnaire
        known = {(one.visit, one.answer): name for name, one in asked.known.items()}
        for name, question in asked.questions.items():
            visits = [known.get(("first", name)), known.get(("last", name)), name]
            given = [self.decision.answers.get(one) if one else None for one in visits]
            if None not in given:
                first, last, now = map(str, given)
                yield doc.Followed(
                    question=name, name=question.name, first=first, last=last, now=now
                )

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
            summary=self.words.said(item.summary),
            dose=dose and replace(dose, text=self.words.said(dose.text)),
            details=self.words.details(one.item),
            label=self.words.label(label, note),
            because=self.reasons(self.most_specific(one.rules)),
            evidence=self.words.behind_item(one.item),
        )

    def most_specific(self, rules: Sequence[str]) -> list[str]:
        """Return rules, those first that rest on the most answers of this person."""
        return sorted(rules, key=lambda rule: -len(self.decision.rests_on(rule)))

    def referral(self, referral: Referral) -> doc.PlanReferral:
        item = self.catalog.items[referral.to]
        return doc.PlanReferral(
            to=referral.to,
            name=item.name,
            urgency=referral.urgency,
            how_soon=self.words.said(self.catalog.words.urgency[referral.urgency].how_soon),
            because=self.reasons(referral.rules),
            details=self.words.details(referral.to),
        )

    def left_out(self, selection: Selection, shown: set[str]) -> Iterator[doc.LeftOut]:
        withheld = {one.item: one for one in self.decision.withheld}
        wanted = {one.item: one.rules for one in self.decision.recommended}
        for name in self.catalog.items:
            if name in shown:
                continue
            held = withheld.get(name)
            otherwise = "urgent" if self.decision.failure else "not_recommended"
            reason = held.reason if held else selection.refused.get(name, otherwise)
            wanted_by = held.wanted_by if held else wanted.get(name, ())
            one = self.words.left_out(name, reason, wanted_by)
            yield replace(one, because=self.reasons(held.rules)) if held else one

    def would_change(self) -> Iterator[doc.WouldChange]:
        asked, given = self.catalog.questionnaire.questions, self.decision.answers.given
        for change in changes(self.decision):
            question = asked[change.question]
            if not isinstance(question, Number) or question.watch_for:  # an age is nothing to watch
                several = isinstance(question, SeveralOf)
                before = given.get(change.question) if several else None
                yield self.words.would_change(change, before)

    def firings(self) -> Iterator[doc.Firing]:
        for name in self.decision.fired:
            yield self.words.firing(name, name not in self.unsigned, self.grounds(name))

    def urgency(self) -> doc.UrgencySaid:
        level = self.decision.urgency
        words = self.catalog.words.urgency[level]
        failed = self.catalog.words.fail_closed
        unsure = self.decision.failure and level != "emergency"
        title, action = (failed.title, failed.action) if unsure else (words.title, words.action)
        return doc.UrgencySaid(
            level=level,
            title=self.words.said(title),
            how_soon=self.words.said(words.how_soon),
            action=self.words.said(action),
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
            stop_rules=self.words.lines(net.stop_rules),
            while_you_wait=self.signs(waiting.get(self.decision.urgency, ())),
        )

    def signs(self, signs: Iterable[Sign]) -> tuple[str, ...]:
        """Return the signs that can matter for this person."""
        return self.words.lines(that_matter(signs, self.decision.settled))

    def review(self, answered_on: str | None) -> doc.Review:
        recheck = self.catalog.safety_net.recheck[self.decision.urgency]
        return doc.Review(
            after_days=recheck.after_days,
            on=_later(answered_on, recheck.after_days),
            text=self.words.said(recheck.text),
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
        since_last=composer.since_last(),
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
        limits=composer.words.lines(decision.catalog.words.limits),
        provenance=composer.provenance(),
    )
