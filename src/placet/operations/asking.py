"""Asking: the determination of a filed request, or of a question without one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from placet.analysis.freedom import Freedom, bare_request, freedom
from placet.determination import Determination, determine
from placet.errors import QuestionError
from placet.operations.scenario import Scenario, load_filed, load_scenario, scenario_of
from placet.registry import Activity, Request
from placet.registry.loading import nearest

__all__ = ["Asked", "ask", "ask_freedom", "ask_who"]


@dataclass(frozen=True)
class Asked:
    """A request, the scenario it stands in, and what was determined."""

    scenario: Scenario
    request: Request
    determination: Determination


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
    return Asked(scenario, request, determine(matter))


def ask_who(
    scenario: Scenario,
    item: str,
    activity: Activity,
    at: datetime,
    *,
    actor: str,
    area: str | None = None,
    target: str | None = None,
    known_at: datetime | None = None,
) -> Asked:
    """Determine who holds a say over an item, without a request.

    Raises:
        QuestionError: a name is not known.
    """
    for section, name in (
        ("items", item),
        ("parties", actor),
        ("codes", area),
        ("targets", target),
    ):
        _known(scenario, section, name)
    request = bare_request(scenario.registry, item, activity, actor, area, target)
    return Asked(scenario, request, determine(scenario.matter(request, at, known_at)))


def ask_freedom(
    scenario: Scenario,
    holder: str,
    at: datetime,
    *,
    activity: Activity = Activity.USE,
    items: Sequence[str] = (),
    areas: Sequence[str] = (),
    target: str | None = None,
    known_at: datetime | None = None,
) -> Freedom:
    """Determine the freedom of action of a holder.

    Raises:
        QuestionError: a name is not known.
    """
    _known(scenario, "parties", holder)
    _known(scenario, "targets", target)
    for section, names in (("items", items), ("codes", areas)):
        for name in names:
            _known(scenario, section, name)
    return freedom(
        scenario.registry,
        scenario.books,
        holder,
        at,
        known_at=known_at,
        activity=activity,
        items=items,
        areas=areas,
        target=target,
    )


_SECTIONS = {"items": "item", "parties": "party", "codes": "ISO 3166 area", "targets": "target"}


def _known(scenario: Scenario, section: str, name: str | None) -> None:
    known = scenario.registry.vocabularies[section]
    if name is not None and name not in known:
        hint = nearest(name, known) or f"It is no {_SECTIONS[section]} of {scenario.name}."
        raise QuestionError(f"{name} is not known here. {hint}")
