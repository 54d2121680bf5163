"""Stock: level against floor, trend over the figures recorded, and what requests would take.

A party's stock is its own affair; the requests counted are those that the viewer has a part in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from placet.analysis.projection import Draw, Projection, drawn_on, projected
from placet.operations.books import known_to
from placet.operations.house import House, SignedIn
from placet.operations.seeing import viewer_of
from placet.registry import Presence, Registry, StockClass, StockPosition
from placet.review.case import Case, PermitStage, Stage
from placet.review.validity import remaining
from placet.review.viewer import Viewer, relation

__all__ = ["StockSeen", "draws", "see_stock"]

_PENDING = (Stage.SUBMITTED, Stage.UNDER_REVIEW, Stage.DECIDED)
_LIVE = (PermitStage.ISSUED, PermitStage.SUSPENDED)


@dataclass(frozen=True)
class StockSeen:
    """A party's stock of an item on a day: the position that holds, those before it, and after.

    `positions` are all on record, the earliest first. `projection` is None where no number is on
    record; `draws` are the cases behind it.
    """

    party: str
    name: str
    item: str
    item_name: str
    position: StockPosition | None
    positions: tuple[StockPosition, ...]
    stock_class: StockClass | None
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
    counted = draws(house.reading.cases(open_only=True), viewer_of(house, who), registry)
    return tuple(
        _seen(registry, party, item, positions, day, tuple(counted.get((party, item), ())))
        for (party, item), positions in sorted(found.items())
    )


def _seen(
    registry: Registry,
    party: str,
    item: str,
    positions: list[StockPosition],
    day: datetime,
    taken: tuple[Draw, ...],
) -> StockSeen:
    ordered = tuple(sorted(positions, key=lambda each: (each.known_since(), each.id)))
    holding = [each for each in ordered if each.standing(day, None).presence is Presence.IN]
    position = holding[-1] if holding else None
    return StockSeen(
        party=party,
        name=registry.name(party),
        item=item,
        item_name=registry.item(item).name,
        position=position,
        positions=ordered,
        stock_class=position.stock_class() if position is not None else None,
        draws=taken,
        projection=projected(position, taken) if position is not None else None,
    )


def draws(
    cases: Iterable[Case], viewer: Viewer, registry: Registry
) -> Mapping[tuple[str, str], list[Draw]]:
    """Return what the cases that a viewer has a part in take, by party and item.

    Of a case nothing is used here but what everybody with a part in it sees.
    """
    found: dict[tuple[str, str], list[Draw]] = defaultdict(list)
    for case in cases:
        if relation(case, viewer):
            for place, draw in _of_case(case, registry):
                found[place].append(draw)
    return found


def _of_case(case: Case, registry: Registry) -> Iterator[tuple[tuple[str, str], Draw]]:
    lines: Mapping[str, Mapping[str, Any]] = case.request.get("lines", {})
    approved = _approved(case)
    totals: dict[tuple[str, str], tuple[int, int]] = {}
    for name, line in lines.items():
        party = drawn_on(line, case.request, registry)
        if party is None:
            continue
        asked = _number(line.get("quantity")) if case.stage in _PENDING else 0
        place = (party, str(line.get("item")))
        before = totals.get(place, (0, 0))
        totals[place] = (before[0] + approved.get(name, 0), before[1] + asked)
    for place, (under_permits, pending) in totals.items():
        if under_permits or pending:
            yield place, Draw(case.id, under_permits, pending)


def _approved(case: Case) -> Mapping[str, int]:
    """Return how much of each line may still be used under permits that have not ended."""
    found: dict[str, int] = defaultdict(int)
    for permit in case.permits.values():
        if permit.stage in _LIVE:
            for line, left in remaining(permit, case).items():
                found[line] += left or 0
    return found


def _number(text: object) -> int:
    return int(text) if isinstance(text, str) and text.isdecimal() else 0
