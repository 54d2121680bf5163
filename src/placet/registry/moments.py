"""Moments and starts: when something holds, and how exactly that is known.

Instants are UTC. A day means its first instant, and a period is half-open:
it holds from its start and no longer at its end. The public record often
knows a start only as "2009" or "late spring": such a `Start` is an interval.
What was done on a day whose hour nobody says is an `Occasion`: it stays a day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum

__all__ = [
    "Occasion",
    "Presence",
    "Start",
    "last_day",
    "parse_moment",
    "parse_occasion",
    "parse_start",
    "presence_between",
    "written",
]

_YEAR = re.compile(r"(\d{4})", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?Z", re.ASCII)


class Presence(Enum):
    """Whether something holds at a moment: yes, no, or either (both readings are then taken)."""

    IN = "in"
    OUT = "out"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Start:
    """A beginning (or an end) that fell no earlier than `earliest` and no later than `latest`."""

    earliest: datetime
    latest: datetime

    @property
    def exact(self) -> bool:
        """Whether the moment is known exactly."""
        return self.earliest == self.latest

    def reached(self, at: datetime) -> Presence:
        """Say whether this moment had come at `at`."""
        if at >= self.latest:
            return Presence.IN
        return Presence.EITHER if at >= self.earliest else Presence.OUT

    def __str__(self) -> str:
        first, last = written(self.earliest), written(self.latest)
        shorter = (first[:4], first[:7], first)
        return next((each for each in shorter if self == _read(each)), f"{first}/{last}")


@dataclass(frozen=True, slots=True)
class Occasion:
    """When something was done: at an instant, or at one of a day's that nobody has said."""

    first: datetime
    whole_day: bool = False

    @property
    def last(self) -> datetime:
        """The last instant at which it can have been; instants are whole seconds."""
        return self.first + timedelta(days=1, seconds=-1) if self.whole_day else self.first

    def __str__(self) -> str:
        text = self.first.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
        return text[:10] if self.whole_day else f"{text}Z"


def _read(text: str) -> Start | None:
    """Read a start, or return None where there is no such one: no year 9999 is over."""
    try:
        return parse_start(text)
    except ValueError:
        return None


def last_day(end: datetime) -> date | None:
    """Return the last day of what ends with one; None where it ends within a day, in UTC.

    Periods are half-open: what ends at the first instant of a day no longer holds on it.
    """
    at = end.astimezone(UTC)
    return (at - timedelta(days=1)).date() if at.time() == time() else None


def written(moment: datetime) -> str:
    """Write a moment: a day where it is a day's first instant, else an instant in UTC."""
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
    return f"{text}Z".removesuffix("T00:00:00Z")


def parse_moment(text: str) -> datetime:
    """Read `2025-07-01` or `2025-07-01T12:00:00Z` as an instant in UTC.

    Raises:
        ValueError: the text is neither, or no such day exists.
    """
    if _DAY.fullmatch(text):
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    if _INSTANT.fullmatch(text):
        return datetime.fromisoformat(text)
    raise ValueError(f"'{text}' is not a day (2025-07-01) or an instant (2025-07-01T12:00:00Z)")


def parse_occasion(text: str) -> Occasion:
    """Read a day, which stays a day, or an instant in UTC.

    Raises:
        ValueError: the text is neither, or no such day exists.
    """
    return Occasion(parse_moment(text), whole_day=_DAY.fullmatch(text) is not None)


def parse_start(text: str) -> Start:
    """Read a moment, a month (`2024-11`), a year (`2009`) or an interval (`2025-04-20/2025-06-20`).

    Raises:
        ValueError: the text is none of these, or the interval ends before it begins.
    """
    if "/" in text:
        first, _, last = text.partition("/")
        if "/" in last:
            raise ValueError(f"the interval {text[:50]} has more than one slash")
        start = Start(parse_start(first).earliest, parse_start(last).latest)
        if start.latest < start.earliest:
            raise ValueError(f"the interval {text} ends before it begins")
        return start
    if year := _YEAR.fullmatch(text):
        number = int(year[1])
        if not 1 <= number < 9999:
            raise ValueError(f"{text} is not a year that can be reckoned with")
        return Start(datetime(number, 1, 1, tzinfo=UTC), datetime(number + 1, 1, 1, tzinfo=UTC))
    if _MONTH.fullmatch(text):
        first_day = parse_moment(f"{text}-01")
        if text == "9999-12":
            raise ValueError(f"{text} is not a month that can be reckoned with")
        later = first_day + timedelta(days=31)
        return Start(first_day, later.replace(day=1))
    moment = parse_moment(text)
    return Start(moment, moment)


def presence_between(at: datetime, start: Start | None, end: Start | None) -> Presence:
    """Say whether a half-open period holds at `at`; a bound of None means unbounded."""
    begun = start.reached(at) if start else Presence.IN
    over = end.reached(at) if end else Presence.OUT
    if begun is Presence.OUT or over is Presence.IN:
        return Presence.OUT
    if begun is Presence.IN and over is Presence.OUT:
        return Presence.IN
    return Presence.EITHER
