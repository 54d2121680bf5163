"""With JavaScript off: reading, acting, and deciding by an SSH signature that is uploaded."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clicking import decide, determine, filed, told
from playwright.sync_api import Page

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
    decider.get_by_role("button", name="Upload and do it").click()
    assert "It is entry" in decider.locator(".messages").inner_text()
    assert "Not while the talks go on." in told(applicant, case)
