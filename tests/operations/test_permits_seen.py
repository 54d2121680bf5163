"""Permits as their parties see them, and what anybody who holds one may ask."""

from __future__ import annotations

from dataclasses import replace

import pytest

import audit_sample as sample
from audit_sample import Register
from placet.operations.demonstration.playing import PlayedClock
from placet.operations.house import SignedIn
from placet.operations.seeing.permits import paper_permit, permit_file, see_permits, verify_publicly
from placet.permit import PermitError, Proven, issue_token, open_permit
from placet.registry import parse_moment
from placet.review import UnknownError

KEYS = sample.permit_keys()
MARCHENKO = SignedIn("marchenko", None)


def test_permits_are_listed_for_those_with_a_part(played: Register) -> None:
    """Applicant, desk and auditor see the same permits; the President's pen alone sees none."""
    seen = {
        name: [
            each.permit["permit"]
            for each in see_permits(played.house, SignedIn(name, None)).permits
        ]
        for name in ("marchenko", "whitfield", "tan")
    }
    assert seen["marchenko"] == seen["whitfield"] == seen["tan"]
    assert len(seen["tan"]) == len(played.reading.heads().permits) > 1
    assert see_permits(played.house, SignedIn("nobody", None)).permits == ()


def test_permits_come_in_pages_without_gap(played: Register) -> None:
    """Pages put together hold every permit once, and the last says that it is."""
    found, after = [], None
    while True:
        page = see_permits(played.house, MARCHENKO, 1, after)
        found += [each.permit["permit"] for each in page.permits]
        after = page.after
        if after is None:
            break
    every = see_permits(played.house, MARCHENKO)
    assert found == [each.permit["permit"] for each in every.permits]
    assert every.after is None


def test_valid_now_is_what_the_review_computes(played: Register) -> None:
    """By its token alone a permit in force is said to be so, a suspended or ended one not."""
    for each in see_permits(played.house, MARCHENKO).permits:
        file = permit_file(played.house, MARCHENKO, str(each.permit["permit"]))
        found = verify_publicly(played.house, file.permit, KEYS)
        assert found.now == ("in-force" if each.status == "in-force" else "not-in-force")
        assert bool(found.why) == (found.now == "not-in-force")
        whole = verify_publicly(played.house, file.render().decode(), KEYS)
        assert whole.now == found.now
        assert whole.whole_file
        assert whole.reading.receipt is not None


def test_a_revoked_permit_reads_so_on_the_public_page(played: Register) -> None:
    """The public answer carries what the status list says, as of when it was signed."""
    house = replace(played.house, clock=PlayedClock(parse_moment("2025-07-05")))
    standings = {
        str(each.status): verify_publicly(
            house,
            permit_file(played.house, MARCHENKO, str(each.permit["permit"])).permit,
            KEYS,
        ).reading.standing
        for each in see_permits(house, MARCHENKO).permits
    }
    expected = {"suspended": Proven.SUSPENDED, "revoked": Proven.REVOKED}
    listed = {status: found for status, found in standings.items() if status in expected}
    assert listed
    assert listed == {status: expected[status] for status in listed}


@pytest.mark.parametrize("pasted", ["", "hello", "{}", "a.b.c", "placet:permit/P-1?digest=x"])
def test_what_is_no_permit_is_said_to_be_none(played: Register, pasted: str) -> None:
    """Anything else that is pasted is refused with what to do, never with a crash."""
    with pytest.raises(PermitError):
        verify_publicly(played.house, pasted, KEYS)


def test_a_changed_token_is_not_authentic(played: Register) -> None:
    """One changed letter of the claims, and nothing is said but that it is not ours."""
    name = str(see_permits(played.house, MARCHENKO).permits[0].permit["permit"])
    token = permit_file(played.house, MARCHENKO, name).permit
    head, claims, signature = token.split(".")
    changed = claims[:-2] + ("A" if claims[-2] != "A" else "B") + claims[-1]
    with pytest.raises(PermitError):
        verify_publicly(played.house, f"{head}.{changed}.{signature}", KEYS)


def test_another_houses_permit_signed_by_a_known_key_is_not_ours(played: Register) -> None:
    """A permit that the key signed and this register does not hold is authentic, and not ours."""
    other = sample.memory_register()
    other.begin()
    other.references.drawn = 500
    other.add_cases(1)
    name = str(see_permits(other.house, MARCHENKO).permits[0].permit["permit"])
    other_token = permit_file(other.house, MARCHENKO, name).permit
    found = verify_publicly(played.house, other_token, KEYS)
    assert found.now == "not-ours"


def test_a_permit_that_was_signed_again_is_the_one_that_was_handed_out(played: Register) -> None:
    """Another signature over the same claims makes no other permit of it, in either direction."""
    name = str(see_permits(played.house, MARCHENKO).permits[0].permit["permit"])
    file = permit_file(played.house, MARCHENKO, name)
    said = open_permit(file.permit, KEYS)
    again = issue_token(said.terms, said.status, sample.PERMITS, said.issued_at)
    assert again != file.permit
    found = {verify_publicly(played.house, each, KEYS).now for each in (file.permit, again)}
    assert len(found - {"not-ours"}) == 1


def test_a_permit_on_paper_is_for_those_with_a_part(played: Register) -> None:
    """What is printed is the signed token; for a stranger there is no such permit."""
    name = str(see_permits(played.house, MARCHENKO).permits[0].permit["permit"])
    paper = paper_permit(played.house, MARCHENKO, name, KEYS)
    assert paper.signed.terms.id == name
    assert paper.signed.token == paper.file.permit
    with pytest.raises(UnknownError):
        paper_permit(played.house, SignedIn("nobody", None), name, KEYS)
