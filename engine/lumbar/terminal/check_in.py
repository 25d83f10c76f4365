"""Coming again on a terminal: how it went, the plan that follows from it, and a chart."""

from collections.abc import Sequence
from datetime import date

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from lumbar.intake.answers import Answers
from lumbar.intake.answers_file import dump
from lumbar.intake.check_in import Point, come_again, followed, go_on, over_time
from lumbar.intake.earlier import Earlier
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.questionnaire import Number
from lumbar.rulebook.words import fill
from lumbar.terminal import output
from lumbar.terminal.ask import run
from lumbar.terminal.visits import Raw, Visits

_FULL, _EMPTY = "█", "·"


def check_in(catalog: Catalog, kept: Visits, *, plain: bool, require_signed: bool) -> int:
    """Ask again, and show the plan that follows; return the exit code."""
    given = _given(catalog, kept.read(), kept.read_begun())
    every = Answers.typed(catalog.questionnaire, given.said)
    # refused now, not after the first answer
    output.emit(dump(every, given.day, kept.begun), kept.begun, private=True)
    return run(catalog, given, kept, plain=plain, require_signed=require_signed, found=False)


def _given(catalog: Catalog, visits: Sequence[Raw], begun: Raw | None) -> Earlier:
    today = date.today()
    if begun is None:
        return come_again(catalog.questionnaire, visits, today)
    return go_on(catalog.questionnaire, visits, begun, today)


def chart(catalog: Catalog, kept: Visits) -> None:
    """Print what is followed, a line a visit: as a bar, and as a number."""
    says, console = catalog.words.over_time, output.console()
    points = over_time(catalog.questionnaire, kept.read())
    console.print(Text(says.title, style="bold"))
    console.print(_table(catalog, points))
    if len(points) == 1:
        console.print(says.none)


def _table(catalog: Catalog, points: Sequence[Point]) -> RenderableType:
    asked, says = catalog.questionnaire.questions, catalog.words.over_time
    names = followed(catalog.questionnaire)
    table = Table("", *(asked[name].name for name in names), box=None)
    for point in points:
        cells = (_cell(catalog, name, point.answers[name]) for name in names)
        table.add_row(Text(point.day or says.no_day), *cells)
    return table


def _cell(catalog: Catalog, name: str, value: int | None) -> Text:
    question, says = catalog.questionnaire.questions[name], catalog.words.over_time
    assert isinstance(question, Number)
    if value is None:
        return Text(says.open)
    number = fill(says.of_most, number=value, most=question.high)
    return Text(f"{_FULL * value}{_EMPTY * (question.high - value)} {number}")
