"""Whether Z3 says of a person what the reference engine says: every formula of an encoding, at
once.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import z3
from properties.rule_sets import ITEMS, Somebody, people, rule_set, smaller
from z3 import z3core

from lumbar import BadAnswersError, Catalog
from lumbar.decision.decide import Decision, by_reference
from lumbar.engines.inference import ConflictError
from lumbar.form.formulas import Formula, in_order, opposite
from lumbar.form.space import Choice
from lumbar.intake.answers import Answers
from lumbar.review.proof.observed import Observed
from lumbar.review.proof.translation import to_z3
from lumbar.review.properties.safety import URGENCY, observed
from lumbar.rulebook.conditions import Bare, Comparison, Condition, Membership, Not
from lumbar.rulebook.items import URGENCIES

Key = tuple[Any, ...]
PEOPLE_EACH = (
    50  # to one rule set: making the formulas costs as much as asking them about this many people
)


@dataclass(frozen=True)
class Disagreement:
    """A rule set and somebody of whom Z3 and the reference engine say different things: these."""

    catalog: Catalog
    somebody: Somebody
    about: tuple[Key, ...]

    def __str__(self) -> str:
        questions = self.catalog.questionnaire
        lines = [
            f"Z3 and the reference engine disagree about {', '.join(map(str, self.about)) or 'whether it can be'}"
        ]
        lines += [f"  score {one}" for one in questions.scores]
        for name, question in questions.questions.items():
            shown = " and ".join(f"({one})" for one in questions.shown_when[name])
            lines.append(
                f"  question {name} {type(question).__name__} {shown and f'shown when {shown}'}"
            )
        for name, rule in self.catalog.rules.items():
            lines.append(f"  {self.catalog.stage_of[name]} {name} ({rule.status}): {rule.when}")
            lines += [f"    {effect!r}" for effect in rule.then]
        return "\n".join(
            [*lines, f"  answers {dict(self.somebody.answers)} {dict(self.somebody.torn) or ''}"]
        )


class Symbols:
    """One rule set as Z3 has it: a symbol for everything that it says of somebody."""

    def __init__(self, catalog: Catalog, statements: tuple[Condition, ...] = ()) -> None:
        self.catalog = catalog
        self.statements = statements
        self.encoding = Observed(catalog)
        self._solver = z3.SolverFor("QF_FD")
        self._called = self._solver.ctx.ref(), self._solver.solver
        self._alive: list[Any] = []
        self._said: dict[Key, Any] = {}
        self._literal: dict[Key, tuple[Any, Any]] = {}
        for place, (key, formula) in enumerate(self._formulas()):
            self._said[key] = symbol = z3.Bool(f"said {place}")
            self._solver.add(symbol == to_z3(formula))
            self._literal[key] = self._kept(symbol), self._kept(z3.Not(symbol))
        self._keys = self._said.keys()
        answered = [key for key in self._keys if key[0] in {"valid", "conflict", "unanswered"}]
        self._told = {"answers": [("valid",)], "conflict": answered, "everything": list(self._keys)}
        self._answer: dict[Any, list[Any]] = {}

    def _formulas(self) -> Iterator[tuple[Key, Formula]]:
        encoding = self.encoding
        yield ("valid",), encoding.valid
        yield ("conflict",), encoding.conflict
        for kind, table in (("unanswered", encoding.unanswered), ("fires", encoding.fires)):
            yield from (((kind, name), formula) for name, formula in table.items())
        for kind, table in (("urgency", encoding.urgency), ("urgent as", encoding.urgent_as)):
            yield from (((kind, name), formula) for name, formula in table.items())
        for kind, table in (("avoided", encoding.avoided), ("recommended", encoding.recommended)):
            yield from (((kind, name), formula) for name, formula in table.items())
        yield from ((("referred", *key), formula) for key, formula in encoding.referred.items())
        yield from ((("dose", *key), formula) for key, formula in encoding.doses.items())
        for item, asked in encoding.asked.items():
            yield from (
                (("votes", item, n), encoding.votes(item, n)) for n in range(1, len(asked) + 2)
            )
        for condition in conditions(self.catalog, self.statements):
            true, false = encoding.truth(condition)
            yield ("true", condition), true
            yield ("false", condition), false

    def unlike(self, somebody: Somebody) -> tuple[Key, ...] | None:
        """Return what Z3 says differently of somebody than the reference engine; None where they
        agree.
        """
        about, true = expected(self.catalog, somebody, self.statements)
        answers = self._answers(somebody)
        missing = true - self._keys
        if not missing and self._sat(
            answers + [self._literal[key][key not in true] for key in self._told[about]]
        ):
            return None
        if not self._sat(answers):
            return ()
        model = self._solver.model()
        wrong = [key for key in self._told[about] if self._holds(model, key) is not (key in true)]
        return (*missing, *wrong)

    def _sat(self, literals: list[Any]) -> bool:
        """Return whether all these can be; `Solver.check` would look at the type of each of them
        each time.
        """
        asked = (z3core.Ast * len(literals))(*literals)
        return bool(
            z3core.Z3_solver_check_assumptions(*self._called, len(literals), asked) == z3.Z3_L_TRUE
        )

    def _holds(self, model: Any, key: Key) -> bool:
        return bool(z3.is_true(model.eval(self._said[key], model_completion=True)))

    def _answers(self, somebody: Somebody) -> list[Any]:
        found: list[Any] = []
        for name, variable in self.encoding.space.variables.items():
            key = name, somebody.answers.get(name), somebody.torn.get(name)
            if key not in self._answer:
                self._answer[key] = [self._kept(to_z3(one)) for one in literals(variable, *key[1:])]
            found += self._answer[key]
        return found

    def _kept(self, literal: Any) -> Any:
        """Return what Z3 knows a literal by, and keep the literal from being forgotten."""
        self._alive.append(literal)
        return literal.as_ast()

    def loose(self) -> set[str]:
        """Return the symbols that the formulas rest on and that no answer settles: there should be
        none.
        """
        answers = set()
        for variable in self.encoding.space.variables.values():
            answers |= {part.name for part in variable.symbols}
        every = in_order(formula for _, formula in self._formulas())
        return {one.name for one in every if one.kind == "input"} - answers


def literals(variable: Any, value: Any, torn: frozenset[int] | None = None) -> Iterator[Formula]:
    """Yield what is true of the symbols of a question where it is answered so, or left open where
    that is None.
    """
    if isinstance(variable, Choice):
        picked = value if isinstance(value, frozenset) else {value}
        yield from (
            part if one in picked else opposite(part) for one, part in variable.picked.items()
        )
        return
    for cut, part in variable.cuts.items():
        reached = cut in torn if torn is not None else value is not None and value >= cut
        yield part if reached else opposite(part)


def expected(
    catalog: Catalog, somebody: Somebody, statements: tuple[Condition, ...] = ()
) -> tuple[str, set[Key]]:
    """Return what can be said of somebody, and what of it the reader of answers and the reference
    engine say is true.

    Of answers that are none only whether they are valid; where two rules contradict each other
    nothing that comes out.
    """
    try:
        answers = Answers.of(catalog.questionnaire, somebody.answers)
    except BadAnswersError:
        return "answers", set()
    if somebody.torn:
        return "answers", set()
    true: set[Key] = {("valid",), *(("unanswered", name) for name in answers.facts.unanswered)}
    try:
        decision = by_reference(catalog, answers)
    except ConflictError:
        return "conflict", true | {("conflict",)}
    return "everything", true.union(_decided(decision), _truths(catalog, decision, statements))


def _decided(decision: Decision) -> Iterator[Key]:
    yield from (("fires", rule) for rule in decision.fired)
    yield "urgency", decision.urgency
    yield from (("urgent as", level) for level in URGENCIES[URGENCIES.index(decision.urgency) :])
    yield from (("referred", one.to, one.urgency) for one in decision.referrals)
    yield from (("avoided", item) for item in decision.avoided)
    for one in decision.recommended:
        yield "recommended", one.item
        yield "dose", one.item, one.dose
        yield from (("votes", one.item, count) for count in range(1, one.votes + 1))


def _truths(
    catalog: Catalog, decision: Decision, statements: tuple[Condition, ...]
) -> Iterator[Key]:
    facts = observed(decision, *statements)
    for condition in conditions(catalog, statements):
        truth = condition.truth(facts)
        if truth is not None:
            yield ("true" if truth else "false"), condition


def conditions(catalog: Catalog, statements: tuple[Condition, ...] = ()) -> tuple[Condition, ...]:
    """Return the conditions of the rules in force, and the statements."""
    return (*(rule.when for rules in catalog.by_stage.values() for rule in rules), *statements)


def statements(catalog: Catalog, seed: object) -> tuple[Condition, ...]:
    """Return a few random statements about what comes out, as safety properties make them."""
    rnd = Random(f"statements {seed}")
    groups = [*catalog.targets, "massage/*", "exercise/*", rnd.choice(ITEMS)]
    levels = tuple(rnd.sample(URGENCIES, 2))
    return (
        Bare(f"recommended({rnd.choice(groups)})"),
        Not(Bare(f"avoided({rnd.choice(groups)})")),
        Bare(f"referred({rnd.choice(ITEMS[:4])})"),
        Bare(f"fired({rnd.choice(list(catalog.rules))})"),
        Comparison(f"label({rnd.choice(groups)})", rnd.choice(("==", "!=")), "traditional_only"),
        Comparison(f"days({rnd.choice(ITEMS)})", "<=", 2),
        rnd.choice((Comparison(URGENCY, "==", levels[0]), Membership(URGENCY, levels))),
    )


def disagreements(seed: object, count: int) -> Iterator[Disagreement]:
    """Yield the disagreements about `count` people and the random rule set of a seed."""
    catalog = rule_set(seed)
    symbols = Symbols(catalog, statements(catalog, seed))
    for somebody in people(catalog, seed, count):
        about = symbols.unlike(somebody)
        if about is not None:
            yield Disagreement(catalog, somebody, about)


def shrunk(found: Disagreement) -> Disagreement:
    """Return a disagreement with as few rules and answers as can be had by taking away one at a
    time.
    """
    while True:
        smaller_one = next((one for one in _shrinkings(found) if one), None)
        if smaller_one is None:
            return found
        found = smaller_one


def _shrinkings(found: Disagreement) -> Iterator[Disagreement | None]:
    for catalog in smaller(found.catalog):
        yield _still(catalog, found.somebody)
    for name in found.somebody.answers:
        answers = {one: value for one, value in found.somebody.answers.items() if one != name}
        yield _still(found.catalog, replace(found.somebody, answers=answers))


def _still(catalog: Catalog, somebody: Somebody) -> Disagreement | None:
    about = Symbols(catalog).unlike(somebody)
    return None if about is None else Disagreement(catalog, somebody, about)
