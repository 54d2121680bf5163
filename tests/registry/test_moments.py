"""Moments, starts, grades: when something holds, and how well that is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placet.registry import Fact, Grade, Presence, parse_moment, parse_start, written
from placet.registry.facts import combined
from placet.registry.moments import presence_between


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2025-07-01", "2025-07-01", "2025-07-01"),
        ("2025-07-01T12:30Z", "2025-07-01T12:30:00Z", "2025-07-01T12:30:00Z"),
        ("2025", "2025-01-01", "2026-01-01"),
        ("2024-02", "2024-02-01", "2024-03-01"),
        ("2024-12", "2024-12-01", "2025-01-01"),
        ("2025-04-20/2025-06-20", "2025-04-20", "2025-06-20"),
        ("2024/2025-02", "2024-01-01", "2025-03-01"),
    ],
)
def test_a_start_is_the_interval_in_which_it_may_fall(
    text: str, earliest: str, latest: str
) -> None:
    """A day is exact; a month, a year and an interval are as wide as they say."""
    start = parse_start(text)
    assert (written(start.earliest), written(start.latest)) == (earliest, latest)
    assert start.exact == (earliest == latest)


@pytest.mark.parametrize(
    "text",
    ["", "2025-13-01", "2025-02-30", "25-01-01", "2025-1-1", "0000", "9999", "9999-12", "tomorrow",
     "2025-06-20/2025-04-20", "2025/", "/2025", "2025-07-01T12:30", "\uff12025",
     "2025-07-01T25:00Z"],
)  # fmt: skip
def test_what_is_no_date_is_refused(text: str) -> None:
    """Text that is no date, no such day, or an interval that runs backwards raises ValueError."""
    with pytest.raises(ValueError, match=r"."):
        parse_start(text)


def test_a_period_is_half_open() -> None:
    """A period holds from its first instant and no longer at its end."""
    start, end = parse_start("2025-01-01"), parse_start("2025-02-01")

    def at(text: str) -> Presence:
        return presence_between(parse_moment(text), start, end)

    assert at("2024-12-31T23:59:59Z") is Presence.OUT
    assert at("2025-01-01") is Presence.IN
    assert at("2025-01-31T23:59:59Z") is Presence.IN
    assert at("2025-02-01") is Presence.OUT


@pytest.mark.parametrize(
    ("at", "presence"),
    [
        ("2024-12-31", "out"),
        ("2025-01-01", "either"),
        ("2025-12-31", "either"),
        ("2026-01-01", "in"),
    ],
)
def test_a_start_known_by_its_year_is_uncertain_within_it(at: str, presence: str) -> None:
    """Before the year it has not begun, after it has; within it both readings are taken."""
    found = presence_between(parse_moment(at), parse_start("2025"), None)
    assert found is Presence(presence)


def test_an_uncertain_end_is_either_too() -> None:
    """Within the interval of its end a period may or may not be over."""
    assert (
        presence_between(parse_moment("2025-05-01"), None, parse_start("2025")) is Presence.EITHER
    )


@given(st.datetimes(), st.datetimes())
def test_written_moments_sort_as_they_fall(one: object, other: object) -> None:
    """What is written is read back as the same moment, to the second."""
    from datetime import UTC, datetime

    for each in (one, other):
        assert isinstance(each, datetime)
        moment = each.replace(microsecond=0, tzinfo=UTC)
        assert parse_moment(written(moment)) == moment


@pytest.mark.parametrize(
    ("grades", "together"),
    [
        ("confirmed", "confirmed"),
        ("reported", "reported"),
        ("denied", "denied"),
        ("confirmed reported", "confirmed"),
        ("confirmed denied", "disputed"),
        ("reported denied", "disputed"),
        ("disputed confirmed", "disputed"),
        ("disputed denied", "disputed"),
    ],
)
def test_a_denial_beside_an_assertion_is_a_dispute(grades: str, together: str) -> None:
    """Assertions add up: the best attested holds, unless another source denies it."""
    assert combined(Grade(each) for each in grades.split()) == together


def fact(**fields: object) -> Fact:
    """Return a fact as it would be read from a file."""
    return Fact.model_validate(fields)


def test_a_grade_is_that_of_what_was_known() -> None:
    """A denial that came later does not dispute what was known before it."""
    found = fact(
        **{
            "from": "2025-01-01",
            "assertions": [
                {"grade": "reported", "known": "2025-01-01"},
                {"grade": "denied", "known": "2025-03-01"},
            ],
        }
    )
    at = parse_moment("2025-06-01")
    assert found.standing(at, parse_moment("2025-02-01")).presence is Presence.IN
    assert found.standing(at, parse_moment("2025-03-01")).presence is Presence.EITHER
    assert found.standing(at, None).grade is Grade.DISPUTED


def test_a_fact_is_known_since_it_began_unless_it_says_otherwise() -> None:
    """Without `known` a fact was known from its beginning; with it, from then."""
    at = parse_moment("2025-06-01")
    begun = fact(**{"from": "2025-01-01"})
    late = fact(**{"from": "2025-01-01", "known": "2025-05-01"})
    for known, seen, later in (("2025-01-01", True, False), ("2025-05-01", True, True)):
        moment = parse_moment(known)
        assert (begun.standing(at, moment).presence is Presence.IN) == seen
        assert (late.standing(at, moment).presence is Presence.IN) == later


def test_a_denied_fact_does_not_stand_and_a_disputed_one_may() -> None:
    """Denied is out, disputed is either, reported and confirmed are in."""
    at = parse_moment("2025-06-01")
    found = {each: fact(grade=each).standing(at, None).presence.value for each in Grade}
    assert found == {"confirmed": "in", "reported": "in", "disputed": "either", "denied": "out"}


@pytest.mark.parametrize("text", ["9999-12-31", "0001", "0001-01-01", "9998", "0999-12"])
def test_the_first_and_the_last_moments_are_written(text: str) -> None:
    """A start at the edge of the calendar is written as it was read, with four digits."""
    assert str(parse_start(text)) == text


@pytest.mark.parametrize("text", ["2024/2025/2026", "/".join(["2024"] * 1500)])
def test_an_interval_has_two_ends(text: str) -> None:
    """An interval is written with one slash."""
    with pytest.raises(ValueError, match="more than one slash"):
        parse_start(text)
