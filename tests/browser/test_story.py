"""The real story by clicking, as five people: asked for, advised on, decided, issued, audited.

What was issued is verified by somebody who is nobody here, before it was used and after.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from clicking import decide, determine, filed, follow, sign_by_word, told
from playwright.sync_api import Page, expect


def test_the_story_as_five_people(visit: Callable[..., Page], served: Any) -> None:
    """Five people, each in a browser of their own, take a request from filing to an audit.

    A sixth, without an account, is shown the permit: what it allows, and whether it holds.
    """
    applicant, desk, adviser, decider, auditor = (
        visit(each) for each in ("marchenko", "whitfield", "hart", "secretary", "tan")
    )
    case = filed(applicant)
    desk.goto("/inbox/")
    expect(desk.locator("main")).to_contain_text(case)
    determine(desk, case)

    adviser.goto(f"/cases/{case}/")
    adviser.get_by_label("Stance").select_option("consider")
    adviser.get_by_label("What you advise").fill("Two, and no more: stocks are low.")
    adviser.get_by_role("button", name="Give advice").click()
    expect(adviser.locator(".messages")).to_contain_text("Give advice: done")

    decide(decider, case, "Approve", "The United States agrees to two.")
    expect(decider.locator("#statement")).to_contain_text("at most 2 ATACMS")
    sign_by_word(decider, served.password)
    read = told(applicant, case)
    assert "The United States agrees to two." in read
    assert "the talks go on" not in read
    assert "stocks are low" not in read

    desk.goto(f"/act/issue/?on-case={case}")
    desk.get_by_role("button", name="Go on to signing").click()
    sign_by_word(desk, served.password)
    assert "2 of the 4 are permitted" in told(desk, case)
    _used_and_revoked(applicant, desk, visit(), case, served.password)
    read = told(auditor, case)
    assert "the talks go on" in read
    assert "stocks are low" in read

    auditor.get_by_role("link", name="Ledger").click()
    auditor.get_by_role("button", name="Audit now").click()
    auditor.get_by_text("Everything follows").wait_for()


def _used_and_revoked(holder: Page, desk: Page, anybody: Page, case: str, password: str) -> None:
    """Show anybody the permit, as its code does; use it, revoke it: each time they hear of it."""
    holder.goto(f"/cases/{case}/")
    follow(holder.get_by_role("link", name=re.compile("^Permit P-")))
    permit = holder.url
    code = holder.get_by_role("link", name="Verify", exact=True).get_attribute("href")
    anybody.goto(str(code))
    found = _verified(anybody)
    assert "Authentic, and valid now." in found
    assert "It permits Ukraine the use of 2 ATACMS." in found
    assert "Only in Kurskaya oblast'." in found
    assert "the talks go on" not in found

    holder.get_by_role("link", name="Report a use").click()
    holder.get_by_label("Quantity").fill("1")
    holder.get_by_label("On", exact=True).fill(f"{datetime.now(UTC):%Y-%m-%d}")
    holder.get_by_role("button", name="Report a use").click()
    expect(holder.locator("#marked")).to_contain_text("Give the time, if it is known.")
    holder.get_by_role("button", name="Report it as it stands").click()
    expect(holder.locator(".messages")).to_contain_text("Report a use: done")
    found = _verified(anybody)
    assert "Authentic, but not valid now." in found
    assert "It was for one use, which has been reported." in found
    assert "It was revoked." not in found

    desk.goto(permit)
    desk.get_by_role("link", name="Revoke the permit").click()
    desk.get_by_label("Because").fill("it was for one use")
    desk.get_by_role("button", name="Go on to signing").click()
    sign_by_word(desk, password)
    assert "It was revoked." in _verified(anybody)


def _verified(anybody: Page) -> str:
    """Press Verify, with the token that stands there; return what the page says."""
    follow(anybody.get_by_role("button", name="Verify"))
    return anybody.locator("main").inner_text()


def test_a_tampered_decision_is_refused(visit: Callable[..., Page], served: Any) -> None:
    """A page that sends another decision than the one it showed has nothing signed."""
    applicant, decider = visit("marchenko"), visit("secretary")
    case = filed(applicant)
    determine(visit("whitfield"), case)
    decide(decider, case, "Refuse", "Not now.")
    decider.evaluate(
        "() => { const d = document.querySelector('[name=draft]');"
        " d.value = d.value.replace('refuse', 'approve'); }"
    )
    decider.get_by_role("textbox", name="Password").fill(served.password)
    decider.get_by_role("button", name="Confirm and do it").click()
    expect(decider.locator(".notice")).to_contain_text("has changed since it was shown")
    assert "Not now." not in told(applicant, case)
