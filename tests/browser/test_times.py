"""Times: written in UTC, and on hover as the clock on the reader's wall has them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from clicking import follow
from playwright.sync_api import Locator, Page, expect

ZONES = ("Asia/Tokyo", "America/New_York")


def test_a_moment_is_written_in_utc_and_told_in_the_zone_of_the_reader_on_hover(
    visit: Callable[..., Page],
) -> None:
    """The same moment for readers of two zones, one of them a day ahead; so without scripts too."""
    written = []
    for zone in ZONES:
        page = visit("whitfield", timezone_id=zone, locale="en-GB")
        moments = _of_a_case(page)
        written.append(moments.all_inner_texts())
        for each in moments.all():
            _is_told(each, zone)
    plain = visit("whitfield", timezone_id=ZONES[0], java_script_enabled=False)
    moments = _of_a_case(plain)
    written.append(moments.all_inner_texts())
    assert moments.first.get_attribute("title") is None, "UTC alone"
    assert written[0] == written[1] == written[2] != []


def test_a_moment_that_comes_into_a_page_later_is_told_on_hover_as_well(
    visit: Callable[..., Page],
) -> None:
    """An audit says when it ended in a page that was there before it had."""
    page = visit("tan", timezone_id=ZONES[0], locale="en-GB")
    page.goto("/ledger/")
    page.get_by_role("button", name="Audit now").click()
    expect(page.locator("#audit")).to_contain_text("What it found")
    _is_told(page.locator("#audit time").last, ZONES[0])


def _of_a_case(page: Page) -> Locator:
    """Open a case, and return the moments of its history."""
    page.goto("/inbox/?tab=closed")
    follow(page.locator("#cases a").first)
    return page.locator(".timeline time[data-local]")


def _is_told(moment: Locator, zone: str) -> None:
    """Find that it is written in UTC, and what stands on hover is the same moment in a zone."""
    at = datetime.fromisoformat(moment.get_attribute("datetime") or "").astimezone(UTC)
    assert moment.inner_text() == f"{at:%-d %b %Y, %H:%M UTC}"
    there = at.astimezone(ZoneInfo(zone))
    expect(moment).to_have_attribute("title", re.compile(f"{there:%A}.* {there:%-d %B %Y} "))
    expect(moment).to_have_attribute("title", re.compile(f" {there:%H:%M:%S} "))
