"""What an operator is told of a running server, and what nobody is told."""

import json
import logging
import re
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest

from lumbar import Catalog

testclient = pytest.importorskip("starlette.testclient", reason="the extra `web` is not installed")
from lumbar.decision.decide import engines  # noqa: E402
from lumbar.engines import durable  # noqa: E402
from lumbar.web import health, logs, rates  # noqa: E402
from lumbar.web.addresses import household  # noqa: E402
from lumbar.web.app import make_app  # noqa: E402
from lumbar.web.settings import Settings  # noqa: E402

DAY = "2026-11-22"
CANARY = "canary4711"
TOKEN = "a token of more than 32 characters"


@pytest.fixture
def client(catalog: Catalog, shared_store: Any) -> Callable[..., Any]:
    """Return what makes a client of a site with these settings."""

    def made(**given: Any) -> Any:
        app = make_app(catalog, shared_store, lambda: DAY, Settings(**given))
        return testclient.TestClient(app, "http://localhost:8000")

    return made


# logs


@pytest.fixture
def lines() -> Iterator[Any]:
    """Yield the lines that are logged for the public."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.JsonLines())
    root, before = logging.getLogger(), logging.getLogger("lumbar").level
    root.addHandler(handler)
    logging.getLogger("lumbar").setLevel("INFO")
    yield lambda: [json.loads(one) for one in written.getvalue().splitlines()]
    logging.getLogger("lumbar").setLevel(before)
    root.removeHandler(handler)


def test_a_request_is_logged_by_its_route_and_the_id_that_its_answer_carries(
    client: Callable[..., Any], lines: Any
) -> None:
    got = client().get(f"/page/17?{CANARY}={CANARY}", headers={"X-Request-ID": CANARY})
    found = [one for one in lines() if one["by"] == logs.REQUESTS]
    assert found[0]["route"] == "/page/{number}"
    assert found[0].keys() == {
        "time", "level", "by", "said", "request", "method", "route", "status", "ms",
    }  # fmt: skip
    assert found[-1]["request"] == got.headers["x-request-id"]
    assert CANARY not in str(found)
    assert len({one["request"] for one in found}) == len(found)


def test_no_address_and_no_odd_method_is_logged(client: Callable[..., Any], lines: Any) -> None:
    asked = client()
    asked.get(f"/{CANARY}")
    asked.request(CANARY.upper(), "/")
    asked.get("/", headers={"user-agent": CANARY, "referer": CANARY, "cookie": f"lumbar={CANARY}"})
    found = lines()
    assert [(one["method"], one["route"]) for one in found] == [
        ("GET", "none"),
        ("other", "/"),
        ("GET", "/"),
    ]
    assert CANARY not in str(found).lower()


def test_of_an_error_its_kind_and_place_are_logged_and_never_its_message(lines: Any) -> None:
    try:
        raise KeyError(CANARY)
    except KeyError:
        logging.getLogger("uvicorn.error").exception("broke")
    (line,) = lines()
    assert re.fullmatch(r"KeyError in test_serving.py:\d+", line["error"])
    assert CANARY not in str(line)


# health


def test_it_is_ready_where_the_engines_agree(client: Callable[..., Any]) -> None:
    got = client().get("/readyz")
    assert (got.status_code, set(got.json().values())) == (200, {True})


def test_it_is_alive_and_not_ready_where_the_engines_do_not_agree(
    client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError

    monkeypatch.setattr("lumbar.engines.reference.infer", broken)
    got = client().get("/readyz")
    assert (got.status_code, got.json()["engines"]) == (503, False)
    assert client().get("/healthz").text == "ok\n"


@pytest.mark.skipif(not durable.available(), reason="durable_rules is not installed")
def test_it_is_not_ready_where_an_engine_is_missing(
    client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "engines", lambda: [*engines(), ("another", None)])
    assert client().get("/readyz").status_code == 503


# metrics


def test_requests_are_counted_by_route_and_errors_by_who_tells_them(
    client: Callable[..., Any],
) -> None:
    from lumbar.web.metrics import Errors

    asked = client()
    asked.get(f"/{CANARY}")
    record = logging.LogRecord("lumbar", logging.ERROR, "", 0, CANARY, (), None)
    Errors().emit(record)
    said = asked.get("/metrics").text
    assert re.search(r'lumbar_requests_total\{method="GET",route="none",status="404"\} [1-9]', said)
    assert re.search(r'lumbar_errors_total\{by="lumbar"\} [1-9]', said)
    assert 'lumbar_request_seconds_bucket{le="0.15",route="none"}' in said
    assert CANARY not in said


def test_for_the_public_numbers_are_for_whoever_has_the_token(client: Callable[..., Any]) -> None:
    assert client(public=True).get("/metrics").status_code == 404
    asked = client(public=True, metrics_token=TOKEN)
    for header in ({}, {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": TOKEN}):
        refused = asked.get("/metrics", headers=header)
        assert (refused.status_code, refused.text) == (401, "")
    got = asked.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert (got.status_code, "lumbar_requests_total" in got.text) == (200, True)


# rates


def test_who_asks_too_often_waits_and_may_ask_again() -> None:
    now = [0.0]
    asked = rates.Rates(60, lambda: now[0])
    assert [asked.wait("a") for _ in range(60)] == [0] * 60
    assert (asked.wait("a"), asked.wait("b")) == (1, 0)
    now[0] = 1.1
    assert (asked.wait("a"), asked.wait("a")) == (0, 1)
    now[0] = 1000
    assert [asked.wait("a") for _ in range(61)].count(0) == 60, "it never saves up for more"


def test_addresses_are_forgotten_after_a_minute_and_never_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    asked = rates.Rates(60, lambda: now[0])
    monkeypatch.setattr(rates, "_MOST", 3)
    for one in "abcde":
        asked.wait(one)
    assert len(asked._left) == 3
    now[0] = 61
    asked.wait("f")
    assert list(asked._left) == ["f"]


def test_too_often_is_told_with_when_to_come_back_but_never_to_who_asks_for_health(
    catalog: Catalog, client: Callable[..., Any]
) -> None:
    asked = client(requests_a_minute=10)
    answers = [asked.get("/nowhere") for _ in range(11)]
    assert [one.status_code for one in answers] == [404] * 10 + [429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 6
    assert catalog.words.web.problems.too_often in answers[-1].text
    assert answers[-1].headers["x-frame-options"] == "DENY"
    program = asked.post("/api/v1/plan", json={})
    assert program.json() == {"type": "about:blank", "title": "Too Many Requests", "status": 429}
    assert asked.get("/healthz").status_code == asked.get("/readyz").status_code == 200


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("testclient", "testclient", True),
    ],
)
def test_a_household_is_one_address_or_a_network_of_the_new_kind(
    one: str, other: str, same: bool
) -> None:
    assert (household(one) == household(other)) is same


# names


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("localhost:8000", True),
        ("127.0.0.1:8000", True),
        ("[::1]:8000", True),
        ("lumbar.example", False),
        ("localhost.lumbar.example", False),
        ("192.0.2.1:8000", False),
        ("[", False),
        ("", False),
        ("@localhost", False),
    ],
)
def test_at_home_it_answers_to_the_names_of_this_machine_alone(
    client: Callable[..., Any], host: str, here: bool
) -> None:
    got = client().get("/healthz", headers={"Host": host})
    assert got.status_code == (200 if here else 404)
    assert got.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("host", ["lumbar.example", "[", "[::1", "", "a b", "@x:y/z?q#f", "\xff"])
def test_for_the_public_no_name_breaks_it_and_all_is_kept_to_https(
    client: Callable[..., Any], host: str
) -> None:
    got = client(public=True).get("/", headers={"Host": host.encode("latin-1")})
    assert got.status_code == 200
    assert got.headers["strict-transport-security"] == "max-age=31536000"
    assert "Secure" in got.headers["set-cookie"]


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//lumbar.example", "/question/1/..",
        "/question/-1", "/question/1%00", "/question/" + "9" * 5000, "/question/٣", "/%ff%fe",
        "/api/v1/../../x", "/style.css/", "/how/1e3", "/plan.json/", "/templates/base.html",
    ],
)  # fmt: skip
def test_no_trick_of_a_path_finds_a_file_or_breaks_it(
    client: Callable[..., Any], path: str
) -> None:
    got = client(public=True).get(f"http://lumbar.example{path}", follow_redirects=False)
    assert got.status_code in {303, 307, 404}
    assert got.headers.get("location", "http://lumbar.example/")[:22] in {
        "/",
        "http://lumbar.example/",
    }


def test_it_is_not_ready_while_the_database_does_not_answer(
    client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    def broken(_: Any) -> Any:
        raise OperationalError("", None, Exception())

    monkeypatch.setattr("lumbar.web.store.database.reading", broken)
    got = client().get("/readyz")
    assert (got.status_code, got.json()["database"]) == (503, False)
