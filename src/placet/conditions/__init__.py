"""Conditions: CEL text, checked against a language, compiled, evaluated, explained.

Only a documented subset of CEL is accepted (`docs/reference/conditions.md`); anything else
is refused when it is loaded, with its place, the reason and a suggestion. Pure: no clock,
no input or output.
"""

from placet.conditions.compiling import LONGEST_TEXT, compile_condition, compile_expression
from placet.conditions.completions import Beyond, Leaf, Truth, explore, truth
from placet.conditions.condition import Condition
from placet.conditions.evaluation import evaluate
from placet.conditions.explanation import Explanation, explain
from placet.conditions.language import (
    Environment,
    EvaluationFailure,
    Function,
    Language,
    Open,
    Parameter,
    Type,
    Value,
    Variable,
    Vocabularies,
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
    children,
    walk,
)
from placet.conditions.unparsing import unparse

__all__ = [
    "LONGEST_TEXT",
    "And",
    "Beyond",
    "Call",
    "Choice",
    "Condition",
    "Environment",
    "EvaluationFailure",
    "Explanation",
    "Function",
    "Items",
    "Language",
    "Leaf",
    "Literal",
    "Local",
    "Node",
    "Not",
    "Open",
    "Operation",
    "Operator",
    "Or",
    "Parameter",
    "Quantifier",
    "Quantity",
    "Read",
    "Truth",
    "Type",
    "Value",
    "Variable",
    "Vocabularies",
    "children",
    "compile_condition",
    "compile_expression",
    "evaluate",
    "explain",
    "explore",
    "truth",
    "unparse",
    "walk",
]
