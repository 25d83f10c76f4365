"""The pages in a browser: nobody else's answers, nothing logged, and nothing said otherwise."""

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from lumbar import Catalog, decide, make_plan
from lumbar.intake.answers import Answers
from lumbar.intake.interview import Interview
from lumbar.plan.document import to_json
from lumbar.review.people.personas import load_personas
from lumbar.rulebook.questionnaire import NONE, UNSURE, OneOf, SeveralOf

testclient = pytest.importorskip("starlette.testclient", reason="the extra `web` is not installed")
from lumbar.web import guard, sessions  # noqa: E402
from lumbar.web.app import make_app  # noqa: E402
from lumbar.web.pages import STYLES, TEMPLATES  # noqa: E402
from lumbar.web.session import Session  # noqa: E402

DAY = "2026-11-22"
PERSONAS = load_personas(Path(__file__).parents[1] / "personas")


class Browser(testclient.TestClient):
    """A person's browser, which follows where it is led and fills in forms."""

    def __init__(self, app: Any, **more: Any) -> None:
        super().__init__(app, base_url="https://lumbar.example", **more)
        self.page = self.get("/")

    def token(self) -> str:
        return re.search(r'name="token" value="(\w+)"', self.page.text)[1]

    def fill_in(self, address: str, **fields: Any) -> Any:
        self.page = self.post(address, data={"token": self.token(), **fields})
        return self.page

    def begin(self) -> Any:
        return self.fill_in("/")

    def answer(self, *said: str) -> Any:
        return self.fill_in(self.page.url.path, answer=list(said))

    def skip(self) -> Any:
        return self.fill_in(self.page.url.path, skip="skip")

    def go(self, address: str) -> Any:
        self.page = self.get(address)
        return self.page

    def walk(self, catalog: Catalog, answers: Answers) -> Any:
        """Answer everything as somebody did, and go on after an emergency."""
        asked = Interview(catalog.questionnaire, {}, catalog.words.interview)
        self.begin()
        while question := asked.question:
            if self.page.url.path == "/emergency":
                self.go("/on")
            assert unescape(title(self.page.text)).startswith(question.text.strip())
            value: Any = (
                asked.card.ticked(answers) or frozenset({NONE})
                if asked.card
                else answers.get(asked.current or "")
            )
            if value is None:
                asked.skip()
                self.skip()
            else:
                asked.answer(value)
                self.answer(*(value if isinstance(value, frozenset) else [str(value)]))
        return self.page


def title(page: str) -> str:
    return re.search(r"<title>(.*?)</title>", page, re.DOTALL)[1]


def text_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.fixture
def app(catalog: Catalog, store: Any) -> Any:
    return make_app(catalog, store, lambda: DAY)


@pytest.fixture
def browser(app: Any) -> Browser:
    return Browser(app)


def test_the_first_page_says_first_who_must_go_now(catalog: Catalog, browser: Browser) -> None:
    page = browser.page.text
    assert page.index(catalog.words.page.go_now) < page.index("<h1>") < page.index("<form")


def test_who_is_asked_here_gets_the_same_plan_as_on_a_terminal(
    catalog: Catalog, app: Any, example: Callable[..., Mapping[str, Any]]
) -> None:
    for over in (
        {},
        {"leg_weakness": "new"},
        {"bladder_leak": "new"},
        {"pain_now": 9, "pain_worst": 10},
    ):
        person = Browser(app)
        answers = Answers.of(catalog.questionnaire, example(over))
        assert person.walk(catalog, answers).url.path in {"/check", "/emergency"}
        plan = make_plan(decide(catalog, answers), DAY)
        assert person.get("/plan.json").text == to_json(plan) + "\n"


def test_two_people_at_once_never_see_each_others_answers(catalog: Catalog, app: Any) -> None:
    one, other = Browser(app), Browser(app)
    for person in (one, other):
        person.begin()
    one.answer("33")
    other.answer("66")
    assert 'value="33 years"' in one.get("/question/1").text
    assert 'value="66 years"' in other.get("/question/1").text
    names = [next(iter(person.cookies.values())) for person in (one, other)]
    assert names[0] != names[1]


def test_a_form_of_somebody_elses_page_is_refused(app: Any, browser: Browser) -> None:
    other = Browser(app)
    other.begin()
    browser.begin()
    token = other.token()
    for sent in (
        {"answer": "40"},
        {"answer": "40", "token": token},
        {"answer": "40", "token": "é"},
    ):
        for address in ("/", "/question/1", "/check", "/end"):
            assert browser.post(address, data=sent).status_code == 403
    assert "40" not in text_of(browser.get("/question/1").text)


def test_an_id_that_somebody_made_up_opens_nothing(app: Any, browser: Browser) -> None:
    browser.cookies.set("__Host-lumbar", "made-up", domain="lumbar.example")
    for address in ("/question/1", "/check", "/plan", "/plan.json", "/how/1", "/emergency", "/on"):
        assert browser.get(address).url.path == "/"


def test_a_new_interview_has_a_new_id_and_the_old_is_forgotten(app: Any, browser: Browser) -> None:
    before = browser.cookies["__Host-lumbar"]
    browser.begin()
    during = browser.cookies["__Host-lumbar"]
    browser.go("/")
    browser.begin()
    assert len({before, during, browser.cookies["__Host-lumbar"]}) == 3
    assert during


def test_answers_are_gone_when_they_are_deleted(browser: Browser) -> None:
    browser.begin()
    browser.answer("40")
    browser.fill_in("/delete")
    assert browser.get("/question/1").url.path == "/"


def test_answers_are_forgotten_after_an_hour_without_use() -> None:
    now = [0.0]
    tickets = sessions.Tickets(bytes(32), lambda: now[0])
    ticket = sessions.Ticket(session={"said": 1})
    value = tickets.sealed(ticket)
    now[0] = 3599
    assert tickets.opened(value) == (ticket, True), "and is sealed anew while it is used"
    now[0] = 3600
    assert tickets.opened(value) is None


def test_what_was_answered_stands_there_when_somebody_goes_back(browser: Browser) -> None:
    browser.begin()
    browser.answer("40")
    browser.answer("female")
    assert browser.page.url.path == "/question/3"
    assert re.search(r'value="female" checked', browser.go("/question/2").text)
    assert browser.answer("female").url.path == "/question/3"


def test_a_question_left_open_is_not_asked_again(browser: Browser) -> None:
    browser.begin()
    first = title(browser.page.text)
    browser.skip()
    assert title(browser.page.text) != first
    assert browser.get("/on").url.path == "/question/2"


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ([], "Please type a whole number."),
        (["old"], "Please type a whole number."),
        (["400"], "That is out of range."),
        (["3 moons"], "is not a unit"),
    ],
)
def test_a_number_that_does_not_fit_is_said_with_a_link_to_it(
    browser: Browser, said: list[str], error: str
) -> None:
    browser.begin()
    page = browser.answer(*said)
    assert page.status_code == 422
    assert error in unescape(page.text)
    assert title(page.text).startswith("Please look")
    assert '<a href="#answer">' in page.text
    assert 'id="answer"' in page.text
    assert 'aria-invalid="true"' in page.text
    assert not said or f'value="{said[0]}"' in page.text, "what was typed is not lost"


def test_choices_that_do_not_fit_are_refused(catalog: Catalog, browser: Browser) -> None:
    browser.begin()
    browser.answer("40")
    for said in ([], ["female", "male"], ["neither"]):
        page = browser.answer(*said)
        assert (page.status_code, catalog.words.web.choose in page.text) == (422, True)
    browser.answer("female")
    assert browser.answer().status_code == 422
    assert "cannot go together" in browser.answer("none", "bladder_leak").text
    assert '<a href="#answer-0">' in browser.page.text
    assert browser.answer("none").url.path == "/question/4"


def test_the_page_after_an_answer_that_means_emergency_says_what_to_do(
    catalog: Catalog, browser: Browser
) -> None:
    browser.begin()
    browser.answer("40")
    browser.answer("female")
    browser.answer("bladder_leak")
    page = browser.answer("new")
    assert page.url.path == "/emergency"
    assert "Do not drive yourself." in page.text
    assert page.text.count("<h1>") == 1
    on = browser.go("/on")
    assert on.url.path.startswith("/question/")
    assert 'href="/emergency"' in on.text, "it stands on every page from now on"
    assert browser.get("/plan").url.path == "/plan", "the plan is there without the rest"
    browser.go("/question/4")
    browser.answer("longstanding")
    assert browser.get("/emergency").url.path != "/emergency", "it was taken back"
    assert 'href="/emergency"' not in browser.go("/on").text
    browser.go("/question/4")
    assert browser.answer("new").url.path == "/emergency", "and is there again"


def test_an_answer_is_changed_from_the_check_and_leads_back_there(
    catalog: Catalog, browser: Browser, example: Callable[..., Mapping[str, Any]]
) -> None:
    browser.walk(catalog, Answers.of(catalog.questionnaire, example()))
    assert "Change" in browser.page.text
    page = browser.fill_in("/check", change="pain_now")
    assert catalog.questionnaire.questions["pain_now"].text in unescape(page.text)
    assert browser.get("/check").url.path == "/check", "nothing was changed yet"
    assert browser.answer("3").url.path == "/check"
    assert re.search(r"<dt>Pain now</dt><dd>3\b", browser.page.text) or ">3 " in browser.page.text
    browser.fill_in("/check", change="pain_worst")
    assert "That is less than" in unescape(browser.answer("1").text)


def test_every_page_is_guarded(catalog: Catalog, browser: Browser) -> None:
    browser.begin()
    for address in ("/", "/question/1", "/nowhere", "/style.css", "/healthz"):
        page = browser.get(address)
        for name, value in guard.HEADERS.items():
            wanted = (
                "max-age=86400" if (address, name) == ("/style.css", "Cache-Control") else value
            )
            assert page.headers[name] == wanted
    policy = guard.HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script" not in policy


def test_the_cookie_is_kept_from_scripts_and_other_places(app: Any) -> None:
    far = testclient.TestClient(app, base_url="https://lumbar.example").get("/")
    near = testclient.TestClient(app, base_url="http://localhost:8000").get("/")
    for page, secure in ((far, True), (near, False)):
        cookie = page.headers["set-cookie"]
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
        assert ("Secure" in cookie) is secure


def test_no_page_holds_a_script_or_a_style_of_its_own(
    catalog: Catalog, browser: Browser, example: Callable[..., Mapping[str, Any]]
) -> None:
    browser.walk(catalog, Answers.of(catalog.questionnaire, example()))
    for address in ("/", "/question/1", "/question/3", "/check", "/plan", "/how/1"):
        page = browser.get(address).text
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|https?://(?!www\.w3\.org)", page)
    assert sum(len((TEMPLATES / f"{one}.css").read_bytes()) for one in STYLES) < 12_000


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2 measures it."""

    def light(colour: str) -> float:
        digits = colour.lstrip("#")
        digits = "".join(one * 2 for one in digits) if len(digits) == 3 else digits
        parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        red, green, blue = (
            x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_every_colour_of_words_stands_out_by_day_and_by_night() -> None:
    look = (TEMPLATES / "base.css").read_text(encoding="utf-8")
    day, night = re.findall(r":root \{(.*?)\}", look, re.DOTALL)[:2]
    levels = ("emergency", "same_day", "within_days", "routine", "self_care")
    for part in (day, night):
        is_ = dict(re.findall(r"--(\w+): (#\w+)", part))
        for ground in (is_["paper"], is_["card"]):
            assert contrast(is_["ink"], ground) >= 7
            assert contrast(is_["accent"], ground) >= 7
            assert all(contrast(is_[one], ground) >= 4.5 for one in ("soft", *levels))
            assert all(contrast(is_[one], ground) >= 3 for one in ("line", "focus"))
        assert contrast(is_["on"], is_["emergency"]) >= 7
        assert contrast(is_["on"], is_["accent"]) >= 7


def test_too_much_is_not_taken(catalog: Catalog, browser: Browser) -> None:
    browser.begin()
    refused = browser.answer("4" * guard.MOST_SENT)
    assert refused.status_code == 413
    assert catalog.words.web.problems.too_much in text_of(refused.text)
    browser.go("/question/1")
    many = {f"f{one}": "" for one in range(300)}
    assert browser.fill_in("/question/1", **many).status_code == 400


def test_healthz_says_that_it_runs(browser: Browser) -> None:
    assert (browser.get("/healthz").status_code, browser.get("/healthz").text) == (200, "ok\n")


CANARY = "canary4711"


@pytest.fixture
def everything_written(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> Iterator[Callable[[], str]]:
    caplog.set_level(logging.DEBUG)
    yield lambda: caplog.text + "".join(capfd.readouterr())


def test_nothing_that_is_written_holds_an_answer(
    app: Any,
    catalog: Catalog,
    everything_written: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    logging.getLogger("httpx").setLevel(logging.WARNING)
    person = Browser(app, raise_server_exceptions=False)
    person.begin()
    while person.page.url.path.startswith("/question/"):
        address = person.page.url.path
        assert person.answer(CANARY).status_code == 422
        person.page = person.get(address)
        person.skip()
        person.go("/on")
    for address in ("/check", "/end", "/"):
        person.post(address, data={"token": person.token(), "change": CANARY, "answer": CANARY})
    person.go("/")
    person.begin()

    def broken(*_: Any) -> Any:
        raise KeyError(CANARY)

    monkeypatch.setattr("lumbar.web.asking.answer_from", broken)
    page = person.answer(CANARY)
    assert (page.status_code, CANARY in page.text) == (500, False)
    assert catalog.words.web.problems.broken in text_of(page.text)
    said = everything_written()
    assert "something broke inside: KeyError in test_web.py" in said
    assert CANARY not in said


def test_what_is_known_of_a_person_is_plain_data_that_goes_on_where_it_was(
    catalog: Catalog, app: Any, browser: Browser
) -> None:
    browser.begin()
    browser.answer("40")
    data = app.state.site.tickets.opened(browser.cookies["__Host-lumbar"])[0].session
    assert json.loads(json.dumps(data)) == data
    assert json.loads(json.dumps(Session.of(catalog, data, DAY).data())) == data


def longest(catalog: Catalog) -> Session:
    """Return the session of somebody to whom every question applies as far as that can be, and who
    picked all there is.
    """
    session = Session.begun(catalog, DAY)
    while (question := session.interview.question) is not None:
        name = question.id
        if isinstance(question, SeveralOf):
            value: Any = frozenset(question.labels.keys() - {NONE, UNSURE})
        elif isinstance(question, OneOf):
            wanted = {"sex": "female", "pregnant": "no", "work_status": "off_sick"}
            value = wanted.get(name, question.options[-1].id)
        else:
            value = {"age": 34, "onset_age": 20}.get(name, question.high)
        session.answer(len(session.places), value)
    return session


def test_all_that_is_known_of_whoever_is_asked_the_most_fits_a_cookie(catalog: Catalog) -> None:
    session = longest(catalog)
    assert len(session.interview.answers) > 0.9 * len(catalog.questionnaire.questions)
    value = sessions.Tickets(bytes(32)).sealed(sessions.Ticket(session=session.data()))
    assert len(value) < 4_000, "browsers keep no larger one"
