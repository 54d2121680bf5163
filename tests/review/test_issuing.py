"""Issuing: what is owed, what the terms come to, what the permit rests on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from review_world import DE_BOOK, RELEASE, US_BOOK, Story, changed, strike, struck, with_book, world

from placet.registry import parse_moment
from placet.review.case import Stage
from placet.review.context import Context
from placet.review.errors import (
    NotAllowedError,
    OwedError,
    RepeatedError,
    StageError,
    StaleError,
    TwoRolesError,
    UnknownError,
    UnlawfulError,
)


def decided(**fields: object) -> Story:
    """Return a story in which a use in Russia has been approved, by a request with other fields."""
    story = Story().file(**fields).determine()
    story.decide("sec", "us/secdef")
    return story


def test_the_terms_of_a_permit() -> None:
    """The terms are the request's, narrowed by the rule's proviso, within the request's time."""
    terms = struck().now.permits["P-1"].terms
    assert (terms.activity, terms.holder, terms.actor) == ("use", "UA", "UA")
    assert (terms.within, terms.area_sets) == (("RU-KRS",), {})
    assert (terms.targets, terms.purposes) == (("military.depot",), ("defence.strike",))
    assert terms.until == parse_moment("2025-09-01")
    assert terms.report_within_days == 5
    assert [(each.item, each.quantity) for each in terms.lines] == [("missile", 4)]


def test_provisos_narrow_and_unite() -> None:
    """Provisos of the decision and of the rules bind together: the least of each limit holds."""
    story = strike()
    provisos = [
        {"at-most": "3", "report-within-days": "2", "text": "three"},
        {"at-most": "2", "not-targets": ["energy"], "outside": ["RU-MOW"], "text": "two"},
        {"each-use": "yes", "purposes": ["defence"], "no-onward-transfer": "yes", "text": "each"},
    ]
    story.decide("sec", "us/secdef", provisos=provisos, until="2025-07-01")
    story.issue()
    terms = story.now.permits["P-1"].terms
    assert terms.lines[0].quantity == 2
    assert (terms.report_within_days, terms.each_use, terms.no_onward_transfer) == (2, True, True)
    assert (terms.not_targets, terms.outside) == (("energy",), ("RU-MOW",))
    assert terms.until == parse_moment("2025-07-01")
    assert len(terms.provisos) == 4


def test_a_proviso_on_one_line_limits_that_line_alone() -> None:
    """A number set for one line leaves the others as asked, and binds no permit without it."""
    story = Story().file(lines=TWO_LINES).determine()
    two = {"at-most": "2", "line": "few", "text": "two of the few"}
    story.decide("sec", "us/secdef", provisos=[two])
    story.issue(lines=["many"])
    terms = story.now.permits["P-1"].terms
    assert [(each.line, each.quantity) for each in terms.lines] == [("many", 9)]
    assert "two of the few" not in [each.text for each in terms.provisos]
    story.issue(permit="P-2", status=8, lines=["few"])
    terms = story.now.permits["P-2"].terms
    assert [(each.line, each.quantity) for each in terms.lines] == [("few", 2)]


def test_a_proviso_is_on_a_line_that_is_decided() -> None:
    """A number that is set for a line of another name is refused when it is signed."""
    story = Story().file(lines=TWO_LINES).determine()
    two = {"at-most": "2", "line": "few", "text": "two of the few"}
    with pytest.raises(UnknownError, match="'two of the few' is on few, no line of it"):
        story.decide("sec", "us/secdef", provisos=[two], lines=["many"])


TWO_LINES = {
    "few": {"item": "missile", "quantity": "4"},
    "many": {"item": "missile", "quantity": "9"},
}


def test_a_set_that_limits_is_spelled_out() -> None:
    """Where a limit is a party's own set, the terms hold the codes it is made of."""
    terms = decided(area="RU")
    terms.issue()
    found = terms.now.permits["P-1"].terms
    assert found.within == ("us/russia",)
    assert "RU-KRS" in found.area_sets["us/russia"]
    assert "RU-MOW" not in found.area_sets["us/russia"]


@pytest.mark.parametrize(
    "proviso",
    [
        {"within": ["UA"]},
        {"outside": ["RU"]},
        {"not-targets": ["military"]},
        {"purposes": ["training"]},
        {"at-most": "0"},
    ],
)
def test_where_nothing_is_left_no_permit_is_issued(proviso: dict[str, object]) -> None:
    """Limits that leave nothing make an approval that no permit can be issued on."""
    story = strike()
    story.decide("sec", "us/secdef", provisos=[{**proviso, "text": "nothing left"}])
    with pytest.raises(UnlawfulError, match="Nothing is left"):
        story.issue()


def test_a_permit_without_an_end_lasts_a_year() -> None:
    """Where nobody set an end the permit lasts 365 days."""
    story = decided(period={"from": "2025-06-01"})
    story.issue()
    terms = story.now.permits["P-1"].terms
    assert terms.until - terms.from_ == timedelta(days=365)


def test_the_window_only_narrows() -> None:
    """Who issues may start later and end earlier, never wider, never in the past."""
    story = decided()
    for fields in ({"until": "2025-10-01"}, {"from_": "2025-05-01"}, {"from_": "2025-09-01"}):
        with pytest.raises(UnlawfulError):
            story.issue(**fields)
    story.issue(from_="2025-06-10", until="2025-06-20")
    terms = story.now.permits["P-1"].terms
    assert (terms.from_, terms.until) == (parse_moment("2025-06-10"), parse_moment("2025-06-20"))


ENDING = US_BOOK.replace("title: Use\n", 'title: Use\n    until: "2025-07-01"\n')
"""The book, with a policy on use that is adopted until July."""


def withdrawn(day: str) -> Context:
    """Return the world, in which the service that a use in Russia relies on ends on a day."""
    return changed(world(), "items", "data", availability=[{"status": "withdrawn", "from": day}])


def cleared_until_july() -> Story:
    """Return a story in which a use is cleared by a standing authorisation that ends in July."""
    return Story(world(books=(ENDING, DE_BOOK))).file(area="UA-63").determine()


def served_until_july() -> Story:
    """Return a story in which a use is approved that relies on a service withdrawn from July."""
    story = Story(withdrawn("2025-07-01")).file().determine()
    story.decide("sec", "us/secdef")
    return story


@pytest.mark.parametrize("begin", [cleared_until_july, served_until_july])
def test_a_permit_lasts_no_longer_than_all_that_it_rests_on(begin: Callable[[], Story]) -> None:
    """Who has the paper alone reads the day on which what it rests on is on record to end."""
    with pytest.raises(UnlawfulError, match="what it rests on ends at 2025-07-01"):
        begin().issue(until="2025-07-02")
    with pytest.raises(UnlawfulError, match="Nothing is left of the time"):
        begin().issue(from_="2025-07-01")
    story = begin()
    story.issue()
    assert story.now.permits["P-1"].terms.until == parse_moment("2025-07-01")


def test_a_broken_glass_lasts_no_longer_than_a_service() -> None:
    """Its hours end where the service that it relies on does, though no review came before."""
    story = Story(withdrawn(NOON)).file().determine()
    given = {"party": "US", "office": "us/secdef", "hours": 12, "permit": "E-1", "status": 1}
    story.do("sec", "break-glass", because="now", determination=story.digest, **given)
    assert story.now.permits["E-1"].terms.until == parse_moment(NOON)


NOON = "2025-06-01T12:00:00Z"


def test_an_amendment_lasts_no_longer_than_what_has_come_to_end_sooner() -> None:
    """That a policy ends was recorded since the permit was issued: its replacement says so."""
    story = Story().file(area="UA-63").determine()
    story.issue()
    story.context = with_book(story.context, ENDING)
    fewer = {"permit": "P-1", "replacement": "P-2", "status": 2, "because": "less"}
    with pytest.raises(UnlawfulError, match="what it rests on ends at 2025-07-01"):
        story.do("lic", "amend", until="2025-08-01", **fewer)
    story.do("lic", "amend", quantities={"one": 2}, **fewer)
    assert story.now.permits["P-2"].terms.until == parse_moment("2025-07-01")


def test_what_a_request_leaves_open_is_owed() -> None:
    """A permit for use needs an area, a target, a purpose and a number that are stated."""
    story = decided(purpose=None, lines={"one": {"item": "missile", "quantity": "unknown"}})
    with pytest.raises(OwedError) as refused:
        story.issue()
    assert len(refused.value.owed) == 2
    assert "purpose" in refused.value.owed[0]
    assert "how many" in refused.value.owed[1]
    assert all("open a new round and ask for it" in each for each in refused.value.owed)


@pytest.mark.parametrize("name", ["area", "target", "purpose"])
@pytest.mark.parametrize("said", [None, "unknown"])
def test_what_a_request_does_not_say_is_never_any(name: str, said: str | None) -> None:
    """Of whatever activity: a permit without the limit would allow any; `none` is an answer."""
    story = Story().file(RELEASE, **{name: said}).determine()
    story.decide("state-1", "us/state")
    story.decide("kurt", "de/council")
    story.decide("lena", "de/council")
    with pytest.raises(OwedError) as refused:
        story.issue()
    assert any(f"does not state its {name}" in each for each in refused.value.owed)
    with pytest.raises(OwedError, match="does not state its recipient"):
        decided(recipient=said).issue()


def test_an_open_question_is_owed() -> None:
    """While a question is open that could still change the answer, no permit is issued."""
    asking = US_BOOK.replace("      ukraine:\n", TRAINING + "      ukraine:\n")
    story = Story(with_book(world(), asking)).file(purpose="unknown").determine()
    story.decide("sec", "us/secdef")
    story.decide("state-1", "us/state")
    with pytest.raises(OwedError, match="Unanswered"):
        story.issue()


TRAINING = """      training:
        when: activity == "use" && purpose == "training"
        then: review us/state
        because: training is for State
"""


def test_everything_owed_is_listed_at_once() -> None:
    """Missing steps, conditions and consents are listed together, each with who could act."""
    story = Story().file(RELEASE, recipient="MD").determine()
    story.do("jay", "advise", office="us/joint-staff", stance="for", says="fine")
    story.wait(days=3)
    story.decide("state-1", "us/state", provided=[{"event": "training-done"}])
    story.decide("kurt", "de/council", provided=[{"consent-of": "GB"}])
    story.decide("lena", "de/council", provided=[{"consent-of": "GB"}])
    with pytest.raises(OwedError) as refused:
        story.issue()
    text = str(refused.value)
    for each in ("notify Congress", "event training-done", "consent of GB"):
        assert each in text
    story.do("desk", "fulfil", need="notify Congress", instrument="a letter")
    story.do("desk", "fulfil", need="event training-done", instrument="a letter")
    story.consent("GB")
    story.issue()
    grounds = {(each.kind, each.party) for each in story.now.permits["P-1"].grounds}
    assert grounds == {
        ("clear", "UA"),
        ("decision", "US"),
        ("decision", "DE"),
        ("external-consent", "GB"),
        ("condition", "US"),
    }


def test_only_what_is_asked_can_be_recorded_as_done() -> None:
    """A step or condition that nobody asks for cannot be recorded as done."""
    with pytest.raises(UnknownError, match="asked is nothing"):
        strike().do("desk", "fulfil", need="notify Congress", instrument="a letter")


def test_an_assurance_that_is_a_condition_must_be_on_file() -> None:
    """An approval against an assurance waits for the assurance, and is not replaced by it."""
    story = strike()
    story.decide("sec", "us/secdef", provided=[{"assurance-from": "UA"}])
    with pytest.raises(OwedError, match="assurance from UA"):
        story.issue()
    story.do(
        "lia",
        "record-assurance",
        party="UA",
        given_by="the ministry",
        says="as asked",
        instrument="a letter",
    )
    story.issue()


def test_who_issues() -> None:
    """A licensing official of a reviewing party issues; who decided may not, nor the applicant."""
    story = decided()
    for who in ("desk", "sec", "olena", "ig"):
        with pytest.raises(NotAllowedError):
            story.issue(by=who)
    with pytest.raises(NotAllowedError, match="us/licences"):
        story.issue(by="dieter")
    context = changed(world(), "officials", "sec-2", name="S", office="us/licences", person="sec")
    story = Story(context).file().determine()
    story.decide("sec", "us/secdef")
    with pytest.raises(TwoRolesError):
        story.issue(by="sec")


def test_a_line_has_one_permit_in_a_round() -> None:
    """A second permit for the same lines is refused, even once the first is over."""
    story = struck()
    for _ in range(2):
        with pytest.raises(RepeatedError, match="new round"):
            story.issue("P-2", status=2)
        story.wait(days=100)
    story.do("desk", "reconsider", because="asked again")
    assert story.now.stage is Stage.SUBMITTED


def test_lines_may_have_permits_of_their_own() -> None:
    """Lines that differ may have permits of their own; ids and places on the list are unique."""
    story = Story().file(RELEASE).determine()
    story.decide("state-1", "us/state")
    story.decide("kurt", "de/council")
    story.decide("lena", "de/council")
    with pytest.raises(UnknownError):
        story.issue(lines=["z"])
    story.issue(lines=["a"])
    for fields in ({"permit": "P-1", "status": 2}, {"permit": "P-2", "status": 1}):
        with pytest.raises(RepeatedError):
            story.issue(**fields)
    story.issue("P-2", status=2)
    assert [each.line for each in story.now.permits["P-2"].terms.lines] == ["b"]
    parties = {each.party for each in story.now.permits["P-1"].grounds}
    assert parties == {"UA", "US"}


def test_a_permit_is_stale_when_the_answer_has_changed() -> None:
    """Issue compares anew: a rule that changed since the decision stops it, and is named."""
    story = decided()
    story.context = with_book(
        story.context,
        US_BOOK.replace("then: review us/secdef\n        reserved: yes", "then: review us/state"),
    )
    with pytest.raises(StaleError, match="who decides"):
        story.issue()


def test_a_withdrawn_service_blocks() -> None:
    """A service that the use relies on and that is withdrawn stands in the way."""
    story = decided()
    gone = {"availability": [{"status": "withdrawn", "from": "2025-06-01T09:00:00Z"}]}
    story.context = changed(story.context, "items", "data", **gone)
    story.wait(hours=2).determine()
    assert story.now.stage is Stage.UNDER_REVIEW
    story.decide("sec", "us/secdef")
    with pytest.raises(OwedError, match="Targeting data is withdrawn"):
        story.issue()


def test_an_unissued_case_has_no_permit() -> None:
    """Nothing is issued before everything is decided, nor after a refusal."""
    story = strike()
    with pytest.raises(StageError):
        story.issue()
    story.decide("sec", "us/secdef", "refuse")
    with pytest.raises(StageError):
        story.issue()
