"""What must hold between files, on copies of the toy."""

import shutil
from pathlib import Path

import pytest

from lumbar import load
from lumbar.reading.problems import BadCatalogError

TOY = Path(__file__).parents[1] / "toy"
RULE = """
- id: about-a-score
  title: About a score
  when: {when}
  then:
    - refer: practitioner/gp
      urgency: routine
  because: Because.
  evidence: [{{source: toy-study, direction: for, strength: none, certainty: none}}]
  status: draft
"""


@pytest.mark.parametrize(
    "when",
    [
        "risk_signs < 2",
        "risk_signs <= 2",
        "risk_signs == 2",
        "risk_signs != 2",
        "risk_signs in [2, 3]",
        "not risk_signs >= 2",
    ],
)
def test_a_score_that_may_be_higher_than_it_looks_is_never_taken_for_low(
    when: str, tmp_path: Path
) -> None:
    shutil.copytree(TOY, tmp_path / "toy")
    (tmp_path / "toy" / "rules" / "triage" / "more.yaml").write_text(RULE.format(when=when))
    with pytest.raises(
        BadCatalogError, match=r"wrong-comparison.*may be higher than it looks"
    ) as refused:
        load(tmp_path / "toy")
    assert len(refused.value.problems) == 1


def test_a_score_is_compared_with_what_it_reaches(tmp_path: Path) -> None:
    shutil.copytree(TOY, tmp_path / "toy")
    (tmp_path / "toy" / "rules" / "triage" / "more.yaml").write_text(
        RULE.format(when="risk_signs >= 2 or pain_mean > 7")
    )
    assert "about-a-score" in load(tmp_path / "toy").rules


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("{conclude: mood, value: low}", "{conclude: mood, value: high}"),
        (
            "{refer: practitioner/gp, urgency: routine}",
            "{refer: practitioner/gp, urgency: same_day}",
        ),
    ],
)
def test_a_rule_never_says_two_things_of_one(first: str, second: str, tmp_path: Path) -> None:
    shutil.copytree(TOY, tmp_path / "toy")
    rule = RULE.format(when="age > 3").replace(
        "- refer: practitioner/gp\n      urgency: routine", f"- {first}\n    - {second}"
    )
    (tmp_path / "toy" / "rules" / "triage" / "more.yaml").write_text(rule)
    with pytest.raises(
        BadCatalogError, match=r"duplicate-id this rule names '.*' twice"
    ) as refused:
        load(tmp_path / "toy")
    assert len(refused.value.problems) == 1


@pytest.mark.parametrize("name", ["signs", "work"])
def test_a_score_adds_up_only_what_is_a_number_whatever_is_answered(
    name: str, tmp_path: Path
) -> None:
    shutil.copytree(TOY, tmp_path / "toy")
    scores = tmp_path / "toy" / "rules" / "scores.yaml"
    scores.write_text(
        scores.read_text().replace("sum: [mood_down, mood_worry]", f"sum: [mood_down, {name}]")
    )
    with pytest.raises(BadCatalogError, match=f"wrong-clause '{name}' is no number"):
        load(tmp_path / "toy")


@pytest.mark.parametrize("name", ["urgency", "this"])
def test_no_finding_takes_a_name_that_safety_properties_use(name: str, tmp_path: Path) -> None:
    shutil.copytree(TOY, tmp_path / "toy")
    text = RULE.format(when="risk_signs >= 2").replace(
        "  - refer: practitioner/gp\n      urgency: routine", f"  - conclude: {name}"
    )
    (tmp_path / "toy" / "rules" / "triage" / "more.yaml").write_text(text)
    with pytest.raises(
        BadCatalogError, match=f"duplicate-id '{name}' is a word of the safety properties"
    ):
        load(tmp_path / "toy")
