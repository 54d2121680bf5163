"""Statements: one spelling, one text, and nothing in the text that is not in the bytes."""

from __future__ import annotations

import json
import unicodedata

import pytest
import rfc8785
from evidence_sample import ANN, ORIGIN, act
from hypothesis import given
from hypothesis import strategies as st

from placet.evidence import (
    ACT_NAMESPACE,
    JSON,
    LARGEST_STATEMENT,
    MalformedEvidenceError,
    Statement,
    pretty,
    statement,
)

TEXT = st.text(st.characters(codec="utf-8")).map(lambda text: unicodedata.normalize("NFC", text))
CONFUSING = st.sampled_from(
    [
        *("", " ", "none", "true", "7", "[]", "{}", "- x", "| x", "a: b", "a:\n  b", "\n", "x\n"),
        *('"x"', "\u202eevil", "\x1b[2J", "x\r\ny", "x ", " x", "\u200b", "person: us/bob"),
    ]
)
SCALARS = st.none() | st.booleans() | st.integers(1 - 2**53, 2**53 - 1) | TEXT | CONFUSING
VALUES: st.SearchStrategy[JSON] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXT | CONFUSING, inner, max_size=3)
    ),
    max_leaves=6,
)
FIELDS = st.dictionaries(TEXT | CONFUSING, VALUES, max_size=3)


def said(fields: dict[str, JSON]) -> bytes:
    """Write a statement with these fields and the three names."""
    return statement("decide", ORIGIN, {**fields, "person": ANN.name})


def test_a_statement_is_canonical_json_with_three_names() -> None:
    """The bytes are RFC 8785: anybody writes the same from the same fields."""
    data = statement("decide", ORIGIN, {"person": ANN.name, "é": 1, "a": [True, None]})
    assert (
        data
        == (
            '{"a":[true,null],"origin":"example.gov/placet","person":"us/ann","purpose":"decide","é":1}'
        ).encode()
    )
    read = Statement.parse(data)
    assert (read["purpose"], read["origin"], read["person"]) == ("decide", ORIGIN, ANN.name)
    assert read.namespace == ACT_NAMESPACE


@given(fields=FIELDS)
def test_every_statement_reads_back(fields: dict[str, JSON]) -> None:
    """What was written is read again, value for value, and written again as the same bytes."""
    fields = {name: value for name, value in fields.items() if name not in ("purpose", "origin")}
    read = Statement.parse(said(fields))
    names = {"purpose": "decide", "origin": ORIGIN, "person": ANN.name}
    assert read.fields == {**fields, **names}
    assert said({k: v for k, v in read.fields.items() if k not in names}) == read.data


@pytest.mark.parametrize(
    "text",
    [
        '{"origin":"o","person":"p","person":"p","purpose":"x"}',
        '{"origin":"o","person":"q","person":"p","purpose":"x"}',
        '{"a":9007199254740992,"origin":"o","person":"p","purpose":"x"}',
        '{"a":-9007199254740992,"origin":"o","person":"p","purpose":"x"}',
        '{"a":1' + "0" * 5000 + ',"origin":"o","person":"p","purpose":"x"}',
        '{"a":1.5,"origin":"o","person":"p","purpose":"x"}',
        '{"a":1.0,"origin":"o","person":"p","purpose":"x"}',
        '{"a":1e3,"origin":"o","person":"p","purpose":"x"}',
        '{"a":NaN,"origin":"o","person":"p","purpose":"x"}',
        '{"a":-0,"origin":"o","person":"p","purpose":"x"}',
        '{"purpose":"x","origin":"o","person":"p"}',
        '{"origin":"o", "person":"p","purpose":"x"}',
        '{"origin":"o","person":"p","purpose":"x"}\n',
        '{"origin":"\\u006f","person":"p","purpose":"x"}',
        '{"a":"\\ud800","origin":"o","person":"p","purpose":"x"}',
        '{"a":"e\u0301","origin":"o","person":"p","purpose":"x"}',
        '{"a":' + "[" * 17 + "]" * 17 + ',"origin":"o","person":"p","purpose":"x"}',
        '{"a":' + "[" * 30000 + "]" * 30000 + ',"origin":"o","person":"p","purpose":"x"}',
        '{"a":"' + "x" * LARGEST_STATEMENT + '","origin":"o","person":"p","purpose":"x"}',
        '{"origin":"o","person":"p"}',
        '{"origin":"o","purpose":"x"}',
        '{"person":"p","purpose":"x"}',
        '{"origin":"o","person":7,"purpose":"x"}',
        '{"origin":"o","person":"p q","purpose":"x"}',
        '{"origin":"o","person":"*","purpose":"x"}',
        '{"origin":"o","person":"p\\nq","purpose":"x"}',
        '{"origin":"o o","person":"p","purpose":"x"}',
        '{"origin":"o","person":"p","purpose":"X"}',
        '["origin","person","purpose"]',
        "",
        "null",
        "nonsense",
    ],
)
def test_what_could_be_read_in_two_ways_is_no_statement(text: str) -> None:
    """Duplicate keys, large numbers, floats, other spellings, deep or large ones are refused."""
    Statement.parse(b'{"origin":"o","person":"p","purpose":"x"}')
    with pytest.raises(MalformedEvidenceError):
        Statement.parse(text.encode())


def test_bytes_that_are_not_utf_8_are_no_statement() -> None:
    """A byte that is not UTF-8 is refused, as is the half of a surrogate pair."""
    for wrong in (b"\xff", b'{"origin":"o","person":"p","purpose":"\xed\xa0\x80"}'):
        with pytest.raises(MalformedEvidenceError):
            Statement.parse(wrong)


@given(data=st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode()))
def test_no_bytes_make_reading_a_statement_fail_otherwise(data: bytes) -> None:
    """Whatever arrives is read or refused; no other error escapes."""
    try:
        assert Statement.parse(data).data == data
    except MalformedEvidenceError:
        return


@pytest.mark.parametrize("value", [1.5, 2**53, b"x", {1: 2}, "\ud800", "e\u0301", {"e\u0301": 1}])
def test_what_canonical_json_cannot_hold_is_not_written(value: JSON) -> None:
    """A value that two readers could read differently is refused when the statement is made."""
    with pytest.raises(MalformedEvidenceError):
        said({"a": value})


def test_a_field_cannot_stand_in_for_a_name() -> None:
    """The fields of an act cannot give it another purpose or origin."""
    for name in ("purpose", "origin"):
        with pytest.raises(MalformedEvidenceError, match=name):
            said({name: "decide"})


def test_the_text_shows_every_field() -> None:
    """The names come first; lists, objects and texts of several lines are laid out in lines."""
    shown = pretty(act(silent=None, offices=[], open=True))
    assert shown == (
        "purpose: decide\n"
        "origin: example.gov/placet\n"
        "person: us/ann\n"
        "case: 2025-0042\n"
        "offices: []\n"
        "open: true\n"
        "outcome: approve\n"
        "provisos:\n"
        "  -\n"
        "    kind: quantity\n"
        "    most: 3\n"
        "reason:\n"
        "  | As advised.\n"
        "  |\n"
        "  | No more than three.\n"
        "silent: none\n"
    )


@pytest.mark.parametrize(
    "text",
    ["\x1b[2J", "a\u202eb", "x\ry", "tab\tbed", "end ", "end \nline", " start", "none", "12", ""],
)
def test_a_text_that_would_mislead_is_quoted(text: str) -> None:
    """Control characters, turned writing, spaces at an end and other values' words are escaped."""
    assert f"note: {json.dumps(text)}\n" in pretty(act(note=text))


@given(one=FIELDS, other=FIELDS)
def test_no_two_statements_have_the_same_text(one: dict[str, JSON], other: dict[str, JSON]) -> None:
    """Equal text means equal bytes, and the text holds nothing that a screen would hide or obey."""
    names = ("purpose", "origin")
    first, second = (said({k: v for k, v in f.items() if k not in names}) for f in (one, other))
    assert (pretty(first) == pretty(second)) == (first == second)
    assert pretty(first).replace("\n", "").isprintable()


@given(value=VALUES, near=VALUES)
def test_no_value_has_the_text_of_another(value: JSON, near: JSON) -> None:
    """Two values under one name, however alike they are made, are told apart in the text."""
    same = rfc8785.dumps([value]) == rfc8785.dumps([near])
    assert (pretty(said({"a": value})) == pretty(said({"a": near}))) == same
