"""SVG as text: safe markup, and text that is measured before it is written.

Nothing here needs a style sheet, a script or a font file: looks are
presentation attributes, which a strict content security policy allows, and
widths are measured on the safe side for whichever common sans-serif the
reader's machine has.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from html import escape
from urllib.parse import urlsplit

__all__ = ["FONTS", "cleaned", "content", "safe_link", "tag", "width_of", "words", "wrapped"]

FONTS = "Public Sans, Source Sans Pro, Helvetica Neue, Helvetica, Arial, DejaVu Sans, sans-serif"
"""The typefaces asked for, in order of preference."""

_JOINERS = "\u200c\u200d"
_BOLD = 1.175
_ELLIPSIS = "…"

# The wider of Public Sans and DejaVu Sans, the widest fallback: hundredths of the font size.
_WIDTHS = {
    char: hundredths / 100
    for hundredths, chars in (
        (31, "ijlI"),
        (34, " ',.:;|/\\·\u2018\u2019"),
        (42, '!()[]ftrJ-"'),
        (53, "*?_`sz"),
        (56, "c"),
        (66, "abdeghknopquvxy0123456789${}\u2013\u201c\u201d"),
        (74, "ABCEFKLPRSTUVXYZ"),
        (79, "DGHNOQ&"),
        (84, "#+<=>^~w\u00d7→"),
        (100, "mMW%@…\u2014"),
    )
    for char in chars
}
_WIDE = 1.05
_OTHER = 0.9

_RECENT = 4096
"""Texts that are kept as they were last worked out: pictures say the same names over and over."""


def cleaned(text: str) -> str:
    """Return text that any XML reader takes and that cannot reorder what stands around it.

    Control, format and unassigned characters go, except the two joiners that
    some scripts spell with; white space becomes single spaces.
    """
    spaced = " ".join(text.split())
    return "".join(
        char
        for char in spaced
        if char in _JOINERS or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Cn", "Co")
    ).strip()


def _advance(char: str) -> float:
    if char in _WIDTHS:
        return _WIDTHS[char]
    if unicodedata.combining(char) or char in _JOINERS:
        return 0.0
    if unicodedata.east_asian_width(char) in "WF":
        return _WIDE
    parts = unicodedata.normalize("NFKD", char)
    return _OTHER if parts == char else sum(_advance(each) for each in parts)


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Return at least the width of text at a font size, in any of `FONTS`."""
    return sum(_advance(char) for char in text) * size * (_BOLD if bold else 1.0)


@lru_cache(_RECENT)
def wrapped(
    text: str, room: float, size: float, *, bold: bool = False, lines: int = 2
) -> tuple[str, ...]:
    """Return text in at most so many lines, none wider than `room`, the last with … if cut."""

    def fits(part: str) -> bool:
        return width_of(part, size, bold=bold) <= room

    filled: list[str] = []
    for word in cleaned(text).split(" "):
        joined = f"{filled[-1]} {word}" if filled else word
        if filled and fits(joined):
            filled[-1] = joined
        else:
            filled.extend(_pieces(word, room, size, bold=bold))
    if len(filled) > lines:
        cut = f"{filled[lines - 1]} {filled[lines]}"
        while cut and not fits(cut.rstrip(" ·,;:") + _ELLIPSIS):
            cut = cut[:-1]
        filled = [*filled[: lines - 1], cut.rstrip(" ·,;:") + _ELLIPSIS]
    return tuple(line.removesuffix(" ·") for line in filled if line)


def _pieces(word: str, room: float, size: float, *, bold: bool) -> Iterator[str]:
    """Yield a word, broken where it is too long for a line: at a hyphen, or between two letters."""
    piece = ""
    for char in word:
        over = width_of(piece + char, size, bold=bold) > room
        if piece and over and not unicodedata.combining(char):
            cut = max(piece.rfind("-"), piece.rfind("/")) + 1
            if not cut or width_of(piece[cut:] + char, size, bold=bold) > room:
                cut = len(piece)
            yield piece[:cut]
            piece = piece[cut:]
        piece += char
    yield piece


def tag(name: str, attributes: Mapping[str, object], *children: str) -> str:
    """Return an element. Attribute values are escaped; children are markup already."""
    written = "".join(
        f' {key}="{_value(value)}"' for key, value in attributes.items() if value is not None
    )
    inside = "".join(children)
    return f"<{name}{written}>{inside}</{name}>" if inside else f"<{name}{written}/>"


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0")
    return content(str(value))


@lru_cache(_RECENT)
def content(text: str) -> str:
    """Return text as it may stand between tags."""
    return escape(cleaned(text))


def words(
    text: str, x: float, y: float, size: float, ink: str, *, bold: bool = False, mid: bool = False
) -> str:
    """Return one line of text on the base line `y`; `x` is where it starts, or its middle."""
    look = {"font-size": size, "font-weight": "600" if bold else None, "fill": ink}
    anchor = "middle" if mid else None
    return tag("text", {"x": x, "y": y, **look, "text-anchor": anchor}, content(text))


def safe_link(address: str) -> str | None:
    """Return an address that is a page, within the site or on the web; None for any other."""
    try:
        scheme = urlsplit(address).scheme
    except ValueError:
        return None
    return address if address and scheme in ("", "http", "https") else None
