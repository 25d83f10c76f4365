"""Copies of a rule set with one thing changed."""

import shutil
from pathlib import Path

TOY = Path(__file__).parent / "toy"
SHIPPED = Path(__file__).parents[1]
# A safety property of the toy rules, which they break.
WORSE = """
- heading: a worse answer is never treated better
  rows:
    - id: worse-never-lowers
      title: A worse answer never lowers the urgency
      hazard: nerve-damage
      for_each: ordered_questions
      change: {never: lowers_urgency}
      source: toy-study
"""


def copied(source: Path, root: Path) -> Path:
    """Copy the rules and content of one rule set into a new folder."""
    for part in ("rules", "content"):
        shutil.copytree(source / part, root / part)
    return root


def edited(root: Path, file: str, find: str, put: str) -> Path:
    """Replace a text that stands once in one file; return the folder."""
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert text.count(find) == 1, f"{file} holds {find!r} {text.count(find)} times, not once"
    path.write_text(text.replace(find, put), encoding="utf-8")
    return root


def without_rule(root: Path, file: str, rule: str) -> Path:
    """Take one rule out of a file; return the folder."""
    path = root / file
    entries = path.read_text(encoding="utf-8").split("- id: ")
    kept = [entry for entry in entries if entry.partition("\n")[0].strip() != rule]
    assert len(kept) == len(entries) - 1, f"{file} has no rule {rule}"
    path.write_text("- id: ".join(kept), encoding="utf-8")
    return root
