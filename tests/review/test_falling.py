"""What falls with an act, asked in the plainest way: every ground, on every date there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from permit_stories import act, begun
from review_world import USE, Story

from building import examples, plain
from placet.registry import parse_moment, written
from placet.review.case import CarveOut, Case, Ground, PermitOnFile
from placet.review.context import Context
from placet.review.grounds import falls, holds

AT = parse_moment("2025-06-03T09:00:00Z")
DAYS = st.integers(1, 100).map(lambda days: written(AT.replace(hour=0) + timedelta(days=days)))
"""Days within the time of every permit and beyond it."""


def _cleared() -> Case:
    """Return a case that a standing authorisation cleared, with its permit."""
    story = Story().file(USE, area="UA").determine()
    story.issue()
    held = story.now.permits["P-1"].model_copy(update={"permit": "P-2"})
    return story.now.model_copy(update={"id": "C-2", "permits": {"P-2": held}})


DECIDED, CLEARED = begun().now, _cleared()


@st.composite
def _decided(draw: st.DrawFn) -> Case:
    """Draw a case like the decided one, some of whose consents end with a day."""
    ends = draw(st.lists(st.none() | DAYS.map(parse_moment), min_size=1, max_size=1))
    until = [*ends, *(None for _ in DECIDED.decisions[1:])]
    decisions = tuple(
        each.model_copy(update={"until": end})
        for each, end in zip(DECIDED.decisions, until, strict=False)
    )
    return DECIDED.model_copy(update={"decisions": decisions})


@st.composite
def _changes(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """Draw an act on the context that may end something on a day, or nothing."""
    day = draw(DAYS)
    statuses = draw(st.lists(st.sampled_from(["withdrawn", "available"]), max_size=3))
    days = sorted(draw(st.lists(DAYS, min_size=3, max_size=3, unique=True)))
    spans = [
        {"status": status, "from": from_, **({"until": until} if until else {})}
        for status, from_, until in zip(statuses, days, [*days[1:], None], strict=False)
    ]
    data = {"name": "Targeting data", "origin": "US", "kind": "service"}
    text = {
        "title": "A new policy",
        "from": day,
        "announced": "undeclared",
        "rules": plain("all: {when: 'activity == \"use\"', then: review us/secdef, because: new}"),
        **draw(st.sampled_from([{}, {"supersedes": ["use"]}])),
    }
    correction = {"section": "items", "id": "data", "supersedes": "yes"}
    happening = {"section": "events", "id": "e", "record": {"about": "it came", "from": day}}
    acts: list[tuple[str, dict[str, Any]]] = [
        ("record-fact", {**correction, "record": {**data, "availability": spans}}),
        ("record-fact", happening),
        ("adopt-policy", {"party": "US", "policy": "new", "text": text}),
    ]
    if parse_moment(day) >= AT:
        acts.append(("end-policy", {"party": "US", "policy": "use", "until": day}))
    kind, fields = draw(st.sampled_from(acts))
    return kind, fields


def _dates(context: Context, case: Case, permit: PermitOnFile) -> list[datetime]:
    consents = {each.until for each in case.decisions if each.until is not None}
    every = {*context.precedents.seasons.dates, *consents}
    return sorted(each for each in every if AT < each < permit.terms.until)


def _ended(
    case: Case, before: Context, after: Context
) -> Iterator[tuple[str, Ground, str, datetime | None]]:
    """Yield what ends, one ground after another and each moment by itself, in no hurry."""
    for name, permit in case.permits.items():
        spared = {each.ground for each in permit.spared}
        for ground in permit.grounds:
            why, was = (holds(ground, case, each, AT) for each in (after, before))
            if why is not None:
                if was is None or (ground in spared and was != why):
                    yield name, ground, why, None
                continue
            for moment in _dates(after, case, permit):
                why, was = (holds(ground, case, each, moment) for each in (after, before))
                if why is not None and was is None:
                    yield name, ground, why, moment
                    break


def _falls(permit: PermitOnFile, case: Case, context: Context) -> datetime | None:
    spared = {each.ground for each in permit.spared}
    left = [each for each in permit.grounds if each not in spared]
    moments = [AT, *_dates(context, case, permit)]
    return next(
        (at for at in moments if any(holds(each, case, context, at) for each in left)), None
    )


@st.composite
def _sparing(draw: st.DrawFn, case: Case) -> Case:
    """Draw which grounds of a case's permits were spared before."""
    permits = {
        name: each.model_copy(
            update={
                "spared": tuple(
                    CarveOut(at=each.issued_at, by="rules", says="so", ground=ground)
                    for ground in each.grounds
                    if draw(st.booleans())
                )
            }
        )
        for name, each in case.permits.items()
    }
    return case.model_copy(update={"permits": permits})


@given(data=st.data(), first=_changes(), second=_changes())
@examples(60)
def test_what_falls_is_what_every_ground_on_every_date_says(
    data: st.DataObject, first: tuple[str, Any], second: tuple[str, Any]
) -> None:
    """Proves that an act finds what it would, asked of each ground on each date by itself."""
    before = begun().context
    if first[0] != second[0]:
        _, before = act(before, "rules", first[0], AT - timedelta(hours=1), {}, **first[1])
    decided, cleared = data.draw(_decided().flatmap(_sparing)), data.draw(_sparing(CLEARED))
    cases: Mapping[str, Case] = {each.id: each for each in (decided, cleared)}
    event, after = act(before, "rules", second[0], AT, cases, **second[1])
    found = {
        (each["permit"], str(each["ground"]), each["because"], each.get("from"))
        for kind in ("suspends", "falls")
        for each in event.found.get(kind, ())
    }
    assert found == {
        (name, str(ground.plain()), why, None if since is None else written(since))
        for case in cases.values()
        for name, ground, why, since in _ended(case, before, after)
    }
    for case in cases.values():
        for permit in case.permits.values():
            assert falls(permit, case, after, AT) == _falls(permit, case, after)
