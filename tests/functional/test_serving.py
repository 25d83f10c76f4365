"""`lumbar serve` for the public: what it writes while people answer, and how it ends."""

import json
import signal
import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any
from urllib.parse import urlencode

import pytest
from served import Forms, operated, started

CANARY = "canary4711"
TOKEN = "a token of more than 32 characters"
FORM = "application/x-www-form-urlencoded"


class Person:
    """A browser that keeps secure cookies without HTTPS, as behind a proxy that speaks it."""

    def __init__(self, port: int) -> None:
        self._port, self._cookies = port, dict[str, str]()
        self.at, self.page, self.status = "/", "", 0

    def ask(self, method: str, address: str, body: str = "", **headers: str) -> None:
        """Send a request, and go where it leads."""
        cookie = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        line = HTTPConnection("127.0.0.1", self._port, timeout=60)
        line.request(method, address, body or None, {"Cookie": cookie, **headers})
        answer = line.getresponse()
        self.page, self.status, self.at = answer.read().decode(), answer.status, address
        for set_ in answer.headers.get_all("Set-Cookie", []):
            name, _, value = set_.partition(";")[0].partition("=")
            self._cookies[name] = value
        line.close()
        if leads_to := answer.headers["Location"]:
            self.ask("GET", leads_to)

    def send(self, address: str, fields: dict[str, list[str]]) -> None:
        self.ask(
            "POST", address or self.at, urlencode(fields, doseq=True), **{"Content-Type": FORM}
        )


class Running:
    """A server for the public, and all that it has said."""

    def __init__(self, folder: Path, workers: int) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        environment = {
            "HOME": str(self.home),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "LUMBAR_DIR": str(operated(folder / "site")),
            "LUMBAR_PUBLIC": "1",
            "LUMBAR_METRICS_TOKEN": TOKEN,
            "LUMBAR_REQUESTS_A_MINUTE": "100000",
            "LUMBAR_WORKERS": str(workers),
        }
        self.port, self.process = started(**environment)
        self.said: list[str] = []
        self._reader = Thread(target=lambda: self.said.extend(self.process.stdout or ()))
        self._reader.start()

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=30)
        self._reader.join(timeout=30)
        if self.process.stdout:
            self.process.stdout.close()
        return code


@pytest.fixture(params=[1])
def running(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Running]:
    server = Running(tmp_path, request.param)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a server for the public."""
    server = Running(tmp_path_factory.mktemp("serving"), workers=1)
    yield server.port
    server.stop()


def canaries(person: Person, address: str, fields: dict[str, list[str]]) -> None:
    """Send a form with the canary in each field, in all of them, and in one that is not there."""
    page = person.at
    token = {"token": fields["token"]}
    names = [name for name in fields if name != "token"]
    for sent in (
        *({name: [CANARY]} for name in names),
        {name: [CANARY] for name in names},
        {CANARY: [CANARY]},
    ):
        person.send(address, {**token, **sent})
        assert person.status < 500
    person.send(address, {"token": [CANARY]})
    person.ask("GET", page)


def to_be_sent(person: Person) -> list[tuple[str, dict[str, list[str]]]]:
    """Return the forms of the page where somebody is, but for the one that deletes all."""
    return [one for one in Forms(person.page).found if "/end" not in one[0]]


def through_every_form(person: Person) -> int:
    """Send canaries with each form from the first page to the last; return how many there were."""
    met = set[Any]()
    for _ in range(80):
        for address, fields in to_be_sent(person):
            if (form := (address or person.at, *sorted(fields))) not in met:
                met.add(form)
                canaries(person, address, fields)
        skips = [one for one in to_be_sent(person) if "skip" in one[1]]
        before = person.at
        for address, fields in (skips or to_be_sent(person))[:1]:
            person.send(address, {"token": fields["token"], **({"skip": [""]} if skips else {})})
        if person.at == before:
            break
    return len(met)


def test_nothing_that_is_written_holds_what_a_person_sent(running: Running) -> None:
    person = Person(running.port)
    person.ask("GET", "/")
    assert "Northfield Physiotherapy runs this, for people in Elsewhere." in person.page
    met = through_every_form(person)
    assert met > 15, f"too few forms were met: {met}"
    for kind in ("application/json", FORM, CANARY):
        for sent in (CANARY, json.dumps({CANARY: CANARY}), json.dumps({"age": CANARY})):
            for address in ("plan", "explain"):
                person.ask("POST", f"/api/v1/{address}", sent, **{"Content-Type": kind})
    odd = dict.fromkeys(("User-Agent", "Referer", "X-Forwarded-For", "X-Request-ID"), CANARY)
    person.ask("GET", f"/{CANARY}?{CANARY}={CANARY}", **odd)
    person.ask("GET", "/metrics", Authorization=f"Bearer {TOKEN}")
    numbers = person.page
    assert running.stop() == 0
    lines = [json.loads(one) for one in running.said]
    assert sum(one["said"] == "answered" for one in lines) > 100
    files = [path for path in running.home.rglob("*") if path.is_file()]
    written = "".join(running.said).encode() + b"".join(path.read_bytes() for path in files)
    for secret in (CANARY, TOKEN, *person._cookies.values()):
        assert secret.encode() not in written
        assert secret not in numbers


def test_who_is_being_answered_when_it_stops_is_answered(running: Running) -> None:
    sent = json.dumps({"age": 42}).encode()
    with socket.create_connection(("127.0.0.1", running.port), timeout=60) as line:
        line.sendall(
            b"POST /api/v1/plan HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + f"Content-Length: {len(sent)}\r\n\r\n".encode()
        )
        Person(running.port).ask("GET", "/healthz")  # by now it has read the line before
        running.process.send_signal(signal.SIGTERM)
        while not any("Shutting down" in one for one in running.said):
            sleep(0.05)
        line.sendall(sent)
        answer = b"".join(iter(lambda: line.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert running.stop() == 0


@pytest.mark.parametrize("running", [2], indirect=True)
def test_whichever_worker_is_asked_for_the_numbers_adds_up_those_of_all(running: Running) -> None:
    while sum("startup complete" in one for one in running.said) < 2:
        sleep(0.05)
    person = Person(running.port)
    for _ in range(60):
        person.ask("GET", "/healthz")
    count = 'lumbar_requests_total{method="GET",route="/healthz",status="200"} 60.0'
    for _ in range(10):
        person.ask("GET", "/metrics", Authorization=f"Bearer {TOKEN}")
        assert count in person.page


@pytest.mark.parametrize(
    "target",
    [
        "/../../../../etc/passwd", "/..%2f..%2fetc%2fpasswd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd",
        "/style.css/../../etc/passwd", "/./", "/%00", "http://elsewhere.example/etc/passwd", "*", "etc/passwd",
    ],
)  # fmt: skip
def test_an_odd_path_as_it_comes_over_the_line_leads_nowhere(serving: int, target: str) -> None:
    """Clients tidy up what they ask for; whoever means harm does not."""
    with socket.create_connection(("127.0.0.1", serving), timeout=60) as line:
        line.sendall(
            f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        )
        answer = b"".join(iter(lambda: line.recv(65_536), b""))
    assert answer.startswith((b"HTTP/1.1 404 ", b"HTTP/1.1 400 ")), answer[:200]
    assert b"root:" not in answer
    assert b"location: " not in answer.lower()
