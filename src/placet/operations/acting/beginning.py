"""Beginning: the first context of a log, from a scenario folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from placet.errors import QuestionError
from placet.operations.acting.act import Signing, act
from placet.operations.house import House, SignedIn
from placet.operations.ports import Acknowledgement
from placet.operations.scenarios.scenario import is_scenario, load_scenario
from placet.registry import read
from placet.review import command_of
from placet.review.commands import Begin

__all__ = ["begin", "plain_of"]


def plain_of(folder: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the registry and the books of a scenario folder as plain data, each in one piece.

    Raises:
        QuestionError: there is no such scenario.
        ScenarioError: with every problem found in any of its files.
    """
    if not is_scenario(folder):
        raise QuestionError(f"{folder} is not a scenario folder: it holds no registry.yaml")
    load_scenario(folder)
    files = [*sorted((folder / "registry").glob("**/*.yaml")), folder / "registry.yaml"]
    registry: dict[str, Any] = {}
    for each in files:
        if each.is_file():
            merge(registry, read(each).plain)
    books = [dict(read(each).plain) for each in sorted((folder / "books").glob("*.yaml"))]
    return registry, books


def merge(registry: dict[str, Any], more: Mapping[str, Any]) -> None:
    """Add the records of one file to a registry; one of the same id takes the other's place."""
    for section, content in more.items():
        held = registry.get(section)
        if isinstance(held, dict) and isinstance(content, dict):
            registry[section] = {**held, **content}
        else:
            registry[section] = content


def begin(
    house: House,
    who: SignedIn,
    registry: Mapping[str, Any],
    books: Iterable[Mapping[str, Any]],
    sign: Signing,
) -> Acknowledgement:
    """Begin the log of an installation with a first context, signed by whoever begins it.

    The log names the keys that sign it and its permits, where this process has them.

    Raises:
        ScenarioError: with every problem found in the context.
        ReviewError: the log has begun, or the person holds no office of authority in it.
    """
    first = {
        "origin": house.origin,
        **{f"{of}-key": public for of, public in house.signers.items()},
        "registry": dict(registry),
        "books": [dict(each) for each in books],
    }
    command = command_of(Begin.kind, first)
    return act(house, who, command, sign=sign)
