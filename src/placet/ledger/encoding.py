"""The few encodings that the formats share, each with one spelling only.

A text that could be spelled in two ways could be changed without its meaning changing, so
that a changed copy would still be accepted. Every reader here refuses the second spelling.
"""

from __future__ import annotations

import base64
import binascii
import re

from placet.ledger.errors import MalformedError
from placet.ledger.tree import HASH_BYTES, Hash

__all__ = ["LARGEST_SIZE", "base64_of", "read_base64", "read_hash", "read_number", "read_text"]

LARGEST_SIZE = (1 << 63) - 1
"""The largest size, index or time stamp: what a signed 64-bit integer holds."""

_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


def base64_of(data: bytes) -> str:
    """Write standard base64 (RFC 4648 §4)."""
    return base64.b64encode(data).decode("ascii")


def read_base64(text: str, what: str) -> bytes:
    """Read standard base64, padded, without stray characters and without stray bits."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        data = b""
    if not data or base64_of(data) != text:
        raise MalformedError(f"{what} is not base64 (RFC 4648 §4): {text[:60]!r}.")
    return data


def read_hash(text: str, what: str) -> Hash:
    """Read a hash: 32 bytes in base64."""
    data = read_base64(text, what)
    if len(data) != HASH_BYTES:
        raise MalformedError(f"{what} has {len(data)} bytes; a SHA-256 hash has {HASH_BYTES}.")
    return Hash(data)


def read_number(text: str, what: str) -> int:
    """Read a decimal number: ASCII digits, no sign, no leading zeroes, at most 2^63 - 1."""
    if not _NUMBER.fullmatch(text) or int(text) > LARGEST_SIZE:
        raise MalformedError(
            f"{what} is not a number from 0 to 2^63 - 1 without leading zeroes: {text[:60]!r}."
        )
    return int(text)


def read_text(data: bytes, what: str) -> str:
    """Read UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedError(f"{what} is not UTF-8: byte {error.start} cannot be read.") from None
