"""Letters: what is disclosed is on paper, and nothing that is for the file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from placet.operations.house import SignedIn
from placet.operations.letters import decision_letter
from placet.review import UnknownError


def _decided(office: Any) -> Any:
    """Return a case of the story on which a decision is out."""
    return next(each for each in office.house.reading.cases() if each.decisions)


def test_a_decision_letter_says_what_was_disclosed_and_not_the_files_reason(office: Any) -> None:
    """The applicant's letter has the disclosed reason of each party, and no reason for the file."""
    case = _decided(office)
    letter = decision_letter(office.house, SignedIn("marchenko", None), case.id)
    said = "\n".join(each for part in letter.parts for each in (part.heading, *part.says))
    assert letter.handling == "Released to Ukraine."
    for each in case.decisions:
        assert each.disclosed in said
        assert each.because not in said


def test_there_is_no_letter_to_a_stranger(office: Any) -> None:
    """Who has no part in a case is told of none."""
    case = _decided(office)
    with pytest.raises(UnknownError, match="that you have a part in"):
        decision_letter(office.house, SignedIn("lindqvist", None), case.id)


def test_a_letter_is_a_pdf_to_download_and_kept_by_no_cache(
    signed_in: Callable[..., Any], office: Any
) -> None:
    """The page gives a PDF whose handling stands on it, for whoever may see the case."""
    case = _decided(office)
    answer = signed_in("marchenko").get(f"/cases/{case.id}/decision.pdf")
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF-")
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Disposition"].startswith("attachment")
