"""A picture from left to right: boxes in columns, and curves between them.

Four columns are as wide as the card of a case on a screen of 1280 pixels leaves for them with every
word at 11 pixels or more: narrower columns, not smaller words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from placet.drawing.boxes import Box, Link
from placet.drawing.layered import Placement, place
from placet.drawing.pictures import ARROW, Drawing, Edge, Picture, arc

__all__ = ["drawn"]

_MARGIN, _BETWEEN, _GAP, _TOP = 6.0, 46.0, 14.0, 40.0
_REQUEST, _ITEM, _PARTY = 206.0, 172.0, 236.0


def drawn(picture: Picture, link: Link | None = None) -> str:
    """Return the picture as one SVG element. The first column is what is asked, the last who."""
    return _Across(picture, link).svg()


@dataclass(frozen=True)
class _Across(Drawing):
    @cached_property
    def widths(self) -> list[float]:
        """The width of each column."""
        return [_REQUEST, *[_ITEM] * (len(self.picture.headings) - 2), _PARTY]

    @cached_property
    def lefts(self) -> list[float]:
        """Where each column begins; the last one further off where many lines lead to it."""
        steps = [width + _BETWEEN for width in self.widths[:-1]]
        parties = sum(self._to_party(each) for each in self.picture.edges)
        steps[-1] += min(5.0 * max(parties - 6, 0), _BETWEEN)
        return list(accumulate(steps, initial=_MARGIN))

    def _to_party(self, edge: Edge) -> bool:
        return self.boxes[edge.target].node.column == len(self.widths) - 1

    @property
    def width(self) -> float:
        return self.lefts[-1] + self.widths[-1] + _MARGIN

    @property
    def bottom(self) -> float:
        return _TOP + self.placed.height

    @property
    def margin(self) -> float:
        return _MARGIN

    @cached_property
    def boxes(self) -> dict[str, Box]:
        return {node.key: Box(node, self.widths[node.column]) for node in self.picture.nodes}

    @cached_property
    def placed(self) -> Placement:
        """Where everything stands below the headings."""
        columns: list[list[str]] = [[] for _ in self.widths]
        for node in self.picture.nodes:
            columns[node.column].append(node.key)
        arcs = [arc(edge) for edge in self.picture.edges]
        return place(columns, arcs, {key: box.height for key, box in self.boxes.items()}, _GAP)

    def headings(self) -> Iterator[tuple[str, float, float, float]]:
        for heading, x, width in zip(self.picture.headings, self.lefts, self.widths, strict=True):
            yield heading, x, 20.0, width

    def corner(self, key: str) -> tuple[float, float]:
        box = self.boxes[key]
        return self.lefts[box.node.column], _TOP + self.placed.middles[key] - box.height / 2

    @cached_property
    def ends(self) -> dict[Edge, float]:
        """The height at which each line arrives, spread over its box from the top."""
        arriving: dict[str, list[tuple[float, Edge]]] = {}
        for edge in self.picture.edges:
            bends = self.placed.bends[arc(edge)]
            since = bends[-1][1] if bends else self.placed.middles[edge.source]
            arriving.setdefault(edge.target, []).append((since, edge))
        ends: dict[Edge, float] = {}
        for target, found in arriving.items():
            found.sort(key=lambda each: each[0])
            step = min(13.0, (self.boxes[target].height - 18) / max(len(found) - 1, 1))
            first = self.placed.middles[target] - step * (len(found) - 1) / 2
            ends.update({edge: first + step * at for at, (_, edge) in enumerate(found)})
        return ends

    def way(self, edge: Edge) -> tuple[str, float, float]:
        source, target = self.boxes[edge.source], self.boxes[edge.target]
        x = self.lefts[source.node.column] + source.width
        y = _TOP + self.placed.middles[edge.source]
        path = f"M{x:.1f} {y:.1f}"
        for column, height in self.placed.bends[arc(edge)]:
            path += _bend(x, y, self.lefts[column], _TOP + height)
            x, y = self.lefts[column] + self.widths[column], _TOP + height
            path += f"H{x:.1f}"
        tip, end = self.lefts[target.node.column] - 1, _TOP + self.ends[edge]
        return path + _bend(x, y, tip - ARROW, end), tip, end


def _bend(x: float, y: float, to_x: float, to_y: float) -> str:
    half = (x + to_x) / 2
    return f"C{half:.1f} {y:.1f} {half:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
