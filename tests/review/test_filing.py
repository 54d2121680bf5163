"""The applicant and the case officer: what they may do, when, and what it comes to."""

from __future__ import annotations

from typing import Any

import pytest
from review_world import RELEASE, USE, Story, asked, changed, strike, struck, world

from placet.errors import RequestError
from placet.need_to_know.brief import brief
from placet.need_to_know.inbox import inbox
from placet.need_to_know.missing import missing
from placet.need_to_know.offers import offers
from placet.need_to_know.view import sight
from placet.registry import number_asked
from placet.review.case import Role, Stage
from placet.review.consent import opened
from placet.review.errors import (
    NotAllowedError,
    OwedError,
    RepeatedError,
    StageError,
    TwoRolesError,
    UnknownError,
    UnlawfulError,
)
from placet.review.takings import takings
from placet.review.viewer import viewer


def test_a_filing_opens_a_case() -> None:
    """A filing opens a case, in the applicant's role, with the announced answer and its digest."""
    story = Story().file()
    assert (story.now.stage, story.now.version, story.now.round) == (Stage.SUBMITTED, 1, 1)
    assert story.now.roles == {"olena": Role.APPLICANT}
    assert story.now.announced["parties"] == {"UA": "clear", "US": "review"}
    assert story.events[0].found["request"].startswith("sha256:")
    assert [(each.kind, each.party) for each in story.now.moves] == [("submit", "UA")]


def test_an_undeclared_policy_does_not_show_in_what_is_announced() -> None:
    """The announced answer knows nothing of Germany's undeclared rule: it names no office of it."""
    found = Story().file(RELEASE).events[0].found
    assert set(found) == {"for", "role", "request", "announced"}
    assert set(found["announced"]) == {"outcome", "parties", "questions"}
    assert "two" not in str(found["announced"])


@pytest.mark.parametrize("who", ["yurii", "desk", "sec", "ig"])
def test_only_the_applicant_files(who: str) -> None:
    """Nobody files who does not hold the duty of applications for the applicant's party."""
    with pytest.raises(NotAllowedError, match="ua/procurement"):
        Story().file(by=who)


def test_a_stranger_may_do_nothing() -> None:
    """A person who holds no office may do nothing at all, not even file or step aside."""
    story = Story()
    with pytest.raises(NotAllowedError, match="holds no office"):
        story.file(by="mallory")
    story.file()
    with pytest.raises(NotAllowedError, match="holds no office"):
        story.do("mallory", "recuse", because="why not")


def test_a_party_that_raises_a_request_files_through_its_officers() -> None:
    """A request that the United States raises for Ukraine is filed by its case officer."""
    story = Story().file(by="desk", raised_by=None, **{"raised-by": "US"})
    assert story.now.roles == {"desk": Role.APPLICANT}
    with pytest.raises(TwoRolesError):
        story.determine("desk")
    assert story.determine("desk-2").now.stage is Stage.UNDER_REVIEW


def test_every_problem_of_a_request_is_named() -> None:
    """A request that cannot be read is refused with all its problems at once."""
    with pytest.raises(RequestError) as refused:
        Story().file(area="ATLANTIS", target="nobody")
    assert len(refused.value.problems) == 2


def test_a_case_is_opened_once_and_other_acts_need_one() -> None:
    """An id that is taken is refused, and so is an act on a case that is not there."""
    story = Story().file()
    with pytest.raises(RepeatedError):
        story.file()
    with pytest.raises(UnknownError):
        Story().determine()


def test_the_clock_never_runs_back() -> None:
    """An act dated before the last one of its case is refused, and one that is no whole second."""
    story = Story().file()
    with pytest.raises(UnlawfulError, match="Set the clock right"):
        story.wait(minutes=-5).determine()
    with pytest.raises(UnlawfulError, match="whole seconds"):
        story.wait(microseconds=1).determine()


def test_who_determines() -> None:
    """A case officer of a party with a say determines; one of the applicant's own party may not."""
    with pytest.raises(NotAllowedError, match="us/desk"):
        Story().file().determine("yurii")
    assert Story().file().determine("desk").now.officer == "desk"
    assert Story().file(RELEASE).determine("dieter").now.stage is Stage.UNDER_REVIEW


def test_a_case_that_clears_in_advance_is_decided_at_once() -> None:
    """Where a standing authorisation clears, nobody need decide, and a person still issues."""
    story = Story().file(area="UA-43").determine()
    assert story.now.stage is Stage.DECIDED
    story.issue()
    kinds = {each.kind: each.about for each in story.now.permits["P-1"].grounds}
    assert kinds["standing-authorisation"] == "US:use/ukraine"


def test_a_clear_that_nobody_signed_is_reviewed() -> None:
    """A rule that clears without being a standing authorisation is left to the home office."""
    story = Story().file(area="PL").determine()
    assert story.now.stage is Stage.UNDER_REVIEW
    assert [each.office for each in story.now.determined.needs["US"].by] == ["us/state"]
    story.decide("state-1", "us/state")
    assert story.now.stage is Stage.DECIDED


def test_a_question_and_its_answer() -> None:
    """An answer replaces the request, and what was determined and decided falls with it."""
    story = strike()
    story.do("desk", "ask", asks="Where exactly?", fields=["area"])
    with pytest.raises(UnknownError, match="no field"):
        story.do("desk", "ask", asks="What?", fields=["colour"])
    with pytest.raises(UnlawfulError, match="applicant"):
        story.do("olena", "supply", question="0", says="here", request=asked(USE, applicant="DE"))
    story.do("taras", "supply", question="0", says="here", request=asked(USE, area="RU-BEL"))
    assert (story.now.stage, story.now.determined) == (Stage.SUBMITTED, None)
    assert story.now.request["area"] == "RU-BEL"
    assert story.now.questions[0].says == "here"
    with pytest.raises(RepeatedError):
        story.do("olena", "supply", question="0", says="again", request=asked(USE))
    with pytest.raises(UnknownError):
        story.do("olena", "supply", question="7", says="again", request=asked(USE))


ALIKE: list[dict[str, Any]] = [
    {},
    {"request": asked(USE)},
    {"request": asked(USE, about="told in other words")},
]


@pytest.mark.parametrize("given", ALIKE)
@pytest.mark.parametrize("decided", [False, True])
def test_an_answer_that_changes_nothing_leaves_the_review_as_it_is(
    given: dict[str, Any], *, decided: bool
) -> None:
    """In words alone, or with the request as it is: nobody determines, advises or decides anew."""
    story = strike()
    story.do("desk", "ask", asks="Which unit?")
    story.do("jay", "advise", office="us/joint-staff", stance="for", says="yes")
    if decided:
        story.decide("sec", "us/secdef")
    before, put = story.now, opened(story.now)
    story.wait(days=3).do("olena", "supply", question=0, says="the 47th", **given)
    kept = ("stage", "determined", "asked", "decisions", "advice", "announced", "permits")
    assert all(getattr(story.now, name) == getattr(before, name) for name in kept)
    assert (story.now.questions[0].says, opened(story.now)) == ("the 47th", put)
    if not decided:
        story.decide("sec", "us/secdef")
    story.issue()


def test_an_answer_on_a_decided_case_that_changes_the_request_is_decided_anew() -> None:
    """Before a permit is out an answer is lawful also then, and nothing decided before counts."""
    story = strike()
    story.do("desk", "ask", asks="Where exactly?")
    story.decide("sec", "us/secdef")
    story.do("olena", "supply", question=0, says="here", request=asked(USE, area="RU-BEL"))
    assert (story.now.stage, story.now.determined) == (Stage.SUBMITTED, None)
    story.determine()
    assert story.now.stage is Stage.UNDER_REVIEW


def test_that_all_have_decided_does_not_take_the_question_from_the_applicant() -> None:
    """It is listed, offered and answered until the outcome: an applicant is told no other."""
    story = strike()
    story.do("desk", "ask", asks="Which unit?")

    def looks() -> tuple[Any, ...]:
        olena = viewer(story.context, "olena", story.at)
        eyes = sight(story.now, olena)
        own = [each for each in offers(eyes, story.context, story.at) if each.act == "supply"]
        return inbox([story.now], olena, story.at), brief(story.now, olena), own

    before = looks()
    assert before[0]
    assert before[2][0].possible
    story.decide("sec", "us/secdef")
    assert story.now.stage is Stage.DECIDED
    assert looks() == before


def test_once_all_have_decided_no_answer_is_missing() -> None:
    """An open question stands in the way of no permit; whoever is not told of it still waits."""
    story = strike()
    story.do("desk", "ask", asks="Which unit?")
    assert all(lacks_the_answer(story, who) for who in ("olena", "desk", "lic", "sec", "ig"))
    story.decide("sec", "us/secdef")
    assert story.now.stage is Stage.DECIDED
    assert not any(lacks_the_answer(story, who) for who in ("desk", "lic", "sec", "ig"))
    assert lacks_the_answer(story, "olena")


def lacks_the_answer(story: Story, who: str) -> bool:
    """Say whether somebody reads that the applicant's answer is missing."""
    eyes = sight(story.now, viewer(story.context, who, story.at))
    found = missing(eyes, story.context, (), story.at)
    return any(each.says == "The applicant's answer: Which unit?" for each in found)


def test_withdrawal_ends_a_case_and_a_permit_stands_in_its_way() -> None:
    """The applicant may withdraw until a permit is out; that is surrendered instead."""
    story = strike()
    story.do("olena", "withdraw", because="not needed")
    assert story.now.stage is Stage.WITHDRAWN
    for kind in ("withdraw", "appeal"):
        with pytest.raises(StageError):
            story.do("olena", kind, because="again")
    with pytest.raises(StageError):
        struck().do("olena", "withdraw", because="too late")
    with pytest.raises(NotAllowedError):
        strike().do("desk", "withdraw", because="not mine")


def test_a_return_and_an_appeal_open_a_new_round() -> None:
    """After a return the applicant appeals, an officer reconsiders, and the round counts up."""
    story = strike()
    story.do("desk", "return", because="incomplete", disclosed="say more")
    assert (story.now.stage, story.now.ended) == (Stage.RETURNED, "say more")
    story.do("olena", "appeal", because="it is complete")
    story.do("desk", "reconsider", because="so it is")
    assert (story.now.stage, story.now.round, story.now.ended) == (Stage.SUBMITTED, 2, None)
    assert story.now.appeals[0].reconsidered_at == story.at


def test_assignment_goes_to_a_case_officer_without_another_role() -> None:
    """A case is assigned to a case officer of a reviewing party who has no other part in it."""
    story = strike()
    story.do("desk", "assign", to="desk-2", because="on leave")
    assert story.now.officer == "desk-2"
    with pytest.raises(UnlawfulError, match="no case officer"):
        story.do("desk", "assign", to="jay", because="why not")
    story.do("desk-2", "recuse", because="a cousin")
    assert story.now.officer is None
    with pytest.raises(UnlawfulError, match="stepped aside"):
        story.do("desk", "assign", to="desk-2", because="back")


def test_deadlines_escalate_once_they_have_passed() -> None:
    """A deadline is set ahead, escalates only after it has passed, and is taken back by None."""
    story = strike()
    due = "2025-06-05"
    story.do("desk", "set-deadline", of="us/secdef", due=due, because="urgent")
    with pytest.raises(StageError):
        story.do("desk", "escalate", to="us/state", because="early")
    story.wait(days=5).do("desk", "escalate", to="us/state", because="late")
    assert story.now.deadlines[0].escalated_to == "us/state"
    with pytest.raises(StageError):
        story.do("desk", "escalate", to="us/state", because="twice")
    with pytest.raises(UnlawfulError):
        story.do("desk", "set-deadline", of="applicant", due=due, because="past")
    with pytest.raises(UnknownError):
        story.do("desk", "set-deadline", of="gb/defence", due=None, because="not theirs")
    story.do("desk", "set-deadline", of="us/secdef", due=None, because="done")
    assert story.now.deadlines == ()


def test_only_the_applicants_deadline_lapses_a_case() -> None:
    """A case lapses when the applicant's day has passed, never because a decider is late."""
    story = strike()
    story.do("desk", "set-deadline", of="us/secdef", due="2025-06-03", because="urgent")
    story.do("desk", "ask", asks="Where?", due="2025-06-10")
    with pytest.raises(StageError, match="applicant"):
        story.wait(days=3).do("desk", "lapse", because="the decider is late")
    story.wait(days=7).do("desk", "lapse", because="no answer")
    assert story.now.stage is Stage.LAPSED
    late = Story()
    late.do("olena", "submit", case="C-1", request=asked(USE), due="2025-06-02")
    late.determine().wait(days=1).do("desk", "lapse", because="no longer needed")
    assert late.now.stage is Stage.LAPSED


def test_a_case_is_closed_when_nothing_is_left() -> None:
    """A permit that still runs keeps its case open; once it is over the case closes."""
    story = struck()
    with pytest.raises(OwedError, match="P-1 is not over"):
        story.do("desk", "close", because="done")
    story.wait(days=120).do("desk", "close", because="done")
    assert story.now.stage is Stage.CLOSED
    with pytest.raises(StageError):
        story.do("desk", "determine")


def test_who_stepped_aside_takes_no_further_part() -> None:
    """A recusal is recorded, and the person can do nothing more on the case."""
    story = strike()
    story.do("desk", "recuse", because="a cousin")
    assert story.now.recused == ("desk",)
    for kind in ("determine", "recuse"):
        with pytest.raises(TwoRolesError, match="stepped aside"):
            story.do("desk", kind, **({"because": "x"} if kind == "recuse" else {}))


def test_an_officer_whose_time_is_over_may_not_act() -> None:
    """Duties end with the office: the same person may not determine once the term is over."""
    context = changed(world(), "officials", "desk", until="2025-06-02")
    story = Story(context).file()
    with pytest.raises(NotAllowedError):
        story.wait(days=2).determine()


@pytest.mark.parametrize("four", ["4", 4])
def test_a_number_counts_as_its_text_does(four: object) -> None:
    """A quantity filed as a number takes as much of a stock as one filed as text, and says so."""
    story = Story().file(lines={"one": {"item": "missile", "quantity": four}})
    assert [each.pending for each in takings(story.now)] == [4]
    assert number_asked(story.now.request["lines"]["one"]) == 4


@pytest.mark.parametrize("quantity", [-4, 10**15, True, 4.0, "04"])
def test_a_quantity_is_a_whole_number_however_it_is_sent(quantity: object) -> None:
    """Less than nothing, and more than fifteen digits, are no quantity as numbers either."""
    with pytest.raises(RequestError, match="whole number"):
        Story().file(lines={"one": {"item": "missile", "quantity": quantity}})


@pytest.mark.parametrize("line", ["two missiles", "mis\u200bsiles", "a\nb", "", "n" * 201])
def test_a_line_that_no_permit_could_name_is_refused(line: str) -> None:
    """All could approve it, and nobody could issue it: so it is said when it is filed."""
    with pytest.raises(RequestError, match="is no id; a permit names it by one word"):
        Story().file(lines={line: {"item": "missile", "quantity": 4}})


def test_a_line_that_asks_for_none_is_refused() -> None:
    """All could approve it, and nothing would be left to issue."""
    with pytest.raises(UnlawfulError, match="line one asks for none"):
        Story().file(lines={"one": {"item": "missile", "quantity": 0}})


@pytest.mark.parametrize("of", ["applicant", "case", "question"])
def test_a_day_of_an_earlier_round_lapses_nothing_in_the_next(of: str) -> None:
    """A new round begins without a day that has passed; one that is set in it lapses it again."""
    story = strike()

    def set_day(due: str) -> None:
        if of == "question":
            story.do("desk", "ask", asks="Which?", due=due)
        else:
            story.do("desk", "set-deadline", of=of, due=due, because="it is time")

    set_day("2025-06-03")
    story.wait(days=3).do("desk", "lapse", because="no answer")
    story.do("desk", "reconsider", because="a good reason")
    with pytest.raises(StageError, match="No deadline"):
        story.do("desk", "lapse", because="no answer")
    story.determine()
    with pytest.raises(StageError, match="No deadline"):
        story.do("desk", "escalate", to="us/state", because="late")
    set_day("2025-06-10")
    story.wait(days=7).do("desk", "lapse", because="no answer")
