"""The plain evaluator against the shared truth tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from condition_sample import LANGUAGE, Given

from placet.conditions import (
    Condition,
    EvaluationFailure,
    Open,
    Truth,
    Value,
    compile_condition,
    explain,
    truth,
)

TABLES = Path(__file__).parents[1] / "fixtures" / "truth-tables.yaml"
DOMAINS: dict[str, tuple[Value, ...]] = {
    "left": (True, False),
    "right": (True, False),
    "other": (True, False),
    "recipient": ("", "ua", "pl"),
    "uses": ((), ("strike",), ("strike", "recce")),
    "quantity": (0, 1, 5),
}
WORDS = {"true": Truth.TRUE, "false": Truth.FALSE, "failed": Truth.FAILED}
VALUES: dict[str, Value] = {"true": True, "false": False, "none": ""}
LISTS: dict[str, Value] = {"none": (), "strike and recce": ("strike", "recce")}


def cases() -> Iterator[Any]:
    """Give every case of the tables, with the condition of its section."""
    loader = yaml.BaseLoader(TABLES.read_text(encoding="utf-8"))
    tables = loader.get_single_data()
    for section, table in tables.items():
        for number, case in enumerate(table["cases"], 1):
            yield pytest.param(table | case, id=f"{section} {number}")


def given(case: dict[str, Any]) -> Given:
    """Make the environment that a case describes."""
    words = {name: case[name] for name in DOMAINS if case.get(name, "unknown") != "unknown"}
    failing = frozenset(name for name, word in words.items() if word == "failed")
    return Given({n: value_of(n, w) for n, w in words.items() if n not in failing}, failing)


def value_of(name: str, word: str) -> Value:
    """Read a word of the tables as a value of a variable."""
    if name == "quantity":
        return int(word)
    return (LISTS if name == "uses" else VALUES).get(word, word)


def outcome(condition: Condition, environment: Given) -> str:
    """Say in the words of the tables what a condition comes to."""
    try:
        return str(condition.holds(environment)).lower()
    except Open:
        return "unknown"
    except EvaluationFailure:
        return "failed"


CASES = list(cases())


@pytest.mark.parametrize("case", CASES)
def test_one_evaluation(case: dict[str, Any]) -> None:
    """With the answers there are, the condition is what its row of the table says."""
    condition = compile_condition(case["condition"], LANGUAGE, {})
    assert outcome(condition, given(case)) == case["is"]


@pytest.mark.parametrize("case", CASES)
def test_all_completions(case: dict[str, Any]) -> None:
    """Over all completions, the condition may be exactly what its row of the table says."""
    condition = compile_condition(case["condition"], LANGUAGE, {})
    known = given(case)
    found = truth(
        condition,
        lambda answers: Given({**known.values, **answers}, known.failing),
        lambda key: DOMAINS[key],
    )
    assert set(found) == {WORDS[word] for word in case["may be"]}
    assert found.certain == (case["may be"] == ["true"])
    assert found.possible == ("true" in case["may be"])
    assert found.may_fail == ("failed" in case["may be"])


@pytest.mark.parametrize("case", CASES)
def test_explanation_agrees(case: dict[str, Any]) -> None:
    """The root of an explanation says what one evaluation says."""
    condition = compile_condition(case["condition"], LANGUAGE, {})
    explanation = explain(condition, given(case))
    states = {"open": "unknown", "failed": "failed", "value": str(explanation.value).lower()}
    assert states[explanation.state] == case["is"]
