"""Entry bundles: the entries of a log as files (c2sp.org/tlog-tiles v0.1.0, Log entries).

A bundle is a row of entries, each after its length as a big-endian uint16.
"""

from __future__ import annotations

from collections.abc import Iterable

from placet.ledger.errors import MalformedError, UnfitError
from placet.ledger.tiles import FULL

__all__ = ["LARGEST_ENTRY", "pack", "unpack"]

LARGEST_ENTRY = 65_535
"""The most bytes that an entry can have: its length is a uint16."""


def pack(entries: Iterable[bytes]) -> bytes:
    """Write up to 256 entries as a bundle."""
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > LARGEST_ENTRY:
            raise UnfitError(
                f"An entry of {len(entry)} bytes does not fit; the most is {LARGEST_ENTRY}. "
                "Log its digest and keep the body beside the log."
            )
        parts.append(len(entry).to_bytes(2, "big") + entry)
    if not 1 <= len(parts) <= FULL:
        raise UnfitError(f"A bundle holds 1 to {FULL} entries, not {len(parts)}.")
    return b"".join(parts)


def unpack(data: bytes, width: int, *, path: str = "the bundle") -> tuple[bytes, ...]:
    """Read a bundle of exactly `width` entries.

    Raises:
        MalformedError: it ends within an entry, or bytes follow the last one. Bytes that
            nobody hashes are bytes that nobody signed.
    """
    entries: list[bytes] = []
    at = 0
    for number in range(width):
        start = at + 2
        end = start + int.from_bytes(data[at:start], "big")
        if start > len(data) or end > len(data):
            raise MalformedError(f"{path} ends within entry {number + 1} of {width}.")
        entries.append(data[start:end])
        at = end
    if at != len(data):
        raise MalformedError(f"{path} has {len(data) - at} bytes after its {width} entries.")
    return tuple(entries)
