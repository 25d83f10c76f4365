"""What comes up only now and then: a code that is wrong, too many tries, paper, files, two scripts."""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from browser.person import follow, give, look, saved
from browser.test_every_page import UNFOLD
from lumbar import Catalog
from lumbar.web.store.codes import new_code
from lumbar.web.store.throttle import MOST_OF_ONE

Opened = Callable[..., Any]
PAPER = {"width": 710, "height": 1040}  # an A4 within its margins
NOT_ON_PAPER = "header, footer, form, .way, .buttons, .keep, .begin, .away, .skip, .screen"
# How much room there is between two columns of a code, if a word of eight letters and a number of two digits meet there.
ROOM = """all => {
  const wide = text => {
    all[0].style.whiteSpace = "nowrap";
    all[0].textContent = text;
    const range = document.createRange();
    range.selectNodeContents(all[0]);
    return range.getBoundingClientRect().width;
  };
  return all[6].offsetLeft - all[0].offsetLeft - wide("language") - wide("12. x") + wide("x");
}"""
SHOWN = "all => all.filter(one => one.getClientRects().length).map(one => one.outerHTML)"


def test_what_is_kept_can_be_read_hit_and_reached(opened: Opened, finished: Any) -> None:
    page, other = opened(storage_state=finished), opened()
    code = saved(page)
    look(page)
    for address in ("/save", "/delete", "/plan"):
        page.goto(address)
        look(page)
    give(other, "wrong words all of them")
    assert other.locator(".errors").is_visible()
    look(other)
    give(other, new_code())
    assert other.locator(".errors").is_visible()
    give(other, code)
    assert other.url.endswith("/check")


def test_a_long_word_of_a_code_keeps_clear_of_the_number_beside_it(
    opened: Opened, finished: Any
) -> None:
    page = opened(storage_state=finished)
    saved(page)
    assert page.eval_on_selector_all(".code li", ROOM) >= 8


def test_too_many_tries_are_told(catalog: Catalog, opened: Opened) -> None:
    elsewhere = {"X-Forwarded-For": "203.0.113.9"}  # or nobody else of these tests may try one
    page = opened("/back", extra_http_headers=elsewhere)
    token = page.locator('main [name="token"]').get_attribute("value")
    for _ in range(MOST_OF_ONE):
        page.request.post("/back", form={"token": token, "code": new_code()})
    give(page, new_code())
    assert page.locator("p.error").inner_text() == catalog.words.web.back_with_code.too_many
    look(page)


def test_a_page_that_is_too_old_says_so(catalog: Catalog, opened: Opened) -> None:
    page = opened("/")
    page.context.clear_cookies()
    follow(page, "main form button")
    assert page.get_by_text(catalog.words.web.problems.expired).is_visible()
    look(page)


@pytest.mark.parametrize("address", ["/plan", "/paper", "/summary", "/how/1"])
def test_paper_holds_the_plan_and_nothing_to_press(
    opened: Opened, finished: Any, address: str
) -> None:
    page = opened(address, storage_state=finished, viewport=PAPER, color_scheme="dark")
    page.emulate_media(media="print")
    assert page.eval_on_selector_all(NOT_ON_PAPER, SHOWN) == []
    assert page.eval_on_selector_all("details, summary", SHOWN) == [], "what is folded is left out"
    page.evaluate(UNFOLD)
    assert page.evaluate("document.documentElement.scrollWidth") <= PAPER["width"]
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


@pytest.mark.parametrize(("address", "most"), [("/plan", 1), ("/paper", 2), ("/summary", 1)])
def test_it_fits_so_many_sides(opened: Opened, finished: Any, address: str, most: int) -> None:
    page = opened(address, storage_state=finished)
    assert len(PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages) <= most


def test_the_files_of_a_plan_can_be_loaded(opened: Opened, finished: Any) -> None:
    page, got = opened("/plan", storage_state=finished), {}
    page.evaluate(UNFOLD)
    for link in page.locator("main a[download]").all():
        with page.expect_download() as coming:
            link.click()
        got[coming.value.suggested_filename] = Path(coming.value.path()).read_bytes()
    assert {*got} == {"plan.pdf", "plan.ics", "plan.json"}
    assert got["plan.pdf"].startswith(b"%PDF-")
    assert got["plan.ics"].startswith(b"BEGIN:VCALENDAR")
    assert json.loads(got["plan.json"])["today"]


def test_the_clock_of_a_movement_counts_tells_each_minute_and_can_be_held(
    catalog: Catalog, opened: Opened, finished: Any
) -> None:
    says = catalog.words.web.planned
    page = opened(storage_state=finished)
    page.clock.install(time=0)
    page.clock.pause_at(1_000)  # from here on only the test moves it
    page.goto("/movement/1")
    go, anew = page.locator(".timer button").all()

    def seen() -> list[str]:
        shown = page.locator(".timer output, .timer [aria-live=polite]").all_inner_texts()
        return [*shown, go.inner_text()]

    assert seen() == ["0:00", "", says.clock_go]
    go.click()
    page.clock.run_for(61_000)
    assert seen() == ["1:01", "1:00", says.clock_hold]
    go.click()
    page.clock.run_for(30_000)
    assert seen() == ["1:01", "1:00", says.clock_go], "half a minute is held"
    anew.click()
    assert seen() == ["0:00", "", says.clock_go]


def test_the_buttons_of_the_code_copy_its_words_in_their_order_and_print_it(
    catalog: Catalog, opened: Opened, finished: Any
) -> None:
    says = catalog.words.web.code
    page = opened(storage_state=finished, permissions=["clipboard-read", "clipboard-write"])
    code = saved(page)
    copy, paper = page.locator(".offer button").all()
    told = page.locator(".offer output")
    copy.click()
    told.get_by_text(says.copied).wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == code
    page.evaluate("() => { navigator.clipboard.writeText = async () => { throw 'no' } }")
    copy.click()
    told.get_by_text(says.not_copied).wait_for()
    page.evaluate("() => { window.print = () => { window.printed = true } }")
    paper.click()
    assert page.evaluate("window.printed")
