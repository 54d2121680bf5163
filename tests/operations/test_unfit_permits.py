"""What no key could sign is not issued: a permit that is on record can be handed out."""

from __future__ import annotations

import pytest

import audit_sample as sample
from placet.permit import UnfitPermitError
from placet.registry import read

LONGEST = "x" * 3990


def decided(*texts: str) -> tuple[sample.Register, str]:
    """Return a register with a case that is approved with provisos, and whose it is."""
    register = sample.memory_register()
    register.play(sample.UKRAINE)
    case = register.references.reference("C")
    request = dict(read(sample.UKRAINE / "requests" / "atacms-in-russia.yaml").plain)
    request.pop("expect")
    register.do("marchenko", "submit", case, request=request)
    register.do("whitfield", "determine", case)
    determined = register.reading.case(case).determined
    assert determined is not None
    provisos = [{"text": each} for each in texts]
    register.do(
        "secretary", "decide", case, party="US", office="us/secdef", verdict="approve",
        because="b", disclosed="d", determination=determined.digest, provisos=provisos,
    )  # fmt: skip
    return register, case


def test_a_permit_that_is_too_large_to_be_signed_is_not_issued() -> None:
    """Proves that nobody is told that a permit was issued which nobody will ever be handed."""
    register, case = decided(*(f"{number} {LONGEST}" for number in range(14)))
    before = len(list(register.reading.entries()))
    with pytest.raises(UnfitPermitError, match=r"is not issued\. .* at most 65536.*fewer lines"):
        register.do("whitfield", "issue", case, permit="P-1", status=77)
    assert len(list(register.reading.entries())) == before
    assert not register.reading.case(case).permits
