"""What a registry holds: parties, offices, items, lots, reliances, agreements, stock, posture.

Each class is one section's record as it is written in a file and as the
judgement reads it; the words are those of DESIGN §1.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from placet.registry.facts import (
    ConditionText,
    Count,
    Fact,
    Grade,
    Record,
    RefMark,
    SourceId,
    Span,
    Text,
    YesNo,
)

__all__ = [
    "SECTIONS_OF_TEXT",
    "Activity",
    "Agreement",
    "AreaSet",
    "Availability",
    "Basis",
    "Custody",
    "Delegation",
    "Duty",
    "Event",
    "Finding",
    "Item",
    "ItemKind",
    "Lot",
    "Member",
    "Office",
    "Official",
    "Over",
    "Party",
    "Pool",
    "Posture",
    "PostureValue",
    "Recognition",
    "RegistryRecord",
    "Reliance",
    "Revocation",
    "SigningKey",
    "Source",
    "StockClass",
    "StockPosition",
    "Tie",
]


class Activity(StrEnum):
    """What is done with an item."""

    USE = "use"
    RETRANSFER = "retransfer"
    RE_EXPORT = "re-export"
    DISCLOSURE = "disclosure"
    RELEASE = "release"
    MODIFICATION = "modification"
    DISPOSAL = "disposal"
    NEGOTIATION = "negotiation"


class Basis(StrEnum):
    """The kind of connection that ties a party to a request."""

    ORIGIN = "origin"
    COMPONENT = "component"
    LICENCE = "licence"
    SERVICE = "service"
    PLATFORM = "platform"
    CONSUMABLE = "consumable"
    CUSTODY = "custody"
    OWNERSHIP = "ownership"
    JURISDICTION = "jurisdiction"
    AGREEMENT = "agreement"
    PARTNERSHIP = "partnership"


class ItemKind(StrEnum):
    """What sort of thing an item is."""

    ARTICLE = "article"
    SOFTWARE = "software"
    TECHNOLOGY = "technology"
    DATA = "data"
    SERVICE = "service"


class StockClass(StrEnum):
    """The health of a party's stock of an item."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


class Duty(StrEnum):
    """What the holders of an office do in a review besides deciding, which rules alone confer."""

    APPLICATIONS = "applications"
    """Files requests for its party, answers questions, holds permits and reports use."""
    CASES = "cases"
    """Leads cases: determines, asks, assigns, returns, escalates, lapses, closes."""
    PERMITS = "permits"
    """Issues permits, suspends and revokes them, checks end use."""
    LIAISON = "liaison"
    """Records decisions and assurances of foreign governments from their instruments."""
    POLICIES = "policies"
    """Adopts and announces the policies of its party."""
    REGISTRY = "registry"
    """Records facts."""
    AUTHORITY = "authority"
    """Records who holds which office, and the keys by which people sign."""
    RECORDS = "records"
    """Erases, where the law asks for it."""
    AUDIT = "audit"
    """Sees everything and changes nothing."""


PartyId = Annotated[Text, RefMark("parties")]
PartyOrUnknown = Annotated[Text, RefMark("parties", ("unknown",))]
OfficeId = Annotated[Text, RefMark("offices")]
ItemId = Annotated[Text, RefMark("items")]
LotId = Annotated[Text, RefMark("lots")]
PoolId = Annotated[Text, RefMark("pools")]
ClassId = Annotated[Text, RefMark("classes")]
AreaId = Annotated[Text, RefMark("areas")]
AgreementId = Annotated[Text, RefMark("agreements")]
RequestCondition = Annotated[Text, ConditionText("request")]


class Source(Record):
    """Where a fact was read."""

    id: str = Field(default="", alias="(id)")
    url: Text | None = None
    title: Text | None = None
    outlet: Text | None = None
    published: Span | None = None
    read: Span | None = None


class Member(Fact):
    """A party's membership of an alliance, perhaps only for a time; a bare name will do."""

    party: PartyId

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, data: Any) -> Any:
        return {"party": data} if isinstance(data, str) else data


class Party(Fact):
    """A state, alliance or company that can hold a say; a company is under states."""

    kind: Literal["state", "alliance", "company"]
    name: Text | None = None
    under: tuple[PartyId, ...] = ()
    members: tuple[Member, ...] = ()
    home: OfficeId | None = None


class Office(Fact):
    """An office of a party; authority belongs to it, not to the person who holds it."""

    party: PartyId
    title: Text
    duties: tuple[Duty, ...] = ()


class Official(Fact):
    """A person who holds an office, or acts in it, for a time.

    `person` says who it is where one person holds several offices; left out,
    the record's own id names the person.
    """

    name: Text
    office: OfficeId
    acting: YesNo = False
    person: Text | None = None

    @property
    def who(self) -> str:
        """The person's id: one person acts in one role on a case, whatever offices they hold."""
        return self.person or self.id


class SigningKey(Fact):
    """A public key by which a person signs, for a time; its kind is what its text begins with."""

    person: Text
    kind: Literal["ssh", "passkey"]
    public: Text


class Revocation(Record):
    """The end put to a delegation. A disputed revocation counts (DESIGN §2)."""

    on: Span
    grade: Grade = Grade.CONFIRMED
    sources: tuple[SourceId, ...] = ()


class Delegation(Fact):
    """A dated, limited instrument by which one office lets another act for it."""

    of: OfficeId
    to: OfficeId
    activities: tuple[Activity, ...] = ()
    revoked: Revocation | None = None


class AreaSet(Fact):
    """A named set of areas as one party defines it: its own "Russia" may or may not hold UA-43."""

    party: PartyId
    name: Text | None = None
    includes: tuple[AreaId, ...] = Field(min_length=1)
    excludes: tuple[AreaId, ...] = ()


class Availability(Fact):
    """A dated change in whether a service can be had, perhaps only for some requests (`when`)."""

    status: Literal["available", "withdrawn"]
    when: RequestCondition | None = None
    by: OfficeId | None = None
    because: Text | None = None


class Item(Fact):
    """Anything controlled. `origin` names the parties whose item it is, or is `unknown`."""

    kind: ItemKind = ItemKind.ARTICLE
    name: Text
    origin: tuple[PartyOrUnknown, ...] = Field(min_length=1)
    classes: tuple[ClassId, ...] = ()
    availability: tuple[Availability, ...] = ()


class Custody(Record):
    """One link of a lot's chain: who had it, from when until when, under which agreement."""

    holder: PartyOrUnknown
    from_: Span | None = None
    until: Span | None = None
    via: AgreementId | None = None


class Pool(Fact):
    """A pool of fungible goods; `tracing` says whether one lot can be told from another in it."""

    item: ItemId
    holder: PartyId
    tracing: Literal["by-lot", "none"]


class Lot(Fact):
    """A concrete batch or serial range of an item: who owns it, who has it, through whose hands."""

    item: ItemId
    title: PartyOrUnknown
    holder: PartyOrUnknown
    quantity: Count | None = None
    serials: tuple[Text, ...] = ()
    pool: PoolId | None = None
    custody: tuple[Custody, ...] = ()


class Reliance(Fact):
    """Item `of` relies on item `on`, as a component, licence, service, platform or consumable.

    `when` limits it to some requests. `engages` says which activity on `on`
    each activity on `of` amounts to; activities left out engage none.
    """

    of: ItemId
    on: ItemId
    as_: Literal["component", "licence", "service", "platform", "consumable"]
    when: RequestCondition | None = None
    engages: dict[Activity, Activity] | None = None


class Over(Record):
    """What an agreement covers: lots, items, or classes of items."""

    lots: tuple[LotId, ...] = ()
    items: tuple[ItemId, ...] = ()
    classes: tuple[ClassId, ...] = ()


class Recognition(Fact):
    """The stance an office takes on a claim."""

    by: OfficeId
    stance: Literal["accepts", "rejects", "reserves"]
    because: Text | None = None


class Agreement(Fact):
    """An instrument that grants parties a say over items, lots or classes for some activities."""

    grants: tuple[PartyId, ...] = Field(min_length=1)
    over: Over
    activities: tuple[Activity, ...] = Field(min_length=1)
    basis: Literal["agreement", "partnership", "licence"] = "agreement"
    status: Literal["asserted", "accepted", "disputed", "extinguished"] = "accepted"
    when: RequestCondition | None = None
    recognition: tuple[Recognition, ...] = ()


class Tie(Record):
    """Which connections a finding speaks of; a field left out means any."""

    party: PartyId
    basis: tuple[Basis, ...] = ()
    items: tuple[ItemId, ...] = ()
    lots: tuple[LotId, ...] = ()
    activities: tuple[Activity, ...] = ()


class Finding(Fact):
    """A dated, reasoned conclusion of a named office about whether a connection gives a right."""

    connection: Tie
    finding: Literal["right", "no-right"]
    by: OfficeId
    because: Text


class StockPosition(Fact):
    """A party's stock of an item: a class given, or computed from what is on hand."""

    party: PartyId
    item: ItemId
    class_: StockClass | None = None
    on_hand: Count | None = None
    floor: Count | None = None
    yellow_below: Count | None = None

    def stock_class(self) -> StockClass | None:
        """Return the class: as given; or red at or under the floor, yellow under its level."""
        if self.class_ is not None:
            return self.class_
        if self.on_hand is None or self.floor is None:
            return None
        if self.on_hand <= self.floor:
            return StockClass.RED
        low = self.yellow_below is not None and self.on_hand < self.yellow_below
        return StockClass.YELLOW if low else StockClass.GREEN


class PostureValue(Fact):
    """What a posture is for a time."""

    value: Text


class Event(Fact):
    """Something that came about, such as an act of a parliament or a training completed.

    An answer no longer lists a condition precedent that names it as outstanding. In a review the
    condition is met when who asks for it records that it is.
    """

    about: Text | None = None


class Posture(Record):
    """A party's declared stance that rules may look at, such as an ongoing negotiation."""

    id: str = Field(default="", alias="(id)")
    party: PartyId
    about: Text | None = None
    values: tuple[Text, ...] = Field(min_length=1)
    history: tuple[PostureValue, ...] = ()


Terms = dict[str, Text]


SECTIONS_OF_TEXT = frozenset({"targets", "purposes", "classes"})
"""The sections of a registry whose records are words."""


class RegistryRecord(Record):
    """A whole registry: every section, its records by id.

    `demonstration` says that a log begun with it is one: people are invented, and the system's
    word may stand in for a signature. No act adds it or takes it away.
    """

    title: Text | None = None
    about: Text | None = None
    demonstration: YesNo = False
    sources: dict[str, Source] = {}
    parties: dict[str, Party] = {}
    offices: dict[str, Office] = {}
    officials: dict[str, Official] = {}
    keys: dict[str, SigningKey] = {}
    delegations: dict[str, Delegation] = {}
    areas: dict[str, AreaSet] = {}
    targets: Terms = {}
    purposes: Terms = {}
    classes: Terms = {}
    items: dict[str, Item] = {}
    lots: dict[str, Lot] = {}
    pools: dict[str, Pool] = {}
    reliances: dict[str, Reliance] = {}
    agreements: dict[str, Agreement] = {}
    findings: dict[str, Finding] = {}
    stock: dict[str, StockPosition] = {}
    posture: dict[str, Posture] = {}
    events: dict[str, Event] = {}
