"""Checking a permit from its file, offline: with public keys and perhaps a status list."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from placet.errors import QuestionError
from placet.ledger import MalformedError, VerifierKey, WitnessPolicy, parse_note
from placet.permit import (
    MalformedPermitError,
    PermitFile,
    PermitReading,
    open_permit,
    parse_jwks,
    verify_permit,
)

__all__ = [
    "check_permit",
    "read_checkpoint",
    "read_limited",
    "read_log_keys",
    "read_witnesses",
]

LARGEST_FILE = 1 << 22
"""The most bytes read of any file that a permit is checked with."""


def check_permit(
    permit: Path,
    keys: Path,
    *,
    at: datetime,
    status: Path | None = None,
    log_keys: Path | None = None,
    witnesses: WitnessPolicy | None = None,
) -> PermitReading:
    """Say what a permit is worth, as far as can be known offline (DESIGN §4).

    Args:
        permit: a permit file, or a bare token.
        keys: the issuers' public keys, a JWK set.
        at: the moment to compare with.
        status: a newer status list token than the one in the file, which must not have expired.
        log_keys: the log's verifier keys, one to a line; without them a receipt is not checked.
        witnesses: who must have cosigned the checkpoint of the receipt; None to ask for none.

    Raises:
        QuestionError: a file cannot be read.
        PermitError: the permit is none, or not authentic, or the list is not its own.
        LedgerError: the receipt does not show the entry in the log, or too few witnesses saw it.
    """
    with _naming(keys, "the issuers' public keys, a JWK set"):
        known = parse_jwks(read_limited(keys))
    with _naming(permit, "the file of a permit, or its token alone"):
        found = PermitFile.parse(read_limited(permit))
        open_permit(found.permit, known)
    token = found.status
    if status is not None:
        token = read_limited(status).decode("ascii", "replace").strip()
    with _naming(status or permit, "a status list that the issuer signed"):
        return verify_permit(
            found.permit,
            known,
            at=at,
            status_token=token,
            bundled=status is None,
            receipt=found.receipt.encode() if found.receipt else None,
            log_keys=read_log_keys(log_keys) if log_keys else (),
            witnesses=witnesses,
        )


@contextmanager
def _naming(path: Path, wanted: str) -> Iterator[None]:
    """Say of a file that is something else which it is, and what belongs there.

    Raises:
        MalformedPermitError: it is.
    """
    try:
        yield
    except MalformedPermitError as error:
        raise MalformedPermitError(f"{path}: {error} Give {wanted}.") from None


def read_log_keys(path: Path) -> Collection[VerifierKey]:
    """Read the verifier keys of a log, one to a line, each with when it was changed, if it was.

    Raises:
        QuestionError: the file cannot be read, or is no text.
        MalformedError: a line is no verifier key.
    """
    found = _keys(path, VerifierKey.parse_line)
    if len({*found}) != len(found):
        raise MalformedError(
            f"{path}: a key stands twice, and might have been changed for another or not. Take the "
            "list that the log publishes now."
        )
    return found


def read_checkpoint(path: Path) -> bytes:
    """Read the file of a checkpoint that was kept; whether it is signed is not looked at.

    Raises:
        QuestionError: the file cannot be read.
        MalformedError: it is no signed note.
    """
    data = read_limited(path)
    try:
        parse_note(data)
    except MalformedError as error:
        raise MalformedError(
            f"{path} is no checkpoint: {error} Give a file that `placet ledger checkpoint "
            "--output` wrote, or a witness."
        ) from None
    return data


def read_witnesses(path: Path, needed: int) -> WitnessPolicy:
    """Read the witnesses of a policy, one verifier key to a line; so many must have cosigned.

    Raises:
        QuestionError: the file cannot be read.
        MalformedError: a line is no verifier key.
        UnfitError: there are fewer of them, one is named twice, or a key is not a witness's.
    """
    return WitnessPolicy(needed, tuple(_keys(path, VerifierKey.parse)))


def _keys(path: Path, parse: Callable[[str], VerifierKey]) -> list[VerifierKey]:
    found = []
    text = read_limited(path).decode("utf-8", "replace")
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                found.append(parse(line.strip()))
            except MalformedError as error:
                raise MalformedError(f"{path}:{number}: {error}") from None
    return found


def read_limited(path: Path, largest: int = LARGEST_FILE) -> bytes:
    """Read a file of at most four megabytes, or as many bytes as are named.

    Raises:
        QuestionError: it cannot be read, or is larger.
    """
    try:
        with path.open("rb") as file:
            data = file.read(largest + 1)
    except OSError as error:
        raise QuestionError(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > largest:
        raise QuestionError(f"{path} is larger than {largest:,} bytes.")
    return data
