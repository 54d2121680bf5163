"""CEL's own conformance cases: all that the subset covers pass, and no others compile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from condition_sample import Given

from placet.conditions import (
    EvaluationFailure,
    Language,
    Type,
    Value,
    Variable,
    compile_expression,
    evaluate,
)
from placet.errors import ConditionError

HERE = Path(__file__).parent
CASES = HERE.parents[2] / "shared" / "data" / "cel-conformance"
OUTSIDE = HERE / "outside-the-subset.yaml"
TYPES = {
    "BOOL": Type.BOOL,
    "INT64": Type.INT,
    "STRING": Type.STRING,
    "google.protobuf.Timestamp": Type.TIMESTAMP,
    "google.protobuf.Duration": Type.DURATION,
}

pytestmark = pytest.mark.skipif(
    not CASES.is_dir(), reason="the CEL conformance cases are not at ../shared/data"
)


@dataclass(frozen=True)
class Case:
    name: str
    text: str
    test: dict[str, Any]

    def language(self) -> Language | None:
        """Give the language of the case, or None where a variable has a type that we lack."""
        variables = []
        for entry in self.test.get("typeEnv", ()):
            kind = entry.get("ident", {}).get("type", {})
            found = TYPES.get(kind.get("primitive") or kind.get("messageType") or "")
            if found is None:
                return None
            variables.append(Variable(entry["name"], found))
        return Language(tuple(variables))

    def environment(self) -> Given:
        bindings = self.test.get("bindings", {}).items()
        return Given({name: plain(binding["value"]) for name, binding in bindings})


def plain(value: dict[str, Any]) -> Value:
    """Read a value of the conformance format."""
    ((kind, content),) = value.items()
    if kind == "int64Value":
        return int(content)
    if kind == "listValue":
        return tuple(plain(each) for each in content.get("values", ()))
    assert kind in ("boolValue", "stringValue"), kind
    return bool(content) if kind == "boolValue" else str(content)


def read_cases() -> Iterator[Case]:
    """Give every case of every file."""
    for path in sorted(CASES.glob("*.json")):
        suite = json.loads(path.read_text(encoding="utf-8"))
        for section in suite["section"]:
            for test in section["test"]:
                name = f"{suite['name']}/{section['name']}/{test['name']}"
                yield Case(name, test["expr"], test)


def outside() -> dict[str, str]:
    """Give the reason of every case that the reviewed list names."""
    groups = yaml.safe_load(OUTSIDE.read_text(encoding="utf-8"))
    return {name: reason for reason, names in groups.items() for name in names}


def compiles(case: Case) -> bool:
    """Tell whether a case is in the subset."""
    language = case.language()
    if language is None:
        return False
    try:
        compile_expression(case.text, language, {})
    except ConditionError:
        return False
    return True


REASONS = outside()
INSIDE = [case for case in read_cases() if case.name not in REASONS]


def test_the_list_is_exact() -> None:
    """What does not compile is what the reviewed list names, each with its reason, and no more."""
    refused = {case.name for case in read_cases() if not compiles(case)}
    assert refused == set(REASONS)


def test_names_are_unique() -> None:
    """A name in the list stands for one case."""
    names = [case.name for case in read_cases()]
    assert len(names) == len(set(names)) == 691


@pytest.mark.parametrize("case", INSIDE, ids=lambda case: case.name)
def test_supported_case(case: Case) -> None:
    """A case of the subset has the value, or the failure, that the CEL specification gives it."""
    language = case.language()
    assert language is not None
    node = compile_expression(case.text, language, {})
    if "evalError" in case.test:
        with pytest.raises(EvaluationFailure):
            evaluate(node, case.environment())
        return
    expected = plain(case.test.get("value", {"boolValue": True}))
    found = evaluate(node, case.environment())
    assert (type(found), found) == (type(expected), expected)
