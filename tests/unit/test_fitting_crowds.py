"""Plans of many people at once show what each one's plan shows, whatever the limits of a plan are."""

from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("numpy", reason="the extra `crowd` is not installed")
import numpy as np

from lumbar import Catalog
from lumbar.decision.decide import by_reference
from lumbar.form.encoding import Encoding
from lumbar.form.fitting import shown, today
from lumbar.form.table import of_table
from lumbar.plan.composing import make_plan
from lumbar.plan.fitting import selected
from lumbar.reading.paths import data_root
from lumbar.review.people.drawing import Drawing
from lumbar.review.people.practice import read

MANY = 150


def limited(catalog: Catalog, **over: Any) -> Catalog:
    """Return the shipped rules with other limits of every section."""
    limits = catalog.limits
    sections = tuple(replace(one, **over) for one in limits.sections)
    return replace(catalog, limits=replace(limits, sections=sections))


@pytest.mark.parametrize(
    "over",
    [
        {},
        {"minutes_at_most": 4},
        {"minutes_at_most": 0},
        {"at_least": 0, "at_most": 30},
        {"at_least": 30, "at_most": 30},
        {"first": (), "beside": ()},
    ],
    ids=str,
)
def test_a_crowd_is_shown_what_each_is_shown(catalog, over):
    catalog = limited(catalog, **over)
    encoding = Encoding(catalog)
    people = Drawing(catalog, read(catalog, data_root()), "fitting").drawn(range(MANY))
    crowd = of_table(encoding.space, people.table, MANY)
    minutes = people.table[catalog.limits.minutes_question]
    least = catalog.questionnaire.questions[catalog.limits.minutes_question].low
    plans = shown(encoding, crowd, np.where(minutes.answered, minutes.values, least))
    for at in range(MANY):
        alone = selected(by_reference(catalog, people.raw(at)))
        assert {item for item, whose in plans.items() if whose[at]} == alone.keys()


def test_what_a_crowd_is_to_do_today_is_what_each_plan_says(catalog):
    encoding, limits = Encoding(catalog), catalog.limits
    people = Drawing(catalog, read(catalog, data_root()), "today").drawn(range(40))
    crowd = of_table(encoding.space, people.table, 40)
    plans = shown(encoding, crowd, people.table[limits.minutes_question].values)
    items = [item for section in limits.sections for item in section.order]
    tasks = today(limits.sections, limits.today_at_most, plans)
    some = 0
    for at in range(40):
        plan = make_plan(by_reference(catalog, people.raw(at)))
        assert [item for item, whose in zip(items, tasks, strict=True) if whose[at]] == [
            step.item for step in plan.today
        ]
        some += bool(plan.today)
    assert some > 10
