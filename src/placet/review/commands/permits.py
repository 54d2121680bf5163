"""What is asked to be done with permits: to issue, stop, narrow, and look after their use."""

from __future__ import annotations

from typing import ClassVar, Literal

from placet.policy import Proviso
from placet.registry.facts import Count, Moment
from placet.review.commands.command import Command, Name, Place, Reference, Words

__all__ = ["Amend", "CheckEndUse", "Issue", "Lift", "ResolveViolation", "Revoke", "Suspend"]


class Issue(Command):
    """Issue the permit that every required consent now allows. `status` is its list index.

    Without a `from`, it holds from the act on; `until` may only shorten what the
    decisions and the request allow.
    """

    kind: ClassVar[str] = "issue"
    permit: Reference
    status: Place
    from_: Moment | None = None
    until: Moment | None = None
    lines: tuple[Name, ...] = ()


class Suspend(Command):
    """Suspend a permit, until it is lifted."""

    kind: ClassVar[str] = "suspend"
    permit: Reference
    because: Words


class Lift(Command):
    """Lift a suspension, where everything the permit rests on holds again."""

    kind: ClassVar[str] = "lift"
    permit: Reference
    because: Words


class Revoke(Command):
    """Revoke a permit for good."""

    kind: ClassVar[str] = "revoke"
    permit: Reference
    because: Words


class Amend(Command):
    """Replace a permit by a narrower one. Wider terms need a new decision."""

    kind: ClassVar[str] = "amend"
    permit: Reference
    replacement: Reference
    status: Place
    until: Moment | None = None
    quantities: dict[str, Count] = {}
    provisos: tuple[Proviso, ...] = ()
    because: Words


class ResolveViolation(Command):
    """Close the case of a use that was outside its permit, or may have been, with what was found.

    `within` is found of a use that only may have been outside.
    """

    kind: ClassVar[str] = "resolve-violation"
    report: Reference
    finding: Literal["within", "excused", "sanctioned", "mistaken-report"]
    because: Words


class CheckEndUse(Command):
    """Record an end-use check."""

    kind: ClassVar[str] = "check-end-use"
    permit: Reference
    result: Literal["in-order", "concern", "not-possible"]
    says: Words
