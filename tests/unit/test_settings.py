"""What an operator sets: all wrong is told at once, no secret is, and nobody is served by halves."""

import pytest

from lumbar import Catalog
from lumbar.reading.problems import BadSettingsError
from lumbar.rulebook.items import Calls, Operator

settings = pytest.importorskip("lumbar.web.settings", reason="the extra `web` is not installed")

CALLS = {"emergency_number": "999", "urgent_line": "111", "crisis_line": "116 123"}
SET = Operator(name="A clinic", country="Elsewhere", **CALLS, anywhere=Calls(**CALLS))


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, _ in settings.listed():
        monkeypatch.delenv(name, raising=False)


def told(error: pytest.ExceptionInfo[BadSettingsError]) -> str:
    return str(error.value)


def test_at_home_it_needs_no_settings(catalog: Catalog) -> None:
    settings.refuse_unfit(settings.read(), catalog.operator)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LUMBAR_HOST", "0.0.0.0"),
        ("LUMBAR_HOST", "::"),
        ("LUMBAR_HOST", "lumbar.example"),
        ("LUMBAR_PUBLIC", "1"),
    ],
)
def test_for_the_public_all_that_the_operator_has_not_set_is_told_at_once(
    name: str, value: str, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSettingsError) as error:
        settings.refuse_unfit(settings.read(), catalog.operator)
    for missing in ("name", "country", "emergency_number", "urgent_line", "crisis_line"):
        assert f"content/operator.yaml missing-key '{missing}' is not set" in told(error)


@pytest.mark.parametrize("missing", ["name", "country", *CALLS])
def test_for_the_public_one_word_that_is_missing_is_enough_to_refuse(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUMBAR_PUBLIC", "1")
    settings.refuse_unfit(settings.read(), SET)
    with pytest.raises(BadSettingsError, match=f"'{missing}' is not set"):
        settings.refuse_unfit(settings.read(), Operator(**{**dict(SET), missing: None}))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "::1", "localhost"])
def test_this_machine_is_no_public(
    host: str, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUMBAR_HOST", host)
    settings.refuse_unfit(settings.read(), catalog.operator)


def test_everything_that_is_wrong_is_told_and_no_value_is(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "LUMBAR_SECRET": "canary4711",
        "LUMBAR_DATABSE_URL": "canary4711",
        "LUMBAR_PORT": "canary4711",
        "LUMBAR_KEEP_DAYS": "0",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BadSettingsError) as error:
        settings.read()
    assert all(f"'{name}'" in told(error) for name in wrong)
    assert "did you mean 'LUMBAR_DATABASE_URL'" in told(error)
    assert "canary4711" not in told(error)


def test_what_is_secret_is_not_printed_with_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUMBAR_SECRET", "canary4711" * 4)
    monkeypatch.setenv("LUMBAR_DATABASE_URL", "postgresql://lumbar:canary4711@db/lumbar")
    assert "canary4711" not in repr(settings.read())


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUMBAR_PORT", "")
    assert settings.read().port == 8000
