"""Systems: an item with what it relies on, when it can be had, where it is, who has a say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from placet.analysis.freedom import Freedom, bare_request, freedom
from placet.determination import Determination
from placet.need_to_know.known import Known, knows_lot
from placet.operations.house import House, SignedIn, viewer_of
from placet.operations.on_record.books import known_to
from placet.registry import (
    Activity,
    Agreement,
    Item,
    Lot,
    Presence,
    Registry,
    Reliance,
    Request,
    Source,
)
from placet.review import UnknownError

__all__ = [
    "ItemRow",
    "ItemSeen",
    "ReliedOn",
    "Say",
    "see_freedom",
    "see_item",
    "see_items",
]


@dataclass(frozen=True)
class ItemRow:
    """An item in the list: how it stands on a day, and on how many others it relies."""

    key: str
    item: Item
    origin: tuple[str, ...]
    available: str
    relies_on: int


@dataclass(frozen=True)
class ReliedOn:
    """A reliance that an item's use runs along, however far down; `depth` 1 is its own."""

    reliance: Reliance
    depth: int
    of: str
    on: str
    presence: Presence
    available: str


@dataclass(frozen=True)
class Say:
    """Who has a say over an item for one activity, by what may be known to whoever asks."""

    activity: Activity
    actor: str
    request: Request
    determination: Determination


@dataclass(frozen=True)
class ItemSeen:
    """An item with its surroundings.

    `lots` are those that may be known; `announced_only` says that undeclared policies of other
    parties are not heard.
    """

    key: str
    item: Item
    origin: tuple[tuple[str, str], ...]
    available: str
    relies_on: tuple[ReliedOn, ...]
    relied_on_by: tuple[tuple[str, str], ...]
    agreements: tuple[Agreement, ...]
    lots: tuple[Lot, ...]
    says: tuple[Say, ...]
    sources: tuple[Source, ...]
    announced_only: bool
    registry: Registry


def see_items(house: House, who: SignedIn, day: datetime) -> tuple[ItemRow, ...]:
    """Return every item on record, in order of name, as it stands on a day."""
    registry = known_to(house, who).registry
    rows = [
        ItemRow(
            key,
            item,
            tuple(map(registry.name, item.origin)),
            availability(item, day),
            len(registry.reliances_of.get(key, ())),
        )
        for key, item in registry.record.items.items()
    ]
    return tuple(sorted(rows, key=lambda each: (each.item.name.casefold(), each.key)))


def see_item(house: House, who: SignedIn, key: str, actor: str, day: datetime) -> ItemSeen:
    """Return an item as the person signed in may know it, and who has a say if `actor` acts.

    Raises:
        UnknownError: there is no such item, or no such party.
    """
    sight = known_to(house, who)
    registry = sight.registry
    item = registry.record.items.get(key)
    if item is None:
        raise UnknownError(f"There is no item {key[:80]!r} on record.")
    _must_be_state(registry, actor)
    looking = viewer_of(house, who)
    named = registry.record.sources
    return ItemSeen(
        key=key,
        item=item,
        origin=tuple((each, registry.name(each)) for each in item.origin),
        available=availability(item, day),
        relies_on=tuple(_relied_on(registry, key, day)),
        relied_on_by=tuple(
            (each.of, registry.item(each.of).name)
            for _, each in sorted(registry.record.reliances.items())
            if each.on == key
        ),
        agreements=tuple(_agreements(registry, key)),
        lots=tuple(
            each for each in registry.lots_of.get(key, ()) if knows_lot(each, registry, looking)
        ),
        says=tuple(_says(sight, key, actor, day)),
        sources=tuple(named[each] for each in item.all_sources() if each in named),
        announced_only=not sight.audits,
        registry=registry,
    )


def see_freedom(
    house: House, who: SignedIn, holder: str, day: datetime, activity: Activity = Activity.USE
) -> Freedom:
    """Return the freedom-of-action matrix of a holder, by what the person signed in may know.

    Raises:
        UnknownError: there is no such party.
    """
    sight = known_to(house, who)
    _must_be_state(sight.registry, holder)
    judge = partial(sight.precedents.determine, at=day)
    return freedom(sight.registry, sight.books, holder, day, activity=activity, judge=judge)


def availability(item: Item, day: datetime) -> str:
    """Say whether an item can be had on a day: `available`, `withdrawn`, or `in doubt`.

    A withdrawal that is only for some requests is `partly withdrawn`.
    """
    found = [(each, each.standing(day, None).presence) for each in item.availability]
    withdrawn = [each for each, presence in found if presence is Presence.IN]
    withdrawn = [each for each in withdrawn if each.status == "withdrawn"]
    if any(each.when is None for each in withdrawn):
        return "withdrawn"
    if withdrawn:
        return "partly withdrawn"
    doubtful = any(
        presence is Presence.EITHER and each.status == "withdrawn" for each, presence in found
    )
    return "in doubt" if doubtful else "available"


def _must_be_state(registry: Registry, party: str) -> None:
    if party not in registry.states:
        raise UnknownError(f"There is no party {party[:80]!r} on record.")


def _relied_on(registry: Registry, key: str, day: datetime) -> Iterator[ReliedOn]:
    """Yield the reliances beneath an item, the nearest first, each once."""
    here, seen, depth = [key], {key}, 0
    while here:
        depth += 1
        onward: list[str] = []
        for of in here:
            for each in registry.reliances_of.get(of, ()):
                on = registry.item(each.on)
                presence = each.standing(day, None).presence
                name = registry.item(of).name
                yield ReliedOn(each, depth, name, on.name, presence, availability(on, day))
                if each.on not in seen:
                    seen.add(each.on)
                    onward.append(each.on)
        here = onward


def _agreements(registry: Registry, key: str) -> Iterator[Agreement]:
    lots = {each.id for each in registry.lots_of.get(key, ())}
    for _, each in sorted(registry.record.agreements.items()):
        over = each.over
        classes = any(registry.in_class(key, named) for named in over.classes)
        if key in over.items or lots & set(over.lots) or classes:
            yield each


def _says(sight: Known, key: str, actor: str, day: datetime) -> Iterator[Say]:
    """Yield who has a say for each activity that the item is asked for in earnest."""
    for activity in (Activity.USE, Activity.RETRANSFER):
        bare = bare_request(sight.registry, key, activity, actor)
        title = f"{activity.capitalize()} of {sight.registry.item(key).name}"
        request = bare.model_copy(update={"title": title})
        yield Say(activity, actor, request, sight.precedents.determine(request, day))
