"""What is shipped: the wheel and the sdist hold all they need, and the wheel runs far from the
checkout.
"""

import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("build", reason="the extra `dev` is not installed")

from lumbar.engines.loading import from_files
from lumbar.intake.answers_file import dump
from lumbar.rulebook import compiled

ROOT = Path(__file__).resolve().parents[2]


def python(*words: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    result = subprocess.run(
        [sys.executable, *map(str, words)],
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        **options,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result


def build(kind: str, folder: Path) -> Path:
    python("-m", "build", kind, "--no-isolation", "--outdir", folder, ROOT)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("--wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("installed")
    options = ("--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", "--no-compile")
    python("-m", "pip", "install", *options, "--target", target, wheel)
    return target


def files(*folders: str) -> dict[str, bytes]:
    """Return every file under folders of the checkout, by its path."""
    paths = (path for folder in folders for path in (ROOT / folder).rglob("*"))
    return {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for path in paths
        if path.is_file() and path.suffix != ".pyc"
    }


def test_the_wheel_holds_the_package_and_every_rule_and_content_file(wheel: Path) -> None:
    expected = {f"lumbar/_data/{name}": data for name, data in files("rules", "content").items()}
    expected |= {
        name.removeprefix("engine/"): data for name, data in files("engine/lumbar").items()
    }
    with zipfile.ZipFile(wheel) as archive:
        held = {
            name: archive.read(name) for name in archive.namelist() if ".dist-info/" not in name
        }
    catalog = compiled.restored(held.pop("lumbar/_data/catalog"), compiled.key_of(ROOT))
    assert catalog == from_files(ROOT)
    assert sorted(held) == sorted(expected)
    assert held == expected
    assert {
        "lumbar/py.typed",
        "lumbar/rulebook/conditions.lark",
        "lumbar/_data/rules/plan.yaml",
    } <= held.keys()


def test_the_sdist_holds_engine_rules_content_and_tests(tmp_path: Path) -> None:
    with tarfile.open(build("--sdist", tmp_path)) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    folders = files("engine/lumbar", "rules", "content")
    tests = {name for name in files("tests") if name.endswith((".py", ".yaml"))}
    assert (folders.keys() | tests | {"pyproject.toml", "README.md", "LICENSE"}) - held == set()


def run(installed: Path, folder: Path, *words: str, stdin: str = "") -> str:
    environment = os.environ | {"PYTHONPATH": str(installed), "PYTHONUTF8": "1"}
    return python(
        installed / "bin" / "lumbar", *words, cwd=folder, env=environment, input=stdin
    ).stdout


def test_the_installed_wheel_lies_apart_from_the_checkout(installed: Path, tmp_path: Path) -> None:
    code = "import lumbar.reading.paths; print(lumbar.__file__); print(lumbar.reading.paths.data_root())"
    lines = python(
        "-c", code, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(installed)}
    ).stdout.splitlines()
    assert lines == [str(installed / "lumbar" / "__init__.py"), str(installed / "lumbar" / "_data")]


def test_the_installed_wheel_reads_no_yaml_at_the_very_first_start(
    installed: Path, tmp_path: Path
) -> None:
    code = "import sys, lumbar; lumbar.load(); print({'yaml', 'pydantic'} & {*sys.modules})"
    more = {"PYTHONPATH": str(installed), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    assert python("-c", code, cwd=tmp_path, env=os.environ | more).stdout == "set()\n"
    assert not (tmp_path / "cache").exists()


def test_the_installed_wheel_checks_its_own_rules(installed: Path, tmp_path: Path) -> None:
    assert run(installed, tmp_path, "check") == "no problems\n"


def test_the_installed_wheel_makes_the_plan_of_the_checkout(
    installed: Path, tmp_path: Path, example: Callable[..., dict[str, Any]]
) -> None:
    answers = dump(example(), "2026-11-22")
    shipped = run(installed, tmp_path, "plan", "-", "--format", "json", stdin=answers)
    here = python(
        "-m", "lumbar", "plan", "-", "--format", "json", cwd=tmp_path, input=answers
    ).stdout
    assert shipped == here
    assert '"practitioner' in shipped


def test_the_installed_wheel_writes_the_rule_book(installed: Path, tmp_path: Path) -> None:
    assert run(installed, tmp_path, "book", "book").endswith("begin with book/index.html\n")
    people = (tmp_path / "book" / "people.html").read_text(encoding="utf-8")
    assert "There are no named people beside these rules." in people, (
        "the checkout was read, not the wheel"
    )
