"""A scenario's story: requests at dates, a matrix and a map, in an order that tells it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from placet.analysis import Freedom
from placet.determination import determine
from placet.errors import Problem, QuestionError, ScenarioError
from placet.operations.scenarios.asking import Asked, Asking, ask_freedom
from placet.operations.scenarios.scenario import Scenario, load_filed, load_scenario
from placet.registry import Activity, Record, read
from placet.registry.facts import Moment, Text
from placet.registry.loading import typed

__all__ = [
    "Story",
    "StoryMatrix",
    "StoryStep",
    "Told",
    "load_story",
    "tell",
    "tell_all",
    "tell_matrix",
]


class StoryStep(Record):
    """One request at one date, and a line that says where we are."""

    request: Text
    at: Moment
    known_at: Moment | None = None
    says: Text | None = None


class StoryMatrix(Record):
    """The freedom of action of a holder at a date."""

    holder: Text
    at: Moment
    areas: tuple[Text, ...] = ()


class Story(Record):
    """What `story.yaml` holds."""

    title: Text
    steps: tuple[StoryStep, ...]
    matrix: StoryMatrix | None = None
    map: StoryStep | None = None


@dataclass(frozen=True)
class Told:
    """One step of a story with its answer."""

    step: StoryStep
    asked: Asked


def load_story(folder: Path) -> tuple[Scenario, Story]:
    """Load a scenario and its story.

    Raises:
        QuestionError: the scenario has no story.yaml.
        ScenarioError: with every problem found.
    """
    scenario = load_scenario(folder)
    path = folder / "story.yaml"
    if not path.is_file():
        raise QuestionError(f"{folder} has no story.yaml to tell")
    document = read(path)
    problems: list[Problem] = []
    story = typed(Story, document.plain, document.where, problems)
    if story is None:
        raise ScenarioError(problems)
    return scenario, story


def tell(scenario: Scenario, step: StoryStep) -> Told:
    """Answer one step of a story.

    Raises:
        QuestionError: the step names no request of the scenario.
        RequestError: with every problem found in the request.
    """
    path = scenario.folder / "requests" / f"{step.request}.yaml"
    if not path.is_file():
        raise QuestionError(f"the story names a request {step.request}, and there is no {path}")
    request = load_filed(path, scenario.registry).request
    matter = scenario.matter(request, step.at, step.known_at)
    return Told(step, Asked(scenario, request, matter, determine(matter)))


def tell_all(scenario: Scenario, story: Story) -> Iterator[Told]:
    """Answer every step of a story, in order."""
    return (tell(scenario, step) for step in story.steps)


def tell_matrix(scenario: Scenario, matrix: StoryMatrix) -> Freedom:
    """Answer a story's matrix."""
    asking = Asking(scenario, matrix.holder, Activity.USE, matrix.at)
    return ask_freedom(asking, areas=matrix.areas)
