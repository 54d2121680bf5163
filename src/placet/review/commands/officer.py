"""What a case officer asks to be done: to determine, ask, return, set days, close."""

from __future__ import annotations

from typing import ClassVar

from placet.registry.facts import Moment
from placet.review.commands.command import Command, Name, Words

__all__ = [
    "AskApplicant",
    "Assign",
    "Close",
    "Determine",
    "Escalate",
    "Fulfil",
    "Lapse",
    "Reconsider",
    "Return",
    "SetDeadline",
]


class Determine(Command):
    """Determine who has a say and what their rules say today; begins or renews the review."""

    kind: ClassVar[str] = "determine"


class Assign(Command):
    """Give the case to a case officer, or to another one."""

    kind: ClassVar[str] = "assign"
    to: Name
    because: Words


class AskApplicant(Command):
    """Ask the applicant for information; `fields` are those of the request that are wanted."""

    kind: ClassVar[str] = "ask"
    asks: Words
    fields: tuple[Name, ...] = ()
    due: Moment | None = None


class Return(Command):
    """Return the request without action: it is not decided on the merits."""

    kind: ClassVar[str] = "return"
    because: Words
    disclosed: Words


class SetDeadline(Command):
    """Set the day by which an office or the applicant must act; None takes it back."""

    kind: ClassVar[str] = "set-deadline"
    of: Name
    due: Moment | None
    because: Words


class Escalate(Command):
    """Bring a case whose deadline has passed before another office; it approves nothing."""

    kind: ClassVar[str] = "escalate"
    to: Name
    because: Words


class Lapse(Command):
    """End a case whose deadline for the applicant has passed."""

    kind: ClassVar[str] = "lapse"
    because: Words


class Reconsider(Command):
    """Open a new round after an appeal, or of one's own motion: earlier decisions fall."""

    kind: ClassVar[str] = "reconsider"
    because: Words


class Close(Command):
    """Close a case on which nothing is left to do."""

    kind: ClassVar[str] = "close"
    because: Words


class Fulfil(Command):
    """Record that a step was taken or a condition precedent came true; `need` names it."""

    kind: ClassVar[str] = "fulfil"
    need: Words
    instrument: Words
