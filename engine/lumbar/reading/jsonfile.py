"""JSON to plain data, as strict as YAML is read here."""

import json
from typing import Any

from lumbar.reading.problems import Problem


def parse_json(text: str, name: str) -> tuple[Any, list[Problem]]:
    """Parse JSON; duplicate keys are refused as in YAML."""
    problems: list[Problem] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                said = f"'{key}' stands here twice"
                problems.append(Problem(name, 0, 0, "duplicate-key", said, "keep one"))
            seen.add(key)
        return dict(pairs)

    try:
        return json.loads(text, object_pairs_hook=once), problems
    except json.JSONDecodeError as error:
        line, column, said = error.lineno, error.colno, error.msg.lower()
        hint = "look for a missing quote or comma"
    except (RecursionError, ValueError):
        line, column, said, hint = 0, 0, "nested too deeply or a number too long", ""
    return None, [Problem(name, line, column, "json-syntax", f"not valid JSON: {said}", hint)]
