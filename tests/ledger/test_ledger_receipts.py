"""Receipts: written as the specification says, verified offline, refused when anything is off."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_sample import LOG, WITNESSES, MemoryLog, sample_entries, signer
from test_ledger_entries import BODY

from placet.ledger import (
    BadProofError,
    BadSignatureError,
    DisclosureError,
    Hash,
    KeyKind,
    LedgerError,
    MalformedError,
    NotWitnessedError,
    Receipt,
    SignerKey,
    UnfitError,
    WitnessPolicy,
    disclose,
    make_receipt,
    parse_receipt,
    verify_disclosure,
    verify_receipt,
)

SAMPLE = MemoryLog.of(sample_entries(300))
KEYS = [LOG.verifier]
POLICY = WitnessPolicy(2, tuple(each.verifier for each in WITNESSES))
RECEIPT = make_receipt(
    123, SAMPLE.checkpoint(witnesses=2), SAMPLE.hashes(), extra=b"not to be believed"
)


@given(st.integers(1, 300), st.data())
def test_every_entry_gets_a_receipt(size: int, data: st.DataObject) -> None:
    """For any entry of any checkpoint a receipt is made, read back and verified."""
    index = data.draw(st.integers(0, size - 1))
    receipt = make_receipt(index, SAMPLE.checkpoint(size), SAMPLE.hashes(size))
    assert parse_receipt(receipt.render()) == receipt
    verified = verify_receipt(receipt, SAMPLE.entries[index], KEYS, None)
    assert (verified.index, verified.checkpoint.size) == (index, size)
    assert verified.witnessing is None


def test_a_receipt_has_the_form_of_the_specification() -> None:
    """Header, extra, index, hashes, an empty line, and the checkpoint as the log gave it."""
    lines = RECEIPT.render().decode().split("\n")
    assert lines[:3] == [
        "c2sp.org/tlog-proof@v1",
        "extra bm90IHRvIGJlIGJlbGlldmVk",
        "index 123",
    ]
    assert lines[3 + len(RECEIPT.proof)] == ""
    assert RECEIPT.render().endswith(b"\n\n" + RECEIPT.checkpoint)
    assert RECEIPT.checkpoint == SAMPLE.checkpoint(witnesses=2).render()


def test_the_only_entry_of_a_log_has_a_receipt_without_hashes() -> None:
    """A log of one entry needs no hashes; its receipt reads back."""
    receipt = make_receipt(0, SAMPLE.checkpoint(1), SAMPLE.hashes(1))
    assert receipt.render().startswith(
        b"c2sp.org/tlog-proof@v1\nindex 0\n\nplacet.example/log\n1\n"
    )
    assert parse_receipt(receipt.render()) == receipt
    verify_receipt(receipt, SAMPLE.entries[0], KEYS, None)


def test_a_receipt_says_who_witnessed() -> None:
    """With a policy the result names the witnesses; with too few the receipt is refused."""
    verified = verify_receipt(RECEIPT, SAMPLE.entries[123], KEYS, POLICY)
    assert verified.witnessing is not None
    assert [each.name for each in verified.witnessing.missing] == [WITNESSES[2].name]
    strict = WitnessPolicy(3, POLICY.witnesses)
    with pytest.raises(NotWitnessedError, match="1 more, from w2") as caught:
        verify_receipt(RECEIPT, SAMPLE.entries[123], KEYS, strict)
    assert caught.value.witnessing.short == 1
    with pytest.raises(NotWitnessedError):
        verify_receipt(RECEIPT, SAMPLE.entries[123], KEYS, POLICY, latest=1_600_000_000)


def test_a_receipt_holds_for_one_entry_of_one_log() -> None:
    """Another entry, another place, another log, another key: each is refused for what it is."""
    entry = SAMPLE.entries[123]
    for index in (0, 122, 124, 299, 300):
        with pytest.raises(BadProofError):
            verify_receipt(replace(RECEIPT, index=index), entry, KEYS, None)
    with pytest.raises(BadProofError):
        verify_receipt(RECEIPT, SAMPLE.entries[124], KEYS, None)
    with pytest.raises(BadProofError):
        verify_receipt(RECEIPT, entry[:-1], KEYS, None)
    with pytest.raises(BadSignatureError, match="not of"):
        verify_receipt(RECEIPT, entry, [signer("other.example").verifier], None)
    impostor = SignerKey(LOG.name, KeyKind.NOTE, bytes(32))
    with pytest.raises(BadSignatureError, match="No known key"):
        verify_receipt(RECEIPT, entry, [impostor.verifier], None)
    with pytest.raises(UnfitError):
        make_receipt(300, SAMPLE.checkpoint(), SAMPLE.hashes())


def test_every_changed_byte_of_a_receipt_is_refused() -> None:
    """No byte of a receipt, except of its unsigned extra, can be changed or left out unnoticed."""
    data = Receipt(RECEIPT.index, RECEIPT.proof, SAMPLE.checkpoint(witnesses=3).render()).render()
    policy = WitnessPolicy(3, POLICY.witnesses)
    entry = SAMPLE.entries[123]
    verify_receipt(parse_receipt(data), entry, KEYS, policy)
    for at in range(len(data)):
        for wrong in (
            data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :],
            data[:at] + data[at + 1 :],
        ):
            with pytest.raises(LedgerError):
                verify_receipt(parse_receipt(wrong), entry, KEYS, policy)


def test_a_disclosure_travels_in_the_receipt() -> None:
    """A receipt can carry a disclosure, which verifies against the entry, as that in the log."""
    log = MemoryLog.of([*sample_entries(5), BODY.commitment, *sample_entries(5, "after")])
    disclosed = disclose(BODY, ["kind", "time"])
    data = make_receipt(5, log.checkpoint(), log.hashes(), extra=disclosed.render()).render()
    receipt = parse_receipt(data)
    verify_receipt(receipt, BODY.commitment, KEYS, None)
    shown = verify_disclosure(receipt.extra, BODY.commitment)
    assert shown == {"kind": "decide", "time": "2025-08-23T12:00:00Z"}
    with pytest.raises(DisclosureError):
        verify_disclosure(receipt.extra, log.entries[4])


GOOD = RECEIPT.render()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"proof@v1", b"proof@v2"),
        (b"index 123\n", b""),
        (b"index 123\n", b"index 0123\n"),
        (b"index 123\n", b"index -1\n"),
        (b"index 123\n", b"index 9223372036854775808\n"),
        (b"index 123\n", b"index 123\nextra AAAA\n"),
        (b"extra bm90", b"extra !m90"),
        (b"extra bm90IHRvIGJlIGJlbGlldmVk", b"extra "),
        (b"index 123\n", b"index 123\nAAAA\n"),
        (b"index 123\n", b"index 123\n" + b"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n" * 64),
        (b"\n\n", b"\n"),
        (b"index 123\n", b"\xff\n"),
    ],
)
def test_a_malformed_receipt_is_refused(old: bytes, new: bytes) -> None:
    """A receipt that is not of the specified form is refused before anything is verified."""
    assert old in GOOD
    wrong = GOOD.replace(old, new) if old == b"\n\n" else GOOD.replace(old, new, 1)
    with pytest.raises(MalformedError):
        parse_receipt(wrong)


def test_an_impossible_receipt_is_not_made() -> None:
    """Neither a negative index nor a hash of another length makes a receipt."""
    with pytest.raises(MalformedError):
        Receipt(-1, (), b"")
    with pytest.raises(MalformedError):
        Receipt(0, (Hash(b"short"),), b"")
    with pytest.raises(MalformedError, match="too large"):
        parse_receipt(bytes(9 << 20))


@given(st.binary(max_size=300))
def test_no_bytes_make_reading_a_receipt_fail_otherwise(data: bytes) -> None:
    """Whatever bytes come, reading ends in a receipt or in our own error."""
    for whole in (data, b"c2sp.org/tlog-proof@v1\nindex 0\n" + data):
        try:
            receipt = parse_receipt(whole)
        except MalformedError:
            continue
        assert receipt.render() == whole
