"""The page about the house says what the linter holds and what is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/explanation/house.md").read_text(encoding="utf-8")
SOURCE = ROOT / "src/placet"


def floors() -> list[set[str]]:
    """Return the floors that the linter holds, the highest first, without the door itself."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    return [set(each.split(" | ")) for each in layers if each != "__main__"]


def test_the_floors_are_those_of_the_linter() -> None:
    """The picture and the contract have the same floors, in the same order."""
    (picture,) = re.findall(r"^```text\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    drawn = [set(re.split(r" {3,}", each.strip())[0].split(" | ")) for each in picture.splitlines()]
    assert drawn == floors()


def test_every_room_is_described_and_what_to_read_is_there() -> None:
    """Each package has a row, and each file named in it exists."""
    rows = re.findall(r"^\| `(\w+)` \|.*\| (`.*`) \|$", PAGE, re.MULTILINE)
    packages = {each.parent.name for each in SOURCE.glob("*/__init__.py")}
    assert {name for name, _ in rows} == packages
    for name, named in rows:
        for each in re.findall(r"`([\w.]+)`", named):
            assert (SOURCE / name / each).exists(), f"{name}/{each}"


def test_every_module_on_the_way_of_an_act_is_there() -> None:
    """The walk names modules that exist."""
    named = re.findall(r"`((?:cli|web|operations|review|store|registry|evidence)/[\w/.]+)`", PAGE)
    assert len(named) > 10
    assert not [each for each in named if not (SOURCE / each).exists()]
