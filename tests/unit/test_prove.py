"""What is proved of a rule set: a fault planted in the shipped rules is found, and shown by
somebody it would harm.
"""

import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("z3", reason="the extra `review` is not installed")
from edits import WORSE

from lumbar import Catalog, decide, load
from lumbar.intake.answers_file import dump, read
from lumbar.reading.paths import data_root
from lumbar.review.proof.builtin import BuiltInProofs
from lumbar.review.proof.claimed import ClaimProofs, harmful
from lumbar.review.proof.prove import proofs_of, properties_of
from lumbar.review.proof.prover import Prover
from lumbar.review.proof.verdict import Verdict
from lumbar.review.properties.safety import Property, claims

TOY = Path(__file__).parents[1] / "toy"
UNUSUAL_AT_MOST = (
    3  # answers in which a person who shows a fault may differ from the example person
)

Edit = Callable[[Path], None]


def put(file: str, find: str, text: str) -> Edit:
    """Return the edit that replaces the one place where a text stands."""

    def edit(root: Path) -> None:
        before = (root / file).read_text(encoding="utf-8")
        assert before.count(find) == 1, (
            f"{file} holds {find!r} {before.count(find)} times, not once"
        )
        (root / file).write_text(before.replace(find, text), encoding="utf-8")

    return edit


def in_rule(file: str, rule: str, find: str, text: str) -> Edit:
    """Return the edit that replaces a text where it first stands in one rule; the rule itself where
    it is all of it.
    """

    def edit(root: Path) -> None:
        blocks = re.split(r"(?m)^(?=- id:)", (root / file).read_text(encoding="utf-8"))
        (mine,) = (
            place for place, block in enumerate(blocks) if block.startswith(f"- id: {rule}\n")
        )
        assert not find or find in blocks[mine], f"'{rule}' does not hold {find!r}"
        blocks[mine] = blocks[mine].replace(find, text, 1) if find else text
        (root / file).write_text("".join(blocks), encoding="utf-8")

    return edit


def without(file: str, rule: str) -> Edit:
    return in_rule(file, rule, "", "")


def threshold(name: str, before: int, after: int) -> Edit:
    return put(
        "rules/thresholds.yaml", f"id: {name}, value: {before},", f"id: {name}, value: {after},"
    )


def added(file: str, text: str) -> Edit:
    def edit(root: Path) -> None:
        with (root / file).open("a", encoding="utf-8") as stream:
            stream.write(text)

    return edit


def changed(source: Path, root: Path, *edits: Edit) -> Path:
    """Return a copy of rules and content with edits made to it."""
    for part in ("rules", "content"):
        shutil.copytree(source / part, root / part)
    for edit in edits:
        edit(root)
    return root


@dataclass(frozen=True)
class Fault:
    """A change to the shipped rules that must not pass, and the claim that names it."""

    edit: Edit
    refutes: str


TRIAGE, CAUTIONS = "rules/triage", "rules/cautions"
FAULTS = {
    "a rule on the bladder deleted": Fault(
        without(f"{TRIAGE}/cauda_equina.yaml", "ces-bladder"), "ces-bladder-emergency[bladder_leak]"
    ),
    "a rule on falls deleted": Fault(without(f"{TRIAGE}/injury.yaml", "injury-fall-at-risk"), "injury-older-same-day"),
    "unsure dropped from numbness": Fault(
        put("rules/scores.yaml", "    - saddle_wiping == unsure\n", ""),
        "ces-unsure-same-day[saddle_wiping]",
    ),
    "unsure dropped from a swollen calf": Fault(
        in_rule(f"{TRIAGE}/clots.yaml", "clot-calf", "calf_swelling in [unsure, yes]", "calf_swelling == yes"),
        "calf-same-day",
    ),
    "a cyst no longer keeps hands from behind the knee": Fault(
        without(f"{CAUTIONS}/massage_behind_knee.yaml", "behind-knee-cyst"), "behind-knee-cyst"
    ),
    "a long journey no longer keeps hands from behind the knee": Fault(
        without(f"{CAUTIONS}/massage_behind_knee.yaml", "behind-knee-travel"), "behind-knee-travel"
    ),
    "meant for people a year younger": Fault(threshold("adult_from_age", 16, 15), "child-no-plan"),
    "bones break a year later": Fault(threshold("older_age_from", 65, 66), "injury-older-same-day"),
    "the weeks after a birth end a week early": Fault(
        threshold("postpartum_early_weeks", 6, 5), "behind-knee-after-birth"
    ),
    "the first pain after fifty begins at 51": Fault(
        threshold("cancer_age_from", 50, 51), "first-pain-after-fifty-seen"
    ),
    "a caution on the wrong item": Fault(
        in_rule(
            f"{CAUTIONS}/massage_behind_knee.yaml", "behind-knee-phlebitis", "massage/behind_knee", "massage/philtrum"
        ),
        "behind-knee-phlebitis",
    ),
    "two phases at once": Fault(
        in_rule("rules/profile/phase_severity.yaml", "phase-acute", "pain_days <", "pain_days <="), "one-value"
    ),
    "an emergency only where the pain is strong": Fault(
        in_rule(f"{TRIAGE}/cauda_equina.yaml", "ces-bowel", "bowel_feeling == new",
                "bowel_feeling == new and pain_now >= 7"),
        "ces-bowel-emergency[bowel_feeling]",
    ),
    "strong pain lowers the urgency": Fault(
        in_rule(f"{TRIAGE}/clots.yaml", "clot-calf", "calf_swelling in [unsure, yes]",
                "calf_swelling in [unsure, yes] and pain_now <= 8"),
        "pain-strength-never-lowers[pain_now]",
    ),
}  # fmt: skip


@cache
def shipped_properties() -> tuple[Property, ...]:
    return properties_of(data_root(), load())


def named(claim: str) -> Property:
    return next(one for one in shipped_properties() if one.id == claim.partition("[")[0])


def prover_of(catalog: Catalog, wanted: Iterable[str]) -> Prover:
    """Return a prover that knows the numbers in the properties of some claims."""
    props = (named(claim) for claim in wanted if claim != "one-value")
    said = (part for prop in props for part in (prop.when, prop.always, prop.never))
    return Prover.of(catalog, also=tuple(part for part in said if part is not None))


def verdict_on(prover: Prover, claim: str) -> Verdict:
    """Return the verdict on one claim, as `lumbar prove` would reach it."""
    if claim == "one-value":
        return next(BuiltInProofs(prover).proofs())()
    prop = named(claim)
    made = zip(
        claims(prover.encoding.catalog, prop), ClaimProofs(prover).proofs([prop]), strict=True
    )
    return next(proof() for one, proof in made if one.id == claim)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_and_shown_by_somebody(fault: str, tmp_path: Path) -> None:
    catalog = load(changed(data_root(), tmp_path, FAULTS[fault].edit))
    claim = FAULTS[fault].refutes
    verdict = verdict_on(prover_of(catalog, [claim]), claim)
    assert not verdict.proved
    assert verdict.answers is not None
    assert len(catalog.questionnaire.unlike_example(verdict.answers)) <= UNUSUAL_AT_MOST
    assert borne_out(catalog, claim, verdict)


def borne_out(catalog: Catalog, claim: str, verdict: Verdict) -> bool:
    """Return whether both engines, asked anew with the answers as they stand in a file, say what
    the verdict says.
    """
    decision, after = (
        read_and_decided(catalog, one)
        for one in (verdict.answers, verdict.after or verdict.answers)
    )
    if claim == "one-value":
        return "contradict" in decision.failure
    change = named(claim).change
    if change:
        return harmful(change, decision, after)
    return next(one for one in claims(catalog, named(claim)) if one.id == claim).broken(decision)


def read_and_decided(catalog: Catalog, answers: Any) -> Any:
    document = read(catalog.questionnaire, BytesIO(dump(answers, None).encode()))
    return decide(catalog, document)


def test_what_the_faults_refute_holds_of_the_shipped_rules(catalog: Catalog) -> None:
    wanted = sorted({fault.refutes for fault in FAULTS.values()})
    prover = prover_of(catalog, wanted)
    assert [claim for claim in wanted if not verdict_on(prover, claim).proved] == []


# What must hold of any rule set, on the toy.

RULE = """
- id: {id}
  title: {id}
  when: {when}
  then:
    - {effect}
  because: Because.
  evidence: [{{source: toy-study, direction: for, strength: none, certainty: low}}]
  status: draft
"""


def rule(stage: str, name: str, when: str, effect: str) -> Edit:
    return added(f"rules/{stage}", RULE.format(id=name, when=when, effect=effect))


GP = "{refer: practitioner/gp, urgency: within_days}"
AGAIN = """
      - id: shoe_size
        name: Your shoes
        text: What size are your shoes?
        help: Look.
        why: Nothing.
        type: number
        low: 1
        high: 9
        unit: sizes
        example: 5
"""
WARMTH = (
    "rules/care/body.yaml",
    "    - recommend: heat/warm_wrap\n",
    "    - recommend: habit/pacing\n",
)
BUILT_IN = {
    "two clauses that exclude each other": (
        rule("triage/pain.yaml", "dead", "age < 3 and fever == yes and age > 65", GP),
        "can-fire[dead]", "'age < 3' and 'age > 65' is true of nobody",
    ),
    "a question that is never asked of whom it needs": (
        rule("triage/pain.yaml", "dead", "pregnant == yes and age >= 65", GP),
        "can-fire[dead]", "'pregnant == yes' and 'age >= 65' is true of nobody",
    ),
    "a score that cannot get so high": (
        rule("triage/pain.yaml", "dead", "mood_total >= 5", GP),
        "can-fire[dead]", "'mood_total >= 5' is true of nobody",
    ),
    "a rule within another": (
        rule("triage/pain.yaml", "narrow", "signs includes rash and fever == no", GP),
        "not-redundant[narrow]", "'signs' fires whenever it does, with the same effects",
    ),
    "a question nobody reads": (
        put("content/questionnaire.yaml", "  - id: pregnancy\n", f"{AGAIN[1:]}  - id: pregnancy\n"),
        "matters[shoe_size]", "no answer to it changes anybody's decision",
    ),
    "an item that no rule offers": (
        put(*WARMTH), "can-be-shown[heat/warm_wrap]", "nobody was found whose plan has room for it",
    ),
    "an item offered only to those who must not have it": (
        in_rule("rules/cautions/body.yaml", "no-belt", "pregnancy_late", "work == heavy"),
        "can-be-shown[belt/support]", "nobody was found whose plan has room for it",
    ),
    "somebody everybody must see": (
        rule("triage/pain.yaml", "all", "answered(age) or unanswered(age)", GP),
        "can-be-left-out[practitioner/gp]", "it is in everybody's plan",
    ),
    "two values of one finding": (
        in_rule("rules/profile/state.yaml", "phase-early", "pain_days < ", "pain_days <= "),
        "one-value", "was concluded as",
    ),
    "two values of one finding, rarely": (
        rule("profile/state.yaml", "odd", "phase == early and age == 77 and weak_days > 100 and likes includes tapping",
             "{conclude: phase, value: long}"),
        "one-value", "was concluded as",
    ),
}  # fmt: skip


def all_verdicts(root: Path) -> Iterator[Verdict]:
    catalog = load(root)
    yield from (proof() for proof in proofs_of(catalog, properties_of(root, catalog)))


def test_everything_is_proved_of_the_toy() -> None:
    verdicts = list(all_verdicts(TOY))
    assert [one.id for one in verdicts if not one.proved] == []
    assert len({one.id for one in verdicts}) == len(verdicts) > 100


@pytest.mark.parametrize("fault", BUILT_IN)
def test_a_rule_set_with_a_fault_of_its_own_is_not_proved(fault: str, tmp_path: Path) -> None:
    edit, claim, why = BUILT_IN[fault]
    verdict = next(one for one in all_verdicts(changed(TOY, tmp_path, edit)) if one.id == claim)
    assert not verdict.proved
    assert why in verdict.why


def said(*lines: str) -> Edit:
    """Return the edit that adds a property that says these lines."""
    text = "\n- heading: as is said\n  hazard: nerve-damage\n  source: toy-study\n"
    text += "".join(f"  {line}\n" for line in lines)
    return added("rules/safety.yaml", f"{text}  rows: [{{id: said, title: Said}}]\n")


def verdict_on_said(root: Path) -> Verdict:
    return next(one for one in all_verdicts(root) if one.id.startswith("said"))


OF_NOBODY = {
    "two numbers at once": ("when: age < 20 and age > 30", "always: urgency == emergency"),
    "an answer to what is not asked": ("when: weak_leg == no and weak_days > 3", "never: recommended(belt/support)"),
    "a change after which an answer is out of place": (
        "for_each: [weak_leg]", "when: weak_days > 3",
        "change: {before: [unsure], after: [no], never: lowers_urgency}",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", OF_NOBODY)
def test_a_property_that_is_about_nobody_is_not_proved(what: str, tmp_path: Path) -> None:
    found = verdict_on_said(changed(TOY, tmp_path, said(*OF_NOBODY[what])))
    assert (found.proved, found.why) == (False, "it is about nobody: no answers are as it says")


@pytest.mark.parametrize("number", ["73", "far_on"])
def test_a_number_that_only_a_property_compares_with_is_known(number: str, tmp_path: Path) -> None:
    entry = "\n- {id: far_on, value: 73, unit: years, means: Far on, source: toy-study}\n"
    far_on = added("rules/thresholds.yaml", entry)
    lines = ("for_each: [age]", f"when: this >= {number}", "always: urgency == emergency")
    found = verdict_on_said(changed(TOY, tmp_path, far_on, said(*lines)))
    assert not found.proved
    assert found.answers is not None
    assert found.answers["age"] == 73


def test_a_worse_answer_that_lowers_the_urgency_is_shown_by_two_people_who_differ_in_it(
    tmp_path: Path,
) -> None:
    root = changed(
        TOY, tmp_path, added("rules/safety.yaml", WORSE),
        in_rule("rules/triage/signs.yaml", "fever", "fever in [unsure, yes]", "fever == unsure"),
    )  # fmt: skip
    verdicts = {one.id: one for one in all_verdicts(root)}
    assert verdicts["worse-never-lowers[weak_leg]"].proved
    found = verdicts["worse-never-lowers[fever]"]
    assert not found.proved
    assert found.answers is not None
    assert found.after is not None
    assert {name for name in found.answers if found.answers[name] != found.after.get(name)} == {
        "fever"
    }
    assert (found.answers["fever"], found.after["fever"]) == ("unsure", "yes")
    assert "urgency same_day" in found.why
    assert found.expect is not None
    assert found.expect.urgency == "same_day"
