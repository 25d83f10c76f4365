"""The text of a condition to the condition that it says; `conditions.lark` is the grammar."""

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Any

from lumbar.reading.record import ReadBy
from lumbar.rulebook.conditions import (
    And,
    Answered,
    Bare,
    Clause,
    Comparison,
    Condition,
    Inclusion,
    Membership,
    Not,
    Or,
    Unanswered,
    alternatives,
)

_README = "see rules/README.md for the condition language"
_SPLIT = "conclude a finding of a part of it in another rule, and read the finding here"


class ConditionError(ValueError):
    """A text that is no condition: what is wrong, `column` characters (from 0) into it."""

    def __init__(
        self, message: str, column: int = 0, code: str = "condition-syntax", hint: str = _README
    ) -> None:
        super().__init__(message)
        self.column, self.code, self.hint = column, code, hint


# The longest condition of the rules has 340 characters; these bounds keep any of them cheap.
_LONGEST, _DEEPEST, _WIDEST = 4_000, 20, 200


def parse(text: Any, more: Path | None = None) -> Condition:
    """Parse a condition out of a file; raise ConditionError with the place and what could stand
    there.

    `more` is a grammar that adds clauses to those of `conditions.lark`.
    """
    if not isinstance(text, str):
        raise ConditionError("a condition is written as words")
    if len(text) > _LONGEST:
        said = f"a condition of {len(text)} characters; at most {_LONGEST} are read"
        raise ConditionError(said, 0, "condition-too-long", _SPLIT)
    return _condition(text, more)


@lru_cache(maxsize=4_096)  # a sixth of the conditions say what another says
def _condition(text: str, more: Path | None) -> Condition:
    from lark import UnexpectedInput

    try:
        condition = _built(_parser(more).parse(text))
    except UnexpectedInput as error:
        raise ConditionError(_complaint(error, text), error.pos_in_stream or 0) from None
    if (found := alternatives(condition)) > _WIDEST:
        said = f"a condition of {found} alternatives, at most {_WIDEST}"
        raise ConditionError(said, 0, "condition-too-wide", _SPLIT)
    return condition


@cache
def _parser(more: Path | None) -> Any:
    from lark import Lark

    grammars = (Path(__file__).with_name("conditions.lark"), more)
    return Lark(
        "\n".join(path.read_text() for path in grammars if path), parser="lalr", lexer="basic"
    )


_SPOKEN = {
    "NAME": "a name", "TARGET": "an item, group or rule", "WHOLE": "a whole number",
    "OPERATOR": "a comparison such as == or >=", "$END": "the end",
    "LPAR": "(", "RPAR": ")", "LSQB": "[", "RSQB": "]", "COMMA": ",",
}  # fmt: skip


def _complaint(error: Any, text: str) -> str:
    token = getattr(error, "token", None)
    if token is None:
        return f"'{text[error.pos_in_stream]}' is no part of the condition language"
    found = "the end" if token.type == "$END" else f"'{token}'"
    words = (_SPOKEN.get(name, name.lower()) for name in sorted(error.accepts or error.expected))
    return f"{found} cannot stand here; expected {', '.join(words)}"


ConditionText = Annotated[Condition, ReadBy(parse)]


def _built(tree: Any, depth: int = 0) -> Condition:
    if depth > _DEEPEST:
        said = f"more than {_DEEPEST} brackets and nots within one another"
        raise ConditionError(said, 0, "condition-too-deep", _SPLIT)
    if tree.data in {"or_", "and_"}:
        parts = tuple(_built(child, depth + 1) for child in tree.children)
        return Or(parts) if tree.data == "or_" else And(parts)
    if tree.data == "negation":
        return Not(_built(tree.children[0], depth + 1))
    name = _name(tree.children[0])
    if tree.data == "comparison":
        return Comparison(name, str(tree.children[1]), _value(tree.children[2]))
    if tree.data == "membership":
        return Membership(name, tuple(map(_value, tree.children[1:])))
    if tree.data == "inclusion":
        return Inclusion(name, str(tree.children[1]))
    return _NAMED[tree.data](name)


def _name(child: Any) -> str:
    """Return a name, or an outcome as one: 'avoided(massage/knock)'."""
    return f"{child.children[0]}({child.children[1]})" if hasattr(child, "children") else str(child)


_NAMED: Mapping[str, Callable[[str], Clause]] = {
    "answered": Answered,
    "unanswered": Unanswered,
    "bare": Bare,
}


def _value(tree: Any) -> int | str:
    token = tree.children[0]
    return int(token) if token.type == "WHOLE" else str(token)
