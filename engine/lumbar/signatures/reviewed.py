"""What somebody reads who signs a rule, or the rule set as a whole: what a signature is bound to.

It is made from the loaded catalog: layout, comments, the order of keys and the file a rule lies in
are no part of it.
"""

import json
from collections.abc import Iterable
from typing import Any

from lumbar.reading.record import Record
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Condition, clauses
from lumbar.rulebook.items import labels_of
from lumbar.rulebook.rules import Rule
from lumbar.rulebook.scores import Score

RULE_SET = "rule set"  # no rule can be called so: an id has no spaces


def reviewed(catalog: Catalog, name: str) -> dict[str, Any]:
    """Return all that is read in a rule, or in the RULE_SET, as plain data by part.

    What is not in it voids no signature.
    """
    return _whole(catalog) if name == RULE_SET else _of_rule(catalog, catalog.rules[name])


def _whole(catalog: Catalog) -> dict[str, Any]:
    """Return the rules in force, all they can read and show, and the frame around every plan."""
    asked, limits = catalog.questionnaire, catalog.limits
    return {
        "rules": {rule.id: _own(catalog, rule) for rule in catalog.in_force},
        "limits": _plain(limits, "sections") | {one.id: _plain(one) for one in limits.sections},
        "safety_net": _plain(catalog.safety_net),
        "words": _plain(catalog.words),
        **_read(catalog, asked.scores, asked.questions, catalog.thresholds, catalog.items),
        "sources": {name: _plain(one) for name, one in catalog.sources.items()},
    }


def _of_rule(catalog: Catalog, rule: Rule) -> dict[str, Any]:
    asked, words = catalog.questionnaire, catalog.words
    scores = [one for one in asked.scores if one.id in rule.when.reads]
    named = _with_gates(
        catalog, {*rule.when.reads, *(name for one in scores for name in one.reads)}
    )
    questions = [name for name in asked.questions if name in named]
    conditions: list[Condition] = [rule.when, *(part for one in scores for part in one.count)]
    conditions += [part for name in questions for part in asked.shown_when[name]]
    used = {clause.threshold for when in conditions for clause, _ in clauses(when)} - {""}
    shown = [*(one.recommend for one in rule.recommends), *(one.refer for one in rule.refers)]
    items = [catalog.items[name] for name in shown]
    cited = {one.source for part in (rule, *items) for one in part.evidence}
    cited |= {one.source for one in scores} | {catalog.thresholds[name].source for name in used}
    return {
        **_own(catalog, rule),
        **_read(catalog, scores, questions, used, shown),
        "kept_out": {effect.avoid: _kept_out(catalog, effect.avoid) for effect in rule.avoids},
        "left_out": words.left_out.avoided if rule.avoids else "",
        "labels": {
            one: _plain(words.labels[one]) for item in items for one in sorted(labels_of(item))
        },
        "urgencies": {one.urgency: _plain(words.urgency[one.urgency]) for one in rule.refers},
        "sources": {name: _plain(catalog.sources[name]) for name in sorted(cited)},
    }


def _own(catalog: Catalog, rule: Rule) -> dict[str, Any]:
    return {
        "stage": catalog.stage_of[rule.id],
        "when": str(rule.when),
        "then": [_plain(effect) for effect in rule.then],
        **_plain(rule, "when", "then", "status", "examples"),
    }


def _read(
    catalog: Catalog,
    scores: Iterable[Score],
    questions: Iterable[str],
    thresholds: Iterable[str],
    items: Iterable[str],
) -> dict[str, Any]:
    return {
        "thresholds": {name: _plain(catalog.thresholds[name]) for name in sorted(thresholds)},
        "scores": {
            one.id: {**_plain(one, "count"), "count": [str(part) for part in one.count]}
            for one in scores
        },
        "questions": {name: _question(catalog, name) for name in questions},
        "items": {name: _plain(catalog.items[name]) for name in items},
    }


def _plain(record: Record, *without: str) -> dict[str, Any]:
    # what an entry leaves out is left out here too: a new optional field of the program must void
    # no signature
    return record.plain(*without, short=True)


def _with_gates(catalog: Catalog, asked: set[str]) -> set[str]:
    """Return the questions with those, asked before them, that decide whether they are asked."""
    for name, conditions in reversed(list(catalog.questionnaire.shown_when.items())):
        if name in asked:
            asked = asked.union(*(condition.reads for condition in conditions))
    return asked


def _question(catalog: Catalog, name: str) -> dict[str, Any]:
    """Return a question as it is asked: its code and the example person's answer are no part."""
    shown_when = [str(condition) for condition in catalog.questionnaire.shown_when[name]]
    question = catalog.questionnaire.questions[name]
    return {**_plain(question, "shown_when", "code", "example"), "shown_when": shown_when}


def _kept_out(catalog: Catalog, target: str) -> dict[str, Any]:
    """Return the items that a target means: of these a person reads only the names."""
    found = {name: catalog.items[name] for name in catalog.meant(target)}
    return {name: {"name": item.name, "tags": list(item.tags)} for name, item in found.items()}


def hash_of(plain: Any) -> str:
    """Return the sha256 of plain data: the same for the same data, however it was written."""
    from hashlib import sha256

    text = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()
