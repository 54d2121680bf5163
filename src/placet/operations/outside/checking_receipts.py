"""Checking a receipt from its file, offline: with the log's keys, and perhaps with an export."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from placet.errors import QuestionError
from placet.ledger import (
    ENTRIES,
    FULL,
    JSON,
    BadProofError,
    Checkpoint,
    DisclosureError,
    Receipt,
    Tile,
    VerifiedExport,
    VerifiedReceipt,
    VerifierKey,
    Witnessing,
    WitnessPolicy,
    narrowed,
    parse_body,
    parse_checkpoint,
    parse_receipt,
    unpack,
    verify_disclosure,
    verify_receipt,
)
from placet.operations.log.proving import checkpoint_in, folder_tiles, verify_folder
from placet.operations.outside.checking_permits import read_limited, read_log_keys
from placet.registry import read
from placet.review.lawful import policy_digest

__all__ = ["ReceiptReading", "check_receipt", "must_have_adopted"]

LARGEST_RECEIPT = 8 << 20


@dataclass(frozen=True)
class ReceiptReading:
    """What a receipt shows: the place of an entry, and what of the act is disclosed.

    `export` is the checkpoint of the export that has the same entry, where one was named.
    """

    index: int
    checkpoint: Checkpoint
    export: Checkpoint | None
    witnessing: Witnessing | None
    shown: Mapping[str, JSON] = field(default_factory=dict)

    def sentences(self) -> tuple[str, ...]:
        """Say in plain words what is shown."""
        tree, held, names = self.checkpoint, self.export, ", ".join(self.shown)
        place = f"Entry {self.index} is in the log {tree.origin}"
        return (
            f"{place}, shown by a receipt for its first {tree.size} entries.",
            *([f"The export has it too, and {held.size} entries as signed."] if held else []),
            str(self.witnessing or "No witness was asked for."),
            f"It discloses {names}, as committed to." if names else "It says nothing of the act.",
        )


def check_receipt(
    path: Path,
    log_keys: Path,
    *,
    export: Path | None = None,
    witnesses: WitnessPolicy | None = None,
) -> ReceiptReading:
    """Check that an entry is in the log, and that what is disclosed of it is what was committed to.

    Without an export the entry is the one that the disclosure adds up to.

    Args:
        path: the receipt.
        log_keys: the log's verifier keys, one to a line.
        export: an export that must have the same entry, and is checked as a whole. If it is no
            older than the receipt, it must continue the receipt's checkpoint.
        witnesses: who must have cosigned the export, or without one the receipt; None to ask for
            none, on purpose.

    Raises:
        QuestionError: a file cannot be read; or the receipt discloses nothing and no export is
            named; or the export is from before the entry.
        DisclosureError: a value or a salt was changed, or is of another entry.
        LedgerError: of the kind that says what else is wrong.
    """
    receipt, keys = parse_receipt(read_limited(path, LARGEST_RECEIPT)), read_log_keys(log_keys)
    if export is None:
        found, shown = _by_disclosure(receipt, keys, witnesses)
        return ReceiptReading(found.index, found.checkpoint, None, found.witnessing, shown)
    held = _verified(export, receipt, keys, witnesses)
    entry = _entry_in(export, held.checkpoint, receipt.index)
    shown = verify_disclosure(receipt.extra, entry) if receipt.extra else {}
    found = verify_receipt(receipt, entry, keys, None)
    return ReceiptReading(found.index, found.checkpoint, held.checkpoint, held.witnessing, shown)


def must_have_adopted(found: ReceiptReading, policy: Path) -> None:
    """Make sure that a policy, as its party announced it, is the one that an entry adopted.

    That and when it was announced may differ; nothing else.

    Raises:
        QuestionError: the receipt does not disclose the adoption of a policy.
        InputError: the file cannot be read.
        DisclosureError: it is another text; says where.
    """
    match found.shown:
        case {"payload": {"command": {"policy": str(name), "text": dict(adopted)}}}:
            told = read(policy, str(policy)).plain
        case _:
            raise QuestionError(
                f"The receipt does not disclose that entry {found.index} adopted a policy. Ask for "
                "one of the entry that did, with its `payload` disclosed."
            )
    if policy_digest(told) != policy_digest(adopted):
        differs = [each for each in {**adopted, **told} if told.get(each) != adopted.get(each)]
        places = ", ".join(sorted(set(differs) - {"announced"}))
        raise DisclosureError(
            f"{policy} is not what entry {found.index} adopted as {name[:80]}: it differs in "
            f"{places}. What was adopted is what the receipt discloses."
        )


def _by_disclosure(
    receipt: Receipt, keys: Collection[VerifierKey], witnesses: WitnessPolicy | None
) -> tuple[VerifiedReceipt, Mapping[str, JSON]]:
    if not receipt.extra:
        raise QuestionError(
            "The receipt discloses nothing, so its entry has to be known from elsewhere: name an "
            "export of the log with --export."
        )
    body = parse_body(receipt.extra)
    try:
        return verify_receipt(receipt, body.commitment, keys, witnesses), body.shown
    except BadProofError as error:
        raise DisclosureError(
            f"What is disclosed is not what the log has as entry {receipt.index}: a value, a salt "
            f"or a digest in it was changed, or the proof is of another entry. {error}"
        ) from error


def _verified(
    export: Path,
    receipt: Receipt,
    keys: Collection[VerifierKey],
    witnesses: WitnessPolicy | None,
) -> VerifiedExport:
    """Check an export, and that it continues the checkpoint of a receipt if that is not newer."""
    size = checkpoint_in(export).checkpoint.size
    older = parse_checkpoint(receipt.checkpoint).checkpoint.size <= size
    held = verify_folder(export, keys, receipt.checkpoint if older else None, witnesses)
    if receipt.index >= size:
        raise QuestionError(
            f"The export in {export} has {size} entries: it is from before entry {receipt.index}. "
            "Get a newer one."
        )
    return held


def _entry_in(export: Path, checkpoint: Checkpoint, index: int) -> bytes:
    """Return an entry of an export that was checked."""
    number = index // FULL
    tile = Tile(ENTRIES, number, min(FULL, checkpoint.size - number * FULL))
    (data,) = folder_tiles(export)([tile])
    return unpack(narrowed(tile, data), tile.width, path=tile.path)[index % FULL]
