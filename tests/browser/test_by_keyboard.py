"""By keyboard alone: a decision from signing in to its entry, the focus in sight all the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from clicking import ask_for_all, follow
from playwright.sync_api import Page, expect

_FOCUSED = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
  const labels = at.labels ? [...at.labels].map((each) => each.innerText) : [];
  const text = labels.join(' ') || at.innerText || at.value || '';
  const name = at.getAttribute('aria-label') ?? text;
  const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  return {
    name: name.trim(), tag: at.tagName, where: at.closest('section, nav, header, main')?.id ?? '',
    seen: outlined || style.boxShadow !== 'none',
    inside: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0,
  };
}"""
_MOST = 150
"""Presses of Tab: more than a page has places."""


def _focused(page: Page) -> dict[str, Any]:
    """Return what has the focus; it must be in sight, and be seen to have it."""
    found: dict[str, Any] = page.evaluate(_FOCUSED)
    assert found["tag"] != "BODY", "the focus is lost"
    assert found["inside"], found
    assert found["seen"] or found["tag"] == "MAIN", found
    return found


def _tab_to(page: Page, name: str, tag: str = "") -> list[str]:
    """Press Tab until something of this name has the focus; return what was passed."""
    passed: list[str] = []
    for _ in range(_MOST):
        page.keyboard.press("Tab")
        found = _focused(page)
        passed.append(found["name"])
        if found["name"].startswith(name) and tag in ("", found["tag"]):
            return passed
    raise AssertionError(f"{name} is not reached by Tab; passed were {passed}")


def _enter(page: Page) -> None:
    """Press Enter where it leads to another page, and wait until all of that page is there."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def _skip(page: Page) -> None:
    """Go to the content by the first link of the page."""
    assert _tab_to(page, "Skip to the content") == ["Skip to the content"]
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    assert _focused(page)["tag"] == "MAIN"


def _case_to_decide(visit: Callable[..., Page]) -> str:
    """File a request and have it determined, by clicking; return its case."""
    page = visit("marchenko")
    page.goto("/requests/new/")
    ask_for_all(page)
    page.get_by_label("Title").fill("By keyboard")
    page.get_by_label("Activity").select_option("use")
    page.get_by_label("Item").first.select_option("atacms")
    page.get_by_label("How many").first.fill("2")
    for name, value in (("Area", "RU-KRS"), ("Recipient", "none")):
        field = page.get_by_label(name, exact=True)
        _ = field.fill(value) if name == "Area" else field.select_option(value)
    page.get_by_label("Target category").select_option("military.depot")
    page.get_by_label("Purpose").select_option("defence.strike")
    page.get_by_label("HIMARS launcher").check()
    page.get_by_role("button", name="File it").click()
    page.wait_for_url("**/cases/**")
    case = page.url.rstrip("/").rpartition("/")[2]
    page = visit("whitfield")
    page.goto(f"/cases/{case}/")
    page.get_by_role("button", name="Determine who has a say").click()
    expect(page.locator(".messages")).to_contain_text("It is entry")
    return case


def test_a_decision_is_made_by_keyboard_alone(visit: Callable[..., Page], served: Any) -> None:
    """Sign in, inbox, case, decide, sign by word: Tab, Enter, Space and typing do it all."""
    case = _case_to_decide(visit)
    page = visit()
    _tab_to(page, "Username")
    page.keyboard.type("secretary")
    _tab_to(page, "Password")
    page.keyboard.type(served.password)
    _enter(page)
    page.wait_for_url("**/inbox/**")
    _skip(page)
    _tab_to(page, case)
    _enter(page)
    page.wait_for_url(f"**/cases/{case}/")
    _skip(page)
    _tab_to(page, "Approve")
    page.keyboard.press("Space")
    _tab_to(page, "Why, for the file")
    page.keyboard.type("A military depot, in range of nothing else.")
    _tab_to(page, "What the applicant is told")
    page.keyboard.type("The United States agrees.")
    _tab_to(page, "Go on to signing")
    _enter(page)
    expect(page.locator("#statement")).to_contain_text("The United States agrees.")
    _skip(page)
    _tab_to(page, "Password")
    page.keyboard.type(served.password)
    _enter(page)
    page.wait_for_url(f"**/cases/{case}/")
    expect(page.locator(".messages")).to_contain_text("Decide: done. It is entry")


def test_the_focus_stays_where_a_part_of_the_page_is_replaced(visit: Callable[..., Page]) -> None:
    """Another date is compared without leaving the page, and the next Tab goes on from there."""
    page = visit("whitfield")
    page.goto("/inbox/?tab=others")
    follow(page.locator("#cases a").first)
    page.locator("#comparison summary").focus()
    page.keyboard.press("Enter")
    _tab_to(page, "Determined on (UTC)")
    page.keyboard.type("2024-06-01")
    _tab_to(page, "Compare")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="On 1 Jun 2024").wait_for()
    assert _focused(page)["name"] == "Compare"


def test_single_keys_are_heard_in_the_list_alone(visit: Callable[..., Page]) -> None:
    """Elsewhere on the page a letter or a digit does nothing: it may be dictated (WCAG 2.1.4)."""
    page = visit("whitfield")
    page.goto("/inbox/?tab=action")
    for key in "4jxn":
        page.keyboard.press(key)
    assert page.url.endswith("?tab=action")
    assert page.evaluate("document.activeElement === document.body")
    page.locator("#cases").evaluate("each => each.parentElement.focus()")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('#cases') !== null")
    page.keyboard.press("4")
    page.wait_for_url(re.compile(r"/inbox/\?tab=(?!action)"))
