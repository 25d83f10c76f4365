"""Looking for a person of whom formulas are true: the nearest to the example, or none."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import z3

from lumbar.form.encoding import Encoding
from lumbar.form.formulas import Formula, both, either, opposite
from lumbar.form.space import AnswerSpace, Holds, Variable
from lumbar.review.proof.observed import Observed
from lumbar.review.proof.translation import to_z3
from lumbar.review.proof.verdict import RawAnswers, UndecidedError
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Condition, Value

_ZERO, _ONE = z3.BitVecVal(0, 1), z3.BitVecVal(1, 1)
_PATIENCE = 120_000  # milliseconds for one question to Z3; the shipped rules need a few


class Prover:
    """Searches the people whose answers every given encoding takes; the encodings share one space.

    Every search raises UndecidedError where Z3 gives up.
    """

    def __init__(self, *encodings: Encoding) -> None:
        self.encoding = encodings[0]
        self.space = self.encoding.space
        self._solver = z3.SolverFor("QF_FD")
        self._solver.set("timeout", _PATIENCE)
        self._solver.add(*(to_z3(one.valid) for one in encodings))
        self._usual: dict[str, Value] = {}
        for encoding in reversed(encodings):  # the examples of the first catalog win
            asked = encoding.catalog.questionnaire.questions
            self._usual |= {name: one.typed(one.example) for name, one in asked.items()}
        self._is_usual = {name: self._takes_example(name, encodings) for name in self._usual}
        self._same = {name: z3.Bool(f"same {name}") for name in self._usual}
        self._solver.add(*map(z3.Implies, self._same.values(), map(to_z3, self._is_usual.values())))
        symbols = (part for one in self.space.variables.values() for part in one.symbols)
        looked_at = [*symbols, *self._is_usual.values()]
        self._place = {part: place for place, part in enumerate(looked_at)}
        bits = (z3.If(to_z3(part), _ONE, _ZERO) for part in reversed(looked_at))
        self._bits = z3.Concat(*bits)

    def _takes_example(self, name: str, encodings: Iterable[Encoding]) -> Formula:
        """Return that a question has its example's answer, or is not asked; most people come for
        the first time.
        """
        variable = self.space.variables[name]
        if any(name in one.catalog.questionnaire.known for one in encodings):
            return opposite(variable.answered)
        left_open = (one.unanswered[name] for one in encodings if name in one.unanswered)
        asked = either((variable.answered, *left_open))
        return either((variable.equal(self._usual[name]), opposite(asked)))

    @classmethod
    def of(cls, *catalogs: Catalog, also: Iterable[Condition] = ()) -> "Prover":
        """Return a prover for those whose answers all these catalogs take.

        `also` are further conditions whose truth will be asked for.
        """
        space = AnswerSpace(*catalogs, also=also)
        return cls(*(Observed(one, space) for one in catalogs))

    def possible(self, *formulas: Formula) -> bool:
        """Return whether anybody makes all formulas true."""
        with self._assuming(to_z3(both(formulas))):
            return self._sat()

    def find(self, *formulas: Formula, nearest: bool = True) -> RawAnswers | None:
        """Return answers that make all formulas true; None proves that nobody's do.

        They are the `nearest` to the example person's, or any, which is much faster.
        """
        with self._assuming(to_z3(both(formulas))):
            model = self._model(nearest)
            return None if model is None else self._read(self._holding(model))

    def find_change(
        self, question: str, other: Variable, *formulas: Formula, nearest: bool = True
    ) -> tuple[RawAnswers, RawAnswers] | None:
        """Return one person's answers twice, then with `other` as the answer to a question."""
        with self._assuming(to_z3(both(formulas))):
            model = self._model(nearest)
            if model is None:
                return None
            holds = self._holding(model)
            before = self._read(holds)
            answer = other.read(holds, before.get(question))
            changed = {name: before.get(name) for name in self.space.variables} | {question: answer}
            return before, {name: one for name, one in changed.items() if one is not None}

    def impossible(self, formulas: Sequence[Formula]) -> tuple[int, ...]:
        """Return the places of formulas that cannot all be true of anybody; none where they can."""
        named = {f"part {place}": z3.Bool(f"part {place}") for place in range(len(formulas))}
        with self._assuming(*map(z3.Implies, named.values(), map(to_z3, formulas))):
            if self._sat(*named.values()):
                return ()
            core = {str(one) for one in self._solver.unsat_core()}
            return tuple(place for place, name in enumerate(named) if name in core)

    @contextmanager
    def _assuming(self, *assumed: Any) -> Iterator[None]:
        self._solver.push()
        try:
            self._solver.add(*assumed)
            yield
        finally:
            self._solver.pop()

    def _sat(self, *assumptions: Any) -> bool:
        found = self._solver.check(*assumptions)
        if found == z3.unknown:
            raise UndecidedError(self._solver.reason_unknown())
        return bool(found == z3.sat)

    def _model(self, nearest: bool) -> Any:
        """Return a model, or the one with the fewest unusual answers; None where there is none.

        For the latter let go of the usual answers in the way, then ask for fewer.
        """
        if not self._sat():
            return None
        usual = list(self._same.values())
        while nearest and not self._sat(*usual):
            in_the_way = {str(one) for one in self._solver.unsat_core()}
            usual = [one for one in usual if str(one) not in in_the_way]
        model = self._solver.model()
        while nearest and (unusual := self._unusual(model)):
            fewer = [(z3.Not(one), 1) for one in self._same.values()]
            self._solver.add(z3.PbLe(fewer, unusual - 1))
            if self._solver.check() != z3.sat:
                break
            model = self._solver.model()
        return model

    def _holding(self, model: Any) -> Holds:
        """Return how to ask a model for a symbol: all are evaluated at once, in half the time."""
        bits: int = model.eval(self._bits, model_completion=True).as_long()

        def holds(symbol: Formula) -> bool:
            place = self._place.get(symbol)
            if place is None:  # a symbol of the second answer to a question
                return bool(z3.is_true(model.eval(to_z3(symbol), model_completion=True)))
            return bool(bits >> place & 1)

        return holds

    def _unusual(self, model: Any) -> int:
        holds = self._holding(model)
        return sum(not holds(usual) for usual in self._is_usual.values())

    def _read(self, holds: Holds) -> RawAnswers:
        read = {
            name: one.read(holds, self._usual[name]) for name, one in self.space.variables.items()
        }
        return {name: value for name, value in read.items() if value is not None}
