"""`lumbar check-in`: who comes again by a pipe, the files that are left, and the chart."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from lumbar import Catalog
from lumbar.intake.answers_file import dump, read
from lumbar.intake.check_in import come_again
from lumbar.intake.interview import Interview
from lumbar.rulebook.questionnaire import Number
from lumbar.terminal.visits import Visits

SCRIPT = Path(sys.executable).with_name("lumbar")
Example = Callable[..., dict[str, Any]]
Result = subprocess.CompletedProcess[str]
GO_ON, STOP_HERE = "2", "1"


def run(script: str, *words: str | Path) -> Result:
    result = subprocess.run(
        [SCRIPT, *map(str, words)],
        input=script,
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONUTF8": "1", "COLUMNS": "200"},
        timeout=60,
        check=False,
    )
    assert "Traceback" not in result.stderr
    return result


def script(catalog: Catalog, kept: Path, **over: Any) -> Iterator[str]:
    """Yield what a person types who ticks on the cards what is in `over`, up to the check."""
    says, questionnaire = catalog.words.interview, catalog.questionnaire
    given = come_again(questionnaire, Visits(kept).read(), date.today())
    interview = Interview(questionnaire, given.answers, says, given.said)
    while (question := interview.question) is not None:
        said: Any = over.get(str(interview.current), question.example)
        if interview.card:
            lines = interview.card.lines
            ticked = [key for key, (name, _) in lines.items() if name in over]
            said = frozenset(ticked or ["none"])
        value = question.typed(said)
        yield _typed(question, value)
        interview.answer(value)


def _typed(question: Any, value: Any) -> str:
    if isinstance(question, Number):
        return str(value)
    places = {option.id: str(place) for place, option in enumerate(question.options, 1)}
    return ",".join(places[one] for one in ([value] if isinstance(value, str) else value))


@pytest.fixture
def kept(catalog: Catalog, example: Example, tmp_path: Path) -> Path:
    """Return the answers of two weeks ago."""
    path = tmp_path / "me.yaml"
    day = (date.today() - timedelta(14)).isoformat()
    answers = example({"pain_days": 100, "pain_now": 6, "pain_worst": 7, "looked_at": "scanned"})
    path.write_text(dump(answers, day, path), encoding="utf-8")
    return path


WELL = {"pain_days": 114, "pain_now": 3, "pain_worst": 5, "course": "better", "plan_felt": "easier"}


def come(catalog: Catalog, kept: Path, **over: Any) -> Result:
    return run("\n".join(script(catalog, kept, **over)) + "\n\n", "check-in", kept)


def test_who_comes_again_gets_the_plan_that_follows_and_nothing_is_lost(
    catalog: Catalog, kept: Path
) -> None:
    before = kept.read_text(encoding="utf-8")
    result = come(catalog, kept, **WELL)
    assert (result.returncode, result.stderr) == (0, "")
    assert catalog.words.interview.welcome_back[:12] in result.stdout
    assert "How old are you?" not in result.stdout
    plan = result.stdout[result.stdout.index("SINCE LAST TIME") :]
    assert "Pain now: 6 last time, 3 today." in plan
    assert catalog.rules["step-more"].because in " ".join(plan.split())
    assert plan.index("SINCE LAST TIME") < plan.index("TODAY")
    answers = read(catalog.questionnaire, kept)
    assert (answers["pain_now"], answers["pain_last"], answers["plan_days"]) == (3, 6, 14)
    visits = Visits(kept)
    assert [one["pain_now"] for one in visits.read()] == [6, 3]
    assert not visits.begun.exists()
    first = kept.with_name("first.yaml")
    first.write_text(before, encoding="utf-8")
    assert visits.read()[0] == Visits(first).read()[0]
    plan_file = kept.with_name("me.plan.txt")
    assert {one.stat().st_mode & 0o777 for one in (kept, visits.before, plan_file)} == {0o600}
    again = run("", "plan", kept, "--format", "json")
    assert json.loads(again.stdout)["since_last"]["because"][0]["rule"] == "step-more"


def test_the_warning_signs_come_first_and_one_of_them_is_all_that_is_told(
    catalog: Catalog, kept: Path
) -> None:
    """It got worse: the first that is asked is a card, and who stops at a sign reads only of it."""
    before = kept.read_bytes()
    card = catalog.questionnaire.topics[1]
    labels = [one.tick for one in card.questions if one.tick]
    script = f"{labels.index('Leaking pee, or wearing pads for it') + 1}\n4\n{STOP_HERE}\n"
    result = run(script, "check-in", kept)
    assert result.returncode == 0
    assert card.card
    assert result.stdout.index(card.card) < result.stdout.index("Your answers suggest")
    assert "Your answers suggest you should be seen now" in result.stdout
    assert "SINCE LAST TIME" not in result.stdout
    assert "TODAY" not in result.stdout
    assert kept.read_bytes() == before
    begun = read(catalog.questionnaire, Visits(kept).begun)
    assert begun["bladder_leak"] == "new"
    assert "you should be seen now" in run("", "check-in", kept).stdout


def test_who_leaves_halfway_goes_on_where_they_were(catalog: Catalog, kept: Path) -> None:
    lines = list(script(catalog, kept, **WELL))
    left = run("\n".join(lines[:5]) + "\n", "check-in", kept)
    assert left.returncode == 3
    assert f"check-in {kept}" in left.stdout
    assert [one["pain_now"] for one in Visits(kept).read()] == [6]
    assert Visits(kept).begun.stat().st_mode & 0o777 == 0o600
    result = run("\n".join(lines[5:]) + "\n\n", "check-in", kept)
    assert result.returncode == 0
    assert [one["pain_now"] for one in Visits(kept).read()] == [6, 3]


def test_the_chart_shows_each_visit_as_a_bar_and_a_number(catalog: Catalog, kept: Path) -> None:
    alone = run("", "check-in", kept, "--chart")
    assert catalog.words.over_time.none in alone.stdout
    come(catalog, kept, **WELL)
    chart = run("", "check-in", kept, "--chart").stdout
    assert "██████···· 6 of 10" in chart
    assert f"{date.today().isoformat()}  ███······· 3 of 10" in chart
    assert catalog.words.over_time.none not in chart


def test_without_answers_of_a_time_before_it_says_how_to_begin(tmp_path: Path) -> None:
    result = run("", "check-in", tmp_path / "none.yaml")
    assert result.returncode == 3
    assert "none.yaml" in result.stderr
    broken = tmp_path / "me.yaml"
    broken.write_text("pain_now: 4\n", encoding="utf-8")
    broken.with_name("me.before.json").write_text("{", encoding="utf-8")
    result = run("", "check-in", broken)
    assert result.returncode == 3
    assert "me.before.json" in result.stderr
