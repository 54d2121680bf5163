"""A time line as a picture: rows of bars over years, each bar with its word; today is a line.

It is drawn across, names beside the bars; and as narrow as a phone, each name above its bar.
A bar that begins or ends at a day known only within bounds is hatched there by a dashed edge. A
status shows as a colour, an edge and a word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

from placet.drawing.svg import FONTS, content, safe_link, tag, width_of, words, wrapped
from placet.drawing.wording import worded
from placet.registry import Start, written

__all__ = ["Bar", "Row", "time_spans"]

_LOOKS = {
    "in force": ("#e4f3ea", "#1b7a43", "#0f5c30", None),
    "may be in force": ("#e8eef6", "#47607d", "#33495f", "5 3"),
    "superseded": ("#ededf0", "#4b4f58", "#33363d", None),
    "over": ("#ededf0", "#4b4f58", "#33363d", None),
    "withdrawn": ("#fde8e8", "#a8161b", "#8c1114", None),
    "acting": ("#fff1d6", "#8f5d00", "#744700", "5 3"),
}
_PLAIN = ("#ffffff", "#7a8696", "#3f4b5b", None)
_INK, _MUTED, _GRID = "#16202c", "#475260", "#e1e5ea"
_TOP, _HIGH, _GAP = 34.0, 24.0, 10.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A span of time; without a beginning or an end it is open there. `status` is a word."""

    start: Start | None
    end: Start | None
    status: str
    says: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: what it is called, its address if it has a page, and its bars."""

    label: str
    bars: tuple[Bar, ...]
    link: str = ""


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the bars stand: `above` is the height of a name that stands over them, if it does."""

    width: float
    left: float
    right: float
    above: float = 0.0

    @property
    def pitch(self) -> float:
        """How far one row is from the next."""
        return self.above + _HIGH + _GAP


_ACROSS = _Frame(1180.0, 300.0, 16.0)
_DOWN = _Frame(334.0, 2.0, 2.0, 18.0)


def time_spans(id_: str, title: str, rows: Sequence[Row], day: datetime) -> tuple[str, str]:
    """Return rows of spans as two accessible SVG elements, across and narrow, with a line at a day.

    Both say the same; a page shows one of them.
    """
    return (
        _drawn(id_, title, rows, day, _ACROSS),
        _drawn(f"{id_}-down", title, rows, day, _DOWN),
    )


def _drawn(id_: str, title: str, rows: Sequence[Row], day: datetime, frame: _Frame) -> str:
    scale = _Scale(*_bounds(rows, day), frame)
    height = _TOP + len(rows) * frame.pitch + 22
    about = " ".join(f"{row.label}: {'; '.join(map(_told, row.bars))}." for row in rows)
    size = {"width": frame.width, "height": height}
    linked = any(row.link for row in rows)
    placed = [(_TOP + at * frame.pitch, row) for at, row in enumerate(rows)]
    opening: dict[str, object] = {
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": f"0 0 {frame.width:.0f} {height:.0f}",
        **size,
        "role": "group" if linked else "img",
        "aria-labelledby": f"{id_}-title {id_}-about",
        "font-family": FONTS,
    }
    return tag(
        "svg",
        opening,
        tag("title", {"id": f"{id_}-title"}, content(title)),
        tag("desc", {"id": f"{id_}-about"}, content(about)),
        tag("rect", {**size, "fill": "#ffffff"}),
        *_grid(scale, height),
        *(_bar(bar, y + frame.above, scale) for y, row in placed for bar in row.bars),
        *_today(scale, day, height),
        *(part for y, row in placed for part in _written(row, y, scale)),
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    first: datetime
    last: datetime
    frame: _Frame

    def x(self, moment: datetime) -> float:
        whole = (self.last - self.first).total_seconds()
        part = (min(max(moment, self.first), self.last) - self.first).total_seconds()
        frame = self.frame
        return frame.left + (frame.width - frame.left - frame.right) * part / whole


def _bounds(rows: Sequence[Row], day: datetime) -> tuple[datetime, datetime]:
    """Return the time shown: all that is dated, and the day, with a margin."""
    moments = [day]
    for row in rows:
        for bar in row.bars:
            moments += [bar.start.earliest] if bar.start else []
            moments += [bar.end.latest] if bar.end else []
    span = max(max(moments) - min(moments), timedelta(days=60))
    return min(moments) - span / 30, max(moments) + span / 12


def _grid(scale: _Scale, height: float) -> Iterator[str]:
    """Yield a line and a name for each year, or for each quarter where there are few."""
    years = scale.last.year - scale.first.year
    step = 12 * max(1, years // (8 if scale.frame is _ACROSS else 4)) if years > 2 else 3
    year, month = scale.first.year, 1
    while (moment := datetime(year, month, 1, tzinfo=UTC)) < scale.last:
        if moment > scale.first:
            x = scale.x(moment)
            line = {"x1": x, "x2": x, "y1": _TOP - 8, "y2": height - 20, "stroke": _GRID}
            yield tag("line", line)
            name = str(year) if step >= 12 else f"{year}-{month:02}"
            yield words(name, max(x, 16.0), _TOP - 14, 11, _MUTED, mid=True)
        year, month = year + (month - 1 + step) // 12, (month - 1 + step) % 12 + 1


def _written(row: Row, y: float, scale: _Scale) -> Iterator[str]:
    """Yield the words of a row: its label, and in each bar what fits there."""
    frame = scale.frame
    wide, x, down = (frame.width, frame.left, 12) if frame.above else (frame.left, 12, 16)
    lines = wrapped(row.label, wide - 24, 12.5, lines=1)
    label = words(lines[0] if lines else "", x, y + down, 12.5, _INK)
    address = safe_link(row.link) if row.link else None
    yield tag("a", {"href": address, "aria-label": row.label}, label) if address else label
    for bar in row.bars:
        start, width = _extent(bar, scale)
        said, after = bar.says or bar.status, start + width + 6
        last, room = bar is row.bars[-1], frame.width - after
        places = (
            (said, start + 7, width - 14),
            (said, after, room if last else 0.0),
            (bar.status, start + 7, width - 14),
        )
        found = ((text, x) for text, x, free in places if width_of(text, 11) <= free)
        for text, x in islice(found, 1):
            ink = _LOOKS.get(bar.status, _PLAIN)[2]
            yield words(text, x, y + frame.above + 16, 11, ink)


def _bar(bar: Bar, y: float, scale: _Scale) -> str:
    fill, line, _, dashes = _LOOKS.get(bar.status, _PLAIN)
    start, width = _extent(bar, scale)
    unsure = any(each is not None and not each.exact for each in (bar.start, bar.end))
    box = {"x": start, "y": y, "width": width, "height": _HIGH, "rx": 3}
    paint = {"fill": fill, "stroke": line, "stroke-dasharray": "5 3" if unsure else dashes}
    return tag("g", {}, tag("title", {}, content(_told(bar))), tag("rect", {**box, **paint}))


def _extent(bar: Bar, scale: _Scale) -> tuple[float, float]:
    """Return where a bar begins, and how wide it is: as long as it may have lasted."""
    start = scale.x(bar.start.earliest) if bar.start else scale.x(scale.first)
    end = scale.x(bar.end.latest) if bar.end else scale.x(scale.last)
    return start, max(end - start, 4.0)


def _told(bar: Bar) -> str:
    start = f"from {bar.start}" if bar.start else "always"
    end = f" until {bar.end}" if bar.end else ""
    said = f"{bar.says}, " if bar.says else ""
    return f"{said}{bar.status} {start}{end}"


def _today(scale: _Scale, day: datetime, height: float) -> Iterator[str]:
    x = scale.x(day)
    line = {"x1": x, "x2": x, "y1": _TOP - 8, "y2": height - 20}
    yield tag("line", {**line, "stroke": "#14365f", "stroke-width": 1.5})
    x = min(max(x, scale.frame.left + 36), scale.frame.width - 38)
    yield words(worded(written(day)[:10]), x, height - 6, 11, "#14365f", bold=True, mid=True)
