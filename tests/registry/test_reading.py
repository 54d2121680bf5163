"""Reading YAML as plain text with places, and refusing what a reader could misread."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placet.errors import InputError
from placet.registry import read, read_text


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a: 1\na: 2\n", "a is written twice"),
        ("a: {b: 1, b: 2}\n", "b is written twice"),
        ("a: &x 1\nb: 2\n", "anchors and aliases"),
        ("a: &x 1\nb: *x\n", "anchors and aliases"),
        ("a: !thing 1\n", "tag"),
        ("a: !!python/object:os.system x\n", "tag"),
        ("a:\n", "has no value"),
        ("a: [1, ]\nb: ~\nc:\n", "has no value"),
        ("- a\n", "named fields"),
        ("a", "named fields"),
        ("[1]: a\n", "plain text"),
        ("a: [1\n", "not YAML"),
        ("a: \x00\n", "not YAML"),
        ("a: " + "[" * 40 + "]" * 40 + "\n", "nests deeper"),
        ("a: 1\n---\nb: 2\n", "not YAML"),
    ],
)
def test_what_could_be_misread_is_refused(text: str, what: str) -> None:
    """Duplicate keys, anchors, tags, empty values, depth and several documents are refused."""
    with pytest.raises(InputError, match=what):
        read_text(text, "f.yaml")


def test_every_scalar_stays_the_text_that_is_written() -> None:
    """`NO` is Norway and no false, a date is no object, and a number keeps its zeros."""
    text = "a: NO\nb: 2025-01-01\nc: 007\nd: yes\ne: 1e3\nf: null\nNO: NO\ng: 'x'\n"
    assert read_text(text, "f").plain == {
        "a": "NO", "b": "2025-01-01", "c": "007", "d": "yes", "e": "1e3", "f": "null",
        "NO": "NO", "g": "x",
    }  # fmt: skip


def test_names_that_are_equal_in_unicode_are_equal() -> None:
    """Text is normalised, so that a name composed in another way is the same name."""
    with pytest.raises(InputError, match="written twice"):
        read_text("Zu\u0308rich: 1\nZ\u00fcrich: 2\n", "f")


def test_a_problem_names_its_file_line_column_and_field() -> None:
    """Every problem says where it stands, and all of them are shown at once."""
    with pytest.raises(InputError) as refused:
        read_text("a: 1\nb: {c: 2, c: 3}\nd: !x 4\n", "f.yaml")
    places = [
        (each.where.line, each.where.column, each.where.field) for each in refused.value.problems
    ]
    assert places == [(2, 11, "b.c"), (3, 4, "d")]
    assert str(refused.value).startswith("f.yaml:2:11 (b.c): c is written twice")


def test_a_place_not_in_the_file_is_that_of_its_nearest_ancestor() -> None:
    """A field that is missing is reported at the record that lacks it."""
    document = read_text("a:\n  b: {c: 1}\n", "f")
    assert (document.where(("a", "b", "x")).line, document.where(("a", "b", "x")).field) == (
        2,
        "a.b.x",
    )
    assert document.where(("z",)).line == 1


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda each: each.decode("latin-1")))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever text there is, it is read or refused with problems; nothing else is raised."""
    try:
        read_text(text, "f")
    except InputError:
        return


def test_only_files_are_read(tmp_path: Path) -> None:
    """A pipe or a device would never end, and is refused."""
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path, Path("/dev/zero")):
        with pytest.raises(InputError, match="a folder, a pipe or a device"):
            read(path)


@pytest.mark.parametrize("text", ['a: "x" y\n', "a: b: c\n"])
def test_text_that_stands_bare_is_told_to_be_quoted(text: str) -> None:
    """Where a colon or a quotation mark confuses the parser, it says what to do."""
    with pytest.raises(InputError, match="Put the whole text in quotation marks"):
        read_text(text, "f")
