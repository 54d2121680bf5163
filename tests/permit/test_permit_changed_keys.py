"""What a reader without a server can say of permits and lists by a key that was changed since."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from permit_sample import (
    ENTRY,
    ISSUED,
    KEY,
    LOG,
    OTHER,
    SECOND,
    START,
    STATUS,
    TOKEN,
    UNTIL,
    key,
    receipt,
    status_token,
    terms,
)

from placet.permit import (
    EntryStanding,
    MalformedPermitError,
    NotAuthenticError,
    PermitVerifierKey,
    Standing,
    Status,
    issue_token,
    parse_jwks,
    public_text,
    verify_permit,
    write_jwks,
)

NEXT = key("US", "the next one")
LOG_KEYS = [LOG.verifier]
PLACE = 1
"""The place of the act of issue in the log of the sample."""


def changed_at(entries: int) -> tuple[PermitVerifierKey, ...]:
    """Return the issuer's keys as published after the sample's was changed."""
    return (replace(KEY.verifier, until=entries), NEXT.verifier)


def test_what_was_issued_while_the_key_was_in_force_holds_after_it_was_changed() -> None:
    """A receipt places the act of issue before the change; the reader is told what it does not."""
    reading = verify_permit(
        TOKEN, changed_at(PLACE + 1), at=START, receipt=receipt(ENTRY), log_keys=LOG_KEYS
    )
    assert (reading.standing, reading.entry) == (Standing.UNCONFIRMED, EntryStanding.PROVEN)
    said = "\n".join(reading.sentences())
    assert "is authentic: US signed it" in said
    assert f"changed later, when the log had {PLACE + 1} entries" in said
    assert "a disclosure of it shows" in said


def test_what_was_issued_after_the_key_was_changed_is_not_the_issuers() -> None:
    """An entry that comes after the change cannot have been signed with the key before it."""
    with pytest.raises(NotAuthenticError, match="had been changed at 1 entries"):
        verify_permit(TOKEN, changed_at(PLACE), at=START, receipt=receipt(), log_keys=LOG_KEYS)


@pytest.mark.parametrize("with_receipt", [True, False])
def test_without_a_receipt_that_can_be_checked_nothing_is_shown_and_that_is_said(
    with_receipt: bool,
) -> None:
    """A time inside a token is the word of whoever has the key, so it does not count."""
    found = receipt() if with_receipt else None
    reading = verify_permit(TOKEN, changed_at(2), at=START, receipt=found)
    assert reading.standing is Standing.CHANGED_KEY
    said = reading.sentences()
    assert said[0].startswith("Whether permit us-2025-0042 is authentic is not shown:")
    assert "changed when the log had 2 entries" in said[1]
    assert reading.entry.value in said[1]
    assert not any("is authentic:" in each for each in said)


def test_a_permit_by_the_present_key_needs_no_receipt() -> None:
    """That another key was changed says nothing of this one."""
    token = issue_token(terms(), STATUS, NEXT, ISSUED)
    reading = verify_permit(token, changed_at(0), at=START)
    assert reading.standing is Standing.UNCONFIRMED


@pytest.mark.parametrize("status", list(Status))
def test_a_list_by_a_changed_key_says_nothing_and_one_by_the_next_does(status: Status) -> None:
    """Whoever kept the key could sign a list of any time; the permit itself still holds."""
    keys = changed_at(2)
    own = {"at": START + SECOND, "receipt": receipt(), "log_keys": LOG_KEYS}
    old = verify_permit(TOKEN, keys, status_token=status_token(status), **own)
    assert (old.standing, old.status) == (Standing.UNCONFIRMED, None)
    assert "signed with a key that US has changed since" in old.reason
    listed = status_token(status, signer=NEXT)
    new = verify_permit(TOKEN, keys, status_token=listed, **own)
    assert new.status is not None
    assert new.status.status is status


def test_when_a_permit_is_over_is_said_as_ever() -> None:
    """A changed key changes nothing of windows, where the act is placed before the change."""
    reading = verify_permit(TOKEN, changed_at(2), at=UNTIL, receipt=receipt(), log_keys=LOG_KEYS)
    assert reading.standing is Standing.EXPIRED


def test_a_published_key_says_when_it_was_changed_and_is_else_the_same() -> None:
    """The member survives the JWK set; the log's own spelling of the key does not have it."""
    keys = changed_at(7)
    read = parse_jwks(write_jwks([*keys, OTHER.verifier]))
    assert [each.until for each in read] == [7, None, None]
    assert read == (*keys, OTHER.verifier)
    assert public_text(keys[0]) == public_text(KEY.verifier)
    data = json.loads(write_jwks(keys[:1]))
    for wrong in (True, -1, "7", 1.5, None):
        data["keys"][0]["until_entries"] = wrong
        with pytest.raises(MalformedPermitError):
            parse_jwks(json.dumps(data).encode())
