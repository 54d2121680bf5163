"""Checkpoints by a key that was changed: those of its time hold, and no larger one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_sample import LOG, ORIGIN, MemoryLog, sample_entries, signer

from placet.ledger import (
    BadSignatureError,
    KeyKind,
    MalformedError,
    SignedCheckpoint,
    SignerKey,
    VerifierKey,
    make_receipt,
    open_checkpoint,
    sign_checkpoint,
    verify_export,
    verify_receipt,
)

SAMPLE = MemoryLog.of(sample_entries(60))
CHANGED = 40
NEXT = SignerKey(ORIGIN, KeyKind.NOTE, b"n" * 32)
KEYS = [replace(LOG.verifier, until=CHANGED), NEXT.verifier]


def signed(size: int, by: SignerKey) -> SignedCheckpoint:
    """Sign the sample's checkpoint of a size."""
    return sign_checkpoint(SAMPLE.checkpoint(size).checkpoint, by)


@given(st.integers(1, 60), st.booleans())
def test_a_changed_key_speaks_for_the_log_as_it_was_until_then(size: int, old: bool) -> None:
    """Up to the change its signature counts; beyond it only the next key's does."""
    data = signed(size, LOG if old else NEXT).render()
    if old and size > CHANGED:
        with pytest.raises(BadSignatureError, match="changed when it had 40"):
            open_checkpoint(data, KEYS)
    else:
        assert open_checkpoint(data, KEYS).checkpoint.size == size
    if old:
        open_checkpoint(data, [LOG.verifier])


def test_a_checkpoint_that_both_signed_is_the_logs() -> None:
    """A note may carry more signatures; one that counts is enough."""
    both = signed(50, NEXT)
    note = both.note.adding(signed(50, LOG).note.signatures)
    assert open_checkpoint(note.render(), KEYS).checkpoint.size == 50


def test_a_receipt_of_before_the_change_holds_and_one_of_after_does_not() -> None:
    """Whoever kept the key can prove no entry in a tree that the log never had."""
    good = make_receipt(3, signed(CHANGED, LOG), SAMPLE.hashes(CHANGED))
    assert verify_receipt(good, SAMPLE.entries[3], KEYS, None).checkpoint.size == CHANGED
    late = make_receipt(3, signed(CHANGED + 1, LOG), SAMPLE.hashes(CHANGED + 1))
    with pytest.raises(BadSignatureError, match="changed"):
        verify_receipt(late, SAMPLE.entries[3], KEYS, None)


def test_an_export_that_a_changed_key_signs_is_refused_and_an_earlier_one_continued() -> None:
    """The export of today is by the key of today, and continues what the key before signed."""
    files = SAMPLE.files()
    before = signed(CHANGED, LOG)
    now = {**files, "checkpoint": signed(60, NEXT).render()}
    assert verify_export(now.get, KEYS, None, earlier=(before,)).checkpoint.size == 60
    forged = {**files, "checkpoint": signed(60, LOG).render()}
    with pytest.raises(BadSignatureError, match="changed"):
        verify_export(forged.get, KEYS, None)


def test_a_line_of_a_list_of_keys_is_read_as_written() -> None:
    """A key alone is in force; one with a number was changed when the log had so many entries."""
    for key in (LOG.verifier, KEYS[0], signer("other.example").verifier):
        assert VerifierKey.parse_line(key.line) == key
        assert VerifierKey.parse_line(key.line).until == key.until
    assert KEYS[0].line == f"{LOG.verifier} {CHANGED}"
    for wrong in (" ", " x", " -1", " 07", " 1 2"):
        with pytest.raises(MalformedError):
            VerifierKey.parse_line(f"{LOG.verifier}{wrong}")
