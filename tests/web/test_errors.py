"""What goes wrong with what Placet runs on: told as that, and nothing of it shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from placet.web.house import house

Browser = Callable[..., Any]

SECRET = "connection to server at db.internal.example failed: password of placet_read"


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the database be out of reach for whoever reads, as where its server was stopped."""

    def refuse() -> None:
        raise psycopg.OperationalError(SECRET)

    monkeypatch.setattr(house().reading._database, "_take", refuse)


@pytest.mark.usefixtures("unreachable")
@pytest.mark.parametrize("address", ["/permit-keys.json", "/log/checkpoint"])
def test_a_database_out_of_reach_is_no_fault_of_whoever_asks(
    signed_in: Browser, address: str
) -> None:
    """It is answered by 503 and in general words; what the database says stays in the log."""
    answer = signed_in().get(address)
    assert answer.status_code == 503
    assert "at present" in answer.content.decode()
    assert "db.internal" not in answer.content.decode()


@pytest.mark.usefixtures("unreachable")
def test_the_interface_says_the_same(signed_in: Browser) -> None:
    """A program is told by 503 that it may ask again, as a problem of a kind of its own."""
    answer = signed_in().get("/api/v1/ledger")
    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/problem+json"
    assert "db.internal" not in answer.content.decode()


@pytest.mark.parametrize("address", ["/cases/%00/", "/cases/C-%00/documents/y", "/systems/%00/"])
def test_a_character_that_no_database_keeps_is_told_as_that(
    signed_in: Browser, address: str
) -> None:
    """A NUL in an address is refused or not found, in words of ours."""
    answer = signed_in("secretary").get(address)
    assert answer.status_code in (404, 422)
    assert "PostgreSQL" not in answer.content.decode()
