"""The real story by clicking, as five people: asked for, advised on, decided, issued, audited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from clicking import decide, determine, filed, sign_by_word, told
from playwright.sync_api import Page, expect


def test_the_story_as_five_people(visit: Callable[..., Page], served: Any) -> None:
    """Five people, each in a browser of their own, take a request from filing to an audit."""
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
    read = told(auditor, case)
    assert "the talks go on" in read
    assert "stocks are low" in read

    auditor.get_by_role("link", name="Ledger").click()
    auditor.get_by_role("button", name="Audit now").click()
    auditor.get_by_text("Everything follows").wait_for()


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
