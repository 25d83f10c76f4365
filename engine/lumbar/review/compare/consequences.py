"""Whether a change of the rules changes anything for anybody: people who show how, or the proof.

Z3 looks over everybody who could answer both questionnaires. Whom it names is decided for by both
rule sets, as `lumbar plan` would, before they are shown.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lumbar.decision.decide import Decision, decide
from lumbar.decision.difference import difference
from lumbar.form.encoding import Encoding, differs
from lumbar.form.formulas import FALSE, Formula, apart, both, either, opposite
from lumbar.form.space import AnswerSpace
from lumbar.review.compare.contrast import Outcomes, parts
from lumbar.review.compare.kinds import KINDS, Case, Consequences, Kind, by_kind
from lumbar.review.proof.prover import Prover
from lumbar.review.proof.verdict import RawAnswers, WrongProofError
from lumbar.rulebook.catalog import Catalog


def consequences(old: Catalog, new: Catalog, progress: Callable[[int, int], None]) -> Consequences:
    """Look for somebody for every kind of difference; `progress` hears how many kinds are done.

    Raises UndecidedError where Z3 gives up, ValueError where a question is of another type in the
    new rules.
    """
    pair = _Pair(old, new)
    cases: list[Case] = []
    for done, kind in enumerate(KINDS, 1):
        cases += pair.cases(kind)
        progress(done, len(KINDS) + 1)
    room = pair.room()
    only_old, only_new = pair.taken_by_one()
    found = Consequences(
        cases=tuple(cases),
        another_number_of_rules=room,
        taken_by_old_only=only_old,
        taken_by_new_only=only_new,
    )
    progress(len(KINDS) + 1, len(KINDS) + 1)
    return found


class _Pair:
    """Both rule sets over the same people."""

    def __init__(self, old: Catalog, new: Catalog) -> None:
        space = AnswerSpace(old, new)
        self._catalogs = old, new
        self._encodings = a, b = Encoding(old, space), Encoding(new, space)
        self._prover = Prover(a, b)
        conflicts = [
            one.conflict if self._prover.possible(one.conflict) else FALSE for one in (a, b)
        ]
        self._outcomes = Outcomes(a, conflicts[0]), Outcomes(b, conflicts[1])
        self._sound = both(map(opposite, conflicts))

    def cases(self, kind: Kind) -> Iterator[Case]:
        """Yield people until every difference of a kind was shown.

        The last search proves that there are no more.
        """
        every = parts(kind, *self._outcomes)
        open_ = {line: part for line, part in every.items() if part is not FALSE}
        while open_ and (answers := self._prover.find(either(open_.values()))) is not None:
            found = by_kind(difference(*self._decided(answers)))
            shows = tuple(line for line in found.get(kind, ()) if line in open_)
            if not shows:
                raise WrongProofError(f"the engines see nothing of the kind {kind} for {answers}")
            new = self._catalogs[1]
            unusual = new.questionnaire.unlike_example(answers_to(new, answers))
            yield Case(kind=kind, shows=shows, answers=answers, unusual=unusual, differences=found)
            for line in shows:
                del open_[line]

    def _decided(self, answers: RawAnswers) -> tuple[Decision, Decision]:
        old, new = (decide(one, answers_to(one, answers)) for one in self._catalogs)
        return old, new

    def room(self) -> RawAnswers | None:
        """Return somebody to whom the same is offered with another number of rules for an item.

        Other rules for an item are looked for first, which is quick; counting them takes long.
        """
        a, b = self._encodings
        same = both((self._sound, opposite(differs(a, b, votes=False))))
        answers = self._prover.find(either(self._other_rules()), same)
        if answers is None or self._votes_differ(answers):
            return answers
        return self._prover.find(differs(a, b), same)

    def _other_rules(self) -> Iterator[Formula]:
        """Yield for each rule and item: it is offered, and the rule asks for it on one side."""
        a, b = self._encodings
        old, new = (_asking(one) for one in (a, b))
        for key in {**old, **new}:
            before, after = old.get(key, FALSE), new.get(key, FALSE)
            if before is not after:
                yield both((a.recommended.get(key[1], FALSE), apart(before, after)))

    def _votes_differ(self, answers: RawAnswers) -> bool:
        old, new = ({o.item: o.votes for o in d.recommended} for d in self._decided(answers))
        return old != new

    def taken_by_one(self) -> Iterator[RawAnswers | None]:
        """Yield answers that only the old questionnaire takes, then such as only the new does."""
        a, b = self._encodings
        for one, other in ((a, b), (b, a)):
            same = one.valid is other.valid
            answers = None if same else Prover(one).find(opposite(other.valid))
            yield None if answers is None else answers_to(one.catalog, answers)


def _asking(one: Encoding) -> dict[tuple[str, str, str | None], Formula]:
    """Return by rule, item and dose that the rule fires and asks for it."""
    return {
        (rule.id, effect.recommend, effect.dose): one.fires[rule.id]
        for rule in one.catalog.in_force
        for effect in rule.recommends
    }


def answers_to(catalog: Catalog, answers: Mapping[str, Any]) -> RawAnswers:
    """Return the answers without those to questions that this questionnaire does not have."""
    asked = catalog.questionnaire.questions
    return {name: value for name, value in answers.items() if name in asked}
