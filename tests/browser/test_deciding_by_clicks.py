"""The office in a real browser: signing in, looking, deciding."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page


def test_a_person_signs_in_and_finds_the_inbox(visit: Callable[..., Page]) -> None:
    """The first thing that somebody sees is what waits for them."""
    page = visit("whitfield")
    assert page.get_by_role("heading", name="Inbox").is_visible()
    assert page.get_by_text("Dana Whitfield").is_visible()
