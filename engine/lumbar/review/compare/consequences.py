"""Whether a change of the rules changes anything for anybody: people who show how, or the proof
that there are none.

Z3 looks over everybody who could answer both questionnaires. Whom it names is decided for by both
rule sets, as `lumbar plan` would, before they are shown.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import z3

from lumbar.decision.decide import decide
from lumbar.review.compare.contrast import Contrast
from lumbar.review.compare.outcomes import KINDS, Differences, Kind, differences, of_decision
from lumbar.review.proof.encoding import Encoding, differs
from lumbar.review.proof.formulas import FALSE, Formula, both, either, opposite
from lumbar.review.proof.prover import Prover
from lumbar.review.proof.space import AnswerSpace
from lumbar.review.proof.verdict import RawAnswers, WrongProofError
from lumbar.rulebook.catalog import Catalog


@dataclass(frozen=True)
class Case:
    """A person for whom something differs: `shows` of its kind, `differences` all in all.

    `unusual` are the answers that are not those of the example person of the new rules.
    """

    shows: tuple[str, ...]
    answers: RawAnswers
    unusual: RawAnswers
    differences: Differences


@dataclass(frozen=True)
class Consequences:
    """What differs for somebody, by kind; a kind without cases is proved to happen to nobody.

    `room` is somebody for whom the same is offered but a plan may have room for other items,
    because another number of rules speaks for them. `only_old` and `only_new` are answers that just
    one of the questionnaires takes.
    """

    cases: Mapping[Kind, tuple[Case, ...]]
    room: RawAnswers | None
    only_old: RawAnswers | None
    only_new: RawAnswers | None

    @property
    def nobody(self) -> bool:
        """Return whether nobody's decision differs."""
        return not any(self.cases.values())


def consequences(old: Catalog, new: Catalog, progress: Callable[[int, int], None]) -> Consequences:
    """Look for somebody for every kind of difference; `progress` hears how many kinds are done.

    Raises UndecidedError where Z3 gives up, ValueError where a question is of another type in the
    new rules.
    """
    space = AnswerSpace(old, new)
    pair = _Pair(old, new, Encoding(old, space), Encoding(new, space))
    cases: dict[Kind, tuple[Case, ...]] = {}
    for done, kind in enumerate(KINDS, 1):
        cases[kind] = tuple(pair.cases(kind))
        progress(done, len(KINDS) + 1)
    found = Consequences(cases, pair.room(), *pair.taken_by_one())
    progress(len(KINDS) + 1, len(KINDS) + 1)
    return found


class _Pair:
    """Both rule sets over the same people."""

    def __init__(self, old: Catalog, new: Catalog, a: Encoding, b: Encoding) -> None:
        self._catalogs = old, new
        self._encodings = a, b
        self._prover = Prover(a, b)
        old, new = (
            one.conflict if self._prover.possible(one.conflict) else FALSE for one in (a, b)
        )
        self._contrast = Contrast(a, b, (old, new))
        self._sound = both((opposite(old), opposite(new)))

    def cases(self, kind: Kind) -> Iterator[Case]:
        """Yield people until every difference of a kind was shown; the last search proves that
        there are no more.
        """
        open_ = {
            line: part for line, part in self._contrast.parts(kind).items() if part is not FALSE
        }
        while open_ and (answers := self._prover.find(either(open_.values()))) is not None:
            found = self._differences(answers)
            shows = tuple(line for line in found.get(kind, ()) if line in open_)
            if not shows:
                raise WrongProofError(
                    f"the engines see no difference of the kind {kind} for {answers}"
                )
            yield Case(shows, answers, self._unusual(answers), found)
            for line in shows:
                del open_[line]

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
        """Yield for each rule and item that the item is offered, and the rule asks for it on one
        side only.
        """
        a, b = self._encodings
        old, new = (_asking(one) for one in (a, b))
        for key in {**old, **new}:
            before, after = old.get(key, FALSE), new.get(key, FALSE)
            if not before.eq(after):
                yield both((a.recommended.get(key[1], FALSE), z3.Xor(before, after)))

    def _votes_differ(self, answers: RawAnswers) -> bool:
        old, new = (decide(one, answers_to(one, answers)) for one in self._catalogs)
        return {one.item: one.votes for one in old.recommended} != {
            one.item: one.votes for one in new.recommended
        }

    def taken_by_one(self) -> Iterator[RawAnswers | None]:
        """Yield answers that only the old questionnaire takes, and answers that only the new one
        takes.
        """
        a, b = self._encodings
        for one, other in ((a, b), (b, a)):
            same = one.valid.eq(other.valid)
            answers = None if same else Prover(one).find(opposite(other.valid))
            yield None if answers is None else answers_to(one.catalog, answers)

    def _differences(self, answers: RawAnswers) -> Differences:
        old, new = (of_decision(decide(one, answers_to(one, answers))) for one in self._catalogs)
        return differences(old, new)

    def _unusual(self, answers: RawAnswers) -> RawAnswers:
        new = self._catalogs[1]
        return new.questionnaire.unlike_example(answers_to(new, answers))


def _asking(one: Encoding) -> dict[tuple[str, str, str | None], Formula]:
    """Return by rule, item and dose that the rule fires and asks for it."""
    rules = (rule for stage in one.catalog.by_stage.values() for rule in stage)
    return {
        (r.id, effect.recommend, effect.dose): one.fires[r.id]
        for r in rules
        for effect in r.recommends
    }


def answers_to(catalog: Catalog, answers: Mapping[str, Any]) -> RawAnswers:
    """Return the answers without those to questions that this questionnaire does not have."""
    return {
        name: value for name, value in answers.items() if name in catalog.questionnaire.questions
    }
