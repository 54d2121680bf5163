"""Reads the checked syntax tree out of the protobuf bytes that the CEL library hands over.

Field numbers are those of `cel/expr/checked.proto` and `cel/expr/syntax.proto` in
cel-spec. Only what the supported subset needs is kept; of the rest,
its kind. The reader knows protobuf's wire format and nothing of conditions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeAlias

__all__ = [
    "CheckedExpression",
    "Comprehension",
    "Constant",
    "Expression",
    "FunctionCall",
    "Identifier",
    "ListOf",
    "Other",
    "read_checked",
]


class Constant(NamedTuple):
    """A literal of one of the kinds bool, int64 and string."""

    id: int
    value: bool | int | str


class Identifier(NamedTuple):
    """A name."""

    id: int
    name: str


class FunctionCall(NamedTuple):
    """A function or an operator; the receiver of a member call is the first argument."""

    id: int
    function: str
    arguments: tuple[Expression, ...]
    member: bool


class ListOf(NamedTuple):
    """A list literal."""

    id: int
    elements: tuple[Expression, ...]


class Comprehension(NamedTuple):
    """What a macro over a list was expanded to."""

    id: int
    variable: str
    over: Expression
    start: Expression
    step: Expression


class Other(NamedTuple):
    """An expression of a kind that the subset does not have: `select`, `struct`, `double`..."""

    id: int
    kind: str


Expression: TypeAlias = Constant | Identifier | FunctionCall | ListOf | Comprehension | Other


@dataclass(frozen=True, slots=True)
class CheckedExpression:
    """A checked tree and what the checker found out about its nodes, by the node's id."""

    root: Expression
    types: Mapping[int, str]
    overloads: Mapping[int, tuple[str, ...]]
    names: Mapping[int, str]
    positions: Mapping[int, int]


_PRIMITIVES = {1: "bool", 2: "int", 3: "uint", 4: "double", 5: "string", 6: "bytes"}
_WELL_KNOWN = {1: "any", 2: "timestamp", 3: "duration"}
_TYPE_KINDS = {2: "null", 4: "wrapper", 7: "map", 8: "function", 9: "message"}
_CONSTANT_KINDS = {1: "null", 4: "uint", 5: "double", 7: "bytes"}


def read_checked(serialized: bytes) -> CheckedExpression:
    """Read a serialized `google.protobuf.Any` that holds a `CheckedExpr`."""
    checked = _Message(_Message(serialized).part(2))
    types = {}
    for entry in map(_Message, checked.parts.get(3, ())):
        types[entry.number(1)] = _type(entry.part(2))
    overloads, names = {}, {}
    for entry in map(_Message, checked.parts.get(2, ())):
        reference = _Message(entry.part(2))
        names[entry.number(1)] = reference.text(1)
        overloads[entry.number(1)] = tuple(each.decode() for each in reference.parts.get(3, ()))
    positions = {}
    for entry in map(_Message, _Message(checked.part(5)).parts.get(4, ())):
        positions[entry.number(1)] = entry.number(2)
    return CheckedExpression(_expression(checked.part(4)), types, overloads, names, positions)


@lru_cache(maxsize=256)
def _type(serialized: bytes) -> str:
    message = _Message(serialized)
    if 3 in message.numbers:
        return _PRIMITIVES.get(message.number(3), "unknown")
    if 5 in message.numbers:
        return _WELL_KNOWN.get(message.number(5), "unknown")
    if 6 in message.parts:
        return f"list({_type(_Message(message.part(6)).part(1))})"
    if 1 in message.parts or not (message.numbers or message.parts):
        return "dyn"
    return next((_TYPE_KINDS[each] for each in message.fields() if each in _TYPE_KINDS), "type")


def _expression(serialized: bytes) -> Expression:
    message = _Message(serialized)
    key = message.number(2)
    match next(iter(message.parts), 0):
        case 3:
            return _constant(key, _Message(message.part(3)))
        case 4:
            return Identifier(key, _Message(message.part(4)).text(1))
        case 6:
            return _call(key, _Message(message.part(6)))
        case 7:
            return ListOf(key, _expressions(_Message(message.part(7)), 1))
        case 9:
            return _comprehension(key, _Message(message.part(9)))
        case 5:
            return Other(key, "select")
        case 8:
            return Other(key, "struct")
    return Other(key, "unknown")


def _constant(key: int, message: _Message) -> Expression:
    if 2 in message.numbers:
        return Constant(key, bool(message.number(2)))
    if 3 in message.numbers:
        unsigned = message.number(3)
        return Constant(key, unsigned - (1 << 64) if unsigned >> 63 else unsigned)
    if 6 in message.parts:
        return Constant(key, message.text(6))
    return Other(key, next((_CONSTANT_KINDS.get(each, "") for each in message.fields()), ""))


def _call(key: int, message: _Message) -> FunctionCall:
    targets = _expressions(message, 1)
    return FunctionCall(key, message.text(2), targets + _expressions(message, 3), bool(targets))


def _comprehension(key: int, message: _Message) -> Comprehension:
    over, start, step = (_expression(message.part(number)) for number in (2, 4, 6))
    return Comprehension(key, message.text(1), over, start, step)


def _expressions(message: _Message, number: int) -> tuple[Expression, ...]:
    return tuple(_expression(each) for each in message.parts.get(number, ()))


class _Message:
    """The fields of one message by their numbers: whole numbers, and everything else as bytes."""

    __slots__ = ("numbers", "parts")

    def __init__(self, serialized: bytes) -> None:
        self.numbers: dict[int, int] = {}
        self.parts: dict[int, list[bytes]] = {}
        position, end = 0, len(serialized)
        while position < end:
            key, position = _varint(serialized, position)
            kind = key & 7
            if kind == 0:
                self.numbers[key >> 3], position = _varint(serialized, position)
                continue
            if kind == 2:
                length, position = _varint(serialized, position)
            else:
                length = 8 if kind == 1 else 4
            self.parts.setdefault(key >> 3, []).append(serialized[position : position + length])
            position += length

    def fields(self) -> tuple[int, ...]:
        """Give the numbers of the fields that are there."""
        return (*self.numbers, *self.parts)

    def number(self, field: int) -> int:
        return self.numbers.get(field, 0)

    def part(self, field: int) -> bytes:
        return self.parts[field][0] if field in self.parts else b""

    def text(self, field: int) -> str:
        return self.part(field).decode()


def _varint(serialized: bytes, position: int) -> tuple[int, int]:
    byte = serialized[position]
    position += 1
    if byte < 0x80:
        return byte, position
    result, shift = byte & 0x7F, 7
    while True:
        byte = serialized[position]
        position += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result, position
        shift += 7
