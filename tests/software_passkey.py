"""A small software authenticator: passkeys whose keys follow from a name, for tests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import CoseKey
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from placet.evidence import JSON, Passkey, PasskeyEvidence
from placet.evidence.framing import write_base64url

__all__ = ["BACKED_UP", "COPIED", "PRESENT", "RP_ID", "VERIFIED", "Authenticator", "authenticator"]

RP_ID = "placet.example.gov"
PRESENT, VERIFIED, COPIED, BACKED_UP = 1, 4, 8, 16
_ATTESTED = 64
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True)
class Authenticator:
    """One passkey and the browser before it. What they say can be made wrong, part by part."""

    key: ec.EllipticCurvePrivateKey | Ed25519PrivateKey
    credential: bytes
    rp_id: str = RP_ID
    origin: str = f"https://{RP_ID}"
    flags: int = PRESENT | VERIFIED
    count: int = 0

    @property
    def cose(self) -> bytes:
        """The public key, as CTAP2 writes one in CBOR."""
        public = self.key.public_key()
        if isinstance(public, ec.EllipticCurvePublicKey):
            numbers = public.public_numbers()
            x, y = numbers.x.to_bytes(32), numbers.y.to_bytes(32)
            return bytes.fromhex("a5010203262001215820") + x + bytes.fromhex("225820") + y
        return bytes.fromhex("a4010103272006215820") + public.public_bytes_raw()

    @property
    def passkey(self) -> Passkey:
        """The key on record."""
        return Passkey(self.rp_id, self.credential, self.cose)

    @property
    def enrolled(self) -> dict[str, Any]:
        """What a browser hands over of a passkey that it just made, as accounts keep it."""
        public = CoseKey.parse(cbor.decode(self.cose))
        made = AttestedCredentialData.create(bytes(16), self.credential, public)
        host = hashlib.sha256(self.rp_id.encode()).digest()
        data = AuthenticatorData.create(host, self.flags | _ATTESTED, self.count, made)
        named = write_base64url(self.credential)
        client = CollectedClientData.create("webauthn.create", b"drawn", self.origin)
        attested = AttestationObject.create("none", data, {})
        said = {"clientDataJSON": client, "attestationObject": attested}
        response = {name: write_base64url(bytes(each)) for name, each in said.items()}
        return {"id": named, "rawId": named, "type": "public-key", "response": response}

    def but(self, **changed: Any) -> Authenticator:
        """The same authenticator, somewhere else or in another mood."""
        return replace(self, **changed)

    def client(self, statement: bytes) -> dict[str, Any]:
        """What a browser says that it was asked, as browsers order it."""
        challenge = write_base64url(hashlib.sha256(statement).digest())
        return {
            "type": "webauthn.get",
            "challenge": challenge,
            "origin": self.origin,
            "crossOrigin": False,
        }

    def give(self, client: bytes | Mapping[str, Any], data: bytes | None = None) -> PasskeyEvidence:
        """Sign whatever a browser says, with authenticator data as given."""
        if not isinstance(client, bytes):
            client = json.dumps(client, separators=(",", ":")).encode()
        if data is None:
            data = hashlib.sha256(self.rp_id.encode()).digest()
            data += bytes([self.flags]) + self.count.to_bytes(4)
        signed = data + hashlib.sha256(client).digest()
        if isinstance(self.key, Ed25519PrivateKey):
            signature = self.key.sign(signed)
        else:
            signature = self.key.sign(signed, ec.ECDSA(SHA256(), deterministic_signing=True))
        return PasskeyEvidence(self.credential, client, data, signature)

    def sign(self, statement: bytes) -> JSON:
        """Sign a statement; return the evidence as it stands in an entry."""
        return self.give(self.client(statement)).document


def authenticator(name: str, algorithm: str = "ES256") -> Authenticator:
    """Make a passkey that follows from a name; `algorithm` is ES256 or EdDSA."""
    seed = hashlib.sha256(f"passkey of {name}, {algorithm}".encode()).digest()
    makers: dict[str, Callable[[], ec.EllipticCurvePrivateKey | Ed25519PrivateKey]] = {
        "ES256": lambda: ec.derive_private_key(
            int.from_bytes(seed) % (_P256_ORDER - 1) + 1, ec.SECP256R1()
        ),
        "EdDSA": lambda: Ed25519PrivateKey.from_private_bytes(seed),
    }
    return Authenticator(makers[algorithm](), hashlib.sha256(seed).digest())
