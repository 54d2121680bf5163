"""A picture of boxes and the lines between them: its frame, its words and its legend.

Knows nothing of determinations. Where boxes and lines stand is for each kind of drawing to say.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from placet.drawing.boxes import LEGEND, LOOKS, MUTED, TEXT, Box, Link, Node, sign
from placet.drawing.layered import Arc
from placet.drawing.svg import FONTS, content, tag, width_of, words, wrapped

__all__ = ["ARROW", "Drawing", "Edge", "Picture", "arc"]

ARROW = 9.0
"""How long the head of a line is."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A curve from one node to another, dashed unless it is certain; a status may be empty."""

    source: str
    target: str
    status: str
    certain: bool


@dataclass(frozen=True)
class Picture:
    """Everything there is to draw. The first column holds what is asked, the last the parties.

    `dashed` says what a dashed line means.
    """

    id: str
    title: str
    about: str
    headings: tuple[str, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    dashed: str = "waiting or not certain"


def arc(edge: Edge) -> Arc:
    """Return a line as it is placed: lines of one source that look alike go one way."""
    return Arc(edge.source, edge.target, f"{edge.status} {edge.certain}")


@dataclass(frozen=True)
class Drawing(ABC):
    """Draws a picture; what inherits from it says where boxes and lines stand."""

    picture: Picture
    link: Link | None

    @property
    @abstractmethod
    def width(self) -> float:
        """How wide the picture is."""

    @property
    @abstractmethod
    def bottom(self) -> float:
        """Where the last box ends."""

    @property
    @abstractmethod
    def margin(self) -> float:
        """How far from the left the legend begins."""

    @cached_property
    @abstractmethod
    def boxes(self) -> Mapping[str, Box]:
        """Every box by the key of its node."""

    @abstractmethod
    def corner(self, key: str) -> tuple[float, float]:
        """Return the upper left corner of a box."""

    @abstractmethod
    def headings(self) -> Iterator[tuple[str, float, float, float]]:
        """Yield each heading with its place and how much room it has."""

    @abstractmethod
    def way(self, edge: Edge) -> tuple[str, float, float]:
        """Return the way of a line as a path, and where the tip of its head is."""

    def svg(self) -> str:
        """Return the whole picture, the same bytes for the same picture."""
        legend, height = self._legend(self.bottom + 34)
        size = {"width": self.width, "height": height}
        title, about = f"{self.picture.id}-title", f"{self.picture.id}-about"
        opening: dict[str, object] = {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {self.width:.0f} {height:.0f}",
            **size,
            # What is inside an image is hidden from assistive technology: links must not be.
            "role": "group" if self.link else "img",
            "aria-labelledby": f"{title} {about}",
            "direction": "ltr",
            "font-family": FONTS,
        }
        return tag(
            "svg",
            opening,
            tag("title", {"id": title}, content(self.picture.title)),
            tag("desc", {"id": about}, content(self.picture.about)),
            tag("rect", {**size, "fill": "#ffffff"}),
            *self._headings(),
            tag("g", {"fill": "none", "aria-hidden": "true"}, *self._lines()),
            *(box.marked(*self.corner(key), self.link) for key, box in self.boxes.items()),
            legend,
        )

    def _headings(self) -> Iterator[str]:
        for heading, x, y, room in self.headings():
            shown = "".join(wrapped(heading, room, TEXT, bold=True, lines=1))
            yield words(shown, x, y, TEXT, MUTED, bold=True)

    def _lines(self) -> Iterator[str]:
        """Yield the lines, the strictest last so that it lies on top."""
        order = ["", *LEGEND]
        for edge in sorted(self.picture.edges, key=lambda each: order.index(each.status)):
            path, x, y = self.way(edge)
            muted = edge.status in ("review", "waiting", "")
            ink = "#6b7686" if muted else LOOKS[edge.status].line
            yield tag("path", {"d": path, "stroke": ink, **_stroke(edge)})
            yield tag("path", {"d": f"M{x:.1f} {y:.1f}l-10-5v10z", "fill": ink})

    def _legend(self, y: float) -> tuple[str, float]:
        """Return the legend of the statuses in use, and where it ends."""
        picture, left = self.picture, self.margin + 2
        used = {each.status for each in picture.nodes} | {each.status for each in picture.edges}
        entries = [(sign(each, 8, -4), LEGEND[each]) for each in LEGEND if each in used]
        lines: dict[bool, str] = {True: "certain", False: picture.dashed}
        solid = {_solid(edge) for edge in picture.edges}
        for kind in (True, False):
            if kind in solid and False in solid:
                dashes = None if kind else "5 4"
                pen = {"stroke": "#6b7686", "stroke-width": 1.6, "stroke-dasharray": dashes}
                entries.append((tag("path", {"d": "M-8-4H16", **pen}), lines[kind]))
        parts: list[str] = []
        x = left
        for mark, text in entries:
            room = width_of(text, TEXT) + 40
            if x > left and x + room > self.width:
                x, y = left, y + 22
            parts.append(tag("g", {"transform": f"translate({x:.1f} {y:.1f})"}, mark))
            parts.append(words(text, x + 22, y, TEXT, MUTED))
            x += room
        return tag("g", {"data-legend": "statuses"}, *parts), y + 16


def _solid(edge: Edge) -> bool:
    return edge.certain and edge.status in ("clear", "given", "returned", "refuse", "")


def _stroke(edge: Edge) -> Mapping[str, object]:
    dashes = {"withdrawn": "2 4"}.get(edge.status, None if _solid(edge) else "5 4")
    return {"stroke-width": 2.0 if edge.status == "refuse" else 1.6, "stroke-dasharray": dashes}
