"""The page of tokens: made after the password was asked again, shown once, revoked."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from api_sample import Caller
from steps import PASSWORD

WANTED = {"office": "us/review-desk", "scope": ["read"], "days": "7", "label": "my reports"}


def _again(browser: Any) -> None:
    done = browser.post("/account/reauthenticate/", {"password": PASSWORD})
    assert done.status_code == 302, done.content.decode()[:2000]


def test_a_token_is_made_used_and_revoked(signed_in: Callable[..., Any], office: Any) -> None:
    """Its secret stands on one page alone, and opens what the person may see."""
    assert office.house
    browser = signed_in("okafor")
    asked = browser.post("/tokens/", WANTED)
    assert asked.status_code == 302
    assert "/account/reauthenticate/" in asked["location"]
    _again(browser)
    page = browser.post("/tokens/", WANTED)
    assert page.status_code == 200, page.content.decode()
    found = re.search(r"<code>(placet_[A-Za-z0-9_-]+)</code>", page.content.decode())
    assert found
    who = Caller("okafor", found.group(1))
    assert who.get("/me").json()["scopes"] == ["read"]
    later = browser.get("/tokens/").content.decode()
    assert "my reports" in later
    assert found.group(1) not in later
    reference = who.get("/me").json()["token"]
    assert browser.post(f"/tokens/{reference}/revoke/").status_code == 302
    assert who.get("/me").status_code == 401


def test_a_token_is_made_for_offices_that_are_held_alone(signed_in: Callable[..., Any]) -> None:
    """An office of another, no scope or another end is refused, and no secret is shown."""
    browser = signed_in("okafor")
    _again(browser)
    for wrong in ({"office": "us/secdef"}, {"scope": []}, {"days": "9999"}, {"scope": ["all"]}):
        page = browser.post("/tokens/", WANTED | wrong)
        assert page.status_code == 422, wrong
        assert "placet_" not in page.content.decode()


def test_nobody_revokes_the_token_of_another_on_the_page(
    signed_in: Callable[..., Any], office: Any
) -> None:
    """It reads as if there were none."""
    from api_sample import caller

    who = caller(office.house, "secretary")
    browser = signed_in("okafor")
    _again(browser)
    assert browser.post(f"/tokens/{who.token}/revoke/").status_code == 404
    assert who.get("/me").status_code == 200
