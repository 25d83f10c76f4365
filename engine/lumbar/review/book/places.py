"""Where in the book each thing has its place, and what it is called where a link leads to it."""

from collections.abc import Callable, Mapping

from lumbar.review.book.book import Book
from lumbar.review.book.crossref import Ref, spaced

# The page on which each kind of thing has its place.
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


def address(book: Book, to: Ref) -> str:
    """Return where a thing has its place in the book: 'items.html#item-massage-knead'."""
    if to.kind == "page":
        return to.id
    if to.kind == "topic":
        return f"topics/{to.id.replace('/', '-')}.html"
    page = _PAGES.get(to.kind)
    if to.kind == "rule":
        page = address(book, Ref("topic", book.cross.topic(book.catalog.rules[to.id]).id))
    return f"{page}#{anchor(to)}"


def anchor(to: Ref) -> str:
    """Return the id of a thing's place on its page."""
    return f"{to.kind}-{to.id.replace('/', '-')}"


def label(book: Book, to: Ref) -> str:
    """Return what a thing is called where a link leads to it."""
    catalog, name = book.catalog, to.id
    asked = catalog.questionnaire
    called: Mapping[str, Callable[[], str]] = {
        "rule": lambda: catalog.rules[name].title,
        "item": lambda: catalog.items[name].name,
        "question": lambda: asked.questions[name].name,
        "source": lambda: catalog.sources[name].title,
        "score": lambda: next(one.title for one in asked.scores if one.id == name),
        "kind": lambda: catalog.words.sections[name].title,  # type: ignore[index]
        "persona": lambda: book.personas[name].who.rstrip("."),
        "property": lambda: next(one.title for one in book.properties if one.id == name),
        "hazard": lambda: next(one.title for one in book.hazards if one.id == name),
        "asked": lambda: next(one.title for one in asked.topics if one.id == name),
        "topic": lambda: book.about[name].title,
        "threshold": lambda: "{0}: {1.value} {1.unit}".format(
            spaced(name), catalog.thresholds[name]
        ),
    }
    return called[to.kind]() if to.kind in called else spaced(name)
