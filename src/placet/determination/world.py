"""Worlds: one complete reading of an incomplete request and a disputed record.

Whatever is not known is a choice with a key. A world answers some keys and
raises `Open` for the others. Two kinds of key are told apart by their prefix
(DESIGN §2): a question (`area`, `uses:…`, `stock:…`) can be answered, and its
answers span an interval; a dispute, an uncertain date, or which of several
lots is meant (`fact:…`, `dated:…`, `begun:…`, `over:…`, `drawn:…`) cannot, and
the stricter of its readings holds. In a world that answers every key it meets,
the judgement is plain and two-valued.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from placet.conditions import EvaluationFailure, Open, Value
from placet.determination.connections import (
    UNRECORDED,
    Connection,
    Guard,
    Meets,
    OfLot,
    Stands,
    Transits,
    Uses,
    connections,
    drawn_with,
    fact_of,
    item_of,
    lots_named,
)
from placet.policy import Book, Policy, begun, over
from placet.registry import (
    NONE,
    UNKNOWN,
    Agreement,
    Attested,
    Fact,
    Grade,
    Line,
    PostureValue,
    Presence,
    Registry,
    Request,
    StockPosition,
    beneath,
)

__all__ = [
    "BY_REGISTRY",
    "DISPUTES",
    "Matter",
    "Sight",
    "World",
    "by_registry",
    "is_dispute",
]

BY_REGISTRY = frozenset({"within", "touches", "under", "in_class"})
"""The domain functions whose value depends on their arguments and the registry alone."""

DISPUTES = ("fact:", "dated:", "begun:", "over:", "drawn:")


def is_dispute(key: str) -> bool:
    """Say whether a key is a dispute or an uncertain date, which no applicant can answer."""
    return key.startswith(DISPUTES)


def by_registry(registry: Registry, function: str, first: str, second: str) -> bool:
    """Give the value of one of the functions `BY_REGISTRY`."""
    match function:
        case "within":
            return registry.areas.within(first, second)
        case "touches":
            return registry.areas.touches(first, second)
        case "under":
            return beneath(first, second)
    return registry.in_class(first, second)


@dataclass(frozen=True, eq=False)
class Matter:
    """What is judged: a request, in a registry, under books, at a moment, as known at another.

    `known_at` None means all that the record knows today. `announced_only`
    leaves undeclared policies out, as an outsider must see it. `context` is
    the digest of the registry and books that the matter is judged in.
    """

    registry: Registry
    books: Mapping[str, Book]
    request: Request
    at: datetime
    known_at: datetime | None = None
    announced_only: bool = False
    context: str = ""
    _presences: dict[int, tuple[Policy, tuple[Presence, Presence]]] = field(
        default_factory=dict, init=False, repr=False
    )
    _standings: dict[int, tuple[Fact, Attested]] = field(
        default_factory=dict, init=False, repr=False
    )

    @cached_property
    def connections(self) -> Mapping[str, tuple[Connection, ...]]:
        """Every connection that may tie a party to the request, by line."""
        return {
            key: connections(self.registry, self.request, line)
            for key, line in sorted(self.request.lines.items())
        }

    def standing(self, fact: Fact) -> Attested:
        """Say how a fact stands at the moment, as known; it is the same in every world."""
        known = self._standings.get(id(fact))
        if known is None:
            known = self._standings[id(fact)] = fact, fact.standing(self.at, self.known_at)
        return known[1]

    def presence(self, fact: Fact) -> Presence:
        """Say whether a fact stands at the moment, as known."""
        presence = self.standing(fact).presence
        disputed = isinstance(fact, Agreement) and fact.status == "disputed"
        return Presence.EITHER if disputed and presence is Presence.IN else presence

    def stock_of(self, party: str, item: str) -> list[tuple[str, StockPosition]]:
        """Return the positions on record of a party's stock of an item, the latest first."""
        every = self.registry.record.stock.items()
        found = [each for each in every if (each[1].party, each[1].item) == (party, item)]
        return sorted(found, key=_latest_first)

    def posture_of(self, name: str) -> list[tuple[int, PostureValue]]:
        """Return what a posture has been, the latest first."""
        return sorted(enumerate(self.registry.record.posture[name].history), key=_latest_first)

    def policy_presence(self, policy: Policy) -> tuple[Presence, Presence]:
        """Say whether a policy has begun, and whether it is over; the same in every world."""
        known = self._presences.get(id(policy))
        if known is None:
            known = self._presences[id(policy)] = policy, self._policy_presence(policy)
        return known[1]

    def _policy_presence(self, policy: Policy) -> tuple[Presence, Presence]:
        if self.announced_only and not policy.announced_by(self.known_at or self.at):
            return Presence.OUT, Presence.OUT
        return begun(policy, self.at, self.known_at), over(policy, self.at)


@dataclass(frozen=True, eq=False)
class World:
    """A matter with some of its open choices made."""

    matter: Matter
    answers: Mapping[str, Value] = field(default_factory=dict)

    def pick(self, key: str) -> Value:
        """Return the choice made for a key; raise `Open` if there is none."""
        if key in self.answers:
            return self.answers[key]
        raise Open(key)

    def settled(self, presence: Presence, key: str) -> bool:
        """Return a presence as yes or no, by choice where it is either."""
        if presence is Presence.EITHER:
            return bool(self.pick(key))
        return presence is Presence.IN

    def stands(self, fact: Fact, name: str) -> bool:
        """Say whether a fact stands in this world; `name` is `section/id`."""
        disputed = self.matter.standing(fact).grade is Grade.DISPUTED
        kind = "fact" if disputed or isinstance(fact, Agreement) else "dated"
        return self.settled(self.matter.presence(fact), f"{kind}:{name}")

    def begun(self, book: str, policy: Policy) -> bool:
        """Say whether a policy has begun in this world."""
        presence, _ = self.matter.policy_presence(policy)
        return self.settled(presence, f"begun:{book}/{policy.id}")

    def over(self, book: str, policy: Policy) -> bool:
        """Say whether a policy is over in this world."""
        _, presence = self.matter.policy_presence(policy)
        return self.settled(presence, f"over:{book}/{policy.id}")

    def present(self, connection: Connection) -> bool:
        """Say whether every guard of a connection holds in this world.

        Raises:
            EvaluationFailure: a condition has no value, and every other guard holds.
        """
        failure: EvaluationFailure | None = None
        for guard in connection.guards:
            try:
                if not self.holds(guard, connection):
                    return False
            except EvaluationFailure as found:
                failure = found
        if failure is not None:
            raise failure
        return True

    def holds(self, guard: Guard, connection: Connection) -> bool:
        """Say whether one guard holds."""
        match guard:
            case Stands(section, key):
                return self.stands(fact_of(self.matter.registry, guard), f"{section}/{key}")
            case Meets(text):
                return self.meets(text, connection.line)
            case OfLot(lot):
                return lot in self.lots(self.line(connection.line))
            case Uses(item):
                return self.uses(item)
            case Transits(party):
                line = self.line(connection.line)
                return self.transits(party) and Sight(self, line).read("recipient") != party

    def line(self, key: str) -> Line:
        """Return a line of the request."""
        return self.matter.request.lines[key]

    def meets(self, text: str, line: str) -> bool:
        """Say whether the request meets a condition of the registry, on a line."""
        condition = self.matter.registry.condition(text, "request")
        return condition.holds(Sight(self, self.line(line)))

    def lots(self, line: Line) -> tuple[str, ...]:
        """Return the lots that a line draws on."""
        named = lots_named(line, self.matter.registry)
        if named is not None:
            return named
        return drawn_with(str(self.pick(f"lot:{line.id}")), self.matter.registry)

    def uses(self, item: str) -> bool:
        """Say whether the request uses a service or a platform."""
        request = self.matter.request
        registry = self.matter.registry
        services = request.services if item in registry.services else ()
        platforms = request.platforms if item in registry.platforms else ()
        if item in (services or ()) or item in (platforms or ()):
            return True
        if any(named is None or UNKNOWN in named for named in (services, platforms)):
            return bool(self.pick(f"uses:{item}"))
        return False

    def transits(self, party: str) -> bool:
        """Say whether a leg begins or ends in a party's territory."""
        legs = self.matter.request.legs
        if legs is None or legs == UNKNOWN:
            return bool(self.pick(f"transits:{party}"))
        return any(party in (leg.from_, leg.to) for leg in legs if not isinstance(leg, str))

    def available(self, item: str, line: str) -> bool:
        """Say whether a service can be had, for this request: the stricter of what is recorded.

        Raises:
            EvaluationFailure: a condition of a withdrawal has no value.
        """
        for index, change in enumerate(self.matter.registry.item(item).availability):
            if (
                change.status == "withdrawn"
                and self.stands(change, f"availability/{item}/{index}")
                and (change.when is None or self.meets(change.when, line))
            ):
                return False
        return True


@dataclass(frozen=True, eq=False)
class Sight:
    """What a condition sees: a world, from one line and perhaps from one connection."""

    world: World
    line: Line
    connection: Connection | None = None

    def read(self, name: str) -> Value:
        """Give the value of a variable; `none` reads as the empty text."""
        request = self.world.matter.request
        if name.startswith("right.") and self.connection is not None:
            return self._right(name.removeprefix("right."), self.connection)
        match name:
            case "activity" | "applicant" | "actor":
                return str(getattr(request, name))
            case "recipient" | "area" | "target" | "purpose":
                value = getattr(request, name)
                if value is None or value == UNKNOWN:
                    return self.world.pick(name)
                return "" if value == NONE else str(value)
            case "item":
                return item_of(self.line, self.world.matter.registry)
            case "lot":
                return self._lot()
            case "quantity":
                quantity = self.line.quantity
                return (
                    quantity
                    if isinstance(quantity, int)
                    else self.world.pick(f"quantity:{self.line.id}")
                )
            case "at":
                return self.world.matter.at
            case "starts" | "ends":
                period = request.period
                moment = period and (period.from_ if name == "starts" else period.until)
                return moment or self.world.pick(name)
        raise EvaluationFailure(f"{name} has no value here")

    def _right(self, name: str, connection: Connection) -> Value:
        if name == "path":
            return tuple(connection.path)
        return str(getattr(connection, name))

    def _lot(self) -> str:
        if self.connection is not None and self.connection.lot:
            return self.connection.lot
        *others, last = self.world.lots(self.line) or ("",)
        drawn = (each for each in others if self.world.pick(f"drawn:{self.line.id}/{each}"))
        lot = next(drawn, last)
        return "" if lot == UNRECORDED else lot

    def call(self, function: str, arguments: tuple[Value, ...]) -> Value:
        """Give the value of a domain function (`registry.language`)."""
        first, *rest = arguments
        if isinstance(first, datetime):
            return (first - self.world.matter.at) // timedelta(days=1)
        return self._named(function, str(first), *(str(each) for each in rest))

    def _named(self, function: str, first: str, second: str = "") -> Value:
        world = self.world
        if function in BY_REGISTRY:
            return by_registry(world.matter.registry, function, first, second)
        self._known(function, first, second)
        match function:
            case "member_of":
                return self._member(first, second)
            case "stock":
                return self._stock(first, second)
            case "posture":
                return self._posture(first)
            case "available":
                return world.available(first, self.line.id)
        return self._reached(function, first)

    def _known(self, function: str, first: str, second: str) -> None:
        """Refuse a name that only came about in the condition and that the registry lacks."""
        record = self.world.matter.registry.record
        named: dict[str, list[tuple[str, Collection[str]]]] = {
            "uses": [(first, record.items)],
            "available": [(first, record.items)],
            "posture": [(first, record.posture)],
            "stock": [(first, self.world.matter.registry.states), (second, record.items)],
        }
        for name, section in named.get(function, ()):
            if name not in section:
                raise EvaluationFailure(f"'{name}' is not what {function} can be asked of")

    def _reached(self, function: str, name: str) -> bool:
        match function:
            case "uses":
                return self.world.uses(name)
            case "transits":
                return self.world.transits(name)
            case "relies_on":
                return self._relies_on(name)
            case "via":
                return self.connection is not None and name in self.connection.path[1:]
        raise EvaluationFailure(f"{function} is not known here")

    def _member(self, party: str, alliance: str) -> bool:
        known = self.world.matter.registry.record.parties.get(alliance)
        if known is None or party == alliance:
            return party == alliance
        return self.world.stands(known, f"parties/{alliance}") and any(
            self.world.stands(member, f"members/{alliance}/{index}")
            for index, member in enumerate(known.members)
            if member.party == party
        )

    def _relies_on(self, item: str) -> bool:
        every = self.world.matter.connections[self.line.id]
        failure: EvaluationFailure | None = None
        for reaching in (each for each in every if item in each.path[1:]):
            try:
                if self.world.present(reaching):
                    return True
            except EvaluationFailure as found:
                failure = found
        if failure is not None:
            raise failure
        return False

    def _stock(self, party: str, item: str) -> str:
        for key, position in self.world.matter.stock_of(party, item):
            if self.world.stands(position, f"stock/{key}"):
                found = position.stock_class()
                return str(found) if found else str(self.world.pick(f"stock:{party}/{item}"))
        return str(self.world.pick(f"stock:{party}/{item}"))

    def _posture(self, name: str) -> str:
        for index, entry in self.world.matter.posture_of(name):
            if self.world.stands(entry, f"posture/{name}/{index}"):
                return entry.value
        return str(self.world.pick(f"posture:{name}"))


def _latest_first(entry: tuple[object, Fact]) -> tuple[float, str]:
    key, fact = entry
    began = fact.from_.earliest.timestamp() if fact.from_ else float("-inf")
    return (-began, str(key))
