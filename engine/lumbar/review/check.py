"""What `lumbar check` looks for beyond loading: how the rules behave, and what nobody uses."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from lumbar.decision.decide import foresee
from lumbar.engines.limits import load
from lumbar.reading.paths import data_root
from lumbar.reading.problems import BadCatalogError, Problem
from lumbar.reading.yamlfile import Loc, YamlFile
from lumbar.review.people import examples, population
from lumbar.review.properties import hazards
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Unanswered, clauses
from lumbar.rulebook.files import REVIEW_FILES, SIGNOFFS
from lumbar.rulebook.questionnaire import NONE, UNSURE, Number, OneOf, SeveralOf
from lumbar.rulebook.rules import Recommend, Refer, Rule
from lumbar.signatures.signoffs import ledger, unsigned

Fault = tuple[str, str, str, str]  # the rule, score, question or item; code, message, hint


def check(
    root: Path | str | None = None, progress: Callable[[int, int], None] = lambda _done, _of: None
) -> list[Problem]:
    """Return every problem in the rules and content under `root`; `progress` hears how many rules
    are done.
    """
    try:
        catalog = load(root)
    except BadCatalogError as error:
        return list(error.problems)
    folder = Path(root) if root is not None else data_root()
    places = _Places(folder)
    found = [*_unused(catalog), *_red_flags(catalog), *_unsigned_reviews(catalog)]
    for done, rule in enumerate(catalog.rules.values(), 1):
        found += _examples(catalog, rule)
        progress(done, len(catalog.rules))
    reviewing = [
        *_broken_ledger(catalog),
        *hazards.read(folder, catalog)[2],
        *population.problems(catalog, folder),
    ]
    return sorted({*(places.problem(*fault) for fault in found), *reviewing})


class _Places:
    """Where an id is defined: the files are read once more, only when something is wrong."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files: dict[str, YamlFile] = {}

    def problem(self, name: str, code: str, message: str, hint: str) -> Problem:
        for file in self._all():
            loc = () if file.name == f"content/{name}.yaml" else _defining(file.data, name)
            if loc is not None:
                return file.problem(loc, code, message, hint)
        return Problem("rules", 0, 0, code, message, hint)

    def _all(self) -> Iterable[YamlFile]:
        if not self._files:
            for path in sorted(
                [*(self._root / "rules").rglob("*.yaml"), *(self._root / "content").rglob("*.yaml")]
            ):
                name = path.relative_to(self._root).as_posix()
                if name in REVIEW_FILES:  # a property may be called like a rule
                    continue
                self._files[name] = YamlFile(name, path.read_text(encoding="utf-8"))
        return self._files.values()


def _defining(data: Any, name: str) -> Loc | None:
    """Return where in plain data the entry with this id stands; a topic may be called like one of
    its questions.
    """
    if isinstance(data, dict) and data.get("id") == name and "questions" not in data:
        return ("id",)
    steps: Iterable[tuple[int | str, Any]] = ()
    if isinstance(data, dict):
        steps = data.items()
    elif isinstance(data, tuple):
        steps = enumerate(data)
    found = (
        (step, _defining(child, name)) for step, child in steps if isinstance(child, (dict, tuple))
    )
    return next(((step, *loc) for step, loc in found if loc is not None), None)


def _unsigned_reviews(catalog: Catalog) -> Iterator[Fault]:
    hint = "`lumbar review RULE` tells why; `lumbar sign` signs it, or say 'status: draft'"
    for rule in unsigned(
        catalog, [rule.id for rule in catalog.rules.values() if rule.status == "reviewed"]
    ):
        yield (
            rule,
            "unsigned-review",
            f"'{rule}' says it is reviewed, but no signature holds for it as it is now",
            hint,
        )


def _broken_ledger(catalog: Catalog) -> Iterator[Problem]:
    if broken := ledger(catalog).broken:
        said = f"the record of signatures is broken, so no rule counts as signed: {broken.what}"
        yield Problem(
            SIGNOFFS,
            broken.line,
            1,
            "broken-ledger",
            said,
            "put its last good copy back and sign again",
        )


def _examples(catalog: Catalog, rule: Rule) -> Iterator[Fault]:
    if rule.status == "retired":
        return
    if not any(one.fires is not None for one in rule.examples) or all(
        one.fires is not None for one in rule.examples
    ):
        yield (
            rule.id,
            "missing-example",
            f"'{rule.id}' needs an example that fires and one that stays silent",
            "",
        )
    for number, example in enumerate(rule.examples, 1):
        if wrong := examples.fault(catalog, rule, example):
            hint = "answers are laid over the example person"
            yield rule.id, "bad-example", f"example {number} of '{rule.id}' {wrong}", hint


def _unused(catalog: Catalog) -> Iterator[Fault]:
    read = {name for rule in catalog.rules.values() for name in rule.when.reads}
    scored = {
        name for score in catalog.questionnaire.scores if score.id in read for name in score.reads
    }
    for score in catalog.questionnaire.scores:
        if score.id not in read:
            yield (
                score.id,
                "unused-score",
                f"no rule reads the score '{score.id}'",
                "delete it or write the rule",
            )
    for name in (
        catalog.questionnaire.questions.keys() - read - scored - {catalog.limits.minutes_question}
    ):
        yield (
            name,
            "unread-question",
            f"no rule reads the answer to '{name}'",
            "a question nobody needs is not asked",
        )
    for finding in catalog.finding_stage.keys() - read:
        rule = next(one.id for one in catalog.rules.values() if finding in one.concludes)
        if catalog.stage_of[rule] != "triage":
            yield (
                rule,
                "unread-finding",
                f"no rule reads the finding '{finding}'",
                "delete it or write the rule",
            )
    yield from _unused_thresholds(catalog)
    offered = {
        e.recommend if isinstance(e, Recommend) else e.refer
        for r in catalog.rules.values()
        for e in r.then
        if isinstance(e, (Recommend, Refer))
    }
    for item in catalog.items.keys() - offered:
        yield (
            item,
            "unreachable-item",
            f"no rule recommends or refers to '{item}'",
            "write the rule or delete the item",
        )


def _unused_thresholds(catalog: Catalog) -> Iterator[Fault]:
    every = [rule.when for rule in catalog.rules.values()]
    every += [part for score in catalog.questionnaire.scores for part in score.count]
    every += [
        when for conditions in catalog.questionnaire.shown_when.values() for when in conditions
    ]
    used = {
        getattr(clause, "threshold", "") for condition in every for clause, _ in clauses(condition)
    }
    for threshold in catalog.thresholds.keys() - used:
        yield (
            threshold,
            "unused-threshold",
            f"nothing compares with '{threshold}'",
            "delete it or write the rule",
        )


def _red_flags(catalog: Catalog) -> Iterator[Fault]:
    """Every red flag: leaving it open blocks self-care, and its worst answers mean being seen by
    somebody.
    """
    watched = {
        clause.name
        for score in catalog.questionnaire.scores
        for part in score.count
        for clause, _ in clauses(part)
        if isinstance(clause, Unanswered)
    } | {
        c.name
        for rule in catalog.rules.values()
        for c, _ in clauses(rule.when)
        if isinstance(c, Unanswered)
    }
    for name, question in catalog.questionnaire.questions.items():
        if question.red_flag and name not in watched:
            hint = "count unanswered(...) in rules/scores.yaml"
            yield (
                name,
                "unwatched-red-flag",
                f"leaving the red flag '{name}' unanswered goes unnoticed",
                hint,
            )
        if question.red_flag in {"emergency", "other"} and not isinstance(question, Number):
            yield from _harmless_answers(catalog, name, question)


def _harmless_answers(catalog: Catalog, name: str, question: OneOf | SeveralOf) -> Iterator[Fault]:
    if isinstance(question, OneOf):
        worst = (question.better_to_worse or ())[-1:]
        worse: list[Any] = [option for option in question.labels if option in {*worst, UNSURE}]
    else:
        worse = [[option] for option in question.labels if option != NONE]
    for value in worse:
        answers = _person_asked(catalog, name, value)
        seen = foresee(catalog, answers)
        if seen is None:
            said = f"'{name}' answered '{value}' makes two rules contradict each other"
            yield name, "contradiction", said, "their conclusions must exclude each other"
        elif name in answers and seen.urgency == "self_care":
            yield (
                name,
                "harmless-red-flag",
                f"'{name}' answered '{value}' still ends in self-care",
                "write the rule",
            )


def _person_asked(catalog: Catalog, name: str, value: Any) -> dict[str, Any]:
    """Return the example person with this answer, changed so far that the question is asked."""
    over: dict[str, Any] = {name: value}
    for condition in catalog.questionnaire.shown_when[name]:
        for clause, negated in clauses(condition):
            wanted = getattr(clause, "values", None) or (getattr(clause, "value", None),)
            if (
                not negated
                and isinstance(wanted[0], str)
                and getattr(clause, "operator", "==") == "=="
            ):
                over.setdefault(clause.name, wanted[-1])
    return catalog.questionnaire.example(over)
