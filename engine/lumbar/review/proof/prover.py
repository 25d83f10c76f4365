"""Looking for a person of whom formulas are true: an answers file that differs least from the
example's, or a proof.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import z3

from lumbar.review.proof.encoding import Encoding
from lumbar.review.proof.formulas import Formula, both, either, opposite
from lumbar.review.proof.space import Amount, AnswerSpace, Choice
from lumbar.review.proof.verdict import RawAnswers, UndecidedError
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Condition, Value

_ZERO, _ONE = z3.BitVecVal(0, 1), z3.BitVecVal(1, 1)
_PATIENCE = 120_000  # milliseconds for one question to Z3; the shipped rules need a few


class Prover:
    """Searches the people whose answers every given encoding takes; the encodings share one space."""

    def __init__(self, *encodings: Encoding) -> None:
        self.encoding = encodings[0]
        self.space = self.encoding.space
        self._solver = z3.SolverFor("QF_FD")
        self._solver.set("timeout", _PATIENCE)
        self._solver.add(*(one.valid for one in encodings))
        self._usual = _examples(*(one.catalog for one in encodings))
        self._is_usual = {
            name: self._takes_example(name, encodings) for name in self.space.variables
        }
        self._same = {name: z3.Bool(f"same {name}") for name in self._is_usual}
        self._solver.add(
            *(z3.Implies(self._same[name], usual) for name, usual in self._is_usual.items())
        )
        asked = [*_symbols(self.space), *self._is_usual.values()]
        self._place = {part.get_id(): place for place, part in enumerate(asked)}
        self._bits = z3.Concat(*(z3.If(part, _ONE, _ZERO) for part in reversed(asked)))

    def _takes_example(self, name: str, encodings: Iterable[Encoding]) -> Formula:
        """Return the formula that a question is answered with its example, or not asked: see
        `unlike_example`.
        """
        variable = self.space.variables[name]
        left_open = (one.unanswered[name] for one in encodings if name in one.unanswered)
        asked = either((variable.answered, *left_open))
        return either((variable.equal(self._usual[name]), opposite(asked)))

    @classmethod
    def of(cls, *catalogs: Catalog, also: Iterable[Condition] = ()) -> "Prover":
        """Return a prover for the people whose answers every one of these catalogs takes.

        `also` are further conditions whose truth will be asked for.
        """
        space = AnswerSpace(*catalogs, also=also)
        return cls(*(Encoding(one, space) for one in catalogs))

    def possible(self, *formulas: Formula) -> bool:
        """Return whether anybody makes all formulas true; raise UndecidedError where Z3 gives up."""
        with self._assuming(formulas):
            return self._sat()

    def find(self, *formulas: Formula) -> RawAnswers | None:
        """Return answers that make all formulas true, as few as can be other than the example
        person's.

        None proves that nobody does. Raises UndecidedError where Z3 gives up.
        """
        with self._assuming(formulas):
            model = self._nearest()
            return None if model is None else raw(self._read(model))

    def anybody(self, *formulas: Formula) -> RawAnswers | None:
        """Return any answers that make all formulas true, or None where nobody's do; much faster
        than `find`.
        """
        with self._assuming(formulas):
            return raw(self._read(self._solver.model())) if self._sat() else None

    def find_change(
        self, question: str, other: Choice | Amount, *formulas: Formula, nearest: bool = True
    ) -> tuple[RawAnswers, RawAnswers] | None:
        """Return one person's answers twice, the second time with `other` as the answer to a
        question.
        """
        with self._assuming(formulas):
            if not self._sat():
                return None
            model = self._nearest() if nearest else self._solver.model()
            before = self._read(model)
            answer = other.read(self._holding(model), before.get(question))
            changed: dict[str, Value | None] = {**before, question: answer}
            after = {
                name: value
                for name in self.space.variables
                if (value := changed.get(name)) is not None
            }
            return raw(before), raw(after)

    def impossible(self, formulas: Sequence[Formula]) -> tuple[int, ...]:
        """Return the places of formulas that cannot all be true of anybody; none where they can."""
        named = {f"part {place}": z3.Bool(f"part {place}") for place in range(len(formulas))}
        with self._assuming(tuple(map(z3.Implies, named.values(), formulas))):
            if self._sat(*named.values()):
                return ()
            core = {str(one) for one in self._solver.unsat_core()}
            return tuple(place for place, name in enumerate(named) if name in core)

    @contextmanager
    def _assuming(self, formulas: tuple[Formula, ...]) -> Iterator[None]:
        self._solver.push()
        try:
            self._solver.add(both(formulas))
            yield
        finally:
            self._solver.pop()

    def _sat(self, *assumptions: Formula) -> bool:
        found = self._solver.check(*assumptions)
        if found == z3.unknown:
            raise UndecidedError(self._solver.reason_unknown())
        return bool(found == z3.sat)

    def _nearest(self) -> Any:
        """Return the model with the fewest unusual answers: let go of those in the way, then ask
        for fewer.
        """
        if not self._sat():
            return None
        usual = list(self._same.values())
        while not self._sat(*usual):
            in_the_way = {str(one) for one in self._solver.unsat_core()}
            usual = [one for one in usual if str(one) not in in_the_way]
        model = self._solver.model()
        while unusual := self._unusual(model):
            self._solver.add(
                z3.PbLe([(z3.Not(one), 1) for one in self._same.values()], unusual - 1)
            )
            if self._solver.check() != z3.sat:
                break
            model = self._solver.model()
        return model

    def _holding(self, model: Any) -> Callable[[Formula], bool]:
        """Return how to ask a model for a symbol; it is evaluated once for all answers, which saves
        half the time.
        """
        bits: int = model.eval(self._bits, model_completion=True).as_long()

        def holds(symbol: Formula) -> bool:
            place = self._place.get(symbol.get_id())
            if place is None:
                return bool(z3.is_true(model.eval(symbol, model_completion=True)))
            return bool(bits >> place & 1)

        return holds

    def _unusual(self, model: Any) -> int:
        holds = self._holding(model)
        return sum(not holds(usual) for usual in self._is_usual.values())

    def _read(self, model: Any) -> dict[str, Value]:
        holds = self._holding(model)
        found = {
            name: one.read(holds, self._usual.get(name))
            for name, one in self.space.variables.items()
        }
        return {name: value for name, value in found.items() if value is not None}


def _symbols(space: AnswerSpace) -> Iterator[Formula]:
    for variable in space.variables.values():
        yield from (
            variable.picked.values() if isinstance(variable, Choice) else variable.cuts.values()
        )
        if isinstance(variable, Amount):
            yield variable.answered


def _examples(*catalogs: Catalog) -> Mapping[str, Value]:
    """Return every question's own example; those of the first catalog win."""
    found: dict[str, Value] = {}
    for catalog in reversed(catalogs):
        found |= {
            name: one.typed(one.example) for name, one in catalog.questionnaire.questions.items()
        }
    return found


def raw(answers: Mapping[str, Value]) -> RawAnswers:
    """Return typed answers as an answers file has them."""
    return {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in answers.items()
    }


__all__ = ["Prover", "RawAnswers", "UndecidedError", "raw"]
