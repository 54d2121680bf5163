"""The published JSON Schemas: current, valid, and of one mind with the loader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from placet.operations.scenarios.schema import KINDS, schema
from placet.registry import read

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = ROOT / "scenarios"
FILES = [
    *(("registry", each) for each in sorted(SCENARIOS.glob("*/registry.yaml"))),
    *(("registry", each) for each in sorted(SCENARIOS.glob("*/registry/*.yaml"))),
    *(("book", each) for each in sorted(SCENARIOS.glob("*/books/*.yaml"))),
    *(("request", each) for each in sorted(SCENARIOS.glob("*/requests/*.yaml"))),
]


def _faults(kind: str, plain: Any) -> list[str]:
    validator = Draft202012Validator(schema(kind))
    return [f"{each.json_path}: {each.message}" for each in validator.iter_errors(plain)]


@pytest.mark.parametrize("kind", KINDS)
def test_published_schema_is_current(kind: str) -> None:
    """The committed schema is what the code says today; `make schemas` renews it."""
    published = ROOT / "docs" / "reference" / "schemas" / f"{kind}.schema.json"
    assert json.loads(published.read_text("utf-8")) == schema(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_schema_is_itself_valid(kind: str) -> None:
    """An editor can load the schema."""
    Draft202012Validator.check_schema(schema(kind))


@pytest.mark.parametrize(
    ("kind", "path"),
    FILES,
    ids=lambda each: each if isinstance(each, str) else "/".join(each.parts[-3:]),
)
def test_every_scenario_file_is_valid_under_its_schema(kind: str, path: Path) -> None:
    """An editor has nothing to say against a file that the loader accepts."""
    assert _faults(kind, read(path).plain) == []


@pytest.mark.parametrize(
    ("kind", "plain", "named"),
    [
        ("registry", {"parties": {"EE": {"kind": "stat"}}}, "$.parties.EE.kind"),
        ("registry", {"items": {"gun": {"name": "Gun", "origin": "EE", "orign": "EE"}}}, "orign"),
        ("book", {"book": "US", "policies": {"p": {"title": "P"}}}, "announced"),
        ("book", {"book": "US", "otherwise": "perhaps"}, "$.otherwise"),
        ("request", {"request": "r", "applicant": "EE"}, "actor"),
    ],
)
def test_schema_sees_the_mistakes_an_editor_should_show(
    kind: str, plain: dict[str, Any], named: str
) -> None:
    """A wrong word, an unknown field and a missing one are seen while writing."""
    assert any(named in each for each in _faults(kind, plain))
