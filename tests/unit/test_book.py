"""The parts of the rule book: truth tables that tell the truth, and who hangs on whom."""

from itertools import product
from pathlib import Path

import pytest

from lumbar import Catalog, load
from lumbar.reading.folder import BOOK, OthersFilesError, bind
from lumbar.review.book import chains, truth_table
from lumbar.review.book.crossref import CrossReference, holds, offers, spoken
from lumbar.review.properties.hazards import read
from lumbar.rulebook.conditions import Answered, Bare, Condition, Unanswered
from lumbar.rulebook.parsing import parse

KNOWN = (Bare, Answered, Unanswered)  # clauses that are never unknown
TOY = Path(__file__).parents[1] / "toy"


@pytest.fixture(scope="module")
def toy() -> CrossReference:
    return CrossReference(load(TOY))


def told(condition: Condition) -> list[tuple[str, ...]]:
    """Return the rows of a truth table, 'fires' or 'silent' at the end."""
    return [(*row.cells, "fires" if row.fires else "silent") for row in truth_table.rows(condition)]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a == 1", [("true", "fires"), ("false or unknown", "silent")]),
        ("not a == 1", [("true", "silent"), ("false", "fires"), ("unknown", "silent")]),
        ("not flag", [("true", "silent"), ("false", "fires")]),
        ("unanswered(q)", [("true", "fires"), ("false", "silent")]),
        (
            "a == 1 and b == 1",
            [
                ("true", "true", "fires"),
                ("true", "false or unknown", "silent"),
                ("false or unknown", "any", "silent"),
            ],
        ),
        (
            "a == 1 or flag",
            [
                ("true", "any", "fires"),
                ("false or unknown", "true", "fires"),
                ("false or unknown", "false", "silent"),
            ],
        ),
        ("a == 1 or not a == 1", [("true or false", "fires"), ("unknown", "silent")]),
    ],
)
def test_a_truth_table_is_as_short_as_it_can_be(text, rows):
    assert told(parse(text)) == rows


def test_every_truth_of_the_clauses_is_in_one_row_and_fires_as_the_row_says(catalog: Catalog):
    """For every shipped rule with a table, against the three-valued truth of its condition."""
    tables = 0
    for rule in catalog.rules.values():
        columns = truth_table.distinct_clauses(rule.when)
        if len(columns) > truth_table.MOST_COLUMNS:
            continue
        tables += 1
        table = truth_table.rows(rule.when)
        for values in product((True, False, None), repeat=len(columns)):
            if any(
                value is None and isinstance(one, KNOWN)
                for one, value in zip(columns, values, strict=True)
            ):
                continue
            words = [{True: "true", False: "false", None: "unknown"}[value] for value in values]
            fitting = [row for row in table if fits(row.cells, words)]
            assert len(fitting) == 1, f"{rule.id}: {words}"
            fires = truth_table.truth(rule.when, dict(zip(columns, values, strict=True))) is True
            assert fitting[0].fires is fires, f"{rule.id}: {words}"
    assert tables > len(catalog.rules) / 2


def fits(cells: tuple[str, ...], words: list[str]) -> bool:
    return all(
        cell == "any" or word in cell.split(" or ") for cell, word in zip(cells, words, strict=True)
    )


def test_each_clause_of_a_long_condition_has_its_part():
    condition = parse("a == 1 or b == 1 and c == 1 or b == 1 and not d == 1 or a == 1 and e == 1")
    parts = {str(one.literal): one.part for one in truth_table.parts(condition)}
    assert parts == {
        "a == 1": "enough alone",
        "b == 1": "needed in 2 of 3 ways",
        "c == 1": "needed in 1 of 3 ways",
        "d != 1": "needed in 1 of 3 ways",
        "e == 1": "of no effect",
    }
    assert {one.part for one in truth_table.parts(parse("a == 1 and (b == 1 or c == 1)"))} == {
        "always needed",
        "needed in 1 of 2 ways",
    }


def test_every_topic_is_told_with_what_it_reads_and_acts_on(catalog):
    cross = CrossReference(catalog)
    links = {one.topic: one for one in chains.links(cross)}
    assert links.keys() == cross.topics.keys()
    for topic, rules in cross.topics.items():
        read = {name for rule in rules for name in rule.when.reads}
        asked = {cross.asked_in[name] for name in read if name in cross.asked_in}
        assert asked <= {one.id for one in links[topic].asks}, topic
        acts = {item.partition("/")[0] for rule in rules for item in offers(rule)}
        assert acts == {one.id for one in links[topic].offers}, topic
        kept_out = {x.partition("/")[0] for rule in rules for x in catalog.kept_out[rule.id]}
        assert kept_out == {one.id for one in links[topic].keeps_out}, topic
        finding = {
            cross.topic(catalog.rules[one.id]).id
            for name in read
            for one in cross.concluded_by.get(name, ())
        }
        assert finding - {topic.id} <= {one.id for one in links[topic].knows}, topic


def test_who_reads_what_a_rule_concludes_is_told_by_topic(catalog):
    cross = CrossReference(catalog)
    for rule in catalog.rules.values():
        readers = [one for one in catalog.rules.values() if {*one.when.reads} & {*rule.concludes}]
        topics = {cross.topic(one).id for one in readers if one != rule}
        assert {one.id for one in chains.read_by(cross, rule)} == topics, rule.id


def test_who_reads_a_name_is_told_through_scores_and_questions_too(toy):
    readers = {(ref.kind, ref.id) for refs in toy.readers.values() for ref in refs}
    assert {kind for kind, _ in readers} == {"rule", "score", "question"}
    for rule in toy.catalog.rules.values():
        assert all(("rule", rule.id) in toy.readers[name] for name in rule.when.reads)


def test_what_a_rule_rests_on_goes_through_findings_and_scores_to_questions(toy):
    for rule in toy.catalog.rules.values():
        behind = toy.rests_on[rule.id]
        assert behind >= set(rule.when.reads)
        for name in behind & toy.concluded_by.keys():
            assert any(
                set(toy.catalog.rules[one.id].when.reads) <= behind
                for one in toy.concluded_by[name]
            )


def test_a_property_is_about_the_rules_that_ask_what_it_asks_and_do_what_it_speaks_of(toy):
    _, properties, _ = read(TOY)
    about = {
        one.id: {
            rule.id
            for rule in toy.catalog.rules.values()
            if holds(toy, spoken(toy.catalog, one), rule)
        }
        for one in properties
    }
    assert about["weak-leg-emergency"] == {"weak-leg", "weak-leg-unsure", "open-flags"}
    assert about["open-flag-seen"] == set(), "it speaks of everybody, so it is about no rule alone"
    assert spoken(toy.catalog, next(one for one in properties if one.id == "open-flag-seen")).of_all
    assert about["no-knocking-in-pregnancy"] == {"no-knock"}


def files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_book_is_put_into_a_new_folder_and_replaces_an_old_one_whole(tmp_path):
    folder = tmp_path / "new" / "book"
    assert bind([("index.html", "one"), ("topics/a.html", "a")], folder, BOOK) == 2
    assert bind([("index.html", "two")], folder, BOOK) == 1
    written = files(folder)
    assert written.pop(BOOK.mark).splitlines()[1:] == ["index.html"]
    assert written == {"index.html": "two"}
    assert not (folder / "topics").exists()


@pytest.mark.parametrize("before", [None, "empty", "book"])
def test_what_breaks_midway_leaves_everything_as_it_was(tmp_path, before):
    folder = tmp_path / "book"
    if before == "empty":
        folder.mkdir()
    if before == "book":
        bind([("index.html", "one")], folder, BOOK)
    there = files(folder)

    def breaking():
        yield "index.html", "two"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        bind(breaking(), folder, BOOK)
    assert files(folder) == there
    assert folder.exists() is (before is not None)


@pytest.mark.parametrize("theirs", ["notes.txt", "topics/notes.txt", ".hidden"])
@pytest.mark.parametrize("book", [True, False])
def test_the_files_of_others_are_never_touched(tmp_path, theirs, book):
    if book:
        bind([("topics/a.html", "a")], tmp_path, BOOK)
    (tmp_path / theirs).parent.mkdir(exist_ok=True)
    (tmp_path / theirs).write_text("mine")
    there = files(tmp_path)
    with pytest.raises(
        OthersFilesError, match=r"no part of a rule book.*name an empty or new folder"
    ):
        bind([("index.html", "two")], tmp_path, BOOK)
    assert files(tmp_path) == there


def test_an_empty_folder_of_others_is_never_touched(tmp_path):
    (tmp_path / "letters").mkdir()
    with pytest.raises(OthersFilesError, match="'letters'"):
        bind([("index.html", "two")], tmp_path, BOOK)
    assert [path.name for path in tmp_path.iterdir()] == ["letters"]


def test_a_file_is_no_folder_for_a_book(tmp_path):
    (tmp_path / "book").write_text("mine")
    with pytest.raises(OthersFilesError, match="is no folder"):
        bind([("index.html", "two")], tmp_path / "book", BOOK)
    assert (tmp_path / "book").read_text() == "mine"
