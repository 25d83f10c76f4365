"""The library: what can be imported, what is imported behind one's back, and life without the live
engine.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lumbar
from lumbar import BadAnswersError, decide, load, make_plan

PUBLIC = {
    "BadAnswersError",
    "BadCatalogError",
    "Catalog",
    "Decision",
    "Plan",
    "Problem",
    "decide",
    "load",
    "make_plan",
}
MODULES = "import sys, json; print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
COMMAND = (
    "import sys; from lumbar.__main__ import main; sys.argv = ['lumbar', *sys.argv[1:]]; main()"
)


def python(
    code: str, *words: str, stdin: str = "", **more: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONUTF8": "1"} | more,
        check=True,
        timeout=60,
    )


def modules(code: str, *words: str, stdin: str = "") -> set[str]:
    """Return the names of the modules that are loaded when the code has run."""
    report = f"import atexit\natexit.register(lambda: exec({MODULES!r}))\n{code}"
    return set(json.loads(python(report, *words, stdin=stdin).stderr))


def test_three_lines_make_a_plan(example: Callable[..., dict[str, Any]]) -> None:
    catalog = load()
    decision = decide(catalog, example())
    plan = make_plan(decision)
    assert plan.urgency.level == decision.urgency == "self_care"
    assert {section.kind for section in (item for one in plan.sections for item in one.items)} >= {
        "exercise"
    }


def test_the_day_of_the_answers_sets_the_day_of_the_review(
    example: Callable[..., dict[str, Any]],
) -> None:
    review = make_plan(decide(load(), example()), "2026-11-22").review
    assert review.on is not None
    assert review.on > "2026-11-22"
    assert make_plan(decide(load(), example())).review.on is None


def test_the_library_refuses_bad_answers_as_the_command_does() -> None:
    with pytest.raises(BadAnswersError, match="did you mean 'age'"):
        decide(load(), {"agee": 42})


def test_the_public_names_are_exactly_these() -> None:
    assert set(lumbar.__all__) == PUBLIC
    assert sorted(lumbar.__all__) == lumbar.__all__
    assert all(hasattr(lumbar, name) for name in PUBLIC)


@pytest.mark.parametrize(
    "heavy", ["lark", "prompt_toolkit", "pydantic", "questionary", "rich", "typer", "yaml"]
)
def test_importing_the_library_loads_nothing_for_the_terminal(
    heavy: str, after_import: set[str]
) -> None:
    assert "lumbar.decision.decide" in after_import
    assert heavy not in after_import


@pytest.fixture(scope="module")
def after_import() -> set[str]:
    return modules("import lumbar; [getattr(lumbar, name) for name in lumbar.__all__]")


def test_importing_the_library_loads_nothing_until_something_of_it_is_used() -> None:
    loaded = modules("import lumbar; assert lumbar.__version__")
    assert {one for one in loaded if one.startswith("lumbar")} == {"lumbar"}


def test_a_plan_of_rules_that_were_read_before_needs_neither_reader_nor_review(
    example: Callable[..., dict[str, Any]],
) -> None:
    loaded = modules(COMMAND, "plan", "-", "--format", "json", stdin=json.dumps(example()))
    assert "lumbar.plan.composing" in loaded
    assert loaded.isdisjoint({"lark", "pydantic", "rich", "yaml", "hashlib", "logging"})
    assert not {one for one in loaded if one.startswith("lumbar.review")}


def test_the_version_is_told_without_loading_anything() -> None:
    loaded = modules(COMMAND, "--version")
    assert loaded.isdisjoint({"typer", "dataclasses", "lumbar.terminal.cli"})


def test_a_name_that_the_library_does_not_have_is_told_as_of_any_module() -> None:
    with pytest.raises(AttributeError, match="'lumbar' has no attribute 'plans'"):
        lumbar.plans  # noqa: B018


def test_a_plan_does_not_load_what_only_the_interview_needs(
    example: Callable[..., dict[str, Any]],
) -> None:
    loaded = modules(COMMAND, "plan", "-", "--format", "json", stdin=json.dumps(example()))
    assert "lumbar.plan.composing" in loaded
    assert loaded.isdisjoint(
        {
            "prompt_toolkit",
            "questionary",
            "lumbar.terminal.ask",
            "lumbar.intake.interview",
            "lumbar.terminal.prompts",
        }
    )


def plan_with(answers: dict[str, Any], **more: str) -> Any:
    return json.loads(
        python(COMMAND, "plan", "-", "--format", "json", stdin=json.dumps(answers), **more).stdout
    )


def test_without_the_live_engine_the_reference_engine_makes_the_same_plan(
    example: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    (tmp_path / "durable_rules_engine.py").write_text(
        "raise ImportError('undefined symbol')", encoding="utf-8"
    )
    both = plan_with(example())
    alone = plan_with(example(), PYTHONPATH=str(tmp_path))
    live = [] if sys.version_info >= (3, 13) else ["durable_rules"]
    assert both["provenance"].pop("engines") == [*live, "reference"]
    assert alone["provenance"].pop("engines") == ["reference"]
    assert alone["sections"]
    assert alone == both
