"""The page for a practitioner: nothing that was said is lost, and nothing is said that was not."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from lumbar import Catalog, decide, make_plan
from lumbar.intake.answers import Answers
from lumbar.plan.blocks import Block
from lumbar.plan.summary import summary, to_take_along
from lumbar.review.people.personas import load_personas

DAY = "2026-11-22"
PERSONAS = load_personas(Path(__file__).parents[1] / "personas")

Example = Callable[..., Mapping[str, Any]]


def of(catalog: Catalog, answers: Mapping[str, Any], tell: Any = summary) -> list[Block]:
    decision = decide(catalog, Answers.of(catalog.questionnaire, answers))
    return list(tell(decision, make_plan(decision, DAY), DAY))


def text(blocks: Iterable[Block]) -> str:
    return "\n".join(line for block in blocks for line in block.lines)


def below(blocks: list[Block], heading: str) -> list[Block]:
    """Return the blocks that stand below a heading, up to the next."""
    at = next(place for place, one in enumerate(blocks) if one.lines == (heading,)) + 1
    end = next(
        (place for place, one in enumerate(blocks) if one.kind == "heading" and place >= at), None
    )
    return blocks[at:end]


def signs_said(catalog: Catalog, blocks: list[Block]) -> str:
    """Return the warning signs that were said, without those that were denied or left open."""
    first = below(blocks, catalog.words.summary.signs)[0]
    return text([first])


@pytest.mark.parametrize("name", PERSONAS)
def test_every_answer_and_every_open_question_about_a_sign_is_on_the_page(
    name: str, catalog: Catalog, example: Example
) -> None:
    answers = Answers.of(catalog.questionnaire, example(PERSONAS[name].answers))
    said = text(of(catalog, answers))
    for question, answer in answers.items():
        asked = catalog.questionnaire.questions[question]
        assert asked.name in said
        if answer not in {"no", "none", frozenset({"none"})}:
            assert asked.in_words(answer) in said
    for question in answers.facts.unanswered:
        asked = catalog.questionnaire.questions[question]
        assert asked.name in said or asked.kind not in {"decisive", "contributing"}


@pytest.mark.parametrize("name", PERSONAS)
def test_whom_to_see_is_told_with_each_rule_that_says_so(
    name: str, catalog: Catalog, example: Example
) -> None:
    decision = decide(catalog, example(PERSONAS[name].answers))
    blocks = list(summary(decision, make_plan(decision, DAY), DAY))
    said = text(below(blocks, catalog.words.summary.suggested))
    for one in decision.referrals:
        assert catalog.items[one.to].name in said
        assert all(f"({rule})" in said for rule in one.rules)
    assert decision.referrals or said == catalog.words.summary.no_visit
    assert blocks[0].urgency == decision.urgency


def test_a_sign_that_was_denied_is_not_among_those_said(catalog: Catalog, example: Example) -> None:
    blocks = of(catalog, example({"bladder_leak": "new"}))
    name = {one.id: one.name for one in catalog.questionnaire.questions.values()}
    assert signs_said(catalog, blocks).startswith(f"{name['bladder_leak']}: Yes")
    assert name["bowel_control"] not in signs_said(catalog, blocks)
    denied = text(below(blocks, catalog.words.summary.signs))
    assert name["bowel_control"] in denied


def test_a_sign_that_is_old_or_not_sure_counts_as_said_and_not_as_denied(
    catalog: Catalog, example: Example
) -> None:
    for answer in ("longstanding", "unsure"):
        blocks = of(catalog, example({"bladder_leak": answer}))
        label = catalog.questionnaire.in_words("bladder_leak", answer)
        assert label in signs_said(catalog, blocks)


def test_a_sign_that_was_left_open_is_told_as_open(catalog: Catalog, example: Example) -> None:
    blocks = of(catalog, example({"bladder_leak": None}))
    name = catalog.questionnaire.questions["bladder_leak"].name
    open_, denied = catalog.words.summary.left_open, catalog.words.summary.denied
    told = next(one for one in blocks if one.lines[0].startswith(open_.partition("{")[0]))
    assert name in told.lines[0]
    after = [one for one in below(blocks, catalog.words.summary.signs) if one is not told]
    assert name not in text(after)
    assert denied in text(after)


def test_without_any_answer_it_still_says_what_is_open(catalog: Catalog) -> None:
    blocks = of(catalog, {})
    assert catalog.questionnaire.questions["bladder_leak"].name in text(blocks)
    assert catalog.words.summary.no_signs in text(blocks)


def test_a_day_is_told_only_where_there_is_one(catalog: Catalog, example: Example) -> None:
    decision = decide(catalog, example())
    plan = make_plan(decision)
    assert DAY in text(summary(decision, plan, DAY))
    assert "None" not in text(list(summary(decision, plan, None))[:1])


def test_what_to_take_along_holds_the_signs_and_no_more_than_that_calls_for(
    catalog: Catalog, example: Example
) -> None:
    blocks = of(catalog, example({"bladder_leak": "new"}), to_take_along)
    said = text(blocks)
    assert catalog.questionnaire.in_words("bladder_leak", "new") in said
    assert catalog.questionnaire.questions["bowel_control"].name in said
    assert catalog.questionnaire.questions["phq4_down"].name not in said


def test_a_score_is_told_only_where_all_that_it_adds_up_was_answered(
    catalog: Catalog, example: Example
) -> None:
    title = next(one.title for one in catalog.questionnaire.scores if one.id == "phq4_total")
    assert title in text(of(catalog, example()))
    assert title not in text(of(catalog, example({"phq4_down": None})))


def test_where_no_safe_decision_was_made_the_page_says_so(
    catalog: Catalog, example: Example
) -> None:
    from lumbar.decision.decide import refused

    decision = refused(decide(catalog, example()), "the two engines disagree")
    blocks = list(summary(decision, make_plan(decision, DAY), DAY))
    assert "the two engines disagree" in text(blocks)
    assert catalog.words.summary.no_visit not in text(blocks)
