"""The reference page on ledger formats says what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from test_ledger_entries import BODY

from placet.ledger import FIELDS, KeyKind, Reason, disclose, erase

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "ledger-formats.md"
TEXT = PAGE.read_text(encoding="utf-8")


def first_cells(heading: str, nth: int = 0) -> list[str]:
    """Return the first column of a table of a section, without its header."""
    section = TEXT.split(f"## {heading}\n")[1].split("\n## ")[0]
    tables = re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE)
    return [row.split("|")[1].strip(" `") for row in tables[nth].splitlines()[2:]]


def test_the_fields_are_those_of_a_body() -> None:
    """The page lists every field of a body, in order."""
    assert tuple(first_cells("Entries", 1)) == FIELDS


def test_the_reasons_are_those_of_a_witness() -> None:
    """The page lists every reason for which a witness refuses, and every type of key."""
    reasons = first_cells("What a witness answers")
    assert sorted(reasons) == sorted(each.value for each in Reason)
    assert first_cells("Keys") == [f"{each.value:#04x}" for each in KeyKind]


@pytest.mark.parametrize("names", [(), ("kind",), ("case", "payload"), FIELDS])
def test_a_disclosure_is_checked_as_shown(names: tuple[str, ...]) -> None:
    """The Python on the page computes the commitment of a disclosure, and of what was erased."""
    found: dict[str, Any] = {}
    exec(re.findall(r"^```python\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)[0], found)  # noqa: S102
    for body in (disclose(BODY, names), erase(BODY, names)):
        assert found["commitment"](json.loads(body.render())) == BODY.commitment
