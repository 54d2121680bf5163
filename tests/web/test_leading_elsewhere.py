"""Nothing that is sent here makes a page lead to another site: no redirect, no link, no form."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from page_routes import filled, page_routes
from steps import PASSWORD

ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "///evil.example/",
    "https:evil.example/",
    "/\t/evil.example/",
    "javascript:alert(1)//evil.example",
    "https://localhost@evil.example/",
)
"""Addresses of another site as browsers read them, some of which look like our own."""
NAMED = ("next", "back", "redirect_to", "url", "to", "return", "after", "query", "on-case")
"""How a form or an address would name where to go on, and two that stand in addresses of ours."""
_ELSEWHERE = re.compile(
    r"(?:\d+;\s*url=)?(?:(?:https?:)?/{2,}|https?:)(?:[^/?#]*@)?evil\.example|javascript:",
    re.IGNORECASE,
)
LEADS = re.compile(r'(?:href|action|formaction|src|http-equiv="refresh" content)="([^"]*)"')


def leads_elsewhere(address: str) -> bool:
    """Say whether a browser would go to another site, or run something (WHATWG URL, 4.4)."""
    read = re.sub(r"[\t\r\n]", "", address).strip().replace("\\", "/")
    other = (
        r"(?:[0-9]+;\s*url=)?(?:(?:https?:)?/{2,}|https?:)(?:[^/?#]*@)?evil\.example|javascript:"
    )
    return re.match(other, read, re.IGNORECASE) is not None


def test_what_is_taken_for_another_site_is_one() -> None:
    """The check of this file finds all of them, and none of our own."""
    assert all(map(leads_elsewhere, ELSEWHERE))
    own = ("/inbox/", "/account/login/?next=//evil.example/", "", "?q=https://evil.example/")
    assert not any(map(leads_elsewhere, own))


@pytest.mark.parametrize("turn", range(3))
@pytest.mark.parametrize("person", [None, "whitfield"])
def test_no_route_leads_elsewhere(
    office: Any, signed_in: Callable[..., Any], person: str | None, turn: int
) -> None:
    """Whatever is asked of it, or sent to it, under whatever name, and wherever it came from."""
    browser = signed_in(person)
    names = {"case": office.permitted.id, "permit": office.permit, "kind": "ask", "index": "1"}
    names |= {"party": "US", "policy": "2022-donor-conditions", "item": "atacms"}
    turned = [*ELSEWHERE[3 * turn :], *ELSEWHERE[: 3 * turn]]
    sent = dict(zip(NAMED, turned, strict=True))
    came = {"HTTP_REFERER": ELSEWHERE[0]}
    for name, pattern in page_routes():
        if name == "account_logout":
            continue  # below
        address = filled(pattern, names)
        for method in (browser.get, browser.post):
            answer = method(address, sent, **came)
            answer.close()  # the whole log goes out to a few at a time
            assert not leads_elsewhere(answer.get("Location", "")), (name, answer["Location"])
            if answer["Content-Type"].startswith("text/html") and not answer.streaming:
                found = map(unescape, LEADS.findall(answer.content.decode()))
                assert [each for each in found if leads_elsewhere(each)] == [], name


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_whoever_signs_in_confirms_or_signs_out_stays_here(
    signed_in: Callable[..., Any], elsewhere: str
) -> None:
    """The forms that go on somewhere once they succeed go on here."""
    browser = signed_in()
    for address, fields in (
        ("/account/login/", {"login": "whitfield", "password": PASSWORD}),
        ("/account/reauthenticate/", {"password": PASSWORD}),
        ("/account/logout/", {}),
    ):
        answer = browser.post(f"{address}?next={elsewhere}", {**fields, "next": elsewhere})
        assert answer.status_code == 302, address
        assert answer["Location"].startswith("/"), address
        assert not leads_elsewhere(answer["Location"]), (address, answer["Location"])


@pytest.mark.usefixtures("office")
def test_where_an_act_came_from_is_here_or_nowhere() -> None:
    """What a form of an act carries along as its way back is an address of ours."""
    from placet.web.unsent import own_address

    assert [each for each in ELSEWHERE if own_address(each)] == []
    assert own_address("/cases/C-1/?tab=a#b") == "/cases/C-1/?tab=a#b"
