"""The reference page on permits says what the code does."""

from __future__ import annotations

import re
import runpy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import jwt
import pytest
from permit_sample import DATA, KEY, KEYS, STATUS, TOKEN, parts, status_token, terms

from placet.permit import (
    FORMAT,
    LARGEST_LIST,
    LARGEST_PERMIT,
    LARGEST_QR,
    LEEWAY,
    Consent,
    Status,
    Terms,
    issue_token,
    write_jwks,
)

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "permit-format.md"
TEXT = PAGE.read_text(encoding="utf-8")
NOW = datetime.now(UTC).replace(microsecond=0)


def first_cells(heading: str, nth: int = 0) -> list[str]:
    """Return the first column of a table of a section, without its header."""
    section = TEXT.split(f"## {heading}\n")[1].split("\n## ")[0]
    tables = re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE)
    return [row.split("|")[1].strip(" `") for row in tables[nth].splitlines()[2:]]


def test_the_members_are_those_of_a_token() -> None:
    """The page lists every header member, claim, key member and claim of a status list."""
    header, claims = parts(TOKEN)
    assert first_cells("Header") == sorted(header)
    assert first_cells("Claims") == sorted(claims)
    assert first_cells("Keys") == sorted([*KEY.verifier.jwk, "until_entries"])
    assert first_cells("Status list") == sorted(parts(status_token())[1])
    assert first_cells("Status list", 1) == [str(each.value) for each in Status]


def test_the_fields_are_those_of_the_terms() -> None:
    """The page lists every field of the claim permit, and every kind of consent."""
    claimed = {"id", "issuer", "holder", "start", "until"}
    wanted = ["format", *(name for name in Terms.model_fields if name not in claimed)]
    assert first_cells("The claim `permit`") == wanted
    for kind in get_args(Consent.model_fields["kind"].annotation):
        assert f"`{kind}`" in TEXT


def test_the_numbers_are_the_codes() -> None:
    """Every limit on the page is the one in the code."""
    assert f"`{FORMAT}`" in TEXT
    assert f"more than {LARGEST_PERMIT >> 10} KiB" in TEXT
    assert f"at most {LARGEST_LIST >> 20} MiB" in TEXT
    assert f"up to {LARGEST_QR:,} bytes" in TEXT
    assert f"more than {LEEWAY.seconds} seconds" in TEXT


def test_a_permit_is_read_as_shown(tmp_path: Path) -> None:
    """The Python on the page reads a permit in force, and refuses another type or issuer."""
    (example,) = re.findall(r"^```python\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    (tmp_path / "example.py").write_text(example, encoding="utf-8")
    found = runpy.run_path(str(tmp_path / "example.py"))
    current = terms(
        start=f"{NOW - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
        until=f"{NOW + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
    )
    token = issue_token(current, STATUS, KEY, NOW - timedelta(hours=1))
    keys = write_jwks(KEYS).decode()
    assert found["read"](token, keys)["jti"] == DATA["id"]
    with pytest.raises(ValueError, match="not a permit"):
        found["read"](token, keys, "JWT")
    with pytest.raises(jwt.ExpiredSignatureError):
        found["read"](TOKEN, keys)
