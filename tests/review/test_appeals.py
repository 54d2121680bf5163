"""Appeals: who may make one, when it lies, who answers it, and that nothing else answers it."""

from __future__ import annotations

from typing import Any

import pytest
from permit_stories import act
from review_world import RELEASE, Story, strike, struck

from placet.review.appeals import lying_appeal, owing_answer
from placet.review.case import Dismissal, Role, Stage
from placet.review.errors import (
    NoAuthorityError,
    NotAllowedError,
    RepeatedError,
    ReviewError,
    StageError,
    TwoRolesError,
    UnknownError,
    UnlawfulError,
)
from placet.review.validity import PermitStatus, validity

WHY = {"because": "as the file has it", "disclosed": "one is what there is"}
AS_SECRETARY = {"party": "US", "office": "us/secdef", **WHY}
AS_COUNCIL = {"party": "DE", "office": "de/council", **WHY}
ONE = [{"at-most": 1, "text": "one at most"}]


def limited() -> Story:
    """Return a story in which a limit of the secretary's is appealed, while the permit stands."""
    story = strike()
    story.decide("sec", "us/secdef", provisos=ONE)
    story.issue()
    story.do("olena", "appeal", because="one is too few")
    return story


def released_with_limits() -> Story:
    """Return a story in which limits of State and of the German council are appealed at once."""
    story = Story().file(RELEASE).determine()
    story.decide("state-1", "us/state", provisos=ONE)
    for who in ("kurt", "lena"):
        story.decide(who, "de/council", provisos=ONE)
    story.do("olena", "appeal", because="one is too few")
    return story


def test_an_appeal_needs_something_to_appeal() -> None:
    """A decision without provisos or refusals cannot be appealed; one with a proviso can."""
    story = Story().file(area="UA-43").determine()
    with pytest.raises(UnlawfulError, match="Nothing was refused"):
        story.do("olena", "appeal", because="just so")
    struck().do("olena", "appeal", because="the report is a burden")


def test_an_appeal_is_not_made_again_while_one_lies() -> None:
    """It is refused until a new round is opened, or the request reads otherwise and is put anew."""
    story = strike()
    story.do("desk", "return", because="incomplete", disclosed="say more")
    story.do("olena", "appeal", because="it is complete")
    with pytest.raises(RepeatedError, match="An appeal lies already"):
        story.do("olena", "appeal", because="it is complete")
    story.do("desk", "reconsider", because="so it is")
    story.do("desk", "determine")
    story.do("desk", "return", because="incomplete", disclosed="say more")
    story.do("olena", "appeal", because="it still is")
    assert [each.reconsidered_at is None for each in story.now.appeals] == [False, True]


def test_an_appeal_lies_no_more_once_the_request_reads_otherwise() -> None:
    """What it was against fell with the request as it was."""
    story = strike()
    story.do("desk", "ask", asks="Where?")
    story.decide("sec", "us/secdef", provisos=[{"text": "less"}])
    story.do("olena", "appeal", because="it is too little")
    assert lying_appeal(story.now) == 0
    other = {**story.now.request, "area": "UA-43"}
    story.do("olena", "supply", question=0, says="there", request=other)
    assert lying_appeal(story.now) is None


def test_an_appeal_is_dismissed_by_whose_word_it_is_against_while_the_permit_stands() -> None:
    """The holder of that office answers, whoever decided in it; all that was decided stands."""
    story = limited()
    before = story.now
    story.do("acting", "dismiss-appeal", **AS_SECRETARY)
    assert lying_appeal(story.now) is None
    told = Dismissal(party="US", at=story.at, disclosed="one is what there is")
    assert story.now.appeals[0].dismissals == (told,)
    assert story.now.roles["acting"] is Role.DECIDER
    for name in ("stage", "round", "determined", "decisions", "permits", "deadlines", "ended"):
        assert getattr(story.now, name) == getattr(before, name)
    permit = story.now.permits["P-1"]
    assert validity(permit, story.now, story.context, story.at).status is PermitStatus.IN_FORCE


@pytest.mark.parametrize(
    ("who", "fields", "error"),
    [
        ("desk", AS_SECRETARY, NoAuthorityError),
        ("lic", AS_SECRETARY, NoAuthorityError),
        ("state-1", AS_SECRETARY, NoAuthorityError),
        ("dep", AS_SECRETARY, NoAuthorityError),
        ("kurt", AS_SECRETARY, NoAuthorityError),
        ("olena", AS_SECRETARY, NoAuthorityError),
        ("mallory", AS_SECRETARY, NotAllowedError),
        ("state-1", {**AS_SECRETARY, "office": "us/state"}, UnknownError),
        ("kurt", AS_COUNCIL, UnknownError),
        ("sec", {**AS_SECRETARY, "party": "DE"}, ReviewError),
        ("lia", {"party": "GB", **WHY}, UnknownError),
        ("lia", {"party": "US", **WHY}, UnlawfulError),
        ("sec", {"office": "us/secdef", **WHY}, UnknownError),
        ("desk", WHY, NotAllowedError),
        ("olena", WHY, NotAllowedError),
    ],
)
def test_nobody_else_dismisses_an_appeal(
    who: str, fields: dict[str, Any], error: type[Exception]
) -> None:
    """No other office, no deputy, no other party, no liaison, no desk; it goes on lying."""
    story = limited()
    with pytest.raises(error):
        story.do(who, "dismiss-appeal", **fields)
    assert lying_appeal(story.now) == 0


def test_who_could_answer_is_said() -> None:
    """A desk that would answer for those who decided is told which office does."""
    with pytest.raises(NotAllowedError, match="who decided answers it") as caught:
        limited().do("desk", "dismiss-appeal", **WHY)
    assert caught.value.who_could == ("us/secdef",)


def test_one_who_advised_or_stepped_aside_answers_no_appeal() -> None:
    """Who holds the office as well answers in no second role (rule 3), nor after a recusal."""
    story = strike()
    story.do("hatter", "advise", office="us/joint-staff", stance="for", says="s")
    story.decide("sec", "us/secdef", provisos=ONE)
    story.do("olena", "appeal", because="one is too few")
    story.do("acting", "recuse", because="a cousin")
    for who in ("hatter", "acting"):
        with pytest.raises(TwoRolesError):
            story.do(who, "dismiss-appeal", **AS_SECRETARY)
    story.do("sec", "dismiss-appeal", **AS_SECRETARY)


def test_an_appeal_is_dismissed_once() -> None:
    """There is nothing to dismiss before one lies, nor after; another may be made and answered."""
    story = strike()
    story.decide("sec", "us/secdef", provisos=ONE)
    with pytest.raises(UnknownError, match="No appeal lies"):
        story.do("sec", "dismiss-appeal", **AS_SECRETARY)
    for number in range(2):
        story.do("olena", "appeal", because="one is too few")
        assert lying_appeal(story.now) == number
        story.do("sec", "dismiss-appeal", **AS_SECRETARY)
        with pytest.raises(UnknownError, match="No appeal lies"):
            story.do("acting", "dismiss-appeal", **AS_SECRETARY)
    assert [len(each.dismissals) for each in story.now.appeals] == [1, 1]


def test_each_party_answers_for_its_own_word() -> None:
    """An appeal lies until each party whose word it is against has answered, by one person."""
    story = released_with_limits()
    offices = {"US": frozenset({"us/state"}), "DE": frozenset({"de/council"})}
    assert owing_answer(story.now) == offices
    story.do("state-2", "dismiss-appeal", **{**AS_SECRETARY, "office": "us/state"})
    assert owing_answer(story.now) == {"DE": frozenset({"de/council"})}
    with pytest.raises(RepeatedError, match="US has dismissed"):
        story.do("state-1", "dismiss-appeal", **{**AS_SECRETARY, "office": "us/state"})
    with pytest.raises(RepeatedError):
        story.do("olena", "appeal", because="again")
    story.do("max", "dismiss-appeal", **AS_COUNCIL)
    assert (lying_appeal(story.now), owing_answer(story.now)) == (None, {})


def test_a_word_said_after_an_appeal_is_not_what_it_is_against() -> None:
    """The German council, which spoke later, owes no answer, and can be appealed by itself."""
    story = Story().file(RELEASE).determine()
    story.decide("state-1", "us/state", provisos=ONE)
    story.do("olena", "appeal", because="one is too few")
    story.wait(days=1)
    for who in ("kurt", "lena"):
        story.decide(who, "de/council", provisos=ONE)
    assert owing_answer(story.now).keys() == {"US"}
    with pytest.raises(UnknownError, match="no word of DE"):
        story.do("kurt", "dismiss-appeal", **AS_COUNCIL)
    story.do("state-1", "dismiss-appeal", **{**AS_SECRETARY, "office": "us/state"})
    assert lying_appeal(story.now) is None
    story.do("olena", "appeal", because="and this one too")
    assert owing_answer(story.now).keys() == {"US", "DE"}


def test_an_appeal_of_a_word_given_elsewhere_is_answered_as_it_was_recorded() -> None:
    """By a liaison official of another party, and not by those who decided here."""
    lines = {"a": {"item": "missile"}, "c": {"item": "booster"}}
    story = Story().file(RELEASE, lines=lines).determine()
    assert "GB" in story.now.determined.needs
    story.consent("GB", provisos=ONE)
    story.do("olena", "appeal", because="one is too few")
    assert owing_answer(story.now) == {"GB": frozenset({None})}
    for who in ("desk", "olena", "dieter"):
        with pytest.raises(ReviewError):
            story.do(who, "dismiss-appeal", **{**WHY, "party": "GB", "office": "gb/defence"})
    with pytest.raises(NotAllowedError):
        story.do("desk", "dismiss-appeal", party="GB", **WHY)
    story.do("lia", "dismiss-appeal", party="GB", **WHY)
    assert lying_appeal(story.now) is None


def test_an_assurance_is_no_word_that_could_be_appealed_or_answered() -> None:
    """Nothing was decided by it."""
    story = strike()
    given = {"given_by": "a minister", "says": "we shall", "instrument": "a note"}
    story.do("lia", "record-assurance", party="GB", **given)
    with pytest.raises(UnlawfulError, match="Nothing was refused"):
        story.do("olena", "appeal", because="just so")
    story.decide("sec", "us/secdef", provisos=ONE)
    story.do("olena", "appeal", because="one is too few")
    with pytest.raises(UnknownError, match="no word of GB"):
        story.do("lia", "dismiss-appeal", party="GB", **WHY)


def test_a_limit_of_the_rules_is_answered_by_the_desk() -> None:
    """Nobody decided it, and no decision could lift it: who leads the case answers."""
    story = struck()
    story.do("olena", "appeal", because="the report is a burden")
    assert owing_answer(story.now) == {}
    for who in ("lic", "yurii", "jay", "ig", "olena"):
        with pytest.raises(NotAllowedError):
            story.do(who, "dismiss-appeal", **WHY)
    with pytest.raises(UnknownError, match="no word of US"):
        story.do("sec", "dismiss-appeal", **AS_SECRETARY)
    event = story.do("desk", "dismiss-appeal", **WHY)
    assert (event.found["for"], lying_appeal(story.now)) == ("US", None)
    assert story.now.appeals[0].dismissals[0].party is None


def test_what_was_permitted_in_an_emergency_is_answered_by_the_desk() -> None:
    """Breaking the glass is no word on the request; its limits are those of the rules."""
    story = strike()
    glass = {"party": "US", "office": "us/secdef", "hours": 2, "determination": story.digest}
    story.do("acting", "break-glass", permit="P-E", status=7, because="an attack", **glass)
    story.do("olena", "appeal", because="more hours")
    with pytest.raises(UnknownError, match="no word of US"):
        story.do("acting", "dismiss-appeal", **AS_SECRETARY)
    story.do("desk", "dismiss-appeal", **WHY)
    assert (lying_appeal(story.now), story.now.stage) == (None, Stage.UNDER_REVIEW)
    assert story.now.permits["P-E"].after_review is None


def test_a_return_by_the_desk_is_answered_by_the_desk() -> None:
    """It was no decision on the merits; the case stays returned."""
    story = strike()
    story.do("desk", "return", because="incomplete", disclosed="say more")
    story.do("olena", "appeal", because="it is complete")
    story.do("desk-2", "dismiss-appeal", **WHY)
    assert (lying_appeal(story.now), story.now.stage) == (None, Stage.RETURNED)
    story.do("desk", "reconsider", because="of our own motion")
    assert story.now.round == 2


def test_a_refusal_is_answered_by_who_refused() -> None:
    """Dismissed, it stays refused; and another appeal can still be followed by a new round."""
    story = strike()
    story.decide("sec", "us/secdef", "refuse")
    story.do("olena", "appeal", because="the facts are others")
    story.do("sec", "dismiss-appeal", **AS_SECRETARY)
    assert (lying_appeal(story.now), story.now.stage) == (None, Stage.REFUSED)
    story.do("olena", "appeal", because="here they are")
    story.do("desk", "reconsider", because="so they are")
    assert [bool(each.reconsidered_at) for each in story.now.appeals] == [True, True]


def test_an_appeal_is_followed_once_the_permit_is_ended() -> None:
    """Who decided revokes it, a new round is opened, and what is decided then is permitted."""
    story = limited()
    with pytest.raises(StageError, match="A permit stands"):
        story.do("desk", "reconsider", because="they are right")
    story.do("sec", "revoke", permit="P-1", because="to permit more")
    story.do("desk", "reconsider", because="they are right")
    assert lying_appeal(story.now) is None
    story.do("desk", "determine")
    story.decide("sec", "us/secdef")
    story.issue("P-2", status=2)
    assert story.now.permits["P-2"].terms.lines[0].quantity == 4


def test_an_appeal_ends_with_the_case() -> None:
    """On a case that was withdrawn or closed none is answered."""
    story = strike()
    story.decide("sec", "us/secdef", provisos=ONE)
    story.do("olena", "appeal", because="one is too few")
    story.do("olena", "withdraw", because="not needed")
    with pytest.raises(StageError, match="withdrawn"):
        story.do("sec", "dismiss-appeal", **AS_SECRETARY)
    closed = limited()
    closed.do("olena", "surrender", permit="P-1", because="not needed")
    closed.do("desk", "close", because="done")
    with pytest.raises(StageError, match="closed"):
        closed.do("sec", "dismiss-appeal", **AS_SECRETARY)


def test_a_word_taken_back_owes_no_answer() -> None:
    """What it was against is gone: what is left to say is for the desk."""
    story = limited()
    story.do("sec", "withdraw-consent", party="US", office="us/secdef", **WHY)
    assert (lying_appeal(story.now), owing_answer(story.now)) == (0, {})
    with pytest.raises(UnknownError):
        story.do("sec", "dismiss-appeal", **AS_SECRETARY)
    story.do("desk", "dismiss-appeal", **WHY)
    assert lying_appeal(story.now) is None


def test_an_office_that_is_no_longer_held_answers_nothing() -> None:
    """Who left the office since is refused, and the successor answers."""
    story = limited()
    _, story.context = act(
        story.context, "rules", "dismiss", story.at, official="sec", until=story.at
    )
    with pytest.raises(NotAllowedError):
        story.do("sec", "dismiss-appeal", **AS_SECRETARY)
    story.do("acting", "dismiss-appeal", **AS_SECRETARY)
