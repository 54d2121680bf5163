"""What nobody asked for is not taken: fields beside those of a form or a body change nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from api_matrix import World, world
from api_routes import addresses
from page_routes import filled as filled_address
from page_routes import page_routes

__all__ = ["world"]

UNASKED = {
    "actor": "secretary",
    "person": "secretary",
    "by": "secretary",
    "at": "2020-01-01T00:00:00Z",
    "office": "us/secdef",
    "party": "US",
    "stage": "permitted",
    "version": 99,
    "is_superuser": "1",
    "is_active": "",
    "demonstration": "",
    "sessions": 9,
    "username": "secretary",
    "id": 1,
    "pk": 1,
    "user": 1,
}
"""What somebody would set who was let: who acts, when, in which office, and as what."""


NO_BODY = {"POST /ledger/audits", "POST /documents"}
"""What takes nothing, or a file: there is no field to add."""
HOOK = "https://marchenko.example/hook"


def test_a_body_of_the_api_holds_what_its_address_takes_and_nothing_else(world: World) -> None:
    """Every address that takes a body names the field that it does not know, before all else.

    An act's body does wherever it stands: beside the act, and in it.
    """
    who, asked = world.callers["registrar"], 0
    for each in addresses():
        if each.method not in ("POST", "PUT") or each.name in NO_BODY:
            continue
        least = world.body(each)
        more = [least | {"is_superuser": True}]
        more += [{"act": least["act"] | {"is_superuser": True}}] if each.act else []
        for body in more:
            asked += 1
            path = world.path(each, world.own, world.keeps["registrar"])
            answer = who.send(each.method, path, body)
            assert answer.status_code == 422, (each.name, answer.content)
            assert "is_superuser" in answer.json()["detail"], (each.name, answer.content)
    assert asked > 150


def test_a_form_of_the_pages_takes_nothing_that_it_does_not_ask_for(
    world: World, signed_in: Callable[..., Any]
) -> None:
    """Sent to every route as an applicant and as an officer, it makes nobody anybody else.

    No account gets more, nothing is kept for somebody else, and nobody else has acted.
    """
    from placet.web.accounts.models import User

    def others() -> tuple[Any, ...]:
        flags = ("username", "email", "is_active", "demonstration", "sessions")
        users = list(User.objects.order_by("pk").values_list(*flags))
        rows = [list(each.objects.filter(person="secretary").values()) for each in _kept_for()]
        return users, rows, list(User.objects.filter(username="secretary").values("password"))

    before, entries = others(), world.house.reading.checkpoint().checkpoint.size
    names = {"case": world.fresh.case, "permit": world.own.permit, "kind": "ask", "key": "999999"}
    asks = {"on-case": world.fresh.case, "asks": "Which depot?", "name": "mine", "q": "x"}
    asks |= {"query": "q=atacms&tab=others", "channel": "webhook", "address": HOOK, "do": "keep"}
    for person in ("marchenko", "okafor"):
        browser = signed_in(person)
        for name, pattern in page_routes():
            if name != "account_logout":
                browser.post(filled_address(pattern, names), {**UNASKED, **asks})
    assert others() == before
    kept = {each: each.objects.filter(person="marchenko").count() for each in _kept_for()}
    assert min(kept.values()) > 1, "it was taken for whoever sent it"
    acted = [event.actor for event in _events(world.house, entries)]
    assert acted, "something was done"
    assert set(acted) <= {"marchenko", "okafor"}


def _kept_for() -> tuple[Any, ...]:
    """What is kept for a person."""
    from placet.web.jobs.models import Subscription
    from placet.web.models import Draft, KeptList

    return Draft, KeptList, Subscription


def _events(house: Any, since: int) -> list[Any]:
    """Return what was done from a place in the log on."""
    from placet.operations.auditing.entries import entry_of, event_of

    found = house.reading.entries(since)
    return [event_of(entry_of(each.body, each.leaf)[0]) for each in found if each.body is not None]
