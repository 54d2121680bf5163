"""The public keys with which people sign, each as one line of text, of which the first word tells.

    ssh-ed25519 <base64(string "ssh-ed25519" ‖ string <32 bytes>)> [comment]
    passkey <relying party's id> <base64url(credential id)> <base64url(COSE key)>

An SSH key is one of Ed25519, as its OpenSSH `.pub` file has it (RFC 8709 §4); a passkey is one of
P-256 with SHA-256 (ES256) or Ed25519 (EdDSA), which all authenticators have (WebAuthn §5.8.5). No
more, because each further algorithm is another way to be wrong for decades.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from placet.evidence.errors import MalformedEvidenceError
from placet.evidence.framing import (
    FrameReader,
    framed,
    read_base64,
    read_base64url,
    write_base64url,
)

__all__ = ["ALGORITHM", "PASSKEY", "KeyOnRecord", "Passkey", "PublicKey", "parse_key"]

ALGORITHM = "ssh-ed25519"
"""The only algorithm of SSH keys (RFC 8709), and the first word of one."""

PASSKEY = "passkey"
"""The first word of a passkey."""

_KEYS = 1024
"""How many keys a process remembers to have read: each is asked for at every act of its person."""

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
    """A person's SSH key. Its text form is `str(key)`; the comment is no part of what it is."""

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
        return _fingerprint(self.packed)

    def __str__(self) -> str:
        return f"{ALGORITHM} {base64.b64encode(self.packed).decode('ascii')}"

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Tell whether this key made an Ed25519 signature over a message (RFC 8032)."""
        try:
            _loaded(self.raw).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@lru_cache(maxsize=_KEYS)
def _loaded(raw: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(raw)


_RP_ID = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*",
    re.ASCII,
)
_SHORTEST_CREDENTIAL, _LONGEST_CREDENTIAL = 16, 1023

_ES256 = bytes.fromhex("a5010203262001215820"), bytes.fromhex("225820")
"""COSE of P-256: kty 2, alg -7, crv 1, then x and, after its own beginning, y: 32 bytes each."""

_EDDSA = bytes.fromhex("a4010103272006215820")
"""COSE of Ed25519: kty 1, alg -8, crv 6, then x: 32 bytes."""


@dataclass(frozen=True, slots=True)
class Passkey:
    """A person's passkey: where it signs, its credential's id, and its key in COSE (RFC 9053).

    The COSE key is in the canonical CBOR of CTAP2, in which a key of each kind has one spelling;
    it is compared with that spelling, so nothing here reads CBOR. Its text form is `str(key)`.
    """

    rp_id: str
    credential: bytes
    cose: bytes

    def __post_init__(self) -> None:
        if not _RP_ID.fullmatch(self.rp_id) or self.rp_id.rpartition(".")[2].isdigit():
            raise MalformedEvidenceError(
                f"{self.rp_id[:80]!r} is no relying party's id: that is a domain in small letters, "
                "such as placet.example.gov, without scheme, port or path."
            )
        if not _SHORTEST_CREDENTIAL <= len(self.credential) <= _LONGEST_CREDENTIAL:
            raise MalformedEvidenceError(
                f"The id of a passkey's credential has {_SHORTEST_CREDENTIAL} to "
                f"{_LONGEST_CREDENTIAL} bytes; this one has {len(self.credential)}."
            )
        _cryptographic(self.cose)

    @classmethod
    def parse(cls, line: str) -> Passkey:
        """Read the one line of a passkey.

        Raises:
            MalformedEvidenceError: it is none, or one in another spelling or of another algorithm.
        """
        match line.split(" "):
            case ["passkey", rp_id, credential, cose]:
                return cls(
                    rp_id,
                    read_base64url(credential, "The id of the passkey's credential"),
                    read_base64url(cose, "The passkey's COSE key"),
                )
        raise MalformedEvidenceError(
            "A passkey is one line: 'passkey', the relying party's id, the credential's id and the "
            "COSE key in base64url, with one space between each. Register it again."
        )

    @property
    def public(self) -> EllipticCurvePublicKey | Ed25519PublicKey:
        """The key, for other people's software."""
        return _cryptographic(self.cose)

    @property
    def fingerprint(self) -> str:
        """The key's name: SHA256 and unpadded base64, over its text form."""
        return _fingerprint(str(self).encode("ascii"))

    def __str__(self) -> str:
        credential, cose = write_base64url(self.credential), write_base64url(self.cose)
        return f"{PASSKEY} {self.rp_id} {credential} {cose}"


KeyOnRecord: TypeAlias = PublicKey | Passkey
"""A key by which a person signs, as the registry has it."""


@lru_cache(maxsize=_KEYS)
def parse_key(line: str) -> KeyOnRecord:
    """Read the public key of a person, of either kind.

    Raises:
        MalformedEvidenceError: it is none.
    """
    return Passkey.parse(line) if line.split(" ")[0] == PASSKEY else PublicKey.parse(line)


def _cryptographic(cose: bytes) -> EllipticCurvePublicKey | Ed25519PublicKey:
    first, second = _ES256
    x, between, y = cose[10:42], cose[42:45], cose[45:]
    if cose == _EDDSA + x and len(x) == _KEY_BYTES:
        return Ed25519PublicKey.from_public_bytes(x)
    if cose[:10] != first or between != second or len(y) != _KEY_BYTES:
        raise MalformedEvidenceError(
            "The passkey's key is not one of ES256 (P-256) or EdDSA (Ed25519) in the canonical "
            "CBOR of CTAP2. Make a passkey with an authenticator that offers one of the two."
        )
    numbers = EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), SECP256R1())
    try:
        return numbers.public_key()
    except ValueError:
        raise MalformedEvidenceError(
            "The passkey's key is no point of the curve P-256: it was changed on the way."
        ) from None


def _fingerprint(data: bytes) -> str:
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode("ascii")
    return f"SHA256:{digest.rstrip('=')}"
