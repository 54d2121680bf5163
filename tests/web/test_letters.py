"""Letters: what is disclosed is on paper, and nothing that is for the file."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from api_sample import caller
from pypdf import PdfReader
from steps import done, new_case

from placet.operations.house import SignedIn
from placet.operations.seeing.letters import decision_letter
from placet.registry import parse_moment, parse_occasion
from placet.review import UnknownError


def test_a_decision_letter_says_what_was_disclosed_and_not_the_files_reason(office: Any) -> None:
    """The applicant's letter has the disclosed reason of each party, and no reason for the file."""
    case = office.permitted
    letter = decision_letter(office.house, SignedIn("marchenko", None), case.id)
    said = "\n".join(each for part in letter.parts for each in (part.heading, *part.says))
    assert letter.handling == "Released to Ukraine."
    for each in case.decisions:
        assert each.disclosed in said
        assert each.because not in said
    assert "Use of " in said
    assert "line-" not in said
    paragraphs = [each for part in letter.parts for each in part.says]
    assert len(paragraphs) == len({*paragraphs})


def test_a_letter_without_a_decision_is_headed_as_no_decision(office: Any, ukraine: Path) -> None:
    """Who withdrew a request is handed how it ended."""
    said = ("marchenko", "withdraw", {"because": "no longer wanted"})
    case = new_case(office, ukraine, said, title="To be withdrawn")
    letter = decision_letter(office.house, SignedIn("marchenko", None), case)
    assert letter.about == "The end of a request"
    assert "no longer wanted" in [each for part in letter.parts for each in part.says]
    permitted = decision_letter(office.house, SignedIn("marchenko", None), office.permitted.id)
    assert permitted.about == "Decision on a request"


def test_a_decision_letter_is_the_same_whoever_has_it_written(office: Any) -> None:
    """The desk that posts it and the auditor hold the applicant's letter, marked as released.

    Also while another party is awaited, which only those inside know.
    """
    filed = (each for each in office.house.reading.cases() if each.applicant == "UA")
    cases = [each for each in filed if any(one.round == each.round for one in each.decisions)]
    compared = 0
    for case in cases:
        applicants, desks, auditors = (
            decision_letter(office.house, SignedIn(who, None), case.id)
            for who in ("marchenko", "whitfield", "tan")
        )
        for each in (desks, auditors):
            assert (each.handling, each.parts) == (applicants.handling, applicants.parts)
            compared += 1
    assert compared


def test_a_letter_says_when_a_consent_was_given_and_the_last_day(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not when it was recorded, which stands beside it; and the day with which it ends."""
    from placet.operations.seeing import letters

    see_asked = letters.see_asked

    def changed(*asked: Any) -> Any:
        seen, *others = see_asked(*asked)
        ends = {"given": parse_occasion("2024-11-01"), "until": parse_moment("2026-12-31")}
        outcomes = tuple(each.model_copy(update=ends) for each in seen.outcomes)
        return seen.model_copy(update={"outcomes": outcomes}), *others

    case = office.permitted
    monkeypatch.setattr(letters, "see_asked", changed)
    written = decision_letter(office.house, SignedIn("marchenko", None), case.id)
    said = " ".join(one for part in written.parts for one in part.says)
    assert re.search(r"on 1 November 2024 \(recorded on \d+ \w+ \d{4}\), for:", said)
    assert "Its last day is 30 December 2026." in said


def test_a_letter_says_how_many_and_each_limit_once(office: Any, ukraine: Any) -> None:
    """By the item and not by the line's id; limits that the rules set stand with the permit."""
    case = new_case(office, ukraine)
    digest = office.house.reading.case(case).determined.digest
    limits = [
        {"at-most": 2, "line": "missiles", "text": "at most 2 ATACMS"},
        {"at-most": 3, "each-use": "yes", "text": "Few, once."},
    ]
    said = {"verdict": "approve", "because": "b", "disclosed": "Two.", "determination": digest}
    given = {"party": "US", "office": "us/secdef", "provisos": limits, **said}
    done(office.house, case, "secretary", "decide", given)
    (part,) = decision_letter(office.house, SignedIn("marchenko", None), case).parts[1:-1]
    assert re.search(r"^Approved on .*, for: 2 of the \d+ . ATACMS\.$", part.says[0])
    assert "Proviso: at most 2 ATACMS" in part.says
    assert "Proviso: Few, once. (at most 3, for a single use)" in part.says
    named = {"permit": office.house.references.reference("P")}
    named["status"] = office.house.references.status_index()
    done(office.house, case, "whitfield", "issue", named)
    letter = decision_letter(office.house, SignedIn("marchenko", None), case)
    (permitted,) = [each for each in letter.parts if named["permit"] in each.heading]
    assert any("the use of 2 ATACMS." in each for each in permitted.says)
    assert "It covers a single use." in permitted.says
    assert permitted.says[-1] == "And every proviso named above."
    every = [each for part in letter.parts for each in part.says]
    assert "missiles" not in " ".join(every)
    held = office.house.reading.case(case).permits[named["permit"]].terms.provisos
    assert all(sum(each.text in one for one in every) == 1 for each in held)


def test_there_is_no_letter_to_a_stranger(office: Any) -> None:
    """Who has no part in a case is told of none."""
    case = office.permitted
    with pytest.raises(UnknownError, match="that you have a part in"):
        decision_letter(office.house, SignedIn("lindqvist", None), case.id)


def test_a_letter_is_a_pdf_to_download_and_kept_by_no_cache(
    signed_in: Callable[..., Any], office: Any
) -> None:
    """The page gives a PDF whose handling stands on it, for whoever may see the case."""
    case = office.permitted
    answer = signed_in("marchenko").get(f"/cases/{case.id}/decision.pdf")
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF-")
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Disposition"].startswith("attachment")


def test_a_program_is_handed_the_letters_that_the_pages_hand_out(
    signed_in: Callable[..., Any], office: Any
) -> None:
    """Over the API a letter says the same to the same person, and is a file to save as well."""
    case = office.permitted
    browser, program = signed_in("marchenko"), caller(office.house, "marchenko")
    for path in (
        f"/cases/{case.id}/decision.pdf",
        f"/permits/{next(iter(case.permits))}/letter.pdf",
    ):
        shown, told = browser.get(path), program.get(path)
        assert _text(told.content) == _text(shown.content) != ""
        for name in ("Content-Type", "Content-Disposition", "Cache-Control"):
            assert told[name] == shown[name]


def _text(pdf: bytes) -> str:
    """Return what can be read in a PDF, its breaks and the hyphens at them taken out."""
    lines = [
        line for page in PdfReader(BytesIO(pdf)).pages for line in page.extract_text().split("\n")
    ]
    return " ".join(" ".join(lines).split())


def test_the_id_of_a_case_stands_on_one_line_of_a_letter() -> None:
    """Wherever in its line it comes, it is not broken at its hyphen."""
    from placet.operations.seeing.letters import Letter, Part
    from placet.web.letters.pdf import pdf_of

    says = tuple(f"{'x ' * n}in the case C-HBSXK2RQ7M9P." for n in range(60))
    day = datetime(2025, 8, 1, tzinfo=UTC)
    letter = Letter("", "Ukraine", "Permit", "C-1", day, (Part("", says),))
    pages = PdfReader(BytesIO(pdf_of(letter))).pages
    assert sum(page.extract_text().count("C-HBSXK2RQ7M9P") for page in pages) == len(says)


def test_the_letter_of_a_permit_says_what_it_allows_to_everybody_with_a_part(
    signed_in: Callable[..., Any], office: Any
) -> None:
    """Its terms and provisos are in the text of the PDF, which names how to handle it."""
    case = office.permitted
    permit = next(iter(case.permits))
    answer = signed_in("marchenko").get(f"/permits/{permit}/letter.pdf")
    assert answer.status_code == 200
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "no-store")
    assert f'filename="{permit}-' in answer["Content-Disposition"]
    said = _text(answer.content)
    assert f"Permit {permit}" in said
    assert "Released to Ukraine, to be shown where it is used." in said
    assert "Paper says what was permitted" in said
    pages = [each.extract_text() for each in PdfReader(BytesIO(answer.content)).pages]
    with_code = next(each for each in pages if "http://localhost:8000/verify/" in each)
    assert "Whether it still holds" in with_code, "what the code is for stands with it"
    assert pages[-1] == with_code
    assert "permits Ukraine the use of" in said
    assert "RU-" not in said
    for proviso in case.permits[permit].terms.provisos:
        assert proviso.text.casefold() in said.casefold()
    assert f'href="/permits/{permit}/letter.pdf"' in (
        signed_in("marchenko").get(f"/permits/{permit}/").content.decode()
    )


def test_what_is_not_disclosed_is_in_the_text_of_no_letter(
    signed_in: Callable[..., Any], office: Any
) -> None:
    """Reasons for the file, advice and its authors are not in the PDF, whoever has it written."""
    case = office.permitted
    permit = next(iter(case.permits))
    hidden = [each.because for each in case.decisions]
    hidden += [each.says for each in case.advice] + [each.person for each in case.advice]
    assert len(hidden) > 2
    for person in ("marchenko", "whitfield", "tan"):
        said = _text(signed_in(person).get(f"/permits/{permit}/letter.pdf").content)
        assert [each for each in hidden if each in said] == []
    said = _text(signed_in("marchenko").get(f"/cases/{case.id}/decision.pdf").content)
    assert case.decisions[0].disclosed in said
    assert [each for each in hidden if each in said] == []


def test_the_letter_of_a_permit_is_for_who_has_a_part_in_its_case(
    signed_in: Callable[..., Any], office: Any
) -> None:
    """To a stranger it reads as one that there is not; without signing in there is nothing."""
    permit = next(iter(office.permitted.permits))
    for name in (permit, "P-NOSUCHPERMIT"):
        assert signed_in("lindqvist").get(f"/permits/{name}/letter.pdf").status_code == 404
    assert signed_in().get(f"/permits/{permit}/letter.pdf").status_code == 302
