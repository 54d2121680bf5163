"""A picture from top to bottom, as narrow as a phone: boxes in one column, lines at their left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from placet.drawing.boxes import Box, Link
from placet.drawing.layered import Arc
from placet.drawing.pictures import ARROW, Drawing, Edge, Picture, arc
from placet.drawing.stacked import Stack, lanes_of, stacked

__all__ = ["drawn_down"]

_WIDTH, _MARGIN = 334.0, 2.0
_GAP, _HEADING = 12.0, 30.0
_STEM, _PITCH, _LANES, _BEND = 18.0, 9.0, 66.0, 6.0


def drawn_down(picture: Picture, link: Link | None = None) -> str:
    """Return the picture as one SVG element that a phone can show whole: what is asked is on top.

    It says what `drawn` says, box by box, and leads where that leads.
    """
    return _Down(replace(picture, id=f"{picture.id}-down"), link).svg()


@dataclass(frozen=True)
class _Down(Drawing):
    @property
    def width(self) -> float:
        return _WIDTH

    @property
    def bottom(self) -> float:
        return self.stack.height

    @property
    def margin(self) -> float:
        return _MARGIN

    @cached_property
    def order(self) -> list[list[str]]:
        """The keys of the boxes beneath each heading."""
        found: list[list[str]] = [[] for _ in self.picture.headings]
        for node in self.picture.nodes:
            found[node.column].append(node.key)
        return found

    @cached_property
    def lanes(self) -> Mapping[Arc, int]:
        """In which lane each line runs, counted from the boxes."""
        return lanes_of(self.order, [arc(each) for each in self.picture.edges])

    @cached_property
    def pitch(self) -> float:
        """How far lanes are apart: less where there are many."""
        return min(_PITCH, _LANES / max([1, *self.lanes.values()]))

    @cached_property
    def left(self) -> float:
        """Where the boxes begin."""
        return _MARGIN + _STEM + self.pitch * max(self.lanes.values(), default=0) + 3

    @cached_property
    def boxes(self) -> dict[str, Box]:
        width = _WIDTH - _MARGIN - self.left
        return {node.key: Box(node, width) for node in self.picture.nodes}

    @cached_property
    def stack(self) -> Stack:
        """Where everything stands."""
        heights = {key: box.height for key, box in self.boxes.items()}
        return stacked(self.order, self.lanes, heights, _GAP, _HEADING)

    def headings(self) -> Iterator[tuple[str, float, float, float]]:
        for heading, top in zip(self.picture.headings, self.stack.headings, strict=True):
            yield heading, self.left, top + _HEADING - 12, _WIDTH - self.left

    def corner(self, key: str) -> tuple[float, float]:
        return self.left, self.stack.tops[key]

    def way(self, edge: Edge) -> tuple[str, float, float]:
        placed = arc(edge)
        start, end = self.stack.ends[placed]
        x = self.left - _STEM - self.pitch * self.lanes[placed]
        bend, tip = min(_BEND, (end - start) / 2), self.left - 1
        path = (
            f"M{self.left:.1f} {start:.1f}H{x + bend:.1f}"
            f"Q{x:.1f} {start:.1f} {x:.1f} {start + bend:.1f}V{end - bend:.1f}"
            f"Q{x:.1f} {end:.1f} {x + bend:.1f} {end:.1f}H{tip - ARROW:.1f}"
        )
        return path, tip, end
