"""A signature holds for exactly what was read: no less after a change of layout, no more after a
changed word.
"""

import dataclasses
import os
import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from edits import TOY, without_rule
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from lumbar import BadAnswersError, Catalog, decide, load, make_plan
from lumbar.intake.answers import Answers
from lumbar.reading.yamlfile import YamlFile
from lumbar.review.check import check
from lumbar.review.signing import disputes, standings
from lumbar.review.signing import sign as signing
from lumbar.review.signing.sign import SigningError, append, chosen, signatures
from lumbar.review.signing.since import Difference, since_signed
from lumbar.rulebook.conditions import Comparison
from lumbar.rulebook.fingerprint import SIGNOFFS
from lumbar.rulebook.items import SHAPES, kind_of
from lumbar.rulebook.rules import STAGES, Conclude, Recommend, Rule
from lumbar.rulebook.words import LabelWords
from lumbar.signatures.reviewed import RULE_SET, hash_of, reviewed
from lumbar.signatures.signoffs import (
    DUE_WITHIN,
    Signoffs,
    Status,
    only_signed,
    read_signoffs,
    signoffs,
    standing,
    unsigned,
)

TODAY = date(2026, 11, 22)
ABLE = {"name": "A. Able", "role": "GP", "registration": "GMC PH00000", "day": TODAY}
BEST = {**ABLE, "name": "B. Best", "note": "Not for this person."}
SIGNS, LIFE = "rules/triage/signs.yaml", "rules/care/life.yaml"
WORD = ("because: Because of weak leg.", "because: Because of a weak leg.")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(TOY, tmp_path, dirs_exist_ok=True)
    (tmp_path / "people").mkdir()
    return tmp_path


@pytest.fixture
def toy_catalog() -> Catalog:
    return load(TOY)


def edit(root: Path, file: str, find: str, put: str) -> None:
    text = (root / file).read_text(encoding="utf-8")
    assert find in text
    (root / file).write_text(text.replace(find, put, 1), encoding="utf-8")


def signed(root: Path, *names: str, **said: Any) -> None:
    append(root, signatures(load(root), names, ABLE | said))


def status(root: Path, name: str, today: date = TODAY) -> Status:
    return standing(load(root), name, today).status


def record(root: Path) -> str:
    return (root / SIGNOFFS).read_text(encoding="utf-8")


def changed(root: Path, name: str) -> tuple[Difference, ...]:
    catalog = load(root)
    return since_signed(catalog, standing(catalog, name, TODAY))


def hashes(catalog: Catalog) -> dict[str, str]:
    return {rule: hash_of(reviewed(catalog, rule)) for rule in catalog.rules}


@cache
def toy_hashes() -> dict[str, str]:
    return hashes(load(TOY))


def differing(toy_catalog: Catalog, **other: Any) -> set[str]:
    after = hashes(dataclasses.replace(toy_catalog, **other))
    return {rule for rule, before in toy_hashes().items() if after[rule] != before}


# What a signature holds for.


def test_a_rule_nobody_signed_is_never_reviewed_and_one_that_somebody_signed_is_valid(root):
    assert status(root, "weak-leg") == "never_reviewed"
    signed(root, "weak-leg")
    assert status(root, "weak-leg") == "valid"
    assert status(root, "fever") == "never_reviewed"


CHANGES = {
    "because": (SIGNS, *WORD),
    "when": (SIGNS, "when: weak_leg == yes", "when: weak_leg in [unsure, yes]"),
    "then": (SIGNS, "urgency: emergency", "urgency: same_day"),
    "title": (SIGNS, "title: Weak leg", "title: A weak leg"),
    "questions > weak leg": (
        "content/questionnaire.yaml",
        "text: What is a weak leg?",
        "text: Weak?",
    ),
    "items > practitioner/emergency": (
        "content/practitioner/emergency.yaml",
        "how_soon: ",
        "how_soon: Please, ",
    ),
    "urgencies > emergency": ("content/words.yaml", "Soon emergency", "At once"),
    "sources > toy-study": ("content/evidence.yaml", "title: ", "title: The "),
}


@pytest.mark.parametrize("where", CHANGES)
def test_a_changed_word_that_a_reviewer_read_makes_the_rule_changed_and_tells_the_difference(
    where, root
):
    signed(root, "weak-leg")
    edit(root, *CHANGES[where])
    assert status(root, "weak-leg") == "changed"
    found = changed(root, "weak-leg")
    assert where in {one.where for one in found}
    assert all(one.before != one.after for one in found)


def test_a_difference_names_the_field_and_both_texts(root):
    signed(root, "weak-leg")
    edit(root, SIGNS, *WORD)
    (change,) = changed(root, "weak-leg")
    assert change.in_words == ("Because of weak leg.", "Because of a weak leg.")


def test_a_difference_in_a_number_names_the_threshold_and_its_old_value(root, toy_catalog):
    rules = toy_catalog.rules
    rule = next(one for one in rules if "older_from" in reviewed(toy_catalog, one)["thresholds"])
    signed(root, rule, RULE_SET)
    edit(root, "rules/thresholds.yaml", "id: older_from, value: 65", "id: older_from, value: 66")
    expected = Difference("thresholds > older from > value", "65", "66")
    assert (changed(root, rule), changed(root, RULE_SET)) == ((expected,), (expected,))


def test_a_difference_in_a_long_text_is_told_with_a_few_words_around_it(root):
    before = " ".join(f"word{number}" for number in range(50))
    edit(root, SIGNS, "Because of weak leg.", before)
    signed(root, "weak-leg")
    edit(root, SIGNS, "word25", "other")
    (change,) = changed(root, "weak-leg")
    old, new = change.in_words
    assert old.split() == ["...", *(f"word{number}" for number in range(19, 32)), "..."]
    assert new == old.replace("word25", "other")


def test_undoing_a_change_makes_the_signature_hold_again(root):
    signed(root, "weak-leg")
    edit(root, SIGNS, *WORD)
    edit(root, SIGNS, *reversed(WORD))
    assert status(root, "weak-leg") == "valid"


def test_a_new_threshold_value_changes_every_rule_that_compares_with_it_and_no_other(toy_catalog):
    old = toy_catalog.thresholds["older_from"]
    thresholds = {**toy_catalog.thresholds, old.id: replace(old, value=66)}
    reading = {
        rule for rule in toy_catalog.rules if old.id in reviewed(toy_catalog, rule)["thresholds"]
    }
    assert differing(toy_catalog, thresholds=thresholds) == reading != set()


def test_a_threshold_that_only_a_score_compares_with_is_part_of_what_is_reviewed(toy_catalog):
    asked = toy_catalog.questionnaire
    score = next(one for one in asked.scores if one.count)
    threshold = next(iter(toy_catalog.thresholds.values()))
    compares = Comparison("age", ">", threshold.value, threshold.id)
    more = replace(score, count=(*score.count, compares))
    scores = tuple(more if one is score else one for one in asked.scores)
    catalog = dataclasses.replace(
        toy_catalog, questionnaire=dataclasses.replace(asked, scores=scores)
    )
    reading = {rule.id for rule in catalog.rules.values() if score.id in rule.when.reads}
    assert reading
    assert all(threshold.id in reviewed(catalog, rule)["thresholds"] for rule in reading)


def test_a_score_that_counts_otherwise_changes_the_rules_that_read_it(toy_catalog):
    asked = toy_catalog.questionnaire
    score = next(one for one in asked.scores if one.id == "risk_signs")
    fewer = replace(score, count=score.count[1:])  # its threshold stays
    scores = tuple(fewer if one is score else one for one in asked.scores)
    reading = {rule.id for rule in toy_catalog.rules.values() if "risk_signs" in rule.when.reads}
    other = dataclasses.replace(asked, scores=scores)
    assert differing(toy_catalog, questionnaire=other) == reading != set()


def test_a_new_item_of_a_kind_that_a_rule_keeps_out_changes_the_rule(root, toy_catalog):
    kept = ((rule.id, one.avoid) for rule in toy_catalog.rules.values() for one in rule.avoids)
    rule, kind = next((rule, to.removesuffix("/*")) for rule, to in kept if to.endswith("/*"))
    signed(root, rule)
    old = next((root / "content" / kind).glob("*.yaml"))
    shutil.copy(old, old.with_name("another.yaml"))
    edit(root, "rules/plan.yaml", f"{kind}/{old.stem}", f"{kind}/{old.stem}, {kind}/another")
    assert status(root, rule) == "changed"
    assert f"kept out > {kind}/* > {kind}/another" in {one.where for one in changed(root, rule)}


def test_status_examples_and_the_number_of_the_rule_set_void_nothing(root):
    signed(root, "weak-leg")
    edit(root, SIGNS, "  status: draft", "  status: reviewed")
    edit(root, SIGNS, "    - silent: {}", "    - silent: {weak_leg: no}")
    edit(root, "rules/plan.yaml", 'version: "toy"', 'version: "toy-2"')
    assert status(root, "weak-leg") == "valid"


def test_another_stage_dose_finding_or_word_of_a_label_changes_exactly_the_rules_it_is_of(
    toy_catalog,
):
    rules, words = toy_catalog.rules, toy_catalog.words
    stages = {**toy_catalog.stage_of, "weak-leg": "profile"}
    assert differing(toy_catalog, stage_of=stages) == {"weak-leg"}
    weak = rules["weak-leg"]
    finding = replace(weak, then=(Conclude(conclude="x"), *weak.then[1:]))
    assert differing(toy_catalog, rules={**rules, "weak-leg": finding}) == {"weak-leg"}
    dosed = next(rule for rule in rules.values() if any(effect.dose for effect in rule.recommends))
    without = tuple(Recommend(recommend=one.recommend) for one in dosed.recommends)
    other = {**rules, dosed.id: replace(dosed, then=without)}
    assert differing(toy_catalog, rules=other) == {dosed.id}
    label = toy_catalog.items["practitioner/emergency"].label
    labels = {**words.labels, label: LabelWords(name="Other", meaning="Other.")}
    showing = {one for one in rules if label in reviewed(toy_catalog, one)["labels"]}
    assert "weak-leg" in showing
    assert differing(toy_catalog, words=replace(words, labels=labels)) == showing


def test_saying_what_is_so_anyway_changes_nothing(toy_catalog):
    """A key with the value that it has when left out, as when a later program has a new key."""
    rule = toy_catalog.rules["weak-leg"]
    told = replace(rule, note="", not_for="")
    assert "note" not in reviewed(toy_catalog, "weak-leg")
    assert differing(toy_catalog, rules={**toy_catalog.rules, rule.id: told}) == set()


# Layout voids nothing: every rule and content file is written anew, in other styles.


class Style(yaml.SafeDumper):
    """Writes every word in quotes, so that `no` stays a word, and every number without."""

    quote = "'"


Style.add_representer(
    str, lambda to, text: to.represent_scalar("tag:yaml.org,2002:str", text, style=to.quote)
)
Style.add_representer(tuple, lambda to, value: to.represent_list(value))


def read_plain(path: Path) -> Any:
    return YamlFile(path.name, path.read_text(encoding="utf-8")).data


def shuffled(value: Any, rng: random.Random) -> Any:
    if isinstance(value, dict):
        return {key: shuffled(value[key], rng) for key in rng.sample(list(value), len(value))}
    return [shuffled(one, rng) for one in value] if isinstance(value, tuple) else value


def rearranged(root: Path, rng: random.Random) -> None:
    """Move rules to other files; write all anew: other orders, quotes, widths, with comments."""
    for stage in STAGES:
        files = sorted((root / "rules" / stage).glob("*.yaml"))
        rng.choice(files).rename(root / "rules" / stage / f"moved_{rng.randrange(1000)}.yaml")
    for path in sorted([*(root / "rules").rglob("*.yaml"), *(root / "content").rglob("*.yaml")]):
        if path != root / SIGNOFFS:
            Style.quote = rng.choice("'\"")
            flow, width = rng.choice([True, False, None]), rng.choice([40, 80, 10_000])
            more = {"default_flow_style": flow, "width": width, "indent": rng.choice([2, 4])}
            plain = shuffled(read_plain(path), rng)
            text = yaml.dump(plain, Dumper=Style, sort_keys=False, allow_unicode=True, **more)
            path.write_text(f"# {rng.random()}\n\n{text}\n# the end\n", encoding="utf-8")


@settings(max_examples=6, phases=[Phase.generate])
@given(seed=st.integers(0, 10_000))
def test_no_layout_order_of_keys_quoting_comment_or_move_changes_any_hash(seed, tmp_path_factory):
    root = tmp_path_factory.mktemp("restyled")
    shutil.copytree(TOY, root, dirs_exist_ok=True)
    before = load(root)
    rearranged(root, random.Random(seed))
    after = load(root)
    assert after.sha256 != before.sha256
    assert hashes(after) == hashes(before)


Steps = tuple[Any, ...]
ENUMERATED = {
    "source", "direction", "strength", "certainty", "id", "label", "minutes", "days_at_most",
}  # fmt: skip


def leaves(value: Any, path: Steps = ()) -> Iterator[Steps]:
    if not isinstance(value, (dict, tuple)):
        yield path
        return
    for step, child in value.items() if isinstance(value, dict) else enumerate(value):
        yield from leaves(child, (*path, step))


def with_other_words(value: Any, path: Steps) -> Any:
    if not path:
        return "Other words."
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = with_other_words(copy[path[0]], path[1:])
    return copy


def variants(path: Path, shape: Any) -> Iterator[tuple[Steps, Any]]:
    """Yield the place of each text in a file, and what is read with that text changed."""
    plain = read_plain(path)
    for leaf in leaves(plain):
        if leaf[-1] not in ENUMERATED:
            text = yaml.dump(with_other_words(plain, leaf), Dumper=Style, allow_unicode=True)
            yield leaf, YamlFile(path.name, text).read(shape)


def test_every_changed_word_of_a_rule_changes_that_rule_and_no_other(toy_catalog):
    """Every text of every rule file of the toy, one at a time."""
    seen = set()
    for path in (path for stage in STAGES for path in (TOY / "rules" / stage).glob("*.yaml")):
        for leaf, rules in variants(path, tuple[Rule, ...]):
            if rules is None:  # no text, but a condition, an effect or one of a few words
                assert leaf[1] in {"when", "then", "status", "examples"}
                continue
            rule = rules[leaf[0]]
            rule = replace(rule, when=toy_catalog.rules[rule.id].when)  # with numbers
            if leaf[1] not in {"then", "examples"}:
                others = {**toy_catalog.rules, rule.id: rule}
                assert differing(toy_catalog, rules=others) == {rule.id}, leaf
                seen.add((rule.id, leaf[1]))
    assert seen >= {(rule, field) for rule in toy_catalog.rules for field in ("title", "because")}


def test_every_changed_word_of_an_item_changes_exactly_the_rules_that_show_it_or_name_it(
    toy_catalog,
):
    """Every text of every item of the toy, one at a time."""
    contents = {rule: reviewed(toy_catalog, rule) for rule in toy_catalog.rules}
    for item in toy_catalog.items:
        showing = {rule for rule, content in contents.items() if item in content["items"]}
        kept_out = {rule: content["kept_out"].values() for rule, content in contents.items()}
        keeping = {
            rule for rule, targets in kept_out.items() if any(item in one for one in targets)
        }
        assert showing
        for leaf, other in variants(TOY / "content" / f"{item}.yaml", SHAPES[kind_of(item)]):
            if leaf[0] not in {"tags", "swap_for"}:
                expected = showing | (keeping if leaf == ("name",) else set())
                items = {**toy_catalog.items, item: other}
                assert differing(toy_catalog, items=items) == expected, (item, leaf)


# The days.


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (DUE_WITHIN + timedelta(days=1), "valid"),
        (DUE_WITHIN, "due"),
        (timedelta(days=0), "due"),
        (timedelta(days=-1), "overdue"),
    ],
)
def test_a_signature_that_ends_soon_is_due_then_overdue_and_holds_all_the_while(
    left, expected, root
):
    last = TODAY + timedelta(days=400)
    signed(root, "weak-leg", valid_until=last)
    assert status(root, "weak-leg", last - left) == expected
    assert unsigned(load(root), ["weak-leg"]) == ()


def test_a_signature_without_a_last_day_is_never_due(root):
    signed(root, "weak-leg")
    assert status(root, "weak-leg", date.max) == "valid"


# The record.


def test_the_record_is_a_plain_list_that_says_how_it_is_kept(root):
    signed(root, "weak-leg", "fever")
    signed(root, "signs", valid_until=TODAY)
    assert record(root).startswith("# Who signed which rule")
    weak, fever, signs = yaml.safe_load(record(root))  # as any program reads it
    assert "because: Because of weak leg.\n" in weak.pop("reviewed")
    bound = {"of": "weak-leg", "hash": hash_of(reviewed(load(root), "weak-leg"))}
    assert weak == {**ABLE, "day": str(TODAY), "kind": "signature", **bound}
    assert (fever["of"], signs["of"], signs["valid_until"]) == ("fever", "signs", str(TODAY))


WRONG = {
    "an unknown key": ("  of: fever\n", "  of: fever\n  seen: yes\n", "unknown-key", 1),
    "no hash": ("  hash: ", "  # hash: ", "missing-key", -2),
    "an empty hash": ("  hash: ", "  hash: #", "wrong-type", 0),
    "a hash that is none": ("  hash: ", "  hash: x", "bad-value", 0),
    "a name twice": ("  role:", "  name: x\n  role:", "duplicate-key", 0),
    "an unseen name": ('name: "A. Able"', 'name: "\ufe0f\ufe0f"', "bad-value", 0),
    "a long name": ("A. Able", "A" * 100_000, "bad-value", 0),
    "no day": ("2026-11-22", "2026-11-32", "bad-value", 0),
    "no kind": ("- kind: signature", "- kind: seal", "unknown-kind", 0),
    "a bracket": ("  of: fever", "  of: [fever", "yaml-syntax", 1),
    "no list": ("- kind: signature\n  of: weak-leg", "Signed!\n- of: weak-leg", "yaml-syntax", 1),
}


@pytest.mark.parametrize("what", WRONG)
def test_one_wrong_entry_is_told_in_its_place_and_no_rule_counts_as_signed(what, root):
    names = ("weak-leg", "fever", "signs", RULE_SET)
    signed(root, *names)
    assert unsigned(load(root), names) == ()
    find, put, code, below = WRONG[what]
    line = record(root)[: record(root).index(find)].count("\n") + 1
    edit(root, SIGNOFFS, find, put)
    catalog = load(root)
    (problem,) = signoffs(catalog).problems
    assert (problem.file, problem.line, problem.code) == (SIGNOFFS, line + below, code)
    assert len(problem.message) < 200
    assert unsigned(catalog, names) == names
    assert {standing(catalog, name, TODAY).status for name in names} == {"broken_record"}
    assert check(root) == [problem]
    with pytest.raises(SigningError, match=f"{SIGNOFFS}:{problem.line}"):
        signed(root, "fever")


@pytest.mark.parametrize("kind", ["folder", "fifo", "device", "link to nothing"])
def test_a_record_that_is_no_plain_file_is_refused_at_once_and_is_not_empty(kind, root):
    path = root / SIGNOFFS
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero" if kind == "device" else "nowhere.yaml")
    assert [one.code for one in signoffs(load(root)).problems] == ["no-file"]
    assert status(root, "weak-leg") == "broken_record"
    with pytest.raises(SigningError, match="no-file"):
        signed(root, "weak-leg")


def test_a_record_of_comments_alone_is_empty_and_keeps_them(root):
    (root / SIGNOFFS).write_text("# Kept by us.\n", encoding="utf-8")
    assert signoffs(load(root)) == Signoffs()
    signed(root, "weak-leg")
    assert record(root).startswith("# Kept by us.\n- kind: signature\n")


@given(text=st.text(max_size=200))
def test_no_text_makes_reading_the_record_fail_and_none_is_taken_for_a_signature(text):
    assert read_signoffs(text).entries == ()


# Signing.


def test_signing_only_ever_adds_to_the_record(root):
    signed(root, "weak-leg")
    before = record(root)
    signed(root, "weak-leg")
    assert record(root).startswith(before)
    assert len(signoffs(load(root)).entries) == 2


def test_what_cannot_be_written_whole_is_not_written(root, monkeypatch):
    def full(path: Path, text: str) -> None:
        raise OSError(28, "No space left on device")

    signed(root, "weak-leg")
    before = record(root)
    monkeypatch.setattr(signing, "write_whole", full)
    with pytest.raises(SigningError, match="no space left"):
        signed(root, "fever", "signs")
    assert record(root) == before


def test_who_can_read_the_rules_can_read_who_signed_them(root):
    (root / "rules" / "plan.yaml").chmod(0o664)
    signed(root, "weak-leg")
    assert (root / SIGNOFFS).stat().st_mode & 0o777 == 0o664


NOBODY = [
    "", "  ", "A", "two\nlines", "12 34", "A" * 100_000, "\u3164", "\u3164" * 3, "A. Able\u200b",
    "A. Able\u202e", "A\u0000ble", "A. Able\u3164", "\u2800\u2800", "\u115f\u1160", "Al\U000e0100",
]  # fmt: skip


@pytest.mark.parametrize("field", ["name", "role", "registration"])
@pytest.mark.parametrize("text", NOBODY, ids=[ascii(text[:9]) for text in NOBODY])
def test_whoever_signs_says_who_they_are_in_letters_that_can_be_seen(field, text, toy_catalog):
    with pytest.raises(SigningError, match=f"--{field} needs"):
        signatures(toy_catalog, ["fever"], ABLE | {field: text})


@pytest.mark.parametrize("name", ["A. Able", "李明", "Zoë O’Hara-Núñez", " Ó Sé ", "A" * 100])
def test_any_name_that_can_be_read_is_taken(name, root):
    signed(root, "fever", name=name)
    assert signoffs(load(root)).entries[0].name == name.strip()


@pytest.mark.parametrize("note", ["A" * 2001, "fine \x1b[2J", "fine\u3164"])
def test_a_remark_that_is_too_long_or_unseen_is_refused(note, toy_catalog):
    with pytest.raises(SigningError, match="--note needs at most"):
        signatures(toy_catalog, ["fever"], ABLE | {"note": note})


@pytest.mark.parametrize(
    "note", ["08", "no", "null", "- a: 'b' \"c\" # d", "{é} – 😀 \\n", "A" * 2000]
)
def test_a_remark_is_read_again_as_it_was_written(note, root):
    signed(root, "fever", note=note)
    assert signoffs(load(root)).entries[0].note == note


def test_rules_are_named_by_id_topic_or_stage_each_once(toy_catalog):
    signs = tuple(rule for rule in toy_catalog.rules if toy_catalog.topic_of[rule] == "signs")
    others = tuple(one for one in signs if one != "fever")
    assert chosen(toy_catalog, ["fever", "triage/signs"]) == ("fever", *others)
    assert chosen(toy_catalog, ["rules/triage/signs.yaml"]) == signs
    every = {rule.id for rule in toy_catalog.by_stage["triage"]}
    assert set(chosen(toy_catalog, ["triage"])) == every


def test_an_unknown_rule_is_refused_with_the_nearest(toy_catalog):
    with pytest.raises(SigningError, match="did you mean 'weak-leg'"):
        chosen(toy_catalog, ["weak-lag"])


def test_a_retired_rule_is_refused_by_name_and_passed_over_in_its_topic(root):
    edit(root, LIFE, "  status: draft", "  status: retired")
    with pytest.raises(SigningError, match="retired"):
        chosen(load(root), ["active"])
    assert "active" not in chosen(load(root), ["care/life"])
    assert status(root, "active") == "retired"


@pytest.mark.parametrize("text", ["2026-11-21", "2026-13-01", "next year", ""])
def test_a_last_day_that_is_over_or_none_is_refused(text, toy_catalog):
    with pytest.raises(SigningError, match="--valid-until"):
        signatures(toy_catalog, ["fever"], ABLE | {"valid_until": text})


def test_a_last_day_of_today_or_later_is_taken(toy_catalog):
    (one,) = signatures(toy_catalog, ["fever"], ABLE | {"valid_until": "2026-11-22"})
    assert one.valid_until == TODAY


# Disputes.

WEAK = {"weak_leg": "yes"}


def raw(catalog: Catalog, over: dict[str, Any]) -> dict[str, Any]:
    typed = catalog.questionnaire.example(over).items()
    return {name: sorted(one) if isinstance(one, frozenset) else one for name, one in typed}


def disputed(root: Path, rule: str, over: dict[str, Any], *expect: str) -> Path:
    catalog = load(root)
    case = disputes.case_of(catalog, rule, raw(catalog, over), expect)
    return disputes.dispute(root, catalog, case, BEST, root / "people")


def test_a_dispute_after_a_signature_makes_the_rule_disputed_until_it_is_signed_again(root):
    signed(root, "weak-leg")
    disputed(root, "weak-leg", WEAK, "urgency=same_day")
    assert status(root, "weak-leg") == "disputed"
    assert unsigned(load(root), ["weak-leg"]) == ("weak-leg",)
    signed(root, "weak-leg")
    assert status(root, "weak-leg") == "valid"


def test_a_change_does_not_settle_a_dispute_by_itself(root):
    disputed(root, "weak-leg", WEAK, "urgency=same_day")
    edit(root, SIGNS, *WORD)
    assert status(root, "weak-leg") == "disputed"


def test_a_dispute_keeps_its_case_in_the_record(root):
    disputed(root, "weak-leg", WEAK, "urgency=same_day")
    (one,) = signoffs(load(root)).entries
    assert (one.of, one.expected) == ("weak-leg", ("urgency=same_day",))
    assert Answers.of(load(root).questionnaire, one.answers).raw == raw(load(root), WEAK)
    assert (one.name, one.note) == ("B. Best", "Not for this person.")


def test_the_case_of_a_dispute_becomes_a_persona_that_is_open_until_its_expectation_holds(root):
    path = disputed(root, "weak-leg", WEAK, "urgency=same_day", "refers_to=practitioner/same_day")
    ((name, (persona, left)),) = disputes.disputed_people(load(root), path.parent).items()
    assert (name, persona.disputed, dict(persona.answers)) == (path.stem, "weak-leg", WEAK)
    assert len(left) == 2
    effect = "practitioner/{0}, urgency: {0}"
    edit(root, SIGNS, effect.format("emergency"), effect.format("same_day"))
    ((_, (_, left)),) = disputes.disputed_people(load(root), path.parent).items()
    assert left == ()


def test_a_persona_made_of_a_case_stands_for_exactly_the_person_of_the_case(toy_catalog):
    questions = toy_catalog.questionnaire
    every = raw(toy_catalog, {})
    for missing in every:
        answers = {name: value for name, value in every.items() if name != missing}
        try:
            understood = Answers.of(questions, answers)
        except BadAnswersError:
            continue
        over = questions.unlike_example(answers)
        assert Answers.of(questions, questions.example(over)).facts == understood.facts
        assert questions.example(over) == understood


def test_a_dispute_without_an_expectation_says_that_the_rule_should_have_done_the_opposite(
    toy_catalog,
):
    for over, said in ((WEAK, "silent=weak-leg"), ({}, "fires=weak-leg")):
        answers = raw(toy_catalog, over)
        assert disputes.case_of(toy_catalog, "weak-leg", answers, ()).said == (said,)


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ("urgency=emergency", "already is"),
        ("urgency=soon", "allowed"),
        ("urgncy=routine", "KEY=VALUE"),
        ("urgency", "KEY=VALUE"),
        ("leaves_out=massage/knead", "NAME:VALUE"),
        ("recommends=massage/kneed", "unknown item"),
    ],
)
def test_an_expectation_that_is_none_or_already_holds_is_refused_and_nothing_is_recorded(
    expect, said, root
):
    with pytest.raises(SigningError, match=said):
        disputed(root, "weak-leg", WEAK, expect)
    assert not (root / SIGNOFFS).exists()
    assert not list((root / "people").iterdir())


def test_a_dispute_needs_one_rule_a_remark_and_a_folder(root):
    catalog = load(root)
    for name in ("triage", "weak-lag"):
        with pytest.raises(SigningError, match=name):
            disputes.case_of(catalog, name, raw(catalog, WEAK), ())
    case = disputes.case_of(catalog, "weak-leg", raw(catalog, WEAK), ())
    with pytest.raises(SigningError, match="--note"):
        disputes.dispute(root, catalog, case, ABLE, root / "people")
    with pytest.raises(SigningError, match="--save"):
        disputes.dispute(root, catalog, case, BEST, root / "nowhere")


# Plans.


def planned(root: Path, over: dict[str, Any], require: bool = False) -> Any:
    catalog = load(root)
    decision = decide(catalog, raw(catalog, over))
    return make_plan(only_signed(decision) if require else decision)


def fired(root: Path, over: dict[str, Any]) -> tuple[str, ...]:
    catalog = load(root)
    return decide(catalog, raw(catalog, over)).fired


def test_a_plan_says_how_many_of_its_rules_are_signed_and_which(root):
    rules = fired(root, WEAK)
    signed(root, rules[0])
    plan = planned(root, WEAK)
    assert (plan.provenance.rules_signed, plan.provenance.rules_fired) == (1, len(rules))
    assert plan.provenance.review_note == f"1 of {len(rules)} signed."
    assert [one.rule for one in plan.firings if one.signed] == [rules[0]]


def test_a_plan_says_that_the_record_is_broken(root):
    signed(root, *fired(root, WEAK))
    edit(root, SIGNOFFS, "  hash: ", "  hush: ")
    plan = planned(root, WEAK)
    assert plan.provenance.rules_signed == 0
    assert plan.provenance.review_note.endswith(load(root).words.signatures_broken)


def test_where_signatures_are_required_one_unsigned_rule_means_to_be_seen_and_nothing_else(root):
    rules = fired(root, {})
    assert "active" in rules
    signed(root, *rules, RULE_SET)
    assert planned(root, {}, require=True) == planned(root, {})
    assert planned(root, {}).sections
    edit(root, LIFE, "title: Active", "title: Not active")
    plan = planned(root, {}, require=True)
    assert (plan.urgency.level, plan.sections) == ("same_day", ())
    assert plan.failure == f"1 of the {len(rules)} rules behind it have no valid signature"
    assert [one.to for one in plan.referrals] == ["practitioner/same_day"]


def test_an_emergency_stays_one_where_signatures_are_required_and_missing(root):
    plan = planned(root, WEAK, require=True)
    assert plan.failure
    assert plan.urgency.level == "emergency"


def test_a_refusal_does_not_log_which_rules_fired(root, caplog):
    planned(root, WEAK, require=True)
    assert "no valid signature" in caplog.text
    assert "weak-leg" not in caplog.text


def test_a_decision_that_failed_already_stays_as_it_is(toy_catalog):
    decision = decide(toy_catalog, raw(toy_catalog, WEAK))
    failed = dataclasses.replace(decision, failure="the two engines disagree")
    assert only_signed(failed) is failed


def test_a_reviewed_rule_is_a_problem_until_somebody_signs_it(root):
    edit(root, SIGNS, "  status: draft", "  status: reviewed")
    assert [one.code for one in check(root)] == ["unsigned-review"]
    signed(root, "weak-leg")
    assert check(root) == []


# The rule set as a whole, and what a release needs.

WHOLE = {
    "rules > weak-leg": (SIGNS, *WORD),
    "rules > active": (LIFE, "  status: draft", "  status: retired"),
    "thresholds > older from > value": ("rules/thresholds.yaml", "value: 65", "value: 66"),
    "limits > massage > at most": ("rules/plan.yaml", "at_most: 3\n    min", "at_most: 2\n    min"),
    "limits > version": ("rules/plan.yaml", 'version: "toy"', 'version: "toy-2"'),
    "safety net > same day": ("content/safety_net.yaml", "[A fever.]", "[A cough.]"),
    "words > urgency": ("content/words.yaml", "Do emergency", "Do it now"),
    "sources > toy-study": ("content/evidence.yaml", "title: ", "title: The "),
}  # fmt: skip


@pytest.mark.parametrize("where", WHOLE)
def test_whatever_changes_in_a_release_voids_its_signature_and_is_told(where, root):
    signed(root, RULE_SET)
    assert status(root, RULE_SET) == "valid"
    edit(root, *WHOLE[where])
    assert status(root, RULE_SET) == "changed"
    assert where in {one.where for one in changed(root, RULE_SET)}


def test_a_rule_that_is_missing_or_added_voids_the_signature_of_a_release(root):
    signed(root, RULE_SET)
    text = (root / LIFE).read_text(encoding="utf-8")
    without_rule(root, LIFE, "desk")
    (gone,) = changed(root, RULE_SET)
    assert (status(root, RULE_SET), gone.where, gone.after) == (
        "changed",
        "rules > desk",
        "(nothing)",
    )
    signed(root, RULE_SET)
    (root / LIFE).write_text(text, encoding="utf-8")
    (new,) = changed(root, RULE_SET)
    assert (status(root, RULE_SET), new.where, new.before) == (
        "changed",
        "rules > desk",
        "(nothing)",
    )


def test_layout_status_examples_and_the_operator_void_no_release(root):
    signed(root, RULE_SET)
    edit(root, SIGNS, "  status: draft", "  status: reviewed  # read twice")
    edit(root, SIGNS, "    - silent: {}", "    - silent: {weak_leg: no}")
    edit(root, "content/operator.yaml", "emergency_number: ", "emergency_number: my ")
    rearranged(root, random.Random(7))
    assert status(root, RULE_SET) == "valid"


def test_where_signatures_are_required_a_release_that_lost_its_cautions_makes_no_plan(root):
    signed(root, *load(root).rules, RULE_SET)
    assert planned(root, {}, require=True).sections
    for path in (root / "rules" / "cautions").iterdir():
        path.unlink()
    assert planned(root, {}).sections
    plan = planned(root, {}, require=True)
    assert plan.failure == "the rule set as a whole has no valid signature"
    assert (plan.urgency.level, plan.sections) == ("same_day", ())


def test_where_signatures_are_required_a_release_nobody_signed_makes_no_plan(root):
    signed(root, *load(root).rules)
    assert "the rule set as a whole" in planned(root, {}, require=True).failure


def test_a_release_needs_every_rule_in_force_signed_as_it_is_and_said_to_be_reviewed(root):
    def needs() -> dict[str, dict[str, tuple[str, ...]]]:
        catalog = load(root)
        return standings.needs(catalog, standings.Overview(catalog, TODAY, {}).rules)

    topics = (topic for of in needs().values() for topic in of.values())
    assert {rule for rules in topics for rule in rules} == set(load(root).rules)
    signed(root, *load(root).rules)
    (need,) = needs()
    assert "status: reviewed" in need
    for path in (root / "rules").rglob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("status: draft", "status: reviewed"), encoding="utf-8")
    assert needs() == {}
    assert check(root) == []
