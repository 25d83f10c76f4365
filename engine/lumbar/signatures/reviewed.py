"""What somebody reads who reviews a rule, as plain data and as a hash: what a signature is bound
to.

It is made from the loaded catalog: layout, comments, the order of keys and the file a rule lies in
are no part of it.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lumbar.reading.record import Record
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Condition, clauses
from lumbar.rulebook.questionnaire import Score
from lumbar.rulebook.rules import Rule


def reviewed_content(catalog: Catalog, rule_id: str) -> dict[str, Any]:
    """Return all that somebody reads who reviews a rule, as plain data: what is not in it voids no
    signature.
    """
    rule = catalog.rules[rule_id]
    names = set(rule.when.reads)
    scores = [one for one in catalog.questionnaire.scores if one.id in names]
    asked = _with_gates(catalog, names.union(*(score.reads for score in scores)))
    questions = {
        name: _question(catalog, name) for name in catalog.questionnaire.questions if name in asked
    }
    items = {item: catalog.items[item] for item in _shown(rule)}
    thresholds = {
        name: catalog.thresholds[name] for name in _thresholds(catalog, rule, scores, questions)
    }
    cited = {one.source for one in scores} | {one.source for one in thresholds.values()}
    cited |= {one.source for part in (rule, *items.values()) for one in part.evidence}
    return {
        "stage": catalog.stage_of[rule_id],
        "when": str(rule.when),
        "then": [_plain(effect) for effect in rule.then],
        **_plain(rule, "when", "then", "status", "examples"),
        "thresholds": {name: _plain(one) for name, one in thresholds.items()},
        "scores": {
            one.id: {**_plain(one, "count"), "count": [str(part) for part in one.count]}
            for one in scores
        },
        "questions": questions,
        "items": {name: _plain(item) for name, item in items.items()},
        "kept_out": {effect.avoid: _kept_out(catalog, effect.avoid) for effect in rule.avoids},
        "left_out": catalog.words.left_out.avoided if rule.avoids else "",
        "labels": {item.label: _plain(catalog.words.labels[item.label]) for item in items.values()},
        "urgencies": {
            one.urgency: _plain(catalog.words.urgency[one.urgency]) for one in rule.refers
        },
        "sources": {name: _plain(catalog.sources[name]) for name in cited},
    }


def _plain(record: Record, *without: str) -> dict[str, Any]:
    # what an entry leaves out is left out here too: a new optional field of the program must void
    # no signature
    return record.model_dump(mode="json", exclude={*without}, exclude_defaults=True)


def _with_gates(catalog: Catalog, asked: set[str]) -> set[str]:
    """Return the questions together with those that decide whether they are asked, which are asked
    before them.
    """
    for name, conditions in reversed(list(catalog.questionnaire.shown_when.items())):
        if name in asked:
            asked = asked.union(*(condition.reads for condition in conditions))
    return asked


def _question(catalog: Catalog, name: str) -> dict[str, Any]:
    """Return a question as it is asked; its code and the example person's answer are no part of
    that.
    """
    shown_when = [str(condition) for condition in catalog.questionnaire.shown_when[name]]
    question = catalog.questionnaire.questions[name]
    return {**_plain(question, "shown_when", "code", "example"), "shown_when": shown_when}


def _shown(rule: Rule) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            [*(one.recommend for one in rule.recommends), *(one.refer for one in rule.refers)]
        )
    )


def _kept_out(catalog: Catalog, target: str) -> dict[str, Any]:
    """Return the items that a target means: a person reads only their names, and a new one changes
    what is kept out.
    """
    found = {name: catalog.items[name] for name in catalog.meant(target)}
    return {name: {"name": item.name, "tags": list(item.tags)} for name, item in found.items()}


def _thresholds(
    catalog: Catalog, rule: Rule, scores: Iterable[Score], questions: Iterable[str]
) -> Iterator[str]:
    conditions: list[Condition] = [rule.when, *(part for one in scores for part in one.count)]
    conditions += [part for name in questions for part in catalog.questionnaire.shown_when[name]]
    used = {clause.threshold for condition in conditions for clause, _ in clauses(condition)}
    return (name for name in catalog.thresholds if name in used)


def canonical(content: Mapping[str, Any]) -> bytes:
    """Return reviewed content as the bytes that are hashed: the same for the same content, however
    it was written.
    """
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def content_hash(catalog: Catalog, rule_id: str) -> str:
    """Return the sha256 of a rule's reviewed content."""
    return hashlib.sha256(canonical(reviewed_content(catalog, rule_id))).hexdigest()
