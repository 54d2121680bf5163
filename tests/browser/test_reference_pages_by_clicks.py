"""The reference pages in a real browser: an audit watched, a permit verified by anybody."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page


def test_an_audit_is_watched_by_clicking(visit: Callable[..., Page]) -> None:
    """The inspector starts an audit, and reads its verdict on the same page."""
    page = visit("tan")
    page.get_by_role("link", name="Ledger").click()
    page.get_by_role("button", name="Audit now").click()
    page.get_by_text("Everything follows").wait_for()
    assert page.get_by_role("row").count() >= 2


def test_anybody_verifies_a_permit(visit: Callable[..., Page]) -> None:
    """A holder copies the token of a permit, and somebody without an account verifies it."""
    holder = visit("marchenko")
    holder.get_by_role("link", name="Permits", exact=True).click()
    holder.locator("main table a").first.click()
    holder.get_by_text("The token", exact=True).click()
    token = holder.locator("details pre").inner_text()
    anybody = visit()
    anybody.goto("/verify/")
    anybody.get_by_label("The token").fill(token)
    anybody.get_by_role("button", name="Verify").click()
    anybody.get_by_text("Authentic,").first.wait_for()
