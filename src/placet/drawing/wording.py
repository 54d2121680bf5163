"""Words of pictures: what a request asks, moments as pages write them, names as they are read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC

from placet.registry import NONE, UNKNOWN, Registry, Request, iso_names, parse_moment

__all__ = ["asks", "counted", "listing", "summary", "worded"]

_THINGS = 3


def asks(request: Request, registry: Registry) -> str:
    """Return how many of what is asked for, and by whom: `4 x ATACMS, asked for by Ukraine`."""
    things = []
    for line in request.lines.values():
        count = (
            f"{line.quantity} \N{MULTIPLICATION SIGN} " if isinstance(line.quantity, int) else ""
        )
        known = registry.record.items.get(line.item or "")
        named = known.name if known else line.item or line.lot or "goods of a pool"
        things.append(f"{count}{named}")
    if len(things) > _THINGS:
        things = [*things[: _THINGS - 1], f"{len(things) - _THINGS + 1} more"]
    return f"{listing(things)}, asked for by {registry.name(request.applicant)}"


def summary(request: Request, registry: Registry) -> str:
    """Return who does what to whom and where, in one line."""
    said = f"{request.activity} by {registry.name(request.actor)}"
    if request.recipient and request.recipient not in (NONE, UNKNOWN):
        said += f", to {registry.name(request.recipient)}"
    if request.area and request.area not in (NONE, UNKNOWN):
        said += f", in {iso_names().get(request.area, request.area)}"
    return said


def worded(moment: str) -> str:
    """Return a moment as pages write it: `10 Jul 2025, 10:00 UTC`, or a day alone."""
    form = "%-d %b %Y, %H:%M UTC" if "T" in moment else "%-d %b %Y"
    return parse_moment(moment).astimezone(UTC).strftime(form)


def listing(names: Iterable[str]) -> str:
    """Return names as they are read out: `a, b and c`."""
    *most, last = [*names] or [""]
    return f"{', '.join(most)} and {last}" if most else last


def counted(count: int, noun: str) -> str:
    """Return a number of things: `1 step`, `2 steps`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
