"""The truth tables of the judgement, `tests/fixtures/judgement-tables.yaml`, by determine()."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from building import Plain, asked, built, filed, flags, offices, plain
from placet.determination import Determination

ROOT = Path(__file__).parents[2]

FIXTURE = (ROOT / "tests" / "fixtures" / "judgement-tables.yaml").read_text(encoding="utf-8")
TABLES = plain(FIXTURE)
COMPARED = FIXTURE.split("# Flags compared: ")[1].split("\n\n")[0].replace("#", "").rstrip(".")
KINDS = {each.strip().rstrip(".") for each in COMPARED.split(",")}
REGISTRY = """
items: {missile: {name: Missile, origin: US}}
targets: {depot: Depot, bridge: Bridge}
"""
STATED = {"area": "UA", "target": "none"}
CASES = [
    pytest.param(table, case, id=f"{name}: {case['request']}")
    for name, table in TABLES.items()
    for case in table["cases"]
]


def book_of(table: Plain) -> Plain:
    """Return the book that a table is about."""
    policy = {"title": "P", "announced": "2024-01-01", "rules": table["rules"]}
    return {
        "book": "US",
        "claims": table.get("claims", [{"basis": "origin", "activities": "use"}]),
        "otherwise": table.get("otherwise", "review us/state"),
        "policies": {"p": {**policy, **table.get("policy", {})}},
    }


def judged(table: Plain, case: Plain) -> Determination:
    """Judge a case; what its table never mentions is stated."""
    mentioned = {field for each in table["cases"] for field in each["request"]}
    left_out = mentioned - case["request"].keys()
    request = {**filed(**{key: STATED[key] for key in STATED}), **case["request"]}
    kept = {key: value for key, value in request.items() if key not in left_out}
    return built(book_of(table), registry=(REGISTRY,)).judged(kept)


@pytest.mark.parametrize(("table", "case"), CASES)
def test_each_case_comes_to_what_its_table_says(table: Plain, case: Plain) -> None:
    """Every case has the bounds, the offices, the questions and the flags of its table."""
    found = judged(table, case)
    wanted: dict[str, Any] = {
        "at least": case["at least"],
        "at most": case["at most"],
        "by": set(case.get("by", [])),
        "ask": set(case.get("ask", [])),
        "flags": set(case.get("flags", [])),
    }
    assert {
        "at least": found.at_least,
        "at most": found.at_most,
        "by": offices(found, "US"),
        "ask": asked(found),
        "flags": flags(found) & KINDS,
    } == wanted
