"""After somebody signed out, the machine that others use too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from clicking import WHOLE_CHROMIUM, follow
from playwright.sync_api import Browser, Page, expect

from waiting import PATIENCE

UNDECLARED = "/policies/US/2025-strike-review/"
SECRET = "That it exists is not to be told"


def test_back_shows_nothing_of_what_was_shown_before(
    chromium: Browser, visit: Callable[..., Page]
) -> None:
    """A browser that keeps whole pages for going back, as people's do, keeps none of these."""
    if WHOLE_CHROMIUM is None:
        pytest.skip("Chromium itself is absent, and none without windows keeps pages: install it")
    keeping = chromium.browser_type.launch(
        executable_path=WHOLE_CHROMIUM,
        timeout=1000 * PATIENCE,
        args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        ignore_default_args=["--disable-back-forward-cache"],
    )
    try:
        page = visit("whitfield", keeping, anew=True)
        page.goto(UNDECLARED)
        expect(page.locator("main")).to_contain_text(SECRET)
        page.goto("/inbox/")
        follow(page.get_by_role("button", name="Sign out"))
        expect(page.get_by_label("Username")).to_be_visible()
        for before in ("/inbox/", UNDECLARED):
            page.evaluate("history.back()")
            page.wait_for_url(f"**/account/login/?next={before}")
            assert SECRET not in page.content()
    finally:
        keeping.close()
