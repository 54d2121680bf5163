"""The file that a backup is: what is in it, and taking it apart without trusting it.

FILE (tar, 0600)
├── manifest.json    what it is of: the log's name, its size and root, the digest of `database`
├── checkpoint       the newest signed checkpoint then
├── log-keys         the log's public keys, as the database had them
├── keys/            only where asked for; never `last-checkpoint`
└── database         `pg_dump`, custom format; without the sessions of people signed in
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from placet.errors import OutputError, QuestionError
from placet.ledger import Checkpoint, LedgerError, VerifierKey, open_checkpoint
from placet.registry import written

__all__ = ["KEY_FILES", "Unpacked", "pack", "signed_by", "unpacked"]

_FORMAT = "placet-backup-1"
_MOST = 1 << 20  # bytes of a small member
KEY_FILES = ("log-key", "permit-key.pem", "retired/log-keys", "retired/permit-keys")
"""What a backup has of the keys' folder, where it has any: what was signed last is not in it."""


@dataclass(frozen=True)
class Unpacked:
    """A backup that was taken apart: the checkpoint it is of, and its parts."""

    checkpoint: Checkpoint
    log_keys: Sequence[VerifierKey]
    database: Path
    keys: Mapping[str, bytes]


def signed_by(note: bytes, log_keys: str) -> Checkpoint:
    """Return a checkpoint that one of some keys signed, each key on a line.

    Raises:
        LedgerError: none did, or they are no keys.
    """
    keys = [VerifierKey.parse(each) for each in log_keys.splitlines()]
    return open_checkpoint(note, keys).checkpoint


def pack(
    path: Path, note: bytes, log_keys: str, dump: Path, keys: Mapping[str, bytes], at: datetime
) -> Checkpoint:
    """Write a backup.

    Raises:
        LedgerError: the checkpoint is not signed by the log's keys: something was changed.
        OutputError: the file cannot be written.
    """
    made = signed_by(note, log_keys)
    manifest = {
        "format": _FORMAT,
        "origin": made.origin,
        "size": made.size,
        "root": made.root.hex(),
        "at": written(at),
        "database": _digest(dump),
    }
    with _private(path) as file, tarfile.open(fileobj=file, mode="w") as archive:
        _add(archive, "manifest.json", json.dumps(manifest, indent=2).encode())
        _add(archive, "checkpoint", note)
        _add(archive, "log-keys", log_keys.encode())
        for name, data in keys.items():
            _add(archive, f"keys/{name}", data)
        archive.add(dump, "database", filter=_nameless)
    return made


def unpacked(file: Path, folder: Path) -> Unpacked:
    """Take a backup apart into a folder, and check that it is whole.

    Raises:
        QuestionError: it cannot be read, is no backup, or damaged.
    """
    if not file.is_file():
        raise QuestionError(f"{file} cannot be read: there is no such file.")
    database = folder / "database"
    try:
        with tarfile.open(file) as archive:
            manifest = json.loads(_small(archive, "manifest.json"))
            note, log_keys = _small(archive, "checkpoint"), _small(archive, "log-keys").decode()
            keys = dict(_held_keys(archive))
            with _member(archive, "database") as data, _private(database) as out:
                shutil.copyfileobj(data, out)
        found = signed_by(note, log_keys)
        said = (manifest["format"], manifest["origin"], manifest["size"], manifest["root"])
        whole = said == (_FORMAT, found.origin, found.size, found.root.hex())
        whole = whole and manifest["database"] == _digest(database)
    except (OSError, tarfile.TarError, LedgerError, KeyError, ValueError, TypeError) as error:
        raise QuestionError(f"{file} is not a backup, or is damaged: {error}") from error
    if not whole:
        raise QuestionError(f"{file} is damaged: its parts do not belong together.")
    verifiers = [VerifierKey.parse(each) for each in log_keys.splitlines()]
    return Unpacked(found, verifiers, database, keys)


def _private(path: Path) -> IO[bytes]:
    """Open a new file that only we can read.

    Raises:
        OutputError: it cannot be made, or is there already.
    """
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from error


def _held_keys(archive: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    names = archive.getnames()
    for each in KEY_FILES:
        if f"keys/{each}" in names:
            yield each, _small(archive, f"keys/{each}")


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    found = archive.extractfile(name)
    if found is None:
        raise KeyError(name)
    return found


def _small(archive: tarfile.TarFile, name: str) -> bytes:
    with _member(archive, name) as file:
        return file.read(_MOST)


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    member = _nameless(tarfile.TarInfo(name))
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))


def _nameless(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Leave out who made the file."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
