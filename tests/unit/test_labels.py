"""An item's label tells the truth to whoever reads it: it may hang on what a person has."""

from pathlib import Path
from typing import Any

import pytest
from edits import TOY, copied, edited

from lumbar import Catalog, decide, load, make_plan
from lumbar.plan.blocks import cited
from lumbar.plan.document import LabelSaid
from lumbar.reading.problems import BadCatalogError
from lumbar.rulebook.items import Citation

WARM = "content/heat/warm_wrap.yaml"


def label(catalog: Catalog, item: str, **over: Any) -> LabelSaid:
    plan = make_plan(decide(catalog, catalog.questionnaire.example(over)))
    items = {one.item: one for part in plan.sections for one in part.items}
    return items[item].label


@pytest.mark.parametrize(
    ("days", "name"), [(3, "Strongly recommended"), (84, "Strongly recommended"),
                       (85, "For comfort only")],
)  # fmt: skip
def test_warmth_is_recommended_in_new_pain_and_a_comfort_in_lasting_pain(
    days: int, name: str, catalog: Catalog
) -> None:
    assert label(catalog, "heat/warm_wrap", pain_days=days, heat_wish="yes").name == name


def test_an_exercise_that_was_studied_in_lasting_pain_says_less_in_new_pain(
    catalog: Catalog,
) -> None:
    assert label(catalog, "exercise/pelvic_tilt", pain_days=3).id == "trial_limited"
    later = label(catalog, "exercise/sit_to_stand", pain_days=60)
    assert later.id == "guideline_conditional"


@pytest.mark.parametrize(
    ("put", "says"),
    [
        ("{when: phaze == long, label: guideline_strong, label_note: A.}", "phaze"),
        ("{when: phase == old, label: guideline_strong, label_note: A.}", "old"),
        ("{when: phase == long, label: strong, label_note: A.}", "strong"),
        ("{when: phase == long, lable: guideline_strong, label_note: A.}", "lable"),
        ("{label: guideline_strong, label_note: A.}", "when"),
    ],
)
def test_a_label_for_some_that_cannot_be_is_refused_in_its_place(
    put: str, says: str, tmp_path: Path
) -> None:
    find = "label_note: Toy evidence for this.\n"
    edited(copied(TOY, tmp_path), WARM, find, f"{find}label_when:\n  - {put}\n")
    with pytest.raises(BadCatalogError, match=rf"warm_wrap\.yaml:6(.|\n)*{says}"):
        load(tmp_path)


def test_a_source_that_gives_no_grade_is_not_said_to_be_graded_none(catalog: Catalog) -> None:
    source = next(iter(catalog.sources.values()))
    said = cited(catalog.words, source, Citation(source=source.id, direction="for"))
    assert "not graded" in said
    assert "none" not in said
