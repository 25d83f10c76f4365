"""The formulas decide for a crowd what the reference engine decides for each of it: random rule
sets and the shipped one, as integers and as numpy words.
"""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

import pytest

pytest.importorskip("numpy", reason="the extra `crowd` is not installed")
pytest.importorskip("z3", reason="the extra `review` is not installed")
import numpy as np
from properties.rows import anybody, of_rule_set
from properties.rule_sets import rule_set

from lumbar import Catalog
from lumbar.form.agreement import DisagreementError, agree
from lumbar.form.crowd import Crowd, of_people
from lumbar.form.encoding import Encoding
from lumbar.form.formulas import FALSE, an_input, at_least, both, opposite
from lumbar.form.space import AnswerSpace
from lumbar.form.table import columns, count, of_table, packed, places, raw, unpacked

Raw = Mapping[str, Any]
Crowded = Callable[[AnswerSpace, Catalog, Sequence[Raw]], Crowd]
SHIPPED_PEOPLE = 400


def as_integers(space: AnswerSpace, catalog: Catalog, everybody: Sequence[Raw]) -> Crowd:
    asked = catalog.questionnaire.questions
    return of_people(
        space, [{name: asked[name].typed(one) for name, one in some.items()} for some in everybody]
    )


def as_words(space: AnswerSpace, catalog: Catalog, everybody: Sequence[Raw]) -> Crowd:
    return of_table(space, columns(catalog.questionnaire, everybody), len(everybody))


@pytest.mark.parametrize("crowded", [as_integers, as_words])
def test_a_crowd_is_decided_for_as_the_reference_engine_decides_for_each(crowded: Crowded) -> None:
    for seed in range(60):
        catalog = rule_set(seed)
        everybody = of_rule_set(catalog, seed)
        encoding = Encoding(catalog)
        crowd = crowded(encoding.space, catalog, everybody)
        agree(encoding, crowd, range(len(everybody)), everybody)


@pytest.mark.parametrize("crowded", [as_integers, as_words])
def test_the_shipped_rules_are_decided_for_a_crowd_as_for_each(
    catalog: Catalog, crowded: Crowded
) -> None:
    everybody = anybody(catalog, crowded.__name__, SHIPPED_PEOPLE)
    encoding = Encoding(catalog)
    crowd = crowded(encoding.space, catalog, everybody)
    agree(encoding, crowd, range(SHIPPED_PEOPLE), everybody)


def test_a_disagreement_names_the_person_and_what_is_decided_otherwise(catalog: Catalog) -> None:
    everybody = anybody(catalog, "disagreement", 20)
    encoding = Encoding(catalog)
    encoding.fires["self-care-walking"] = FALSE
    encoding.fires["infection-fever"] = opposite(encoding.fires["infection-fever"])
    crowd = as_integers(encoding.space, catalog, everybody)
    with pytest.raises(DisagreementError, match=r"person 0: .*fires infection-fever"):
        agree(encoding, crowd, range(20), everybody)


def test_sums_are_compared_with_every_number_they_can_reach() -> None:
    rnd = Random(3)
    inputs = [an_input(f"part {place}") for place in range(7)]
    weights = [1, 2, 1, 3, 5, 1, 4]
    words = {one: rnd.getrandbits(100) for one in inputs}
    for crowd in (
        Crowd((1 << 100) - 1, words.__getitem__),
        Crowd(packed(np.ones(100, bool)), lambda one: packed(bits(words[one]))),
    ):
        for least in range(sum(weights) + 2):
            formula = at_least(least, zip(inputs, weights, strict=True))
            for place in range(100):
                held = sum(
                    w for one, w in zip(inputs, weights, strict=True) if words[one] >> place & 1
                )
                said = crowd[formula]
                bit = said >> place & 1 if isinstance(said, int) else unpacked(said, 100)[place]
                assert bool(bit) is (held >= least)


def bits(word: int) -> Any:
    return np.array([word >> place & 1 for place in range(100)], bool)


def test_words_tell_who_is_meant_and_how_many() -> None:
    truths = np.zeros(131, bool)
    truths[[0, 63, 64, 130]] = True
    assert places(packed(truths)) == [0, 63, 64, 130]
    assert count(packed(truths)) == 4
    assert (unpacked(packed(truths), 131) == truths).all()


def test_a_table_gives_back_what_was_put_into_it(catalog: Catalog) -> None:
    everybody = anybody(catalog, "back", 50)
    asked = catalog.questionnaire.questions
    typed = [{name: asked[name].typed(said) for name, said in one.items()} for one in everybody]
    for given in (everybody, typed):
        made = columns(catalog.questionnaire, given)
        assert [raw(made, place) for place in range(50)] == everybody


def test_equal_formulas_are_the_same() -> None:
    one, other = an_input("one"), an_input("other")
    assert both((one, other)) is both((an_input("one"), an_input("other")))
    assert opposite(opposite(one)) is one
