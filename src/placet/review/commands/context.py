"""What is asked to be changed of the context: facts, policies, offices, keys, delegations."""

from __future__ import annotations

from typing import Any, ClassVar

from placet.registry import Activity
from placet.registry.facts import Moment, YesNo
from placet.review.commands.command import Command, Name, Reference, Words

__all__ = [
    "AdoptPolicy",
    "AnnouncePolicy",
    "Appoint",
    "Begin",
    "ContextChange",
    "Delegate",
    "Dismiss",
    "EndPolicy",
    "RecordFact",
    "RegisterKey",
    "RetireKey",
    "ReviseBook",
    "RevokeDelegation",
]


class Begin(Command):
    """Begin the log with a first context. Whoever begins holds the duty of authority in it.

    `log_key` and `permit_key` are the public keys by which the log and its permits are signed.
    """

    kind: ClassVar[str] = "begin"
    origin: Name
    log_key: Words | None = None
    permit_key: Words | None = None
    registry: dict[str, Any]
    books: tuple[dict[str, Any], ...]


class ContextChange(Command):
    """An act that changes the context; it suspends every permit that rests on what it ends.

    `except_permits` names permits that a written carve-out spares, `carve_out` the text.
    """

    because: Words
    except_permits: tuple[Reference, ...] = ()
    carve_out: Words | None = None


class AdoptPolicy(ContextChange):
    """Adopt a policy of a party's book; an undeclared one is thereby committed to the log."""

    kind: ClassVar[str] = "adopt-policy"
    party: Name
    policy: Name
    text: dict[str, Any]


class AnnouncePolicy(ContextChange):
    """Announce a policy that was adopted undeclared; its text stays what it was."""

    kind: ClassVar[str] = "announce-policy"
    party: Name
    policy: Name
    on: Moment


class EndPolicy(ContextChange):
    """End a policy at a moment that is not in the past."""

    kind: ClassVar[str] = "end-policy"
    party: Name
    policy: Name
    until: Moment


class ReviseBook(ContextChange):
    """Change what a party's book says apart from its policies.

    `fields` are those of the book that are replaced, each as a whole: what the party claims, what
    holds otherwise, how its decisions are signed, whether it allows acting before the review.
    """

    kind: ClassVar[str] = "revise-book"
    party: Name
    fields: dict[str, Any]


class RecordFact(ContextChange):
    """Record a fact of the registry. A correction supersedes what stood there, and says so."""

    kind: ClassVar[str] = "record-fact"
    section: Name
    id: Name
    record: dict[str, Any]
    supersedes: YesNo = False


class Appoint(ContextChange):
    """Record that a person holds an office, or acts in it, for a time."""

    kind: ClassVar[str] = "appoint"
    official: Name
    person: Name
    name: Name
    office: Name
    acting: YesNo = False
    from_: Moment
    until: Moment | None = None


class Dismiss(ContextChange):
    """End the time of an official in an office."""

    kind: ClassVar[str] = "dismiss"
    official: Name
    until: Moment


class RegisterKey(ContextChange):
    """Record the public key by which a person signs from now on."""

    kind: ClassVar[str] = "register-key"
    key: Name
    person: Name
    public: Words
    from_: Moment


class RetireKey(ContextChange):
    """End the use of a key; what it signed before goes on holding."""

    kind: ClassVar[str] = "retire-key"
    key: Name
    until: Moment


class Delegate(ContextChange):
    """Let another office act for one's own, for a time and for some activities."""

    kind: ClassVar[str] = "delegate"
    delegation: Name
    of: Name
    to: Name
    activities: tuple[Activity, ...] = ()
    from_: Moment
    until: Moment | None = None


class RevokeDelegation(ContextChange):
    """Put an end to a delegation."""

    kind: ClassVar[str] = "revoke-delegation"
    delegation: Name
