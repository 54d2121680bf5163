"""Why a condition came out as it did: every part of it with its own value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from placet.conditions.condition import Condition
from placet.conditions.evaluation import Scope, compiled
from placet.conditions.language import Environment, EvaluationFailure, Open, Value
from placet.conditions.tree import Node, Quantifier, children
from placet.conditions.unparsing import unparse, value_text

__all__ = ["Explanation", "explain"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One expression and what came of it.

    `value` is set when the state is "value"; `needs`, the key of the missing answer, when
    it is "open"; `reason` when it is "failed". Below a quantifier stand its list and then
    its body once for each element, with the element at the front of the text.
    """

    text: str
    state: Literal["value", "open", "failed"]
    value: Value | None = None
    needs: str = ""
    reason: str = ""
    children: tuple[Explanation, ...] = ()


def explain(condition: Condition, environment: Environment) -> Explanation:
    """Explain a condition; nothing is left out because another part already decided."""
    return _explain(condition.tree, environment, {})


def _explain(node: Node, environment: Environment, scope: Scope, front: str = "") -> Explanation:
    if isinstance(node, Quantifier):
        below = _quantified(node, environment, scope)
    else:
        below = tuple(_explain(child, environment, scope) for child in children(node))
    text = front + unparse(node)
    try:
        value = compiled(node)(environment, scope)
    except Open as question:
        return Explanation(text, "open", needs=question.key, children=below)
    except EvaluationFailure as failure:
        return Explanation(text, "failed", reason=failure.reason, children=below)
    return Explanation(text, "value", value, children=below)


def _quantified(
    node: Quantifier, environment: Environment, scope: Scope
) -> tuple[Explanation, ...]:
    over = _explain(node.over, environment, scope)
    elements = over.value if isinstance(over.value, tuple) else ()
    return over, *(
        _explain(
            node.body,
            environment,
            {**scope, node.variable: element},
            f"{node.variable} = {value_text(element)}: ",
        )
        for element in elements
    )
