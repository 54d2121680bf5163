"""Stories about permits: acts on the context beside cases, and reports of use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from review_world import START, Story, command, strike, struck

from placet.review.case import Case, PermitOnFile
from placet.review.changes import change, changed, suspended
from placet.review.context import Context
from placet.review.event import Event, command_of
from placet.review.validity import PermitStatus, Validity, validity

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"
"""The beginning of a public key."""


def act(
    context: Context | None,
    actor: str,
    kind: str,
    at: Any = START,
    cases: Mapping[str, Case] | None = None,
    **fields: Any,
) -> tuple[Event, Context]:
    """Do an act on the context, and check that it can be audited: done again, and read back."""
    given = {"because": "for a reason", **fields} if kind not in ("begin", "determine") else fields
    wanted = command(kind, **given)
    event, after = change(context, wanted, actor, at, cases or {})
    assert change(context, wanted, actor, at, dict(reversed((cases or {}).items())))[0] == event
    written = json.loads(json.dumps(event.payload))
    read = Event(
        command_of(kind, written["command"]),
        actor,
        at,
        None,
        written["found"],
        tuple(written["touches"]),
    )
    assert read == event
    again = changed(context, read)
    assert (again.digest, again.version) == (after.digest, after.version)
    return event, after


def happens(story: Story, actor: str, kind: str, **fields: Any) -> Event:
    """Do an act on the context beside a story's case, which follows."""
    event, story.context = act(
        story.context, actor, kind, story.at, {story.now.id: story.now}, **fields
    )
    if event.touches:
        story.case = suspended(story.now, event)
    return event


def permit(story: Story, name: str = "P-1") -> PermitOnFile:
    """Return a permit of a story."""
    return story.now.permits[name]


def standing(story: Story, name: str = "P-1") -> Validity:
    """Return what a permit is now."""
    return validity(permit(story, name), story.now, story.context, story.at)


def status(story: Story, name: str = "P-1") -> PermitStatus:
    """Return the status of a permit now."""
    return standing(story, name).status


def report(story: Story, by: str = "olena", name: str = "R-1", **fields: Any) -> tuple[str, ...]:
    """Report a use that is within the permit, but for some fields; return what it goes beyond."""
    given = {
        "permit": "P-1",
        "line": "one",
        "quantity": 1,
        "on": story.at.isoformat().replace("+00:00", "Z"),
        "area": "RU-KRS",
        "target": "military.depot",
        "purpose": "defence.strike",
        "recipient": "none",
        **fields,
    }
    story.do(by, "report-use", report=name, **given)
    return next(each.beyond for each in story.now.reports if each.report == name)


def begun() -> Story:
    """Return a story in which a permit has been in force for a day."""
    return _copied(_struck()).wait(days=1)


def asked_for() -> Story:
    """Return a story in which the use in Russia has been determined, and nobody has decided."""
    return _copied(_strike())


@cache
def _struck() -> Story:
    return struck()


@cache
def _strike() -> Story:
    return strike()


def _copied(story: Story) -> Story:
    """Return a story of its own: cases and contexts are never changed in place."""
    return replace(story, events=list(story.events))
