"""The tutorial of the pages, followed click by click."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clicking import follow
from playwright.sync_api import Page, expect


def test_the_tutorial_can_be_followed(visit: Callable[..., Page], served: Any, root: Path) -> None:
    """What the page has in bold is on the screen, and doing it in order leads where it says."""
    text = (root / "docs" / "tutorial" / "in-the-browser.md").read_text(encoding="utf-8")
    named = [" ".join(each.split()) for each in re.findall(r"\*\*(.+?)\*\*", text, re.DOTALL)]
    steps = iter(named)

    def step(name: str) -> str:
        assert next(steps) == name
        return name

    desk = visit("whitfield", anew=True)
    follow(desk.get_by_role("link", name=step("Inbox")))
    desk.locator("tr", has_text="Storm Shadow").get_by_role("link").first.click()
    answer = "This needs the yes of France, the United Kingdom and the United States (Secretary of"
    expect(desk.locator("main")).to_contain_text(answer)
    desk.get_by_role("button", name=step("Determine who has a say")).click()
    expect(desk.locator(".messages")).to_contain_text("Determine who has a say: done")
    desk.get_by_role("button", name=step("Sign out")).click()

    decider = visit("secretary")
    decider.locator("tr", has_text="Storm Shadow").get_by_role("link").first.click()
    decider.get_by_label(step("Refuse"), exact=True).check()
    assert decider.get_by_label(step("Approve"), exact=True).is_visible()
    decider.get_by_label(step("Why, for the file")).fill("The talks go on.")
    decider.get_by_label(step("What the applicant is told")).fill("Not at present.")
    decider.get_by_role("button", name=step("Go on to signing")).click()
    decider.get_by_role("textbox", name=step("Password")).fill(served.password)
    decider.get_by_role("button", name=step("Confirm and do it")).click()
    expect(decider.locator(".messages")).to_contain_text("It is entry")
    case = decider.url

    applicant = visit("marchenko")
    applicant.goto(case)
    expect(applicant.locator("main")).to_contain_text("Not at present.")
    assert "The talks go on." not in applicant.locator("main").inner_text()
    follow(applicant.get_by_role("link", name=step("Permits"), exact=True))
    follow(applicant.locator("main table a").first)
    applicant.get_by_text(step("The token"), exact=True).click()
    token = applicant.locator("details pre").inner_text()

    anybody = visit()
    anybody.get_by_role("link", name=step("Verify a permit")).click()
    anybody.get_by_label(step("The token")).fill(token)
    anybody.get_by_role("button", name=step("Verify")).click()
    expect(anybody.locator("main")).to_contain_text("Authentic,")
    anybody.get_by_label("The token").fill(token[:-9] + "AAAA" + token[-5:])
    follow(anybody.get_by_role("button", name="Verify"))
    expect(anybody.locator("main")).not_to_contain_text("Authentic,")
    assert next(steps, None) is None
