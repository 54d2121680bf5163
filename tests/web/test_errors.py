"""What goes wrong with what Placet runs on: told as that, and nothing of it shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from steps import done, request_of

from placet.store.errors import NotCoveredError
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


ADVICE = {"on-case": "C-2222222222", "office": "us/usd-policy", "says": "a long text, thought over"}
FROM_A_PAGE = {"HTTP_SEC_FETCH_SITE": "same-origin"}


def test_what_was_written_when_the_session_had_ended_is_shown_back(signed_in: Browser) -> None:
    """It can be copied, nothing is done, and signing in leads back to the case."""
    answer = signed_in().post("/act/advise/", ADVICE, **FROM_A_PAGE)
    shown = answer.content.decode()
    assert answer.status_code == 403
    assert "Your session is over" in shown
    assert "a long text, thought over" in shown
    assert "/account/login/?next=%2Fcases%2FC-2222222222%2F" in shown
    assert answer["Cache-Control"] == "no-store"


def test_a_form_of_before_signing_in_again_is_answered_by_a_page_of_ours(office: Any) -> None:
    """What is missing is said in words, under our own policy for scripts and styles."""
    from django.test import Client

    from placet.web.accounts.models import User

    assert office
    browser = Client(HTTP_HOST="localhost", enforce_csrf_checks=True)
    user = User.objects.get(username="hart")
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = browser.post("/act/advise/", ADVICE, **FROM_A_PAGE)
    shown = answer.content.decode()
    assert answer.status_code == 403
    assert "You signed in again" in shown
    assert "a long text, thought over" in shown
    assert 'href="/cases/C-2222222222/"' in shown
    assert "DEBUG" not in shown
    assert "<style" not in shown


def test_what_another_site_sent_is_not_shown(signed_in: Browser) -> None:
    """Words of a stranger's do not stand on a page of ours as if they had been written here."""
    answer = signed_in().post("/act/advise/", ADVICE, HTTP_SEC_FETCH_SITE="cross-site")
    assert "thought over" not in answer.content.decode()


def test_a_refusal_leads_back_to_the_case(signed_in: Browser, office: Any, ukraine: Any) -> None:
    """Who is refused for what somebody else did meanwhile finds the case again."""
    case = office.house.references.reference("C")
    filing = {"case": case, "request": request_of(ukraine)}
    done(office.house, case, "marchenko", "submit", filing)
    draft = {"kind": "decide", "act": {}, "case": case, "back": ""}
    answer = signed_in("secretary").post("/sign/", {"draft": json.dumps(draft)})
    assert answer.status_code >= 400
    assert answer.status_code == 404 or f'href="/cases/{case}/"' in answer.content.decode()


def test_what_is_on_record_is_not_said_to_be_undone(
    signed_in: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody numbers acts, the page is not headed as one that says why nothing was done."""
    from placet.web.pages import stock

    def uncovered(*_: object) -> None:
        raise NotCoveredError("ticket 7 waits", 7)

    monkeypatch.setattr(stock, "looking", uncovered)
    answer = signed_in("secretary").get("/stock/")
    page = answer.content.decode()
    assert answer.status_code == 503
    assert "<h1>It is on record, and has no number yet</h1>" in page
    assert "must not be repeated" in page
    assert "could not be done" not in page
