"""What the applicant asks to be done: to file, answer, withdraw, appeal, give back, report."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from placet.registry import UNKNOWN
from placet.registry.facts import Count, Moment, Once
from placet.review.commands.command import Attachment, Command, Name, Reference, Words

__all__ = ["Appeal", "CorrectUse", "ReportUse", "Submit", "Supply", "Surrender", "Withdraw"]


class Submit(Command):
    """File a request and so open a case. `case` is its new, unpredictable reference."""

    kind: ClassVar[str] = "submit"
    case: Reference
    request: dict[str, Any]
    due: Moment | None = None
    attachments: tuple[Attachment, ...] = ()


class Supply(Command):
    """Answer an open information request, in words or with the request as it now reads too."""

    kind: ClassVar[str] = "supply"
    question: Count
    request: dict[str, Any] | None = None
    says: Words
    attachments: tuple[Attachment, ...] = ()


class Withdraw(Command):
    """Withdraw the request. Permits in force are surrendered, not withdrawn."""

    kind: ClassVar[str] = "withdraw"
    because: Words


class Appeal(Command):
    """Ask that a refusal, a return or a proviso be reconsidered."""

    kind: ClassVar[str] = "appeal"
    because: Words


class Surrender(Command):
    """Give a permit back."""

    kind: ClassVar[str] = "surrender"
    permit: Reference
    because: Words


class ReportUse(Command):
    """Say what was actually done under a permit: always recorded, marked where it went beyond.

    `on` is an instant, or a day that stays one. What is left out is not known; `none` says none.
    """

    kind: ClassVar[str] = "report-use"
    permit: Reference
    report: Reference
    line: Name
    quantity: Annotated[Count, Field(ge=1)]
    on: Once
    area: Name = UNKNOWN
    target: Name = UNKNOWN
    purpose: Name = UNKNOWN
    recipient: Name = UNKNOWN
    says: Words | None = None


class CorrectUse(ReportUse):
    """Report a use anew, in place of a report that says something wrong of it, and say why.

    That report stays on file with what it was found to be, and counts no more.
    """

    kind: ClassVar[str] = "correct-use"
    corrects: Reference
    because: Words
