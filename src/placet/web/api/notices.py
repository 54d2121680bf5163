"""Notices over the API: where the holder of a token is told, by e-mail or to a web hook."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import ConfigDict, StringConstraints

from placet.web.api.admitting import Bearer, holder
from placet.web.api.problems import may_fail
from placet.web.api.words import Number, created, found, written_json
from placet.web.jobs.models import Subscription
from placet.web.jobs.wishes import add_wish, remove_wish, secret_for, wishes_of

__all__ = ["router"]

router = Router(tags=["notices"], by_alias=True)


class ToldAt(Schema):
    """An address at which the holder is told."""

    notice: int
    channel: Literal["email", "webhook"]
    address: str
    made: datetime


class ToldFrom(ToldAt):
    """An address that was just added; of a web hook, with the secret that signs what it is sent."""

    secret: str | None


class Wanted(Schema):
    """An address that is wanted: of e-mail, or the https address of a program."""

    model_config = ConfigDict(extra="forbid")
    channel: Literal["email", "webhook"]
    address: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x20\x7f]{1,500}$")]


@router.get(
    "/notices",
    auth=Bearer("read"),
    response={200: list[ToldAt], 304: None},
    openapi_extra=may_fail(401, 403, 422, 429),
)
def notices(request: HttpRequest) -> HttpResponse:
    """Return the addresses at which the holder is told; secrets were shown when each was added."""
    seen = [_seen(each) for each in wishes_of(holder(request).who)]
    return found(request, written_json(list[ToldAt], seen))


@router.post(
    "/notices",
    auth=Bearer("act"),
    response={201: ToldFrom},
    openapi_extra=may_fail(400, 401, 403, 422, 429),
)
def add_notice(request: HttpRequest, wanted: Wanted) -> HttpResponse:
    """Add an address at which the holder is told of what concerns them."""
    wish = add_wish(holder(request).who, wanted.channel, wanted.address)
    shown = ToldFrom(**_seen(wish).dict(), secret=secret_for(wish) or None)
    return created(ToldFrom, shown)


@router.delete(
    "/notices/{notice}",
    auth=Bearer("act"),
    response={204: None},
    openapi_extra=may_fail(401, 403, 404, 422, 429),
)
def remove_notice(request: HttpRequest, notice: Number) -> HttpResponse:
    """Remove an address of the holder's; what was still to be sent there is forgotten."""
    remove_wish(holder(request).who, notice)
    return HttpResponse(status=204)


def _seen(wish: Subscription) -> ToldAt:
    return ToldAt.model_validate(
        {
            "notice": wish.pk,
            "channel": wish.channel,
            "address": wish.address,
            "made": wish.made_at,
        }
    )
