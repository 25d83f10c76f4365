"""The commands as a person uses them: what they print, what they write, how they fail."""

import json
import os
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from rich.cells import cell_len

from lumbar import BadAnswersError, Catalog
from lumbar.intake.answers_file import dump, read
from lumbar.rulebook.questionnaire import Number

SCRIPT = Path(sys.executable).with_name("lumbar")
ROOT = Path(__file__).resolve().parents[2]
UNSET = {
    "COLUMNS",
    "LINES",
    "NO_COLOR",
    "FORCE_COLOR",
    "CLICOLOR",
    "PYTHONIOENCODING",
    "PYTHONPATH",
}
DEFAULTS = {"PYTHONUTF8": "1", "COLUMNS": "200"}  # wider than any page may be
Result = subprocess.CompletedProcess[str]
Example = Callable[..., dict[str, Any]]


def environment(**more: str) -> dict[str, str]:
    return (
        {name: value for name, value in os.environ.items() if name not in UNSET} | DEFAULTS | more
    )


def lumbar(
    *words: str | Path, stdin: str = "", limit: Callable[[], None] | None = None, **more: str
) -> Result:
    """Run the installed script; whatever happens, a person must never see a traceback."""
    result = subprocess.run(
        [SCRIPT, *map(str, words)],
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        env=environment(**more),
        preexec_fn=limit,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in result.stderr + result.stdout
    return result


@cache
def printed(*words: str | Path) -> str:
    """Return what a command that writes no file prints, run once for all tests that look at it."""
    result = lumbar(*words)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def squeezed(text: str) -> str:
    """Return a text as one line, so that it does not matter where the page wraps."""
    return " ".join(text.replace("│", " ").split())


@pytest.fixture(scope="module")
def person(example: Example, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("person") / "answers.yaml"
    path.write_text(dump(example(), "2026-11-22"), encoding="utf-8")
    return path


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Return a copy of the program, its rules and its content, for a test to break."""
    ignore = shutil.ignore_patterns("__pycache__", "*.md")
    for folder in ("engine", "rules", "content"):
        shutil.copytree(ROOT / folder, tmp_path / "copy" / folder, ignore=ignore)
    return tmp_path / "copy"


def replace_in(path: Path, old: str, new: str) -> int:
    """Replace the first `old` in a file; return the line it stood on."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


# plan


def test_plan_is_a_page_with_what_to_do_how_much_and_why(person: Path) -> None:
    page = printed("plan", person)
    for part in ("look after it yourself", "TODAY", "BE SEEN, OR ANSWER AGAIN, IF", "Walking: "):
        assert part in page
    assert "EXERCISES" not in page
    assert page in (full := printed("plan", person, "--full"))
    for part in ("EXERCISES", "How much:", "WHY:", "WHAT THIS IS, AND WHAT IT IS NOT"):
        assert part in full


def test_how_to_do_a_thing_of_the_plan_is_told_by_its_name_or_all_at_once(person: Path) -> None:
    walking = printed("how", person, "Walking")
    assert walking == printed("how", person, "exercise/walking")
    assert "How much:" in walking
    assert "When to do more:" in walking  # one alone says all that it has
    cards = printed("how", person)
    assert walking.partition("When to do more:")[0].strip() in cards
    assert "When to do more:" not in cards
    wrong = lumbar("how", person, "exercise/handstand")
    assert (wrong.returncode, "exercise/walking" in wrong.stderr) == (2, True)


def test_the_summary_for_a_practitioner_is_printed_or_written(
    person: Path, example: Example, tmp_path: Path
) -> None:
    page = printed("summary", person)
    for part in (
        "Summary for a practitioner",
        "No rule calls for a visit now.",
        "Asked and denied:",
    ):
        assert part in page
    out = tmp_path / "summary.txt"
    assert printed("summary", person, "--out", out) == ""
    assert out.read_text(encoding="utf-8") == page
    before = person.read_bytes()
    assert lumbar("summary", person, "--out", person).returncode == 2
    assert person.read_bytes() == before
    answers = tmp_path / "a.json"
    answers.write_text(json.dumps(example({"bladder_start": "new"})), encoding="utf-8")
    assert "(ces-bladder)" in printed("summary", answers)
    unsigned = lumbar("summary", answers, "--require-signed")
    assert (unsigned.returncode, "(ces-bladder)" in unsigned.stdout) == (0, False)


def test_how_to_do_things_is_not_told_where_somebody_must_be_seen(
    example: Example, tmp_path: Path
) -> None:
    answers = tmp_path / "a.json"
    answers.write_text(json.dumps(example({"bladder_start": "new"})), encoding="utf-8")
    assert squeezed(printed("how", answers)) == (
        "There is nothing to do in this plan but to be seen."
    )


def test_a_plan_is_not_written_over_its_answers(person: Path) -> None:
    before = person.read_bytes()
    refused = lumbar("plan", person, "--out", person)
    assert (refused.returncode, "holds the answers" in refused.stderr) == (2, True)
    assert person.read_bytes() == before


def test_plan_in_markdown_has_one_title_and_no_terminal_drawing(person: Path) -> None:
    page = printed("plan", person, "--format", "markdown")
    assert [line for line in page.splitlines() if line.startswith("# ")] == page.splitlines()[:1]
    assert "\n## " in page
    assert "\n1. " in page
    assert not set("│╭\x1b") & set(page)


def test_plan_in_json_is_a_document_with_the_same_items_as_the_page(person: Path) -> None:
    plan = json.loads(printed("plan", person, "--format", "json"))
    assert plan["format"] == "lumbar-plan/2"
    page = squeezed(printed("plan", person, "--full"))
    names = [item["name"] for section in plan["sections"] for item in section["items"]]
    assert len(names) > 5
    assert all(f"* {name}" in page for name in names)


@pytest.mark.parametrize("form", ["rich", "markdown", "json"])
def test_out_writes_what_would_have_been_printed_and_prints_nothing(
    person: Path, tmp_path: Path, form: str
) -> None:
    out = tmp_path / "plan.txt"
    written = lumbar("plan", person, "--format", form, "--out", out)
    assert (written.returncode, written.stdout, written.stderr) == (0, "", "")
    assert out.read_text(encoding="utf-8") == printed("plan", person, "--format", form)
    assert [path.name for path in tmp_path.iterdir()] == ["plan.txt"]


def test_an_emergency_shows_whom_to_see_and_no_exercise(example: Example, tmp_path: Path) -> None:
    answers = tmp_path / "a.json"
    answers.write_text(json.dumps(example({"bladder_start": "new"})), encoding="utf-8")
    page = lumbar("plan", answers).stdout
    assert "be seen now" in page.splitlines()[0]
    assert "EXERCISES" not in page
    assert "MASSAGE YOU" not in page


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_a_dash_reads_the_answers_from_a_pipe(person: Path, example: Example, form: str) -> None:
    text = person.read_text(encoding="utf-8")
    if form == "json":
        text = json.dumps({"answered_on": "2026-11-22", **example()})
    assert lumbar("plan", "-", stdin=text).stdout == printed("plan", person)


# explain


def test_explain_names_every_rule_that_fired_and_every_item(person: Path) -> None:
    plan = json.loads(printed("plan", person, "--format", "json"))
    page = squeezed(printed("explain", person))
    assert all(f"{one['rule']} ({one['status']}, not signed)" in page for one in plan["firings"])
    assert all(
        f"[{item['item']}]" in page for section in plan["sections"] for item in section["items"]
    )
    assert json.loads(printed("explain", person, "--format", "json")) == plan


def test_explain_an_item_names_its_rule_its_answers_and_its_evidence(person: Path) -> None:
    page = squeezed(printed("explain", person, "massage/knead"))
    for part in (
        "[massage/knead] is in the plan",
        "Rule massage-warm-rubbing (",
        "[massage_wish]",
        "Evidence for",
    ):
        assert part in page


def test_explain_an_item_as_json_is_the_item_of_the_plan(person: Path) -> None:
    plan = json.loads(printed("plan", person, "--format", "json"))
    item = json.loads(printed("explain", person, "massage/knead", "--format", "json"))
    assert item in [one for section in plan["sections"] for one in section["items"]]


def test_why_not_names_the_nearest_rule_and_what_it_misses(person: Path) -> None:
    page = squeezed(printed("explain", person, "--why-not", "belt/support"))
    assert "[belt/support] is left out" in page
    assert "The nearest rule is belt-" in page
    found = json.loads(printed("explain", person, "--why-not", "belt/support", "--format", "json"))
    assert found["left_out"]["reason"] == "not_recommended"
    assert found["nearest"]["missing"]


def test_what_if_takes_several_changes_at_once(person: Path) -> None:
    changes = ("--what-if", "bladder_start=new", "--what-if", "worse_with=sitting,bending")
    found = json.loads(printed("explain", person, *changes, "--format", "json"))
    assert list(found["changed"]) == ["bladder_start", "worse_with"]
    assert (found["urgency_before"], found["urgency_after"]) == ("self_care", "emergency")
    assert "practitioner/emergency" in found["referrals_added"]
    assert "massage/knead" in found["items_removed"]
    page = squeezed(printed("explain", person, *changes))
    assert "Urgency: self_care becomes emergency" in page


def test_what_if_says_which_answers_it_drops(person: Path) -> None:
    found = json.loads(printed("explain", person, "--what-if", "sex=male", "--format", "json"))
    assert {"pregnant", "menopause"} <= set(found["dropped"])


# check, rules, schema


def test_the_shipped_rules_and_content_have_no_problem() -> None:
    result = lumbar("check")
    assert (result.returncode, result.stdout, result.stderr) == (0, "no problems\n", "")


def test_check_tells_every_problem_of_a_broken_folder_in_its_place(broken: Path) -> None:
    rules = broken / "rules"
    place = replace_in(
        rules / "triage" / "cauda_equina.yaml",
        "refer: practitioner/emergency",
        "refer: practitioner/x",
    )
    other = replace_in(
        rules / "care" / "massage.yaml", "recommend: massage/knead", "recommend: massage/kneed"
    )
    result = lumbar("check", broken)
    assert result.returncode == 1
    assert f"rules/triage/cauda_equina.yaml:{place}:" in result.stdout
    assert f"rules/care/massage.yaml:{other}:" in result.stdout
    assert "did you mean 'massage/knead'" in result.stdout
    assert result.stdout.splitlines()[-1] == "2 problems"


def test_check_runs_the_examples_of_every_rule(broken: Path) -> None:
    replace_in(
        broken / "rules/triage/cauda_equina.yaml",
        "fires: {bladder_start: new}",
        "fires: {bladder_start: no}",
    )
    result = lumbar("check", broken)
    assert result.returncode == 1
    assert (
        "bad-example example 1 of 'ces-bladder': fires ces-bladder: it stays silent"
        in result.stdout
    )


def test_rules_lists_every_rule(catalog: Catalog) -> None:
    page = printed("rules")
    assert [name for name in catalog.rules if f"- {name} (" not in page] == []
    assert all(f"{stage} (" in page for stage in ("TRIAGE", "PROFILE", "CAUTIONS", "CARE"))


def test_one_rule_is_shown_with_all_a_clinician_needs() -> None:
    page = squeezed(printed("rules", "ces-bladder"))
    for part in (
        "rules/triage/cauda_equina.yaml, status",
        "When",
        "refers to",
        "Because",
        "Evidence",
        "fires:",
    ):
        assert part in page


def test_a_rule_is_told_once_and_in_words() -> None:
    page = squeezed(printed("rules", "unanswered-emergency"))
    assert "None" not in page
    assert "bowel_control = not answered" in page
    assert "any_unanswered" not in page, "the condition stands there in words"
    assert "all of:" not in page, "there is one clause"


@pytest.fixture(scope="module")
def answers_schema() -> Any:
    jsonschema = pytest.importorskip("jsonschema", reason="the extra `dev` is not installed")
    schema = json.loads(printed("schema", "answers"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def people(catalog: Catalog, example: Example) -> Iterator[dict[str, Any]]:
    yield example()
    for rule in catalog.rules.values():
        yield from (example(one.answers) for one in rule.examples)


def test_every_example_person_fits_the_schema_of_answers(
    catalog: Catalog, example: Example, answers_schema: Any
) -> None:
    faults = [
        error.message
        for one in people(catalog, example)
        for error in answers_schema.iter_errors(one)
    ]
    assert faults == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"agee": 42},
        {"age": "42"},
        {"age": True},
        {"age": 121},
        {"sex": "mal"},
        {"sex": ["male"]},
        {"worse_with": "sitting"},
        {"worse_with": []},
        {"worse_with": ["none", "sitting"]},
        {"worse_with": ["nothing"]},
        {"age": None},
    ],
)
def test_the_schema_and_the_program_refuse_the_same_answers(
    catalog: Catalog, answers_schema: Any, tmp_path: Path, wrong: dict[str, Any]
) -> None:
    assert not answers_schema.is_valid(wrong)
    path = tmp_path / "a.json"
    path.write_text(json.dumps(wrong), encoding="utf-8")
    with pytest.raises(BadAnswersError):
        read(catalog.questionnaire, path)


def test_the_schema_of_answers_knows_every_question_and_every_option(
    catalog: Catalog, answers_schema: Any
) -> None:
    properties = answers_schema.schema["properties"]
    assert list(properties) == ["answered_on", "questionnaire", *catalog.questionnaire.questions]
    for name, question in catalog.questionnaire.questions.items():
        options = (
            [question.low, question.high] if isinstance(question, Number) else list(question.labels)
        )
        assert all(json.dumps(one) in json.dumps(properties[name]) for one in options)


@pytest.mark.parametrize(
    "over", [{}, {"bladder_start": "new"}, {"fever": None}], ids=["well", "emergency", "gap"]
)
def test_a_plan_fits_the_schema_of_plans(example: Example, over: dict[str, Any]) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="the extra `dev` is not installed")
    schema = json.loads(printed("schema", "plan"))
    jsonschema.Draft202012Validator.check_schema(schema)
    plan = json.loads(
        lumbar("plan", "-", "--format", "json", stdin=json.dumps(example(over))).stdout
    )
    jsonschema.Draft202012Validator(schema).validate(plan)
    assert not jsonschema.Draft202012Validator(schema).is_valid({**plan, "more": 1})


# failures


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["explain", "ANSWERS", "massage/kneed"], 2, "did you mean 'massage/knead'"),
        (["explain", "ANSWERS", "--why-not", "belt"], 2, "there is no item 'belt'"),
        (["explain", "ANSWERS", "--what-if", "age"], 2, "'age' is not QUESTION=VALUE"),
        (["explain", "ANSWERS", "--what-if", "agee=3"], 3, "did you mean 'age'"),
        (["explain", "ANSWERS", "--what-if", "age=old"], 3, "allowed: 0 to 120 years"),
        (["explain", "ANSWERS", "--what-if", "answered_on=2026-11-22"], 3, "lists every question"),
        (["rules", "ces-blader"], 2, "did you mean 'ces-bladder'"),
        (["plan", "ANSWERS", "--formt", "json"], 2, "--formt"),
        (["plan", "ANSWERS", "--format", "html"], 2, "'rich', 'markdown', 'json'"),
        (["plan"], 2, "missing argument 'ANSWERS'; `"),
        (["plan"], 2, " plan --help` tells what there is"),
        (["schema", "rules"], 2, "'answers', 'plan'"),
        (["heal"], 2, "no such command 'heal'"),
        (["serve", "--port", "high"], 2, "'--port' should be a whole number"),
        (["audit", "--people", "many"], 3, "many no-file"),
        (["audit", "--people", "1"], 2, "'--people' should be from 100 to 10,000,000, or a file"),
        (["audit", "--people", "ANSWERS", "--seed", "1"], 2, "leave out --seed"),
        (["audit", "--people", "ANSWERS", "--by", "site"], 3, "nobody has it in the file"),
        (["audit", "--by", "agee"], 2, "did you mean 'age'"),
        (["rules", "nope"], 2, "there is no rule 'nope'\n"),
        (["check", "ANSWERS"], 2, "there is no folder"),
        (["plan", "nowhere.yaml"], 3, "nowhere.yaml no-file"),
        (["ask", "--resume", "nowhere.yaml"], 3, "nowhere.yaml no-file"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_a_slip_is_answered_with_its_exit_code_and_a_hint(
    person: Path, words: list[str], code: int, said: str
) -> None:
    if words[0] == "audit":
        pytest.importorskip("numpy", reason="the extra `crowd` is not installed")
    result = lumbar(*(person if word == "ANSWERS" else word for word in words))
    assert (result.returncode, result.stdout) == (code, "")
    assert said in result.stderr
    assert result.stderr.startswith("lumbar: "), "errors look alike, whoever found them"
    assert not re.search("Value error|[Ii]nput should|^Usage", result.stderr, re.MULTILINE)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "standard input empty-file"),
        ("- age\n", "standard input:1:1 wrong-type"),
        ("age: 42\nsex: mal\n", "standard input:2:6 unknown-option"),
        ("age: 42\nage: 43\n", "standard input:2:1 duplicate-key"),
        ('{"age": 42,}', "standard input:1:"),
        ("age: [42\n", "yaml-syntax"),
        ("sex: male\npregnant: yes\n", "standard input:2:11 not-asked"),
        ("x" * 200_001, "too-large"),
    ],
    ids=["empty", "list", "option", "twice", "json", "yaml", "not-asked", "large"],
)
def test_bad_answers_end_with_3_and_the_place_of_the_fault(text: str, said: str) -> None:
    result = lumbar("plan", "-", stdin=text)
    assert (result.returncode, result.stdout) == (3, "")
    assert said in result.stderr
    assert "no plan was made" in result.stderr


def test_every_fault_of_the_answers_is_told_in_one_run() -> None:
    result = lumbar("plan", "-", stdin="agee: 42\nsex: mal\npain_now: 11\n")
    assert all(f"standard input:{line}:" in result.stderr for line in (1, 2, 3))


def test_bad_rules_end_with_4_and_no_plan(broken: Path, person: Path) -> None:
    replace_in(
        broken / "rules/triage/cauda_equina.yaml",
        "refer: practitioner/emergency",
        "refer: practitioner/x",
    )
    result = lumbar("plan", person, PYTHONPATH=str(broken / "engine"))
    assert (result.returncode, result.stdout) == (4, "")
    assert "no plan was made" in result.stderr
    assert "rules/triage/cauda_equina.yaml:" in result.stderr


def test_a_fault_inside_ends_with_70_and_tells_nothing_of_the_person(
    person: Path, tmp_path: Path
) -> None:
    (tmp_path / "rich.py").write_text("raise RuntimeError('secret answers')", encoding="utf-8")
    result = lumbar("plan", person, PYTHONPATH=str(tmp_path))
    assert (result.returncode, result.stdout) == (70, "")
    assert "see a practitioner" in result.stderr
    assert "secret" not in result.stderr


def test_version_is_printed_and_fine() -> None:
    result = lumbar("--version")
    assert (result.returncode, result.stdout[:7]) == (0, "lumbar ")


def test_a_reader_that_stops_early_ends_the_command_quietly(person: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    result = subprocess.run(
        [SCRIPT, "plan", person],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        check=False,
    )
    os.close(writer)
    # as `cat` and every other command ends
    assert (result.returncode, result.stderr) == (-signal.SIGPIPE, "")


@pytest.mark.parametrize("form", ["rich", "markdown", "json"])
def test_a_terminal_without_unicode_still_gets_the_plan(person: Path, form: str) -> None:
    result = lumbar("plan", person, "--format", form, PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert result.returncode == 0
    assert len(result.stdout) > 1500


def test_a_plan_that_could_not_be_made_is_a_page_in_every_form(person: Path) -> None:
    for form in ("rich", "markdown", "json"):
        result = lumbar("plan", person, "--require-signed", "--format", form)
        assert result.returncode == 0
        assert "We could not make a safe plan for you" in squeezed(result.stdout)


# commands that are printed


def test_a_command_is_printed_as_it_can_be_typed_again(tmp_path: Path) -> None:
    """By name where the shell finds this very program so, else by a path, quoted for a shell."""
    beside = f"{SCRIPT.parent}{os.pathsep}{os.environ['PATH']}"
    spaced = tmp_path / "a b"
    spaced.symlink_to(SCRIPT.parent)
    other = tmp_path / "lumbar"
    other.write_text("#!/bin/sh\n", encoding="utf-8")
    other.chmod(0o755)
    ways = [
        ([SCRIPT], SCRIPT.parent, beside, ["lumbar"]),
        ([SCRIPT], SCRIPT.parents[1], str(tmp_path), [f"{SCRIPT.parent.name}/lumbar"]),
        ([SCRIPT], SCRIPT.parent, "/nowhere", ["./lumbar"]),
        ([spaced / "lumbar"], tmp_path, "/nowhere", ["a b/lumbar"]),
        ([sys.executable, "-m", "lumbar"], SCRIPT.parent, "/nowhere", ["./python", "-m", "lumbar"]),
    ]
    for command, folder, path, typed in ways:
        ran = subprocess.run(
            [*command, "plan"],
            cwd=folder,
            env=environment(PATH=path),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        found = re.search("`(.+)`", ran.stderr)
        assert found, ran.stderr
        assert shlex.split(found[1]) == [*typed, "plan", "--help"]
        again = subprocess.run(
            found[1], shell=True, cwd=folder, env=environment(PATH=path), capture_output=True,
            check=False,
        )  # fmt: skip
        assert again.returncode == 0, again.stderr


def test_the_hint_of_a_problem_names_a_command_as_it_can_be_typed() -> None:
    result = lumbar("plan", "-", stdin="agge_of_all: 3\n", PATH="/nowhere")
    assert "lumbar schema answers`" in result.stderr
    assert "`lumbar schema" not in result.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [("lumbar pl", "plan"), ("lumbar plan --fo", "--format"), ("lumbar bo", "boundary")],
)
def test_a_shell_completes_commands_and_options(words: str, told: str) -> None:
    at = str(words.count(" "))
    result = lumbar(_LUMBAR_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=at)
    assert (result.returncode, told in result.stdout.split(), result.stderr) == (0, True, "")


# streams that are closed, and words from outside


def with_streams(streams: str, *words: str | Path) -> Result:
    """Run a command as a shell does, some of its streams closed or full: `>&-`."""
    command = f'"$0" "$@" {streams}'
    result = subprocess.run(
        ["bash", "-c", command, SCRIPT, *map(str, words)],
        capture_output=True,
        encoding="utf-8",
        env=environment(),
        timeout=60,
        check=False,
    )
    assert "Traceback" not in result.stderr
    assert "Exception ignored" not in result.stderr
    return result


@pytest.mark.parametrize("words", ["--format rich", "--format markdown", "--format json"])
@pytest.mark.parametrize("streams", [">&-", ">&- <&-", ">/dev/full"])
def test_an_output_that_takes_nothing_is_told_and_wrong_usage(
    person: Path, streams: str, words: str
) -> None:
    result = with_streams(streams, "plan", person, *words.split())
    assert result.returncode == 2
    why = "no space left on device" if "full" in streams else "the output is closed"
    assert result.stderr == f"lumbar: what was asked for could not be written: {why}\n"


@pytest.mark.parametrize("command", ["plan", "explain", "how", "summary"])
def test_bytes_on_a_pipe_that_are_no_text_are_refused_as_answers(command: str) -> None:
    ran = subprocess.run(
        [SCRIPT, command, "-"], input=b"age: 4\xff\n", capture_output=True,
        env=environment(), check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (3, b"")
    assert b"standard input not-text" in ran.stderr


def test_a_closed_output_does_not_matter_where_a_file_is_written(
    person: Path, tmp_path: Path
) -> None:
    out = tmp_path / "plan.txt"
    result = with_streams(">&-", "plan", person, "--out", out)
    assert (result.returncode, result.stderr) == (0, "")
    assert out.read_text(encoding="utf-8") == printed("plan", person)


def test_a_closed_input_holds_no_answers() -> None:
    result = with_streams("<&-", "plan", "-")
    assert (result.returncode, result.stdout) == (3, "")
    assert "there are no answers in it" in result.stderr


def test_with_nowhere_to_tell_of_problems_the_exit_code_still_does(tmp_path: Path) -> None:
    assert with_streams("2>&-", "plan", tmp_path / "nowhere").returncode == 3


@pytest.mark.parametrize(
    "words",
    [
        ["plan", "EVIL"],
        ["plan", "ANSWERS", "--out", "EVIL/x"],
        ["plan", "ANSWERS", "--dir", "EVIL"],
        ["explain", "ANSWERS", "EVIL"],
        ["explain", "ANSWERS", "--what-if", "EVIL"],
        ["explain", "ANSWERS", "--what-if", "age=EVIL"],
        ["explain", "ANSWERS", "--what-if", "EVIL=1"],
        ["rules", "EVIL"],
        ["schema", "EVIL"],
        ["EVIL"],
    ],
    ids=" ".join,
)
def test_no_word_from_outside_steers_a_terminal(person: Path, words: list[str]) -> None:
    evil = "a\x1b[31m\x07b\u202e"
    said = [word.replace("EVIL", evil).replace("ANSWERS", str(person)) for word in words]
    pexpect = pytest.importorskip("pexpect", reason="the extra `dev` is not installed")
    child = pexpect.spawn(str(SCRIPT), said, env=environment(TERM="xterm"), encoding="utf-8")
    out = child.read()
    child.close()
    assert child.exitstatus in {2, 3}
    assert out.replace("\r\n", "").isprintable()


# --out


def no_room() -> None:
    """Let no file grow over 1,000 bytes, as on a disk that is full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))


def taken(folder: Path) -> Path:
    (folder / "file").write_text("in the way", encoding="utf-8")
    return folder / "file" / "plan.json"


def locked(folder: Path) -> Path:
    if os.geteuid() == 0:
        pytest.skip("no folder is closed to root")
    (folder / "locked").mkdir(mode=0o500)
    return folder / "locked" / "plan.json"


PLACES: dict[str, Callable[[Path], Path]] = {
    "missing": lambda folder: folder / "nowhere" / "plan.json",
    "taken": taken,
    "locked": locked,
    "folder": lambda folder: folder,
}


@pytest.mark.parametrize("place", PLACES)
def test_out_to_where_nothing_can_be_written_leaves_nothing(
    person: Path, tmp_path: Path, place: str
) -> None:
    out = PLACES[place](tmp_path)
    before = sorted(tmp_path.rglob("*"))
    result = lumbar("plan", person, "--format", "json", "--out", out)
    assert (result.returncode, result.stdout) == (2, "")
    assert "cannot be written" in result.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_out_to_a_full_disk_leaves_nothing(person: Path, tmp_path: Path) -> None:
    result = lumbar(
        "plan", person, "--format", "json", "--out", tmp_path / "plan.json", limit=no_room
    )
    assert (result.returncode, result.stdout) == (2, "")
    assert "cannot be written" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_out_that_fails_keeps_the_old_file(person: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    out.write_text("old", encoding="utf-8")
    assert lumbar("plan", person, "--format", "json", "--out", out, limit=no_room).returncode == 2
    assert lumbar("plan", "-", "--out", out, stdin="age: old").returncode == 3
    assert out.read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]


def test_out_over_an_old_file_replaces_it_and_keeps_its_mode(person: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    out.write_text("old" * 100_000, encoding="utf-8")
    out.chmod(0o640)
    assert lumbar("plan", person, "--format", "json", "--out", out).returncode == 0
    assert json.loads(out.read_text(encoding="utf-8"))["format"] == "lumbar-plan/2"
    assert out.stat().st_mode & 0o777 == 0o640


def test_out_through_a_link_writes_the_file_it_points_to(person: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("plan.md")
    (tmp_path / "plan.md").write_text("old", encoding="utf-8")
    assert (
        lumbar("plan", person, "--format", "markdown", "--out", tmp_path / "link").returncode == 0
    )
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "plan.md").read_text(encoding="utf-8").startswith("# ")


# what a newcomer sees


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (
            "",
            [
                "does not diagnose",
                "emergency department now",
                "ask",
                "plan",
                "explain",
                "check",
                "rules",
                "schema",
            ],
        ),
        ("ask", ["--save FILE", "--resume FILE", "--plain", "screen readers", "as you go"]),
        (
            "plan",
            [
                "YAML or JSON",
                "- to read",
                "rich|markdown|json",
                "--out FILE",
                "whole or not at all",
            ],
        ),
        (
            "explain",
            ["such as massage/knead", "--why-not ITEM", "--what-if QUESTION=VALUE", "rich|json"],
        ),
        ("check", ["rules/ and content/", "default: those shipped"]),
        ("rules", ["by stage and topic", "plain English", "ID"]),
        ("schema", ["answers|plan", "JSON Schema"]),
    ],
)
def test_help_tells_a_newcomer_what_to_type(command: str, told: list[str]) -> None:
    result = lumbar(*command.split(), "--help")
    assert result.returncode == 0
    page = squeezed(result.stdout)
    assert [part for part in told if part not in page] == []
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_no_command_shows_the_help() -> None:
    result = lumbar()
    assert result.returncode == 2
    assert "emergency department now" in squeezed(result.stdout + result.stderr)


@pytest.mark.parametrize(
    "words",
    [
        "plan ANSWERS",
        "explain ANSWERS",
        "explain ANSWERS massage/knead",
        "explain ANSWERS --why-not belt/support",
        "explain ANSWERS --what-if bladder_start=new",
        "rules",
        "rules ces-bladder",
    ],
)
def test_a_page_is_never_wider_than_80_columns(person: Path, words: str) -> None:
    page = printed(*(person if word == "ANSWERS" else word for word in words.split()))
    assert [line for line in page.splitlines() if cell_len(line) > 80] == []


COLOURS = [f"{seven}{digit}" for seven in (3, 4, 9) for digit in range(8)]


@pytest.mark.parametrize("no_color", [{}, {"NO_COLOR": "1"}], ids=["colours", "no-colours"])
def test_no_color_is_honoured_on_a_terminal(person: Path, no_color: dict[str, str]) -> None:
    pexpect = pytest.importorskip("pexpect", reason="the extra `dev` is not installed")
    out, code = pexpect.run(
        f'"{SCRIPT}" plan "{person}"',
        env=environment(TERM="xterm-256color", COLUMNS="80", **no_color),
        dimensions=(60, 80),
        withexitstatus=True,
        timeout=30,
    )
    assert code == 0
    styles = {part.split("m")[0] for part in out.decode().split("\x1b[")[1:]}
    assert styles, "a terminal gets at least bold headings"
    coloured = {style for style in styles if set(style.split(";")) & set(COLOURS)}
    assert bool(coloured) is not bool(no_color)


def test_a_pipe_gets_no_escape_codes(person: Path) -> None:
    assert "\x1b" not in printed("plan", person)


def test_answers_that_lumbar_writes_are_plain_yaml(person: Path, example: Example) -> None:
    loaded = yaml.load(person.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    assert loaded.pop("answered_on") == "2026-11-22"
    assert loaded.keys() - {"questionnaire"} == example().keys()


# the rules of another folder


def test_the_rules_of_another_folder_decide_and_are_shown(person: Path, tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    for part in ("rules", "content"):
        shutil.copytree(root / part, tmp_path / part)
    rules = tmp_path / "rules" / "care" / "activity_and_outlook.yaml"
    rules.write_text(
        rules.read_text(encoding="utf-8").replace("stay-active-for-all", "moving-for-all"),
        encoding="utf-8",
    )
    assert "moving-for-all" in printed("explain", person, "--dir", tmp_path)
    assert "moving-for-all" in printed("rules", "moving-for-all", "--dir", tmp_path)
    plan = json.loads(printed("plan", person, "--format", "json", "--dir", tmp_path))
    assert "moving-for-all" in {one["rule"] for one in plan["firings"]}


@pytest.mark.parametrize("command", [("plan", "PERSON"), ("explain", "PERSON"), ("rules",)])
def test_a_folder_of_rules_that_is_not_there_is_wrong_usage(
    command: tuple[str, ...], person: Path
) -> None:
    words = [str(person) if word == "PERSON" else word for word in command]
    ended = lumbar(*words, "--dir", "nowhere")
    assert (ended.returncode, "there is no folder 'nowhere'" in ended.stderr) == (2, True)
