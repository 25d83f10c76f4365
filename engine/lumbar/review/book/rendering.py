"""The rule book as files: every page filled into its template. The same subject always gives the
same bytes.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from posixpath import relpath

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from lumbar.review.book.crossref import Ref
from lumbar.review.book.pages import pages
from lumbar.review.book.places import address, anchor, label, spaced
from lumbar.review.book.subject import Subject
from lumbar.review.signing.standings import WORDS

TEMPLATES = Path(__file__).parent / "templates"
STYLE = "book.css"
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


def rendered(subject: Subject, progress: Callable[[int, int], None]) -> Iterator[tuple[str, str]]:
    """Yield every file of the book, its path and its text, telling the progress: pages done, of how
    many.
    """
    environment = _environment(subject)
    every = tuple(pages(subject))
    for done, page in enumerate(every, 1):
        href = partial(_from, page.path.rpartition("/")[0], subject)
        yield (
            page.path,
            environment.get_template(page.template).render(
                {**page.context, "page": page, "href": href}
            ),
        )
        progress(done, len(every))
    yield STYLE, (TEMPLATES / STYLE).read_text(encoding="utf-8")


def _environment(subject: Subject) -> Environment:
    """Return templates that know the subject; each page adds `href`, for links are told from where
    it lies.
    """
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
        "as_rule": partial(Ref, "rule"),
    }
    environment.globals |= {
        "anchor": lambda kind, name: anchor(Ref(kind, name)),
        "catalog": subject.catalog,
        "contents": CONTENTS,
        "label": partial(label, subject),
        "ref": Ref,
        "said": WORDS,
        "subject": subject,
    }
    return environment


def _breaking(name: str) -> Markup:
    """Return an id, escaped, that may be broken over lines after each part of it."""
    return Markup("_<wbr>").join(name.split("_"))


def _from(folder: str, subject: Subject, to: Ref) -> str:
    """Return the address of a thing as seen from a folder of the book."""
    path, mark, place = address(subject, to).partition("#")
    return f"{relpath(path, folder or '.')}{mark}{place}"
