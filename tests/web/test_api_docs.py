"""The page about the API says what the API is: its addresses, scopes, rates and statuses."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "api.md"


def test_the_page_names_every_address_and_no_other(office: Any) -> None:
    """What the table lists is what the description has, acts by their kind."""
    from placet.web.api.urls import api

    assert office.house
    described = {
        re.sub(r"/acts/[a-z-]+", "/acts/{kind}", path.removeprefix("/api/v1"))
        for path in api.get_openapi_schema()["paths"]
    }
    listed: set[str] = set()
    for line in PAGE.read_text().splitlines():
        if line.startswith(("| `GET", "| `POST")):
            cell = line.split("|")[1]
            whole = ""
            for each in re.findall(r"`(?:[A-Z]+ )?([^`]+)`", cell):
                if each.startswith("…/"):
                    tail = each.removeprefix("…")
                    head = (
                        whole[: whole.index(tail.split("/")[1]) - 1]
                        if tail.split("/")[1] in whole
                        else whole
                    )
                    each = head + tail
                whole = each
                listed.add(each)
    assert listed == described


def test_the_page_gives_scopes_rates_and_statuses(office: Any) -> None:
    """Each scope with its sentence, each rate, and each status that an operation may refuse by."""
    from django.conf import settings

    from placet.web.api.tokens import SCOPES
    from placet.web.api.urls import api

    assert office.house
    text = PAGE.read_text()
    for scope, says in SCOPES.items():
        assert f"| `{scope}` | {says} |" in text
    for rate in settings.API_RATES.values():
        assert f"{rate:,} " in text
    statuses = {
        status
        for path in api.get_openapi_schema()["paths"].values()
        for operation in path.values()
        for status in operation["responses"]
        if int(status) >= 400
    }
    assert {int(each) for each in re.findall(r"^\| (\d{3}) \|", text, re.MULTILINE)} == {
        int(each) for each in statuses
    }
