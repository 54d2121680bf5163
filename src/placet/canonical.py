"""Canonical JSON (RFC 8785) of plain data, written by the C library where that is the same.

RFC 8785 sorts keys by UTF-16 units, writes numbers as ECMAScript does and escapes little. For
ASCII keys, integers that every reader reads exactly, texts, booleans and null, the JSON writer of
the standard library gives the same bytes several times faster. Anything else goes to the
reference implementation, which also refuses what cannot be written.
"""

from __future__ import annotations

import json
from typing import Any

import rfc8785

__all__ = ["canonical_json"]

_LARGEST = (1 << 53) - 1
_WRITE = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def canonical_json(value: Any) -> bytes:
    """Write plain data as canonical JSON.

    Raises:
        rfc8785.CanonicalizationError: it holds what canonical JSON cannot hold.
        UnicodeEncodeError: a text has half of a surrogate pair.
    """
    if not _alike(value):
        return rfc8785.dumps(value)
    return _WRITE(value).encode()


def _alike(value: Any) -> bool:
    """Say whether both writers give the same bytes."""
    if isinstance(value, str) or value is None:
        return True
    if isinstance(value, dict):
        return all(
            isinstance(key, str) and key.isascii() and _alike(each) for key, each in value.items()
        )
    if isinstance(value, list | tuple):
        return all(map(_alike, value))
    return isinstance(value, int) and -_LARGEST <= value <= _LARGEST
