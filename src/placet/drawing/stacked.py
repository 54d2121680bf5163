"""The placing of boxes one below another, and of the lines that run in lanes beside them.

A line leaves its box at the side, goes down a lane and comes back to a box below. Lines of one
source that look alike (the same *strand*) share a lane; two strands share one only where the one
has ended before the other begins. Short ones are nearest to the boxes, so that few lines cross.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from placet.drawing.layered import Arc

__all__ = ["Stack", "lanes_of", "stacked"]

_APART, _EDGE = 12.0, 9.0


@dataclass(frozen=True, slots=True)
class Stack:
    """Where all stands: headings, boxes by their tops, and where each line begins and ends."""

    headings: tuple[float, ...]
    tops: Mapping[str, float]
    ends: Mapping[Arc, tuple[float, float]]
    height: float


def lanes_of(order: Sequence[Sequence[str]], arcs: Iterable[Arc]) -> dict[Arc, int]:
    """Return the lane of each line, counted from the boxes outwards."""
    place = {key: at for at, key in enumerate(key for part in order for key in part)}
    strands: dict[tuple[str, str], list[Arc]] = {}
    for each in arcs:
        strands.setdefault((each.source, each.strand), []).append(each)
    runs = [
        (place[source], max(place[each.target] for each in along), along)
        for (source, _), along in strands.items()
    ]
    taken: list[list[tuple[int, int]]] = []
    found: dict[Arc, int] = {}
    for start, end, along in sorted(runs, key=lambda run: (run[1] - run[0], run[0])):
        free = (
            lane
            for lane, held in enumerate(taken)
            if all(end <= first or last <= start for first, last in held)
        )
        lane = next(free, len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append((start, end))
        found.update(dict.fromkeys(along, lane))
    return found


def stacked(
    order: Sequence[Sequence[str]],
    lanes: Mapping[Arc, int],
    heights: Mapping[str, float],
    gap: float,
    heading: float,
) -> Stack:
    """Place the boxes beneath their headings, and the ends of the lines along their sides."""
    headings: list[float] = []
    tops: dict[str, float] = {}
    y = 0.0
    for part in order:
        headings.append(y)
        y += heading
        for key in part:
            tops[key] = y
            y += heights[key] + gap
    ends = _ends(tops, lanes, heights)
    return Stack(tuple(headings), tops, ends, y - gap)


def _ends(
    tops: Mapping[str, float], lanes: Mapping[Arc, int], heights: Mapping[str, float]
) -> dict[Arc, tuple[float, float]]:
    """Return where each line begins and ends: at each box those that arrive above those that leave.

    Of those that arrive the outermost is the lowest, of those that leave the highest: so none
    crosses another at its box.
    """
    arrive: dict[Arc, float] = {}
    leave: dict[tuple[str, str], float] = {}
    for key, top in tops.items():
        coming = sorted((each for each in lanes if each.target == key), key=lanes.__getitem__)
        going = {each.strand: lanes[each] for each in lanes if each.source == key}
        leaving = sorted(going, key=lambda strand: -going[strand])
        count = len(coming) + len(leaving)
        step = min(_APART, (heights[key] - 2 * _EDGE) / max(count - 1, 1))
        first = top + heights[key] / 2 - step * (count - 1) / 2
        arrive.update({each: first + step * at for at, each in enumerate(coming)})
        first += step * len(coming)
        leave.update({(key, each): first + step * at for at, each in enumerate(leaving)})
    return {each: (leave[each.source, each.strand], arrive[each]) for each in lanes}
