"""What a catalog says the same way in every plan, put in words once."""

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any

from lumbar.decision.changes import Worsening
from lumbar.plan import document as doc
from lumbar.rulebook.catalog import Catalog, kept
from lumbar.rulebook.conditions import Value
from lumbar.rulebook.items import Called, Citation, Label
from lumbar.rulebook.questionnaire import SeveralOf
from lumbar.rulebook.words import fill

_NOT_CITED = ("id", "kind", "read", "says")
_MOST = 4096  # of what there is no end of: answers, and who wants what

Grounds = tuple[tuple[str, Value | None], ...]  # questions with what was answered


class Wording:
    """The words of a catalog, filled with those of its operator."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self.details = cache(self._details)
        self.behind_item = cache(self._behind_item)
        self.behind_rule = cache(self._behind_rule)
        self.label = cache(self._label)
        self.answer = lru_cache(_MOST)(self._answer)
        self.reason = lru_cache(_MOST)(self._reason)
        self.firing = lru_cache(_MOST)(self._firing)
        self.left_out = lru_cache(_MOST)(self._left_out)
        self.would_change = lru_cache(_MOST)(self._would_change)

    def said(self, text: str) -> str:
        """Return a text with the operator's words filled in."""
        return self._catalog.operator.fill(text)

    def lines(self, texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(map(self.said, texts))

    def _details(self, name: str) -> tuple[doc.Detail, ...]:
        """Return what an item says about itself, a heading a field that it has."""
        return tuple(self._headings(name))

    def _headings(self, name: str) -> Iterator[doc.Detail]:
        for field, title in self._catalog.words.details:
            value: Any = getattr(self._catalog.items[name], field, None)
            if isinstance(value, Called):
                value = f"{value.english}, {value.pinyin} {value.characters}"
            if value:
                lines = self.lines((value,) if isinstance(value, str) else value)
                yield doc.Detail(field=field, title=title, lines=lines)

    def _behind_item(self, name: str) -> tuple[doc.Evidence, ...]:
        return self._evidence(self._catalog.items[name].evidence)

    def _behind_rule(self, name: str) -> tuple[doc.Evidence, ...]:
        return self._evidence(self._catalog.rules[name].evidence)

    def _evidence(self, citations: Iterable[Citation]) -> tuple[doc.Evidence, ...]:
        return tuple(
            doc.Evidence(**self._catalog.sources[one.source].plain(*_NOT_CITED), **dict(one))
            for one in citations
        )

    def _label(self, label: Label, note: str) -> doc.LabelSaid:
        words = self._catalog.words.labels[label]
        return doc.LabelSaid(id=label, note=self.said(note), **dict(words))

    def _answer(self, question: str, value: Value | None) -> doc.Said:
        asked = self._catalog.questionnaire.questions[question]
        answer = "" if value is None else asked.in_words(value)
        return doc.Said(question=question, name=asked.name, answer=answer)

    def answers(self, grounds: Grounds) -> tuple[doc.Said, ...]:
        """Return answers in words."""
        return tuple(self.answer(name, value) for name, value in grounds)

    def _reason(self, rule: str, grounds: Grounds) -> doc.Reason:
        """Return why a rule fired for whoever answered so."""
        because = self.said(self._catalog.rules[rule].because)
        return doc.Reason(rule=rule, because=because, answers=self.answers(grounds))

    def _firing(self, name: str, signed: bool, grounds: Grounds) -> doc.Firing:
        """Return a rule that fired for whoever answered so."""
        rule = self._catalog.rules[name]
        return doc.Firing(
            rule=name,
            title=rule.title,
            stage=self._catalog.stage_of[name],
            status=rule.status,
            signed=signed,
            because=self.said(rule.because),
            answers=self.answers(grounds),
            evidence=self.behind_rule(name),
        )

    def _left_out(self, name: str, reason: Any, wanted_by: tuple[str, ...]) -> doc.LeftOut:
        """Return an item that no rule keeps out, and that is not in the plan."""
        return doc.LeftOut(
            item=name,
            name=self._catalog.items[name].name,
            reason=reason,
            text=getattr(self._catalog.words.left_out, reason),
            because=(),
            wanted_by=wanted_by,
        )

    def _would_change(self, change: Worsening, before: Value | None) -> doc.WouldChange:
        """Return a change in words; `before` is what was answered where several options can be."""
        question = self._catalog.questionnaire.questions[change.question]
        return doc.WouldChange(
            question=change.question,
            answer=question.in_words(change.answer),
            text=self._happens(question, change.answer, before or frozenset()),
            urgency=change.urgency,
            what_then=self.said(self._catalog.words.urgency[change.urgency].how_soon),
            rules=change.rules,
        )

    def _happens(self, question: Any, answer: Any, before: Any) -> str:
        """Return a change as a person would read it: 'your leg or foot goes weak'."""
        says, new = self._catalog.words.page, question.in_words(answer)
        if isinstance(question, SeveralOf):
            added = (one for one in question.options if one.id in answer - before)
            said = ", ".join(one.watch_for for one in added if one.watch_for)
            new = question.in_words(answer - before)
            return said or fill(says.answer_included, question=question.name, answer=new)
        return question.watch_for or fill(says.answer_became, question=question.name, answer=new)


@kept
def wording(catalog: Catalog) -> Wording:
    """Return the wording of a catalog."""
    return Wording(catalog)
