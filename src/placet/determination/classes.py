"""Attribute classes: the few answers to a question that the conditions can tell apart.

A question such as "which area?" has thousands of answers, but the conditions
in force cut them into few classes: two answers are in one class when every
atomic condition gives the same result for both. One representative of each
class is enough for an exact result (DESIGN §8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, lru_cache

from placet.conditions import (
    Beyond,
    Call,
    EvaluationFailure,
    Items,
    Literal,
    Node,
    Open,
    Operation,
    Operator,
    Read,
    Value,
    evaluate,
    explore,
    walk,
)
from placet.determination.connections import UNRECORDED, Connection, Guard, Transits, item_of
from placet.determination.world import BY_REGISTRY, Matter, Sight, World, by_registry, is_dispute
from placet.policy import Book
from placet.registry import Registry, StockClass

__all__ = ["MOST_CLASSES", "Classes", "book_conditions", "registry_conditions"]

MOST_CLASSES = 64
"""How many classes a question about two open attributes may have before it is only bounded."""

_MOST_EXPLORED = 512
_KEPT = 256
"""Of how many registries, variables and conditions it is remembered which words are alike."""

_COMPARISONS = frozenset(
    {
        Operator.EQUAL,
        Operator.NOT_EQUAL,
        Operator.LESS,
        Operator.LESS_OR_EQUAL,
        Operator.GREATER,
        Operator.GREATER_OR_EQUAL,
    }
)
_SEEING_RIGHTS = frozenset({"via"})
_LARGEST = 999_999_999_999_999
"""The largest number that a file may hold (`registry.facts.count`)."""


@dataclass(eq=False)
class Classes:
    """The classes of every question about a matter; `bounded` holds those not exact."""

    matter: Matter
    bounded: set[str] = field(default_factory=set)
    _found: dict[str, tuple[Value, ...]] = field(default_factory=dict)

    def of(self, key: str) -> Sequence[Value]:
        """Return one representative answer of each class of a question, in a fixed order."""
        if key not in self._found:
            self._found[key] = tuple(self._classes(key))
        return self._found[key]

    def only_bounded(self, key: str) -> bool:
        """Say whether the classes of a question are not told apart exactly."""
        return key in self.bounded or key.partition(":")[0] in self.bounded

    @cached_property
    def every(self) -> frozenset[str]:
        """Every open choice that a guard or an atom meets, each guard and atom on its own."""
        met: set[str] = set()

        def note(key: str) -> Sequence[Value]:
            met.add(key)
            return (False, True) if is_dispute(key) else self.of(key)

        for test in self._every_test():

            def met_by(answers: Mapping[str, Value], test: Callable[[World], Value] = test) -> None:
                with suppress(EvaluationFailure):
                    test(World(self.matter, answers))

            with suppress(Beyond):
                explore(met_by, note, _MOST_EXPLORED)
        return frozenset(met)

    def _every_test(self) -> Iterator[Callable[[World], Value]]:
        for connection in (each for every in self.matter.connections.values() for each in every):
            yield from (_guard(each, connection) for each in connection.guards)
        for atom, party in self._atoms:
            for line, seen in [*self._views(False, party), *self._views(True, party)]:
                yield _test(atom, line, seen)

    def _classes(self, key: str) -> Sequence[Value]:
        kind, _, name = key.partition(":")
        registry = self.matter.registry
        match kind:
            case "uses" | "transits":
                return (False, True)
            case "stock":
                return tuple(each.value for each in StockClass)
            case "posture":
                return registry.record.posture[name].values
            case "lot":
                item = item_of(self.matter.request.lines[name], registry)
                pool = self.matter.request.lines[name].pool
                recorded = registry.lots_of.get(item, ())
                return (*(lot.id for lot in recorded if pool in (None, lot.pool)), UNRECORDED)
            case "quantity":
                values = self._critical("quantity")
                return self._cut(key, [values], self._tests("quantity", self._atoms))
            case "starts" | "ends":
                return self._cut(key, [self._critical(kind)], self._tests(kind, self._atoms))
        return self._words(kind)

    def _words(self, variable: str) -> list[Value]:
        """Return the first word of each class; the registry alone tells most of them apart."""
        plain = {atom: None for atom, _ in self._atoms if _reads_alone(atom, variable)}
        others = [each for each in self._atoms if each[0] not in plain]
        alike = _alike(self.matter.registry, variable, tuple(plain))
        return sorted(self._cut(variable, alike, self._tests(variable, others)), key=str)

    def _cut(
        self,
        key: str,
        groups: Sequence[Sequence[Value]],
        every_test: Iterable[Callable[[World], Value]],
    ) -> list[Value]:
        """Return the first value of each class: of a group, and by what every test makes of it."""
        tests = list(every_test)
        seen: dict[tuple[object, ...], Value] = {}
        relational = False
        for group, values in enumerate(groups):
            for value in values if tests else values[:1]:
                world = World(self.matter, {key: value})
                signature: list[object] = [group]
                for test in tests:
                    try:
                        signature.append(test(world))
                    except EvaluationFailure:
                        signature.append("failed")
                    except Open:
                        relational = True
                        signature.append(value)
                seen.setdefault(tuple(signature), value)
        if relational and len(seen) > MOST_CLASSES:
            self.bounded.add(key)
        return list(seen.values())

    def _tests(
        self, variable: str, atoms: Iterable[tuple[Node, str]]
    ) -> Iterator[Callable[[World], Value]]:
        """Yield those atoms that read a variable, from everywhere it can be seen differently."""
        for atom, condition_book in atoms:
            names, calls = _met(atom)
            if variable not in names:
                continue
            by_right = bool(calls & _SEEING_RIGHTS) or any(
                each == "lot" or each.startswith("right.") for each in names
            )
            for line, connection in self._views(by_right and bool(condition_book), condition_book):
                yield _test(atom, line, connection)
        if variable == "recipient":
            yield from (_receives(party) for party in self._crossed)

    @cached_property
    def _crossed(self) -> tuple[str, ...]:
        """The parties whose territory the route may cross; as recipients they are told apart."""
        every = (each for found in self.matter.connections.values() for each in found)
        guards = (guard for each in every for guard in each.guards)
        return tuple(sorted({each.party for each in guards if isinstance(each, Transits)}))

    def _views(self, by_right: bool, party: str) -> Iterator[tuple[str, Connection | None]]:
        for line, every in self.matter.connections.items():
            if not by_right:
                yield line, None
                continue
            for connection in every:
                if connection.party == party:
                    yield line, connection

    @cached_property
    def _atoms(self) -> tuple[tuple[Node, str], ...]:
        """Every atom that may bear on the matter, with the party whose book holds it."""
        registry = self.matter.registry
        found: dict[tuple[Node, str], None] = {}
        for text in registry_conditions(registry):
            for atom in registry.condition(text, "request").atoms:
                found[atom, ""] = None
        parties = {each.party for every in self.matter.connections.values() for each in every}
        for party in sorted(parties & self.matter.books.keys()):
            for text in book_conditions(self.matter.books[party]):
                for atom in registry.condition(text, "rule").atoms:
                    found[atom, party] = None
        return tuple(found)

    def _critical(self, variable: str) -> list[Value]:
        """Return the values at and beside every value that a number or moment is compared with.

        One that is reckoned with before it is compared, or compared with what
        is itself open, is only bounded.
        """
        values: set[Value] = {1} if variable == "quantity" else {self.matter.at}
        for atom, party in self._atoms:
            if not any(isinstance(each, Read) and each.name == variable for each in walk(atom)):
                continue
            others = _compared_with(atom, variable)
            if others is None:
                self.bounded.add(variable)
                others = tuple(each for each in walk(atom) if isinstance(each, Literal))
            for line, connection in [*self._views(False, party), *self._views(True, party)]:
                for test in (_test(other, line, connection) for other in others):
                    try:
                        values.update(_around(test(World(self.matter))))
                    except (EvaluationFailure, Open):
                        self.bounded.add(variable)
        wanted: type = int if variable == "quantity" else datetime
        kept = {each for each in values if isinstance(each, wanted) and not isinstance(each, bool)}
        return sorted(self._forward(variable, kept), key=str)

    def _forward(self, variable: str, values: set[Value]) -> Iterator[Value]:
        """Leave out the moments at which the period would be over before it begins."""
        period = self.matter.request.period
        start = period.from_ if period and variable == "ends" else None
        end = period.until if period and variable == "starts" else None
        beside = {each for limit in (start, end) if limit for each in _around(limit)}
        for value in values | beside:
            late = isinstance(value, datetime) and end is not None and value >= end
            early = isinstance(value, datetime) and start is not None and value <= start
            if not (late or early):
                yield value


_VOCABULARIES = {
    "recipient": "states",
    "area": "codes",
    "target": "targets",
    "purpose": "purposes",
}


@dataclass(frozen=True, slots=True)
class _Word:
    """What an atom sees that reads one word and asks the registry alone."""

    registry: Registry
    word: str

    def read(self, _name: str) -> Value:
        return self.word

    def call(self, function: str, arguments: tuple[Value, ...]) -> Value:
        return by_registry(self.registry, function, *map(str, arguments))

    def of(self, atom: Node) -> Value:
        try:
            return evaluate(atom, self)
        except EvaluationFailure:
            return "failed"


@lru_cache(maxsize=_KEPT)
def _alike(
    registry: Registry, variable: str, atoms: tuple[Node, ...]
) -> tuple[tuple[str, ...], ...]:
    """Return a vocabulary's words in classes, by what these atoms make of them, in fixed order."""
    found: dict[tuple[Value, ...], list[str]] = {}
    for word in ("", *sorted(registry.vocabularies[_VOCABULARIES[variable]])):
        seen = _Word(registry, word)
        found.setdefault(tuple(map(seen.of, atoms)), []).append(word)
    return tuple(map(tuple, found.values()))


def _reads_alone(atom: Node, variable: str) -> bool:
    """Say whether an atom reads a variable, and nothing else but the registry."""
    names, calls = _met(atom)
    return names == {variable} and calls <= BY_REGISTRY


@lru_cache(maxsize=65536)
def _met(atom: Node) -> tuple[frozenset[str], frozenset[str]]:
    """Return which variables an atom reads, and which functions it calls."""
    every = list(walk(atom))
    names = frozenset(each.name for each in every if isinstance(each, Read))
    return names, frozenset(each.function for each in every if isinstance(each, Call))


def _test(atom: Node, line: str, connection: Connection | None) -> Callable[[World], Value]:
    return lambda world: evaluate(atom, Sight(world, world.line(line), connection))


def _guard(guard: Guard, connection: Connection) -> Callable[[World], Value]:
    return lambda world: world.holds(guard, connection)


def _receives(party: str) -> Callable[[World], Value]:
    return lambda world: world.answers["recipient"] == party


def _compared_with(atom: Node, variable: str) -> tuple[Node, ...] | None:
    """Return what an atom compares the variable itself with, if it does no more than that."""
    if not isinstance(atom, Operation):
        return None
    if atom.operator in _COMPARISONS:
        others = tuple(each for each in atom.operands if each != Read(variable))
    elif atom.operator is Operator.IN and atom.operands[0] == Read(variable):
        listed = atom.operands[1]
        others = listed.items if isinstance(listed, Items) else ()
    else:
        return None
    reading = any(each == Read(variable) for other in others for each in walk(other))
    return None if reading or not others else others


def _around(value: Value) -> Iterator[Value]:
    """Yield a value and those beside it, as far as a file may hold them."""
    if isinstance(value, int) and not isinstance(value, bool):
        yield from (min(max(value + step, 0), _LARGEST) for step in (-1, 0, 1))
    elif isinstance(value, datetime):
        for step in (-1, 0, 1):
            with suppress(OverflowError):
                yield value + timedelta(seconds=step)


def registry_conditions(registry: Registry) -> Iterator[str]:
    """Yield the text of every condition of a registry."""
    record = registry.record
    texts = [
        *(each.when for each in record.reliances.values()),
        *(each.when for each in record.agreements.values()),
        *(each.when for item in record.items.values() for each in item.availability),
    ]
    yield from (text for text in texts if text is not None)


def book_conditions(book: Book) -> Iterator[str]:
    """Yield the text of every condition of a book."""
    rules = [rule for policy in book.policies.values() for rule in policy.rules.values()]
    texts = [
        *(claim.when for claim in book.claims),
        *(policy.scope for policy in book.policies.values()),
        *(rule.when for rule in rules),
        *(rule.stated for rule in rules),
    ]
    yield from (text for text in texts if text is not None)
