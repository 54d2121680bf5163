"""The examples of docs/reference/conditions.md."""

from __future__ import annotations

import re
import runpy
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from condition_sample import LANGUAGE, VOCABULARIES, Given

from placet.conditions import (
    EvaluationFailure,
    compile_condition,
    compile_expression,
    evaluate,
)
from placet.conditions.unparsing import value_text
from placet.errors import ConditionError

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "conditions.md"
TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLES = [
    tuple(re.split(r"\s+// ", line, maxsplit=1))
    for block in re.findall(r"```cel\n(.*?)```", TEXT, re.DOTALL)
    for line in block.splitlines()
]
REQUEST = Given(
    {
        "recipient": "ua",
        "right.basis": "component",
        "purpose": "training in Poland",
        "uses": ("strike", "recce"),
        "quantity": 12,
        "share": 2500,
        "request.at": datetime(2025, 8, 23, 10, 30, tzinfo=UTC),
        "waited": timedelta(hours=40),
    }
)


def outcome(text: str) -> str:
    """Say in the words of the page what becomes of an example."""
    try:
        node = compile_expression(text, LANGUAGE, VOCABULARIES)
        return value_text(evaluate(node, REQUEST))
    except EvaluationFailure as failure:
        return f"failed: {failure.reason}"


@pytest.mark.parametrize(("text", "said"), EXAMPLES)
def test_an_example_does_what_the_page_says(text: str, said: str) -> None:
    """Every example of the page has the value, the failure or the refusal that stands beside it."""
    if said.startswith("refused: "):
        with pytest.raises(ConditionError, match=re.escape(said.removeprefix("refused: "))):
            compile_condition(text, LANGUAGE, VOCABULARIES)
    else:
        assert outcome(text) == said


def test_the_python_example_runs(tmp_path: Path) -> None:
    """The Python example of the page runs as it stands."""
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    example = tmp_path / "example.py"
    example.write_text(code, encoding="utf-8")
    runpy.run_path(str(example))
