"""The real story by clicking, as five people: asked for, advised on, decided, issued, audited."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from placet.registry import read


def _sign_by_word(page: Page, password: str) -> None:
    """Read the statement, and confirm it by the password asked again."""
    expect(page.get_by_role("heading", name="Sign", exact=True)).to_be_visible()
    page.get_by_role("textbox", name="Password").fill(password)
    page.get_by_role("button", name="Confirm and do it").click()
    expect(page.locator(".messages")).to_contain_text("It is entry")


def _decide(page: Page, case: str, verdict: str, told: str) -> None:
    """Fill in the decision on the page of the case, and go on to what is to be signed."""
    page.goto(f"/cases/{case}/")
    page.get_by_label(verdict, exact=True).check()
    page.get_by_label("Why, for the file").fill("a military object, and the talks go on")
    page.get_by_label("What the applicant is told").fill(told)
    page.get_by_label("Limits").fill("at-most: 2, text: two missiles at most")
    page.get_by_role("button", name="Go on to signing").click()


def _file_request(page: Page, ukraine: Path) -> str:
    """File the request of the story, as the applicant; return the case."""
    plain = dict(read(ukraine / "requests" / "atacms-in-russia.yaml").plain)
    plain.pop("expect", None)
    page.goto("/act/submit/")
    page.locator("[name=request]").fill(json.dumps(plain))
    page.get_by_role("button", name="Submit").click()
    expect(page.locator(".messages")).to_contain_text("Submit: done")
    return page.url.rstrip("/").rsplit("/", 1)[-1]


def test_the_story_as_five_people(visit: Callable[..., Page], served: Any, ukraine: Path) -> None:
    """Five people, each in a browser of their own, take a request from filing to an audit."""
    password = served.password
    applicant, desk, adviser, decider, auditor = (
        visit(each) for each in ("marchenko", "whitfield", "hart", "secretary", "tan")
    )
    case = _file_request(applicant, ukraine)

    desk.goto("/inbox/")
    expect(desk.locator("main")).to_contain_text(case)
    desk.goto(f"/cases/{case}/")
    desk.get_by_role("button", name="Determine who has a say").click()
    expect(desk.locator(".messages")).to_contain_text("Determine: done")

    adviser.goto(f"/cases/{case}/")
    adviser.get_by_label("Stance").select_option("consider")
    adviser.get_by_label("What you advise").fill("Two, and no more: stocks are low.")
    adviser.get_by_role("button", name="Give advice").click()
    expect(adviser.locator(".messages")).to_contain_text("Advise: done")

    _decide(decider, case, "Approve", "The United States agrees to two.")
    expect(decider.locator(".statement")).to_contain_text("two missiles at most")
    _sign_by_word(decider, password)

    applicant.goto(f"/cases/{case}/")
    told = applicant.locator("main").inner_text()
    assert "The United States agrees to two." in told
    assert "the talks go on" not in told
    assert "stocks are low" not in told

    desk.goto(f"/act/issue/?on-case={case}")
    desk.get_by_role("button", name="Go on to signing").click()
    _sign_by_word(desk, password)
    desk.goto(f"/cases/{case}/")
    expect(desk.locator("main")).to_contain_text("This is permitted until")

    auditor.goto(f"/cases/{case}/")
    seen = auditor.locator("main").inner_text()
    assert "the talks go on" in seen
    assert "stocks are low" in seen


def test_a_tampered_decision_is_refused(
    visit: Callable[..., Page], served: Any, ukraine: Path
) -> None:
    """A page that sends another decision than the one it showed has nothing signed."""
    applicant, desk, decider = visit("marchenko"), visit("whitfield"), visit("secretary")
    case = _file_request(applicant, ukraine)
    desk.goto(f"/cases/{case}/")
    desk.get_by_role("button", name="Determine who has a say").click()
    expect(desk.locator(".messages")).to_contain_text("Determine: done")
    _decide(decider, case, "Refuse", "Not now.")
    decider.evaluate(
        "() => { const d = document.querySelector('[name=draft]');"
        " d.value = d.value.replace('refuse', 'approve'); }"
    )
    decider.get_by_role("textbox", name="Password").fill(served.password)
    decider.get_by_role("button", name="Confirm and do it").click()
    expect(decider.get_by_role("alert")).to_contain_text("has changed since it was shown")
    applicant.goto(f"/cases/{case}/")
    assert "Not now." not in applicant.locator("main").inner_text()
