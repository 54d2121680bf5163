"""Likeness: what the conditions of a context can tell of a request.

A determination sees where, against what, for what purpose, for whom, how many and how long only
through conditions. Each atom of them is cut into the largest parts that look at one of these
alone; an atom is a function of its parts. So two requests for which every part has the same
value, or fails for the same reason, are alike to every condition there is. A part that is not
more than the variable itself tells all its values apart: nothing has to be proved of it.

All else that a determination looks at is compared as it stands: the `frame` (activity, parties,
route, services, platforms, and of each line its item and lots).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from placet.conditions import (
    Call,
    EvaluationFailure,
    Local,
    Node,
    Open,
    Quantifier,
    Read,
    children,
    evaluate,
    walk,
)
from placet.determination.classes import book_conditions, registry_conditions
from placet.determination.connections import Transits, lots_named
from placet.determination.world import Matter, Sight, World
from placet.policy import Book
from placet.registry import Line, Registry, Request

__all__ = ["PLACES", "Likeness", "crossed", "frame_of"]

PLACES = ("recipient", "area", "target", "purpose")
"""The fields of a request whose values are told apart by conditions alone."""

_TOLD_APART = frozenset({*PLACES, "quantity", "starts", "ends"})
_FRAMED = frozenset({"activity", "applicant", "actor", "at"})
_OF_ARGUMENTS = frozenset({"within", "touches", "under", "in_class", "member_of", "days_until"})
"""The functions whose value follows from their arguments, in one frame at one moment."""

Frame: TypeAlias = tuple[Any, ...]
Class: TypeAlias = tuple[Any, ...]


def frame_of(request: Request, registry: Registry) -> Frame:
    """Return all that a determination sees of a request as it stands."""
    legs = request.legs
    return (
        request.activity,
        request.applicant,
        request.actor,
        legs if legs is None or isinstance(legs, str) else tuple((e.from_, e.to) for e in legs),
        request.services,
        request.platforms,
        tuple([_line(*each, registry) for each in sorted(request.lines.items())]),
    )


def _line(key: str, line: Line, registry: Registry) -> Frame:
    drawn_on = lots_named(line, registry) if line.serials else ()
    return (key, line.id, line.item, line.lot, line.pool, drawn_on)


def crossed(matter: Matter) -> frozenset[str]:
    """Return the parties whose territory the route may cross: as recipients they are told apart."""
    every = (each for found in matter.connections.values() for each in found)
    guards = (guard for each in every for guard in each.guards)
    return frozenset(each.party for each in guards if isinstance(each, Transits))


@dataclass(frozen=True)
class Likeness:
    """What is asked of each variable alone, by any condition of a context."""

    parts: Mapping[str, tuple[Node, ...]]

    @classmethod
    def of(cls, registry: Registry, books: Mapping[str, Book]) -> Likeness:
        """Cut every condition of a registry and its books."""
        found: dict[str, dict[Node, None]] = {name: {} for name in _TOLD_APART}
        for atom in _atoms(registry, books.values()):
            for variable, part in _parts(atom):
                found[variable][part] = None
        return cls({name: tuple(each) for name, each in found.items()})

    @cached_property
    def timed(self) -> bool:
        """Say whether a condition looks at the time in which the request would be carried out."""
        return bool(self.parts["starts"] or self.parts["ends"])

    def told(self, variable: str, matter: Matter, line: Line) -> Class:
        """Return what the conditions make of a variable that the request of a matter states."""
        sight = Sight(World(matter), line)
        return tuple([_value(each, variable, sight) for each in self.parts[variable]])


def _value(part: Node, variable: str, sight: Sight) -> object:
    """Return a part's value, or why it has none; where that is open, the variable itself."""
    try:
        return evaluate(part, sight)
    except EvaluationFailure as failure:
        return EvaluationFailure, failure.reason
    except Open:
        return Open, sight.read(variable)


def _atoms(registry: Registry, books: Iterable[Book]) -> Iterator[Node]:
    for text in registry_conditions(registry):
        yield from registry.condition(text, "request").atoms
    for book in books:
        for text in book_conditions(book):
            yield from registry.condition(text, "rule").atoms


def _parts(node: Node) -> Iterator[tuple[str, Node]]:
    """Yield the largest parts of a node that look at one variable alone, each with it."""
    read = {each.name for each in walk(node) if isinstance(each, Read)}
    varying = read & _TOLD_APART
    if not varying:
        return
    called = {each.function for each in walk(node) if isinstance(each, Call)}
    alone = len(varying) == 1 and read - varying <= _FRAMED
    if alone and called <= _OF_ARGUMENTS and not _loose(node):
        yield varying.pop(), node
        return
    for child in children(node):
        yield from _parts(child)


def _loose(node: Node) -> frozenset[str]:
    """Return the quantifiers' variables that a node uses and some quantifier around it gives."""
    if isinstance(node, Local):
        return frozenset({node.name})
    if isinstance(node, Quantifier):
        return _loose(node.over) | (_loose(node.body) - {node.variable})
    return frozenset().union(*map(_loose, children(node)))
