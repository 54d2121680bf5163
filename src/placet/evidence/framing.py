"""How SSH frames bytes (RFC 4251 §5), and base64 in its two alphabets, each spelled in one way.

What can be spelled in two ways can be changed without its meaning changing. Every reader here
refuses the second spelling, and bytes that follow the last field.
"""

from __future__ import annotations

import base64
import binascii

from placet.evidence.errors import MalformedEvidenceError

__all__ = ["FrameReader", "framed", "read_base64", "read_base64url", "write_base64url"]

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


def read_base64url(text: str, what: str) -> bytes:
    """Read base64url (RFC 4648 §5), unpadded, without stray characters or bits."""
    try:
        data = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (binascii.Error, UnicodeEncodeError):
        data = b""
    if not data or write_base64url(data) != text:
        raise MalformedEvidenceError(
            f"{what} is not base64url without padding (RFC 4648 §5): it was cut or changed on the "
            "way, or was never one."
        )
    return data


def write_base64url(data: bytes) -> str:
    """Write base64url, unpadded."""
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


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
