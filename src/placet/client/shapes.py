"""What the API answers, as the client reads it: fields that it does not know are let through."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

__all__ = ["Brief", "Briefs", "Done", "Stated", "VerifiedPermit", "Waited"]


class Answered(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Waited(Answered):
    """Something that waits for the holder of the token."""

    case: str
    act: str
    about: str
    since: datetime
    due: datetime | None = None


class Brief(Answered):
    """A case in a list."""

    case: str
    what: str
    applicant: str
    filed: datetime
    status: str
    awaits: tuple[str, ...]


class Briefs(Answered):
    """A page of cases; `next` begins the one after it."""

    cases: tuple[Brief, ...]
    next: str | None = None


class Stated(Answered):
    """What is signed for an act, and the act with what was drawn for it."""

    act: dict[str, Any]
    statement: str
    digest: str
    namespace: str
    signed_by: Literal["person", "session"]


class Done(Answered):
    """That an act is on record, and where."""

    kind: str
    case: str | None
    act: dict[str, Any]
    index: int
    entry: str
    checkpoint: int
    beyond: tuple[str, ...] = ()


class VerifiedPermit(Answered):
    """What a permit is worth, by its issuer."""

    permit: str
    now: str
    at: datetime
    says: tuple[str, ...]
