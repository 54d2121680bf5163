"""How SSH frames bytes (RFC 4251 §5), and base64, each with one spelling only.

What can be spelled in two ways can be changed without its meaning changing. Every reader here
refuses the second spelling, and bytes that follow the last field.
"""

from __future__ import annotations

import base64
import binascii

from placet.evidence.errors import MalformedEvidenceError

__all__ = ["FrameReader", "framed", "read_base64"]

_LENGTH_BYTES = 4


def framed(data: bytes) -> bytes:
    """Write a string: its length as a big-endian uint32, then its bytes."""
    return len(data).to_bytes(_LENGTH_BYTES, "big") + data


def read_base64(text: str, what: str) -> bytes:
    """Read standard base64 (RFC 4648 §4), padded, without stray characters or bits."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        data = b""
    if not data or base64.b64encode(data).decode("ascii") != text:
        raise MalformedEvidenceError(
            f"{what} is not base64 (RFC 4648 §4): it was cut or changed on the way. Copy it again."
        )
    return data


class FrameReader:
    """Reads fields one after another; `end` refuses what follows the last."""

    def __init__(self, data: bytes, what: str) -> None:
        self._rest = data
        self._what = what

    def take(self, count: int) -> bytes:
        """Read that many bytes."""
        if len(self._rest) < count:
            raise MalformedEvidenceError(f"{self._what} ends within a field: it was cut.")
        read, self._rest = self._rest[:count], self._rest[count:]
        return read

    def string(self) -> bytes:
        """Read a string."""
        return self.take(int.from_bytes(self.take(_LENGTH_BYTES), "big"))

    def end(self) -> None:
        """Refuse bytes after the last field: nobody signed them."""
        if self._rest:
            raise MalformedEvidenceError(
                f"{self._what} has {len(self._rest)} bytes after its end; nobody signed them."
            )
