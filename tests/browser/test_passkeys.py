"""Passkeys in a real browser, by a virtual authenticator: on record, signing, signing in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from clicking import authenticator, confirmed, decide, determine, filed, follow, told
from playwright.sync_api import Page, expect


def _enrol(page: Page, password: str, name: str) -> None:
    """Add a passkey to the account, and put it on record by the word of the demonstration."""
    page.goto("/account/2fa/webauthn/add/")
    confirmed(page, password)
    page.wait_for_url("**/webauthn/add/**")
    page.get_by_label("What you call it").fill(name)
    expect(page.get_by_label("It signs you in by itself")).to_be_checked()
    page.get_by_role("button", name="Add a passkey").click()
    page.wait_for_url(lambda address: "webauthn/add" not in address)
    expect(page.locator("main")).to_contain_text(f"{name} signs you in, and signs nothing")
    page.get_by_role("button", name="Put it on record, to sign with it").click()
    expect(page.locator("#statement")).to_contain_text("passkey localhost")
    page.get_by_role("textbox", name="Password").fill(password)
    page.get_by_role("button", name="Confirm and do it").click()
    expect(page.locator(".messages")).to_contain_text("It is entry")


@pytest.fixture
def enrolled(visit: Callable[..., Page], served: Any) -> Iterator[Page]:
    """A window of the deciding authority, whose passkey is on record; taken off the account after.

    Who has a passkey is asked for it at each sign-in, and the other tests have none.
    """
    page = visit("secretary", anew=True)
    authenticator(page)
    _enrol(page, served.password, "the key of the Secretary")
    yield page
    page.goto("/account/2fa/webauthn/")
    page.goto(page.get_by_role("link", name="Remove").get_attribute("href") or "")
    confirmed(page, served.password)
    follow(page.get_by_role("button", name="Remove"))
    expect(page.locator("main")).not_to_contain_text("the key of the Secretary")


def test_a_passkey_signs_a_decision_opens_the_working_session_and_signs_in(
    visit: Callable[..., Page], enrolled: Page
) -> None:
    """One passkey does all that a person signs: what binds, the day's session, the way in."""
    applicant, page = visit("marchenko"), enrolled
    case = filed(applicant)
    determine(visit("whitfield"), case)
    decide(page, case, "Refuse", "Not this week.")
    page.get_by_role("button", name="Sign with passkey").click()
    expect(page.locator(".messages")).to_contain_text("It is entry")
    assert "Not this week." in told(applicant, case)

    page.goto("/session/")
    page.get_by_role("button", name="Sign with passkey").click()
    expect(page.locator(".messages")).to_contain_text("working session is open")

    follow(page.get_by_role("button", name="Sign out"))
    expect(page.get_by_role("button", name="Sign out")).not_to_be_visible()
    page.goto("/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/inbox/**")
    expect(page.locator("header")).to_contain_text("The Secretary")
