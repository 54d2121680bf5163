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
    key,
    receipt,
    status_token,
    terms,
)

from placet.ledger import VerifierKey
from placet.permit import (
    MalformedPermitError,
    NotAuthenticError,
    PermitVerifierKey,
    Proven,
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
FORGED = issue_token(terms(until="2099-01-01T00:00:00Z"), STATUS, KEY, ISSUED)
"""What somebody signs who kept the key: another's entry, and terms of their own."""


def changed_at(entries: int) -> tuple[PermitVerifierKey, ...]:
    """Return the issuer's keys as published after the sample's was changed."""
    return (replace(KEY.verifier, until=entries), NEXT.verifier)


@pytest.mark.parametrize("log_keys", [LOG_KEYS, []])
@pytest.mark.parametrize("token", [TOKEN, FORGED])
def test_of_a_permit_by_a_changed_key_nothing_is_shown(
    token: str, log_keys: list[VerifierKey]
) -> None:
    """A genuine receipt of before places the entry, and of what terms it is it does not say."""
    reading = verify_permit(
        token, changed_at(PLACE + 1), at=START, receipt=receipt(ENTRY), log_keys=log_keys
    )
    assert reading.standing is Proven.CHANGED_KEY
    said = reading.sentences()
    assert said[0].startswith("Whether permit us-2025-0042 is authentic is not shown:")
    assert f"changed when the log had {PLACE + 1} entries" in said[1]
    assert "ask for the permit's file anew" in said[1]
    assert not any("is authentic:" in each for each in said)


def test_what_was_issued_after_the_key_was_changed_is_not_the_issuers() -> None:
    """An entry that comes after the change cannot have been signed with the key before it."""
    with pytest.raises(NotAuthenticError, match="had been changed at 1 entries"):
        verify_permit(TOKEN, changed_at(PLACE), at=START, receipt=receipt(), log_keys=LOG_KEYS)


def test_a_time_inside_a_token_is_no_proof() -> None:
    """Without any receipt the answer is the same: whoever has the key writes what they like."""
    reading = verify_permit(TOKEN, changed_at(2), at=START)
    assert reading.standing is Proven.CHANGED_KEY


def test_a_permit_by_the_present_key_needs_no_receipt() -> None:
    """That another key was changed says nothing of this one."""
    token = issue_token(terms(), STATUS, NEXT, ISSUED)
    reading = verify_permit(token, changed_at(0), at=START)
    assert reading.standing is Proven.UNCONFIRMED


@pytest.mark.parametrize("status", list(Status))
def test_a_list_by_a_changed_key_says_nothing_and_one_by_the_next_does(status: Status) -> None:
    """Whoever kept the key could sign a list of any time; a permit by the next one still holds."""
    keys = changed_at(2)
    own = {"at": START + SECOND, "receipt": receipt(), "log_keys": LOG_KEYS}
    token = issue_token(terms(), STATUS, NEXT, ISSUED)
    old = verify_permit(token, keys, status_token=status_token(status), **own)
    assert (old.standing, old.status) == (Proven.UNCONFIRMED, None)
    assert "signed with a key that US has changed since" in old.reason
    listed = status_token(status, signer=NEXT)
    new = verify_permit(token, keys, status_token=listed, **own)
    assert new.status is not None
    assert new.status.status is status


def test_a_key_that_stands_twice_is_refused() -> None:
    """A set put together of an old one and a new one must not say of a key that it is unchanged."""
    both = (
        json.loads(write_jwks([KEY.verifier]))["keys"]
        + json.loads(write_jwks(changed_at(7)))["keys"]
    )
    with pytest.raises(MalformedPermitError, match="stands twice"):
        parse_jwks(json.dumps({"keys": both}).encode())


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
