"""The boxes of a picture: what each says, how it is wrapped, and how a status looks.

A status shows three times, as a colour, a sign and a word, so that none of them is needed to read
the picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from placet.drawing.svg import content, safe_link, tag, width_of, words, wrapped

__all__ = ["LEGEND", "LOOKS", "MUTED", "TEXT", "Box", "Link", "Node", "sign"]

Link = Callable[[str], str]
"""Gives the address of a node's page by the node's key, or an empty text for none."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a status looks: colours, its sign as a path, and how its box is framed."""

    fill: str
    line: str
    ink: str
    sign: str
    thick: float = 1.25
    dashes: str | None = None


LOOKS: Mapping[str, Look] = {
    "clear": Look("#e4f3ea", "#1b7a43", "#0f5c30", "M-3.6 .2-1.2 2.8 3.6-2.6"),
    "review": Look("#fff1d6", "#8f5d00", "#744700", "M0-4.2V.4L2.8 2.2"),
    "refuse": Look("#fde8e8", "#a8161b", "#8c1114", "M-2.8-2.8 2.8 2.8M2.8-2.8-2.8 2.8", 2.25),
    "open": Look(
        "#e8eef6",
        "#47607d",
        "#33495f",
        "M-2.3-1.7A2.35 2.35 0 1 1 .9.3C.2.7 0 1 0 1.7M0 4V4.1",
        dashes="5 3",
    ),
    "given": Look("#e4f3ea", "#1b7a43", "#0f5c30", "M-3.6 .2-1.2 2.8 3.6-2.6", 2.25),
    "waiting": Look("#fff1d6", "#8f5d00", "#744700", "M0-4.2V.4L2.8 2.2"),
    "returned": Look("#f0e9f4", "#6b4a80", "#54386a", "M3-3V1.5H-3.4M-1-1-3.6 1.5-1 4"),
    "withdrawn": Look("#ededf0", "#4b4f58", "#33363d", "M-5.6 5.6 5.6-5.6", 1.75, "2 3"),
    "": Look("#ffffff", "#7a8696", "#3f4b5b", ""),
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

_NAVY = Look("#14365f", "#14365f", "#ffffff", "")
_DARK, MUTED, _PALE = "#16202c", "#475260", "#d5dfec"
_PAD, _CORNER = 12.0, 5.0
_TITLE, TEXT, _SMALL = 13.5, 12.5, 12.0


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
class Box:
    """A node's text, wrapped into a width, which gives its height."""

    node: Node
    width: float

    @property
    def look(self) -> Look:
        """How its status looks; the first column, what is asked, has a look of its own."""
        return LOOKS[self.node.status] if self.node.column else _NAVY

    @cached_property
    def rows(self) -> tuple[_Row, ...]:
        """Every row of text, from the top."""
        node, dark = self.node, not self.node.column
        room = self.width - 2 * _PAD
        beside = room - (22 if node.status and not dark else 0)
        title = wrapped(node.title, beside, _TITLE, bold=True, lines=4 if dark else 3)
        rows = [
            _Row(line, _PAD, 22 + 17 * index, _TITLE, "#ffffff" if dark else _DARK, bold=True)
            for index, line in enumerate(title)
        ]
        rows += self._flow(rows[-1].y + (24 if dark else 19) if rows else 22, room)
        y = rows[-1].y + (4 if dark or rows[-1].chip else 2)
        for said, ink in ((node.lines, "#ffffff" if dark else _DARK), (node.notes, self._muted)):
            for text in said:
                for line in wrapped(text, room, TEXT, lines=6 if dark else 2):
                    y += 16
                    rows.append(_Row(line, _PAD, y, TEXT, ink))
                y += 2
            y += 1 if said else 0
        return tuple(rows)

    @property
    def _muted(self) -> str:
        return MUTED if self.node.column else _PALE

    def _flow(self, y: float, room: float) -> Iterator[_Row]:
        """Yield the status word and after it the chips, on as many rows as they need."""
        dark = not self.node.column
        ink = "#ffffff" if dark else self.look.ink
        at = indent = 21.0 if dark and self.node.status else 0.0
        for index, line in enumerate(
            wrapped(self.node.word, room - indent, TEXT, bold=True, lines=4)
        ):
            y += 16 if index else 0
            at = indent + width_of(line, TEXT, bold=True) + 4
            yield _Row(line, _PAD + indent, y, TEXT, ink, bold=True)
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
            return sign(self.node.status, x + self.width - 20, y + 17)
        row = next(row for row in self.rows if row.x > _PAD)
        return sign(self.node.status, x + _PAD + 7, y + row.y - 4, "#ffffff")


def _chip(x: float, y: float, width: float, look: Look) -> str:
    place_ = {"x": x, "y": y, "width": width, "height": 17, "rx": 8.5}
    return tag("rect", {**place_, "fill": "#ffffff", "stroke": look.line, "stroke-width": 0.75})


def sign(status: str, x: float, y: float, ink: str | None = None) -> str:
    """Return the sign of a status: a mark within a circle, drawn so that no font is needed."""
    line = ink or LOOKS[status].line
    pen = {"stroke": line, "stroke-width": 1.5, "stroke-linecap": "round"}
    ring = {"r": 7.5, "fill": "none" if ink else "#ffffff", "stroke": line, "stroke-width": 1.1}
    return tag(
        "g",
        {"transform": f"translate({x:.1f} {y:.1f})", "aria-hidden": "true"},
        tag("circle", ring),
        tag("path", {"d": LOOKS[status].sign, "fill": "none", **pen}),
    )
