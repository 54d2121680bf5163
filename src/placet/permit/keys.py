"""Keys that sign permits and status lists: ECDSA on P-256, ES256 in JOSE (RFC 7518 §3.4).

    private key   PKCS #8 in PEM, in a file that only the signer reads
    public key    a JWK (RFC 7517) with the issuer's name, alone or in a JWK set

ES256 because every JOSE library has it. Which keys speak for an issuer is for the reader to
know: a permit brings no key along.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from joserfc.jwk import ECKey

from placet.canonical import keys_once
from placet.ledger import canonical
from placet.permit.errors import MalformedPermitError, UnfitPermitError
from placet.permit.spelling import check_name, read_base64url, write_base64url

__all__ = [
    "ALGORITHM",
    "PermitKey",
    "PermitVerifierKey",
    "parse_jwks",
    "public_text",
    "write_jwks",
]

ALGORITHM = "ES256"

_BYTES = 32
_LARGEST_SET = 1 << 20
_KEYS = 64
"""How many points a process remembers to have read: the keys of an issuer are few."""


def _check_issuer(issuer: str) -> None:
    try:
        check_name(issuer)
    except ValueError as error:
        raise MalformedPermitError(f"{issuer[:80]!r} cannot name an issuer: {error}.") from None


@dataclass(frozen=True, slots=True)
class PermitVerifierKey:
    """A public key and the issuer it speaks for. `x` and `y` are the point, 32 bytes each.

    `until` is how many entries the issuer's log had when the key was changed for another: it
    signed only permits whose act is an earlier entry. None where it is not known to have been.
    """

    issuer: str
    x: bytes
    y: bytes
    until: int | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        _check_issuer(self.issuer)
        try:
            self.jose()
        except ValueError:
            raise MalformedPermitError(
                f"The public key of {self.issuer} is not a point of P-256; ask for it again."
            ) from None

    def jose(self) -> ECKey:
        """Return the key as the JOSE library takes it; raise ValueError if it is not on P-256."""
        if len(self.x) != _BYTES or len(self.y) != _BYTES:
            raise ValueError("a coordinate of P-256 has 32 bytes")
        return _imported(self.x, self.y)[0]

    @property
    def kid(self) -> str:
        """The key's id: its thumbprint (RFC 7638)."""
        return _imported(self.x, self.y)[1]

    @property
    def jwk(self) -> dict[str, str]:
        """The key as a JWK; `iss` names the issuer it speaks for."""
        known = {"alg": ALGORITHM, "iss": self.issuer, "kid": self.kid, "use": "sig"}
        return {**known, **_point(self.x, self.y)}


@lru_cache(maxsize=_KEYS)
def _imported(x: bytes, y: bytes) -> tuple[ECKey, str]:
    """Return a point as the JOSE library takes it, and its thumbprint."""
    key = ECKey.import_key(_point(x, y))
    return key, key.thumbprint()


def _point(x: bytes, y: bytes) -> dict[str, Any]:
    return {"crv": "P-256", "kty": "EC", "x": write_base64url(x), "y": write_base64url(y)}


@dataclass(frozen=True, slots=True)
class PermitKey:
    """A private key and the issuer it signs for. It is never shown by `repr` or `str`.

    `private` is the secret number in 32 bytes: as many random ones make a key, save for one
    draw in four billion, which is refused.
    """

    issuer: str
    private: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _check_issuer(self.issuer)
        try:
            self._secret()
        except ValueError:
            raise MalformedPermitError(
                f"The private key of {self.issuer} is not a number of 32 bytes that P-256 takes."
            ) from None

    def _secret(self) -> ec.EllipticCurvePrivateKey:
        if len(self.private) != _BYTES:
            raise ValueError("a private key of P-256 has 32 bytes")
        return ec.derive_private_key(int.from_bytes(self.private, "big"), ec.SECP256R1())

    @property
    def secret_text(self) -> str:
        """The text form, PKCS #8 in PEM: for a file that only the signer reads."""
        secret = self._secret()
        pem = secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return pem.decode("ascii")

    def jose(self) -> ECKey:
        """Return the key as the JOSE library takes it."""
        return ECKey.import_key(self.secret_text)

    @property
    def verifier(self) -> PermitVerifierKey:
        """The public key that checks what this one signs."""
        point = self._secret().public_key().public_numbers()
        x, y = (each.to_bytes(_BYTES, "big") for each in (point.x, point.y))
        return PermitVerifierKey(self.issuer, x, y)

    @classmethod
    def parse(cls, issuer: str, text: str) -> PermitKey:
        """Read a private key in PEM, unencrypted. The text is not repeated in errors.

        Raises:
            MalformedPermitError: it is no private key, or one of another kind.
        """
        try:
            key = load_pem_private_key(text.encode(), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise MalformedPermitError(
                f"The private key of {issuer} is not an unencrypted key in PEM."
            ) from None
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
            raise MalformedPermitError(
                f"The private key of {issuer} is not on P-256; permits are signed with {ALGORITHM}."
            )
        return cls(issuer, key.private_numbers().private_value.to_bytes(_BYTES, "big"))

    def must_sign_for(self, issuer: str) -> None:
        """Refuse to sign in another's name."""
        if self.issuer != issuer:
            raise UnfitPermitError(
                f"The key of {self.issuer} must not sign for {issuer}; use the issuer's own key."
            )


def public_text(key: PermitVerifierKey) -> str:
    """Return a public key in its one spelling as text: a JWK in canonical JSON."""
    return canonical(key.jwk, "the JWK").decode()


def write_jwks(keys: Collection[PermitVerifierKey]) -> bytes:
    """Write public keys as a JWK set (RFC 7517 §5), for issuers to publish."""
    return canonical({"keys": [_listed(each) for each in keys]}, "the JWK set")


def _listed(key: PermitVerifierKey) -> dict[str, str | int]:
    return {**key.jwk} if key.until is None else {**key.jwk, "until_entries": key.until}


def parse_jwks(data: bytes) -> tuple[PermitVerifierKey, ...]:
    """Read a JWK, or a JWK set, as `write_jwks` writes them; spaces do not matter.

    Raises:
        MalformedPermitError: a key is private, of another kind, or its id is not its thumbprint.
    """
    if len(data) > _LARGEST_SET:
        raise MalformedPermitError(f"A JWK set of {len(data)} bytes is too large.")
    try:
        found = json.loads(data, object_pairs_hook=keys_once(_twice))
    except (ValueError, RecursionError) as error:
        raise MalformedPermitError(f"The JWK set is not JSON: {error}.") from None
    match found:
        case {"keys": [*keys], **rest} if keys and not rest:
            return _all_of(keys)
        case {"kty": _}:
            return _all_of([found])
    raise MalformedPermitError("This is neither a JWK nor a JWK set with at least one key.")


def _all_of(keys: Sequence[object]) -> tuple[PermitVerifierKey, ...]:
    read = tuple(_read(each) for each in keys)
    if len({each.kid for each in read}) != len(read):
        raise MalformedPermitError(
            "A key stands twice in the JWK set, and might have been changed for another or not. "
            "Take the set that the issuer publishes now."
        )
    return read


def _read(found: object) -> PermitVerifierKey:
    match found:
        case {"d": _}:
            raise MalformedPermitError(
                "A JWK holds a private key. It was shown where only public ones belong: replace it."
            )
        case {"iss": str(issuer), "x": str(x), "y": str(y)}:
            first, second = (
                read_base64url(each, f"A coordinate of {issuer[:80]}") for each in (x, y)
            )
            key = PermitVerifierKey(issuer, first, second, _until(found))
            if found == _listed(key):
                return key
    raise MalformedPermitError(
        "A JWK of a permit key has alg ES256, crv P-256, iss, kid (its RFC 7638 thumbprint), kty, "
        "use, x and y, until_entries if it was changed for another, and nothing else."
    )


def _until(found: object) -> int | None:
    match found:
        case {"until_entries": int(until)} if until >= 0 and not isinstance(until, bool):
            return until
    return None


def _twice(_key: str) -> ValueError:
    return ValueError("a key stands twice in one object")
