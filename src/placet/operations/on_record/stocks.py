"""Stock: level against floor, trend over the figures recorded, and what requests would take.

A party's stock is its own affair; the requests counted are those that the viewer has a part in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from placet.analysis.projection import Draw, Projection, drawn_on, projected
from placet.need_to_know.desk import keys
from placet.operations.house import House, SignedIn, viewer_of
from placet.operations.on_record.books import known_to
from placet.operations.ports import Taken
from placet.registry import Presence, Registry, StockClass, StockPosition

__all__ = ["StockSeen", "see_stock", "taken_of"]


@dataclass(frozen=True)
class StockSeen:
    """A party's stock of an item on a day: the position that holds, those before it, and after.

    `positions` are all on record, the earliest first. `projection` is None where no number is on
    record; `lines` of requests draw on it, and `draws` is what the first of them take.
    """

    party: str
    name: str
    item: str
    item_name: str
    position: StockPosition | None
    positions: tuple[StockPosition, ...]
    stock_class: StockClass | None
    lines: int
    draws: tuple[Draw, ...]
    projection: Projection | None


def see_stock(house: House, who: SignedIn, day: datetime) -> tuple[StockSeen, ...]:
    """Return the stock of the parties whose affairs the person signed in may know."""
    registry = known_to(house, who).registry
    found: dict[tuple[str, str], list[StockPosition]] = defaultdict(list)
    for each in registry.record.stock.values():
        found[each.party, each.item].append(each)
    if not found:
        return ()
    items = {item for _, item in found}
    lots = {name for name, lot in registry.record.lots.items() if lot.item in items}
    taken = taken_of(house.reading.taken(keys(viewer_of(house, who)), items, lots), registry)
    return tuple(
        _seen(registry, party, item, positions, day, taken.get((party, item), ()))
        for (party, item), positions in sorted(found.items())
    )


def taken_of(
    taken: Iterable[Taken], registry: Registry
) -> Mapping[tuple[str, str], tuple[Taken, ...]]:
    """Return what cases take by party and item; what draws on nobody's stock is left out."""
    found: dict[tuple[str, str], tuple[Taken, ...]] = {}
    for each in taken:
        line = {"item": each.item, "lot": each.lot or None}
        party = drawn_on(line, {"activity": each.activity, "actor": each.actor}, registry)
        lot = registry.record.lots.get(each.lot)
        if party is not None:
            place = (party, each.item or (lot.item if lot is not None else ""))
            found[place] = (*found.get(place, ()), each)
    return found


def _seen(
    registry: Registry,
    party: str,
    item: str,
    positions: list[StockPosition],
    day: datetime,
    taken: tuple[Taken, ...],
) -> StockSeen:
    ordered = tuple(sorted(positions, key=lambda each: (each.known_since(), each.id)))
    holding = [each for each in ordered if each.standing(day, None).presence is Presence.IN]
    position = holding[-1] if holding else None
    approved = sum(each.approved for each in taken)
    pending = sum(each.pending for each in taken)
    named = sorted((draw for each in taken for draw in each.draws), key=lambda each: each.case)
    return StockSeen(
        party=party,
        name=registry.name(party),
        item=item,
        item_name=registry.item(item).name,
        position=position,
        positions=ordered,
        stock_class=position.stock_class() if position is not None else None,
        lines=sum(each.count for each in taken),
        draws=tuple(named[: Taken.MOST_NAMED]),
        projection=projected(position, approved, pending) if position is not None else None,
    )
