"""What commands are written as: a text that a case could not keep is refused when it is given."""

from __future__ import annotations

import pytest

from placet.review import command_of
from placet.review.errors import UnreadableError

CHECK = {"permit": "P-1", "result": "in-order"}


@pytest.mark.parametrize("text", ["", " ", "\n\t ", "\u00a0", "a\x00b", "\u202eab", "Mo\u0308bius"])
def test_a_text_that_is_not_seen_as_it_is_is_refused(text: str) -> None:
    """Blanks alone, control characters, turned writing, another spelling: the field is named."""
    with pytest.raises(UnreadableError, match=r"check-end-use cannot be read: says: "):
        command_of("check-end-use", {**CHECK, "says": text})
    with pytest.raises(UnreadableError, match=r"check-end-use cannot be read: permit: "):
        command_of("check-end-use", {"permit": text, "result": "in-order", "says": "as agreed"})


def test_lines_and_letters_of_any_script_are_seen() -> None:
    """A text may have several lines, and be in any language."""
    says = "Gezählt am 3. Juli.\n\t\u0414\u0432\u0430 \u0442\u0443\u0442"
    assert command_of("check-end-use", {**CHECK, "says": says}).model_dump()["says"] == says
