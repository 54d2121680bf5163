"""What the operators and standard functions do to values: CEL's arithmetic, in Python.

Whole numbers are 64 bits and never wrap; division cuts towards zero (CEL specification,
"Overflow", "Functions"). Everything here is total but for `EvaluationFailure`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from placet.conditions.checking import matches
from placet.conditions.language import EvaluationFailure
from placet.conditions.literals import LONGEST
from placet.conditions.tree import Operator

__all__ = ["FUNCTIONS"]

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1


def _whole(number: int) -> int:
    if not _SMALLEST <= number <= _LARGEST:
        raise EvaluationFailure("the number does not fit 64 bits")
    return number


def _add(left: Any, right: Any) -> Any:
    return _in_range(operator.add, left, right)


def _subtract(left: Any, right: Any) -> Any:
    return _in_range(operator.sub, left, right)


def _in_range(function: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    try:
        result = function(left, right)
    except OverflowError:
        raise EvaluationFailure("the instant is outside the years 1 to 9999") from None
    if isinstance(result, int):
        return _whole(result)
    if isinstance(result, timedelta) and not -LONGEST <= result <= LONGEST:
        raise EvaluationFailure("the duration is longer than about 292 years")
    return result


def _multiply(left: int, right: int) -> int:
    return _whole(left * right)


def _divide(left: int, right: int) -> int:
    if right == 0:
        raise EvaluationFailure("division by zero")
    quotient = abs(left) // abs(right)
    return _whole(quotient if (left < 0) == (right < 0) else -quotient)


def _remainder(left: int, right: int) -> int:
    return left - right * _divide(left, right)


def _negate(number: int) -> int:
    return _whole(-number)


def _contained(element: Any, items: Any) -> bool:
    return element in items


def _index(items: tuple[Any, ...], position: int) -> Any:
    if not 0 <= position < len(items):
        raise EvaluationFailure(f"the list has no element {position}, it has {len(items)}")
    return items[position]


def _day_of_year(instant: datetime) -> int:
    return instant.timetuple().tm_yday - 1


FUNCTIONS: Mapping[Operator, Callable[..., Any]] = {
    Operator.ADD: _add,
    Operator.SUBTRACT: _subtract,
    Operator.MULTIPLY: _multiply,
    Operator.DIVIDE: _divide,
    Operator.REMAINDER: _remainder,
    Operator.NEGATE: _negate,
    Operator.EQUAL: operator.eq,
    Operator.NOT_EQUAL: operator.ne,
    Operator.LESS: operator.lt,
    Operator.LESS_OR_EQUAL: operator.le,
    Operator.GREATER: operator.gt,
    Operator.GREATER_OR_EQUAL: operator.ge,
    Operator.IN: _contained,
    Operator.INDEX: _index,
    Operator.SIZE: len,
    Operator.STARTS_WITH: str.startswith,
    Operator.ENDS_WITH: str.endswith,
    Operator.CONTAINS: operator.contains,
    Operator.MATCHES: matches,
    Operator.YEAR: lambda instant: instant.year,
    Operator.MONTH: lambda instant: instant.month - 1,
    Operator.DATE: lambda instant: instant.day,
    Operator.DAY_OF_MONTH: lambda instant: instant.day - 1,
    Operator.DAY_OF_WEEK: lambda instant: instant.isoweekday() % 7,
    Operator.DAY_OF_YEAR: _day_of_year,
    Operator.HOURS: lambda instant: instant.hour,
    Operator.MINUTES: lambda instant: instant.minute,
    Operator.SECONDS: lambda instant: instant.second,
    Operator.MILLISECONDS: lambda instant: instant.microsecond // 1000,
}
"""Each operator, on values whose types the checker has found to fit."""
