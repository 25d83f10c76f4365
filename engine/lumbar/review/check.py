"""What `lumbar check` looks for beyond loading: how the rules behave, and what nobody uses."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from lumbar.engines.limits import CHECKS
from lumbar.pictures.checking import bad_poses
from lumbar.reading.problems import Problem
from lumbar.review.people import examples, practice
from lumbar.review.properties import hazards, safety
from lumbar.review.properties.safety import Property
from lumbar.review.signs import Odd, odd_signs
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Condition, clauses
from lumbar.rulebook.consistency import ASKED, PLAN, SCORES, TAGS, THRESHOLDS
from lumbar.rulebook.files import Files
from lumbar.rulebook.loading import frozen, read_files
from lumbar.signatures.signoffs import read_signoffs, unsigned


def check(
    root: Path | str | None = None, progress: Callable[[int, int], None] = lambda _done, _of: None
) -> list[Problem]:
    """Return every problem in the rules and content under `root`; `progress` counts the rules done.

    What loading finds does not hide how the rest behaves: rules with a problem, and those that hang
    on them, are left out. Where more than rules is wrong, what needs all of it is not looked at.
    """
    files = read_files(root, CHECKS)
    left_out = _left_out(files)
    odd = [*_unused(files), *_without_examples(files)] if files.whole else []
    catalog = None
    if left_out is not None:
        catalog = frozen(files, left_out)
        odd += [*_unsigned_reviews(catalog), *_examples(catalog, bool(left_out), progress)]
        odd += [] if left_out else odd_signs(catalog)
    everything = None if left_out else catalog
    _, properties = hazards.read_in(files, everything)
    odd += _unused_tags(files, properties) if files.whole and properties else []
    practice.read_in(files, everything)
    for wrong in bad_poses(files.figures):
        files.add(*wrong)
    files.problems += read_signoffs(*files.signoffs).problems
    for about, *said in odd:
        files.add(*files.places[about], *said)
    return sorted(set(files.problems))


def _left_out(files: Files) -> set[str] | None:
    """Return the rules with a problem and all that hang on them; None if more has one."""
    rules = {(entry.file, entry.loc[0]): entry.rule for entry in files.rules}
    if not files.whole or not files.faulty <= rules.keys():
        return None
    out = {rules[place].id for place in files.faulty}
    before = -1
    while len(out) > before:
        before = len(out)
        lost = {name for rule in rules.values() if rule.id in out for name in rule.concludes}
        out |= {rule.id for rule in rules.values() if not lost.isdisjoint(rule.when.reads)}
    return out


def _unsigned_reviews(catalog: Catalog) -> Iterator[Odd]:
    hint = "`lumbar review RULE` tells why; `lumbar sign` signs it, or say 'status: draft'"
    reviewed = [rule.id for rule in catalog.rules.values() if rule.status == "reviewed"]
    for rule in unsigned(catalog, reviewed):
        said = f"'{rule}' says it is reviewed, but no signature holds for it as it is now"
        yield f"rule:{rule}", "unsigned-review", said, hint


def _without_examples(files: Files) -> Iterator[Odd]:
    for _, _, _, rule in files.rules:
        fires = {one.fires is not None for one in rule.examples}
        if rule.status != "retired" and len(fires) < 2:
            said = f"'{rule.id}' needs an example that fires and one that stays silent"
            yield f"rule:{rule.id}", "missing-example", said, ""


def _examples(
    catalog: Catalog, incomplete: bool, progress: Callable[[int, int], None]
) -> Iterator[Odd]:
    """Yield the examples that are wrong; what they give hangs on every rule."""
    for done, rule in enumerate(catalog.rules.values(), 1):
        for number, example in enumerate(rule.examples if rule.status != "retired" else (), 1):
            asked = replace(example, gives=None) if incomplete else example
            if wrong := examples.fault(catalog, rule, asked):
                said = f"example {number} of '{rule.id}': {wrong}"
                yield f"rule:{rule.id}", "bad-example", said, "answers lie over the example person"
        progress(done, len(catalog.rules))


def _unused(files: Files) -> Iterator[Odd]:
    rules = [entry.rule for entry in files.rules]
    scores, limits = files.table(SCORES), files.tables[PLAN]
    write = "delete it or write the rule"
    read = {name for rule in rules for name in rule.when.reads}
    answers = read | {limits.minutes_question}
    for score in scores:
        if score.id in read:
            answers |= score.reads
        else:
            yield (
                f"score:{score.id}",
                "unused-score",
                f"no rule reads the score '{score.id}'",
                write,
            )
    for topic in files.tables[ASKED].topics:
        for name in (one.id for one in topic.questions if one.id not in answers):
            hint = "a question nobody needs is not asked"
            said = f"no rule reads the answer to '{name}'"
            yield f"question:{name}", "unread-question", said, hint
    yield from _unread_findings(files, read)
    compared = {value for one in _conditions(files) for c, _ in clauses(one) for value in c.values}
    for name in (one.id for one in files.table(THRESHOLDS) if one.id not in compared):
        yield f"threshold:{name}", "unused-threshold", f"nothing compares with '{name}'", write
    offered = {one.recommend for rule in rules for one in rule.recommends}
    offered |= {one.refer for rule in rules for one in rule.refers}
    for name in files.items.keys() - offered:
        said, hint = (
            f"no rule recommends or refers to '{name}'",
            "write the rule or delete the item",
        )
        yield f"item:{name}", "unreachable-item", said, hint


def _unused_tags(files: Files, properties: Iterable[Property]) -> Iterator[Odd]:
    """Yield each tag that nothing keeps out by, or that no item has: it protects nobody."""
    named = {one.avoid for entry in files.rules for one in entry.rule.avoids}
    for prop in properties:
        said = (said_of for part in (prop.when, prop.must) if part for said_of in part.reads)
        named |= {target for name in said for _, target in [safety.outcome(name) or ("", "")]}
    carried = {tag for item in files.items.values() for tag in item.tags}
    for tag in files.tables[TAGS]:
        if f"tag:{tag}" not in named or tag not in carried:
            who = "no item has" if tag not in carried else "no rule or property names"
            yield f"tag:{tag}", "unused-tag", f"{who} the tag '{tag}'", "delete it, or use it"


def _unread_findings(files: Files, read: set[str]) -> Iterator[Odd]:
    """Yield each finding that nobody reads, with the first rule of the order that concludes it."""
    told = set(read)
    for _, _, stage, rule in files.in_order():
        for finding in rule.concludes.keys() - told if rule.status != "retired" else ():
            told.add(finding)
            if stage != "triage":
                said, hint = f"no rule reads the finding '{finding}'", "delete it or write the rule"
                yield f"rule:{rule.id}", "unread-finding", said, hint


def _conditions(files: Files) -> Iterator[Condition]:
    yield from (entry.rule.when for entry in files.rules)
    yield from (part for score in files.table(SCORES) for part in score.count)
    for topic in files.tables[ASKED].topics:
        for shown in (topic, *topic.questions):
            if shown.shown_when is not None:
                yield shown.shown_when
