"""The tree of a condition: small, immutable, and equal when it says the same thing.

Only what the reference page calls the supported subset has a node here. `at`, where a
node has it, is the offset into the text it was read from and takes no part in equality.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from placet.conditions.language import Type, Value

__all__ = [
    "And",
    "Call",
    "Choice",
    "Items",
    "Literal",
    "Local",
    "Node",
    "Not",
    "Operation",
    "Operator",
    "Or",
    "Quantifier",
    "Quantity",
    "Read",
    "atoms",
    "children",
    "walk",
]


class Operator(Enum):
    """An operator or a standard function; its value is the name that CEL's syntax tree gives it."""

    ADD = "_+_"
    SUBTRACT = "_-_"
    MULTIPLY = "_*_"
    DIVIDE = "_/_"
    REMAINDER = "_%_"
    NEGATE = "-_"
    EQUAL = "_==_"
    NOT_EQUAL = "_!=_"
    LESS = "_<_"
    LESS_OR_EQUAL = "_<=_"
    GREATER = "_>_"
    GREATER_OR_EQUAL = "_>=_"
    IN = "@in"
    INDEX = "_[_]"
    SIZE = "size"
    STARTS_WITH = "startsWith"
    ENDS_WITH = "endsWith"
    CONTAINS = "contains"
    MATCHES = "matches"
    YEAR = "getFullYear"
    MONTH = "getMonth"
    DATE = "getDate"
    DAY_OF_MONTH = "getDayOfMonth"
    DAY_OF_WEEK = "getDayOfWeek"
    DAY_OF_YEAR = "getDayOfYear"
    HOURS = "getHours"
    MINUTES = "getMinutes"
    SECONDS = "getSeconds"
    MILLISECONDS = "getMilliseconds"


class Quantity(Enum):
    """How many elements of a list must satisfy the body of a quantifier."""

    SOME = "exists"
    EVERY = "all"
    ONE = "exists_one"


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written in the condition. The type is kept: `1` and `true` are not the same."""

    type: Type
    value: Value
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Read:
    """A variable of the language."""

    name: str


@dataclass(frozen=True, slots=True)
class Local:
    """The variable of the quantifier around it."""

    name: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list written in the condition."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the language; of a member function the first argument is the receiver."""

    function: str
    arguments: tuple[Node, ...]
    member: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator or a standard function, on operands that the checker found to fit."""

    operator: Operator
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True when its operand is false."""

    operand: Node


@dataclass(frozen=True, slots=True)
class And:
    """True when all its operands are; two or more, none of them an And."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """True when one of its operands is; two or more, none of them an Or."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """`condition ? then : otherwise`."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Quantifier:
    """`over.exists(variable, body)`, and likewise `all` and `exists_one`."""

    quantity: Quantity
    variable: str
    over: Node
    body: Node


Node: TypeAlias = (
    Literal | Read | Local | Items | Call | Operation | Not | And | Or | Choice | Quantifier
)


def children(node: Node) -> tuple[Node, ...]:
    """Give the direct sub-expressions of a node, in the order in which they are written."""
    match node:
        case Items(items=nodes) | Call(arguments=nodes) | Operation(operands=nodes):
            return nodes
        case And(operands=nodes) | Or(operands=nodes):
            return nodes
        case Not():
            return (node.operand,)
        case Choice():
            return (node.condition, node.then, node.otherwise)
        case Quantifier():
            return (node.over, node.body)
        case Literal() | Read() | Local():
            return ()


def walk(node: Node) -> Iterator[Node]:
    """Give the node and every node below it, in the order in which they are written."""
    yield node
    for child in children(node):
        yield from walk(child)


def atoms(node: Node) -> tuple[Node, ...]:
    """Give the maximal sub-expressions of a boolean node that `&&`, `||`, `!` and `?:` combine.

    Each appears once, in the order in which it is first written.
    """
    return tuple(dict.fromkeys(_atoms(node)))


def _atoms(node: Node) -> Iterator[Node]:
    if isinstance(node, Not | And | Or | Choice):
        for child in children(node):
            yield from _atoms(child)
    else:
        yield node
