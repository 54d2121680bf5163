"""What follows from an act, as far as whoever did it may know.

An act is its actor's own; what was found in doing it need not be. A determination holds the rules
of every party, and an act on the context can end what permits of others rest on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from placet.need_to_know.known import is_own
from placet.review.case import Case
from placet.review.event import Event
from placet.review.falling import OF_PERMITS
from placet.review.viewer import Viewer, relation

__all__ = ["fallen", "is_own_whole"]

_OWN = frozenset(
    {
        "announced",
        "beyond",
        "called-in",
        "context",
        "doubts",
        "for",
        "lines",
        "policy",
        "request",
        "role",
        "text",
        "unchanged",
        *OF_PERMITS,
    }
)
"""What acts find that says nothing of others; of permits, where only one's own grounds end."""

_OF_OTHERS = "something that another party gave for it ends"


def fallen(event: Event, cases: Iterable[Case], viewer: Viewer) -> Iterator[tuple[str, str]]:
    """Yield each permit that an act suspends, and why; and from when, where that is to come.

    A permit is told of that rested on something of the viewer's own party, or is of a case in
    which they have a part; and only in the first of these, on what.

    Args:
        event: the act.
        cases: those that it moved, each in its new state.
        viewer: whoever did it.
    """
    seen = {each.id for each in cases if relation(each, viewer)}
    for each in (*event.found.get("suspends", ()), *event.found.get("falls", ())):
        own = is_own(each["ground"]["party"], viewer)
        if own or each["case"] in seen:
            why = each["because"] if own else _OF_OTHERS
            yield each["permit"], f"from {each['from']}: {why}" if "from" in each else why


def is_own_whole(found: Mapping[str, Any], viewer: Viewer) -> bool:
    """Say whether all that was found in doing an act may be known to whoever did it."""
    fell = [each["ground"]["party"] for name in OF_PERMITS for each in found.get(name, ())]
    return viewer.audits or (found.keys() <= _OWN and all(is_own(each, viewer) for each in fell))
