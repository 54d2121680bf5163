"""The API as tests ask it: in this process, by a token that was made for a person."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.test import Client

from placet.operations.house import SignedIn

__all__ = ["Caller", "caller", "first_office"]

PREFIX = "/api/v1"


@dataclass(frozen=True)
class Caller:
    """Whoever calls the API, with a token or with none."""

    person: str
    secret: str
    token: str = ""

    def get(self, path: str, **headers: str) -> Any:
        """Ask for something."""
        return self.send("GET", path, None, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        """Send something."""
        return self.send("POST", path, body, **headers)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request; what a body holds is written as JSON."""
        sent = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Client(HTTP_HOST="localhost").generic(
            method,
            f"{PREFIX}{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers=sent | named,
        )


def first_office(house: Any, person: str) -> str:
    """Return an office that a person holds now."""
    return house.reading.context().offices_of(person, house.clock.now())[0].office


def caller(
    house: Any,
    person: str,
    *scopes: str,
    office: str | None = None,
    lasts: timedelta = timedelta(hours=1),
) -> Caller:
    """Return a person with a new token for these scopes; all by default."""
    from placet.web.api.tokens import SCOPES, made

    until = house.clock.now() + lasts
    office = office or first_office(house, person)
    secret, token = made(
        house, SignedIn(person, None), office, scopes or tuple(SCOPES), until, "a test"
    )
    return Caller(person, secret, token.reference)
