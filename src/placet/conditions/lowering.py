"""From the checked tree of all CEL to the tree of the supported subset, or the reasons why not."""

from __future__ import annotations

from placet.conditions.checking import DECLARED, pattern_fault
from placet.conditions.language import Language, Type, type_of
from placet.conditions.literals import read_duration, read_timestamp
from placet.conditions.refusals import (
    Refusal,
    refused_function,
    refused_kind,
    refused_macro,
    refused_name,
    refused_text,
    refused_type,
)
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
from placet.conditions.wire import (
    CheckedExpression,
    Comprehension,
    Constant,
    Expression,
    FunctionCall,
    Identifier,
    ListOf,
    Other,
)

__all__ = ["lower"]

_OPERATORS = {operator.value: operator for operator in Operator}
_GETTERS = frozenset(name for name in _OPERATORS if name.startswith("get"))
_SCALARS = frozenset({"bool", "int", "string", "timestamp", "duration"})
_LISTS = frozenset(f"list({scalar})" for scalar in (*_SCALARS, "dyn"))
_NOTHING = Literal(Type.BOOL, False)  # stands where a refused expression stood


def lower(
    checked: CheckedExpression, text: str, language: Language
) -> tuple[Node, tuple[Refusal, ...]]:
    """Lower the checked tree of a text.

    Where something is refused, the tree that comes with the refusals has holes in it.
    """
    lowering = _Lowering(checked, text, language)
    node = lowering.node(checked.root, frozenset())
    return node, tuple(lowering.refusals)


class _Lowering:
    """One descent; `bound` holds the variables of the quantifiers around an expression."""

    def __init__(self, checked: CheckedExpression, text: str, language: Language) -> None:
        self.checked = checked
        self.text = text
        self.constants = language.constants
        names = [variable.name for variable in language.variables] + list(language.constants)
        self.taken = {each for name in names for each in (name, name.partition(".")[0])}
        self.refusals: list[Refusal] = []

    def node(self, expression: Expression, bound: frozenset[str]) -> Node:
        before = len(self.refusals)
        node = self._node(expression, bound)
        if len(self.refusals) == before:  # else its parts have said it already
            kind = self._type(expression)
            if kind not in _SCALARS and kind not in _LISTS:
                return self._refuse(expression, refused_type(kind))
        return node

    def _node(self, expression: Expression, bound: frozenset[str]) -> Node:
        match expression:
            case Constant(value=value):
                return Literal(type_of(value), value, self._at(expression))
            case Identifier():
                return self._name(expression, bound)
            case ListOf():
                return self._items(expression, bound)
            case FunctionCall():
                return self._call(expression, bound)
            case Comprehension():
                return self._quantifier(expression, bound)
            case Other(kind=kind):
                return self._refuse(expression, refused_kind(kind))

    def _name(self, expression: Identifier, bound: frozenset[str]) -> Node:
        if expression.name in bound:
            return Local(expression.name)
        if self.text[self._at(expression) :].startswith("("):
            # The library turns has(a.b) into plain a.b where that is one name.
            return self._refuse(expression, refused_kind("select"))
        name = (self.checked.names.get(expression.id) or expression.name).lstrip(".")
        if name in self.constants:
            value = self.constants[name]
            return Literal(type_of(value), value, self._at(expression))
        return Read(name)

    def _items(self, expression: ListOf, bound: frozenset[str]) -> Node:
        items = tuple(self.node(element, bound) for element in expression.elements)
        kinds = {self._type(element) for element in expression.elements}
        if len(kinds) > 1:
            return self._refuse(expression, refused_type("mixed list"))
        if not kinds <= _SCALARS:
            return self._refuse(expression, refused_type("list of lists"))
        return Items(items)

    def _quantifier(self, expression: Comprehension, bound: frozenset[str]) -> Node:
        if expression.variable in self.taken:
            return self._refuse(expression, refused_name(expression.variable))
        over = self.node(expression.over, bound)
        found = _quantity_and_body(expression)
        if found is None:
            return self._refuse(expression, refused_macro())
        quantity, body = found
        inner = self.node(body, bound | {expression.variable})
        return Quantifier(quantity, expression.variable, over, inner)

    def _call(self, call: FunctionCall, bound: frozenset[str]) -> Node:
        if call.function in ("timestamp", "duration"):
            return self._time(call)
        operands = tuple(self.node(argument, bound) for argument in call.arguments)
        overloads = self.checked.overloads.get(call.id, ())
        if overloads and overloads[0].startswith(DECLARED):
            return Call(call.function, operands, call.member)
        match call.function, operands:
            case "_&&_", _:
                return And(tuple(o for each in operands for o in _parts(each, And)))
            case "_||_", _:
                return Or(tuple(o for each in operands for o in _parts(each, Or)))
            case "!_", (operand,):
                return Not(operand)
            case "_?_:_", (condition, then, otherwise):
                return Choice(condition, then, otherwise)
        return self._operation(call, operands)

    def _operation(self, call: FunctionCall, operands: tuple[Node, ...]) -> Node:
        operator = _OPERATORS.get(call.function)
        kinds = [self._type(argument) for argument in call.arguments]
        if operator is None or (operator is Operator.ADD and kinds[0].startswith("list")):
            return self._refuse(call, refused_function(call.function))
        if call.function in _GETTERS:
            return self._getter(call, operator, operands)
        if operator is Operator.MATCHES:
            return self._matches(call, operands)
        return Operation(operator, operands)

    def _getter(self, call: FunctionCall, operator: Operator, operands: tuple[Node, ...]) -> Node:
        if self._type(call.arguments[0]) == "duration":
            return self._refuse(call, refused_function("parts of a duration"))
        if len(operands) == 2 and operands[1] != Literal(Type.STRING, "UTC"):
            return self._refuse(call.arguments[1], refused_function("time zone"))
        return Operation(operator, operands[:1])

    def _matches(self, call: FunctionCall, operands: tuple[Node, ...]) -> Node:
        pattern = operands[1]
        if not (isinstance(pattern, Literal) and isinstance(pattern.value, str)):
            return self._refuse(call.arguments[1], refused_function("computed pattern"))
        fault = pattern_fault(pattern.value)
        if fault is not None:
            return self._refuse(call.arguments[1], refused_text("pattern", pattern.value, fault))
        return Operation(Operator.MATCHES, operands)

    def _time(self, call: FunctionCall) -> Node:
        argument = call.arguments[0]
        if not (isinstance(argument, Constant) and isinstance(argument.value, str)):
            return self._refuse(call, refused_function(f"computed {call.function}"))
        try:
            if call.function == "timestamp":
                return Literal(Type.TIMESTAMP, read_timestamp(argument.value), self._at(argument))
            return Literal(Type.DURATION, read_duration(argument.value), self._at(argument))
        except ValueError as error:
            refusal = refused_text(call.function, argument.value, str(error))
            return self._refuse(argument, refusal)

    def _type(self, expression: Expression) -> str:
        return self.checked.types.get(expression.id, "dyn")

    def _at(self, expression: Expression) -> int:
        return self.checked.positions.get(expression.id, 0)

    def _refuse(self, expression: Expression, refusal: Refusal) -> Node:
        self.refusals.append(refusal.placed(self._at(expression)))
        return _NOTHING


def _parts(node: Node, kind: type[And | Or]) -> tuple[Node, ...]:
    return node.operands if isinstance(node, kind) else (node,)


def _quantity_and_body(expression: Comprehension) -> tuple[Quantity, Expression] | None:
    """Recognise what a macro was expanded to (CEL specification, "Macros")."""
    start, step = expression.start, expression.step
    if not (isinstance(start, Constant) and isinstance(step, FunctionCall)):
        return None
    match step.function:
        case "_||_":
            return Quantity.SOME, step.arguments[1]
        case "_&&_":
            return Quantity.EVERY, step.arguments[1]
        case "_?_:_":
            return Quantity.ONE, step.arguments[0]
    return None
