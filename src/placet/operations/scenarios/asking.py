"""Asking: the determination of a filed request, or of a question without one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from placet.analysis import Freedom, Said, bare_request, freedom
from placet.determination import Determination, Matter, determine
from placet.errors import QuestionError
from placet.operations.scenarios.scenario import Scenario, load_filed, load_scenario, scenario_of
from placet.registry import NONE, Activity, Request, iso_names
from placet.registry.names import nearest

__all__ = ["Asked", "Asking", "ask", "ask_freedom", "ask_who"]


@dataclass(frozen=True)
class Asked:
    """A request, the scenario it stands in, the matter it makes, and what was determined."""

    scenario: Scenario
    request: Request
    matter: Matter
    determination: Determination


@dataclass(frozen=True)
class Asking:
    """A question without a request: who would do what, when, by what is known, and what is said."""

    scenario: Scenario
    actor: str
    activity: Activity
    at: datetime
    known_at: datetime | None = None
    announced_only: bool = False
    said: Said = field(default_factory=Said)


def ask(
    path: Path,
    at: datetime,
    *,
    folder: Path | None = None,
    known_at: datetime | None = None,
    announced_only: bool = False,
) -> Asked:
    """Determine the request in a file, in its own scenario or in the one in `folder`.

    Raises:
        QuestionError: there is no such file or scenario.
        ScenarioError, RequestError: with every problem found.
    """
    if not path.is_file():
        raise QuestionError(f"there is no request file {path}")
    scenario = load_scenario(folder or scenario_of(path))
    request = load_filed(path, scenario.registry).request
    matter = scenario.matter(request, at, known_at, announced_only=announced_only)
    return Asked(scenario, request, matter, determine(matter))


def ask_who(asking: Asking, item: str, area: str | None = None) -> Asked:
    """Determine who holds a say over an item, without a request.

    Raises:
        QuestionError: a name is not known.
    """
    _check_names(asking, [item], [area] if area else [])
    scenario, said = asking.scenario, asking.said
    request = bare_request(scenario.registry, item, asking.activity, asking.actor, area, said)
    matter = scenario.matter(
        request, asking.at, asking.known_at, announced_only=asking.announced_only
    )
    return Asked(scenario, request, matter, determine(matter))


def ask_freedom(asking: Asking, items: Sequence[str] = (), areas: Sequence[str] = ()) -> Freedom:
    """Determine the freedom of action of a holder: the actor of the question.

    Raises:
        QuestionError: a name is not known.
    """
    _check_names(asking, items, areas)
    return freedom(
        asking.scenario.registry,
        asking.scenario.books,
        asking.actor,
        asking.at,
        known_at=asking.known_at,
        announced_only=asking.announced_only,
        activity=asking.activity,
        items=items,
        areas=areas,
        said=asking.said,
    )


def _check_names(asking: Asking, items: Sequence[str], areas: Sequence[str]) -> None:
    said = asking.said
    for section, names in (
        ("parties", [asking.actor]),
        ("items", [*items, *(said.services or ()), *(said.platforms or ())]),
        ("codes", areas),
        ("targets", [said.target]),
        ("purposes", [said.purpose]),
        ("states", [said.recipient]),
    ):
        for name in names:
            _known(asking.scenario, section, name)


_SECTIONS = {
    "items": "item",
    "parties": "party",
    "codes": "ISO 3166 area",
    "targets": "category of target",
    "purposes": "purpose",
    "states": "party or ISO 3166-1 country",
}


def _known(scenario: Scenario, section: str, name: str | None) -> None:
    known = scenario.registry.vocabularies[section]
    if name is not None and name != NONE and name not in known:
        hint = (
            nearest(name, known)
            or _by_name(name, known)
            or f"It is no {_SECTIONS[section]} of {scenario.name}."
        )
        raise QuestionError(f"{name} is not known here. {hint}")


def _by_name(name: str, known: Collection[str]) -> str:
    """Return `Did you mean …?` with the code of the area that is called so."""
    called = (code for code, title in iso_names().items() if title.lower().startswith(name.lower()))
    found = next((code for code in called if code in known), None)
    return f"Did you mean {found} ({iso_names()[found]})?" if found else ""
