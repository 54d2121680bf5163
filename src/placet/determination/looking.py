"""Looking: the facts besides rights that a rule's conditions looked at, stock and posture."""

from __future__ import annotations

from collections.abc import Iterator

from placet.conditions import Call, EvaluationFailure, Open, evaluate, walk
from placet.determination.judgement import Judged
from placet.determination.world import Matter, Sight, World
from placet.policy import Rule
from placet.registry import Fact, Presence

__all__ = ["looked_at"]


def looked_at(judged: Judged, matter: Matter) -> Iterator[tuple[str, Fact]]:
    """Yield each stock position and posture that the rules of a right looked at, by its name."""
    for matched in judged.matched:
        policy = matter.books[matched.book].policies.get(matched.policy)
        rule = policy.rules.get(matched.rule) if policy else None
        if rule is not None:
            yield from _of_rule(rule, judged, matter)


def _of_rule(rule: Rule, judged: Judged, matter: Matter) -> Iterator[tuple[str, Fact]]:
    world = World(matter)
    sight = Sight(world, world.line(judged.connection.line), judged.connection)
    for text in (rule.when, rule.stated):
        if text is not None:
            for node in walk(matter.registry.condition(text, "rule").tree):
                if isinstance(node, Call) and node.function in ("stock", "posture"):
                    yield from _of_call(node, sight, matter)


def _of_call(call: Call, sight: Sight, matter: Matter) -> Iterator[tuple[str, Fact]]:
    try:
        names = [str(evaluate(each, sight)) for each in call.arguments]
    except (Open, EvaluationFailure):
        return
    if call.function == "stock":
        party, item = names
        for key, position in matter.stock_of(party, item):
            if matter.presence(position) is not Presence.OUT:
                yield f"stock/{key}", position
    elif names[0] in matter.registry.record.posture:
        for index, entry in matter.posture_of(names[0]):
            if matter.presence(entry) is not Presence.OUT:
                yield f"posture/{names[0]}/{index}", entry
