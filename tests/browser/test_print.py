"""On paper: nothing is cut off, and a part may go on on the next page."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from clicking import follow
from playwright.sync_api import Page
from pypdf import PdfReader


def printed(page: Page) -> str:
    """Return what stands on the pages that a browser prints, without hyphens and breaks."""
    pages = PdfReader(BytesIO(page.pdf(format="A4"))).pages
    return "".join("".join(each.extract_text().split()) for each in pages)


def test_a_printed_matrix_holds_every_area_and_item(visit: Callable[..., Page]) -> None:
    """None is cut off at the edge of the paper, nor on a screen of 1280 pixels."""
    page = visit("marchenko", viewport={"width": 1280, "height": 900})
    page.goto("/freedom/")
    heads = page.locator("table.matrix th").all_inner_texts()
    assert len(heads) > 10
    table = page.locator(".table:has(.matrix)")
    assert table.evaluate("(node) => node.scrollWidth <= node.clientWidth")
    said = printed(page)
    assert [each for each in heads if "".join(each.split()) not in said] == []
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 680, "height": 900})
    right = "(node) => node.getBoundingClientRect().right <= document.documentElement.clientWidth"
    assert all(each.evaluate(right) for each in page.locator("table.matrix td").all())


def test_a_printed_case_leaves_no_page_half_empty(visit: Callable[..., Page]) -> None:
    """A section may go on on the next page; the dots of the history are printed as well."""
    page = visit("whitfield")
    follow(page.get_by_role("row").filter(has_text="Storm Shadow").get_by_role("link").first)
    page.emulate_media(media="print")
    style = "(node) => getComputedStyle(node).breakInside"
    assert {each.evaluate(style) for each in page.locator("section.card:visible").all()} == {"auto"}
    dots = page.locator(".timeline li").first
    shown = "(node) => getComputedStyle(node, '::before').printColorAdjust"
    assert dots.evaluate(shown) == "exact"


def test_words_of_the_consent_map_are_large_enough_on_a_screen(
    visit: Callable[..., Page],
) -> None:
    """On 1280 pixels, with what can be done beside it, none is drawn smaller than 11."""
    page = visit("whitfield", viewport={"width": 1280, "height": 900})
    follow(page.get_by_role("row").filter(has_text="Storm Shadow").get_by_role("link").first)
    drawn = page.locator("figure.map svg:visible").first
    scale = drawn.evaluate(
        "(node) => node.getBoundingClientRect().width / node.viewBox.baseVal.width"
    )
    sizes = {float(each.get_attribute("font-size") or 0) for each in drawn.locator("text").all()}
    assert min(sizes) * scale >= 11


def test_the_code_of_a_permit_leads_to_the_page_that_verifies_it(
    visit: Callable[..., Page],
) -> None:
    """Whoever scans it finds the token in its field, and asks; the address keeps nothing of it."""
    page = visit("marchenko")
    page.goto("/permits/")
    follow(page.locator("main a[href^='/permits/P-']").first)
    token = page.locator("pre.statement", has_text="eyJ").first.text_content()
    page.goto("about:blank")
    page.goto(f"/verify/#{token}")
    assert page.locator("#permit").input_value() == token
    assert page.url.endswith("/verify/")
    page.get_by_role("button", name="Verify").click()
    page.get_by_text("Authentic", exact=False).first.wait_for()
