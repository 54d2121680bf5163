"""Events: what was asked for, by whom, when, and what was established in doing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from placet.review.commands import CASE_COMMANDS, NO_CASE_COMMANDS, Command
from placet.review.errors import UnknownError, UnreadableError

__all__ = ["Event", "command_of", "model_of", "payload_of"]

_COMMANDS = {**CASE_COMMANDS, **NO_CASE_COMMANDS}


@dataclass(frozen=True)
class Event:
    """An act that was done.

    `case` is None for an act that concerns no single case. `found` is what was established
    in doing it and what follows from it: plain data, a function of the command, the actor, the
    moment, the case and the context, so that performing the command again finds the same.
    `touches` names the other cases whose permits the act suspends. `office` is the one in which
    the actor acted alone; None where all that they held counted.
    """

    command: Command
    actor: str
    at: datetime
    case: str | None = None
    found: Mapping[str, Any] = field(default_factory=dict)
    touches: tuple[str, ...] = ()
    office: str | None = None

    @property
    def payload(self) -> dict[str, Any]:
        """The event as an entry's payload: JSON-ready, without actor and time."""
        return {
            "command": payload_of(self.command),
            "found": dict(self.found),
            "touches": list(self.touches),
            **({"office": self.office} if self.office is not None else {}),
        }


def payload_of(command: Command) -> dict[str, Any]:
    """Return a command as plain data, its fields in the spelling of files."""
    return command.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def model_of(kind: str) -> type[Command]:
    """Return the command of a kind of act.

    Raises:
        UnknownError: there is no such act.
    """
    model = _COMMANDS.get(kind)
    if model is None:
        raise UnknownError(f"There is no act {kind[:80]!r}.")
    return model


def command_of(kind: str, plain: Mapping[str, Any]) -> Command:
    """Read a command back.

    Raises:
        UnknownError: there is no such kind.
        UnreadableError: the data is not such a command; names every field that is wrong.
    """
    model = model_of(kind)
    try:
        return model.model_validate(dict(plain))
    except ValidationError as error:
        problems = (
            (".".join(map(str, each["loc"])), each["msg"].removeprefix("Value error, "))
            for each in error.errors(include_url=False, include_input=False)
        )
        raise UnreadableError(kind, problems) from error
