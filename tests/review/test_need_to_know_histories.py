"""Need to know, by real acts: histories that differ within look the same from without."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from parts_of_a_case import (
    HIDDEN,
)
from review_world import DE_BOOK, RELEASE, START, US_BOOK, Story, world

from building import examples
from placet.review.errors import ReviewError
from placet.review.view import view
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
    """Return a history in which State approves on the third day, amid whatever else is done."""
    story = _later(Story().file(RELEASE), 2).determine()
    _try(story, US_ACTS, us)
    _try(story, DE_ACTS, de[:1])
    story = _later(story, 3)
    story.decide(decides, "us/state", because=because)
    _try(story, US_ACTS, us)
    return story


def _seen(story: Story, who: str) -> bytes:
    at = START + timedelta(days=30)
    return view(story.now, viewer(story.context, who, at)).canonical()


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
