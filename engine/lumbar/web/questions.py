"""What the pages that ask show of an interview."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from lumbar.intake.cards import not_ticked, on_card
from lumbar.intake.interview import Interview
from lumbar.intake.length import minutes_left
from lumbar.intake.screen import Part
from lumbar.intake.typed import Refused, about
from lumbar.pictures.regions import region
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Value
from lumbar.rulebook.questionnaire import Number, OneOf, SeveralOf, Topic
from lumbar.rulebook.words import WordsFile, fill
from lumbar.web.answering import answer_from, choices
from lumbar.web.session import Session

_SHORT = 22  # letters of a label that stands beside another on a phone, on two lines at most
_MANY = 5  # so many short choices, and more, stand two in a row
_MOST_WAYS = 6  # for so many the style sheet shows a further question once an option is picked


@dataclass(frozen=True)
class Field:
    """A question on a page; `shown_by` numbers what must be picked for it, 0 where nothing must.

    `opens` are, for each option, the numbers of what is shown by it.
    """

    question: Number | OneOf | SeveralOf
    choices: Sequence[tuple[str, str]]
    picked: frozenset[str]
    text: str
    hint: str
    error: str
    help_shown: bool
    shown_by: int
    opens: Mapping[str, Sequence[int]]
    applies: bool
    regions: Sequence[tuple[int, Markup]]  # of the body, by the place of their option

    @property
    def typed(self) -> bool:
        """Whether the answer is typed."""
        return not self.choices

    @property
    def one(self) -> bool:
        """Whether one choice is to be picked."""
        return not isinstance(self.question, SeveralOf)

    @property
    def numbers(self) -> bool:
        """Whether the choices are numbers."""
        return isinstance(self.question, Number)

    @property
    def short(self) -> bool:
        """Whether the choices are many to tick, and short."""
        short = all(len(label) <= _SHORT for _, label in self.choices)
        return not self.one and short and len(self.choices) >= _MANY

    @property
    def first(self) -> str:
        """The id of what is to be filled in first."""
        return self.question.id if self.typed else f"{self.question.id}-0"


def page(
    words: WordsFile,
    session: Session,
    number: int,
    given: Mapping[str, Sequence[str]] | None = None,
    wrong: Mapping[str, Refused] | None = None,
) -> dict[str, Any]:
    """Return what the n-th page of a session needs.

    Where something is `wrong`, by question, it shows what was `given`, else what was answered.
    """
    fields = _fields(words, session.page(number), given, wrong or {})
    return {
        "topic": session.topic(number),
        "fields": fields,
        "wrong": [one for one in fields if one.error],
        "number": number,
        "urgent": session.urgent,
        "changing": session.complete,
        **_progress(words, session.interview, session.topic(number)),
    }


def _progress(words: WordsFile, interview: Interview, topic: Topic) -> dict[str, Any]:
    place, total = interview.progress(topic)
    minutes = minutes_left(interview, words.interview)
    said = words.counted(words.web.progress, minutes, place=place, total=total)
    return {"place": place, "total": total, "progress": said}


def _fields(
    words: WordsFile,
    parts: Sequence[Part],
    given: Mapping[str, Sequence[str]] | None,
    wrong: Mapping[str, Refused],
) -> list[Field]:
    ways = list(dict.fromkeys(one.opened_by for one in parts if one.opened_by))[:_MOST_WAYS]
    shown = [one for one in parts if one.applies or one.opened_by in ways]
    return [_field(words, one, ways, given, wrong.get(one.question.id, "")) for one in shown]


def _field(
    words: WordsFile,
    part: Part,
    ways: Sequence[frozenset[tuple[str, str]]],
    given: Mapping[str, Sequence[str]] | None,
    error: str,
) -> Field:
    question, said = part.question, part.said
    options = choices(question)
    picked = said if isinstance(said, frozenset) else {str(said)}
    text = "" if said is None or options else str(question.in_words(said))
    if given is not None:
        picked = {*given.get(question.id, ())}
        text = next(iter(given.get(question.id, ())), "")
    return Field(
        question=question,
        choices=options,
        picked=frozenset(picked),
        text=text,
        hint=about(words, question) if isinstance(question, Number) else "",
        error=error,
        help_shown=part.needs_help,
        shown_by=ways.index(part.opened_by) + 1 if part.opened_by in ways else 0,
        opens={
            option: [n for n, way in enumerate(ways, 1) if (question.id, option) in way]
            for option, _ in options
        },
        applies=part.applies,
        regions=_regions(question),
    )


def _regions(question: Number | OneOf | SeveralOf) -> list[tuple[int, Markup]]:
    """Return what an option is on a picture of the body, for each that is somewhere there."""
    options = () if isinstance(question, Number) else question.options
    return [
        (place, Markup(region(one.regions)))  # noqa: S704 - there is no word in it
        for place, one in enumerate(options)
        if one.regions
    ]


def read(words: WordsFile, at: Interview, given: Sequence[str]) -> Value | Refused:
    """Return the answer given where an interview is, or what is wrong with it."""
    assert at.question is not None
    said = answer_from(words, at.question, given)
    if not isinstance(said, Refused) and (other := at.contradicted(said)):
        return Refused(_contradiction(words, at, other))
    return said


def _contradiction(words: WordsFile, at: Interview, other: Number) -> str:
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
