"""Named people and what a clinician would expect of their plans; expectations are partial and were written first."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import Field

from lumbar import Catalog, Decision, Plan, decide, make_plan
from lumbar.content import URGENCIES, Urgency, Words
from lumbar.document import LeftOut
from lumbar.explain import why_not
from lumbar.questionnaire import Number, OneOf, Question, SeveralOf
from lumbar.yamlfile import Record, YamlFile

FOLDER = Path(__file__).parent / "personas"
FILES = tuple(sorted(FOLDER.glob("*.yaml")))

# A plan may hold these reasons; every other word under `leaves_out` is the id of a rule that withheld the item.
REASONS = ("avoided", "urgent", "no_room", "no_time", "not_recommended")
COVERED_KINDS = ("massage", "belt", "rest", "heat", "work", "practitioner")
HANDS_ON = ("massage", "exercise", "belt")

Ids = tuple[str, ...]
Outcome = tuple[Decision, Plan]


class Expect(Record):
    """Some of what must be true of a plan; what is not said is not looked at. Findings are `yes`, `no` or a value."""

    urgency: Urgency | None = None
    refers_to: Ids = ()
    recommends: Ids = ()
    leaves_out: Mapping[str, str] = Field(default_factory=dict)
    not_refers_to: Ids = ()
    findings: Mapping[str, str] = Field(default_factory=dict)
    fires: Ids = ()
    silent: Ids = ()

    @property
    def items(self) -> set[str]:
        return {*self.refers_to, *self.recommends, *self.leaves_out, *self.not_refers_to}

    @property
    def rules(self) -> set[str]:
        return {*self.fires, *self.silent, *(set(self.leaves_out.values()) - {*REASONS})}


class Persona(Record):
    """A person: answers laid over the example person's (`null` leaves one open), and what to expect."""

    who: Words
    answers: Mapping[str, Any]
    expect: Expect


def read(text: str, name: str = "persona.yaml") -> Persona:
    """Return a checked persona; fail with every problem, each with its line."""
    file = YamlFile(name, text)
    persona = file.read(Persona)
    assert persona is not None, "\n".join(map(str, file.problems))
    return persona


def load_persona(path: Path) -> Persona:
    return read(path.read_text(encoding="utf-8"), path.name)


def misnamed(catalog: Catalog, persona: Persona) -> Iterator[str]:
    """Yield what a persona names that does not exist, and answers to questions that it is not asked."""
    given = {name: value for name, value in persona.answers.items() if value is not None}
    asked = catalog.questionnaire.example(given)
    known: tuple[tuple[str, Iterable[str], Iterable[str]], ...] = (
        ("an answer to a question this person is not asked", persona.answers, asked),
        ("an unknown item", persona.expect.items, catalog.items),
        ("an unknown rule", persona.expect.rules, catalog.rules),
        ("an unknown finding", persona.expect.findings, catalog.finding_stage),
    )
    for what, names, allowed in known:
        yield from (f"{what}: {name}" for name in sorted(set(names) - set(allowed)))


def shown(plan: Plan) -> dict[str, str]:
    """Return the items of the plan's sections by item, each with its section."""
    return {item.item: section.id for section in plan.sections for item in section.items}


def differences(catalog: Catalog, expect: Expect, outcome: Outcome) -> Iterator[str]:
    """Yield every difference between what was expected and what came, one line each."""
    decision, plan = outcome
    if plan.failure:
        yield f"no decision could be made: {plan.failure}"
    if expect.urgency not in {None, plan.urgency.level}:
        why = [f"{one.to} ({one.urgency}) by {', '.join(r.rule for r in one.because)}" for one in plan.referrals]
        yield f"urgency: expected {expect.urgency}, came {plan.urgency.level}: {'; '.join(why) or 'nobody to see'}"
    yield from _referral_differences(expect, plan)
    left_out = {one.item: one for one in plan.left_out}
    for item in expect.recommends:
        if item not in shown(plan):
            yield f"recommends {item}: {_told(decision, plan, left_out.get(item))}"
    for item, reason in expect.leaves_out.items():
        yield from _left_out_differences(decision, plan, item, reason)
    yield from _inner_differences(expect, decision)


def _referral_differences(expect: Expect, plan: Plan) -> Iterator[str]:
    referred = {one.to: one for one in plan.referrals}
    yield from (f"refers_to {one}: came {sorted(referred)}" for one in expect.refers_to if one not in referred)
    for one in expect.not_refers_to:
        if one in referred:
            yield f"not_refers_to {one}: referred by {', '.join(r.rule for r in referred[one].because)}"


def _told(decision: Decision, plan: Plan, left_out: LeftOut | None) -> str:
    if left_out is None:
        return "it is a referral, not an item of a section"
    answer = why_not(decision, plan, left_out.item)
    nearest = answer.nearest if answer else None
    by = [reason.rule for reason in left_out.because]
    near = f"; nearest {nearest.rule}, where {' and '.join(nearest.missing)}" if nearest else ""
    return f"left out as {left_out.reason} {' '.join(by)}{near}".strip()


def _left_out_differences(decision: Decision, plan: Plan, item: str, reason: str) -> Iterator[str]:
    left_out = next((one for one in plan.left_out if one.item == item), None)
    if left_out is None:
        yield f"leaves_out {item}: it is in the plan"
        return
    by = {one.rule for one in left_out.because}
    if reason not in (REASONS if reason == left_out.reason else by):
        yield f"leaves_out {item} ({reason}): {_told(decision, plan, left_out)}"
    elif not _stated(decision, plan, left_out):
        yield f"leaves_out {item} ({reason}): no rule is named, and no nearest one"


def _stated(decision: Decision, plan: Plan, left_out: LeftOut) -> bool:
    """Tell whether the reason names a rule where it should: the one that withheld it, or the nearest."""
    answer = why_not(decision, plan, left_out.item)
    named = {"avoided": left_out.because, "not_recommended": answer and answer.nearest}
    return bool(named.get(left_out.reason, True))


def _inner_differences(expect: Expect, decision: Decision) -> Iterator[str]:
    for name, wanted in expect.findings.items():
        came = decision.findings.get(name, False)
        came = {True: "yes", False: "no"}.get(came, came) if isinstance(came, bool) else came
        if came != wanted:
            yield f"finding {name}: expected {wanted}, came {came}"
    yield from (f"fires {one}: it was silent" for one in expect.fires if one not in decision.fired)
    yield from (f"silent {one}: it fired" for one in expect.silent if one in decision.fired)


@pytest.fixture(scope="module")
def outcome_of(catalog: Catalog) -> Callable[[Mapping[str, Any]], Outcome]:
    def outcome(answers: Mapping[str, Any]) -> Outcome:
        decision = decide(catalog, answers)
        return decision, make_plan(decision)

    return outcome


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_person_gets_the_plan_that_a_clinician_expects(path, catalog, example, outcome_of):
    persona = load_persona(path)
    wrong = list(misnamed(catalog, persona))
    assert not wrong, f"\n{path.name} names\n  " + "\n  ".join(wrong)
    found = list(differences(catalog, persona.expect, outcome_of(example(persona.answers))))
    assert not found, f"\n{path.name}: {persona.who}\n  " + "\n  ".join(found)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_persona_expects_something(path):
    assert load_persona(path).expect != Expect()


def test_a_persona_would_notice_if_its_answers_were_lost(catalog, example, outcome_of):
    """Every expectation but the example person's own is wrong of the example person."""
    baseline = outcome_of(example())
    blind = [
        path.stem
        for path, persona in ((path, load_persona(path)) for path in FILES)
        if persona.answers and not list(differences(catalog, persona.expect, baseline))
    ]
    assert not blind, "these would pass with no answers of their own"


def test_there_are_enough_people():
    assert len(FILES) >= 40
    assert {persona.expect.urgency for persona in map(load_persona, FILES)} >= set(URGENCIES)


@pytest.mark.parametrize(
    "broken",
    [
        "who: A\nanswers: {}\nexpect: {}\nnote: a key that nobody reads\n",
        "who: A\nanswers: {}\nexpect: {urgncy: self_care}\n",
        "who: A\nanswers: {}\nexpect: {urgency: soonish}\n",
        "who: A\nanswers: {age: 4, age: 5}\nexpect: {}\n",
    ],
)
def test_a_persona_with_an_unknown_key_or_word_is_an_error(broken):
    with pytest.raises(AssertionError, match=r"persona\.yaml"):
        read(broken)


@pytest.mark.parametrize(
    "broken",
    [
        "answers: {agee: 4}\nexpect: {}",
        "answers: {sex: male, pregnant: yes}\nexpect: {}",
        "answers: {sex: male, pregnant: null}\nexpect: {}",
        "answers: {}\nexpect: {recommends: [massage/kneed]}",
        "answers: {}\nexpect: {not_refers_to: [practitioner/vet]}",
        "answers: {}\nexpect: {silent: [ces-bladderr]}",
        "answers: {}\nexpect: {leaves_out: {massage/knead: because}}",
        "answers: {}\nexpect: {findings: {moood_low: no}}",
    ],
)
def test_a_persona_that_names_what_does_not_exist_is_an_error(broken, catalog):
    assert len(list(misnamed(catalog, read(f"who: A\n{broken}\n")))) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        "urgency: routine",
        "refers_to: [practitioner/gp]",
        "recommends: [belt/support]",
        "leaves_out: {habit/stay_active: avoided}",
        "leaves_out: {belt/support: avoided}",
        "leaves_out: {belt/support: belt-heart}",
        "findings: {phase: chronic}",
        "findings: {leg_pain: yes}",
        "findings: {floor_possible: no}",
        "fires: [ces-bladder]",
        "silent: [stay-active-for-all]",
    ],
)
def test_a_wrong_expectation_is_told_in_one_line(wrong, catalog, example, outcome_of):
    expect = read(f"who: A\nanswers: {{}}\nexpect: {{{wrong}}}\n").expect
    found = list(differences(catalog, expect, outcome_of(example())))
    assert len(found) == 1
    assert wrong.split(":")[0].rstrip("s") in found[0]


def test_a_referral_that_should_not_be_is_told_in_one_line(catalog, example, outcome_of):
    expect = Expect(not_refers_to=("practitioner/emergency",))
    assert len(list(differences(catalog, expect, outcome_of(example({"collapse": "yes"}))))) == 1


def test_every_item_is_shown_to_somebody_and_left_out_for_somebody_with_a_stated_reason(catalog):
    expected = [persona.expect for persona in map(load_persona, FILES)]
    shown_to = {item for one in expected for item in (*one.recommends, *one.refers_to)}
    stated = {"avoided", "not_recommended", *catalog.rules}
    left_out = {item for one in expected for item, reason in one.leaves_out.items() if reason in stated}
    items = {item for item in catalog.items if item.split("/")[0] in COVERED_KINDS}
    assert sorted(items - shown_to) == [], "no persona is shown these, or referred to them"
    assert sorted(items - left_out) == [], "no persona is refused these for a stated reason"


def test_every_work_posture_belongs_to_somebody(catalog):
    postures = {persona.answers.get("work_posture", "sitting") for persona in map(load_persona, FILES)}
    assert set(catalog.questionnaire.questions["work_posture"].labels) == postures


# People made from the questionnaire rather than written down, so that a new question reaches them by itself.


def worst(question: Question) -> Any:
    """Return the answer that says the most is wrong, the example's where none does."""
    if isinstance(question, Number):
        return question.high if question.better_to_worse else question.example
    if isinstance(question, SeveralOf):
        return tuple(option for option in question.labels if option not in {"none", "unsure"})
    return question.better_to_worse[-1] if question.better_to_worse else _if_offered(question, "yes")


def unsure(question: Question) -> Any:
    """Return `unsure` where it is offered, the example's answer elsewhere."""
    if isinstance(question, SeveralOf):
        return ("unsure",) if "unsure" in question.labels else question.example
    return _if_offered(question, "unsure") if isinstance(question, OneOf) else question.example


def _if_offered(question: OneOf, option: str) -> str:
    return option if option in question.labels else question.example


def everywhere(catalog: Catalog, answer: Callable[[Question], Any]) -> dict[str, Any]:
    return {name: answer(question) for name, question in catalog.questionnaire.questions.items()}


def hands_on(plan: Plan) -> list[str]:
    return [item for item, section in shown(plan).items() if section in HANDS_ON]


def assert_expected(catalog: Catalog, who: str, outcome: Outcome, **expect: Any) -> None:
    found = list(differences(catalog, Expect(**expect), outcome))
    assert not found, f"\n{who}\n  " + "\n  ".join(found)
    assert not hands_on(outcome[1]), f"{who} is shown {hands_on(outcome[1])}"


RED_FINDINGS = (
    "cauda_equina_signs",
    "both_legs_signs",
    "serious_accident",
    "fracture_suspected",
    "cancer_suspected",
    "cancer_nerve_signs",
    "infection_suspected",
    "infection_emergency",
    "aneurysm_suspected",
    "chest_emergency",
    "organ_suspected",
    "clot_suspected",
    "new_leg_weakness",
    "obstetric_signs",
)


@pytest.mark.parametrize("answer", [worst, unsure], ids=["worst", "unsure"])
def test_the_person_with_every_danger_sign_is_sent_to_emergency_care_and_shown_no_self_care(
    answer, catalog, example, outcome_of
):
    who = f"the person whose every answer is {answer.__name__}"
    outcome = outcome_of(example(everywhere(catalog, answer)))
    assert_expected(catalog, who, outcome, urgency="emergency", refers_to=("practitioner/emergency",))
    assert not shown(outcome[1]), f"{who} is shown {shown(outcome[1])}"


@pytest.mark.parametrize("answer", [worst, unsure], ids=["worst", "unsure"])
def test_not_being_sure_of_a_danger_sign_is_found_like_having_it(answer, catalog, example, outcome_of):
    found = dict.fromkeys(RED_FINDINGS, "yes")
    outcome = outcome_of(example(everywhere(catalog, answer)))
    assert_expected(catalog, f"every answer is {answer.__name__}", outcome, findings=found)


def test_the_person_who_answers_nothing_is_seen_today_and_shown_no_self_care(catalog, outcome_of):
    held = dict.fromkeys(("massage/knead", "exercise/walking", "belt/support"), "hold-screening-incomplete")
    outcome = outcome_of({})
    assert_expected(
        catalog,
        "nobody has said anything",
        outcome,
        urgency="same_day",
        refers_to=("practitioner/same_day",),
        findings={"screening_incomplete": "yes", "cauda_equina_signs": "no"},
        fires=("unanswered-emergency", "unanswered-other"),
        leaves_out=held,
    )
    assert not shown(outcome[1])


PRIVATE_TOPICS = ("bladder_bowel", "saddle")


def private_questions(catalog: Catalog) -> list[str]:
    topics = (topic for topic in catalog.questionnaire.topics if topic.id in PRIVATE_TOPICS)
    return [question.id for topic in topics for question in topic.questions]


@pytest.mark.parametrize(
    ("answer", "urgency"), [("new", "emergency"), ("unsure", "emergency"), ("longstanding", "same_day")]
)
def test_one_bladder_bowel_or_saddle_sign_is_enough_however_little_it_hurts(
    answer, urgency, catalog, example, outcome_of
):
    questions = private_questions(catalog)
    assert len(questions) >= 12
    for question in questions:
        answers = example({question: answer, "pain_now": 2, "pain_usual": 2, "pain_worst": 2})
        assert_expected(catalog, f"{question} is {answer}, pain 2", outcome_of(answers), urgency=urgency)


@pytest.mark.parametrize("pain", range(11))
def test_pain_alone_sends_nobody_to_emergency_care_or_to_be_seen_today(pain, catalog, example, outcome_of):
    answers = example({"pain_now": pain, "pain_usual": pain, "pain_worst": pain})
    expect = Expect(not_refers_to=("practitioner/emergency", "practitioner/same_day"))
    assert list(differences(catalog, expect, outcome_of(answers))) == []
