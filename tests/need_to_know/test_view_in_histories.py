"""Need to know, by real acts: histories that differ within look the same from without."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from parts_of_a_case import (
    HIDDEN,
)
from permit_stories import happens, report
from review_world import DE_BOOK, RELEASE, START, US_BOOK, Story, command, plain, world

from building import examples
from placet.need_to_know.permit_view import view_permit
from placet.need_to_know.refusals import perform_for
from placet.need_to_know.time_line import time_line
from placet.need_to_know.view import sight, view
from placet.registry import written
from placet.review.errors import ReviewError
from placet.review.viewer import viewer

Act = Callable[[Story], Any]

US_ACTS: dict[str, Act] = {
    "advise": lambda story: story.do(
        "jay", "advise", office="us/joint-staff", stance="against", says="no"
    ),
    "dissent": lambda story: story.do("joe", "dissent", advice=0, says="yes"),
    "countersign": lambda story: story.do("desk-2", "countersign", advice=0),
    "deadline": lambda story: story.do(
        "desk", "set-deadline", of="us/state", due="2025-09-01", because="soon"
    ),
    "assign": lambda story: story.do("desk", "assign", to="desk-2", because="a holiday"),
    "recuse": lambda story: story.do("desk-2", "recuse", because="a cousin"),
    "assurance": lambda story: story.do(
        "lia",
        "record-assurance",
        party="GB",
        given_by="an envoy",
        says="they will",
        instrument="a call",
    ),
}
DE_ACTS: dict[str, Act] = {
    "deadline": lambda story: story.do(
        "dieter", "set-deadline", of="de/council", due="2025-08-01", because="soon"
    ),
    "recuse": lambda story: story.do("max", "recuse", because="a cousin"),
    "kurt": lambda story: story.decide("kurt", "de/council", because="an opinion"),
    "max": lambda story: story.decide("max", "de/council", because="an opinion"),
}


def _try(story: Story, acts: Mapping[str, Act], names: list[str]) -> None:
    """Do what can be done of some acts."""
    for name in names:
        before = story.at
        try:
            acts[name](story)
        except ReviewError:
            story.at = before


def _later(story: Story, days: int) -> Story:
    story.at = START + timedelta(days=days)
    return story


def _lists(acts: Mapping[str, Act]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(sorted(acts)), max_size=8)


def _released_history(us: list[str], de: list[str], because: str, decides: str) -> Story:
    """Return a history in which State approves on the third day, amid whatever else is done.

    On the fourth day something is asked: the time line of everybody goes on.
    """
    story = _later(Story().file(RELEASE), 2).determine()
    _try(story, US_ACTS, us)
    _try(story, DE_ACTS, de[:1])
    story = _later(story, 3)
    story.decide(decides, "us/state", because=because)
    _try(story, US_ACTS, us)
    _later(story, 4).do("desk", "ask", asks="Where?")
    return story


def _seen(story: Story, who: str) -> bytes:
    """Return what somebody sees of a case, and its time line."""
    at = START + timedelta(days=30)
    eyes = sight(story.now, viewer(story.context, who, at))
    lines = [each.model_dump_json() for each in time_line(eyes, story.context.people, at)]
    return b"\n".join([eyes.view().canonical(), *map(str.encode, lines)])


@given(
    one=_lists(US_ACTS),
    other=_lists(US_ACTS),
    de=_lists(DE_ACTS),
    because=HIDDEN,
    decides=st.sampled_from(["state-1", "state-2"]),
)
@example(one=[], other=["advise", "dissent"], de=["kurt"], because="hidden", decides="state-2")
@examples(10)
def test_histories_that_differ_within_look_the_same_from_without(
    one: list[str], other: list[str], de: list[str], because: str, decides: str
) -> None:
    """By real acts: advice, dissent, deadlines, reasons, and half a decision make no difference."""
    first = _released_history(one, [], "hidden", "state-1")
    second = _released_history(
        other,
        de,
        because,
        decides,
    )
    assert _seen(first, "olena") == _seen(second, "olena")


@given(one=_lists(US_ACTS), other=_lists(US_ACTS), because=HIDDEN)
@examples(10)
def test_histories_that_differ_in_one_party_look_the_same_to_another(
    one: list[str], other: list[str], because: str
) -> None:
    """By real acts: what is done within the United States does not show in Berlin."""
    first = _released_history(one, [], "hidden", "state-1")
    second = _released_history(other, [], because, "state-1")
    for who in ("kurt", "dieter"):
        assert _seen(first, who) == _seen(second, who)


def test_an_undeclared_policy_does_not_show() -> None:
    """A book that asks two persons, undeclared, looks like one that asks one, to an applicant."""
    undeclared = Story().file(RELEASE)
    without = Story(context=world(books=[US_BOOK, DE_BOOK.split("policies:")[0]])).file(RELEASE)
    assert _seen(undeclared, "olena") == _seen(without, "olena")
    assert _seen(undeclared.determine(), "olena") == _seen(without.determine(), "olena")


def _superseded(story: Story, name: str = "quiet-review", **fields: str) -> None:
    """Adopt a policy that nobody is told of, in place of the one that the permit rests on."""
    text = {"title": "Quiet", "from": "2025-06-05", "announced": "undeclared", **fields}
    text |= {"supersedes": ["use"], "rules": plain(US_BOOK)["policies"]["use"]["rules"]}
    happens(story, "rules", "adopt-policy", party="US", policy=name, text=text)


def _ended(story: Story) -> None:
    """End the policy that the permit rests on."""
    until = max(written(story.at), "2025-06-05")
    happens(story, "rules", "end-policy", party="US", policy="use", until=until)


FALLING: dict[str, Act] = {
    "a policy of the one name": lambda story: _superseded(story, "quiet-review"),
    "a policy of another": lambda story: _superseded(story, "stricter", title="Stricter"),
    "an end of its own policy": _ended,
}


def _cleared() -> Story:
    """Return a story in which a permit rests on a standing authorisation and on a service."""
    story = Story().file(area="UA-30").determine()
    story.issue()
    return story


@pytest.mark.parametrize("adopted", [1, 4])
def test_why_a_permit_was_suspended_does_not_show_in_a_report(adopted: int) -> None:
    """Done ahead or on the day: a report says that it was suspended then, not why or since when."""
    seen = set()
    for falls in FALLING.values():
        story = _later(_cleared(), adopted)
        falls(story)
        story = _later(story, 20)
        said = [
            *report(story, name="R-1", area="UA-30", on="2025-06-16T10:00:00Z"),
            *report(story, name="R-2", area="UA-30", on="2025-06-03T10:00:00Z"),
        ]
        assert "suspended" in said[0]
        shown = view_permit(story.now, "P-1", story.context, _olena(story), story.at)
        seen.add((tuple(said), shown.model_dump_json(), _seen(story, "olena")))
    assert len(seen) == 1


def _appealed(story: Story) -> str:
    """Appeal as the applicant; return what that came to."""
    act = command("appeal", because="we think otherwise")
    try:
        perform_for(story.now, story.context, act, "olena", story.at)
    except ReviewError as error:
        return str(error)
    return "appealed"


def test_an_appeal_tells_nothing_of_who_has_decided() -> None:
    """While a review is open, whether one can appeal is the same before and after a decision."""
    line = "        provisos: [{within: us/russia, report-within-days: 5, text: not in Moscow}]\n"
    assert line in US_BOOK
    bare = world(books=[US_BOOK.replace(line, ""), DE_BOOK])
    without = Story(context=bare).file().determine()
    found = {_appealed(without)}
    without.decide("sec", "us/secdef")
    found.add(_appealed(without))
    story = Story().file()
    found.add(_appealed(story))
    found.add(_appealed(story.determine()))
    story.decide("sec", "us/secdef")
    found.add(_appealed(story))
    assert len(found) == 1
    assert "Nothing was refused" in found.pop()


def test_what_was_told_can_be_appealed() -> None:
    """A party's own proviso that is out, or its refusal of a line, can be appealed at once."""
    story = Story().file().determine()
    story.decide("sec", "us/secdef", provisos=[{"at-most": 2, "text": "two at most"}])
    assert any(each.provisos for each in view(story.now, _olena(story)).outcomes)
    assert _appealed(story) == "appealed"


def _olena(story: Story) -> Any:
    return viewer(story.context, "olena", story.at)
