"""Every problem that a rule or content file can have is found, in its place, and told in words that
help.
"""

import ast
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import lumbar
from lumbar.reading.problems import Problem
from lumbar.review.check import check

TESTS = Path(__file__).parent
TOY = TESTS / "toy"
CASES = sorted(path.parent for path in (TESTS / "bad").glob("*/expect.yaml"))
REFERENCE = TESTS.parent / "rules" / "REFERENCE.md"

# The engine's modules that report on rules and content, and the codes in them that only answers can
# have.
REPORTING = (
    "reading/opening", "reading/yamlfile", "rulebook/files", "rulebook/names",
    "rulebook/consistency", "rulebook/parsing",
    "engines/limits", "pictures/checking", "review/check", "review/signs", "review/properties/hazards", "review/people/practice",
)  # fmt: skip
OF_ANSWERS = {"json-syntax"}
HYPHENATED = re.compile(r"[a-z]+(-[a-z]+)+")
PYTHON_NAMES = re.compile(
    r"\b(?:str|int|float|dict|tuple|frozenset|bool|NoneType|None|True|False|Traceback|Error|pydantic|Mapping|Literal)\b"
)


def codes_in_the_engine() -> set[str]:
    """Return every code in the reporting modules: small words with hyphens, or one word where a
    fault has its code.
    """
    folder = Path(lumbar.__file__).parent
    trees = [
        ast.parse((folder / f"{module}.py").read_text(encoding="utf-8")) for module in REPORTING
    ]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    texts = {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {text for text in texts if HYPHENATED.fullmatch(text)} | {
        one for node in nodes for one in single(node)
    }


def single(node: ast.AST) -> Iterator[str]:
    """Yield the code of one word in a yielded fault, (name, code, message, hint) or (code, message,
    hint).
    """
    fault = (
        node.value.elts if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple) else []
    )
    for one in fault[len(fault) - 3 : len(fault) - 2] if len(fault) in {3, 4} else []:
        if isinstance(one, ast.Constant) and str(one.value).isalpha():
            yield str(one.value)


def laid_over_the_toy(case: Path, root: Path) -> dict[str, Any]:
    """Build the toy with the files and the edits of one case laid over it; return what is expected
    of it.
    """
    expected: dict[str, Any] = yaml.safe_load((case / "expect.yaml").read_text(encoding="utf-8"))
    shutil.copytree(TOY, root, dirs_exist_ok=True)
    shutil.copytree(case, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expect.yaml"))
    if "remove" in expected:
        (root / expected["remove"]).unlink()
    if edit := expected.get("edit"):
        more = edit.get("then", "") * edit.get("times", 0)
        _edited(root / edit["file"], edit["find"], edit["put"] + more)
    if fill := expected.get("fill"):
        (root / fill["file"]).write_text(fill["text"] * fill["times"], encoding="utf-8")
    return expected


def _edited(path: Path, find: str, put: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(find) == 1, f"{path.name} holds {find!r} {text.count(find)} times, not once"
    path.write_text(text.replace(find, put), encoding="utf-8")


def in_house_words(problem: Problem) -> bool:
    """Return whether a message starts small, has no full stop and shows nothing of Python."""
    message = problem.message
    return (
        bool(message)
        and not message[0].isupper()
        and not message.endswith(".")
        and not PYTHON_NAMES.search(message)
    )


def test_the_toy_itself_has_no_problem() -> None:
    assert check(TOY) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_bad_file_is_reported_by_its_code_at_its_place_and_nothing_else_is(
    case: Path, tmp_path: Path
) -> None:
    expected = laid_over_the_toy(case, tmp_path)
    found = check(tmp_path)
    lines = expected.get("lines") or [expected["line"]]
    assert [(one.file, one.line, one.code) for one in found] == [
        (expected["file"], line, case.name) for line in lines
    ]
    assert expected["says"].lower() in found[0].message.lower()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_message_is_in_house_words(case: Path, tmp_path: Path) -> None:
    laid_over_the_toy(case, tmp_path)
    assert [str(one) for one in check(tmp_path) if not in_house_words(one)] == []


def test_every_code_in_the_engine_has_its_smallest_failing_example() -> None:
    assert codes_in_the_engine() - OF_ANSWERS == {case.name for case in CASES}


@pytest.mark.parametrize("code", sorted(codes_in_the_engine() - OF_ANSWERS))
def test_every_code_is_explained_to_rule_authors(code: str) -> None:
    assert f"`{code}`" in REFERENCE.read_text(encoding="utf-8")


def test_all_problems_of_several_bad_files_are_reported_in_one_run(tmp_path: Path) -> None:
    laid_over_the_toy(TESTS / "bad" / "stray-file", tmp_path)
    (tmp_path / "content" / "operator.yaml").unlink()
    (tmp_path / "rules" / "care" / "empty.yaml").write_text("", encoding="utf-8")
    assert {one.code for one in check(tmp_path)} == {"stray-file", "no-file", "empty-file"}
