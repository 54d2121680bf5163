"""A statement in plain words, so that the person who signs reads exactly what is signed.

The text is a function of the statement, and no two statements have the same text: a value cannot
pass for another, for a field, or for the end of one. What a screen would not show as it is (control
characters, marks that turn the direction of writing, spaces at an end) is written in quotes and
escaped. Letters of different scripts that look alike still look alike.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from placet.evidence.statements import JSON, Statement

__all__ = ["pretty"]

_FIRST = ("purpose", "origin", "person")
_PLAIN_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]*", re.ASCII)
_NOT_TEXT = re.compile(r'true|false|none|\[\]|\{\}|-?[0-9]+|".*', re.ASCII)


def pretty(data: bytes) -> str:
    """Write a statement as lines of text, one for each field.

    The names come first, then the fields in the order of the bytes.

    Raises:
        MalformedEvidenceError: the bytes are not a statement.
    """
    fields = Statement.parse(data).fields
    names = (*_FIRST, *(each for each in fields if each not in _FIRST))
    return "\n".join(_lines({name: fields[name] for name in names})) + "\n"


def _lines(value: JSON) -> Iterator[str]:
    """Write the lines of an object, a list, or a text of several lines."""
    if isinstance(value, str):
        yield from (f"| {line}" if line else "|" for line in value.split("\n"))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _entry(f"{key if _PLAIN_KEY.fullmatch(key) else _quoted(key)}:", item)
    elif isinstance(value, Sequence):
        for item in value:
            yield from _entry("-", item)


def _entry(mark: str, value: JSON) -> Iterator[str]:
    """Write a value after its mark, or below it where it takes several lines."""
    short = _short(value)
    if short is not None:
        yield f"{mark} {short}"
        return
    yield mark
    yield from (f"  {line}" for line in _lines(value))


def _short(value: JSON) -> str | None:
    """Write a value that fits on the line of its mark; None for one that does not."""
    if isinstance(value, str):
        return _text(value)
    if value is None:
        return "none"
    if isinstance(value, bool | int):
        return str(value).lower()
    if not value:
        return "{}" if isinstance(value, Mapping) else "[]"
    return None


def _text(text: str) -> str | None:
    """Write a text as it is, in quotes if it would mislead, or not here if it has more lines."""
    lines = text.split("\n")
    if not all(line.isprintable() and line == line.rstrip() for line in lines):
        return _quoted(text)
    if len(lines) > 1:
        return None
    return _quoted(text) if text != text.strip() or not text or _NOT_TEXT.fullmatch(text) else text


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=True)
