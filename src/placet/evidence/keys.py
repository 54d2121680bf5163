"""The public keys with which people sign: Ed25519, in the form of an OpenSSH `.pub` file.

    ssh-ed25519 <base64(string "ssh-ed25519" ‖ string <32 bytes>)> [comment]

(RFC 8709 §4.) One algorithm, because each further one is another way to be wrong for decades.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from placet.evidence.errors import MalformedEvidenceError
from placet.evidence.framing import FrameReader, framed, read_base64

__all__ = ["ALGORITHM", "PublicKey"]

ALGORITHM = "ssh-ed25519"
"""The only algorithm (RFC 8709)."""

_KEY_BYTES = 32
_LONGEST_COMMENT = 200
_REFUSED = {
    "ssh-rsa": "an RSA key",
    "ssh-dss": "a DSA key",
    "ecdsa-sha2-nistp256": "an ECDSA key",
    "ecdsa-sha2-nistp384": "an ECDSA key",
    "ecdsa-sha2-nistp521": "an ECDSA key",
    "sk-ssh-ed25519@openssh.com": "a security key",
    "sk-ecdsa-sha2-nistp256@openssh.com": "a security key",
    "ssh-ed25519-cert-v01@openssh.com": "a certificate",
}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A person's public key. Its text form is `str(key)`; the comment is no part of what it is."""

    raw: bytes
    comment: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if len(self.raw) != _KEY_BYTES:
            raise MalformedEvidenceError(
                f"An Ed25519 key has {_KEY_BYTES} bytes; this one has {len(self.raw)}."
            )
        if len(self.comment) > _LONGEST_COMMENT or not self.comment.isprintable():
            raise MalformedEvidenceError(
                f"The comment of a key is one line of at most {_LONGEST_COMMENT} characters."
            )

    @classmethod
    def parse(cls, line: str) -> PublicKey:
        """Read the one line of a `.pub` file, with or without its comment.

        The line is not repeated in errors: people paste private keys by mistake.

        Raises:
            MalformedEvidenceError: it is another kind of key, has options before it, was cut
                or changed on the way, or is no public key at all.
        """
        kind, _, rest = line.removesuffix("\n").partition(" ")
        encoded, _, comment = rest.partition(" ")
        if kind in _REFUSED:
            raise MalformedEvidenceError(
                f"This is {_REFUSED[kind]} ({kind}); only Ed25519 keys are accepted. Make one "
                "with: ssh-keygen -t ed25519"
            )
        if kind != ALGORITHM:
            raise MalformedEvidenceError(
                f"A public key begins with '{ALGORITHM} '; this does not. Paste the one line of "
                "the .pub file, without options before it, and never the private key."
            )
        return cls(cls.unpack(read_base64(encoded, "The public key")).raw, comment)

    @classmethod
    def unpack(cls, blob: bytes) -> PublicKey:
        """Read a key as SSH writes it in bytes (RFC 8709 §4)."""
        reader = FrameReader(blob, "The public key")
        if reader.string() != ALGORITHM.encode():
            raise MalformedEvidenceError(
                f"The public key is not of the kind {ALGORITHM}; only Ed25519 keys are accepted."
            )
        raw = reader.string()
        reader.end()
        return cls(raw)

    @property
    def packed(self) -> bytes:
        """The key as SSH writes it in bytes (RFC 8709 §4)."""
        return framed(ALGORITHM.encode()) + framed(self.raw)

    @property
    def fingerprint(self) -> str:
        """The key's name, as `ssh-keygen -lf` prints it: SHA256 and unpadded base64."""
        digest = base64.b64encode(hashlib.sha256(self.packed).digest()).decode("ascii")
        return f"SHA256:{digest.rstrip('=')}"

    def __str__(self) -> str:
        return f"{ALGORITHM} {base64.b64encode(self.packed).decode('ascii')}"

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Tell whether this key made an Ed25519 signature over a message (RFC 8032)."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True
