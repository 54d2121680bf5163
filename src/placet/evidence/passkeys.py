"""Passkeys: does a WebAuthn assertion show that a passkey signed exactly this statement?

The challenge of the assertion is the SHA-256 of the statement. Where it was given is read from
what the browser says and compared with the relying party's id of the key on record. Nothing here
asks for the time or the network, so the answer is the same years later. The `webauthn` library
does the verifying; what it reads leniently, or leaves to whoever calls it, is asked here first.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping

from placet.canonical import keys_once
from placet.evidence.errors import (
    ForgedEvidenceError,
    MalformedEvidenceError,
    WeakEvidenceError,
)
from placet.evidence.framing import write_base64url
from placet.evidence.keys import Passkey
from placet.evidence.kinds import PasskeyEvidence, Strength

__all__ = ["check_passkey"]

_ORIGIN = re.compile(r"(https://([a-z0-9.-]+)|http://(localhost))(:[0-9]{1,5})?", re.ASCII)
_SHORTEST, _RP_HASH_BYTES = 37, 32
_USER_PRESENT, _USER_VERIFIED = 1, 4


def check_passkey(evidence: PasskeyEvidence, statement: bytes, key: Passkey) -> Strength:
    """Check that a passkey signed exactly this statement; return how much that shows.

    `hardware` for one that cannot be copied off its device, else `signature`. Without attestation
    that is what the authenticator says of itself, under its own signature.

    Raises:
        MalformedEvidenceError: what browser or authenticator said cannot be read.
        ForgedEvidenceError: it is not of this statement, place, use or key.
        WeakEvidenceError: the authenticator did not verify who was using it.
    """
    origin = _check_client(evidence.client_data, statement, key.rp_id)
    _check_authenticator(evidence.authenticator_data, key.rp_id)
    return _check_signature(evidence, statement, key, origin)


def _check_client(data: bytes, statement: bytes, rp_id: str) -> str:
    """Check what the browser says it was asked for, and where; return where."""
    said = _read(data)
    if said.get("type") != "webauthn.get":
        raise ForgedEvidenceError(
            f"The passkey was asked for {_short(said.get('type'))}, not to sign ('webauthn.get')."
        )
    if said.get("challenge") != write_base64url(hashlib.sha256(statement).digest()):
        raise ForgedEvidenceError(
            "The passkey's challenge is not the SHA-256 of this statement: it signed another, or "
            "what was to be signed has changed since. Sign again what is shown."
        )
    if said.get("crossOrigin", False) is not False or "topOrigin" in said:
        raise ForgedEvidenceError(
            "The passkey was asked from within a page of another site (crossOrigin). Open the "
            "page itself, and sign there."
        )
    origin = said.get("origin")
    found = _ORIGIN.fullmatch(origin) if isinstance(origin, str) else None
    host = (found[2] or found[3]) if found else ""
    if host != rp_id and not host.endswith(f".{rp_id}"):
        raise ForgedEvidenceError(
            f"The passkey was asked at {_short(origin)}, which is not https at {rp_id} or beneath "
            "it, where this key signs. Sign there, or register a passkey made where you sign."
        )
    return str(origin)


def _check_authenticator(data: bytes, rp_id: str) -> None:
    """Check for whom the authenticator signed, and that it knew who was using it."""
    if len(data) < _SHORTEST:
        raise MalformedEvidenceError(
            f"The authenticator's data has {len(data)} bytes; there are at least {_SHORTEST}."
        )
    if data[:_RP_HASH_BYTES] != hashlib.sha256(rp_id.encode("ascii")).digest():
        raise ForgedEvidenceError(
            f"The authenticator signed for another relying party than {rp_id}, where this key "
            "signs. Sign there."
        )
    if data[_RP_HASH_BYTES] & (both := _USER_PRESENT | _USER_VERIFIED) != both:
        raise WeakEvidenceError(
            "The authenticator did not verify who was using it (by PIN, finger or face), so it "
            "shows no person. Set a PIN on it, and sign again."
        )


def _check_signature(
    evidence: PasskeyEvidence, statement: bytes, key: Passkey, origin: str
) -> Strength:
    # Loaded where a passkey is met: it takes a fifth of a second, which other acts need not wait.
    from webauthn import verify_authentication_response
    from webauthn.helpers.exceptions import WebAuthnException
    from webauthn.helpers.structs import (
        AuthenticationCredential,
        AuthenticatorAssertionResponse,
        CredentialDeviceType,
    )

    response = AuthenticatorAssertionResponse(
        evidence.client_data, evidence.authenticator_data, evidence.signature
    )
    credential = write_base64url(evidence.credential)
    try:
        verified = verify_authentication_response(
            credential=AuthenticationCredential(credential, evidence.credential, response),
            expected_challenge=hashlib.sha256(statement).digest(),
            expected_rp_id=key.rp_id,
            expected_origin=origin,
            credential_public_key=key.cose,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except WebAuthnException as error:
        raise ForgedEvidenceError(
            f"The passkey {key.fingerprint} did not sign this: {str(error).rstrip('.')}. One of "
            "signature, client data and authenticator data was changed, or another key signed."
        ) from error
    alone = verified.credential_device_type is CredentialDeviceType.SINGLE_DEVICE
    return Strength.HARDWARE if alone else Strength.SIGNATURE


def _read(data: bytes) -> Mapping[str, object]:
    """Read clientDataJSON; what two readers could read differently is refused."""
    try:
        said = json.loads(data.decode("utf-8"), object_pairs_hook=keys_once(_twice))
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise MalformedEvidenceError("The passkey's client data is no JSON object in UTF-8.")
    return said


def _twice(_key: str) -> MalformedEvidenceError:
    return MalformedEvidenceError("The passkey's client data names something twice.")


def _short(value: object) -> str:
    return repr(value)[:120]
