"""What is kept for who comes back: nobody reads it without the code, and nothing is lost."""

import gzip
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy", reason="the extra `web` is not installed")
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text

from lumbar.web.store import backup, codes, sealing, throttle
from lumbar.web.store.database import UnusableDatabaseError, connected
from lumbar.web.store.records import ChangedMeanwhileError, Records
from lumbar.web.store.tables import tables

DAY = date(2026, 11, 22)
SAID = {"answers": {"bladder_leak": "new", "age": 47, "pain_where": ["low_back", "buttock"]}}


@pytest.fixture
def engine(address: str) -> Iterator[Engine]:
    engine = connected(address)
    yield engine
    engine.dispose()


@pytest.fixture
def kept(engine: Engine) -> Records:
    return Records(engine, 180, lambda: DAY)


def key() -> codes.Key:
    found = codes.key_of(codes.new_code())
    assert found
    return found


def test_what_was_kept_comes_back_with_its_code_alone(kept: Records) -> None:
    one, other = key(), key()
    kept.add(one, SAID)
    kept.add(other, {"answers": {}})
    assert kept.find(one).document == SAID
    assert kept.find(other).document == {"answers": {}}
    assert kept.find(key()) is None


def test_a_change_takes_the_place_of_what_was_kept(kept: Records) -> None:
    record = kept.add(key(), SAID)
    kept.change(kept.change(record, {"n": 1}), {"n": 2})
    assert kept.find(record.key).document == {"n": 2}


def test_a_change_of_what_others_changed_or_deleted_meanwhile_is_refused(kept: Records) -> None:
    record = kept.add(key(), SAID)
    kept.change(record, {"n": 1})
    with pytest.raises(ChangedMeanwhileError):
        kept.change(record, {"n": 2})
    assert kept.find(record.key).document == {"n": 1}
    kept.delete(record.key)
    with pytest.raises(ChangedMeanwhileError):
        kept.change(record, {"n": 3})
    assert kept.find(record.key) is None


def test_what_is_deleted_is_gone_and_all_else_stays(kept: Records) -> None:
    one, other = kept.add(key(), SAID), kept.add(key(), SAID)
    kept.delete(one.key)
    assert kept.find(one.key) is None
    assert kept.find(other.key)


def test_a_purge_deletes_what_was_not_changed_for_as_long_as_is_kept(engine: Engine) -> None:
    day = [date(2026, 1, 1)]
    kept = Records(engine, 180, lambda: day[0])
    old, used = kept.add(key(), SAID), kept.add(key(), SAID)
    day[0] = date(2026, 1, 2)
    used = kept.change(used, SAID)
    day[0] = date(2026, 6, 30)
    assert kept.purge() == 0
    day[0] = date(2026, 7, 1)
    assert kept.purge() == 1
    assert kept.find(old.key) is None
    assert kept.find(used.key)


def everything_in(folder: Path) -> bytes:
    """Return every byte of every file, whatever its name, and the names."""
    return b"".join(
        path.name.encode() + path.read_bytes() for path in folder.rglob("*") if path.is_file()
    )


def test_a_stolen_file_tells_no_answer_no_question_and_no_code(tmp_path: Path) -> None:
    engine = connected(f"sqlite:///{tmp_path / 'lumbar.sqlite'}")
    code = codes.new_code()
    opened = codes.key_of(code)
    assert opened
    kept = Records(engine, 180, lambda: DAY)
    kept.change(kept.add(opened, {"answers": {}}), SAID)
    throttle.Throttle(engine, bytes(32), lambda: 0.0).allows("192.0.2.77")
    stolen = everything_in(tmp_path)
    assert b"records" in stolen
    assert opened.lookup in stolen, "what is written is seen, also in the log of writes"
    secret = bytes(codes._list().to_entropy(code))
    for one in (secret, opened.opening, sealing.derived(secret, "opening")):
        assert one not in stolen
        assert one.hex().encode() not in stolen.lower()
    for one in ("bladder", "leak", "new", "answers", "buttock", "192.0.2", *code.split()):
        assert one.encode() not in stolen.replace(b"tries", b"").replace(b"records", b""), one
    engine.dispose()


def test_the_length_of_what_is_kept_does_not_tell_how_much_was_said() -> None:
    secret = bytes(32)
    lengths = {len(sealing.seal(secret, {"answers": {"age": n}})) for n in range(16, 100)}
    lengths |= {len(sealing.seal(secret, SAID)), len(sealing.seal(secret, {}))}
    assert len(lengths) == 1


def test_what_was_deleted_is_in_no_file_any_more(tmp_path: Path) -> None:
    engine = connected(f"sqlite:///{tmp_path / 'lumbar.sqlite'}")
    kept = Records(engine, 180, lambda: DAY)
    record = kept.add(key(), SAID)
    assert record.sealed in everything_in(tmp_path)
    kept.delete(record.key)
    gone = everything_in(tmp_path)
    assert record.sealed[:40] not in gone
    assert record.key.lookup not in gone
    engine.dispose()


@pytest.mark.skipif(os.name == "nt", reason="another kind of rights")
def test_only_its_owner_reads_the_file_and_what_lies_beside_it(tmp_path: Path) -> None:
    engine = connected(f"sqlite:///{tmp_path / 'new' / 'lumbar.sqlite'}")
    Records(engine, 180, lambda: DAY).add(key(), SAID)
    files = [*(tmp_path / "new").iterdir()]
    assert len(files) == 3
    assert [one.stat().st_mode & 0o077 for one in files] == [0, 0, 0]
    engine.dispose()


def test_nothing_sealed_is_opened_by_another_key_or_once_it_was_changed() -> None:
    secret = bytes(range(32))
    sealed = sealing.seal(secret, SAID)
    assert sealing.unseal(secret, sealed) == SAID
    assert sealing.seal(secret, SAID) != sealed
    for at in (0, 1, 12, 13, 40, len(sealed) - 1):
        changed = bytearray(sealed)
        changed[at] ^= 1
        with pytest.raises(sealing.UnsealableError):
            sealing.unseal(secret, bytes(changed))
    for broken in (b"", sealed[:5], sealed[:20], sealed[:-1]):
        with pytest.raises(sealing.UnsealableError):
            sealing.unseal(secret, broken)
    with pytest.raises(sealing.UnsealableError):
        sealing.unseal(bytes(32), sealed)


def test_a_code_is_twelve_words_that_nobody_else_has() -> None:
    some = {codes.new_code() for _ in range(50)}
    assert len(some) == 50
    assert {len(one.split()) for one in some} == {codes.WORDS}


CODE = "diagram error cigar fat confirm course salmon protect unlock music now tape"


@pytest.mark.parametrize(
    "typed",
    [
        CODE.upper(),
        f"  {CODE.replace(' ', '   ')}\r\n",
        CODE.replace(" ", ", "),
        "\n".join(f"{n}. {word}" for n, word in enumerate(CODE.split(), 1)),
        " ".join(word[:4] for word in CODE.split()),
        CODE.replace("salmon", "sallmon").replace("protect", "pertect"),
    ],
)
def test_a_code_may_be_typed_as_people_type(typed: str) -> None:
    assert codes.key_of(typed) == codes.key_of(CODE)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "diagram error",
        CODE + " tape",
        CODE.replace("tape", "zebra"),
        CODE.replace("tape", "ähm"),
        " ".join(reversed(CODE.split())),
        "xxxxxxxx " * 12,
    ],
)
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert codes.key_of(typed) is None


def test_neither_half_of_a_key_tells_the_other() -> None:
    opened = codes.key_of(CODE)
    assert opened
    assert len(opened.lookup) == len(opened.opening) == 32
    assert opened.lookup != opened.opening


def test_tries_of_one_address_are_limited_for_a_while_and_by_all_workers(address: str) -> None:
    now = [0.0]
    workers = [throttle.Throttle(connected(address), bytes(32), lambda: now[0]) for _ in range(2)]
    allowed = [workers[n % 2].allows("192.0.2.7") for n in range(throttle.MOST_OF_ONE + 5)]
    assert allowed.count(True) == throttle.MOST_OF_ONE
    assert workers[0].allows("192.0.2.8"), "others are not kept out"
    now[0] = throttle.PERIOD
    assert workers[1].allows("192.0.2.7")
    for one in workers:
        one._engine.dispose()


def test_tries_of_all_together_are_limited(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "MOST_OF_ALL", 5)
    limited = throttle.Throttle(engine, bytes(32), lambda: 0.0)
    assert [limited.allows(f"192.0.2.{n}") for n in range(7)] == [True] * 5 + [False] * 2


def test_one_household_of_ipv6_is_one_address(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "MOST_OF_ONE", 2)
    limited = throttle.Throttle(engine, bytes(32), lambda: 0.0)
    assert [limited.allows(f"2001:db8:1:2::{n}") for n in range(1, 4)] == [True, True, False]
    assert limited.allows("2001:db8:1:3::1")
    assert limited.allows("testclient"), "whatever stands there is counted"


def test_no_address_is_kept_beyond_its_period(engine: Engine) -> None:
    now = [0.0]
    limited = throttle.Throttle(engine, bytes(32), lambda: now[0])
    limited.allows("192.0.2.7")
    now[0] = 2 * throttle.PERIOD
    limited.forget()
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM tries")) == 0


def test_the_steps_lead_to_the_tables_as_the_program_has_them(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables) == []


def test_a_database_of_the_first_form_is_brought_up_to_date_and_loses_nothing(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade = command.upgrade
    with monkeypatch.context() as at_first:
        at_first.setattr(command, "upgrade", lambda config, _: upgrade(config, "1"))
        engine = connected(address)
    record = Records(engine, 180, lambda: DAY).add(key(), SAID)
    engine.dispose()
    again = connected(address)
    assert Records(again, 180, lambda: DAY).find(record.key).document == SAID
    again.dispose()


def test_a_database_of_a_later_version_is_refused(address: str) -> None:
    engine = connected(address)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'later'"))
    engine.dispose()
    with pytest.raises(UnusableDatabaseError, match="later version"):
        connected(address)


@pytest.mark.parametrize(
    "wrong",
    [
        "nonsense",
        "sqlite:///{folder}",
        "mysql://here/lumbar",
        "postgresql+psycopg://:1@/x?host={folder}",
    ],
)
def test_a_database_that_cannot_be_used_is_told_without_its_password(
    wrong: str, tmp_path: Path
) -> None:
    with pytest.raises(UnusableDatabaseError) as told:
        connected(wrong.format(folder=tmp_path))
    assert ":1@" not in str(told.value)
    assert str(tmp_path) not in str(told.value)


def test_without_its_driver_a_postgresql_is_told_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(UnusableDatabaseError, match=r"'psycopg' is not .* lumbar\[postgres\]"):
        connected("postgresql+psycopg://127.0.0.1:1/x")


def test_many_who_start_at_once_make_one_database(address: str) -> None:
    start = "import sys; from lumbar.web.store.database import connected; connected(sys.argv[1]).dispose()"
    command = [sys.executable, "-c", start, address]
    ran = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    assert [(one.communicate()[1], one.returncode) for one in ran] == [("", 0)] * 2


def filled(address: str, count: int) -> tuple[Engine, list[codes.Key]]:
    engine = connected(address)
    kept = Records(engine, 180, lambda: DAY)
    return engine, [kept.add(key(), {"n": n}).key for n in range(count)]


def test_a_backup_brings_every_record_into_any_database(address: str, tmp_path: Path) -> None:
    engine, keys = filled(address, 5)
    assert backup.back_up(engine, tmp_path / "backup") == 5
    assert (tmp_path / "backup").stat().st_mode & 0o077 == 0
    for other in (f"sqlite:///{tmp_path / 'other.sqlite'}", address):
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM records"))
        fresh = connected(other)
        assert backup.restore(fresh, tmp_path / "backup") == 5
        found = [Records(fresh, 180, lambda: DAY).find(one) for one in keys]
        assert [one and one.document for one in found] == [{"n": n} for n in range(5)]
        fresh.dispose()
    engine.dispose()


def test_a_restore_never_takes_the_place_of_records(address: str, tmp_path: Path) -> None:
    engine, _ = filled(address, 2)
    backup.back_up(engine, tmp_path / "backup")
    late = Records(engine, 180, lambda: DAY).add(key(), SAID)
    with pytest.raises(backup.NotEmptyError):
        backup.restore(engine, tmp_path / "backup")
    assert Records(engine, 180, lambda: DAY).find(late.key)
    engine.dispose()


def broken(whole: bytes) -> Iterator[bytes]:
    yield b""
    yield b"not a backup"
    yield whole[: len(whole) // 2]
    yield whole[:-1]
    yield whole[:200] + bytes([whole[200] ^ 1]) + whole[201:]
    yield gzip.compress(b"not a database")


def test_a_broken_backup_is_refused_and_nothing_of_it_is_taken(
    address: str, tmp_path: Path
) -> None:
    engine, _ = filled(f"sqlite:///{tmp_path / 'old.sqlite'}", 50)
    backup.back_up(engine, tmp_path / "backup")
    engine.dispose()
    fresh = connected(address)
    other = tmp_path / "other.sqlite"
    sqlite3.connect(other).execute("CREATE TABLE others (n)").connection.close()
    for n, text_ in enumerate(
        [*broken((tmp_path / "backup").read_bytes()), gzip.compress(other.read_bytes())]
    ):
        (tmp_path / "broken").write_bytes(text_)
        with pytest.raises(backup.BrokenBackupError):
            backup.restore(fresh, tmp_path / "broken")
        with fresh.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM records")) == 0, n
    fresh.dispose()


def test_what_was_kept_outlives_a_kill_at_any_moment(address: str) -> None:
    kills = Path(__file__).parents[1] / "bench" / "kills.py"
    ran = subprocess.run(
        [sys.executable, kills, "10", address], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.fullmatch(r"10 kills, [1-9]\d* changes told, 0 of them missing\n", ran.stdout)
