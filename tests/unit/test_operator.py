"""The words of whoever runs Lumbar: theirs where they are set, and true of anywhere until then."""

from lumbar import Catalog
from lumbar.rulebook.items import Calls, Operator

ANYWHERE = Calls(
    emergency_number="your country's number", urgent_line="your line", crisis_line="a line"
)


def test_what_is_set_is_said_and_the_rest_in_words_true_of_anywhere() -> None:
    operator = Operator(emergency_number="999", anywhere=ANYWHERE)
    said = operator.fill("Call {emergency_number}, or {urgent_line}, or {other}.")
    assert said == "Call 999, or your line, or {other}."


def test_it_knows_what_nobody_has_set() -> None:
    operator = Operator(name="A clinic", emergency_number="999", anywhere=ANYWHERE)
    assert operator.not_set == ("country", "urgent_line", "crisis_line")


def test_what_is_shipped_names_no_operator_and_no_number(catalog: Catalog) -> None:
    every = ("name", "country", "emergency_number", "urgent_line", "crisis_line")
    assert catalog.operator.not_set == every
