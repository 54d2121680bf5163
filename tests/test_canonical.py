"""Canonical JSON: the quick writer and the reference implementation of RFC 8785 agree."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from placet.canonical import canonical_json

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 53) + 1, (1 << 53) - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
KEYS = st.text(st.characters(exclude_categories=["Cs"])) | st.text(st.characters(codec="ascii"))
DATA = st.recursive(SCALARS, lambda each: st.lists(each) | st.dictionaries(KEYS, each))


@given(value=DATA)
def test_it_writes_what_the_reference_writes(value: Any) -> None:
    """For any JSON, astral keys, control characters and floats included, the bytes are the same."""
    assert canonical_json(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "value", [1 << 53, -(1 << 53), float("nan"), {1: 2}, {"a": b"b"}, {"a": {3}}]
)
def test_it_refuses_what_the_reference_refuses(value: Any) -> None:
    """What canonical JSON cannot hold is refused, as the reference does."""
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical_json(value)


def test_what_holds_itself_is_refused() -> None:
    """Data without an end is not written until memory runs out."""
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(RecursionError):
        canonical_json(endless)
