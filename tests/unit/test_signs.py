"""Three kinds of sign: what an answer is for, and that the rules are held to it."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("z3", reason="the extra `review` is not installed")
from pydantic import TypeAdapter

from lumbar import Catalog, decide, load
from lumbar.review.check import check
from lumbar.review.proof.kinds import KindProofs
from lumbar.review.proof.prove import proofs_of, properties_of
from lumbar.review.proof.prover import Prover
from lumbar.review.proof.verdict import Verdict
from lumbar.review.signs import odd_signs
from lumbar.rulebook.questionnaire import OneOf

TOY = Path(__file__).parents[1] / "toy"
ASKED, SIGNS, SCORES = "content/questionnaire.yaml", "rules/triage/signs.yaml", "rules/scores.yaml"
GP = "{refer: practitioner/gp, urgency: within_days}"
TODAY = "{refer: practitioner/same_day, urgency: same_day}"
ORDER = "sign: decisive\n        better_to_worse: [no, unsure, yes]\n      - id: signs\n"
UNSURE_LUMP = "{id: none, label: None of these}, {id: unsure, label: Not sure}]"
RULE = """
- id: {id}
  title: {id}
  when: {when}
  then: [{effect}]
  because: Because.
  evidence: [{{source: toy-study, direction: for, strength: none, certainty: low}}]
  status: draft
  examples: [{{fires: {fires}}}, {{silent: {{}}}}]
"""
QUESTION = """
      - id: {id}
        name: {id}
        text: What is {id}?
        help: Think back.
        why: It matters.
        type: one_of
        options: [{{id: no, label: No}}, {{id: yes, label: Yes}}]
        example: no
        better_to_worse: [no, yes]
        sign: {sign}
        shown_when: {shown_when}
"""

Edit = tuple[str, str, str]  # the file, the one text that is found in it, and what is put there


def rule(name: str, when: str, effect: str, fires: str) -> Edit:
    return SIGNS, "", RULE.format(id=name, when=when, effect=effect, fires=fires)


def asked_after_signs(name: str, sign: str, shown_when: str) -> Edit:
    said = QUESTION.format(id=name, sign=sign, shown_when=shown_when)
    return ASKED, "  - id: pregnancy\n", f"{said[1:]}  - id: pregnancy\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for part in ("rules", "content"):
        shutil.copytree(TOY / part, tmp_path / part)
    return tmp_path


def changed(root: Path, *edits: Edit) -> Catalog:
    for file, find, put in edits:
        text = (root / file).read_text(encoding="utf-8")
        assert not find or text.count(find) == 1, f"{file} holds {find!r} {text.count(find)} times"
        (root / file).write_text(text.replace(find, put) if find else text + put, encoding="utf-8")
    return load(root)


def question(root: Path, name: str, *edits: Edit) -> Any:
    return changed(root, *edits).questionnaire.questions[name]


def verdicts(catalog: Catalog) -> dict[str, Verdict]:
    return {one.id: one for one in (proof() for proof in KindProofs(Prover.of(catalog)).proofs())}


def wrong(catalog: Catalog) -> list[tuple[str, str]]:
    return [(one[0], one[2]) for one in odd_signs(catalog) if one[1] == "wrong-kind"]


# What an answer is for.


def test_a_sign_is_the_kind_of_every_answer_but_the_best(root: Path) -> None:
    fever = question(root, "fever")
    assert fever.kinds == {"unsure": "decisive", "yes": "decisive"}
    assert (fever.kind, fever.harmless) == ("decisive", "no")


def test_an_option_says_otherwise_for_itself(root: Path) -> None:
    signs = question(
        root, "signs", (ASKED, UNSURE_LUMP, f"{UNSURE_LUMP[:-2]}, sign: background}}]")
    )
    assert signs.kinds == {"lump": "contributing", "rash": "contributing", "unsure": "background"}
    assert (signs.kind, signs.harmless) == ("contributing", ("none",))


def test_an_option_may_be_a_sign_where_the_others_are_none(root: Path) -> None:
    tapping = (ASKED, "label: Tapping}", "label: Tapping, sign: background}")
    likes = question(root, "likes", tapping)
    assert likes.kinds == {"tapping": "background"}
    assert (likes.kind, likes.harmless) == ("background", ("rubbing",))


def test_a_question_without_a_sign_has_no_kind(root: Path) -> None:
    assert [question(root, name).kind for name in ("age", "floor", "likes")] == [None, None, None]


def test_the_sign_of_a_number_is_that_of_the_question_as_a_whole(root: Path) -> None:
    weeks = (ASKED, "        high: 45\n", "        high: 45\n        sign: contributing\n")
    asked = question(root, "pregnancy_weeks", weeks)
    assert (asked.kind, asked.kinds, asked.harmless) == ("contributing", {}, 20)


@pytest.mark.parametrize(
    ("options", "order", "harmless"),
    [
        (("good", "no", "bad"), ("good", "bad", "no"), "good"),
        (("good", "no", "bad"), None, "no"),
        (("none", "bad"), None, "none"),
        (("good", "bad"), None, "bad"),
    ],
)
def test_the_harmless_answer_is_the_best_else_no_else_the_example(
    options: tuple[str, ...], order: tuple[str, ...] | None, harmless: str
) -> None:
    labels = [{"id": one, "label": one} for one in options]
    words = dict.fromkeys(("id", "name", "text", "help", "why"), "q")
    more: dict[str, Any] = {"type": "one_of", "options": labels, "example": "bad"}
    said = {**words, **more, "options": tuple(labels), "better_to_worse": order}
    assert TypeAdapter(OneOf).validate_python(said).harmless == harmless


NO_ORDER = "sign: decisive\n      - id: signs\n"
FAULTS = {
    "no order": ((ASKED, ORDER, NO_ORDER), "bad-order", "'fever' has answers that are signs"),
    "the best is a sign": (
        (ASKED, "{id: none, label: None of these}, {id: unsure, label: Not sure}",
         "{id: none, label: None of these, sign: background}, {id: unsure, label: Not sure}"),
        "bad-options", "'none' is the harmless answer to 'signs', and so no sign",
    ),
    "no such kind": ((ASKED, ORDER, ORDER.replace("decisive", "red")), "not-allowed", "'red'"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_sign_that_cannot_be_is_refused(fault: str, root: Path) -> None:
    (file, find, put), code, said = FAULTS[fault]
    text = (root / file).read_text(encoding="utf-8")
    (root / file).write_text(text.replace(find, put), encoding="utf-8")
    (found,) = check(root)
    assert found.code == code
    assert said in found.message


def test_what_is_only_background_needs_no_order(root: Path) -> None:
    work = question(
        root, "work", (ASKED, "label: Heavy work}", "label: Heavy work, sign: background}")
    )
    assert work.kinds == {"heavy": "background"}


# What `lumbar check` says, and what is proved: each of one person, then of everybody.

WRONG = {
    "decisive, and seen in days": (
        (ASKED, "        sign: contributing\n", "        sign: decisive\n"), "signs", "lump",
        "is decisive and must be seen the same day or now, but ends in 'within_days'",
    ),
    "contributing, and seen today": (
        (ASKED, ORDER, ORDER.replace("decisive", "contributing")), "fever", "yes",
        "only counts with others, but ends in 'same_day' alone",
    ),
    "background, and seen": (
        (ASKED, "        sign: contributing\n", "        sign: background\n"), "signs", "rash",
        "is background, but alone changes 'self_care' to 'within_days'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", WRONG)
def test_an_answer_that_does_not_do_as_its_kind_says_is_found(fault: str, root: Path) -> None:
    edit, name, option, said = WRONG[fault]
    catalog = changed(root, edit)
    assert (f"option:{name}={option}", f"'{name}' answered '{option}' {said}") in wrong(catalog)
    kind = catalog.questionnaire.questions[name].kinds[option]
    verdict = verdicts(catalog)[f"{kind}[{name}={option}]"]
    assert not verdict.proved
    borne_out(catalog, verdict)


def borne_out(catalog: Catalog, verdict: Verdict) -> None:
    """Assert that the last one is seen otherwise than she should be, and the twin as she should."""
    assert verdict.answers is not None
    assert verdict.expect is not None
    last = decide(catalog, verdict.after or verdict.answers)
    assert not last.failure
    assert last.urgency != verdict.expect.urgency
    assert f"urgency {last.urgency}" in verdict.why
    if verdict.after is not None:
        assert decide(catalog, verdict.answers).urgency == verdict.expect.urgency


def test_the_toy_does_as_it_says() -> None:
    catalog = load(TOY)
    assert wrong(catalog) == []
    found = verdicts(catalog)
    assert all(one.proved for one in found.values())
    assert set(found) == {
        "decisive[weak_leg=unsure]", "decisive[weak_leg=yes]", "decisive[fever=unsure]",
        "decisive[fever=yes]", "contributing[signs=lump]", "contributing[signs=rash]",
        "contributing[signs=unsure]",
    }  # fmt: skip


def refuted(catalog: Catalog) -> Iterator[str]:
    for name, one in verdicts(catalog).items():
        if not one.proved:
            borne_out(catalog, one)
            yield name


def test_what_only_somebody_else_shows_is_proved_wrong_though_the_check_passes(root: Path) -> None:
    old = rule("old-rash", "signs includes rash and age > 80", TODAY, "{age: 81, signs: [rash]}")
    catalog = changed(root, old)
    assert wrong(catalog) == []
    assert list(refuted(catalog)) == ["contributing[signs=rash]"]


def test_a_decisive_answer_is_seen_today_whatever_else_is_said(root: Path) -> None:
    narrow = (
        SIGNS,
        "when: fever in [unsure, yes]",
        "when: fever in [unsure, yes] and signs includes none",
    )
    catalog = changed(root, narrow)
    assert wrong(catalog) == []
    assert list(refuted(catalog)) == ["decisive[fever=unsure]", "decisive[fever=yes]"]


def test_two_signs_together_may_do_what_neither_does_alone(root: Path) -> None:
    both = rule(
        "both", "signs includes lump and signs includes rash", TODAY, "{signs: [lump, rash]}"
    )
    catalog = changed(root, both)
    assert (wrong(catalog), list(refuted(catalog))) == ([], [])


def test_what_is_left_open_is_not_what_an_answer_does_alone(root: Path) -> None:
    opened = rule(
        "open", "signs includes lump and unanswered(age)", TODAY, "{signs: [lump], age: null}"
    )
    catalog = changed(root, opened)
    assert (wrong(catalog), list(refuted(catalog))) == ([], [])


def test_who_is_seen_today_anyhow_is_not_so_because_of_the_answer(root: Path) -> None:
    old = rule("old", "age > 99", TODAY, "{age: 100}")
    assert list(refuted(changed(root, old))) == []


# A sign that is only asked of those who have another.

SEEN = rule(
    "seen", "seen_before == yes and answered(seen_before)", GP, "{signs: [lump], seen_before: yes}"
)


def test_a_sign_that_another_brings_up_is_compared_in_the_same_situation(root: Path) -> None:
    up = asked_after_signs("seen_before", "background", "signs includes lump")
    catalog = changed(root, up, SEEN)  # who has the lump is seen within days in any case
    assert (wrong(catalog), list(refuted(catalog))) == ([], [])


@pytest.mark.parametrize("shown_when", ["weak_leg != no", "fever in [yes, unsure]"])
def test_a_contributing_sign_that_a_decisive_one_brings_up_sends_nobody_who_is_not_sent(
    shown_when: str, root: Path
) -> None:
    up = asked_after_signs("seen_before", "contributing", shown_when)
    fires = (
        "{weak_leg: yes, seen_before: yes}"
        if "weak" in shown_when
        else "{fever: yes, seen_before: yes}"
    )
    today = rule("seen", "seen_before == yes", TODAY, fires)
    catalog = changed(
        root,
        up,
        today,
        (SCORES, "unanswered(fever), ", "unanswered(fever), unanswered(seen_before), "),
    )
    assert (wrong(catalog), list(refuted(catalog))) == ([], [])


@pytest.mark.parametrize(
    "shown_when",
    [
        "signs includes lump",
        "signs includes lump and age >= 18",
        "signs includes lump or weak_leg == yes",
    ],
)
def test_a_contributing_sign_that_another_brings_up_is_found_to_send_somebody(
    shown_when: str, root: Path
) -> None:
    up = asked_after_signs("seen_before", "contributing", shown_when)
    today = rule("seen", "seen_before == yes", TODAY, "{signs: [lump], seen_before: yes}")
    catalog = changed(root, up, today)
    assert [about for about, _ in wrong(catalog)] == ["option:seen_before=yes"]
    assert list(refuted(catalog)) == ["contributing[seen_before=yes]"]


def test_a_question_that_a_number_brings_up_is_asked_of_somebody(root: Path) -> None:
    up = asked_after_signs("seen_before", "decisive", "age > 70 and not (weak_leg == yes)")
    seen = rule("seen", "seen_before == yes", GP, "{age: 71, seen_before: yes}")
    assert [about for about, _ in wrong(changed(root, up, seen))] == ["option:seen_before=yes"]


def test_an_answer_that_brings_up_questions_is_compared_with_who_is_not_asked_them(
    root: Path,
) -> None:
    up = asked_after_signs("seen_before", "contributing", "signs includes rash")
    asked = rule("asked", "seen_before in [no, yes]", TODAY, "{signs: [rash]}")
    catalog = changed(root, up, asked)
    assert "contributing[signs=rash]" in set(refuted(catalog))


def test_an_answer_that_hides_questions_is_compared_with_who_is_asked_them(root: Path) -> None:
    file, find, put = asked_after_signs("hobby", "background", "signs includes none")
    hidden = (file, find, put.replace("        sign: background\n", ""))
    hobby = rule("hobby", "hobby == yes", GP, "{hobby: yes}")
    old = rule("old-rash", "signs includes rash and age > 80", TODAY, "{age: 81, signs: [rash]}")
    catalog = changed(root, hidden, hobby, old)
    assert list(refuted(catalog)) == ["contributing[signs=rash]"]
    twin = verdicts(catalog)["contributing[signs=rash]"].answers
    assert twin is not None
    assert twin["hobby"] == "no"


def test_a_sign_that_nobody_can_give_is_not_proved(root: Path) -> None:
    up = asked_after_signs("seen_before", "background", "age < 10 and age > 20")
    seen = rule("seen", "seen_before == yes", GP, "{signs: [lump]}")
    verdict = verdicts(changed(root, up, seen))["background[seen_before=yes]"]
    assert (verdict.proved, verdict.why) == (False, "nobody can give this answer alone")


# More signs are never less urgent than fewer.

MORE = """
- heading: more signs are never treated better
  hazard: nerve-damage
  source: toy-study
  rows:
    - {id: more-signs, title: More signs are never less urgent than fewer, for_each: several_signs,
       change: {never: lowers_urgency}}
"""


def more_signs(root: Path) -> Verdict:
    catalog = load(root)
    found = (proof() for proof in proofs_of(catalog, properties_of(root, catalog)))
    return next(one for one in found if one.id == "more-signs[signs]")


def test_more_signs_are_never_less_urgent_than_fewer(root: Path) -> None:
    changed(root, ("rules/safety.yaml", "", MORE))
    assert more_signs(root).proved


def test_a_second_sign_that_lowers_the_urgency_is_shown_by_two_people(root: Path) -> None:
    only = (SCORES, "signs includes rash, ", "")
    alone = rule(
        "rash", "signs includes rash and not (signs includes lump)", TODAY, "{signs: [rash]}"
    )
    changed(root, ("rules/safety.yaml", "", MORE), only, alone)
    found = more_signs(root)
    assert not found.proved
    assert found.answers is not None
    assert found.after is not None
    assert set(found.answers["signs"]) < set(found.after["signs"])
    assert "urgency within_days" in found.why


@pytest.mark.parametrize("root_of", [TOY, None])
def test_the_harmless_answer_is_an_answer(root_of: Path | None) -> None:
    for one in load(root_of).questionnaire.questions.values():
        assert one.fault(one.harmless) is None
