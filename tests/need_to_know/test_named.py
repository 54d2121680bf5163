"""Offices that are named, to be consulted, told or to act, have the case from the determination."""

from __future__ import annotations

import pytest
from review_world import RELEASE, US_BOOK, Story, strike, with_book, world

from placet.need_to_know.case_on_desks import rows
from placet.need_to_know.desk import Tab, keys
from placet.need_to_know.inbox import inbox
from placet.need_to_know.knowing import basis, own_parties
from placet.need_to_know.offers import offers
from placet.need_to_know.shown import View
from placet.need_to_know.view import sight, view
from placet.review.errors import ReviewError
from placet.review.viewer import relation, viewer

MORE = """        steps: [{consult: us/joint-staff}, {notify: us/archive}]
        provided: [{act-of: us/counsel, text: after a look}]
        because: decided by State"""
BOOK = US_BOOK.replace("        because: decided by State", MORE)
PEOPLE = {
    "offices": {
        "us/archive": {"party": "US", "title": "Archive"},
        "us/counsel": {"party": "US", "title": "General Counsel"},
    },
    "officials": {
        "ann": {"name": "Ann", "office": "us/archive"},
        "carl": {"name": "Carl", "office": "us/counsel"},
    },
}
SAID = {"because": "b", "disclosed": "d"}


def seen(story: Story, who: str) -> View:
    """Return what somebody sees of the case."""
    return view(story.now, viewer(story.context, who, story.at))


def waits(story: Story, who: str) -> list[tuple[str, str]]:
    """Return what waits for somebody, by the pure inbox and by the rows, which say the same."""
    looking = viewer(story.context, who, story.at)
    held = keys(looking)
    laid = {
        (row.act, row.about)
        for row in rows(story.now)
        if row.tab is Tab.ACTION and row.is_for(held, story.at)
    }
    found = [(each.act, each.about) for each in inbox([story.now], looking, story.at)]
    assert laid == set(found)
    return found


def offered(story: Story, who: str) -> list[tuple[str, str]]:
    """Return what somebody could do now."""
    eyes = sight(story.now, viewer(story.context, who, story.at))
    return [(e.act, e.about) for e in offers(eyes, story.context, story.at) if e.possible]


@pytest.fixture
def story() -> Story:
    """Return a release that State decides, naming three other offices; nothing else was done."""
    return Story(context=with_book(world(PEOPLE), BOOK)).file(RELEASE).determine()


def test_each_office_that_the_rules_name_has_the_case_and_what_it_has_to_do(story: Story) -> None:
    """Who is consulted advises, who must act acts; who is to be told sees the case, no more."""
    assert waits(story, "jay") == [("advise", "us/joint-staff")]
    assert waits(story, "carl") == [("fulfil", "us/counsel")]
    assert ("fulfil", "act of us/counsel") in offered(story, "carl")
    assert waits(story, "ann") == []
    for who in ("carl", "ann"):
        assert seen(story, who).request == story.now.request
        assert seen(story, who).inside["US"].need == {}
    assert seen(story, "jay").inside["US"].need["by"]


def test_before_it_is_determined_nobody_is_named(story: Story) -> None:
    """Nor is anybody else of their party."""
    filed = Story(context=story.context).file(RELEASE)
    for who in ("carl", "ann"):
        assert not relation(filed.now, viewer(filed.context, who, filed.at))


def test_what_was_done_waits_no_longer_and_is_seen_on(story: Story) -> None:
    """By whichever official of the office; and a later determination does not ask it again."""
    story.do("carl", "fulfil", need="act of us/counsel", instrument="a memorandum")
    assert waits(story, "carl") == []
    assert ("fulfil", "act of us/counsel") not in offered(story, "carl")
    assert [each["kind"] for each in seen(story, "carl").moves] == ["submit", "fulfil"]
    story.context = with_book(story.context, BOOK.replace("title: Release", "title: Releases"))
    story.determine()
    assert waits(story, "carl") == []


def test_an_office_that_a_decision_names_has_the_case_while_it_stands() -> None:
    """A decision asks for its act; when it is withdrawn nothing is asked, and nobody named."""
    story = Story(context=world(PEOPLE)).file(RELEASE).determine()
    assert not relation(story.now, viewer(story.context, "carl", story.at))
    story.decide("state-1", "us/state", provided=[{"act-of": "us/counsel"}])
    assert waits(story, "carl") == [("fulfil", "us/counsel")]
    assert seen(story, "carl").inside["US"].acts == {"us/counsel": False}
    story.do("state-2", "withdraw-consent", party="US", office="us/state", **SAID)
    assert not relation(story.now, viewer(story.context, "carl", story.at))
    with pytest.raises(ReviewError):
        story.do("carl", "fulfil", need="act of us/counsel", instrument="a memorandum")


def test_an_adviser_learns_that_a_decision_asks_for_the_act_of_its_office() -> None:
    """It sees no decision, and what is asked of it nonetheless."""
    story = strike()
    story.decide("sec", "us/secdef", provided=[{"act-of": "us/joint-staff"}])
    assert ("fulfil", "us/joint-staff") in waits(story, "jay")
    assert ("fulfil", "act of us/joint-staff") in offered(story, "jay")
    assert seen(story, "jay").decisions == ()


def test_who_is_named_is_answered_from_what_is_announced(story: Story) -> None:
    """And as of the filing: not by the rules of the party, nor since when the review goes on."""
    for who, weighs in (("carl", False), ("ann", False), ("jay", True)):
        known = relation(story.now, viewer(story.context, who, story.at))
        assert own_parties(story.now, known) == (frozenset({"US"}) if weighs else frozenset())
        assert (basis(story.now, known).at == story.at) is weighs


def test_an_office_of_another_party_sees_the_file_and_what_is_asked_of_it() -> None:
    """Whoever names it shows it nothing of its own rules."""
    story = strike()
    story.decide("sec", "us/secdef", provided=[{"act-of": "de/desk"}])
    found = seen(story, "dieter")
    assert waits(story, "dieter") == [("fulfil", "de/desk")]
    assert (found.inside["US"].place, found.inside["US"].need) == ("named", {})
    assert (found.decisions, found.advice, found.awaits) == ((), (), ())
    assert ("fulfil", "act of de/desk") in offered(story, "dieter")
    story.do("dieter", "fulfil", need="act of de/desk", instrument="a note")
    story.issue()
