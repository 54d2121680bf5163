"""The keys' folder: what signs for this log and its permits, and the last checkpoint signed.

    keys/                      0700, of the user that numbers entries; never a web worker's
    ├── log-key                signs checkpoints: a signer key of signed-note
    ├── permit-key.pem         signs permits and status lists: ES256, PKCS #8
    ├── log-key.next           while a key is being changed: the key that comes next
    ├── permit-key.next.pem    the same for permits
    ├── retired/log-keys       the public keys that were changed, the oldest first
    ├── retired/permit-keys    the same for permits
    ├── last-checkpoint        what the log key has signed, or is about to sign
    └── signed-permits         what the permit key has signed of permits, or is about to

`last-checkpoint` is kept outside the database on purpose. A database that was restored from a
backup lacks entries that were signed; whoever signed on from there would have signed two
histories, and nothing could ever mend that. **Do not restore this folder together with the
database.** So is `signed-permits`: whoever had claims signed that were in the database for a moment
only could undo all that is left of it there, and not the line of their digest here.

A key is changed in three steps: the next one is made (`prepare`), an act names its public key in
the log (`review.commands.RotateKey`), and it takes the place of the present one (`promote`). What
a crash leaves, and what the same command does when it is run again:

| crash                       | left in the folder        | signs    | run again                   |
|-----------------------------|---------------------------|----------|-----------------------------|
| before the next key is made | as before                 | old key  | begins anew                 |
| before the act              | the next key              | old key  | goes on with that key       |
| after the act               | the next key              | old key  | promotes; the act is on log |
| within `promote`            | the old key is listed as  | old key  | lists it anew, as retired   |
|                             | retired, and still there: |          | when it really is           |
|                             | the line does not count   |          |                             |
| after the last rename       | the new key               | new key  | there is nothing to finish; |
|                             |                           |          | the database is told when a |
|                             |                           |          | key or the log is taken up  |

The private half of a retired key is gone from the folder with that rename: what cannot sign any
more cannot be stolen. A line of `retired/` is how many entries the log had then, and the public
key: the number is what an audit holds checkpoints and permits of that key against.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from placet import files
from placet.ledger import EMPTY_ROOT, Checkpoint, KeyKind, MalformedError, SignerKey, VerifierKey
from placet.operations.ports import KeyUse
from placet.permit import PermitKey, PermitVerifierKey, parse_jwks, public_text
from placet.store.errors import KeyFileError
from placet.store.folder import own_folder
from placet.store.key_files import PRIVATE_FILE, must_be_ours, read_private
from placet.store.promises import BLOCK, Promise, PromiseFile

__all__ = ["Keys"]

_LOG_KEY = "log-key"
_PERMIT_KEY = "permit-key.pem"
_LAST = "last-checkpoint"
_SIGNED = "signed-permits"
_LINE = 65
_DIGESTS = re.compile("([0-9a-f]{64}\n)*")
_RETIRED = "retired"
_PRESENT: Mapping[KeyUse, str] = {"log": _LOG_KEY, "permit": _PERMIT_KEY}
_NEXT: Mapping[KeyUse, str] = {"log": "log-key.next", "permit": "permit-key.next.pem"}
_LISTS: Mapping[KeyUse, str] = {
    "log": f"{_RETIRED}/log-keys",
    "permit": f"{_RETIRED}/permit-keys",
}

Random = Callable[[int], bytes]


class Keys:
    """The keys' folder of one log. Every file is checked each time it is read.

    The log's own key is read again, and checked, when its file or the folder is another than
    it was.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._log_key = folder / _LOG_KEY
        self._last: PromiseFile | None = None
        self._held: PromiseFile | None = None  # as it is, while the folder is held alone
        self._signer: tuple[object, SignerKey] | None = None

    @classmethod
    def create(cls, folder: Path, origin: str, random: Random = secrets.token_bytes) -> Keys:
        """Make the keys of a new log.

        `last-checkpoint` is made last: a folder without it is one that was not finished.

        Raises:
            KeyFileError: there are keys in the folder already, or it is not ours alone.
            MalformedError: the origin cannot name a key.
        """
        keys = cls(own_folder(folder))
        must_be_ours(folder, folder.stat(), "chmod 700")
        if any((folder / name).exists() for name in (*_PRESENT.values(), _LAST, _RETIRED)):
            raise KeyFileError(
                f"{folder}: holds keys already; keys that have signed must not be lost. "
                "Name another folder"
            )
        for of in _PRESENT:
            _write(folder / _PRESENT[of], _new(of, origin, random))
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
        state = _state(self.folder, self._log_key)
        if self._signer is None or state is None or self._signer[0] != state:
            self._signer = (state, SignerKey.parse(self._read(_LOG_KEY).decode().strip()))
        return self._signer[1]

    def permit_key(self) -> PermitKey:
        """Return the key that signs permits, for the issuer that the log is named after.

        Raises:
            KeyFileError: it is missing, or others could read it.
            MalformedPermitError: it is damaged.
        """
        return PermitKey.parse(self.signer().name, self._read(_PERMIT_KEY).decode())

    # --- public keys, and those that were

    def public(self) -> dict[str, str]:
        """Return the public keys that sign now, by what they sign, as the log names them."""
        return {of: self._public(of, name) for of, name in _PRESENT.items()}

    def retired(self, of: KeyUse) -> dict[str, int]:
        """Return the public keys that were changed, the oldest first.

        Each with how many entries the log had when the next one took its place.

        Raises:
            KeyFileError: the list cannot be read, or others could.
            MalformedError: it is damaged.
        """
        present = self._public(of, _PRESENT[of])
        return {key: entries for key, entries in self._listed(of) if key != present}

    def verifiers(self) -> Sequence[VerifierKey]:
        """Return the public keys of checkpoints: all there ever were, the oldest first."""
        return [VerifierKey.parse(each) for each in (*self.retired("log"), self.public()["log"])]

    def permit_verifiers(self) -> Sequence[PermitVerifierKey]:
        """Return the public keys of permits: all there ever were, the oldest first."""
        texts = (*self.retired("permit"), self.public()["permit"])
        return [key for each in texts for key in parse_jwks(each.encode())]

    def published(self) -> tuple[Sequence[VerifierKey], Sequence[PermitVerifierKey]]:
        """Return the public keys of checkpoints and of permits for those who verify offline.

        Each that was changed says how many entries the log had then: what it signs now is not ours.
        """
        log, permit = self.retired("log"), self.retired("permit")
        return (
            [replace(each, until=log.get(str(each))) for each in self.verifiers()],
            [
                replace(each, until=permit.get(public_text(each)))
                for each in self.permit_verifiers()
            ],
        )

    # --- changing a key

    def prepared(self, of: KeyUse) -> str | None:
        """Return the public key that comes next, if one was made."""
        name = _NEXT[of]
        return self._public(of, name) if os.path.lexists(self.folder / name) else None

    def waiting(self) -> Sequence[str]:
        """Return the public keys that were made and do not sign yet, whatever they are to sign."""
        return [key for of in _NEXT if (key := self.prepared(of)) is not None]

    def prepare(self, of: KeyUse, random: Random = secrets.token_bytes) -> str:
        """Return the public key that comes next; make the key at the first asking."""
        if not os.path.lexists(self.folder / _NEXT[of]):
            _write(self.folder / _NEXT[of], _new(of, self.signer().name, random))
        return self._public(of, _NEXT[of])

    def promote(self, of: KeyUse, entries: int) -> None:
        """Put the next key in the place of the present one, whose private half is then gone.

        Only between two batches: see `rotating.promote`.

        Args:
            of: which key.
            entries: how many entries the log has for which the old key may have signed.

        Raises:
            KeyFileError: no next key was made.
        """
        present = self._public(of, _PRESENT[of])
        self._public(of, _NEXT[of])  # the next key is there, and whole
        retired = [*self.retired(of).items(), (present, entries)]
        own_folder(self.folder / _RETIRED)
        lines = "".join(f"{count} {key}\n" for key, count in retired)
        _write(self.folder / _LISTS[of], lines.encode())
        with _writing(self.folder / _PRESENT[of]):
            files.move(self.folder / _NEXT[of], self.folder / _PRESENT[of])

    def _public(self, of: KeyUse, name: str) -> str:
        """Return the public half of a key in a file, as text."""
        text = self._read(name).decode()
        if of == "log":
            return str(SignerKey.parse(text.strip()).verifier)
        return public_text(PermitKey.parse(self.signer().name, text).verifier)

    def _listed(self, of: KeyUse) -> list[tuple[str, int]]:
        name = _LISTS[of]
        if not os.path.lexists(self.folder / name):
            return []
        found = []
        for line in self._read(name).decode().splitlines():
            entries, _, key = line.partition(" ")
            if not (entries.isascii() and entries.isdigit() and key):
                raise MalformedError(
                    f"{self.folder / name}: {line[:80]!r} is not how many entries there were, and "
                    "a public key. Put the list back from where you keep a copy."
                )
            found.append((key, int(entries)))
        return found

    # --- what was signed of permits

    def note(self, digests: Sequence[str]) -> None:
        """Write down which claims are signed now; once this returns, it survives a loss of power.

        A line that was cut short, of what never left its process, is written over. Only by whoever
        holds the folder alone.

        Args:
            digests: of the claims of permits, in hex (`digest_of_claims`).

        Raises:
            KeyFileError: they cannot be written, or others could read the file.
        """
        path = self.folder / _SIGNED
        data = "".join(f"{each}\n" for each in digests).encode()
        if not os.path.lexists(path):
            _write(path, data)
        elif data:
            _overwrite(path, len(_whole_lines(self._read(_SIGNED))), data)

    def noted(self) -> Sequence[str]:
        """Return the digests of all claims of permits that were signed, or were about to be.

        Raises:
            KeyFileError: they cannot be read, or others could.
            MalformedError: the file is damaged.
        """
        path = self.folder / _SIGNED
        if not os.path.lexists(path):
            return []
        lines = _whole_lines(self._read(_SIGNED)).decode("utf-8", "replace")
        if not _DIGESTS.fullmatch(lines):
            raise MalformedError(
                f"{path}: is not a digest in each line. Put it back from where you keep a copy: "
                "an audit holds every permit that was ever signed against the log by it."
            )
        return lines.split()

    # --- the last checkpoint

    def promised(self) -> Promise:
        """Return the last checkpoint that was signed, or was about to be.

        Raises:
            KeyFileError: it is missing: then nobody knows what was signed.
            MalformedError: it is damaged.
        """
        self._held = self._promise_file()
        return self._held.promise

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder alone, waiting for whoever has it; a process that ends gives it back.

        Raises:
            KeyFileError: there is no such folder, or it cannot be entered.
        """
        try:
            folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise KeyFileError(f"{self.folder}: cannot be opened: {error.strerror}") from error
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            self._held = None  # from here on nobody else writes
            yield
        finally:
            os.close(folder)

    def remember(self, promise: Promise) -> None:
        """Write a promise to `last-checkpoint`; once this returns, it survives a loss of power.

        The one before stays whole meanwhile. Only by whoever holds the folder alone.

        Raises:
            KeyFileError: it cannot be written. Whether it is there is not known then.
            MalformedError: what is there is damaged.
        """
        path = self.folder / _LAST
        held = self._held or (self._promise_file() if os.path.lexists(path) else None)
        file = held.after(promise) if held is not None else PromiseFile.of(promise)
        if held is None or held.place is None or file.place is None:
            _write(path, file.data)
        else:
            at = file.place * BLOCK
            _overwrite(path, at, file.data[at : at + BLOCK])
        self._last = self._held = file

    def _promise_file(self) -> PromiseFile:
        data = self._read(_LAST)
        if self._last is None or self._last.data != data:
            self._last = PromiseFile.parse(data)
        return self._last

    def _read(self, name: str) -> bytes:
        """Read a file of the folder that only we can read."""
        path = self.folder / name
        try:
            must_be_ours(self.folder, self.folder.stat(), "chmod 700")
            return read_private(path)
        except OSError as error:
            raise KeyFileError(
                f"{path}: cannot be read: {error.strerror}. {_ADVICE.get(name, _COPY)}"
            ) from error


_COPY = "Put it back from where you keep a copy"
_ADVICE = {
    _LOG_KEY: f"Without it nothing can be signed. {_COPY}",
    _PERMIT_KEY: f"Without it no permit can be signed. {_COPY}",
    _LAST: "Without it nobody knows what was signed. Write into it the newest checkpoint that "
    "anyone has of this log, in the form that the reference gives",
}


def _state(folder: Path, path: Path) -> object:
    """Return what is another once a file has other content, another owner or another mode.

    A key takes the place of another one as a file of its own. None where there is none.
    """
    try:
        around, found = folder.stat(), path.lstat()
    except OSError:
        return None
    owner = (around.st_uid, around.st_mode)
    return owner, (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _new(of: KeyUse, origin: str, random: Random) -> bytes:
    """Make a private key, as it stands in its file."""
    if of == "log":
        return f"{SignerKey(origin, KeyKind.NOTE, random(32)).secret_text}\n".encode()
    return PermitKey(origin, random(32)).secret_text.encode()


def _whole_lines(data: bytes) -> bytes:
    """Return the lines of `signed-permits` without what a crash left of the last one."""
    written = len(data.rstrip(b"\0"))  # a disk may have made room for it and no more
    return data[: written // _LINE * _LINE]


def _write(path: Path, data: bytes) -> None:
    """Put a file in place that only we can read."""
    with _writing(path):
        files.put(path, data, mode=PRIVATE_FILE)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Say of a file that cannot be written which it is.

    Raises:
        KeyFileError: it cannot.
    """
    try:
        yield
    except OSError as error:
        raise KeyFileError(f"{path}: cannot be written: {error.strerror}") from error


def _overwrite(path: Path, at: int, data: bytes) -> None:
    """Write over a part of a file, and make it survive a loss of power."""
    with _writing(path):
        descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
        try:
            while data:
                written = os.pwrite(descriptor, data, at)
                data, at = data[written:], at + written
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)
