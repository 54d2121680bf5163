"""The parts of a matter, and what each comes to in a world: worked out once for like worlds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from placet.conditions import EvaluationFailure, Open, Value
from placet.determination.connections import Connection
from placet.determination.judgement import Judged, Standing, home_review, judge
from placet.determination.world import Matter, World

__all__ = ["Found", "Judge", "Part"]


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to be judged: a right, the home authority where there is none, or a service.

    Exactly one of the three: `connection`; a `service` that the line may rely
    on; or neither, for the home authority.
    """

    line: str
    connection: Connection | None = None
    service: str = ""


Found: TypeAlias = Judged | bool | None
"""What a part comes to: for a service whether it cannot be had; None where there is nothing."""


@dataclass(frozen=True, slots=True)
class _Came:
    """What a part came to, or the choice that it `asks` for."""

    to: Found = None
    asks: str | None = None


class _Looked(dict[str, Value]):
    """Choices that are made; `looked_for` are the keys that were looked for, in order."""

    def __init__(self, choices: Mapping[str, Value]) -> None:
        super().__init__(choices)
        self.looked_for: dict[str, None] = {}

    def __contains__(self, key: object) -> bool:
        self.looked_for[str(key)] = None
        return super().__contains__(key)


@dataclass(frozen=True, eq=False)
class Judge:
    """Judges the parts of one matter.

    A part sees of a world only the choices that it looks for, and which it looks for next depends
    on those before. So worlds in which it would find the same are judged once: `_known` says of a
    part, by all that it found so far, which key it looks for next, or what it comes to. A choice
    that is not made is found as None.
    """

    matter: Matter
    _known: dict[Part, dict[tuple[Value | None, ...], str | _Came]] = field(default_factory=dict)

    def find(self, part: Part, choices: Mapping[str, Value]) -> Found:
        """Judge a part where some choices are made; raises Open for one that is not."""
        known = self._known.setdefault(part, {})
        found: tuple[Value | None, ...] = ()
        while isinstance(came := known.get(found), str):
            found = (*found, choices.get(came))
        if came is None:
            came = self._judged(part, choices, known)
        if came.asks is not None:
            raise Open(came.asks)
        return came.to

    def _judged(
        self,
        part: Part,
        choices: Mapping[str, Value],
        known: dict[tuple[Value | None, ...], str | _Came],
    ) -> _Came:
        """Judge a part, and note what it looked for on the way."""
        looked = _Looked(choices)
        try:
            came = _Came(_find(part, World(self.matter, looked)))
        except Open as question:
            came = _Came(asks=question.key)
        found: tuple[Value | None, ...] = ()
        for key in looked.looked_for:
            known[found] = key
            found = (*found, choices.get(key))
        known[found] = came
        return came


def _find(part: Part, world: World) -> Found:
    """Judge one part in one world; raises Open for a choice not made."""
    if part.connection is not None:
        return judge(part.connection, world)
    every = world.matter.connections[part.line]
    if part.service:
        reaching = (each for each in every if part.service in each.path[1:])
        return any(_present(each, world) for each in reaching) and not _had(part, world)
    judged = [judge(each, world) for each in every if each.guards]
    if any(each is not None and each.standing is not Standing.SET_ASIDE for each in judged):
        return None
    because = "no right is found, and nothing is cleared by silence"
    own = next(each for each in every if not each.guards)
    return Judged(own, Standing.UNKNOWN, home_review(world), because)


def _present(connection: Connection, world: World) -> bool:
    """Say whether a connection is present; a condition without a value counts as met."""
    try:
        return world.present(connection)
    except EvaluationFailure:
        return True


def _had(part: Part, world: World) -> bool:
    """Say whether a service can surely be had."""
    try:
        return world.available(part.service, part.line)
    except EvaluationFailure:
        return False
