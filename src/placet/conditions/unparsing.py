"""The readable text of a tree: CEL that parses to the same tree again."""

from __future__ import annotations

from datetime import datetime, timedelta

from placet.conditions.literals import duration_text, timestamp_text
from placet.conditions.tree import (
    And,
    Call,
    Choice,
    Items,
    Literal,
    Local,
    Node,
    Not,
    Operation,
    Operator,
    Or,
    Quantifier,
    Read,
)

__all__ = ["unparse", "value_text"]

# How tightly an expression holds together (CEL specification, "Syntax").
_CHOICE, _OR, _AND, _RELATION, _SUM, _PRODUCT, _UNARY, _MEMBER = range(8)

_INFIX = {
    Operator.EQUAL: ("==", _RELATION),
    Operator.NOT_EQUAL: ("!=", _RELATION),
    Operator.LESS: ("<", _RELATION),
    Operator.LESS_OR_EQUAL: ("<=", _RELATION),
    Operator.GREATER: (">", _RELATION),
    Operator.GREATER_OR_EQUAL: (">=", _RELATION),
    Operator.IN: ("in", _RELATION),
    Operator.ADD: ("+", _SUM),
    Operator.SUBTRACT: ("-", _SUM),
    Operator.MULTIPLY: ("*", _PRODUCT),
    Operator.DIVIDE: ("/", _PRODUCT),
    Operator.REMAINDER: ("%", _PRODUCT),
}

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def unparse(node: Node) -> str:
    """Write a node as canonical CEL: one way to space, quote and bracket."""
    return _text(node)[0]


def value_text(value: object) -> str:
    """Write a value as a literal of CEL."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return '"' + "".join(map(_character, value)) + '"'
        case datetime():
            return f'timestamp("{timestamp_text(value)}")'
        case timedelta():
            return f'duration("{duration_text(value)}")'
        case tuple():
            return f"[{', '.join(map(value_text, value))}]"
    return str(value)


def _character(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def _text(node: Node) -> tuple[str, int]:
    """Give the text of a node and how tightly it holds together."""
    match node:
        case Operation():
            return _operation(node)
        case Not(operand=operand):
            return f"!{_within(operand, _MEMBER)}", _UNARY
        case And(operands=operands):
            return " && ".join(_within(each, _RELATION) for each in operands), _AND
        case Or(operands=operands):
            return " || ".join(_within(each, _AND) for each in operands), _OR
        case Choice(condition=condition, then=then, otherwise=otherwise):
            first, second = _within(condition, _OR), _within(then, _OR)
            return f"{first} ? {second} : {_within(otherwise, _CHOICE)}", _CHOICE
    return _member(node), _MEMBER


def _member(node: Literal | Read | Local | Items | Call | Quantifier) -> str:
    match node:
        case Literal(value=value):
            return value_text(value)
        case Read(name=name) | Local(name=name):
            return name
        case Items(items=items):
            return f"[{_list(items)}]"
        case Call():
            return _applied(node.function, node.arguments, member=node.member)
        case Quantifier(quantity=quantity, variable=variable, over=over, body=body):
            return f"{_within(over, _MEMBER)}.{quantity.value}({variable}, {unparse(body)})"


def _operation(node: Operation) -> tuple[str, int]:
    operands = node.operands
    if node.operator in _INFIX:
        sign, tightness = _INFIX[node.operator]
        left, right = _within(operands[0], tightness), _within(operands[1], tightness + 1)
        return f"{left} {sign} {right}", tightness
    if node.operator is Operator.NEGATE:
        return f"-({unparse(operands[0])})", _UNARY
    if node.operator is Operator.INDEX:
        return f"{_within(operands[0], _MEMBER)}[{unparse(operands[1])}]", _MEMBER
    member = node.operator is not Operator.SIZE
    return _applied(node.operator.value, operands, member=member), _MEMBER


def _applied(function: str, arguments: tuple[Node, ...], *, member: bool) -> str:
    if member:
        return f"{_within(arguments[0], _MEMBER)}.{function}({_list(arguments[1:])})"
    return f"{function}({_list(arguments)})"


def _list(nodes: tuple[Node, ...]) -> str:
    return ", ".join(unparse(each) for each in nodes)


def _within(node: Node, tightness: int) -> str:
    text, own = _text(node)
    return text if own >= tightness else f"({text})"
