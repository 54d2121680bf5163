"""Signing in by a provider of OpenID Connect, by clicking: a browser lets the form lead there."""

from __future__ import annotations

from collections.abc import Callable

from clicking import follow
from playwright.sync_api import Page, expect
from walking import PHONE, wrong_here


def test_a_person_is_tied_by_what_the_page_showed_and_signs_in(
    visit: Callable[..., Page], served: object
) -> None:
    """Unknown at first; the keeper of accounts enters that line; then the inbox opens as doyle.

    Where the pages ask again who it is, the provider is asked, and says so.
    """
    page = visit()
    _by_the_agency(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Not signed in")
    subject = page.locator("main code").inner_text()
    assert subject == "agency:00u1a2b3"

    keeper = visit("lindqvist", anew=True)
    keeper.goto("/accounts/?find=doyle")
    keeper.get_by_label("Password").fill(vars(served)["password"])
    keeper.get_by_role("button", name="Go on", exact=True).click()
    _changes(keeper, "Tie", subject)
    expect(keeper.get_by_role("status")).to_contain_text("Tie: done, for Siobhan Doyle.")

    page.goto("/account/login/")
    _by_the_agency(page)
    page.wait_for_url("**/inbox/**")
    expect(page.locator(".who")).to_contain_text("Doyle")
    page.goto("/tokens/")
    follow(page.get_by_role("link", name="Sign in again with the Agency"))
    page.set_viewport_size(PHONE)
    assert list(wrong_here(page)) == []
    page.get_by_role("button", name="Sign in again with the Agency").click()
    _at_the_agency(page)
    page.wait_for_url("**/tokens/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tokens of the API")
    _changes(keeper, "Untie")
    expect(keeper.get_by_role("status")).to_contain_text("Untie: done, for Siobhan Doyle.")
    page.goto("/inbox/")
    page.wait_for_url("**/account/login/**")


def _by_the_agency(page: Page) -> None:
    page.get_by_role("button", name="Sign in with the Agency").click()
    _at_the_agency(page)


def _at_the_agency(page: Page) -> None:
    page.get_by_label("Who are you?").fill("00u1a2b3")
    page.get_by_role("button", name="Sign in").click()


def _changes(keeper: Page, button: str, subject: str = "") -> None:
    keeper.locator("details summary").click()
    keeper.get_by_label("Why; for the file").fill("asked for by the desk")
    keeper.get_by_label("Whom the identity provider signs in").fill(subject)
    keeper.get_by_role("button", name=button, exact=True).click()
