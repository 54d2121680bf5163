"""Seasons: spans of time in which nothing changes that a determination looks at.

A determination compares its moment with the dates on record, and a condition may read it. Where
no condition does, two moments with no date between them give the same answer, but for the moment
that it names. So an answer can be kept for the rest of its season, and audit need not judge
again what it has judged.

A request that leaves open when it would begin or be over is different, where a condition looks at
that: its classes are drawn around the moment too (`classes`).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel

from placet.policy import Book
from placet.registry import Registry, Start

__all__ = ["CONDITIONS", "Season", "Seasons"]

_READS_TIME = re.compile(r"\b(at|days_until)\b")
"""What reads the moment; a text that merely looks so, too."""

CONDITIONS = ("when", "scope", "stated")
"""The fields of records that hold a condition."""

_NEVER = datetime(9999, 12, 31, tzinfo=UTC)

Season = tuple[int, int]
"""A season's place among the dates on record; a moment on a date itself is a season of its own."""


@dataclass(frozen=True)
class Seasons:
    """The dates on record, in order; `told` says that a condition reads the moment itself."""

    dates: tuple[datetime, ...]
    told: bool

    @classmethod
    def of(cls, registry: Registry, books: Mapping[str, Book]) -> Seasons:
        """Find every date of a registry and its books, and whether a condition reads the time."""
        found: set[datetime] = set()
        told = False
        for each in _values([registry.record, *books.values()]):
            match each:
                case datetime():
                    found.add(each)
                case Start():
                    found |= {each.earliest, each.latest}
                case str():
                    told = told or bool(_READS_TIME.search(each))
        return cls(tuple(sorted(found)), told)

    def season(self, at: datetime) -> Season | None:
        """Return the season of a moment; None where every moment is its own."""
        if self.told:
            return None
        return bisect_left(self.dates, at), bisect_right(self.dates, at)

    def between(self, at: datetime, until: datetime) -> tuple[datetime, ...]:
        """Return the dates on record after one moment and before another."""
        return self.dates[bisect_right(self.dates, at) : bisect_left(self.dates, until)]

    def end(self, at: datetime) -> datetime:
        """Return when the season of a moment is over; the moment itself, if it is its own."""
        if self.told:
            return at
        later = bisect_right(self.dates, at)
        if later > bisect_left(self.dates, at):
            return at + timedelta(seconds=1)
        return self.dates[later] if later < len(self.dates) else _NEVER


def _values(records: Iterable[Any]) -> Iterator[Any]:
    """Yield every date, and every condition's text, that stands anywhere in records."""
    for record in records:
        if isinstance(record, BaseModel):
            for name in type(record).model_fields:
                value = getattr(record, name)
                if isinstance(value, str):
                    if name in CONDITIONS:
                        yield value
                else:
                    yield from _values([value])
        elif isinstance(record, Mapping):
            yield from _values(record.values())
        elif isinstance(record, tuple | list):
            yield from _values(record)
        elif isinstance(record, datetime | Start):
            yield record
