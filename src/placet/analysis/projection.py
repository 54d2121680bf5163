"""Projection: what is left of a stock if approved and pending requests are carried out.

Pure: figures in, figures out. What draws on whose stock is said here too, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from placet.registry import Activity, Registry, StockClass, StockPosition

__all__ = ["Draw", "Projection", "drawn_on", "projected"]

_GIVEN_BY_ORIGIN = (Activity.RELEASE, Activity.DISCLOSURE)
"""Activities by which whoever made an item hands it out; in all others the actor spends its own."""


@dataclass(frozen=True)
class Draw:
    """What a line of a case takes: `approved` and not yet used; `pending` if approved as asked."""

    case: str
    approved: int
    pending: int


@dataclass(frozen=True)
class Projection:
    """A level now, when what is approved has been used, and when all that is asked for has too.

    The levels may be less than nothing: then more was asked for than there is. A class is None
    where no figures say it.
    """

    on_hand: int
    approved: int
    pending: int
    after_approved: int
    after_pending: int
    class_now: StockClass | None
    class_after_approved: StockClass | None
    class_after_pending: StockClass | None


def drawn_on(line: Mapping[str, Any], request: Mapping[str, Any], registry: Registry) -> str | None:
    """Return whose stock a line of a request draws on: who has the lot, who made it, who acts.

    None where that is not known, or there is nothing to count: an article alone runs out.
    """
    lot = line.get("lot")
    if lot in registry.record.lots:
        return registry.record.lots[lot].holder
    if request.get("activity") in _GIVEN_BY_ORIGIN:
        item = registry.record.items.get(str(line.get("item")))
        return item.origin[0] if item is not None and len(item.origin) == 1 else None
    actor = request.get("actor")
    return str(actor) if actor else None


def projected(position: StockPosition, approved: int, pending: int) -> Projection | None:
    """Return what becomes of a stock position when so much is used; None where it has no number."""
    if position.on_hand is None:
        return None
    used, all_used = position.on_hand - approved, position.on_hand - approved - pending
    return Projection(
        position.on_hand,
        approved,
        pending,
        used,
        all_used,
        position.stock_class(),
        _class_at(position, used),
        _class_at(position, all_used),
    )


def _class_at(position: StockPosition, level: int) -> StockClass | None:
    """Return the class at another level; a class that is given and not computed says nothing."""
    figures = {"class_": None, "on_hand": max(level, 0)}
    return position.model_copy(update=figures).stock_class()
