"""The only module that knows the CEL library: it parses, checks types and matches RE2 patterns.

The library is Google's C++ implementation, pinned. Its errors arrive as the text of a
RuntimeError; they leave here as `Complaint`s, still in the library's words.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

import cel_expr_python.cel as cel

from placet.conditions.language import EvaluationFailure, Function, Language, Type, type_of
from placet.conditions.wire import CheckedExpression, read_checked

__all__ = ["DECLARED", "Complaint", "check", "matches", "pattern_fault"]


@dataclass(frozen=True, slots=True)
class Complaint:
    """What the library said about a text, and where; line and column are 0 for the whole text."""

    line: int
    column: int
    message: str


_TYPES = {
    Type.BOOL: cel.Type.BOOL,
    Type.INT: cel.Type.INT,
    Type.STRING: cel.Type.STRING,
    Type.TIMESTAMP: cel.Type.TIMESTAMP,
    Type.DURATION: cel.Type.DURATION,
    Type.STRINGS: cel.Type.List(cel.Type.STRING),
}

DECLARED = "placet/"
"""How the overload of a function of the language begins, where CEL's own have another name."""

_COMPLAINT = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")


def check(text: str, language: Language) -> CheckedExpression | tuple[Complaint, ...]:
    """Parse and type-check a text that holds no surrogate and no NUL: a tree, or complaints."""
    try:
        expression = _environment(language).compile(text)
    except RuntimeError as error:
        return _complaints(str(error))
    return read_checked(expression.serialize())


def matches(text: str, pattern: str) -> bool:
    """Tell whether an RE2 pattern is found somewhere in a text, in linear time."""
    return _search(text, pattern)


def pattern_fault(pattern: str) -> str | None:
    """Say what RE2 has against a pattern, or None when it is one."""
    try:
        _search("", pattern)
    except EvaluationFailure as failure:
        return failure.reason.rpartition("invalid regular expression: ")[2]
    return None


@lru_cache(maxsize=16)
def _environment(language: Language) -> cel.Env:
    variables = {variable.name: _TYPES[variable.type] for variable in language.variables}
    variables |= {name: _TYPES[type_of(value)] for name, value in language.constants.items()}
    overloads: dict[str, list[cel.Overload]] = defaultdict(list)
    for index, function in enumerate(language.functions):
        overloads[function.name].append(_overload(function, index))
    return cel.NewEnv(
        variables=variables,
        functions=[cel.FunctionDecl(name, each) for name, each in overloads.items()],
    )


def _overload(function: Function, index: int) -> cel.Overload:
    return cel.Overload(
        f"{DECLARED}{function.name}/{index}",
        _TYPES[function.returns],
        [_TYPES[parameter.type] for parameter in function.parameters],
        is_member=function.member,
    )


def _complaints(message: str) -> tuple[Complaint, ...]:
    found = [
        Complaint(max(int(line), 0), max(int(column), 0), said)
        for line, column, said in _COMPLAINT.findall(message)
    ]
    return tuple(found) or (Complaint(0, 0, message),)


_PATTERNS = cel.NewEnv(variables={"text": cel.Type.STRING, "pattern": cel.Type.STRING})
_SEARCH = _PATTERNS.compile("text.matches(pattern)")


@lru_cache(maxsize=4096)
def _search(text: str, pattern: str) -> bool:
    try:
        found = _SEARCH.eval(_PATTERNS.Activation({"text": text, "pattern": pattern}))
    except RuntimeError as error:  # a text that UTF-8 cannot hold
        raise EvaluationFailure("the text is not valid Unicode") from error
    if found.type() == cel.Type.ERROR:
        raise EvaluationFailure(str(found.value()))
    return bool(found.value())
