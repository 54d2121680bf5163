"""A case on a phone: who has a say, and what each has said, without panning anything."""

from __future__ import annotations

from collections.abc import Callable

from clicking import follow
from playwright.sync_api import Locator, Page, expect
from walking import PHONE


def open_case(page: Page) -> None:
    """Open the case of the story that three governments must agree to."""
    follow(page.get_by_role("row").filter(has_text="Storm Shadow").get_by_role("link").first)
    expect(page.get_by_role("heading", name="Who must say yes, and why")).to_be_visible()


def lies_within(each: Locator, width: int) -> bool:
    """Say whether all of it is seen without moving sideways."""
    found = each.bounding_box()
    return found is not None and found["x"] >= 0 and found["x"] + found["width"] <= width


def test_the_map_and_the_answers_are_seen_whole(visit: Callable[..., Page]) -> None:
    """Every box of the map that is shown, and every cell of the answers, lies within 400 pixels."""
    page = visit("whitfield", viewport=PHONE)
    open_case(page)
    boxes = page.locator("[data-node]:visible")
    parties = page.locator("[data-node^='party:']:visible")
    rows = page.locator("#consents tbody tr")
    assert parties.count() == rows.count() == 4
    for each in [*boxes.all(), *rows.all(), *page.locator("#consents td:visible").all()]:
        assert lies_within(each, PHONE["width"]), each.text_content()
    for each in [*page.locator(".table:visible").all(), page.locator("figure.map")]:
        assert each.evaluate("(node) => node.scrollWidth <= node.clientWidth")


def test_one_map_is_shown_and_the_other_is_silent(visit: Callable[..., Page]) -> None:
    """A screen reader meets each party once, on a phone as on a desk; its link leads to its row."""
    page = visit("whitfield", viewport=PHONE)
    open_case(page)
    said = page.locator("figure.map").get_by_role("link", name="United Kingdom")
    for width in (PHONE["width"], 1280):
        page.set_viewport_size({"width": width, "height": 800})
        expect(said).to_have_count(1)
        expect(said).to_have_attribute("href", "#party-GB")


def test_the_rows_of_a_table_stay_rows_for_a_screen_reader(visit: Callable[..., Page]) -> None:
    """Cards are a matter of looks: headings, rows and cells are still those of a table."""
    page = visit("whitfield", viewport=PHONE)
    open_case(page)
    table = page.locator("#consents").get_by_role("table")
    expect(table.get_by_role("columnheader", name="When")).to_have_count(1)
    expect(table.get_by_role("rowheader", name="United Kingdom")).to_have_count(1)
    expect(table.get_by_role("row")).to_have_count(5)


def test_who_is_signed_in_stands_beside_the_menus_of_a_desk(visit: Callable[..., Page]) -> None:
    """On one line at 1200 pixels, for those with most menus and the longest office; not above."""
    for person in ("marchenko", "lindqvist", "hart"):
        page = visit(person, viewport={"width": 1200, "height": 800})
        menus, who = (page.locator(each).bounding_box() for each in ("header nav", "header .who"))
        assert menus
        assert who
        assert menus["y"] <= who["y"] + who["height"] / 2 <= menus["y"] + menus["height"], person
