"""What a request does to the stock it would be taken from: class and level before and after.

Only a viewer who acts for the party whose stock it is, or audits, sees it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from placet.determination.connections import item_of
from placet.errors import RequestError
from placet.registry import Presence, Registry, StockPosition
from placet.registry.facts import Count, Text, YesNo
from placet.review.case import Kept
from placet.review.context import Context
from placet.review.validity import used
from placet.review.view import Sight

__all__ = ["StockEffect", "stock_effect"]


class StockEffect(Kept):
    """A party's stock of an item, now and once what this request asks for, or holds, is gone.

    `asked` is what the request asks for, `permitted` what permits on it still allow, of the
    item's own number. A class that is given and not computed stays what it is.
    """

    position: Text
    party: Text
    item: Text
    name: Text
    class_now: Text | None = None
    class_after: Text | None = None
    on_hand: Count | None = None
    after: Count | None = None
    floor: Count | None = None
    yellow_below: Count | None = None
    asked: Count | None = None
    permitted: Count = 0
    computed: YesNo = False


def stock_effect(eyes: Sight, context: Context, at: datetime) -> tuple[StockEffect, ...]:
    """Return the effect on each stock on record that the viewer may see, in order of position."""
    try:
        quantities = _quantities(eyes, context)
    except RequestError:
        return ()
    return tuple(_effects(eyes, context.registry, quantities, at))


def _quantities(eyes: Sight, context: Context) -> Mapping[str, int | None]:
    """Return how many of each item are asked for; None where a line does not say."""
    found: dict[str, int | None] = {}
    for line in context.request(eyes.case.request).lines.values():
        item = item_of(line, context.registry)
        number = line.quantity if isinstance(line.quantity, int) else None
        known = found.get(item, 0)
        found[item] = None if number is None or known is None else known + number
    return found


def _effects(
    eyes: Sight, registry: Registry, quantities: Mapping[str, int | None], at: datetime
) -> Iterator[StockEffect]:
    seen: set[tuple[str, str]] = set()
    every = sorted(registry.record.stock.items(), key=lambda each: _latest_first(each[0], each[1]))
    for key, position in every:
        which = (position.party, position.item)
        mine = eyes.relation.auditor or position.party in eyes.viewer.parties
        standing = position.standing(at, None).presence
        if position.item in quantities and mine and standing is Presence.IN and which not in seen:
            seen.add(which)
            yield _effect(eyes, registry, key, position, quantities[position.item])


def _latest_first(key: str, position: StockPosition) -> tuple[float, str]:
    began = position.from_.earliest.timestamp() if position.from_ else float("-inf")
    return -began, key


def _effect(
    eyes: Sight, registry: Registry, key: str, position: StockPosition, asked: int | None
) -> StockEffect:
    permitted = _permitted(eyes, position.item)
    now = position.stock_class()
    after = None
    if position.on_hand is not None and asked is not None:
        after = max(0, position.on_hand - max(asked, permitted))
    later = position.model_copy(update={"on_hand": after}) if after is not None else None
    computed = position.class_ is None and position.on_hand is not None
    class_after = later.stock_class() if later else None
    return StockEffect(
        position=key,
        party=position.party,
        item=position.item,
        name=registry.item(position.item).name,
        class_now=now.value if now else None,
        class_after=class_after.value if class_after else None,
        on_hand=position.on_hand,
        after=after,
        floor=position.floor,
        yellow_below=position.yellow_below,
        asked=asked,
        permitted=permitted,
        computed=computed,
    )


def _permitted(eyes: Sight, item: str) -> int:
    """Return how many of an item the permits on the case still allow."""
    return sum(
        max(0, (line.quantity or 0) - used(permit, eyes.case, line.line))
        for permit in eyes.case.permits.values()
        if permit.stage in ("issued", "suspended")
        for line in permit.terms.lines
        if line.item == item
    )
