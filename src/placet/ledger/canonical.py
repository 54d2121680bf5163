"""Canonical JSON (RFC 8785), and a reader that refuses what could be read in two ways.

`json.loads` keeps the last of two equal keys, turns numbers into floats, and takes any
spelling. Bytes that were committed to must have one reading only.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NoReturn, TypeAlias

from placet.canonical import canonical_json, keys_once
from placet.ledger.encoding import read_text
from placet.ledger.errors import MalformedError

__all__ = [
    "JSON",
    "LARGEST_DOCUMENT",
    "LARGEST_INTEGER",
    "canonical",
    "fitting",
    "must_be_canonical",
    "parse_canonical",
    "parse_json",
]

JSON: TypeAlias = bool | int | str | Sequence["JSON"] | Mapping[str, "JSON"] | None
"""What can be committed to: no floats, no dates, no bytes."""

LARGEST_INTEGER = (1 << 53) - 1
"""The largest integer that every JSON reader reads exactly (RFC 8785 §3.2.2.3)."""

LARGEST_DOCUMENT = 4 << 20
"""The most bytes of a document; a digest stands for anything larger."""

_DEEPEST = 64


def canonical(value: JSON, where: str = "") -> bytes:
    """Write a value as canonical JSON.

    Raises:
        MalformedError: it holds something that canonical JSON cannot hold, and where.
    """
    look = partial(_check, where=where or "the document", depth=0)
    return fitting(canonical_json(value, look), where)


def fitting(data: bytes, where: str) -> bytes:
    """Return a document that is not too large.

    Raises:
        MalformedError: it is.
    """
    if len(data) > LARGEST_DOCUMENT:
        raise MalformedError(
            f"{where or 'the document'} has {len(data)} bytes; the most is {LARGEST_DOCUMENT}. "
            "Commit to its digest and keep it elsewhere."
        )
    return data


def parse_canonical(data: bytes, what: str) -> JSON:
    """Read canonical JSON; anything else, even if it is JSON, is refused."""
    value = parse_json(data, what)
    must_be_canonical(data, canonical(value, what), what)
    return value


def must_be_canonical(data: bytes, written: bytes, what: str) -> None:
    """Refuse JSON that is written in another way once it is read."""
    if written != data:
        raise MalformedError(
            f"{what} is JSON but not canonical: keys in order, no spaces, one spelling of each "
            "text and number (RFC 8785)."
        )


def parse_json(data: bytes, what: str) -> JSON:
    """Read JSON that has one reading only. That it is canonical shows when it is written again."""
    if len(data) > LARGEST_DOCUMENT:
        raise MalformedError(f"{what} has {len(data)} bytes; the most is {LARGEST_DOCUMENT}.")
    text = read_text(data, what)
    try:
        value: JSON = _READER.decode(text)
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"{what} is not JSON: {error}.") from None
    return value


def _twice(key: str) -> MalformedError:
    return MalformedError(
        f"The key {key[:80]!r} stands twice in one object; which counts cannot be told."
    )


def _refuse_float(text: str) -> NoReturn:
    raise MalformedError(
        f"The number {text[:40]} is not an integer; write shares in basis points or as text."
    )


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > LARGEST_INTEGER:
        raise MalformedError(f"The number {text[:40]} is beyond 2^53 - 1; write it as text.")
    return int(text)


_READER = json.JSONDecoder(
    object_pairs_hook=keys_once(_twice),
    parse_float=_refuse_float,
    parse_constant=_refuse_float,
    parse_int=_integer,
)


def _check(value: object, where: str, depth: int) -> None:
    """Refuse what canonical JSON cannot hold, or what two readers could read differently."""
    if depth > _DEEPEST:
        raise MalformedError(f"{where} is nested more than {_DEEPEST} deep.")
    if isinstance(value, str):
        _check_text(value, where)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise MalformedError(f"{where} has the key {key!r}, which is not text.")
            _check_text(key, f"a key of {where}")
            _check(item, f"{where}.{key[:80]}", depth + 1)
    elif isinstance(value, list | tuple):
        for place, item in enumerate(value):
            _check(item, f"{where}[{place}]", depth + 1)
    else:
        _check_scalar(value, where)


def _check_text(text: str, where: str) -> None:
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError:
        raise MalformedError(
            f"{where} has half of a surrogate pair, which UTF-8 cannot write."
        ) from None
    if not unicodedata.is_normalized("NFC", text):
        raise MalformedError(
            f"{where} is not in Unicode's normal form C: {text[:60]!r}. Two texts that look the "
            "same would have two digests; normalise it first."
        )


def _check_scalar(value: object, where: str) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, float):
        raise MalformedError(
            f"{where} is the float {value!r}; write an integer, a share in basis points, or text."
        )
    if not isinstance(value, int):
        raise MalformedError(f"{where} is a {type(value).__name__}, which JSON does not know.")
    if abs(value) > LARGEST_INTEGER:
        raise MalformedError(f"{where} is beyond 2^53 - 1 ({str(value)[:40]}); write it as text.")
