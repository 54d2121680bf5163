"""What advisers ask to be done: to advise, dissent, confirm, step aside."""

from __future__ import annotations

from typing import ClassVar, Literal

from placet.registry.facts import Count
from placet.review.commands.command import Command, Name, Words

__all__ = ["Advise", "Countersign", "Dissent", "Recuse"]


class Advise(Command):
    """Record a team's recommendation."""

    kind: ClassVar[str] = "advise"
    office: Name
    stance: Literal["for", "against", "divided", "consider"]
    says: Words


class Dissent(Command):
    """Record that an official of the team holds otherwise; it is kept beside the advice."""

    kind: ClassVar[str] = "dissent"
    advice: Count
    says: Words


class Countersign(Command):
    """Confirm a team's advice as a second person."""

    kind: ClassVar[str] = "countersign"
    advice: Count


class Recuse(Command):
    """Step aside: whoever does takes no further part in the case."""

    kind: ClassVar[str] = "recuse"
    because: Words
