"""Whether a permit is valid at a moment, computed from acts, the clock, reports and its grounds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from permit_stories import begun, happens, permit, report, standing, status
from review_world import Story, changed

from building import examples
from placet.registry import written
from placet.review.case import Ground
from placet.review.grounds import failing, falls, holds
from placet.review.validity import PermitStatus, validity


def test_a_permit_runs_from_its_start_to_its_end_by_the_clock_alone() -> None:
    """The first instant counts, the last does not, and no job is needed for it."""
    story = begun()
    held, terms = permit(story), permit(story).terms
    second = timedelta(seconds=1)
    table = (
        (terms.from_ - second, PermitStatus.NOT_YET),
        (terms.from_, PermitStatus.IN_FORCE),
        (terms.until - second, PermitStatus.IN_FORCE),
        (terms.until, PermitStatus.EXPIRED),
    )
    for at, expected in table:
        assert validity(held, story.now, story.context, at).status is expected


def test_every_reason_is_given_and_the_gravest_is_the_status() -> None:
    """A permit that is revoked, suspended, used up and over says all of it."""
    story = begun()
    report(story, quantity=4)
    assert status(story) is PermitStatus.EXHAUSTED
    story.do("lic", "suspend", permit="P-1", because="a doubt")
    assert status(story) is PermitStatus.SUSPENDED
    story.do("lic", "revoke", permit="P-1", because="enough")
    story.wait(days=200)
    found = standing(story)
    assert found.status is PermitStatus.REVOKED
    assert len(found.reasons) == 4
    assert not found.in_force


@given(
    acts=st.lists(st.sampled_from(["suspend", "lift", "withdraw", "data", "nothing"]), max_size=6)
)
@examples(40)
def test_a_permit_is_in_force_exactly_while_nothing_is_ordered_and_every_ground_holds(
    acts: list[str],
) -> None:
    """An oracle that counts orders and withdrawals agrees with what is computed."""
    story = begun()
    ordered = fallen = False
    for each in acts:
        story.wait(hours=1)
        if each == "suspend" and not ordered:
            story.do("lic", "suspend", permit="P-1", because="a doubt")
            ordered = True
        elif each == "lift" and (ordered or fallen) and not fallen:
            story.do("lic", "lift", permit="P-1", because="cleared up")
            ordered = False
        elif each == "withdraw" and not fallen:
            said = {"because": "no more", "disclosed": "no more"}
            story.do("sec", "withdraw-consent", party="US", office="us/secdef", **said)
            fallen = True
        elif each == "data" and not fallen:
            _withdraw_data(story)
            fallen = True
    held = permit(story)
    gone = any(holds(each, story.now, story.context, story.at) for each in held.grounds)
    assert gone is fallen
    assert (status(story) is PermitStatus.SUSPENDED) is (ordered or fallen)


def _withdraw_data(story: Story) -> None:
    at = story.at.isoformat().replace("+00:00", "Z")
    record = {
        "name": "Targeting data",
        "origin": "US",
        "kind": "service",
        "availability": [{"status": "withdrawn", "from": at}],
    }
    happens(
        story, "rules", "record-fact", section="items", id="data", record=record, supersedes="yes"
    )


def test_a_service_that_ends_on_a_day_to_come_suspends_without_an_act() -> None:
    """What the record says of tomorrow is found by tomorrow's clock."""
    story = begun()
    ends = (story.at + timedelta(days=3)).isoformat().replace("+00:00", "Z")
    availability = [{"status": "withdrawn", "from": ends}]
    story.context = changed(story.context, "items", "data", availability=availability)
    assert status(story) is PermitStatus.IN_FORCE
    assert status(story.wait(days=3)) is PermitStatus.SUSPENDED
    assert not permit(story).suspensions


@pytest.mark.parametrize(
    ("when", "falls"), [('area.within("RU")', True), ('area.within("UA")', False)]
)
def test_a_service_withdrawn_for_some_requests_ends_only_the_permits_of_those(
    when: str, falls: bool
) -> None:
    """Whether a service is gone for a permit is asked of the permit's own request."""
    story = begun()
    availability = [{"status": "withdrawn", "from": "2025-06-02", "when": when}]
    story.context = changed(story.context, "items", "data", availability=availability)
    assert (status(story) is PermitStatus.SUSPENDED) is falls


def test_a_decision_outlives_the_term_of_whoever_took_it() -> None:
    """The end of an official's time withdraws nothing."""
    story = begun()
    happens(story, "rules", "dismiss", official="sec", until=written(story.at))
    assert status(story.wait(days=2)) is PermitStatus.IN_FORCE


@pytest.mark.parametrize(
    ("fields", "holding"),
    [
        ({}, True),
        ({"until": "2025-06-03"}, True),
        ({"grade": "disputed"}, False),
        ({"grade": "reported"}, False),
        ({"grade": "denied"}, False),
        ({"from": "2025-06-01/2025-06-05"}, False),
        ({"revoked": {"on": "2025-06-04"}}, False),
        ({"revoked": {"on": "2025-06-03/2025-08-01", "grade": "disputed"}}, False),
        ({"revoked": {"on": "2025-06-20"}}, True),
    ],
)
def test_a_delegation_carries_what_was_done_under_it_until_it_is_withdrawn_or_doubted(
    fields: dict[str, object], holding: bool
) -> None:
    """Its term may end; a revocation, a dispute, or a doubt about its start ends the ground."""
    story = begun()
    decided = story.at
    story.context = changed(story.context, "delegations", "state-to-deputy", **fields)
    story.wait(days=3)
    ground = Ground(kind="delegation", party="US", about="state-to-deputy", at=decided)
    found = holds(ground, story.now, story.context, story.at)
    assert (found is None) is holding


def test_what_is_not_known_to_hold_does_not() -> None:
    """A ground of another kind, a rule and a delegation that are not on record do not hold."""
    story = begun()
    for kind, about in (
        ("a-favour", "US"),
        ("standing-authorisation", "US:use/nothing"),
        ("standing-authorisation", "US:use/russia"),
        ("delegation", "nothing"),
        ("external-consent", "US"),
    ):
        ground = Ground(kind=kind, party="US", about=about)
        assert holds(ground, story.now, story.context, story.at) is not None
    for kind in ("clear", "break-glass"):
        ground = Ground(kind=kind, party="US", about="US")
        assert holds(ground, story.now, story.context, story.at) is None
    assert failing(permit(story), story.now, story.context, story.at) == ()


def test_a_permit_falls_at_the_first_day_on_record_that_ends_what_it_rests_on() -> None:
    """Not before, not once it has ended; and where it has fallen, at the moment asked about."""
    story = Story().file(area="UA-30").determine()
    story.issue()
    assert falls(permit(story), story.now, story.context, story.at) is None
    for until in (story.at + timedelta(days=30), story.at + timedelta(days=9)):
        happens(story, "rules", "end-policy", party="US", policy="use", until=written(until))
    day = story.at + timedelta(days=9)
    assert falls(permit(story), story.now, story.context, story.at) == day
    before, after = day - timedelta(seconds=1), day + timedelta(days=3)
    for at, expected in ((before, PermitStatus.IN_FORCE), (day, PermitStatus.SUSPENDED)):
        assert validity(permit(story), story.now, story.context, at).status is expected
    assert falls(permit(story), story.now, story.context, after) == after
    over = permit(story).terms.until
    assert falls(permit(story), story.now, story.context, over) is None
    story.do("lic", "revoke", permit="P-1", because="it ends anyway")
    assert falls(permit(story), story.now, story.context, story.at) is None
