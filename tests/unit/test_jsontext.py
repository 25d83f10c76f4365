"""Records as JSON: the bytes of the library, whatever is in them."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lumbar.reading.jsontext import json_text
from lumbar.reading.record import Record


class Held(Record):
    """A record with anything in it, and with a field that only a page reads."""

    page: str = ""
    held: Any
    also: Any = None
    for_layout = frozenset({"page"})


class Often(Record):
    """A record whose text is kept."""

    in_many_plans = True
    held: Any


TEXT = st.text('aé–😀"\\/\b\n\r\t\x00\x1f\x7f\u2028', max_size=6)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT
ANYTHING = st.recursive(
    LEAVES,
    lambda part: (
        st.lists(part)
        | st.lists(part).map(tuple)
        | st.dictionaries(TEXT, part)
        | st.builds(lambda held, also: Held(held=held, also=also), part, part)
    ),
    max_leaves=12,
)


@given(ANYTHING)
def test_a_record_is_written_as_the_library_writes_it(held: Any) -> None:
    record = Held(held=held, page="not told")
    assert json_text(record) == json.dumps(record.plain(), ensure_ascii=False, indent=2)


def test_a_text_that_is_kept_is_right_at_every_depth_and_every_time() -> None:
    often = Often(held=(1, Often(held="a")))
    for held in (often, [often], {"a": [often, often]}, Held(held=often), often.held[1], often):
        record = Held(held=held)
        assert json_text(record) == json.dumps(record.plain(), ensure_ascii=False, indent=2)
    assert often == Often(held=(1, Often(held="a"))), "and it is no part of the record"


def test_what_json_does_not_know_is_written_in_words() -> None:
    assert json.loads(json_text(Held(held=1j))) == {"held": "1j", "also": None}
