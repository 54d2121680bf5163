"""What people do by clicking in more than one test: file, determine, decide, sign, confirm."""

from __future__ import annotations

import shutil
from itertools import count
from typing import Any

from playwright.sync_api import Locator, Page, expect

WHOLE_CHROMIUM = shutil.which("chromium")
CHROMIUM = shutil.which("chromium-headless-shell") or WHOLE_CHROMIUM
"""Debian's Chromium; without windows of its own, where there is one, it takes a third less work."""

_depots = count(1)
_CHOSEN = {
    "activity": "use",
    "item": "atacms",
    "applicant": "UA",
    "actor": "UA",
    "recipient": "none",
    "target": "military.depot",
    "purpose": "defence.strike",
}


def filed(applicant: Page, area: str = "RU-KRS") -> str:
    """Ask on the page to use four ATACMS, in Russia as in the story; return the case.

    Each asks for another depot: who files just the same again is led to the case that there is.
    """
    title = f"Use of ATACMS on depot {next(_depots)}"
    applicant.goto("/requests/new/")
    ask_for_all(applicant)
    for name, text in {"title": title, "quantity": "4", "area": area}.items():
        applicant.locator(f"[name={name}]").first.fill(text)
    for name, value in _CHOSEN.items():
        applicant.locator(f"select[name={name}]").first.select_option(value)
    for value in ("himars", "us-targeting-data"):
        applicant.locator(f"[type=checkbox][value={value}]").check()
    applicant.get_by_role("button", name="File it").click()
    applicant.wait_for_url("**/cases/**")
    return applicant.url.rstrip("/").rsplit("/", 1)[-1]


def follow(leading: Locator) -> None:
    """Click what leads to another page, and wait until all of that page is there.

    A click alone waits until the page begins; whoever counts or lists what is on it, which waits
    for nothing, would see a part of it.
    """
    with leading.page.expect_navigation():
        leading.click()


def ask_for_all(applicant: Page) -> None:
    """Open, in the form of a request, what is not asked so far; it stays open."""
    applicant.locator("details:has(#not-asked)").evaluate("(node) => { node.open = true }")


def determine(desk: Page, case: str) -> None:
    """Have it determined who has a say, as an officer."""
    desk.goto(f"/cases/{case}/")
    desk.get_by_role("button", name="Determine who has a say").click()
    expect(desk.locator(".messages")).to_contain_text("Determine who has a say: done")


def decide(decider: Page, case: str, verdict: str, told: str) -> None:
    """Fill in the decision on the page of the case, and go on to what is to be signed."""
    decider.goto(f"/cases/{case}/")
    decider.get_by_label(verdict, exact=True).check()
    decider.get_by_label("Why, for the file").fill("a military object, and the talks go on")
    decider.get_by_label("What the applicant is told").fill(told)
    if verdict == "Approve":
        decider.get_by_label("ATACMS, at most").fill("2")
    decider.get_by_role("button", name="Go on to signing").click()
    expect(decider.locator("#statement")).to_contain_text(told)


def sign_by_word(page: Page, password: str) -> None:
    """Read the statement, and confirm it by the password asked again."""
    expect(page.get_by_role("heading", name="Sign", exact=True)).to_be_visible()
    page.get_by_role("textbox", name="Password").fill(password)
    follow(page.get_by_role("button", name="Confirm and do it"))
    expect(page.locator(".messages")).to_contain_text("It is entry")


def told(reader: Page, case: str) -> str:
    """Return what the page of a case says to a reader."""
    reader.goto(f"/cases/{case}/")
    return reader.locator("main").inner_text()


def authenticator(page: Page) -> Any:
    """Put a virtual authenticator into a window; return the protocol by which it is spoken to."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session


def confirmed(page: Page, password: str) -> None:
    """Give the password again where the account asks for it, in a window that has loaded."""
    if page.get_by_label("Password").count():
        page.get_by_label("Password").fill(password)
        follow(page.get_by_role("button", name="Go on", exact=True))
