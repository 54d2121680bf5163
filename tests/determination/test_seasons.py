"""Seasons: two moments with no date on record between them are judged alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placet.determination import Determination, Seasons, determine
from placet.determination.seasons import CONDITIONS
from placet.operations.scenarios.scenario import Scenario, load_filed, load_scenario
from placet.registry import parse_moment
from placet.registry.facts import ConditionText, Record
from placet.review.context import Context, load_context

SCENARIOS = sorted(Path(__file__).parents[2].glob("scenarios/*/"))
HELD = {each.name: load_scenario(each) for each in SCENARIOS}
FILED = [
    (name, path, load_filed(path, held.registry).request)
    for name, held in HELD.items()
    for path in held.request_files()
]
FIRST = parse_moment("2022-01-01")
CONTEXTS = {
    name: Context(1, {}, held.registry, held.books, held.context) for name, held in HELD.items()
}


def _judged(held: Scenario, which: int, at: datetime, announced_only: bool) -> Determination:
    known_at = at if announced_only else None
    request = FILED[which][2]
    return determine(held.matter(request, at, known_at, announced_only=announced_only))


@given(which=st.integers(0, len(FILED) - 1), data=st.data(), announced_only=st.booleans())
def test_a_season_has_one_answer(which: int, data: st.DataObject, announced_only: bool) -> None:
    """Any two moments of one season are judged alike, but for the moment that is named."""
    held = HELD[FILED[which][0]]
    seasons = Seasons.of(held.registry, held.books)
    at = FIRST + timedelta(hours=data.draw(st.integers(0, 24 * 365 * 4)))
    season = seasons.season(at)
    later = at + timedelta(hours=data.draw(st.integers(0, 24 * 60)))
    if season is None or seasons.season(later) != season:
        return
    one, other = (_judged(held, which, each, announced_only) for each in (at, later))
    assert replace(other, at=one.at, known_at=one.known_at).canonical() == one.canonical()


@given(which=st.integers(0, len(FILED) - 1), data=st.data(), announced_only=st.booleans())
def test_a_kept_answer_is_the_answer(which: int, data: st.DataObject, announced_only: bool) -> None:
    """What a context keeps is byte for byte what judging anew gives, whatever was asked before."""
    name, _, request = FILED[which]
    context = CONTEXTS[name]
    at = FIRST + timedelta(hours=data.draw(st.integers(0, 24 * 365 * 4)))
    found = context.determine(request, at, announced_only=announced_only)
    anew = replace(HELD[name], context=context.digest)
    assert found.canonical() == _judged(anew, which, at, announced_only).canonical()


def test_a_date_is_a_season_of_its_own() -> None:
    """A moment on a date on record, and the moments before and after it, are three seasons."""
    at = parse_moment("2025-01-01")
    second = timedelta(seconds=1)
    seasons = Seasons((at,), told=False)
    found = [seasons.season(each) for each in (at - second, at, at + second, at + 2 * second)]
    assert len(set(found)) == 3
    assert found[2] == found[3]


def test_a_season_ends_with_its_last_second() -> None:
    """It lasts until the next date, a date for its second; where the time is told, not at all."""
    at, later = parse_moment("2025-07-01"), parse_moment("2025-08-01")
    second = timedelta(seconds=1)
    seasons = Seasons((at, later), told=False)
    for moment in (at - second, at, at + second, later - second, later, later + second):
        end = seasons.end(moment)
        assert seasons.season(end - second) == seasons.season(moment)
        assert moment > later or seasons.season(end) != seasons.season(moment)
    assert seasons.end(later + second) > parse_moment("9999-01-01")
    assert Seasons((at,), told=True).end(at) == at


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ('activity == "use"', False),
        ('at < timestamp("2026-01-01T00:00:00Z")', True),
        ('days_until(timestamp("2026-01-01T00:00:00Z")) > 3', True),
        ('starts > timestamp("2026-01-01T00:00:00Z")', False),
    ],
)
def test_a_condition_that_reads_the_time_makes_every_moment_its_own(
    condition: str, told: bool
) -> None:
    """Where a condition reads the moment, and not only the period, there are no seasons."""
    registry = {"parties": {"US": {"kind": "state", "home": "us/state"}}}
    registry |= {"offices": {"us/state": {"party": "US", "title": "State"}}}
    rule = {"when": condition, "then": "refuse", "because": "x"}
    policy = {"title": "P", "announced": "undeclared", "from": "2025-01-01", "rules": {"r": rule}}
    book = {"book": "US", "policies": {"p": policy}}
    context = load_context(1, {"registry": registry, "books": [book]})
    assert (context.precedents.seasons.season(parse_moment("2025-06-01")) is None) is told


def _models(of: type[Record]) -> Iterator[type[Record]]:
    yield of
    for each in of.__subclasses__():
        yield from _models(each)


def test_every_condition_is_looked_at() -> None:
    """The fields in which seasons look for conditions are all those that hold one."""
    holding = {
        name
        for model in _models(Record)
        for name, info in model.model_fields.items()
        if ConditionText.__name__ in repr((info.annotation, info.metadata))
    }
    assert holding == {*CONDITIONS}
