"""How the shipped rules and content are written: narrow lines, and nothing that goes without
saying.
"""

import re
import shutil
from pathlib import Path

import pytest

from lumbar import Catalog, load
from lumbar.reading.paths import data_root
from lumbar.rulebook.fingerprint import SIGNOFFS
from lumbar.rulebook.items import kind_of
from lumbar.signatures.reviewed import hash_of, reviewed

TOY = Path(__file__).parents[1] / "toy"
FILES = sorted(  # but for the record of signatures, which a program writes
    path
    for folder in ("rules", "content")
    for path in (data_root() / folder).rglob("*.yaml")
    if path != data_root() / SIGNOFFS
)
# a link or the name of a test cannot be broken
ONE_WORD = re.compile(r" *(- )?(\w+: )?\S+")


@pytest.mark.parametrize("path", FILES, ids=[one.stem for one in FILES])
def test_no_line_is_wider_than_a_hundred(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    wide = [line for line in lines if len(line) > 100 and not ONE_WORD.fullmatch(line)]
    assert wide == []


def test_a_default_that_is_left_out_is_the_same_to_a_signature(tmp_path: Path) -> None:
    root = Path(shutil.copytree(TOY, tmp_path / "toy"))
    before = load(root)
    for path in root.rglob("*.yaml"):
        said = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"  status: draft\n|, strength: none", "", said), encoding="utf-8")
    after = load(root)
    assert after.sha256 != before.sha256
    assert after.rules == before.rules
    assert {one: hash_of(reviewed(after, one)) for one in after.rules} == {
        one: hash_of(reviewed(before, one)) for one in before.rules
    }


def test_a_tag_for_all_self_treatment_is_on_each_of_it(catalog: Catalog) -> None:
    meant = {name for name in catalog.items if kind_of(name) in {"massage", "exercise", "belt"}}
    loads = {f"habit/goal_{goal}" for goal in ("walk", "bend", "lift", "sport")}
    assert set(catalog.targets["tag:self_treatment"]) == meant | loads


def test_a_tag_for_all_that_others_do_is_on_each_whom_no_rule_refers_to(catalog: Catalog) -> None:
    referred = {effect.refer for rule in catalog.rules.values() for effect in rule.refers}
    others = {name for name in catalog.items if kind_of(name) == "practitioner"} - referred
    assert set(catalog.targets["tag:other_hands"]) == others - {"practitioner/pharmacist"}
