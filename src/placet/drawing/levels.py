"""A stock as a picture: figures recorded, the floor, and what approved and asked would leave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from placet.drawing.svg import FONTS, content, tag, width_of, words

__all__ = ["Ahead", "Figure", "level_charts"]

_INK, _MUTED, _GRID, _NAVY = "#16202c", "#475260", "#e1e5ea", "#14365f"
_FLOOR, _YELLOW = "#a8161b", "#8f5d00"
_HEIGHT, _TOP, _BOTTOM = 300.0, 28.0, 40.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A recorded level and the moment from which it holds."""

    since: datetime
    level: int


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is left when what is approved has been used, and when all that is asked for has too."""

    after_approved: int
    after_pending: int


@dataclass(frozen=True, slots=True)
class _Frame:
    """How wide the picture is, and where the trend and each bar beside it stand."""

    width: float
    left: float
    right: float
    margin: float
    pitch: float
    bar: float


_ACROSS = _Frame(720.0, 60.0, 250.0, 24.0, 74.0, 46.0)
_DOWN = _Frame(334.0, 42.0, 176.0, 14.0, 56.0, 42.0)


def level_charts(
    id_: str,
    title: str,
    figures: Sequence[Figure],
    limits: tuple[int | None, int | None],
    ahead: Ahead | None,
    day: datetime,
) -> tuple[str, str]:
    """Return the levels as two accessible SVG elements, across and as narrow as a phone.

    Both say the same, in words too; a page shows one of them.

    Args:
        id_: begins the ids in them.
        title: what they are of.
        figures: the recorded levels, in order.
        limits: the floor, and the level under which the class is yellow.
        ahead: what will be left, where it is known.
        day: until when the trend is drawn.
    """
    return (
        _drawn(id_, title, figures, limits, ahead, day, _ACROSS),
        _drawn(f"{id_}-down", title, figures, limits, ahead, day, _DOWN),
    )


def _drawn(
    id_: str,
    title: str,
    figures: Sequence[Figure],
    limits: tuple[int | None, int | None],
    ahead: Ahead | None,
    day: datetime,
    frame: _Frame,
) -> str:
    floor, yellow = limits
    told = [f"{each.level} from {each.since:%-d %b %Y}" for each in figures]
    told += [f"the floor is {floor}"] if floor is not None else []
    told += [f"yellow under {yellow}"] if yellow is not None else []
    if ahead is not None:
        told.append(f"{ahead.after_approved} after what is approved")
        told.append(f"{ahead.after_pending} if all that is asked for is approved")
    known = [each.level for each in figures] + [each for each in (floor, yellow) if each]
    known += [ahead.after_approved, ahead.after_pending] if ahead is not None else []
    first = min([each.since for each in figures])
    scale = _Scale(min(0, *known), max(1, *known), first, day, frame)
    opening: dict[str, object] = {
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": f"0 0 {frame.width:.0f} {_HEIGHT:.0f}",
        "width": frame.width,
        "height": _HEIGHT,
        "role": "img",
        "aria-labelledby": f"{id_}-title {id_}-about",
        "font-family": FONTS,
    }
    return tag(
        "svg",
        opening,
        tag("title", {"id": f"{id_}-title"}, content(title)),
        tag("desc", {"id": f"{id_}-about"}, content("; ".join(told) + ".")),
        tag("rect", {"width": frame.width, "height": _HEIGHT, "fill": "#ffffff"}),
        *_frame(scale),
        *_limits(scale, floor, yellow, figures),
        *_trend(scale, figures),
        *(_ahead(scale, figures[-1], ahead) if ahead is not None else ()),
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    low: int
    high: int
    first: datetime
    last: datetime
    frame: _Frame

    def x(self, moment: datetime) -> float:
        whole = max((self.last - self.first).total_seconds(), 1.0)
        part = min(max((moment - self.first).total_seconds() / whole, 0.0), 1.0)
        return self.left + (self.right - self.left) * part

    def y(self, level: int) -> float:
        part = (level - self.low) / (self.high - self.low)
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * part

    @property
    def left(self) -> float:
        return self.frame.left

    @property
    def right(self) -> float:
        return self.frame.width - self.frame.right

    @property
    def edge(self) -> float:
        return self.frame.width - 8


def _frame(scale: _Scale) -> Iterator[str]:
    step = _step(scale.high - scale.low)
    for level in range(-(-scale.low // step) * step, scale.high + 1, step):
        y = scale.y(level)
        yield tag("line", {"x1": scale.left, "x2": scale.edge, "y1": y, "y2": y, "stroke": _GRID})
        yield words(f"{level:,}", 10, y + 4, 11, _MUTED)
    yield words(f"{scale.first:%-d %b %Y}", scale.left, _HEIGHT - 14, 11, _MUTED)
    if scale.frame is _ACROSS:
        last = f"{scale.last:%-d %b %Y}"
        yield words(last, scale.right - width_of(last, 11) - 4, _HEIGHT - 14, 11, _MUTED)


def _step(span: int) -> int:
    """Return how far lines of the grid are apart: a round number, for four to ten of them."""
    power: int = 10 ** (len(str(max(span, 1))) - 1)
    return next(
        each for each in (power // 5, power // 2, power, 2 * power) if each and span // each <= 8
    )


def _limits(
    scale: _Scale, floor: int | None, yellow: int | None, figures: Sequence[Figure]
) -> Iterator[str]:
    for level, name, ink, dashes in (
        (yellow, "yellow under", _YELLOW, "6 4"),
        (floor, "floor", _FLOOR, None),
    ):
        if level is not None:
            y = scale.y(level)
            pen = {"stroke": ink, "stroke-width": 1.5, "stroke-dasharray": dashes}
            yield tag("line", {"x1": scale.left, "x2": scale.edge, "y1": y, "y2": y, **pen})
            text = f"{name} {level:,}"
            x, under = _clear(scale, text, y, figures)
            yield words(text, x, y + 13 if under else y - 5, 11, ink, bold=True)


def _clear(scale: _Scale, text: str, y: float, figures: Sequence[Figure]) -> tuple[float, bool]:
    """Return where the name of a limit stands clear of the trend, and whether beneath its line."""
    wide, free = width_of(text, 11, bold=True), scale.right - scale.left
    places = [scale.left + 6 + (free - wide - 12) * part / 4 for part in range(5)]
    runs = list(_runs(scale, figures))
    for under in (False, True):
        top, bottom = (y + 2, y + 17) if under else (y - 17, y - 2)
        for x in places:
            box = (x - 5, top, x + wide + 5, bottom)
            if not any(_meets(run, box) for run in runs):
                return x, under
    return places[0], False


_Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom."""


def _runs(scale: _Scale, figures: Sequence[Figure]) -> Iterator[_Box]:
    """Yield each straight piece of the trend."""
    for at, figure in enumerate(figures):
        x, y = scale.x(figure.since), scale.y(figure.level)
        end = scale.x(figures[at + 1].since) if at + 1 < len(figures) else scale.right
        yield (min(x, end), y, max(x, end), y)
        if at:
            before = scale.y(figures[at - 1].level)
            yield (x, min(before, y), x, max(before, y))


def _meets(run: _Box, box: _Box) -> bool:
    return run[0] <= box[2] and run[2] >= box[0] and run[1] <= box[3] and run[3] >= box[1]


def _trend(scale: _Scale, figures: Sequence[Figure]) -> Iterator[str]:
    """Yield the recorded figures as steps: each holds until the next is recorded."""
    path = ""
    for figure in figures:
        x, y = scale.x(figure.since), scale.y(figure.level)
        path += f"H{x:.1f}V{y:.1f}" if path else f"M{x:.1f} {y:.1f}"
    pen = {"fill": "none", "stroke": _NAVY, "stroke-width": 2.25}
    yield tag("path", {"d": f"{path}H{scale.right:.1f}", **pen})
    for figure in figures:
        at = {"cx": scale.x(figure.since), "cy": scale.y(figure.level), "r": 4, "fill": _NAVY}
        yield tag("circle", at)


def _ahead(scale: _Scale, now: Figure, ahead: Ahead) -> Iterator[str]:
    """Yield the three levels as bars beside the trend: now, after approved, after all asked."""
    bars = (
        ("now", now.level, "#14365f"),
        ("approved", ahead.after_approved, "#5b7ba3"),
        ("all asked", ahead.after_pending, "#9aa8b5"),
    )
    zero = scale.y(max(scale.low, 0))
    for at, (name, level, fill) in enumerate(bars):
        wide = scale.frame.bar
        x = scale.right + scale.frame.margin + at * scale.frame.pitch
        y = scale.y(level)
        box = {"x": x, "y": min(y, zero), "width": wide, "height": max(abs(zero - y), 1)}
        yield tag("rect", {**box, "fill": fill})
        plate = {"x": x, "y": min(y, zero) - 18, "width": wide, "height": 16, "fill": "#ffffff"}
        yield tag("rect", plate)
        yield words(f"{level:,}", x + wide / 2, min(y, zero) - 6, 12, _INK, bold=True, mid=True)
        yield words(name, x + wide / 2, _HEIGHT - 14, 11, _MUTED, mid=True)
