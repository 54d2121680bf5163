"""Binds the kind of an act to the function that performs it and the one that applies it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from placet.review.case import Case
from placet.review.commands import Command
from placet.review.errors import UnknownError
from placet.review.event import Event
from placet.review.scene import Applier, Performer, Scene

__all__ = ["applying", "performing"]

C = TypeVar("C", bound=Command)


def performing(kind: type[C], perform: Callable[[Scene, C], Event]) -> tuple[str, Performer]:
    """Return a kind of act with what performs it, for a table of performers."""

    def performer(scene: Scene, command: Command) -> Event:
        return perform(scene, _as(kind, command))

    return kind.kind, performer


def applying(kind: type[C], apply: Callable[[Case, C, Event], Case]) -> tuple[str, Applier]:
    """Return a kind of act with what applies it to a case, for a table of appliers."""

    def applier(case: Case, event: Event) -> Case:
        return apply(case, _as(kind, event.command), event)

    return kind.kind, applier


def _as(kind: type[C], command: Command) -> C:
    if not isinstance(command, kind):
        raise UnknownError(f"The act {command.kind} is not {kind.kind}.")
    return command
