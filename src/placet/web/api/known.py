"""What is on record besides cases: policies, systems, stock, freedom, authority, reports.

Each is worked out from what the holder may know of the context (`need_to_know/known.py`). Records
stand in the answers as they stand in files.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from placet.operations.on_record.authorities import see_authority
from placet.operations.on_record.books import known_policy, known_to, see_books, see_policy
from placet.operations.on_record.policy_tests import policy_tests
from placet.operations.on_record.policy_trials import tried
from placet.operations.on_record.stocks import see_stock
from placet.operations.on_record.systems import ItemSeen, see_freedom, see_item, see_items
from placet.operations.seeing.reports import report_csv, see_report
from placet.registry import Activity
from placet.registry.facts import Moment
from placet.web.api.admitting import Bearer, holder
from placet.web.api.plain import plain
from placet.web.api.problems import may_fail
from placet.web.api.words import Day, Key, day_or_now, found, text
from placet.web.house import house

__all__ = ["router"]

router = Router(auth=Bearer("read"), by_alias=True)
_MAY = may_fail(401, 403, 422, 429)
_ONE = may_fail(401, 403, 404, 422, 429)
Plain = dict[str, Any]


class Dated(Schema):
    """A policy as it stands in its book, with its dates and how it stands on the day."""

    policy: Plain
    begins: str
    ends: str
    known: str
    announced: str
    status: str
    superseded_by: str = Field(alias="superseded-by")


class Book(Schema):
    """A party's book with the policies that may be known; `own` where undeclared ones may be."""

    party: str
    name: str
    own: bool
    policies: list[Dated]


class Policy(Schema):
    """A policy whole: rules, offices, sources; and how it came about where that may be known."""

    party: str
    name: str
    own: bool
    policy: Plain
    dated: Dated
    rules: list[Plain]
    offices: list[tuple[str, str]]
    sources: list[Plain]
    notices: list[Plain]
    acts: list[Plain]


class Spoke(Schema):
    """What a rule of a policy says of a request, to what effect; without an outcome it advises."""

    rule: str
    effect: str
    then: str


class Trial(Schema):
    """What the rules of a policy say of a case's request, each that speaks of it."""

    case: str
    title: str
    rules: list[Spoke]
    problem: str


class Said(Schema):
    """What a rule of a policy says of an example, to what effect, and why."""

    rule: str
    effect: str
    then: str
    because: str


class Tested(Schema):
    """A test of a policy as it came out on a day; `differs` says in what it is not as expected."""

    test: str
    title: str
    passes: bool
    at: Moment | None
    outcome: str
    says: list[Said]
    differs: list[str]


class ItemRow(Schema):
    """An item in the list: how it stands on the day, and on how many others it relies."""

    key: str
    item: Plain
    origin: list[str]
    available: str
    relies_on: int = Field(alias="relies-on")


class Say(Schema):
    """Who has a say over an item for one activity, by what may be known to whoever asks."""

    activity: str
    actor: str
    outcome: str
    parties: dict[str, str]


class Item(Schema):
    """An item with what it relies on, when it can be had, where it is, who has a say."""

    key: str
    item: Plain
    origin: list[tuple[str, str]]
    available: str
    relies_on: list[Plain] = Field(alias="relies-on")
    relied_on_by: list[tuple[str, str]] = Field(alias="relied-on-by")
    agreements: list[Plain]
    lots: list[Plain]
    says: list[Say]
    sources: list[Plain]
    announced_only: bool = Field(alias="announced-only")


class Stock(Schema):
    """A party's stock of an item: the position that holds, its class, and what is after.

    `lines` of requests draw on it; the first fifty stand in `draws`.
    """

    party: str
    name: str
    item: str
    item_name: str = Field(alias="item-name")
    position: Plain | None
    positions: list[Plain]
    stock_class: str | None = Field(alias="stock-class")
    lines: int
    draws: list[Plain]
    projection: Plain | None


class Cell(Schema):
    """One item in one area: who must consent, who may have to, who refuses or may refuse."""

    item: str
    area: str
    must: list[str]
    may: list[str]
    refuse: list[str]
    may_refuse: list[str] = Field(alias="may-refuse")
    free: str
    proceed: bool


class Freedom(Schema):
    """The matrix of a holder, and how many cells each party can stop."""

    holder: str
    activity: str
    items: list[str]
    areas: list[str]
    cells: list[Cell]
    can_stop: dict[str, int] = Field(alias="can-stop")


class PartySeen(Schema):
    """A party's offices and keys; `own` says that its people may be known."""

    party: str
    name: str
    own: bool
    offices: list[Plain]
    keys: list[Plain]


class ReportSeen(Schema):
    """What the cases of the holder come to: outcomes, times taken, ages, who is waited for."""

    cases: int
    outcomes: dict[str, int]
    spans: list[Plain]
    ages: list[int]
    awaited: dict[str, int]
    oldest: list[Plain]


def _json(request: HttpRequest, value: Any) -> HttpResponse:
    return found(request, json.dumps(plain(value), ensure_ascii=False).encode())


def _day(at: datetime | None) -> datetime:
    return day_or_now(at, house().clock.now())


@router.get(
    "/policies", tags=["policies"], response={200: list[Book], 304: None}, openapi_extra=_MAY
)
def policies(request: HttpRequest, at: Day = None) -> HttpResponse:
    """Return every party's policies as the holder may know them, and what is in force on a day."""
    seen = see_books(house(), holder(request).who, _day(at))
    shown = [
        {"party": each.party, "name": each.name, "own": each.own, "policies": each.policies}
        for each in seen
    ]
    return _json(request, shown)


@router.get(
    "/policies/{party}/{policy}",
    tags=["policies"],
    response={200: Policy, 304: None},
    openapi_extra=_ONE,
)
def policy(request: HttpRequest, party: Key, policy: Key, at: Day = None) -> HttpResponse:
    """Return a policy whole, as the holder may know it."""
    return _json(request, see_policy(house(), holder(request).who, party, policy, _day(at)))


@router.get(
    "/policies/{party}/{policy}/trials",
    tags=["policies"],
    response={200: list[Trial], 304: None},
    openapi_extra=_ONE,
)
def trials(request: HttpRequest, party: Key, policy: Key, at: Day = None) -> HttpResponse:
    """Return what a policy says, on a day, of the requests of the holder's latest cases."""
    who = holder(request).who
    known_policy(known_to(house(), who), party, policy)
    return _json(request, tried(house(), who, party, policy, _day(at)))


@router.get(
    "/policies/{party}/{policy}/tests",
    tags=["policies"],
    response={200: list[Tested], 304: None},
    openapi_extra=_ONE,
)
def tests(request: HttpRequest, party: Key, policy: Key) -> HttpResponse:
    """Return how a policy's tests come out now; none to whom the party's affairs are not known."""
    return _json(request, policy_tests(house(), holder(request).who, party, policy))


@router.get(
    "/systems", tags=["systems"], response={200: list[ItemRow], 304: None}, openapi_extra=_MAY
)
def systems(request: HttpRequest, at: Day = None) -> HttpResponse:
    """Return every item on record."""
    return _json(request, see_items(house(), holder(request).who, _day(at)))


@router.get(
    "/systems/{item}", tags=["systems"], response={200: Item, 304: None}, openapi_extra=_ONE
)
def system(request: HttpRequest, item: Key, actor: Key, at: Day = None) -> HttpResponse:
    """Return an item with its surroundings, and who has a say if `actor` acts."""
    seen = see_item(house(), holder(request).who, item, actor, _day(at))
    return _json(request, _item(seen))


def _item(seen: ItemSeen) -> dict[str, Any]:
    shown = {name: getattr(seen, name) for name in Item.model_fields}
    shown["says"] = [
        {
            "activity": each.activity,
            "actor": each.actor,
            "outcome": each.determination.outcome,
            "parties": {one.party: one.outcome for one in each.determination.parties},
        }
        for each in seen.says
    ]
    return {name.replace("_", "-"): each for name, each in shown.items()}


@router.get("/stock", tags=["stock"], response={200: list[Stock], 304: None}, openapi_extra=_MAY)
def stock(request: HttpRequest, at: Day = None) -> HttpResponse:
    """Return the stock of the parties whose affairs the holder may know."""
    return _json(request, see_stock(house(), holder(request).who, _day(at)))


@router.get("/freedom", tags=["systems"], response={200: Freedom, 304: None}, openapi_extra=_ONE)
def freedom(
    request: HttpRequest, party: Key, activity: Activity = Activity.USE, at: Day = None
) -> HttpResponse:
    """Return what a party can use, where, and whose leave it needs."""
    seen = see_freedom(house(), holder(request).who, party, _day(at), activity)
    cells = [
        {name.replace("_", "-"): getattr(each, name) for name in Cell.model_fields}
        for each in seen.cells
    ]
    shown = {name: getattr(seen, name) for name in ("holder", "activity", "items", "areas")}
    return _json(request, {**shown, "cells": cells, "can-stop": seen.can_stop})


@router.get(
    "/authority", tags=["authority"], response={200: list[PartySeen], 304: None}, openapi_extra=_MAY
)
def authority(request: HttpRequest, at: Day = None) -> HttpResponse:
    """Return offices with who holds them, and delegations, as far as the holder may know them."""
    return _json(request, see_authority(house(), holder(request).who, _day(at)))


@router.get("/reports", tags=["reports"], response={200: ReportSeen, 304: None}, openapi_extra=_MAY)
def reports(request: HttpRequest) -> HttpResponse:
    """Return a report on the cases that the holder has a part in."""
    return _json(request, see_report(house(), holder(request).who))


@router.get(
    "/reports/table",
    tags=["reports"],
    response={200: None},
    openapi_extra=may_fail(401, 403, 422, 429, text="text/csv"),
)
def table(request: HttpRequest) -> HttpResponse:
    """Return the same report as comma-separated values (RFC 4180)."""
    rows = report_csv(see_report(house(), holder(request).who))
    return text(rows, "text/csv; charset=utf-8")
