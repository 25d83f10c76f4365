"""Where in the book each thing has its place, and what it is called where a link leads to it."""

from collections.abc import Callable, Mapping

from lumbar.review.book.crossref import Ref
from lumbar.review.book.subject import Subject

# Where each kind of thing has its place: the page, and what its anchor begins with.
_PAGES: Mapping[str, str] = {
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


def address(subject: Subject, to: Ref) -> str:
    """Return where in the book a thing has its place, from the book's folder:
    'items.html#item-massage-knead'.
    """
    if to.kind == "page":
        return to.id
    if to.kind == "topic":
        return f"topics/{to.id.replace('/', '-')}.html"
    page = _PAGES.get(to.kind)
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
        "score": lambda name: next(
            one.title for one in catalog.questionnaire.scores if one.id == name
        ),
        "kind": lambda name: catalog.words.sections[name].title,  # type: ignore[index]
        "persona": lambda name: subject.personas[name].who.rstrip("."),
        "property": lambda name: next(one.title for one in subject.properties if one.id == name),
        "hazard": lambda name: next(one.title for one in subject.hazards if one.id == name),
        "asked": lambda name: next(
            one.title for one in catalog.questionnaire.topics if one.id == name
        ),
        "topic": lambda name: spaced(name.replace("/", ": ")),
        "threshold": lambda name: (
            f"{spaced(name)}: {catalog.thresholds[name].value} {catalog.thresholds[name].unit}"
        ),
    }
    return labels.get(to.kind, spaced)(to.id)


def spaced(name: str) -> str:
    """Return an id as words."""
    return name.replace("_", " ")
