"""What is offered as possible can be done: no act that somebody is shown a form for is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import pytest
from offered import try_all
from review_world import RELEASE, USE, Story, asked, strike, struck, world
from test_refusals import HISTORIES

from placet.review.case import Role

ELSEWHERE = {
    "offices": {
        "ge/council": {"party": "GE", "title": "Council"},
        "ge/army": {"party": "GE", "title": "Army", "duties": ["applications"]},
        "de/exports": {"party": "DE", "title": "Exports", "duties": ["applications"]},
    },
    "parties": {"GE": {"kind": "state", "home": "ge/council"}},
    "officials": {
        "nino": {"name": "Nino", "office": "ge/council"},
        "giorgi": {"name": "Giorgi", "office": "ge/army"},
        "erika": {"name": "Erika", "office": "de/exports"},
        "dieter-2": {"name": "Dieter", "office": "de/exports", "person": "dieter"},
        "olena-2": {"name": "Olena", "office": "ua/desk", "person": "olena"},
    },
}
"""A world in which the one who acts is not the one who applies, and people hold two offices."""


def asked_and_decided() -> Story:
    """Return a decided case on which a question is open."""
    story = strike()
    story.do("desk", "ask", asks="Which unit?")
    story.decide("sec", "us/secdef")
    return story


def by_another() -> Story:
    """Return a case that another party raised, whose officers lead it too, for a third to act."""
    story = Story(context=world(ELSEWHERE))
    request = asked(RELEASE, actor="GE", **{"raised-by": "DE"})
    story.do("erika", "submit", case="C-1", request=request)
    story.determine()
    story.do("desk", "ask", asks="Which unit?")
    return story


def led_by_who_raised_it() -> Story:
    """Return the same, led by an officer who could have spoken for who raised it."""
    story = by_another()
    story.do("dieter", "set-deadline", of="case", due="2025-08-01", because="soon")
    assert story.now.roles["dieter"] is Role.OFFICER
    return story


def permitted_for_another() -> Story:
    """Return a use that one party is permitted and another carries out."""
    story = Story(context=world(ELSEWHERE))
    request = asked(USE, actor="GE", area="UA-43")
    story.do("olena", "submit", case="C-1", request=request)
    story.determine()
    story.decide("nino", "ge/council")
    story.issue()
    return story


def used_and_suspended() -> Story:
    """Return a permit that was used, then suspended with the consent it rested on."""
    story = struck()
    use = {"area": "RU-BEL", "target": "none", "purpose": "none", "on": f"{story.at:%Y-%m-%d}"}
    story.do("olena", "report-use", permit="P-1", report="R-1", line="one", quantity=1, **use)
    story.do("sec", "withdraw-consent", party="US", office="us/secdef", because="b", disclosed="d")
    return story


def broken() -> Story:
    """Return a strike for which the glass was broken."""
    story = strike()
    given = {"party": "US", "office": "us/secdef", "hours": 6, "permit": "P-E", "status": 7}
    story.do("sec", "break-glass", because="an attack", determination=story.digest, **given)
    return story


PLAYED: Mapping[str, Callable[[], Story]] = {
    **HISTORIES,
    "filed": lambda: Story().file(),
    "asked and decided": asked_and_decided,
    "by another": by_another,
    "led by who raised it": led_by_who_raised_it,
    "permitted for another": permitted_for_another,
    "struck": struck,
    "used and suspended": used_and_suspended,
    "broken": broken,
}


@cache
def played(name: str) -> Story:
    """Return a history, played once."""
    return PLAYED[name]()


@pytest.mark.parametrize("name", sorted(PLAYED))
def test_what_is_offered_as_possible_is_done(name: str) -> None:
    """Whoever looks, at whatever stage: an act that is offered is not refused."""
    story = played(name)
    people = {each.who for each in story.context.registry.record.officials.values()}
    offered, refused = 0, []
    for who in sorted(people):
        some, errors = try_all(story, who)
        offered += some
        refused += errors
    assert offered
    assert not refused, "\n".join(refused)
