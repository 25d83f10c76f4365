"""What must hold between files: names that exist, comparisons that fit, stages in order, everything
needed there.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from lumbar.reading.problems import Problem, did_you_mean, listed
from lumbar.reading.yamlfile import Loc
from lumbar.rulebook.conditions import Bare, Clause, Condition, clauses
from lumbar.rulebook.files import Draft
from lumbar.rulebook.items import SHAPES, URGENCIES, Operator
from lumbar.rulebook.names import AT_LEAST, Fault, Names, entries
from lumbar.rulebook.questionnaire import NONE, Number, OneOf, SeveralOf
from lumbar.rulebook.rules import ALLOWED, STAGES, Avoid, Conclude, Effect, Recommend, Refer, Stage

Check = Callable[[Draft, Names], None]


def disagreements(draft: Draft, more: Iterable[Check] = ()) -> list[Problem]:
    """Return every problem between the files of a draft whose files are each sound; `more` checks
    are run besides.
    """
    before = len(draft.problems)
    names = Names(draft)
    for check in (*_CHECKS, *more):
        check(draft, names)
    found = draft.problems[before:]
    del draft.problems[before:]
    return found


def _unique_names(draft: Draft, names: Names) -> None:
    file = "content/questionnaire.yaml"
    topics = draft.tables[file].topics
    ids = [question.id for topic in topics for question in topic.questions]
    for name in (name for name, times in Counter(ids).items() if times > 1):
        draft.add(
            file,
            ("topics",),
            "duplicate-id",
            f"the question '{name}' stands here twice",
            "give each its own id",
        )
    options = {
        option
        for one in names.questions.values()
        if not isinstance(one, Number)
        for option in one.labels
    }
    for table in ("content/evidence.yaml", "rules/thresholds.yaml", "rules/scores.yaml"):
        seen: set[str] = set()
        for index, one in enumerate(draft.table(table)):
            if one.id in seen:
                draft.add(
                    table,
                    (index, "id"),
                    "duplicate-id",
                    f"'{one.id}' stands here twice",
                    "give each its own id",
                )
            if table.startswith("rules/") and one.id in names.questions.keys() | options:
                draft.add(
                    table,
                    (index, "id"),
                    "duplicate-id",
                    f"'{one.id}' is also a question or option",
                    "rename it",
                )
            seen.add(one.id)
    _unique_rules(draft, names)


# What a safety property calls what comes out, and each question of its list: nothing else may have
# these names.
RESERVED = ("urgency", "this")


def _unique_rules(draft: Draft, names: Names) -> None:
    for name in RESERVED:
        if name in names.all:
            said = f"'{name}' is a word of the safety properties, and cannot be a question, score or finding"
            draft.add("rules/safety.yaml", (), "duplicate-id", said, "rename it")
    seen: set[str] = set()
    for file, loc, _, rule in entries(draft):
        if rule.id in seen:
            draft.add(
                file,
                (*loc, "id"),
                "duplicate-id",
                f"the rule '{rule.id}' stands here twice",
                "give each its own id",
            )
        seen.add(rule.id)
        for finding in rule.concludes:
            if finding in names.questions or finding in names.scores:
                draft.add(
                    file,
                    (*loc, "then"),
                    "duplicate-id",
                    f"the finding '{finding}' is also a question or score",
                )


def _questions(draft: Draft, names: Names) -> None:
    file = "content/questionnaire.yaml"
    for t, topic in enumerate(draft.tables[file].topics):
        _shown_when(draft, names, file, ("topics", t), topic.shown_when, topic.questions[0].id)
        for q, question in enumerate(topic.questions):
            loc = ("topics", t, "questions", q)
            _shown_when(draft, names, file, loc, question.shown_when, question.id)
            if fault := question.fault(question.example):
                draft.add(
                    file,
                    (*loc, "example"),
                    "bad-example",
                    f"the example value does not fit: {fault[1]}",
                    fault[2],
                )
            if not isinstance(question, Number):
                _options(draft, file, loc, question)


def _options(draft: Draft, file: str, loc: Loc, question: OneOf | SeveralOf) -> None:
    ids = [option.id for option in question.options]
    if len(set(ids)) < len(ids) or len(ids) < 2:
        draft.add(
            file,
            (*loc, "options"),
            "bad-options",
            f"'{question.id}' needs two or more options, each its own id",
        )
    if any(re.fullmatch(r"[a-z][a-z_]*", one) is None for one in ids):
        draft.add(
            file, (*loc, "options"), "bad-options", "option ids are small letters and _, no digits"
        )
    if isinstance(question, SeveralOf) and NONE not in ids:
        draft.add(
            file,
            (*loc, "options"),
            "bad-options",
            f"'{question.id}' needs the option '{NONE}'",
            "'none of these'",
        )
    if (
        isinstance(question, OneOf)
        and question.better_to_worse
        and set(question.better_to_worse) != set(ids)
    ):
        draft.add(
            file,
            (*loc, "better_to_worse"),
            "bad-order",
            "the order must name every option once",
            listed(ids),
        )
    must = question.red_flag in {"emergency", "other"}
    if must and isinstance(question, OneOf) and not question.better_to_worse:
        draft.add(
            file,
            loc,
            "bad-order",
            f"the red flag '{question.id}' needs 'better_to_worse'",
            listed(ids),
        )


def _shown_when(
    draft: Draft, names: Names, file: str, loc: Loc, when: Condition | None, before: str
) -> None:
    for clause, _ in clauses(when) if when else ():
        fault = names.fault(clause)
        if (
            not fault
            and names.asked_at.get(clause.name, len(names.asked_at)) >= names.asked_at[before]
        ):
            fault = (
                "asked-later",
                f"'{clause.name}' is not asked before this",
                "only earlier questions decide what is shown",
            )
        if fault:
            draft.add(file, (*loc, "shown_when"), *fault)


def _scores(draft: Draft, names: Names) -> None:
    file = "rules/scores.yaml"
    for index, score in enumerate(draft.table(file)):
        for part, condition in enumerate(score.count):
            for clause, _ in clauses(condition):
                fault = names.fault(clause)
                if not fault and clause.name not in names.questions:
                    fault = (
                        "wrong-clause",
                        f"'{clause.name}' is not a question",
                        "a score reads answers only",
                    )
                if fault:
                    draft.add(file, (index, "count", part), *fault)
        for name in (*score.sum, *score.mean):
            if name not in names.questions:
                hint = did_you_mean(name, names.questions)
                draft.add(file, (index,), "unknown-name", f"there is no question '{name}'", hint)
            elif not _adds_up(names.questions[name]):
                hint = "only a number, or a one-of question with points for every option, adds up"
                draft.add(file, (index,), "wrong-clause", f"'{name}' is no number", hint)
        _source(names, file, (index, "source"), score.source)
    for index, threshold in enumerate(draft.table("rules/thresholds.yaml")):
        _source(names, "rules/thresholds.yaml", (index, "source"), threshold.source)


def _adds_up(question: Number | OneOf | SeveralOf) -> bool:
    return isinstance(question, Number) or (
        isinstance(question, OneOf) and len(question.points) == len(question.options)
    )


def _source(names: Names, file: str, loc: Loc, source: str) -> None:
    if source not in names.sources:
        hint = did_you_mean(source, names.sources) or "add it to content/evidence.yaml"
        names.draft.add(file, loc, "unknown-source", f"there is no source '{source}'", hint)


def _rules(draft: Draft, names: Names) -> None:
    for file, loc, stage, rule in entries(draft):
        for clause, negated in clauses(rule.when):
            fault = names.fault(clause) or _stage_fault(names, stage, clause, negated)
            if fault:
                draft.add(file, (*loc, "when"), *fault)
        for index, effect in enumerate(rule.then):
            for fault in (
                *_effect_faults(draft, names, stage, effect),
                *_said_twice(rule.then[:index], effect),
            ):
                draft.add(file, (*loc, "then", index), *fault)
        for index, citation in enumerate(rule.evidence):
            _source(names, file, (*loc, "evidence", index, "source"), citation.source)


def _stage_fault(names: Names, stage: Stage, clause: Clause, negated: bool) -> Fault | None:
    if negated and clause.name in names.scores:
        return (
            "wrong-comparison",
            f"the score '{clause.name}' may be higher than it looks",
            AT_LEAST,
        )
    if clause.name not in names.findings:
        return None
    here = STAGES.index(stage)
    if names.first_stage(clause.name) > here:
        return (
            "stage-order",
            f"'{clause.name}' is only concluded in a later stage",
            "move one of the rules",
        )
    if negated and isinstance(clause, Bare) and names.last_stage[clause.name] >= here:
        hint = "only what an earlier stage concluded may be negated, or the order of rules would matter"
        return "negated-too-early", f"'{clause.name}' can still be concluded in this stage", hint
    return None


def _effect_faults(draft: Draft, names: Names, stage: Stage, effect: Effect) -> Iterator[Fault]:
    if not isinstance(effect, ALLOWED[stage]):
        verbs = listed(kind.__name__.lower() for kind in ALLOWED[stage])
        yield (
            "stage-effect",
            f"a {stage} rule cannot {type(effect).__name__.lower()}",
            f"allowed here: {verbs}",
        )
    elif isinstance(effect, Conclude):
        kinds = {type(value) for value in names.findings.get(effect.conclude, {})}
        if len(kinds) > 1:
            yield (
                "mixed-finding",
                f"'{effect.conclude}' is concluded both with and without a value",
                "choose one way",
            )
    elif isinstance(effect, Refer):
        if effect.refer not in draft.items or not effect.refer.startswith("practitioner/"):
            yield (
                "unknown-item",
                f"there is no '{effect.refer}' to refer to",
                did_you_mean(effect.refer, draft.items),
            )
    elif isinstance(effect, Recommend):
        yield from _recommend_faults(draft, effect)
    else:
        yield from _avoid_faults(names, effect)


def _said_twice(before: Iterable[Effect], effect: Effect) -> Iterator[Fault]:
    """Yield a fault where a rule says something of one thing twice: what it means would hang on
    which comes last.
    """
    (verb, target), *_ = effect
    if any(next(iter(one)) == (verb, target) for one in before):
        yield "duplicate-id", f"this rule names '{target}' twice", "say it once"


def _recommend_faults(draft: Draft, effect: Recommend) -> Iterator[Fault]:
    entry = draft.items.get(effect.recommend)
    if entry is None:
        yield (
            "unknown-item",
            f"there is no item '{effect.recommend}'",
            did_you_mean(effect.recommend, draft.items),
        )
    elif effect.dose and effect.dose not in {dose.id for dose in entry[1].doses}:
        doses = listed(dose.id for dose in entry[1].doses) or "none"
        yield (
            "unknown-dose",
            f"'{effect.recommend}' has no dose '{effect.dose}'",
            f"its doses: {doses}",
        )


def _avoid_faults(names: Names, effect: Avoid) -> Iterator[Fault]:
    if effect.avoid not in names.avoidable:
        yield (
            "unknown-item",
            f"there is no '{effect.avoid}' to avoid",
            did_you_mean(effect.avoid, names.avoidable),
        )


def _items(draft: Draft, names: Names) -> None:
    for file, item in draft.items.values():
        for index, citation in enumerate(item.evidence):
            _source(names, file.name, ("evidence", index, "source"), citation.source)
        for swap in getattr(item, "swap_for", ()):
            if swap not in draft.items:
                draft.add(
                    file.name,
                    ("swap_for",),
                    "unknown-item",
                    f"there is no item '{swap}'",
                    did_you_mean(swap, draft.items),
                )
        ids = [dose.id for dose in item.doses]
        if len(set(ids)) < len(ids):
            draft.add(file.name, ("doses",), "duplicate-id", "a dose stands here twice")


def _placeholders(draft: Draft, _: Names) -> None:
    fields = set(Operator.model_fields)
    for name, file in draft.files.items():
        known = fields | ({"signed", "total"} if name == "content/words.yaml" else set())
        for loc, text in _texts(file.data, ()):
            for word in set(re.findall(r"\{(\w*)\}", text)) - known:
                hint = f"known: {listed(sorted(known))}"
                draft.add(name, loc, "unknown-placeholder", f"nothing fills in '{{{word}}}'", hint)


def _texts(data: object, loc: Loc) -> Iterator[tuple[Loc, str]]:
    if isinstance(data, str):
        if "{" in data:
            yield loc, data
    elif isinstance(data, dict):
        for key, value in data.items():
            if key != "examples":  # nobody reads their answers, and they are half of all there is
                yield from _texts(value, (*loc, key))
    elif isinstance(data, tuple):
        for index, value in enumerate(data):
            yield from _texts(value, (*loc, index))


def _needed(draft: Draft, _: Names) -> None:
    for item in ("practitioner/emergency", "practitioner/same_day"):
        if item not in draft.items:
            hint = "whoever cannot be decided about is sent there"
            draft.add(f"content/{item}.yaml", (), "no-file", "this file is missing", hint)


def _limits(draft: Draft, names: Names) -> None:
    file, limits = "rules/plan.yaml", draft.tables["rules/plan.yaml"]
    if not isinstance(names.questions.get(limits.minutes_question), Number):
        draft.add(
            file,
            ("minutes_question",),
            "unknown-name",
            f"'{limits.minutes_question}' is no question with a number",
        )
    for index, section in enumerate(limits.sections):
        expected = {name for name in draft.items if name.startswith(f"{section.kind}/")}
        wrong = sorted(expected.symmetric_difference(section.order))
        if wrong or len(set(section.order)) < len(section.order):
            hint = f"missing or unknown: {listed(wrong)}"
            draft.add(
                file,
                ("sections", index, "order"),
                "bad-order",
                "the order must name every item of its kind once",
                hint,
            )
        if section.at_least > section.at_most:
            draft.add(file, ("sections", index), "bad-value", "'at_least' is more than 'at_most'")
    missing = set(SHAPES) - {section.kind for section in limits.sections}
    if missing or len(limits.sections) != len(SHAPES):
        draft.add(
            file,
            ("sections",),
            "bad-order",
            "each kind of item needs exactly one section",
            listed(sorted(missing)),
        )


def _words(draft: Draft, _: Names) -> None:
    words, net = draft.tables["content/words.yaml"], draft.tables["content/safety_net.yaml"]
    wanted: Mapping[str, tuple[Mapping[str, object], Iterable[str]]] = {
        "urgency": (words.urgency, URGENCIES),
        "labels": (words.labels, {item.label for __, item in draft.items.values()}),
        "sections": (words.sections, SHAPES),
    }
    for key, (given, needed) in wanted.items():
        for name in sorted(set(needed) - set(given)):
            draft.add("content/words.yaml", (key,), "missing-key", f"'{name}' has no words")
    for name in sorted(set(URGENCIES) - set(net.recheck)):
        draft.add("content/safety_net.yaml", ("recheck",), "missing-key", f"'{name}' has no words")


_CHECKS: tuple[Check, ...] = (
    _unique_names, _questions, _scores, _rules, _items, _placeholders, _needed, _limits, _words,
)  # fmt: skip
