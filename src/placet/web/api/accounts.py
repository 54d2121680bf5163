"""Accounts over the API: who has one, and closing ways in; opening one takes a person at a page."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import ConfigDict, StringConstraints

from placet.operations.answers import AccountChanged, Accounts, AccountSeen, Term
from placet.operations.house import viewer_of
from placet.web.accounts.administering import (
    CHANGES,
    Held,
    PersonSeen,
    administered,
    changes_seen,
    closed,
)
from placet.web.api.admitting import Bearer, holder
from placet.web.api.idempotency import REPLAYED, Repeatable, once
from placet.web.api.problems import may_fail
from placet.web.api.words import Limit, created, found, written_json
from placet.web.house import house

__all__ = ["router"]

router = Router(auth=Bearer("accounts"), tags=["accounts"], by_alias=True)
_MAY = may_fail(401, 403, 422, 429)
_Text = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
_Said = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]


class ChangeWanted(Schema):
    """A change of an account that is wanted: of which kind, whose, and why."""

    model_config = ConfigDict(extra="forbid")
    what: Annotated[str, StringConstraints(pattern=f"^({'|'.join(CHANGES)})$")]
    person: _Text
    because: _Said


@router.get("/accounts", response={200: Accounts, 304: None}, openapi_extra=_MAY)
def accounts(
    request: HttpRequest, *, find: _Text = "", limit: Limit = 50, after: _Text = ""
) -> HttpResponse:
    """Return people with their accounts, for whoever administers them; `find` is a part of one."""
    looking = viewer_of(house(), holder(request).who)
    page = administered(house(), looking, find, after, limit)
    seen = Accounts(accounts=[_seen(each) for each in page.people], next=page.further)
    return found(request, written_json(Accounts, seen))


@router.get(
    "/accounts/changes", response={200: list[AccountChanged], 304: None}, openapi_extra=_MAY
)
def changes(request: HttpRequest) -> HttpResponse:
    """Return the fifty latest changes of accounts, the latest first."""
    looking = viewer_of(house(), holder(request).who)
    seen = [_change(each) for each in changes_seen(house(), looking)]
    return found(request, written_json(list[AccountChanged], seen))


@router.post(
    "/accounts/changes",
    response={201: AccountChanged},
    openapi_extra=may_fail(400, 401, 403, 404, 409, 422, 429, heads={201: REPLAYED}),
)
def change(request: HttpRequest, wanted: ChangeWanted, *, key: Repeatable = None) -> HttpResponse:
    """Close a way in: disable an account, end its sessions, or untie it from its provider.

    What opens one is refused (403): a person does it on the page of accounts.
    """
    who = holder(request).who
    looking = viewer_of(house(), who)

    def done() -> HttpResponse:
        closed(house(), looking, wanted.what, wanted.person, wanted.because)
        return created(AccountChanged, _change(changes_seen(house(), looking)[0]))

    return once(request, who, key, house().clock.now(), done)


def _seen(each: PersonSeen) -> AccountSeen:
    plain = {
        "person": each.person,
        "name": each.name,
        "terms": [_term(held) for held in each.offices],
        "state": each.state,
        "factors": each.factors,
        "subjects": list(each.subjects),
        "last-signed-in": each.account.last_login if each.account is not None else None,
    }
    return AccountSeen.model_validate(plain)


def _term(held: Held) -> Term:
    official = held.official
    return Term(
        office=official.office,
        title=held.title,
        acting=official.acting,
        begins=str(official.from_ or ""),
        ends=str(official.until or ""),
        now=held.now,
    )


def _change(each: object) -> AccountChanged:
    return AccountChanged.model_validate(each, from_attributes=True)
