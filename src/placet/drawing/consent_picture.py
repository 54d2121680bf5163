"""How a consent map is drawn: boxes in columns, curves between them, a legend underneath.

Knows nothing of determinations. A status shows three times, as a colour, a
sign and a word, so that none of them is needed to read the picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from placet.drawing.layered import Arc, Placement, place
from placet.drawing.svg import FONTS, content, safe_link, tag, width_of, words, wrapped

__all__ = ["LEGEND", "Edge", "Link", "Node", "Picture", "drawn"]

Link = Callable[[str], str]
"""Gives the address of a node's page by the node's key, or an empty text for none."""


@dataclass(frozen=True, slots=True)
class _Look:
    fill: str
    line: str
    ink: str
    sign: str
    thick: float = 1.25
    dashes: str | None = None


_LOOKS: Mapping[str, _Look] = {
    "clear": _Look("#e4f3ea", "#1b7a43", "#0f5c30", "M-3.6 .2-1.2 2.8 3.6-2.6"),
    "review": _Look("#fff1d6", "#8f5d00", "#744700", "M0-4.2V.4L2.8 2.2"),
    "refuse": _Look("#fde8e8", "#a8161b", "#8c1114", "M-2.8-2.8 2.8 2.8M2.8-2.8-2.8 2.8", 2.25),
    "open": _Look(
        "#e8eef6",
        "#47607d",
        "#33495f",
        "M-2.3-1.7A2.35 2.35 0 1 1 .9.3C.2.7 0 1 0 1.7M0 4V4.1",
        dashes="5 3",
    ),
    "given": _Look("#e4f3ea", "#1b7a43", "#0f5c30", "M-3.6 .2-1.2 2.8 3.6-2.6", 2.25),
    "waiting": _Look("#fff1d6", "#8f5d00", "#744700", "M0-4.2V.4L2.8 2.2"),
    "returned": _Look("#f0e9f4", "#6b4a80", "#54386a", "M3-3V1.5H-3.4M-1-1-3.6 1.5-1 4"),
    "withdrawn": _Look("#ededf0", "#4b4f58", "#33363d", "M-5.6 5.6 5.6-5.6", 1.75, "2 3"),
    "": _Look("#ffffff", "#7a8696", "#3f4b5b", ""),
}
LEGEND = {
    "clear": "Clear",
    "given": "Said yes",
    "review": "Must say yes",
    "waiting": "Waiting",
    "returned": "Returned",
    "refuse": "Refused",
    "open": "Open",
    "withdrawn": "Withdrawn",
}
"""The statuses, from the mildest, with the word that the legend has for each."""

_NAVY = _Look("#14365f", "#14365f", "#ffffff", "")
_DARK, _MUTED, _PALE = "#16202c", "#475260", "#d5dfec"

_MARGIN, _BETWEEN, _GAP, _PAD = 12.0, 66.0, 14.0, 12.0
_REQUEST, _ITEM, _PARTY = 204.0, 182.0, 244.0
_TOP, _ARROW, _CORNER = 40.0, 9.0, 5.0
_TITLE, _TEXT, _SMALL = 13.5, 12.0, 11.0


@dataclass(frozen=True, slots=True)
class Node:
    """A box: its status as a key of `LEGEND` and as a word, then what it says below that.

    `whole` is everything it says, uncut, for a reader who cannot see it.
    """

    key: str
    column: int
    title: str
    status: str
    word: str
    whole: str
    chips: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


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


def drawn(picture: Picture, link: Link | None = None) -> str:
    """Return the picture as one SVG element, the same bytes for the same picture."""
    return _Drawing(picture, link).svg()


@dataclass(frozen=True, slots=True)
class _Row:
    """A piece of text in a box, at its place from the box's corner; a chip has a border."""

    text: str
    x: float
    y: float
    size: float
    ink: str
    bold: bool = False
    chip: float = 0.0


@dataclass(frozen=True)
class _Box:
    """A node's text, wrapped into a width, which gives its height."""

    node: Node
    width: float

    @property
    def look(self) -> _Look:
        return _LOOKS[self.node.status] if self.node.column else _NAVY

    @cached_property
    def rows(self) -> tuple[_Row, ...]:
        """Every row of text, from the top."""
        node, dark = self.node, not self.node.column
        room = self.width - 2 * _PAD
        beside = room - (22 if node.status and not dark else 0)
        title = wrapped(node.title, beside, _TITLE, bold=True, lines=5 if dark else 3)
        rows = [
            _Row(line, _PAD, 22 + 17 * index, _TITLE, "#ffffff" if dark else _DARK, bold=True)
            for index, line in enumerate(title)
        ]
        rows += self._flow(rows[-1].y + (24 if dark else 19) if rows else 22, room)
        y = rows[-1].y + (4 if dark or rows[-1].chip else 2)
        for said, ink in ((node.lines, "#ffffff" if dark else _DARK), (node.notes, self.muted)):
            for text in said:
                for line in wrapped(text, room, _TEXT, lines=4 if dark else 2):
                    y += 16
                    rows.append(_Row(line, _PAD, y, _TEXT, ink))
            y += 3 if said else 0
        return tuple(rows)

    @property
    def muted(self) -> str:
        return _MUTED if self.node.column else _PALE

    def _flow(self, y: float, room: float) -> Iterator[_Row]:
        """Yield the status word and after it the chips, on as many rows as they need."""
        dark = not self.node.column
        ink = "#ffffff" if dark else self.look.ink
        at = indent = 21.0 if dark and self.node.status else 0.0
        for index, line in enumerate(
            wrapped(self.node.word, room - indent, _TEXT, bold=True, lines=4)
        ):
            y += 16 if index else 0
            at = indent + width_of(line, _TEXT, bold=True) + 4
            yield _Row(line, _PAD + indent, y, _TEXT, ink, bold=True)
        for chip in self.node.chips:
            text = "".join(wrapped(chip, room - 14, _SMALL, lines=1))
            width = width_of(text, _SMALL) + 14
            if at + width > room:
                at, y = 0.0, y + 21
            yield _Row(text, _PAD + at + 7, y, _SMALL, self.look.ink, chip=width)
            at += width + 6

    @property
    def height(self) -> float:
        """The height that the rows need."""
        return max(row.y for row in self.rows) + 12

    def marked(self, x: float, y: float, link: Link | None) -> str:
        """Return the box with its text at a place, as a link where there is a page for it."""
        inner = [tag("title", {}, content(self.node.whole)), self._frame(x, y)]
        for row in self.rows:
            if row.chip:
                inner.append(_chip(x + row.x - 7, y + row.y - 12.5, row.chip, self.look))
            at = x + row.x + max(row.chip / 2 - 7, 0)
            mid, bold = bool(row.chip), row.bold
            inner.append(words(row.text, at, y + row.y, row.size, row.ink, bold=bold, mid=mid))
        inner.append(self._sign(x, y))
        address = safe_link(link(self.node.key)) if link else None
        name = {"data-node": self.node.key, "aria-label": self.node.whole}
        if address is None:
            return tag("g", {"role": "group", **name}, *inner)
        return tag("a", {"href": address, **name}, *inner)

    def _frame(self, x: float, y: float) -> str:
        look = self.look
        place_ = {"x": x, "y": y, "width": self.width, "height": self.height, "rx": _CORNER}
        paint = {"fill": look.fill, "stroke": look.line, "stroke-width": look.thick}
        return tag("rect", {**place_, **paint, "stroke-dasharray": look.dashes})

    def _sign(self, x: float, y: float) -> str:
        if not self.node.status:
            return ""
        if self.node.column:
            return _sign(self.node.status, x + self.width - 20, y + 17)
        row = next(row for row in self.rows if row.x > _PAD)
        return _sign(self.node.status, x + _PAD + 7, y + row.y - 4, "#ffffff")


@dataclass(frozen=True)
class _Drawing:
    picture: Picture
    link: Link | None

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

    @cached_property
    def boxes(self) -> dict[str, _Box]:
        return {node.key: _Box(node, self.widths[node.column]) for node in self.picture.nodes}

    @cached_property
    def placed(self) -> Placement:
        columns: list[list[str]] = [[] for _ in self.widths]
        for node in self.picture.nodes:
            columns[node.column].append(node.key)
        arcs = [_arc(edge) for edge in self.picture.edges]
        return place(columns, arcs, {key: box.height for key, box in self.boxes.items()}, _GAP)

    def svg(self) -> str:
        """Return the whole picture."""
        width = self.lefts[-1] + self.widths[-1] + _MARGIN
        legend, bottom = _legend(self.picture, _TOP + self.placed.height + 34, width)
        size = {"width": width, "height": bottom}
        title, about = f"{self.picture.id}-title", f"{self.picture.id}-about"
        opening: dict[str, object] = {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {width:.0f} {bottom:.0f}",
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
            tag("g", {"fill": "none", "aria-hidden": "true"}, *self._curves()),
            *(box.marked(*self._corner(key), self.link) for key, box in self.boxes.items()),
            legend,
        )

    def _headings(self) -> Iterator[str]:
        for heading, x, width in zip(self.picture.headings, self.lefts, self.widths, strict=True):
            shown = "".join(wrapped(heading, width, _TEXT, bold=True, lines=1))
            yield words(shown, x, 20, _TEXT, _MUTED, bold=True)

    def _corner(self, key: str) -> tuple[float, float]:
        box = self.boxes[key]
        return self.lefts[box.node.column], _TOP + self.placed.middles[key] - box.height / 2

    def _curves(self) -> Iterator[str]:
        """Yield the curves, the strictest last so that it lies on top."""
        order = ["", *LEGEND]
        ends = self._ends()
        for edge in sorted(self.picture.edges, key=lambda each: order.index(each.status)):
            yield from self._curve(edge, ends[edge])

    def _ends(self) -> dict[Edge, float]:
        """Return the height at which each edge arrives, spread over its box from the top."""
        arriving: dict[str, list[tuple[float, Edge]]] = {}
        for edge in self.picture.edges:
            bends = self.placed.bends[_arc(edge)]
            since = bends[-1][1] if bends else self.placed.middles[edge.source]
            arriving.setdefault(edge.target, []).append((since, edge))
        ends: dict[Edge, float] = {}
        for target, found in arriving.items():
            found.sort(key=lambda each: each[0])
            step = min(13.0, (self.boxes[target].height - 18) / max(len(found) - 1, 1))
            first = self.placed.middles[target] - step * (len(found) - 1) / 2
            ends.update({edge: first + step * at for at, (_, edge) in enumerate(found)})
        return ends

    def _curve(self, edge: Edge, end: float) -> Iterator[str]:
        source, target = self.boxes[edge.source], self.boxes[edge.target]
        x = self.lefts[source.node.column] + source.width
        y = _TOP + self.placed.middles[edge.source]
        path = f"M{x:.1f} {y:.1f}"
        for column, height in self.placed.bends[_arc(edge)]:
            path += _bend(x, y, self.lefts[column], _TOP + height)
            x, y = self.lefts[column] + self.widths[column], _TOP + height
            path += f"H{x:.1f}"
        tip = self.lefts[target.node.column] - 1
        path += _bend(x, y, tip - _ARROW, _TOP + end)
        muted = edge.status in ("review", "waiting", "")
        ink = "#6b7686" if muted else _LOOKS[edge.status].line
        yield tag("path", {"d": path, "stroke": ink, **_stroke(edge)})
        arrow = f"M{tip:.1f} {_TOP + end:.1f}l-10-5v10z"
        yield tag("path", {"d": arrow, "fill": ink})


def _arc(edge: Edge) -> Arc:
    return Arc(edge.source, edge.target, f"{edge.status} {edge.certain}")


def _solid(edge: Edge) -> bool:
    return edge.certain and edge.status in ("clear", "given", "returned", "refuse", "")


def _stroke(edge: Edge) -> Mapping[str, object]:
    dashes = {"withdrawn": "2 4"}.get(edge.status, None if _solid(edge) else "5 4")
    return {"stroke-width": 2.0 if edge.status == "refuse" else 1.6, "stroke-dasharray": dashes}


def _bend(x: float, y: float, to_x: float, to_y: float) -> str:
    half = (x + to_x) / 2
    return f"C{half:.1f} {y:.1f} {half:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"


def _chip(x: float, y: float, width: float, look: _Look) -> str:
    place_ = {"x": x, "y": y, "width": width, "height": 17, "rx": 8.5}
    return tag("rect", {**place_, "fill": "#ffffff", "stroke": look.line, "stroke-width": 0.75})


def _sign(status: str, x: float, y: float, ink: str | None = None) -> str:
    """Return the sign of a status: a mark within a circle, drawn so that no font is needed."""
    line = ink or _LOOKS[status].line
    pen = {"stroke": line, "stroke-width": 1.5, "stroke-linecap": "round"}
    ring = {"r": 7.5, "fill": "none" if ink else "#ffffff", "stroke": line, "stroke-width": 1.1}
    return tag(
        "g",
        {"transform": f"translate({x:.1f} {y:.1f})", "aria-hidden": "true"},
        tag("circle", ring),
        tag("path", {"d": _LOOKS[status].sign, "fill": "none", **pen}),
    )


def _legend(picture: Picture, y: float, width: float) -> tuple[str, float]:
    """Return the legend of the statuses in use, and where it ends."""
    used = {each.status for each in picture.nodes} | {each.status for each in picture.edges}
    entries = [(_sign(each, 8, -4), LEGEND[each]) for each in LEGEND if each in used]
    lines: dict[bool, str] = {True: "certain", False: picture.dashed}
    solid = {_solid(edge) for edge in picture.edges}
    for kind in (True, False):
        if kind in solid and False in solid:
            dashes = None if kind else "5 4"
            pen = {"stroke": "#6b7686", "stroke-width": 1.6, "stroke-dasharray": dashes}
            entries.append((tag("path", {"d": "M-8-4H16", **pen}), lines[kind]))
    parts: list[str] = []
    x = _MARGIN + 2
    for mark, text in entries:
        room = width_of(text, _TEXT) + 40
        if x > _MARGIN + 2 and x + room > width:
            x, y = _MARGIN + 2, y + 22
        parts.append(tag("g", {"transform": f"translate({x:.1f} {y:.1f})"}, mark))
        parts.append(words(text, x + 22, y, _TEXT, _MUTED))
        x += room
    return tag("g", {"data-legend": "statuses"}, *parts), y + 16
