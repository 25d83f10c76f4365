"""YAML to plain data and checked records, every problem with its line and column."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import yaml

from lumbar.reading.opening import no_text
from lumbar.reading.problems import Problem, listed

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Loc = tuple[int | str, ...]
T = TypeVar("T")

# YAML 1.1 reads `no` as false and 2026-01-01 as a date; here all but plain numbers are words.
_WHOLE = re.compile(r"[-+]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,18}\.[0-9]{1,18}")
_FAST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NUMERIC = frozenset("+-0123456789")
_DEEPEST = 40


class _Loader(_FAST):  # type: ignore[misc]
    """YAML's syntax only: what a plain word means is decided here, not by YAML's tags."""

    def resolve(self, kind: type, value: str, implicit: Any) -> str:  # noqa: ARG002
        return ""

    def descend_resolver(self, *_: Any) -> None:
        pass

    def ascend_resolver(self) -> None:
        pass


class YamlFile:
    """One parsed file: its plain data, the problems met, and the position of every value.

    `untrusted` text is first gone through without recursion: deep nesting would break the parser
    beyond any exception. What could not be read comes with its problems as `unread`.
    """

    def __init__(
        self, name: str, text: str, untrusted: bool = False, unread: Iterable[Problem] = ()
    ) -> None:
        self.name, self.text = name, text
        self.problems = list(unread)
        self._root: yaml.Node | None = None
        self.data: Any = None
        if self.problems:
            return
        try:
            if untrusted and _deeper_than(text, _DEEPEST):
                self._add(None, "yaml-nesting", "nested too deeply")
                return
            self._root = yaml.compose(text, Loader=_Loader)
        except yaml.MarkedYAMLError as error:
            said = f"not valid YAML: {(error.problem or 'unreadable').lower()}"
            hint = "look for a missing quote, colon or indent"
            self._add(error.problem_mark, "yaml-syntax", said, hint)
        except (yaml.YAMLError, RecursionError, ValueError):
            self._add(
                None, "yaml-syntax", "this is not readable YAML text", "save it as UTF-8 text"
            )
        if self._root is None and not self.problems:
            self.problems.append(Problem(name, 1, 1, "empty-file", "the file holds nothing"))
        if self._root is not None:
            self.data = self._plain(self._root, set(), 0)

    def _add(self, mark: yaml.Mark | None, code: str, message: str, hint: str = "") -> None:
        self.problems.append(Problem(self.name, *_place(mark), code, message, hint))

    def _plain(self, node: yaml.Node, seen: set[int], depth: int) -> Any:
        if isinstance(node, yaml.ScalarNode):
            if wrong := no_text(node.value):
                self._add(node.start_mark, "not-text", *wrong)
            return _scalar(node)
        if id(node) in seen or depth > _DEEPEST:  # what is referred to again could grow for ever
            said = "nested too deeply, or refers to another part"
            self._add(node.start_mark, "yaml-nesting", said)
            return None
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            return tuple(self._plain(child, seen, depth + 1) for child in node.value)
        return self._mapping(node, seen, depth)

    def _mapping(self, node: Any, seen: set[int], depth: int) -> dict[str, Any]:
        plain: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else "?"
            if key in plain:
                said = f"'{key}' stands here twice"
                self._add(key_node.start_mark, "duplicate-key", said, "keep one")
            plain[key] = self._plain(value_node, seen, depth + 1)
        return plain

    def position(self, loc: Loc) -> tuple[int, int]:
        """Return the line and column (from 1) of the deepest part of `loc` that exists."""
        node: Any = self._root
        mark = node.start_mark if node is not None else None
        for step in loc:
            node = _child(node, step)
            if node is None:
                break
            mark = node.start_mark
        return _place(mark)

    def problem(self, loc: Loc, code: str, message: str, hint: str = "", shift: int = 0) -> Problem:
        """Return a problem at `loc`, `shift` columns into its text."""
        line, column = self.position(loc)
        return Problem(self.name, line, column + shift, code, message, hint)

    def read(self, shape: type[T] | Any) -> T | None:
        """Check the data against a record type; note every problem, and return None if there is
        one.
        """
        return None if self.problems else self._checked(shape, self.data, ())

    def entries(self, shape: type[T]) -> Iterator[tuple[Loc, T]]:
        """Yield the sound entries of a list with their places; note all problems of others."""
        if self.problems:
            return
        if not isinstance(self.data, tuple):
            self._checked(tuple[Any, ...], self.data, ())
            return
        for index, data in enumerate(self.data):
            checked = self._checked(shape, data, (index,))
            if checked is not None:
                yield (index,), checked

    def _checked(self, shape: Any, data: Any, at: Loc) -> Any:
        from pydantic import ValidationError  # answers are read without it

        try:
            return _adapter(shape).validate_python(data)
        except ValidationError as error:
            faults = error.errors(include_url=False, include_context=True)
            self.problems.extend(self._explained(faults, at))
            return None

    def _explained(self, faults: Sequence[Mapping[str, Any]], at: Loc) -> Iterator[Problem]:
        for fault in faults:
            if fault["type"] == "too_short" and any(
                _within(other["loc"], fault["loc"]) for other in faults
            ):
                continue  # it is short only for want of the entry that is told about by itself
            loc = self._real((*at, *fault["loc"]))
            code, message, hint = fault_in_words(fault, loc, self._keys_beside(loc))
            shift = getattr(fault.get("ctx", {}).get("error"), "column", 0)
            yield self.problem(loc, code, message, hint, shift)

    def _real(self, loc: Loc) -> Loc:
        """Drop the steps that pydantic adds for the branch of a union: they are not in the file."""
        real: list[int | str] = []
        node: Any = self._root
        for index, step in enumerate(loc):
            child = _child(node, step)
            if child is not None:
                node = child
                real.append(step)
            elif index == len(loc) - 1 and isinstance(node, yaml.MappingNode):
                real.append(step)
        return tuple(real)

    def _keys_beside(self, loc: Loc) -> list[str]:
        node: Any = self._root
        for step in loc[:-1]:
            node = _child(node, step)
        return [key.value for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []


def _place(mark: yaml.Mark | None) -> tuple[int, int]:
    return (mark.line + 1, mark.column + 1) if mark is not None else (0, 0)


def _deeper_than(text: str, most: int) -> bool:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > most:
            return True
    return False


def _scalar(node: yaml.ScalarNode) -> Any:
    text = str(node.value)
    if node.style:  # quoted or folded text is words, whatever it looks like
        return text
    if text[:1] in _NUMERIC:
        if _WHOLE.fullmatch(text):
            return int(text)
        if _DECIMAL.fullmatch(text):
            return float(text)
    return text if text and text not in {"~", "null"} else None


def _within(inner: Loc, outer: Loc) -> bool:
    return len(inner) > len(outer) and inner[: len(outer)] == outer


def _child(node: Any, step: int | str) -> Any:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step]
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    return None


@cache
def _adapter(shape: Any) -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter

    return TypeAdapter(shape)


_EXPECTED = {
    "string": "words",
    "int": "a whole number",
    "bool": "yes or no",
    "float": "a number",
    "tuple": "a list",
    "dict": "keys with values",
    "dataclass": "keys with values",
}
# What a value that is out of bounds should be; the bounds are named as in the fault.
_BOUNDS = {
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "too_long": "a list of at most {max_length}",
    "string_too_short": "words, not an empty text",
    "string_pattern_mismatch": "written as {pattern}",
}
_KEYS = "see the README of this folder for the keys"
_KINDS = "an effect has conclude, refer, recommend or avoid; a question a type: see the README"


def fault_in_words(fault: Mapping[str, Any], loc: Loc, beside: list[str]) -> tuple[str, str, str]:
    """Turn one pydantic error into a code, a message and a hint without type names."""
    kind, field = str(fault["type"]), str(loc[-1]) if loc else "the file"
    if kind == "missing":
        given = f"given here: {listed(beside)}" if beside else ""
        return "missing-key", f"'{field}' is missing", given
    if kind in {"extra_forbidden", "unexpected_keyword_argument"}:
        return "unknown-key", f"'{field}' is not a key of this entry", _KEYS
    if kind in {"literal_error", "enum"}:
        said = f"'{fault['input']}' is not allowed for '{field}'"
        return "not-allowed", said, f"allowed: {fault['ctx']['expected']}"
    if kind.startswith("union_tag"):
        return "unknown-kind", "what kind of entry this is cannot be told", _KINDS
    if kind == "too_short":
        return "bad-value", f"'{field}' needs at least one entry", ""
    if kind == "value_error" and hasattr(error := fault["ctx"]["error"], "code"):
        return error.code, str(error), error.hint
    expected = _EXPECTED.get(kind.removesuffix("_type").removesuffix("_parsing"))
    if expected:
        return "wrong-type", f"'{field}' should be {expected}", ""
    bound = _BOUNDS.get(kind, "").format(**fault.get("ctx", {}))
    said = f" should be {bound}" if bound else f": {said_of(fault)}"
    return "bad-value", f"'{field}'{said}", ""


def said_of(fault: Mapping[str, Any]) -> str:
    """Return what a check of ours said, without what pydantic puts before it."""
    return str(fault.get("ctx", {}).get("error", fault["msg"]))
