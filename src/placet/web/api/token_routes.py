"""Tokens over the API: a token makes others that give no more than it does, and revokes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import ConfigDict, Field, StringConstraints

from placet.registry.facts import Moment
from placet.review import NotAllowedError
from placet.web.api.admitting import Bearer, holder
from placet.web.api.models import Token
from placet.web.api.problems import may_fail
from placet.web.api.tokens import SCOPES, made, revoke, tokens_of
from placet.web.api.words import Key, Name, created, found, written_json
from placet.web.house import house

__all__ = ["router"]

router = Router(tags=["tokens"], by_alias=True)
_SCOPE = StringConstraints(pattern=f"^({'|'.join(SCOPES)})$")


class TokenSeen(Schema):
    """A token, without its secret."""

    token: str
    label: str
    office: str
    scopes: list[str]
    made: datetime
    expires: datetime


class TokenMade(TokenSeen):
    """A token that was just made, with its secret: it is shown this once."""

    secret: str


class TokenWanted(Schema):
    """A token that is wanted: for an office, for some of what this one is for, until when."""

    model_config = ConfigDict(extra="forbid")
    office: Key
    scopes: Annotated[list[Annotated[str, _SCOPE]], Field(min_length=1, max_length=len(SCOPES))]
    until: Moment
    label: Annotated[str, StringConstraints(pattern=r"^[ -~]{1,100}$")]


@router.get(
    "/tokens",
    auth=Bearer("read"),
    response={200: list[TokenSeen], 304: None},
    openapi_extra=may_fail(401, 403, 422, 429),
)
def tokens(request: HttpRequest) -> HttpResponse:
    """Return the tokens of the holder for this office that are not revoked."""
    seen = [TokenSeen(**_seen(each)) for each in tokens_of(holder(request).who)]
    return found(request, written_json(list[TokenSeen], seen))


@router.post(
    "/tokens",
    auth=Bearer("act"),
    response={201: TokenMade},
    openapi_extra=may_fail(400, 401, 403, 404, 422, 429),
)
def make_token(request: HttpRequest, wanted: TokenWanted) -> HttpResponse:
    """Make a token of the same person, that gives no more and lasts no longer than this one."""
    of = holder(request)
    more = set(wanted.scopes) - of.scopes
    if more or wanted.until > of.expires_at or wanted.office != of.office:
        raise NotAllowedError("A token makes none of another office, for more, or for longer.")
    secret, token = made(house(), of.who, wanted.office, wanted.scopes, wanted.until, wanted.label)
    return created(TokenMade, TokenMade(secret=secret, **_seen(token)))


@router.delete(
    "/tokens/{token}",
    auth=Bearer("act"),
    response={204: None},
    openapi_extra=may_fail(401, 403, 404, 422, 429),
)
def revoke_token(request: HttpRequest, token: Name) -> HttpResponse:
    """Revoke a token of the holder's; every process knows within five seconds."""
    revoke(holder(request).who, token, house().clock.now())
    return HttpResponse(status=204)


def _seen(token: Token) -> dict[str, Any]:
    return {
        "token": token.reference,
        "label": token.label,
        "office": token.office,
        "scopes": token.scopes.split(),
        "made": token.made_at,
        "expires": token.expires_at,
    }
