"""The reasons of rules claim nothing that nobody said, and nothing about what a plan may not do."""

import re

from lumbar import Catalog
from lumbar.rulebook.conditions import clauses

SENTENCE = re.compile(r"(?<=[.?!:]) ")
OF_THE_PERSON = re.compile(r"\b(?:you|your)\b", re.IGNORECASE)
DENIED = re.compile(r"\b(?:not|no|never|nothing|nobody|none|without|neither|nor)\b", re.IGNORECASE)
# What a person is told to do, and what is said of those who were not sure, is no claim.
NO_CLAIM = re.compile(
    r"were not sure|do(?:es)? not have to|need not|is not offered|not taken from", re.IGNORECASE
)
# A rule does not know what else is in a plan, nor what stands before or after it.
OF_THE_PLAN = re.compile(
    r"\bcomes? (?:first|last|next)\b|\bthese (?:two|three|four)\b|\bpart of every plan\b"
    r"|\b(?:two|three|both) (?:\w+ )?(?:exercises|movements|techniques)\b",
    re.IGNORECASE,
)


def test_a_reason_does_not_make_a_statement_out_of_what_was_left_unticked(catalog: Catalog) -> None:
    """Where a rule asks that something was not found, nobody need have said so."""
    rest_on_silence = [
        rule for rule in catalog.rules.values() if any(negated for _, negated in clauses(rule.when))
    ]
    assert len(rest_on_silence) > 20
    wrong = [
        f"{rule.id}: {sentence}"
        for rule in rest_on_silence
        for sentence in SENTENCE.split(rule.because)
        if OF_THE_PERSON.search(sentence) and DENIED.search(NO_CLAIM.sub("", sentence))
    ]
    assert wrong == []


def test_a_reason_to_offer_something_says_nothing_of_its_place_in_a_plan(catalog: Catalog) -> None:
    rules = [rule for rule in catalog.rules.values() if catalog.stage_of[rule.id] == "care"]
    assert [rule.id for rule in rules if OF_THE_PLAN.search(rule.because)] == []
