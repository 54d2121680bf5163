"""What people are told without asking: no more than they see, once for each occasion."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from review_world import START, US_BOOK, Story, strike, struck, with_book

from placet.need_to_know.inbox import inbox
from placet.need_to_know.missing import missing
from placet.need_to_know.notices import Notice, notices
from placet.need_to_know.view import sight
from placet.registry import written
from placet.review.viewer import relation, viewer

PEOPLE = ("olena", "taras", "yurii", "sec", "jay", "desk", "lic", "lia", "ig", "kurt", "dieter")


def told(story: Story, who: str, at: datetime | None = None) -> list[Notice]:
    """Return what somebody is told about a story's case at a moment."""
    at = at or story.at
    return list(notices(story.now, story.context, viewer(story.context, who, at), at))


def said(story: Story, who: str, at: datetime | None = None) -> list[tuple[str, str]]:
    """Return the occasions, each with what it is about."""
    return [(str(each.occasion), each.about) for each in told(story, who, at)]


def test_what_waits_is_told_to_whom_it_waits_for_and_to_nobody_else() -> None:
    """Proves that deciders and advisers are told of a determined case, and none without a part."""
    story = strike()
    assert said(story, "sec") == [("waits", "us/secdef")]
    assert said(story, "jay") == [("waits", "us/joint-staff")]
    assert said(story, "ig") == said(story, "yurii") == said(story, "olena") == []


def test_a_day_that_comes_and_passes_is_told_once_each() -> None:
    """Proves that a deadline reminds who must act, and when it passed also who leads the case."""
    story = strike()
    due = story.at + timedelta(days=10)
    story.do("desk", "set-deadline", of="us/secdef", due=written(due), because="to be in time")
    assert said(story, "sec") == [("waits", "us/secdef")]
    soon = due - timedelta(days=1)
    assert ("due-soon", "us/secdef") in said(story, "sec", soon)
    assert {each.key for each in told(story, "sec", soon)} == {
        each.key for each in told(story, "sec", soon + timedelta(hours=3))
    }
    assert said(story, "desk", soon) == []
    late = due + timedelta(minutes=1)
    assert ("overdue", "us/secdef") in said(story, "sec", late)
    assert said(story, "desk", late) == [("passed", "us/secdef")]
    assert said(story, "olena", late) == []
    story.decide("sec", "us/secdef")
    assert ("passed", "us/secdef") not in said(story, "desk", late)


def test_a_stale_case_is_told_once_to_who_could_determine_it_anew() -> None:
    """Proves that the case officers learn of it for each determination, and nobody else does."""
    story = strike()
    assert ("stale", "") not in said(story, "desk")
    story.context = with_book(story.context, US_BOOK.replace("not in Moscow", "not in the capital"))
    (first,) = [each for each in told(story, "desk") if each.occasion == "stale"]
    assert (first.act, first.case) == ("determine", "C-1")
    assert first in told(story, "desk", story.at + timedelta(days=3))
    others = [who for who in PEOPLE if ("stale", "") in said(story, who)]
    assert others == ["desk"]
    story.wait(days=1).do("desk", "determine")
    assert ("stale", "") not in said(story, "desk")
    story.context = with_book(story.context, US_BOOK)
    (again,) = [each for each in told(story, "desk") if each.occasion == "stale"]
    assert again.key != first.key


def test_an_escalated_case_is_told_to_the_office_it_came_before() -> None:
    """Proves that the office learns of it, and that the officer is not told again to escalate."""
    story = strike()
    due = story.at + timedelta(days=1)
    story.do("desk", "set-deadline", of="us/secdef", due=written(due), because="to be in time")
    story.wait(days=2)
    story.do("desk", "escalate", to="us/deputy", because="no answer")
    assert ("escalated", "us/deputy") in said(story, "dep")
    assert ("passed", "us/secdef") not in said(story, "desk")
    assert said(story, "olena") == []


def test_the_end_of_a_permit_is_told_before_and_after() -> None:
    """Proves that holder and controller are told a week before a permit ends and when it has."""
    story = struck()
    until = story.now.permits["P-1"].terms.until
    for who in ("olena", "lic"):
        assert ("ends-soon", "P-1") not in said(story, who, until - timedelta(days=8))
        assert ("ends-soon", "P-1") in said(story, who, until - timedelta(days=6))
        assert ("ended", "P-1") in said(story, who, until + timedelta(days=1))
    assert ("ends-soon", "P-1") not in said(story, "sec", until - timedelta(days=6))


def test_a_suspended_permit_is_told_to_holder_and_controller() -> None:
    """Proves that both learn that it holds no longer, by the act that suspended it."""
    story = struck()
    story.do("lic", "suspend", permit="P-1", because="an inquiry")
    assert ("suspended", "P-1") in said(story, "olena")
    assert ("suspended", "P-1") in said(story, "lic")


def test_the_applicant_is_told_what_became_of_the_request() -> None:
    """Proves that a permit issued is told to the applicant, and only then."""
    story = strike()
    assert said(story, "olena") == []
    story = struck()
    assert ("stands", "permitted") in said(story, "olena")


@pytest.mark.parametrize("make", [lambda: Story().file(), strike, struck])
def test_notices_say_nothing_that_their_reader_does_not_see(make: object) -> None:
    """Proves that each notice is of a case they have a part in, and of what is in their inbox."""
    assert callable(make)
    story = make()
    for day in (0, 30, 85, 120, 400):
        at = max(story.at, START + timedelta(days=day))
        for who in PEOPLE:
            eyes = viewer(story.context, who, at)
            own = {(each.act, each.about) for each in inbox([story.now], eyes, at)}
            for each in told(story, who, at):
                assert relation(story.now, eyes)
                if each.occasion in ("waits", "due-soon", "overdue"):
                    assert (each.act, each.about) in own


def test_what_others_do_inside_changes_nothing_for_the_applicant() -> None:
    """Proves that two histories that differ in advice alone give the applicant the same notices."""
    quiet, busy = strike(), strike()
    busy.do("jay", "advise", office="us/joint-staff", stance="against", says="no")
    at = max(quiet.at, busy.at) + timedelta(days=3)
    assert told(quiet, "olena", at) == told(busy, "olena", at)


def test_that_nobody_is_left_to_decide_is_said_to_who_leads_the_case() -> None:
    """While one holder is left nothing is said; then it is missing, and the lead is told."""
    story = strike()

    def lacking() -> list[str]:
        eyes = sight(story.now, viewer(story.context, "desk", story.at))
        return [each.says for each in missing(eyes, story.context, (), story.at)]

    for who in ("sec", "hatter"):
        story.do(who, "recuse", because="a conflict")
    assert not any("Too few" in each for each in lacking())
    story.do("acting", "recuse", because="another one")
    (says,) = (each for each in lacking() if "Too few" in each)
    assert "Secretary of Defense: An Acting Secretary stepped aside, Two Hats stepped" in says
    assert ("unfilled", "us/secdef") in said(story, "desk")
    assert said(story, "olena") == []
