"""Which open questions can still change the result.

A question matters if two completions that differ in its answer alone have
different results. What the other groups require in any case is joined to both
before they are compared: a question whose answer is drowned by a refusal
elsewhere is not asked. The lattice being distributive, the least that the
others require is the one that can drown the least, so comparing with it alone
is exact.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from placet.determination.completions import Completed, Completion, Group, differ_only_in
from placet.determination.judgement import Judged
from placet.determination.verdict import BOTTOM, Verdict, at_least
from placet.policy import Outcome

__all__ = ["Question", "mattering"]


@dataclass(frozen=True, slots=True)
class Question:
    """An answer that is not given: its key, and whether it surely can change the result."""

    key: str
    certain: bool


Place: TypeAlias = tuple[str, str, str]
"""What is compared: what a party requires on a line, or whether a service is withdrawn for it."""

Result: TypeAlias = Mapping[Place, Verdict]

_WITHDRAWN = Verdict(Outcome.REFUSE)


def mattering(completed: Completed) -> tuple[Question, ...]:
    """Return the questions that matter, in order; those of bounded groups may matter."""
    vague = {place for group in completed.bounded for place in _places(group)}
    results = [[_result(each, group) for each in group.completions] for group in completed.exact]
    least = [_least(each) for each in results]
    asking = [n for n, group in enumerate(completed.exact) if len(group.completions) > 1]
    settled = _joined(each for n, each in enumerate(least) if n not in asking)
    certain: set[str] = set()
    possible: set[str] = set(completed.open)
    for n in asking:
        group, found = completed.exact[n], results[n]
        floor = _joined([settled, *(least[other] for other in asking if other != n)])
        deciding = set(_deciding(group.completions, [_over(each, floor, ()) for each in found]))
        possible |= deciding
        if vague:
            apart = [_over(each, floor, vague) for each in found]
            deciding = set(_deciding(group.completions, apart))
        certain |= deciding
    return tuple(Question(key, key in certain) for key in sorted(possible))


def _places(group: Group) -> Iterator[Place]:
    """Yield every place that a group may have a say in."""
    for completion in group.completions:
        yield from _result(completion, group)
    for part in group.parts:
        party = part.connection.party if part.connection else ""
        yield part.line, party, part.service


def _result(completion: Completion, group: Group) -> Result:
    """Return what a group requires in one completion, by every reading of what is disputed."""
    found: dict[Place, Verdict] = {}
    for _, reading in completion.readings:
        for part, result in zip(group.parts, reading, strict=True):
            if isinstance(result, Judged):
                place = (part.line, result.connection.party, "")
                found[place] = found.get(place, BOTTOM) | result.verdict
            elif result:
                found[part.line, "", part.service] = _WITHDRAWN
    return found


def _least(results: Sequence[Result]) -> Result:
    places = {place for each in results for place in each}
    return {place: at_least(each.get(place, BOTTOM) for each in results) for place in places}


def _joined(results: Iterable[Result]) -> Result:
    joined: dict[Place, Verdict] = {}
    for each in results:
        for place, verdict in each.items():
            joined[place] = joined[place] | verdict if place in joined else verdict
    return joined


def _over(result: Result, floor: Result, vague: Collection[Place]) -> Result:
    """Return a result joined to what the others require; only where something is required."""
    whole = _joined((result, floor))
    return {place: each for place, each in whole.items() if each != BOTTOM and place not in vague}


def _deciding(completions: Sequence[Completion], results: Sequence[Result]) -> Iterator[str]:
    """Yield each question for which two completions that differ in it alone differ in result."""
    distinct: list[Result] = []
    numbers: list[int] = []
    for each in results:
        if each not in distinct:
            distinct.append(each)
        numbers.append(distinct.index(each))
    if len(distinct) > 1:
        for key in sorted({key for each in completions for key in each.answers}):
            if _decides(key, completions, numbers):
                yield key


def _decides(key: str, completions: Sequence[Completion], numbers: Sequence[int]) -> bool:
    having = [index for index, each in enumerate(completions) if key in each.answers]
    return any(
        numbers[first] != numbers[second]
        and differ_only_in(key, completions[first].answers, completions[second].answers)
        for position, first in enumerate(having)
        for second in having[position + 1 :]
    )
