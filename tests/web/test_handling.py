"""How pages are to be handled stands above and below; and every page is linked from another."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from steps import new_case

Browser = Callable[..., Any]


def _markings(page: str) -> list[str]:
    return [unescape(each) for each in re.findall(r'<p class="marking handling">([^<]+)</p>', page)]


@pytest.mark.parametrize(
    ("person", "says"),
    [
        ("whitfield", "Internal to the United States: holds work that no other party"),
        ("marchenko", "Released to Ukraine."),
        ("tan", "Audit: holds the work of every party."),
    ],
)
def test_a_case_says_above_and_below_how_it_is_handled(
    signed_in: Browser, office: Any, ukraine: Any, person: str, says: str
) -> None:
    """On its page and on that of an act on it, to each reader for what they see."""
    case = new_case(office, ukraine)
    act = "withdraw" if person == "marchenko" else "recuse"
    for address in (f"/cases/{case}/", f"/act/{act}/?on-case={case}"):
        page = signed_in(person).get(address).content.decode()
        above, below = _markings(page)
        assert above == below
        assert above.startswith(says)
        assert page.index("handling") < page.index("<h1")


def test_lists_permits_and_policies_say_it_too(signed_in: Browser, office: Any) -> None:
    """A permit as its case; a policy by whether it is announced; lists by who reads them."""
    permit = office.permit
    wanted = {
        "/inbox/": "For the United States alone",
        "/permits/": "For the United States alone",
        f"/permits/{permit}/": "Internal to the United States",
        "/policies/US/2022-donor-conditions/": "Announced by the United States",
        "/policies/US/2025-strike-review/": "Internal to the United States: undeclared.",
    }
    for address, says in wanted.items():
        answer = signed_in("whitfield").get(address)
        marks = _markings(answer.content.decode())
        assert len(marks) == 2, address
        assert all(each.startswith(says) for each in marks), (address, marks)


def test_what_is_signed_says_it_as_well(signed_in: Browser, office: Any, ukraine: Any) -> None:
    """The page that shows what is signed has the marking of the case."""
    case = new_case(office, ukraine)
    decision = {"party": "US", "office": "us/secdef", "verdict": "refuse"}
    sent = {"on-case": case, **decision, "because": "no", "disclosed": "no"}
    page = signed_in("secretary").post("/act/decide/", sent).content.decode()
    assert [each.startswith("Internal to") for each in _markings(page)] == [True, True]


@pytest.mark.parametrize(
    ("person", "address", "leads"),
    [
        ("whitfield", "/account/keys/", {"/tokens/", "/session/"}),
        ("hart", "/policies/", {"/act/revise-book/", "/act/adopt-policy/"}),
        ("lindqvist", "/systems/", {"/act/record-fact/"}),
        ("lindqvist", "/ledger/", {"/act/rotate-key/", "/act/change-semantics/"}),
        ("lindqvist", "/ledger/0/", {"/act/erase/?entry=0"}),
        ("whitfield", "/ledger/0/", set()),
        ("whitfield", "/systems/", set()),
    ],
)
def test_whoever_may_do_something_finds_it(
    signed_in: Browser, person: str, address: str, leads: set[str]
) -> None:
    """Tokens, the working session and each act on the context is linked, for those who may."""
    page = signed_in(person).get(address).content.decode()
    main = page.partition("<main")[2]
    found = re.findall(r'href="(/(?:act|tokens|session)/[^"]*)"', main)
    links = {re.sub(r"[?&](?:amp;)?back=[^&]*$", "", each) for each in found}
    assert leads <= links
    assert leads or not links
