"""The rule book as files: every page filled into its template, the same bytes for the same book."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from posixpath import relpath
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from lumbar.pictures.picture import picture
from lumbar.pictures.style import style as pictured
from lumbar.review.book.book import Book
from lumbar.review.book.chains import links
from lumbar.review.book.crossref import Ref, TopicRef, spaced
from lumbar.review.book.entries import answers_in_words, entry, tree
from lumbar.review.book.places import address, anchor, label
from lumbar.review.properties import safety
from lumbar.review.properties.hazards import controls
from lumbar.review.signing.standings import WORDS
from lumbar.review.words import counted
from lumbar.rulebook.items import URGENCIES
from lumbar.rulebook.questionnaire import SignKind
from lumbar.rulebook.rules import ALLOWED

TEMPLATES = Path(__file__).parent / "templates"
STYLE = "book.css"


class Page(NamedTuple):
    """One page: where it lies in the book, its title, its template, and its topic if it has one."""

    path: str
    title: str
    template: str
    topic: TopicRef | None = None


# What every page leads to, in this order.
CONTENTS = tuple(
    Page(path, title, path)
    for path, title in (
        ("index.html", "The rule book"),
        ("rules.html", "Rules"),
        ("questions.html", "Questions"),
        ("findings.html", "Findings"),
        ("scores.html", "Scores"),
        ("thresholds.html", "Thresholds"),
        ("items.html", "Items of care"),
        ("safety.html", "Safety properties"),
        ("audit.html", "Audit"),
        ("hazards.html", "Hazard log"),
        ("sources.html", "Sources"),
        ("people.html", "Named people"),
        ("review.html", "Review"),
    )
)

DOES: Mapping[SignKind, str] = {
    "decisive": "acts alone",
    "contributing": "counts with others",
    "background": "changes nothing alone",
}


def rendered(book: Book, progress: Callable[[int, int], None]) -> Iterator[tuple[str, str]]:
    """Yield every file of the book, its path and its text; `progress` hears pages done, of all."""
    environment = _environment(book)
    pages = [*CONTENTS, *(_page(book, topic) for topic in book.cross.topics)]
    for done, page in enumerate(pages, 1):
        href = partial(_from, page.path.rpartition("/")[0], book)
        yield page.path, environment.get_template(page.template).render(page=page, href=href)
        progress(done, len(pages))
    look = (TEMPLATES / STYLE).read_text(encoding="utf-8")
    yield STYLE, f"{look}/* The pictures. */\n{pictured()}\n"


def _page(book: Book, topic: TopicRef) -> Page:
    return Page(
        address(book, Ref("topic", topic.id)), book.about[topic.id].title, "topic.html", topic
    )


def _environment(book: Book) -> Environment:
    """Return templates that know the book.

    Each page adds `page`, and `href`, for links are told from where it lies.
    """
    entries = {name: entry(book, rule) for name, rule in book.catalog.rules.items()}
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "spaced": spaced,
        "breaking": _breaking,
        "entry": entries.__getitem__,
        "as_ref": lambda name, kind: Ref(kind, name),
    }
    environment.globals |= _known(book)
    return environment


def _known(book: Book) -> dict[str, Any]:
    """Return what every template can ask."""
    return {
        "allowed": {
            stage: ", ".join(one.__name__.lower() for one in effects)
            for stage, effects in ALLOWED.items()
        },
        "anchor": lambda kind, name: anchor(Ref(kind, name)),
        "answers_in_words": partial(answers_in_words, book.catalog),
        "asked_of": partial(safety.for_each, book.catalog),
        "book": book,
        "catalog": book.catalog,
        "contents": CONTENTS,
        "controls": lambda hazard: controls(hazard, book.properties),
        "counted": counted,
        "cross": book.cross,
        "does": DOES,
        "label": partial(label, book),
        "links_of_topics": tuple(links(book.cross)),
        "picture": partial(_picture, book),
        "ref": Ref,
        "said": WORDS,
        "tree": partial(tree, book.cross),
        "urgencies": URGENCIES,
    }


def _picture(book: Book, item: str) -> Markup:
    """Return the picture of an item, which the style sheet of the book colours."""
    return Markup(picture(book.catalog, item, styled=False))  # noqa: S704 - it escapes its words


def _breaking(name: str) -> Markup:
    """Return an id, escaped, that may be broken over lines after each part of it."""
    return Markup("_<wbr>").join(name.split("_"))


def _from(folder: str, book: Book, to: Ref) -> str:
    """Return the address of a thing as seen from a folder of the book."""
    path, mark, place = address(book, to).partition("#")
    return f"{relpath(path, folder or '.')}{mark}{place}"
