"""The shipped rules in ZEN: a decision graph of one expression node a level of chaining."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import zen

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

Node = dict[str, Any]


class ZenEngine:
    """A decision loaded once and evaluated for each person.

    ZEN does not chain, so each stage is unrolled into levels, in the order in which its rules need
    each other's findings. A level is an expression node: the list of the rules whose condition is
    true, then the findings that they conclude, for the levels after it; decision tables with a row
    a rule were a tenth slower. A value that is missing is null, which ZEN refuses to compare:
    conditions ask first.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        read = [clause for rule in catalog.rules.values() for clause, _ in clauses(rule.when)]
        questions = {clause.name for clause in read} - catalog.finding_stage.keys()
        self._read = sorted(
            questions & {clause.name for clause in read if not isinstance(clause, Unanswered)}
        )
        self._asked = sorted({clause.name for clause in read if isinstance(clause, Unanswered)})
        self._decision = zen.ZenEngine().create_decision(json.dumps(_graph(list(_levels(catalog)))))

    def infer(self, facts: Facts) -> Inference:
        """Return what the rules conclude of the facts."""
        known = facts.known
        context: dict[str, Any] = {name: known[name] for name in self._read if name in known}
        context = {
            name: [*value] if isinstance(value, frozenset) else value
            for name, value in context.items()
        }
        context["unanswered"] = {name: True for name in self._asked if name in facts.unanswered}
        result = self._decision.evaluate(context)["result"]
        fired = dict.fromkeys(rule for level in result.values() for rule in level)
        findings: dict[str, Value] = {}
        for name in fired:
            conclude(findings, self._catalog.rules[name].concludes)
        return inference(self._catalog, fired, findings)


def _levels(catalog: Catalog) -> Iterator[tuple[Rule, ...]]:
    """Yield the rules level by level: each after those that conclude what it reads."""
    for stage in STAGES:
        left = catalog.by_stage[stage]
        while left:
            open_ = {name for rule in left for name in rule.concludes}
            level = tuple(rule for rule in left if open_.isdisjoint(rule.when.reads))
            if not level:
                raise ValueError(
                    f"the rules of {stage} go round in a circle, which ZEN cannot unroll"
                )
            yield level
            left = tuple(rule for rule in left if rule not in level)


def _graph(levels: Sequence[tuple[Rule, ...]]) -> dict[str, Any]:
    nodes: list[Node] = [_node("inputNode")]
    concluded: set[str] = set()
    for place, level in enumerate(levels):
        by_finding = _by_finding(level)
        made = {f"fired{place}": _fired(level)}
        for name, rules in by_finding.items():
            made[name] = _finding(name, f"$.fired{place}", rules, before=name in concluded)
        nodes.append(_expressions(made, passThrough=True))
        concluded |= by_finding.keys()
    nodes.append(_expressions({f"fired{place}": f"fired{place}" for place in range(len(levels))}))
    nodes.append(_node("outputNode"))
    for place, node in enumerate(nodes):
        node["id"] = node["name"] = f"n{place}"
    edges = [
        {"id": f"e{place}", "type": "edge", "sourceId": f"n{place}", "targetId": f"n{place + 1}"}
        for place in range(len(nodes) - 1)
    ]
    return {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}


def _node(kind: str, **content: Any) -> Node:
    return {"type": kind, "position": {"x": 0, "y": 0}, "content": content}


def _expressions(made: Mapping[str, str], **more: Any) -> Node:
    return _node(
        "expressionNode",
        expressions=[{"id": name, "key": name, "value": value} for name, value in made.items()],
        **more,
    )


def _fired(level: Sequence[Rule]) -> str:
    """Return the expression for the ids of the rules of a level whose condition is true."""
    return f"filter([{', '.join(f'{_expression(rule.when)} ? {_text(rule.id)} : null' for rule in level)}], # != null)"


def _by_finding(level: Sequence[Rule]) -> dict[str, list[Rule]]:
    found: defaultdict[str, list[Rule]] = defaultdict(list)
    for rule in level:
        for name in rule.concludes:
            found[name].append(rule)
    return found


def _finding(name: str, fired: str, rules: Sequence[Rule], before: bool) -> str:
    """Return the expression that makes a finding of the rules that fired in one level, after what
    it was before.
    """
    tests = [(rule.concludes[name], f"{_text(rule.id)} in {fired}") for rule in rules]
    if tests[0][0] is True:
        return " or ".join([*([name] if before else []), *(test for _, test in tests)])
    chosen = "".join(f"{test} ? {_text(value)} : " for value, test in tests)
    return chosen + (name if before else "null")


def _text(value: Any) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)


def _expression(condition: Condition, wanted: bool = True) -> str:
    """Return the expression that is true where the condition comes out as `wanted`, and false where
    it is unknown.
    """
    if isinstance(condition, Not):
        return _expression(condition.part, not wanted)
    if isinstance(condition, (And, Or)):
        verb = " and " if isinstance(condition, And) is wanted else " or "
        return f"({verb.join(_expression(part, wanted) for part in condition.parts)})"
    return f"({_clause(condition, wanted)})"


def _clause(clause: Any, wanted: bool) -> str:
    name, there = clause.name, f"{clause.name} != null"
    if isinstance(clause, Answered):
        return there if wanted else f"{name} == null"
    if isinstance(clause, Unanswered):
        return f"unanswered.{name} {'==' if wanted else '!='} true"
    if isinstance(clause, Bare):
        return f"{name} {'==' if wanted else '!='} true"
    if isinstance(clause, Comparison):
        operator = clause.operator if wanted else OPPOSITE[clause.operator]
        test = f"{name} {operator} {_text(clause.value)}"
        return test if operator == "==" else f"{there} and {test}"
    if isinstance(clause, Membership):
        listed = f"[{', '.join(map(_text, clause.values))}]"
        return f"{name} in {listed}" if wanted else f"{there} and {name} not in {listed}"
    assert isinstance(clause, Inclusion)
    return f"{there} and {_text(clause.option)} {'in' if wanted else 'not in'} {name}"
