"""Proving: receipts and disclosures for one entry, and the whole log as files for everybody.

A receipt shows that an entry is in the log, a disclosure what chosen fields of it say; both are
checked without us. An export is static files that any web server can serve; it holds the public
leaves and nothing behind them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from placet import files
from placet.errors import QuestionError
from placet.ledger import (
    CHECKPOINT,
    FULL,
    Body,
    Hash,
    InconsistentError,
    MalformedError,
    MissingError,
    OverwriteError,
    SignedCheckpoint,
    Tile,
    TileReader,
    VerifiedExport,
    VerifierKey,
    WitnessPolicy,
    WrongContentError,
    check_continues,
    disclose,
    export_log,
    hashes_from,
    make_receipt,
    narrowed,
    parse_checkpoint,
    parse_receipt,
    prove_consistency,
    verify_export,
)
from placet.operations.ports import Reading
from placet.permit import PermitFile

__all__ = [
    "checkpoint",
    "checkpoint_in",
    "disclosure",
    "export",
    "folder_tiles",
    "permit_by_export",
    "put_file",
    "read_file",
    "receipt",
    "receipt_by_export",
    "verify_folder",
]

LARGEST_FILE = 17 << 20
"""The most bytes of a file of an export: a full bundle of the largest entries."""


def checkpoint(reading: Reading) -> SignedCheckpoint:
    """Return the latest checkpoint of the log.

    Raises:
        QuestionError: there is none yet.
    """
    signed = reading.checkpoint()
    if signed is None:
        raise QuestionError("The log has no signed checkpoint yet: it has not begun.")
    return signed


def disclosure(reading: Reading, index: int, fields: Collection[str]) -> bytes:
    """Return an entry with chosen fields shown and all others hidden, as canonical JSON.

    Who may be shown what is not decided here.

    Raises:
        QuestionError: there is no such entry, or nothing behind it.
        DisclosureError: there is no such field, or it was erased.
    """
    return disclose(_body(reading, index), fields).render()


def receipt(reading: Reading, index: int, fields: Collection[str] = ()) -> bytes:
    """Return the receipt of an entry, for a file that ends in `.tlog-proof`.

    With `fields` a disclosure of these goes along in its `extra` line, where it proves itself
    against the entry; a reader that does not know of it passes over it.

    Raises:
        QuestionError: no checkpoint covers such an entry.
        DisclosureError: there is no such field, or it was erased.
    """
    signed = checkpoint(reading)
    _must_cover(signed, index)
    extra = disclosure(reading, index, fields) if fields else b""
    return _receipt(signed, reading.tiles(), index, extra)


def receipt_by_export(receipt: bytes, folder: Path) -> bytes:
    """Return a receipt made anew for the checkpoint of an export, with the cosignatures on that.

    Raises:
        QuestionError: there is no checkpoint, or it does not cover the entry.
        InconsistentError: the export is of another log.
        MissingError: a tile of the export is not there.
    """
    given, signed = parse_receipt(receipt), checkpoint_in(folder)
    log = parse_checkpoint(given.checkpoint).checkpoint.origin
    if signed.checkpoint.origin != log:
        raise InconsistentError(f"{folder} is of the log {signed.checkpoint.origin}, not of {log}.")
    _must_cover(signed, given.index)
    return _receipt(signed, folder_tiles(folder), given.index, given.extra)


def permit_by_export(file: bytes, folder: Path) -> bytes:
    """Return a permit file with its receipt made anew for the checkpoint of an export.

    Raises:
        MalformedPermitError: it is none.
        QuestionError: it has no receipt, or the export is from before the act of issue.
        LedgerError: the export cannot prove it.
    """
    held = PermitFile.parse(file)
    if held.receipt is None:
        raise QuestionError("The permit has no receipt, so where it is in the log is not known.")
    made = receipt_by_export(held.receipt.encode(), folder)
    return replace(held, receipt=made.decode()).render()


def checkpoint_in(folder: Path) -> SignedCheckpoint:
    """Return the checkpoint of an export, unchecked.

    Raises:
        QuestionError: there is none, or it cannot be read.
        MalformedError: it is none.
    """
    data = read_file(folder, CHECKPOINT)
    if data is None:
        raise QuestionError(f"{folder} holds no checkpoint; name the folder of an export.")
    return _parsed(folder, data)


def _parsed(folder: Path, data: bytes) -> SignedCheckpoint:
    try:
        return parse_checkpoint(data)
    except MalformedError as error:
        raise MalformedError(
            f"{folder / CHECKPOINT}: {error} Others wrote into it, a witness perhaps. Put the one "
            "of your last export in its place; without one remove it, and export again."
        ) from error


def _must_cover(signed: SignedCheckpoint, index: int) -> None:
    size = signed.checkpoint.size
    if not 0 <= index < size:
        raise QuestionError(f"No checkpoint covers an entry {index}; the last is {size - 1}.")


def _receipt(signed: SignedCheckpoint, tiles: TileReader, index: int, extra: bytes) -> bytes:
    hashes = hashes_from(tiles, signed.checkpoint.size)
    return make_receipt(index, signed, hashes, extra=extra).render()


def export(reading: Reading, folder: Path) -> SignedCheckpoint:
    """Write the log into a folder as static files, the checkpoint last; return it.

    A folder that holds an earlier export is continued, and cosignatures of the same checkpoint
    stay. Nothing that was published is ever changed: that is where a rewritten log shows.

    Raises:
        QuestionError: there is no checkpoint yet, or the folder cannot be written.
        OverwriteError: the folder holds other bytes than the log has there.
        MalformedError, UnfitError: others wrote what is none into the folder's checkpoint, or so
            many signatures that nobody could read it.
        InconsistentError: the folder's checkpoint is larger, or of another history.
        BadProofError: the log does not continue the folder's checkpoint.
    """
    return export_from(checkpoint(reading), reading.tiles(), folder)


def export_from(signed: SignedCheckpoint, tiles: TileReader, folder: Path) -> SignedCheckpoint:
    """Do the same with the log of a checkpoint, wherever its tiles are."""
    before = read_file(folder, CHECKPOINT)
    if before is not None:
        signed = _continued(_parsed(folder, before), signed, tiles)
    for path, data in export_log(signed, tiles):
        held = read_file(folder, path) if path != CHECKPOINT else None
        if held is None:
            put_file(folder / path, data)
        elif held != data:
            raise OverwriteError(
                f"{folder / path} holds other bytes than the log has now. What was published "
                "never changes: the log was rewritten, or the file. Keep both, and find out."
            )
    return signed


def verify_folder(
    folder: Path,
    keys: Collection[VerifierKey],
    earlier: bytes | None = None,
    policy: WitnessPolicy | None = None,
) -> VerifiedExport:
    """Check an export: every hash, the signature, the witnesses, and an earlier checkpoint.

    Args:
        folder: the export.
        keys: the log's keys.
        earlier: a checkpoint known from before, which it must continue.
        policy: which witnesses must have cosigned; None to ask for none, on purpose.

    Raises:
        LedgerError: of the kind that says what is wrong, and where first.
        QuestionError: a file cannot be read.
    """
    known = (parse_checkpoint(earlier),) if earlier is not None else ()
    found = verify_export(lambda path: read_file(folder, path), keys, policy, earlier=known)
    _check_narrower(folder, found.checkpoint.size)
    return found


def _check_narrower(folder: Path, size: int) -> None:
    """Check that what smaller exports left, for who holds their checkpoints, is part of this one.

    Raises:
        WrongContentError: a narrower tile does not begin the one that was verified.
    """
    for path in sorted((folder / "tile").rglob("*.p/*")):
        try:
            tile = Tile.parse(path.relative_to(folder).as_posix())
        except MalformedError:
            continue
        width = min(FULL, (size >> (8 * max(tile.level, 0))) - tile.number * FULL)
        if tile.width < width:
            wider = _tile(folder, Tile(tile.level, tile.number, width))
            if read_file(folder, tile.path) != narrowed(tile, wider):
                raise WrongContentError(
                    f"{tile.path}, of a smaller export, does not begin the tile that was signed "
                    "since.",
                    path=tile.path,
                )


def read_file(folder: Path, path: str) -> bytes | None:
    """Return a file of an export, or None where there is none.

    Raises:
        QuestionError: it cannot be read, or is larger than any file of an export.
    """
    try:
        with (folder / path).open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise QuestionError(f"{folder / path} cannot be read: {error.strerror}") from error
    if len(data) > LARGEST_FILE:
        raise QuestionError(f"{folder / path} is larger than any file of an export.")
    return data


def put_file(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Put a file in place, and make the folders that it lies in; see `files.put`.

    Raises:
        QuestionError: it cannot be written.
    """
    try:
        files.make_folder(path.parent)
        files.put(path, data, mode=mode)
    except OSError as error:
        raise QuestionError(f"{path} cannot be written: {error.strerror}") from error


def _body(reading: Reading, index: int) -> Body:
    for each in islice(reading.entries(index, index + 1) if index >= 0 else (), 1):
        if each.body is not None:
            return each.body
    raise QuestionError(f"There is no entry {index} with anything behind it.")


def _continued(
    before: SignedCheckpoint, signed: SignedCheckpoint, tiles: TileReader
) -> SignedCheckpoint:
    """Return the checkpoint to publish after another, which it must continue."""
    old, new = before.checkpoint, signed.checkpoint
    proof: tuple[Hash, ...] = ()
    if old.size < new.size:
        proof = prove_consistency(old.size, new.size, hashes_from(tiles, new.size))
    check_continues(old, new, proof)
    if old.text != new.text:
        return signed
    return SignedCheckpoint(new, before.note.adding(signed.note.signatures))


def folder_tiles(folder: Path) -> TileReader:
    """Return a reader of the tiles of an export; one that has become full stands for its part.

    It raises `MissingError` for a tile that is not there.
    """

    def read(tiles: Sequence[Tile], /) -> Sequence[bytes]:
        return [_tile(folder, each) for each in tiles]

    return read


def _tile(folder: Path, tile: Tile) -> bytes:
    for path in (tile.path, tile.whole.path):
        if (data := read_file(folder, path)) is not None:
            return data
    raise MissingError(f"{tile.path} is not in {folder}.", path=tile.path)
