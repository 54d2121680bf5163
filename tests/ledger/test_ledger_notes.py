"""Keys, notes, checkpoints and cosignatures: other people's examples, strict reading, quorums."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_sample import LOG, ORIGIN, WITNESSES, MemoryLog, sample_entries, signer

from placet.ledger import (
    EMPTY_ROOT,
    BadProofError,
    BadSignatureError,
    Checkpoint,
    ForkError,
    Hash,
    InconsistentError,
    KeyKind,
    MalformedError,
    Note,
    NotWitnessedError,
    RollbackError,
    Signature,
    SignedCheckpoint,
    SignerKey,
    UnfitError,
    VerifierKey,
    WitnessPolicy,
    check_continues,
    cosign,
    cosigned_at,
    open_checkpoint,
    open_note,
    parse_checkpoint,
    parse_note,
    prove_consistency,
    sign_checkpoint,
    sign_note,
)

SPEC_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPEC_NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuw"
    "HjG1Yu72IneyaQM=\n"
)
"""The example of c2sp.org/signed-note."""

GO_SIGNER = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
GO_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZ"
    "b6KE6RyyBwJnAM=\n"
)
"""The examples of golang.org/x/mod/sumdb/note."""

SOFA = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhc"
    "yv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX"
    "3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)
"""The example of c2sp.org/tlog-cosignature; its keys are not published."""

MONKEYS = VerifierKey.parse("monkeys+db4d9f7e+AULaJMvTtDLHPUcUrjdDad9vDlh/PTfC2VV60JUtCfWT")
MONKEYS_5 = (
    "monkeys\n5\n41smjBUiAU70EtKlT6lIOIYtRTYxYXsDB+XHfcvu/BE=\n\n"
    "— monkeys 202fftzGl3LVoqjXfwCFZZXs8I+5G22+Ek2K0AOyBuSJ/8/CZawNF+6fNlTKOCd622pbzJNkkJFWuw9D"
    "bicZCkEx9AY=\n"
)
MONKEYS_8 = (
    "monkeys\n8\nV8K9aklZ4EPB+RMOk1/8VsJUdFZR77GDtZUQq84vSbo=\n\n"
    "— monkeys 202ffoUEboiQYpHzICeaFmoy3RNviHTpAxYrq/eO4QQVQMvu9UebKBMX2MJC76NLthZaKsnKbCA8Gxrj"
    "ePZhvDCH7Ag=\n"
)
MONKEYS_PROOF = tuple(
    Hash(bytes.fromhex(each))
    for each in (
        "b9e1d62618f7fee8034e4c5010f727ab24d8e4705cb296c374bf2025a87a10d2",
        "aac66cd7a79ce4012d80762fe8eec3a77f22d1ca4145c3f4cee022e7efcd599d",
        "89d0f753f66a290c483b39cd5e9eafb12021293395fad3d4a2ad053cfbcfdc9e",
        "29e40bb79c966f4c6fe96aff6f30acfce5f3e8d84c02215175d6e018a5dee833",
    )
)
"""Two checkpoints and a consistency proof of github.com/transparency-dev/witness."""

SAMPLE = MemoryLog.of(sample_entries(20))
KEYS = [LOG.verifier]


def test_the_specifications_example_verifies() -> None:
    """The note and key of the signed-note page verify, and are written back byte for byte."""
    note, key = parse_note(SPEC_NOTE.encode()), VerifierKey.parse(SPEC_KEY)
    assert open_note(note, [key]) == (key,)
    assert note.render() == SPEC_NOTE.encode()
    assert str(key) == SPEC_KEY


def test_gos_keys_and_signatures_are_ours() -> None:
    """Go's signer key reads and writes back, gives Go's verifier key, and signs as Go signs."""
    key = SignerKey.parse(GO_SIGNER)
    assert key.secret_text == GO_SIGNER
    assert str(key.verifier) == GO_KEY
    assert sign_note(GO_TEXT, key).render() == f"{GO_TEXT}\n{GO_LINE}".encode()


def test_a_cosigned_checkpoint_of_the_specification_reads_back() -> None:
    """The example of tlog-cosignature parses into its parts and is written back unchanged."""
    signed = parse_checkpoint(SOFA.encode())
    assert signed.render() == SOFA.encode()
    assert signed.checkpoint.size == 20852163
    assert int.from_bytes(signed.note.signatures[1].value[:8], "big") == 1679315147


def test_the_witness_projects_checkpoints_continue_one_another() -> None:
    """Checkpoints and a proof made by other people's log verify, in this order only."""
    old = open_checkpoint(MONKEYS_5.encode(), [MONKEYS]).checkpoint
    new = open_checkpoint(MONKEYS_8.encode(), [MONKEYS]).checkpoint
    check_continues(old, new, MONKEYS_PROOF)
    with pytest.raises(BadProofError):
        check_continues(old, new, MONKEYS_PROOF[::-1])
    with pytest.raises(RollbackError, match="a log only grows"):
        check_continues(new, old, MONKEYS_PROOF)


@pytest.mark.parametrize("text", [SPEC_KEY, GO_KEY])
def test_no_part_or_change_of_a_verifier_key_is_one(text: str) -> None:
    """Every proper part of a key's text, and every change of one letter, is refused."""
    for start in range(len(text) + 1):
        for end in range(start, len(text) + 1):
            if text[start:end] != text:
                with pytest.raises(MalformedError):
                    VerifierKey.parse(text[start:end])
    for at, each in enumerate(text):
        with pytest.raises(MalformedError):
            VerifierKey.parse(text[:at] + chr(ord(each) + 1) + text[at + 1 :])


def test_a_signer_key_is_read_strictly_and_never_shown() -> None:
    """A changed signer key is refused, and neither an error nor a repr repeats the secret."""
    key = SignerKey.parse(GO_SIGNER)
    secret = GO_SIGNER.rsplit("+", 1)[1]
    assert secret not in repr(key)
    assert base64.b64encode(key.private).decode()[:20] not in repr(key)
    for at in range(len(GO_SIGNER)):
        wrong = GO_SIGNER[:at] + chr(ord(GO_SIGNER[at]) + 1) + GO_SIGNER[at + 1 :]
        with pytest.raises(MalformedError) as caught:
            SignerKey.parse(wrong)
        assert secret[5:] not in str(caught.value)


@given(st.binary(min_size=32, max_size=32), st.sampled_from(KeyKind))
def test_every_key_reads_back(private: bytes, kind: KeyKind) -> None:
    """Whatever its bytes, and whatever base64 makes of them, a key is read as it was written."""
    key = SignerKey(ORIGIN, kind, private)
    assert SignerKey.parse(key.secret_text) == key
    assert VerifierKey.parse(str(key.verifier)) == key.verifier


def test_other_key_types_are_refused() -> None:
    """A key of an unknown type, of a wrong length, or with an impossible name is refused."""
    for kind, length in ((0x02, 32), (0x06, 1312)):
        text = base64.b64encode(bytes([kind]) + bytes(length)).decode()
        with pytest.raises(MalformedError, match="known are 0x01 and 0x04"):
            VerifierKey.parse(f"name+00000000+{text}")
    with pytest.raises(MalformedError, match="32 bytes"):
        VerifierKey("name", KeyKind.NOTE, bytes(31))
    for name in ("", "two words", "a+b", "tab\there", "nb\u00a0sp", "line\u2028end", "nul\x00"):
        with pytest.raises(MalformedError, match="cannot name a key"):
            VerifierKey(name, KeyKind.NOTE, bytes(32))


def test_one_public_key_has_two_ids_for_two_purposes() -> None:
    """The same key as a log's and as a witness's has two ids, so one is not taken for the other."""
    note, witness = signer(), SignerKey(ORIGIN, KeyKind.COSIGNATURE, signer().private)
    assert note.verifier.public == witness.verifier.public
    assert note.verifier.key_id != witness.verifier.key_id
    with pytest.raises(UnfitError, match="a key of its own"):
        cosign(SAMPLE.checkpoint(), note, 1)
    with pytest.raises(UnfitError, match="a key of its own"):
        sign_note("text\n", witness)


BAD_NOTES = [
    b"",
    b"\n",
    GO_TEXT.encode(),
    (GO_TEXT + "\n").encode(),
    (GO_TEXT + "\n" + GO_LINE[:-1]).encode(),
    ("\x01" + GO_TEXT + "\n" + GO_LINE).encode(),
    ("tab\t" + GO_TEXT + "\n" + GO_LINE).encode(),
    (GO_TEXT.replace("\n", "\r\n") + "\n" + GO_LINE).encode(),
    b"\xff" + (GO_TEXT + "\n" + GO_LINE).encode(),
    (GO_TEXT + "\n" + GO_LINE.replace("PeterNeumann", "Peter Neumann")).encode(),
    (GO_TEXT + "\n" + GO_LINE.replace("PeterNeumann", "Peter+Neumann")).encode(),
    (GO_TEXT + "\n" + GO_LINE.replace("— ", "- ")).encode(),
    (GO_TEXT + "\n" + GO_LINE.replace("— ", "")).encode(),
    (GO_TEXT + "\n" + GO_LINE.replace("=\n", "\n")).encode(),
    (GO_TEXT + "\n" + GO_LINE.replace("AM=", "AN=")).encode(),
    (GO_TEXT + "\n" + GO_LINE + "Unexpected line.\n").encode(),
    (GO_TEXT + "\n" + GO_LINE + "\n").encode(),
    (GO_TEXT + "\n— PeterNeumann x08gow==\n").encode(),
    (GO_TEXT + "\n— PeterNeumann \n").encode(),
    (GO_TEXT + "\n" + GO_LINE * 101).encode(),
    b"a" * (1 << 20) + (GO_TEXT + "\n" + GO_LINE).encode(),
]


@pytest.mark.parametrize("data", BAD_NOTES, ids=range(len(BAD_NOTES)))
def test_a_malformed_note_is_refused(data: bytes) -> None:
    """What is not exactly a signed note is refused, as Go refuses it, or more strictly."""
    with pytest.raises(MalformedError):
        parse_note(data)


def test_unknown_signatures_are_ignored_and_bad_ones_are_not() -> None:
    """A stranger's signature changes nothing; a known key's bad one spoils the note."""
    key = VerifierKey.parse(GO_KEY)
    stranger = signer("stranger.example")
    other = sign_note(GO_TEXT, stranger).signatures
    note = parse_note((GO_TEXT + "\n" + GO_LINE).encode()).adding(other)
    assert open_note(note, [key]) == (key,)
    with pytest.raises(BadSignatureError, match="No known key signed"):
        open_note(note, [])
    namesake = Signature(key.name, stranger.verifier.key_id, bytes(64))
    same_id = Signature("other.example", key.key_id, bytes(64))
    assert open_note(note.adding([namesake, same_id]), [key]) == (key,)
    with pytest.raises(BadSignatureError, match="not over this text"):
        open_note(note.adding([Signature(key.name, key.key_id, bytes(64))]), [key])
    with pytest.raises(BadSignatureError, match="not over this text"):
        open_note(Note(GO_TEXT + "more\n", note.signatures), [key])
    assert note.adding(other) == note


@given(st.binary(max_size=200))
def test_no_bytes_make_reading_fail_otherwise(data: bytes) -> None:
    """Whatever bytes come, reading a note ends in a note or in our own error."""
    for whole in (data, data + b"\n\n" + GO_LINE.encode(), data + GO_LINE.encode()):
        try:
            note = parse_note(whole)
        except MalformedError:
            continue
        assert note.render() == whole


def test_a_checkpoint_reads_back_with_its_extensions() -> None:
    """A checkpoint is written as the specification shows it, and its extension lines are kept."""
    checkpoint = Checkpoint(ORIGIN, 7, EMPTY_ROOT, ("one", "two words"))
    assert Checkpoint.parse(checkpoint.text) == checkpoint
    signed = sign_checkpoint(checkpoint, LOG)
    assert open_checkpoint(signed.render(), KEYS) == signed
    assert checkpoint.text.startswith(
        f"{ORIGIN}\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
    )


ROOT = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        f"log\n7\n{ROOT}",
        f"log\n{ROOT}\n7\n",
        "log\n7\n",
        f"\n7\n{ROOT}\n",
        f"log name\n7\n{ROOT}\n",
        f"log\n07\n{ROOT}\n",
        f"log\n+7\n{ROOT}\n",
        f"log\n-7\n{ROOT}\n",
        f"log\n 7\n{ROOT}\n",
        f"log\n\u0667\n{ROOT}\n",
        f"log\n9223372036854775808\n{ROOT}\n",
        "log\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n",
        "log\n7\n47DEQpj8HBSa\n",
        "log\n7\n47DEQpj8HBSa+_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        f"log\n7\n{ROOT}\n\nextension\n",
        f"log\n7\n{ROOT}\n\n",
        "log\n0\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
    ],
)
def test_a_malformed_checkpoint_is_refused(text: str) -> None:
    """Leading zeroes, signs, loose base64, empty lines, a wrong empty root: all are refused."""
    with pytest.raises(MalformedError):
        Checkpoint.parse(text)


def test_a_log_signs_and_is_believed_only_under_its_name() -> None:
    """A key of another name can neither sign nor open a checkpoint, even if it signed the text."""
    checkpoint = SAMPLE.checkpoint().checkpoint
    stranger = signer("stranger.example")
    with pytest.raises(UnfitError, match="bears the log's name"):
        sign_checkpoint(checkpoint, stranger)
    forged = sign_note(checkpoint.text, stranger)
    with pytest.raises(BadSignatureError, match="not of stranger"):
        open_checkpoint(forged.render(), [stranger.verifier])
    with pytest.raises(BadSignatureError, match="No known key"):
        open_checkpoint(forged.render(), KEYS)
    impostor = SignerKey(ORIGIN, KeyKind.NOTE, bytes(32))
    with pytest.raises(BadSignatureError, match="No known key"):
        open_checkpoint(sign_checkpoint(checkpoint, impostor).render(), KEYS)
    for keys in ([], [LOG.verifier, stranger.verifier], [WITNESSES[0].verifier]):
        with pytest.raises(UnfitError):
            open_checkpoint(SAMPLE.checkpoint().render(), keys)


def test_a_log_whose_key_was_changed_is_believed_under_either() -> None:
    """After a rotation the old key and the new one both speak for the log."""
    new = SignerKey(ORIGIN, KeyKind.NOTE, bytes(range(32)))
    both = [LOG.verifier, new.verifier]
    checkpoint = SAMPLE.checkpoint().checkpoint
    for key in (LOG, new):
        signed = sign_checkpoint(checkpoint, key)
        assert open_checkpoint(signed.render(), both).checkpoint == checkpoint


def test_every_changed_byte_of_a_checkpoint_is_refused() -> None:
    """No single byte of a signed checkpoint can be changed, left out or added unnoticed."""
    data = SAMPLE.checkpoint().render()
    for at in range(len(data)):
        for wrong in (
            data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :],
            data[:at] + bytes([data[at] ^ 0x80]) + data[at + 1 :],
            data[:at] + data[at + 1 :],
            data[:at] + b"\n" + data[at:],
        ):
            if wrong != data:
                with pytest.raises((MalformedError, BadSignatureError)):
                    open_checkpoint(wrong, KEYS)


def test_forks_and_rollbacks_are_told_apart() -> None:
    """Two roots at one size are a fork, a smaller tree a rollback, another log neither."""
    forked = MemoryLog.of(sample_entries(20, "fork"))
    old, new = SAMPLE.checkpoint(12).checkpoint, SAMPLE.checkpoint().checkpoint
    proof = prove_consistency(12, 20, SAMPLE.hashes())
    check_continues(old, new, proof)
    check_continues(new, new, ())
    check_continues(Checkpoint(ORIGIN, 0, EMPTY_ROOT), new, ())
    with pytest.raises(ForkError, match="two trees of 12 entries"):
        check_continues(old, forked.checkpoint(12).checkpoint, ())
    with pytest.raises(RollbackError):
        check_continues(new, old, proof)
    with pytest.raises(BadProofError, match=ORIGIN):
        check_continues(old, forked.checkpoint().checkpoint, proof)
    with pytest.raises(InconsistentError, match="two logs"):
        check_continues(old, Checkpoint("other.example", 20, new.root), proof)


def test_a_cosignature_says_when() -> None:
    """A cosignature verifies for its time, text and key, over the message of the specification."""
    signed, witness = SAMPLE.checkpoint(), WITNESSES[0]
    signature = cosign(signed, witness, 1679315147)
    message = f"cosignature/v1\ntime 1679315147\n{signed.checkpoint.text}".encode()
    assert signature.value == (1679315147).to_bytes(8, "big") + witness.sign(message)
    assert len(signature.value) == 72
    note = signed.note.adding([signature])
    assert cosigned_at(note, witness.verifier) == 1679315147
    assert cosigned_at(note, WITNESSES[1].verifier) is None
    later = cosign(signed, witness, 1679315148)
    assert cosigned_at(note.adding([later]), witness.verifier) == 1679315148
    for wrong in (
        Signature(signature.name, signature.key_id, later.value[:8] + signature.value[8:]),
        Signature(signature.name, signature.key_id, signature.value[:-1]),
        Signature(signature.name, signature.key_id, b"\xff" + signature.value[1:]),
        Signature(signature.name, signature.key_id, b"short"),
    ):
        with pytest.raises(BadSignatureError, match="not over this checkpoint"):
            cosigned_at(signed.note.adding([wrong]), witness.verifier)
    with pytest.raises(BadSignatureError):
        cosigned_at(SAMPLE.checkpoint(3).note.adding([signature]), witness.verifier)
    for at in (0, (1 << 63) - 1):
        assert (
            cosigned_at(signed.note.adding([cosign(signed, witness, at)]), witness.verifier) == at
        )
    for at in (-1, 1 << 63):
        with pytest.raises(UnfitError):
            cosign(signed, witness, at)
    with pytest.raises(UnfitError, match="no witness's key"):
        cosigned_at(note, LOG.verifier)


def test_a_cosigned_checkpoint_still_opens_under_the_logs_key() -> None:
    """Cosignatures are signatures of unknown keys to whoever knows only the log."""
    signed = SAMPLE.checkpoint(witnesses=3)
    assert open_checkpoint(signed.render(), KEYS) == signed


@pytest.mark.parametrize("needed", [1, 2, 3])
@pytest.mark.parametrize("present", [0, 1, 2, 3])
def test_a_quorum_says_who_is_missing(needed: int, present: int) -> None:
    """The result names who signed and when, who did not, and how many are short."""
    policy = WitnessPolicy(needed, tuple(each.verifier for each in WITNESSES))
    note = SAMPLE.checkpoint(witnesses=present).note
    result = policy.check(note)
    assert list(result.signed) == [each.verifier for each in WITNESSES[:present]]
    assert set(result.signed.values()) <= {1_700_000_000}
    assert list(result.missing) == [each.verifier for each in WITNESSES[present:]]
    assert result.short == max(0, needed - present)
    assert bool(result) == (present >= needed)
    if result:
        assert policy.require(note) == result
        return
    with pytest.raises(NotWitnessedError) as caught:
        policy.require(note)
    assert caught.value.witnessing == result
    assert all(each.name in str(caught.value) for each in result.missing)


def test_cosignatures_from_the_future_and_of_others_do_not_count() -> None:
    """Only witnesses of the policy count, only once, and not after the time that is given."""
    stranger = signer("stranger.example", KeyKind.COSIGNATURE)
    signed = SAMPLE.checkpoint(witnesses=1)
    again = cosign(signed, WITNESSES[0], 1_600_000_000)
    future = cosign(signed, WITNESSES[1], 1 << 40)
    note = signed.note.adding([again, cosign(signed, stranger, 5), future])
    policy = WitnessPolicy(2, tuple(each.verifier for each in WITNESSES))
    assert policy.check(note)
    result = policy.check(note, latest=1_800_000_000)
    assert not result
    assert [each.name for each in result.missing] == [each.name for each in WITNESSES[1:]]


def test_an_empty_policy_is_no_policy() -> None:
    """A policy must name witnesses, each once, with keys of witnesses, and ask for 1 to all."""
    keys = tuple(each.verifier for each in WITNESSES)
    renamed = VerifierKey("alias.example", KeyKind.COSIGNATURE, keys[0].public)
    for needed, witnesses in (
        (0, ()),
        (1, ()),
        (0, keys),
        (-1, keys),
        (4, keys),
        (1, (keys[0], keys[0])),
        (2, (keys[0], renamed)),
        (2, (keys[0], VerifierKey(keys[0].name, KeyKind.COSIGNATURE, keys[1].public))),
        (1, (LOG.verifier,)),
    ):
        with pytest.raises(UnfitError):
            WitnessPolicy(needed, witnesses)


def test_a_signed_checkpoint_is_data() -> None:
    """A checkpoint opened twice is the same, and can be kept in sets."""
    data = SAMPLE.checkpoint(witnesses=2).render()
    assert len({open_checkpoint(data, KEYS), open_checkpoint(data, KEYS)}) == 1
    assert isinstance(parse_checkpoint(data), SignedCheckpoint)
