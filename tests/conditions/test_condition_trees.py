"""The tree of a condition, its text, its parts and its explanation."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from condition_expressions import EXPRESSIONS, REQUESTS, conditions
from condition_sample import LANGUAGE, VOCABULARIES, Given
from hypothesis import given

from building import examples
from placet.conditions import (
    And,
    Call,
    Condition,
    EvaluationFailure,
    Explanation,
    Literal,
    Node,
    Open,
    Operation,
    Operator,
    Quantifier,
    Read,
    Type,
    Value,
    compile_condition,
    compile_expression,
    evaluate,
    explain,
    unparse,
    walk,
)


def condition_of(text: str) -> Condition:
    """Compile in the sample language."""
    return compile_condition(text, LANGUAGE, VOCABULARIES)


@examples(300)
@given(EXPRESSIONS)
def test_the_canonical_text_reads_back(text: str) -> None:
    """The canonical text of a tree compiles to an equal tree, and is its own canonical text."""
    node = compile_expression(text, LANGUAGE, {})
    again = compile_expression(unparse(node), LANGUAGE, {})
    assert again == node
    assert hash(again) == hash(node)
    assert unparse(again) == unparse(node)


@examples(150)
@given(conditions(3), REQUESTS)
def test_reads_are_all_that_is_read(text: str, request: dict[str, Value]) -> None:
    """A condition asks its environment for nothing but the variables that it says it reads."""
    condition = compile_condition(text, LANGUAGE, {})

    class Watching(Given):
        def read(self, name: str) -> Value:
            assert name in condition.reads
            return super().read(name)

    with suppress(EvaluationFailure):
        condition.holds(Watching(request))
    assert condition.reads == {n.name for n in walk(condition.tree) if isinstance(n, Read)}


@examples(150)
@given(conditions(3), REQUESTS)
def test_the_explanation_tells_the_result(text: str, request: dict[str, Value]) -> None:
    """The root of an explanation agrees with `holds`, and every part carries its own value."""
    condition = compile_condition(text, LANGUAGE, {})
    explanation = explain(condition, Given(request))
    try:
        expected: tuple[str, object, str] = ("value", condition.holds(Given(request)), "")
    except EvaluationFailure as failure:
        expected = ("failed", None, failure.reason)
    assert (explanation.state, explanation.value, explanation.reason) == expected


def test_atoms_are_what_the_connectives_combine() -> None:
    """Atoms are the maximal parts without && || ! ?:, each once, in the order written."""
    condition = condition_of(
        'left && !(quantity > 3) || (right ? quantity > 3 : uses.exists(u, u == "jam"))'
    )
    assert [unparse(atom) for atom in condition.atoms] == [
        "left",
        "quantity > 3",
        "right",
        'uses.exists(u, u == "jam")',
    ]


def test_what_a_condition_names() -> None:
    """Variables, functions and literals are listed; true and 1 are different literals."""
    condition = condition_of('area.within("RU-BEL", "RU") && quantity == 1 && left == true')
    assert condition.reads == {"quantity", "left"}
    assert condition.calls == {"area.within"}
    assert condition.literals == ("RU-BEL", "RU", 1, True)
    assert [type(each) for each in condition.literals] == [str, str, int, bool]


def test_equal_trees() -> None:
    """Trees are equal when they say the same, whatever the spacing, brackets and quotes."""
    first = condition_of("left && (right && 'ua' == recipient)").tree
    second = condition_of('left&&right && "ua"==recipient // as agreed').tree
    assert first == second
    assert isinstance(first, And)
    assert len(first.operands) == 3
    assert Literal(Type.INT, 1) != Literal(Type.BOOL, True)


def test_names_that_stand_for_a_literal() -> None:
    """`none` is the empty string, and always a known code."""
    assert condition_of("recipient == none").tree == condition_of('recipient == ""').tree


def test_functions_of_the_language() -> None:
    """Functions and member functions are called with their arguments, the receiver first."""
    plain, member = condition_of('area.within("RU-BEL", "RU")'), condition_of('"RU".within("RU")')
    areas = (Literal(Type.STRING, "RU-BEL"), Literal(Type.STRING, "RU"))
    assert plain.tree == Call("area.within", areas)
    assert unparse(member.tree) == '"RU".within("RU")'
    assert plain.holds(Given())
    assert condition_of('ally(recipient) == "pl"').holds(Given({"recipient": "ua"}))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("quantity / 2", -3),
        ("quantity % 2", -1),
        ("-(quantity)", 7),
        ('size("\U0001f600é")', 2),
        ('timestamp("2024-02-29T23:30:00-01:00").getDate()', 1),
        ('timestamp("2024-03-01T00:30:00Z").getMonth()', 2),
        ('timestamp("2024-03-03T00:30:00Z").getDayOfWeek("UTC")', 0),
        ('duration("1h30m")', timedelta(minutes=90)),
        ('duration("-1.5s")', timedelta(seconds=-1.5)),
        ('timestamp("2025-08-23T12:00:00.5+02:00")', datetime(2025, 8, 23, 10, 0, 0, 500000, UTC)),
        ('timestamp("0001-01-01T00:00:00Z").getFullYear()', 1),
        ("[1, 2, 3][1]", 2),
        ('uses.exists(u, uses.exists(u, u == "jam") && u == "strike")', True),
        ("left ? quantity : 0", -7),
    ],
)
def test_values(text: str, value: Value) -> None:
    """Standard operators give what the CEL specification says."""
    environment = Given({"quantity": -7, "uses": ("strike", "jam"), "left": True})
    assert evaluate(compile_expression(text, LANGUAGE, {}), environment) == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1 / quantity", "division by zero"),
        ("1 % quantity", "division by zero"),
        ("9223372036854775807 + 1", "64 bits"),
        ("-9223372036854775808 / -1", "64 bits"),
        ("[1][quantity + 1]", "no element 1"),
        ("[1][-1]", "no element -1"),
        ('timestamp("9999-12-31T23:59:59Z") + duration("1s")', "years 1 to 9999"),
        ('timestamp("9999-12-31T23:59:59Z") - timestamp("2000-01-01T00:00:00Z")', "292 years"),
    ],
)
def test_failures(text: str, reason: str) -> None:
    """What has no value fails with a reason, and never wraps round or gives a default."""
    with pytest.raises(EvaluationFailure, match=reason):
        evaluate(compile_expression(text, LANGUAGE, {}), Given({"quantity": 0}))


def test_a_text_that_is_not_unicode_fails() -> None:
    """A pattern on a text that UTF-8 cannot hold has no value, rather than a crash."""
    with pytest.raises(EvaluationFailure, match="Unicode"):
        condition_of('purpose.matches("a+")').holds(Given({"purpose": "\ud800"}))


def test_patterns_take_linear_time() -> None:
    """A pattern that would hang a backtracking engine is answered at once."""
    assert not condition_of('purpose.matches("^(a+)+$")').holds(
        Given({"purpose": "a" * 9999 + "b"})
    )


def test_an_explanation_shows_every_part() -> None:
    """Nothing is left out because another part has decided; quantifiers show each element."""
    condition = condition_of('left && uses.exists(u, u == "jam") && 1 / quantity > 0')
    explanation = explain(
        condition, Given({"left": False, "uses": ("strike", "jam"), "quantity": 0})
    )
    left, uses, division = explanation.children
    assert (explanation.state, explanation.value) == ("value", False)
    assert left == Explanation("left", "value", value=False)
    assert [each.text for each in uses.children] == [
        "uses",
        'u = "strike": u == "jam"',
        'u = "jam": u == "jam"',
    ]
    assert [each.value for each in uses.children[1:]] == [False, True]
    assert (division.state, division.reason) == ("failed", "division by zero")
    assert explain(condition, Given()).needs == "left"


def test_open_beats_failure_and_the_first_open_is_asked() -> None:
    """Of several undecided parts, the first open answer is asked for."""
    with pytest.raises(Open) as caught:
        condition_of("1 / 0 == 1 && right && left").holds(Given())
    assert caught.value.key == "right"


def test_nodes_can_be_taken_apart() -> None:
    """A tree is plain data that other engines can match on."""
    node: Node = condition_of('uses.all(u, u in ["jam", "recce"])').tree
    assert isinstance(node, Quantifier)
    assert isinstance(node.body, Operation)
    assert node.body.operator is Operator.IN
