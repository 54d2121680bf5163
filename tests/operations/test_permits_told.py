"""What a signed permit tells: every limit on file, in the token and in its words."""

from __future__ import annotations

from typing import Any

import pytest

import audit_sample as sample
from audit_sample import ORIGIN, Register
from placet.operations.house import SignedIn
from placet.operations.seeing.permit_terms import limits_of, terms_of
from placet.operations.seeing.permits import paper_permit, see_permits
from placet.permit.spelling import write_instant
from placet.permit.wording import allowed_by, consents_of, sentences_of
from placet.registry import parse_moment
from placet.review.case import Ground, Terms, TermsLine

LINE: dict[str, Any] = {"line": "1", "item": "missile", "lot": "batch-7", "quantity": 2}
ON_FILE: dict[str, Any] = {
    "activity": "use",
    "holder": "UA",
    "actor": "UA",
    "recipients": ["UA"],
    "lines": [LINE],
    "within": ["us/near-border"],
    "outside": ["RU-MOW"],
    "area_sets": {"us/near-border": ["RU-BEL"]},
    "targets": ["military.depot"],
    "not_targets": ["leadership"],
    "purposes": ["defence"],
    "from_": "2025-06-01T00:00:00Z",
    "until": "2025-09-01T00:00:00Z",
    "provisos": [{"text": "two"}],
}
OTHERWISE: dict[str, Any] = {
    "demonstration": "yes",
    "activity": "retransfer",
    "holder": "GB",
    "actor": "GB",
    "recipients": ["none"],
    "lines": [{**LINE, "line": "2"}],
    "within": ["UA"],
    "outside": ["RU-SPE"],
    "area_sets": {"us/near-border": ["RU-KRS"]},
    "targets": ["none"],
    "not_targets": ["energy"],
    "purposes": ["training"],
    "from_": "2025-06-02T00:00:00Z",
    "until": "2025-09-02T00:00:00Z",
    "provisos": [{"text": "three"}],
    "each_use": "yes",
    "no_onward_transfer": "yes",
    "report_within_days": "3",
}
LINE_OTHERWISE = {"line": "2", "item": "launcher", "lot": "batch-8", "quantity": 3}


def on_file(**changes: Any) -> Terms:
    """Return the terms of a permit on file, with some fields changed."""
    return Terms.model_validate({**ON_FILE, **changes})


@pytest.mark.parametrize("limit", Terms.model_fields)
def test_every_limit_on_file_is_in_the_token_and_in_its_words(limit: str) -> None:
    """Terms that differ in any one limit are signed and said differently: none is left out."""
    told, otherwise = (limits_of(on_file(**each)) for each in ({}, {limit: OTHERWISE[limit]}))
    assert otherwise != told
    assert allowed_by(otherwise) != allowed_by(told)


@pytest.mark.parametrize("limit", TermsLine.model_fields)
def test_every_limit_of_a_line_is_in_the_token_and_in_its_words(limit: str) -> None:
    """The same of what is permitted on a line."""
    line = {**LINE, limit: LINE_OTHERWISE[limit]}
    told, otherwise = (limits_of(on_file(lines=[each])) for each in (LINE, line))
    assert otherwise != told
    assert allowed_by(otherwise) != allowed_by(told)


def test_a_limit_is_told_as_what_it_is() -> None:
    """Targets are those allowed, `none` is no target, and an actor is named if not the holder."""
    told = limits_of(on_file(actor="GB", targets=["none"], recipients=["none"]))
    assert (told.holder, told.actor, told.targets) == ("UA", "GB", ("none",))
    said = allowed_by(told)
    assert {"The actor is GB, and nobody else.", "Against no target."} < set(said)
    assert "There is no recipient." in said
    told = limits_of(on_file())
    assert told.actor is None
    assert "Only against targets of the category military.depot." in allowed_by(told)


def test_what_is_signed_is_what_is_on_file(played: Register) -> None:
    """The token of each permit of the real story holds the targets that its use is held against."""
    who = SignedIn("marchenko", None)
    seen = see_permits(played.house, who).permits
    for each in seen:
        name = str(each.permit["permit"])
        signed = paper_permit(played.house, who, name, sample.permit_keys()).signed
        assert list(signed.terms.targets) == each.permit["terms"]["targets"] != []
        case = played.reading.case(each.case)
        found = terms_of(case, case.permits[name], ORIGIN, signed.terms.entry.entry)
        assert found == signed.terms


def test_a_consent_given_elsewhere_says_when_it_was_given(played: Register) -> None:
    """Not when it was recorded, which stands beside it; on paper, and as outsiders read it."""
    who = SignedIn("marchenko", None)
    given = []
    for each in see_permits(played.house, who).permits:
        name = str(each.permit["permit"])
        signed = paper_permit(played.house, who, name, sample.permit_keys()).signed
        given += [one for one in signed.terms.consents if one.kind == "external-consent"]
        words = " ".join(sentences_of(signed.terms))
        for one in signed.terms.consents:
            if one.kind == "external-consent":
                on = f"on {write_instant(one.on)}; recorded {write_instant(one.recorded)}"
                assert on in words
    times = {(one.party, str(one.on)[:16], str(one.recorded)[:16]) for one in given}
    assert times == {
        ("GB", "2024-11-21 12:00", "2024-11-21 14:00"),
        ("FR", "2024-11-22 12:00", "2024-11-22 14:00"),
    }


def told(played: Register, ground: str) -> tuple[str, str]:
    """Return the kind and the words by which a permit tells one ground of the Secretary's."""
    row = next(iter(played.reading.heads().permits.values()))
    case = played.reading.case(row.case)
    at = parse_moment("2025-07-01T12:00:00Z")
    rests_on = Ground(kind=ground, party="US", about="US", by="us/secdef", at=at)
    permit = case.permits[row.permit].model_copy(update={"grounds": (rests_on,)})
    terms = terms_of(case, permit, ORIGIN, bytes(32))
    (consent,), (words,) = terms.consents, consents_of(terms)
    return consent.kind, words.partition(", on ")[0]


def test_an_emergency_is_not_told_as_a_decision(played: Register) -> None:
    """Where the glass was broken, a permit says that nobody had decided, and a review comes."""
    assert told(played, "decision") == ("decision", "US, through us/secdef, approved")
    acted = "acted in an emergency, before any decision and subject to review afterwards"
    assert told(played, "break-glass") == ("emergency", f"US, through us/secdef, {acted}")
