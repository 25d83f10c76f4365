"""What the live engine cannot bear: such a rule set is refused, whichever engine runs."""

from collections import Counter
from collections.abc import Iterator

from lumbar.rulebook.conditions import conjunctions
from lumbar.rulebook.consistency import Check, Found
from lumbar.rulebook.files import Files
from lumbar.rulebook.names import Names
from lumbar.rulebook.questionnaire import SeveralOf
from lumbar.rulebook.rules import Stage

# The live engine breaks beyond these, long before its own errors: see hazards 10 and 11 in
# engine/README.md.
CLAUSES_AT_MOST = 15
CONJUNCTIONS_A_STAGE = 200


def _too_large(files: Files, _: Names) -> Iterator[Found]:
    totals: Counter[Stage] = Counter()
    for file, loc, stage, rule in files.rules:
        if rule.status == "retired":
            continue
        parts = conjunctions(rule.when)
        totals[stage] += len(parts)
        if max(map(len, parts)) > CLAUSES_AT_MOST:
            said, hint = f"more than {CLAUSES_AT_MOST} clauses", "conclude a finding first"
            yield file, (*loc, "when"), "too-many-clauses", said, hint
    for stage, total in totals.items():
        if total > CONJUNCTIONS_A_STAGE:
            said = f"{total} alternatives, at most {CONJUNCTIONS_A_STAGE}"
            yield f"rules/{stage}", (), "too-many-rules", said, ""


def _same_hash(_: Files, names: Names) -> Iterator[Found]:
    """Refuse two names that the live engine takes for one: it compares their hashes (hazard 18)."""
    every = {"stage", "sid", "id", *names.all}
    for name, question in names.questions.items():
        options = question.labels if isinstance(question, SeveralOf) else ()
        every |= {f"{name}/{part}" for part in ("answered", "unanswered", *options)}
    seen: dict[int, str] = {}
    for name in sorted(every):
        twin = seen.setdefault(fnv1_32(name), name)
        if twin != name:
            said = f"the engine cannot tell '{name}' from '{twin}'"
            yield "rules", (), "name-collision", said, "rename one"


CHECKS: tuple[Check, ...] = (_too_large, _same_hash)


def fnv1_32(text: str) -> int:
    """Return the FNV-1 hash, 32 bits, that the live engine compares names by."""
    digest = 0x811C9DC5
    for byte in text.encode():
        digest = (digest * 0x01000193) % 2**32 ^ byte
    return digest
