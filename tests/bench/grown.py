"""The shipped rules several times over, as a rule set of their own: for what costs more with more
rules.
"""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from lumbar import Catalog, load
from lumbar.rulebook.conditions import Clause, Condition, mapped
from lumbar.rulebook.parsing import parse

SHIPPED = Path(__file__).parents[2]


def grown(root: Path, times: int) -> Catalog:
    """Write the shipped rules so many times to a new folder, each time but the first with other
    names for rules and findings, and load them.
    """
    shipped = load()
    for part in ("rules", "content"):
        shutil.copytree(SHIPPED / part, root / part)
    for file in [file for stage in shipped.by_stage for file in (root / "rules" / stage).iterdir()]:
        rules = yaml.safe_load(file.read_text(encoding="utf-8"))
        for copy in range(2, times + 1):
            names = {name: f"{name}_{copy}" for name in shipped.finding_stage}
            again = [_renamed(rule, names, f"{rule['id']}-{copy}") for rule in rules]
            path = file.with_name(f"{file.stem}_{copy}.yaml")
            path.write_text(yaml.safe_dump(again, sort_keys=False), encoding="utf-8")
    return load(root)


def _renamed(rule: Mapping[str, Any], names: Mapping[str, str], name: str) -> dict[str, Any]:
    """Return a rule as a file has it under another name, with its findings under others too."""
    effects = [
        {**one, "conclude": names[one["conclude"]]} if "conclude" in one else one
        for one in rule["then"]
    ]
    examples = [
        {word: answers for word, answers in one.items() if word in {"fires", "silent"}}
        for one in rule["examples"]
    ]
    when = str(_told(parse(str(rule["when"])), names))
    return {**rule, "id": name, "when": when, "then": effects, "examples": examples}


def _told(condition: Condition, names: Mapping[str, str]) -> Condition:
    def renamed(clause: Clause) -> Clause:
        return replace(clause, name=names.get(clause.name, clause.name))

    return mapped(condition, renamed)
