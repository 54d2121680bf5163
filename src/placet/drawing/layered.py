"""The placing of a layered graph: who stands above whom in each column, and how high.

Arcs run from a column to one further right. Where an arc passes a column, it
gets a place of its own there, so that no line runs through a box; arcs of one
source that look alike (the same *strand*) share that place. Columns are
ordered by barycentre and by exchanging neighbours, keeping the order with the
fewest crossings; heights are then the least-squares answer to "stand level
with what you are tied to", boxes apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

__all__ = ["Arc", "Placement", "place"]

_SWEEPS = 12
_ROUNDS = 24
_LANE = 10.0


@dataclass(frozen=True, slots=True)
class Arc:
    """A line from a node to one in a later column."""

    source: str
    target: str
    strand: str = ""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where everything stands: the middle of each node, the bends of each arc, the height of all.

    A bend is a column's index and the height at which the arc passes it.
    """

    middles: Mapping[str, float]
    bends: Mapping[Arc, tuple[tuple[int, float], ...]]
    height: float


def place(
    columns: Sequence[Sequence[str]], arcs: Sequence[Arc], heights: Mapping[str, float], gap: float
) -> Placement:
    """Place the nodes of each column, `gap` apart at least."""
    grid = _grid(columns, arcs)
    order = _ordered(grid)
    sizes = {**{lane: _LANE for each in order for lane in each}, **heights}
    middles = _settled(order, grid, sizes, gap)
    top = min((middles[key] - sizes[key] / 2 for key in sizes), default=0.0)
    middles = {key: round(middle - top) for key, middle in middles.items()}
    bottom = max((middles[key] + sizes[key] / 2 for key in sizes), default=0.0)
    bends = {
        arc: tuple((column, middles[lane]) for column, lane in lanes)
        for arc, lanes in grid.lanes.items()
    }
    return Placement({key: middles[key] for key in heights}, bends, bottom)


@dataclass(frozen=True)
class _Grid:
    """Columns with the lanes of passing arcs, and what is tied to what in the next column."""

    columns: list[list[str]]
    lanes: Mapping[Arc, tuple[tuple[int, str], ...]]
    left: Mapping[str, list[str]]
    right: Mapping[str, list[str]]


def _grid(columns: Sequence[Sequence[str]], arcs: Sequence[Arc]) -> _Grid:
    filled = [list(column) for column in columns]
    column_of = {key: index for index, column in enumerate(columns) for key in column}
    lanes: dict[Arc, tuple[tuple[int, str], ...]] = {}
    left: dict[str, list[str]] = {key: [] for key in column_of}
    right: dict[str, list[str]] = {key: [] for key in column_of}
    for arc in arcs:
        passed = range(column_of[arc.source] + 1, column_of[arc.target])
        lanes[arc] = tuple((at, f"{arc.source}\n{arc.strand}\n{at}") for at in passed)
        for at, lane in lanes[arc]:
            if lane not in left:
                filled[at].append(lane)
                left[lane], right[lane] = [], []
        for one, other in pairwise([arc.source, *(lane for _, lane in lanes[arc]), arc.target]):
            if other not in right[one]:
                right[one].append(other)
                left[other].append(one)
    return _Grid(filled, lanes, left, right)


def _ordered(grid: _Grid) -> list[list[str]]:
    """Return the columns in the order with the fewest crossings that was met."""
    order = [list(column) for column in grid.columns]
    best, fewest = [list(column) for column in order], _crossings(order, grid)
    for sweep in range(_SWEEPS):
        ties = grid.left if sweep % 2 == 0 else grid.right
        step = 1 if sweep % 2 == 0 else -1
        for index in list(range(len(order)))[::step]:
            beside = order[index - step] if 0 <= index - step < len(order) else []
            order[index] = _by_barycentre(order[index], beside, ties)
        _exchange(order, grid)
        found = _crossings(order, grid)
        if found < fewest:
            best, fewest = [list(column) for column in order], found
    return best


def _by_barycentre(
    column: list[str], beside: list[str], ties: Mapping[str, list[str]]
) -> list[str]:
    at = {key: index for index, key in enumerate(beside)}

    def weight(each: tuple[int, str]) -> float:
        tied = [at[other] for other in ties[each[1]] if other in at]
        return sum(tied) / len(tied) if tied else float(each[0])

    return [key for _, key in sorted(enumerate(column), key=weight)]


def _exchange(order: list[list[str]], grid: _Grid) -> None:
    """Exchange neighbours wherever that leaves fewer crossings, until nothing is gained."""
    at = {key: index for column in order for index, key in enumerate(column)}
    for column in order:
        gained = True
        while gained:
            gained = False
            for low, (one, other) in enumerate(pairwise(column)):
                if _crossed(one, other, grid, at) > _crossed(other, one, grid, at):
                    column[low], column[low + 1] = other, one
                    at[one], at[other] = low + 1, low
                    gained = True
                    break


def _crossed(upper: str, lower: str, grid: _Grid, at: Mapping[str, int]) -> int:
    """Return how often the lines of two nodes of one column cross, the one above the other."""
    return sum(
        at[one] > at[other]
        for ties in (grid.left, grid.right)
        for one in ties[upper]
        for other in ties[lower]
    )


def _crossings(order: Sequence[Sequence[str]], grid: _Grid) -> int:
    found = 0
    for column, following in pairwise(order):
        at = {key: index for index, key in enumerate(following)}
        ends = [(index, at[to]) for index, key in enumerate(column) for to in grid.right[key]]
        found += sum((a[0] - b[0]) * (a[1] - b[1]) < 0 for a, b in combinations(ends, 2))
    return found


def _settled(
    order: Sequence[Sequence[str]], grid: _Grid, sizes: Mapping[str, float], gap: float
) -> dict[str, float]:
    middles: dict[str, float] = {}
    for column in order:
        middles.update(_apart(column, dict.fromkeys(column, 0.0), sizes, gap))
    for turn in range(_ROUNDS):
        for column in order if turn % 2 == 0 else order[::-1]:
            wished = {key: _level(key, grid, middles) for key in column}
            middles.update(_apart(column, wished, sizes, gap))
    return middles


def _level(key: str, grid: _Grid, middles: Mapping[str, float]) -> float:
    tied = [middles[other] for other in (*grid.left[key], *grid.right[key])]
    return sum(tied) / len(tied) if tied else middles[key]


def _apart(
    column: Sequence[str], wished: Mapping[str, float], sizes: Mapping[str, float], gap: float
) -> dict[str, float]:
    """Return the places nearest to those wished (least squares) that keep the order and the gap.

    Distances taken away, this is an isotonic regression: neighbours that
    would stand too close are pooled and share their mean.
    """
    offsets: list[float] = []
    pools: list[tuple[float, int]] = []
    for index, key in enumerate(column):
        before = column[index - 1] if index else key
        step = (sizes[before] + sizes[key]) / 2 + gap if index else 0.0
        offsets.append((offsets[-1] if offsets else 0.0) + step)
        pools.append((wished[key] - offsets[-1], 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (one, many), (other, more) = pools.pop(-2), pools.pop(-1)
            pools.append(((one * many + other * more) / (many + more), many + more))
    shared = [mean for mean, count in pools for _ in range(count)]
    return {key: shared[index] + offsets[index] for index, key in enumerate(column)}
