"""The code that brings somebody back: twelve words, to be read aloud and written down.

They stand for 128 drawn bits and a few that notice slips, from the English list of BIP 39: no two
of its words begin with the same four letters.
"""

import re
import secrets
from difflib import get_close_matches
from functools import cache
from typing import NamedTuple

from mnemonic import Mnemonic

from lumbar.web.store.sealing import derived

WORDS = 12
_BITS = 128
_BEGINNING = 4  # letters that tell a word
_ALIKE = 0.75  # how like a word of the list a slip must be to be taken for it


class Key(NamedTuple):
    """Made of a code: where a record is found, and what opens it. Neither tells the code."""

    lookup: bytes
    opening: bytes


def new_code() -> str:
    """Return a code that nobody has."""
    return _list().to_mnemonic(secrets.token_bytes(_BITS // 8))


def key_of(typed: str) -> Key | None:
    """Return what a code opens with, however it was typed; None where it cannot be a code."""
    words = re.findall("[a-z]+", typed.lower())
    if len(words) != WORDS:
        return None
    try:
        secret = bytes(_list().to_entropy([*map(_word, words)]))
    except (ValueError, LookupError):
        return None
    return Key(derived(secret, "lookup"), derived(secret, "opening"))


@cache
def _list() -> Mnemonic:
    return Mnemonic("english")


def _word(typed: str) -> str:
    """Return the word of the list that was meant: by its beginning, else the one most like it."""
    for way in (typed, typed[:_BEGINNING]):
        word = _list().expand_word(way)
        if word in _list().wordlist:
            return word
    return next(iter(get_close_matches(typed, _list().wordlist, 1, _ALIKE)), typed)
