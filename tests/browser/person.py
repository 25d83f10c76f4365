"""Somebody at a page: what they see of it, and how they fill it in."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from filling import picked
from playwright.sync_api import Locator, Page

from lumbar import Catalog
from lumbar.decision.early_stop import EarlyStop
from lumbar.intake.answers import Answers
from lumbar.intake.interview import Interview
from lumbar.intake.screen import Place
from lumbar.web.session import Session
from lumbar.web.sessions import Ticket, Tickets

SECRET = "s" * 32  # of the server that the tests start, so that they can seal cookies too
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
ENLARGED = {"width": 320, "height": 256}  # what is left of a desk at 400 %
RULES = {
    "light": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "dark": ["color-contrast", "link-in-text-block"],  # nothing else depends on colours
}
VIOLATED = """async only => (await axe.run(
  {runOnly: only, resultTypes: ["violations"], preload: false})).violations
  .map(one => [one.id, one.nodes.map(node => node.html)])"""
MOST = 60 * 1024  # bytes of a page, with its pictures
INPUTS = "main form input:not([type=hidden])"
SEEN = """all => [...new Set(all.filter(one => one.parentElement.getClientRects().length)
  .map(one => one.name))]"""
CAN = """all => Object.fromEntries(all.filter(one => one.className !== "typed")
  .map(one => [one.value, one.checked]))"""
REACHED = """one => one === document.activeElement ? "here"
  : one.type === "radio" && document.activeElement.name === one.name ? "among" : "no" """
TARGETS = "a.button, a.quiet, button, .choice label, summary, input.typed"
SMALL = """all => all.filter(one => one.getClientRects().length
  && one.getBoundingClientRect().height < 43.5).map(one => one.outerHTML)"""
Do = Callable[["Person", Locator], None]


def click(person: "Person", control: Locator) -> None:
    """Fill in by mouse or thumb: a choice is hit wherever its box is."""
    choice = control.locator("xpath=ancestor::*[contains(@class, 'choice')][1]")
    (choice if choice.count() else control).first.click()


def press(person: "Person", control: Locator) -> None:
    """Reach a control by the tab key, among choices of one answer by arrows, and press it."""
    keyboard, how = person.page.keyboard, control.evaluate(REACHED)
    for _ in range(200):
        if how == "here":
            break
        keyboard.press("ArrowDown" if how == "among" else "Tab")
        how = control.evaluate(REACHED)
    assert how == "here", f"the keyboard does not reach {control}"
    if control.get_attribute("href"):
        keyboard.press("Enter")
    elif control.get_attribute("type") != "radio" or not control.is_checked():
        keyboard.press("Space")


class Person:
    """Somebody with these answers, who fills pages in their way, and may look at each then."""

    def __init__(
        self, page: Page, catalog: Catalog, answers: Answers, do: Do = click, looks: bool = False
    ) -> None:
        self.page, self.do, self.looks = page, do, looks
        self.every = Interview(catalog.questionnaire, answers, catalog.words.interview)
        self.met: list[str] = []

    @property
    def at(self) -> str:
        """The address of the page."""
        return "/" + self.page.url.split("/", 3)[3]

    def walk(self) -> list[str]:
        """Go from the first page to the check of the answers; return the addresses met."""
        self.begin()
        return self.walk_on()

    def begin(self) -> None:
        """Go from the first page to the first that asks."""
        self.come(lambda: self.do(self, self.page.locator("main form button")))

    def walk_on(self) -> list[str]:
        """Go on to the check of the answers; return all addresses met."""
        while self.at != "/check":
            self.go_on()
        return self.met

    def until(self, address: str) -> None:
        """Go from the first page to one, which must not come after the check of the answers."""
        self.begin()
        while self.at != address:
            assert self.at != "/check", f"{address} never came"
            self.go_on()

    def follow(self, address: str) -> None:
        """Follow the link to another page."""
        self.come(lambda: self.do(self, self.page.locator(f'main a[href="{address}"]').first))

    def go_on(self) -> None:
        """Fill in the page and send it; on one that says to be seen now, go on."""
        if self.at == "/emergency":
            self.follow("/on")
            return
        said = [*self.fill_in()]
        if self.looks:
            look(self.page)
        leave = "skip" if not all(said) else ""
        button = self.page.locator(f"main form button{f'[name={leave}]' if leave else '.button'}")
        self.come(lambda: self.do(self, button))

    def fill_in(self) -> Iterator[bool]:
        """Fill in what can be seen, in order, also what appears meanwhile; yield what was said."""
        done: set[str] = set()
        while left := [one for one in self.asked() if one not in done]:
            done.add(left[0])
            yield self._answer(left[0])

    def asked(self) -> list[str]:
        """Return what can be seen to be asked, in order."""
        names: list[str] = self.page.eval_on_selector_all(INPUTS, SEEN)
        return names

    def _answer(self, name: str) -> bool:
        controls = self.page.locator(f'{INPUTS}[name="{name}"]')
        can: dict[str, bool] = controls.evaluate_all(CAN)
        if not can:  # it is typed
            said = picked(self.every, name, set())
            if said:
                self._type(controls.first, said[0])
            return bool(said)
        said = picked(self.every, name, set(can))
        for value in said:
            if not can[value]:
                self.do(self, self.page.locator(f'{INPUTS}[name="{name}"][value="{value}"]'))
        return bool(said)

    def _type(self, control: Locator, text: str) -> None:
        if self.do is press:
            press(self, control)
            self.page.keyboard.press("Control+A")
            self.page.keyboard.type(text)
        else:
            control.fill(text)

    def come(self, how: Callable[[], Any]) -> None:
        """Come to the next page."""
        with self.page.expect_navigation():
            how()
        self.met.append(self.at)
        assert len(self.met) < 60, "the pages go round in circles"


def look(page: Page) -> None:
    """Fail where a page is hard to read by day or by night, to hit or to load, whatever the screen."""
    where, size = page.url, page.viewport_size
    assert len(page.content().encode()) < MOST, where
    page.evaluate(AXE_SCRIPT)
    for scheme, rules in RULES.items():
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate(VIOLATED, rules) == [], f"{where} {scheme}"
    for screen in (DESK, ENLARGED, PHONE):
        page.set_viewport_size(screen)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= screen["width"], f"{where} scrolls sideways at {screen}: {wide}"
        assert page.eval_on_selector_all(TARGETS, SMALL) == [], f"{where} {screen}"
    page.emulate_media(color_scheme="null")
    page.set_viewport_size(size)


def follow(page: Page, target: str) -> None:
    with page.expect_navigation():
        page.locator(target).first.click()


def saved(page: Page) -> str:
    """Save what was said; return the code that is shown."""
    page.goto("/save")
    follow(page, "main form button")
    return " ".join(page.locator(".code li").all_inner_texts())


def give(page: Page, code: str) -> None:
    """Come back with a code."""
    page.goto("/back")
    page.locator('[name="code"]').fill(code)
    follow(page, "main form button")


def holding(
    catalog: Catalog, at: Interview, *places: Place, day: date | None = None
) -> dict[str, Any]:
    """Return what the browser of somebody holds who is in an interview, as Playwright takes it.

    If they must be seen now, they were told already.
    """
    stop = EarlyStop(catalog)
    stop.look(at.kept)
    session = Session(catalog, at, str(day or date.today()), places, stop.told)
    value = Tickets(SECRET.encode()).sealed(Ticket(session=session.data()))
    cookie = {"name": "lumbar", "value": value, "domain": "localhost", "path": "/"}
    return {"cookies": [cookie], "origins": []}
