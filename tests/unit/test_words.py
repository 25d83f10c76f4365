"""Words live in `content/`: none in the code, each filled in as declared, in any language."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_type_hints

import pytest
import yaml
from edits import TOY, copied, edited

from lumbar import BadCatalogError, Catalog, decide, load, make_plan
from lumbar.plan.blocks import blocks, card, to_markdown
from lumbar.reading.record import Record
from lumbar.rulebook.words import Counted, WordsFile, fill, placeholders

ENGINE = Path(__file__).parents[2] / "engine" / "lumbar"
ROOMS = ("plan", "terminal", "intake", "decision", "web")
WORDS = "content/words.yaml"

# Calls whose text is for developers and whoever types commands, not for the person with a sore back
# in front of the interview or a plan.
TOLD_TO_DEVELOPERS = {
    "TextColumn", "stop", "tell", "Problem", "echo", "append", "error", "info", "section", "_report",
    "Typer", "Option", "Argument", "__init__",
}  # fmt: skip
SPARED = {
    "A folder with rules/ and content/; default: those shipped.": "help of commands",
    "install it with: ": "part of a message to whoever typed the command",
    "the output is closed": "part of a message to whoever typed the command",
    "This says nothing about your back.": "content/ may be what broke",
    "no plan was made": "part of the sentence that content/ cannot be read",
    "this was not done": "the same",
    "no engine could run": "a failure as integrators and the log read it",
}


# These tell what is wrong in an answers file, to whoever writes one; to whoever runs the web, what
# they can set; to whoever writes a program, what the API takes.
SPARED_FILES = {
    "intake/answers.py", "intake/answers_file.py", "terminal/visits.py", "web/settings.py", "web/keeping.py", "web/api.py",
    "web/metrics.py", "web/openapi.py",
}  # fmt: skip


def constants(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the texts of a syntax tree less docstrings, what is raised, and what developers read."""
    if isinstance(node, ast.Raise):
        return
    if isinstance(node, ast.Call) and _name(node.func) in TOLD_TO_DEVELOPERS:
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.FunctionDef):
        node.returns = None  # the name of a type
    if isinstance(node, ast.JoinedStr):
        parts = (one.value if isinstance(one, ast.Constant) else "{}" for one in node.values)
        yield node.lineno, "".join(map(str, parts))
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.lineno, node.value
    for child in ast.iter_child_nodes(node):
        yield from constants(child)


def _name(node: ast.expr) -> str:
    return getattr(node, "attr", None) or getattr(node, "id", "")


def trees() -> Iterator[tuple[str, ast.Module]]:
    for room in ROOMS:
        for path in sorted((ENGINE / room).glob("*.py")):
            yield f"{room}/{path.name}", ast.parse(path.read_text(encoding="utf-8"))


def sentence_like(text: str) -> bool:
    """Tell whether three words stand one after the other, two of them not filled in."""
    three = re.search(r"[\w'{}]+[ ,]+[\w'{}]{2,}[ ,]+[\w'{}]{2,}", text)
    return three is not None and len(re.findall(r"[A-Za-z']{2,}", text)) > 1


def test_no_sentence_for_a_person_stands_in_the_code() -> None:
    found = [
        f"{name}:{line} {text!r}"
        for name, tree in trees()
        if name not in SPARED_FILES
        for line, text in constants(tree)
        if sentence_like(text) and not any(text.startswith(one) for one in SPARED)
    ]
    assert found == [], "move these to content/words.yaml, or spare them above with a reason"


def test_every_text_that_is_spared_is_still_there() -> None:
    texts = [text for _, tree in trees() for _, text in constants(tree)]
    assert [one for one in SPARED if not any(text.startswith(one) for text in texts)] == []


@pytest.mark.parametrize(
    ("code", "sentences"),
    [
        ('say("Your answers are kept")', 1),
        ('say(f"From {low} to {high}")', 1),
        ('stop("there is no rule", 2)', 0),
        ('raise ValueError("there is no rule")', 0),
        ('def f():\n    """Return this and that."""', 0),
        ('x = "keys_of_words"; y = f"{a}, {b} {c} of {d}"', 0),
    ],
)
def test_the_search_for_sentences_finds_what_it_should(code: str, sentences: int) -> None:
    assert sum(sentence_like(text) for _, text in constants(ast.parse(code))) == sentences


# Every text has the names that the code fills in, and is used.


def leaves(shape: type[Record], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the place of every text of the words file that has a name of its own."""
    hints = get_type_hints(shape)
    for name in shape.__dataclass_fields__:
        inner = hints[name]
        if isinstance(inner, type) and issubclass(inner, Record) and inner is not Counted:
            yield from leaves(inner, (*path, name))
        else:
            yield (*path, name)


def test_every_text_is_filled_in_with_the_names_that_it_may_use() -> None:
    """A call fill(says.see, name=...) gives exactly the names declared for `see`."""
    declared: dict[str, set[frozenset[str]]] = {}
    for loc in leaves(WordsFile):
        declared.setdefault(loc[-1], set()).add(placeholders(loc))
    wrong, seen = [], 0
    for name, tree in trees():
        for call in (one for one in ast.walk(tree) if isinstance(one, ast.Call)):
            if _name(call.func) not in {"fill", "counted"} or not isinstance(
                call.args[0], ast.Attribute
            ):
                continue
            seen += 1
            given = {str(one.arg) for one in call.keywords}
            given |= {"number"} if _name(call.func) == "counted" else set()
            if given not in declared[call.args[0].attr]:
                wrong.append(f"{name}:{call.lineno} {call.args[0].attr} {given}")
    assert wrong == []
    assert seen > 40


def test_every_text_is_used() -> None:
    files = (*ENGINE.rglob("*.py"), *ENGINE.glob("web/templates/*.html"))
    code = "".join(path.read_text(encoding="utf-8") for path in files)
    looped = {"details", "what_if", "commands"}  # gone through by their fields
    named = [loc for loc in leaves(WordsFile) if not looped & set(loc)]
    unused = [loc for loc in named if not re.search(rf'(\.|"){loc[-1]}\b', code)]
    assert unused == []


# What the file may hold.


@pytest.mark.parametrize(
    ("find", "put", "code"),
    [
        ("  hands: Hands\n", "", "missing-key"),
        ("  hands: Hands\n", "  hands: Hands\n  feet: Feet\n", "unknown-key"),
        ("  hands: Hands\n", "  hands: Hands {number}\n", "unknown-placeholder"),
        ("  on_day: On {day}.", "  on_day: On {days}.", "unknown-placeholder"),
        ("  on_day: On {day}.", "  on_day: Call {urgent_line} on {day}.", "unknown-placeholder"),
        ("  high: high\n", "", "missing-key"),
        ('plural: {one: "1"}', 'plural: {one: "("}', "bad-value"),
        ('plural: {one: "1"}', 'plural: {once: "1"}', "not-allowed"),
        ("keys: [s]", 'keys: ["1"]', "bad-value"),
        ('{one: "In {number} day. {text}", other: ', "{one: ", "missing-key"),
    ],
)  # fmt: skip
def test_a_words_file_that_is_not_complete_or_too_much_is_refused(
    tmp_path: Path, find: str, put: str, code: str
) -> None:
    root = edited(copied(TOY, tmp_path), WORDS, find, put)
    with pytest.raises(BadCatalogError) as caught:
        load(root)
    assert [one.code for one in caught.value.problems] == [code]
    assert {one.file for one in caught.value.problems} == {WORDS}


# Numbers.


@pytest.mark.parametrize(
    ("plural", "forms"),
    [
        ({"one": "1"}, {0: "other", 1: "one", 2: "other", 11: "other", 21: "other"}),
        ({"one": "0|1"}, {0: "one", 1: "one", 2: "other"}),
        (
            {"one": "1", "few": "(.*[^1])?[2-4]"},
            {1: "one", 2: "few", 4: "few", 5: "other", 12: "other", 22: "few", 112: "other"},
        ),
    ],
    ids=["English", "French", "Polish"],
)
def test_a_number_takes_its_form(toy: Catalog, plural: Any, forms: dict[int, str]) -> None:
    words = replace(toy.words, plural=plural)
    said = Counted(one="one {number}", few="few {number}", other="other {number}")
    assert {number: words.counted(said, number) for number in forms} == {
        number: f"{form} {number}" for number, form in forms.items()
    }


@pytest.mark.parametrize(("days", "text"), [(0, "In 0 days."), (1, "In 1 day."), (2, "In 2 days.")])
def test_a_day_is_one_and_days_are_several(toy: Catalog, days: int, text: str) -> None:
    plan = make_plan(decide(toy, toy.questionnaire.example()))
    plan = replace(plan, review=replace(plan.review, after_days=days))
    assert text in to_markdown(plan, toy.words)


def test_what_is_filled_in_is_not_looked_through_again() -> None:
    assert fill("{a} and {b}", a="{b}", b="x") == "{b} and x"


# Another language.


def translated(value: Any, key: str = "") -> Any:
    """Return words with every text marked, as if it were in another language."""
    if key in {"keys", "lang"} or key.endswith("_at"):  # no words: keys to type, times of day
        return value
    if isinstance(value, dict):
        return {name: translated(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [translated(one) for one in value]
    return f"¿{value}"


@pytest.fixture(scope="module")
def toy() -> Catalog:
    return load(TOY)


def test_in_another_language_the_page_keeps_its_layout_and_no_word_of_ours(
    toy: Catalog, tmp_path: Path
) -> None:
    root = copied(TOY, tmp_path)
    words = yaml.safe_load((root / WORDS).read_text(encoding="utf-8"))
    plural = words.pop("plural")
    text = yaml.safe_dump({**translated(words), "plural": plural}, allow_unicode=True)
    (root / WORDS).write_text(text, encoding="utf-8")
    other = load(root)
    for over in ({}, {"weak_leg": "yes"}, {"signs": ["rash"]}):
        ours, theirs = (
            list(blocks(make_plan(decide(one, one.questionnaire.example(over))), one.words, full))
            for one in (toy, other)
            for full in (True,)
        )
        assert [one.kind for one in ours] == [one.kind for one in theirs]
        headings = [one.lines[0] for one in theirs if one.kind in {"heading", "label", "note"}]
        assert [one for one in headings if not one.startswith("¿")] == []


def test_the_steps_of_an_item_are_numbered_whatever_their_heading(
    catalog: Catalog, example: Any
) -> None:
    details = replace(catalog.words.details, steps="So geht es", hands="What to do")
    words = replace(catalog.words, details=details)
    other = Catalog(**{**vars_of(catalog), "words": words})
    plan = make_plan(decide(other, example()))
    cards = [(item, list(card(plan, words, item))) for part in plan.sections for item in part.items]
    assert cards
    for item, blocks_of_it in cards:
        steps = next(one.lines for one in item.details if one.field == "steps")
        assert [one.lines for one in blocks_of_it if one.kind == "steps"] == [steps]


def vars_of(catalog: Catalog) -> dict[str, Any]:
    return {name: getattr(catalog, name) for name in catalog.__dataclass_fields__}
