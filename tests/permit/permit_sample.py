"""Keys made from names, one permit with everything in it, its log, and tokens forged on purpose."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from placet.ledger import (
    Checkpoint,
    KeyKind,
    Receipt,
    SignerKey,
    hash_leaf,
    hash_node,
    sign_checkpoint,
)
from placet.permit import (
    PermitKey,
    Status,
    StatusList,
    StatusListToken,
    StatusRef,
    Terms,
    issue_status_token,
    issue_token,
    read_terms,
)
from placet.permit.spelling import write_base64url

ORIGIN = "placet.example/log"
LOG = SignerKey(ORIGIN, KeyKind.NOTE, hashlib.sha256(ORIGIN.encode()).digest())
ENTRY = hashlib.sha256(b"the act of issue").digest()


def key(issuer: str, salt: str = "") -> PermitKey:
    """Make a key from a name: the same one each time."""
    return PermitKey(issuer, hashlib.sha256(f"{issuer}{salt}".encode()).digest())


KEY = key("US")
OTHER = key("GB")
KEYS = (OTHER.verifier, KEY.verifier)
ISSUED = datetime(2025, 8, 23, 9, 30, tzinfo=UTC)
START = datetime(2025, 8, 24, tzinfo=UTC)
UNTIL = datetime(2025, 9, 7, tzinfo=UTC)
SECOND = timedelta(seconds=1)
STATUS = StatusRef("https://placet.example/status/1", 4711)
LIST = StatusList.of(10_000)

DATA: dict[str, Any] = {
    "id": "us-2025-0042",
    "case": "us/2025/117",
    "issuer": "US",
    "holder": "UA",
    "activity": "use",
    "actor": "GB",
    "lines": [
        {"line": "1", "item": "gb/storm-shadow", "lot": "gb/batch-7", "quantity": 2},
        {"line": "2", "item": "us/targeting-data"},
    ],
    "within": ["us/near-border", "UA"],
    "outside": ["RU-MOW"],
    "area_sets": {"us/near-border": ["RU-BEL", "RU-KRS"]},
    "targets": ["military.depot", "military.airfield"],
    "not_targets": ["leadership"],
    "purposes": ["self-defence"],
    "recipients": ["UA"],
    "start": "2025-08-24T00:00:00Z",
    "until": "2025-09-07T00:00:00Z",
    "provisos": [{"each_use": True, "text": "an approval covers a single use"}],
    "each_use": True,
    "no_onward_transfer": True,
    "report_within_days": 3,
    "consents": [
        {
            "party": "US",
            "kind": "decision",
            "by": "us/secdef",
            "on": "2025-08-23T09:00:00Z",
            "reference": "case us/2025/117",
        },
        {
            "party": "GB",
            "kind": "external-consent",
            "by": "gb/mod",
            "on": "2025-08-22",
            "recorded": "2025-08-23T08:00:00Z",
            "reference": "note 118 of 2025",
        },
    ],
    "entry": {"origin": ORIGIN, "commitment": f"sha256:{ENTRY.hex()}"},
    "supersedes": "us-2025-0041",
}
TERMS = read_terms(DATA)
TOKEN = issue_token(TERMS, STATUS, KEY, ISSUED)


def terms(**changes: Any) -> Terms:
    """Return the sample's terms with some fields changed; None leaves a field out."""
    return read_terms({k: v for k, v in {**DATA, **changes}.items() if v is not None})


def status_token(
    status: Status = Status.VALID,
    *,
    signer: PermitKey = KEY,
    uri: str = STATUS.uri,
    issued_at: datetime = START,
    lasts: timedelta = timedelta(days=1),
    statuses: StatusList | None = None,
) -> str:
    """Sign a list in which the sample's permit has a status."""
    listed = statuses or LIST.with_status(STATUS.idx, status)
    version = StatusListToken(
        uri=uri,
        statuses=listed,
        issued_at=issued_at,
        expires_at=issued_at + lasts,
        ttl=3600,
        version=7,
    )
    return issue_status_token(version, signer)


def receipt(entry: bytes = ENTRY, signer: SignerKey = LOG) -> bytes:
    """Prove an entry in a log of two."""
    leaves = hash_leaf(b"before"), hash_leaf(entry)
    signed = sign_checkpoint(Checkpoint(signer.name, 2, hash_node(*leaves)), signer)
    return Receipt(1, (leaves[0],), signed.render()).render()


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read the header and the claims of a token, unchecked."""
    header, claims, _ = token.split(".")
    read = [json.loads(urlsafe_b64decode(each + "==")) for each in (header, claims)]
    return read[0], read[1]


def forged(header: bytes, claims: bytes, signer: PermitKey = KEY) -> str:
    """Sign any bytes at all as a token, with a good signature and without our own code."""
    signed = ".".join(write_base64url(each) for each in (header, claims))
    private = load_pem_private_key(signer.secret_text.encode(), None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    halves = decode_dss_signature(private.sign(signed.encode(), ec.ECDSA(SHA256())))
    return f"{signed}.{write_base64url(b''.join(each.to_bytes(32, 'big') for each in halves))}"


def plain(data: object) -> bytes:
    """Write JSON that is canonical as long as its text is ASCII."""
    return json.dumps(data, separators=(",", ":"), sort_keys=True).encode()
