"""The reliance map: what an item relies on, however far down, and whose each of these is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from placet.drawing.boxes import Link, Node
from placet.drawing.consent_column import drawn_down
from placet.drawing.consent_picture import drawn
from placet.drawing.pictures import Edge, Picture
from placet.registry import UNKNOWN, ItemKind, Presence, Registry, Reliance

__all__ = ["reliance_maps"]


def reliance_maps(
    registry: Registry,
    item: str,
    day: datetime,
    availability: Mapping[str, str],
    *,
    link: Link | None = None,
) -> tuple[str, str]:
    """Return the picture of an item's reliances on a day, across and from top to bottom.

    Each is one accessible SVG element, and both say the same; a page shows one of them.

    `availability` says of each item by its key how it can be had, in a word; `link` gives the page
    of a node by its key, `item:<id>` or `party:<id>`.
    """
    reliances = [
        each
        for each in _beneath(registry, item)
        if each.standing(day, None).presence is not Presence.OUT
    ]
    depths = _depths(item, reliances)
    deepest = max(depths.values())
    nodes = [
        _box(registry, key, depth, availability, first=key == item) for key, depth in depths.items()
    ]
    parties = dict.fromkeys(party for key in depths for party in registry.item(key).origin)
    nodes += [_maker(registry, party, deepest + 1) for party in parties]
    relied = ["It relies on", *["Which relies on"] * deepest][:deepest]
    name = registry.item(item).name
    picture = Picture(
        id=f"reliance-map-{item}",
        title=f"What {name} relies on",
        about=" ".join(f"{node.whole}." for node in nodes),
        headings=("The item", *relied, "Whose it is"),
        nodes=tuple(nodes),
        edges=tuple(_edges(registry, depths, reliances, availability, day)),
        dashed="for some requests only, or not certain",
    )
    return drawn(picture, link), drawn_down(picture, link)


def _beneath(registry: Registry, item: str) -> Iterator[Reliance]:
    """Yield every reliance that an item's use may run along, leaving out what closes a circle."""
    onward: dict[str, set[str]] = {}
    pending, seen = [item], {item}
    while pending:
        of = pending.pop(0)
        for each in registry.reliances_of.get(of, ()):
            if of in _reached(each.on, onward):
                continue
            onward.setdefault(of, set()).add(each.on)
            yield each
            if each.on not in seen:
                seen.add(each.on)
                pending.append(each.on)


def _reached(start: str, onward: Mapping[str, set[str]]) -> set[str]:
    reached, pending = {start}, [start]
    while pending:
        for each in onward.get(pending.pop(), set()) - reached:
            reached.add(each)
            pending.append(each)
    return reached


def _depths(item: str, reliances: list[Reliance]) -> dict[str, int]:
    """Return every item with how many reliances away it stands at most."""
    depths = {item: 0}
    for _ in range(len(reliances) + 1):
        for each in reliances:
            if each.of in depths:
                depths[each.on] = max(depths.get(each.on, 0), depths[each.of] + 1)
    return depths


def _box(
    registry: Registry, key: str, depth: int, availability: Mapping[str, str], *, first: bool
) -> Node:
    item = registry.item(key)
    had = availability.get(key, "available")
    status = "withdrawn" if had == "withdrawn" else "open" if had != "available" else ""
    word = had if status or item.kind is ItemKind.SERVICE else str(item.kind)
    origin = " and ".join(_called(registry, party) for party in item.origin)
    whole = f"{item.name}: {item.kind} of {origin}, {had}"
    shown = "" if first else status
    notes = (f"of {origin}",) if first else ()
    return Node(f"item:{key}", depth, item.name, shown, word, whole, notes=notes)


def _maker(registry: Registry, party: str, column: int) -> Node:
    name = _called(registry, party)
    return Node(f"party:{party}", column, name, "", "origin", f"{name} is an origin")


def _called(registry: Registry, party: str) -> str:
    return "unknown" if party == UNKNOWN else registry.name(party)


def _edges(
    registry: Registry,
    depths: Mapping[str, int],
    reliances: list[Reliance],
    availability: Mapping[str, str],
    day: datetime,
) -> Iterator[Edge]:
    pairs: dict[tuple[str, str], bool] = {}
    for each in reliances:
        always = each.when is None and each.standing(day, None).presence is Presence.IN
        pairs[each.of, each.on] = pairs.get((each.of, each.on), False) or always
    for (of, on), certain in pairs.items():
        status = "withdrawn" if availability.get(on) == "withdrawn" else ""
        yield Edge(f"item:{of}", f"item:{on}", status, certain)
    for key in depths:
        for party in registry.item(key).origin:
            yield Edge(f"item:{key}", f"party:{party}", "", certain=True)
