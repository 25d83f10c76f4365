"""What stands on each page, filled into its template; the words are those of `content/`."""

import re
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from lumbar.intake.cards import not_ticked, on_card
from lumbar.intake.interview import Interview
from lumbar.intake.length import left
from lumbar.intake.typed import about
from lumbar.pictures.picture import picture
from lumbar.pictures.style import style as pictured
from lumbar.plan.blocks import card, layers
from lumbar.plan.document import Plan
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.items import that_matter
from lumbar.rulebook.questionnaire import Number, OneOf
from lumbar.rulebook.words import fill
from lumbar.web.answering import choices
from lumbar.web.sessions import Session

TEMPLATES = Path(__file__).parent / "templates"


class Pages:
    """Every page of one catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog, self._words = catalog, catalog.words
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        fresh = Interview(catalog.questionnaire, {}, self._words.interview)
        minutes = ceil(left(fresh, self._words.interview).minutes)
        number = catalog.operator.emergency_number
        self._environment.globals |= {
            "words": self._words,
            "says": self._words.web,
            "fill": fill,
            "told": catalog.operator.fill,
            "length": self._words.counted(self._words.interview.minutes, minutes),
            "go_now": that_matter(catalog.safety_net.go_now, fresh.answers.facts),
            "number_to_call": number if re.fullmatch(r"[0-9+ ]+", number) else "",
            "picture": self._picture,
        }
        own = (TEMPLATES / "web.css").read_text(encoding="utf-8")
        self.style = f"{own}{pictured()}\n"
        self.icon = (TEMPLATES / "icon.svg").read_text(encoding="utf-8")

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """Return a page."""
        text = self._environment.get_template(template).render(values)
        return HTMLResponse(text, status)

    def failed(self, status: int) -> Response:
        """Return the page that says why there is no page."""
        problems = self._words.web.problems
        said = {404: problems.not_found, 405: problems.not_found, 503: problems.full}
        said |= dict.fromkeys((400, 403, 413), problems.expired)
        return self.page("problem.html", status, problem=said.get(status, problems.broken))

    def question(
        self,
        at: Interview,
        session: Session,
        number: int,
        error: str = "",
        given: Sequence[str] = (),
    ) -> dict[str, Any]:
        """Return what the page of the question, or card, at a place of a session needs.

        With an `error` it shows what was `given`, else what was answered before.
        """
        question, topic = at.question, at.topic
        assert question is not None and topic is not None
        place, total = at.progress()
        minutes = ceil(left(at, self._words.interview).minutes)
        says = self._words.interview.topic
        typed = isinstance(question, Number) and not choices(question)
        said = at.said
        before = said if isinstance(said, frozenset) else {str(said)}
        return {
            "question": question,
            "topic": topic,
            "progress": self._words.counted(
                says, minutes, title=topic.title, place=place, total=total
            ),
            "place": place,
            "total": total,
            "choices": choices(question),
            "numbers": isinstance(question, Number),
            "one": isinstance(question, Number | OneOf),
            "typed": typed,
            "hint": about(self._words, question) if isinstance(question, Number) else "",
            "help_shown": at.needs_help or at.card is not None,
            "picked": set(given) if error else before,
            "text": self._typed(question, said, error, given) if typed else "",
            "error": error,
            "number": number,
            "urgent": session.urgent,
            "changing": session.complete,
        }

    @staticmethod
    def _typed(question: Any, said: Any, error: str, given: Sequence[str]) -> str:
        if error:
            return next(iter(given), "")
        return "" if said is None else str(question.in_words(said))

    def contradiction(self, at: Interview, other: Number) -> str:
        """Return which answer the one just given does not go together with."""
        question, says = at.question, self._words.web
        assert isinstance(question, Number)
        text = says.under_other if question.at_least == other.id else says.over_other
        return fill(text, name=other.name, answer=other.in_words(at.answers[other.id]))

    def check(self, interview: Interview) -> list[dict[str, Any]]:
        """Return each topic with the answers in it, less what was not ticked on its card."""
        asked, answers = set(interview.asked()), interview.answers
        not_answered = self._words.page.not_answered
        topics = []
        for topic in self._catalog.questionnaire.topics:
            here = [one for one in topic.questions if one.id in asked]
            quiet = {one.id for one in on_card(topic) if answers.get(one.id) == not_ticked(one)}
            rows = [
                (one, one.in_words(answers[one.id]) if one.id in answers else not_answered)
                for one in here
            ]
            if rows:
                shown = [row for row in rows if row[0].id not in quiet]
                rest = [row for row in rows if row[0].id in quiet]
                topics.append({"title": topic.title, "shown": shown, "rest": rest})
        return topics

    def plan(self, plan: Plan) -> dict[str, Any]:
        """Return the layers of a plan, and the number of the page of each thing to do."""
        first, *rest = layers(plan, self._words)
        items = _items(plan)
        numbers = {one.item: number for number, one in enumerate(items, 1)}
        named = {one.name: numbers[one.item] for one in items}
        return {"plan": plan, "first": first, "rest": rest, "numbers": numbers, "named": named}

    def how(self, plan: Plan, number: int) -> dict[str, Any] | None:
        """Return what the page of the n-th thing to do needs; None where there is none."""
        items = _items(plan)
        if not 1 <= number <= len(items):
            return None
        item = items[number - 1]
        blocks = [one for one in card(plan, self._words, item) if one.kind != "item"]
        following = items[number] if number < len(items) else None
        return {"item": item, "blocks": blocks, "number": number, "following": following}

    def _picture(self, item: str) -> Markup:
        """Return the picture of an item, which our style sheet colours; nothing if it has none."""
        if item not in self._catalog.figures:
            return Markup("")
        return Markup(picture(self._catalog, item, styled=False))  # noqa: S704 - it escapes its words


def _items(plan: Plan) -> list[Any]:
    return [one for section in plan.sections for one in section.items]
