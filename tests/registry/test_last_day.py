"""The last day of what ends: what a person is told of a half-open period."""

from __future__ import annotations

from datetime import date

import pytest

from placet.registry import last_day, parse_moment


@pytest.mark.parametrize(
    ("end", "last"),
    [
        ("2026-12-31", date(2026, 12, 30)),
        ("2027-01-01T00:00:00Z", date(2026, 12, 31)),
        ("2024-03-01", date(2024, 2, 29)),
        ("2026-12-31T14:00:00Z", None),
        ("2026-12-31T00:00:01Z", None),
    ],
)
def test_what_ends_with_a_day_has_that_day_as_its_last(end: str, last: date | None) -> None:
    """An end at the first instant of a day leaves the day before; within a day there is no last."""
    assert last_day(parse_moment(end)) == last
