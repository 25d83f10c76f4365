"""The plan in a browser, on paper and as files: it says what the plan says, and nothing besides."""

import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from lumbar import Catalog, Plan, decide, make_plan
from lumbar.intake.answers import Answers
from lumbar.intake.interview import Interview
from lumbar.plan.blocks import layers
from lumbar.plan.document import to_json
from lumbar.plan.summary import summary, to_take_along
from lumbar.review.people.personas import load_personas

testclient = pytest.importorskip("starlette.testclient", reason="the extra `web` is not installed")
import pypdf  # noqa: E402
from icalendar import Calendar  # noqa: E402

from lumbar.web import guard, pdf, plans, visit  # noqa: E402
from lumbar.web.app import make_app  # noqa: E402
from lumbar.web.calendar import calendar  # noqa: E402
from lumbar.web.pages import Pages  # noqa: E402
from lumbar.web.session import Session  # noqa: E402
from lumbar.web.settings import Settings  # noqa: E402

DAY = "2026-11-22"  # a Sunday
PERSONAS = load_personas(Path(__file__).parents[1] / "personas")
MOST = 60_000  # bytes of a page
written = pytest.mark.skipif(not pdf.available(), reason="the extra `pdf` is not installed")

Example = Callable[..., Mapping[str, Any]]
Visitor = Callable[[Mapping[str, Any]], Any]


def of(catalog: Catalog, answers: Mapping[str, Any]) -> Plan:
    return make_plan(decide(catalog, Answers.of(catalog.questionnaire, answers)), DAY)


@pytest.fixture(scope="module")
def visitor(catalog: Catalog, shared_store: Any) -> Visitor:
    """Return the browser of somebody who answered so, and left the rest open."""
    app = make_app(
        catalog, shared_store, lambda: DAY, Settings(public=True, requests_a_minute=100_000)
    )

    def browser(answers: Mapping[str, Any]) -> Any:
        given = Answers.of(catalog.questionnaire, answers)
        asked = Interview(catalog.questionnaire, given.given, catalog.words.interview)
        asked.skipped |= set(given.facts.unanswered)
        asked.advance()
        session = Session(catalog, asked, DAY)
        app.dependency_overrides[visit._session] = lambda: session
        return testclient.TestClient(app, base_url="https://lumbar.example")

    return browser


def text_of(page: str) -> str:
    return " ".join(
        unescape(
            re.sub(r"<(?!b>|/b>)[^>]+>", " ", page).replace("<b>", "").replace("</b>", "")
        ).split()
    )


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("name", PERSONAS)
def test_the_pages_say_what_the_plan_says_and_are_small(
    name: str, catalog: Catalog, example: Example, visitor: Visitor
) -> None:
    answers = example(PERSONAS[name].answers)
    plan, browser = of(catalog, answers), visitor(answers)
    assert browser.get("/plan.json").text == to_json(plan) + "\n"
    every, pages, number = browser.app.state.site.pages, [browser.get("/plan").text], 1
    while view := plans.how(catalog.words, plan, number):
        pages.append(every.text("how.html", **view))
        number += 1
    said = squeezed(" ".join(map(text_of, pages)))
    alone, several = f"{catalog.words.details.stop_if}: ", catalog.words.page.stop_any
    for layer in layers(plan, catalog.words):
        for block in layer.blocks:
            for line in block.lines:
                # each page tells all that it is to stop for
                assert squeezed(line.removeprefix(alone)) in said or line == several
    paper = plans.on_paper(catalog.words, decide(catalog, answers), plan, DAY)
    pages.append(every.text("paper.html", **paper))
    assert all(len(page.encode()) < MOST for page in pages)


def test_the_plan_leads_to_each_thing_to_do(
    catalog: Catalog, example: Example, visitor: Visitor
) -> None:
    browser = visitor(example())
    plan = browser.get("/plan").text
    items = [one for section in of(catalog, example()).sections for one in section.items]
    linked = {int(one) for one in re.findall(r'href="/how/(\d+)"', plan)}
    cards = [
        number for number, one in enumerate(items, 1) if one.kind not in {"habit", "practitioner"}
    ]
    assert linked >= set(cards)
    for number, one in enumerate(items, 1):
        page = browser.get(f"/how/{number}").text
        assert f"<h1>{one.name}</h1>" in unescape(page)
        if one.item in catalog.figures:
            assert page.index("<svg") < page.index('<p class="text"')
    for unknown in ("/how/0", "/how/999", "/how/x", "/movement/0", "/movement/99"):
        assert browser.get(unknown).status_code == 404


def test_start_leads_through_the_movements_one_page_after_the_other(
    catalog: Catalog, example: Example, visitor: Visitor
) -> None:
    browser, plan = visitor(example()), of(catalog, example())
    moved = [one.name for one in plan.today if one.item.startswith(("exercise/", "massage/"))]
    assert len(moved) > 1
    page = browser.get("/plan").text
    for name in moved:
        address = re.search(r'class="button" href="(/movement/\d+)"', page)[1]
        page = browser.get(address).text
        assert f"<h1>{name}</h1>" in unescape(page)
        assert page.index("<svg") < page.index('class="dose"') < page.index("<ol>")
        assert 'href="/plan"' in page, "it can be left at any time"
    page = browser.get(re.search(r'class="button" href="(/movement/\d+)"', page)[1]).text
    assert catalog.words.web.planned.over in page
    assert "script" not in page
    assert 'href="/plan"' in page


def test_a_movement_needs_no_script_and_only_its_page_may_run_one(
    example: Example, visitor: Visitor
) -> None:
    browser = visitor(example())
    page = browser.get("/movement/1")
    assert page.headers["Content-Security-Policy"] == guard.WITH_SCRIPT
    assert "unsafe" not in guard.WITH_SCRIPT
    assert re.findall(r"<script[^>]*>(.*?)</script>", page.text) == [""], "none within the page"
    assert '<div class="timer" hidden>' in page.text, "the clock is shown by the script alone"
    for address in ("/plan", "/how/1", "/paper", "/summary"):
        other = browser.get(address)
        assert "script" not in other.headers["Content-Security-Policy"] + other.text
    script = browser.get("/timer.js").text
    assert not re.search(r"fetch|XMLHttp|Storage|cookie|innerHTML|https?:", script)
    assert len(script) < 2_000


@pytest.mark.parametrize("over", [{"bladder_leak": "new"}, {"leg_weakness": "new"}])
def test_who_must_be_seen_is_led_to_no_movement_no_calendar_and_no_next_visit(
    over: Mapping[str, Any], catalog: Catalog, example: Example, visitor: Visitor
) -> None:
    browser = visitor(example(over))
    assert "/movement/" not in browser.get("/plan").text
    assert "/plan.ics" not in browser.get("/plan").text
    assert "/check-in" not in browser.get("/plan").text
    for address in ("/movement/1", "/plan.ics", "/how/1"):
        assert browser.get(address).status_code == 404
    paper = text_of(browser.get("/paper").text)
    assert catalog.words.web.planned.for_staff in paper
    assert catalog.questionnaire.questions[next(iter(over))].name in paper


@pytest.mark.parametrize("over", [{}, {"bladder_leak": "new"}, {"fever": "yes", "pain_now": None}])
def test_the_summary_in_a_browser_is_that_of_the_terminal(
    over: Mapping[str, Any], catalog: Catalog, example: Example, visitor: Visitor
) -> None:
    decision = decide(catalog, Answers.of(catalog.questionnaire, example(over)))
    said = text_of(visitor(example(over)).get("/summary").text)
    for block in summary(decision, make_plan(decision, DAY), DAY):
        assert all(squeezed(line) in said for line in block.lines)


def test_the_page_of_an_emergency_says_what_to_say_and_holds_what_to_take_along(
    catalog: Catalog, example: Example, visitor: Visitor
) -> None:
    answers = example({"bladder_leak": "new"})
    page = visitor(answers).get("/emergency").text
    said = text_of(page)
    sign = catalog.questionnaire.in_words("bladder_leak", "new")
    assert said.index("Do not drive yourself.") < said.index(f"I have back pain, and this: {sign}.")
    assert page.index("<h1>") < page.index('href="/on"'), "going on stays possible"
    decision = decide(catalog, Answers.of(catalog.questionnaire, answers))
    for block in to_take_along(decision, make_plan(decision, DAY), DAY):
        assert all(squeezed(line) in said for line in block.lines)
    bring = catalog.items["practitioner/emergency"].bring
    assert all(squeezed(line) in said for line in bring)


# the calendar


def events(catalog: Catalog, answers: Mapping[str, Any], day: str = DAY) -> dict[str, Any]:
    made = calendar(catalog.words.web.calendar, of(catalog, answers), day)
    assert made == calendar(catalog.words.web.calendar, of(catalog, answers), day)
    return {str(one["summary"]): one for one in Calendar.from_ical(made).walk("VEVENT")}


def test_the_calendar_has_the_movements_of_each_day_until_the_day_to_answer_again(
    catalog: Catalog, example: Example
) -> None:
    says, plan = catalog.words.web.calendar, of(catalog, example())
    found = events(catalog, example())
    daily, review = found[says.movements], found[says.review]
    assert daily.start.isoformat() == f"{DAY}T{says.movements_at}:00"
    assert daily.start.tzinfo is None, "the person's own time, wherever they are"
    assert daily["rrule"]["count"] == [plan.review.after_days]
    assert review.start.isoformat() == plan.review.on
    for one in plans.movements(plan):
        assert f"{one.name}: {one.dose.text}" in daily["description"]
    minutes = sum(one.dose.minutes for one in plans.movements(plan))
    assert (daily.end - daily.start).total_seconds() == 60 * max(minutes, 5)


def test_breaks_stand_on_working_days_and_only_for_who_has_advice_about_work(
    catalog: Catalog, example: Example
) -> None:
    says = catalog.words.web.calendar
    pause = events(catalog, example())[says.pause]
    assert pause.start.date().isoformat() == "2026-11-23", "the Monday after a Sunday"
    assert set(pause["rrule"]["byday"]) == {"MO", "TU", "WE", "TH", "FR"}
    assert pause["rrule"]["until"][0].isoformat() < "2026-11-29"
    assert events(catalog, example(), "2026-11-25")[says.pause].start.day == 25
    plan = of(catalog, example())
    idle = tuple(one for one in plan.sections if one.items[0].kind != "work")
    made = calendar(says, replace(plan, sections=idle, today=plan.today[:1]), DAY)
    assert says.pause.encode() not in made


def test_others_who_see_the_calendar_see_no_answer_and_two_people_are_told_apart(
    catalog: Catalog, example: Example
) -> None:
    one, other = (events(catalog, example({"pain_now": pain})) for pain in (3, 4))
    for name in one.keys() & other.keys():
        assert one[name]["uid"] != other[name]["uid"]
        assert (one[name]["class"], one[name]["transp"]) == ("PRIVATE", "TRANSPARENT")
    said = " ".join(f"{event['summary']} {event['description']}" for event in one.values())
    for name in ("pain_now", "sex", "age"):
        assert catalog.questionnaire.questions[name].name not in said


# on paper


def opened(document: bytes) -> Any:
    return pypdf.PdfReader(BytesIO(document))


def tags(part: Any) -> Iterator[Any]:
    """Yield every tag of a PDF below a part of its tree."""
    part = part.get_object()
    if isinstance(part, list):
        yield from (tag for one in part for tag in tags(one))
    elif isinstance(part, dict):
        if "/S" in part:
            yield part
        yield from tags(part["/K"]) if "/K" in part else ()


@written
def test_the_pdf_is_tagged_in_its_language_and_fits_two_sides(
    catalog: Catalog, example: Example, visitor: Visitor
) -> None:
    for name in ("baker_three_months_told_to_rest", "off_sick_severe_strain"):
        answers = example(PERSONAS[name].answers)
        page = visitor(answers).get("/plan.pdf")
        assert page.headers["content-type"] == "application/pdf"
        assert visitor(answers).get("/plan.pdf").content == page.content
        document = opened(page.content)
        assert len(document.pages) <= 2
        root = document.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"]
        assert root["/Lang"] == catalog.words.web.lang
        figures = [one for one in tags(root["/StructTreeRoot"]) if one["/S"] == "/Figure"]
        assert len(figures) > 3
        assert all(one["/Alt"] for one in figures), "each picture is told in words"
        assert document.metadata.title
        said = squeezed(" ".join(one.extract_text() for one in document.pages))
        for step in of(catalog, answers).today:
            assert squeezed(f"{step.name}: {step.text}") in said


@written
def test_the_summary_fits_one_side(catalog: Catalog, example: Example) -> None:
    every = Pages(catalog)
    answers = Answers.of(
        catalog.questionnaire, example(PERSONAS["eighteen_limps_and_wakes"].answers)
    )
    decision = decide(catalog, answers)
    view = plans.summed_up(decision, make_plan(decision, DAY), DAY)
    document = pdf.written(every.text("summary.html", **view), every.style)
    assert len(opened(document).pages) == 1


@written
def test_nothing_is_fetched_for_a_pdf(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("canary4711", encoding="utf-8")
    page = (
        f'<html lang="en"><title>x</title><link rel="attachment" href="{secret.as_uri()}">'
        f'<p>x<img alt="x" src="{secret.as_uri()}"><img alt="x" src="http://127.0.0.1:9/x">'
    )
    made = pdf.written(page, f"@import url({secret.as_uri()}); p {{ color: #000 }}")
    parts = re.findall(rb"stream\r?\n(.*?)endstream", made, re.DOTALL)
    assert parts
    assert all(b"canary4711" not in part + decompressed(part) for part in parts)


def decompressed(part: bytes) -> bytes:
    try:
        return zlib.decompress(part)
    except zlib.error:
        return part


def test_where_no_pdf_can_be_written_none_is_offered(
    monkeypatch: pytest.MonkeyPatch, example: Example, visitor: Visitor
) -> None:
    browser = visitor(example())
    monkeypatch.setattr(pdf, "available", lambda: False)
    browser = testclient.TestClient(browser.app, base_url="https://lumbar.example")
    assert browser.get("/plan.pdf").status_code == 404
    site = browser.app.state.site
    site.pages = Pages(site.catalog)
    assert "plan.pdf" not in browser.get("/plan").text + browser.get("/paper").text
