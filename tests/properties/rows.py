"""People as rows of an Arrow table, some spoiled, and what the reference engine decides for each."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
from properties.rule_sets import people, rule_set

from lumbar import BadAnswersError, Catalog
from lumbar.decision.decide import by_reference
from lumbar.engines.inference import ConflictError
from lumbar.form.table import Column
from lumbar.intake.answers import faults
from lumbar.review.people.drawing import Drawing
from lumbar.rulebook.questionnaire import NONE, Number, OneOf, Questionnaire

Raw = Mapping[str, Any]
NOTHING = dict.fromkeys(("urgency", "fired", "referred", "recommended", "avoided"))


def table(questionnaire: Questionnaire, everybody: Sequence[Raw]) -> Any:
    """Return people as a table, a row each, by `id`."""
    columns = {
        name: pa.array([one.get(name) for one in everybody], arrow_type(question))
        for name, question in questionnaire.questions.items()
    }
    return pa.table({"id": pa.array(range(len(everybody)), pa.int64()), **columns})


def drawn(drawing: Drawing, many: int) -> Any:
    """Return people of the made-up practice as a table, a row each, by `id`."""
    columns = drawing.drawn(range(many)).table
    return pa.table(
        {"id": pa.array(range(many), pa.int64())}
        | {name: _cells(column) for name, column in columns.items()}
    )


def _cells(column: Column) -> Any:
    nobody = ~column.answered
    if not column.options:
        return pa.array(column.values, pa.int32(), mask=nobody)
    kinds, which = np.unique(column.values, return_inverse=True)
    each = Column(kinds, np.ones(len(kinds), bool), column.options, column.several)
    known = pa.array([each.raw(place) for place in range(len(kinds))])
    return known.take(pa.array(which, mask=nobody))


def arrow_type(question: Any) -> Any:
    if isinstance(question, Number):
        return pa.int32()
    return pa.string() if isinstance(question, OneOf) else pa.list_(pa.string())


def expected(catalog: Catalog, answers: Raw) -> dict[str, Any]:
    """Return what the columns of somebody should hold, but for the words of a problem."""
    try:
        decision = by_reference(catalog, answers)
    except (BadAnswersError, ConflictError):
        return {"decided": False, **NOTHING}
    return {
        "decided": True,
        "urgency": decision.urgency,
        "fired": list(decision.fired),
        "referred": [{"to": one.to, "urgency": one.urgency} for one in decision.referrals],
        "recommended": [{"item": one.item, "dose": one.dose} for one in decision.recommended],
        "avoided": sorted(decision.avoided),
    }


def found(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of the result in the form of `expected`."""
    return {"decided": row["problem"] is None, **{name: row[name] for name in NOTHING}}


def spoiled(questionnaire: Questionnaire, everybody: Sequence[Raw], seed: object) -> list[Raw]:
    """Return each of some people with one answer that is none, or to a question not asked."""
    rnd = Random(f"spoiled {seed}")
    every = list(questionnaire.questions.values())
    return [{**one, (asked := rnd.choice(every)).id: _no_answer(asked, rnd)} for one in everybody]


def _no_answer(question: Any, rnd: Random) -> Any:
    if isinstance(question, Number):
        return rnd.choice((question.low - 1, question.high + 1, 2**31 - 1))
    if isinstance(question, OneOf):
        return rnd.choice(("", "no_such", "'"))
    some = next(one for one in question.labels if one != NONE)
    return rnd.choice(([], [None], [some, None], [NONE, some], ["no_such"], [some, "no_such"]))


def anybody(catalog: Catalog, seed: object, many: int) -> list[Raw]:
    """Return people who answer anything, and some who leave questions open."""
    rnd = Random(f"anybody {seed}")
    questionnaire = catalog.questionnaire
    found = []
    for _ in range(many):
        leaves = rnd.choice((0, 0, 0.02, 0.3))
        usual = rnd.choice((0, 0.5, 0.9, 0.97))
        answers: dict[str, Any] = {}
        comes_again = rnd.random() < 0.4
        for name, applies in questionnaire.walk(answers):
            question = questionnaire.questions[name]
            asked = comes_again if name in questionnaire.known else applies is not False
            if not asked or rnd.random() < leaves:
                continue
            value = question.example if rnd.random() < usual else an_answer(question, rnd)
            answers[name] = question.typed(value)
        found.append({n: sorted(v) if isinstance(v, frozenset) else v for n, v in answers.items()})
    return found


def an_answer(question: Any, rnd: Random) -> Any:
    if isinstance(question, Number):
        return rnd.randint(question.low, question.high)
    if isinstance(question, OneOf):
        return rnd.choice(list(question.labels))
    some = [one for one in question.labels if one != NONE]
    return rnd.sample(some, rnd.randint(1, min(3, len(some)))) if rnd.random() < 0.5 else [NONE]


def of_rule_set(catalog: Catalog, seed: object) -> list[Raw]:
    """Return random people for a random rule set, those whose answers a table can hold."""
    everybody = (
        {n: sorted(v) if isinstance(v, frozenset) else v for n, v in one.answers.items()}
        for one in people(catalog, seed, 70)
        if not one.torn
    )
    return [one for one in everybody if not faults(catalog.questionnaire, one)]


def hold_on_random_rule_sets(
    rows_of: Callable[[Catalog, Sequence[Raw]], list[dict[str, Any]]], contradiction: str
) -> None:
    """Hold that what decides for a table decides as the reference engine; whoever gets one finding
    with two values has the problem `contradiction`.
    """
    contradictions = 0
    for seed in range(60):
        catalog = rule_set(seed)
        everybody = of_rule_set(catalog, seed)
        everybody += spoiled(catalog.questionnaire, everybody[:20], seed)
        rows = rows_of(catalog, everybody)
        assert [found(row) for row in rows] == [expected(catalog, one) for one in everybody], seed
        contradictions += [row["problem"] for row in rows].count(contradiction)
    assert contradictions > 20
