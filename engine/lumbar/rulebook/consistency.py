"""What must hold between files: names that exist, comparisons that fit, stages in order."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from lumbar.reading.problems import did_you_mean, listed
from lumbar.reading.yamlfile import Loc
from lumbar.rulebook.conditions import Bare, Clause, Condition, clauses
from lumbar.rulebook.files import SINGLE, Files
from lumbar.rulebook.items import SHAPES, URGENCIES, Operator, Sign, labels_of
from lumbar.rulebook.names import AT_LEAST, Complaint, Names
from lumbar.rulebook.questionnaire import NONE, Number, OneOf, SeveralOf
from lumbar.rulebook.rules import ALLOWED, STAGES, Avoid, Conclude, Effect, Recommend, Refer, Stage
from lumbar.rulebook.words import GRADES, placeholders

Found = tuple[str, Loc, str, str, str]  # file, place in it, code, message, hint
Check = Callable[[Files, Names], Iterator[Found]]

ASKED, TAGS = "content/questionnaire.yaml", "content/tags.yaml"
NET = "content/safety_net.yaml"
SCORES, THRESHOLDS, PLAN = "rules/scores.yaml", "rules/thresholds.yaml", "rules/plan.yaml"
_OWN = "give each its own id"
# What a safety property calls what comes out, and each question of its list: nothing else may have
# these names.
RESERVED = ("urgency", "this")


def hold_together(files: Files, more: Iterable[Check] = ()) -> None:
    """Note every problem between the files; nothing can be said where a single file is unreadable.

    `more` checks are run besides.
    """
    if any(files.tables.get(name) is None for name in SINGLE):
        return
    names = Names(
        (question for topic in files.tables[ASKED].topics for question in topic.questions),
        (score.id for score in files.table(SCORES)),
        (threshold.id for threshold in files.table(THRESHOLDS)),
        ((entry.stage, entry.rule) for entry in files.rules),
        whole=files.whole,
    )
    for found in [found for check in (*_CHECKS, *more) for found in check(files, names)]:
        files.add(*found)


def _unique_names(files: Files, names: Names) -> Iterator[Found]:
    asked = Counter(q.id for topic in files.tables[ASKED].topics for q in topic.questions)
    for name in (name for name, times in asked.items() if times > 1):
        yield ASKED, ("topics",), "duplicate-id", f"the question '{name}' stands here twice", _OWN
    closed = (one for one in names.questions.values() if not isinstance(one, Number))
    options = {option for one in closed for option in one.labels}
    for table in ("content/evidence.yaml", THRESHOLDS, SCORES):
        ids = [one.id for one in files.table(table)]
        for index, name in enumerate(ids):
            if name in ids[:index]:
                yield table, (index, "id"), "duplicate-id", f"'{name}' stands here twice", _OWN
            if table.startswith("rules/") and name in names.questions.keys() | options:
                said = f"'{name}' is also a question or option"
                yield table, (index, "id"), "duplicate-id", said, "rename it"


def _unique_rules(files: Files, names: Names) -> Iterator[Found]:
    for name in RESERVED:
        if name in names.all:
            said = f"'{name}' is a word of the safety properties: no question, score or finding"
            yield "rules/safety.yaml", (), "duplicate-id", said, "rename it"
    seen: set[str] = set()
    for file, loc, _, rule in files.rules:
        if rule.id in seen:
            said = f"the rule '{rule.id}' stands here twice"
            yield file, (*loc, "id"), "duplicate-id", said, _OWN
        seen.add(rule.id)
        for finding in rule.concludes:
            if finding in names.questions or finding in names.scores:
                said = f"the finding '{finding}' is also a question or score"
                yield file, (*loc, "then"), "duplicate-id", said, ""


def _questions(files: Files, names: Names) -> Iterator[Found]:
    for t, topic in enumerate(files.tables[ASKED].topics):
        yield from _shown_when(names, ("topics", t), topic.shown_when, topic.questions[0].id)
        for q, question in enumerate(topic.questions):
            loc: Loc = ("topics", t, "questions", q)
            yield from _shown_when(names, loc, question.shown_when, question.id)
            yield from _known(names, loc, question)
            if wrong := question.fault(question.example):
                said = f"the example value does not fit: {wrong[1]}"
                yield ASKED, (*loc, "example"), "bad-example", said, wrong[2]
            if isinstance(question, Number):
                yield from _bounds(names, loc, question)
            else:
                yield from _options(loc, question)
                yield from _wishes(files, loc, question)


def _known(names: Names, loc: Loc, question: Number | OneOf | SeveralOf) -> Iterator[Found]:
    """Yield what is wrong with what is known from an earlier visit: it is no number there."""
    known = question.known if isinstance(question, Number) else None
    if not known or known.answer is None:
        return
    other = names.questions.get(known.answer)
    if not (isinstance(other, Number) and other.asked):
        near = did_you_mean(known.answer, names.questions)
        said = f"'{known.answer}' is no question with a number that is asked"
        yield ASKED, (*loc, "known", "answer"), "unknown-name", said, near


def _bounds(names: Names, loc: Loc, question: Number) -> Iterator[Found]:
    for key in ("at_least", "at_most"):
        name = getattr(question, key)
        other = names.questions.get(name) if name else None
        if name and not other:
            near = did_you_mean(name, names.questions)
            yield ASKED, (*loc, key), "unknown-name", f"there is no question '{name}'", near
        elif other and names.asked_at[other.id] >= names.asked_at[question.id]:
            said = f"'{name}' is not asked before this"
            yield ASKED, (*loc, key), "asked-later", said, "only earlier answers are compared"
        elif other and not (
            isinstance(other, Number) and other.unit in {question.unit, *question.units}
        ):
            said = f"'{name}' is no number in {listed([question.unit, *question.units])}"
            yield ASKED, (*loc, key), "wrong-clause", said, "the two must be comparable"


def _wishes(files: Files, loc: Loc, question: OneOf | SeveralOf) -> Iterator[Found]:
    for place, option in enumerate(question.options):
        for item in option.wishes:
            if item not in files.named:
                at = (*loc, "options", place, "wishes")
                near = did_you_mean(item, files.named)
                yield ASKED, at, "unknown-item", f"there is no item '{item}'", near


def _options(loc: Loc, question: OneOf | SeveralOf) -> Iterator[Found]:
    at, ids = (ASKED, (*loc, "options"), "bad-options"), [option.id for option in question.options]
    if len(set(ids)) < len(ids) or len(ids) < 2:
        yield *at, f"'{question.id}' needs two or more options, each its own id", ""
    if any(re.fullmatch(r"[a-z][a-z_]*", one) is None for one in ids):
        yield *at, "option ids are small letters and _, no digits", ""
    for place, option in enumerate(question.options):
        if option.sign and option.id == question.best:
            said = f"'{option.id}' is the harmless answer to '{question.id}', and so no sign"
            yield ASKED, (*loc, "options", place, "sign"), "bad-options", said, "take it out"
    if isinstance(question, SeveralOf):
        if NONE not in ids:
            yield *at, f"'{question.id}' needs the option '{NONE}'", "'none of these'"
        return
    if question.better_to_worse and set(question.better_to_worse) != set(ids):
        said = "the order must name every option once"
        yield ASKED, (*loc, "better_to_worse"), "bad-order", said, listed(ids)
    if question.kind in {"decisive", "contributing"} and not question.better_to_worse:
        said = f"'{question.id}' has answers that are signs and needs 'better_to_worse'"
        yield ASKED, loc, "bad-order", said, listed(ids)


def _shown_when(names: Names, loc: Loc, when: Condition | None, before: str) -> Iterator[Found]:
    for clause, _ in clauses(when) if when else ():
        wrong = names.complaint(clause)
        asked = names.asked_at.get(clause.name, len(names.asked_at))
        if not wrong and asked >= names.asked_at[before]:
            said = f"'{clause.name}' is not asked before this"
            wrong = "asked-later", said, "only earlier questions decide what is shown"
        if wrong:
            yield ASKED, (*loc, "shown_when"), *wrong


def _scores(files: Files, names: Names) -> Iterator[Found]:
    for index, score in enumerate(files.table(SCORES)):
        for part, condition in enumerate(score.count):
            for clause, _ in clauses(condition):
                wrong = names.complaint(clause)
                if not wrong and clause.name not in names.questions:
                    said = f"'{clause.name}' is not a question"
                    wrong = "wrong-clause", said, "a score reads answers only"
                if wrong:
                    yield SCORES, (index, "count", part), *wrong
        for name in score.numbers:
            question = names.questions.get(name)
            if question is None:
                said, hint = f"there is no question '{name}'", did_you_mean(name, names.questions)
                yield SCORES, (index,), "unknown-name", said, hint
            elif not (isinstance(question, Number) if score.fall else _adds_up(question)):
                hint = "only a number, or a one-of question with points for every option, adds up"
                yield SCORES, (index,), "wrong-clause", f"'{name}' is no number", hint


def _adds_up(question: Number | OneOf | SeveralOf) -> bool:
    if isinstance(question, OneOf):
        return len(question.points) == len(question.options)
    return isinstance(question, Number)


def _sources(files: Files, _: Names) -> Iterator[Found]:
    known = {one.id for one in files.table("content/evidence.yaml")}
    for file, loc, source in _cited(files):
        if source not in known:
            hint = did_you_mean(source, known) or "add it to content/evidence.yaml"
            yield file, loc, "unknown-source", f"there is no source '{source}'", hint


def _cited(files: Files) -> Iterator[tuple[str, Loc, str]]:
    for table in (SCORES, THRESHOLDS):
        for index, one in enumerate(files.table(table)):
            yield table, (index, "source"), one.source
    for file, loc, _, rule in files.rules:
        for place, citation in enumerate(rule.evidence):
            yield file, (*loc, "evidence", place, "source"), citation.source
    for name, item in files.items.items():
        for place, citation in enumerate(item.evidence):
            yield f"content/{name}.yaml", ("evidence", place, "source"), citation.source


def _rules(files: Files, names: Names) -> Iterator[Found]:
    avoidable = files.named | {f"{kind}/*" for kind in SHAPES}
    avoidable |= {f"tag:{tag}" for item in files.items.values() for tag in item.tags}
    for file, loc, stage, rule in files.rules:
        for clause, negated in clauses(rule.when):
            if wrong := names.complaint(clause) or _of_stage(names, stage, clause, negated):
                yield file, (*loc, "when"), *wrong
        said: set[tuple[str, str]] = set()
        for index, effect in enumerate(rule.then):
            for wrong in _of_effect(files, names, avoidable, stage, effect):
                yield file, (*loc, "then", index), *wrong
            (verb, target), *_ = effect
            if (verb, target) in said:  # what it means would hang on which comes last
                twice = f"this rule names '{target}' twice"
                yield file, (*loc, "then", index), "duplicate-id", twice, "say it once"
            said.add((verb, target))


def _of_stage(names: Names, stage: Stage, clause: Clause, negated: bool) -> Complaint | None:
    name, here = clause.name, STAGES.index(stage)
    if negated and name in names.scores:
        return "wrong-comparison", f"the score '{name}' may be higher than it looks", AT_LEAST
    if name not in names.findings:
        return None
    if names.whole and names.first_stage(name) > here:
        said = f"'{name}' is only concluded in a later stage"
        return "stage-order", said, "move one of the rules"
    if negated and isinstance(clause, Bare) and names.last_stage[name] >= here:
        hint = "only what an earlier stage concluded may be negated, or the order would matter"
        return "negated-too-early", f"'{name}' can still be concluded in this stage", hint
    return None


def _of_effect(
    files: Files, names: Names, avoidable: set[str], stage: Stage, effect: Effect
) -> Iterator[Complaint]:
    if not isinstance(effect, ALLOWED[stage]):
        verbs = listed(kind.__name__.lower() for kind in ALLOWED[stage])
        said = f"a {stage} rule cannot {type(effect).__name__.lower()}"
        yield "stage-effect", said, f"allowed here: {verbs}"
    elif isinstance(effect, Conclude):
        if len({type(value) for value in names.findings.get(effect.conclude, {})}) > 1:
            said = f"'{effect.conclude}' is concluded both with and without a value"
            yield "mixed-finding", said, "choose one way"
    elif isinstance(effect, Refer):
        if effect.refer not in files.named or not effect.refer.startswith("practitioner/"):
            near = did_you_mean(effect.refer, files.named)
            yield "unknown-item", f"there is no '{effect.refer}' to refer to", near
    elif isinstance(effect, Avoid):
        if effect.avoid not in avoidable:
            near = did_you_mean(effect.avoid, avoidable)
            yield "unknown-item", f"there is no '{effect.avoid}' to avoid", near
    else:
        yield from _of_recommend(files, effect)


def _of_recommend(files: Files, effect: Recommend) -> Iterator[Complaint]:
    if effect.recommend not in files.named:
        near = did_you_mean(effect.recommend, files.named)
        yield "unknown-item", f"there is no item '{effect.recommend}'", near
    elif effect.dose and (item := files.items.get(effect.recommend)):
        doses = [dose.id for dose in item.doses]
        if effect.dose not in doses:
            said = f"'{effect.recommend}' has no dose '{effect.dose}'"
            yield "unknown-dose", said, f"its doses: {listed(doses) or 'none'}"


def _items(files: Files, _: Names) -> Iterator[Found]:
    tags = files.tables[TAGS]
    for name, item in files.items.items():
        file = f"content/{name}.yaml"
        for place, tag in enumerate(item.tags):
            if tag not in tags:
                said, hint = (
                    f"there is no tag '{tag}'",
                    did_you_mean(tag, tags) or f"list it in {TAGS}",
                )
                yield file, ("tags", place), "unknown-tag", said, hint
        for swap in getattr(item, "swap_for", ()):
            if swap not in files.named:
                near = did_you_mean(swap, files.named)
                yield file, ("swap_for",), "unknown-item", f"there is no item '{swap}'", near
        ids = [dose.id for dose in item.doses]
        if len(set(ids)) < len(ids):
            yield file, ("doses",), "duplicate-id", "a dose stands here twice", ""
    for name in ("practitioner/emergency", "practitioner/same_day"):
        if name not in files.named:
            hint = "whoever cannot be decided about is sent there"
            yield f"content/{name}.yaml", (), "no-file", "this file is missing", hint


def _placeholders(files: Files, _: Names) -> Iterator[Found]:
    everywhere = frozenset(Operator.__dataclass_fields__)
    for name, file in files.read_in.items():
        for loc, text in _texts(file.data, ()):
            known = placeholders(loc) if name == "content/words.yaml" else everywhere
            for word in set(re.findall(r"\{(\w*)\}", text)) - known:
                said, hint = (
                    f"nothing fills in '{{{word}}}'",
                    f"known: {listed(sorted(known)) or 'none'}",
                )
                yield name, loc, "unknown-placeholder", said, hint


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


def _limits(files: Files, names: Names) -> Iterator[Found]:
    limits = files.tables[PLAN]
    for key in ("minutes_question", "pain_question"):
        if not isinstance(names.questions.get(getattr(limits, key)), Number):
            said = f"'{getattr(limits, key)}' is no question with a number"
            yield PLAN, (key,), "unknown-name", said, ""
    for index, section in enumerate(limits.sections):
        expected = {name for name in files.named if name.startswith(f"{section.kind}/")}
        wrong = sorted(expected.symmetric_difference(section.order))
        if wrong or len(set(section.order)) < len(section.order):
            said = "the order must name every item of its kind once"
            hint = f"missing or unknown: {listed(wrong)}"
            yield PLAN, ("sections", index, "order"), "bad-order", said, hint
        for key in ("first", "beside"):
            if other := sorted({*getattr(section, key)} - {*section.order}):
                said, hint = f"'{key}' names what is not in the order", listed(other)
                yield PLAN, ("sections", index, key), "bad-order", said, hint
        if section.at_least > section.at_most:
            said = "'at_least' is more than 'at_most'"
            yield PLAN, ("sections", index), "bad-value", said, ""
    missing = set(SHAPES) - {section.kind for section in limits.sections}
    if missing or len(limits.sections) != len(SHAPES):
        said = "each kind of item needs exactly one section"
        yield PLAN, ("sections",), "bad-order", said, listed(sorted(missing))


def _since_last(files: Files, names: Names) -> Iterator[Found]:
    rules = {entry.rule.id for entry in files.rules}
    for place, name in enumerate(files.tables[PLAN].since_last):
        if names.whole and name not in rules:
            near = did_you_mean(name, rules)
            yield PLAN, ("since_last", place), "unknown-name", f"there is no rule '{name}'", near


def _signs(files: Files, names: Names) -> Iterator[Found]:
    net = files.tables[NET]
    lists: dict[tuple[str, ...], Iterable[Sign]] = {
        **{(key,): getattr(net, key) for key in ("come_back", "go_now", "same_day")},
        **{("while_you_wait", level): signs for level, signs in net.while_you_wait.items()},
    }
    for at, signs in lists.items():
        for place, sign in enumerate(signs):
            for clause, _ in clauses(sign.when) if sign.when else ():
                if wrong := names.complaint(clause):
                    yield NET, (*at, place, "when"), *wrong


def _labels(files: Files, names: Names) -> Iterator[Found]:
    for name, item in files.items.items():
        for place, one in enumerate(item.label_when):
            for clause, _ in clauses(one.when):
                if wrong := names.complaint(clause):
                    yield f"content/{name}.yaml", ("label_when", place, "when"), *wrong


def _words(files: Files, _: Names) -> Iterator[Found]:
    words = files.tables["content/words.yaml"]
    wanted: Mapping[str, tuple[Mapping[str, object], Iterable[str]]] = {
        "urgency": (words.urgency, URGENCIES),
        "labels": (words.labels, {one for item in files.items.values() for one in labels_of(item)}),
        "sections": (words.sections, SHAPES),
        "recheck": (files.tables[NET].recheck, URGENCIES),
        "grades": (words.grades, GRADES),
    }
    for key, (given, needed) in wanted.items():
        file = NET if key == "recheck" else "content/words.yaml"
        for name in sorted(set(needed) - set(given)):
            yield file, (key,), "missing-key", f"'{name}' has no words", ""


_CHECKS: tuple[Check, ...] = (
    _unique_names, _unique_rules, _questions, _scores, _sources, _rules, _items, _placeholders,
    _limits, _since_last, _signs, _labels, _words,
)  # fmt: skip
