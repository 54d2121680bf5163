"""What a permit allows is what was permitted: neither request nor amendment ever widens it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from permit_stories import begun, happens, permit, report, status
from review_world import US_BOOK, USE, Story, asked, with_book, world

from building import examples
from placet.registry import beneath
from placet.review.case import Terms
from placet.review.errors import OwedError, UnlawfulError
from placet.review.validity import PermitStatus, validity

SAID = {"because": "no more", "disclosed": "no more"}
TWO = {"one": {"item": "missile", "quantity": "4"}, "two": {"item": "shell", "quantity": "5"}}
DATA = {"name": "Targeting data", "origin": "US", "kind": "service"}
GONE = {**DATA, "availability": [{"status": "withdrawn", "from": "2025-06-01"}]}
WIDER = {"area": "RU-ROS", "target": "military", "purpose": "training"}


def asked_again() -> Story:
    """Return a story in which a permit is in force, and the desk asks: Germany took its yes back.

    The permit is for the one line that Germany is not asked about.
    """
    story = Story().file(USE, lines=TWO).determine()
    for who in ("kurt", "lena"):
        story.decide(who, "de/council")
    story.decide("sec", "us/secdef")
    story.issue(lines=["one"])
    story.do("max", "withdraw-consent", party="DE", office="de/council", **SAID)
    story.do("desk", "ask", asks="Where?")
    return story


def answer(story: Story, **fields: Any) -> None:
    """Answer the question with the request, in which some fields are others."""
    request = asked(USE, **{"lines": TWO, **fields})
    story.do("olena", "supply", question=0, says="there", request=request)


@pytest.mark.parametrize("ended", [False, True])
@pytest.mark.parametrize("fields", [WIDER, {"area": "UA-30"}, {"lines": {"one": TWO["one"]}}])
def test_a_request_that_a_permit_was_issued_on_is_not_changed(
    fields: dict[str, Any], ended: bool
) -> None:
    """The permit rests on what was asked, and so is judged what was done under it, also later."""
    story = asked_again()
    if ended:
        story.do("olena", "surrender", permit="P-1", because="enough")
    before = story.now
    with pytest.raises(UnlawfulError, match="P-1"):
        answer(story, **fields)
    assert story.now == before


def test_a_question_is_answered_while_a_permit_stands() -> None:
    """With the same request: what is said about it is new, and the permit stays what it was."""
    story = asked_again()
    standing = permit(story)
    answer(story)
    assert story.now.questions[0].says == "there"
    assert permit(story) == standing


def test_nothing_that_the_applicant_answers_holds_up_a_permit_whose_service_is_gone() -> None:
    """The service was relied on where use was permitted; another place in the request is none."""
    story = asked_again()
    happens(
        story, "rules", "record-fact", section="items", id="data", record=GONE, supersedes="yes"
    )
    with pytest.raises(UnlawfulError):
        answer(story, area="UA-30")
    answer(story)
    assert status(story) is PermitStatus.SUSPENDED
    with pytest.raises(OwedError, match="data is withdrawn"):
        story.do("lic", "lift", permit="P-1", because="please")


# --- amendments


def is_within(new: Terms, old: Terms) -> bool:
    """Say whether terms allow nothing that others do not, limit by limit."""
    lines = {each.line: each for each in old.lines}
    return (
        (new.activity, new.holder, new.actor) == (old.activity, old.holder, old.actor)
        and old.from_ <= new.from_ < new.until <= old.until
        and set(new.recipients) <= set(old.recipients)
        and all(any(beneath(a, b) for b in old.targets) for a in new.targets)
        and all(any(beneath(a, b) for b in old.purposes) for a in new.purposes)
        and all(any(a.startswith(b) for b in old.within) for a in new.within)
        and bool(new.targets and new.purposes and new.within and new.recipients)
        and set(old.outside) <= set(new.outside)
        and set(old.not_targets) <= set(new.not_targets)
        and set(old.provisos) <= set(new.provisos)
        and new.each_use >= old.each_use
        and new.no_onward_transfer >= old.no_onward_transfer
        and (new.report_within_days or 99) <= (old.report_within_days or 99)
        and all((each.quantity or 99) <= (lines[each.line].quantity or 99) for each in new.lines)
    )


PROVISOS: dict[str, list[Any]] = {
    "within": [["RU"], ["RU-KRS"], ["RU-ROS"], ["RU", "PL"], ["us/russia"], ["PL"]],
    "outside": [["RU-MOW"], ["RU"], ["PL"]],
    "recipients": [["none"], ["GE"], ["none", "GE"]],
    "purposes": [["defence"], ["training"], ["defence.strike", "training"]],
    "not-targets": [["energy"], ["military"], ["military.depot"]],
    "at-most": [1, 3, 9],
    "each-use": ["yes"],
    "no-onward-transfer": ["yes"],
    "report-within-days": [1, 30],
}


@given(
    first=st.fixed_dictionaries({}, optional={k: st.sampled_from(v) for k, v in PROVISOS.items()}),
    then=st.fixed_dictionaries({}, optional={k: st.sampled_from(v) for k, v in PROVISOS.items()}),
    until=st.none() | st.sampled_from(["2025-06-10", "2025-09-01", "2025-10-01"]),
)
@examples(60)
def test_an_amendment_of_whatever_kind_is_within_the_permit(
    first: dict[str, Any], then: dict[str, Any], until: str | None
) -> None:
    """Two amendments, one upon the other: each is refused, or every limit lies within the last."""
    story = begun()
    name = "P-1"
    for number, fields in enumerate((first, then), 2):
        provisos = [{**fields, "text": "less"}] if fields else []
        given_: dict[str, Any] = {"until": until} if until and number == 3 else {}
        given_ |= {"permit": name, "replacement": f"P-{number}", "status": number}
        try:
            story.do("lic", "amend", because="less", provisos=provisos, **given_)
        except UnlawfulError:
            assert f"P-{number}" not in story.now.permits
            continue
        assert is_within(permit(story, f"P-{number}").terms, permit(story, name).terms)
        name = f"P-{number}"


def test_a_set_of_areas_that_has_changed_since_narrows_no_permit() -> None:
    """A permit keeps what a set was; another meaning of the same word is spelled out instead."""
    story = Story().file(USE, area="RU").determine()
    story.decide("sec", "us/secdef")
    story.issue()
    was = permit(story).terms.area_sets
    other = {"party": "US", "includes": ["RU"], "excludes": ["RU-MOW", "RU-KRS"]}
    happens(
        story,
        "rules",
        "record-fact",
        section="areas",
        id="us/russia",
        record=other,
        supersedes="yes",
    )
    less = {"permit": "P-1", "replacement": "P-2", "status": 2, "because": "less"}
    proviso = {"within": ["us/russia"], "text": "in what is Russia now"}
    with pytest.raises(UnlawfulError, match="other areas now"):
        story.do("lic", "amend", **less, provisos=[proviso])
    story.do("lic", "amend", **less, quantities={"one": 2})
    assert permit(story, "P-2").terms.area_sets == was
    assert report(story, area="RU-KRS", permit="P-2") == ()


def amended(**fields: Any) -> Story:
    """Return a story in which a permit of four is amended after a day, and a day goes by."""
    story = begun()
    given = {"permit": "P-1", "replacement": "P-2", "status": 2, "because": "less", **fields}
    story.do("lic", "amend", **given)
    return story.wait(days=1)


def test_what_was_used_under_an_amendment_is_used_of_the_permit_before_it() -> None:
    """Four, of which two came to be used later, are not four again for who reports late."""
    story = amended(quantities={"one": 2})
    assert report(story, permit="P-2", name="R-1", quantity=2) == ()
    late = {"permit": "P-1", "on": "2025-06-01T12:00:00Z"}
    says = ("On the line one 4 used, 2 left: 2 too many.",)
    assert report(story, name="R-2", quantity=4, **late) == says
    assert validity(permit(story), story.now, story.context, story.at).remaining == {"one": 0}


def test_a_late_report_that_an_amendment_has_no_room_for_raises_a_doubt() -> None:
    """It may have been allowed when it was, and then another was not: somebody finds which."""
    story = amended(quantities={"one": 2})
    late = {"permit": "P-1", "on": "2025-06-01T12:00:00Z"}
    assert report(story, name="R-1", quantity=1, **late) == ()
    assert report(story, permit="P-2", name="R-2", quantity=1) == ()
    assert report(story, name="R-3", quantity=1, **late) == ()
    assert [each.open for each in story.now.reports] == [False, False, True]
    (says,) = story.now.reports[-1].doubts
    assert says == (
        "P-2, which took its place, has 0 of one left, and this was 1: ask which was used first."
    )


def test_what_was_used_before_an_amendment_and_reported_after_it_is_no_breach() -> None:
    """Nothing was used under the amendment: it is used up, and nobody went beyond anything."""
    story = amended(quantities={"one": 2})
    assert report(story, quantity=3, on="2025-06-01T12:00:00Z") == ()
    assert not story.now.reports[0].open
    assert status(story, "P-2") is PermitStatus.EXHAUSTED


def test_a_permit_for_one_use_is_for_one_over_all_its_amendments() -> None:
    """One use under the permit that took its place is the one use of both."""
    context = with_book(world(), US_BOOK.replace("text: not in Moscow", "each-use: yes, text: one"))
    story = Story(context).file().determine()
    story.decide("sec", "us/secdef")
    story.issue()
    story.wait(days=1)
    given = {"permit": "P-1", "replacement": "P-2", "status": 2, "because": "less"}
    story.do("lic", "amend", quantities={"one": 3}, **given)
    assert report(story, permit="P-2", name="R-1") == ()
    late = report(story, name="R-2", on="2025-06-01T12:00:00Z")
    assert late == ("The permit is for one use, and one has been reported.",)
