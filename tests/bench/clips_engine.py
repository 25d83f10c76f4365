"""The shipped rules in CLIPS: one defrule a rule, one fact an answer, stages by salience."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

import clips

from lumbar import Catalog
from lumbar.engines.inference import Inference, conclude, inference
from lumbar.rulebook.conditions import (
    OPPOSITE,
    And,
    Answered,
    Bare,
    Comparison,
    Condition,
    Facts,
    Inclusion,
    Membership,
    Not,
    Or,
    Unanswered,
    Value,
    clauses,
)
from lumbar.rulebook.rules import STAGES, Rule

_OPERATORS = {"==": "=", "!=": "<>"}
_YES = clips.Symbol("yes")


_START = (
    "(defglobal ?*fired* = (create$))",
    "(deftemplate fact (slot of) (slot is))",
    """(deffunction assert-all (?names ?values)
         (loop-for-count (?n (length$ ?names)) (assert (fact (of (nth$ ?n ?names)) (is (nth$ ?n ?values))))))""",
)


class ClipsEngine:
    """An environment with every rule compiled once, reset for each person.

    An answer is a fact such as `(fact (of age) (is 42))`, one a picked option where several can be
    picked; those of `age-answered` and `age-unanswered` stand beside it where a rule asks for that.
    A conclusion is a fact as well, so rules chain as CLIPS does it, and a rule that needs a finding
    to be absent is of a later stage: of a lower salience. Facts that no rule could match are not
    asserted, as the live engine is not sent them either.

    All facts go in through one call of a deffunction: a text of facts is parsed at some 30 us a
    fact, and clipspy 1.0.6 never frees what its `assert_fact` makes, which slows every reset (it
    calls ReleaseFact with an argument too many).
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._environment = clips.Environment()
        for construct in _START:
            self._environment.build(construct)
        rules = [rule for every in catalog.by_stage.values() for rule in every]
        for rule in rules:
            self._environment.build(
                _defrule(rule, salience=-STAGES.index(catalog.stage_of[rule.id]))
            )
        self._tell = self._environment.find_function("assert-all")
        matched = _matched(rules)
        self._asked = [(*name.split("-"), clips.Symbol(name)) for name in matched if "-" in name]
        self._matched = [
            (name, clips.Symbol(name), values)
            for name, values in matched.items()
            if "-" not in name
        ]

    def infer(self, facts: Facts) -> Inference:
        """Return what the rules conclude of the facts."""
        self._environment.reset()
        self._assert(list(self._facts(facts)))
        self._environment.run()
        fired = dict.fromkeys(map(str, self._environment.eval("?*fired*")))
        findings: dict[str, Value] = {}
        for name in fired:
            conclude(findings, self._catalog.rules[name].concludes)
        return inference(self._catalog, fired, findings)

    def _assert(self, pairs: list[tuple[clips.Symbol, Any]]) -> None:
        self._tell([name for name, _ in pairs], [value for _, value in pairs])

    def _facts(self, facts: Facts) -> Iterator[tuple[clips.Symbol, Any]]:
        """Yield the name and value of every fact that some rule could match."""
        for name, symbol, values in self._matched:
            value = facts.known.get(name)
            if isinstance(value, frozenset):
                for option in value & values if values else value:
                    yield symbol, clips.Symbol(option)
            elif value is not None and (not values or value in values):
                yield symbol, clips.Symbol(value) if isinstance(value, str) else value
        for name, verb, symbol in self._asked:
            if name in (facts.known if verb == "answered" else facts.unanswered):
                yield symbol, _YES


class ClipsByText(ClipsEngine):
    """The same, its facts loaded as text in one documented call, which does not leak as
    `assert_string` does.
    """

    def _assert(self, pairs: list[tuple[clips.Symbol, Any]]) -> None:
        if pairs:
            self._environment.load_facts(
                " ".join(f"(fact (of {name}) (is {value}))" for name, value in pairs)
            )


def _matched(rules: list[Rule]) -> Mapping[str, frozenset[Any]]:
    """Return, for each fact that rules read, the values they look for; none where they look for
    other than those.
    """
    found: defaultdict[str, set[Any]] = defaultdict(set)
    open_: set[str] = set()
    for rule in rules:
        for clause, negated in clauses(rule.when):
            if isinstance(clause, (Answered, Unanswered)):
                found[_asked(clause)].add(_YES)
            elif isinstance(clause, Inclusion):
                found[clause.name].add(clause.option)
                if negated:
                    found[f"{clause.name}-answered"].add(_YES)
            elif isinstance(clause, Membership) and not negated:
                found[clause.name].update(clause.values)
            elif isinstance(clause, Comparison) and clause.operator == ("!=" if negated else "=="):
                found[clause.name].add(clause.value)
            else:
                found[clause.name].add("TRUE")
                open_.add(clause.name)
    return {
        name: frozenset() if name in open_ else frozenset(values) for name, values in found.items()
    }


def _asked(clause: Answered | Unanswered) -> str:
    return f"{clause.name}-{type(clause).__name__.lower()}"


def _defrule(rule: Rule, salience: int) -> str:
    findings = " ".join(_fact(name, _symbol(value)) for name, value in rule.concludes.items())
    conclusion = f"(assert {findings})" if findings else ""
    return (
        f"(defrule {rule.id} (declare (salience {salience})) {_element(rule.when, True, count())} => "
        f"(bind ?*fired* (create$ ?*fired* {rule.id})) {conclusion})"
    )


def _element(condition: Condition, wanted: bool, place: Iterator[int]) -> str:
    """Return the conditional element that holds where the condition comes out as `wanted`."""
    if isinstance(condition, Not):
        return _element(condition.part, not wanted, place)
    if isinstance(condition, (And, Or)):
        verb = "and" if isinstance(condition, And) is wanted else "or"
        return f"({verb} {' '.join(_element(part, wanted, place) for part in condition.parts)})"
    return _pattern(condition, wanted, place)


def _pattern(clause: Any, wanted: bool, place: Iterator[int]) -> str:
    name = clause.name
    if isinstance(clause, (Answered, Unanswered)):
        return _fact(_asked(clause), _YES, wanted)
    if isinstance(clause, Comparison):
        return _fact(name, _comparison(clause, wanted, place))
    if isinstance(clause, Membership):
        values = map(str, clause.values)
        return _fact(
            name, "|".join(values) if wanted else "&".join(f"~{value}" for value in values)
        )
    if isinstance(clause, Bare):
        return _fact(name, "TRUE", wanted)
    has = _fact(name, clause.option, wanted)
    return has if wanted else f"(and {_fact(f'{name}-answered', _YES)} {has})"


def _fact(name: str, value: str, wanted: bool = True) -> str:
    fact = f"(fact (of {name}) (is {value}))"
    return fact if wanted else f"(not {fact})"


def _comparison(clause: Comparison, wanted: bool, place: Iterator[int]) -> str:
    operator = clause.operator if wanted else OPPOSITE[clause.operator]
    if isinstance(clause.value, str):
        return clause.value if operator == "==" else f"~{clause.value}"
    variable = f"?n{next(place)}"
    return f"{variable}&:({_OPERATORS.get(operator, operator)} {variable} {clause.value})"


def _symbol(value: object) -> str:
    return "TRUE" if value is True else str(value)
