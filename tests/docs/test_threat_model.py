"""The threat model: every test that it names exists, and every attacker has one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/explanation/threat-model.md").read_text(encoding="utf-8")
NAMED = re.findall(r"^  - `([^`]+)`$", PAGE, re.MULTILINE)
ATTACKERS = [part for part in PAGE.split("\n## ")[1:] if not part.startswith("What ")]


def found_in(body: list[ast.stmt], path: str) -> Iterator[str]:
    """Return the node ids of the tests of a file, those in classes included."""
    for each in body:
        if isinstance(each, ast.ClassDef):
            yield from found_in(each.body, f"{path}::{each.name}")
        elif isinstance(each, ast.FunctionDef) and each.name.startswith("test_"):
            yield f"{path}::{each.name}"


@pytest.mark.parametrize("path", sorted({each.partition("::")[0] for each in NAMED}))
def test_the_tests_that_are_named_exist(path: str) -> None:
    """What the page says of an attacker rests on tests that are there."""
    file = ROOT / path
    there = set(found_in(ast.parse(file.read_text("utf-8")).body, path)) if file.is_file() else ()
    missing = [each for each in NAMED if each.startswith(f"{path}::") and each not in there]
    assert not missing, "The threat model names tests that are not there:\n" + "\n".join(missing)


def test_every_attacker_has_a_test_and_a_limit() -> None:
    """Each section says what is not stopped, and which tests fail if it is wrong."""
    assert len(ATTACKERS) == 10
    for part in ATTACKERS:
        title = part.partition("\n")[0]
        assert "**Not stopped:**" in part, f"{title}: what is not stopped is not said"
        assert re.search(r"\n- \*\*Fails if we are wrong:\*\*\n  - `tests/", part), (
            f"{title}: no test is named"
        )


def test_every_name_of_a_test_is_read() -> None:
    """No test is named on the page in a form that the check above passes over."""
    assert len(NAMED) == PAGE.count("`tests/") == len(set(NAMED))
    assert all(re.fullmatch(r"tests/\w+/test_\w+\.py(::\w+)+", each) for each in NAMED)
