"""What bootstrap picks: references that nobody can guess and nothing has yet."""

from __future__ import annotations

import re

import pytest

from placet.bootstrap import PLACES, SystemReferences
from placet.errors import QuestionError


def test_references_are_drawn_and_legible() -> None:
    """References differ, begin with their letter, and hold no letter taken for another."""
    drawn = {SystemReferences().reference("C") for _ in range(100)}
    assert len(drawn) == 100
    assert all(re.fullmatch(r"C-[2-9A-HJKMNP-TV-Z]{12}", each) for each in drawn)
    could_draw = SystemReferences().could_draw
    assert all(could_draw("C", each) for each in drawn)
    assert not any(could_draw("C", each) for each in ("C-1", "P-7F3K9Q2M5X4D", "C-7F3K9Q2M5X4DD"))


def test_a_place_on_the_status_list_is_drawn_until_one_is_free() -> None:
    """A place that is taken is not drawn; where none is free, an error says so."""
    asked: list[int] = []

    def taken(place: int) -> bool:
        asked.append(place)
        return len(asked) < 5

    found = SystemReferences(taken).status_index()
    assert found == asked[-1]
    assert len(asked) == 5
    assert 0 <= found < PLACES
    with pytest.raises(QuestionError, match="is full"):
        SystemReferences(lambda _: True).status_index()
