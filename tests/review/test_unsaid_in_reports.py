"""What a report of use does not say: a bare day, a purpose left out, and who settles it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from permit_stories import begun, happens, permit, report, standing
from review_world import Story, command

from building import examples
from placet.need_to_know.inbox import inbox
from placet.registry import written
from placet.review.errors import NotAllowedError, OwedError, UnlawfulError
from placet.review.perform import perform
from placet.review.viewer import viewer

DAY = "2025-06-02"


def doubts(story: Story, name: str = "R-1") -> tuple[str, ...]:
    """Return in what a use that was reported may have gone beyond its permit."""
    return next(each.doubts for each in story.now.reports if each.report == name)


def on_the_second(**time: float) -> Story:
    """Return a story at a time of 2 June, when the permit has been in force for a day."""
    story = begun()
    story.at = story.at.replace(hour=0, minute=0, second=0) + timedelta(**time)
    assert written(story.at)[:10] == DAY
    return story


# --- a day without a time


def test_a_bare_day_stays_a_day_and_is_not_its_midnight() -> None:
    """On file, in the log and when read back, what is known is the day and nothing finer."""
    story = begun()
    report(story, on=DAY)
    assert str(story.now.reports[0].on) == DAY
    assert story.events[-1].payload["command"]["on"] == DAY
    report(story, name="R-2", on=f"{DAY}T00:00:00Z")
    assert str(story.now.reports[1].on) == f"{DAY}T00:00:00Z"


def test_a_day_wholly_in_the_window_is_within_and_wholly_outside_is_outside() -> None:
    """Where the hour makes no difference nothing is asked."""
    story = begun()
    story.wait(days=2)
    assert (report(story, on=DAY), doubts(story)) == ((), ())
    said = report(story, name="R-2", on="2025-05-31")
    assert "begins on" in said[0]
    assert doubts(story, "R-2") == ()


def test_the_day_on_which_a_permit_begins_asks_for_the_time() -> None:
    """The permit began at eight in the morning of the day: neither within nor beyond."""
    story = begun()
    assert report(story, on="2025-06-01") == ()
    (asked,) = doubts(story)
    assert "the permit begins on 2025-06-01T08:0" in asked
    assert asked.endswith("Ask for the time.")


@pytest.mark.parametrize(
    ("kind", "by", "says"),
    [
        ("suspend", "lic", "the permit was suspended at the time"),
        ("revoke", "lic", "the permit was revoked on"),
        ("surrender", "olena", "the permit was surrendered on"),
    ],
)
def test_the_day_on_which_a_permit_stopped_asks_for_the_time(kind: str, by: str, says: str) -> None:
    """What an act did at noon holds for the afternoon alone; the day after is beyond."""
    story = on_the_second(hours=12)
    story.do(by, kind, permit="P-1", because="so it is")
    story.wait(days=3)
    assert report(story, on=DAY) == ()
    assert says in doubts(story)[0]
    assert report(story, name="R-2", on="2025-06-03") != ()
    assert doubts(story, "R-2") == ()


def test_what_was_done_has_been_done_by_the_time_it_is_reported() -> None:
    """Reported in the morning, a use of today was not in an afternoon that has not come."""
    story = on_the_second(hours=9)
    terms = permit(story).terms.model_copy(update={"until": story.at.replace(hour=10)})
    ending = permit(story).model_copy(update={"terms": terms})
    story.case = story.now.model_copy(update={"permits": {"P-1": ending}})
    assert (report(story, on=DAY), doubts(story)) == ((), ())
    report(story.wait(hours=2), name="R-2", on=DAY)
    assert f"the permit ended on {DAY}T10:00:00Z" in doubts(story, "R-2")[0]


def test_two_reasons_that_share_a_day_leave_no_doubt() -> None:
    """Suspended until noon and given back at noon, the permit allowed nothing on that day."""
    story = begun()
    story.do("lic", "suspend", permit="P-1", because="a doubt")
    story.at = story.at.replace(hour=12, minute=0) + timedelta(days=1)
    story.do("olena", "surrender", permit="P-1", because="no need")
    day = f"{story.at:%Y-%m-%d}"
    lifted = story.now.permits["P-1"].suspensions[0].model_copy(update={"lifted_at": story.at})
    ended = permit(story).model_copy(update={"suspensions": (lifted,)})
    story.case = story.now.model_copy(update={"permits": {"P-1": ended}})
    (said,) = report(story.wait(days=1), on=day)
    assert said.startswith("Whatever its time:")
    assert "suspended" in said
    assert "surrendered" in said


def test_a_service_that_ended_in_the_day_asks_for_the_time() -> None:
    """What a permit rests on is compared at every moment of the day at which it can change."""
    story = on_the_second(hours=8)
    gone = {
        "name": "Targeting data",
        "origin": "US",
        "kind": "service",
        "availability": [{"status": "withdrawn", "from": f"{DAY}T09:00:00Z"}],
    }
    fact = {"section": "items", "id": "data", "supersedes": "yes"}
    happens(story, "rules", "record-fact", **fact, record=gone)
    story.wait(days=1)
    assert report(story, on=DAY) == ()
    assert "the permit was suspended at the time" in doubts(story)[0]


@given(
    acts=st.lists(
        st.tuples(st.sampled_from(["suspend", "lift", "revoke"]), st.integers(1, 40)), max_size=3
    ),
    day=st.sampled_from(["2025-06-01", "2025-06-02", "2025-06-03"]),
)
@example(acts=[("suspend", 23)], day="2025-06-03")  # within for the first minute of the day alone
@examples(25)
def test_a_bare_day_is_judged_as_all_its_hours_together(
    acts: list[tuple[str, int]], day: str
) -> None:
    """Beyond if each hour would be, within if none, and a doubt where the hours differ."""
    story = on_the_second(hours=1)
    for kind, hours in acts:
        story.wait(hours=hours)
        stage = permit(story).stage
        if stage in {"suspend": ["issued"], "lift": ["suspended"]}.get(kind, ["issued"]):
            story.do("lic", kind, permit="P-1", because="so it is")
    story.wait(days=9)
    use = {"permit": "P-1", "line": "one", "quantity": 1, "area": "RU-KRS", "report": "R-1"}
    use |= {"target": "military.depot", "purpose": "defence.strike", "recipient": "none"}

    def found(on: str) -> dict[str, Any]:
        said = command("report-use", **use, on=on)
        event = perform(story.now, story.context, said, "olena", story.at)
        timely = [each for each in event.found["beyond"] if "days after" not in each]
        return {"beyond": bool(timely), "doubts": bool(event.found["doubts"])}

    ends = [f"{hour:02}:{minute}:59" for hour in range(24) for minute in (29, 59)]
    hours = [found(f"{day}T{time}Z") for time in ("00:00:00", *ends)]
    beyond = [each["beyond"] for each in hours]
    assert not any(each["doubts"] for each in hours)
    assert found(day) == {"beyond": all(beyond), "doubts": any(beyond) and not all(beyond)}


# --- what is left out


@pytest.mark.parametrize("name", ["area", "target", "purpose", "recipient"])
@pytest.mark.parametrize("left_out", [True, False])
def test_what_is_left_out_is_not_known_and_asked_for(name: str, left_out: bool) -> None:
    """Left out or said to be unknown, it is neither none nor whatever the permit allows."""
    story = begun()
    story.wait(days=1)
    use = {"area": "RU-KRS", "target": "military.depot", "purpose": "defence.strike"}
    use |= {"recipient": "none", "permit": "P-1", "report": "R-1", "line": "one", "on": DAY}
    said = {key: each for key, each in use.items() if key != name}
    if not left_out:
        said[name] = "unknown"
    story.do("olena", "report-use", quantity=1, **said)
    assert story.now.reports[0].beyond == ()
    assert doubts(story) == (
        f"The report does not say its {name}, which the permit limits: ask for it.",
    )
    assert getattr(story.now.reports[0], name) == "unknown"


def test_what_the_permit_does_not_limit_is_not_asked_for() -> None:
    """A purpose that nothing limits may stay unsaid."""
    story = begun()
    terms = permit(story).terms.model_copy(update={"purposes": ()})
    free = permit(story).model_copy(update={"terms": terms})
    story.case = story.now.model_copy(update={"permits": {"P-1": free}})
    assert (report(story, purpose="unknown"), doubts(story)) == ((), ())


# --- who settles it


def test_a_doubt_waits_for_somebody_else_and_keeps_the_case_open() -> None:
    """As a violation does: on the inbox of those who control the permit, before the case closes."""
    story = begun()
    report(story, purpose="unknown")
    eyes = viewer(story.context, "lic", story.at)
    assert [each.act for each in inbox([story.now], eyes, story.at)] == ["resolve-violation"]
    story.do("lic", "revoke", permit="P-1", because="done with")
    with pytest.raises(OwedError, match="R-1"):
        story.do("desk", "close", because="done")
    with pytest.raises(NotAllowedError):
        story.do("olena", "resolve-violation", report="R-1", finding="within", because="it was")
    story.do("lic", "resolve-violation", report="R-1", finding="within", because="the log book")
    assert standing(story).remaining == {"one": 3}
    story.do("desk", "close", because="done")


def test_what_certainly_went_beyond_is_not_found_to_be_within() -> None:
    """A finding cannot say the opposite of the report; it can say that the report was mistaken."""
    story = begun()
    report(story, quantity=9, purpose="unknown")
    assert doubts(story) != ()
    with pytest.raises(UnlawfulError):
        story.do("lic", "resolve-violation", report="R-1", finding="within", because="it was")
    story.do("lic", "resolve-violation", report="R-1", finding="excused", because="so it is")
