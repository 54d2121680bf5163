"""A new request as it forms in a browser: asked at every change, and nothing written is lost."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect


def test_a_request_forms_while_it_is_written(visit: Callable[..., Page]) -> None:
    """What it needs shows without a click; what can change nothing says so; the text stays."""
    page = visit("marchenko")
    page.goto("/requests/new/")
    page.get_by_label("Title").fill("Use on a depot")
    page.get_by_label("Activity").select_option("use")
    page.get_by_label("Item").first.select_option("atacms")
    page.get_by_label("How many, or unknown").first.fill("2")
    panel = page.locator("#forming")
    expect(panel).to_contain_text("Who would have a say")
    expect(panel).to_contain_text("In which country or subdivision?")
    idle = "This cannot change the answer now."
    expect(page.locator("[data-field=recipient]").get_by_text(idle)).to_be_visible()
    expect(page.locator("[data-field=area]").get_by_text(idle)).not_to_be_visible()
    page.get_by_label("Area").fill("RU-KRS")
    page.get_by_label("Area").blur()
    expect(panel).not_to_contain_text("In which country or subdivision?")
    assert page.get_by_label("Title").input_value() == "Use on a depot"
    assert page.get_by_label("Area").input_value() == "RU-KRS"
