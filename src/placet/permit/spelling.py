"""The one spelling of each name, text, instant and digest of a permit.

A text that could be spelled in two ways could be changed unnoticed. A text with invisible
characters could be shown as another one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import unicodedata
from datetime import UTC, date, datetime

from placet.permit.errors import MalformedPermitError, UnfitPermitError

__all__ = [
    "check_name",
    "check_text",
    "digest_of",
    "from_seconds",
    "read_base64url",
    "read_digest",
    "read_instant",
    "read_occasion",
    "read_uri",
    "seconds_of",
    "write_base64url",
    "write_instant",
    "write_occasion",
]

_LONGEST_NAME = 200
_LONGEST_TEXT = 4000
_JOINERS = "\u200c\u200d"
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_URI = re.compile(r"[a-z][a-z0-9+.-]*:[!-~]{1,500}", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_SECOND = 253_402_300_799
"""The last second of the year 9999."""


def check_text(text: str) -> str:
    """Return a text, or refuse it: empty, too long, or with characters that cannot be seen.

    The two joiners that some scripts spell with are allowed.

    Raises:
        ValueError: it is none that a permit may carry.
    """
    if not text.strip() or len(text) > _LONGEST_TEXT:
        raise ValueError(f"a text has from 1 to {_LONGEST_TEXT} characters that can be seen")
    if not text.isprintable() and any(
        unicodedata.category(c) in _HIDDEN for c in text if c not in _JOINERS
    ):
        raise ValueError("a text has no control, format or line-breaking characters")
    if not unicodedata.is_normalized("NFC", text):
        raise ValueError("a text is in Unicode's normal form C")
    return text


def check_name(text: str) -> str:
    """Return a name such as `us/policy-office`: a text without spaces, of at most 200 characters.

    Raises:
        ValueError: it is none.
    """
    check_text(text)
    if len(text) > _LONGEST_NAME or text.split() != [text]:
        raise ValueError(f"a name has at most {_LONGEST_NAME} characters and no space")
    return text


def read_digest(text: str) -> str:
    """Return a digest, `sha256:` and 64 hexadecimal digits; raise ValueError if it is none."""
    if not _DIGEST.fullmatch(text):
        raise ValueError("a digest is sha256: and 64 hexadecimal digits in lower case")
    return text


def read_uri(text: str) -> str:
    """Return an absolute URI in ASCII; raise ValueError if it is none (RFC 3986 §3)."""
    if not _URI.fullmatch(text):
        raise ValueError("a URI begins with a scheme, as in https:, and is in ASCII")
    return text


def digest_of(data: bytes) -> str:
    """Return the SHA-256 of bytes as a digest."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def read_instant(value: object) -> datetime:
    """Read `2025-08-23T12:00:00Z`, or take an instant in whole seconds.

    Raises:
        ValueError: it is neither, or lies outside 1970 to 9999.
    """
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime) or value.tzinfo is None or value.microsecond:
        raise ValueError("an instant is in UTC and whole seconds, as in 2025-08-23T12:00:00Z")
    if value < _EPOCH:
        raise ValueError("an instant lies in 1970 or later")
    return value.astimezone(UTC)


def read_occasion(value: object) -> date | datetime:
    """Read a day, `2025-08-23`, or an instant, as when something was done.

    Raises:
        ValueError: it is neither, or lies outside 1970 to 9999.
    """
    if isinstance(value, str) and _DAY.fullmatch(value):
        value = date.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime) and value >= _EPOCH.date():
        return value
    return read_instant(value)


def write_occasion(on: date | datetime) -> str:
    """Write a day or an instant."""
    return write_instant(on) if isinstance(on, datetime) else on.isoformat()


def write_instant(at: datetime) -> str:
    """Write an instant in UTC and whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds_of(at: datetime, what: str) -> int:
    """Return an instant as POSIX seconds (RFC 7519 §2, NumericDate).

    Raises:
        UnfitPermitError: it has no time zone, or is not in whole seconds.
    """
    try:
        return round((read_instant(at) - _EPOCH).total_seconds())
    except ValueError as error:
        raise UnfitPermitError(f"{what} cannot be used: {error}.") from None


def from_seconds(value: object, what: str) -> datetime:
    """Read POSIX seconds in whole numbers, from 1970 to 9999 (RFC 7519 §2, NumericDate).

    Raises:
        MalformedPermitError: it is no such number.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LAST_SECOND:
        raise MalformedPermitError(f"{what} is missing or is not a number of whole seconds.")
    return datetime.fromtimestamp(value, UTC)


def write_base64url(data: bytes) -> str:
    """Write base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def read_base64url(text: str, what: str) -> bytes:
    """Read base64url without padding, stray characters or stray bits (RFC 7515 §2).

    Raises:
        MalformedPermitError: it is spelled in any other way.
    """
    data = b""
    if _BASE64URL.fullmatch(text):
        try:
            data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except binascii.Error:
            data = b""
    if not data or write_base64url(data) != text:
        raise MalformedPermitError(f"{what} is not base64url without padding (RFC 7515 §2).")
    return data
