"""What stands in addresses and answers: the kinds of parameters, and how an answer is written."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter

from placet.need_to_know.shown import CaseStatus
from placet.operations.seeing.places import place_of
from placet.registry.facts import Moment

__all__ = [
    "JSON_TYPE",
    "Day",
    "Digest",
    "Further",
    "Key",
    "Limit",
    "Name",
    "Number",
    "StatusAsked",
    "created",
    "day_or_now",
    "found",
    "is_as_seen",
    "text",
    "written_json",
]

JSON_TYPE = "application/json"

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$")]
"""The reference of a case, permit or token."""
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/:-]{0,199}$")]
"""The id of a party, an item, a policy or an office."""
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
"""The digest of a document."""
Number = Annotated[int, Field(ge=0, le=(1 << 53) - 1)]
StatusAsked = CaseStatus | Literal["submitted"]
"""By what a list is narrowed: how a case was answered, or that nobody has determined it."""
Limit = Annotated[int, Field(ge=1, le=100, description="How many at most.")]
Day = Annotated[
    Moment | None, Field(description="In force when: a day or an instant (UTC); now by default.")
]


def _place(text: str) -> str:
    if place_of(text) is None:
        raise ValueError("it is not the `next` of a page")
    return text


Further = Annotated[
    str, AfterValidator(_place), Field(description="Where to go on: the `next` of a page.")
]


def day_or_now(day: datetime | None, now: datetime) -> datetime:
    """Return the moment that is asked about."""
    return day or now


def written_json(kind: Any, value: Any) -> bytes:
    """Return a value of a kind as JSON, its names as files spell them."""
    return TypeAdapter[Any](kind).dump_json(value, by_alias=True)


def created(kind: Any, value: Any) -> HttpResponse:
    """Answer 201 with what was made; it may hold a secret, and nobody keeps it."""
    answer = HttpResponse(written_json(kind, value), status=201, content_type=JSON_TYPE)
    answer["Cache-Control"] = "no-store"
    return answer


def found(request: HttpRequest, body: bytes, *, digest: str = "") -> HttpResponse:
    """Answer with JSON, and an ETag over these very bytes; with nothing where it is the same.

    What is shown depends on who looks, so nobody between may keep it.
    """
    tag = digest or f"sha256:{hashlib.sha256(body).hexdigest()}"
    same = _names(request.headers.get("If-None-Match", ""), tag)
    answer = HttpResponse(status=304) if same else HttpResponse(body, content_type=JSON_TYPE)
    answer["ETag"] = f'"{tag}"'
    answer["Cache-Control"] = "private, no-cache"
    answer["Vary"] = "Authorization"
    return answer


def is_as_seen(seen: str | None, tag: str) -> bool:
    """Say whether what stands there is what somebody saw, by the `If-Match` that they sent."""
    return seen is None or seen.strip() == "*" or _names(seen, tag)


def _names(tags: str, tag: str) -> bool:
    return f'"{tag}"' in {each.strip().removeprefix("W/") for each in tags.split(",")}


def text(body: bytes | str, kind: str = "text/plain; charset=utf-8") -> HttpResponse:
    """Answer with a text or a file."""
    answer = HttpResponse(body, content_type=kind)
    answer["Cache-Control"] = "private, no-cache"
    return answer
