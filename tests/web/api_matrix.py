"""What the matrix of the API is asked of: who asks, cases of theirs and of others, what is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from api_routes import Address, filled
from api_sample import Caller, caller
from roles import ROLES
from steps import request_of
from two_cases import Whole, case_filed, case_of_everybody, case_of_others

__all__ = ["LEAST", "Keeps", "World", "world"]

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJb2bUcR4cmGSlNPyGXJyBQQF0hQ5GEcj5NmyJ1mPk2V"
LEAST: dict[str, Any] = {
    "PUT /drafts/{draft}": {"fields": {"title": ["Mine still"]}},
    "POST /drafts": {"fields": {"title": ["Mine"]}},
    "PUT /lists/{kept}": {"name": "Mine still", "q": "storm"},
    "POST /lists": {"name": "One more", "q": "storm"},
    "POST /notices": {"channel": "webhook", "address": "https://one.example/more"},
    "POST /accounts/changes": {"what": "end-sessions", "person": "doyle", "because": "a test"},
    "POST /sessions/challenge": {"key": KEY},
}
"""What an address takes at least, where that is something."""


@dataclass(frozen=True)
class Keeps:
    """What somebody keeps here: a draft, a list, where they are told, a token."""

    draft: int
    kept: int
    notice: int
    token: str


@dataclass(frozen=True)
class World:
    """What the matrix is asked of.

    A case that is under review, in which the registrar and the stranger have no part; one of
    everybody, and one of others, both with a permit; and what each role keeps.
    """

    house: Any
    callers: Mapping[str, Caller]
    fresh: Whole
    own: Whole
    others: Whole
    request: Any
    keeps: Mapping[str, Keeps]

    def path(self, address: Address, of: Whole, keeps: Keeps | None = None, **named: Any) -> str:
        """Return an address with the names of things that there are."""
        things = keeps or self.keeps["adviser"]
        names = {
            "case": of.case,
            "permit": of.permit,
            "entry": of.filed,
            "digest": of.document,
            "party": "US",
            "policy": "2022-donor-conditions",
            "item": "atacms",
            "index": 0,
            "path": "checkpoint",
            "audit": "00000000-0000-4000-8000-000000000000",
            **vars(things),
            **named,
        }
        found = address.path
        for name, value in names.items():
            found = found.replace(f"{{{name}}}", str(value))
        asks = {"/systems/{item}": "?actor=UA", "/freedom": "?party=UA"}
        return found + asks.get(address.path, "")

    def send(
        self, who: Caller, address: Address, of: Whole, keeps: Keeps | None = None, **named: Any
    ) -> Any:
        """Send the least that an address takes."""
        path = self.path(address, of, keeps, **named)
        return who.send(address.method, path, self.body(address, named.get("permit")))

    def body(self, address: Address, permit: str | None = None) -> Any:
        """Return the least that an address takes; of an act on a permit, on this one."""
        if address.body is not None:
            act = filled(address.body.model_fields["act"].annotation)
            if address.act == "submit":
                act["request"] = self.request
            if permit is not None and "permit" in act:
                act["permit"] = permit
            return {"act": act}
        if address.path == "/determine":
            return {"request": self.request}
        if address.path == "/determine/batch":
            return {"requests": [self.request]}
        return LEAST.get(address.name, {}) if address.method in ("POST", "PUT") else None


@pytest.fixture(scope="module")
def world(office: Any, ukraine: Path) -> Iterator[World]:
    """The roles with their tokens and what they keep, and the cases."""
    from django.conf import settings

    from placet.web.jobs.models import Subscription
    from placet.web.models import Draft, KeptList

    house = office.house
    rates, settings.API_RATES = settings.API_RATES, dict.fromkeys(settings.API_RATES, 1e9)
    callers = {role: caller(house, person) for role, person in ROLES.items()}
    plain = request_of(ukraine)
    own, fresh = case_of_everybody(house, ukraine), case_filed(house, ukraine)
    done = callers["officer"].post(f"/cases/{fresh.case}/acts/determine", {"act": {}})
    assert done.status_code == 201, done.content
    with case_of_others(house, ukraine) as others:
        keeps = {role: _kept(house, each) for role, each in callers.items()}
        yield World(house, callers, fresh, own, others, plain, keeps)
    settings.API_RATES = rates
    people = list(ROLES.values())
    for each in (Draft, KeptList, Subscription):
        each.objects.filter(person__in=people).delete()


def _kept(house: Any, who: Caller) -> Keeps:
    """Keep something of each kind."""
    draft = who.post("/drafts", {"fields": {"title": ["Mine"]}}).json()["draft"]
    kept = who.post("/lists", {"name": "Mine", "q": "storm"}).json()["list"]
    hook = {"channel": "webhook", "address": f"https://{who.person}.example/hook"}
    notice = who.post("/notices", hook).json()["notice"]
    token = caller(house, who.person, "read", lasts=timedelta(minutes=30)).token
    return Keeps(draft, kept, notice, token)
