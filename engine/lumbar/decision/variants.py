"""A person with one answer changed, for every such change at once: a bit each.

What `foresee` says of each, for little more than the price of one: `&` and `|` join whole words
here where `truth` joins the parts of a condition for one person.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import or_

from lumbar.decision.decide import REFERRING, Decision
from lumbar.decision.terms import Given, Shown, Term, terms
from lumbar.rulebook.conditions import Value
from lumbar.rulebook.rules import Rule, Stage
from lumbar.rulebook.scores import Score

Word = int  # a bit for each variant


class Variants:
    """What the rules that refer say of each variant of a person: of each value of each question.

    `fires` has by rule for whom it fires. Nothing means anything of those who are `contradicted`:
    for them two rules conclude different values of one finding.
    """

    def __init__(self, before: Decision, tried: Mapping[str, Sequence[Value]]) -> None:
        self._questionnaire = before.catalog.questionnaire
        self._terms = terms(before.catalog)
        self._everybody: Word = (1 << sum(map(len, tried.values()))) - 1
        self._words: list[Word] = [0] * len(self._terms.about)
        self._resting: dict[str, Word] = {}
        self._open: dict[str, Word] = {}
        self._answers: dict[str, list[tuple[Value, Word]]] = {}
        self._concluded: dict[str, dict[Value, Word]] = {}
        self.fires: dict[str, Word] = {}
        self.contradicted: Word = 0
        self._answer(before.facts.known, tried)
        for score, counted in self._terms.scores:
            totals = self._counted(counted) if counted else self._added_up(score)
            for total, who in totals.items():
                self._tell(score.id, total, who)
        for literal in self._terms.unsaid:
            self._words[literal] = self._everybody
        for stage in REFERRING:
            self._run(stage)
        self._trace()

    def _tell(self, name: str, value: Value | None, who: Word, left_open: bool = False) -> None:
        """Put down that a name has a value, or none, for some."""
        for literal in self._terms.told(name, value, left_open):
            self._words[literal] |= who

    def _answer(self, given: Mapping[str, Value], tried: Mapping[str, Sequence[Value]]) -> None:
        """Put down what each variant answers: see `Questionnaire.walk`."""
        first = 0
        for name, shown in self._terms.shown.items():
            values = tried.get(name, ())
            mine = self._resting[name] = (1 << len(values)) - 1 << first
            for literal, who in self._terms.told_apart(name, values):
                self._words[literal] |= who << first
            asked = self._asked(shown) if shown else self._everybody
            if name in self._questionnaire.known and name not in given:
                asked = 0
            if name in given:
                self._tell(name, given[name], asked & ~mine)
            else:
                self._open[name] = asked & ~mine
                self._tell(name, None, asked & ~mine, left_open=True)
            if asked != self._everybody:
                self._tell(name, None, self._everybody & ~asked)
            if name in self._terms.added_up:
                answers = [(value, 1 << place) for place, value in enumerate(values, first)]
                given_too = [(given[name], asked & ~mine)] if name in given else []
                self._answers[name] = answers + given_too
            first += len(values)

    def _asked(self, shown: Shown) -> Word:
        """Return who is asked a question, or may have to be."""
        missing = _either(self._open.get(name, 0) for name in shown.reads)
        return self._who(shown.known) | missing & ~self._who(shown.never)

    def _counted(self, counted: Iterable[Term]) -> Mapping[int, Word]:
        """Return for whom each number of terms holds."""
        totals, least = {0: self._everybody}, 0
        for term in counted:
            who = self._who(term)
            if who == self._everybody:
                least += 1
            elif who:
                totals = _one_more(totals, who)
        return {least + more: who for more, who in totals.items()}

    def _added_up(self, score: Score) -> Mapping[Value, Word]:
        """Return for whom a score that is a sum, a mean or a fall comes to what."""
        known: list[tuple[Given, Word]] = [((), self._everybody)]
        for name in score.reads:
            answers = self._answers[name]
            without = self._everybody & ~_either(who for _, who in answers)
            said = [*((((name, value),), who) for value, who in answers), ((), without)]
            pairs = ((old + new, who & those) for old, who in known for new, those in said)
            known = [(facts, who) for facts, who in pairs if who]
        totals: dict[Value, Word] = {}
        for facts, who in known:
            total = self._terms.total(score.id, facts)
            totals[total] = totals.get(total, 0) | who
        return totals

    def _run(self, stage: Stage) -> None:
        """Run a stage until nothing new is concluded of anybody: see `reference.run`."""
        waiting = self._terms.rules[stage]
        while waiting:
            grew = False
            for rule, when in waiting:
                fires = self.fires.get(rule.id, 0)
                if new := self._who(when) & ~fires:
                    self.fires[rule.id] = fires | new
                    for name, value in rule.concludes.items():
                        self._conclude(name, value, new)
                        grew = True
            waiting = self._terms.chained[stage] if grew else []

    def _conclude(self, name: str, value: Value, who: Word) -> None:
        """Put down that a finding has a value for some, besides what was concluded before."""
        values = self._concluded.setdefault(name, {})
        values[value] = values.get(value, 0) | who
        for literal in self._terms.literals(name):
            self._words[literal] = 0
        known = 0
        for one, those in values.items():
            self.contradicted |= known & those
            known |= those
            self._tell(name, one, those)
        self._tell(name, None, self._everybody & ~known)

    def _who(self, term: Term) -> Word:
        """Return for whom a term holds."""
        words = self._words
        if not term.all:
            found = 0
            for literal in term.literals:
                found |= words[literal]
            for part in term.parts:
                found |= self._who(part)
            return found
        found = self._everybody
        for literal in term.literals:
            found &= words[literal]
            if not found:
                return 0
        for part in term.parts:
            found &= self._who(part)
            if not found:
                return 0
        return found

    def rests(self, rule: Rule) -> Word:
        """Return for whom a rule fires and rests on the changed answer: see `Decision.rests_on`."""
        fires = self.fires.get(rule.id, 0)
        return fires and fires & self._grounds(self._terms.when[rule.id])

    def _grounds(self, term: Term) -> Word:
        """Return for whom a term holds because of the changed answer."""
        words, about, resting = self._words, self._terms.about, self._resting
        found = 0
        for literal in term.literals:
            found |= words[literal] & resting.get(about[literal], 0)
        for part in term.parts:
            found |= self._grounds(part)
        return found & self._who(term) if found and term.all else found

    def _trace(self) -> None:
        """Put down for whom what is known of a name rests on the changed answer, at any remove."""
        for score, counted in self._terms.scores:
            changed = (self._resting.get(name, 0) for name in score.reads)
            self._resting[score.id] = _either(map(self._grounds, counted) if counted else changed)
        waiting = self._terms.concluding
        while waiting:
            grew = False
            for rule in waiting:
                who = self.rests(rule)
                for name in rule.concludes if who else ():
                    before = self._resting.get(name, 0)
                    self._resting[name] = before | who
                    grew = grew or before | who != before
            waiting = self._terms.linking if grew else []


def _one_more(totals: Mapping[int, Word], who: Word) -> dict[int, Word]:
    """Return totals with one more for some."""
    more: dict[int, Word] = {}
    for total, those in totals.items():
        if without := those & ~who:
            more[total] = more.get(total, 0) | without
        if having := those & who:
            more[total + 1] = having
    return more


def _either(words: Iterable[Word]) -> Word:
    return reduce(or_, words, 0)


def places(word: Word) -> Iterator[int]:
    """Yield the places of the bits of a word, the first first."""
    while word:
        lowest = word & -word
        yield lowest.bit_length() - 1
        word ^= lowest
