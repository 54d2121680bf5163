"""What a result may be once every open answer is given: exact, by a tree of decisions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Flag
from typing import Generic, TypeVar

from placet.conditions.condition import Condition
from placet.conditions.language import Environment, EvaluationFailure, Open, Value

__all__ = ["Beyond", "Leaf", "Truth", "explore", "truth"]

T = TypeVar("T")


class Beyond(Exception):
    """More completions to tell apart than the bound allows: the exact answer is not known."""

    def __init__(self, bound: int) -> None:
        super().__init__(f"more than {bound} completions")
        self.bound = bound


@dataclass(frozen=True, slots=True)
class Leaf(Generic[T]):
    """One class of completions: all that agree with these answers have this result."""

    answers: Mapping[str, Value]
    result: T


def explore(
    evaluate: Callable[[Mapping[str, Value]], T],
    domain: Callable[[str], Sequence[Value]],
    bound: int,
) -> tuple[Leaf[T], ...]:
    """Evaluate over all completions, asking only for answers that are needed.

    `evaluate` gets the answers given so far and raises `Open(key)` when it needs another
    one; then each value of `domain(key)` is tried, in order, depth first. The leaves
    partition the completions. Raises Beyond when there are more than `bound` of them;
    anything else that `evaluate` raises is passed on.
    """
    leaves: list[Leaf[T]] = []
    pending: list[dict[str, Value]] = [{}]
    while pending:
        answers = pending.pop()
        try:
            result = evaluate(answers)
        except Open as question:
            pending += [{**answers, question.key: value} for value in domain(question.key)[::-1]]
        else:
            leaves.append(Leaf(answers, result))
        if len(leaves) + len(pending) > bound:
            raise Beyond(bound)
    return tuple(leaves)


class Truth(Flag):
    """The results that a condition may have over all completions: never none of them."""

    TRUE = 1
    FALSE = 2
    FAILED = 4

    @property
    def certain(self) -> bool:
        """It is true whatever the open answers turn out to be."""
        return self is Truth.TRUE

    @property
    def possible(self) -> bool:
        """It is true for at least one completion."""
        return Truth.TRUE in self

    @property
    def may_fail(self) -> bool:
        """It has no value for at least one completion."""
        return Truth.FAILED in self

    def negation(self) -> Truth:
        """Give the results of `!x`."""
        return _union(_NEGATION[each] for each in self)

    def conjunction(self, other: Truth) -> Truth:
        """Give the results of `x && y` where x and y share no open answer: false absorbs."""
        return _union(_joined(a, b, Truth.FALSE) for a in self for b in other)

    def disjunction(self, other: Truth) -> Truth:
        """Give the results of `x || y` where x and y share no open answer: true absorbs."""
        return _union(_joined(a, b, Truth.TRUE) for a in self for b in other)


_NEGATION = {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE, Truth.FAILED: Truth.FAILED}


def _joined(left: Truth, right: Truth, decisive: Truth) -> Truth:
    if decisive in (left, right):
        return decisive
    return Truth.FAILED if Truth.FAILED in (left, right) else left


def _union(results: Iterator[Truth]) -> Truth:
    union = Truth(0)
    for result in results:
        union |= result
    return union


def truth(
    condition: Condition,
    environment_for: Callable[[Mapping[str, Value]], Environment],
    domain: Callable[[str], Sequence[Value]],
    bound: int = 4096,
) -> Truth:
    """Give the exact results of a condition over all completions; raises Beyond.

    `environment_for` makes the environment in which the given answers are no longer open.
    """

    def result(answers: Mapping[str, Value]) -> Truth:
        try:
            return Truth.TRUE if condition.holds(environment_for(answers)) else Truth.FALSE
        except EvaluationFailure:
            return Truth.FAILED

    return _union(leaf.result for leaf in explore(result, domain, bound))
