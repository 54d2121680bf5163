"""What a condition may still become: exact over completions, and bounded."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import pytest
from condition_expressions import conditions
from condition_sample import LANGUAGE, Given
from hypothesis import given
from hypothesis import strategies as st

from building import examples
from placet.conditions import (
    Beyond,
    Condition,
    EvaluationFailure,
    Leaf,
    Open,
    Truth,
    Value,
    compile_condition,
    explore,
    truth,
)

DOMAINS: dict[str, tuple[Value, ...]] = {
    "left": (True, False),
    "right": (True, False),
    "recipient": ("", "ua"),
    "purpose": ("a", "b"),
    "uses": ((), ("ua", "a")),
    "quantity": (0, 1),
    "share": (-1, 2**63 - 1),
}
NAMES = sorted(DOMAINS)
CONDITIONS = conditions(2).filter(lambda text: "request.at" not in text and "waited" not in text)
COMPLETIONS = [dict(zip(NAMES, c, strict=True)) for c in product(*(DOMAINS[n] for n in NAMES))]
KNOWN = st.fixed_dictionaries({}, optional={n: st.sampled_from(DOMAINS[n]) for n in NAMES})
RESULTS = st.sampled_from(list(Truth))


def condition_of(text: str) -> Condition:
    """Compile without vocabularies."""
    return compile_condition(text, LANGUAGE, {})


def result(condition: Condition, values: Mapping[str, Value]) -> Truth:
    """Give what a condition comes to with these values."""
    try:
        return Truth.TRUE if condition.holds(Given(values)) else Truth.FALSE
    except EvaluationFailure:
        return Truth.FAILED


def within(answers: Mapping[str, Value], completion: Mapping[str, Value]) -> bool:
    """Tell whether a completion agrees with some answers."""
    return all(completion[name] == value for name, value in answers.items())


@examples(80)
@given(CONDITIONS, KNOWN)
def test_truth_is_brute_force(text: str, known: dict[str, Value]) -> None:
    """The exact truth of a condition is what trying every completion finds, no more, no less."""
    condition = condition_of(text)
    found = truth(condition, lambda answers: Given({**answers, **known}), lambda key: DOMAINS[key])
    tried = [result(condition, c) for c in COMPLETIONS if within(known, c)]
    assert set(found) == set(tried)


@examples(80)
@given(CONDITIONS)
def test_leaves_partition_the_completions(text: str) -> None:
    """Every completion falls into exactly one leaf, and has the result that the leaf states."""
    condition = condition_of(text)
    leaves = explore(lambda answers: result(condition, answers), lambda key: DOMAINS[key], 10_000)
    for completion in COMPLETIONS:
        (leaf,) = [each for each in leaves if within(each.answers, completion)]
        assert leaf.result == result(condition, completion)


@examples(80)
@given(CONDITIONS, KNOWN, KNOWN)
def test_withholding_never_decides(
    text: str, known: dict[str, Value], more: dict[str, Value]
) -> None:
    """With fewer answers given, a condition may become at least all that it may with more."""
    condition = condition_of(text)
    fewer = truth(condition, lambda a: Given({**a, **known}), lambda key: DOMAINS[key])
    further = {**more, **known}
    rest = truth(condition, lambda a: Given({**a, **further}), lambda key: DOMAINS[key])
    assert rest in fewer


@given(RESULTS, RESULTS)
def test_joining_results_is_joining_their_members(left: Truth, right: Truth) -> None:
    """Sets of results join member by member, with false absorbing in "and" and true in "or"."""
    environments = {Truth.TRUE: {"x": True}, Truth.FALSE: {"x": False}, Truth.FAILED: {}}

    def joined(text: str) -> set[Truth]:
        condition = condition_of(text)
        found = set()
        for a, b in product(left, right):
            values = {"left": environments[a].get("x"), "right": environments[b].get("x")}
            failing = frozenset(name for name, value in values.items() if value is None)
            given_values = {n: v for n, v in values.items() if v is not None}
            try:
                holds = condition.holds(Given(given_values, failing))
                found.add(Truth.TRUE if holds else Truth.FALSE)
            except EvaluationFailure:
                found.add(Truth.FAILED)
        return found

    assert set(left.conjunction(right)) == joined("left && right")
    assert set(left.disjunction(right)) == joined("left || right")
    assert set(left.negation()) == joined("!left")


def test_leaves_come_depth_first_in_the_order_of_the_domain() -> None:
    """The same question is always explored in the same order, asking only what is needed."""
    condition = condition_of("left && right")
    leaves = explore(lambda answers: condition.holds(Given(answers)), lambda _: (False, True), 9)
    assert leaves == (
        Leaf({"left": False}, result=False),
        Leaf({"left": True, "right": False}, result=False),
        Leaf({"left": True, "right": True}, result=True),
    )


def test_an_answer_that_decides_asks_nothing_more() -> None:
    """A false side that is known decides without forking over the other side."""
    condition = condition_of("left && quantity > 3")
    leaves = explore(
        lambda answers: condition.holds(Given({"quantity": 0, **answers})), lambda _: (), 1
    )
    assert leaves == (Leaf({}, result=False),)


def test_beyond_the_bound() -> None:
    """More leaves than the bound are refused with the bound, never cut off in silence."""
    condition = condition_of("quantity == share")
    with pytest.raises(Beyond) as caught:
        truth(condition, Given, lambda _: tuple(range(100)), bound=4096)
    assert caught.value.bound == 4096
    assert explore(lambda _: 1, lambda _: (), 1) == (Leaf({}, 1),)


def test_other_errors_are_passed_on() -> None:
    """Only an open answer forks; a failure that `evaluate` lets out reaches the caller."""
    condition = condition_of("1 / quantity == 1")
    with pytest.raises(EvaluationFailure):
        explore(lambda answers: condition.holds(Given(answers)), lambda _: (1, 0), 8)
    with pytest.raises(Open):
        condition.holds(Given())
