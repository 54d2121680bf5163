"""Noticing: what people are to be told, worked out from the log and the cases as they stand.

The log says which cases have moved: whoever remembers up to where they have read it misses
nothing and reads nothing twice. What only time brings, and what a change of the context brings
to cases that did not move, takes a look at every open case.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from placet.need_to_know.notices import Notice, notices
from placet.operations.house import House
from placet.review import Case, viewer

__all__ = ["Told", "everything", "moved", "notices_for"]

Told = tuple[str, str]
"""A person, and the office of which they are told alone; empty where it is all that they hold."""

_ABOUT_NO_CASE = frozenset({"status-list", "erase"})
"""Kinds of entry that are about no case, and after which nobody has to do anything else."""


def moved(house: House, start: int, end: int) -> frozenset[str] | None:
    """Return the cases that the entries from `start` to before `end` moved.

    None where one of them bears on any case: it changed the context, or cannot be read any more.
    """
    found: set[str] = set()
    for entry in house.reading.entries(start, end):
        shown = entry.body.shown if entry.body is not None else {}
        case, kind = shown.get("case"), shown.get("kind")
        if isinstance(case, str):
            found.add(case)
        elif kind not in _ABOUT_NO_CASE:
            return None
    return frozenset(found)


def everything(house: House) -> Iterator[Case]:
    """Yield every case that may still come to something."""
    return house.reading.cases(open_only=True)


def notices_for(
    house: House, told: Collection[Told], cases: Iterable[Case]
) -> Iterator[tuple[Told, Notice]]:
    """Yield what there is to tell people about cases now, each with whom."""
    context, at = house.reading.context(), house.clock.now()
    eyes = [(each, viewer(context, each[0], at, each[1] or None)) for each in sorted(told)]
    for case in cases:
        for whom, looking in eyes:
            for notice in notices(case, context, looking, at):
                yield whom, notice
