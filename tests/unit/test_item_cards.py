"""Item cards: each item of care in few words and few steps, its dose said once."""

import re
from collections.abc import Iterator

import pytest

from lumbar import Catalog
from lumbar.reading.paths import data_root
from lumbar.rulebook.items import Exercise, Item, Technique

MOST_WORDS = 105  # a card has at most 120, its headings and buttons among them
MOST_IN_SUMMARY = 15
MOST_IN_LABEL_NOTE = 25
CARDS = sorted(
    f"{path.parent.name}/{path.stem}"
    for path in (data_root() / "content").glob("*/*.yaml")
    if path.parent.name != "practitioner"
)


def card(item: Item) -> Iterator[str]:
    """Yield every text on the card of an item, with the dose that takes the most words."""
    yield item.name
    if isinstance(item, Technique | Exercise):
        yield from (item.position, item.should_feel)
    if isinstance(item, Technique):
        yield from (item.hands, item.where)
    yield from getattr(item, "steps", ())
    yield from getattr(item, "stop_if", ())
    yield max((dose.text for dose in item.doses), key=words, default="")


def words(text: str) -> int:
    return len(text.split())


def sentences(text: str) -> int:
    return len(re.findall(r"[.!?](?=\s|$)", text))


@pytest.mark.parametrize("name", CARDS)
def test_an_item_fits_on_a_card_whoever_runs_it(name: str, catalog: Catalog) -> None:
    shown = [catalog.operator.fill(text) for text in card(catalog.items[name])]
    assert sum(map(words, shown)) <= MOST_WORDS


@pytest.mark.parametrize("name", CARDS)
def test_a_card_has_three_to_five_steps(name: str, catalog: Catalog) -> None:
    assert 3 <= len(getattr(catalog.items[name], "steps", ())) <= 5


@pytest.mark.parametrize("name", CARDS)
def test_how_much_is_said_by_the_dose_alone(name: str, catalog: Catalog) -> None:
    item = catalog.items[name]
    numbers = [one for one in getattr(item, "steps", ()) if re.search(r"\d", one)]
    assert not item.doses or numbers == []


@pytest.mark.parametrize("name", CARDS)
def test_what_it_is_and_how_good_the_evidence_is_are_a_sentence_each(
    name: str, catalog: Catalog
) -> None:
    item = catalog.items[name]
    assert words(item.summary) <= MOST_IN_SUMMARY
    assert words(item.label_note) <= MOST_IN_LABEL_NOTE
    assert (sentences(item.summary), sentences(item.label_note)) == (1, 1)


@pytest.mark.parametrize("name", CARDS)
def test_no_card_has_a_pain_limit_of_its_own(name: str, catalog: Catalog) -> None:
    """Who starts at 7 is told their own limit: a card that says 5 would contradict it."""
    said = " ".join(card(catalog.items[name]))
    assert "out of 10" not in said
