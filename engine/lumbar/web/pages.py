"""Filling templates with what stands on a page; the words are those of `content/`."""

import re
from base64 import b64encode
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from lumbar.intake.interview import Interview
from lumbar.intake.length import minutes_left
from lumbar.pictures.picture import picture, plain_picture
from lumbar.pictures.regions import body
from lumbar.pictures.style import style as pictured
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.items import that_matter
from lumbar.rulebook.words import fill
from lumbar.web import pdf

TEMPLATES = Path(__file__).parent / "templates"
STYLES = ("base", "asking", "planned", "saving", "print")  # in this order; what is printed is last
SCRIPTS = ("timer", "code")  # each makes the page easier that is named in engine/README.md


class Pages:
    """Every page of one catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog, self._words = catalog, catalog.words
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        fresh = Interview(catalog.questionnaire, {}, self._words.interview)
        minutes = minutes_left(fresh, self._words.interview)
        number = catalog.operator.emergency_number or ""
        self._environment.globals |= {
            "words": self._words,
            "says": self._words.web,
            "fill": fill,
            "told": catalog.operator.fill,
            "operator": catalog.operator,
            "length": self._words.counted(self._words.interview.minutes, minutes),
            "go_now": that_matter(catalog.safety_net.go_now, fresh.answers.facts),
            "number_to_call": number if re.fullmatch(r"[0-9+ ]+", number) else "",
            "picture": self.picture,
            "body": Markup(body()),  # noqa: S704 - there is no word in it
            "pdf": pdf.available(),
            "open": False,  # whether somebody is being asked in this browser
            "saved": False,
        }
        self._drawn: dict[str, Markup] = {}
        own = "".join((TEMPLATES / f"{one}.css").read_text(encoding="utf-8") for one in STYLES)
        self.style = _close(f"{own}{pictured()}\n")
        self.scripts = {
            one: (TEMPLATES / f"{one}.js").read_text(encoding="utf-8") for one in SCRIPTS
        }
        self.icon = (TEMPLATES / "icon.svg").read_text(encoding="utf-8")

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """Return a page."""
        return HTMLResponse(self.text(template, **values), status)

    def text(self, template: str, **values: Any) -> str:
        """Return the text of a page."""
        return self._environment.get_template(template).render(values)

    def failed(self, status: int) -> Response:
        """Return the page that says why there is no page."""
        problems = self._words.web.problems
        said = {404: problems.not_found, 405: problems.not_found, 503: problems.not_now}
        said |= dict.fromkeys((400, 403), problems.expired)
        said |= {413: problems.too_much, 429: problems.too_often}
        return self.page("problem.html", status, problem=said.get(status, problems.broken))

    def picture(self, item: str) -> Markup:
        """Return the picture of an item, which our style sheet colours; nothing if it has none."""
        if item not in self.catalog.figures:
            return Markup("")
        if item not in self._drawn:  # drawing takes longer than all the rest of a page
            drawn = picture(self.catalog, item, styled=False)
            self._drawn[item] = Markup(drawn)  # noqa: S704 - it escapes its words
        return self._drawn[item]

    def plain_picture(self, item: str) -> Markup:
        """Return the picture of an item as an image with its name, for a PDF."""
        if item not in self.catalog.figures:
            return Markup("")
        drawn = b64encode(plain_picture(self.catalog, item).encode()).decode()
        name = self.catalog.items[item].name
        return Markup('<img alt="{}" src="data:image/svg+xml;base64,{}">').format(name, drawn)


def _close(style: str) -> str:
    """Return a style sheet without what only its writers need."""
    told = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    told = re.sub(r"\s*([{};])\s*|(?<=[:,])\s+", r"\1", told)
    return told.replace(";}", "}").strip()
