"""Reading YAML as plain text with places: every scalar is text, typed later by its schema.

YAML 1.1 turns `NO` into false and dates into objects; here a scalar is the
text that stands in the file. Duplicate keys, anchors, tags and empty values
are refused, and every value remembers the line and column it came from.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import yaml

from placet.errors import InputError, Problem, Where

__all__ = ["MAX_BYTES", "Document", "Path_", "Plain", "read", "read_text"]

Plain: TypeAlias = "str | list[Plain] | dict[str, Plain]"
Path_: TypeAlias = tuple[str | int, ...]

MAX_BYTES = 8_000_000
MAX_DEPTH = 24

_Loader: type[yaml.Loader | yaml.CLoader] = yaml.CLoader if yaml.__with_libyaml__ else yaml.Loader


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


class _Refusals:
    """The problems met while one file is read."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def add(self, mark: yaml.Mark, path: Path_, what: str, why: str = "", do: str = "") -> None:
        where = Where(self.file, mark.line + 1, mark.column + 1, ".".join(map(str, path)))
        self.problems.append(Problem(where, what, why, do))


def read(path: Path, shown_as: str | None = None) -> Document:
    """Read the file at `path`; `shown_as` is its name in problems.

    Raises:
        InputError: the file cannot be read, or is not the YAML described above.
    """
    name = shown_as or path.name
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError([Problem(Where(name), f"the file is larger than {MAX_BYTES:,} bytes")])
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
    refusals = _Refusals(file)
    places: dict[Path_, tuple[int, int]] = {}
    root = _compose(content, file)
    plain: Plain = {}
    if root is not None:
        plain = _plain(root, (), places, refusals)
        if not isinstance(plain, dict):
            refusals.add(
                root.start_mark, (), "the file must hold named fields", do="Write `name: value`."
            )
    if refusals.problems or not isinstance(plain, dict):
        raise InputError(refusals.problems)
    return Document(file, plain, places)


def _compose(content: str, file: str) -> yaml.Node | None:
    try:
        _refuse_anchors(content, file)
        node: yaml.Node | None = yaml.compose(content, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = Where(file, mark.line + 1, mark.column + 1) if mark else Where(file)
        why = error.problem or error.context or ""
        raise InputError([Problem(where, "the file is not YAML", why)]) from error
    except (yaml.YAMLError, UnicodeError, ValueError) as error:
        why = str(error).splitlines()[0]
        raise InputError([Problem(Where(file), "the file is not YAML", why)]) from error
    return node


def _refuse_anchors(content: str, file: str) -> None:
    """Refuse aliases and deep nesting before a tree is built: a small file may unfold to much."""
    depth = 0
    for event in yaml.parse(content, Loader=_Loader):
        mark = event.start_mark
        where = Where(file, mark.line + 1, mark.column + 1) if mark else Where(file)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            what, do = "anchors and aliases are not read", "Write the value out."
            raise InputError([Problem(where, what, do=do)])
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise InputError([Problem(where, f"the file nests deeper than {MAX_DEPTH} levels")])


def _plain(
    node: yaml.Node, path: Path_, places: dict[Path_, tuple[int, int]], refusals: _Refusals
) -> Plain:
    places[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if not node.tag.startswith("tag:yaml.org,2002:"):
        refusals.add(node.start_mark, path, f"the tag {node.tag} is not read")
    if isinstance(node, yaml.MappingNode):
        return {
            key: _plain(value, (*path, key), places, refusals)
            for key, value in _pairs(node, path, refusals)
        }
    if isinstance(node, yaml.SequenceNode):
        items = enumerate(node.value)
        return [_plain(value, (*path, index), places, refusals) for index, value in items]
    text = unicodedata.normalize("NFC", str(node.value))
    if not text and not getattr(node, "style", None):
        do = "Leave the field out, or write `none` or `unknown`."
        refusals.add(node.start_mark, path, "the field has no value", do=do)
    return text


def _pairs(
    node: yaml.MappingNode, path: Path_, refusals: _Refusals
) -> Iterator[tuple[str, yaml.Node]]:
    seen: dict[str, int] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            refusals.add(key.start_mark, path, "a field's name must be plain text")
            continue
        name = unicodedata.normalize("NFC", str(key.value))
        if name in seen:
            why = f"it already stands on line {seen[name]}"
            refusals.add(key.start_mark, (*path, name), f"{name} is written twice", why)
            continue
        seen[name] = key.start_mark.line + 1
        yield name, value
