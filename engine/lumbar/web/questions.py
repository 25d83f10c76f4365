"""What the pages that ask show of an interview."""

from collections.abc import Sequence
from math import ceil
from typing import Any

from lumbar.intake.cards import not_ticked, on_card
from lumbar.intake.interview import Interview
from lumbar.intake.length import left
from lumbar.intake.typed import about
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.questionnaire import Number, OneOf
from lumbar.rulebook.words import WordsFile, fill
from lumbar.web.answering import choices
from lumbar.web.session import Session


def question(
    words: WordsFile,
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
    minutes = ceil(left(at, words.interview).minutes)
    says = words.interview.topic
    typed = isinstance(question, Number) and not choices(question)
    said = at.said
    before = said if isinstance(said, frozenset) else {str(said)}
    return {
        "question": question,
        "topic": topic,
        "progress": words.counted(says, minutes, title=topic.title, place=place, total=total),
        "place": place,
        "total": total,
        "choices": choices(question),
        "numbers": isinstance(question, Number),
        "one": isinstance(question, Number | OneOf),
        "typed": typed,
        "hint": about(words, question) if isinstance(question, Number) else "",
        "help_shown": at.needs_help or at.card is not None,
        "picked": set(given) if error else before,
        "text": _typed(question, said, error, given) if typed else "",
        "error": error,
        "number": number,
        "urgent": session.urgent,
        "changing": session.complete,
    }


def _typed(question: Any, said: Any, error: str, given: Sequence[str]) -> str:
    if error:
        return next(iter(given), "")
    return "" if said is None else str(question.in_words(said))


def contradiction(words: WordsFile, at: Interview, other: Number) -> str:
    """Return which answer the one just given does not go together with."""
    question, says = at.question, words.web
    assert isinstance(question, Number)
    text = says.under_other if question.at_least == other.id else says.over_other
    return fill(text, name=other.name, answer=other.in_words(at.answers[other.id]))


def check(catalog: Catalog, interview: Interview) -> list[dict[str, Any]]:
    """Return each topic with the answers in it, less what was not ticked on its card."""
    asked, answers = set(interview.asked()), interview.answers
    not_answered = catalog.words.page.not_answered
    topics = []
    for topic in catalog.questionnaire.topics:
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
