"""What must hold of every answer that is a sign, for everybody: it does what its kind says.

Alone means: nothing is left open, and every other question with a sign has its harmless answer or
is not asked. Questions without a sign are free, and so are those that bring this one up. Whoever
gives a sign alone is compared with her twin, who differs in this answer and in what hangs on it.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from lumbar.decision.decide import URGENT, decide
from lumbar.form.formulas import Formula, apart, both, either, opposite, replaced, unlike
from lumbar.form.space import Variable
from lumbar.review.proof.prover import Prover
from lumbar.review.proof.verdict import Proof, RawAnswers, Verdict, WrongProofError
from lumbar.rulebook.items import Urgency
from lumbar.rulebook.questionnaire import Question, Questionnaire, SignKind
from lumbar.rulebook.rules import Expectation

# each kind of proof: of all together, and of one answer to one question
TITLES: Mapping[str, tuple[str, str]] = {
    "decisive": (
        "Whoever gives a decisive answer is seen the same day or now",
        "Whoever answers '{}' with '{}' is seen the same day or now",
    ),
    "contributing": (
        "No contributing answer alone sends anybody today",
        "'{}' answered '{}' alone sends nobody today",
    ),
    "background": (
        "No background answer alone changes how soon to be seen",
        "'{}' answered '{}' alone does not change how soon to be seen",
    ),
}
Urgencies = Mapping[Urgency, Formula]


@dataclass(frozen=True)
class Twin:
    """Somebody with the harmless answers instead: that there is one, and how urgent it is."""

    sound: Formula
    urgent_as: Urgencies


@dataclass(frozen=True)
class KindProofs:
    """Proofs about the answers of the prover's catalog that have a kind."""

    prover: Prover
    _twins: dict[frozenset[str], Twin] = field(default_factory=dict)

    @property
    def _questionnaire(self) -> Questionnaire:
        return self.prover.encoding.catalog.questionnaire

    @property
    def _asked(self) -> Mapping[str, Question]:
        return self._questionnaire.questions

    def proofs(self) -> Iterator[Proof]:
        """Yield a proof for each answer that is a sign."""
        for name, question in self._asked.items():
            for option, kind in question.kinds.items():
                proved = self._decides if kind == "decisive" else partial(self._alone, kind)
                yield partial(proved, name, option)

    def _decides(self, name: str, option: str) -> Verdict:
        """Prove that nobody gives an answer and is not seen the same day or now."""
        encoding = self.prover.encoding
        given: Formula = self.prover.space.variables[name].picked[option]  # type: ignore[union-attr]
        about = both((given, opposite(encoding.conflict)))
        answers = self.prover.find(about, opposite(encoding.urgent_as["same_day"]))
        if answers is None:
            return self._holds("decisive", name, option, about)
        urgency = decide(encoding.catalog, answers).urgency
        if urgency in URGENT:
            raise WrongProofError(f"decisive[{name}={option}]")
        why = f"'{name}' answered '{option}': urgency {urgency}"
        expect = Expectation(urgency="same_day")
        return _verdict("decisive", name, option, why, answers=answers, expect=expect)

    def _alone(self, kind: SignKind, name: str, option: str) -> Verdict:
        """Prove that an answer alone sends nobody today, or changes nobody's urgency at all."""
        encoding = self.prover.encoding
        free = self._brought_up_by[name] & self._signs.keys()
        twin = self._twin(free)
        calm = [self._harmless(one) for one in self._signs if one not in {*free, name}]
        calm += map(opposite, encoding.unanswered.values())
        question: Any = self._asked[name]
        given = self.prover.space.variables[name].equal(question.typed(question.alone(option)))
        about = both((given, *calm, opposite(encoding.conflict), twin.sound))
        found = self.prover.find(about, _harm(kind, encoding.urgent_as, twin.urgent_as))
        if found is None:
            return self._holds(kind, name, option, about)
        harmless = self._as_twin(found, free)
        was, now = (decide(encoding.catalog, one).urgency for one in (harmless, found))
        if was == now or (kind == "contributing" and (was in URGENT or now not in URGENT)):
            raise WrongProofError(f"{kind}[{name}={option}]")
        said, changed = question.in_words(harmless[name]), f"changed to '{option}': urgency {now}"
        why = f"'{name}' answered '{said}': urgency {was}; {changed}"
        shown = {"answers": harmless, "after": found, "expect": Expectation(urgency=was)}
        return _verdict(kind, name, option, why, **shown)

    def _holds(self, kind: SignKind, name: str, option: str, about: Formula) -> Verdict:
        """Return that it is proved; not if it is about nobody, for then the answer is in vain."""
        nobody = "nobody can give this answer" + ("" if kind == "decisive" else " alone")
        return _verdict(kind, name, option, "" if self.prover.possible(about) else nobody)

    @cached_property
    def _signs(self) -> Mapping[str, None]:
        """The questions that have a kind, in the order they are asked."""
        return {name: None for name, question in self._asked.items() if question.kind}

    @cached_property
    def _brought_up_by(self) -> Mapping[str, Set[str]]:
        """By question those that decide whether it is asked, directly or through others."""
        found: dict[str, frozenset[str]] = {}
        for name, conditions in self._questionnaire.shown_when.items():
            read = {one for part in conditions for one in part.reads}
            found[name] = frozenset(read).union(*(found[one] for one in read))
        return found

    def _applies(self, name: str) -> Formula:
        """Return that a question is asked, answered or not."""
        answered = self.prover.space.variables[name].answered
        return either((answered, self.prover.encoding.unanswered[name]))

    def _harmless(self, name: str) -> Formula:
        harmless = self._says_none(name, self.prover.space.variables[name])
        return either((harmless, opposite(self._applies(name))))

    def _says_none(self, name: str, variable: Variable) -> Formula:
        question = self._asked[name]
        return variable.equal(question.typed(question.harmless))

    def _others(self, free: Set[str]) -> Iterator[str]:
        """Yield the questions a twin may answer otherwise: signs, and what hangs on one."""
        changed: set[str] = set()
        for name in self._asked:
            if name not in free and (name in self._signs or self._brought_up_by[name] & changed):
                changed.add(name)
                yield name

    def _twin(self, free: Set[str]) -> Twin:
        """Return somebody with the harmless answer to every sign but the free ones, as formulas."""
        key = frozenset(free)
        if key not in self._twins:
            self._twins[key] = self._made(free)
        return self._twins[key]

    def _made(self, free: Set[str]) -> Twin:
        encoding, space = self.prover.encoding, self.prover.space
        others = {name: space.variable(name, copy="'") for name in self._others(free)}
        every = ((space.variables[name], other) for name, other in others.items())
        pairs = [
            pair for mine, one in every for pair in zip(mine.symbols, one.symbols, strict=True)
        ]
        applies = [self._applies(name) for name in others]
        plain = [encoding.valid, encoding.conflict, *applies, *encoding.urgent_as.values()]
        valid, conflict, *rest = replaced(plain, pairs)
        asked = dict(zip(others, rest, strict=False))
        urgent_as = dict(zip(encoding.urgent_as, rest[len(others) :], strict=True))
        same = (
            either((self._twins_answer(*one), opposite(asked[one[0]]))) for one in others.items()
        )
        return Twin(both((valid, opposite(conflict), *same)), urgent_as)

    def _twins_answer(self, name: str, other: Variable) -> Formula:
        """Return that this is what a twin answers: see `_as_twin`."""
        if name in self._signs:
            return self._says_none(name, other)
        mine = self.prover.space.variables[name]
        same = opposite(either(map(apart, mine.symbols, other.symbols)))
        usual = other.equal(self._asked[name].typed(self._asked[name].example))
        applies = self._applies(name)
        return either((both((applies, same)), both((opposite(applies), usual))))

    def _as_twin(self, answers: RawAnswers, free: Set[str]) -> RawAnswers:
        """Return the answers of a twin: the example's where only the twin is asked a question."""
        told = {name: self._asked[name].typed(raw) for name, raw in answers.items()}
        asked = {name for name, one in self._questionnaire.walk(told) if one is not False}
        found: RawAnswers = {}
        typed: dict[str, object] = {}
        for name, applies in self._questionnaire.walk(typed):  # type: ignore[arg-type]
            question = self._asked[name]
            if name in self._signs and name not in free:
                raw: Any = question.harmless
            else:
                raw = answers.get(name) if name in asked else question.example
            if applies is not False and raw is not None:
                found[name] = sorted(raw) if isinstance(raw, tuple) else raw
                typed[name] = question.typed(raw)
        return found


def _harm(kind: SignKind, after: Urgencies, before: Urgencies) -> Formula:
    """Return that somebody is sent today who was not, or that the urgency is another."""
    if kind == "contributing":
        return both((after["same_day"], opposite(before["same_day"])))
    return either(unlike(after, before))


def _verdict(kind: SignKind, name: str, option: str, why: str, **shown: object) -> Verdict:
    return Verdict(
        id=f"{kind}[{name}={option}]",
        title=TITLES[kind][1].format(name, option),
        proved=not why,
        why=why,
        **shown,  # type: ignore[arg-type]
    )
