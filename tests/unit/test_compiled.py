"""The compiled catalog: the same as that of the files, for everybody, whatever happens to it."""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from edits import SHIPPED, TOY, copied, edited
from properties.rule_sets import rule_set

from lumbar import BadCatalogError, Catalog, decide, load, make_plan
from lumbar.engines.loading import from_files
from lumbar.plan.blocks import to_markdown
from lumbar.plan.document import to_json
from lumbar.review.people.personas import load_personas
from lumbar.rulebook import compiled
from lumbar.rulebook.rules import Rule

PERSONAS = load_personas(SHIPPED / "tests" / "personas")


@pytest.fixture(scope="module")
def read() -> Catalog:
    return from_files(SHIPPED)


@pytest.fixture(scope="module")
def kept(read: Catalog) -> Catalog:
    return again(read)


def again(catalog: Catalog) -> Catalog:
    """Return a catalog compiled and restored."""
    found = compiled.restored(compiled.compiled(catalog, "key"), "key")
    assert found is not None
    return found


def test_a_catalog_is_the_same_compiled_and_restored(read: Catalog, kept: Catalog) -> None:
    assert kept == read
    assert kept.figures == read.figures
    assert again(kept) == read
    assert again(from_files(TOY)) == from_files(TOY)


@pytest.mark.parametrize("seed", range(40))
def test_any_rule_set_is_the_same_compiled_and_restored(seed: int) -> None:
    assert again(rule_set(seed)) == rule_set(seed)


@pytest.mark.parametrize("who", PERSONAS)
def test_every_persona_gets_the_same_bytes(read: Catalog, kept: Catalog, who: str) -> None:
    told = []
    for catalog in (read, kept):
        answers = catalog.questionnaire.example(PERSONAS[who].answers)
        plan = make_plan(decide(catalog, answers), "2026-11-22")
        told.append((to_json(plan), to_markdown(plan, catalog.words)))
    assert told[0] == told[1]


def test_a_field_that_is_made_when_it_is_first_read_is_one_like_any_other(
    read: Catalog, kept: Catalog
) -> None:
    name = next(iter(read.rules))
    assert replace(again(read).rules[name], title="Other").examples == read.rules[name].examples
    assert again(read).rules[name].plain() == read.rules[name].plain()
    assert hash(again(read).thresholds[next(iter(read.thresholds))])
    with pytest.raises(AttributeError, match="has no 'exampels'"):
        _ = kept.rules[name].exampels  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="frozen"):
        kept.rules[name].title = "Other"


def test_what_is_no_plain_data_is_not_compiled(read: Catalog) -> None:
    rule: Any = next(iter(read.rules.values()))
    for odd in (["a", "list"], object()):
        rules = {rule.id: replace(rule, note=odd)}
        with pytest.raises(ValueError, match=r"list|unmarshallable"):
            compiled.compiled(replace(read, rules=rules), "key")


# Where it is kept.


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "lumbar"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Note every folder whose files are read."""
    found: list[Path] = []

    def noted(folder: Path) -> Catalog:
        found.append(folder)
        return from_files(folder)

    monkeypatch.setattr("lumbar.engines.loading.from_files", noted)
    return found


def test_files_are_read_once_and_their_owner_alone_can_read_what_is_kept(
    cache: Path, reads: list[Path]
) -> None:
    assert load(TOY) == load(TOY) == from_files(TOY)
    assert reads == [TOY]
    (file,) = cache.iterdir()
    assert [stat.S_IMODE(one.stat().st_mode) for one in (cache, file)] == [0o700, 0o600]


def test_whatever_is_changed_is_read_anew(cache: Path, reads: list[Path], tmp_path: Path) -> None:
    root = copied(TOY, tmp_path / "rules")
    load(root)
    edited(root, "rules/plan.yaml", "version: ", "version: 9.")
    assert load(root).limits.version.startswith("9.")
    (root / "content" / "stray.txt").write_text("", encoding="utf-8")
    with pytest.raises(BadCatalogError, match="stray-file"):
        load(root)
    (root / "content" / "stray.txt").unlink()
    (root / "content" / "massage" / "knead.yaml").unlink()
    with pytest.raises(BadCatalogError, match="unknown-item"):
        load(root)
    assert len(reads) == 4


def test_the_record_of_signatures_is_always_read(cache: Path, tmp_path: Path) -> None:
    root = copied(TOY, tmp_path / "rules")
    load(root)
    (root / "rules" / "signoffs.yaml").write_text("# nobody\n", encoding="utf-8")
    assert load(root).signoffs == ("# nobody\n", ())


def flipped(file: Path, place: int) -> None:
    raw = bytearray(file.read_bytes())
    raw[place] ^= 1
    file.write_bytes(raw)


def another(file: Path, make: Callable[[Path], object]) -> None:
    file.rename(file.parent.parent / "elsewhere")
    make(file)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "a byte flipped": lambda file: flipped(file, 500),
    "a byte of the hash flipped": lambda file: flipped(file, 0),
    "half": lambda file: file.write_bytes(file.read_bytes()[:5_000]),
    "empty": lambda file: file.write_bytes(b""),
    "of another key": lambda file: file.write_bytes(compiled.compiled(from_files(TOY), "other")),
    "written by others": lambda file: file.chmod(0o622),
    "in a folder of all": lambda file: file.parent.chmod(0o777),
    "a link": lambda file: another(file, lambda at: at.symlink_to(at.parent.parent / "elsewhere")),
    "a folder": lambda file: another(file, Path.mkdir),
    "a pipe": lambda file: another(file, os.mkfifo),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_what_is_amiss_is_not_used_and_nobody_is_told(
    name: str, cache: Path, reads: list[Path], capfd: pytest.CaptureFixture[str]
) -> None:
    load(TOY)
    (file,) = cache.iterdir()
    DAMAGE[name](file)
    assert load(TOY) == from_files(TOY)
    assert len(reads) == 2
    assert capfd.readouterr() == ("", "")


def no_home(_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr("os.path.expanduser", lambda path: path)


def a_file_in_place_of_the_folder(cache: Path, _: pytest.MonkeyPatch) -> None:
    cache.parent.write_text("", encoding="utf-8")


def a_folder_of_somebody_else(_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.getuid", lambda: 12_345)


def a_full_disk(_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.mkstemp", refuse)


def a_system_without_owners(_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("os.getuid")


@pytest.mark.parametrize(
    "amiss",
    [no_home, a_file_in_place_of_the_folder, a_folder_of_somebody_else, a_full_disk, a_system_without_owners],
)  # fmt: skip
def test_where_nothing_can_be_kept_the_files_are_read_each_time(
    amiss: Callable[..., None], cache: Path, reads: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    amiss(cache, monkeypatch)
    assert load(TOY) == load(TOY)
    assert reads == [TOY, TOY]
    assert not list(cache.rglob("*") if cache.is_dir() else [])


def test_a_relative_place_is_no_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    load(TOY)
    assert not (tmp_path / "here").exists()
    assert (tmp_path / "home" / ".cache" / "lumbar").is_dir()


def test_few_are_kept_and_those_that_are_used(cache: Path, tmp_path: Path) -> None:
    def rules(number: int) -> Path:
        root = tmp_path / str(number)
        if not root.exists():
            edited(copied(TOY, root), "rules/plan.yaml", "version: ", f"version: {number}.")
        return root

    load(rules(0))
    (first,) = cache.iterdir()
    for number in range(1, 12):
        os.utime(first, (2e9 + number, 2e9 + number))
        load(rules(number))
    assert len([*cache.iterdir()]) == 8
    assert first.exists()


def test_a_change_while_the_files_are_read_is_not_kept_under_what_was_before(
    cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    root = copied(TOY, tmp_path / "rules")

    def changed_meanwhile(folder: Path) -> Catalog:
        return from_files(edited(folder, "rules/plan.yaml", "version: ", "version: 9."))

    monkeypatch.setattr("lumbar.engines.loading.from_files", changed_meanwhile)
    load(root)
    assert not cache.exists()


def other_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """Yield the keys of the toy for another Python, another program and other rules."""
    with monkeypatch.context() as patch:
        patch.setattr("sys.implementation.cache_tag", "cpython-399")
        yield compiled.key_of(TOY)
    with monkeypatch.context() as patch:
        (tmp_path / "part.py").write_text("", encoding="utf-8")
        patch.setattr(compiled, "sources", lambda *_: [tmp_path / "part.py"])
        yield compiled.key_of(TOY)
    yield compiled.key_of(copied(SHIPPED, tmp_path / "other"))


def test_another_python_program_or_rule_set_has_another_key(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    keys = [compiled.key_of(TOY), *other_keys(monkeypatch, tmp_path)]
    assert len({*keys}) == 4
    assert all(keys)
    assert compiled.key_of(copied(TOY, tmp_path / "copy")) == keys[0]


def test_a_folder_with_something_odd_in_it_has_no_key(tmp_path: Path) -> None:
    root = copied(TOY, tmp_path / "rules")
    os.mkfifo(root / "content" / "pipe.yaml")
    assert compiled.key_of(root) == ""
    assert compiled.key_of(tmp_path / "nowhere") == ""


def test_a_rule_of_the_wrong_form_is_not_made() -> None:
    with pytest.raises(
        TypeError, match="Rule: missing or unknown: because, evidence, id, then, titel"
    ):
        Rule(titel="One")  # type: ignore[call-arg]
