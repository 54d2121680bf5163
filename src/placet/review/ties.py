"""Whose say hangs on a fact, and who may therefore record or correct it (record 39).

Facts are kept for all, by whoever has the duty. What would take a say from a party, or speak in its
name, is recorded by its own people; where it has none for facts here, by those of a party that
does not apply here: nobody clears the way for a request that they may come to file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from placet.registry import (
    UNKNOWN,
    Agreement,
    Duty,
    Finding,
    Item,
    Lot,
    Party,
    Pool,
    Registry,
    Reliance,
)
from placet.review.authority import Desk
from placet.review.commands import RecordFact
from placet.review.errors import NotAllowedError

__all__ = ["is_others_stock", "must_take_nothing"]

_OF_A_PARTY = frozenset({"areas", "stock", "posture"})
"""The sections in which each record is the word of the party that it names."""
_GIVES_NO_SAY = frozenset({"name", "title", "about", "sources", "availability", "home"})
"""The fields that can be corrected without bearing on who has a say; a home is authority's."""


def must_take_nothing(desk: Desk, command: RecordFact, held: object) -> None:
    """Refuse a fact that would take from others, recorded by who may not speak for them.

    Raises:
        NotAllowedError: names the offices whose officials could.
    """
    for party in sorted(_bears_on(desk.context.registry, command, held)):
        if not _may_speak_for(desk, party):
            raise NotAllowedError(
                f"{desk.actor} does not record what bears on the say of {party}. Its own officials "
                "do; where it has none for facts here, those of a party that does not apply here.",
                _could(desk, party),
            )


def is_others_stock(desk: Desk, command: RecordFact, held: object) -> bool:
    """Say whether a record is of a stock that the actor does not know of."""
    party = held.get("party") if command.section == "stock" and isinstance(held, Mapping) else None
    return isinstance(party, str) and not _may_speak_for(desk, party)


def _may_speak_for(desk: Desk, party: str) -> bool:
    """Say whether the actor records facts for a party: their own, or one with nobody here."""
    if desk.has(Duty.REGISTRY, party):
        return True
    return desk.whose(Duty.REGISTRY, party) != party and not _applies(desk)


def _applies(desk: Desk) -> bool:
    """Say whether the actor acts for a party that applies here, in whatever office."""
    parties = desk.context.parties_of(desk.actor, desk.at)
    return any(desk.context.offices_with(Duty.APPLICATIONS, each) for each in parties)


def _could(desk: Desk, party: str) -> list[str]:
    context = desk.context
    own = context.offices_with(Duty.REGISTRY, party)
    return [*own] or [
        office
        for office in context.offices_with(Duty.REGISTRY)
        if not context.offices_with(Duty.APPLICATIONS, context.party_of(office))
    ]


def _bears_on(registry: Registry, command: RecordFact, held: object) -> frozenset[str]:
    """Return the parties in whose name a fact speaks, or whose say it could take away."""
    section, new = command.section, command.record
    if section in _OF_A_PARTY:
        return _named(*(each.get("party") for each in (new, held) if isinstance(each, Mapping)))
    if section == "findings" and new.get("finding") == "no-right":
        connection = new.get("connection")
        return _named(connection.get("party") if isinstance(connection, Mapping) else None)
    if not isinstance(held, Mapping) or _says(held) == _says(new):
        return frozenset()
    return _tied(registry, getattr(registry.record, section).get(command.id)) - {UNKNOWN}


def _named(*parties: object) -> frozenset[str]:
    return frozenset(each for each in parties if isinstance(each, str))


def _says(record: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: each for name, each in record.items() if name not in _GIVES_NO_SAY}


def _tied(registry: Registry, record: object) -> frozenset[str]:
    """Return the parties to which a record gives a say."""
    match record:
        case Item(origin=origin):
            return frozenset(origin)
        case Reliance(on=item):
            return frozenset(registry.item(item).origin)
        case Agreement(grants=grants):
            return frozenset(grants)
        case Lot():
            hands = {record.title, record.holder, *(each.holder for each in record.custody)}
            return frozenset(hands | set(registry.item(record.item).origin))
        case Pool():
            return frozenset({record.holder, *registry.item(record.item).origin})
        case Finding(finding="right"):
            return frozenset({record.connection.party})
        case Party():
            return frozenset({record.id, *record.under})
    return frozenset()
