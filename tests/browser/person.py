"""Somebody at a page: what they see of it, and how they fill it in."""

from collections.abc import Callable, Iterator
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from filling import picked
from playwright.sync_api import Locator, Page

from lumbar import Catalog
from lumbar.intake.answers import Answers
from lumbar.intake.interview import Interview

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
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
    """Somebody with these answers, who fills pages in their way and looks at each as it comes."""

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
            assert len(self.met) < 60, "the pages go round in circles"
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
        """Come to the next page, and look at it."""
        with self.page.expect_navigation():
            how()
        self.met.append(self.at)
        if self.looks:
            look(self.page)


def look(page: Page) -> None:
    """Fail where a page is hard to read, to hit or to load."""
    where = page.url
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    assert [(one["id"], [n["html"] for n in one["nodes"]]) for one in found] == [], where
    assert len(page.content().encode()) < MOST, where
    size = page.viewport_size
    for width in (size["width"], 320):
        page.set_viewport_size({**size, "width": width})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{where} scrolls sideways at {width} pixels: {wide}"
    page.set_viewport_size(size)
    assert small(page) == [], where


def small(page: Page) -> list[str]:
    """Return what is there to be hit and is too small for a thumb."""
    found: list[str] = page.eval_on_selector_all(TARGETS, SMALL)
    return found
