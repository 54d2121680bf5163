"""Files with private keys: nobody but the user that signs with them may read or change them."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from placet import files
from placet.ledger import KeyKind, SignerKey, VerifierKey
from placet.store.errors import KeyFileError

__all__ = ["PRIVATE_FILE", "create_witness_key", "must_be_ours", "read_private", "witness_key"]

PRIVATE_FILE = 0o600
"""The mode of a file with a private key."""

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def must_be_ours(path: Path, found: os.stat_result, command: str) -> None:
    """Refuse a file or folder that belongs to someone else, or that others can read or change.

    Raises:
        KeyFileError: it does; says which command mends it.
    """
    if found.st_uid != os.geteuid():
        raise KeyFileError(
            f"{path}: belongs to user id {found.st_uid}, and Placet runs as {os.geteuid()}; "
            "keys belong to the user that signs with them"
        )
    if found.st_mode & _OTHERS:
        raise KeyFileError(
            f"{path}: its mode {stat.S_IMODE(found.st_mode):04o} lets others at the keys. "
            f"Run: {command} '{path}'; and if others may have read it, replace the key"
        )


def read_private(path: Path) -> bytes:
    """Read a file that only we can read.

    Raises:
        KeyFileError: others can read or change it.
        OSError: it cannot be read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        found = os.fstat(descriptor)
        must_be_ours(path, found, "chmod 600")
        return os.read(descriptor, found.st_size)
    finally:
        os.close(descriptor)


def create_witness_key(
    path: Path, name: str, random: Callable[[int], bytes] = secrets.token_bytes
) -> VerifierKey:
    """Make the key of a witness in a file of its own; return the public one.

    Raises:
        KeyFileError: there is such a file already, or it cannot be written.
        MalformedError: the name cannot name a key.
    """
    key = SignerKey(name, KeyKind.COSIGNATURE, random(32))
    try:
        files.create(path, f"{key.secret_text}\n".encode(), mode=PRIVATE_FILE)
    except FileExistsError as error:
        raise KeyFileError(
            f"{path}: is there already; a key that has cosigned must not be lost. Name another file"
        ) from error
    except OSError as error:
        raise KeyFileError(f"{path}: cannot be written: {error.strerror}") from error
    return key.verifier


def witness_key(path: Path) -> SignerKey:
    """Return the key of a witness from its file.

    Raises:
        KeyFileError: it cannot be read, or others could.
        MalformedError: it is damaged.
        UnfitError: it is a log's key: those cosign nothing.
    """
    try:
        key = SignerKey.parse(read_private(path).decode("utf-8", "replace").strip())
    except OSError as error:
        raise KeyFileError(f"{path}: cannot be read: {error.strerror}") from error
    key.must_be(KeyKind.COSIGNATURE)
    return key
