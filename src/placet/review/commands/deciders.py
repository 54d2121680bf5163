"""What those ask to be done who decide, or attest what others decided elsewhere."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from placet.policy import Precondition, Proviso
from placet.registry.facts import Count, Moment, Once
from placet.review.commands.command import (
    Attachment,
    Command,
    Digest,
    Name,
    Place,
    Reference,
    Said,
    Verdict,
    Words,
)

__all__ = [
    "BreakGlass",
    "Decide",
    "DismissAppeal",
    "RecordAssurance",
    "RecordConsent",
    "Retract",
    "ReviewAfter",
    "WithdrawConsent",
]


class Decide(Command):
    """Decide for a party, on the determination that was seen.

    `office` is the deciding office of the party; `delegation` names the instrument where
    the actor acts for it from another office. Without `lines` all are decided. Where an
    office decides by several persons, each gives the same text. `because` is for the file,
    `disclosed` is what the applicant is told.
    """

    kind: ClassVar[str] = "decide"
    party: Name
    office: Name
    delegation: Name | None = None
    verdict: Verdict
    lines: tuple[Name, ...] = ()
    provisos: tuple[Proviso, ...] = ()
    provided: tuple[Precondition, ...] = ()
    until: Moment | None = None
    because: Words
    disclosed: Words
    determination: Digest


class DismissAppeal(Command):
    """Dismiss the appeal that lies, with a reason: what was decided stands.

    `party` is the one whose word it is against, `office` the one that gave the word. Without an
    office a word given elsewhere is meant; without a party the answer is the desk's. `because` is
    for the file, `disclosed` is what the applicant is told.
    """

    kind: ClassVar[str] = "dismiss-appeal"
    party: Name | None = None
    office: Name | None = None
    because: Words
    disclosed: Words


class RecordConsent(Command):
    """Record a foreign decision from its instrument; a liaison official attests it.

    `attachments` are the instrument itself and what goes with it, where they are kept.
    """

    kind: ClassVar[str] = "record-consent"
    party: Name
    given_by: Said
    given_on: Once
    instrument: Words
    instrument_digest: Digest
    verdict: Verdict
    lines: tuple[Name, ...] = ()
    provisos: tuple[Proviso, ...] = ()
    provided: tuple[Precondition, ...] = ()
    until: Moment | None = None
    disclosed: Words
    determination: Digest
    attachments: tuple[Attachment, ...] = ()


class RecordAssurance(Command):
    """Record that a party gave an assurance. An assurance of approval is never an approval."""

    kind: ClassVar[str] = "record-assurance"
    party: Name
    given_by: Said
    says: Words
    instrument: Words


class WithdrawConsent(Command):
    """Take a party's decision or consent back; permits that rest on it are suspended at once.

    `except_permits` names those that a written carve-out spares, `carve_out` the text.
    """

    kind: ClassVar[str] = "withdraw-consent"
    party: Name
    office: Name | None = None
    because: Words
    disclosed: Words
    except_permits: tuple[Reference, ...] = ()
    carve_out: Words | None = None


class Retract(Command):
    """Take back an assurance, the act of an office, or what was recorded as done by mistake.

    `need` names it, as `assurance from GB`, `act of us/counsel` or `event crews-trained`. Permits
    that rest on it are suspended at once; `except_permits` names those that a written carve-out
    spares, `carve_out` the text.
    """

    kind: ClassVar[str] = "retract"
    need: Words
    because: Words
    except_permits: tuple[Reference, ...] = ()
    carve_out: Words | None = None


class BreakGlass(Command):
    """Act before the review, where the party's book allows it, for a few hours.

    Opens a mandatory after-review. `permit`, `status` and `status_list` are those of the
    emergency permit.
    """

    kind: ClassVar[str] = "break-glass"
    party: Name
    office: Name
    hours: Annotated[Count, Field(ge=1)]
    permit: Reference
    status: Place
    because: Words
    determination: Digest


class ReviewAfter(Command):
    """Find, after the event, whether breaking the glass was justified."""

    kind: ClassVar[str] = "review-after"
    permit: Reference
    finding: Literal["justified", "not-justified"]
    because: Words
