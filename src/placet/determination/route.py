"""The route: the stages a request goes through, each party after those it waits for.

A stage names who advises, what must be done on the way, and who decides. A
circle of "if you agree" is named, never assumed to resolve itself (DESIGN §3).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from graphlib import TopologicalSorter

from placet.determination.answer import PartyAnswer, Stage
from placet.determination.judgement import Effect, Judged
from placet.determination.world import Matter

__all__ = ["route_of"]

_SPEAKING = frozenset({Effect.APPLIES, Effect.BEYOND_STATED, Effect.FAILED})


def route_of(
    matter: Matter, parties: Iterable[PartyAnswer], judged: Iterable[Judged]
) -> tuple[Stage, ...]:
    """Return a stage for each party that must or may have to decide, in the order of waiting."""
    deciding = {each.party: each for each in parties if _may_review(each)}
    advisers = _advisers(matter, judged)
    order, circle = _ordered(deciding)
    return tuple(
        Stage(
            party=each,
            by=deciding[each].by,
            reserved=deciding[each].reserved,
            advice_from=tuple(sorted(advisers.get(each, set()))),
            steps=deciding[each].at_most.steps,
            waits_for=deciding[each].waits_for,
            circle=each in circle,
        )
        for each in order
    )


def _may_review(answer: PartyAnswer) -> bool:
    """Say whether a party decides in some completion: what refuses in all of them is not asked."""
    return answer.at_least.outcome != "refuse" and bool(answer.at_most.by)


def _advisers(matter: Matter, judged: Iterable[Judged]) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    for each in judged:
        for matched in each.matched:
            policy = matter.books[matched.book].policies.get(matched.policy)
            rule = policy.rules.get(matched.rule) if policy else None
            if rule is not None and matched.effect in _SPEAKING:
                found.setdefault(each.connection.party, set()).update(rule.advice_from)
    return found


def _ordered(deciding: Mapping[str, PartyAnswer]) -> tuple[list[str], frozenset[str]]:
    """Return the parties in order of waiting, and those that wait for each other in a circle."""
    waiting = {
        party: {each for each in answer.waits_for if each in deciding}
        for party, answer in sorted(deciding.items())
    }
    circle = frozenset(_circling(waiting))
    sorter = TopologicalSorter({each: waiting[each] - circle for each in waiting.keys() - circle})
    sorter.prepare()
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order.extend(ready)
        sorter.done(*ready)
    return [*order, *sorted(circle)], circle


def _circling(waiting: Mapping[str, set[str]]) -> Iterator[str]:
    """Yield every party that waits, directly or through others, for itself."""
    for party in waiting:
        reached: set[str] = set()
        pending = list(waiting[party])
        while pending:
            each = pending.pop()
            if each not in reached:
                reached.add(each)
                pending.extend(waiting.get(each, ()))
        if party in reached:
            yield party
