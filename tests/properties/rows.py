"""People as rows of an Arrow table, some spoiled, and what the reference engine decides for each."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import pyarrow as pa

from lumbar import BadAnswersError, Catalog
from lumbar.decision.decide import by_reference
from lumbar.engines.inference import ConflictError
from lumbar.rulebook.questionnaire import NONE, Number, OneOf, Questionnaire

Raw = Mapping[str, Any]
NOTHING = dict.fromkeys(("urgency", "fired", "referred", "recommended", "avoided"))


def table(questionnaire: Questionnaire, people: Sequence[Raw]) -> Any:
    """Return people as a table, a row each, by `id`."""
    columns = {
        name: pa.array([one.get(name) for one in people], arrow_type(question))
        for name, question in questionnaire.questions.items()
    }
    return pa.table({"id": pa.array(range(len(people)), pa.int64()), **columns})


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


def spoiled(questionnaire: Questionnaire, people: Sequence[Raw], seed: object) -> list[Raw]:
    """Return each of some people with one answer that is none, or to a question not asked."""
    rnd = Random(f"spoiled {seed}")
    every = list(questionnaire.questions.values())
    return [{**one, (asked := rnd.choice(every)).id: _no_answer(asked, rnd)} for one in people]


def _no_answer(question: Any, rnd: Random) -> Any:
    if isinstance(question, Number):
        return rnd.choice((question.low - 1, question.high + 1, 2**31 - 1))
    if isinstance(question, OneOf):
        return rnd.choice(("", "no_such", "'"))
    some = next(one for one in question.labels if one != NONE)
    return rnd.choice(([], [None], [some, None], [NONE, some], ["no_such"], [some, "no_such"]))
