"""What people save, as whoever runs the web keeps it: over several workers, and by commands."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
from served import started

pytest.importorskip("sqlalchemy", reason="the extra `web` is not installed")
from sqlalchemy import update

from lumbar.web.store.codes import key_of, new_code
from lumbar.web.store.database import connected
from lumbar.web.store.records import Records
from lumbar.web.store.tables import records


def lumbar(address: str, *words: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "lumbar", *map(str, words)],
        env=os.environ | {"LUMBAR_DATABASE_URL": address},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def saved(address: str, count: int, day: date) -> list[str]:
    """Save so many records on a day; return their codes."""
    engine, codes = connected(address), [new_code() for _ in range(count)]
    for code in codes:
        key = key_of(code)
        assert key
        Records(engine, 180, lambda: day).add(key, {"form": 1, "session": {}})
    engine.dispose()
    return codes


def test_what_nobody_changed_for_too_long_is_deleted_by_command_and_at_start(address: str) -> None:
    today = date.today()
    saved(address, 1, today)
    saved(address, 2, today - timedelta(181))
    ran = lumbar(address, "purge")
    assert ran.stdout == "deleted 2 records that nobody had changed for 180 days\n"
    saved(address, 3, today - timedelta(181))
    _, server = started(LUMBAR_DATABASE_URL=address, LUMBAR_SECRET="s" * 32)
    server.send_signal(signal.SIGINT)
    server.communicate(timeout=30)
    assert lumbar(address, "purge").stdout.startswith("deleted 0 records")


def test_a_backup_of_one_database_is_restored_into_another(address: str, tmp_path: Path) -> None:
    codes = saved(address, 3, date.today())
    ran = lumbar(address, "backup", tmp_path / "backup")
    assert (ran.returncode, ran.stdout) == (0, f"wrote 3 records to {tmp_path / 'backup'}\n")
    other = f"sqlite:///{tmp_path / 'other.sqlite'}"
    ran = lumbar(other, "restore", tmp_path / "backup")
    assert (ran.returncode, ran.stdout) == (0, "restored 3 records\n")
    engine = connected(other)
    assert all(Records(engine, 180, date.today).find(key_of(code)) for code in codes)
    engine.dispose()


def test_a_restore_that_is_refused_says_why(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'web.sqlite'}"
    saved(address, 1, date.today())
    lumbar(address, "backup", tmp_path / "backup")
    (tmp_path / "broken").write_bytes((tmp_path / "backup").read_bytes()[:-9])
    for name, said in (
        ("backup", "the database holds answers already; restore into an empty one"),
        ("broken", "this is no backup, or not the whole of one"),
    ):
        ran = lumbar(address, "restore", tmp_path / name)
        assert ran.returncode == 2
        assert ran.stderr == f"lumbar: '{tmp_path / name}' was not restored: {said}\n"
    ran = lumbar(address, "restore", tmp_path / "nowhere")
    assert (ran.returncode, "cannot be read: no such file" in ran.stderr) == (2, True)
    ran = lumbar(address, "backup", tmp_path / "nowhere" / "backup")
    assert (ran.returncode, "cannot be written: no such file" in ran.stderr) == (2, True)


def test_a_database_that_cannot_be_used_is_told_and_not_its_password() -> None:
    for command in (["purge"], ["backup", "x"], ["serve"]):
        ran = lumbar("postgresql+psycopg://me:hush@127.0.0.1:1/none", *command)
        assert ran.returncode == 2
        assert "LUMBAR_DATABASE_URL" in ran.stderr
        assert "hush" not in ran.stderr
        assert "Traceback" not in ran.stderr


class Person:
    """Somebody whose browser asks now this worker and now that one."""

    def __init__(self, ports: list[int]) -> None:
        self._ports, self._turn, self.page = ports, 0, ""
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()))
        self.ask("/")

    def ask(self, address: str, **fields: str) -> str:
        self._turn += 1
        port = self._ports[self._turn % len(self._ports)]
        token = re.search(r'name="token" value="(\w+)"', self.page)
        sent = urlencode({"token": token[1] if token else "", **fields}).encode()
        with self._opener.open(
            f"http://localhost:{port}{address}", sent if fields else None, timeout=30
        ) as answer:
            self.page = answer.read().decode()
            self.address = re.sub(r"^http://[^/]+", "", answer.geturl())
        return self.page


@pytest.fixture
def ports(address: str) -> Iterator[list[int]]:
    """Yield the ports of two programs that serve from one database."""
    ran = [started(LUMBAR_DATABASE_URL=address, LUMBAR_SECRET="s" * 32) for _ in range(2)]
    yield [port for port, _ in ran]
    for _, server in ran:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=30)


def test_two_people_over_two_workers_never_meet_each_others_answers(
    address: str, ports: list[int]
) -> None:
    people = {"41": Person(ports), "52": Person(ports)}
    for one in people.values():
        one.ask("/", begin="1")
    for age, one in people.items():
        one.ask(one.address, **answer(one.page, age))
    for age, one in people.items():
        other = next(another for another in people if another != age)
        for _ in range(2):  # of either worker
            page = one.ask("/page/1")
            assert f'value="{age}' in page
            assert f'value="{other}' not in page
    codes = {}
    for age, one in people.items():
        page = one.ask("/save") and one.ask("/save", save="1")
        codes[age] = " ".join(re.findall(r"<li>(\w+) </li>", page))
    engine = connected(address)
    for age, code in codes.items():
        kept = Records(engine, 180, date.today).find(key_of(code))
        assert kept and kept.document["session"]["interview"]["answers"] == {"age": int(age)}
        again = Person(ports)
        again.ask("/back")
        again.ask("/back", code=code)
        assert again.address.startswith("/page/"), "and go on where they were"
    engine.dispose()


def answer(page: str, age: str) -> dict[str, str]:
    """Return what the first page of the interview is to be sent, for somebody of an age."""
    fields = re.findall(r'<input [^>]*name="([^"]+)"', page)
    name = next(one for one in fields if one != "token")
    return {name: age, "skip": "skip"} if len(set(fields)) > 2 else {name: age}


def test_purging_a_record_of_long_ago_needs_no_key(address: str) -> None:
    saved(address, 1, date.today())
    engine = connected(address)
    with engine.begin() as connection:
        connection.execute(update(records).values(changed_on=date(2020, 1, 1)))
    engine.dispose()
    assert lumbar(address, "purge").stdout.startswith("deleted 1 record that")


def test_an_answer_that_was_taken_outlives_a_kill_of_the_whole_program(address: str) -> None:
    settings = {"LUMBAR_DATABASE_URL": address, "LUMBAR_SECRET": "s" * 32}
    port, server = started(**settings)
    person = Person([port])
    person.ask("/", begin="1")
    person.ask("/save")
    code = " ".join(re.findall(r"<li>(\w+) </li>", person.ask("/save", save="1")))
    person.ask("/on")
    person.ask(person.address, **answer(person.page, "47"))
    server.kill()
    server.communicate(timeout=30)
    port, server = started(**settings)
    again = Person([port])
    again.ask("/back")
    again.ask("/back", code=code)
    assert again.address.startswith("/page/")
    server.send_signal(signal.SIGINT)
    server.communicate(timeout=30)
    engine = connected(address)
    kept = Records(engine, 180, date.today).find(key_of(code))
    assert kept and kept.document["session"]["interview"]["answers"]["age"] == 47
    engine.dispose()
