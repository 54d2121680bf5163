"""Checking a scenario: expectations that no answer could meet or miss are problems."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from placet.errors import InputError, RequestError
from placet.operations.scenarios.check import expectations
from placet.operations.scenarios.scenario import load_filed, load_scenario

EXPECTED = """
expect:
  - at: 2025-07-01
    outcome: review
    {more}
"""


@pytest.fixture
def scenario(tmp_path: Path, root: Path) -> Path:
    """A copy of a scenario whose files may be changed."""
    shutil.copytree(root / "scenarios" / "neutrality", tmp_path / "s")
    return tmp_path / "s"


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ("flags: [weak-fcat]", "weak-fcat is not a flag. Did you mean weak-fact?"),
        ("not-flags: [weak-fcat]", "weak-fcat is not a flag. Did you mean weak-fact?"),
        ("why-not: [withdrawm]", "'withdrawm' is none of"),
        ("lines: {none-such: review}", "none-such is not a line of the request"),
        ("proceed: no", ""),
    ],
)
def test_an_expectation_that_names_nothing_known_is_a_problem(
    more: str, what: str, scenario: Path
) -> None:
    """A misspelt flag, kind or line is told when it is read, and not silently never met."""
    path = min((scenario / "requests").glob("*.yaml"))
    plain = path.read_text("utf-8").partition("\nexpect:")[0]
    path.write_text(plain + EXPECTED.format(more=more), "utf-8")
    filed = load_filed(path, load_scenario(scenario).registry)
    if not what:
        assert len(expectations(filed)) == 1
        return
    with pytest.raises(RequestError) as refused:
        expectations(filed)
    (problem,) = refused.value.problems
    assert what in str(problem)


def test_a_misspelt_outcome_is_one_problem(scenario: Path) -> None:
    """`outcome: reviewed` is reported once, with what it was meant to be."""
    path = min((scenario / "requests").glob("*.yaml"))
    plain = path.read_text("utf-8").partition("\nexpect:")[0]
    path.write_text(plain + EXPECTED.format(more="").replace("review", "reviewed"), "utf-8")
    with pytest.raises(RequestError) as refused:
        expectations(load_filed(path, load_scenario(scenario).registry))
    (problem,) = refused.value.problems
    assert "'reviewed' is none of" in problem.what
    assert problem.do == "Did you mean review?"


def test_a_registry_that_cannot_be_read_is_the_only_problem(scenario: Path) -> None:
    """Where a file cannot be read, what it holds is not reported as missing everywhere."""
    (scenario / "registry").mkdir()
    (scenario / "registry" / "more.yaml").write_text("a: [1\n", "utf-8")
    with pytest.raises(InputError) as refused:
        load_scenario(scenario)
    assert {each.where.file for each in refused.value.problems} == {"registry/more.yaml"}
