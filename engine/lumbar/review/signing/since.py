"""What somebody who signed a rule would read in it now that they did not read then."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lumbar.review.words import shortened
from lumbar.rulebook.catalog import Catalog
from lumbar.signatures.reviewed import reviewed_content
from lumbar.signatures.signoffs import Standing, ledger


@dataclass(frozen=True)
class Difference:
    """One thing that was read in a rule and is not the same now; None where there was, or is,
    nothing.
    """

    where: str
    before: Any
    after: Any

    @property
    def in_words(self) -> tuple[str, str]:
        """What it was and what it is, less all but a few words of what both have in common at their
        ends.
        """
        return shortened(_said(self.before), _said(self.after))


def _said(value: Any) -> str:
    if value is None:
        return "(nothing)"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def since_signed(catalog: Catalog, one: Standing) -> tuple[Difference, ...]:
    """Return what differs between a rule as it was last signed and as it is; nothing where nobody
    signed it.
    """
    if one.signature is None:
        return ()
    before = json.loads(bytes(ledger(catalog).reviewed[one.signature.n - 1]))
    after = json.loads(json.dumps(reviewed_content(catalog, one.rule)))
    return tuple(_differences((), before, after))


def _differences(path: tuple[str, ...], before: Any, after: Any) -> Iterator[Difference]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*after, *before]):
            yield from _differences((*path, key), before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (old, new) in enumerate(zip(before, after, strict=True), 1):
            yield from _differences((*path, str(number)), old, new)
    elif isinstance(before, list) and isinstance(after, list):
        yield from (Difference(_where(path), old, None) for old in before if old not in after)
        yield from (Difference(_where(path), None, new) for new in after if new not in before)
    else:
        yield Difference(_where(path), before, after)


def _where(path: tuple[str, ...]) -> str:
    return " > ".join(part.replace("_", " ") if "/" not in part else part for part in path)
