"""Keys that sign notes, and their text forms (c2sp.org/signed-note v1.0.0).

    verifier key   <name>+<key id in hex>+base64(type ‖ public key)
    signer key     PRIVATE+KEY+<name>+<key id in hex>+base64(type ‖ private key)

The signer's form is that of golang.org/x/mod/sumdb/note, which the specification leaves
open. Where a signer key is kept is not this package's business.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace
from enum import IntEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from placet.ledger.encoding import base64_of, read_base64, read_number
from placet.ledger.errors import MalformedError, UnfitError

__all__ = ["KeyKind", "SignerKey", "VerifierKey", "check_key_name"]

_ED25519_BYTES = 32
_KEY_ID = re.compile(r"[0-9a-f]{8}", re.ASCII)


class KeyKind(IntEnum):
    """What a key signs: the signature type byte of signed-note."""

    NOTE = 0x01
    """Ed25519 over the text of a note: a log's key."""
    COSIGNATURE = 0x04
    """Ed25519 with a time over a checkpoint (c2sp.org/tlog-cosignature v1.0.1): a witness's key."""


_NOT_IN_NAMES = re.compile(r"[\s+\x00-\x1f]")


def check_key_name(name: str) -> None:
    """Refuse what cannot be a key name: empty, or with a space, a plus or a control character.

    Names should be URLs without a scheme, as in `example.gov/placet`.
    """
    if not name or _NOT_IN_NAMES.search(name):
        raise MalformedError(
            f"{name[:80]!r} cannot name a key: a name is not empty and has no space, plus sign "
            "or control character. Use a URL without scheme, as in example.gov/placet."
        )


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name under which it signs. Its text form is `str(key)`.

    `until` is how many entries the log had when the key was changed for another: it signed no
    checkpoint of more. None where it is not known to have been changed.
    """

    name: str
    kind: KeyKind
    public: bytes
    until: int | None = field(default=None, compare=False)
    key_id: bytes = field(init=False, repr=False, compare=False)
    r"""SHA-256(name ‖ "\\n" ‖ type ‖ public key)[:4] (signed-note, Signatures)."""

    def __post_init__(self) -> None:
        check_key_name(self.name)
        if len(self.public) != _ED25519_BYTES:
            raise MalformedError(f"The key of {self.name} is not an Ed25519 key of 32 bytes.")
        material = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        object.__setattr__(self, "key_id", hashlib.sha256(material).digest()[:4])

    def __str__(self) -> str:
        encoded = base64_of(bytes([self.kind]) + self.public)
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read a verifier key and check its id."""
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise MalformedError(f"{text[:80]!r} is not a verifier key: name+id+key.")
        name, key_id, encoded = parts
        kind, public = _material(name, encoded)
        key = cls(name, kind, public)
        _check_id(name, key_id, key)
        return key

    @property
    def line(self) -> str:
        """The line of a list of a log's keys: the text form, and `until` where it was changed."""
        return str(self) if self.until is None else f"{self} {self.until}"

    @classmethod
    def parse_line(cls, line: str) -> VerifierKey:
        """Read a line of a list of a log's keys."""
        text, space, until = line.partition(" ")
        key = cls.parse(text)
        return replace(key, until=read_number(until, f"What {key.name} had")) if space else key

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Tell whether this key made an Ed25519 signature over a message (RFC 8032)."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class SignerKey:
    """A private key with the name under which it signs. It is never shown by `repr` or `str`."""

    name: str
    kind: KeyKind
    private: bytes = field(repr=False)
    verifier: VerifierKey = field(init=False, repr=False, compare=False)
    """The public key that checks what this one signs."""
    _key: Ed25519PrivateKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_key_name(self.name)
        if len(self.private) != _ED25519_BYTES:
            raise MalformedError(f"The signer key of {self.name} does not have 32 bytes.")
        key = Ed25519PrivateKey.from_private_bytes(self.private)
        verifier = VerifierKey(self.name, self.kind, key.public_key().public_bytes_raw())
        object.__setattr__(self, "_key", key)  # once: a log signs with it all day
        object.__setattr__(self, "verifier", verifier)

    @property
    def secret_text(self) -> str:
        """The text form, with the private key in it: for a file that only the signer reads."""
        encoded = base64_of(bytes([self.kind]) + self.private)
        return f"PRIVATE+KEY+{self.name}+{self.verifier.key_id.hex()}+{encoded}"

    @classmethod
    def parse(cls, text: str) -> SignerKey:
        """Read a signer key and check its id. The text is not repeated in errors."""
        parts = text.split("+", 4)
        if len(parts) != 5 or parts[:2] != ["PRIVATE", "KEY"]:
            raise MalformedError("This is not a signer key: PRIVATE+KEY+name+id+key.")
        name, key_id, encoded = parts[2:]
        kind, private = _material(name, encoded, secret=True)
        key = cls(name, kind, private)
        _check_id(name, key_id, key.verifier)
        return key

    def sign(self, message: bytes) -> bytes:
        """Sign a message with Ed25519 (RFC 8032)."""
        return self._key.sign(message)

    def must_be(self, kind: KeyKind) -> None:
        """Refuse to sign with a key of another kind: one key must not make two statements."""
        if self.kind is not kind:
            raise UnfitError(
                f"The key {self.name} is of type {self.kind:#04x} and must not sign where one of "
                f"type {kind:#04x} belongs; make a key of its own for each purpose."
            )


def _material(name: str, encoded: str, *, secret: bool = False) -> tuple[KeyKind, bytes]:
    """Split the last part of a key's text into type and key."""
    try:
        data = read_base64(encoded, f"The key of {name}")
    except MalformedError:
        if not secret:
            raise
        raise MalformedError(f"The signer key of {name} is not base64.") from None
    try:
        return KeyKind(data[0]), data[1:]
    except ValueError:
        raise MalformedError(
            f"The key of {name} is of type {data[0]:#04x}; known are 0x01 and 0x04."
        ) from None


def _check_id(name: str, text: str, key: VerifierKey) -> None:
    if not _KEY_ID.fullmatch(text) or text != key.key_id.hex():
        raise MalformedError(
            f"The key of {name} has the id {text[:8]!r} but its material gives {key.key_id.hex()}; "
            "the key was cut or changed on the way. Ask for it again."
        )
