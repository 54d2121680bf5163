"""A new request as it forms in a browser: asked at every change, and nothing written is lost."""

from __future__ import annotations

from collections.abc import Callable

from clicking import ask_for_all
from playwright.sync_api import Page, expect
from walking import PHONE


def test_a_request_forms_while_it_is_written(visit: Callable[..., Page]) -> None:
    """What it needs shows without a click; what can change nothing is put aside; the text stays."""
    page = visit("marchenko")
    page.goto("/requests/new/")
    page.get_by_label("Title").fill("Use on a depot")
    page.get_by_label("Activity").select_option("use")
    page.get_by_label("Item").first.select_option("atacms")
    page.get_by_label("How many, or unknown").first.fill("2")
    panel = page.locator("#forming")
    expect(panel).to_contain_text("Who would have a say")
    expect(panel).to_contain_text("In which country or subdivision?")
    expect(page.get_by_label("Recipient", exact=True)).not_to_be_visible()
    expect(page.get_by_text("Not needed now (7)")).to_be_visible()
    expect(page.locator("#not-asked > div")).to_have_count(7)
    page.get_by_role("link", name="In which country or subdivision?").click()
    expect(page.get_by_label("Area")).to_be_focused()
    page.get_by_label("Area").fill("RU-KRS")
    page.get_by_label("Area").blur()
    expect(panel).not_to_contain_text("In which country or subdivision?")
    assert page.get_by_label("Title").input_value() == "Use on a depot"
    assert page.get_by_label("Area").input_value() == "RU-KRS"


def test_what_is_wrong_is_said_first_and_leads_to_its_field(visit: Callable[..., Page]) -> None:
    """On a phone the summary has the focus, in sight; its link goes to the field. None is none."""
    page = visit("marchenko", viewport=PHONE)
    page.goto("/requests/new/")
    page.get_by_role("button", name="File it").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_be_in_viewport()
    summary.get_by_role("link", name="Activity").click()
    expect(page.get_by_label("Activity")).to_be_focused()
    ask_for_all(page)
    page.get_by_label("HIMARS launcher").check()
    page.locator("[name=platforms][value=none]").check()
    expect(page.get_by_label("HIMARS launcher")).not_to_be_checked()


def test_a_tick_is_not_lost_to_an_answer_that_comes_while_it_is_made(
    visit: Callable[..., Page],
) -> None:
    """Fields change places between clicks, and never under a finger that is down."""
    page = visit("marchenko")
    page.goto("/requests/new/")
    ask_for_all(page)
    page.get_by_label("Activity").select_option("use")
    page.get_by_label("How many, or unknown").first.fill("2")
    ticked = page.get_by_label("HIMARS launcher")
    ticked.scroll_into_view_if_needed()
    ticked.hover()
    box = ticked.bounding_box()
    assert box is not None
    with page.expect_response("**/requests/new/"):
        # The item is chosen first, by the page, so that its answer comes while the button is held.
        page.evaluate("""() => {
            const item = document.querySelector('[name=item]');
            item.value = 'atacms';
            const chosen = () => item.dispatchEvent(new Event('change', {bubbles: true}));
            addEventListener('pointerdown', chosen, {once: true});
        }""")
        page.mouse.down()
    expect(page.locator("#forming")).to_contain_text("Who would have a say")
    assert page.locator("#not-asked").get_by_label("HIMARS launcher").count() == 1
    page.mouse.up()
    expect(page.locator("#asked").get_by_label("HIMARS launcher")).to_be_checked()
