"""The interview on a pipe: numbered questions, typed answers, the same plan as from a file of the
same answers.
"""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from lumbar import Catalog
from lumbar.decision.early_stop import EarlyStop
from lumbar.intake.answers import Answers
from lumbar.intake.answers_file import read
from lumbar.intake.interview import Interview
from lumbar.rulebook.questionnaire import Number

SCRIPT = Path(sys.executable).with_name("lumbar")
Example = Callable[..., dict[str, Any]]
Result = subprocess.CompletedProcess[str]
ASKED = "(? b s q): "  # the end of every prompt for an answer
GO_ON = "2"
TODAY = {"answered_on": date.today().isoformat()}

PEOPLE: dict[str, dict[str, Any]] = {
    "well": {},
    "man": {
        "sex": "male",
        "age": 67,
        "massage_wish": ["traditional_points", "warm_rubbing"],
        "pain_days": 400,
    },
    "emergency": {"bladder_start": "new", "saddle_genitals": "unsure"},
    "hurt": {"injury": "major", "pregnant": "yes", "cancer_ever": "now"},
    "silent": {"course": None, "elsewhere": None, "minutes_a_day": None, "worse_with": None},
}


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONUTF8": "1", "COLUMNS": "200"}


def ask(script: str, *words: str | Path, limit: Callable[[], None] | None = None) -> Result:
    result = subprocess.run(
        [SCRIPT, "ask", *map(str, words)],
        input=script,
        capture_output=True,
        encoding="utf-8",
        env=environment(),
        preexec_fn=limit,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in result.stderr
    return result


def plan(answers: Path) -> Any:
    made = subprocess.run(
        [SCRIPT, "plan", str(answers), "--format", "json"],
        capture_output=True,
        check=True,
        env=environment(),
    )
    return json.loads(made.stdout)


def typed(question: Any, value: Any) -> str:
    """Return what a person types to give this answer."""
    if value is None:
        return "s"
    if isinstance(question, Number):
        return str(value)
    places = {option.id: str(place) for place, option in enumerate(question.options, 1)}
    return ",".join(places[one] for one in ([value] if isinstance(value, str) else value))


def script(catalog: Catalog, answers: dict[str, Any]) -> Iterator[str]:
    """Yield the lines a person with these answers types, going on after every warning, up to the
    plan.
    """
    says = catalog.words.interview
    interview, early_stop = Interview(catalog.questionnaire, {}, says), EarlyStop(catalog)
    meant = Answers.of(catalog.questionnaire, answers)
    while interview.question is not None:
        question, card = interview.question, interview.card
        value = card.ticked(meant) or ["none"] if card else answers.get(question.id)
        yield typed(question, value)
        if value is None:
            interview.skip()
            continue
        interview.answer(question.typed(value))
        if early_stop.look(interview.answers):
            yield GO_ON
    yield ""


@pytest.mark.parametrize("person", PEOPLE)
def test_the_interview_ends_in_the_plan_of_the_same_answers(
    catalog: Catalog, example: Example, tmp_path: Path, person: str
) -> None:
    answers, saved = example(PEOPLE[person]), tmp_path / "saved.yaml"
    plain = ("--plain",) if person == "man" else ()
    result = ask("\n".join(script(catalog, answers)) + "\n", "--save", saved, *plain)
    assert (result.returncode, result.stderr) == (0, "")
    assert read(catalog.questionnaire, saved).raw == {
        name: sorted(value) if isinstance(value, list) else value for name, value in answers.items()
    }
    given = tmp_path / "given.json"
    given.write_text(json.dumps(answers), encoding="utf-8")
    expected = plan(given)
    page = " ".join(result.stdout.rpartition("Check your answers")[2].replace("│", " ").split())
    assert expected["urgency"]["title"] in page
    steps = [
        f"{place}. {one['name']}: {one['text']}" for place, one in enumerate(expected["today"], 1)
    ]
    assert [one for one in steps if one not in page] == []
    assert f" {len(steps) + 1}. " not in page
    assert ("TODAY" in page) == bool(steps)
    assert bool(steps) == (expected["urgency"]["level"] not in {"emergency", "same_day"})


def test_the_page_of_the_interview_is_never_wider_than_80_columns(
    catalog: Catalog, example: Example
) -> None:
    page = ask("\n".join(script(catalog, example())) + "\n", "--plain").stdout
    # what a person types, and the end of its line, is not shown on a pipe: the next text follows
    # the prompt
    page = page.replace(ASKED, f"{ASKED}\n").replace("see your plan: ", "see your plan: \n")
    wide = [line for line in page.splitlines() if len(line) > 80]
    assert wide == []


def test_input_that_ends_midway_keeps_the_answers_and_shows_the_warning_signs(
    catalog: Catalog, example: Example, tmp_path: Path
) -> None:
    lines = list(script(catalog, example()))
    saved = tmp_path / "saved.yaml"
    result = ask("\n".join(lines[:20]) + "\n", "--save", saved)
    assert (result.returncode, result.stderr) == (3, "")
    tail = " ".join(result.stdout.rpartition(ASKED)[2].split())
    assert f"lumbar ask --resume {saved}" in tail.replace(" /", "/").replace("resume/", "resume /")
    assert "Be seen, or answer again, if:" in tail
    of_all = [one.text for one in catalog.safety_net.come_back if one.when is None]
    assert all(" ".join(line.split()) in tail for line in of_all)
    kept = read(catalog.questionnaire, saved)
    assert len(kept) > 20
    rest = ask("\n".join(lines[20:]) + "\n", "--resume", saved)
    assert rest.returncode == 0
    assert read(catalog.questionnaire, saved).raw.keys() == example().keys()


@pytest.mark.parametrize("said", ["", "42\n", "42\nq\n"], ids=["nothing", "one answer", "stop"])
def test_without_save_nothing_is_kept_and_that_is_said(tmp_path: Path, said: str) -> None:
    before = list(Path.cwd().iterdir())
    result = ask(said)
    assert (result.returncode, result.stderr) == (3, "")
    assert "there is no plan. Nothing was kept." in result.stdout
    assert "Be seen, or answer again, if:" in result.stdout
    assert list(Path.cwd().iterdir()) == before


def test_saving_to_a_file_of_answers_goes_on_with_it_and_never_empties_it(
    catalog: Catalog, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.json"
    ask("42\n", "--save", saved)
    assert json.loads(saved.read_text(encoding="utf-8"))["age"] == 42
    again = ask("1\n", "--save", saved)
    assert "How old are you?" not in again.stdout
    assert read(catalog.questionnaire, saved).raw == {"age": 42, "sex": "female"}
    other = tmp_path / "letter.txt"
    other.write_text("Dear doctor", encoding="utf-8")
    assert ask("42\n", "--save", other).returncode == 3
    assert other.read_text(encoding="utf-8") == "Dear doctor"


def test_who_stops_with_a_sign_is_told_first_what_it_means(tmp_path: Path) -> None:
    saved = tmp_path / "saved.yaml"
    saved.write_text("age: 45\nsaddle_genitals: new\n", encoding="utf-8")
    result = ask("2\n", "--resume", saved)
    assert result.returncode == 3
    told = "Your answers suggest you should be seen now"
    assert told in result.stdout.partition("What is your sex?")[0]
    assert told in result.stdout.partition("What is your sex?")[2]
    assert result.stdout.rindex(told) < result.stdout.rindex("Go on later with")
    last = " ".join(result.stdout.split())[-300:]
    assert "Go to an emergency department now" in last
    assert last.endswith("Show this page to the people who see you.")


def test_input_that_ends_at_the_check_of_the_answers_makes_no_plan(
    catalog: Catalog, example: Example
) -> None:
    lines = list(script(catalog, example()))[:-1]
    result = ask("\n".join(lines) + "\n")
    assert result.returncode == 3
    assert "Check your answers" in result.stdout
    assert "EXERCISES" not in result.stdout


def test_the_saved_file_can_be_read_at_every_moment(
    catalog: Catalog, example: Example, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.yaml"
    lines = script(catalog, example(PEOPLE["hurt"]))
    process = subprocess.Popen(
        [SCRIPT, "ask", "--save", str(saved)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env=environment(),
    )
    assert process.stdin is not None
    process.stdin.write("\n".join(lines) + "\n")
    process.stdin.close()
    sizes = set()
    while process.poll() is None:
        if saved.exists():
            sizes.add(len(read(catalog.questionnaire, saved)))
    assert process.returncode == 0
    assert len(sizes) > 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["saved.plan.txt", "saved.yaml"]


def test_a_person_changes_their_mind_and_hanging_answers_go(
    catalog: Catalog, example: Example, tmp_path: Path
) -> None:
    """Answering pregnant, its weeks, then going back twice to say no: the weeks must not stay in
    the file.
    """
    answers = example({"pregnant": "yes"})
    given, saved = tmp_path / "given.json", tmp_path / "saved.yaml"
    names = list(catalog.questionnaire.questions)
    before = names[: names.index("pregnancy_weeks")]
    until = {name: one for name, one in answers.items() if name in before}
    given.write_text(json.dumps(TODAY | until), encoding="utf-8")
    # on the card of the topic, the third line is none of these
    ask("20\nb\nb\n3\n", "--resume", given, "--save", saved)
    kept = read(catalog.questionnaire, saved)
    assert kept["pregnant"] == "no"
    assert "pregnancy_weeks" not in kept


@pytest.mark.parametrize(
    ("question", "wrong", "said"),
    [
        ("age", "old", "Please type a whole number. From 0 to 120 years."),
        ("age", "200", "That is out of range. From 0 to 120 years."),
        ("age", "", "Please type a whole number."),
        ("pain_days", "3 moons", "'moons' is not a unit we know here."),
        ("sex", "9", "Please type a number from 1 to 3."),
        ("sex", "1 2", "Please choose one only."),
        ("pain_places", "1,6", "cannot go together with another answer."),
    ],
)
def test_what_does_not_fit_is_explained_and_asked_again(
    catalog: Catalog, example: Example, tmp_path: Path, question: str, wrong: str, said: str
) -> None:
    given, saved = tmp_path / "given.json", tmp_path / "saved.yaml"
    given.write_text(json.dumps(TODAY | example({question: None})), encoding="utf-8")
    right = typed(catalog.questionnaire.questions[question], example()[question])
    result = ask(f"{wrong}\n{right}\n", "--resume", given, "--save", saved)
    assert said in result.stdout
    assert question in read(catalog.questionnaire, saved)


@pytest.mark.parametrize("encoding", ["utf-8:strict", "ascii:strict"])
def test_bytes_that_are_no_text_are_refused_as_any_wrong_answer(
    catalog: Catalog, tmp_path: Path, encoding: str
) -> None:
    saved = tmp_path / "saved.yaml"
    ran = subprocess.run(
        [SCRIPT, "ask", "--plain", "--save", saved],
        input=b"4\xff2\n\xe9\n42\nq\n2\n",
        capture_output=True,
        env=environment() | {"PYTHONUTF8": "0", "PYTHONIOENCODING": encoding},
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (3, b"")
    assert read(catalog.questionnaire, saved).raw == {"age": 42}


def test_why_back_and_stop_are_typed_as_single_letters(catalog: Catalog, tmp_path: Path) -> None:
    saved = tmp_path / "saved.yaml"
    result = ask("b\n?\n42\nb\n\nS\nq\n", "--save", saved, "--plain")
    assert result.returncode == 3
    page = " ".join(result.stdout.split())
    assert "This is the first question." in page
    assert f"Why we ask: {' '.join(catalog.questionnaire.questions['age'].why.split())}" in page
    assert "Enter keeps: 42 years." in page
    assert read(catalog.questionnaire, saved).raw == {"age": 42}


def test_six_weeks_are_forty_two_days(catalog: Catalog, example: Example, tmp_path: Path) -> None:
    given, saved = tmp_path / "given.json", tmp_path / "saved.yaml"
    given.write_text(json.dumps(TODAY | example({"pain_days": None})), encoding="utf-8")
    assert ask("6 weeks\n\n", "--resume", given, "--save", saved).returncode == 0
    assert read(catalog.questionnaire, saved)["pain_days"] == 42


def test_save_to_where_nothing_can_be_written_is_said_before_the_first_question(
    tmp_path: Path,
) -> None:
    result = ask("42\n", "--save", tmp_path / "nowhere" / "saved.yaml")
    assert result.returncode == 2
    assert "cannot be written" in result.stderr
    assert "How old are you?" not in result.stdout


def little_room() -> None:
    """Let no file grow over 350 bytes, as on a disk that is nearly full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (350, 350))


def test_saving_that_fails_midway_is_told_and_so_is_what_was_kept(
    catalog: Catalog, example: Example, tmp_path: Path
) -> None:
    saved, lines = tmp_path / "saved.yaml", list(script(catalog, example()))
    result = ask("\n".join(lines[:40]) + "\n", "--save", saved, limit=little_room)
    assert result.returncode == 3
    kept = [*read(catalog.questionnaire, saved)]
    assert 2 < len(kept) < 40
    assert result.stdout.count("Your answers can no longer be kept in") == 1
    end = " ".join(result.stdout.rpartition(ASKED)[2].split())
    assert "Nothing was kept" not in end
    assert f"lumbar ask --resume {saved}" in end
    last = catalog.questionnaire.questions[kept[-1]].name
    assert f"Only your answers up to '{last}' are kept, what you said after that is not." in end
    assert sorted(path.name for path in tmp_path.iterdir()) == ["saved.yaml"]


def test_going_on_with_a_file_that_can_no_longer_be_written_keeps_what_was_in_it(
    catalog: Catalog, example: Example, tmp_path: Path
) -> None:
    saved, lines = tmp_path / "saved.yaml", list(script(catalog, example()))
    ask("\n".join(lines[:30]) + "\n", "--save", saved)
    before = saved.read_bytes()
    result = ask("\n".join(lines[30:35]) + "\n", "--resume", saved, limit=little_room)
    assert result.returncode == 3
    assert saved.read_bytes() == before
    last = catalog.questionnaire.questions[[*read(catalog.questionnaire, saved)][-1]].name
    assert f"Only your answers up to '{last}' are kept" in " ".join(result.stdout.split())


def test_a_plan_is_shown_though_the_answers_could_not_be_kept(
    catalog: Catalog, example: Example, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.yaml"
    lines = "\n".join(script(catalog, example())) + "\n"
    result = ask(lines, "--save", saved, limit=little_room)
    assert result.returncode == 0
    assert "TODAY" in result.stdout
    assert "lumbar explain" not in result.stdout


@pytest.mark.parametrize(
    ("streams", "code"), [("<&-", 3), (">&- </dev/null", 2), (">&- <&-", 2), (">/dev/full", 2)]
)
def test_a_closed_stream_ends_the_interview_cleanly(
    tmp_path: Path, catalog: Catalog, streams: str, code: int
) -> None:
    saved = tmp_path / "saved.yaml"
    saved.write_text("age: 42\n", encoding="utf-8")
    result = subprocess.run(
        ["bash", "-c", f'"$0" ask --plain --resume "$1" {streams}', SCRIPT, saved],
        capture_output=True,
        encoding="utf-8",
        env=environment(),
        timeout=60,
        check=False,
    )
    assert result.returncode == code
    assert "Traceback" not in result.stderr
    assert "Exception ignored" not in result.stderr
    assert dict(read(catalog.questionnaire, saved)) == {"age": 42}
    if code == 3:
        assert f"lumbar ask --resume {saved}" in result.stdout


def test_the_plan_is_kept_beside_the_answers_for_its_owner_alone(
    catalog: Catalog, example: Example, tmp_path: Path
) -> None:
    saved = tmp_path / "my answers.yaml"
    result = ask("\n".join(script(catalog, example())) + "\n", "--save", saved)
    kept = tmp_path / "my answers.plan.txt"
    assert f"This plan is kept in '{kept}'" in result.stdout
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "HOW TO DO EACH" in kept.read_text(encoding="utf-8") or "EXERCISES" in kept.read_text(
        encoding="utf-8"
    )
    private = ask("\n".join(script(catalog, example())) + "\n", "--private")
    assert "is kept in" not in private.stdout


def test_commands_that_are_printed_work_as_printed(
    catalog: Catalog, example: Example, tmp_path: Path
) -> None:
    saved = tmp_path / "my answers.yaml"
    result = ask("\n".join(script(catalog, example())) + "\n", "--save", saved)
    printed = [
        line.partition(": ")[2]
        for line in result.stdout.splitlines()
        if str(saved) in line and "lumbar " in line
    ]
    assert len(printed) == 3
    for command in printed:
        done = subprocess.run(
            command, shell=True, capture_output=True, env=environment(), check=False
        )
        assert done.returncode == 0, done.stderr


def test_the_keys_are_told_once_and_then_in_short(catalog: Catalog, example: Example) -> None:
    page = ask("\n".join(script(catalog, example())) + "\n", "--plain").stdout
    assert page.count("? help and why") == 1
    assert page.count(ASKED) > 30


def test_a_contradiction_is_asked_about_at_once(
    catalog: Catalog, example: Example, tmp_path: Path
) -> None:
    given, saved = tmp_path / "given.json", tmp_path / "saved.yaml"
    answers = TODAY | example({"pain_now": 7, "pain_worst": None, "pain_days": None})
    given.write_text(json.dumps(answers), encoding="utf-8")
    result = ask("3\n8\n82 years\n3 years\n", "--resume", given, "--save", saved)
    now, age = catalog.questionnaire.questions["pain_now"], catalog.questionnaire.questions["age"]
    told = " ".join(result.stdout.split())
    assert (
        f"That is less than '{now.name}': 7 points. Please type it again, or b to change that one."
        in told
    )
    assert f"That is more than fits '{age.name}': {answers['age']} years." in told
    kept = read(catalog.questionnaire, saved)
    assert (kept["pain_worst"], kept["pain_days"]) == (8, 1095)


def test_signs_are_asked_again_after_a_day_and_nothing_is_lost_till_then(
    catalog: Catalog, example: Example, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.yaml"
    day = (date.today() - timedelta(days=3)).isoformat()
    answers = example({"bladder_start": "longstanding", "old_signs_seen": "yes"})
    saved.write_text(json.dumps({"answered_on": day, **answers}), encoding="utf-8")
    result = ask("q\n2\n", "--resume", saved)
    assert f"Your answers are from {day}. We ask again" in result.stdout
    assert "How old are you?" not in result.stdout
    assert catalog.questionnaire.topics[1].title in result.stdout
    kept = read(catalog.questionnaire, saved)
    assert kept.raw == {
        name: sorted(one) if isinstance(one, list) else one for name, one in answers.items()
    }
    assert kept.answered_on == day


def test_answers_to_other_questions_are_carried_over_and_what_does_not_fit_is_named_and_kept(
    catalog: Catalog, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.yaml"
    old = f"answered_on: {date.today()}\nquestionnaire: older\nage: 42\nsex: robot\nno_such: yes\n"
    saved.write_text(old, encoding="utf-8")
    refused = subprocess.run(
        [SCRIPT, "plan", str(saved)],
        capture_output=True,
        encoding="utf-8",
        env=environment(),
        check=False,
    )
    assert refused.returncode == 3
    assert "answers to another set of questions" in refused.stderr
    result = ask("2\n", "--resume", saved)
    sex = catalog.questionnaire.questions["sex"]
    assert f"These answers no longer fit, and are asked again: {sex.name}; no_such." in " ".join(
        result.stdout.split()
    )
    assert "How old are you?" not in result.stdout
    assert read(catalog.questionnaire, saved).raw == {"age": 42, "sex": "male"}
    assert (tmp_path / "saved.old.yaml").read_text(encoding="utf-8") == old
    saved.write_text(other := old.replace("robot", "android"), encoding="utf-8")
    ask("2\n", "--resume", saved)
    assert (tmp_path / "saved.old.yaml").read_text(encoding="utf-8") == old  # is not lost either
    assert (tmp_path / "saved.old1.yaml").read_text(encoding="utf-8") == other


def test_going_on_with_one_file_never_overwrites_another(tmp_path: Path) -> None:
    one, other = tmp_path / "one.yaml", tmp_path / "other.yaml"
    one.write_text("age: 42\n", encoding="utf-8")
    other.write_text("age: 70\n", encoding="utf-8")
    result = ask("1\n", "--resume", one, "--save", other)
    assert result.returncode == 2
    assert "holds answers already" in result.stderr
    assert other.read_text(encoding="utf-8") == "age: 70\n"


def test_an_emergency_of_an_earlier_day_is_told_at_once_and_is_what_the_plan_says(
    catalog: Catalog, example: Example, tmp_path: Path
) -> None:
    """It is asked again, but who stops there must not read less than they were told."""
    saved = tmp_path / "saved.yaml"
    day = (date.today() - timedelta(days=3)).isoformat()
    answers = {"answered_on": day, **example({"saddle_genitals": "new"})}
    saved.write_text(json.dumps(answers), encoding="utf-8")
    result = ask("1\n", "--resume", saved)
    assert result.returncode == 0
    told = result.stdout.partition("What would you like to do?")
    for part in (told[0], told[2]):
        assert catalog.words.urgency["emergency"].title in part
    assert catalog.words.urgency["same_day"].title not in result.stdout
