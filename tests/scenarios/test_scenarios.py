"""The real cases: every scenario loads, and every request is answered as its file expects."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from placet.operations.scenarios.check import Checked, check_scenario
from placet.operations.scenarios.scenario import Scenario, load_scenario

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
FOLDERS = sorted(each.name for each in SCENARIOS.iterdir() if each.is_dir())
THE_CASES = {
    "assurances",
    "components",
    "custody-chains",
    "neutrality",
    "programme",
    "ukraine-long-range",
    "withdrawal",
}


@cache
def loaded(name: str) -> tuple[Scenario, tuple[Checked, ...]]:
    """Load and judge a scenario once."""
    scenario = load_scenario(SCENARIOS / name)
    return scenario, check_scenario(scenario)


def test_every_case_is_there() -> None:
    """The scenarios that the project promises exist."""
    assert set(FOLDERS) >= THE_CASES


@pytest.mark.parametrize("name", FOLDERS)
def test_requests_are_answered_as_their_files_expect(name: str) -> None:
    """Each expected answer of a scenario is the answer given."""
    _, checked = loaded(name)
    differing = {
        f"{each.request} on {each.determination.at}": each.differences
        for each in checked
        if each.differences
    }
    assert differing == {}


@pytest.mark.parametrize("name", FOLDERS)
def test_something_is_expected_of_every_request(name: str) -> None:
    """No request stands in a scenario without an expected answer, and each is named as its file."""
    scenario, checked = loaded(name)
    assert {each.request for each in checked} == {path.stem for path in scenario.request_files()}


@pytest.mark.parametrize("name", FOLDERS)
def test_every_source_is_cited(name: str) -> None:
    """A source that nothing cites would pretend to more evidence than there is."""
    scenario, _ = loaded(name)
    files = sorted(scenario.folder.rglob("*.yaml"))
    text = "\n".join(path.read_text("utf-8") for path in files)
    uncited = [each for each in scenario.registry.record.sources if text.count(each) < 2]
    assert uncited == []
