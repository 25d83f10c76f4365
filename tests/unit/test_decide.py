"""Where no safe decision can be made, the person is told to be seen and nothing else; emergency
always wins.
"""

import importlib
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lumbar import BadAnswersError, Catalog, Decision, decide, load, make_plan
from lumbar.engines import reference
from lumbar.engines.inference import ConflictError, Inference
from lumbar.plan.document import to_json
from lumbar.rulebook.conditions import Facts

TOY = Path(__file__).parents[1] / "toy"
MODULE = importlib.import_module("lumbar.decision.decide")
Engine = Callable[[Catalog, Facts], Inference]


@pytest.fixture(scope="module")
def toy() -> Catalog:
    return load(TOY)


def person(toy: Catalog, **over: Any) -> dict[str, Any]:
    return dict(toy.questionnaire.example(over))


def raising(error: BaseException) -> Engine:
    def infer(_catalog: Catalog, _facts: Facts) -> Inference:
        raise error

    return infer


def answering(*fired: str) -> Engine:
    return lambda _catalog, _facts: Inference(fired, ())


@pytest.fixture
def decided_by(monkeypatch: pytest.MonkeyPatch, toy: Catalog) -> Callable[..., Decision]:
    """Return a function that decides with these engines in place of the two real ones."""

    def deciding(*engines: Engine, **over: Any) -> Decision:
        named = tuple(zip(("live", "reference"), engines, strict=False))
        monkeypatch.setattr(MODULE, "engines", lambda: named)
        return decide(toy, person(toy, **over))

    return deciding


def assert_closed(decision: Decision) -> None:
    """Assert that nothing but somebody to see is left of a decision, and that a plan can be made of
    it.
    """
    assert decision.failure
    assert decision.urgency in {"emergency", "same_day"}
    assert (decision.recommended, decision.fired, dict(decision.findings)) == ((), (), {})
    plan = make_plan(decision)
    assert (plan.sections, plan.would_change) == ((), ())
    words = decision.catalog.words
    unsure = decision.urgency == "same_day"
    assert plan.urgency.title == (words.fail_closed if unsure else words.urgency["emergency"]).title
    assert len(plan.referrals) == 1


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("x"), KeyError("x"), MemoryError(), RecursionError(), AssertionError(),
        SystemExit(0), GeneratorExit(), BaseException("x"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", [0, 1])
def test_an_engine_that_raises_gives_no_plan(
    decided_by: Any, error: BaseException, place: int
) -> None:
    engines = [reference.infer, reference.infer]
    engines[place] = raising(error)
    decision = decided_by(*engines)
    assert_closed(decision)
    assert decision.failure == f"the engine '{('live', 'reference')[place]}' failed"


def test_two_engines_that_disagree_give_no_plan(decided_by: Any) -> None:
    decision = decided_by(answering("rubbing"), answering("tapping"))
    assert_closed(decision)
    assert decision.failure == "the two engines disagree"


def test_engines_that_differ_in_findings_alone_disagree(decided_by: Any) -> None:
    told = (Inference(("mood-low",), (("mood_low", True),)), Inference(("mood-low",), ()))
    assert_closed(decided_by(*(lambda _catalog, _facts, one=one: one for one in told)))


def test_an_engine_that_finds_one_rule_less_disagrees(decided_by: Any, toy: Catalog) -> None:
    whole = reference.infer(toy, toy.questionnaire.facts(toy.questionnaire.example())[0])
    less = Inference(whole.fired[:-1], whole.findings)
    assert_closed(decided_by(lambda _catalog, _facts: less, reference.infer))


@pytest.mark.parametrize("engines", [2, 1])
def test_rules_that_contradict_each_other_give_no_plan(decided_by: Any, engines: int) -> None:
    decision = decided_by(*[raising(ConflictError("x"))] * engines)
    assert_closed(decision)
    assert decision.failure == "two rules contradict each other"


def test_a_real_contradiction_in_the_rules_closes_both_engines(tmp_path: Path) -> None:
    catalog = with_contradiction(tmp_path)
    assert not decide(catalog, person(catalog)).failure
    decision = decide(catalog, person(catalog, pain_days=83))
    assert_closed(decision)
    assert decision.failure == "two rules contradict each other"


def with_contradiction(root: Path) -> Catalog:
    """Return the toy with a second rule for `phase` that overlaps the first on one day."""
    for path in TOY.rglob("*.yaml"):
        copy = root / path.relative_to(TOY)
        copy.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text(encoding="utf-8")
        copy.write_text(
            text.replace("when: pain_days >= long_after", "when: pain_days >= 83"), encoding="utf-8"
        )
    return load(root)


def test_no_engine_at_all_gives_no_plan(decided_by: Any) -> None:
    decision = decided_by()
    assert_closed(decision)
    assert (decision.failure, decision.engines) == ("no engine could run", ())


@pytest.mark.parametrize("emergency_from", [0, 1])
def test_an_emergency_found_by_either_engine_wins(decided_by: Any, emergency_from: int) -> None:
    engines = [answering(), answering()]
    engines[emergency_from] = answering("weak-leg")
    decision = decided_by(*engines)
    assert_closed(decision)
    assert (decision.urgency, decision.referrals[0].to) == ("emergency", "practitioner/emergency")


def test_an_emergency_is_kept_where_the_other_engine_fails(decided_by: Any) -> None:
    decision = decided_by(raising(RuntimeError()), reference.infer, weak_leg="yes")
    assert_closed(decision)
    assert decision.urgency == "emergency"


@pytest.mark.parametrize("over", [{}, {"fever": "yes"}, {"signs": ["rash"]}])
def test_a_failure_is_at_least_same_day_and_no_emergency_without_a_sign(
    decided_by: Any, over: dict[str, Any]
) -> None:
    decision = decided_by(raising(RuntimeError()), reference.infer, **over)
    assert (decision.urgency, decision.referrals[0].to) == ("same_day", "practitioner/same_day")


def test_a_failure_is_logged_without_any_answer(
    decided_by: Any, caplog: pytest.LogCaptureFixture, toy: Catalog
) -> None:
    with caplog.at_level(logging.DEBUG):
        decided_by(
            raising(RuntimeError("age is 87")),
            reference.infer,
            age=87,
            fever="unsure",
            signs=["lump"],
        )
    (record,) = caplog.records
    assert (record.name, record.levelno, record.exc_info) == ("lumbar", logging.ERROR, None)
    said = record.getMessage()
    assert [
        name for name in (*toy.questionnaire.questions, "87", "unsure", "lump") if name in said
    ] == []
    assert toy.sha256[:12] in said


def test_a_safe_decision_logs_nothing(caplog: pytest.LogCaptureFixture, toy: Catalog) -> None:
    with caplog.at_level(logging.DEBUG):
        decide(toy, person(toy))
    assert caplog.records == []


def test_a_failure_shows_the_person_nothing_of_the_exception(decided_by: Any) -> None:
    plan = make_plan(decided_by(raising(RuntimeError("secret words")), reference.infer))
    assert "secret words" not in to_json(plan)


def test_a_failure_does_not_claim_that_nothing_called_for_the_items(
    decided_by: Any, toy: Catalog
) -> None:
    plan = make_plan(decided_by(raising(RuntimeError()), reference.infer))
    assert [one.item for one in plan.left_out if one.reason == "not_recommended"] == []


def test_an_engine_that_names_an_unknown_rule_gives_no_plan(decided_by: Any) -> None:
    assert_closed(decided_by(answering("ghost"), reference.infer))


class Loud:
    """Something that breaks whoever looks at it."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError("do not look")


ODD = {
    "nothing": None,
    "a text": "rubbing",
    "a number": 3,
    "a pair": (("rubbing",), ()),
    "what breaks": Loud(),
    "a look-alike": SimpleNamespace(fired=("rubbing",), findings=()),
    "no fields": Inference(None, None),  # type: ignore[arg-type]
    "a text of rules": Inference("rubbing", ()),  # type: ignore[arg-type]
    "rules in a list": Inference(["rubbing"], ()),  # type: ignore[arg-type]
    "a rule twice": Inference(("rubbing", "rubbing"), ()),
    "rules out of order": Inference(("tapping", "rubbing"), ()),
    "a rule that is none": Inference(("ghost",), ()),
    "a rule that is no text": Inference((3,), ()),  # type: ignore[arg-type]
    "findings in a mapping": Inference((), {"mood_low": True}),  # type: ignore[arg-type]
    "a finding that is none": Inference((), (("ghost", True),)),
    "a finding of an odd type": Inference((), (("mood_low", 1),)),
    "a finding that cannot be hashed": Inference((), (("mood_low", []),)),  # type: ignore[arg-type]
    "a finding without a value": Inference((), (("mood_low",),)),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("place", [0, 1])
def test_an_engine_that_answers_with_no_inference_gives_no_plan(
    decided_by: Any, kind: str, place: int
) -> None:
    engines: list[Engine] = [reference.infer, reference.infer]
    engines[place] = lambda _catalog, _facts: ODD[kind]  # type: ignore[return-value]
    decision = decided_by(*engines)
    assert_closed(decision)
    assert decision.failure == f"the engine '{('live', 'reference')[place]}' failed"
    assert decided_by(engines[place]).failure


def test_whoever_stops_the_program_stops_it(decided_by: Any) -> None:
    with pytest.raises(KeyboardInterrupt):
        decided_by(raising(KeyboardInterrupt()), reference.infer)


def test_without_durable_rules_the_reference_decides_alone_and_the_plan_says_so(
    monkeypatch: pytest.MonkeyPatch, toy: Catalog
) -> None:
    both = decide(toy, person(toy))
    monkeypatch.setattr(importlib.import_module("lumbar.engines.durable"), "_rete", None)
    alone = decide(toy, person(toy))
    assert (alone.engines, alone.failure) == (("reference",), "")
    assert make_plan(alone).provenance.engines == ("reference",)
    assert (alone.inference, alone.recommended) == (both.inference, both.recommended)


HIDDEN = """
import sys
sys.modules["durable_rules_engine"] = None
from pathlib import Path
from lumbar import decide, load, make_plan
toy = load(Path(sys.argv[1]))
print(*make_plan(decide(toy, toy.questionnaire.example())).provenance.engines)
"""


def test_the_package_works_where_durable_rules_cannot_be_imported() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HIDDEN, str(TOY)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["reference"]


def test_where_durable_rules_is_there_both_engines_run(toy: Catalog) -> None:
    pytest.importorskip("durable_rules_engine")
    assert decide(toy, person(toy)).engines == ("durable_rules", "reference")


@pytest.mark.parametrize("over", [{"weak_leg": "yes"}, {"weak_leg": "unsure"}, {"fever": "yes"}])
def test_who_must_be_seen_today_is_offered_nothing_else(toy: Catalog, over: dict[str, Any]) -> None:
    decision = decide(toy, person(toy, **over))
    assert decision.recommended == ()
    assert {one.reason for one in decision.withheld} == {"urgent"}


def test_the_most_urgent_referral_is_the_urgency_and_stands_first(toy: Catalog) -> None:
    decision = decide(toy, person(toy, weak_leg="yes", fever="yes", signs=["rash"], pain_days=100))
    assert decision.urgency == "emergency"
    assert [(one.to, one.urgency) for one in decision.referrals] == [
        ("practitioner/emergency", "emergency"),
        ("practitioner/same_day", "same_day"),
        ("practitioner/gp", "within_days"),
    ]


def test_avoid_beats_every_recommend(toy: Catalog) -> None:
    decision = decide(toy, person(toy, signs=["rash"], likes=["rubbing", "tapping"]))
    assert [one.item for one in decision.recommended if one.item.startswith("massage/")] == []
    assert {one.item: one.rules for one in decision.withheld}["massage/knead"] == ("no-massage",)


def test_a_rule_that_only_asks_for_a_gentler_dose_is_no_vote_for_an_item(toy: Catalog) -> None:
    knead = {one.item: one for one in decide(toy, person(toy)).recommended}["massage/knead"]
    assert (knead.dose, knead.rules, knead.votes) == ("gentle", ("rubbing", "rubbing-early"), 1)


def test_a_decision_names_the_answers_it_rests_on_through_findings_and_scores(toy: Catalog) -> None:
    decision = decide(toy, person(toy, fever="yes", signs=["lump"], pain_days=90))
    assert decision.rests_on("infected-lump") == ("fever", "signs")
    assert decision.rests_on("signs") == ("signs",)
    assert decision.rests_on("long-pain") == ("pain_days",)


def test_a_missing_answer_is_something_a_decision_rests_on(toy: Catalog) -> None:
    assert decide(toy, person(toy, fever=None)).rests_on("open-flags") == ("fever",)


def test_bad_answers_are_refused_before_any_engine_runs(
    monkeypatch: pytest.MonkeyPatch, toy: Catalog
) -> None:
    monkeypatch.setattr(MODULE, "engines", lambda: pytest.fail("an engine was asked"))
    with pytest.raises(BadAnswersError):
        decide(toy, {"age": "old"})


def test_no_answers_at_all_are_never_self_care(toy: Catalog, catalog: Catalog) -> None:
    assert decide(toy, {}).urgency == "within_days"
    assert decide(catalog, {}).urgency != "self_care"
