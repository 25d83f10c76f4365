"""`lumbar coverage`, `mutate` and `boundary` as a clinician types them: what is said, and the exit
codes.
"""

import json
from pathlib import Path

import pytest

pytest.importorskip("z3", reason="the extra `review` is not installed")
from typer.testing import CliRunner, Result

from lumbar.__main__ import add_review
from lumbar.terminal.cli import app

TOY = Path(__file__).parents[1] / "toy"
add_review()


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_coverage_lists_what_nobody_decides_and_fails():
    result = run("coverage", str(TOY))
    assert result.exit_code == 1
    assert "Nobody shows that it matters" in result.output
    assert "add: - fires: {" in result.output


def test_coverage_of_one_rule_names_who_shows_each_clause():
    result = run("coverage", str(TOY), "--rule", "phase-early")
    assert result.exit_code == 0
    assert "fires by it" in result.output
    assert "example 1 of phase-early" in result.output


def test_mutate_of_one_rule_says_who_noticed_each_fault():
    result = run("mutate", "--rule", "ces-bowel")
    assert result.exit_code == 0, result.output
    assert "mutation score: 100.0 in 100" in result.output
    assert "noticed by example 1 of ces-bowel" in result.output


def test_mutate_fails_where_a_fault_goes_unnoticed_and_shows_for_whom_it_matters():
    result = run("mutate", str(TOY), "--rule", "heavy", "--format", "json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert found["score"] < 100
    survived = [one for one in found["mutants"] if one["status"] == "survived"]
    assert all(one["answers"] for one in survived)
    assert survived


def test_boundary_shows_the_edges_of_a_rule():
    result = run("boundary", "phase-long", "--dir", str(TOY))
    assert result.exit_code == 0
    assert all(f"pain_days {days}" in result.output for days in (83, 84, 85))


@pytest.mark.parametrize(
    "command", [["coverage", "--rule", "nothing"], ["mutate", "--rule", "nothing"]]
)
def test_an_unknown_rule_is_wrong_usage(command):
    result = run(command[0], str(TOY), *command[1:])
    assert result.exit_code == 2
    assert "there is no rule, score or threshold 'nothing'" in result.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["boundary", "phase-lon", "--dir", str(TOY)], "did you mean 'phase-long'"),
        (["boundary", "phase-long", "--dir", "/nowhere"], "there is no folder"),
        (["coverage", str(TOY), "--personas", "/nowhere"], "there is no folder"),
    ],
)
def test_what_does_not_exist_is_wrong_usage(words, says):
    result = run(*words)
    assert result.exit_code == 2
    assert says in result.output
