"""Who records facts on which another party's say hangs: its own people, or nobody who applies."""

from __future__ import annotations

from typing import Any

import pytest
from permit_stories import act, happens
from review_world import RELEASE, START, USE, Story, asked, world

from placet.review.context import Context
from placet.review.errors import NotAllowedError

KEEPERS = {
    "offices": {
        "ua/registry": {"party": "UA", "title": "Registry", "duties": ["registry"]},
        "de/registry": {"party": "DE", "title": "Registry", "duties": ["registry"]},
    },
    "officials": {
        "ulyana": {"name": "Ulyana", "office": "ua/registry"},
        "dora-2": {"name": "Dora", "office": "de/registry"},
    },
    "items": {"drone": {"name": "Drone", "origin": "UA"}},
    "reliances": {"drone-data": {"of": "drone", "on": "data", "as": "service"}},
    "agreements": {
        "sale": {"grants": "GB", "over": {"items": "drone"}, "activities": ["use"]},
    },
    "lots": {
        "l-1": {"item": "drone", "title": "UA", "holder": "UA", "custody": [{"holder": "GB"}]}
    },
    "posture": {
        "talks": {"party": "US", "values": ["none", "under-way"], "history": [{"value": "none"}]}
    },
}
NO_RIGHT = {"connection": {"party": "GB"}, "finding": "no-right", "because": "we say so"}
AGAIN = {"supersedes": "yes"}
BRITAIN = {"kind": "state", "home": "gb/defence"}
TAKES: list[tuple[str, dict[str, Any]]] = [
    ("GB", {"section": "findings", "id": "f", "record": {**NO_RIGHT, "by": "ua/registry"}}),
    (
        "US",
        {"section": "items", "id": "missile", "record": {"name": "M", "origin": "UA"}, **AGAIN},
    ),
    ("GB", {"section": "items", "id": "booster", "record": {"name": "B", "origin": "UA"}, **AGAIN}),
    (
        "US",
        {
            "section": "reliances",
            "id": "drone-data",
            "record": {"of": "drone", "on": "data", "as": "service", "when": 'area == "PL"'},
            **AGAIN,
        },
    ),
    (
        "GB",
        {
            "section": "agreements",
            "id": "sale",
            "record": {**KEEPERS["agreements"]["sale"], "until": "2025-06-02"},
            **AGAIN,
        },
    ),
    (
        "GB",
        {
            "section": "lots",
            "id": "l-1",
            "record": {"item": "drone", "title": "UA", "holder": "UA"},
            **AGAIN,
        },
    ),
    (
        "GB",
        {"section": "parties", "id": "GB", "record": {**BRITAIN, "under": ["UA"]}, **AGAIN},
    ),
    (
        "US",
        {
            "section": "posture",
            "id": "talks",
            "record": {**KEEPERS["posture"]["talks"], "history": [{"value": "under-way"}]},
            **AGAIN,
        },
    ),
]


def keepers() -> Context:
    """Return a world in which the applicant and Germany keep facts as well; Britain has nobody."""
    return world(KEEPERS)


@pytest.mark.parametrize(("party", "fact"), TAKES)
def test_a_party_that_applies_takes_no_say_from_another(party: str, fact: dict[str, Any]) -> None:
    """Not by a finding, an origin, a reliance, an agreement, a custody, nor in its name."""
    with pytest.raises(NotAllowedError, match=f"bears on the say of {party}") as refused:
        act(keepers(), "ulyana", "record-fact", **fact)
    assert set(refused.value.who_could) <= {"us/rules", "de/registry"}


def test_who_keeps_facts_here_is_not_spoken_for() -> None:
    """The United States keeps its own; of Britain, which has nobody, Germany may find."""
    origin = {"section": "items", "id": "missile", "record": {"name": "M", "origin": "DE"}}
    with pytest.raises(NotAllowedError, match="say of US"):
        act(keepers(), "dora-2", "record-fact", **origin, **AGAIN)
    act(keepers(), "rules", "record-fact", **origin, **AGAIN)
    found = {**NO_RIGHT, "by": "de/registry"}
    act(keepers(), "dora-2", "record-fact", section="findings", id="f", record=found)


def test_what_bears_on_nobodys_say_is_recorded_by_whoever_keeps_facts() -> None:
    """Its own items, a name that was misspelled, a right that is found: the applicant too."""
    own = {"section": "items", "id": "drone", "record": {"name": "D", "origin": ["UA", "GB"]}}
    act(keepers(), "ulyana", "record-fact", **own, **AGAIN)
    name = {"section": "items", "id": "missile", "record": {"name": "The Missile", "origin": "US"}}
    act(keepers(), "ulyana", "record-fact", **name, **AGAIN)
    right = {**NO_RIGHT, "finding": "right", "by": "ua/registry"}
    act(keepers(), "ulyana", "record-fact", section="findings", id="f", record=right)


def test_an_applicants_finding_leaves_a_possible_right_to_be_reviewed() -> None:
    """Britain is asked about its booster before and after the applicant tried to find otherwise."""
    story = Story(keepers()).file(RELEASE, lines={"b": {"item": "booster", "quantity": "4"}})
    fact = {"section": "findings", "id": "f", "record": {**NO_RIGHT, "by": "ua/registry"}}
    story.wait(minutes=1)
    with pytest.raises(NotAllowedError):
        happens(story, "ulyana", "record-fact", **fact)
    request = story.context.request(asked(USE, lines={"b": {"item": "booster"}}))
    answer = story.context.determine(request, START)
    assert {each.party: each.outcome for each in answer.parties}["GB"] == "review"
