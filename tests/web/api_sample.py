"""The API as tests ask it: in this process, by a token that was made for a person."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

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

    def whole(self, path: str, part: str, limit: int = 100, **filters: str) -> list[Any]:
        """Ask for a list, page by page, to its end."""
        found: list[Any] = []
        asked: dict[str, Any] = {"limit": limit, **filters}
        while True:
            answer = self.get(f"{path}?{urlencode(asked)}")
            assert answer.status_code == 200, answer.content
            page = answer.json()
            found += page[part]
            if page["next"] is None:
                return found
            asked["after"] = page["next"]

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
