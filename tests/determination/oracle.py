"""The judgement by brute force: every reading of every completion, all rights at once, no classes.

It shares the judgement of one right in one world with the product, and nothing of what
the product does to be quick: no groups, no attribute classes, no bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from itertools import product
from operator import or_
from typing import Any, TypeAlias

from building import Built, Plain
from placet.conditions import EvaluationFailure, Open, Value
from placet.determination import (
    BOTTOM,
    Matter,
    Required,
    Standing,
    Verdict,
    World,
    at_least,
    at_most,
    is_dispute,
    judge,
)
from placet.determination.judgement import home_review
from placet.registry import ItemKind, StockClass

Result: TypeAlias = Mapping[tuple[str, str], Verdict]
"""What each party requires on each line; `withdrawn` services stand under the party `""`."""

READINGS = 3000

USED = {"services": "uses:data", "platforms": "uses:launcher"}
"""The one service and the one platform of generated registries."""


def readings(matter: Matter, answers: Mapping[str, Value] | None = None) -> Iterator[World]:
    """Yield every world that settles all that is disputed; raises Open for a question."""
    pending: list[dict[str, Value]] = [dict(answers or {})]
    yielded = 0
    while pending:
        choices = pending.pop()
        world = World(matter, choices)
        try:
            of_world(world)
        except Open as question:
            if not is_dispute(question.key):
                raise
            pending += [{**choices, question.key: value} for value in (True, False)]
        else:
            yielded += 1
            assert yielded < READINGS
            yield world


def of_world(world: World) -> Result:
    """Return what holds in one world, by joining every right that is present in it."""
    found: dict[tuple[str, str], Verdict] = {}
    for line, every in world.matter.connections.items():
        counted = False
        for connection in every:
            judged = judge(connection, world)
            if judged is None or judged.standing is Standing.SET_ASIDE:
                continue
            counted = counted or bool(connection.guards)
            key = (line, connection.party)
            found[key] = found.get(key, BOTTOM) | judged.verdict
        if not counted:
            key = (line, world.matter.request.actor)
            found[key] = found.get(key, BOTTOM) | home_review(world)
        for service in withdrawn(world, line):
            found[line, f"withdrawn:{service}"] = home_review(world)
    return found


def withdrawn(world: World, line: str) -> Iterator[str]:
    """Yield the services that the line relies on in this world and that cannot be had."""
    reached: set[str] = set()
    for connection in world.matter.connections[line]:
        below = [
            item
            for item in connection.path[1:]
            if world.matter.registry.item(item).kind is ItemKind.SERVICE
        ]
        if below and present(world, connection):
            reached.update(below)
    for service in sorted(reached):
        try:
            had = world.available(service, line)
        except EvaluationFailure:
            had = False
        if not had:
            yield service


def present(world: World, connection: Any) -> bool:
    """Say whether a connection is present; one whose condition has no value counts as present."""
    try:
        return bool(world.present(connection))
    except EvaluationFailure:
        return True


def joined(results: list[Result]) -> dict[tuple[str, str], Verdict]:
    """Join results, right by right."""
    keys = {key for each in results for key in each}
    return {key: at_most(each.get(key, BOTTOM) for each in results) for key in keys}


def met(results: list[Result]) -> dict[tuple[str, str], Verdict]:
    """Meet results, right by right."""
    keys = {key for each in results for key in each}
    return {key: at_least(each.get(key, BOTTOM) for each in results) for key in keys}


def plainly(matter: Matter, answers: Mapping[str, Value] | None = None) -> Result:
    """Judge a matter that leaves no question open: the stricter of every reading holds."""
    return joined([of_world(world) for world in readings(matter, answers)])


def total(result: Result) -> Verdict:
    """Join what every party requires on every line; a withdrawn service is no requirement."""
    kept = (each for (_, party), each in result.items() if not party.startswith("withdrawn:"))
    return reduce(or_, kept, BOTTOM)


def of_party(result: Result, party: str) -> Verdict:
    """Join what one party requires on every line."""
    kept = (verdict for (_, holder), verdict in result.items() if holder == party)
    return reduce(or_, kept, BOTTOM)


Answers: TypeAlias = tuple[tuple[str, Any], ...]


def completions(
    scenario: Built, request: Plain, domains: Mapping[str, tuple[Any, ...]], at: str
) -> dict[Answers, Result]:
    """Fill in every open field in every way, file each request, and judge each plainly.

    What only the registry can answer (a stock class, a posture) is answered in the world.
    """
    found: dict[Answers, Result] = {}
    fields = [field for field in domains if field in open_fields(request)]
    for values in product(*(domains[field] for field in fields)):
        chosen = dict(zip(fields, values, strict=True))
        matter = scenario.matter(completed(request, chosen), at)
        for answers, result in recorded(matter):
            found[tuple(sorted({**keyed(chosen), **answers}.items()))] = result
    return found


def recorded(matter: Matter) -> Iterator[tuple[dict[str, Value], Result]]:
    """Yield the result for every value of what the registry does not record."""
    pending: list[dict[str, Value]] = [{}]
    while pending:
        answers = pending.pop()
        try:
            result = plainly(matter, answers)
        except Open as question:
            kind, _, name = question.key.partition(":")
            if kind not in ("stock", "posture"):
                raise
            values = (
                [each.value for each in StockClass]
                if kind == "stock"
                else list(matter.registry.record.posture[name].values)
            )
            pending += [{**answers, question.key: value} for value in values]
        else:
            yield answers, result


def open_fields(request: Plain) -> set[str]:
    """Return the fields of a request that are left out or unknown."""
    line = request["lines"]["one"]
    known = {key for key, value in request.items() if value != "unknown"}
    known |= {f"{key}:one" for key in line if line[key] != "unknown"}
    if "serials" in line:
        known.add("lot:one")
    every = {"recipient", "area", "target", "purpose", "services", "platforms"}
    return (every | {"quantity:one", "lot:one"}) - known


_UNRECORDED = "not-on-record"


def completed(request: Plain, chosen: Mapping[str, Any]) -> Plain:
    """Return the request with fields filled in, and a serial number for each piece asked for."""
    filled = {**request, "lines": {"one": dict(request["lines"]["one"])}}
    for field, value in chosen.items():
        name, _, line = field.partition(":")
        if line and name == "lot" and value == "(unrecorded)":
            filled["lines"][line]["serials"] = [_UNRECORDED]
            filled["lines"][line].pop("lot", None)
        elif line:
            filled["lines"][line][name] = value
        else:
            filled[name] = value
    for line in filled["lines"].values():
        if all(each.startswith(_UNRECORDED) for each in line.get("serials", ["a given one"])):
            count = int(line["quantity"]) if str(line.get("quantity")).isdigit() else 1
            line["serials"] = [f"{_UNRECORDED}-{each}" for each in range(max(count, 1))]
    return filled


def keyed(chosen: Mapping[str, Any]) -> dict[str, Value]:
    """Return what was filled in as answers to the questions that the product asks."""
    found: dict[str, Value] = {}
    for field, value in chosen.items():
        if field in ("services", "platforms"):
            found[USED[field]] = value != "none"
        elif field.startswith("quantity"):
            found[field] = int(value)
        else:
            found[field] = "" if value == "none" else value
    return found


def shape(verdict: Verdict) -> tuple[Any, ...]:
    """Return a verdict in a form that compares with the data of a determination."""
    return (
        verdict.outcome.word,
        sorted((name, each.persons, each.reserved) for name, each in verdict.offices.items()),
        sorted(each.text for each in verdict.provisos),
        sorted(str(each.notify or each.consult or each.wait_days) for each in verdict.steps),
        sorted(str(each.event or each.consent_of) for each in verdict.provided),
    )


def shown(required: Required) -> tuple[Any, ...]:
    """Return what a determination requires in the same form."""
    return (
        required.outcome,
        sorted((each.office, each.persons, each.reserved) for each in required.by),
        sorted(each["text"] for each in required.provisos),
        sorted(str(next(iter(each.values()))) for each in required.steps),
        sorted(str(next(iter(each.values()))) for each in required.provided),
    )
