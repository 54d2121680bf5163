"""Rules 6, 7, 8 and 10 of DESIGN §3, each with tests that try to break it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from permit_stories import asked_for, begun, happens, permit, report, standing, status
from review_world import DE_BOOK, RELEASE, US_BOOK, Story, changed, with_book, world

from building import examples
from placet.need_to_know.offers import offers
from placet.need_to_know.permit_view import view_permit
from placet.need_to_know.view import sight, view
from placet.registry import parse_moment
from placet.review.case import PermitStage
from placet.review.errors import (
    NotAllowedError,
    OwedError,
    RepeatedError,
    ReviewError,
    StageError,
    UnknownError,
)
from placet.review.validity import PermitStatus
from placet.review.viewer import viewer

# --- rule 6: nothing is deleted or edited


ACTS: list[tuple[str, str, dict[str, Any]]] = [
    ("olena", "report-use", {"line": "one", "quantity": 3, "on": "2025-06-01", "area": "RU-KRS"}),
    ("desk", "report-use", {"line": "two", "quantity": 1, "on": "2025-06-02", "area": "UA"}),
    ("lic", "suspend", {"permit": "P-1", "because": "a doubt"}),
    ("lic", "lift", {"permit": "P-1", "because": "cleared up"}),
    ("lic", "check-end-use", {"permit": "P-1", "result": "concern", "says": "a doubt"}),
    (
        "lic",
        "amend",
        {
            "permit": "P-1",
            "replacement": "P-2",
            "status": 2,
            "until": "2025-08-01",
            "because": "less",
        },
    ),
    ("lic", "revoke", {"permit": "P-1", "because": "enough"}),
    ("olena", "surrender", {"permit": "P-1", "because": "enough"}),
    ("lic", "resolve-violation", {"report": "R-1", "finding": "excused", "because": "so it is"}),
]


@given(chosen=st.lists(st.sampled_from(ACTS), max_size=8))
@examples(30)
def test_whatever_is_done_all_that_was_on_file_stays_there(
    chosen: list[tuple[str, str, dict[str, Any]]],
) -> None:
    """Permits, grounds, suspensions, reports, checks and moves only ever grow."""
    story = begun()
    for index, (by, kind, fields) in enumerate(chosen):
        before = story.now
        given_ = {**fields}
        if kind == "report-use":
            given_ |= {"permit": "P-1", "report": f"R-{index}"}
        try:
            story.do(by, kind, **given_)
        except ReviewError:
            assert story.now == before
            continue
        now = story.now
        assert now.version == before.version + 1 == len(now.moves)
        assert now.moves[:-1] == before.moves
        assert len(now.reports) >= len(before.reports)
        for old, new in zip(before.reports, now.reports, strict=False):
            assert old.model_copy(update={"finding": None, "found_because": None}) == (
                new.model_copy(update={"finding": None, "found_because": None})
            )
        for name, held in before.permits.items():
            assert now.permits[name].terms == held.terms
            assert now.permits[name].grounds == held.grounds
            assert len(now.permits[name].suspensions) >= len(held.suspensions)


def test_a_correction_of_a_fact_supersedes_it_and_the_log_keeps_both() -> None:
    """Nothing takes the place of a record unless the act says that it does."""
    story = begun()
    fact = {"section": "targets", "id": "energy", "record": {"means": "Power stations"}}
    with pytest.raises(RepeatedError):
        happens(story, "rules", "record-fact", **fact)
    before = story.context
    happens(story, "rules", "record-fact", **fact, supersedes="yes")
    assert before.registry.record.targets["energy"] == "Energy"
    assert story.context.registry.record.targets["energy"] == "Power stations"


# --- rule 7: a use outside the permit is always recorded, and marked


@given(
    line=st.sampled_from(["one", "two"]),
    quantity=st.integers(1, 10**6),
    area=st.sampled_from(["RU-KRS", "RU", "RU-MOW", "UA", "none", "nowhere"]),
    target=st.sampled_from(["military.depot", "military", "energy", "none", "x"]),
    purpose=st.sampled_from(["defence.strike", "defence", "training", "none", "x"]),
    recipient=st.sampled_from(["none", "GE"]),
    days=st.integers(0, 2),
    state=st.sampled_from(["none", "suspend", "revoke", "surrender"]),
)
@examples(80)
def test_every_use_is_recorded_and_every_one_beyond_the_permit_is_marked(
    state: str, days: int, **fields: Any
) -> None:
    """An oracle that knows only the one use that is allowed agrees on which are marked."""
    story = begun()
    if state != "none":
        by = "olena" if state == "surrender" else "lic"
        story.do(by, state, permit="P-1", because="so it is")
        story.wait(minutes=1)
    on = story.at - timedelta(days=days)
    allowed = {
        "line": "one",
        "area": "RU-KRS",
        "target": "military.depot",
        "purpose": "defence.strike",
        "recipient": "none",
    }
    within = (
        all(fields[name] == each for name, each in allowed.items())
        and fields["quantity"] <= 4
        and on >= permit(story).terms.from_
        and (state == "none" or days > 0)
    )
    beyond = report(story, on=on.isoformat().replace("+00:00", "Z"), **fields)
    assert len(story.now.reports) == 1
    assert (beyond == ()) is within


def test_a_violation_stays_open_until_another_person_has_found_what_it_was() -> None:
    """The case cannot be closed over it, and the reporter does not clear it."""
    story = begun()
    report(story, by="desk", quantity=9)
    story.do("lic", "revoke", permit="P-1", because="too many")
    with pytest.raises(OwedError, match="R-1"):
        story.do("desk", "close", because="done")
    with pytest.raises(NotAllowedError):
        story.do("desk", "resolve-violation", report="R-1", finding="excused", because="mine")
    story.do("lic", "resolve-violation", report="R-1", finding="sanctioned", because="too many")
    story.do("desk", "close", because="done")


# --- rule 8: what a permit rests on is withdrawn


_SAID = {"because": "no more", "disclosed": "no more"}


def test_a_withdrawn_consent_suspends_in_the_same_act_and_cannot_be_lifted_away() -> None:
    """The act lists the permit; licensing cannot lift what rests on nothing."""
    story = begun()
    event = story.do("sec", "withdraw-consent", party="US", office="us/secdef", **_SAID)
    assert [each["permit"] for each in event.found["suspends"]] == ["P-1"]
    assert status(story) is PermitStatus.SUSPENDED
    with pytest.raises(OwedError) as found:
        story.do("lic", "lift", permit="P-1", because="please")
    assert "US" in found.value.owed[0]
    assert report(story.wait(minutes=1)) != ()


def test_a_carve_out_is_written_and_names_its_permits() -> None:
    """Spared in writing, the permit stays in force, though the consent is gone."""
    story = begun()
    gone = {"party": "US", "office": "us/secdef", **_SAID}
    for fields in ({"except_permits": ["P-1"]}, {"carve_out": "so"}):
        with pytest.raises(ReviewError):
            story.do("sec", "withdraw-consent", **gone, **fields)
    with pytest.raises(UnknownError):
        story.do("sec", "withdraw-consent", **gone, except_permits=["P-9"], carve_out="so")
    story.do("sec", "withdraw-consent", **gone, except_permits=["P-1"], carve_out="under way")
    assert status(story) is PermitStatus.IN_FORCE
    assert permit(story).spared[0].says == "under way"


def test_a_service_that_comes_back_lets_the_suspension_be_lifted_by_a_person() -> None:
    """A ground that holds again lifts nothing by itself."""
    story = begun()
    gone = {"name": "Targeting data", "origin": "US", "kind": "service"}
    fact = {"section": "items", "id": "data", "supersedes": "yes"}
    availability = [{"status": "withdrawn", "from": "2025-06-02"}]
    happens(story, "rules", "record-fact", **fact, record={**gone, "availability": availability})
    assert permit(story).stage is PermitStage.SUSPENDED
    with pytest.raises(OwedError):
        story.do("lic", "lift", permit="P-1", because="please")
    happens(story, "rules", "record-fact", **fact, record=gone)
    assert status(story) is PermitStatus.SUSPENDED
    story.do("lic", "lift", permit="P-1", because="the data is back")
    assert status(story) is PermitStatus.IN_FORCE


def released() -> Story:
    """Return a story in which a permit rests on what the United States and Germany decided."""
    story = Story().file(RELEASE).determine()
    for actor, office in (("state-1", "us/state"), ("kurt", "de/council"), ("lena", "de/council")):
        story.decide(actor, office)
    story.issue()
    return story


def test_an_order_is_taken_back_by_the_party_that_gave_it() -> None:
    """Licensing of another party lifts nothing that was ordered here."""
    story = begun()
    story.do("lic", "suspend", permit="P-1", because="a doubt")
    with pytest.raises(NotAllowedError):
        story.do("dieter", "lift", permit="P-1", because="we do not doubt")


def test_each_party_takes_back_its_own_order_and_the_last_brings_the_permit_back() -> None:
    """Of two that suspended a permit neither waits for the other to lift, nor lifts the other's."""
    story = released()
    for actor in ("lic", "dieter"):
        story.do(actor, "suspend", permit="P-1", because="a doubt")
    story.do("lic", "lift", permit="P-1", because="cleared up")
    assert status(story) is PermitStatus.SUSPENDED
    with pytest.raises(NotAllowedError, match="Nothing that suspends P-1 was ordered") as refused:
        story.do("lic", "lift", permit="P-1", because="and theirs")
    assert "DE" not in str(refused.value).partition("\n")[0]
    story.do("dieter", "lift", permit="P-1", because="cleared up")
    assert status(story) is PermitStatus.IN_FORCE


def test_what_an_act_ended_and_what_was_ordered_are_lifted_apart() -> None:
    """Who lifts for one party that a consent holds again leaves another's order as it is."""
    story = released()
    given = {"party": "DE", "office": "de/council", "because": "b", "disclosed": "d"}
    story.do("dieter", "suspend", permit="P-1", because="a doubt")
    story.do("kurt", "withdraw-consent", **given)
    with pytest.raises(OwedError):
        story.do("lic", "lift", permit="P-1", because="please")
    for actor in ("kurt", "lena"):
        story.decide(actor, "de/council")
    story.do("lic", "lift", permit="P-1", because="Germany has said it again")
    assert status(story) is PermitStatus.SUSPENDED
    story.do("dieter", "lift", permit="P-1", because="cleared up")
    assert status(story) is PermitStatus.IN_FORCE


# --- rule 10: breaking the glass


def _break(hours: int = 12) -> Any:
    return _break_in(asked_for(), hours)


def _break_in(story: Story, hours: int = 12) -> Story:
    story.do(
        "sec",
        "break-glass",
        party="US",
        office="us/secdef",
        hours=hours,
        permit="E-1",
        status=9,
        because="an attack under way",
        determination=story.digest,
    )
    return story


@given(hours=st.integers(1, 40), later=st.integers(0, 60))
@examples(30)
def test_an_emergency_permit_never_outlasts_what_the_book_allows(hours: int, later: int) -> None:
    """More hours than allowed are refused; what was given ends by the clock."""
    if hours > 12:
        with pytest.raises(ReviewError):
            _break(hours)
        return
    story = _break(hours)
    story.at += timedelta(hours=later)
    assert standing(story, "E-1").in_force is (later < hours)


def test_an_emergency_is_reviewed_by_somebody_else_or_the_case_stays_open() -> None:
    """Breaking the glass opens a review that the case cannot be closed without."""
    story = _break()
    story.decide("acting", "us/secdef")
    story.issue()
    story.do("lic", "revoke", permit="P-1", because="done with")
    story.wait(days=1)
    with pytest.raises(OwedError, match="E-1"):
        story.do("desk", "close", because="done")
    for by in ("sec", "olena", "dieter", "lic"):
        with pytest.raises(NotAllowedError):
            story.do(by, "review-after", permit="E-1", finding="justified", because="fine")
    story.do("ig", "review-after", permit="E-1", finding="justified", because="it was")
    story.do("desk", "close", because="done")


def test_an_emergency_permit_falls_with_what_it_rests_on() -> None:
    """Hours are enough for a service to be withdrawn; the review itself goes on meanwhile."""
    story = _break()
    gone = {
        "name": "Targeting data",
        "origin": "US",
        "kind": "service",
        "availability": [{"status": "withdrawn", "from": "2025-06-01"}],
    }
    happens(
        story, "rules", "record-fact", section="items", id="data", record=gone, supersedes="yes"
    )
    assert status(story, "E-1") is PermitStatus.SUSPENDED
    with pytest.raises(StageError):
        story.issue()


def test_an_emergency_permit_falls_with_another_party_s_consent_in_the_same_act() -> None:
    """Breaking the glass for one party leaves the others' consents what they are: what it rests on.

    Given anew in the same words, a consent holds again; that lifts nothing by itself.
    """
    story = Story().file(RELEASE).determine()
    for each in ("kurt", "lena"):
        story.decide(each, "de/council")
    _break_in(story)
    gone = {"party": "DE", "office": "de/council", **_SAID}
    event = story.do("max", "withdraw-consent", **gone)
    assert {each["permit"] for each in event.found["suspends"]} == {"E-1"}
    assert permit(story, "E-1").stage is PermitStage.SUSPENDED
    for each in ("kurt", "lena"):
        story.decide(each, "de/council")
    assert status(story, "E-1") is PermitStatus.SUSPENDED
    story.do("lic", "lift", permit="E-1", because="Germany has said it again")
    assert status(story, "E-1") is PermitStatus.IN_FORCE


@pytest.mark.parametrize("verdict", ["refuse", "return"])
def test_an_emergency_permit_ends_with_its_own_party_s_no_in_the_same_act(verdict: str) -> None:
    """The review that the glass was broken before has come out against it; nobody lifts that away.

    What was refused before the glass was broken is no part of it, and suspends nothing.
    """
    story = Story().file(lines={each: {"item": "missile", "quantity": "2"} for each in "abc"})
    story.determine()
    if verdict == "refuse":
        story.decide("sec", "us/secdef", "refuse", lines=["a"])
    _break_in(story)
    assert status(story, "E-1") is PermitStatus.IN_FORCE
    lines = ["b"] if verdict == "refuse" else []
    event = story.decide("acting", "us/secdef", verdict, lines=lines)
    assert [each["permit"] for each in event.found["suspends"]] == ["E-1"]
    assert permit(story, "E-1").stage is PermitStage.SUSPENDED
    with pytest.raises(OwedError, match="refused since"):
        story.do("lic", "lift", permit="E-1", because="please")
    assert report(story.wait(minutes=1), permit="E-1", line="c") != ()


@pytest.mark.parametrize("by", ["sec", "acting", "lic"])
def test_who_broke_the_glass_or_the_office_ends_what_it_gave(by: str) -> None:
    """It may be revoked by whose it is: the person, the office, and those who control permits."""
    story = _break()
    story.do(by, "revoke", permit="E-1", because="over")
    assert status(story, "E-1") is PermitStatus.REVOKED


@pytest.mark.parametrize(
    ("by", "kind", "fields"),
    [
        ("olena", "withdraw", {"because": "no more"}),
        ("desk", "return", {"because": "no", "disclosed": "no"}),
        ("desk", "reconsider", {"because": "look again"}),
    ],
)
def test_no_case_ends_over_an_emergency_permit(by: str, kind: str, fields: dict[str, str]) -> None:
    """While it stands every consent can be taken back, and it falls: so the case stays open."""
    story = Story().file(RELEASE).determine()
    for each in ("kurt", "lena"):
        story.decide(each, "de/council")
    _break_in(story)
    with pytest.raises(StageError, match="E-1"):
        story.do(by, kind, **fields)
    story.do("max", "withdraw-consent", party="DE", office="de/council", **_SAID)
    assert status(story, "E-1") is PermitStatus.SUSPENDED
    story.do("olena", "surrender", permit="E-1", because="no more")
    story.do(by, kind, **fields)


def test_an_emergency_permit_and_what_is_permitted_after_it_share_their_quantity() -> None:
    """Four were asked for; under the two permits together no fifth is within."""
    story = _break()
    story.decide("acting", "us/secdef")
    story.issue()
    assert report(story.wait(minutes=1), name="R-1", permit="E-1", quantity=3) == ()
    assert standing(story, "E-1").remaining == standing(story, "P-1").remaining == {"one": 1}
    assert report(story.wait(minutes=1), name="R-2", permit="P-1", quantity=1) == ()
    assert status(story, "E-1") is status(story, "P-1") is PermitStatus.EXHAUSTED
    assert "too many" in report(story.wait(minutes=1), name="R-3", permit="E-1")[0]


def test_the_glass_is_not_broken_twice_for_what_a_permit_stands_for() -> None:
    """A review that found the first time justified does not let hours run side by side."""
    story = _break()
    story.do("ig", "review-after", permit="E-1", finding="justified", because="it was")
    again = {"party": "US", "office": "us/secdef", "hours": 12, "status": 10, "because": "more"}
    with pytest.raises(RepeatedError, match="one"):
        story.do("acting", "break-glass", permit="E-2", determination=story.digest, **again)
    story.do("sec", "revoke", permit="E-1", because="over")
    story.do("acting", "break-glass", permit="E-2", determination=story.digest, **again)
    assert status(story, "E-2") is PermitStatus.IN_FORCE


def test_the_glass_stands_in_for_no_step_of_another_and_no_lack_of_authority() -> None:
    """What is owed before any permit is owed before this one, but the one party's review."""
    asked = DE_BOOK.replace("persons:", "steps: [{notify: Bundestag}]\n        persons:")
    story = Story(with_book(world(), asked)).file(RELEASE).determine()
    for each in ("kurt", "lena"):
        story.decide(each, "de/council")
    story.context = changed(story.context, "officials", "lena", until="2025-06-01")
    with pytest.raises(OwedError) as found:
        _break_in(story)
    assert any("notify Bundestag" in each for each in found.value.owed)
    assert any("lena" in each and "no authority" in each for each in found.value.owed)
    assert not any(each.startswith("US") for each in found.value.owed)


def test_rule_8_a_carve_out_tells_nothing_of_permits_that_the_act_does_not_end() -> None:
    """Whether a permit of others exists is not found by sparing it: either way none is spared."""
    story = begun()
    text = {"title": "T", "from": "2025-06-03", "announced": "undeclared"}
    fields = {"party": "DE", "policy": "new", "text": text, "carve_out": "spared"}
    said = []
    for name in ("P-1", "P-9"):
        with pytest.raises(UnknownError) as refused:
            happens(story, "rita", "adopt-policy", except_permits=[name], **fields)
        said.append(str(refused.value).replace(name, "P"))
    assert said[0] == said[1]


@pytest.mark.parametrize("refused", [False, True])
def test_rule_7_what_was_allowed_then_stays_so_in_a_new_round(*, refused: bool) -> None:
    """That the decisions of a round no longer count, or a party refuses anew, is not held back."""
    story = begun()
    on = f"{story.at:%Y-%m-%dT%H:%M:%SZ}"
    story.wait(days=1).do("olena", "surrender", permit="P-1", because="enough for now")
    story.do("desk", "reconsider", because="they ask again")
    if refused:
        story.determine().decide("sec", "us/secdef", "refuse")
    assert report(story, on=on) == ()
    assert report(story, name="R-2") != ()


# --- rule 8, on days to come

PAUSE = {"status": "withdrawn", "from": "2025-07-01", "until": "2025-07-10"}
SERVICE = {"section": "items", "id": "data", "supersedes": "yes"}


def paused(*availability: dict[str, str], **fields: Any) -> tuple[Story, Any]:
    """Return a story in which it is recorded what a service is from a day to come, and the act."""
    story = begun()
    data = {"kind": "service", "name": "Targeting data", "origin": "US"}
    record = {**data, "availability": list(availability)}
    return story, happens(story, "rules", "record-fact", record=record, **SERVICE, **fields)


def at_noon(story: Story, day: str) -> Story:
    """Return a story at noon of a day."""
    story.at = parse_moment(f"{day}T12:00:00Z")
    return story


def test_a_pause_that_is_recorded_ahead_lists_what_falls_and_is_lifted_by_a_person() -> None:
    """It suspends on its day, and does not end by itself when the service is back."""
    story, event = paused(PAUSE)
    assert event.found["suspends"] == []
    (falls,) = event.found["falls"]
    assert (falls["permit"], falls["ground"]["about"]) == ("P-1", "data")
    assert parse_moment(falls["from"]) == parse_moment("2025-07-01")
    assert status(story) is PermitStatus.IN_FORCE
    with pytest.raises(StageError):
        story.do("lic", "lift", permit="P-1", because="not yet")
    assert status(at_noon(story, "2025-07-05")) is PermitStatus.SUSPENDED
    with pytest.raises(OwedError):
        story.do("lic", "lift", permit="P-1", because="please")
    assert status(at_noon(story, "2025-07-11")) is PermitStatus.SUSPENDED
    eyes = sight(story.now, viewer(story.context, "lic", story.at))
    offered = {each.act: each.possible for each in offers(eyes, story.context, story.at)}
    assert offered["lift"]
    story.do("lic", "lift", permit="P-1", because="the data is back")
    assert status(story) is PermitStatus.IN_FORCE
    (kept,) = permit(story).suspensions
    assert (kept.at, kept.lifted_at) == (parse_moment("2025-07-01"), story.at)


def test_a_pause_that_is_taken_back_before_its_day_suspends_nothing() -> None:
    """Who corrects the record before the day has the permit stay, by that act."""
    story, _ = paused(PAUSE)
    data = {"kind": "service", "name": "Targeting data", "origin": "US"}
    story.wait(minutes=1)
    event = happens(story, "rules", "record-fact", record=data, **SERVICE)
    assert [each["permit"] for each in event.found["stays"]] == ["P-1"]
    assert status(at_noon(story, "2025-07-05")) is PermitStatus.IN_FORCE


def test_a_policy_that_supersedes_from_a_day_to_come_lists_what_falls_then() -> None:
    """What is permitted in advance falls with the policy, on the day and by name."""
    story = Story().file(area="UA-63").determine()
    story.issue()
    story.wait(minutes=1)
    text = {"title": "Review", "announced": "undeclared", "supersedes": ["use"]}
    text |= {"from": "2025-06-20", "until": "2025-06-25"}
    rule = {"when": 'activity == "use"', "then": "review us/secdef", "because": "war"}
    fields = {"party": "US", "policy": "all", "text": {**text, "rules": {"all": rule}}}
    event = happens(story, "rules", "adopt-policy", **fields)
    assert [each["permit"] for each in event.found["falls"]] == ["P-1"]
    assert status(at_noon(story, "2025-06-19")) is PermitStatus.IN_FORCE
    assert status(at_noon(story, "2025-06-21")) is PermitStatus.SUSPENDED
    assert status(at_noon(story, "2025-06-26")) is PermitStatus.SUSPENDED


def test_a_permit_falls_when_what_was_cleared_in_advance_is_so_no_more() -> None:
    """A standing authorisation carries what its rule clears: the act that changes it says so.

    Where the rule clears the request once more, a person lifts the suspension.
    """
    ours = {"party": "US", "includes": ["UA"]}
    context = changed(world(), "areas", "us/ours", **ours)
    book = US_BOOK.replace('== "use" && area.within("UA")', '== "use" && area.within("us/ours")')
    story = Story(with_book(context, book)).file(area="UA-63").determine()
    story.issue()
    fields = {"section": "areas", "id": "us/ours", "supersedes": True}
    less = {**ours, "excludes": ["UA-63"]}
    event = happens(story.wait(minutes=1), "rules", "record-fact", record=less, **fields)
    assert [each["permit"] for each in event.found["suspends"]] == ["P-1"]
    assert any("does not clear this request" in each for each in standing(story).reasons)
    with pytest.raises(OwedError, match="does not clear"):
        story.do("lic", "lift", permit="P-1", because="b")
    happens(story.wait(minutes=1), "rules", "record-fact", record=ours, **fields)
    assert status(story) is PermitStatus.SUSPENDED
    story.do("lic", "lift", permit="P-1", because="it is ours again")
    assert status(story) is PermitStatus.IN_FORCE


def test_a_carve_out_spares_what_falls_on_a_day_to_come() -> None:
    """A permit that is spared in writing does not fall on that day either."""
    story, event = paused(PAUSE, except_permits=["P-1"], carve_out="under way")
    assert "falls" not in event.found
    assert status(at_noon(story, "2025-07-05")) is PermitStatus.IN_FORCE


def test_nobody_is_told_beforehand_that_a_permit_falls() -> None:
    """The applicant sees the same as before, and from the day on that it is suspended."""
    story, _ = paused(PAUSE)
    looks = viewer(story.context, "olena", story.at)
    assert view(story.now, looks).canonical() == view(begun().now, looks).canonical()
    shown = view_permit(story.now, "P-1", story.context, looks, parse_moment("2025-07-11"))
    assert (shown.status, shown.reasons) == ("suspended", ("it is suspended",))
