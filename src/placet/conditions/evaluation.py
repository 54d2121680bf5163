"""Plain evaluation: a node compiled to Python closures, once, and run against an environment.

This is the reference that every other engine is tested against. Three things are not
values: an open answer, a failure, and (only in a defect) any other exception. A
conjunction is false when one operand is, whatever the others are; else open when one is
open; else it fails when one fails. A disjunction likewise (CEL specification, "Logical
operators"; `tests/fixtures/truth-tables.yaml`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from placet.conditions.language import Environment, EvaluationFailure, Open, Value
from placet.conditions.operators import FUNCTIONS
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
    Quantity,
    Read,
)

__all__ = ["Compiled", "Scope", "compiled", "evaluate"]

Scope: TypeAlias = Mapping[str, Value]
"""The values of the quantifiers' variables."""

Compiled: TypeAlias = Callable[[Environment, Scope], Any]
"""Gives the node's value, or raises `Open` or `EvaluationFailure`.

The checker has proved every type before a closure is made, so closures do not look again.
"""

_EMPTY: Scope = {}


def evaluate(node: Node, environment: Environment) -> Value:
    """Give the value of a node; raises `Open` or `EvaluationFailure` when it has none."""
    value: Value = compiled(node)(environment, _EMPTY)
    return value


@lru_cache(maxsize=65536)
def compiled(node: Node) -> Compiled:
    """Compile a node; equal nodes share one closure."""
    match node:
        case Not(operand=operand):
            inner = compiled(operand)
            return lambda environment, scope: not inner(environment, scope)
        case And(operands=operands):
            return _junction(operands, decisive=False)
        case Or(operands=operands):
            return _junction(operands, decisive=True)
        case Choice():
            return _choice(node)
        case Quantifier():
            return _quantifier(node)
        case Operation():
            return _operation(node)
        case Call():
            return _call(node)
        case Items(items=items):
            return _tuple(items)
    return _leaf(node)


def _leaf(node: Literal | Read | Local) -> Compiled:
    match node:
        case Literal(value=value):
            return lambda _environment, _scope: value
        case Read(name=name):
            return lambda environment, _scope: environment.read(name)
        case Local(name=name):
            return lambda _environment, scope: scope[name]


def _tuple(nodes: tuple[Node, ...]) -> Compiled:
    parts = tuple(compiled(each) for each in nodes)
    return lambda environment, scope: tuple([part(environment, scope) for part in parts])


def _call(node: Call) -> Compiled:
    name, arguments = node.function, _tuple(node.arguments)
    return lambda environment, scope: environment.call(name, arguments(environment, scope))


def _junction(operands: tuple[Node, ...], *, decisive: bool) -> Compiled:
    parts = tuple(compiled(each) for each in operands)
    return lambda environment, scope: _settle(
        environment, ((part, scope) for part in parts), decisive=decisive
    )


def _settle(
    environment: Environment, parts: Iterable[tuple[Compiled, Scope]], *, decisive: bool
) -> bool:
    """Join boolean parts: the decisive value of one part decides, whatever the others are."""
    pending: Open | EvaluationFailure | None = None
    for part, scope in parts:
        try:
            if part(environment, scope) == decisive:
                return decisive
        except (Open, EvaluationFailure) as reason:
            pending = _stronger(pending, reason)
    if pending is not None:
        raise pending
    return not decisive


def _stronger(
    first: Open | EvaluationFailure | None, second: Open | EvaluationFailure
) -> Open | EvaluationFailure:
    """Give what stays undecided: an open answer before a failure, then the one met first."""
    if first is None or (isinstance(first, EvaluationFailure) and isinstance(second, Open)):
        return second
    return first


def _choice(node: Choice) -> Compiled:
    condition, then, otherwise = map(compiled, (node.condition, node.then, node.otherwise))

    def run(environment: Environment, scope: Scope) -> Value:
        branch = then if condition(environment, scope) else otherwise
        value: Value = branch(environment, scope)
        return value

    return run


def _quantifier(node: Quantifier) -> Compiled:
    over, body, variable = compiled(node.over), compiled(node.body), node.variable

    def scopes(environment: Environment, scope: Scope) -> list[Scope]:
        return [{**scope, variable: element} for element in over(environment, scope)]

    if node.quantity is Quantity.ONE:
        return lambda environment, scope: (
            sum([body(environment, inner) for inner in scopes(environment, scope)]) == 1
        )
    decisive = node.quantity is Quantity.SOME
    return lambda environment, scope: _settle(
        environment, ((body, inner) for inner in scopes(environment, scope)), decisive=decisive
    )


def _operation(node: Operation) -> Compiled:
    apply = FUNCTIONS[node.operator]
    if len(node.operands) == 1:
        only = compiled(node.operands[0])
        return lambda environment, scope: apply(only(environment, scope))
    first, second = compiled(node.operands[0]), compiled(node.operands[1])
    match node:
        case Operation(operands=(Read(name=name), Literal(value=value))):  # the commonest atom
            return lambda environment, _scope: apply(environment.read(name), value)
        case Operation(operands=(_, Literal(value=value))):
            return lambda environment, scope: apply(first(environment, scope), value)
        case Operation(operator=Operator.IN, operands=(_, Items(items=items))) if all(
            isinstance(item, Literal) for item in items
        ):
            members = frozenset(item.value for item in items if isinstance(item, Literal))
            return lambda environment, scope: first(environment, scope) in members
    return lambda environment, scope: apply(first(environment, scope), second(environment, scope))
