"""What the live engine cannot bear: a rule set beyond it is refused on loading, whichever engine
runs.
"""

from collections import Counter
from pathlib import Path

from lumbar.rulebook import catalog
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import conjunctions
from lumbar.rulebook.files import Draft
from lumbar.rulebook.names import Names, entries
from lumbar.rulebook.questionnaire import SeveralOf
from lumbar.rulebook.rules import Stage

# The live engine breaks beyond these, long before its own errors: see hazards 10 and 11 in
# engine/README.md.
CLAUSES_AT_MOST = 15
CONJUNCTIONS_A_STAGE = 200


def load(root: Path | str | None = None) -> Catalog:
    """Load, check and freeze the rules and content under `root` (default: those shipped), for
    engines to run.

    Raises BadCatalogError with every problem found.
    """
    return catalog.load(root, (_too_large, _same_hash))


def _too_large(draft: Draft, _: Names) -> None:
    totals: Counter[Stage] = Counter()
    for file, loc, stage, rule in entries(draft):
        if rule.status == "retired":
            continue
        parts = conjunctions(rule.when)
        totals[stage] += len(parts)
        if max(map(len, parts)) > CLAUSES_AT_MOST:
            draft.add(
                file,
                (*loc, "when"),
                "too-many-clauses",
                f"more than {CLAUSES_AT_MOST} clauses",
                "conclude a finding first",
            )
    for stage, total in totals.items():
        if total > CONJUNCTIONS_A_STAGE:
            draft.add(
                f"rules/{stage}",
                (),
                "too-many-rules",
                f"{total} alternatives, at most {CONJUNCTIONS_A_STAGE}",
            )


def _same_hash(draft: Draft, names: Names) -> None:
    """Refuse two names that the live engine would take for one: it compares 32-bit hashes of names
    (hazard 18).
    """
    seen: dict[int, str] = {}
    made = {
        f"{question.id}/{part}"
        for question in names.questions.values()
        for part in (
            "answered",
            "unanswered",
            *(question.labels if isinstance(question, SeveralOf) else ()),
        )
    }
    for name in sorted({"stage", "sid", "id", *names.all, *made}):
        twin = seen.setdefault(fnv1_32(name), name)
        if twin != name:
            draft.add(
                "rules",
                (),
                "name-collision",
                f"the engine cannot tell '{name}' from '{twin}'",
                "rename one",
            )


def fnv1_32(text: str) -> int:
    """Return the FNV-1 hash, 32 bits, that the live engine compares names by."""
    digest = 0x811C9DC5
    for byte in text.encode():
        digest = (digest * 0x01000193) % 2**32 ^ byte
    return digest
