"""What waits for somebody: what their office could do now, the oldest first, with its due day."""

from __future__ import annotations

from datetime import datetime, timedelta

from review_world import RELEASE, START, USE, Story, strike, struck

from placet.need_to_know.case_on_desks import rows as desk_rows
from placet.need_to_know.inbox import AT_ONCE, first_day, inbox
from placet.need_to_know.view import sight
from placet.registry import parse_moment
from placet.review.case import Case
from placet.review.viewer import viewer

LATER = START + timedelta(days=20)


def waits(story: Story, who: str, *, at: datetime = LATER) -> list[tuple[str, str]]:
    """Return the acts that wait for somebody on a story's case, each with what it is about."""
    found = inbox([story.now], viewer(story.context, who, at), at)
    return [(each.act, each.about) for each in found]


def emergency(story: Story) -> None:
    """Break the glass on a story's case: it is permitted without a review, for six hours."""
    given = {"party": "US", "office": "us/secdef", "hours": 6, "permit": "P-E", "status": 7}
    why = "an attack under way"
    story.do("sec", "break-glass", because=why, determination=story.digest, **given)


def test_a_filed_case_waits_for_the_case_officers_to_determine_it() -> None:
    """For officers of the parties that the announced policies name, and nobody else."""
    story = Story().file()
    assert waits(story, "desk") == [("determine", "C-1")]
    assert all(waits(story, who) == [] for who in ("yurii", "sec", "olena", "jay", "ig"))


def test_a_determined_case_waits_for_deciders_and_advisers() -> None:
    """For the offices that the rules name: to decide, and to advise."""
    story = strike()
    assert waits(story, "sec") == [("decide", "us/secdef")]
    assert waits(story, "jay") == [("advise", "us/joint-staff")]
    assert waits(story, "desk") == []
    assert waits(story, "kurt") == []


def test_what_is_reserved_does_not_wait_for_a_delegate() -> None:
    """The deputy may act for the secretary, but not where the decision is reserved."""
    assert waits(strike(), "dep") == []


def test_what_was_done_no_longer_waits() -> None:
    """Advice given and a decision taken leave the inbox; the permit is then to be issued."""
    story = strike()
    story.do("jay", "advise", office="us/joint-staff", stance="for", says="yes")
    assert waits(story, "joe") == []
    story.decide("sec", "us/secdef")
    assert waits(story, "sec") == waits(story, "acting") == []
    assert waits(story, "lic") == [("issue", "C-1")]
    story.issue()
    assert waits(story, "lic") == []


def test_nothing_waits_for_one_who_has_another_role() -> None:
    """Whoever advised cannot decide, and whoever stepped aside does nothing."""
    story = strike()
    assert waits(story, "hatter") == [("advise", "us/joint-staff"), ("decide", "us/secdef")]
    story.do("hatter", "advise", office="us/joint-staff", stance="for", says="yes")
    assert waits(story, "hatter") == []
    story.do("acting", "recuse", because="a cousin")
    assert waits(story, "acting") == []
    assert waits(story, "sec") == [("decide", "us/secdef")]


def test_an_office_of_two_persons_waits_for_the_second() -> None:
    """Not for the one who has decided."""
    story = Story().file(USE.replace("missile", "shell")).determine("dieter")
    story.decide("kurt", "de/council")
    assert waits(story, "kurt") == []
    assert waits(story, "lena") == [("decide", "de/council")]


def test_a_question_waits_for_the_applicant() -> None:
    """Until it is answered, and due on the day that was set for it."""
    story = strike()
    story.do("desk", "ask", asks="which depot", due="2025-07-01")
    (found,) = inbox([story.now], viewer(story.context, "olena", LATER), LATER)
    assert (found.act, found.about, found.since) == ("supply", "0", story.at)
    assert found.due == parse_moment("2025-07-01")
    story.do("olena", "supply", question=0, request=story.now.request, says="the large one")
    assert waits(story, "olena") == []


def test_the_oldest_comes_first_with_since_when_and_its_due_day() -> None:
    """Over several cases, by since when each waits."""
    first, second = strike(), strike()
    first.do("desk", "set-deadline", of="us/secdef", due="2025-06-09", because="soon")
    later: Case = second.now.model_copy(update={"id": "C-0"})
    later = later.model_copy(update={"asked": {"us/secdef": START + timedelta(days=1)}})
    found = inbox([later, first.now], viewer(first.context, "sec", LATER), LATER)
    assert [each.case for each in found] == ["C-1", "C-0"]
    assert [each.due for each in found] == [parse_moment("2025-06-09"), None]


def test_a_day_of_the_whole_case_counts_where_it_comes_first() -> None:
    """What waits is due by its own day or by the case's, whichever is sooner, and is ordered so."""
    story = strike()
    story.do("desk", "set-deadline", of="us/secdef", due="2025-06-09", because="soon")

    def due() -> object:
        (found,) = inbox([story.now], viewer(story.context, "sec", LATER), LATER)
        rows = {each.due for each in desk_rows(story.now) if each.act == "decide"}
        assert rows == {found.due}
        return found.due

    assert due() == parse_moment("2025-06-09")
    story.do("desk", "set-deadline", of="case", due="2025-06-20", because="in all")
    assert due() == parse_moment("2025-06-09")
    story.do("desk", "set-deadline", of="case", due="2025-06-05", because="sooner")
    assert due() == parse_moment("2025-06-05")


def test_what_waits_stands_by_the_first_day_of_its_case_that_one_knows_of() -> None:
    """Whoever leads the case knows the decider's day, and finds it before one due later.

    Their own act is not due by it; who advises does not know of it at all.
    """
    decided, asked = strike(), strike()
    for story, of, due in ((decided, "us/secdef", "2025-06-09"), (asked, "case", "2025-06-20")):
        story.do("desk", "set-deadline", of=of, due=due, because="soon")
        emergency(story)
    later: Case = asked.now.model_copy(update={"id": "C-0"})
    desk, adviser = (viewer(decided.context, who, LATER) for who in ("desk-2", "jay"))
    first, second = inbox([later, decided.now], desk, LATER)
    assert [each.case for each in (first, second)] == ["C-1", "C-0"]
    assert (first.due, first.day) == (None, parse_moment("2025-06-09"))
    advised = {each.case: each.first for each in inbox([later, decided.now], adviser, LATER)}
    assert advised == {"C-1": None, "C-0": parse_moment("2025-06-20")}


def test_the_day_of_an_office_that_has_spoken_presses_nobody() -> None:
    """Neither who leads the case nor who holds the office; of two persons the second has to act."""
    story = Story().file(RELEASE).determine()
    story.do("desk", "set-deadline", of="us/state", due="2025-06-09", because="soon")
    story.do("desk", "set-deadline", of="us/joint-staff", due="2025-06-08", because="soon")
    story.do("dieter", "set-deadline", of="de/council", due="2025-06-05", because="soon")

    def first(*people: str) -> str:
        days = {first_day(sight(story.now, viewer(story.context, who, LATER))) for who in people}
        (found,) = days
        return found[1]

    assert first("desk", "lic", "jay") == "us/joint-staff"
    story.do("jay", "advise", office="us/joint-staff", stance="for", says="fine")
    assert first("desk", "lic", "state-1") == "us/state"
    story.decide("state-1", "us/state")
    assert first("desk", "lic", "state-1", "jay") == ""
    story.decide("kurt", "de/council")
    assert first("dieter", "kurt", "max") == "de/council"
    story.decide("lena", "de/council")
    assert first("dieter", "kurt", "max") == ""


def test_a_use_outside_its_permit_waits_to_be_resolved() -> None:
    """For those who control the permit, until there is a finding."""
    story = struck()
    story.do(
        "olena",
        "report-use",
        permit="P-1",
        report="R-1",
        line="one",
        quantity=9,
        on=story.at.isoformat().replace("+00:00", "Z"),
        area="RU-KRS",
        target="military.depot",
        purpose="defence.strike",
    )
    assert waits(story, "lic") == [("resolve-violation", "R-1")]
    (found,) = inbox([story.now], viewer(story.context, "lic", story.at), story.at)
    (row,) = {each.due for each in desk_rows(story.now) if each.act == "resolve-violation"}
    assert found.due == found.since
    assert row == AT_ONCE, "it is due at once, before all that is routine"
    story.do("lic", "resolve-violation", report="R-1", finding="mistaken-report", because="a slip")
    assert waits(story, "lic") == []


def test_an_emergency_waits_for_its_review_by_somebody_else() -> None:
    """Whoever broke the glass does not review it; another of the office, or an officer, does."""
    story = strike()
    emergency(story)
    assert ("review-after", "P-E") in waits(story, "acting")
    assert ("review-after", "P-E") in waits(story, "desk-2")
    assert ("review-after", "P-E") not in waits(story, "sec")
    story.do("acting", "review-after", permit="P-E", finding="justified", because="it was")
    assert ("review-after", "P-E") not in waits(story, "desk-2")


def test_an_appeal_waits_for_whose_word_it_is_against_and_for_the_desk() -> None:
    """Until it is dismissed, or a new round is opened; that not while a permit stands."""
    story = strike()
    story.decide("sec", "us/secdef", provisos=[{"at-most": 1, "text": "one"}])
    story.do("olena", "appeal", because="it is too little")
    assert ("dismiss-appeal", "0") in waits(story, "acting")
    assert ("reconsider", "0") in waits(story, "desk")
    story.issue()
    assert waits(story, "desk") == []
    told = {"because": "b", "disclosed": "one is what there is"}
    story.do("acting", "dismiss-appeal", party="US", office="us/secdef", **told)
    assert waits(story, "acting") == []


def test_an_appeal_of_a_limit_of_the_rules_waits_for_the_desk() -> None:
    """Nobody decided it: while the permit stands the desk dismisses, and then opens a new round."""
    story = struck()
    story.do("olena", "appeal", because="the report is a burden")
    assert waits(story, "sec") == waits(story, "lic") == []
    assert waits(story, "desk") == waits(story, "desk-2") == [("dismiss-appeal", "0")]
    story.do("lic", "revoke", permit="P-1", because="b")
    assert waits(story, "desk") == [("reconsider", "0")]


def test_an_appeal_waits_for_the_case_officers() -> None:
    """Until it is reconsidered."""
    story = strike()
    story.decide("sec", "us/secdef", "refuse")
    story.do("olena", "appeal", because="the facts are others")
    assert waits(story, "desk") == [("reconsider", "0")]
    first = story.now.appeals[0]
    story.case = story.now.model_copy(update={"appeals": (first, first)})
    assert waits(story, "desk") == [("reconsider", "0")], "two of an older log"
    story.do("desk", "reconsider", because="they are")
    assert waits(story, "desk") == [("determine", "C-1")]
