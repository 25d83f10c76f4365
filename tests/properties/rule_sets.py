"""Random small rule sets with every part of the language in them, and random people to answer their
questions.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import yaml

from lumbar import Catalog, load
from lumbar.reading.record import Record
from lumbar.rulebook.conditions import (
    And,
    Answered,
    Bare,
    Clause,
    Comparison,
    Condition,
    Inclusion,
    Membership,
    Not,
    Or,
    Unanswered,
)
from lumbar.rulebook.items import URGENCIES
from lumbar.rulebook.questionnaire import (
    NONE,
    Known,
    Number,
    OneOf,
    Option,
    Questionnaire,
    SeveralOf,
    Topic,
)
from lumbar.rulebook.rules import STAGES, Avoid, Conclude, Effect, Recommend, Refer, Rule, Stage
from lumbar.rulebook.scores import Score

TOY = Path(__file__).parents[1] / "toy"
ITEMS = (
    "practitioner/emergency", "practitioner/same_day", "practitioner/gp", "practitioner/acupuncturist",
    "exercise/bridge", "exercise/bird_dog", "exercise/walking", "massage/knead", "massage/roll", "massage/knock",
    "rest/relative_rest", "habit/pacing",
)  # fmt: skip
AVOIDABLE = (*ITEMS, "massage/*", "exercise/*", "tag:floor", "tag:percussion")
# gets a third dose, so that something lies between the gentlest and the strongest
WITH_FULL = "exercise/walking"
VALUES = ("low", "mid", "high")
WHOLE = ("==", "!=", "<", "<=", ">", ">=")
Question = Number | OneOf | SeveralOf
Maker = Callable[
    [Random, bool], Clause
]  # a clause, for a place that is under an odd number of nots or not


@cache
def toy() -> Catalog:
    """Return the toy with fewer items, one of them with three doses: what every random rule set is
    built upon.
    """
    whole = load(TOY)
    items = {name: whole.items[name] for name in ITEMS}
    doses = items[WITH_FULL].doses
    more = (*doses, replace(doses[-1], id="full"))
    items[WITH_FULL] = replace(items[WITH_FULL], doses=more)
    return replace(whole, items=items)


def rule_set(seed: object) -> Catalog:
    """Return the random rule set of a seed: two to six questions, up to two scores, three to twelve
    rules.
    """
    rnd = Random(f"rules {seed}")
    thresholds = dict(list(toy().thresholds.items())[: rnd.randint(0, 3)])
    numbers = {name: rnd.randint(-1, 6) for name in thresholds}
    thresholds = {name: replace(one, value=numbers[name]) for name, one in thresholds.items()}
    topics = tuple(_topics(rnd, numbers))
    questions = {one.id: one for topic in topics for one in topic.questions}
    scores = tuple(_scores(rnd, questions, numbers))
    drafts = _effects(rnd)
    rules = dict(_rules(rnd, drafts, questions, [score.id for score in scores], numbers))
    return replace(
        toy(),
        questionnaire=Questionnaire(topics, scores),
        thresholds=thresholds,
        rules=rules,
        stage_of={name: stage for (stage, _), name in zip(drafts, rules, strict=True)},
        topic_of=dict.fromkeys(rules, "any"),
        limits=replace(
            toy().limits,
            **dict.fromkeys(("minutes_question", "pain_question"), next(iter(questions))),
        ),
        sha256=sha256(str(seed).encode()).hexdigest(),  # the live engine knows a rule set by it
    )


def _topics(rnd: Random, numbers: Mapping[str, int]) -> Iterator[Topic]:
    asked: dict[str, Question] = {}
    for place in range(rnd.randint(1, 3)):
        shown_when = _shown_when(rnd, asked, numbers)
        questions = []
        for _ in range(rnd.randint(1, 2)):
            name = f"q_{'abcdef'[len(asked)]}"
            question = _question(rnd, name, _shown_when(rnd, asked, numbers))
            if not asked:
                question = _number(
                    rnd, name, None
                )  # the first stands for the minutes a day of a plan
            elif isinstance(question, Number) and rnd.random() < 0.3:
                question = replace(question, shown_when=None, known=Known(visit="first"))
            asked[name] = question
            questions.append(question)
        yield Topic(
            id=f"topic_{'abc'[place]}",
            title="Topic",
            intro="",
            shown_when=shown_when,
            questions=tuple(questions),
        )


def _shown_when(
    rnd: Random, asked: Mapping[str, Question], numbers: Mapping[str, int]
) -> Condition | None:
    if not asked or rnd.random() < 0.5:
        return None
    return _condition(rnd, list(_about_answers(asked, numbers)))


def _question(rnd: Random, name: str, shown_when: Condition | None) -> Question:
    return rnd.choice((_number, _one_of, _one_of, _several_of))(rnd, name, shown_when)


def _told(name: str, shown_when: Condition | None, **more: Any) -> dict[str, Any]:
    words = {
        "id": name,
        "name": name,
        "text": f"What is {name}?",
        "help": "Think back.",
        "why": "It matters.",
    }
    return {
        **words,
        "shown_when": shown_when,
        "sign": None,
        "watch_for": None,
        "code": None,
        **more,
    }


def _number(rnd: Random, name: str, shown_when: Condition | None) -> Number:
    low = rnd.choice((0, 0, 1, -1))
    high = low + rnd.choice((1, 2, 4, 8, 40))
    more = {
        "type": "number",
        "low": low,
        "high": high,
        "unit": "points",
        "units": {},
        "better_to_worse": None,
    }
    return Number(**_told(name, shown_when, example=rnd.randint(low, high), **more))


def _one_of(rnd: Random, name: str, shown_when: Condition | None) -> OneOf:
    ids = ("no", "unsure", "yes", "new")[: rnd.randint(2, 4)]
    points = [rnd.randint(-1, 3) if rnd.random() < 0.9 else None for _ in ids]
    pointed = rnd.random() < 0.5 and None not in points
    options = tuple(
        Option(id=one, label=one, points=worth if pointed else None)
        for one, worth in zip(ids, points, strict=True)
    )
    more = {
        "type": "one_of",
        "options": options,
        "example": rnd.choice(ids),
        "better_to_worse": None,
    }
    return OneOf(**_told(name, shown_when, **more))


def _several_of(rnd: Random, name: str, shown_when: Condition | None) -> SeveralOf:
    ids = [*("lump", "rash", "itch")[: rnd.randint(1, 3)], NONE]
    options = tuple(Option(id=one, label=one) for one in ids)
    return SeveralOf(
        **_told(name, shown_when, type="several_of", options=options, example=(rnd.choice(ids),))
    )


def _scores(
    rnd: Random, questions: Mapping[str, Question], numbers: Mapping[str, int]
) -> Iterator[Score]:
    addable = [
        name
        for name, one in questions.items()
        if isinstance(one, Number) or getattr(one, "points", None)
    ]
    for place in range(rnd.randint(0, 2)):
        apart = [name for name, one in questions.items() if isinstance(one, Number)]
        ways = ("count", "sum", "mean") if addable else ("count",)
        way = rnd.choice((*ways, "fall") if len(apart) > 1 else ways)
        parts: Sequence[Any]
        if way == "count":
            parts = [
                _condition(rnd, list(_about_answers(questions, numbers)))
                for _ in range(rnd.randint(1, 4))
            ]
        elif way == "fall":
            parts = rnd.sample(apart, 2)
        else:
            parts = rnd.sample(addable, rnd.randint(1, min(3, len(addable))))
        empty: dict[str, Any] = {"sum": (), "mean": (), "count": (), "fall": ()}
        empty |= {"code": None, "note": ""}
        told = {
            "id": f"score_{'ab'[place]}",
            "title": "Score",
            "unit": "points",
            "source": "toy-study",
        }
        yield Score(**{**told, **empty, way: tuple(parts)})


@dataclass
class _Finding:
    """A finding to conclude, in these stages, with one of the values or without."""

    name: str
    stages: tuple[Stage, ...]
    values: tuple[str | None, ...]


def _effects(rnd: Random) -> list[tuple[Stage, tuple[Effect, ...]]]:
    """Return stage and effects of each rule, in the order of the stages; their conditions come
    later.
    """
    shapes: list[tuple[Stage, ...]] = [("triage",), ("profile",), ("triage", "profile")]
    findings = [
        _Finding(f"f_{letter}", rnd.choice(shapes), VALUES if rnd.random() < 0.35 else (None,))
        for letter in "abcd"[: rnd.randint(1, 4)]
    ]
    stages = sorted(rnd.choices(STAGES, (4, 4, 3, 4), k=rnd.randint(3, 12)), key=STAGES.index)
    return [(stage, tuple(_some_effects(rnd, stage, findings))) for stage in stages]


def _some_effects(rnd: Random, stage: Stage, findings: list[_Finding]) -> Iterator[Effect]:
    here = [one for one in findings if stage in one.stages]
    said = set()
    for _ in range(rnd.choice((1, 1, 2, 3))):
        effect = _effect(rnd, stage, here)
        target = next(iter(effect.plain().values()))
        if target not in said:  # a rule says one thing of one item or finding
            said.add(target)
            yield effect


def _effect(rnd: Random, stage: Stage, findings: list[_Finding]) -> Effect:
    if stage == "cautions":
        return Avoid(avoid=rnd.choice(AVOIDABLE))
    if stage == "care":
        item = rnd.choice(ITEMS[4:] if rnd.random() < 0.9 else ITEMS[:4])
        doses = (None, *(dose.id for dose in toy().items[item].doses))
        return Recommend(recommend=item, dose=rnd.choice(doses))
    if findings and rnd.random() < 0.6:
        finding = rnd.choice(findings)
        return Conclude(conclude=finding.name, value=rnd.choice(finding.values))
    return Refer(refer=rnd.choice(ITEMS[:4]), urgency=rnd.choice(URGENCIES[:-1]))  # type: ignore[arg-type]


def _rules(
    rnd: Random,
    drafts: list[tuple[Stage, tuple[Effect, ...]]],
    questions: Mapping[str, Question],
    scores: Sequence[str],
    numbers: Mapping[str, int],
) -> Iterator[tuple[str, Rule]]:
    retired = {place for place in range(len(drafts)) if rnd.random() < 0.04}
    concluded: dict[str, list[tuple[Stage, str | None]]] = {}
    for place, (stage, then) in enumerate(drafts):
        for effect in then:
            if isinstance(effect, Conclude) and place not in retired:
                concluded.setdefault(effect.conclude, []).append((stage, effect.value))
    template = dict(next(iter(toy().rules.values())))
    for place, (stage, then) in enumerate(drafts):
        makers = [*_about_answers(questions, numbers), *_about_scores(scores, numbers)]
        makers += [maker for maker in _about_findings(stage, concluded) for _ in range(2)]
        name = f"rule-{'abcdefghijkl'[place]}"
        status = "retired" if place in retired else "draft"
        made = {"id": name, "title": name, "then": then, "status": status, "examples": ()}
        yield name, Rule(**{**template, **made, "when": _condition(rnd, makers)})


def _condition(
    rnd: Random, makers: list[Maker], depth: int = 2, negated: bool = False
) -> Condition:
    """Return a random condition of these clauses, at most two levels of and, or and not."""
    kind = rnd.random()
    if depth and kind < 0.2:
        return Not(_condition(rnd, makers, depth - 1, not negated))
    if depth and kind < 0.55:
        joined = rnd.choice((And, Or))
        return joined(
            tuple(_condition(rnd, makers, depth - 1, negated) for _ in range(rnd.randint(2, 3)))
        )
    return _clause(rnd, makers, negated)


def _clause(rnd: Random, makers: list[Maker], negated: bool) -> Clause:
    for _ in range(20):
        try:
            return rnd.choice(makers)(rnd, negated)
        except _NotHereError:
            continue
    return Answered("q_a")


class _NotHereError(Exception):
    """This clause may not stand under a not, in this stage."""


def _about_answers(
    questions: Mapping[str, Question], numbers: Mapping[str, int]
) -> Iterator[Maker]:
    for question in questions.values():
        yield lambda rnd, _, q=question: _of_question(rnd, q, numbers)
        yield lambda rnd, _, q=question: _of_question(rnd, q, numbers)
        yield lambda rnd, _, q=question: rnd.choice((Answered, Unanswered))(q.id)


def _of_question(rnd: Random, question: Question, numbers: Mapping[str, int]) -> Clause:
    if isinstance(question, SeveralOf):
        return Inclusion(question.id, rnd.choice(list(question.labels)))
    if isinstance(question, OneOf):
        values = list(question.labels)
        if rnd.random() < 0.4:
            return Membership(question.id, tuple(rnd.sample(values, rnd.randint(1, len(values)))))
        return Comparison(question.id, rnd.choice(("==", "!=")), rnd.choice(values))
    around = range(question.low - 1, min(question.high, question.low + 9) + 2)
    if rnd.random() < 0.2:
        return Membership(question.id, tuple(rnd.choices(around, k=rnd.randint(1, 3))))
    return _compared(rnd, question.id, WHOLE, around, numbers)


def _compared(
    rnd: Random,
    name: str,
    operators: Sequence[str],
    around: Sequence[int],
    numbers: Mapping[str, int],
) -> Comparison:
    if numbers and rnd.random() < 0.3:
        threshold = rnd.choice(list(numbers))
        return Comparison(name, rnd.choice(operators), numbers[threshold], threshold)
    return Comparison(name, rnd.choice(operators), rnd.choice(around))


def _about_scores(scores: Sequence[str], numbers: Mapping[str, int]) -> Iterator[Maker]:
    for score in scores:

        def maker(rnd: Random, negated: bool, name: str = score) -> Clause:
            if negated:
                raise _NotHereError
            return _compared(rnd, name, (">=", ">"), range(-1, 7), numbers)

        yield maker


def _about_findings(
    stage: Stage, concluded: Mapping[str, list[tuple[Stage, str | None]]]
) -> Iterator[Maker]:
    here = STAGES.index(stage)
    for finding, said in concluded.items():
        stages = [STAGES.index(one) for one, _ in said]
        values = sorted({value for _, value in said if value is not None})
        if min(stages) <= here:
            settled = max(stages) < here
            yield lambda rnd, negated, f=finding, v=values, s=settled: _of_finding(
                rnd, f, v, negated and not s
            )


def _of_finding(rnd: Random, finding: str, values: list[str], too_early: bool) -> Clause:
    if values and rnd.random() < 0.3:
        return Membership(finding, tuple(rnd.sample(values, rnd.randint(1, len(values)))))
    if values:
        return Comparison(finding, rnd.choice(("==", "!=")), rnd.choice(values))
    if too_early:
        raise _NotHereError
    return Bare(finding)


@dataclass(frozen=True)
class Somebody:
    """Answers, and which answers are no answer: two options at once, or a number that skips a step.

    `torn` maps a number question to the numbers it is said to reach, which no number does.
    """

    answers: Mapping[str, Any]
    torn: Mapping[str, frozenset[int]] = field(default_factory=dict)


def people(catalog: Catalog, seed: object, count: int) -> Iterator[Somebody]:
    """Yield random people for a rule set: most valid, some with gaps, a few whose answers nobody
    can give.
    """
    rnd = Random(f"people {seed}")
    for _ in range(count):
        gaps = rnd.choice((0, 0, 0.1, 0.4))
        somebody = Somebody(dict(_answered(rnd, catalog.questionnaire, gaps, rnd.random() < 0.06)))
        yield _impossible(rnd, catalog, somebody) if rnd.random() < 0.04 else somebody


def _answered(
    rnd: Random, questionnaire: Questionnaire, gaps: float, misplaced: bool
) -> Iterator[tuple[str, Any]]:
    answers: dict[str, Any] = {}
    for name, shown in questionnaire.walk(answers):
        told = name in questionnaire.known and rnd.random() < 0.7
        if (shown is not False or misplaced or told) and rnd.random() >= gaps:
            answers[name] = _answer(rnd, questionnaire.questions[name])
    yield from answers.items()


def _answer(rnd: Random, question: Question) -> Any:
    if isinstance(question, Number):
        return rnd.choice(
            (question.low, question.high, rnd.randint(question.low, min(question.high, 8)))
        )
    options = list(question.labels)
    if isinstance(question, OneOf):
        return rnd.choice(options)
    some = [one for one in options if one != NONE]
    return (
        frozenset(rnd.sample(some, rnd.randint(1, len(some))))
        if some and rnd.random() < 0.7
        else frozenset({NONE})
    )


def _impossible(rnd: Random, catalog: Catalog, somebody: Somebody) -> Somebody:
    question = rnd.choice(list(catalog.questionnaire.questions.values()))
    if isinstance(question, Number):
        return replace(somebody, torn={question.id: frozenset({question.high})})
    options = list(question.labels)
    both = {NONE, options[0]} if isinstance(question, SeveralOf) else set(options[:2])
    return replace(somebody, answers={**somebody.answers, question.id: frozenset(both)})


def smaller(catalog: Catalog) -> Iterable[Catalog]:
    """Yield the rule set without each of its rules in turn."""
    for name in catalog.rules:
        rules = {one: rule for one, rule in catalog.rules.items() if one != name}
        yield replace(catalog, rules=rules)


def write(catalog: Catalog, root: Path) -> None:
    """Write a random rule set over a copy of the toy, as its author would."""
    shutil.copytree(TOY, root, dirs_exist_ok=True)
    for stage in STAGES:
        shutil.rmtree(root / "rules" / stage)
        rules = [
            _as_written(rule)
            for name, rule in catalog.rules.items()
            if catalog.stage_of[name] == stage
        ]
        _dump(root / "rules" / stage / "any.yaml", rules) if rules else (
            root / "rules" / stage
        ).mkdir()
    _dump(
        root / "rules" / "thresholds.yaml",
        [_as_written(one) for one in catalog.thresholds.values()],
    )
    _dump(
        root / "rules" / "scores.yaml", [_as_written(one) for one in catalog.questionnaire.scores]
    )
    _dump(
        root / "content" / "questionnaire.yaml",
        {"topics": [_as_written(one) for one in catalog.questionnaire.topics]},
    )
    plan = (root / "rules" / "plan.yaml").read_text(encoding="utf-8")
    minutes = f"minutes_question: {catalog.limits.minutes_question}"
    pain = f"pain_question: {catalog.limits.pain_question}"
    plan = plan.replace("minutes_question: minutes_a_day", minutes)
    _put(root / "rules" / "plan.yaml", plan.replace("pain_question: pain_now", pain))
    item = root / "content" / f"{WITH_FULL}.yaml"
    standard = "  - {id: standard,"
    lines = item.read_text(encoding="utf-8").splitlines(keepends=True)
    more = [one.replace("standard", "full") for one in lines if one.startswith(standard)]
    place = next(number for number, one in enumerate(lines) if one.startswith(standard)) + 1
    _put(item, "".join([*lines[:place], *more, *lines[place:]]))


def _dump(path: Path, data: Any) -> None:
    _put(path, yaml.safe_dump(data))


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _as_written(part: Any) -> Any:
    """Return a record, condition or plain value as it stands in a file, without what is empty."""
    if isinstance(part, Record):
        told = {name: _as_written(one) for name, one in part}
        return {name: value for name, value in told.items() if value not in (None, [], {}, "")}
    if isinstance(part, (tuple, list)):
        return [_as_written(one) for one in part]
    return str(part) if isinstance(part, Condition) else part
