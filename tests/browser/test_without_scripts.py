"""With JavaScript off: reading, acting, and deciding by an SSH signature that is uploaded."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from placet.evidence import sign_statement


def test_a_paper_is_signed_elsewhere_and_uploaded(
    visit: Callable[..., Page], served: Any, tmp_path: Path
) -> None:
    """An officer saves the statement of a fact, signs it with a key, and uploads that."""
    folder: Path = served.folder
    page = visit("lindqvist", java_script_enabled=False)
    page.goto("/act/record-fact/")
    page.locator("[name=section]").fill("events")
    page.locator("[name=id]").fill("browser-event")
    page.locator("[name=record]").fill(
        'about: An event for a test\nfrom: "2025-07-01"\ngrade: reported'
    )
    page.locator("[name=because]").fill("to try the page")
    page.get_by_role("button", name="Go on to signing").click()
    link = page.get_by_role("link", name="Save the statement").get_attribute("href") or ""
    found = re.search(r"base64,(.*)$", link)
    assert found, page.content()
    key = (folder / "demo-keys" / "lindqvist").read_bytes()
    (tmp_path / "statement.json.sig").write_text(
        sign_statement(key, base64.b64decode(found.group(1)))
    )
    page.get_by_label("statement.json.sig").set_input_files(tmp_path / "statement.json.sig")
    page.get_by_role("button", name="Upload and do it").click()
    assert "It is entry" in page.locator(".messages").inner_text()
