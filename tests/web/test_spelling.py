"""How pages spell dates that are known only so far, and ids that are read out as words."""

from __future__ import annotations

from typing import Any

import pytest

from placet.registry import parse_moment, parse_start


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2009", "2009"),
        ("2024-11", "Nov 2024"),
        ("2024-11-18", "18 Nov 2024"),
        ("2024-11-18T09:30:00Z", "18 Nov 2024, 09:30 UTC"),
        ("2025-04-20/2025-06-20", "between 20 Apr 2025 and 20 Jun 2025"),
    ],
)
def test_a_beginning_is_written_as_exactly_as_it_is_known(
    office: Any, written: str, read: str
) -> None:
    """A year stays a year and a span a span; a day has no hour that nobody said."""
    from placet.web.templatetags.placet import dated

    assert office
    assert dated(parse_start(written)) == read


def test_a_moment_and_nothing_are_written_too(office: Any) -> None:
    """An end may be a moment, or none is set."""
    from placet.web.templatetags.placet import dated

    assert office
    assert dated(parse_moment("2025-07-01T00:00:00Z")) == "1 Jul 2025"
    assert dated(None) == ""


@pytest.mark.parametrize(
    ("code", "read"),
    [("re-export", "re-export"), ("record-consent", "record consent"), ("in_force", "in force")],
)
def test_an_id_is_read_out_as_words_unless_it_is_one(code: str, read: str) -> None:
    """The hyphen of re-export is its own."""
    from placet.web.pages.case_words import spoken

    assert spoken(code) == read


def test_what_a_form_offers_reads_as_words(office: Any) -> None:
    """Each choice begins with a capital, and stands for its id."""
    from placet.web.acting.fields import fields_of

    assert office
    fields = {each.name: each for each in fields_of("decide", "case")}
    offered = dict(fields["verdict"].choices)
    assert offered["approve"] == "Approve"
    assert all(each[0].isupper() for each in offered.values())
