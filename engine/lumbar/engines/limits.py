"""What the live engine cannot bear: such a rule set is refused, whichever engine runs."""

from collections.abc import Iterator

from lumbar.rulebook.conditions import Comparison, clauses, conjunctions
from lumbar.rulebook.consistency import Check, Found
from lumbar.rulebook.files import Files
from lumbar.rulebook.names import Names

CLAUSES_AT_MOST = 15  # a network holds 240 in all: see hazard 11 in engine/README.md


def _too_large(files: Files, _: Names) -> Iterator[Found]:
    for file, loc, _stage, rule in files.rules:
        if rule.status != "retired" and max(map(len, conjunctions(rule.when))) > CLAUSES_AT_MOST:
            said, hint = f"more than {CLAUSES_AT_MOST} clauses", "conclude a finding first"
            yield file, (*loc, "when"), "too-many-clauses", said, hint


def _same_hash(files: Files, _: Names) -> Iterator[Found]:
    """Refuse two names that the live engine takes for one: it compares their hashes (hazard 18)."""
    read = (clause for *_, rule in files.rules for clause, _ in clauses(rule.when))
    told = {one.name if isinstance(one, Comparison) else str(one) for one in read}
    seen = {fnv1a_32(own): f"its own '{own}'" for own in ("sid", "id", "$s", "$forward")}
    for name in sorted(told):
        twin = seen.setdefault(fnv1a_32(name), f"'{name}'")
        if twin != f"'{name}'":
            said = f"the engine cannot tell '{name}' from {twin}"
            yield "rules", (), "name-collision", said, "rename one"


CHECKS: tuple[Check, ...] = (_too_large, _same_hash)


def fnv1a_32(text: str) -> int:
    """Return the FNV-1a hash, 32 bits, that the live engine compares names by."""
    digest = 0x811C9DC5
    for byte in text.encode():
        digest = (digest ^ byte) * 0x01000193 % 2**32
    return digest
