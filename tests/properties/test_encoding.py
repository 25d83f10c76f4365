"""The formulas that proofs rest on say of everybody what the reference engine says: random rule
sets, random people.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import islice, product
from math import prod
from pathlib import Path
from random import Random
from typing import Any

import pytest

pytest.importorskip("z3", reason="the extra `review` is not installed")
import z3
from properties.agreement import PEOPLE_EACH, Symbols, disagreements, expected, literals, shrunk
from properties.rule_sets import AVOIDABLE, ITEMS, Somebody, people, rule_set, write

from lumbar import BadAnswersError, Catalog, load
from lumbar.decision.decide import Decision, by_reference
from lumbar.engines import reference
from lumbar.engines.inference import ConflictError
from lumbar.form import encoding, formulas
from lumbar.form.encoding import Encoding, differs
from lumbar.form.formulas import FALSE, at_least, both, by_operator, either, opposite
from lumbar.form.space import AnswerSpace
from lumbar.intake.answers import Answers, faults
from lumbar.review.proof.claimed import ClaimProofs, harmful
from lumbar.review.proof.prover import Prover
from lumbar.review.proof.translation import to_z3
from lumbar.review.properties.safety import AnswerChange, Property
from lumbar.rulebook.conditions import (
    Answered,
    Bare,
    Comparison,
    Inclusion,
    Membership,
    Not,
    Unanswered,
    clauses,
)
from lumbar.rulebook.questionnaire import NONE, Number, OneOf, Questionnaire, SeveralOf, Topic
from lumbar.rulebook.rules import Avoid, Conclude, Recommend, Refer, Rule

SEEDS = range(80)


@pytest.mark.parametrize(
    "seeds", [SEEDS[start::4] for start in range(4)], ids=lambda seeds: f"from {seeds[0]}"
)
def test_z3_says_of_everybody_what_the_reference_engine_says(seeds: range) -> None:
    found = next((one for seed in seeds for one in disagreements(seed, PEOPLE_EACH)), None)
    assert found is None, str(shrunk(found))


def test_formulas_rest_on_nothing_but_answers() -> None:
    assert [Symbols(rule_set(seed)).loose() for seed in SEEDS[:20]] == [set()] * 20


def test_two_rule_sets_differ_for_whom_they_decide_differently() -> None:
    assert [seed for seed in SEEDS if not told_apart(seed, differs)] == []


def test_votes_forgotten_in_comparing_two_rule_sets_are_missed() -> None:
    assert not all(told_apart(seed, partial(differs, votes=False)) for seed in range(400))


def told_apart(seed: int, differs: Callable[[Encoding, Encoding], Any]) -> bool:
    """Return whether Z3 says of everybody, and of two rule sets, which takes the answers and if
    they decide alike.
    """
    one = rule_set(seed)
    other = variant(one, seed)
    space = AnswerSpace(one, other)
    sides = [Encoding(each, space) for each in (one, other)]
    apart = differs(*sides)
    solver = z3.SolverFor("QF_FD")
    everybody = (*people(one, seed, 8), *people(other, seed, 8))
    return all(
        solver.check(*map(to_z3, agreed(space, sides, apart, somebody))) == z3.sat
        for somebody in everybody
    )


def agreed(
    space: AnswerSpace, sides: list[Encoding], apart: Any, somebody: Somebody
) -> Iterator[Any]:
    """Yield somebody's answers, and what Z3 should then say of two rule sets."""
    for name, variable in space.variables.items():
        yield from literals(variable, somebody.answers.get(name), somebody.torn.get(name))
    seen = [decided(each.catalog, somebody) for each in sides]
    yield from (
        each.valid if result else opposite(each.valid)
        for each, result in zip(sides, seen, strict=True)
    )
    if all(seen) and "conflict" not in seen:
        yield apart if seen[0] != seen[1] else opposite(apart)


def decided(catalog: Catalog, somebody: Somebody) -> Any:
    """Return what a rule set decides, "conflict" where it contradicts itself, None where it refuses
    the answers.
    """
    about, true = expected(catalog, somebody)
    told = {"urgency", "referred", "avoided", "dose", "votes"}
    return (
        {key for key in true if key[0] in told}
        if about == "everything"
        else "conflict"
        if true
        else None
    )


def variant(catalog: Catalog, seed: int) -> Catalog:
    """Return a rule set like another, but for one rule or one question."""
    rnd = Random(f"variant {seed}")
    if rnd.random() < 0.4:
        return asked_otherwise(catalog, rnd)
    name = rnd.choice(list(catalog.rules))
    rules = dict(catalog.rules)
    mine = rules.pop(name)
    if rnd.random() < 0.7:
        then = rnd.choice(
            [one.then for one in catalog.by_stage[catalog.stage_of[name]]] or [mine.then]
        )
        when = mine.when if rnd.random() < 0.5 else Not(mine.when)
        rules[name] = Rule(**{**dict(mine), "then": then, "when": when})
    return replace(catalog, rules=rules)


def asked_otherwise(catalog: Catalog, rnd: Random) -> Catalog:
    """Return a rule set that takes fewer answers to one question."""
    asked = catalog.questionnaire
    name = rnd.choice(list(asked.questions))

    def fewer(question: Any) -> Any:
        if question.id != name:
            return question
        if isinstance(question, Number):
            more = {"high": question.high - 1, "example": question.low}
        else:
            left = question.options[1:]
            more = {
                "options": left,
                "example": left[-1].id if isinstance(question, OneOf) else (left[-1].id,),
            }
        return type(question)(**{**dict(question), **more})

    topics = tuple(
        Topic(**{**dict(topic), "questions": tuple(map(fewer, topic.questions))})
        for topic in asked.topics
    )
    return replace(catalog, questionnaire=Questionnaire(topics, asked.scores))


# A bug planted in the encoding, by what it gets wrong. Each must be found, or the comparison is
# blind to it.


def at_least_one_more(count: int, weighted: Any) -> Any:
    return at_least(count + 1, weighted)


def either_but_the_last(parts: Any) -> Any:
    some = list(parts)
    return either(some[:-1] if len(some) > 2 else some)


def or_equal_left_out(operator: str, reached: Any, passed: Any) -> Any:
    return by_operator({"<=": "<", ">=": ">"}.get(operator, operator), reached, passed)


def unknown_taken_as_false(
    self: Encoding, clause: Any, of_answers: Callable[..., Any] = Encoding._of_answers
) -> Any:
    true, _ = of_answers(self, clause)
    return true, opposite(true)


def once_a_stage(self: Encoding, stage: Any) -> None:
    for rule in self.catalog.by_stage[stage]:
        self.fires[rule.id] = self.truth(rule.when)[0]
    self._conclude()


def asked_only_when_known(self: Encoding, conditions: Any) -> Any:
    return both(self.truth(one)[0] for one in conditions)


def asked_though_never_applies(self: Encoding, conditions: Any) -> Any:
    return both(opposite(self.truth(one)[1]) for one in conditions)


def all_that_ask_for_it(self: Encoding, item: str, count: int) -> Any:
    return both(
        (self.recommended[item], at_least(count, ((part, 1) for _, part in self.asked[item])))
    )


def never_contradicting(_: Encoding) -> Any:
    return FALSE


def offered_however_urgent(self: Encoding) -> Any:
    return {
        item: both((either(part for _, part in asked), opposite(self.avoided[item])))
        for item, asked in self.asked.items()
    }


BUGS: dict[str, tuple[Any, str, Any]] = {
    "a sum is one too high": (encoding, "at_least", at_least_one_more),
    "the last alternative is lost": (encoding, "either", either_but_the_last),
    "the number itself is left out": (encoding, "by_operator", or_equal_left_out),
    "unknown is false": (Encoding, "_of_answers", unknown_taken_as_false),
    "rules do not chain": (Encoding, "_run", once_a_stage),
    "asked only when that is known": (Encoding, "_open", asked_only_when_known),
    "asked though it does not apply": (Encoding, "_open", asked_though_never_applies),
    "gentler rules vote too": (Encoding, "votes", all_that_ask_for_it),
    "rules never contradict": (Encoding, "_conflict", never_contradicting),
    "items in spite of urgency": (Encoding, "recommended", property(offered_however_urgent)),
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_in_the_encoding_is_found(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*BUGS[bug])
    assert any(True for seed in SEEDS for _ in disagreements(seed, PEOPLE_EACH))


def test_a_disagreement_is_shown_with_as_little_as_it_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(*BUGS["unknown is false"])
    found = next(one for seed in SEEDS for one in disagreements(seed, PEOPLE_EACH))
    less = shrunk(found)
    assert len(less.catalog.rules) <= 1
    assert less.about
    assert str(less.about[0]) in str(less)


def test_formulas_do_not_change_what_they_join() -> None:
    assert formulas.either(()) is FALSE
    assert opposite(formulas.both(())) is FALSE


# The generator: it stays inside the language, and reaches all of it.


@pytest.mark.parametrize("seed", [f"written {number}" for number in range(8)])
def test_random_rule_sets_are_ones_that_an_author_could_write(seed: str, tmp_path: Path) -> None:
    catalog = rule_set(seed)
    write(catalog, tmp_path)
    read = load(tmp_path)
    for somebody in people(catalog, seed, 20):
        assert came_out(read, somebody) == came_out(catalog, somebody)


def came_out(catalog: Catalog, somebody: Somebody) -> Any:
    if odd(catalog, somebody):
        return ()
    try:
        decision = by_reference(catalog, somebody.answers)
    except BadAnswersError as error:
        return error.problems
    except ConflictError:
        return "conflict"
    return decision.inference, decision.urgency, decision.referrals, decision.recommended


def odd(catalog: Catalog, somebody: Somebody) -> bool:
    """Return whether an answer is none."""
    return bool(somebody.torn or faults(catalog.questionnaire, raw(somebody.answers)))


def reached(seed: int) -> Iterator[Any]:
    """Yield what of the language a random rule set and its people come by."""
    catalog = rule_set(seed)
    asked = catalog.questionnaire
    yield from (type(one) for one in asked.questions.values())
    yield from ("known" for _ in asked.known)
    yield from (
        way
        for score in asked.scores
        for way in ("sum", "mean", "count", "fall")
        if getattr(score, way)
    )
    for conditions in asked.shown_when.values():
        yield f"shown by {len(conditions)}"
        yield from (("in shown_when", type(part)) for one in conditions for part, _ in clauses(one))
        gates = {gate for one in conditions for gate in one.reads}
        yield from (
            "shown by what is itself shown by something" for gate in gates if asked.shown_when[gate]
        )
    for rule in catalog.rules.values():
        yield rule.status
        yield from reached_by_condition(catalog, rule.when)
        for effect in rule.then:
            yield from reached_by_effect(effect)
    for stage, rules in catalog.chained.items():
        yield from (("chained", stage) for rule in rules)
        yield from (
            "in a circle" for rule in rules if not set(rule.concludes).isdisjoint(rule.when.reads)
        )
    for somebody in people(catalog, seed, 30):
        yield from reached_by(catalog, somebody)


def reached_by_condition(catalog: Catalog, condition: Any) -> Iterator[Any]:
    scores = {one.id for one in catalog.questionnaire.scores}
    for clause, negated in clauses(condition):
        question = catalog.questionnaire.questions.get(clause.name)
        about = type(question) if question else "score" if clause.name in scores else "finding"
        yield type(clause), about, getattr(clause, "operator", ""), negated
        if isinstance(clause, Comparison) and clause.threshold:
            yield "a threshold"


def reached_by_effect(effect: Any) -> Iterator[Any]:
    if isinstance(effect, Avoid):
        yield Avoid, effect.avoid
    elif isinstance(effect, Recommend):
        yield Recommend, effect.dose
    else:
        yield (
            (Refer, effect.urgency)
            if isinstance(effect, Refer)
            else (Conclude, effect.value is None)
        )


def reached_by(catalog: Catalog, somebody: Somebody) -> Iterator[Any]:
    if odd(catalog, somebody):
        yield "torn" if somebody.torn else "not one answer"
        return
    facts, misplaced = catalog.questionnaire.facts(dict(somebody.answers))
    if misplaced:
        yield "misplaced"
        return
    yield from (
        ("applies", shown) for _, shown in catalog.questionnaire.walk(dict(somebody.answers))
    )
    yield from ("told" for name in catalog.questionnaire.known if name in facts.known)
    try:
        known = facts.having(dict(reference.infer(catalog, facts).findings))
    except ConflictError:
        yield "conflict"
        return
    for rules in catalog.by_stage.values():
        yield from (
            ("truth", type(part), part.truth(known))
            for rule in rules
            for part, _ in clauses(rule.when)
        )
        yield from (("truth", rule.when.truth(known)) for rule in rules)


OPERATORS = ("==", "!=", "<", "<=", ">", ">=")
MUST_REACH = {
    Number, OneOf, SeveralOf, "sum", "mean", "count", "fall", "known", "told", "a threshold", "draft", "retired", "in a circle",
    "shown by 0", "shown by 1", "shown by 2", "shown by what is itself shown by something",
    ("chained", "triage"), ("chained", "profile"), "conflict", "torn", "not one answer", "misplaced",
    *((Comparison, Number, operator, negated) for operator in OPERATORS for negated in (True, False)),
    *((Comparison, OneOf, operator, negated) for operator in OPERATORS[:2] for negated in (True, False)),
    *((Comparison, "finding", operator, negated) for operator in OPERATORS[:2] for negated in (True, False)),
    (Comparison, "score", ">=", False), (Comparison, "score", ">", False),
    *((Membership, about, "", negated) for about in (Number, OneOf, "finding") for negated in (True, False)),
    *((Inclusion, SeveralOf, "", negated) for negated in (True, False)),
    *((Bare, "finding", "", negated) for negated in (True, False)),
    *((kind, about, "", negated) for kind in (Answered, Unanswered)
      for about in (Number, OneOf, SeveralOf) for negated in (True, False)),
    *((Avoid, target) for target in AVOIDABLE),
    *((Recommend, dose) for dose in (None, "gentle", "standard", "full")),
    *((Refer, urgency) for urgency in ("emergency", "same_day", "within_days", "routine")),
    (Conclude, True), (Conclude, False),
    *(("truth", kind, truth) for kind in (Comparison, Membership, Inclusion) for truth in (True, False, None)),
    *(("truth", kind, truth) for kind in (Bare, Answered, Unanswered) for truth in (True, False)),
    *(("truth", truth) for truth in (True, False, None)),
    *(("applies", shown) for shown in (True, False, None)),
    *(("in shown_when", kind) for kind in (Comparison, Membership, Inclusion, Answered, Unanswered)),
}  # fmt: skip


def test_random_rule_sets_reach_every_part_of_the_language() -> None:
    assert MUST_REACH - {one for seed in SEEDS for one in reached(seed)} == set()


# The search: it finds somebody wherever there is one, and nobody nearer to the example person
# exists.


def test_the_person_found_is_the_nearest_there_is() -> None:
    small = (catalog for catalog in map(rule_set, SEEDS) if size(catalog) <= 600)
    for catalog in islice(small, 12):
        prover = Prover.of(catalog)
        everybody = list(whole_space(catalog))
        for name, fires in prover.encoding.fires.items():
            found = prover.find(fires, opposite(prover.encoding.conflict))
            who = [answers for answers, fired in everybody if name in fired]
            nearest = min((from_example(catalog, answers) for answers in who), default=None)
            assert nearest == (None if found is None else from_example(catalog, found))


@pytest.mark.parametrize("never", ["lowers_urgency", "offers_what_was_avoided"])
def test_a_worse_answer_does_harm_where_trying_everybody_says_so(never: str) -> None:
    small = (ordered(catalog) for catalog in map(rule_set, range(300)) if size(catalog) <= 200)
    verdicts = []
    for catalog in islice(small, 50):
        names = [
            name
            for name, one in catalog.questionnaire.questions.items()
            if not isinstance(one, SeveralOf)
        ]
        about = {"id": "worse", "title": "Worse", "hazard": "any", "source": "toy-study"}
        prop = Property(**about, for_each=tuple(names), change=AnswerChange(never=never))
        for name, proof in zip(names, ClaimProofs(Prover.of(catalog)).proofs([prop]), strict=True):
            verdicts.append(proof().proved)
            harms = [harmful(prop.change, *pair) for pair in worsened(catalog, name)]
            assert verdicts[-1] is (
                bool(harms) and not any(harms)
            )  # what is about nobody is not proved
    assert {*verdicts} == {True, False}


def ordered(catalog: Catalog) -> Catalog:
    """Return a rule set whose questions say which answers are worse, and whose care is what its
    cautions are about.
    """

    def with_order(question: Any) -> Any:
        if isinstance(question, SeveralOf):
            return question
        order = "ascending" if isinstance(question, Number) else tuple(question.labels)
        return replace(question, better_to_worse=order)

    asked = catalog.questionnaire
    topics = tuple(
        Topic(**{**dict(topic), "questions": tuple(map(with_order, topic.questions))})
        for topic in asked.topics
    )
    kept_out = next(
        (effect.avoid for one in catalog.by_stage["cautions"] for effect in one.avoids), ITEMS[-1]
    )
    then = (Recommend(recommend=catalog.targets.get(kept_out, (kept_out,))[0]),)
    care = {one.id: Rule(**{**dict(one), "then": then}) for one in catalog.by_stage["care"]}
    return replace(
        catalog, questionnaire=Questionnaire(topics, asked.scores), rules={**catalog.rules, **care}
    )


def worsened(catalog: Catalog, name: str) -> Iterator[tuple[Decision, Decision]]:
    """Yield what everybody gets before and after each worse answer to one question."""
    everybody = {frozenset(one.items()): one for one, _ in whole_space(catalog)}
    order = every_answer(catalog.questionnaire.questions[name])[1:]
    decisions = {key: outcome(catalog, one) for key, one in everybody.items()}
    for key, one in everybody.items():
        for worse in order[order.index(one[name]) + 1 :] if name in one else ():
            after = frozenset({**one, name: worse}.items())
            if after in decisions:
                yield decisions[key], decisions[after]


def outcome(catalog: Catalog, answers: Mapping[str, Any]) -> Decision:
    return by_reference(catalog, Answers.typed(catalog.questionnaire, answers))


def from_example(catalog: Catalog, answers: Mapping[str, Any]) -> int:
    return len(catalog.questionnaire.unlike_example(raw(answers)))


def raw(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: sorted(one) if isinstance(one, frozenset) else one for name, one in answers.items()
    }


def size(catalog: Catalog) -> int:
    return prod(len(every_answer(one)) for one in catalog.questionnaire.questions.values())


def whole_space(catalog: Catalog) -> Iterator[tuple[dict[str, Any], tuple[str, ...]]]:
    """Yield all answers there can be, but for numbers that no rule tells apart, each with the rules
    that fire.
    """
    names = list(catalog.questionnaire.questions)
    for values in product(*(every_answer(one) for one in catalog.questionnaire.questions.values())):
        answers = {
            name: value for name, value in zip(names, values, strict=True) if value is not None
        }
        facts, misplaced = catalog.questionnaire.facts(answers)
        if misplaced:
            continue
        try:
            yield answers, reference.infer(catalog, facts).fired
        except ConflictError:
            continue


def every_answer(question: Any) -> list[Any]:
    if isinstance(question, Number):
        around = {
            question.low,
            question.high,
            question.example,
            *range(question.low, min(question.high, 13) + 1),
        }
        return [None, *sorted(around)]
    if isinstance(question, OneOf):
        return [None, *question.labels]
    some = [one for one in question.labels if one != NONE]
    chosen = product(*((False, True) for _ in some))
    sets = [
        frozenset(one for one, is_in in zip(some, ways, strict=True) if is_in) for ways in chosen
    ]
    return [None, frozenset({NONE}), *filter(None, sets)]
