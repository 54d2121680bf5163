"""What a consent depended on is taken back: by whom, and what falls with it in the same act."""

from __future__ import annotations

from typing import Any

import pytest
from permit_stories import happens, permit, standing
from review_world import RELEASE, Story, strike

from placet.need_to_know.inbox import inbox
from placet.review.consent import in_effect
from placet.review.errors import (
    NoAuthorityError,
    NotAllowedError,
    OwedError,
    UnknownError,
    UnlawfulError,
)
from placet.review.validity import PermitStatus
from placet.review.viewer import viewer

SAID = {"given_by": "London", "says": "we shall not object", "instrument": "a note"}
ASSURED: dict[str, Any] = {"assurance-from": "GB"}
ACTED: dict[str, Any] = {"act-of": "us/joint-staff"}
HAPPENED: dict[str, Any] = {"event": "training-done"}


def assured() -> Story:
    """Return a strike that is permitted on an assurance of London's."""
    story = strike()
    story.do("lia", "record-assurance", party="GB", **SAID)
    story.decide("sec", "us/secdef", provided=[ASSURED])
    story.issue()
    return story


def acted() -> Story:
    """Return a strike that is permitted on the act of another office."""
    story = strike()
    story.decide("sec", "us/secdef", provided=[ACTED])
    story.do("jay", "fulfil", need="act of us/joint-staff", instrument="a plan")
    story.issue()
    return story


def happened() -> Story:
    """Return a strike that is permitted on an event that somebody recorded."""
    story = strike()
    story.decide("sec", "us/secdef", provided=[HAPPENED])
    story.do("desk", "fulfil", need="event training-done", instrument="a report")
    story.issue()
    return story


TAKEN_BACK = [
    (assured, "lia", "assurance from GB"),
    (acted, "joe", "act of us/joint-staff"),
    (happened, "desk", "event training-done"),
]


@pytest.mark.parametrize(("play", "who", "need"), TAKEN_BACK)
def test_what_made_a_condition_true_is_a_ground(play: Any, who: str, need: str) -> None:
    """Taking it back suspends the permit by that act, and the issuer says why; again, it lifts."""
    story = play()
    grounds = [each for each in permit(story).grounds if each.kind == "condition"]
    assert [(each.party, each.about) for each in grounds] == [("US", need)]
    assert standing(story).in_force
    event = story.do(who, "retract", need=need, because="things have changed")
    assert [each["ground"]["about"] for each in event.found["suspends"]] == [need]
    found = standing(story)
    assert found.status is PermitStatus.SUSPENDED
    assert any(f"{need}, for which US had asked, was taken back" in each for each in found.reasons)
    with pytest.raises(OwedError, match="taken back"):
        story.do("lic", "lift", permit="P-1", because="it should hold")
    assert story.now.moves[-1].says == "things have changed"


@pytest.mark.parametrize(("play", "who", "need"), TAKEN_BACK)
def test_what_is_given_again_lets_a_person_lift(play: Any, who: str, need: str) -> None:
    """Circumstances return, consent does not: the permit stays suspended until then."""
    story = play()
    story.do(who, "retract", need=need, because="things have changed")
    if who == "lia":
        story.do("lia", "record-assurance", party="GB", **SAID)
    else:
        by = "jay" if who == "joe" else who
        story.do(by, "fulfil", need=need, instrument="another plan")
    assert standing(story).status is PermitStatus.SUSPENDED
    story.do("lic", "lift", permit="P-1", because="it holds again")
    assert standing(story).in_force


def test_a_carve_out_spares_a_permit_by_name() -> None:
    """In writing, and only of the permits that the act would end."""
    story = assured()
    gone = {"need": "assurance from GB", "because": "London asks for time"}
    with pytest.raises(UnlawfulError, match="carve-out"):
        story.do("lia", "retract", **gone, except_permits=["P-1"])
    with pytest.raises(UnknownError, match="P-2"):
        story.do("lia", "retract", **gone, except_permits=["P-2"], carve_out="under way")
    story.do("lia", "retract", **gone, except_permits=["P-1"], carve_out="under way")
    assert standing(story).in_force
    story.do("sec", "withdraw-consent", party="US", office="us/secdef", because="b", disclosed="d")
    assert standing(story).status is PermitStatus.SUSPENDED


def test_a_carve_out_covers_the_end_that_it_was_written_for() -> None:
    """What was spared when a delegation was revoked falls when the consent itself is withdrawn."""
    story = Story().file(RELEASE, lines={"a": {"item": "missile", "quantity": "4"}}).determine()
    story.decide("dep", "us/state", delegation="state-to-deputy")
    story.issue()
    spares = {"except_permits": ["P-1"], "carve_out": "under way"}
    happens(story, "state-1", "revoke-delegation", delegation="state-to-deputy", **spares)
    assert standing(story).in_force
    event = story.do(
        "state-1", "withdraw-consent", party="US", office="us/state", because="b", disclosed="d"
    )
    assert [each["ground"]["kind"] for each in event.found["suspends"]] == ["decision"]
    assert standing(story).status is PermitStatus.SUSPENDED


def test_a_step_recorded_by_mistake_is_owed_again_before_a_permit() -> None:
    """The record stays, counts no more, and is made anew; a consultation is by advice alone."""
    story = Story().file(RELEASE, recipient="MD", lines={"a": {"item": "missile"}}).determine()
    story.do("jay", "advise", office="us/joint-staff", stance="for", says="fine")
    story.wait(days=3).decide("state-1", "us/state")
    told = {"need": "notify Congress", "instrument": "a letter"}
    story.do("desk", "fulfil", **told)
    for who in ("lia", "olena", "sec"):
        with pytest.raises(NotAllowedError):
            story.do(who, "retract", need="notify Congress", because="b")
    story.do("desk", "retract", need="notify Congress", because="the letter was of another case")
    with pytest.raises(OwedError, match="notify Congress"):
        story.issue()
    with pytest.raises(UnknownError, match="to be taken back"):
        story.do("desk", "retract", need="notify Congress", because="b")
    with pytest.raises(UnlawfulError, match="by its advice"):
        story.do("desk", "retract", need="consult us/joint-staff", because="b")
    story.do("desk", "fulfil", **told)
    story.issue()
    assert len(story.now.fulfilled) == 2


def test_before_a_permit_it_is_owed_again() -> None:
    """The consent waits again; the office that acted finds it in its inbox anew."""
    story = strike()
    story.decide("sec", "us/secdef", provided=[ACTED])
    story.do("jay", "fulfil", need="act of us/joint-staff", instrument="a plan")
    assert in_effect(story.now, "one", story.at).parties >= {"US"}
    story.do("joe", "retract", need="act of us/joint-staff", because="it was a draft")
    with pytest.raises(OwedError, match="act of us/joint-staff"):
        story.issue()
    looking = viewer(story.context, "joe", story.at)
    found = [(each.act, each.about) for each in inbox([story.now], looking, story.at)]
    assert ("fulfil", "us/joint-staff") in found


def test_who_takes_back() -> None:
    """Whoever could record it: the liaison of the party that did, whoever holds the office."""
    story, gone = assured(), {"need": "assurance from GB", "because": "b"}
    for who in ("desk", "sec", "lic", "olena"):
        with pytest.raises(NotAllowedError):
            story.do(who, "retract", **gone)
    with pytest.raises(UnknownError):
        story.do("lia", "retract", need="assurance from FR", because="b")
    story.do("lia", "retract", **gone)
    with pytest.raises(UnknownError, match="to be taken back"):
        story.do("lia", "retract", **gone)
    story = acted()
    for who in ("desk", "sec", "lia"):
        with pytest.raises(NoAuthorityError):
            story.do(who, "retract", need="act of us/joint-staff", because="b")


def test_the_consent_of_another_party_that_a_condition_asks_for_is_a_ground_of_its_own() -> None:
    """Also of one without a say: its withdrawal suspends."""
    story = strike()
    story.decide("sec", "us/secdef", provided=[{"consent-of": "GB"}])
    story.consent("GB")
    story.issue()
    event = story.do("lia", "withdraw-consent", party="GB", because="b", disclosed="d")
    assert [each["ground"]["party"] for each in event.found["suspends"]] == ["GB"]
    assert standing(story).status is PermitStatus.SUSPENDED
