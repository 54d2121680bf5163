"""How far a case came and since when: determining it anew moves neither."""

from __future__ import annotations

from datetime import datetime

from review_world import US_BOOK, USE, Story, asked, strike, with_book

from placet.need_to_know.brief import brief
from placet.need_to_know.case_on_desks import rows
from placet.need_to_know.inbox import inbox
from placet.need_to_know.knowing import known_answer, own_parties
from placet.need_to_know.notices import notices
from placet.need_to_know.standings import standings
from placet.need_to_know.view import sight
from placet.review.case import Stage
from placet.review.course import asked_since, course
from placet.review.viewer import viewer


def since(story: Story, who: str) -> list[tuple[str, datetime]]:
    """Return what waits for somebody, each with since when."""
    found = inbox([story.now], viewer(story.context, who, story.at), story.at)
    return [(each.about, each.since) for each in found]


def otherwise(story: Story, days: int) -> Story:
    """Have some days pass and the rules ask for more, and determine the case anew."""
    stricter = US_BOOK.replace("report-within-days: 5", "report-within-days: 4")
    story.context = with_book(story.context, stricter)
    return story.wait(days=days).determine()


def on_map(story: Story, who: str, party: str) -> datetime | None:
    """Return since when somebody sees that a party is waited for."""
    eyes = sight(story.now, viewer(story.context, who, story.at))
    own = own_parties(story.now, eyes.relation)
    answer = known_answer(story.now, story.context, own, story.at)
    found = standings(eyes, answer, story.context.registry, story.at)
    return next(each.since for each in found if each.party == party)


def test_determining_anew_leaves_since_when_is_waited() -> None:
    """The case page, the inbox and its rows go on from the first determination of the round."""
    story = strike()
    first = story.at
    otherwise(story, days=20)
    assert story.now.determined is not None
    assert story.now.determined.at > first
    assert since(story, "sec") == [("us/secdef", first)]
    assert since(story, "jay") == [("us/joint-staff", first)]
    assert {each.since for each in rows(story.now) if each.act in ("decide", "advise")} == {first}
    assert on_map(story, "sec", "US") == first


def test_reports_go_by_the_first_determination_of_the_round() -> None:
    """A second determination leaves when the case was first determined, whoever approves after."""
    story = strike()
    first = story.at
    otherwise(story, days=20).decide("sec", "us/secdef")
    said = story.at
    assert story.now.stage is Stage.DECIDED
    assert course(story.now).determined == first
    story.issue()
    assert course(story.now).answered == said


def test_a_permit_waits_to_be_issued_since_the_last_consent_came_in() -> None:
    """Time does not set it back; where all clear it has been since it was determined."""
    story = strike()
    story.decide("sec", "us/secdef")
    said = story.at
    story.wait(days=20)
    assert since(story, "lic") == [("C-1", said)]
    assert {each.since for each in rows(story.now) if each.act == "issue"} == {said}
    cleared = Story().file(area="UA-43").determine()
    first = cleared.at
    cleared.wait(days=20)
    assert since(cleared, "lic") == [("C-1", first)]


def test_who_is_asked_for_the_first_time_is_waited_for_from_then_on() -> None:
    """A party and office that a later determination adds begin with it; those before it go on."""
    story = strike()
    first = story.at
    state = US_BOOK.replace("then: review us/secdef", "then: review us/state")
    story.context = with_book(story.context, state)
    story.wait(days=3).determine()
    assert asked_since(story.now, "US") == asked_since(story.now, "us/joint-staff") == first
    assert asked_since(story.now, "us/state") == story.at
    story.context = with_book(story.context, US_BOOK)
    story.wait(days=3).determine()
    assert since(story, "sec") == [("us/secdef", story.at)]
    assert on_map(story, "sec", "US") == first


def test_a_new_round_and_another_request_begin_anew() -> None:
    """After a changed answer, and in a new round, nobody has been asked before."""
    story = strike()
    story.do("desk", "ask", asks="Where exactly?")
    story.do("olena", "supply", question=0, says="here", request=asked(USE, area="RU-BEL"))
    assert course(story.now).determined is None
    story.wait(days=5).determine()
    assert course(story.now).determined == asked_since(story.now, "us/secdef") == story.at
    story.do("desk", "return", because="incomplete", disclosed="say more")
    story.do("desk", "reconsider", because="it is not")
    story.wait(days=5).determine()
    assert course(story.now).determined == asked_since(story.now, "us/secdef") == story.at


def test_a_renewed_determination_is_told_anew() -> None:
    """What was decided on an earlier one may have fallen, so who decides hears of each."""
    story = strike()
    who = viewer(story.context, "sec", story.at)
    (before,) = notices(story.now, story.context, who, story.at)
    otherwise(story, days=1)
    (after,) = notices(story.now, story.context, who, story.at)
    assert (before.on, after.on) == (before.on, before.on)
    assert before.key != after.key
    assert brief(story.now, who).case == after.case
