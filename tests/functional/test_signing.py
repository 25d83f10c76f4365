"""Signing as a clinician does it: the commands, what they print, what they refuse, and what a plan
says of it.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pexpect", reason="the extra `dev` is not installed")
import pexpect
import yaml

from lumbar.intake.answers_file import dump

SCRIPT = Path(sys.executable).with_name("lumbar")
ROOT = Path(__file__).resolve().parents[2]
TOY = ROOT / "tests" / "toy"
RECORD = "rules/signoffs.yaml"
ABLE = ("--name", "A. Able", "--role", "physiotherapist", "--registration", "HCPC PH00000")
Result = subprocess.CompletedProcess[str]


def lumbar(*words: str | Path, stdin: str = "", **more: str) -> Result:
    unset = {"COLUMNS", "LINES", "FORCE_COLOR", "PYTHONPATH"}
    env = (
        {name: value for name, value in os.environ.items() if name not in unset}
        | {"PYTHONUTF8": "1"}
        | more
    )
    command = [SCRIPT, *map(str, words)]
    result = subprocess.run(
        command,
        capture_output=True,
        encoding="utf-8",
        env=env,
        input=stdin,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in result.stderr + result.stdout
    return result


def done(*words: str | Path, **more: str) -> str:
    result = lumbar(*words, **more)
    assert (result.returncode, result.stderr) == (0, "")
    return " ".join(result.stdout.split())


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    shutil.copytree(TOY, tmp_path / "toy")
    return tmp_path / "toy"


@pytest.fixture
def case(tmp_path: Path) -> Path:
    path = tmp_path / "case.yaml"
    path.write_text("weak_leg: yes\n", encoding="utf-8")
    return path


def edit(path: Path, find: str, put: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert find in text
    path.write_text(text.replace(find, put, 1), encoding="utf-8")


def statuses(root: Path) -> dict[str, str]:
    rules = json.loads(lumbar("review", "--format", "json", "--dir", root).stdout)["rules"]
    return {one["rule"]: one["status"] for one in rules}


def test_signing_says_what_is_signed_and_review_shows_who_signed_it_until_when(toy: Path) -> None:
    until = date.today() + timedelta(days=365)
    words = ("weak-leg", "fever", *ABLE, "--valid-until", str(until), "--yes", "--dir", toy)
    said = done("sign", *words)
    signed = yaml.safe_load((toy / RECORD).read_text(encoding="utf-8"))[0]
    assert f"weak-leg {signed['hash'][:12]} Weak leg" in said
    assert "signed 2 rules as A. Able" in said
    page = done("review", "--stage", "triage", "--dir", toy)
    assert f"weak-leg signed A. Able, {date.today()}, until {until}" in page
    assert "signs never reviewed" in page


def test_one_changed_word_shows_as_changed_with_the_difference_and_a_comment_as_nothing(
    toy: Path,
) -> None:
    done("sign", "triage/signs", *ABLE, "--yes", "--dir", toy)
    before = statuses(toy)
    edit(
        toy / "rules/triage/signs.yaml", "- id: weak-leg\n", "# read twice\n- id:   'weak-leg'\n\n"
    )
    assert statuses(toy) == before
    edit(toy / "rules/triage/signs.yaml", "Because of weak leg.", "Because of a weak leg.")
    assert statuses(toy) == {**before, "weak-leg": "changed"}
    page = done("review", "weak-leg", "--dir", toy)
    assert "because was: Because of weak leg. is: Because of a weak leg." in page
    changed = json.loads(done("review", "weak-leg", "--format", "json", "--dir", toy))["changed"]
    assert changed == [
        {"where": "because", "before": "Because of weak leg.", "after": "Because of a weak leg."}
    ]
    assert "weak-leg changed since" in done("review", "--status", "changed", "--dir", toy)


def test_a_record_with_a_problem_is_named_by_review_and_check_and_nothing_is_added(
    toy: Path, case: Path
) -> None:
    done("sign", "weak-leg", "fever", "signs", *ABLE, "--yes", "--dir", toy)
    edit(toy / RECORD, "  hash: ", "  hash: x")
    record = (toy / RECORD).read_bytes()
    page = lumbar("review", "--dir", toy)
    assert page.returncode == 1
    assert f"no rule counts as signed: {RECORD}:7:9 bad-value" in page.stderr
    assert set(statuses(toy).values()) == {"broken_record"}
    assert "Nobody has signed it" not in lumbar("review", "fever", "--dir", toy).stdout
    refused = lumbar("sign", "fever", *ABLE, "--dir", toy)
    assert (refused.returncode, f"{RECORD}:7:9" in refused.stderr) == (2, True)
    assert (toy / RECORD).read_bytes() == record
    checked = lumbar("check", toy)
    assert (checked.returncode, f"{RECORD}:7:9 bad-value" in checked.stdout) == (1, True)
    assert "Damaged." in done("plan", case, "--dir", toy)


@pytest.mark.parametrize("kind", ["fifo", "endless device"])
def test_a_record_that_is_no_plain_file_is_refused_before_it_is_read(
    kind: str, toy: Path, case: Path
) -> None:
    if kind == "fifo":
        os.mkfifo(toy / RECORD)
    else:
        (toy / RECORD).symlink_to("/dev/zero")
    assert "Damaged." in done("plan", case, "--dir", toy)
    assert f"{RECORD} no-file" in lumbar("check", toy).stdout
    assert lumbar("sign", "fever", *ABLE, "--dir", toy).returncode == 2


def test_people_who_sign_at_the_same_time_all_stand_in_the_record(toy: Path) -> None:
    command = [SCRIPT, "sign", "triage/signs", *ABLE, "--yes", "--dir", toy]
    both = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(4)]
    assert [one.wait(timeout=60) for one in both] == [0, 0, 0, 0]
    entries = yaml.safe_load((toy / RECORD).read_text(encoding="utf-8"))
    assert sorted(Counter(one["of"] for one in entries).values()) == [4] * 6
    assert sorted(path.name for path in (toy / "rules").iterdir() if path.name[0] == ".") == []


SEVERAL = (("weak-leg", "fever"), ("triage/pain",), ("--release",))


@pytest.mark.parametrize("words", SEVERAL, ids=lambda words: words[0])
def test_several_rules_a_topic_or_a_release_are_not_signed_where_nobody_can_be_asked(
    words: tuple[str, ...], toy: Path
) -> None:
    refused = lumbar("sign", *words, *ABLE, "--dir", toy)
    assert (refused.returncode, "--yes" in refused.stderr) == (2, True)
    assert not (toy / RECORD).exists()
    done("sign", *words, *ABLE, "--yes", "--dir", toy)


@pytest.mark.parametrize(("said", "code"), [("y", 0), ("n", 1), ("", 1)])
def test_signing_a_topic_lists_its_rules_and_asks(said: str, code: int, toy: Path) -> None:
    words = ["sign", "triage/signs", *ABLE, "--dir", str(toy)]
    child = pexpect.spawn(str(SCRIPT), words, encoding="utf-8", timeout=60)
    child.expect_exact("Sign this, 6 in all? [y/N]")
    assert "weak-leg" in child.before
    assert "infected-lump" in child.before
    child.sendline(said)
    child.expect(pexpect.EOF)
    child.close()
    assert (child.exitstatus, (toy / RECORD).exists()) == (code, code == 0)


def test_a_release_is_signed_and_reviewed_as_a_whole(toy: Path) -> None:
    assert "rule set never reviewed" in done("review", "--dir", toy)
    said = done("sign", "--release", *ABLE, "--yes", "--dir", toy)
    assert "rules, 0 signed one by one" in said
    assert "signed the rule set as A. Able" in said
    assert f"rule set signed A. Able, {date.today()}" in done("review", "--dir", toy)
    edit(toy / "rules/thresholds.yaml", "value: 65", "value: 66")
    page = done("review", "--dir", toy)
    assert "rule set changed since A. Able" in page
    assert "changed: thresholds > older from > value" in page
    assert "the rule set as a whole needs: a new signature" in page
    whole = json.loads(done("review", "--format", "json", "--dir", toy))["rule_set"]
    change = {"where": "thresholds > older from > value", "before": "65", "after": "66"}
    assert (whole["status"], whole["changed"]) == ("changed", [change])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("weak-lag", *ABLE), "did you mean 'weak-leg'"),
        (("weak-leg", *ABLE, "--valid-until", "2020-01-01"), "already over"),
        (("weak-leg", *ABLE, "--valid-until", "soon"), "should be a day"),
        (("weak-leg", *ABLE[2:], "--name", "\u3164"), "--name needs 2 to 100"),
        (("weak-leg", *ABLE[2:], "--name", " "), "--name needs 2 to 100 characters"),
        (("weak-leg", *ABLE, "--note", "fine \x1b[2J"), "--note needs at most"),
        (("weak-leg", *ABLE[2:]), "--name"),
        ((*ABLE,), "RULE"),
        (("weak-leg", "--release", *ABLE), "either RULE... or --release"),
    ],
)
def test_signing_is_refused_in_words_and_leaves_no_record(
    words: tuple[str, ...], said: str, toy: Path
) -> None:
    result = lumbar("sign", *words, "--dir", toy)
    assert result.returncode == 2
    assert said in result.stderr
    assert not (toy / RECORD).exists()


def test_rules_that_came_with_an_installed_program_are_signed_only_where_they_are_kept(
    tmp_path: Path, toy: Path, case: Path
) -> None:
    shutil.copytree(
        ROOT / "engine" / "lumbar",
        tmp_path / "lumbar",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    for folder in ("rules", "content"):
        shutil.copytree(toy / folder, tmp_path / "lumbar" / "_data" / folder)
    about = ("--case", case, "--note", "Too soon.")
    for words in (("sign", "weak-leg", *ABLE), ("dispute", "weak-leg", *ABLE, *about)):
        result = lumbar(*words, PYTHONPATH=str(tmp_path))
        assert (result.returncode, "--dir" in result.stderr) == (2, True)
    done("sign", "weak-leg", *ABLE, "--dir", toy, PYTHONPATH=str(tmp_path))
    assert not (tmp_path / "lumbar" / "_data" / RECORD).exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("review", "weak-lag"), "did you mean 'weak-leg'"),
        (("review", "weak-leg", "--stage", "triage"), "one thing at a time"),
        (("review", "--stage", "cure"), "cure"),
        (("review", "--personas", "no-such-folder"), "there is no folder"),
        (("review", "--status", "signed"), "signed"),
    ],
)
def test_what_review_cannot_show_is_wrong_usage(
    words: tuple[str, ...], said: str, toy: Path
) -> None:
    result = lumbar(*words, "--dir", toy)
    assert (result.returncode, said in result.stderr) == (2, True)


def test_a_folder_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    for words in (("sign", "weak-leg", *ABLE), ("review",)):
        assert lumbar(*words, "--dir", tmp_path / "none").returncode == 2


def test_a_dispute_keeps_its_person_and_shows_until_the_plan_is_as_expected(
    toy: Path, case: Path
) -> None:
    done("sign", "triage/signs", *ABLE, "--yes", "--dir", toy)
    people = toy / "people"
    people.mkdir()
    words = (
        "--case",
        case,
        "--note",
        "Too soon.",
        "--expect",
        "urgency=same_day",
        "--save",
        people,
        "--dir",
        toy,
    )
    said = done("dispute", "weak-leg", *ABLE, *words)
    (kept,) = people.iterdir()
    assert "you disagree with weak-leg; expected urgency=same_day" in said
    assert "disputed: weak-leg" in kept.read_text(encoding="utf-8")
    page = done("review", "--status", "disputed", "--personas", people, "--dir", toy)
    assert "weak-leg disputed A. Able" in page
    assert f"{kept.stem} [weak-leg], still open: urgency: expected same_day, came emergency" in page
    assert "Too soon." in done("review", "weak-leg", "--dir", toy)
    edit(
        toy / "rules/triage/signs.yaml",
        "practitioner/emergency, urgency: emergency",
        "practitioner/gp, urgency: routine",
    )
    edit(kept, "urgency: same_day", "urgency: within_days")
    assert f"{kept.stem} [weak-leg], settled" in done("review", "--personas", people, "--dir", toy)


def test_a_dispute_without_a_folder_for_its_person_is_refused_and_not_recorded(
    toy: Path, case: Path
) -> None:
    result = lumbar(
        "dispute", "weak-leg", *ABLE, "--case", case, "--note", "Too soon.", "--dir", toy
    )
    assert (result.returncode, "--save" in result.stderr) == (2, True)
    assert not (toy / RECORD).exists()


def test_only_who_asked_for_a_plan_is_told_that_none_was_made(toy: Path, case: Path) -> None:
    case.write_text("nonsense: yes\n", encoding="utf-8")
    result = lumbar(
        "dispute", "weak-leg", *ABLE, "--case", case, "--note", "Too soon.", "--dir", toy
    )
    assert "the answers cannot be used, so this was not done" in result.stderr
    assert "the answers cannot be used, so no plan was made" in lumbar("plan", case).stderr


def test_a_case_that_is_no_set_of_answers_ends_with_3(toy: Path, case: Path) -> None:
    case.write_text("weak_lag: yes\n", encoding="utf-8")
    result = lumbar(
        "dispute", "weak-leg", *ABLE, "--case", case, "--note", "Too soon.", "--dir", toy
    )
    assert (result.returncode, "did you mean" in result.stderr) == (3, True)


# Plans, made by a copy of the program that has a record of its own.


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the program, all of whose rules are signed."""
    root = tmp_path_factory.mktemp("copy")
    for folder in ("engine", "rules", "content"):
        shutil.copytree(
            ROOT / folder,
            root / folder,
            ignore=shutil.ignore_patterns("__pycache__", "signoffs.yaml"),
        )
    done("sign", "triage", "profile", "cautions", "care", *ABLE, "--yes", "--dir", root)
    done("sign", "--release", *ABLE, "--yes", "--dir", root)
    return root


@pytest.fixture(scope="module")
def person(
    example: Callable[..., dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    path = tmp_path_factory.mktemp("person") / "answers.yaml"
    path.write_text(dump(example(), "2026-11-22"), encoding="utf-8")
    return path


def test_a_plan_whose_rules_are_all_signed_is_the_same_where_signatures_are_required(
    copy: Path, person: Path
) -> None:
    path = str(copy / "engine")
    plan = done("plan", person, "--format", "json", PYTHONPATH=path)
    assert done("plan", person, "--format", "json", "--require-signed", PYTHONPATH=path) == plan
    made = json.loads(plan)["provenance"]
    assert made["rules_signed"] == made["rules_fired"] > 0
    assert f"{made['rules_fired']} of the {made['rules_fired']} rules" in made["review_note"]


@pytest.mark.parametrize(("sign", "urgency"), [("no", "same_day"), ("new", "emergency")])
def test_where_signatures_are_required_unsigned_rules_mean_being_seen_and_nothing_else(
    sign: str, urgency: str, example: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    for folder in ("engine", "rules", "content"):
        ignore = shutil.ignore_patterns("__pycache__", "signoffs.yaml")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignore)
    (tmp_path / "answers.yaml").write_text(
        dump(example({"bladder_start": sign}), None), encoding="utf-8"
    )
    words = ("plan", tmp_path / "answers.yaml", "--require-signed", "--format", "json")
    result = lumbar(*words, PYTHONPATH=str(tmp_path / "engine"))
    plan = json.loads(result.stdout)
    assert result.returncode == 0
    assert (plan["urgency"]["level"], plan["sections"]) == (urgency, [])
    assert "have no valid signature" in plan["failure"]
    assert "have no valid signature" in result.stderr


def test_the_interview_can_require_signatures_too(copy: Path) -> None:
    hurried = "s\n\n" * 200
    answered = lumbar(
        "ask", "--plain", "--require-signed", stdin=hurried, PYTHONPATH=str(copy / "engine")
    )
    assert (answered.returncode, answered.stderr) == (0, "")
    (copy / RECORD).rename(copy / "kept.yaml")
    try:
        refused = lumbar(
            "ask", "--plain", "--require-signed", stdin=hurried, PYTHONPATH=str(copy / "engine")
        )
    finally:
        (copy / "kept.yaml").rename(copy / RECORD)
    assert refused.returncode == 0
    assert "have no valid signature" in refused.stderr
    assert "We could not make a safe plan for you" in refused.stdout
