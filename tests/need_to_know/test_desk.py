"""On whose desk a case lies: the rows find what the pure inbox and the view say, and no more."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

import pytest
from desk_sample import CASES, VIEWERS, moments
from hypothesis import given
from hypothesis import strategies as st
from review_world import START, USE, Story, strike, struck

from building import examples
from placet.need_to_know.audience import Audience
from placet.need_to_know.brief import brief, listing, words_of
from placet.need_to_know.case_on_desks import can_be_stale, rows, stale_rows
from placet.need_to_know.desk import Row, Tab, keys
from placet.need_to_know.inbox import FOREVER, inbox, urgency
from placet.need_to_know.view import sight
from placet.review.case import Case, PartyNeed
from placet.review.errors import UnknownError
from placet.review.viewer import Viewer, viewer

Urgency = tuple[datetime, datetime, str, str, str]


def waiting(every: Mapping[str, Collection[Row]], who: Viewer, at: datetime) -> list[Urgency]:
    """Return what the rows of some cases say waits for somebody, the most urgent first."""
    held = keys(who)
    found = {
        (row.due, row.since, case, row.act, row.about)
        for case, its in every.items()
        for row in its
        if row.tab is Tab.ACTION and row.is_for(held, at)
    }
    return sorted(found)


@given(
    cases=st.lists(CASES, min_size=1, max_size=3, unique_by=lambda case: case.id),
    people=st.lists(VIEWERS, min_size=6, max_size=6),
    at=moments,
)
@examples(80)
def test_the_rows_find_what_waits_in_the_same_order(
    cases: list[Case], people: list[Viewer], at: datetime
) -> None:
    """For any cases, anybody and any moment, the rows are the pure inbox, no more and no less."""
    every = {case.id: rows(case) for case in cases}
    for who in people:
        assert waiting(every, who, at) == list(map(urgency, inbox(cases, who, at)))


@given(case=CASES, people=st.lists(VIEWERS, min_size=6, max_size=6), at=moments)
@examples(80)
def test_the_rows_find_the_cases_that_a_viewer_has_a_part_in(
    case: Case, people: list[Viewer], at: datetime
) -> None:
    """A case is listed for whoever has a part in it, on one tab, and tells whom it waits for."""
    every = [row for row in rows(case) if row.tab is not Tab.ACTION]
    for who in people:
        parts = [row for row in every if row.is_for(keys(who), at)]
        try:
            seen = brief(case, who)
        except UnknownError:
            assert parts == []
            continue
        assert {row.tab for row in parts} == {seen.tab}
        assert {(row.since, row.due) for row in parts} == {(seen.since, seen.day or FOREVER)}
        told = any(row.told and row.key in keys(who).keys for row in every)
        assert seen.awaits == (listing(case).awaited if told else ())


@given(case=CASES, people=st.lists(VIEWERS, min_size=6, max_size=6), at=moments)
@examples(80)
def test_that_a_case_is_stale_is_told_to_who_decides_leads_or_audits(
    case: Case, people: list[Viewer], at: datetime
) -> None:
    """The rows of a stale case are for exactly those to whom its page would say so, in its place.

    Nobody else can tell from a list, or from how much lies on it, that anything has changed.
    """
    stale = stale_rows(case)
    assert bool(stale) == can_be_stale(case)
    assert {row.tab for row in stale} <= {Tab.STALE}
    for who in people:
        parts = [row for row in stale if row.is_for(keys(who), at)]
        try:
            eyes = sight(case, who)
        except UnknownError:
            assert parts == []
            continue
        told = eyes.relation.auditor or eyes.place >= Audience.DECIDING
        assert bool(parts) == (told and can_be_stale(case))
        seen = brief(case, who)
        assert all((row.since, row.due) == (seen.since, seen.day or FOREVER) for row in parts)


def asked() -> Story:
    """Return a story in which the applicant is asked, by a day."""
    story = strike()
    story.do("desk", "ask", asks="which depot", due="2025-07-01")
    story.do("desk", "set-deadline", of="applicant", due="2025-08-01", because="b")
    return story


def violated() -> Story:
    """Return a story in which a use outside the permit was reported by one who controls it."""
    story = struck()
    on = f"{story.at:%Y-%m-%dT%H:%M:%SZ}"
    use = {"area": "RU-KRS", "target": "military.depot", "purpose": "defence.strike", "on": on}
    story.do("olena", "report-use", permit="P-1", report="R-1", line="one", quantity=9, **use)
    reports = tuple(each.model_copy(update={"reported_by": "lic"}) for each in story.now.reports)
    story.case = story.now.model_copy(update={"reports": reports})
    return story


def broken() -> Story:
    """Return a story in which the glass was broken, by an office that decides nothing of it."""
    given = {"party": "US", "office": "us/secdef", "hours": 6, "permit": "P-E", "status": 7}
    story = strike()
    story.do("sec", "break-glass", because="an attack", determination=story.digest, **given)
    needs = {party: each.model_copy(update={"by": ()}) for party, each in _needs(story).items()}
    determined = story.now.determined
    assert determined is not None
    kept = determined.model_copy(update={"needs": needs})
    story.case = story.now.model_copy(update={"determined": kept})
    return story


def _needs(story: Story) -> Mapping[str, PartyNeed]:
    assert story.now.determined is not None
    return story.now.determined.needs


@pytest.mark.parametrize("told", [strike, struck, asked, violated, broken])
def test_the_rows_of_real_acts_find_what_waits_for_everybody(told: Callable[[], Story]) -> None:
    """By real acts, for every official of the small world, rows and inbox are the same."""
    story = told()
    at = story.at
    people = {each.who for each in story.context.registry.record.officials.values()}
    found = 0
    for each in sorted(people):
        who = viewer(story.context, each, at)
        waits = inbox([story.now], who, at)
        assert waiting({"C-1": rows(story.now)}, who, at) == list(map(urgency, waits))
        found += len(waits)
    assert found or told in (struck, violated)


def test_words_are_of_what_everybody_knows_who_sees_the_case() -> None:
    """A case is found by its reference, item and parties; not by a say that nobody was told of."""
    story = Story().file(USE.replace("missile", "shell")).determine("dieter")
    assert "DE" in _needs(story)
    words = listing(story.now.model_copy(update={"announced": {}})).words
    assert {"c", "1", "shell", "ua", "ru", "krs", "strike"} <= set(words)
    assert "de" not in words
    assert words_of("C-1, Ärger; shell shell") == ("c", "1", "ärger", "shell")


def test_what_a_party_does_within_does_not_move_a_case_in_a_list() -> None:
    """The order of a list does not tell an outsider that somebody decided or advised."""
    story = strike()
    olena = viewer(story.context, "olena", START)
    before = brief(story.now, olena)
    story.wait(days=3).do("jay", "advise", office="us/joint-staff", stance="for", says="yes")
    assert brief(story.now, olena) == before
