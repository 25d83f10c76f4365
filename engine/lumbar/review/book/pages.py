"""The pages of the rule book, and what each tells: the same for a folder of files as for a web
server.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from lumbar.review.book.chains import links
from lumbar.review.book.crossref import Ref, TopicRef, by_stage
from lumbar.review.book.entries import Joined, Phrase, RuleEntry, entry, told, tree
from lumbar.review.book.places import address
from lumbar.review.book.subject import Subject
from lumbar.review.properties import safety
from lumbar.review.properties.hazards import Control, controls
from lumbar.review.signing.standings import WORDS, needs
from lumbar.rulebook.conditions import Condition
from lumbar.rulebook.items import URGENCIES, kind_of
from lumbar.rulebook.rules import ALLOWED, STAGES
from lumbar.signatures.signoffs import SIGNED, Status


@dataclass(frozen=True)
class Page:
    """One page: where it lies in the book, its title, the template that shows it, and what the
    template is told.
    """

    path: str
    title: str
    template: str
    context: Mapping[str, Any]


def pages(subject: Subject) -> Iterator[Page]:
    """Yield every page of the book."""
    catalog = subject.catalog
    entries = {rule.id: entry(subject, rule) for rule in catalog.rules.values()}
    yield Page("index.html", "The rule book", "index.html", _start(subject))
    for topic, rules in subject.cross.topics.items():
        context = {"topic": topic, "entries": tuple(entries[rule.id] for rule in rules)}
        yield Page(
            address(subject, Ref("topic", topic.id)),
            f"{topic.stage}: {topic.title}".capitalize(),
            "topic.html",
            context,
        )
    yield Page(
        "rules.html",
        "Rules",
        "rules.html",
        {"stages": _by_stage(subject, entries), "allowed": _allowed()},
    )
    yield Page("questions.html", "Questions", "questions.html", _questions(subject))
    yield Page("findings.html", "Findings", "findings.html", _findings(subject))
    yield Page("scores.html", "Scores", "scores.html", _scores(subject))
    readers = {one: subject.cross.threshold_readers.get(one, ()) for one in catalog.thresholds}
    yield Page("thresholds.html", "Thresholds", "thresholds.html", {"readers": readers})
    yield Page("items.html", "Items of care", "items.html", _items(subject))
    yield Page("safety.html", "Safety properties", "safety.html", _safety(subject))
    yield Page("hazards.html", "Hazard log", "hazards.html", {"controls": _controls(subject)})
    yield Page("sources.html", "Sources", "sources.html", {})
    answers = {person.name: told(catalog, person.persona.answers) for person in subject.people}
    yield Page("people.html", "Named people", "people.html", {"answers": answers})
    yield Page("review.html", "Review", "review.html", _review(subject))


def _start(subject: Subject) -> dict[str, Any]:
    catalog = subject.catalog
    rules = [rule for stage in STAGES for rule in catalog.by_stage[stage]]
    signed = sum(subject.standings[rule.id].status in SIGNED for rule in rules)
    numbers = (
        ("rules.html", "rules in force", len(rules)),
        ("rules.html", "topics of rules", len(subject.cross.topics)),
        ("questions.html", "questions", len(catalog.questionnaire.questions)),
        ("findings.html", "findings", len(subject.cross.concluded_by)),
        ("scores.html", "scores", len(catalog.questionnaire.scores)),
        ("thresholds.html", "thresholds", len(catalog.thresholds)),
        ("items.html", "items of care", len(catalog.items)),
        ("safety.html", "safety properties", len(subject.properties)),
        ("hazards.html", "hazards", len(subject.hazards)),
        ("sources.html", "sources", len(catalog.sources)),
        ("people.html", "named people", len(subject.people)),
        ("review.html", "rules validly signed", signed),
    )
    return {
        "numbers": numbers,
        "in_force": len(rules),
        "drafts": sum(rule.status == "draft" for rule in rules),
        "signed": signed,
        "stages": [(stage, catalog.by_stage[stage]) for stage in STAGES],
        "urgencies": URGENCIES,
        "allowed": _allowed(),
        "chain": tuple(links(subject.cross)),
    }


def _allowed() -> Mapping[str, str]:
    return {
        stage: ", ".join(one.__name__.lower() for one in effects)
        for stage, effects in ALLOWED.items()
    }


def _by_stage(
    subject: Subject, entries: Mapping[str, RuleEntry]
) -> tuple[tuple[str, tuple[tuple[TopicRef, tuple[RuleEntry, ...]], ...]], ...]:
    topics = subject.cross.topics.items()
    return tuple(
        (
            stage,
            tuple(
                (topic, tuple(entries[rule.id] for rule in rules))
                for topic, rules in topics
                if topic[0] == stage
            ),
        )
        for stage in STAGES
    )


def _questions(subject: Subject) -> dict[str, Any]:
    questionnaire, readers = subject.catalog.questionnaire, subject.cross.readers
    return {
        "readers": {
            name: tuple(by_stage(subject.catalog, readers.get(name, ())))
            for name in questionnaire.questions
        },
        "shown": {
            name: _shown(subject, conditions)
            for name, conditions in questionnaire.shown_when.items()
        },
    }


def _shown(subject: Subject, conditions: tuple[Condition, ...]) -> tuple[Phrase | Joined, ...]:
    return tuple(tree(subject.cross, one) for one in conditions)


def _findings(subject: Subject) -> dict[str, Any]:
    cross, rules = subject.cross, subject.catalog.rules
    return {
        "findings": {
            name: {
                "by": by,
                "values": tuple(
                    sorted(
                        {
                            str(rules[ref.id].concludes[name])
                            for ref in by
                            if rules[ref.id].concludes[name] is not True
                        }
                    )
                ),
                "readers": tuple(by_stage(subject.catalog, cross.readers.get(name, ()))),
            }
            for name, by in sorted(cross.concluded_by.items())
        }
    }


def _scores(subject: Subject) -> dict[str, Any]:
    scores = subject.catalog.questionnaire.scores
    return {
        "readers": {
            one.id: tuple(by_stage(subject.catalog, subject.cross.readers.get(one.id, ())))
            for one in scores
        },
        "counted": {one.id: _shown(subject, one.count) for one in scores},
    }


def _items(subject: Subject) -> dict[str, Any]:
    catalog, cross = subject.catalog, subject.cross
    tags = sorted({tag for item in catalog.items.values() for tag in item.tags})
    return {
        "kinds": [(kind, tuple(names)) for kind, names in groupby(catalog.items, key=kind_of)],
        "offered": {name: cross.offered_by.get(name, ()) for name in catalog.items},
        "withheld": {name: cross.withheld_by.get(name, ()) for name in catalog.items},
        "tags": {
            tag: [Ref("item", name) for name, one in catalog.items.items() if tag in one.tags]
            for tag in tags
        },
    }


def _safety(subject: Subject) -> dict[str, Any]:
    asked = {one.id: safety.for_each(subject.catalog, one) for one in subject.properties}
    tables: dict[str, list[safety.Property]] = {}
    for one in subject.properties:
        tables.setdefault(one.heading, []).append(one)
    return {
        "tables": tables,
        "one_claim": {
            heading: len({(one.must, one.change) for one in rows}) == 1
            for heading, rows in tables.items()
        },
        "about": {
            one: tuple(Ref("question", name) for name in names) for one, names in asked.items()
        },
        "where": {one.id: tree(subject.cross, one.when) for one in subject.properties if one.when},
        "must": {one.id: tree(subject.cross, one.must) for one in subject.properties if one.must},
        "everybody": tuple(
            Ref("property", one) for one, said in subject.spoken.items() if said.of_all
        ),
    }


# What the list of the review begins with, worst first.
_PRESSING: tuple[Status, ...] = ("broken_record", "disputed", "changed", "overdue", "due")


def _controls(subject: Subject) -> Mapping[str, tuple[Control, ...]]:
    return {one.id: controls(one, subject.properties) for one in subject.hazards}


def _review(subject: Subject) -> dict[str, Any]:
    catalog = subject.catalog
    stages = {
        stage: tuple(
            subject.standings[name] for name, of in catalog.stage_of.items() if of == stage
        )
        for stage in STAGES
    }
    met = {one.status for one in subject.standings.values()}
    return {
        "stages": stages,
        "counts": {stage: Counter(one.status for one in those) for stage, those in stages.items()},
        "statuses": [status for status in WORDS if status in met],
        "pressing": {
            status: tuple(subject.with_status(status)) for status in _PRESSING if status in met
        },
        "needs": needs(
            catalog, tuple(one for one in subject.standings.values() if one.status != "retired")
        ),
    }
