"""A signature holds for exactly what was read: no less after a change of layout, no more after a
changed word.
"""

import dataclasses
import hashlib
import json
import random
import shutil
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from lumbar import BadAnswersError, Catalog, decide, load, make_plan
from lumbar.intake.answers import Answers
from lumbar.reading.yamlfile import YamlFile
from lumbar.review.check import check
from lumbar.review.signing import disputes, standings
from lumbar.review.signing.sign import Signer, SigningError, a_day, chosen, sign
from lumbar.review.signing.since import since_signed
from lumbar.rulebook.conditions import Comparison
from lumbar.rulebook.files import SIGNOFFS
from lumbar.rulebook.items import SHAPES, kind_of
from lumbar.rulebook.rules import STAGES, Conclude, Recommend, Rule
from lumbar.rulebook.words import LabelWords
from lumbar.signatures.reviewed import content_hash, reviewed_content
from lumbar.signatures.signoffs import (
    DUE_WITHIN,
    Broken,
    Ledger,
    Status,
    ledger,
    only_signed,
    read_ledger,
    standing,
    unsigned,
)

TOY = Path(__file__).parents[1] / "toy"
TODAY = date(2026, 11, 22)
ABLE = Signer("A. Able", "physiotherapist", "HCPC PH00000", TODAY)
BEST = Signer("B. Best", "GP", "GMC 0000000", TODAY, "Not for this person.")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(TOY, tmp_path, dirs_exist_ok=True)
    (tmp_path / "people").mkdir()
    return tmp_path


def edit(root: Path, file: str, find: str, put: str) -> None:
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert text.count(find) >= 1
    path.write_text(text.replace(find, put, 1), encoding="utf-8")


def signed(root: Path, *rules: str, until: date | None = None) -> None:
    sign(root, load(root), rules, ABLE, until)


def status(root: Path, rule: str, today: date = TODAY) -> Status:
    return standing(load(root), rule, today).status


def lines(root: Path) -> list[bytes]:
    return (root / SIGNOFFS).read_bytes().splitlines(keepends=True)


# What a signature holds for.


def test_a_rule_nobody_signed_is_never_reviewed_and_one_that_somebody_signed_is_valid(root):
    assert status(root, "weak-leg") == "never_reviewed"
    signed(root, "weak-leg")
    assert status(root, "weak-leg") == "valid"
    assert status(root, "fever") == "never_reviewed"


CHANGES = {
    "the reason": (
        "rules/triage/signs.yaml",
        "because: Because of weak leg.",
        "because: Because a leg is weak.",
    ),
    "the condition": (
        "rules/triage/signs.yaml",
        "when: weak_leg == yes",
        "when: weak_leg in [unsure, yes]",
    ),
    "an effect": ("rules/triage/signs.yaml", "urgency: emergency", "urgency: same_day"),
    "the title": ("rules/triage/signs.yaml", "title: Weak leg", "title: A weak leg"),
    "a question it reads": ("content/questionnaire.yaml", None, None),
    "an item it shows": ("content/practitioner/emergency.yaml", "how_soon: ", "how_soon: Please, "),
    "the words of its urgency": ("content/words.yaml", "Soon emergency", "At once"),
    "a source it cites": ("content/evidence.yaml", "id: toy-study", None),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_word_that_a_reviewer_read_makes_the_rule_changed_and_tells_the_difference(
    what, root
):
    signed(root, "weak-leg")
    file, find, put = CHANGES[what]
    if find is None:
        text = load(root).questionnaire.questions["weak_leg"].text
        find, put = text, f"{text} Really"
    elif put is None:
        title = load(root).sources["toy-study"].title
        find, put = title, f"{title} II"
    edit(root, file, find, put)
    catalog = load(root)
    one = standing(catalog, "weak-leg", TODAY)
    assert one.status == "changed"
    assert since_signed(catalog, one)
    assert all(change.before != change.after for change in since_signed(catalog, one))


def test_a_difference_names_the_field_and_both_texts(root):
    signed(root, "weak-leg")
    edit(
        root,
        "rules/triage/signs.yaml",
        "because: Because of weak leg.",
        "because: Because of a weak leg.",
    )
    catalog = load(root)
    (change,) = since_signed(catalog, standing(catalog, "weak-leg", TODAY))
    assert (change.where, *change.in_words) == (
        "because",
        "Because of weak leg.",
        "Because of a weak leg.",
    )


def test_a_difference_in_a_long_text_is_told_with_a_few_words_around_it(root):
    before = " ".join(f"word{number}" for number in range(50))
    edit(root, "rules/triage/signs.yaml", "Because of weak leg.", before)
    signed(root, "weak-leg")
    edit(root, "rules/triage/signs.yaml", "word25", "other")
    catalog = load(root)
    (change,) = since_signed(catalog, standing(catalog, "weak-leg", TODAY))
    old, new = change.in_words
    assert old.split() == ["...", *(f"word{number}" for number in range(19, 32)), "..."]
    assert new == old.replace("word25", "other")


def test_undoing_a_change_makes_the_signature_hold_again(root):
    signed(root, "weak-leg")
    edit(root, "rules/triage/signs.yaml", "title: Weak leg\n", "title: Other\n")
    edit(root, "rules/triage/signs.yaml", "title: Other\n", "title: Weak leg\n")
    assert status(root, "weak-leg") == "valid"


def test_a_new_threshold_value_changes_every_rule_that_compares_with_it_directly_or_in_a_score_and_no_other(
    root,
):
    catalog = load(root)
    before = {rule: content_hash(catalog, rule) for rule in catalog.rules}
    reading = {rule for rule in catalog.rules if reviewed_content(catalog, rule)["thresholds"]}
    name = next(iter(reviewed_content(catalog, sorted(reading)[0])["thresholds"]))
    value = catalog.thresholds[name].value
    edit(
        root,
        "rules/thresholds.yaml",
        f"id: {name}, value: {value}",
        f"id: {name}, value: {value + 1}",
    )
    after = load(root)
    changed = {rule for rule in after.rules if content_hash(after, rule) != before[rule]}
    assert changed == {
        rule for rule in reading if name in reviewed_content(catalog, rule)["thresholds"]
    }
    assert changed


def test_a_new_item_of_a_kind_that_a_rule_keeps_out_changes_the_rule(root):
    catalog = load(root)
    rule, effect = next(
        (r.id, e) for r in catalog.rules.values() for e in r.avoids if e.avoid.endswith("/*")
    )
    kind = effect.avoid.removesuffix("/*")
    signed(root, rule)
    old = next((root / "content" / kind).glob("*.yaml"))
    shutil.copy(old, old.with_name("another.yaml"))
    edit(root, "rules/plan.yaml", f"{kind}/{old.stem}", f"{kind}/{old.stem}, {kind}/another")
    assert status(root, rule) == "changed"


def test_status_examples_and_the_number_of_the_rule_set_void_nothing(root):
    signed(root, "weak-leg")
    edit(root, "rules/triage/signs.yaml", "  status: draft", "  status: reviewed")
    edit(root, "rules/triage/signs.yaml", "    - silent: {}", "    - silent: {weak_leg: no}")
    edit(root, "rules/plan.yaml", 'version: "toy"', 'version: "toy-2"')
    assert status(root, "weak-leg") == "valid"


# Layout voids nothing: every rule and content file is written anew, in other styles.


class Style(yaml.SafeDumper):
    """Writes every word in quotes, so that `no` stays a word, and every number without."""

    quote = "'"


Style.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style=dumper.quote),
)
Style.add_representer(tuple, lambda dumper, value: dumper.represent_list(value))


class DoubleStyle(Style):
    """The same in the other quotes."""

    quote = '"'


def read_plain(path: Path) -> Any:
    return as_lists(YamlFile(path.name, path.read_text(encoding="utf-8")).data)


def as_lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: as_lists(child) for key, child in value.items()}
    return [as_lists(child) for child in value] if isinstance(value, tuple) else value


def write_plain(path: Path, value: Any, **style: Any) -> None:
    text = yaml.dump(value, **{"Dumper": Style, "sort_keys": False, "allow_unicode": True, **style})
    path.write_text(text, encoding="utf-8")


def shuffled(value: Any, rng: random.Random) -> Any:
    if isinstance(value, dict):
        keys = list(value)
        rng.shuffle(keys)
        return {key: shuffled(value[key], rng) for key in keys}
    return [shuffled(one, rng) for one in value] if isinstance(value, list) else value


def restyle(path: Path, rng: random.Random) -> None:
    """Write a file again with its keys in another order, other quotes, widths and indents, and
    comments.
    """
    style = {
        "Dumper": rng.choice([Style, DoubleStyle]),
        "default_flow_style": rng.choice([True, False, None]),
        "width": rng.choice([40, 80, 10_000]),
        "indent": rng.choice([2, 4]),
    }
    write_plain(path, shuffled(read_plain(path), rng), **style)
    path.write_text(
        f"# {rng.random()}\n\n{path.read_text(encoding='utf-8')}\n# the end\n", encoding="utf-8"
    )


def rearranged(root: Path, rng: random.Random) -> None:
    """Write every file anew, and move the rules of each stage to other files."""
    for stage in STAGES:
        files = sorted((root / "rules" / stage).glob("*.yaml"))
        rng.choice(files).rename(root / "rules" / stage / f"moved_{rng.randrange(1000)}.yaml")
    for path in sorted([*(root / "rules").rglob("*.yaml"), *(root / "content").rglob("*.yaml")]):
        restyle(path, rng)


@settings(max_examples=8, phases=[Phase.generate])
@given(seed=st.integers(0, 10_000))
def test_no_layout_order_of_keys_quoting_comment_or_move_changes_any_hash(seed, tmp_path_factory):
    root = tmp_path_factory.mktemp("restyled")
    shutil.copytree(TOY, root, dirs_exist_ok=True)
    before = load(root)
    rearranged(root, random.Random(seed))
    after = load(root)
    assert after.sha256 != before.sha256
    assert {one: content_hash(after, one) for one in after.rules} == {
        one: content_hash(before, one) for one in before.rules
    }


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for key, child in value.items():
            yield from leaves(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from leaves(child, (*path, index))
    else:
        yield path


ENUMERATED = {
    "source",
    "direction",
    "strength",
    "certainty",
    "id",
    "label",
    "minutes",
    "days_at_most",
}


def at(data: Any, path: tuple[Any, ...], put: Any) -> None:
    for step in path[:-1]:
        data = data[step]
    data[path[-1]] = put


def variants(
    path: Path, shape: Any, wanted: Callable[[tuple[Any, ...]], bool]
) -> Iterator[tuple[Any, Any]]:
    """Yield each text's place in a file, and what the file would be read as with that text changed."""
    original = path.read_text(encoding="utf-8")
    for leaf in filter(wanted, leaves(read_plain(path))):
        changed = as_lists(YamlFile(path.name, original).data)
        at(changed, leaf, "Other words.")
        yield (
            leaf,
            YamlFile(path.name, yaml.dump(changed, Dumper=Style, allow_unicode=True)).read(shape),
        )


def hashes(catalog: Catalog) -> dict[str, str]:
    return {rule: content_hash(catalog, rule) for rule in catalog.rules}


def differing(catalog: Catalog, **changed: Any) -> set[str]:
    return {
        rule
        for rule, _ in hashes(catalog).items()
        ^ hashes(dataclasses.replace(catalog, **changed)).items()
    }


def test_every_changed_word_of_a_rule_changes_that_rule_and_no_other(toy_catalog):
    """Every text of every rule file of the toy, one at a time."""
    unread = {"id", "when", "then", "status", "examples"}
    seen = set()
    for path in (path for stage in STAGES for path in (TOY / "rules" / stage).glob("*.yaml")):
        wanted = variants(
            path, tuple[Rule, ...], lambda one: one[1] not in unread and one[-1] not in ENUMERATED
        )
        for leaf, rules in wanted:
            rule = rules[leaf[0]]
            rule = rule.model_copy(
                update={"when": toy_catalog.rules[rule.id].when}
            )  # with its thresholds put in
            assert differing(toy_catalog, rules={**toy_catalog.rules, rule.id: rule}) == {
                rule.id
            }, leaf
            seen.add((rule.id, leaf[1]))
    assert seen >= {(rule, field) for rule in toy_catalog.rules for field in ("title", "because")}


def test_another_stage_dose_finding_or_word_of_a_label_changes_exactly_the_rules_it_is_of(
    toy_catalog,
):
    rules, words = toy_catalog.rules, toy_catalog.words
    assert differing(toy_catalog, stage_of={**toy_catalog.stage_of, "weak-leg": "profile"}) == {
        "weak-leg"
    }
    finding = rules["weak-leg"].model_copy(
        update={"then": (Conclude(conclude="x"), *rules["weak-leg"].then[1:])}
    )
    assert differing(toy_catalog, rules={**rules, "weak-leg": finding}) == {"weak-leg"}
    dosed = next(rule for rule in rules.values() if any(effect.dose for effect in rule.recommends))
    without = dosed.model_copy(
        update={"then": tuple(Recommend(recommend=one.recommend) for one in dosed.recommends)}
    )
    assert differing(toy_catalog, rules={**rules, dosed.id: without}) == {dosed.id}
    label = toy_catalog.items["practitioner/emergency"].label
    other = words.model_copy(
        update={"labels": {**words.labels, label: LabelWords(name="Other", meaning="Other.")}}
    )
    showing = {one for one in rules if label in reviewed_content(toy_catalog, one)["labels"]}
    assert "weak-leg" in showing
    assert differing(toy_catalog, words=other) == showing


def test_a_score_that_counts_otherwise_changes_the_rules_that_read_it(toy_catalog):
    asked = toy_catalog.questionnaire
    score = next(one for one in asked.scores if one.id == "risk_signs")
    fewer = score.model_copy(update={"count": score.count[1:]})  # its threshold stays
    scores = tuple(fewer if one is score else one for one in asked.scores)
    reading = {rule.id for rule in toy_catalog.rules.values() if "risk_signs" in rule.when.reads}
    assert (
        differing(toy_catalog, questionnaire=dataclasses.replace(asked, scores=scores))
        == reading
        != set()
    )


def test_saying_what_is_so_anyway_changes_nothing(toy_catalog):
    """A key written out with the value that it has when left out, as when a later program has a new
    optional key.
    """
    rule = toy_catalog.rules["weak-leg"]
    told = rule.model_copy(update={"note": "", "not_for": ""})
    assert "note" not in reviewed_content(toy_catalog, "weak-leg")
    assert differing(toy_catalog, rules={**toy_catalog.rules, rule.id: told}) == set()


def test_a_threshold_that_only_a_score_compares_with_is_part_of_what_is_reviewed(toy_catalog):
    catalog = toy_catalog
    score = next(one for one in catalog.questionnaire.scores if one.count)
    threshold = next(iter(catalog.thresholds.values()))
    compares = Comparison("age", ">", threshold.value, threshold.id)
    scores = tuple(
        one.model_copy(update={"count": (*one.count, compares)}) if one is score else one
        for one in catalog.questionnaire.scores
    )
    catalog = dataclasses.replace(
        catalog, questionnaire=dataclasses.replace(catalog.questionnaire, scores=scores)
    )
    reading = {rule.id for rule in catalog.rules.values() if score.id in rule.when.reads}
    assert reading
    assert all(threshold.id in reviewed_content(catalog, rule)["thresholds"] for rule in reading)


def test_every_changed_word_of_an_item_changes_exactly_the_rules_that_show_it_or_name_it(
    toy_catalog,
):
    """Every text of every item of the toy, one at a time."""
    contents = {rule: reviewed_content(toy_catalog, rule) for rule in toy_catalog.rules}
    for item in toy_catalog.items:
        showing = {rule for rule, content in contents.items() if item in content["items"]}
        keeping = {
            rule
            for rule, content in contents.items()
            if any(item in one for one in content["kept_out"].values())
        }
        assert showing
        for leaf, changed in variants(
            TOY / "content" / f"{item}.yaml",
            SHAPES[kind_of(item)],
            lambda one: one[-1] not in ENUMERATED and one[0] not in {"tags", "swap_for"},
        ):
            expected = showing | (keeping if leaf == ("name",) else set())
            assert differing(toy_catalog, items={**toy_catalog.items, item: changed}) == expected, (
                item,
                leaf,
            )


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
    signed(root, "weak-leg", until=TODAY + timedelta(days=400))
    today = TODAY + timedelta(days=400) - left
    assert status(root, "weak-leg", today) == expected
    assert unsigned(load(root), ["weak-leg"]) == ()


def test_a_signature_without_a_last_day_is_never_due(root):
    signed(root, "weak-leg")
    assert status(root, "weak-leg", date.max) == "valid"


# The record.


def test_the_record_is_a_chain_of_lines_each_with_the_hash_of_the_one_before(root):
    signed(root, "weak-leg", "fever")
    signed(root, "signs")
    entries = [json.loads(line) for line in lines(root)]
    assert [one["rule"] for one in entries] == ["weak-leg", "fever", "signs"]
    assert [one["n"] for one in entries] == [1, 2, 3]
    expected = [
        "0" * 64,
        *(hashlib.sha256(line.rstrip(b"\n")).hexdigest() for line in lines(root)[:-1]),
    ]
    assert [one["previous"] for one in entries] == expected
    assert entries[0]["reviewed"] == json.loads(
        json.dumps(reviewed_content(load(root), "weak-leg"))
    )


def tampered_edit(all_lines: list[bytes], place: int) -> list[bytes]:
    return [
        *all_lines[:place],
        all_lines[place].replace(b"A. Able", b"Z. Able"),
        *all_lines[place + 1 :],
    ]


def tampered_content(all_lines: list[bytes], place: int) -> list[bytes]:
    changed = all_lines[place].replace(b'"because":"Because', b'"because":"Therefore')
    return [*all_lines[:place], changed, *all_lines[place + 1 :]]


def tampered_delete(all_lines: list[bytes], place: int) -> list[bytes]:
    return [*all_lines[:place], *all_lines[place + 1 :]]


def tampered_swap(all_lines: list[bytes], place: int) -> list[bytes]:
    return [*all_lines[:place], all_lines[place + 1], all_lines[place], *all_lines[place + 2 :]]


def tampered_repeat(all_lines: list[bytes], place: int) -> list[bytes]:
    return [*all_lines[: place + 1], *all_lines[place:]]


def tampered_cut(all_lines: list[bytes], place: int) -> list[bytes]:
    return [*all_lines[:place], all_lines[place][:-9]]


def tampered_newline(all_lines: list[bytes], place: int) -> list[bytes]:
    return [*all_lines[:place], all_lines[place].rstrip(b"\n")]


def tampered_blank(all_lines: list[bytes], place: int) -> list[bytes]:
    return [*all_lines[:place], b"\n", *all_lines[place:]]


def tampered_key(all_lines: list[bytes], place: int) -> list[bytes]:
    """A key that nobody knows, in a line whose seal was made to fit."""
    return [
        *all_lines[:place],
        resealed(all_lines[place], b'"note":""', b'"note":"","more":1'),
        *all_lines[place + 1 :],
    ]


def tampered_order(all_lines: list[bytes], place: int) -> list[bytes]:
    return [*all_lines[:place], resealed(all_lines[place], b'"kind":"sign",', b'"kind" : "sign",')]


def tampered_number(all_lines: list[bytes], place: int) -> list[bytes]:
    return [
        *all_lines[:place],
        resealed(all_lines[place], b'"n":', b'"n":1'),
        *all_lines[place + 1 :],
    ]


def tampered_bare(all_lines: list[bytes], place: int) -> list[bytes]:
    """A signature without what was reviewed."""
    head, mark, rest = all_lines[place].partition(b',"seal":"')
    return [*all_lines[:place], head + mark + rest[:64] + b'"}\n']


def tampered_forgery(all_lines: list[bytes], place: int) -> list[bytes]:
    """A line with another name and a seal that fits: the next line still knows what stood there."""
    return [
        *all_lines[:place],
        resealed(all_lines[place], b"A. Able", b"Z. Able"),
        *all_lines[place + 1 :],
    ]


def resealed(line: bytes, find: bytes, put: bytes) -> bytes:
    head, mark, rest = line.partition(b',"seal":"')
    head = head.replace(find, put)
    return head + mark + hashlib.sha256(head).hexdigest().encode() + rest[64:]


TAMPERINGS = {
    tampered_edit: 0,
    tampered_content: 0,
    tampered_delete: 0,
    tampered_swap: 0,
    tampered_repeat: 1,
    tampered_cut: 0,
    tampered_newline: 0,
    tampered_blank: 0,
    tampered_key: 0,
    tampered_order: 0,
    tampered_bare: 0,
    tampered_number: 0,
    tampered_forgery: 1,
}


@pytest.mark.parametrize("place", [0, 2])
@pytest.mark.parametrize(
    ("tamper", "after"), TAMPERINGS.items(), ids=lambda one: getattr(one, "__name__", "")
)
def test_tampering_with_one_line_names_the_first_broken_line_and_no_rule_counts_as_signed(
    tamper, after, place, root
):
    rules = ("weak-leg", "fever", "signs", "open-flags")
    signed(root, *rules)
    assert unsigned(load(root), rules) == ()
    (root / SIGNOFFS).write_bytes(b"".join(tamper(lines(root), place)))
    catalog = load(root)
    record = ledger(catalog)
    assert record.broken is not None
    assert (record.broken.line, len(record.entries)) == (place + 1 + after, place + after)
    assert f"line {place + 1 + after} of" in standings.record_fault(record, None)
    assert unsigned(catalog, rules) == rules
    assert {standing(catalog, rule, TODAY).status for rule in rules} == {"broken_record"}


def test_a_last_line_that_was_taken_away_is_noticed_by_who_knows_its_hash(root):
    signed(root, "weak-leg", "fever")
    known = ledger(load(root)).last
    assert not standings.record_fault(ledger(load(root)), known)
    signed(root, "signs")
    assert not standings.record_fault(ledger(load(root)), known), "what was added since is no fault"
    (root / SIGNOFFS).write_bytes(lines(root)[0])
    assert ledger(load(root)).broken is None
    assert known in standings.record_fault(ledger(load(root)), known)


def test_a_record_that_cannot_be_read_is_broken_not_empty(root):
    (root / SIGNOFFS).mkdir()
    assert ledger(load(root)).broken == Broken(1, "the file cannot be read")


def test_a_record_whose_line_endings_were_changed_is_broken_and_says_so(root):
    signed(root, "weak-leg")
    (root / SIGNOFFS).write_bytes((root / SIGNOFFS).read_bytes().replace(b"\n", b"\r\n"))
    assert "its line ending was changed" in ledger(load(root)).broken.what


@given(raw=st.binary(max_size=200))
def test_no_bytes_make_reading_the_record_fail_and_only_none_make_it_whole(raw):
    record = read_ledger(raw)
    assert (record == Ledger()) is (raw == b"")


@given(data=st.data())
def test_any_one_byte_of_a_record_that_differs_breaks_it(data, whole_record):
    raw = whole_record
    place = data.draw(st.integers(0, len(raw) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda one: one != raw[place]))
    assert read_ledger(raw[:place] + bytes([byte]) + raw[place + 1 :]).broken is not None


@pytest.fixture(scope="module")
def whole_record(tmp_path_factory) -> bytes:
    root = tmp_path_factory.mktemp("record")
    shutil.copytree(TOY, root, dirs_exist_ok=True)
    signed(root, "weak-leg", "fever")
    assert read_ledger((root / SIGNOFFS).read_bytes()).broken is None
    return (root / SIGNOFFS).read_bytes()


# Signing.


def test_nothing_is_added_to_a_broken_record(root):
    signed(root, "weak-leg", "fever")
    (root / SIGNOFFS).write_bytes(b"".join(tampered_edit(lines(root), 0)))
    before = (root / SIGNOFFS).read_bytes()
    with pytest.raises(SigningError, match="line 1 of"):
        signed(root, "signs")
    assert (root / SIGNOFFS).read_bytes() == before


def test_signing_only_ever_adds_to_the_record(root):
    signed(root, "weak-leg")
    before = (root / SIGNOFFS).read_bytes()
    signed(root, "weak-leg")
    after = (root / SIGNOFFS).read_bytes()
    assert after.startswith(before)
    assert len(after) > len(before)


@pytest.mark.parametrize("field", ["name", "role", "registration"])
@pytest.mark.parametrize("text", ["", "  ", "two\nlines"])
def test_whoever_signs_says_who_they_are(field, text):
    with pytest.raises(SigningError, match=f"--{field}"):
        dataclasses.replace(ABLE, **{field: text})


def test_rules_are_named_by_id_topic_or_stage_each_once(toy_catalog):
    signs = tuple(rule for rule in toy_catalog.rules if toy_catalog.topic_of[rule] == "signs")
    assert chosen(toy_catalog, ["fever", "triage/signs"]) == (
        "fever",
        *(one for one in signs if one != "fever"),
    )
    assert chosen(toy_catalog, ["rules/triage/signs.yaml"]) == signs
    assert set(chosen(toy_catalog, ["triage"])) == {
        rule.id for rule in toy_catalog.by_stage["triage"]
    }


def test_an_unknown_rule_is_refused_with_the_nearest(toy_catalog):
    with pytest.raises(SigningError, match="did you mean 'weak-leg'"):
        chosen(toy_catalog, ["weak-lag"])


def test_a_retired_rule_is_refused_by_name_and_passed_over_in_its_topic(root):
    path = root / "rules" / "triage" / "signs.yaml"
    rules = read_plain(path)
    next(rule for rule in rules if rule["id"] == "infected-lump")["status"] = "retired"
    write_plain(path, rules)
    with pytest.raises(SigningError, match="retired"):
        chosen(load(root), ["infected-lump"])
    assert "infected-lump" not in chosen(load(root), ["triage/signs"])
    assert status(root, "infected-lump") == "retired"


@pytest.mark.parametrize("text", ["2026-11-21", "2026-13-01", "next year", ""])
def test_a_last_day_that_is_over_or_none_is_refused(text):
    with pytest.raises(SigningError, match="--valid-until"):
        a_day(text, TODAY)


def test_a_last_day_of_today_or_later_is_taken():
    assert a_day("2026-11-22", TODAY) == TODAY


# Disputes.

WEAK = {"weak_leg": "yes"}


@pytest.fixture
def toy_catalog() -> Catalog:
    return load(TOY)


def raw(catalog: Catalog, over: dict[str, Any]) -> dict[str, Any]:
    typed = catalog.questionnaire.example(over)
    return {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in typed.items()
    }


def disputed(root: Path, rule: str, over: dict[str, Any], *expect: str) -> Path:
    catalog = load(root)
    case = disputes.case_of(catalog, rule, raw(catalog, over), expect)
    return disputes.dispute(root, catalog, case, BEST, root / "people")[1]


def test_a_dispute_after_a_signature_makes_the_rule_disputed_until_it_is_signed_again(root):
    signed(root, "weak-leg")
    disputed(root, "weak-leg", WEAK, "urgency=same_day")
    assert status(root, "weak-leg") == "disputed"
    assert unsigned(load(root), ["weak-leg"]) == ("weak-leg",)
    signed(root, "weak-leg")
    assert status(root, "weak-leg") == "valid"


def test_a_change_does_not_settle_a_dispute_by_itself(root):
    disputed(root, "weak-leg", WEAK, "urgency=same_day")
    edit(
        root,
        "rules/triage/signs.yaml",
        "because: Because of weak leg.",
        "because: Because a leg is weak.",
    )
    assert status(root, "weak-leg") == "disputed"


def test_the_case_of_a_dispute_becomes_a_persona_that_is_open_until_its_expectation_holds(root):
    path = disputed(root, "weak-leg", WEAK, "urgency=same_day", "refers_to=practitioner/same_day")
    ((name, (persona, left)),) = disputes.disputed_people(load(root), path.parent).items()
    assert (name, persona.disputed, dict(persona.answers)) == (path.stem, "weak-leg", WEAK)
    assert len(left) == 2
    edit(
        root, "rules/triage/signs.yaml",
        "{refer: practitioner/emergency, urgency: emergency}", "{refer: practitioner/same_day, urgency: same_day}",
    )  # fmt: skip
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


def test_a_dispute_without_an_expectation_says_that_the_rule_should_have_done_the_opposite(root):
    catalog = load(root)
    assert disputes.case_of(catalog, "weak-leg", raw(catalog, WEAK), ()).said == (
        "silent=weak-leg",
    )
    assert disputes.case_of(catalog, "weak-leg", raw(catalog, {}), ()).said == ("fires=weak-leg",)


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


def test_a_dispute_needs_a_remark_and_a_folder(root):
    catalog = load(root)
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


def test_a_plan_says_how_many_of_its_rules_are_signed_and_which_and_by_what_record(root):
    rules = fired(root, WEAK)
    signed(root, rules[0])
    plan = planned(root, WEAK)
    assert (plan.provenance.rules_signed, plan.provenance.rules_fired) == (1, len(rules))
    assert plan.provenance.review_note == f"1 of {len(rules)} signed."
    assert [one.rule for one in plan.firings if one.signed] == [rules[0]]
    assert plan.provenance.signoffs == hashlib.sha256(lines(root)[-1].rstrip(b"\n")).hexdigest()


def test_a_plan_says_that_the_record_is_broken(root):
    signed(root, *fired(root, WEAK))
    (root / SIGNOFFS).write_bytes(lines(root)[0][:-2])
    plan = planned(root, WEAK)
    assert plan.provenance.rules_signed == 0
    assert plan.provenance.review_note.endswith(load(root).words.signatures_broken)


def test_where_signatures_are_required_one_unsigned_rule_means_to_be_seen_and_nothing_else(root):
    over = {}
    rules = fired(root, over)
    signed(root, *rules)
    assert planned(root, over, require=True) == planned(root, over)
    assert planned(root, over).sections
    edit(
        root,
        f"rules/{load(root).stage_of[rules[0]]}/{load(root).topic_of[rules[0]]}.yaml",
        f"id: {rules[0]}\n  title: ",
        f"id: {rules[0]}\n  title: Not ",
    )
    plan = planned(root, over, require=True)
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


def test_a_decision_that_failed_already_stays_as_it_is(root):
    catalog = load(root)
    failed = dataclasses.replace(
        decide(catalog, raw(catalog, WEAK)), failure="the two engines disagree"
    )
    assert only_signed(failed) is failed


def test_a_reviewed_rule_is_a_problem_until_somebody_signs_it(root):
    edit(root, "rules/triage/signs.yaml", "  status: draft", "  status: reviewed")
    assert [one.code for one in check(root)] == ["unsigned-review"]
    signed(root, "weak-leg")
    assert check(root) == []


# What a release needs.


def test_a_release_needs_every_rule_in_force_signed_as_it_is_and_said_to_be_reviewed(root):
    catalog = load(root)
    every = standings.standings(catalog, TODAY)
    wanted = standings.needs(catalog, every)
    assert {
        rule for topics in wanted.values() for rules in topics.values() for rule in rules
    } == set(catalog.rules)
    signed(root, *catalog.rules)
    catalog = load(root)
    (need,) = standings.needs(catalog, standings.standings(catalog, TODAY))
    assert "status: reviewed" in need
    for path in (root / "rules").rglob("*.yaml"):
        path.write_text(
            path.read_text(encoding="utf-8").replace("status: draft", "status: reviewed"),
            encoding="utf-8",
        )
    catalog = load(root)
    assert standings.needs(catalog, standings.standings(catalog, TODAY)) == {}
    assert check(root) == []
