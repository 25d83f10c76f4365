"""The rule book: which pages there are, what each is told, and where everything has its place."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from posixpath import relpath
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lumbar import safety
from lumbar.conditions import Condition
from lumbar.hazards import Control, controls
from lumbar.content import URGENCIES, kind_of
from lumbar.review import chains, picture
from lumbar.review.crossref import TopicRef, by_stage
from lumbar.review.entries import SAID, RuleEntry, entry, told, ways
from lumbar.review.picture import Ref
from lumbar.review.subject import Subject
from lumbar.rules import ALLOWED, STAGES

TEMPLATES = Path(__file__).parent / "templates"
STYLE = "book.css"


@dataclass(frozen=True)
class Page:
    """One page: where it lies in the book, its title, the template that shows it, and what the template is told."""

    path: str
    title: str
    template: str
    context: Mapping[str, Any]


# Where each kind of thing has its place: the page, and what its anchor begins with.
_PLACES: Mapping[str, str] = {
    "finding": "findings.html",
    "hazard": "hazards.html",
    "item": "items.html",
    "kind": "items.html",
    "persona": "people.html",
    "property": "safety.html",
    "question": "questions.html",
    "asked": "questions.html",
    "score": "scores.html",
    "source": "sources.html",
    "stage": "rules.html",
    "tag": "items.html",
    "threshold": "thresholds.html",
}
# What every page leads to, in this order.
CONTENTS: tuple[tuple[str, str], ...] = (
    ("index.html", "Start"),
    ("rules.html", "Rules"),
    ("questions.html", "Questions"),
    ("findings.html", "Findings"),
    ("scores.html", "Scores"),
    ("thresholds.html", "Thresholds"),
    ("items.html", "Items of care"),
    ("safety.html", "Safety properties"),
    ("hazards.html", "Hazard log"),
    ("sources.html", "Sources"),
    ("people.html", "Named people"),
    ("review.html", "Review"),
)


def address(subject: Subject, to: Ref) -> str:
    """Return where in the book a thing has its place, from the book's folder: 'items.html#item-massage-knead'."""
    if to.kind == "page":
        return to.id
    if to.kind == "topic":
        return f"topics/{to.id.replace('/', '-')}.html"
    page = _PLACES.get(to.kind)
    if to.kind == "rule":
        page = address(subject, Ref("topic", subject.cross.topic(subject.catalog.rules[to.id]).id))
    return f"{page}#{anchor(to)}"


def anchor(to: Ref) -> str:
    """Return the id of a thing's place on its page."""
    return f"{to.kind}-{to.id.replace('/', '-')}"


def label(subject: Subject, to: Ref) -> str:
    """Return what a thing is called where a link leads to it."""
    catalog = subject.catalog
    labels: Mapping[str, Callable[[str], str]] = {
        "rule": lambda name: catalog.rules[name].title,
        "item": lambda name: catalog.items[name].name,
        "question": lambda name: catalog.questionnaire.questions[name].name,
        "source": lambda name: catalog.sources[name].title,
        "score": lambda name: next(one.title for one in catalog.questionnaire.scores if one.id == name),
        "kind": lambda name: catalog.words.sections[name].title,  # type: ignore[index]
        "persona": lambda name: subject.personas[name].who.rstrip("."),
        "property": lambda name: next(one.title for one in subject.properties if one.id == name),
        "hazard": lambda name: next(one.title for one in subject.hazards if one.id == name),
        "asked": lambda name: next(one.title for one in catalog.questionnaire.topics if one.id == name),
        "topic": lambda name: spaced(name.replace("/", ": ")),
        "threshold": lambda name: f"{spaced(name)}: {catalog.thresholds[name].value} {catalog.thresholds[name].unit}",
    }
    return labels.get(to.kind, spaced)(to.id)


def spaced(name: str) -> str:
    """Return an id as words."""
    return name.replace("_", " ")


def pages(subject: Subject) -> Iterator[Page]:
    """Yield every page of the book."""
    catalog = subject.catalog
    entries = {rule.id: entry(subject, rule) for rule in catalog.rules.values()}
    yield Page("index.html", "The rule book", "index.html", _start(subject))
    for topic, rules in subject.cross.topics.items():
        context = {
            "topic": topic,
            "picture": chains.topic(subject.cross, topic),
            "entries": tuple(entries[rule.id] for rule in rules),
        }
        yield Page(address(subject, Ref("topic", topic.id)), topic.title.capitalize(), "topic.html", context)
    yield Page("rules.html", "Rules", "rules.html", {"stages": _by_stage(subject, entries), "allowed": _allowed()})
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
    signed = sum(one.status in {"valid", "due", "overdue"} for one in subject.standings.values())
    numbers = (
        ("rules.html", "rules in force", sum(map(len, catalog.by_stage.values()))),
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
        "stages": [(stage, catalog.by_stage[stage]) for stage in STAGES],
        "urgencies": URGENCIES,
        "allowed": _allowed(),
        "picture": chains.whole(subject.cross),
        "chain": tuple(chains.links(subject.cross)),
    }


def _allowed() -> Mapping[str, str]:
    return {stage: ", ".join(one.__name__.lower() for one in effects) for stage, effects in ALLOWED.items()}


def _by_stage(
    subject: Subject, entries: Mapping[str, RuleEntry]
) -> tuple[tuple[str, tuple[tuple[TopicRef, tuple[RuleEntry, ...]], ...]], ...]:
    topics = subject.cross.topics.items()
    return tuple(
        (stage, tuple((topic, tuple(entries[rule.id] for rule in rules)) for topic, rules in topics if topic[0] == stage))
        for stage in STAGES
    )


def _questions(subject: Subject) -> dict[str, Any]:
    questionnaire, readers = subject.catalog.questionnaire, subject.cross.readers
    return {
        "readers": {name: tuple(by_stage(subject.catalog, readers.get(name, ()))) for name in questionnaire.questions},
        "shown": {name: _shown(subject, conditions) for name, conditions in questionnaire.shown_when.items()},
    }


def _shown(subject: Subject, conditions: tuple[Condition, ...]) -> tuple[Any, ...]:
    return tuple(ways(subject.cross, one) for one in conditions)


def _findings(subject: Subject) -> dict[str, Any]:
    cross, rules = subject.cross, subject.catalog.rules
    return {
        "findings": {
            name: {
                "by": by,
                "values": tuple(
                    sorted({str(rules[ref.id].concludes[name]) for ref in by if rules[ref.id].concludes[name] is not True})
                ),
                "readers": tuple(by_stage(subject.catalog, cross.readers.get(name, ()))),
            }
            for name, by in sorted(cross.concluded_by.items())
        }
    }


def _scores(subject: Subject) -> dict[str, Any]:
    scores = subject.catalog.questionnaire.scores
    return {
        "readers": {one.id: tuple(by_stage(subject.catalog, subject.cross.readers.get(one.id, ()))) for one in scores},
        "counted": {one.id: tuple(ways(subject.cross, part) for part in one.count) for one in scores},
    }


def _items(subject: Subject) -> dict[str, Any]:
    catalog, cross = subject.catalog, subject.cross
    tags = sorted({tag for item in catalog.items.values() for tag in item.tags})
    return {
        "kinds": [(kind, tuple(names)) for kind, names in groupby(catalog.items, key=kind_of)],
        "offered": {name: cross.offered_by.get(name, ()) for name in catalog.items},
        "withheld": {name: cross.withheld_by.get(name, ()) for name in catalog.items},
        "tags": {tag: [Ref("item", name) for name, one in catalog.items.items() if tag in one.tags] for tag in tags},
    }


def _safety(subject: Subject) -> dict[str, Any]:
    return {
        "groups": [(hazard, tuple(some)) for hazard, some in groupby(subject.properties, key=lambda one: one.hazard)],
        "about": {one.id: tuple(Ref("question", name) for name in safety.for_each(subject.catalog, one)) for one in subject.properties},
        "hazards": {one.id for one in subject.hazards},
    }


def _controls(subject: Subject) -> Mapping[str, tuple[Control, ...]]:
    return {one.id: controls(one, subject.properties) for one in subject.hazards}


_PRESSING = ("broken_record", "disputed", "changed", "overdue", "due")


def _review(subject: Subject) -> dict[str, Any]:
    catalog, standings = subject.catalog, subject.standings
    counts = {
        stage: {status: sum(standings[rule.id].status == status for rule in catalog.rules.values() if catalog.stage_of[rule.id] == stage) for status in SAID}
        for stage in STAGES
    }
    return {
        "counts": counts,
        "statuses": [status for status in SAID if any(one[status] for one in counts.values())],
        "pressing": [(status, found) for status in _PRESSING if (found := [one for one in standings.values() if one.status == status])],
        "stages": [(stage, [standings[rule.id] for rule in catalog.rules.values() if catalog.stage_of[rule.id] == stage]) for stage in STAGES],
        "said": SAID,
    }


def rendered(subject: Subject) -> Iterator[tuple[str, str]]:
    """Yield every file of the book: its path and its text. The same subject always gives the same text."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"spaced": spaced, "as_rule": partial(Ref, "rule")}
    environment.globals |= {
        "anchor": lambda kind, name: anchor(Ref(kind, name)),
        "catalog": subject.catalog,
        "contents": CONTENTS,
        "label": partial(label, subject),
        "said": SAID,
        "ref": Ref,
        "styles": picture.styles,
        "subject": subject,
    }
    for page in pages(subject):
        folder = page.path.rpartition("/")[0]
        href = partial(_from, folder, subject)
        yield page.path, environment.get_template(page.template).render({**page.context, "page": page, "href": href})
    yield STYLE, (TEMPLATES / STYLE).read_text(encoding="utf-8")


def _from(folder: str, subject: Subject, to: Ref) -> str:
    """Return the address of a thing as seen from a folder of the book."""
    path, mark, place = address(subject, to).partition("#")
    return f"{relpath(path, folder or '.')}{mark}{place}"
