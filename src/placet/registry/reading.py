"""Reading YAML as plain text with places: every scalar is text, typed later by its schema.

YAML 1.1 turns `NO` into false and dates into objects; here a scalar is the
text that stands in the file. Duplicate keys, anchors, tags and empty values
are refused, and every value remembers the line and column it came from.
"""

from __future__ import annotations

import stat
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import yaml

from placet.errors import InputError, Problem, Where

__all__ = ["MAX_BYTES", "Document", "Located", "Path_", "Plain", "read", "read_text"]

Plain: TypeAlias = "str | list[Plain] | dict[str, Plain]"
Path_: TypeAlias = tuple[str | int, ...]
Located: TypeAlias = Callable[[Path_], Where]
"""Says where a value stands, by its path."""

MAX_BYTES = 8_000_000
MAX_DEPTH = 24

_Loader: type[yaml.Loader | yaml.CLoader] = yaml.CLoader if yaml.__with_libyaml__ else yaml.Loader
_UNQUOTED = ("did not find expected key", "mapping values are not allowed")
"""What the parser says where a text that holds a colon or a quotation mark stands bare."""

_NO_TAG = (None, "!")
_Begun: TypeAlias = yaml.ScalarEvent | yaml.CollectionStartEvent
"""The event that begins a value."""


@dataclass(frozen=True)
class Document:
    """One file's content as nested text, and where each part of it stands.

    `plain` is made of dicts, lists and NFC text; `places` maps the path of
    each value to its place. Equality is that of content, not of places.
    """

    file: str
    plain: dict[str, Plain]
    places: dict[Path_, tuple[int, int]] = field(compare=False, repr=False)

    def where(self, path: Path_) -> Where:
        """Return the place of `path`, or of its nearest ancestor that stands in the file."""
        kept = path
        while kept and kept not in self.places:
            kept = kept[:-1]
        line, column = self.places.get(kept, (1, 1))
        return Where(self.file, line, column, ".".join(str(step) for step in path))

    def where_is(self, field: str) -> Where:
        """Return the place of a field that is named by its dotted path."""
        named = {".".join(map(str, path)): path for path in self.places}
        if field in named:
            return self.where(named[field])
        ahead = [path for name, path in named.items() if field.startswith(f"{name}.")]
        found = self.where(max(ahead, key=len, default=()))
        return Where(found.file, found.line, found.column, field)


def read(path: Path, shown_as: str | None = None) -> Document:
    """Read the file at `path`; `shown_as` is its name in problems.

    Raises:
        InputError: the file cannot be read, or is not the YAML described above.
    """
    name = shown_as or path.name
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            why = "it is a folder, a pipe or a device"
            raise InputError([Problem(Where(name), "the file cannot be read", why)])
        if about.st_size > MAX_BYTES:
            why, do = f"it has more than {MAX_BYTES:,} bytes", "Write less into it, or split it."
            raise InputError([Problem(Where(name), "the file is too large", why, do)])
        content = path.read_bytes().decode("utf-8")
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        raise InputError([Problem(Where(name), "the file cannot be read", reason)]) from error
    except UnicodeDecodeError as error:
        why = f"byte {error.start} is not UTF-8"
        do = "Save the file as UTF-8."
        raise InputError([Problem(Where(name), "the file is not text", why, do)]) from error
    return read_text(content, name)


def read_text(content: str, file: str) -> Document:
    """Read YAML text that came from `file`.

    Raises:
        InputError: with every problem found.
    """
    reading = _Reading(content, file)
    try:
        plain = reading.whole()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = Where(file, mark.line + 1, mark.column + 1) if mark else Where(file)
        why = error.problem or error.context or ""
        do = "Put the whole text in quotation marks." if why.startswith(_UNQUOTED) else ""
        raise InputError([Problem(where, "the file is not YAML", why, do)]) from error
    except (yaml.YAMLError, UnicodeError, ValueError) as error:
        why = str(error).splitlines()[0]
        raise InputError([Problem(Where(file), "the file is not YAML", why)]) from error
    if reading.problems or not isinstance(plain, dict):
        raise InputError(reading.problems)
    return Document(file, plain, reading.places)


class _Reading:
    """One pass over a file: its nested text, the place of each part, and the problems met."""

    def __init__(self, content: str, file: str) -> None:
        self.file = file
        self.places: dict[Path_, tuple[int, int]] = {}
        self.problems: list[Problem] = []
        self._events = self._sound(yaml.parse(content, Loader=_Loader))

    def whole(self) -> Plain:
        """Read all of the file, an empty one as no fields."""
        plain: Plain = {}
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    why = "but found another document"
                    raise InputError([self._problem(event, (), "the file is not YAML", why)])
            elif isinstance(event, _Begun):
                plain = self._value(event, ())
                if not isinstance(plain, dict):
                    what, do = "the file must hold named fields", "Write `name: value`."
                    self.problems.append(self._problem(event, (), what, do=do))
        return plain

    def _sound(self, events: Iterator[yaml.Event]) -> Iterator[yaml.Event]:
        """Refuse aliases and deep nesting as they are met: a small file may unfold to much."""
        depth = 0
        for event in events:
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                what, do = "anchors and aliases are not read", "Write the value out."
                raise InputError([self._problem(event, (), what, do=do)])
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                what = f"the file nests deeper than {MAX_DEPTH} levels"
                raise InputError([self._problem(event, (), what)])
            yield event

    def _problem(
        self, event: yaml.Event, path: Path_, what: str, why: str = "", do: str = ""
    ) -> Problem:
        where = Where(self.file, *_place(event), ".".join(map(str, path)))
        return Problem(where, what, why, do)

    def _value(self, event: _Begun, path: Path_) -> Plain:
        self.places[path] = _place(event)
        if event.tag not in _NO_TAG:
            self.problems.append(self._problem(event, path, f"the tag {event.tag} is not read"))
        if isinstance(event, yaml.ScalarEvent):
            return self._text(event, path)
        if isinstance(event, yaml.MappingStartEvent):
            return dict(self._pairs(path))
        return [self._value(each, (*path, index)) for index, each in enumerate(self._inside())]

    def _text(self, event: yaml.ScalarEvent, path: Path_) -> str:
        if not event.value and not event.style:
            do = "Leave the field out, or write `none` or `unknown`."
            self.problems.append(self._problem(event, path, "the field has no value", do=do))
        return unicodedata.normalize("NFC", event.value)

    def _inside(self) -> Iterator[_Begun]:
        """Yield the event that begins each part of a collection; each is read before the next."""
        for event in self._events:
            if not isinstance(event, _Begun):
                return
            yield event

    def _pairs(self, path: Path_) -> Iterator[tuple[str, Plain]]:
        seen: dict[str, int] = {}
        inside = self._inside()
        for key in inside:
            if not isinstance(key, yaml.ScalarEvent):
                self._skip(key)
                self._skip(next(inside))
                what = "a field's name must be plain text"
                self.problems.append(self._problem(key, path, what))
                continue
            name = unicodedata.normalize("NFC", key.value)
            value = next(inside)
            if name in seen:
                self._skip(value)
                why = f"it already stands on line {seen[name]}"
                what = f"{name} is written twice"
                self.problems.append(self._problem(key, (*path, name), what, why))
                continue
            seen[name], _ = _place(key)
            yield name, self._value(value, (*path, name))

    def _skip(self, event: _Begun) -> None:
        """Pass over a value that is not read, with all that is in it."""
        depth = int(isinstance(event, yaml.CollectionStartEvent))
        while depth:
            inner = next(self._events)
            depth += isinstance(inner, yaml.CollectionStartEvent)
            depth -= isinstance(inner, yaml.CollectionEndEvent)


def _place(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)
