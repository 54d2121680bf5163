"""What is asked to be done to the log itself."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from placet.registry.facts import Count
from placet.review.commands.command import Command, Name, Words

__all__ = ["ChangeSemantics", "Erase", "RotateKey"]


class Erase(Command):
    """Erase fields of an entry's body, where the law asks for it; a tombstone stays.

    `documents` are those that it brought: their names and digests stay. They go with the payload.
    """

    kind: ClassVar[str] = "erase"
    entry: Count
    fields: tuple[Literal["actor", "evidence", "payload", "documents"], ...] = Field(min_length=1)
    because: Words


class ChangeSemantics(Command):
    """Record that determinations are made under another version of the semantics from here on."""

    kind: ClassVar[str] = "change-semantics"
    to: Name
    because: Words


class RotateKey(Command):
    """Name the public key by which the log, or its permits, are signed next.

    What the key before it signed goes on holding; it signs nothing more once the next one does.
    """

    kind: ClassVar[str] = "rotate-key"
    of: Literal["log", "permit"]
    public: Words
    because: Words
