"""Coming again: who comes first is asked nothing of it, everything that changes is asked anew, what
was is told by the program, and no answer of today loses its weight.
"""

from datetime import date, timedelta
from typing import Any

import pytest

pytest.importorskip("z3", reason="the extra `review` is not installed")

from lumbar import Catalog, Plan, decide, make_plan
from lumbar.decision.decide import URGENT
from lumbar.form.encoding import Encoding
from lumbar.form.formulas import FALSE, both, either, opposite, replaced
from lumbar.intake.answers import Answers
from lumbar.intake.check_in import Point, come_again, go_on, over_time
from lumbar.intake.earlier import Earlier
from lumbar.intake.interview import Interview
from lumbar.intake.length import length
from lumbar.plan.blocks import blocks
from lumbar.review.proof.prover import Prover
from lumbar.rulebook.items import URGENCIES
from lumbar.rulebook.questionnaire import asked_again

TODAY = date(2026, 11, 29)
Raw = dict[str, Any]


def visit(catalog: Catalog, days_ago: int, **over: Any) -> Raw:
    answers = Answers.typed(catalog.questionnaire, catalog.questionnaire.example(over))
    return {"answered_on": (TODAY - timedelta(days_ago)).isoformat(), **answers.raw}


def again(catalog: Catalog, *visits: Raw) -> Earlier:
    return come_again(catalog.questionnaire, visits, TODAY)


def of_last_time(catalog: Catalog) -> set[str]:
    """Return what is known of visits before, and what is asked only of who comes again."""
    found = set(catalog.questionnaire.known)
    for name, conditions in catalog.questionnaire.shown_when.items():
        if any(read in found for condition in conditions for read in condition.reads):
            found.add(name)
    return found


def test_who_comes_for_the_first_time_is_asked_nothing_of_a_time_before(catalog: Catalog) -> None:
    interview = Interview(catalog.questionnaire, {}, catalog.words.interview)
    asked = set()
    while interview.question is not None:
        asked |= {one.id for one in interview.card.asked} if interview.card else {interview.current}
        interview.skip()
    assert len(asked) > 80
    assert not asked & of_last_time(catalog)
    assert not interview.answers.facts.unanswered & of_last_time(catalog)


@pytest.mark.parametrize("days", [0, 1, 7, 30])
def test_all_that_changes_is_asked_anew_however_short_a_time_it_is(
    catalog: Catalog, days: int
) -> None:
    found = again(catalog, visit(catalog, days, bladder_leak="new", fever="yes"))
    asked = catalog.questionnaire.questions
    assert not [name for name in found.answers if asked_again(asked[name])]
    assert {"age", "work_status", "minutes_a_day"} <= found.answers.keys()
    assert found.day == TODAY.isoformat()


def test_nothing_stands_ready_to_be_taken_over_unread(catalog: Catalog) -> None:
    found = again(catalog, visit(catalog, 7, pain_now=8, pain_worst=9))
    interview = Interview(catalog.questionnaire, found.answers, catalog.words.interview, found.said)
    first = interview.card
    assert first is not None
    assert first.topic.id == "pelvis"  # the warning signs, before how it went
    while interview.question is not None:
        assert interview.said is None
        interview.answer(interview.question.typed(interview.question.example))


def test_it_takes_half_as_long_as_the_first_time(catalog: Catalog) -> None:
    questionnaire, says = catalog.questionnaire, catalog.words.interview
    first = length(questionnaire, says, Answers.of(questionnaire, visit(catalog, 0)))
    found = again(catalog, visit(catalog, 7))
    interview, answers = Interview(questionnaire, found.answers, says, found.said), 0
    while interview.question is not None:
        interview.answer(interview.question.typed(interview.question.example))
        answers += 1
    assert answers <= first.answers / 2


def test_the_program_tells_what_was_first_and_last(catalog: Catalog) -> None:
    first = visit(catalog, 28, pain_now=8, pain_worst=9, peg_activity=7)
    second = visit(catalog, 14, pain_now=5, pain_worst=6, peg_activity=6)
    given = again(catalog, first, second).answers
    assert {name: given[name] for name in catalog.questionnaire.known} == {
        "plan_days": 28,
        "pain_at_start": 8,
        "activity_at_start": 7,
        "pain_last": 5,
        "activity_last": 6,
    }


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"pain_now": None}, {"pain_at_start", "pain_last"}),
        ({"pain_now": 11}, {"pain_at_start", "pain_last"}),
        ({"pain_now": "strong"}, {"pain_at_start", "pain_last"}),
        ({"answered_on": None}, {"plan_days"}),
        ({"answered_on": "2027-01-01"}, {"plan_days"}),
        ({"answered_on": "last week"}, {"plan_days"}),
    ],
)
def test_what_was_left_open_or_is_no_answer_is_not_told(
    catalog: Catalog, change: Raw, missing: set[str]
) -> None:
    raw = {name: one for name, one in (visit(catalog, 7) | change).items() if one is not None}
    given = again(catalog, raw).answers
    assert catalog.questionnaire.known.keys() - given.keys() == missing
    assert ("goal_now" in dict(catalog.questionnaire.walk(given))) is True
    asked = {name for name, one in catalog.questionnaire.walk(given) if one is not False}
    assert ("goal_now" in asked) is ("plan_days" not in missing)


def test_what_is_told_cannot_be_forged_by_an_answer_of_before(catalog: Catalog) -> None:
    forged = visit(catalog, 7) | {"plan_days": 400, "pain_at_start": 0}
    given = again(catalog, forged).answers
    assert (given["plan_days"], given["pain_at_start"]) == (7, 4)


def test_a_visit_that_was_begun_today_goes_on_where_it_was(catalog: Catalog) -> None:
    visits = [visit(catalog, 7)]
    begun = again(catalog, *visits).answers.having({"bladder_leak": "new"})[0]
    raw = {"answered_on": TODAY.isoformat(), **begun.raw}
    found = go_on(catalog.questionnaire, visits, raw, TODAY)
    assert found.answers == begun
    later = go_on(catalog.questionnaire, visits, raw, TODAY + timedelta(3))
    assert "bladder_leak" not in later.answers
    assert later.answers["plan_days"] == 10


def test_no_referral_that_the_answers_of_today_give_is_lost_by_coming_again(
    catalog: Catalog,
) -> None:
    """Proved for everybody: the same answers without those of last time, beside these."""
    prover = Prover.of(catalog)
    encoding: Encoding = prover.encoding
    variables = prover.space.variables
    pairs = [(one, FALSE) for name in of_last_time(catalog) for one in variables[name].symbols]
    urgent = list(encoding.urgent_as.values())
    seen = [
        either(part for (to, level), part in encoding.referred.items() if to == who and level in up)
        for who in {to for to, _ in encoding.referred}
        for up in (URGENCIES[: n + 1] for n in range(len(URGENCIES)))
    ]
    sound = opposite(encoding.conflict)
    before = replaced([encoding.valid, sound, *urgent, *seen], pairs)
    lost = [both((was, opposite(now))) for was, now in zip(before[2:], urgent + seen, strict=True)]
    assert any(one is not FALSE for one in lost)
    assert not prover.possible(sound, *before[:2], either(lost))


def planned(catalog: Catalog, **over: Any) -> Plan:
    known = {
        "plan_days": 14,
        "pain_at_start": 6,
        "pain_last": 5,
        "activity_at_start": 4,
        "activity_last": 4,
    }
    person = {"pain_days": 110, "looked_at": "examined", **known, **over}
    answers = catalog.questionnaire.example({k: v for k, v in person.items() if v != ""})
    return make_plan(decide(catalog, Answers.typed(catalog.questionnaire, answers)), "2026-11-29")


def test_a_plan_says_first_what_changed_and_what_comes_of_it(catalog: Catalog) -> None:
    page = list(blocks(planned(catalog), catalog.words, full=False))
    kinds = [one.lines[0] for one in page if one.kind == "heading"]
    assert kinds[:2] == [catalog.words.page.since_last, catalog.words.page.today]
    said = [one.lines[0] for one in page if one.kind == "text"][:3]
    assert said[0] == "Pain now: 5 last time, 4 today, 6 when you began."
    assert said[1].endswith("4 last time, 4 today.")
    assert said[2] == catalog.rules["step-more"].because


@pytest.mark.parametrize(
    "sign",
    [{"bladder_leak": "new"}, {"leg_weakness": "new"}, {"calf_swelling": "sore"}, {"fever": None}],
    ids=str,
)
def test_nothing_of_last_time_stands_beside_a_sign(catalog: Catalog, sign: Raw) -> None:
    plan = planned(catalog, **sign)
    assert plan.urgency.level in {*URGENT, "within_days"}
    assert plan.since_last is None
    assert catalog.words.page.since_last not in {
        line for one in blocks(plan, catalog.words, full=False) for line in one.lines
    }


def test_who_comes_for_the_first_time_reads_nothing_of_a_time_before(catalog: Catalog) -> None:
    assert planned(catalog, **dict.fromkeys(catalog.questionnaire.known, "")).since_last is None


def test_over_time_every_visit_is_a_point_and_what_was_left_open_is_none(catalog: Catalog) -> None:
    visits = [visit(catalog, 14, pain_now=7, pain_worst=8), visit(catalog, 7) | {"pain_now": 99}]
    assert over_time(catalog.questionnaire, visits) == (
        Point("2026-11-15", {"pain_now": 7, "peg_activity": 4}),
        Point("2026-11-22", {"pain_now": None, "peg_activity": 4}),
    )
