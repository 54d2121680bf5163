"""Evidence: what shows that a person did an act, checkable for years without Placet.

Pure: no files, no clock, no network, no database; keys and times are arguments. It knows nothing
of what an act means or where it is kept: it sees a statement, keys, a time (`docs/reference/
evidence.md`).
"""

from placet.evidence.errors import (
    EvidenceError,
    ForgedEvidenceError,
    MalformedEvidenceError,
    StaleEvidenceError,
    UnknownSignerError,
    WeakEvidenceError,
)
from placet.evidence.keys import KeyOnRecord, Passkey, PublicKey, parse_key
from placet.evidence.kinds import (
    DemonstrationEvidence,
    Evidence,
    PasskeyEvidence,
    SessionEvidence,
    SshEvidence,
    Strength,
    UnknownEvidence,
    parse_evidence,
)
from placet.evidence.outsiders import files_to_check
from placet.evidence.passkeys import check_passkey
from placet.evidence.sessions import LONGEST_SESSION, OpenSession, Session, public_key, sign_in
from placet.evidence.signatures import LARGEST_SIGNATURE, SshSignature, check_signature, sign
from placet.evidence.statements import (
    ACT_NAMESPACE,
    JSON,
    LARGEST_STATEMENT,
    SESSION_ACT_NAMESPACE,
    SIGN_IN,
    SIGN_IN_NAMESPACE,
    Statement,
    statement,
)
from placet.evidence.verification import Verified, sign_statement, verify, verify_sign_in
from placet.evidence.wording import pretty

__all__ = [
    "ACT_NAMESPACE",
    "JSON",
    "LARGEST_SIGNATURE",
    "LARGEST_STATEMENT",
    "LONGEST_SESSION",
    "SESSION_ACT_NAMESPACE",
    "SIGN_IN",
    "SIGN_IN_NAMESPACE",
    "DemonstrationEvidence",
    "Evidence",
    "EvidenceError",
    "ForgedEvidenceError",
    "KeyOnRecord",
    "MalformedEvidenceError",
    "OpenSession",
    "Passkey",
    "PasskeyEvidence",
    "PublicKey",
    "Session",
    "SessionEvidence",
    "SshEvidence",
    "SshSignature",
    "StaleEvidenceError",
    "Statement",
    "Strength",
    "UnknownEvidence",
    "UnknownSignerError",
    "Verified",
    "WeakEvidenceError",
    "check_passkey",
    "check_signature",
    "files_to_check",
    "parse_evidence",
    "parse_key",
    "pretty",
    "public_key",
    "sign",
    "sign_in",
    "sign_statement",
    "statement",
    "verify",
    "verify_sign_in",
]
