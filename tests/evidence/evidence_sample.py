"""What the tests of evidence share: two persons with keys, an act, a session."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from placet.evidence import (
    JSON,
    OpenSession,
    PublicKey,
    SshEvidence,
    public_key,
    sign_in,
    sign_statement,
)
from placet.evidence import statement as statement_of

ORIGIN = "example.gov/placet"
NOON = datetime(2025, 8, 23, 12, tzinfo=UTC)
MORNING, EVENING = NOON - timedelta(hours=4), NOON + timedelta(hours=4)
NONCE = "q83vASNFZ4mrze8BI0VniQ"


@dataclass(frozen=True)
class Person:
    """A person with a private key in OpenSSH's PEM form and the public one."""

    name: str
    private: bytes
    public: PublicKey


def person(name: str) -> Person:
    """Make a person whose key follows from the name."""
    key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    return Person(name, pem, PublicKey(key.public_key().public_bytes_raw(), f"{name}@desk"))


ANN, BOB = person("us/ann"), person("us/bob")


def act(origin: str = ORIGIN, by: Person = ANN, **fields: JSON) -> bytes:
    """Write the statement of a decision."""
    said: dict[str, JSON] = {
        "person": by.name,
        "case": "2025-0042",
        "outcome": "approve",
        "provisos": [{"kind": "quantity", "most": 3}],
        "reason": "As advised.\n\nNo more than three.",
    }
    return statement_of("decide", origin, {**said, **fields})


def ssh(statement: bytes, by: Person = ANN) -> JSON:
    """Sign a statement; return the evidence as it stands in an entry."""
    return SshEvidence(sign_statement(by.private, statement)).document


PRIVATE = hashlib.sha256(b"session").digest()
SESSION_KEY = public_key(PRIVATE)


def session(opened: bytes | None = None, by: Person = ANN) -> OpenSession:
    """Open a session, by default Ann's from morning until evening."""
    challenge = opened or sign_in(ORIGIN, ANN.name, NONCE, MORNING, EVENING, SESSION_KEY)
    return OpenSession(challenge.decode(), sign_statement(by.private, challenge), PRIVATE)


def in_session(opened: bytes | None = None, by: Person = ANN, of: bytes | None = None) -> JSON:
    """Have a session sign an act; return the evidence as it stands in an entry."""
    return session(opened, by).sign(of or act()).document
