"""A rule as it decides can be read: the formula of its answers, in lines that fit a terminal."""

import pytest
from properties.rule_sets import rule_set

from lumbar import Catalog
from lumbar.form.encoding import Encoding
from lumbar.form.formulas import an_input, at_least, both, either, opposite
from lumbar.form.printing import compiled


@pytest.fixture(scope="module")
def encoding(catalog: Catalog) -> Encoding:
    return Encoding(catalog)


def test_a_rule_is_read_in_the_names_of_answers(encoding: Encoding) -> None:
    assert compiled(encoding, "infection-fever") == [
        "(fever=unsure or fever=yes) or (shivers_sweats=unsure or shivers_sweats=yes)"
    ]


def test_every_rule_fits_a_terminal(encoding: Encoding) -> None:
    lines = {name: compiled(encoding, name) for name in encoding.fires}
    assert [name for name, some in lines.items() if not some or max(map(len, some)) > 80] == []


def test_parts_stand_below_what_joins_them_and_what_comes_again_is_named() -> None:
    encoding = Encoding(rule_set(0))
    long = [an_input(f"a_long_name_of_a_question={place}") for place in range(4)]
    some = either(long)
    encoding.fires["one"] = both(
        (
            either((some, an_input("age>=50"))),
            at_least(2, [(some, 1), (long[0], 2), (opposite(some), 1)]),
        )
    )
    assert compiled(encoding, "one") == [
        "all of",
        "  any of",
        "    [1] any of",
        *(f"      {one.name}" for one in long),
        "    age>=50",
        "  at least 2 of",
        "    [1]",
        f"    2 x {long[0].name}",
        "    not [1]",
    ]
