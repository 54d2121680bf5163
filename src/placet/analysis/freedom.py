"""Freedom of action: what a holder can use, where, and whose leave it needs (DESIGN §2).

Each cell of the matrix is a determination of a request that says no more than
the item and the area. What it leaves open spans the interval, so a cell says
who must consent whatever the rest of the request, and who may have to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from placet.determination import Determination, Matter, determine
from placet.policy import Book
from placet.registry import NONE, Activity, ItemKind, Presence, Registry, Request

__all__ = ["Cell", "Freedom", "Said", "bare_request", "freedom", "places"]


@dataclass(frozen=True)
class Cell:
    """One item in one area: who must consent, who may have to, who refuses or may refuse.

    `free` is `yes` when it needs nobody's leave, `depends` when it needs
    nobody's for some completions of the request, `no` otherwise.
    """

    item: str
    area: str
    must: tuple[str, ...]
    may: tuple[str, ...]
    refuse: tuple[str, ...]
    may_refuse: tuple[str, ...]
    free: str
    proceed: bool
    determination: Determination


@dataclass(frozen=True)
class Freedom:
    """The matrix of a holder: a cell for each item and area, and how many each party can stop."""

    holder: str
    activity: str
    items: tuple[str, ...]
    areas: tuple[str, ...]
    cells: tuple[Cell, ...]
    can_stop: Mapping[str, int]


@dataclass(frozen=True)
class Said:
    """What a question says besides item, activity, actor and area; None is left open.

    A recipient, and the services and platforms used, may be `none`.
    """

    target: str | None = None
    purpose: str | None = None
    recipient: str | None = None
    quantity: int | None = None
    services: tuple[str, ...] | None = None
    platforms: tuple[str, ...] | None = None


def bare_request(
    registry: Registry,
    item: str,
    activity: Activity,
    actor: str,
    area: str | None = None,
    said: Said | None = None,
) -> Request:
    """Return a request that says only this; everything else is left out, and so is not known.

    A use has no recipient unless one is named. Of services and platforms only
    those come into question that the item is on record as relying on.
    """
    more = said or Said()
    kinds = _kinds_relied_on(registry, item)
    line = {"(id)": "line", "item": item, "quantity": more.quantity}
    fields = {
        "request": f"{activity}-of-{item}",
        "applicant": actor,
        "actor": actor,
        "activity": activity,
        "recipient": more.recipient or (NONE if activity is Activity.USE else None),
        "area": area,
        "target": more.target,
        "purpose": more.purpose,
        "services": more.services or (None if "service" in kinds else (NONE,)),
        "platforms": more.platforms or (None if "platform" in kinds else (NONE,)),
        "lines": {"line": {key: each for key, each in line.items() if each is not None}},
    }
    return Request.model_validate({key: each for key, each in fields.items() if each is not None})


def _kinds_relied_on(registry: Registry, item: str) -> frozenset[str]:
    """Return in which ways an item relies on others, directly or through others."""
    kinds: set[str] = set()
    seen = {item}
    pending = [item]
    while pending:
        for reliance in registry.reliances_of.get(pending.pop(), ()):
            kinds.add(reliance.as_)
            if reliance.on not in seen:
                seen.add(reliance.on)
                pending.append(reliance.on)
    return frozenset(kinds)


def places(registry: Registry, holder: str) -> tuple[str, ...]:
    """Return the areas worth a column: the holder's own country, and all that any set speaks of."""
    sets = registry.record.areas.values()
    named = [holder, *(area for each in sets for area in (*each.includes, *each.excludes))]
    return tuple(dict.fromkeys(area for area in named if area in registry.areas.codes))


def freedom(
    registry: Registry,
    books: Mapping[str, Book],
    holder: str,
    at: datetime,
    *,
    known_at: datetime | None = None,
    announced_only: bool = False,
    activity: Activity = Activity.USE,
    items: Sequence[str] = (),
    areas: Sequence[str] = (),
    said: Said | None = None,
    judge: Callable[[Request], Determination] | None = None,
) -> Freedom:
    """Return the freedom-of-action matrix of a holder at a moment.

    Without `items`, every item that somebody else's say may hang on; without
    `areas`, those of `places`. `judge` determines a request in this registry and
    under these books at that moment, and may remember what it found before.
    """

    def judged(request: Request) -> Determination:
        return determine(Matter(registry, books, request, at, known_at, announced_only))

    chosen = tuple(items) or tuple(
        key
        for key, item in sorted(registry.record.items.items())
        if item.standing(at, known_at).presence is not Presence.OUT and _usable(registry, key)
    )
    where = tuple(areas) or places(registry, holder)
    cells = []
    for item in chosen:
        for area in where:
            request = bare_request(registry, item, activity, holder, area, said)
            cells.append(_cell(item, area, holder, (judge or judged)(request)))
    return Freedom(holder, activity, chosen, where, tuple(cells), _stoppers(cells, holder))


def _usable(registry: Registry, key: str) -> bool:
    """Say whether an item is used for its own sake: not a service, and not a part of another."""
    parts = {each.on for each in registry.record.reliances.values() if each.as_ != "platform"}
    return registry.item(key).kind is not ItemKind.SERVICE and key not in parts


def _cell(item: str, area: str, holder: str, found: Determination) -> Cell:
    others = [each for each in found.parties if each.party != holder]
    must = [each.party for each in others if each.at_least.outcome == "review"]
    refuse = [each.party for each in others if each.at_least.outcome == "refuse"]
    may_refuse = [
        each.party
        for each in others
        if each.at_most.outcome == "refuse" and each.party not in refuse
    ]
    may = [
        each.party
        for each in others
        if each.at_least.outcome == "clear" and each.at_most.outcome == "review"
    ]
    own = found.party(holder)
    settled = found.at_most == "clear" or (
        own is not None and not (must or may or refuse or may_refuse)
    )
    free = "yes" if settled else "no" if must or refuse else "depends"
    return Cell(
        item,
        area,
        tuple(must),
        tuple(may),
        tuple(refuse),
        tuple(may_refuse),
        free,
        found.proceed,
        found,
    )


def _stoppers(cells: Iterable[Cell], holder: str) -> Mapping[str, int]:
    """Count, for each party, the cells in which it must or may have to say yes: most first."""
    counts: dict[str, int] = {}
    for cell in cells:
        for party in {*cell.must, *cell.may, *cell.refuse, *cell.may_refuse} - {holder}:
            counts[party] = counts.get(party, 0) + 1
    return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))
