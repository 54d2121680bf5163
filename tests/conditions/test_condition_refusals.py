"""What is refused, where, and in which words."""

from __future__ import annotations

import pytest
from condition_sample import LANGUAGE, VOCABULARIES
from hypothesis import example, given
from hypothesis import strategies as st

from building import examples
from placet.conditions import LONGEST_TEXT, compile_condition, compile_expression, unparse
from placet.errors import ConditionError, Problem, Where

REFUSED = [
    # text, place, what, do
    ("", "1:1", "empty", ""),
    ("recipent == 'ua'", "1:1", "recipent is not known here", "Did you mean recipient?"),
    ("left\n&& right.bassis == none", "2:4", "right.bassis is not known", "right.basis?"),
    ("'\U0001f600' == purpos", "1:8", "purpos is not known", "purpose?"),
    ("right == 'origin'", "1:7", "== cannot compare bool with string", ""),
    ("recipient.country == 'x'", "1:1", "recipient.country is not known", "mean recipient?"),
    ("purpose.abcdefghijk == 'x'", "1:8", "a string has no fields", ""),
    ("request == 'x'", "1:1", "request alone has no value", "request.at"),
    ("area.withn('RU', 'RU')", "1:1", "no function area.withn", "area.within?"),
    ("area.within('RU')", "1:1", "does not take these arguments", "area.within(string, string)"),
    (
        "quantity.within('RU')",
        "1:16",
        "within does not take (int, string)",
        "string.within(string)",
    ),
    ("purpose.startswith('a')", "1:19", "no function startswith", "startsWith?"),
    ("recipient() == 'ua'", "1:10", "a variable, not a function", "Leave ( ) out"),
    ("uses.exists(x)", "1:12", "exists does not take", "list.exists(x,"),
    ("uses.exists(1, true)", "1:13", "must be a plain name", "list.exists(x,"),
    ("uses.exists(none, none == 'jam')", "1:12", "none already has a meaning", "another name"),
    ("[1].all(quantity, .quantity == 2)", "1:8", "quantity already has a meaning", ""),
    ("[1].all(request, request == 2)", "1:8", "request already has a meaning", ""),
    ("[left].exists(right, right.basis == 'x')", "1:27", "right already has a meaning", ""),
    ("purpose == 1", "1:9", "== cannot compare string with int", ""),
    ("uses == 'jam'", "1:6", "list of strings with string", ""),
    ("quantity && left", "1:10", "&& does not take (int, bool)", ""),
    ("share > 0.25", "1:7", "no floating point", "2500 for 25%"),
    ("0.5 < 0.25", "1:1", "no floating point", "2500 for 25%"),
    ("quantity == 5u", "1:10", "no unsigned numbers", "5 instead of 5u"),
    ("purpose == b'a'", "1:9", "no bytes", "string"),
    ("purpose == null", "1:9", "no null", '""'),
    ("{'a': 1} == {'a': 1}", "1:1", "no maps", "list"),
    ("quantity in [1, 'a']", "1:13", "not of one type", "one type"),
    ("uses in [uses]", "1:9", "must be bool, int", "flat list"),
    ("dyn(quantity) == 1", "1:4", "cannot be told", ""),
    ("type(quantity) == int", "1:5", "not a value", ""),
    ("int(purpose) == 1", "1:4", "does not convert", "as it is"),
    ("has(purpose.x)", "1:4", "has no fields", ""),
    ("has(right.basis)", "1:4", "has() is not supported", '""'),
    ("has ( right . basis ) == 'origin'", "1:5", "has() is not supported", '""'),
    ("has(purpose)", "1:5", "has() is not supported", '""'),
    ("uses.map(x, x) == uses", "1:9", "map and filter", "exists"),
    ("uses + uses == uses", "1:6", "cannot be joined", "||"),
    ("waited.getHours() > 36", "1:16", "no parts", "duration"),
    ("request.at.getHours('Europe/Kyiv') > 3", "1:21", "UTC only", "UTC"),
    ("timestamp('2025-08-23') > request.at", "1:11", "is not a timestamp", "2025-08-23T00:00:00Z"),
    ("timestamp('2025-02-30T00:00:00Z') > request.at", "1:11", "is not a timestamp", ""),
    ("timestamp(purpose) > request.at", "1:10", "must be written out", "timestamp("),
    ("waited > duration('2d')", "1:19", "'2d' is not a duration", "36h"),
    ("waited > duration('1ns')", "1:19", "is not a duration", ""),
    ("waited > duration('9000000000h')", "1:19", "is not a duration", ""),
    ("purpose.matches('(?=a)')", "1:17", "is not a pattern", "RE2"),
    ("purpose.matches(recipient)", "1:17", "must be written out", "literal"),
    ("quantity", "1:1", "of type int, not a condition", "Compare"),
    ("quantity = 3", "1:10", "= is not expected here", "Write =="),
    ("left and right", "1:6", "and is not expected here", "Write &&"),
    ("left or right", "1:6", "or is not expected here", "Write ||"),
    ("not left", "1:5", "not expected", ""),
    ("left & right", "1:6", "& is not expected here", "Write &&"),
    ("purpose == \u201ca\u201d", "1:12", "\u201c is not expected", "straight quotation marks"),
    ("purpose == 'a", "1:12", "cannot be read", "Close the quotation mark"),
    ("left &&", "1:8", "ends too early", "Complete it"),
    ("left ? right", "1:13", "ends too early", "Complete it"),
    ("(left", "1:6", ") is missing here", ""),
    ("return", "1:1", "reserved word", ""),
    ("quantity == 99999999999999999999", "1:13", "too large", ""),
    ("a\0b", "1:2", "U+0000", "escape"),
    ("left ||\n\ud800", "2:1", "U+D800", "escape"),
    ("(" * 40 + "left" + ")" * 40, "1:1", "32 levels", "Split"),
    ("quantity" + " + 1" * 99 + " > 1", "1:1", "32 levels", "Split"),
    ("left" + " " * LONGEST_TEXT, "1:1", "characters", "Split"),
]

UNKNOWN_CODES = [
    ("recipient == 'uaa'", "1:14", "'uaa' is not among the known parties", "Did you mean ua?"),
    ("recipient != 'UA'", "1:14", "'UA' is not among", "Did you mean ua?"),
    ("'uaa' == recipient", "1:1", "'uaa'", "ua"),
    ("left ||\n recipient in ['ua', 'xx']", "2:22", "'xx' is not among the known parties", ""),
    ("'strik' in uses", "1:1", "'strik' is not among the known uses", "Did you mean strike?"),
    ("uses.exists(u, u == 'reccee')", "1:21", "'reccee'", "Did you mean recce?"),
    ("uses.all(u, u in ['jam', 'jams'])", "1:26", "'jams'", "Did you mean jam?"),
    ("uses[0] == 'jams'", "1:12", "'jams'", "jam"),
    ("uses == ['jams']", "1:10", "'jams'", "jam"),
    ("area.within('RU', 'RU-BEK')", "1:19", "'RU-BEK'", "Did you mean RU-BEL?"),
    ("'RUS'.within('RU')", "1:1", "'RUS' is not among the known areas", "Did you mean RU?"),
    ("ally(recipient) == 'poland'", "1:20", "'poland'", ""),
    ("(left ? recipient : none) == 'xx'", "1:30", "'xx'", ""),
    ("recipient == (left ? 'xx' : none)", "1:22", "'xx'", ""),
]


def problems_of(text: str) -> tuple[Problem, ...]:
    """Give what is wrong with a condition."""
    with pytest.raises(ConditionError) as caught:
        compile_condition(text, LANGUAGE, VOCABULARIES)
    return caught.value.problems


@pytest.mark.parametrize(("text", "place", "what", "do"), REFUSED + UNKNOWN_CODES)
def test_a_refusal_says_where_what_and_what_to_do(
    text: str, place: str, what: str, do: str
) -> None:
    """A text outside the language is refused with its place, the matter, and advice."""
    first = problems_of(text)[0]
    assert str(first.where) == place
    assert what in first.what
    assert do in first.do
    assert "INVALID_ARGUMENT" not in str(first)


def test_every_problem_is_found_at_once() -> None:
    """An author gets all problems of a condition together, in order of place."""
    text = "recipient == 'x1' || uses.map(u, u) == uses || 'x2' in uses || 5u == 5u"
    assert [str(each.where) for each in problems_of(text)] == [
        "1:14",
        "1:30",
        "1:48",
        "1:64",
        "1:70",
    ]
    assert len(problems_of("recipent == 'a' && quantiti > 3 && purpose == 1")) == 3


@pytest.mark.parametrize(
    "text",
    [
        "recipient == none",
        "recipient == ''",
        "recipient in ['ua', '', none]",
        "recipient < 'zz'",
        "recipient.startsWith('u')",
        "purpose == 'anything'",
        "area.within('', 'RU')",
        "recipient == 'u' + 'a'",
    ],
)
def test_what_no_vocabulary_speaks_against(text: str) -> None:
    """None is always a known code, and only literals that are compared are looked up."""
    compile_condition(text, LANGUAGE, VOCABULARIES)


def test_a_vocabulary_that_is_not_given_is_not_checked() -> None:
    """Without the codes of a vocabulary, its literals are accepted as they are."""
    compile_condition("recipient == 'anyone'", LANGUAGE, {"uses": ["jam"]})


VOCABULARY = (
    "left right quantity purpose uses recipient right.basis request.at none true false null 1 -1 "
    "2.5 5u 'a' \"ua\" 'x b' == != < <= > >= && || ! ? : + - * / % ( ) [ ] { } , . in has ( "
    "exists all exists_one map filter size matches timestamp duration getFullYear dyn type int "
    "x u @ # $ \\ ` // \n \t = & | and b' r'' 0x 99999999999999999999 '\\ud800' '\\0' \U0001f600"
)
SOUP = st.lists(st.sampled_from(VOCABULARY.split(" ")), max_size=25).flatmap(
    lambda tokens: st.sampled_from([" ".join(tokens), "".join(tokens)])
)


@examples(800)
@given(st.one_of(st.text(), st.text(st.characters(categories=None), max_size=30), SOUP))
@example("\ud800")
@example("\0")
@example("'\\ud800' == purpose")
@example("9" * 10_000)
@example("x" * 200_000)
@example("-" * 5_000 + "1 == 1")
@example("!" * 5_000 + "left")
@example("[" * 5_000)
@example("'" * 999)
@example("left" + " || left" * 2_000)
@example("left" + " ? left : left" * 1_000)
@example("uses.all(a, " * 20 + "left" + ")" * 20)
@example('"' + "\\\\" * 5_000 + '" == purpose')
@example('timestamp("' + "9" * 5_000 + '") == request.at')
@example('duration("' + "9" * 5_000 + 'h") == waited')
@example('duration("' + "1h" * 5_000 + '") == waited')
@example('purpose.matches("' + "(" * 5_000 + '")')
@example('purpose.matches("((a{99}){99}){99}")')
def test_any_text_is_a_condition_or_refused(text: str) -> None:
    """Whatever text is given, the only error is ConditionError, with a place and a matter."""
    try:
        problems: tuple[Problem, ...] = ()
        assert unparse(compile_expression(text, LANGUAGE, VOCABULARIES))
    except ConditionError as error:
        problems = error.problems or (Problem(Where(), ""),)
    assert all(each.where.line >= 1 and each.where.column >= 1 for each in problems)
    assert all(each.what for each in problems)
