"""What the pages show or do, the API does too, or there is a reason why it does not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from api_routes import addresses

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "api.md"

OVER_THE_API: dict[str, tuple[str, ...]] = {
    "": ("GET /me",),
    "accounts/": ("GET /accounts", "GET /accounts/changes", "POST /accounts/changes"),
    "inbox/": ("GET /inbox", "GET /inbox/counts", "GET /cases"),
    "cases/<str:case>/": (
        *("GET /cases/{case}", "GET /cases/{case}/page", "GET /cases/{case}/comparison"),
        "GET /cases/{case}/time-line",
    ),
    "cases/<str:case>/decision.pdf": ("GET /cases/{case}/decision.pdf",),
    "cases/<str:case>/entries/<int:entry>/receipt": (
        "GET /cases/{case}/time-line/{entry}/receipt",
    ),
    "cases/<str:case>/documents/<str:digest>": ("GET /cases/{case}/documents/{digest}",),
    "requests/new/": (
        *("POST /determine", "POST /documents", "POST /acts/submit", "GET /drafts", "POST /drafts"),
        *("GET /drafts/{draft}", "PUT /drafts/{draft}", "DELETE /drafts/{draft}"),
    ),
    "inbox/lists/": ("GET /lists", "POST /lists", "GET /lists/{kept}", "PUT /lists/{kept}"),
    "inbox/lists/<int:key>/remove/": ("DELETE /lists/{kept}",),
    "act/<slug:kind>/": ("POST /cases/{case}/acts/decide", "POST /acts/adopt-policy"),
    "sign/": ("POST /cases/{case}/acts/decide/statement", "POST /acts/adopt-policy/statement"),
    "session/": ("POST /sessions/challenge", "POST /sessions"),
    "account/keys/": ("POST /acts/register-key", "POST /acts/retire-key", "GET /authority"),
    "notices/": ("GET /notices", "POST /notices"),
    "notices/<int:key>/remove": ("DELETE /notices/{notice}",),
    "policies/": ("GET /policies",),
    "policies/<str:party>/<str:policy>/": (
        "GET /policies/{party}/{policy}",
        "GET /policies/{party}/{policy}/trials",
        "GET /policies/{party}/{policy}/tests",
    ),
    "systems/": ("GET /systems",),
    "systems/<str:item>/": ("GET /systems/{item}",),
    "freedom/": ("GET /freedom",),
    "stock/": ("GET /stock",),
    "permits/": ("GET /permits",),
    "permits/<str:permit>/": ("GET /permits/{permit}",),
    "permits/<str:permit>/letter.pdf": ("GET /permits/{permit}/letter.pdf",),
    "permits/<str:permit>/file/": ("GET /permits/{permit}/file",),
    "ledger/": ("GET /ledger", "GET /ledger/entries"),
    "ledger/audit/": ("POST /ledger/audits",),
    "ledger/audit/<uuid:key>/": ("GET /ledger/audits/{audit}",),
    "ledger/export.tar": ("GET /ledger", "GET /ledger/files/{path}"),
    "ledger/<int:index>/": ("GET /ledger/entries/{index}", "GET /ledger/entries/{index}/receipt"),
    "ledger/<int:index>/evidence/": ("GET /ledger/entries/{index}/evidence",),
    "ledger/<int:index>/proof/": ("GET /ledger/entries/{index}/disclosure",),
    "reports/": ("GET /reports",),
    "reports/table.csv": ("GET /reports/table",),
    "authority/": ("GET /authority",),
    "verify/": ("POST /permits/verify",),
    "permit-keys.json": ("GET /permit-keys",),
    "status-list": ("GET /status-list",),
    "log/checkpoint": ("GET /ledger/files/{path}",),
    "log/keys": ("GET /ledger",),
    "log/tile/<path:path>": ("GET /ledger/files/{path}",),
    "tokens/": ("GET /tokens", "POST /tokens"),
    "tokens/<str:token>/revoke/": ("DELETE /tokens/{token}",),
}
"""Pages by their address, and what of the API does the same."""

WITH_A_REASON = (
    "account/",
    "account/keys/<int:passkey>/",
    "inbox/acts/",
)
"""Pages that have nothing of the API, by how their address begins: the reasons stand in the page
about the API, beside these very addresses."""


def pages() -> Iterator[str]:
    """Yield the address of every page."""
    from django.urls import URLPattern, get_resolver

    def under(patterns: Iterable[Any], before: str) -> Iterator[str]:
        for each in patterns:
            if isinstance(each, URLPattern):
                yield before + str(each.pattern)
            elif each.namespace != "api":
                yield from under(each.url_patterns, before + str(each.pattern))

    yield from under(get_resolver().url_patterns, "")


def test_every_page_has_its_like_over_the_api_or_a_reason_why_not(office: Any) -> None:
    """A page that is added without either fails here, and so does a row for a page that is none."""
    assert office.house
    found = set(pages())
    assert found >= OVER_THE_API.keys()
    reasoned = {each for each in found - OVER_THE_API.keys() if each.startswith(WITH_A_REASON)}
    assert found - OVER_THE_API.keys() - reasoned == set()
    for begins in WITH_A_REASON:
        assert any(each.startswith(begins) for each in reasoned), begins


def test_what_stands_for_a_page_is_there(office: Any) -> None:
    """Every row names operations that the API has, and no operation but these has no page."""
    assert office.house
    named = {each for row in OVER_THE_API.values() for each in row}
    there = {each.name for each in addresses()}
    assert named <= there
    assert {each for each in there - named if "/acts/" not in each} == {"POST /determine/batch"}


def test_the_page_about_the_api_gives_each_reason(office: Any) -> None:
    """The same addresses stand in its table, each with a reason, and no other."""
    assert office.house
    rows = re.findall(r"^\| ((?:`/[^`]*`(?:, )?)+) \| (.+) \|$", PAGE.read_text(), re.MULTILINE)
    listed = {f"{each}/" for cell, _ in rows for each in re.findall(r"`/([^`]*?)/?`", cell)}
    assert listed == set(WITH_A_REASON)
    assert all(reason.strip() for _, reason in rows)
