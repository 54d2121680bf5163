"""Authority: offices, who holds them, who may act for them, and by which keys people sign.

Offices are everybody's to know. Who holds one, what it delegates and by which keys its people sign
is known to those who act for its party, and to auditors.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from placet.need_to_know.known import Known
from placet.operations.house import House, SignedIn
from placet.operations.on_record.books import known_to
from placet.registry import Delegation, Duty, Grade, Office, Official, Presence, SigningKey
from placet.review.authority import Desk

__all__ = [
    "Holder",
    "Instrument",
    "KeySeen",
    "OfficeSeen",
    "PartySeen",
    "appointing",
    "see_authority",
]


@dataclass(frozen=True)
class Holder:
    """A time in an office, and how it stands on a day."""

    official: Official
    holds: Presence


@dataclass(frozen=True)
class Instrument:
    """A delegation, and how it stands on a day: `counts`, or why it does not."""

    delegation: Delegation
    to: str
    stands: str

    @property
    def counts(self) -> bool:
        """Whether it gives authority on the day."""
        return self.stands == "in force"


@dataclass(frozen=True)
class OfficeSeen:
    """An office with its people, as far as they may be known.

    `vacant` where of those on record nobody holds it, `unrecorded` where nobody is on record at
    all: who holds it, if anybody does, this register does not say.
    """

    key: str
    office: Office
    holders: tuple[Holder, ...]
    delegations: tuple[Instrument, ...]

    @property
    def vacant(self) -> bool:
        """Whether it has had holders here, and none of them certainly holds it on the day."""
        return not self.unrecorded and not any(each.holds is Presence.IN for each in self.holders)

    @property
    def unrecorded(self) -> bool:
        """Whether nobody was ever put on record here as its holder."""
        return not self.holders


@dataclass(frozen=True)
class KeySeen:
    """A person's public key on record, and how it stands on a day."""

    key: SigningKey
    person: str
    stands: Presence


@dataclass(frozen=True)
class PartySeen:
    """A party's offices and keys; `own` says that its people may be known."""

    party: str
    name: str
    own: bool
    offices: tuple[OfficeSeen, ...]
    keys: tuple[KeySeen, ...]


def see_authority(house: House, who: SignedIn, day: datetime) -> tuple[PartySeen, ...]:
    """Return the offices of every party on a day, the viewer's own parties first."""
    sight = known_to(house, who)
    parties = sorted({each.party for each in sight.registry.record.offices.values()})
    found = [_party(sight, party, day) for party in parties]
    return tuple(sorted(found, key=lambda each: (each.party not in sight.own, each.name)))


def _party(sight: Known, party: str, day: datetime) -> PartySeen:
    record = sight.registry.record
    offices = {key: each for key, each in record.offices.items() if each.party == party}
    people = {each.who for each in record.officials.values() if each.office in offices}
    keys = [
        KeySeen(each, sight.people.get(each.person, each.person), _presence(each, day))
        for _, each in sorted(record.keys.items())
        if each.person in people
    ]
    return PartySeen(
        party,
        sight.registry.name(party),
        sight.owns(party),
        tuple(_office(sight, key, each, day) for key, each in sorted(offices.items())),
        tuple(keys),
    )


def _office(sight: Known, key: str, office: Office, day: datetime) -> OfficeSeen:
    record = sight.registry.record
    holders = [
        Holder(each, _presence(each, day))
        for each in record.officials.values()
        if each.office == key
    ]
    instruments = [
        Instrument(each, sight.registry.office_title(each.to), _stands(each, day))
        for _, each in sorted(record.delegations.items())
        if each.of == key
    ]
    ordered = sorted(holders, key=lambda each: (each.official.known_since(), each.official.id))
    return OfficeSeen(key, office, tuple(ordered), tuple(instruments))


def _presence(fact: Official | SigningKey, day: datetime) -> Presence:
    return fact.standing(day, None).presence


def _stands(delegation: Delegation, day: datetime) -> str:
    """Say how a delegation stands: a disputed grant is none, a disputed revocation counts."""
    standing = delegation.standing(day, None)
    revoked = delegation.revoked
    if revoked is not None and revoked.on.reached(day) is not Presence.OUT:
        return "revoked"
    if standing.grade is not Grade.CONFIRMED:
        return f"{standing.grade}: it gives no authority"
    if standing.presence is Presence.IN:
        return "in force"
    return "its dates are not certain" if standing.presence is Presence.EITHER else "not in force"


def appointing(house: House, who: SignedIn) -> frozenset[str]:
    """Return the parties to whose offices the person signed in appoints officials (record 36)."""
    context = house.reading.context()
    desk = Desk(context, who.person, house.clock.now(), who.office)
    parties = {each.party for each in context.registry.record.offices.values()}
    return frozenset(each for each in parties if desk.has_for(Duty.AUTHORITY, each))
