"""What must hold between files: names that exist, comparisons that fit, stages in order, limits of the engine."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from lumbar.conditions import (
    Answered,
    Bare,
    Clause,
    Comparison,
    Condition,
    Inclusion,
    Membership,
    Unanswered,
    clauses,
    conjunctions,
)
from lumbar.content import SHAPES, URGENCIES, Operator
from lumbar.draft import Draft
from lumbar.problems import Problem, did_you_mean, listed
from lumbar.questionnaire import NONE, Number, OneOf, QuestionnaireFile, SeveralOf
from lumbar.rules import ALLOWED, STAGES, Avoid, Conclude, Effect, Recommend, Refer, Rule, Stage
from lumbar.yamlfile import Loc

# The live engine breaks beyond these, long before its own errors: see hazards 10 and 11 in engine/README.md.
CLAUSES_AT_MOST = 15
CONJUNCTIONS_A_STAGE = 200

Fault = tuple[str, str, str]  # code, message, hint

_AT_LEAST = "use >= or >, and no 'not': a question that was not answered adds nothing to a score"


@dataclass
class Names:
    """Every name a condition may use, and what can be compared with it."""

    draft: Draft
    questions: dict[str, Number | OneOf | SeveralOf] = field(default_factory=dict)
    asked_at: dict[str, int] = field(default_factory=dict)
    scores: frozenset[str] = frozenset()
    thresholds: frozenset[str] = frozenset()
    findings: dict[str, dict[str | bool, Stage]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        file: QuestionnaireFile = self.draft.tables["content/questionnaire.yaml"]
        for topic in file.topics:
            for question in topic.questions:
                self.asked_at.setdefault(question.id, len(self.asked_at))
                self.questions[question.id] = question
        self.scores = frozenset(score.id for score in self.draft.table("rules/scores.yaml"))
        self.thresholds = frozenset(one.id for one in self.draft.table("rules/thresholds.yaml"))
        for stage in STAGES:
            for rule_stage, _, _, rule in self.draft.rules:
                if rule_stage == stage and rule.status != "retired":
                    for finding, value in rule.concludes.items():
                        self.findings.setdefault(finding, {}).setdefault(value, stage)

    def first_stage(self, finding: str) -> int:
        """Return the place of the first stage that concludes a finding."""
        return min(STAGES.index(stage) for stage in self.findings[finding].values())

    @cached_property
    def last_stage(self) -> Mapping[str, int]:
        """The place of the last stage that concludes each finding."""
        entries = sorted(_entries(self.draft), key=lambda entry: STAGES.index(entry[2]))
        return {finding: STAGES.index(stage) for _, _, stage, rule in entries for finding in rule.concludes}

    @cached_property
    def sources(self) -> frozenset[str]:
        """The ids of the evidence register."""
        return frozenset(one.id for one in self.draft.table("content/evidence.yaml"))

    @cached_property
    def avoidable(self) -> frozenset[str]:
        """What an `avoid` effect may name: items, kinds and tags."""
        tags = {f"tag:{tag}" for _, item in self.draft.items.values() for tag in item.tags}
        return frozenset({*self.draft.items, *(f"{kind}/*" for kind in SHAPES), *tags})

    @cached_property
    def all(self) -> frozenset[str]:
        """Every name a clause may start with."""
        return frozenset({*self.questions, *self.scores, *self.findings})

    def fault(self, clause: Clause) -> Fault | None:
        """Return what is wrong with one clause, whatever stage it stands in."""
        if clause.name not in self.all:
            return "unknown-name", f"nothing is called '{clause.name}'", did_you_mean(clause.name, self.all)
        question = self.questions.get(clause.name)
        if isinstance(clause, (Answered, Unanswered)):
            return (
                None
                if question
                else ("wrong-clause", f"'{clause.name}' is not a question", "only a question is answered")
            )
        if isinstance(clause, Bare):
            return self._bare_fault(clause)
        if isinstance(clause, Inclusion):
            if not isinstance(question, SeveralOf):
                return "wrong-clause", f"'{clause.name}' is not a several-of question", "compare it with == or in"
            return _option_fault(question.labels, clause.name, clause.option)
        if isinstance(question, SeveralOf):
            return "wrong-clause", f"'{clause.name}' is a several-of question", f"write '{clause.name} includes option'"
        return self._comparison_fault(clause)

    def _bare_fault(self, clause: Bare) -> Fault | None:
        values = self.findings.get(clause.name)
        if values is None:
            return "wrong-clause", f"'{clause.name}' is not a finding", "compare a question or score with something"
        if True not in values:
            return "wrong-clause", f"'{clause.name}' has values", f"write '{clause.name} == {next(iter(values))}'"
        return None

    def _comparison_fault(self, clause: Comparison | Membership) -> Fault | None:
        if clause.name in self.scores and getattr(clause, "operator", "in") not in {">=", ">"}:
            return "wrong-comparison", f"the score '{clause.name}' may be higher than it looks", _AT_LEAST
        values = clause.values if isinstance(clause, Membership) else (clause.value,)
        words = self._words(clause.name)
        if words is None:
            return self._number_fault(clause, values)
        if isinstance(clause, Comparison) and clause.operator not in {"==", "!="}:
            return "wrong-comparison", f"'{clause.name}' has options, which have no order", "use ==, != or in"
        return next(filter(None, (_option_fault(words, clause.name, value) for value in values)), None)

    def _words(self, name: str) -> Mapping[str, object] | None:
        question = self.questions.get(name)
        if isinstance(question, OneOf):
            return question.labels
        return {str(v): v for v in self.findings[name]} if name in self.findings else None

    def _number_fault(self, clause: Comparison | Membership, values: Iterable[int | str]) -> Fault | None:
        for value in values:
            if isinstance(value, str) and (value not in self.thresholds or isinstance(clause, Membership)):
                hint = did_you_mean(value, self.thresholds) or "a number, or a name from rules/thresholds.yaml"
                return "unknown-threshold", f"'{clause.name}' is compared with '{value}', which is no number", hint
        return None


def _option_fault(known: Mapping[str, object], name: str, value: int | str) -> Fault | None:
    if value in known:
        return None
    hint = "; ".join(filter(None, (did_you_mean(str(value), known), f"allowed: {listed(known)}")))
    return "unknown-option", f"'{name}' is never '{value}'", hint


def _entries(draft: Draft) -> Iterator[tuple[str, Loc, Stage, Rule]]:
    for stage, file, index, rule in draft.rules:
        yield file.name, (index,), stage, rule


def cross_check(draft: Draft) -> list[Problem]:
    """Return every problem between the files of a draft whose files are each sound."""
    before = len(draft.problems)
    names = Names(draft)
    for check in _CHECKS:
        check(draft, names)
    found = draft.problems[before:]
    del draft.problems[before:]
    return found


def _unique_names(draft: Draft, names: Names) -> None:
    file = "content/questionnaire.yaml"
    topics = draft.tables[file].topics
    ids = [question.id for topic in topics for question in topic.questions]
    for name in (name for name, times in Counter(ids).items() if times > 1):
        draft.add(file, ("topics",), "duplicate-id", f"the question '{name}' stands here twice", "give each its own id")
    options = {option for one in names.questions.values() if not isinstance(one, Number) for option in one.labels}
    for table in ("content/evidence.yaml", "rules/thresholds.yaml", "rules/scores.yaml"):
        seen: set[str] = set()
        for index, one in enumerate(draft.table(table)):
            if one.id in seen:
                draft.add(table, (index, "id"), "duplicate-id", f"'{one.id}' stands here twice", "give each its own id")
            if table.startswith("rules/") and one.id in names.questions.keys() | options:
                draft.add(table, (index, "id"), "duplicate-id", f"'{one.id}' is also a question or option", "rename it")
            seen.add(one.id)
    _unique_rules(draft, names)


# What a safety property calls what comes out, and each question of its list: nothing else may have these names.
RESERVED = ("urgency", "this")


def _unique_rules(draft: Draft, names: Names) -> None:
    for name in RESERVED:
        if name in names.all:
            said = f"'{name}' is a word of the safety properties, and cannot be a question, score or finding"
            draft.add("rules/safety.yaml", (), "duplicate-id", said, "rename it")
    seen: set[str] = set()
    for file, loc, _, rule in _entries(draft):
        if rule.id in seen:
            draft.add(
                file, (*loc, "id"), "duplicate-id", f"the rule '{rule.id}' stands here twice", "give each its own id"
            )
        seen.add(rule.id)
        for finding in rule.concludes:
            if finding in names.questions or finding in names.scores:
                draft.add(file, (*loc, "then"), "duplicate-id", f"the finding '{finding}' is also a question or score")


def _questions(draft: Draft, names: Names) -> None:
    file = "content/questionnaire.yaml"
    for t, topic in enumerate(draft.tables[file].topics):
        _shown_when(draft, names, file, ("topics", t), topic.shown_when, topic.questions[0].id)
        for q, question in enumerate(topic.questions):
            loc = ("topics", t, "questions", q)
            _shown_when(draft, names, file, loc, question.shown_when, question.id)
            if fault := question.fault(question.example):
                draft.add(
                    file, (*loc, "example"), "bad-example", f"the example value does not fit: {fault[1]}", fault[2]
                )
            if not isinstance(question, Number):
                _options(draft, file, loc, question)


def _options(draft: Draft, file: str, loc: Loc, question: OneOf | SeveralOf) -> None:
    ids = [option.id for option in question.options]
    if len(set(ids)) < len(ids) or len(ids) < 2:
        draft.add(file, (*loc, "options"), "bad-options", f"'{question.id}' needs two or more options, each its own id")
    if any(re.fullmatch(r"[a-z][a-z_]*", one) is None for one in ids):
        draft.add(file, (*loc, "options"), "bad-options", "option ids are small letters and _, no digits")
    if isinstance(question, SeveralOf) and NONE not in ids:
        draft.add(
            file, (*loc, "options"), "bad-options", f"'{question.id}' needs the option '{NONE}'", "'none of these'"
        )
    if isinstance(question, OneOf) and question.better_to_worse and set(question.better_to_worse) != set(ids):
        draft.add(file, (*loc, "better_to_worse"), "bad-order", "the order must name every option once", listed(ids))
    must = question.red_flag in {"emergency", "other"}
    if must and isinstance(question, OneOf) and not question.better_to_worse:
        draft.add(file, loc, "bad-order", f"the red flag '{question.id}' needs 'better_to_worse'", listed(ids))


def _shown_when(draft: Draft, names: Names, file: str, loc: Loc, when: Condition | None, before: str) -> None:
    for clause, _ in clauses(when) if when else ():
        fault = names.fault(clause)
        if not fault and names.asked_at.get(clause.name, len(names.asked_at)) >= names.asked_at[before]:
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
                    fault = "wrong-clause", f"'{clause.name}' is not a question", "a score reads answers only"
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
    totals: Counter[Stage] = Counter()
    for file, loc, stage, rule in _entries(draft):
        for clause, negated in clauses(rule.when):
            fault = names.fault(clause) or _stage_fault(names, stage, clause, negated)
            if fault:
                draft.add(file, (*loc, "when"), *fault)
        for index, effect in enumerate(rule.then):
            for fault in (*_effect_faults(draft, names, stage, effect), *_said_twice(rule.then[:index], effect)):
                draft.add(file, (*loc, "then", index), *fault)
        for index, citation in enumerate(rule.evidence):
            _source(names, file, (*loc, "evidence", index, "source"), citation.source)
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
            draft.add(f"rules/{stage}", (), "too-many-rules", f"{total} alternatives, at most {CONJUNCTIONS_A_STAGE}")


def _stage_fault(names: Names, stage: Stage, clause: Clause, negated: bool) -> Fault | None:
    if negated and clause.name in names.scores:
        return "wrong-comparison", f"the score '{clause.name}' may be higher than it looks", _AT_LEAST
    if clause.name not in names.findings:
        return None
    here = STAGES.index(stage)
    if names.first_stage(clause.name) > here:
        return "stage-order", f"'{clause.name}' is only concluded in a later stage", "move one of the rules"
    if negated and isinstance(clause, Bare) and names.last_stage[clause.name] >= here:
        hint = "only what an earlier stage concluded may be negated, or the order of rules would matter"
        return "negated-too-early", f"'{clause.name}' can still be concluded in this stage", hint
    return None


def _effect_faults(draft: Draft, names: Names, stage: Stage, effect: Effect) -> Iterator[Fault]:
    if not isinstance(effect, ALLOWED[stage]):
        verbs = listed(kind.__name__.lower() for kind in ALLOWED[stage])
        yield "stage-effect", f"a {stage} rule cannot {type(effect).__name__.lower()}", f"allowed here: {verbs}"
    elif isinstance(effect, Conclude):
        kinds = {type(value) for value in names.findings.get(effect.conclude, {})}
        if len(kinds) > 1:
            yield "mixed-finding", f"'{effect.conclude}' is concluded both with and without a value", "choose one way"
    elif isinstance(effect, Refer):
        if effect.refer not in draft.items or not effect.refer.startswith("practitioner/"):
            yield "unknown-item", f"there is no '{effect.refer}' to refer to", did_you_mean(effect.refer, draft.items)
    elif isinstance(effect, Recommend):
        yield from _recommend_faults(draft, effect)
    else:
        yield from _avoid_faults(names, effect)


def _said_twice(before: Iterable[Effect], effect: Effect) -> Iterator[Fault]:
    """Yield a fault where a rule says something of one thing twice: what it means would hang on which comes last."""
    (verb, target), *_ = effect
    if any(next(iter(one)) == (verb, target) for one in before):
        yield "duplicate-id", f"this rule names '{target}' twice", "say it once"


def _recommend_faults(draft: Draft, effect: Recommend) -> Iterator[Fault]:
    entry = draft.items.get(effect.recommend)
    if entry is None:
        yield "unknown-item", f"there is no item '{effect.recommend}'", did_you_mean(effect.recommend, draft.items)
    elif effect.dose and effect.dose not in {dose.id for dose in entry[1].doses}:
        doses = listed(dose.id for dose in entry[1].doses) or "none"
        yield "unknown-dose", f"'{effect.recommend}' has no dose '{effect.dose}'", f"its doses: {doses}"


def _avoid_faults(names: Names, effect: Avoid) -> Iterator[Fault]:
    if effect.avoid not in names.avoidable:
        yield "unknown-item", f"there is no '{effect.avoid}' to avoid", did_you_mean(effect.avoid, names.avoidable)


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
            file, ("minutes_question",), "unknown-name", f"'{limits.minutes_question}' is no question with a number"
        )
    for index, section in enumerate(limits.sections):
        expected = {name for name in draft.items if name.startswith(f"{section.kind}/")}
        wrong = sorted(expected.symmetric_difference(section.order))
        if wrong or len(set(section.order)) < len(section.order):
            hint = f"missing or unknown: {listed(wrong)}"
            draft.add(
                file, ("sections", index, "order"), "bad-order", "the order must name every item of its kind once", hint
            )
        if section.at_least > section.at_most:
            draft.add(file, ("sections", index), "bad-value", "'at_least' is more than 'at_most'")
    missing = set(SHAPES) - {section.kind for section in limits.sections}
    if missing or len(limits.sections) != len(SHAPES):
        draft.add(
            file, ("sections",), "bad-order", "each kind of item needs exactly one section", listed(sorted(missing))
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


def _engine_names(draft: Draft, names: Names) -> None:
    """Refuse two names that the live engine would take for one: it compares 32-bit hashes of names (hazard 18)."""
    seen: dict[int, str] = {}
    made = {
        f"{question.id}/{part}"
        for question in names.questions.values()
        for part in ("answered", "unanswered", *(question.labels if isinstance(question, SeveralOf) else ()))
    }
    for name in sorted({"stage", "sid", "id", *names.all, *made}):
        twin = seen.setdefault(fnv1_32(name), name)
        if twin != name:
            draft.add("rules", (), "name-collision", f"the engine cannot tell '{name}' from '{twin}'", "rename one")


def fnv1_32(text: str) -> int:
    """Return the FNV-1 hash, 32 bits, that the live engine compares names by."""
    digest = 0x811C9DC5
    for byte in text.encode():
        digest = (digest * 0x01000193) % 2**32 ^ byte
    return digest


_CHECKS: tuple[Callable[[Draft, Names], None], ...] = (
    _unique_names, _questions, _scores, _rules, _items, _placeholders, _needed, _limits, _words, _engine_names,
)  # fmt: skip
