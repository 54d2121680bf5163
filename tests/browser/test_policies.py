"""A policy by clicking: adopted and told to nobody, heard on a case, announced as what it was."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from clicking import determine, filed, follow, sign_by_word, told
from playwright.sync_api import Page, expect

from placet.ledger import DisclosureError
from placet.operations.outside.checking_receipts import check_receipt, must_have_adopted

KEY, TITLE = "2026-kharkiv-depots", "Depots near Kharkiv, one by one"
WHY = "stores near the city are counted first"
TEXT = """\
title: {title}
adopted-by: us/usd-policy
from: "{day}"
announced: {announced}
rules:
  depots:
    when: >-
      activity == "use" && item == "atacms" && area.within("UA-63")
      && target.under("military.depot")
    then: review us/secdef
    because: {why}
"""


def test_a_policy_that_nobody_is_told_of_binds_and_is_announced_unchanged(
    visit: Callable[..., Page], served: Any, tmp_path: Path
) -> None:
    """It is heard on a case; the applicant's page of it stays letter for letter; then it is read.

    Whoever adopted it hands out what its entry says: anybody compares the text with that.
    """
    applicant, desk, office = (visit(each) for each in ("marchenko", "whitfield", "hart"))
    case = filed(applicant, "UA-63")
    determine(desk, case)
    known = told(applicant, case)
    assert WHY.capitalize() not in told(desk, case)

    _adopt(office, served.password)
    digest = _digests(office)
    assert len(digest) == 1
    assert "undeclared" in office.locator("h1").inner_text()
    determine(desk, case)
    assert WHY.capitalize() in told(desk, case)
    assert told(applicant, case) == known
    assert TITLE not in _policies(applicant)
    applicant.goto(f"/policies/US/{KEY}/")
    expect(applicant.locator("main")).to_contain_text("There is no policy")

    office.get_by_role("link", name="Announce this policy").click()
    office.get_by_label("Because").fill("the count is done")
    office.get_by_role("button", name="Go on to signing").click()
    sign_by_word(office, served.password)
    assert _digests(office) == digest * 2
    expect(office.locator("main")).to_contain_text("What was announced is what was adopted")
    assert TITLE in _policies(applicant)
    applicant.get_by_role("table").get_by_role("link", name=TITLE).click()
    expect(applicant.locator("main")).to_contain_text(WHY)
    another = filed(visit("marchenko"), "UA-63")
    assert WHY.capitalize() in told(applicant, another)
    _check(office, served.address, tmp_path)


def _adopt(office: Page, password: str) -> None:
    """Adopt the policy, beginning where policies are; end on its page."""
    office.get_by_role("link", name="Policies").click()
    office.get_by_role("link", name="Adopt a policy").click()
    office.get_by_label("Its id").fill(KEY)
    office.get_by_role("textbox", name="Text").fill(_text())
    office.get_by_label("Because").fill("a count is under way")
    office.get_by_role("button", name="Check it").click()
    expect(office.locator("#checked")).to_contain_text("it holds together")
    office.get_by_role("button", name="Go on to signing").click()
    expect(office.locator(".says")).to_contain_text("announce it to nobody")
    expect(office.locator("#statement")).to_contain_text(WHY)
    sign_by_word(office, password)
    follow(office.get_by_role("table").get_by_role("link", name=TITLE))


def _text(announced: str = "undeclared", why: str = WHY) -> str:
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    return TEXT.format(title=TITLE, day=day, announced=announced, why=why)


def _digests(page: Page) -> list[str]:
    """Return the digests of a policy's text that its page says, one of each act."""
    return page.locator(".timeline .digest code").all_inner_texts()


def _policies(page: Page) -> str:
    page.goto("/policies/")
    return page.locator("main").inner_text()


def _check(office: Page, address: str, folder: Path) -> None:
    """Take what the adoption's entry says, from its page; hold it against what was announced."""
    follow(office.locator(".timeline a", has_text="entry").first)
    with office.expect_download() as taken:
        office.get_by_role("link", name="Receipt that discloses the whole act").click()
    taken.value.save_as(folder / "receipt")
    with urllib.request.urlopen(f"{address}/log/keys") as keys:
        (folder / "keys").write_bytes(keys.read())
    found = check_receipt(folder / "receipt", folder / "keys")
    assert found.shown["kind"] == "adopt-policy"
    announced = folder / "announced.yaml"
    announced.write_text(_text(f"{datetime.now(UTC):%Y-%m-%d}"))
    must_have_adopted(found, announced)
    announced.write_text(_text(why="something else"))
    with pytest.raises(DisclosureError, match="rules"):
        must_have_adopted(found, announced)
