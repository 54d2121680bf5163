"""Canonical JSON (RFC 8785) of plain data, written by the C library where that is the same.

RFC 8785 sorts keys by UTF-16 units, writes numbers as ECMAScript does and escapes little. For
ASCII keys, integers that every reader reads exactly, texts, booleans and null, the JSON writer of
the standard library gives the same bytes several times faster. Anything else goes to the
reference implementation, which also refuses what cannot be written.

Whoever reads JSON of others refuses what two readers could take in two ways: `keys_once`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from unicodedata import is_normalized

import rfc8785

__all__ = ["canonical_json", "keys_once"]

V = TypeVar("V")

_LARGEST = (1 << 53) - 1
_DEEPEST = 16
_LISTS = (list, tuple)
_half = re.compile("[\ud800-\udfff]").search
_WRITE = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False
).encode
"""Writes what is plain; that is never so deep that it could hold itself."""


def canonical_json(value: Any, look: Callable[[Any], None] | None = None) -> bytes:
    """Write plain data as canonical JSON.

    Args:
        value: the data.
        look: takes a closer look at what is not as plain as data mostly is, and may refuse it: a
            number, key or text that some reader reads otherwise, or what is nested deep.

    Raises:
        rfc8785.CanonicalizationError: it holds what canonical JSON cannot hold.
        UnicodeEncodeError: a key has half of a surrogate pair.
    """
    if _plain(value, _DEEPEST):
        return _WRITE(value).encode()
    if look is not None:
        look(value)
    return rfc8785.dumps(value)


def _plain(value: Any, deeper: int) -> bool:
    """Say whether both writers give the same bytes, and everybody reads them alike.

    Most of what there is are short texts in ASCII: these are looked at where they stand.
    """
    inner: Iterable[Any]
    if isinstance(value, dict):
        if not (deeper and _ascii(value)):
            return False
        inner = value.values()
    elif isinstance(value, _LISTS):
        if not deeper:
            return False
        inner = value
    else:
        return _plain_scalar(value)
    for each in inner:
        if type(each) is str:
            if not (each.isascii() or _plain_scalar(each)):
                return False
        elif each is not None and not _plain(each, deeper - 1):
            return False
    return True


def _plain_scalar(value: Any) -> bool:
    if isinstance(value, str):
        return value.isascii() or (is_normalized("NFC", value) and not _half(value))
    return value is None or (isinstance(value, int) and -_LARGEST <= value <= _LARGEST)


def _ascii(keys: Iterable[Any]) -> bool:
    """Say whether keys are texts of ASCII alone."""
    try:
        return "".join(keys).isascii()
    except TypeError:
        return False


def keys_once(
    refuse: Callable[[str], Exception],
) -> Callable[[list[tuple[str, V]]], dict[str, V]]:
    """Return a hook for a JSON reader (its `object_pairs_hook`): each key of an object stands once.

    Args:
        refuse: the error to raise, for a key that stands twice.
    """

    def read(pairs: list[tuple[str, V]]) -> dict[str, V]:
        found = dict(pairs)
        if len(found) != len(pairs):
            keys = [key for key, _ in pairs]
            raise refuse(next(key for key in keys if keys.count(key) > 1))
        return found

    return read
