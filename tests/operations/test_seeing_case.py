"""A case's page, on the real story: what each of five people is shown, and proof of each line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

import pytest

from audit_sample import UKRAINE, Register, memory_register
from placet.errors import QuestionError
from placet.ledger import parse_receipt
from placet.need_to_know.standings import ConsentStatus
from placet.need_to_know.telling import Tone
from placet.operations.house import SignedIn
from placet.operations.ports import OnDesk, Sought
from placet.operations.seeing.case_page import (
    CasePage,
    compare_case,
    receipt_of_line,
    see_case_page,
)
from placet.operations.seeing.cases import see_case
from placet.operations.seeing.desks import see_briefs
from placet.registry import parse_moment
from placet.review import UnknownError

INSIDE = ("hart", "secretary", "whitfield", "tan")
NOW = "2025-07-20T12:00:00Z"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def register() -> Register:
    """The story of the register, played in memory."""
    found = memory_register()
    found.play(UKRAINE)
    found.clock.at = parse_moment(NOW)
    return found


def pages(register: Register, person: str) -> dict[str, CasePage]:
    """Return the pages of all cases that somebody has a part in, by the request and its day."""
    who = SignedIn(person, None)
    listed = see_briefs(register.house, who, open_only=False)
    found = [see_case(register.house, who, each.case) for each in listed]
    return {
        f"{each.request['request']} {each.submitted_at:%Y-%m-%d}": see_case_page(
            register.house, who, each.case, lambda key: f"#{key}"
        )
        for each in found
    }


def test_a_list_goes_on_after_a_case_and_reads_nothing_before_it(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From any case on comes what comes after it; none goes on after another."""
    reading, sought = register.house.reading, []
    desk = reading.desk

    def seen(asked: Sought) -> Sequence[OnDesk]:
        found = desk(asked)
        sought.extend(each.case.id for each in found)
        return found

    monkeypatch.setattr(reading, "desk", seen)

    def listed(person: str, after: str | None = None) -> list[str]:
        found = see_briefs(register.house, SignedIn(person, None), open_only=False, after=after)
        return [each.case for each in found]

    whole = listed("tan")
    assert len(whole) > 5
    for number, case in enumerate(whole):
        sought.clear()
        assert listed("tan", case) == whole[number + 1 :] == sought
    others = set(whole) - set(listed("lindqvist"))
    assert others
    for person, case in (("lindqvist", min(others)), ("tan", "C-NONE")):
        with pytest.raises(QuestionError, match=f"No list goes on after '{case}'"):
            listed(person, case)


STORM_SHADOW = "storm-shadow-in-russia 2025-07-10"
REFINERY = "atacms-at-oil-refinery 2025-07-01"
DEPOT = "atacms-in-russia 2025-07-03"
KURSK = "atacms-in-russia 2024-11-18"


def test_the_answer_is_a_sentence_for_each_case_and_viewer(register: Register) -> None:
    """A minister learns who is waited for, who refused, and what is permitted until when."""
    secretary = pages(register, "secretary")
    assert secretary[STORM_SHADOW].answer.sentence == (
        "This needs the yes of France, the United Kingdom and the United States (Secretary of "
        "Defense)."
    )
    assert secretary[REFINERY].answer.sentence == (
        "This was refused by the United States. “The United States does not agree to this use.”"
    )
    depot = secretary[DEPOT].answer
    assert (depot.tone, depot.headline) == (
        Tone.OVER,
        "2 of the 4 were permitted, and what the permit allowed is used up.",
    )


def test_an_applicant_is_shown_announced_rules_and_released_words(register: Register) -> None:
    """The review of 2025 is undeclared: its office, its rules and its advice are not shown."""
    page = pages(register, "marchenko")[STORM_SHADOW]
    told = page.model_dump_json()
    for secret in ("secdef", "Secretary of Defense", "strike-review", "usd-policy", "whitfield"):
        assert secret not in told
    assert {each.party for each in page.parties if each.standing is ConsentStatus.WAITING} == {
        "FR",
        "GB",
        "US",
    }
    assert all(each.since == page.view.submitted_at for each in page.parties if each.since)
    inside = pages(register, "secretary")[STORM_SHADOW].model_dump_json()
    assert "strike-review" in inside


def test_a_case_is_shown_by_the_rules_of_its_time(register: Register) -> None:
    """The permit of 2024 stood on an authorisation that has been superseded since."""
    page = pages(register, "whitfield")[KURSK]
    (us,) = [each for each in page.parties if each.party == "US"]
    assert us.standing is ConsentStatus.CLEAR
    assert any(each.rule.startswith("US/2024-11-atacms/") for each in page.rules)
    assert not any("2025-strike-review" in each.rule for each in page.rules)
    (permit,) = page.permits
    assert permit.status == "revoked"


def test_rules_are_cited_with_the_address_of_their_source(register: Register) -> None:
    """A citation leads to where it was read."""
    cites = [
        cite for each in pages(register, "secretary")[STORM_SHADOW].rules for cite in each.cites
    ]
    assert cites
    assert all(each.url.startswith("https://") for each in cites)


def test_an_office_that_a_rule_has_advise_is_called_by_its_title(register: Register) -> None:
    """Nobody reads an id where the registry knows what an office is called."""
    page = pages(register, "secretary")[REFINERY]
    assert "us/government" in {each["by"] for each in page.ruled_advice}
    assert {each["by"] for each in page.ruled_advice} <= page.offices.keys()
    assert page.offices["us/government"] == "Government of the United States"


@pytest.mark.parametrize("person", ["marchenko", *INSIDE])
def test_the_picture_is_safe_inline_and_links_every_party(register: Register, person: str) -> None:
    """No style, script or handler; each party and item is a link; each standing is a word."""
    for page in pages(register, person).values():
        for root in map(ET.fromstring, (page.picture, page.picture_down)):
            names = {name for each in root.iter() for name in each.attrib}
            assert not {name for name in names if name == "style" or name.startswith("on")}
            assert not list(root.iter(f"{SVG}script")) + list(root.iter(f"{SVG}style"))
            linked = {each.get("data-node") for each in root.iter(f"{SVG}a")}
            assert {f"party:{each.party}" for each in page.parties} <= linked


def test_every_line_that_is_shown_has_its_entry_and_a_receipt(register: Register) -> None:
    """The receipt is of the entry named; a line that is not shown has none to get."""
    who = SignedIn("secretary", None)
    page = pages(register, "secretary")[DEPOT]
    for each in page.time_line:
        assert (each.entry is None) is each.followed
        if each.entry is not None:
            proof = receipt_of_line(register.house, who, page.view.case, each.entry)
            assert each.entry == parse_receipt(proof).index
    applicant = SignedIn("marchenko", None)
    hidden = next(each.entry for each in page.time_line if each.kind == "determine")
    assert hidden is not None
    with pytest.raises(UnknownError, match="has no entry"):
        receipt_of_line(register.house, applicant, page.view.case, hidden)


def test_entries_rise_and_uses_have_both_times(register: Register) -> None:
    """The line of a use says when it took place and when it was recorded."""
    lines = pages(register, "marchenko")[DEPOT].time_line
    entries = [each.entry for each in lines if each.entry is not None]
    assert entries == sorted(set(entries))
    uses = [(each.effective, each.at) for each in lines if each.kind == "report-use"]
    assert all(effective and effective.first < at for effective, at in uses)
    assert len(uses) == 2


def test_a_comparison_is_limited_to_what_the_viewer_may_know(register: Register) -> None:
    """The desk learns that the review replaced the authorisation; the applicant nothing."""
    at = parse_moment("2025-07-20")
    for person, expected in (("whitfield", True), ("marchenko", False)):
        page = pages(register, person)[KURSK]
        found = compare_case(register.house, SignedIn(person, None), page.view.case, at)
        assert bool(re.search("Secretary of Defense", " ".join(found.differences))) is expected


def test_a_case_one_has_no_part_in_has_no_page(register: Register) -> None:
    """It reads as if there were none, for a real reference and an invented one."""
    page = pages(register, "secretary")[DEPOT]
    for name in (page.view.case, "C-999999"):
        with pytest.raises(UnknownError, match="that you have a part in"):
            see_case_page(register.house, SignedIn("commander", None), name)
