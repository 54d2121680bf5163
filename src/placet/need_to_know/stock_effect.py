"""What a request does to the stock it would be taken from: class and level before and after.

Only a viewer who acts for the party whose stock it is, or audits, sees it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from placet.determination.connections import item_of
from placet.errors import RequestError
from placet.need_to_know.shown import CaseStatus, status_of
from placet.need_to_know.view import Sight
from placet.registry import Presence, Registry, StockPosition
from placet.registry.facts import Count, Text, YesNo
from placet.review.case import Kept
from placet.review.commands import Verdict
from placet.review.context import Context
from placet.review.released import released
from placet.review.validity import counted_reports, used

__all__ = ["StockEffect", "stock_effect"]


class StockEffect(Kept):
    """A party's stock of an item, now and once what this request asks for, or holds, is gone.

    `asked` is what the request asks for, `permitted` what permits on it still allow, of the
    item's own number. Of what is asked, no more goes than every party that has agreed allows.
    A class that is given and not computed stays what it is. A case on which nothing more can be
    taken has no effect.
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
        lines = context.request(eyes.case.request).lines
        items = {key: item_of(line, context.registry) for key, line in lines.items()}
    except RequestError:
        return ()
    numbers = {
        key: line.quantity if isinstance(line.quantity, int) else None
        for key, line in lines.items()
    }
    asked = _of_items(items, numbers)
    open_ = status_of(eyes.case) is CaseStatus.UNDER_REVIEW
    going = _of_items(
        items, {key: _agreed(eyes, key, each) if open_ else 0 for key, each in numbers.items()}
    )
    return tuple(_effects(eyes, context.registry, asked, going, at))


def _of_items(
    items: Mapping[str, str], numbers: Mapping[str, int | None]
) -> Mapping[str, int | None]:
    """Return how many of each item some lines come to; None where a line does not say."""
    found: dict[str, int | None] = {}
    for line, item in items.items():
        number, known = numbers[line], found.get(item, 0)
        found[item] = None if number is None or known is None else known + number
    return found


def _agreed(eyes: Sight, line: str, asked: int | None) -> int | None:
    """Return the most of a line that every party whose approval is out allows."""
    most = [
        proviso.at_most
        for each in released(eyes.case)
        if each.verdict is Verdict.APPROVE and line in each.lines
        for proviso in each.provisos
        if proviso.line in (None, line)
    ]
    return min((each for each in (asked, *most) if each is not None), default=None)


def _effects(
    eyes: Sight,
    registry: Registry,
    asked: Mapping[str, int | None],
    going: Mapping[str, int | None],
    at: datetime,
) -> Iterator[StockEffect]:
    seen: set[tuple[str, str]] = set()
    every = sorted(registry.record.stock.items(), key=lambda each: _latest_first(each[0], each[1]))
    for key, position in every:
        which = (position.party, position.item)
        mine = eyes.relation.auditor or position.party in eyes.viewer.parties
        standing = position.standing(at, None).presence
        if position.item in asked and mine and standing is Presence.IN and which not in seen:
            seen.add(which)
            numbers = asked[position.item], going[position.item]
            permitted = _permitted(eyes, position.item, at)
            if permitted or status_of(eyes.case) is CaseStatus.UNDER_REVIEW:
                yield _effect(registry, key, position, numbers, permitted)


def _latest_first(key: str, position: StockPosition) -> tuple[float, str]:
    began = position.from_.earliest.timestamp() if position.from_ else float("-inf")
    return -began, key


def _effect(
    registry: Registry,
    key: str,
    position: StockPosition,
    numbers: tuple[int | None, int | None],
    permitted: int,
) -> StockEffect:
    asked, going = numbers
    now = position.stock_class()
    after = None
    if position.on_hand is not None and going is not None:
        after = max(0, position.on_hand - max(going, permitted))
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


def _permitted(eyes: Sight, item: str, at: datetime) -> int:
    """Return how many of an item the permits on the case still allow at a moment."""
    return sum(
        max(0, (line.quantity or 0) - used(permit, eyes.case, line.line))
        for permit in eyes.case.permits.values()
        if permit.stage in ("issued", "suspended") and at < permit.terms.until
        if not (permit.terms.each_use and counted_reports(permit, eyes.case))
        for line in permit.terms.lines
        if line.item == item
    )
