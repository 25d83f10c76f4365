"""What every kind of test shares."""

import os
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from edits import TOY, copied
from hypothesis import HealthCheck, settings
from postgres import cluster, database, programs

from lumbar import Catalog, load

# every program that a test starts finds the rules compiled here, and touches nothing that is a person's
HOME = Path(__file__).parents[1] / ".pytest_cache" / "home"
os.environ |= {"XDG_CACHE_HOME": str(HOME), "XDG_CONFIG_HOME": str(HOME / "config")}

settings.register_profile(
    "lumbar", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("lumbar")

Answers = dict[str, Any]
PRACTICE = TOY.parent / "bad" / "bad-practice" / "rules" / "practice.yaml"
_NUMBERS = count(1)


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load()


@pytest.fixture(scope="session")
def example(catalog: Catalog) -> Callable[..., Answers]:
    """Return raw answers of the example person with some laid over; None leaves a question
    unanswered.
    """

    def answers(over: Mapping[str, Any] | None = None) -> Answers:
        typed = catalog.questionnaire.example(over)
        return {
            name: sorted(value) if isinstance(value, frozenset) else value
            for name, value in typed.items()
        }

    return answers


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Callable[[str], str]]:
    """Yield what makes a database of that name and returns its address."""
    if (found := programs()) is None:
        pytest.skip("there is no PostgreSQL (Debian: apt-get install postgresql)")
    with cluster(found) as folder:
        yield lambda name: database(found, folder, name)


@pytest.fixture
def postgres(postgres_server: Callable[[str], str]) -> str:
    """Return the address of a new empty database, as SQLAlchemy reads it; psycopg wants it without
    `+psycopg`.
    """
    return postgres_server(f"test_{next(_NUMBERS)}")


@pytest.fixture(params=["sqlite", "postgres"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a database that is empty: each test runs on both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'lumbar.sqlite'}"
    found: str = request.getfixturevalue("postgres")
    return found


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return a rule set to change."""
    return copied(TOY, tmp_path / "old")


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """Return that rule set, to be changed, for the people of another practice."""
    root = copied(TOY, tmp_path / "new")
    text = (
        PRACTICE.read_text(encoding="utf-8")
        .replace("high: 100", "high: 90")
        .replace("no: 90", "no: 60")
    )
    (root / "rules" / "practice.yaml").write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Any]:
    """Yield an empty store of what people save in a browser."""
    yield from _store(tmp_path)


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Yield a store for tests that save nothing."""
    yield from _store(tmp_path_factory.mktemp("shared"))


def _store(folder: Path) -> Iterator[Any]:
    pytest.importorskip("sqlalchemy", reason="the extra `web` is not installed")
    from lumbar.web.store.database import connected
    from lumbar.web.store.store import Store

    engine = connected(f"sqlite:///{folder / 'store' / 'web.sqlite'}")
    yield Store(engine, bytes(32), keep_days=180)
    engine.dispose()
