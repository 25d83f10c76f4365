"""What every kind of test shares."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from lumbar import Catalog, load

# every program that a test starts finds the rules compiled here, and touches no cache of a person
os.environ["XDG_CACHE_HOME"] = str(Path(__file__).parents[1] / ".pytest_cache" / "home")

settings.register_profile(
    "lumbar", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("lumbar")

Answers = dict[str, Any]


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
