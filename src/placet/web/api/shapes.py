"""What the API answers with, where it is not a record that operations answer with already."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema

from placet.review import View
from placet.review.inbox import Waiting

__all__ = ["Brief", "Briefs", "Inbox", "Me", "OfficeHeld", "brief_of"]


class OfficeHeld(Schema):
    """An office that the holder of the token holds now."""

    office: str
    title: str
    party: str


class Me(Schema):
    """Who the token is of, what it is for, and what they hold now."""

    person: str
    name: str
    token: str
    scopes: list[str]
    expires: datetime
    offices: list[OfficeHeld]
    demonstration: bool


class Inbox(Schema):
    """What waits for the holder of the token, the most urgent first."""

    waiting: list[Waiting]


class Brief(Schema):
    """A case in a list."""

    case: str
    what: str
    applicant: str
    filed: datetime
    status: str
    awaits: list[str]


class Briefs(Schema):
    """A page of cases; `next` begins the one after it, and is null on the last."""

    cases: list[Brief]
    next: str | None = None


def brief_of(seen: View) -> Brief:
    """Return a case in brief."""
    return Brief(
        case=seen.case,
        what=str(seen.request.get("title") or seen.request.get("request", "")),
        applicant=seen.applicant,
        filed=seen.submitted_at,
        status=str(seen.status),
        awaits=list(seen.awaits),
    )
