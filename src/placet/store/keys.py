"""The keys' folder: what signs for this log and its permits, and the last checkpoint signed.

    keys/                   0700, of the user that numbers entries; never a web worker's
    ├── log-key             signs checkpoints: a signer key of signed-note
    ├── permit-key.pem      signs permits and status lists: ES256, PKCS #8
    └── last-checkpoint     what the log key has signed, or is about to sign

`last-checkpoint` is kept outside the database on purpose. A database that was restored from a
backup lacks entries that were signed; whoever signed on from there would have signed two
histories, and nothing could ever mend that. **Do not restore this folder together with the
database.**
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from placet.ledger import EMPTY_ROOT, Checkpoint, KeyKind, SignerKey
from placet.permit.keys import PermitKey
from placet.store.errors import KeyFileError
from placet.store.folder import own_folder
from placet.store.promises import Promise

__all__ = ["Keys"]

_LOG_KEY = "log-key"
_PERMIT_KEY = "permit-key.pem"
_LAST = "last-checkpoint"
_PRIVATE_FILE = 0o600
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Keys:
    """The keys' folder of one log. Every file is checked each time it is read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._last: tuple[bytes, Promise] | None = None

    @classmethod
    def create(
        cls, folder: Path, origin: str, random: Callable[[int], bytes] = secrets.token_bytes
    ) -> Keys:
        """Make the keys of a new log.

        `last-checkpoint` is made last: a folder without it is one that was not finished.

        Raises:
            KeyFileError: there are keys in the folder already, or it is not ours alone.
            MalformedError: the origin cannot name a key.
        """
        keys = cls(own_folder(folder))
        _check_mode(folder, folder.stat(), "chmod 700")
        if any((folder / name).exists() for name in (_LOG_KEY, _PERMIT_KEY, _LAST)):
            raise KeyFileError(
                f"{folder}: holds keys already; keys that have signed must not be lost. "
                "Name another folder"
            )
        signer = SignerKey(origin, KeyKind.NOTE, random(32))
        permits = PermitKey(origin, random(32))
        _write(folder / _LOG_KEY, f"{signer.secret_text}\n".encode())
        _write(folder / _PERMIT_KEY, permits.secret_text.encode())
        keys.remember(Promise(Checkpoint(origin, 0, EMPTY_ROOT), 0, ()))
        return keys

    @property
    def exist(self) -> bool:
        """Whether this process may use keys here: there is a folder with a log's key in it."""
        return os.access(self.folder / _LOG_KEY, os.R_OK)

    def signer(self) -> SignerKey:
        """Return the key that signs checkpoints.

        Raises:
            KeyFileError: it is missing, or others could read it.
            MalformedError: it is damaged.
        """
        return SignerKey.parse(self._read(_LOG_KEY).decode().strip())

    def permit_key(self) -> PermitKey:
        """Return the key that signs permits, for the issuer that the log is named after.

        Raises:
            KeyFileError: it is missing, or others could read it.
            MalformedPermitError: it is damaged.
        """
        return PermitKey.parse(self.signer().name, self._read(_PERMIT_KEY).decode())

    def promised(self) -> Promise:
        """Return the last checkpoint that was signed, or was about to be.

        Raises:
            KeyFileError: it is missing: then nobody knows what was signed.
            MalformedError: it is damaged.
        """
        data = self._read(_LAST)
        if self._last is None or self._last[0] != data:
            self._last = (data, Promise.parse(data))
        return self._last[1]

    def remember(self, promise: Promise) -> None:
        """Replace `last-checkpoint`; once this returns, it survives a crash of the machine."""
        data = promise.render()
        _write(self.folder / _LAST, data)
        self._last = (data, promise)

    def _read(self, name: str) -> bytes:
        """Read a file of the folder that only we can read."""
        path = self.folder / name
        try:
            _check_mode(self.folder, self.folder.stat(), "chmod 700")
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError as error:
            raise KeyFileError(
                f"{path}: cannot be read: {error.strerror}. {_ADVICE[name]}"
            ) from error
        with os.fdopen(descriptor, "rb") as file:
            _check_mode(path, os.fstat(descriptor), "chmod 600")
            return file.read()


_ADVICE = {
    _LOG_KEY: "Without it nothing can be signed. Put it back from where you keep a copy",
    _PERMIT_KEY: "Without it no permit can be signed. Put it back from where you keep a copy",
    _LAST: "Without it nobody knows what was signed. Write into it the newest checkpoint that "
    "anyone has of this log, in the form that the reference gives",
}


def _check_mode(path: Path, found: os.stat_result, command: str) -> None:
    """Refuse a file or folder that belongs to someone else, or that others can read or change."""
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


def _write(path: Path, data: bytes) -> None:
    """Put a file in place, whole or not at all, and make it survive a loss of power."""
    aside = path.with_name(f"{path.name}.new")
    try:
        descriptor = os.open(
            aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, _PRIVATE_FILE
        )
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise KeyFileError(f"{path}: cannot be written: {error.strerror}") from error
