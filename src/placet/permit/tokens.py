"""Signed tokens: JWS in compact form (RFC 7515 §7.1), read so strictly that each has one spelling.

    base64url(header) . base64url(claims) . base64url(signature)

Header and claims are canonical JSON (RFC 8785). The header has `alg` (ES256), `kid` and `typ`
and nothing else: no other algorithm, no key or address of a key, no extension (RFC 8725 §3).

An ES256 signature is randomised: the same claims signed twice give two tokens, and whoever
holds one can derive a second signature over the same claims. A token is therefore known by the
digest of its claims, never by that of its text.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from joserfc import jws
from joserfc.errors import JoseError

from placet.ledger import JSON, MalformedError, canonical, parse_canonical
from placet.permit.errors import MalformedPermitError, NotAuthenticError, UnfitPermitError
from placet.permit.keys import ALGORITHM, PermitKey, PermitVerifierKey
from placet.permit.spelling import digest_of, read_base64url

__all__ = ["Opened", "open_token", "sign_token"]

_HEADER = frozenset({"alg", "kid", "typ"})


class _Registry(jws.JWSRegistry):
    """ES256 alone. Sizes are limited before the library is asked: a status list may be large."""

    max_payload_length = 4 << 20


_ES256 = _Registry(algorithms=[ALGORITHM])


@dataclass(frozen=True, slots=True)
class Opened:
    """A token whose signature is good: its text, its claims and their digest, and the key."""

    text: str
    claims: dict[str, JSON]
    digest: str
    key: PermitVerifierKey


def sign_token(typ: str, claims: dict[str, JSON], key: PermitKey, largest: int) -> str:
    """Sign claims. The signature draws on the randomness of the cryptographic library.

    Raises:
        UnfitPermitError: the token would be too large, or a claim is not canonical JSON's.
    """
    try:
        payload = canonical(claims, "the claims")
    except MalformedError as error:
        raise UnfitPermitError(str(error)) from None
    header = {"alg": ALGORITHM, "kid": key.verifier.kid, "typ": typ}
    token = jws.serialize_compact(header, payload, key.jose(), registry=_ES256)
    if len(token) > largest:
        raise UnfitPermitError(
            f"The {typ} would have {len(token)} bytes; readers take at most {largest}. "
            "Shorten its texts."
        )
    return token


def open_token(
    token: str | bytes, typ: str, keys: Collection[PermitVerifierKey], largest: int
) -> Opened:
    """Check a token's form and signature.

    Args:
        token: the compact form, with nothing before or after it.
        typ: the type it must have.
        keys: the keys known from elsewhere.
        largest: the most bytes that are read.

    Raises:
        MalformedPermitError: it is not such a token in its one spelling.
        NotAuthenticError: the algorithm, the key or the signature is not good.
    """
    text = _text_of(token, typ, largest)
    parts = text.split(".")
    if len(parts) != 3:
        raise MalformedPermitError(f"A {typ} has three parts between dots; this has {len(parts)}.")
    header, payload, _ = (
        read_base64url(part, f"The {name} of the {typ}")
        for part, name in zip(parts, ("header", "claims", "signature"), strict=True)
    )
    key = _key_of(_object(header, f"The header of the {typ}"), typ, keys)
    try:
        jws.deserialize_compact(text, key.jose(), registry=_ES256)
    except JoseError:
        raise NotAuthenticError(
            f"The signature is not that of {key.issuer}'s key {key.kid} over this {typ}: it was "
            "changed, or never signed. Get it again from its issuer."
        ) from None
    claims = _object(payload, f"The claims of the {typ}")
    return Opened(text, claims, digest_of(payload), key)


def _text_of(token: str | bytes, typ: str, largest: int) -> str:
    if len(token) > largest:
        raise MalformedPermitError(f"The {typ} has {len(token)} bytes; the most is {largest}.")
    try:
        return token.decode("ascii") if isinstance(token, bytes) else token
    except UnicodeDecodeError:
        raise MalformedPermitError(f"The {typ} is not in ASCII; it is not a token.") from None


def _object(data: bytes, what: str) -> dict[str, JSON]:
    """Read an object in canonical JSON."""
    try:
        found = parse_canonical(data, what)
    except MalformedError as error:
        raise MalformedPermitError(str(error)) from None
    if not isinstance(found, dict):
        raise MalformedPermitError(f"{what} are not an object.")
    return found


def _key_of(
    header: dict[str, JSON], typ: str, keys: Collection[PermitVerifierKey]
) -> PermitVerifierKey:
    """Find the key a header names. The algorithm is ours to say, never the token's."""
    if header.get("alg") != ALGORITHM:
        raise NotAuthenticError(
            f"The {typ} names the algorithm {str(header.get('alg'))[:20]!r}; only {ALGORITHM} is "
            "accepted."
        )
    if set(header) != _HEADER:
        names = ", ".join(sorted(header))
        raise MalformedPermitError(
            f"The header of a {typ} has alg, kid and typ and nothing else; this has {names[:200]}."
        )
    if header["typ"] != typ:
        raise MalformedPermitError(f"This is a {str(header['typ'])[:60]!r}, not a {typ}.")
    for key in keys:
        if key.kid == header["kid"]:
            return key
    known = ", ".join(sorted(f"{each.issuer} ({each.kid})" for each in keys)) or "none"
    raise NotAuthenticError(
        f"The {typ} is signed with the key {str(header['kid'])[:60]!r}, which is not known; known "
        f"are: {known}. Get the issuer's keys from a place you trust."
    )
