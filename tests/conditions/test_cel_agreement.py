"""The plain evaluator against the CEL library's own evaluation, on generated expressions."""

from __future__ import annotations

import cel_expr_python.cel as cel
from condition_expressions import EXPRESSIONS, REQUESTS
from condition_sample import LANGUAGE, Given
from hypothesis import given

from building import examples
from placet.conditions import EvaluationFailure, Type, Value, compile_expression, evaluate

TYPES = {
    Type.BOOL: cel.Type.BOOL,
    Type.INT: cel.Type.INT,
    Type.STRING: cel.Type.STRING,
    Type.TIMESTAMP: cel.Type.TIMESTAMP,
    Type.DURATION: cel.Type.DURATION,
    Type.STRINGS: cel.Type.List(cel.Type.STRING),
}
LIBRARY = cel.NewEnv(variables={each.name: TYPES[each.type] for each in LANGUAGE.variables})
FAILED = "no value"


def ours(text: str, request: dict[str, Value]) -> object:
    """Evaluate as Placet does."""
    try:
        return evaluate(compile_expression(text, LANGUAGE, {}), Given(request))
    except EvaluationFailure:
        return FAILED


def theirs(text: str, request: dict[str, Value]) -> object:
    """Evaluate as the CEL library does."""
    data = {name: list(v) if isinstance(v, tuple) else v for name, v in request.items()}
    found = LIBRARY.compile(text).eval(LIBRARY.Activation(data))
    if found.type() == cel.Type.ERROR:
        return FAILED
    value = found.plain_value()
    return tuple(value) if isinstance(value, list) else value


@examples(300)
@given(EXPRESSIONS, REQUESTS)
def test_same_value_or_same_failure(text: str, request: dict[str, Value]) -> None:
    """Where every answer is given, CEL's own evaluator gives the same value, or fails as well."""
    expected = theirs(text, request)
    found = ours(text, request)
    assert (type(found), found) == (type(expected), expected)
