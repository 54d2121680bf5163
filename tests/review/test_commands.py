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


@pytest.mark.parametrize("name", ["a\nb", "mis\u200bsile", "a\u2028b", "\ufeffa"])
def test_a_name_stands_on_one_line(name: str) -> None:
    """A name with more than is seen could pass for another, and would stand on no permit."""
    with pytest.raises(UnreadableError, match=r"report-use cannot be read: line: "):
        command_of("report-use", {"permit": "P-1", "report": "U-1", "line": name, "quantity": 1})
    said = {"party": "GB", "given-by": name, "says": "we shall", "instrument": "a note"}
    with pytest.raises(UnreadableError, match=r"record-assurance cannot be read: given-by: "):
        command_of("record-assurance", said)
