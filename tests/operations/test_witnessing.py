"""The witness: cosigns what continues, refuses what does not, remembers before it signs."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import pytest

from placet.errors import QuestionError
from placet.ledger import (
    ENTRIES,
    FULL,
    Checkpoint,
    Edge,
    KeyKind,
    MalformedError,
    MissingError,
    NotWitnessedError,
    Reason,
    Signature,
    SignerKey,
    Tile,
    UnfitError,
    WitnessPolicy,
    WrongContentError,
    cosigned_at,
    export_log,
    hash_leaf,
    pack,
    parse_checkpoint,
    sign_checkpoint,
)
from placet.ledger.notes import MOST_SIGNATURES
from placet.operations.log.proving import export_from, folder_tiles, verify_folder
from placet.operations.outside import witnessing
from placet.operations.outside.witnessing import WitnessRefusalError, cosign_folder, state_of

ORIGIN = "example.gov/placet"
LOG = SignerKey(ORIGIN, KeyKind.NOTE, hashlib.sha256(b"log").digest())
KEYS = (LOG.verifier,)
AT = 1_760_000_000


def witness(name: str = "w1.example/witness") -> SignerKey:
    """Make a witness's key from its name."""
    return SignerKey(name, KeyKind.COSIGNATURE, hashlib.sha256(name.encode()).digest())


def write(folder: Path, size: int, seed: str = "", key: SignerKey = LOG) -> None:
    """Write an export of a log with so many entries; another seed is another history."""
    leaves = [hashlib.sha256(f"{seed}{number}".encode()).digest() for number in range(size)]
    edge, held = Edge().append([hash_leaf(each) for each in leaves])
    for start in range(0, size, FULL):
        held[Tile(ENTRIES, start // FULL)] = pack(leaves[start : start + FULL])
    tiles = {each.whole: data for each, data in held.items()}
    signed = sign_checkpoint(Checkpoint(key.name, size, edge.frontier.root), key)
    for path, data in export_log(signed, lambda asked: [tiles[each.whole] for each in asked]):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


def cosign(folder: Path, state: Path, key: SignerKey | None = None) -> bytes:
    """Have the export witnessed."""
    return cosign_folder(folder, state, key or witness(), KEYS, AT)


def test_a_growing_log_is_cosigned_each_time(tmp_path: Path) -> None:
    """Every checkpoint that continues the last one gets a cosignature that the policy accepts."""
    folder, state = tmp_path / "log", tmp_path / "state"
    policy = WitnessPolicy(1, (witness().verifier,))
    for size in (1, 1, 7, 256, 300, 70_000):
        write(folder, size)
        with pytest.raises(NotWitnessedError):
            verify_folder(folder, KEYS, policy=policy)
        cosigned = cosign(folder, state)
        assert policy.require(parse_checkpoint(cosigned).note).signed == {witness().verifier: AT}
        assert (folder / "checkpoint").read_bytes() == cosigned
        assert verify_folder(folder, KEYS, policy=policy).checkpoint.size == size


def test_two_witnesses_sign_side_by_side(tmp_path: Path) -> None:
    """A second witness adds its cosignature to that of the first; two of two are then there."""
    folder, second = tmp_path / "log", witness("w2.example/witness")
    write(folder, 5)
    cosign(folder, tmp_path / "one")
    cosign(folder, tmp_path / "two", second)
    policy = WitnessPolicy(2, (witness().verifier, second.verifier))
    found = verify_folder(folder, KEYS, policy=policy).witnessing
    assert found is not None
    assert not found.missing


def test_a_witness_that_looks_again_takes_the_place_of_what_it_said(tmp_path: Path) -> None:
    """However often it looks at a quiet log, one line is its own, and others can be read."""
    folder, second = tmp_path / "log", witness("w2.example/witness")
    write(folder, 3)
    cosign(folder, tmp_path / "two", second)
    for at in range(AT, AT + 105):
        data = cosign_folder(folder, tmp_path / "one", witness(), KEYS, at)
    note = parse_checkpoint(data).note
    assert [each.name for each in note.signatures] == [ORIGIN, second.name, witness().name]
    assert cosigned_at(note, witness().verifier) == AT + 104
    assert cosigned_at(note, second.verifier) == AT
    assert (folder / "checkpoint").read_bytes() == data


def test_nothing_is_written_that_nobody_could_read(tmp_path: Path) -> None:
    """A file full of strangers' lines gets no more, and stays as it was; who made it is named."""
    folder = tmp_path / "log"
    write(folder, 3)
    signed = parse_checkpoint((folder / "checkpoint").read_bytes())
    lines = [Signature(f"s{n}.example", bytes(4), b"x") for n in range(MOST_SIGNATURES - 1)]
    full = signed.note.adding(lines).render()
    (folder / "checkpoint").write_bytes(full)
    with pytest.raises(UnfitError, match="would have 101 signatures"):
        cosign(folder, tmp_path / "state")
    assert (folder / "checkpoint").read_bytes() == full
    tiles = folder_tiles(folder)
    assert export_from(signed, tiles, folder).note.signatures[0] == signed.note.signatures[0]
    (folder / "checkpoint").write_bytes(full + lines[0].line.encode())
    with pytest.raises(MalformedError, match=r"checkpoint: The note has 101 .* remove it"):
        export_from(signed, tiles, folder)
    (folder / "checkpoint").unlink()
    assert export_from(signed, tiles, folder) == signed
    assert cosign(folder, tmp_path / "state") == (folder / "checkpoint").read_bytes()


def test_what_a_smaller_export_left_is_verified_too(tmp_path: Path) -> None:
    """Each byte of a narrower tile counts, whether a wider or the full one has taken its place."""
    for size in (3, 200, 300):
        write(tmp_path, size)
    left = [path for path in (tmp_path / "tile").rglob("*.p/*") if path.name in ("3", "200")]
    assert len(left) == 4
    assert verify_folder(tmp_path, KEYS).checkpoint.size == 300
    for path in left:
        good = path.read_bytes()
        for at in (0, len(good) // 2, len(good) - 1):
            path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
            with pytest.raises(WrongContentError, match="of a smaller export") as wrong:
                verify_folder(tmp_path, KEYS)
            assert wrong.value.path == path.relative_to(tmp_path).as_posix()
        path.write_bytes(good)


@pytest.mark.parametrize(
    ("size", "seed", "reason"),
    [
        (6, "", Reason.ROLLBACK),
        (7, "other", Reason.FORK),
        (9, "other", Reason.BAD_PROOF),
        (300, "other", Reason.BAD_PROOF),
    ],
)
def test_another_history_is_refused(tmp_path: Path, size: int, seed: str, reason: Reason) -> None:
    """A shorter log, a second tree, or one that does not continue is not cosigned, nor kept."""
    write(tmp_path / "log", 7)
    cosign(tmp_path / "log", tmp_path / "state")
    kept = state_of(tmp_path / "state", ORIGIN).read_bytes()
    write(tmp_path / "again", size, seed)
    before = (tmp_path / "again" / "checkpoint").read_bytes()
    with pytest.raises(WitnessRefusalError) as refused:
        cosign(tmp_path / "again", tmp_path / "state")
    assert refused.value.refusal.reason is reason
    assert state_of(tmp_path / "state", ORIGIN).read_bytes() == kept
    assert (tmp_path / "again" / "checkpoint").read_bytes() == before


def test_a_stranger_is_refused(tmp_path: Path) -> None:
    """A log that is not witnessed, or one that somebody else signed, gets nothing."""
    write(tmp_path / "other", 3, key=SignerKey("other.gov/log", KeyKind.NOTE, bytes(32)))
    write(tmp_path / "forged", 3, key=SignerKey(ORIGIN, KeyKind.NOTE, bytes(32)))
    for name, reason in (("other", Reason.UNKNOWN_LOG), ("forged", Reason.BAD_SIGNATURE)):
        with pytest.raises(WitnessRefusalError) as refused:
            cosign(tmp_path / name, tmp_path / "state")
        assert refused.value.refusal.reason is reason
    assert [each.name for each in (tmp_path / "state").iterdir()] == ["lock"]


def test_nothing_is_signed_that_is_not_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the state cannot be written no cosignature comes out, and the next try succeeds."""
    folder, state = tmp_path / "log", tmp_path / "state"
    write(folder, 3)

    def broken(path: Path, data: bytes, *, mode: int = 0o644) -> None:
        raise QuestionError(f"{path}: no space for {len(data)} bytes, mode {mode}")

    with monkeypatch.context() as patched:
        patched.setattr(witnessing, "put_file", broken)
        with pytest.raises(QuestionError, match="no space"):
            cosign(folder, state)
    assert b"w1.example" not in (folder / "checkpoint").read_bytes()
    assert b"w1.example" in cosign(folder, state)


def test_what_was_remembered_and_not_cosigned_is_cosigned_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a crash between remembering and publishing the same checkpoint is cosigned again."""
    folder, state = tmp_path / "log", tmp_path / "state"
    write(folder, 3)
    with monkeypatch.context() as patched:
        patched.setattr(witnessing, "_publish", lambda *_: (_ for _ in ()).throw(OSError("gone")))
        with pytest.raises(OSError, match="gone"):
            cosign(folder, state)
    assert state_of(state, ORIGIN).is_file()
    assert b"w1.example" in cosign(folder, state)


def test_the_state_is_the_witness_s_own(tmp_path: Path) -> None:
    """The state's folder and files are for nobody else, and are named after the log."""
    write(tmp_path / "log", 3)
    cosign(tmp_path / "log", tmp_path / "state")
    kept = state_of(tmp_path / "state", ORIGIN)
    assert kept.name == "example.gov%2Fplacet.checkpoint"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


def test_a_newer_checkpoint_is_not_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkpoint that the log published meanwhile is left where it is."""
    folder = tmp_path / "log"
    write(folder, 3)
    publish = witnessing._publish

    def later(*given: object) -> bytes:
        write(folder, 4)
        return publish(*given)

    monkeypatch.setattr(witnessing, "_publish", later)
    cosigned = cosign(folder, tmp_path / "state")
    assert parse_checkpoint(cosigned).checkpoint.size == 3
    assert verify_folder(folder, KEYS).checkpoint.size == 4


def test_an_export_without_its_tiles_shows_nothing(tmp_path: Path) -> None:
    """Without a checkpoint, or the tiles that show that it continues, nothing is cosigned."""
    folder, state = tmp_path / "log", tmp_path / "state"
    with pytest.raises(QuestionError, match="holds no checkpoint"):
        cosign(folder, state)
    write(folder, 3)
    cosign(folder, state)
    write(folder, 5)
    (folder / "tile/0/000.p/5").unlink()
    with pytest.raises(MissingError):
        cosign(folder, state)
