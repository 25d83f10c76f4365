"""Save and come back: a code, shown once; nobody else's answers, and none that were deleted."""

import hmac
import json
import logging
import re
from collections.abc import Callable
from datetime import date
from html import unescape
from itertools import pairwise
from time import time
from typing import Any

import pytest

pytest.importorskip("sqlalchemy", reason="the extra `web` is not installed")
from sqlalchemy import text

from lumbar import Catalog
from lumbar.decision.decide import decide
from lumbar.intake.answers import Answers
from lumbar.rulebook.questionnaire import ANSWERED_ON, asked_again

testclient = pytest.importorskip("starlette.testclient", reason="the extra `web` is not installed")
from lumbar.web import guard  # noqa: E402
from lumbar.web.app import make_app  # noqa: E402
from lumbar.web.session import Session  # noqa: E402
from lumbar.web.sessions import IDLE, Ticket, Tickets  # noqa: E402
from lumbar.web.settings import Settings  # noqa: E402
from lumbar.web.store import codes, throttle  # noqa: E402
from lumbar.web.store.store import Store, secret_at  # noqa: E402

DAY = "2026-11-22"
COOKIE = "__Host-lumbar"


class Person(testclient.TestClient):
    """Somebody at a browser of their own."""

    def __init__(self, app: Any) -> None:
        super().__init__(app, base_url="https://lumbar.example")
        self.site = app.state.site
        self.get("/")

    @property
    def ticket(self) -> Ticket:
        found = self.site.tickets.opened(self.cookies[COOKIE])
        assert found
        return found[0]

    @property
    def session(self) -> Session:
        ticket = self.ticket
        kept = self.site.store.records.find(ticket.key) if ticket.key else None
        data = kept.document["session"] if kept else ticket.session
        return Session.of(self.site.catalog, data, self.site.today())

    def hold(self, ticket: Ticket) -> None:
        self.cookies.set(COOKIE, self.site.tickets.sealed(ticket), domain="lumbar.example")

    def answered(self, answers: Any) -> "Person":
        """Let them have answered as somebody did, as far as all of it applies."""
        session = Session.begun(self.site.catalog, self.site.today())
        data = session.data()
        record = Answers.of(self.site.catalog.questionnaire, answers)
        data["interview"] = {"answers": record.raw, "cards": []}
        data["places"] = []
        self.hold(Ticket(session=data))
        return self

    def fill_in(self, address: str, **fields: Any) -> Any:
        token = self.site.tickets.token(self.ticket)
        return self.post(address, data={"token": token, **fields})

    def save(self) -> str:
        page = self.fill_in("/save")
        assert page.status_code == 200
        words = re.findall(r"<li>(\w+) </li>", page.text)
        assert len(words) == codes.WORDS
        return " ".join(words)

    def said(self) -> dict[str, Any]:
        return self.session.interview.kept.raw


def text_of(page: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


@pytest.fixture
def day() -> list[str]:
    """Return the day it is, which a test can change."""
    return [DAY]


@pytest.fixture
def app(catalog: Catalog, store: Store, day: list[str]) -> Any:
    dated = Store(store.engine, store.secret, 180, lambda: date.fromisoformat(day[0]))
    return make_app(catalog, dated, lambda: day[0], Settings(public=True))


@pytest.fixture
def person(app: Any, example: Callable[..., Any]) -> Person:
    return Person(app).answered(example())


def test_a_code_brings_the_answers_back_in_another_browser(app: Any, person: Person) -> None:
    before = person.said()
    code = person.save()
    other = Person(app)
    page = other.fill_in("/back", code=f" {code.upper()} ")
    assert page.url.path == "/check"
    assert other.said() == before
    assert other.get("/plan").url.path == "/plan"
    assert other.ticket.id != person.ticket.id


def test_the_plan_offers_to_save_until_that_was_done(catalog: Catalog, person: Person) -> None:
    offer = f'<li><a href="/save">{catalog.words.web.save.title}</a></li>'
    assert offer in person.get("/plan").text
    person.save()
    assert offer not in person.get("/plan").text


def test_the_code_is_shown_once_and_stands_nowhere(app: Any, person: Person) -> None:
    code = person.save()
    held = json.dumps([person.ticket.session, [one.hex() for one in person.ticket.key or ()]])
    secret = bytes(codes._list().to_entropy(code)).hex()
    words = code.split()  # one of them may stand on a page anyway, three in a row do not
    in_a_row = [" ".join(words[at : at + 3]) for at in range(len(words) - 2)]
    for page in ("/save", "/check", "/plan", "/"):
        shown = person.get(page)
        assert shown.status_code == 200
        assert not [few for few in in_a_row if few in text_of(shown).lower()]
    assert secret not in held
    assert not person.site.tickets.opened(person.cookies[COOKIE])[0].session


def test_the_code_needs_no_script_and_its_page_may_run_one_that_keeps_nothing(
    person: Person,
) -> None:
    page = person.fill_in("/save")
    assert page.headers["Content-Security-Policy"] == guard.WITH_SCRIPT
    assert re.findall(r"<script[^>]*>(.*?)</script>", page.text) == [""], "none within the page"
    assert '<div class="offer" hidden>' in page.text, "the buttons are shown by the script alone"
    for address in ("/save", "/delete", "/back"):
        other = person.get(address)
        assert "script" not in other.headers["Content-Security-Policy"] + other.text
    script = person.get("/code.js").text
    assert not re.search(r"fetch|XMLHttp|Storage|cookie|innerHTML|https?:", script)
    assert len(script) < 1_000


def test_a_form_that_is_sent_again_does_not_undo_the_code_that_was_written_down(
    app: Any, person: Person
) -> None:
    code = person.save()
    assert person.fill_in("/save").url.path == "/save"
    assert Person(app).fill_in("/back", code=code).url.path == "/check"


def test_a_new_code_takes_the_place_of_one_that_was_lost(app: Any, person: Person) -> None:
    old, before = person.save(), person.said()
    page = person.fill_in("/save", new="new")
    new = " ".join(re.findall(r"<li>(\w+) </li>", page.text))
    assert new != old
    other = Person(app)
    assert other.fill_in("/back", code=old).status_code == 422
    other.fill_in("/back", code=new)
    assert other.said() == before == person.said()


def test_what_is_answered_after_saving_is_kept_before_the_page_answers(
    app: Any, person: Person
) -> None:
    code = person.save()
    session = person.session
    session.interview.answers = session.interview.answers.without("pain_now")
    session.interview.advance()
    person.site.store.records.change(
        person.site.store.records.find(person.ticket.key), {"form": 1, "session": session.data()}
    )
    cookie = person.cookies[COOKIE]
    other = Person(app)
    other.fill_in("/back", code=code)
    assert "pain_now" not in other.said()
    assert other.session.interview.current == "pain_now"
    assert person.cookies[COOKIE] == cookie


@pytest.mark.parametrize("typed", ["", "abc", "zoo " * 12, "a" * 5000])
def test_what_is_no_code_is_said_and_what_was_typed_stays(
    typed: str, app: Any, catalog: Catalog
) -> None:
    person = Person(app)
    page = person.fill_in("/back", code=typed)
    assert page.status_code == 422
    assert catalog.words.web.back_with_code.no_code in text_of(page)
    assert f">{typed}</textarea>" in page.text
    assert page.text.count("<title>Error: ") == 1


def test_a_code_that_opens_nothing_is_said(app: Any) -> None:
    person = Person(app)
    page = person.fill_in("/back", code=codes.new_code())
    assert (page.status_code, "Nothing is saved under this code" in text_of(page)) == (422, True)
    assert person.ticket.key is None


def test_guessing_is_slowed_down_and_mistyping_is_not(app: Any, person: Person) -> None:
    code = person.save()
    for _ in range(2 * throttle.MOST_OF_ONE):
        assert person.fill_in("/back", code="mistyped").status_code == 422
    statuses = [
        person.fill_in("/back", code=codes.new_code()).status_code
        for _ in range(throttle.MOST_OF_ONE + 1)
    ]
    assert statuses == [422] * throttle.MOST_OF_ONE + [429]
    refused = person.fill_in("/back", code=code)
    assert refused.status_code == 429, "not even the right one tells that it is"
    assert "the first page tells" in text_of(refused)


def test_everything_is_deleted_with_one_button_once_it_was_meant(app: Any, person: Person) -> None:
    code, cookie = person.save(), person.cookies[COOKIE]
    assert "cannot take this back" in text_of(person.get("/delete"))
    assert person.fill_in("/delete").url.path == "/deleted"
    assert person.get("/plan").url.path == "/"
    person.cookies.set(COOKIE, cookie, domain="lumbar.example")
    assert person.get("/plan").url.path == "/", "an old cookie opens nothing"
    assert Person(app).fill_in("/back", code=code).status_code == 422
    with person.site.store.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM records")) == 0


def test_who_leaves_a_device_is_forgotten_there_and_comes_back_with_the_code(
    app: Any, person: Person
) -> None:
    code = person.save()
    person.fill_in("/end")
    assert person.get("/check").url.path == "/"
    assert person.fill_in("/back", code=code).url.path == "/check"


def test_without_a_code_nothing_is_written(person: Person) -> None:
    person.get("/check")
    person.get("/plan")
    with person.site.store.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM records")) == 0


def test_answers_of_an_earlier_day_count_as_on_a_terminal(
    app: Any, catalog: Catalog, person: Person, day: list[str]
) -> None:
    code, before = person.save(), person.said()
    day[0] = "2026-12-05"
    other = Person(app)
    page = other.fill_in("/back", code=code)
    assert page.url.path == "/again"
    assert DAY in text_of(page), "it says of when they are"
    session = other.session
    asked = catalog.questionnaire.questions
    assert session.day == DAY, "until all that is old was asked again"
    assert session.interview.kept.raw.items() >= before.items(), "and nothing is lost meanwhile"
    assert not any(asked_again(asked[one]) for one in session.interview.answers)
    assert other.get("/plan").url.path.startswith("/page/")
    while session.interview.current:
        name = session.interview.current
        said = before.get(name, asked[name].example)  # how it went was not asked the first time
        session.interview.answers = session.interview.answers.having({name: said})[0]
        session.interview.advance()
    assert session.day == "2026-12-05"


def test_an_emergency_of_an_earlier_day_is_told_first(
    app: Any, example: Callable[..., Any], day: list[str]
) -> None:
    person = Person(app).answered(example({"bladder_leak": "new"}))
    code = person.save()
    day[0] = "2026-12-05"
    other = Person(app)
    assert other.fill_in("/back", code=code).url.path == "/emergency"
    plan = other.get("/plan")
    assert plan.url.path == "/plan"
    assert "emergency" in plan.text


def test_answers_to_other_questions_are_carried_over(app: Any, person: Person) -> None:
    code = person.save()
    record = person.site.store.records.find(person.ticket.key)
    session = dict(record.document["session"], questionnaire="an earlier one")
    session["interview"]["answers"]["no_question_of_ours"] = "yes"
    person.site.store.records.change(record, {"form": 1, "session": session})
    other = Person(app)
    page = other.fill_in("/back", code=code)
    assert page.url.path == "/again"
    assert "no_question_of_ours" in text_of(page)
    assert "no_question_of_ours" not in other.said()
    assert other.said()["pain_now"]
    assert code


def test_what_was_kept_for_long_enough_is_gone_even_before_a_purge(
    app: Any, person: Person, day: list[str]
) -> None:
    code = person.save()
    day[0] = "2027-05-21"
    assert person.site.store.purge() == 0
    day[0] = "2027-05-22"
    assert Person(app).fill_in("/back", code=code).status_code == 422
    assert person.site.store.purge() == 1


def test_two_windows_of_one_person_never_undo_each_other(app: Any, person: Person) -> None:
    person.save()
    records = person.site.store.records
    stale = records.find(person.ticket.key)
    records.change(stale, {"form": 1, "session": person.session.data(), "more": 1})
    visited = []

    class Late:
        def __getattr__(self, name: str) -> Any:
            return getattr(records, name)

        def find(self, key: Any) -> Any:
            visited.append(key)
            return stale

    person.site.store.records = Late()
    page = person.fill_in("/check", change="pain_now")
    person.site.store.records = records
    assert visited
    assert page.status_code == 200
    assert records.find(person.ticket.key).document["more"] == 1


def test_a_ticket_that_somebody_planted_is_never_the_one_that_answers_are_kept_in(
    app: Any, person: Person
) -> None:
    planted = person.cookies[COOKIE]
    before = person.ticket.id
    person.fill_in("/")
    assert person.ticket.id != before
    other = Person(app)
    other.cookies.set(COOKIE, planted, domain="lumbar.example")
    assert other.ticket.session != person.ticket.session
    code = person.save()
    inside = person.ticket.id
    victim = Person(app)
    planted = victim.ticket.id
    victim.fill_in("/back", code=code)
    assert len({planted, inside, victim.ticket.id}) == 3


def test_forms_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    monkeypatch.setattr(
        hmac, "compare_digest", lambda one, other: compared.append((one, other)) or one == other
    )
    tickets, ticket = Tickets(bytes(32)), Ticket()
    assert tickets.ours(ticket, tickets.token(ticket))
    assert not tickets.ours(ticket, "é")
    assert not tickets.ours(Ticket(), tickets.token(ticket))
    assert len(compared) == 3


def test_a_cookie_that_was_changed_or_made_up_opens_nothing() -> None:
    tickets = Tickets(bytes(32))
    value = tickets.sealed(Ticket(session={"said": 1}))
    assert tickets.opened(value)
    for wrong in ("", "x", "é", value[:-8], value[:40] + "A" + value[41:], value + "AAAA"):
        assert wrong == value or tickets.opened(wrong) is None
    assert Tickets(b"another" * 5).opened(value) is None
    assert IDLE == 3600


def test_what_may_be_kept_on_the_way_never_carries_a_cookie(person: Person) -> None:
    held = person.cookies[COOKIE]
    later = time() + IDLE / 2  # by now a page is to renew it
    person.site.tickets = Tickets(person.site.store.secret, lambda: later)
    for address in ("/check", "/plan", "/style.css", "/icon.svg", "/timer.js", "/code.js"):
        person.cookies.set(COOKIE, held, domain="lumbar.example")
        page = person.get(address)
        kept = "max-age" in page.headers["cache-control"]
        assert ("set-cookie" in page.headers) is not kept, address


def test_a_form_without_its_token_saves_and_deletes_nothing(app: Any, person: Person) -> None:
    for address in ("/save", "/back", "/delete", "/end"):
        assert person.post(address, data={"code": "x"}).status_code == 403
    assert person.get("/check").url.path == "/check"


def test_where_the_database_does_not_answer_the_interview_goes_on_and_saving_is_told(
    app: Any, catalog: Catalog, person: Person
) -> None:
    with person.site.store.engine.begin() as connection:
        connection.execute(text("DROP TABLE records"))
    assert person.get("/check").url.path == "/check"
    assert person.get("/plan").url.path == "/plan"
    page = person.fill_in("/save")
    assert page.status_code == 503
    assert catalog.words.web.problems.not_now in text_of(page)
    assert person.get("/check").url.path == "/check", "and nothing is lost"


def test_nothing_that_is_written_holds_a_code(
    app: Any, person: Person, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    code = person.save()
    Person(app).fill_in("/back", code=code)
    Person(app).fill_in("/back", code="canary4711 " + code)
    with person.site.store.engine.begin() as connection:
        connection.execute(text("DROP TABLE records"))
    person.fill_in("/back", code=code)
    written = caplog.text + "".join(capfd.readouterr())
    assert "the database does not answer: OperationalError" in written
    assert "canary4711" not in written
    for one, other in pairwise(code.split()):
        assert not re.search(rf"{one}\W+{other}", written)
    assert codes.key_of(code).lookup.hex() not in written


def test_the_secret_is_made_once_for_its_owner_alone(tmp_path: Any) -> None:
    path = tmp_path / "new" / "web.secret"
    made = secret_at(path)
    assert len(made) == 32
    assert secret_at(path) == made != secret_at(tmp_path / "other")
    assert path.stat().st_mode & 0o077 == 0
    assert [one.name for one in path.parent.iterdir()] == ["web.secret"]


def test_the_same_plan_as_on_a_terminal_comes_of_answers_that_were_kept(
    app: Any, catalog: Catalog, person: Person, example: Callable[..., Any]
) -> None:
    code = person.save()
    other = Person(app)
    other.fill_in("/back", code=code)
    answers = Answers.of(catalog.questionnaire, {**example(), ANSWERED_ON: DAY})
    assert other.session.decision.urgency == decide(catalog, answers).urgency
    assert other.get("/plan.json").json() == person.get("/plan.json").json()
