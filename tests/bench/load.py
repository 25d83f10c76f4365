"""How long the pages take for many people at once: python tests/bench/load.py [REQUESTS] [A SECOND] [SESSIONS]

Starts `lumbar serve` for the public with two workers, on this machine alone, and lets people answer
as the example person does, from the first page to the plan, again and again. Requests begin when
they are due, whether or not those before are answered. What the server took is in its own log; what
a person waited is measured here, with this program on the same cores.
"""

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles
from threading import Thread
from time import perf_counter, sleep
from typing import Any
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parents[1]))
from served import Forms, operated, started

from lumbar import load

GOALS = {"GET /page/{number}": 15.0, "GET /plan": 60.0}  # milliseconds, at the median
SLOWEST = 150.0  # of all, at the 99th percentile
WORKERS = 2
LONGEST = 600  # seconds for all of it

Said = dict[str, list[str]]


class Person:
    """Somebody who answers as the example person does; `todo` is what they ask for next."""

    def __init__(self, port: int, said: Said) -> None:
        self._port, self._said = port, said
        self._begin()

    def _begin(self) -> None:
        self._cookie, self.todo = "", ("GET", "/", "")

    async def ask(self) -> tuple[int, float]:
        """Send what is to be sent; return the status of the answer, and the seconds it took."""
        method, address, body = self.todo
        began = perf_counter()
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(
            f"{method} {address} HTTP/1.1\r\nHost: lumbar.example\r\nConnection: close\r\n"
            f"Cookie: {self._cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        answer = await reader.read()
        writer.close()
        took = perf_counter() - began
        head, _, page = answer.decode().partition("\r\n\r\n")
        lines = head.split("\r\n")
        headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in lines)}
        if "set-cookie" in headers:
            self._cookie = headers["set-cookie"].partition(";")[0]
        status = int(lines[0].split()[1]) if answer else 0
        self._go_on(address, headers.get("location", ""), page if status == 200 else None)
        return status, took

    def _go_on(self, address: str, leads_to: str, page: str | None) -> None:
        if leads_to:
            self.todo = ("GET", leads_to, "")
        elif address == "/check":
            self.todo = ("GET", "/plan", "")
        elif page is None or address == "/plan":
            self._begin()
        else:
            where, fields = next(one for one in Forms(page).found if "/end" not in one[0])
            self.todo = ("POST", where or address, urlencode(self._filled(fields), doseq=True))

    def _filled(self, fields: Said) -> Said:
        cards = {name: ["none"] for name in fields if name.startswith("card.")}
        said = {name: self._said[name] for name in fields if name in self._said}
        return {"token": fields["token"], **cards, **said}


async def crowd(port: int, requests: int, a_second: float, sessions: int) -> dict[str, list[Any]]:
    """Let so many people ask; return the status of each answer and the milliseconds it took."""
    example = load().questionnaire.example()
    said = {
        name: sorted(value) if isinstance(value, frozenset) else [str(value)]
        for name, value in example.items()
    }
    free: asyncio.Queue[Person] = asyncio.Queue()
    for _ in range(sessions):
        free.put_nowait(Person(port, said))
    found: dict[str, list[Any]] = defaultdict(list)

    async def one(person: Person, what: str) -> None:
        try:
            status, took = await person.ask()
        except OSError:  # nobody answers
            status, took = 0, 0.0
        found[what].append((status, took * 1000))
        free.put_nowait(person)

    began = perf_counter()
    async with asyncio.TaskGroup() as asked:
        for number in range(requests):
            await asyncio.sleep(max(0, began + number / a_second - perf_counter()))
            person = await free.get()
            method, address, _ = person.todo
            page = "/page/{number}" if address.startswith("/page/") else address
            asked.create_task(one(person, f"{method} {page}"))
    return found


def logged(lines: list[str]) -> Iterator[tuple[str, float]]:
    """Yield what was asked for, and the milliseconds that the server took, of each line of its log."""
    for line in lines:
        said = json.loads(line)
        if said["by"] == "lumbar.web.requests":
            yield f"{said['method']} {said['route']}", said["ms"]


def cut(numbers: list[float], percent: int) -> float:
    return quantiles(numbers, n=100, method="inclusive")[percent - 1]


def told(served: dict[str, list[float]], waited: dict[str, list[Any]]) -> bool:
    """Print what was measured beside its goals; return whether all were reached."""
    every = [one for numbers in served.values() for one in numbers]
    waits = [took for answers in waited.values() for _, took in answers]
    print(
        f"{'':28}{'requests':>9}{'p50 ms':>9}{'p99 ms':>9}{'goal':>15}{'waited p50':>12}{'p99':>8}"
    )
    rows = {**dict(sorted(served.items())), "all": every}
    for name, numbers in rows.items():
        mine = waits if name == "all" else [took for _, took in waited[name]]
        goal = f"p99 < {SLOWEST:g}" if name == "all" else ""
        goal = f"p50 < {GOALS[name]:g}" if name in GOALS else goal
        row = f"{cut(numbers, 50):9.1f}{cut(numbers, 99):9.1f}{goal:>15}"
        print(f"{name:28}{len(numbers):9}{row}{cut(mine, 50):12.1f}{cut(mine, 99):8.1f}")
    statuses = Counter(status for answers in waited.values() for status, _ in answers)
    errors = sum(count for status, count in statuses.items() if status not in {200, 303})
    print(f"{errors} errors of {len(waits)} requests (goal 0); statuses {dict(statuses)}")
    reached = all(cut(served[name], 50) < goal for name, goal in GOALS.items())
    return reached and cut(every, 99) < SLOWEST and not errors


def main() -> int:
    given = [float(word) for word in sys.argv[1:]]
    requests, a_second, sessions = (*given, *(10_000, 50, 200)[len(given) :])
    with tempfile.TemporaryDirectory() as folder:
        port, ran = started(
            HOME=folder,
            XDG_CONFIG_HOME=folder,
            LUMBAR_DIR=str(operated(Path(folder, "site"))),
            LUMBAR_PUBLIC="1",
            LUMBAR_WORKERS=str(WORKERS),
            LUMBAR_REQUESTS_A_MINUTE="1000000",  # all come from one address
        )
        lines: list[str] = []
        reader = Thread(target=lambda: lines.extend(ran.stdout or ()))
        reader.start()
        while sum("startup complete" in line for line in [*lines]) < WORKERS:
            assert ran.poll() is None, "it has ended"
            sleep(0.1)
        try:
            waited = asyncio.run(
                asyncio.wait_for(crowd(port, int(requests), a_second, int(sessions)), LONGEST)
            )
        finally:
            os.kill(ran.pid, signal.SIGTERM)
            ran.wait(timeout=30)
            reader.join()
    served: dict[str, list[float]] = defaultdict(list)
    for name, took in logged(lines):
        served[name].append(took)
    return 0 if told(served, waited) else 1


if __name__ == "__main__":
    sys.exit(main())
