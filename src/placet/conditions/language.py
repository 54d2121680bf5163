"""What a condition may speak of: its types, variables, functions, constants and vocabularies."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol, TypeAlias

__all__ = [
    "Environment",
    "EvaluationFailure",
    "Function",
    "Language",
    "Open",
    "Parameter",
    "Type",
    "Value",
    "Variable",
    "Vocabularies",
    "type_of",
]

Value: TypeAlias = bool | int | str | datetime | timedelta | tuple["Value", ...]
"""What an expression comes to. Instants are aware and in UTC; a list is a tuple of scalars."""

Vocabularies: TypeAlias = Mapping[str, Collection[str]]
"""The codes of each vocabulary, by its name. A vocabulary that is absent is not checked."""


class Type(Enum):
    """The type of a variable, a parameter or a literal (CEL specification, "Values")."""

    BOOL = "bool"
    INT = "int"
    STRING = "string"
    TIMESTAMP = "timestamp"
    DURATION = "duration"
    STRINGS = "list of strings"


_PYTHON: dict[type, Type] = {
    bool: Type.BOOL,  # before int, of which Python makes it a kind
    int: Type.INT,
    str: Type.STRING,
    datetime: Type.TIMESTAMP,
    timedelta: Type.DURATION,
}


def type_of(value: Value) -> Type:
    """Give the type of a value; a tuple counts as a list of strings."""
    return next(
        (kind for python, kind in _PYTHON.items() if isinstance(value, python)), Type.STRINGS
    )


@dataclass(frozen=True, slots=True)
class Variable:
    """A name that a condition may read; a dotted name is one name.

    `vocabulary` names the codes that a string, or each string of a list, is taken from;
    `about` is one sentence for the reference pages.
    """

    name: str
    type: Type
    vocabulary: str | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument that a function takes, and the vocabulary that its literals come from."""

    type: Type
    vocabulary: str | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """A function that a condition may call; a member function takes its receiver first.

    `returns_vocabulary` names the codes that its result is compared with.
    """

    name: str
    parameters: tuple[Parameter, ...]
    returns: Type
    member: bool = False
    about: str = ""
    examples: tuple[str, ...] = ()
    returns_vocabulary: str | None = None


@dataclass(frozen=True)
class Language:
    """All that a kind of condition may speak of. Equal languages share one checker.

    `constants` are names that stand for a literal, not a list: `{"none": ""}`. Functions
    may share a name when they differ in `member` or in the number of parameters.
    """

    variables: tuple[Variable, ...]
    functions: tuple[Function, ...] = ()
    constants: Mapping[str, Value] = field(default_factory=dict, hash=False)


class Open(Exception):
    """An answer that is needed and has not been given. Control flow, never shown as an error."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class EvaluationFailure(Exception):
    """An expression that has no value: a division by zero, an overflow, an index out of range."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Environment(Protocol):
    """Where a condition's variables and functions get their values from."""

    def read(self, name: str) -> Value:
        """Give the value of a variable, or raise `Open`, or `EvaluationFailure`."""

    def call(self, function: str, arguments: tuple[Value, ...]) -> Value:
        """Give the value of a function, or raise `Open`, or `EvaluationFailure`."""
