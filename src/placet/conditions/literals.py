"""Instants and lengths of time as conditions write them, read strictly when a book is loaded.

CEL reads them at run time and leniently; here `timestamp("...")` takes RFC 3339 to the
microsecond and `duration("...")` what can be counted in 64 bits of nanoseconds, so that
no engine has to round (CEL specification, "Timestamp and duration literals").
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

__all__ = ["LONGEST", "duration_text", "read_duration", "read_timestamp", "timestamp_text"]

LONGEST = timedelta(microseconds=(2**63 - 1) // 1000)
"""The longest duration, about 292 years; the shortest is its negation."""

_TIMESTAMP = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_DURATION = re.compile(r"[+-]?(\d+(\.\d+)?(h|ms|us|ns|m|s)){1,12}", re.ASCII)
_PART = re.compile(r"(\d+)(?:\.(\d+))?(h|ms|us|ns|m|s)", re.ASCII)
_NANOSECONDS = {
    "h": 3_600_000_000_000,
    "m": 60_000_000_000,
    "s": 1_000_000_000,
    "ms": 1_000_000,
    "us": 1_000,
    "ns": 1,
}


def read_timestamp(text: str) -> datetime:
    """Read an RFC 3339 instant; raises ValueError saying what is wrong with it."""
    if not _TIMESTAMP.fullmatch(text):
        raise ValueError(
            "it is not an instant to the microsecond at most, with its offset from UTC"
        )
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("there is no such day or time in the years 1 to 9999") from error


def read_duration(text: str) -> timedelta:
    """Read a length of time such as `1h30m`; raises ValueError saying what is wrong with it."""
    if text == "0":
        return timedelta()
    if len(text) > 100 or not _DURATION.fullmatch(text):
        raise ValueError("it is not a length of time in h, m, s, ms or us")
    nanoseconds = 0
    for whole, fraction, unit in _PART.findall(text):
        part, rest = divmod(int(whole + fraction) * _NANOSECONDS[unit], 10 ** len(fraction))
        if rest or part % 1000:
            raise ValueError("it is finer than a microsecond")
        nanoseconds += part
    if nanoseconds >= 2**63:
        raise ValueError("it is longer than 64 bits of nanoseconds can count, about 292 years")
    return timedelta(microseconds=nanoseconds // 1000) * (-1 if text.startswith("-") else 1)


def timestamp_text(instant: datetime) -> str:
    """Write an instant the one way that Placet writes it: in UTC, with Z."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def duration_text(length: timedelta) -> str:
    """Write a length of time in the largest units that fit: `36h`, `1h30m`, `-250ms`."""
    rest = length // timedelta(microseconds=1)
    sign, rest = ("-", -rest) if rest < 0 else ("", rest)
    text = ""
    for unit in ("h", "m", "s", "ms", "us"):
        count, rest = divmod(rest, _NANOSECONDS[unit] // 1000)
        text += f"{count}{unit}" if count else ""
    return sign + text if text else "0s"
