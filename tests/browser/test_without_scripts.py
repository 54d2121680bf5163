"""With JavaScript off: reading, acting, and deciding by an SSH signature that is uploaded."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clicking import decide, determine, filed, follow, told
from playwright.sync_api import Page, expect

from placet.evidence import sign_statement


def test_a_decision_is_signed_elsewhere_and_uploaded(
    visit: Callable[..., Page], served: Any, tmp_path: Path
) -> None:
    """Three people without scripts; the one who decides saves the statement and signs it by key."""
    folder: Path = served.folder
    applicant, desk, decider = (
        visit(each, java_script_enabled=False) for each in ("marchenko", "whitfield", "secretary")
    )
    case = filed(applicant)
    determine(desk, case)
    decide(decider, case, "Refuse", "Not while the talks go on.")
    link = decider.get_by_role("link", name="Save the statement").get_attribute("href") or ""
    found = re.search(r"base64,(.*)$", link)
    assert found, decider.content()
    signed = sign_statement(
        (folder / "demo-keys" / "secretary").read_bytes(), base64.b64decode(found.group(1))
    )
    (tmp_path / "statement.json.sig").write_text(signed)
    decider.get_by_label("statement.json.sig").set_input_files(tmp_path / "statement.json.sig")
    follow(decider.get_by_role("button", name="Upload and do it"))
    assert "It is entry" in decider.locator(".messages").inner_text()
    assert "Not while the talks go on." in told(applicant, case)


def test_a_request_asks_only_what_matters(visit: Callable[..., Page]) -> None:
    """A button shows what is still asked; the rest stays folded, in reach; links lead to fields."""
    page = visit("marchenko", java_script_enabled=False)
    page.goto("/requests/new/")
    expect(page.get_by_text("Not needed now (9)")).to_be_visible()
    page.get_by_label("Activity").select_option("use")
    page.get_by_label("Item").first.select_option("atacms")
    follow(page.get_by_role("button", name="Show what is still asked"))
    page.get_by_role("link", name="In which country or subdivision?").click()
    expect(page.get_by_label("Area")).to_be_in_viewport()
    expect(page.get_by_label("Recipient", exact=True)).not_to_be_visible()
    page.get_by_text("Not needed now").click()
    expect(page.get_by_label("Recipient", exact=True)).to_be_visible()
