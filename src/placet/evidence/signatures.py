"""SSH signatures, as `ssh-keygen -Y sign` writes them (OpenSSH, PROTOCOL.sshsig).

    -----BEGIN SSH SIGNATURE-----
    base64("SSHSIG" ‖ uint32 1 ‖ key ‖ namespace ‖ reserved ‖ hash ‖ signature)
    -----END SSH SIGNATURE-----

Signed is "SSHSIG" ‖ namespace ‖ reserved ‖ hash ‖ H(message). `reserved` and the version
stand outside what is signed, so here they have one value only. The namespace keeps a signature
given for one use from counting for another.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_ssh_private_key

from placet.evidence.errors import ForgedEvidenceError, MalformedEvidenceError
from placet.evidence.framing import FrameReader, framed, read_base64
from placet.evidence.keys import ALGORITHM, PublicKey

__all__ = ["LARGEST_SIGNATURE", "SshSignature", "check_signature", "sign", "sign_with"]

LARGEST_SIGNATURE = 4096
"""The most characters of an armored signature; one by an Ed25519 key has about 300."""

_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----\n", "\n-----END SSH SIGNATURE-----\n"
_MAGIC = b"SSHSIG"
_VERSION = (1).to_bytes(4, "big")
_SIGNATURE_BYTES = 64
_WIDEST_LINE = 76
_LINE = 70
_HASHES = (b"sha512", b"sha256")


@dataclass(frozen=True, slots=True)
class SshSignature:
    """An SSH signature taken apart. That it can be read does not mean that it is good."""

    key: PublicKey
    namespace: str
    hash_name: bytes
    value: bytes

    @classmethod
    def parse(cls, armored: str) -> SshSignature:
        """Read an armored signature, strictly: nothing before, after, between or unsigned.

        Raises:
            MalformedEvidenceError: it is not one, or not one by an Ed25519 key.
        """
        reader = FrameReader(_dearmored(armored), "The SSH signature")
        if reader.take(6) != _MAGIC or reader.take(4) != _VERSION:
            raise MalformedEvidenceError("This is not an SSH signature of version 1.")
        key = PublicKey.unpack(reader.string())
        namespace, reserved, hash_name = reader.string(), reader.string(), reader.string()
        value = reader.string()
        reader.end()
        if not namespace.isascii() or reserved or hash_name not in _HASHES:
            raise MalformedEvidenceError(
                "The SSH signature has a namespace outside ASCII, something in its reserved field, "
                "or a hash other than SHA-512 or SHA-256; make it with: ssh-keygen -Y sign"
            )
        inner = FrameReader(value, "The value of the SSH signature")
        if inner.string() != ALGORITHM.encode():
            raise MalformedEvidenceError(f"The SSH signature's value is not of kind {ALGORITHM}.")
        raw = inner.string()
        inner.end()
        if len(raw) != _SIGNATURE_BYTES:
            raise MalformedEvidenceError(
                f"An Ed25519 signature has {_SIGNATURE_BYTES} bytes; this one has {len(raw)}."
            )
        return cls(key, namespace.decode("ascii"), hash_name, raw)

    def render(self) -> str:
        """Write the signature, armored, as `ssh-keygen` does."""
        blob = _MAGIC + _VERSION + framed(self.key.packed) + framed(self.namespace.encode("ascii"))
        blob += framed(b"") + framed(self.hash_name)
        blob += framed(framed(ALGORITHM.encode()) + framed(self.value))
        text = base64.b64encode(blob).decode("ascii")
        lines = (text[at : at + _LINE] for at in range(0, len(text), _LINE))
        return _BEGIN + "\n".join(lines) + _END


def check_signature(armored: str, message: bytes, namespace: str) -> PublicKey:
    """Check that a signature is over exactly this message, for this use; return who signed.

    Whose key it is, and whether it counts, is for the caller to ask.

    Raises:
        MalformedEvidenceError: it is not an SSH signature by an Ed25519 key.
        ForgedEvidenceError: it is for another use, or not over this message.
    """
    signature = SshSignature.parse(armored)
    if signature.namespace != namespace:
        raise ForgedEvidenceError(
            f"The signature was given for the use {signature.namespace[:60]!r}, not for "
            f"{namespace!r}; sign with: ssh-keygen -Y sign -n {namespace}"
        )
    signed = _signed_bytes(message, namespace, signature.hash_name)
    if not signature.key.signed(signed, signature.value):
        raise ForgedEvidenceError(
            "The signature is not over this statement: one of the two was changed, or the "
            "signature belongs to another. Sign exactly the bytes shown."
        )
    return signature.key


def sign(private_key: bytes, message: bytes, namespace: str) -> str:
    """Sign as `ssh-keygen -Y sign` does; return the armored signature.

    For demonstrations and tests: a person's key stays with the person, who signs with ssh-keygen.

    Args:
        private_key: an Ed25519 key without passphrase, in OpenSSH's PEM form.
        message: the bytes to sign.
        namespace: the use for which it is signed, in ASCII.

    Raises:
        MalformedEvidenceError: the key cannot be read, or is no Ed25519 key.
    """
    try:
        key = load_ssh_private_key(private_key, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise MalformedEvidenceError(
            "This is not an Ed25519 private key without passphrase in OpenSSH's form. Sign with "
            f"ssh-keygen instead: ssh-keygen -Y sign -n {namespace} -f KEY FILE"
        )
    return sign_with(key, message, namespace)


def sign_with(key: Ed25519PrivateKey, message: bytes, namespace: str) -> str:
    """Sign as `sign` does, by a key that is at hand."""
    public = PublicKey(key.public_key().public_bytes_raw())
    value = key.sign(_signed_bytes(message, namespace, _HASHES[0]))
    return SshSignature(public, namespace, _HASHES[0], value).render()


def _signed_bytes(message: bytes, namespace: str, hash_name: bytes) -> bytes:
    """Return what the key signs (PROTOCOL.sshsig §3)."""
    digest = hashlib.new(hash_name.decode("ascii"), message).digest()
    parts = (namespace.encode("ascii"), b"", hash_name, digest)
    return _MAGIC + b"".join(framed(each) for each in parts)


def _dearmored(armored: str) -> bytes:
    """Take off the armor: lines of base64, at most 76 wide (PROTOCOL.sshsig §1)."""
    if len(armored) > LARGEST_SIGNATURE:
        raise MalformedEvidenceError(
            f"The SSH signature has {len(armored)} characters; at most {LARGEST_SIGNATURE} are "
            "read, and one by an Ed25519 key has about 300."
        )
    if not armored.startswith(_BEGIN) or not armored.endswith(_END):
        raise MalformedEvidenceError(
            "An SSH signature begins with the line '-----BEGIN SSH SIGNATURE-----' and ends with "
            "the line '-----END SSH SIGNATURE-----'. Copy the whole .sig file, and nothing else."
        )
    lines = armored[len(_BEGIN) : -len(_END)].split("\n")
    if any(len(each) > _WIDEST_LINE for each in lines):
        raise MalformedEvidenceError(f"A line of the SSH signature is wider than {_WIDEST_LINE}.")
    return read_base64("".join(lines), "The SSH signature")
