"""Sealed: who has no key reads nothing, and cannot change anything unnoticed."""

import json
import secrets
import zlib
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_FORM = b"\x01"  # of what is sealed; another way to seal is another first byte
_NONCE = 12  # bytes; drawn anew each time, so one key is good for some four thousand million
_STEP = 256  # bytes; the length of what is sealed tells no more than this of what is in it


class UnsealableError(Exception):
    """Sealed with another key, or changed since."""


def derived(secret: bytes, purpose: str) -> bytes:
    """Return 32 bytes for one purpose, which tell nothing of the secret or of other purposes.

    The secret must be drawn, not thought up: at least 128 bits that nobody can guess.
    """
    return HKDF(SHA256(), 32, None, f"lumbar {purpose}".encode()).derive(secret)


def seal(key: bytes, what: Mapping[str, Any]) -> bytes:
    """Return plain data as bytes that only the key (32 bytes) opens."""
    packed = zlib.compress(json.dumps(what, separators=(",", ":")).encode(), 9)
    nonce = secrets.token_bytes(_NONCE)
    padded = packed + bytes(-len(packed) % _STEP)
    return _FORM + nonce + AESGCM(key).encrypt(nonce, padded, _FORM)


def unseal(key: bytes, sealed: bytes) -> dict[str, Any]:
    """Return what was sealed with this key; raise UnsealableError."""
    form, nonce, rest = sealed[:1], sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
    try:
        padded = AESGCM(key).decrypt(nonce, rest, form)
    except (InvalidTag, ValueError):  # a nonce that is too short is a ValueError
        raise UnsealableError from None
    what: dict[str, Any] = json.loads(zlib.decompressobj().decompress(padded))
    return what
