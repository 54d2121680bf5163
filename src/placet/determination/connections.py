"""Connections: every bare fact that may tie a party to a line of a request, with its path.

The walk starts from the line's item, lots, platforms and services and follows
every reliance whose condition *may* be true. What it depends on is not decided
here but carried along as guards, so that a connection is present in exactly
those worlds in which all its guards hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from placet.registry import (
    UNKNOWN,
    Activity,
    Agreement,
    Basis,
    Fact,
    Line,
    Lot,
    Registry,
    Reliance,
    Request,
    Start,
    listed,
    serial_in,
)

__all__ = [
    "TRANSFERS",
    "UNRECORDED",
    "Connection",
    "Guard",
    "Meets",
    "OfLot",
    "Stands",
    "Transits",
    "Uses",
    "connections",
    "drawn_with",
    "fact_of",
    "item_of",
    "lots_named",
]

UNRECORDED = "(unrecorded)"
"""Stands for a lot that the registry does not hold."""

TRANSFERS = frozenset({Activity.RETRANSFER, Activity.RE_EXPORT, Activity.RELEASE})
"""The activities that have a route. Services and platforms are touched by use alone."""


@dataclass(frozen=True, slots=True)
class Stands:
    """A fact of the registry must stand at the moment."""

    section: str
    id: str


@dataclass(frozen=True, slots=True)
class Meets:
    """The request must meet a condition."""

    text: str


@dataclass(frozen=True, slots=True)
class OfLot:
    """The line must be of this lot, or of none recorded."""

    lot: str


@dataclass(frozen=True, slots=True)
class Uses:
    """The request must use this service or platform."""

    item: str


@dataclass(frozen=True, slots=True)
class Transits:
    """The route must cross this party's territory, and the party must not be the recipient."""

    party: str


Guard: TypeAlias = Stands | Meets | OfLot | Uses | Transits


@dataclass(frozen=True, slots=True)
class Connection:
    """The bare fact that ties `party` to `line`: on what basis, over which item, by which path.

    `path` runs from the line's item to `item`; `through` names the companies
    by which the party is reached; `activity` is what the request amounts to
    on `item`. A party of `unknown` means that the record cannot say whose say
    it is.
    """

    party: str
    basis: Basis
    line: str
    item: str
    activity: Activity
    path: tuple[str, ...]
    guards: tuple[Guard, ...] = ()
    through: tuple[str, ...] = ()
    lot: str = ""
    agreement: str = ""

    @property
    def facts(self) -> Iterator[Stands]:
        """The facts that the connection hangs on."""
        return (guard for guard in self.guards if isinstance(guard, Stands))


def item_of(line: Line, registry: Registry) -> str:
    """Return the item of a line, which may be named by its lot or pool."""
    if line.item is not None:
        return line.item
    if line.lot is not None and line.lot != UNKNOWN:
        return registry.record.lots[line.lot].item
    return registry.record.pools[str(line.pool)].item


def lots_named(line: Line, registry: Registry) -> tuple[str, ...] | None:
    """Return the lots that a line draws on, or None where it does not say.

    A lot that is named decides; then an untraceable pool, which draws on all
    of its lots, since any of them may be the one; then the lots that hold the
    serial numbers. An item of which no lot is recorded is not kept in lots.
    """
    recorded = registry.lots_of.get(item_of(line, registry), ())
    if not recorded:
        return ()
    if line.lot is not None and line.lot != UNKNOWN:
        return drawn_with(line.lot, registry)
    if line.pool is not None and registry.record.pools[line.pool].tracing == "none":
        return tuple(lot.id for lot in recorded if lot.pool == line.pool) or (UNRECORDED,)
    named = {
        lot
        for serial in line.serials
        for lot in [each.id for each in recorded if serial_in(serial, each.serials)] or [UNRECORDED]
    }
    return tuple(sorted({each for lot in named for each in drawn_with(lot, registry)})) or None


def drawn_with(lot: str, registry: Registry) -> tuple[str, ...]:
    """Return the lots that a lot cannot be told from: all of its pool, where that is not traced."""
    known = registry.record.lots.get(lot)
    if known is None or known.pool is None or registry.record.pools[known.pool].tracing != "none":
        return (lot,)
    return tuple(each.id for each in registry.lots_of[known.item] if each.pool == known.pool)


def connections(registry: Registry, request: Request, line: Line) -> tuple[Connection, ...]:
    """Return every connection that may tie a party to the line, each once, in a fixed order."""
    walk = _Walk(registry, request, line)
    found = dict.fromkeys(walk.all())
    return tuple(sorted(found, key=_order))


def _order(connection: Connection) -> tuple[str, ...]:
    each = connection
    return (each.party, each.basis, *each.path, each.lot, each.agreement, repr(each.guards))


@dataclass(frozen=True)
class _Walk:
    registry: Registry
    request: Request
    line: Line

    def all(self) -> Iterator[Connection]:
        item = item_of(self.line, self.registry)
        start = Connection(
            party="",
            basis=Basis.ORIGIN,
            line=self.line.id,
            item=item,
            activity=self.request.activity,
            path=(item,),
        )
        own = replace(start, party=self.request.actor, basis=Basis.JURISDICTION)
        yield own
        yield from self._above(own)
        yield from self._from(start)
        yield from self._lots(start)
        yield from self._used(start)
        yield from self._route(start)

    def _above(self, own: Connection) -> Iterator[Connection]:
        """Yield the states that an actor which is a company is under."""
        guards = (Stands("parties", own.party),)
        for party, chain in self.registry.jurisdictions(own.party):
            if party != own.party:
                yield replace(own, party=party, through=chain, guards=guards)

    def _from(self, at: Connection) -> Iterator[Connection]:
        """Yield what ties parties to the item at hand, and to all that it relies on."""
        pending = [at]
        while pending:
            here = pending.pop()
            here = replace(here, guards=(*here.guards, Stands("items", here.item)))
            for origin in self.registry.item(here.item).origin:
                for party, chain in self.registry.jurisdictions(origin):
                    yield replace(here, party=party, through=chain)
            yield from self._agreements(here)
            for reliance in self.registry.reliances_of.get(here.item, ()):
                engaged = _engaged(reliance, here.activity)
                if engaged is not None and reliance.on not in here.path:
                    pending.append(_along(reliance, here, engaged))

    def _agreements(self, at: Connection) -> Iterator[Connection]:
        for key, agreement in sorted(self.registry.record.agreements.items()):
            if at.activity in agreement.activities and self._covers(agreement, at):
                guards = (*at.guards, Stands("agreements", key))
                if agreement.when is not None:
                    guards = (*guards, Meets(agreement.when))
                tied = replace(at, basis=Basis(agreement.basis), guards=guards, agreement=key)
                for granted in agreement.grants:
                    for party, chain in self.registry.jurisdictions(granted):
                        yield replace(tied, party=party, through=chain)

    def _covers(self, agreement: Agreement, at: Connection) -> bool:
        if agreement.status == "extinguished":
            return False
        if at.lot:
            return at.lot in agreement.over.lots
        return at.item in agreement.over.items or any(
            self.registry.in_class(at.item, each) for each in agreement.over.classes
        )

    def _lots(self, start: Connection) -> Iterator[Connection]:
        named = lots_named(self.line, self.registry)
        recorded = self.registry.lots_of.get(start.item, ())
        for lot in recorded:
            if named is None or lot.id in named:
                guards = (OfLot(lot.id), Stands("lots", lot.id))
                yield from self._lot(replace(start, lot=lot.id, guards=guards), lot)
        if UNRECORDED in (named or ()) or (named is None and recorded):
            guards_unrecorded = (OfLot(UNRECORDED),)
            yield replace(start, party=UNKNOWN, basis=Basis.CUSTODY, guards=guards_unrecorded)

    def _lot(self, at: Connection, lot: Lot) -> Iterator[Connection]:
        """Yield who owns or has had a lot; its maker having had it adds nothing to its origin."""
        owner = replace(at, basis=Basis.OWNERSHIP)
        if lot.title != self.request.actor:
            yield from self._held_by(owner, lot.title)
        held = replace(at, basis=Basis.CUSTODY)
        makers = self.registry.item(lot.item).origin
        holders = dict.fromkeys([lot.holder, *(link.holder for link in lot.custody)])
        for holder in holders:
            if holder != self.request.actor and (holder == UNKNOWN or holder not in makers):
                yield from self._held_by(held, holder)
        if _broken(lot, self.registry):
            yield replace(held, party=UNKNOWN)
        yield from self._agreements(at)

    def _held_by(self, at: Connection, holder: str) -> Iterator[Connection]:
        for party, chain in self.registry.jurisdictions(holder):
            yield replace(at, party=party, through=chain)

    def _used(self, start: Connection) -> Iterator[Connection]:
        """Yield the rights over the services and platforms that the request itself names."""
        if self.request.activity is not Activity.USE:
            return
        for item, basis in self._usable():
            if item != start.item:
                activity = Activity.DISCLOSURE if basis is Basis.SERVICE else Activity.USE
                path = (start.item, item)
                used = replace(start, basis=basis, item=item, activity=activity, path=path)
                yield from self._from(replace(used, guards=(Uses(item),)))

    def _usable(self) -> Iterator[tuple[str, Basis]]:
        """Yield each service or platform that the request uses, or may, where it does not say."""
        services = listed(self.request.services)
        platforms = listed(self.request.platforms)
        if services is None:
            services = tuple(sorted(self.registry.services))
        if platforms is None:
            platforms = tuple(sorted(self.registry.platforms))
        yield from ((item, Basis.SERVICE) for item in services)
        yield from ((item, Basis.PLATFORM) for item in platforms)

    def _route(self, start: Connection) -> Iterator[Connection]:
        legs = self.request.legs
        if self.request.activity not in TRANSFERS:
            return
        if legs is None or legs == UNKNOWN:
            known = self.registry.record.parties.items()
            states = [key for key, party in known if party.kind == "state"]
            crossed = states
        else:
            crossed = [
                end for leg in legs if not isinstance(leg, str) for end in (leg.from_, leg.to)
            ]
        for party in dict.fromkeys(crossed):
            if party != self.request.actor:
                guards = (Transits(party),)
                yield replace(start, party=party, basis=Basis.JURISDICTION, guards=guards)


def _along(reliance: Reliance, at: Connection, engaged: Activity) -> Connection:
    """Return where a reliance leads from what is at hand."""
    guards = (*at.guards, Stands("reliances", reliance.id))
    if reliance.when is not None:
        guards = (*guards, Meets(reliance.when))
    path = (*at.path, reliance.on)
    basis = Basis(reliance.as_)
    return replace(at, basis=basis, item=reliance.on, activity=engaged, path=path, guards=guards)


def _engaged(reliance: Reliance, activity: Activity) -> Activity | None:
    """Return what an activity on the relying item amounts to on the other.

    Unless the reliance says otherwise, a component and a licence go wherever
    their item goes; a service, a platform and a consumable are touched by use
    alone, and the use of a service is its disclosure.
    """
    if reliance.engages is not None:
        return reliance.engages.get(activity)
    if reliance.as_ in ("component", "licence"):
        return activity
    if activity is not Activity.USE:
        return None
    return Activity.DISCLOSURE if reliance.as_ == "service" else Activity.USE


def _broken(lot: Lot, registry: Registry) -> bool:
    """Say whether the chain of custody does not lead unbroken to the present holder."""
    if not lot.custody:
        origin = registry.item(lot.item).origin
        reached = {party for each in origin for party, _ in registry.jurisdictions(each)}
        return lot.holder not in reached
    if lot.custody[-1].holder != lot.holder:
        return True
    links = zip(lot.custody, lot.custody[1:], strict=False)
    return any(
        earlier.until is not None and later.from_ is not None and _gap(earlier.until, later.from_)
        for earlier, later in links
    )


def _gap(end: Start, start: Start) -> bool:
    return start.earliest > end.latest


def fact_of(registry: Registry, stands: Stands) -> Fact:
    """Return the fact that a guard speaks of."""
    found: Fact = getattr(registry.record, stands.section)[stands.id]
    return found
