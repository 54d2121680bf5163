"""What is done with permits: by whom, when, and what a report of use is held against."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from permit_stories import asked_for, begun, permit, report, standing, status
from review_world import Story

from building import examples
from placet.need_to_know.offers import offers
from placet.need_to_know.telling import tell
from placet.need_to_know.view import sight
from placet.registry import written
from placet.review.case import PermitStage, ReportOnFile
from placet.review.commands import PLACES
from placet.review.errors import (
    NotAllowedError,
    OwedError,
    RepeatedError,
    ReviewError,
    StageError,
    TwoRolesError,
    UnknownError,
    UnlawfulError,
    UnreadableError,
)
from placet.review.takings import takings
from placet.review.validity import PermitStatus, remaining
from placet.review.viewer import viewer

# --- reports of use


def test_a_use_within_its_permit_goes_beyond_nothing() -> None:
    """A report that keeps to every limit is recorded without a mark, and uses the permit up."""
    story = begun()
    assert report(story) == ()
    assert standing(story).remaining == {"one": 3}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"line": "two"}, "no line two"),
        ({"quantity": 5}, "1 too many"),
        ({"quantity": 10**14}, " left: "),
        ({"on": "2025-05-31"}, "begins on"),
        ({"area": "RU-MOW"}, "not all within"),
        ({"area": "RU"}, "not all within"),
        ({"area": "UA"}, "not all within RU-KRS"),
        ({"area": "none"}, "no area"),
        ({"area": "atlantis"}, "no area"),
        ({"target": "energy"}, "covers military.depot"),
        ({"target": "military"}, "covers military.depot"),
        ({"target": "palaces"}, "no category of target"),
        ({"purpose": "training"}, "is for defence.strike"),
        ({"purpose": "revenge"}, "no purpose on record"),
        ({"recipient": "GE"}, "GE"),
    ],
)
def test_each_limit_that_is_broken_is_named(fields: dict[str, Any], says: str) -> None:
    """Whatever a use goes beyond is said in words, and the report is recorded all the same."""
    story = begun()
    assert any(says in each for each in report(story, **fields))
    assert len(story.now.reports) == 1


def test_a_late_report_is_marked_by_days() -> None:
    """A report on the fifth day is in time and one on the sixth is late."""
    for days, late in ((5, False), (6, True)):
        story = begun()
        on = story.at.isoformat().replace("+00:00", "Z")
        story.wait(days=days)
        assert any("reported 6 days" in each for each in report(story, on=on)) is late


@pytest.mark.parametrize(
    ("kind", "by", "says"),
    [
        ("suspend", "lic", "suspended"),
        ("revoke", "lic", "revoked"),
        ("surrender", "olena", "given"),
    ],
)
def test_a_use_of_a_permit_that_was_not_in_force_is_marked(kind: str, by: str, says: str) -> None:
    """What was done while a permit was suspended, or after its end, is a violation."""
    story = begun()
    story.do(by, kind, permit="P-1", because="so it is")
    story.wait(hours=1)
    said = report(story)
    assert said
    assert says != "suspended" or "was suspended" in said[0]


def test_a_use_before_the_suspension_is_within_the_permit_though_reported_after_it() -> None:
    """What was done before an act is not held against the holder."""
    story = begun()
    before = story.at.isoformat().replace("+00:00", "Z")
    story.wait(hours=1).do("lic", "suspend", permit="P-1", because="a doubt")
    assert report(story.wait(hours=1), on=before) == ()
    story.do("lic", "lift", permit="P-1", because="cleared up")
    during = (story.now.reports[-1].reported_at).isoformat().replace("+00:00", "Z")
    assert report(story, name="R-2", on=during) != ()


def test_a_report_is_made_once_and_of_what_has_happened() -> None:
    """A report's name is taken for good; a use of tomorrow cannot be reported."""
    story = begun()
    report(story)
    with pytest.raises(RepeatedError):
        report(story)
    with pytest.raises(UnlawfulError):
        report(story, name="R-2", on="2025-08-01")
    with pytest.raises(UnknownError):
        report(story, name="R-2", permit="P-9")


@pytest.mark.parametrize("by", ["sec", "ig", "lia", "kurt", "nobody"])
def test_a_report_is_made_for_the_holder_or_by_a_case_officer(by: str) -> None:
    """Whoever neither applies nor leads cases reports nothing."""
    with pytest.raises(NotAllowedError):
        report(begun(), by=by)


@pytest.mark.parametrize("by", ["olena", "taras", "desk", "dieter", "yurii"])
def test_those_who_may_report(by: str) -> None:
    """The holder's officials report, and so does any party's case officer."""
    story = begun()
    assert report(story, by=by) == ()
    assert story.now.reports[0].reported_by == by


@given(quantities=st.lists(st.integers(1, 7), max_size=5))
@examples(25)
def test_what_is_reported_within_limits_never_exceeds_the_terms(quantities: list[int]) -> None:
    """Every report is kept, and those without a mark never add up to more than was permitted."""
    story = begun()
    for index, quantity in enumerate(quantities):
        report(story, name=f"R-{index}", quantity=quantity)
    within = [each.quantity for each in story.now.reports if not each.beyond]
    assert len(story.now.reports) == len(quantities)
    assert sum(within) <= 4
    left = remaining(permit(story), story.now)["one"]
    assert left == max(0, 4 - sum(quantities))
    assert (status(story) is PermitStatus.EXHAUSTED) is (left == 0)


# --- violations


def test_a_violation_is_resolved_by_somebody_else_and_once() -> None:
    """It takes an officer of a party the permit rests on; a mistaken report uses nothing up."""
    story = begun()
    report(story, quantity=9)
    for by in ("olena", "desk", "dieter"):
        with pytest.raises(NotAllowedError):
            story.do(by, "resolve-violation", report="R-1", finding="excused", because="ok")
    story.do("lic", "resolve-violation", report="R-1", finding="mistaken-report", because="typo")
    assert standing(story).remaining == {"one": 4}
    with pytest.raises(RepeatedError):
        story.do("lic", "resolve-violation", report="R-1", finding="excused", because="ok")
    report(story, name="R-2")
    with pytest.raises(UnlawfulError):
        story.do("lic", "resolve-violation", report="R-2", finding="excused", because="ok")
    with pytest.raises(UnknownError):
        story.do("lic", "resolve-violation", report="R-3", finding="excused", because="ok")


def corrected(story: Story, by: str = "olena", **fields: Any) -> ReportOnFile:
    """Correct the first report: one was used; return how the correction stands on file."""
    said = {"permit": "P-1", "report": "R-2", "corrects": "R-1", "line": "one", "quantity": 1}
    said |= {"on": written(story.at), "area": "RU-KRS", "target": "military.depot"}
    said |= {"purpose": "defence.strike", "recipient": "none", "because": "a slip of the key"}
    story.do(by, "correct-use", **{**said, **fields})
    return story.now.reports[-1]


def test_of_a_permit_for_one_use_nothing_is_left_once_it_was_used() -> None:
    """Whatever number it named: the rest cannot be used any more, and stock is not kept for it."""
    story = begun()
    _amend(story, provisos=[{"each-use": "yes", "text": "for one use"}])
    before = [each.approved for each in takings(story.now)]
    assert (standing(story, "P-2").remaining, before) == ({"one": 4}, [4])
    report(story, permit="P-2", quantity=1)
    assert standing(story, "P-2").status is PermitStatus.EXHAUSTED
    assert (standing(story, "P-2").remaining, takings(story.now)) == ({"one": 0}, frozenset())
    report(story, permit="P-2", name="R-2", quantity=4)
    assert "4 used, 3 left: 1 too many" in "".join(story.now.reports[-1].beyond)


def test_a_report_is_corrected_by_a_later_one_that_counts_in_its_place() -> None:
    """Nothing is edited: the first stays on file with what it was found to be, and is resolved."""
    story = begun()
    report(story, quantity=9)
    assert standing(story).remaining == {"one": 0}
    later = corrected(story)
    first = story.now.reports[0]
    assert (later.beyond, later.corrects, later.because) == ((), "R-1", "a slip of the key")
    assert (first.quantity, first.corrected_by, first.open) == (9, "R-2", True)
    assert standing(story).remaining == {"one": 3}
    eyes = sight(story.now, viewer(story.context, "olena", story.at))
    told = tell(eyes, (), {"P-1": "in-force"}, story.context.registry)
    assert "was reported and then corrected" in told.model_dump_json()
    with pytest.raises(RepeatedError, match="correct R-2"):
        corrected(story, report="R-3")
    story.do("lic", "resolve-violation", report="R-1", finding="mistaken-report", because="a slip")
    assert standing(story).remaining == {"one": 3}
    corrected(story, report="R-3", corrects="R-2", quantity=2)
    assert standing(story).remaining == {"one": 2}


def test_a_correction_is_held_against_the_permit_as_the_report_would_have_been() -> None:
    """It can be beyond as well; it is not late for what was reported in time, however often."""
    story = begun()
    on = written(story.at)
    assert report(story, quantity=2, on=on) == ()
    story.wait(days=20)
    assert any("days after the use" in each for each in report(story, name="R-0", on=on))
    later = corrected(story, on=on, quantity=5)
    assert [each for each in later.beyond if "days after" in each] == []
    assert any("too many" in each for each in later.beyond)
    again = corrected(story, report="R-3", corrects="R-2", on=on, quantity=2)
    assert again.beyond == ()


@pytest.mark.parametrize(
    ("by", "fields", "refused"),
    [
        ("dieter", {}, NotAllowedError),
        ("desk", {}, NotAllowedError),
        ("olena", {"corrects": "R-9"}, UnknownError),
        ("olena", {"report": "R-1"}, RepeatedError),
        ("olena", {"on": "2031-01-01"}, UnlawfulError),
    ],
)
def test_what_is_no_correction_is_refused(
    by: str, fields: dict[str, Any], refused: type[ReviewError]
) -> None:
    """By another side, of no report, under a name that is taken, of a day to come."""
    story = begun()
    report(story, quantity=9)
    with pytest.raises(refused):
        corrected(story, by, **fields)


def test_what_was_found_is_not_corrected_away() -> None:
    """Once somebody else has found what a use was, that stands."""
    story = begun()
    report(story, quantity=9)
    story.do("lic", "resolve-violation", report="R-1", finding="sanctioned", because="too many")
    with pytest.raises(UnlawfulError, match="that stands"):
        corrected(story)


# --- suspending, lifting, revoking, giving back


def test_a_suspension_is_ordered_and_taken_back() -> None:
    """A permit that is suspended is not in force until it is lifted; both stay on file."""
    story = begun()
    story.do("lic", "suspend", permit="P-1", because="a doubt")
    assert status(story) is PermitStatus.SUSPENDED
    with pytest.raises(RepeatedError):
        story.do("lic", "suspend", permit="P-1", because="again")
    story.do("lic", "lift", permit="P-1", because="cleared up")
    assert status(story) is PermitStatus.IN_FORCE
    assert permit(story).suspensions[0].lifted_at == story.at
    with pytest.raises(StageError):
        story.do("lic", "lift", permit="P-1", because="again")


@pytest.mark.parametrize("kind", ["suspend", "lift", "revoke", "check-end-use"])
@pytest.mark.parametrize("by", ["olena", "desk", "dieter", "rules"])
def test_only_those_it_rests_on_control_a_permit(kind: str, by: str) -> None:
    """The holder, a case officer, and the licensing of another party have no hand in it."""
    story = begun()
    if kind == "lift":
        story.do("lic", "suspend", permit="P-1", because="a doubt")
    says = {"result": "concern", "says": "x"} if kind == "check-end-use" else {"because": "x"}
    with pytest.raises(NotAllowedError):
        story.do(by, kind, permit="P-1", **says)


@pytest.mark.parametrize(
    ("kind", "by", "stage"),
    [
        ("revoke", "lic", PermitStage.REVOKED),
        ("revoke", "sec", PermitStage.REVOKED),
        ("surrender", "taras", PermitStage.SURRENDERED),
    ],
)
def test_a_permit_that_was_ended_stays_ended(kind: str, by: str, stage: PermitStage) -> None:
    """Licensing and the deciding office revoke, the holder gives back; nothing revives it."""
    story = begun()
    story.do(by, kind, permit="P-1", because="enough")
    assert permit(story).stage is stage
    assert permit(story).ended_at == story.at
    for again, who in (
        ("revoke", "lic"),
        ("suspend", "lic"),
        ("lift", "lic"),
        ("surrender", "olena"),
    ):
        with pytest.raises(StageError):
            story.do(who, again, permit="P-1", because="again")


def test_nobody_acts_on_a_permit_in_a_second_role() -> None:
    """Whoever decided revokes as decider; whoever stepped aside does no more for the review."""
    story = begun()
    story.do("lic", "recuse", because="a friend")
    with pytest.raises(TwoRolesError):
        story.do("lic", "suspend", permit="P-1", because="b")
    story.do("sec", "revoke", permit="P-1", because="enough")
    assert story.events[-1].found["role"] == "decider"


def test_a_permit_that_is_over_is_no_longer_acted_on() -> None:
    """After its end there is nothing to suspend, revoke, amend or give back; it can be checked."""
    story = begun().wait(days=100)
    for kind, by in (("suspend", "lic"), ("revoke", "lic"), ("surrender", "olena")):
        with pytest.raises(StageError):
            story.do(by, kind, permit="P-1", because="late")
    story.do("lic", "check-end-use", permit="P-1", result="in-order", says="all there")
    assert story.now.checks[0].result == "in-order"


# --- narrower terms


def _amend(story: Story, **fields: Any) -> None:
    given = {"permit": "P-1", "replacement": "P-2", "status": 2, "because": "less", **fields}
    story.do("lic", "amend", **given)


def test_a_narrower_permit_takes_the_place_of_the_wider() -> None:
    """The end, a quantity and a proviso narrow; what was used before stays used."""
    story = begun()
    report(story, quantity=2)
    proviso = {"within": ["RU-KRS"], "not-targets": ["energy"], "each-use": "yes", "text": "less"}
    _amend(story, until="2025-07-01", quantities={"one": 3}, provisos=[proviso])
    assert (status(story, "P-1"), status(story, "P-2")) == (
        PermitStatus.AMENDED,
        PermitStatus.EXHAUSTED,
    )
    assert remaining(permit(story, "P-2"), story.now) == {"one": 1}
    assert standing(story, "P-2").remaining == {"one": 0}, "its one use was made"
    assert permit(story, "P-1").superseded_by == "P-2"
    assert permit(story, "P-2").terms.each_use
    assert permit(story, "P-2").terms.not_targets == ("energy",)
    assert permit(story, "P-2").terms.within == permit(story, "P-1").terms.within
    assert any("amended" in each for each in report(story, name="R-2"))


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, UnlawfulError),
        ({"until": "2025-09-02"}, UnlawfulError),
        ({"until": "2025-06-01"}, UnlawfulError),
        ({"until": "2025-09-01"}, UnlawfulError),
        ({"quantities": {"one": 5}}, UnlawfulError),
        ({"quantities": {"one": 4}}, UnlawfulError),
        ({"quantities": {"one": 1}}, UnlawfulError),
        ({"quantities": {"two": 1}}, UnknownError),
        ({"provisos": [{"at-most": 1, "text": "one"}]}, UnlawfulError),
        ({"provisos": [{"within": ["PL"], "text": "elsewhere"}]}, UnlawfulError),
        ({"quantities": {"one": 3}, "replacement": "P-1"}, RepeatedError),
        ({"quantities": {"one": 3}, "status": 1}, RepeatedError),
    ],
)
def test_nothing_wider_and_nothing_empty_is_an_amendment(
    fields: dict[str, Any], error: type[ReviewError]
) -> None:
    """Wider terms, the same terms, and less than was used are refused; nothing is written."""
    story = begun()
    report(story, quantity=2)
    before = story.now
    with pytest.raises(error):
        _amend(story, **fields)
    assert story.now == before


def test_amending_lifts_no_suspension() -> None:
    """A suspended permit is replaced by a suspended one."""
    story = begun()
    story.do("lic", "suspend", permit="P-1", because="a doubt")
    _amend(story, quantities={"one": 3})
    assert status(story, "P-2") is PermitStatus.SUSPENDED


@given(
    quantity=st.none() | st.integers(0, 6),
    until=st.none() | st.sampled_from(["2025-06-10", "2025-08-31", "2025-09-01", "2025-10-01"]),
    most=st.none() | st.integers(0, 6),
    spent=st.integers(1, 4),
)
@examples(40)
def test_an_amended_permit_is_within_the_old_one(
    quantity: int | None, until: str | None, most: int | None, spent: int
) -> None:
    """Whatever is asked, either it is refused or the new terms lie within the old and the used."""
    story = begun()
    report(story, quantity=spent)
    fields: dict[str, Any] = {"until": until} if until else {}
    fields |= {"quantities": {"one": quantity}} if quantity is not None else {}
    fields |= {"provisos": [{"at-most": most, "text": "fewer"}]} if most is not None else {}
    try:
        _amend(story, **fields)
    except UnlawfulError:
        assert set(story.now.permits) == {"P-1"}
        return
    old, new = permit(story, "P-1").terms, permit(story, "P-2").terms
    assert old.from_ <= new.from_ < new.until <= old.until
    assert spent <= (new.lines[0].quantity or 0) <= (old.lines[0].quantity or 0)
    assert set(old.provisos) <= set(new.provisos)


# --- breaking the glass


def _break(story: Story, by: str = "sec", **fields: Any) -> None:
    given = {
        "party": "US",
        "office": "us/secdef",
        "hours": 12,
        "permit": "E-1",
        "status": 7,
        "because": "an attack under way",
        "determination": story.digest,
        **fields,
    }
    story.do(by, "break-glass", **given)


def test_an_emergency_permit_lasts_hours_and_is_reviewed_by_another() -> None:
    """It is in force at once, ends by the clock, and what was done is judged by somebody else."""
    story = asked_for()
    _break(story)
    assert status(story, "E-1") is PermitStatus.IN_FORCE
    assert permit(story, "E-1").emergency
    with pytest.raises(NotAllowedError):
        story.do("sec", "review-after", permit="E-1", finding="justified", because="I say so")
    assert status(story.wait(hours=12), "E-1") is PermitStatus.EXPIRED
    story.do("ig", "review-after", permit="E-1", finding="justified", because="it was")
    with pytest.raises(RepeatedError):
        story.do("acting", "review-after", permit="E-1", finding="justified", because="it was")


def test_an_emergency_that_was_none_revokes_the_permit() -> None:
    """Where breaking the glass was not justified the permit ends in the same act."""
    story = asked_for()
    _break(story)
    story.do("acting", "review-after", permit="E-1", finding="not-justified", because="no attack")
    assert status(story, "E-1") is PermitStatus.REVOKED
    assert standing(story, "E-1").reasons[0].endswith("no attack")


@pytest.mark.parametrize(
    ("by", "fields"),
    [
        ("dep", {}),
        ("state-1", {"office": "us/state"}),
        ("sec", {"hours": 13}),
        ("sec", {"party": "DE"}),
        ("sec", {"determination": f"sha256:{'0' * 64}"}),
        ("lic", {}),
        ("olena", {}),
    ],
)
def test_the_glass_is_broken_as_the_book_says_or_not_at_all(
    by: str, fields: dict[str, Any]
) -> None:
    """A delegate, another office, more hours, another party and another digest are refused."""
    story = asked_for()
    with pytest.raises(ReviewError):
        _break(story, by=by, **fields)
    assert not story.now.permits


@pytest.mark.parametrize(
    "build",
    [
        lambda: Story().file(target="energy").determine(),
        lambda: Story().file(area="UA").determine(),
        lambda: Story().file(area=None).determine(),
        lambda: Story().file(lines={"one": {"item": "shell", "quantity": "2"}}).determine("dieter"),
    ],
)
def test_the_glass_stands_in_for_no_refusal_and_for_nobody_else(
    build: Callable[[], Story],
) -> None:
    """Not against a refusal, not where nothing is asked, not for what another party owes."""
    story = build()
    with pytest.raises((UnlawfulError, OwedError, UnknownError, StageError)):
        _break(story)


def test_an_emergency_permit_is_not_amended_nor_broken_twice() -> None:
    """Hours are not prolonged by a second permit before the first has been reviewed."""
    story = asked_for()
    _break(story)
    with pytest.raises(RepeatedError):
        _break(story, permit="E-2", status=8)
    with pytest.raises(UnlawfulError):
        _amend(story, permit="E-1", quantities={"one": 1})


@pytest.mark.parametrize("status", [PLACES, 2**31, -1])
def test_a_place_beyond_the_status_list_is_refused(status: int) -> None:
    """A permit that could never be listed would keep every later act from being numbered."""
    story = begun()
    given = {"permit": "P-1", "replacement": "P-2", "because": "less", "quantities": {"one": 2}}
    with pytest.raises(UnreadableError, match="status"):
        story.do("lic", "amend", status=status, **given)
    with pytest.raises(UnreadableError, match="status"):
        story.issue(permit="P-3", status=status)
    glass = {"party": "US", "office": "us/secdef", "hours": 1, "permit": "E-1", "because": "now"}
    with pytest.raises(UnreadableError, match="status"):
        story.do("sec", "break-glass", status=status, determination=story.digest, **glass)
    story.do("lic", "amend", status=PLACES - 1, **given)
    assert permit(story, "P-2").status == PLACES - 1


@pytest.mark.parametrize("by", ["olena", "desk"])
def test_whoever_stepped_aside_still_tells_what_was_used(by: str) -> None:
    """Stepping aside is from the review: a report is taken of either side."""
    story = begun()
    story.do(by, "recuse", because="a cousin")
    assert report(story, by) == ()
    assert [each.reported_by for each in story.now.reports] == [by]


def test_a_holder_who_stepped_aside_gives_back_and_does_nothing_else() -> None:
    """What they can still do is offered to them, and no more than that."""
    story = begun()
    story.do("olena", "recuse", because="a cousin")
    with pytest.raises(TwoRolesError, match="stepped aside"):
        story.do("olena", "withdraw", because="b")
    eyes = sight(story.now, viewer(story.context, "olena", story.at))
    open_ = {each.act for each in offers(eyes, story.context, story.at) if each.possible}
    assert open_ == {"report-use", "surrender"}
    story.do("olena", "surrender", permit="P-1", because="not needed any more")
    assert permit(story).stage is PermitStage.SURRENDERED
