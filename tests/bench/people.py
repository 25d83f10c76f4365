"""Random people over the whole answer space, the same ones for the same seed; and the personas.

A quarter answer every question at random, a half differ from the example person in a few answers, a
quarter in many; half of them all leave some questions unanswered. Half of the numbers are next to
one that a condition compares with.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from random import Random

from lumbar import Catalog
from lumbar.intake.answers import Answers
from lumbar.reading.yamlfile import YamlFile
from lumbar.rulebook.conditions import Comparison, Value, clauses
from lumbar.rulebook.questionnaire import NONE, Number, OneOf, SeveralOf

FEW, MANY = 6, 40  # at most so many answers that differ from the example person's
LEFT_OPEN = (0.0, 0.0, 0.0, 0.02, 0.15, 0.6)  # the shares of questions that people leave unanswered


def people(catalog: Catalog, seed: int | str) -> Iterator[Answers]:
    """Yield people without end; every answer is drawn from a list of values made once, so that it
    takes no time.
    """
    dice = Random(f"lumbar-{seed}")
    questions = catalog.questionnaire.questions
    values = {name: _values(one, _edges(catalog, name)) for name, one in questions.items()}
    example = {name: one.typed(one.example) for name, one in questions.items()}
    while True:
        answers = _answers(dice, values, example)
        _leave_open(dice.random, answers, dice.choice(LEFT_OPEN))
        yield Answers.typed(catalog.questionnaire, answers)


def _answers(
    dice: Random, values: Mapping[str, Sequence[Value]], example: Mapping[str, Value]
) -> dict[str, Value]:
    at_most = dice.choice((0, FEW, FEW, MANY))
    if not at_most:
        draw = dice.random
        return {name: some[int(draw() * len(some))] for name, some in values.items()}
    changed = dice.sample(tuple(values), dice.randrange(at_most + 1))
    return {**example, **{name: dice.choice(values[name]) for name in changed}}


def _leave_open(draw: Callable[[], float], answers: dict[str, Value], share: float) -> None:
    if share:
        for name in [name for name in answers if draw() < share]:
            del answers[name]


def _values(question: Number | OneOf | SeveralOf, edges: Sequence[int]) -> Sequence[Value]:
    """Return values to draw from: half of the numbers near an edge; half of the lists none, a
    quarter one option.
    """
    if isinstance(question, OneOf):
        return tuple(question.labels)
    if isinstance(question, Number):
        every = range(question.low, question.high + 1)
        near = [n for n in edges if n in every] or [question.example]
        return (*every, *(near * (len(every) // len(near) + 1)))
    options = [option for option in question.labels if option != NONE]
    one = [frozenset([option]) for option in options]
    more = [
        frozenset(some)
        for size in range(2, len(options) + 1)
        for some in combinations(options, size)
    ]
    quarter = max(len(one), len(more))
    return (*more, *(one * (quarter // len(one) + 1)), *([frozenset([NONE])] * 2 * quarter))


def _edges(catalog: Catalog, name: str) -> list[int]:
    """Return the numbers that some condition compares a question with, and those next to them."""
    shown = (
        condition for every in catalog.questionnaire.shown_when.values() for condition in every
    )
    counted = (part for score in catalog.questionnaire.scores for part in score.count)
    every = (*shown, *counted, *(rule.when for rule in catalog.rules.values()))
    found = {
        clause.value
        for condition in every
        for clause, _ in clauses(condition)
        if isinstance(clause, Comparison) and clause.name == name and isinstance(clause.value, int)
    }
    return sorted({near for number in found for near in (number - 1, number, number + 1)})


def personas(catalog: Catalog) -> Iterator[Answers]:
    """Yield the people of tests/personas, who are like those who come."""
    for path in sorted((Path(__file__).parents[1] / "personas").glob("*.yaml")):
        answers = catalog.questionnaire.example(
            YamlFile(path.name, path.read_text()).data.get("answers")
        )
        yield Answers.typed(catalog.questionnaire, answers)
