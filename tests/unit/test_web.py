"""The pages in a browser: nobody else's answers, nothing logged, and nothing said otherwise."""

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from filling import picked

from lumbar import Catalog, decide, make_plan
from lumbar.intake.answers import Answers
from lumbar.intake.interview import Interview
from lumbar.plan.document import to_json
from lumbar.review.people.personas import load_personas
from lumbar.rulebook.questionnaire import NONE, UNSURE, Number, SeveralOf

testclient = pytest.importorskip("starlette.testclient", reason="the extra `web` is not installed")
from lumbar.web import guard, questions, sessions  # noqa: E402
from lumbar.web.app import make_app  # noqa: E402
from lumbar.web.pages import TEMPLATES  # noqa: E402
from lumbar.web.session import Session  # noqa: E402
from lumbar.web.settings import Settings  # noqa: E402

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

    def answer(self, **said: Any) -> Any:
        return self.fill_in(self.page.url.path, **said)

    def skip(self, **said: Any) -> Any:
        return self.fill_in(self.page.url.path, skip="skip", **said)

    @property
    def asked(self) -> dict[str, set[str]]:
        """What can be picked for each question on the page; nothing where it is typed."""
        found: dict[str, set[str]] = {}
        for one in re.findall(r"<input [^>]*>", self.page.text):
            name = re.search(r' name="([^"]+)"', one)[1]
            if "hidden" not in one:
                value = re.search(r' value="([^"]*)"', one)[1]
                found.setdefault(name, set()).update({value} if "type=" in one else ())
        return found

    def go(self, address: str) -> Any:
        self.page = self.get(address)
        return self.page

    def walk(self, catalog: Catalog, answers: Answers) -> list[str]:
        """Answer everything as somebody did, and go on after an emergency; return the addresses."""
        met = [self.begin().url.path]
        while met[-1] != "/check":
            assert len(met) < 60, "the pages go round in circles"
            if met[-1] == "/emergency":
                self.go("/on")
            else:
                self.answer_as(catalog, answers)
            met.append(self.page.url.path)
        return met

    def answer_as(self, catalog: Catalog, answers: Answers) -> Any:
        """Fill in the page as somebody did; leave open what they did."""
        every = Interview(catalog.questionnaire, answers, catalog.words.interview)
        said = {name: picked(every, name, can) for name, can in self.asked.items()}
        given = {name: value for name, value in said.items() if value}
        return self.answer(**given) if given == said else self.skip(**given)


def title(page: str) -> str:
    return re.search(r"<title>(.*?)</title>", page, re.DOTALL)[1]


def text_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.fixture
def app(catalog: Catalog, store: Any) -> Any:
    return make_app(catalog, store, lambda: DAY, Settings(public=True))


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
        assert person.walk(catalog, answers)[-1] == "/check"
        plan = make_plan(decide(catalog, answers), DAY)
        assert person.get("/plan.json").text == to_json(plan) + "\n"


def test_two_people_at_once_never_see_each_others_answers(catalog: Catalog, app: Any) -> None:
    one, other = Browser(app), Browser(app)
    for person in (one, other):
        person.begin()
    one.answer(age="33", sex="male")
    other.answer(age="66", sex="male")
    assert 'value="33 years"' in one.get("/page/1").text
    assert 'value="66 years"' in other.get("/page/1").text
    names = [next(iter(person.cookies.values())) for person in (one, other)]
    assert names[0] != names[1]


def test_a_form_of_somebody_elses_page_is_refused(app: Any, browser: Browser) -> None:
    other = Browser(app)
    other.begin()
    browser.begin()
    token = other.token()
    for sent in ({"age": "40"}, {"age": "40", "token": token}, {"age": "40", "token": "é"}):
        for address in ("/", "/page/1", "/check", "/end"):
            assert browser.post(address, data=sent).status_code == 403
    assert "40" not in text_of(browser.get("/page/1").text)


def test_an_id_that_somebody_made_up_opens_nothing(app: Any, browser: Browser) -> None:
    browser.cookies.set("__Host-lumbar", "made-up", domain="lumbar.example")
    for address in ("/page/1", "/check", "/plan", "/plan.json", "/how/1", "/emergency", "/on"):
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
    browser.answer(age="40", sex="male")
    browser.fill_in("/delete")
    assert browser.get("/page/1").url.path == "/"


def test_a_form_whose_answers_are_forgotten_is_said_to_be_too_old(
    catalog: Catalog, browser: Browser
) -> None:
    browser.begin()
    browser.cookies.clear()
    page = browser.answer(age="40", sex="male")
    assert page.status_code == 403
    assert catalog.words.web.problems.expired in text_of(page.text)


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
    browser.answer(age="40", sex="female")
    assert browser.page.url.path == "/page/2"
    assert re.search(r'value="female" checked', browser.go("/page/1").text)
    assert browser.answer(age="40", sex="female").url.path == "/page/2"


def test_what_is_left_open_is_not_asked_again(browser: Browser) -> None:
    browser.begin()
    browser.skip(age="40")
    assert browser.page.url.path == "/page/2"
    assert browser.get("/on").url.path == "/page/2"
    assert 'value="40 years"' in browser.get("/page/1").text, "what was said beside it counts"


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
    page = browser.answer(age=said, sex="female")
    assert page.status_code == 422
    assert error in unescape(page.text)
    assert title(page.text).startswith("Error: ")
    assert '<a href="#age">' in page.text
    assert 'id="age"' in page.text
    assert 'aria-invalid="true"' in page.text
    assert 'aria-describedby="age-error"' in page.text
    assert 'id="age-error"' in page.text
    assert not said or f'value="{said[0]}"' in page.text, "what was typed is not lost"
    assert 'value="female" checked' in page.text, "nor what was right"


def test_everything_that_is_wrong_on_a_page_is_said_at_once_with_a_link_to_each(
    catalog: Catalog, browser: Browser
) -> None:
    browser.begin()
    page = browser.answer()
    errors = re.search(r'<section class="errors".*?</section>', page.text, re.DOTALL)[0]
    links = re.findall(r'<a href="#([^"]+)">', errors)
    assert links == ["age", "sex-0"]
    assert all(f'id="{one}"' in page.text for one in links)
    assert catalog.words.web.choose in errors
    for said in (["female", "male"], ["neither"]):
        assert browser.answer(age="40", sex=said).status_code == 422


def test_none_of_these_cannot_go_together_with_a_sign(browser: Browser) -> None:
    browser.begin()
    browser.answer(age="40", sex="female")
    page = browser.answer(**{"card.pelvis": ["none", "bladder_leak"]})
    assert page.status_code == 422
    assert "cannot go together" in page.text
    assert '<a href="#card.pelvis-0">' in page.text
    assert browser.answer(**{"card.pelvis": "none"}).url.path == "/page/3"


def test_two_answers_of_one_page_that_contradict_each_other_are_told(
    catalog: Catalog, browser: Browser, example: Callable[..., Mapping[str, Any]]
) -> None:
    answers = Answers.of(catalog.questionnaire, example())
    browser.begin()
    while "pain_worst" not in browser.asked:
        browser.answer_as(catalog, answers)
    place = browser.page.url.path
    said = {"pain_now": "7", "pain_worst": "5"}
    page = browser.skip(**said)
    assert page.status_code == 422
    assert "That is less than" in unescape(page.text)
    assert '<a href="#pain_worst-0">' in page.text
    assert browser.get("/on").url.path == place


def test_the_page_after_an_answer_that_means_emergency_says_what_to_do(
    catalog: Catalog, browser: Browser
) -> None:
    browser.begin()
    browser.answer(age="40", sex="female")
    browser.answer(**{"card.pelvis": "bladder_leak"})
    page = browser.answer(bladder_leak="new")
    assert page.url.path == "/emergency"
    assert "Do not drive yourself." in page.text
    assert page.text.count("<h1>") == 1
    on = browser.go("/on")
    assert on.url.path == "/page/4"
    assert 'href="/emergency"' in on.text, "it stands on every page from now on"
    assert browser.get("/plan").url.path == "/plan", "the plan is there without the rest"
    browser.go("/page/3")
    browser.answer(bladder_leak="longstanding", old_signs_seen="yes")
    assert browser.get("/emergency").url.path != "/emergency", "it was taken back"
    assert 'href="/emergency"' not in browser.go("/on").text
    browser.go("/page/3")
    assert browser.answer(bladder_leak="new").url.path == "/emergency", "and is there again"


def test_an_emergency_is_told_even_where_something_else_on_the_page_is_wrong(
    catalog: Catalog, browser: Browser
) -> None:
    browser.begin()
    browser.answer(age="40", sex="female")
    browser.answer(**{"card.pelvis": ["bladder_leak", "saddle_wiping"]})
    assert browser.answer(bladder_leak="new").url.path == "/emergency"
    on = browser.go("/on")
    assert on.url.path == "/page/3", "and what was missing is asked still"
    assert 'value="new" checked' in on.text


def test_a_sign_that_somebody_is_not_sure_of_is_asked_once_more_with_help(
    catalog: Catalog, browser: Browser
) -> None:
    says, leak = catalog.words.interview, catalog.questionnaire.questions["bladder_leak"]
    browser.begin()
    browser.answer(age="40", sex="male")
    assert leak.help not in text_of(browser.page.text)
    page = browser.answer(**{"card.pelvis": ["unsure", "saddle_wiping"]})
    assert says.which_doubtful in page.text
    assert "saddle_wiping" not in browser.asked["card.pelvis"]
    browser.answer(**{"card.pelvis": "bladder_leak"})
    assert browser.asked.keys() == {"bladder_leak", "saddle_wiping", "old_signs_seen"}
    first = text_of(browser.page.text.partition("<details")[0])
    assert leak.text in first
    assert leak.help in first, "the help stands with the question"
    back = browser.go("/page/2").text
    assert re.search(r'value="saddle_wiping"[^>]* checked', back), "what was ticked is not lost"


def test_what_hangs_on_an_answer_of_the_page_is_asked_next_where_it_was_not_answered_there(
    catalog: Catalog, browser: Browser, example: Callable[..., Mapping[str, Any]]
) -> None:
    answers = Answers.of(catalog.questionnaire, example({"work_status": "off_sick"}))
    browser.begin()
    while "work_status" not in browser.asked:
        browser.answer_as(catalog, answers)
    number = int(browser.page.url.path.rpartition("/")[2])
    said = {
        name: picked(Interview(catalog.questionnaire, answers), name, can)
        for name, can in browser.asked.items()
        if name in {"activity", "sleep_quality"}
    }
    page = browser.answer(
        work_status="off_sick", work_posture="sitting", **said, **{"card.work": "none"}
    )
    assert (page.status_code, page.url.path) == (200, f"/page/{number + 1}")
    assert browser.asked.keys() == {"work_hours", "work_load", "work_breaks", "days_off"}
    browser.go(f"/page/{number}")
    assert re.search(r'value="off_sick"[^>]* checked', browser.page.text)


def test_what_hangs_on_another_answer_is_shown_by_the_options_that_make_it_apply(
    catalog: Catalog, browser: Browser, example: Callable[..., Mapping[str, Any]]
) -> None:
    answers = Answers.of(catalog.questionnaire, example())
    browser.begin()
    while "injury" not in browser.asked:
        browser.answer_as(catalog, answers)
    page = browser.page.text
    opened = re.findall(r'name="injury" value="(\w+)" class="opens-1 "', page)
    assert opened == ["minor_fall", "unsure", "major"]
    assert page.count('class="part on-1 further"') == 4
    look = browser.get("/style.css").text
    assert "form:not(:has(.opens-1:checked)) .on-1" in look
    browser.answer(injury="none", injury_bruise="yes", **{"card.bones": "none"})
    kept = browser.get("/on").url.path
    assert kept == "/page/5", "and what was picked before it was hidden again does not count"


@pytest.mark.parametrize(
    "over",
    [
        {},
        {"sex": "male"},
        {"work_posture": "standing", "activity": "little"},
        {"injury": "strain", "sleep_quality": "poor"},
        {"pain_places": ["low_back", "leg_below_knee"]},
    ],
)
def test_a_simple_person_has_sixteen_pages_from_the_first_to_the_plan(
    over: dict[str, Any],
    catalog: Catalog,
    browser: Browser,
    example: Callable[..., Mapping[str, Any]],
) -> None:
    met = browser.walk(catalog, Answers.of(catalog.questionnaire, example(over)))
    assert 'href="/plan"' in browser.page.text
    assert len(["/", *met, "/plan"]) <= 16


def test_an_answer_is_changed_from_the_check_and_leads_back_there(
    catalog: Catalog, browser: Browser, example: Callable[..., Mapping[str, Any]]
) -> None:
    browser.walk(catalog, Answers.of(catalog.questionnaire, example()))
    assert "Change" in browser.page.text
    page = browser.fill_in("/check", change="pain_now")
    assert catalog.questionnaire.questions["pain_now"].text in unescape(page.text)
    assert browser.asked.keys() == {"pain_now"}
    assert browser.get("/check").url.path == "/check", "nothing was changed yet"
    assert browser.answer(pain_now="3").url.path == "/check"
    name = catalog.questionnaire.questions["pain_now"].name
    assert re.search(rf"<dt>{name}</dt><dd>3\b", browser.page.text)
    browser.fill_in("/check", change="pain_worst")
    assert "That is less than" in unescape(browser.answer(pain_worst="1").text)


def test_every_page_is_guarded(catalog: Catalog, browser: Browser) -> None:
    browser.begin()
    for address in ("/", "/page/1", "/nowhere", "/style.css", "/healthz"):
        page = browser.get(address)
        for name, value in guard.HEADERS.items():
            wanted = (
                "max-age=86400" if (address, name) == ("/style.css", "Cache-Control") else value
            )
            assert page.headers[name] == wanted
    policy = guard.HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script" not in policy


def test_the_cookie_is_kept_from_scripts_and_other_places(
    catalog: Catalog, shared_store: Any, app: Any
) -> None:
    home = make_app(catalog, shared_store, lambda: DAY)
    far = testclient.TestClient(app, base_url="http://localhost").get("/")  # as a proxy asks
    near = testclient.TestClient(home, base_url="http://localhost:8000").get("/")
    for page, secure in ((far, True), (near, False)):
        cookie = page.headers["set-cookie"]
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
        assert ("Secure" in cookie) is cookie.startswith("__Host-") is secure


def test_no_page_holds_a_script_or_a_style_of_its_own(
    catalog: Catalog, browser: Browser, example: Callable[..., Mapping[str, Any]]
) -> None:
    browser.walk(catalog, Answers.of(catalog.questionnaire, example()))
    pages = [f"/page/{number}" for number in range(1, 16)]
    for address in ("/", *pages, "/check", "/plan", "/how/1"):
        page = browser.get(address).text
        assert len(page.encode()) < 60_000
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|https?://(?!www\.w3\.org)", page)
    assert len(browser.get("/style.css").content) < 12_000, "with what colours the pictures"


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
    refused = browser.answer(age="4" * guard.MOST_SENT)
    assert refused.status_code == 413
    assert catalog.words.web.problems.too_much in text_of(refused.text)
    browser.go("/page/1")
    many = {f"f{one}": "" for one in range(300)}
    assert browser.fill_in("/page/1", **many).status_code == 400


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
    while person.page.url.path.startswith("/page/"):
        address = person.page.url.path
        assert person.answer(**dict.fromkeys(person.asked, CANARY)).status_code == 422
        person.page = person.get(address)
        person.skip()
        person.go("/on")
    for address in ("/check", "/end", "/"):
        person.post(address, data={"token": person.token(), "change": CANARY, "answer": CANARY})
    person.go("/")
    person.begin()

    def broken(*_: Any) -> Any:
        raise KeyError(CANARY)

    monkeypatch.setattr("lumbar.web.questions.answer_from", broken)
    page = person.answer(age=CANARY)
    assert (page.status_code, CANARY in page.text) == (500, False)
    assert catalog.words.web.problems.broken in text_of(page.text)
    said = everything_written()
    assert "something broke inside: KeyError in test_web.py" in said
    assert CANARY not in said


def test_what_is_known_of_a_person_is_plain_data_that_goes_on_where_it_was(
    catalog: Catalog, app: Any, browser: Browser
) -> None:
    browser.begin()
    browser.answer(age="40", sex="male")
    data = app.state.site.tickets.opened(browser.cookies["__Host-lumbar"])[0].session
    assert json.loads(json.dumps(data)) == data
    assert json.loads(json.dumps(Session.of(catalog, data, DAY).data())) == data


def longest(catalog: Catalog) -> Session:
    """Return the session of somebody to whom every question applies as far as that can be, and who
    picked all there is.
    """
    session = Session.begun(catalog, DAY)
    wanted = {"sex": "female", "pregnant": "no", "age": 34, "onset_age": 20, "pain_days": 12_000}
    wanted |= {"work_status": "off_sick"}
    read = partial(questions.read, catalog.words)
    while not session.complete:
        given = {}
        for part in session.page(len(session.places)):
            one = part.question
            if isinstance(one, SeveralOf):
                given[one.id] = sorted(one.labels.keys() - {NONE, UNSURE})
            else:
                most = one.high if isinstance(one, Number) else one.options[-1].id
                given[one.id] = [str(wanted.get(one.id, most))]
        _, wrong = session.answer(len(session.places), given, read, leave_open=False)
        assert not wrong, wrong
    return session


def test_all_that_is_known_of_whoever_is_asked_the_most_fits_a_cookie(catalog: Catalog) -> None:
    session = longest(catalog)
    # less those of which only somebody who comes again is asked
    assert len(session.interview.answers) > 0.85 * len(catalog.questionnaire.questions)
    value = sessions.Tickets(bytes(32)).sealed(sessions.Ticket(session=session.data()))
    assert len(value) < 4_000, "browsers keep no larger one"


def test_where_it_hurts_is_shown_on_a_body_whose_parts_are_the_labels_of_the_options(
    catalog: Catalog, browser: Browser, example: Callable[..., Mapping[str, Any]]
) -> None:
    answers = Answers.of(catalog.questionnaire, example())
    browser.begin()
    while "pain_places" not in browser.asked:
        browser.answer_as(catalog, answers)
    where = re.search(r'<div class="where".*?</div>', browser.page.text, re.DOTALL)[0]
    labels = dict(re.findall(r'<label class="at-(\d)" for="([^"]+)"><svg', where))
    options = catalog.questionnaire.questions["pain_places"].options
    drawn = [place for place, one in enumerate(options) if one.regions]
    assert labels == {str(place + 1): f"pain_places-{place}" for place in drawn}
    assert drawn == [place for place, one in enumerate(options) if one.id != NONE]
    look = browser.get("/style.css").text
    assert all(f":nth-child({place}) :checked) .at-{place}" in look for place in labels)
    assert not text_of(where), "what it shows is said by the options"
    assert {f'id="{one}"' in browser.page.text for one in labels.values()} == {True}
