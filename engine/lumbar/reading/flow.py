"""Plain values written as YAML that every command reads again."""

import json
import re
from collections.abc import Mapping
from typing import Any

from lumbar.reading.record import Record

_PLAIN_WORD = re.compile(r"(?!null$)[A-Za-z_][A-Za-z0-9_./-]*")


def flow(value: Any) -> str:
    """Return a plain value on one line: `{fever: yes, age: 70}`; a set in the order of its names.

    Of a record, what is not as it would be anyway.
    """
    if isinstance(value, Record):
        return flow(value.plain(short=True))
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{flow(name)}: {flow(one)}' for name, one in value.items())}}}"
    if isinstance(value, frozenset):
        return flow(sorted(value))
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(flow, value))}]"
    if isinstance(value, str) and not _PLAIN_WORD.fullmatch(value):
        return "".join(map(_readable, json.dumps(value, ensure_ascii=False)))
    return "null" if value is None else str(value)


def block(entries: Mapping[str, Any], indent: str = "") -> str:
    """Return entries a line each, their values in flow."""
    return "".join(f"{indent}{name}: {flow(value)}\n" for name, value in entries.items())


def _readable(sign: str) -> str:
    """Return a sign, or what stands for one that YAML or a terminal would not take as it is."""
    return sign if sign.isprintable() else f"\\U{ord(sign):08x}"
