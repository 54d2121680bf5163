"""A warm determination: the judgement alone, with everything loaded.

Measured: one determination of a request that answers everything, of one that leaves one answer
out, and of the same with several left out; then where the time of each goes. Against: the complete
request. A factor above it is the price of what is not said.

A request that no condition tells from an earlier one is not judged again: it is measured with its
digests, against the same requests judged one by one.

The stages overlap on purpose: each is the whole way up to and including it, from a matter that
remembers nothing, so that what a stage costs is the difference from the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from benchmarks.measuring import Result, rounds, rows
from placet.determination import Determination, Matter, Precedents, determine
from placet.determination.completions import complete
from placet.operations.scenarios.scenario import Scenario, load_filed, load_scenario
from placet.registry import Request

__all__ = ["run"]

SCENARIO = Path(__file__).resolve().parent.parent / "scenarios" / "ukraine-long-range"
AT = datetime(2025, 7, 1, tzinfo=UTC)
LEFT_OUT = ("area", "target", "services")
_MANY = 40


def run(count: int) -> Iterator[Result]:
    """Measure warm determinations, then their stages."""
    scenario = load_scenario(SCENARIO)

    def filed(name: str) -> Request:
        return load_filed(SCENARIO / "requests" / f"{name}.yaml", scenario.registry).request

    complete_one = filed("storm-shadow-in-russia")
    cases = {
        "complete": complete_one,
        "one left out": complete_one.model_copy(update={"services": None}),
        "three left out": complete_one.model_copy(update=dict.fromkeys(LEFT_OUT)),
    }

    def matter(request: Request) -> Matter:
        return scenario.matter(request, AT)

    seconds = rounds(
        {name: partial(_determined, matter, each) for name, each in cases.items()}, count
    )
    remarks = tuple(_shape(name, matter(each)) for name, each in cases.items())
    yield Result("Warm determination", "ms", rows(seconds, 1e3, "complete"), "complete", remarks)
    yield _like(scenario, complete_one, count)
    for name, each in cases.items():
        stages = rounds(
            {stage: partial(done, matter, each) for stage, done in _STAGES.items()}, count
        )
        base = "+ written down"
        yield Result(f"Where the time goes: {name}", "ms", rows(stages, 1e3, base), base)


def _determined(matter: Callable[[Request], Matter], request: Request) -> Determination:
    return determine(matter(request))


_STAGES: Mapping[str, Callable[[Callable[[Request], Matter], Request], object]] = {
    "connections": lambda matter, request: matter(request).connections,
    "+ judged over completions": lambda matter, request: complete(matter(request)),
    "+ written down": _determined,
    "+ canonical bytes, digest": lambda matter, request: _determined(matter, request).digest,
}


def _like(scenario: Scenario, request: Request, count: int) -> Result:
    """Measure requests of different names, places and numbers that are alike to the conditions."""
    areas = ("RU-KRS", "RU-KRS", "RU-BEL", "RU-BRY")
    many = [
        request.model_copy(update={"request": f"request-{n}", "area": areas[n % len(areas)]})
        for n in range(_MANY)
    ]
    precedents = Precedents(scenario.registry, scenario.books, scenario.context)
    seconds = rounds(
        {
            "judged anew": lambda: [determine(scenario.matter(each, AT)).digest for each in many],
            "like an earlier one": lambda: [
                each.digest for each in precedents.determine_all(many, AT)
            ],
        },
        count,
    )
    shown = rows(seconds, 1e6 / _MANY, "judged anew")
    return Result("A request like an earlier one, with its digest", "µs", shown, "judged anew")


def _shape(name: str, matter: Matter) -> str:
    found = determine(matter)
    asked = ", ".join(each.key for each in found.open_questions) or "nothing"
    connections = sum(len(each) for each in matter.connections.values())
    parties = len(found.parties)
    return f"{name}: {connections} connections, {parties} parties have a say, {asked} asked."
