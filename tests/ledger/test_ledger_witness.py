"""The witness: what it cosigns, what it refuses and why, and that it remembers first."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_sample import LOG, ORIGIN, WITNESSES, MemoryLog, sample_entries, signer

from placet.ledger import (
    Checkpoint,
    KeyKind,
    MalformedError,
    MustPersist,
    Reason,
    Refusal,
    Signature,
    SignedCheckpoint,
    SignerKey,
    Submission,
    UnfitError,
    VerifierKey,
    cosigned_at,
    decide,
    parse_submission,
    prove_consistency,
    sign_checkpoint,
)

WITNESS = WITNESSES[0]
LOGS: Mapping[str, list[VerifierKey]] = {ORIGIN: [LOG.verifier]}
TRUE = MemoryLog.of(sample_entries(40))
FORKED = MemoryLog.of([*sample_entries(10), *sample_entries(30, "fork")])


def submission(log: MemoryLog, old: int, size: int) -> Submission:
    """Ask a witness to go from one size of a log to another."""
    proof = prove_consistency(old, size, log.hashes(size)) if old <= size else ()
    return Submission(old, proof, log.checkpoint(size))


def last(size: int) -> Checkpoint | None:
    """Return what the witness cosigned last."""
    return TRUE.checkpoint(size).checkpoint if size else None


class Memory:
    """Remembers one checkpoint by compare-and-swap, and in which order things happened."""

    def __init__(self, held: Checkpoint | None) -> None:
        self.held = held
        self.fails = False

    def __call__(self, before: Checkpoint | None, after: SignedCheckpoint, /) -> bool:
        """Swap, unless another is held or the disk is full."""
        if self.fails:
            raise OSError("the disk is full")
        if self.held != before:
            return False
        self.held = after.checkpoint
        return True


@given(st.integers(0, 40), st.integers(0, 40))
def test_a_log_that_grows_is_cosigned(old: int, size: int) -> None:
    """Every larger tree with its proof is cosigned, after it was remembered."""
    old, size = min(old, size), max(old, size)
    memory = Memory(last(old))
    decision = decide(submission(TRUE, old, size), LOGS, memory.held)
    assert isinstance(decision, MustPersist)
    signature = decision.cosign(memory, WITNESS, 1_700_000_000)
    assert isinstance(signature, Signature)
    assert memory.held == TRUE.checkpoint(size).checkpoint
    note = TRUE.checkpoint(size).note.adding([signature])
    assert cosigned_at(note, WITNESS.verifier) == 1_700_000_000


REFUSALS = [
    ("the log is unknown", submission(TRUE, 0, 5), {}, 0, Reason.UNKNOWN_LOG, 404),
    (
        "the log's key is another",
        submission(TRUE, 0, 5),
        {ORIGIN: [SignerKey(ORIGIN, KeyKind.NOTE, bytes(32)).verifier]},
        0,
        Reason.BAD_SIGNATURE,
        403,
    ),
    ("the old size is the larger", submission(TRUE, 9, 5), LOGS, 0, Reason.BAD_SIZE, 400),
    ("nothing was cosigned yet", submission(TRUE, 5, 9), LOGS, 0, Reason.STALE, 409),
    ("more was cosigned since", submission(TRUE, 5, 9), LOGS, 7, Reason.STALE, 409),
    ("less was cosigned", submission(TRUE, 5, 9), LOGS, 3, Reason.STALE, 409),
    ("the log was rolled back", submission(TRUE, 5, 9), LOGS, 20, Reason.ROLLBACK, 409),
    ("it says so itself", submission(TRUE, 20, 9), LOGS, 20, Reason.ROLLBACK, 400),
    ("a second tree of one size", submission(FORKED, 20, 20), LOGS, 20, Reason.FORK, 409),
    ("the same, claiming to be new", submission(FORKED, 0, 20), LOGS, 20, Reason.FORK, 409),
    ("a forked tree goes on", submission(FORKED, 20, 30), LOGS, 20, Reason.BAD_PROOF, 422),
]


@pytest.mark.parametrize(
    ("submitted", "logs", "size", "reason", "status"),
    [each[1:] for each in REFUSALS],
    ids=[each[0] for each in REFUSALS],
)
def test_a_log_that_misbehaves_is_refused(
    submitted: Submission,
    logs: Mapping[str, list[VerifierKey]],
    size: int,
    reason: Reason,
    status: int,
) -> None:
    """Each misbehaviour is refused with its reason, the status it has, and the evidence."""
    decision = decide(submitted, logs, last(size))
    assert isinstance(decision, Refusal)
    assert (decision.reason, decision.status) == (reason, status)
    assert decision.submission == submitted
    assert decision.text
    if status == 409:
        assert decision.size == size


def test_a_bad_proof_is_refused() -> None:
    """A proof that was cut, added to or changed is refused, and so is one where none belongs."""
    good = submission(TRUE, 7, 30)
    for proof in ((), good.proof[:-1], (*good.proof, good.proof[0]), good.proof[::-1]):
        decision = decide(Submission(7, proof, good.signed), LOGS, last(7))
        assert isinstance(decision, Refusal)
        assert decision.reason is Reason.BAD_PROOF
    for old, size in ((0, 30), (30, 30)):
        decision = decide(Submission(old, good.proof, good.signed), LOGS, last(size if old else 0))
        assert isinstance(decision, Refusal)
        assert decision.reason is Reason.BAD_PROOF


def test_a_forged_checkpoint_is_refused() -> None:
    """A checkpoint whose text was changed after signing is refused, whatever its proof."""
    good = submission(TRUE, 7, 30)
    text = TRUE.checkpoint(31).checkpoint
    forged = SignedCheckpoint(text, type(good.signed.note)(text.text, good.signed.note.signatures))
    decision = decide(Submission(7, good.proof, forged), LOGS, last(7))
    assert isinstance(decision, Refusal)
    assert decision.reason is Reason.BAD_SIGNATURE
    with pytest.raises(MalformedError, match="does not carry"):
        SignedCheckpoint(text, good.signed.note)


def test_nothing_is_cosigned_that_was_not_remembered() -> None:
    """If storage fails there is no cosignature; if another came first, a refusal."""
    memory = Memory(last(7))
    decision = decide(submission(TRUE, 7, 30), LOGS, memory.held)
    assert isinstance(decision, MustPersist)
    memory.fails = True
    with pytest.raises(OSError, match="disk is full"):
        decision.cosign(memory, WITNESS, 1)
    memory.fails, memory.held = False, last(12)
    refusal = decision.cosign(memory, WITNESS, 1)
    assert isinstance(refusal, Refusal)
    assert (refusal.reason, refusal.status) == (Reason.STALE, 409)
    assert memory.held == last(12)


def test_two_requests_at_once_do_not_roll_back() -> None:
    """The race of the specification: the smaller of two approved trees is not cosigned second."""
    memory = Memory(last(5))
    smaller = decide(submission(TRUE, 5, 10), LOGS, memory.held)
    larger = decide(submission(TRUE, 5, 15), LOGS, memory.held)
    assert isinstance(smaller, MustPersist)
    assert isinstance(larger, MustPersist)
    assert isinstance(larger.cosign(memory, WITNESS, 1), Signature)
    assert isinstance(smaller.cosign(memory, WITNESS, 2), Refusal)
    assert memory.held == last(15)


def test_a_witness_never_cosigns_two_histories() -> None:
    """Offered every size of two histories in every order, it cosigns one of them only."""
    for first, second in ((TRUE, FORKED), (FORKED, TRUE)):
        memory = Memory(None)
        seen: list[Checkpoint] = []
        for log, sizes in ((first, (5, 15)), (second, range(41)), (first, (15, 40))):
            for size in sizes:
                known = memory.held.size if memory.held else 0
                decision = decide(submission(log, known, size), LOGS, memory.held)
                if isinstance(decision, MustPersist):
                    decision.cosign(memory, WITNESS, 1)
                    assert memory.held is not None
                    seen.append(memory.held)
        assert seen[-1].size == 40
        assert all(each == first.checkpoint(each.size).checkpoint for each in seen)


def test_a_submission_reads_back() -> None:
    """The body of a request is that of tlog-witness, and is read back as it was written."""
    for each in (submission(TRUE, 7, 30), submission(TRUE, 0, 30)):
        assert parse_submission(each.render()) == each
    assert submission(TRUE, 7, 30).render().startswith(b"old 7\n")


@pytest.mark.parametrize(
    "change",
    [
        (b"old 7\n", b"old 07\n"),
        (b"old 7\n", b"old -7\n"),
        (b"old 7\n", b"new 7\n"),
        (b"old 7\n", b""),
        (b"=\n", b"\n"),
        (b"\n\n", b"\n"),
        (b"old 7\n", b"old 7\n" + b"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n" * 60),
        (b"old 7\n", b"old 7\nAAAA\n"),
        (b"old 7\n", b"old 7\n\xff\n"),
    ],
    ids=str,
)
def test_a_malformed_submission_is_refused(change: tuple[bytes, bytes]) -> None:
    """A request that is not of the specified form is refused before anything is decided."""
    data = submission(TRUE, 7, 30).render()
    assert change[0] in data
    with pytest.raises(MalformedError):
        parse_submission(data.replace(change[0], change[1], 1))


def test_the_record_of_another_log_is_a_mistake() -> None:
    """Given the record of another log, the decision stops instead of guessing."""
    other = sign_checkpoint(
        Checkpoint("other.example", 1, TRUE.checkpoint(1).checkpoint.root), signer("other.example")
    )
    with pytest.raises(UnfitError, match=r"other\.example"):
        decide(Submission(0, (), other), LOGS, last(5))
