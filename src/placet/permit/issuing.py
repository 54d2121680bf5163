"""Permits as signed tokens: issued by the signer, opened by anyone.

The claims hold each term once: `iss` the issuer, `sub` the holder, `jti` the permit's id, `nbf`
and `exp` the window, `iat` when it was signed, `status` its place in a status list (Token Status
List, draft-21 §6), and `permit` all other terms.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from placet.ledger import JSON
from placet.permit.errors import MalformedPermitError, NotAuthenticError, UnfitPermitError
from placet.permit.keys import PermitKey, PermitVerifierKey
from placet.permit.spelling import from_seconds, read_uri, seconds_of, write_instant
from placet.permit.terms import Terms, read_terms
from placet.permit.tokens import Opened, open_token, sign_token

__all__ = [
    "FORMAT",
    "LARGEST_PERMIT",
    "PERMIT_TYPE",
    "SignedPermit",
    "StatusRef",
    "issue_token",
    "must_be_issuable",
    "open_permit",
]

PERMIT_TYPE = "placet-permit+jwt"

FORMAT = "placet-permit-1"
"""The version of the claims; a reader refuses any other."""

LARGEST_PERMIT = 64 << 10
"""The most bytes of a token."""

_LARGEST_INDEX = (1 << 31) - 1
_CLAIMED = {"id": "jti", "issuer": "iss", "holder": "sub", "start": "nbf", "until": "exp"}


@dataclass(frozen=True, slots=True)
class StatusRef:
    """The place of a permit in a status list: the list's URI and an index from 0."""

    uri: str
    idx: int

    def __post_init__(self) -> None:
        try:
            read_uri(self.uri)
        except ValueError as error:
            raise MalformedPermitError(f"The status list cannot be named: {error}.") from None
        if not 0 <= self.idx <= _LARGEST_INDEX:
            raise MalformedPermitError(f"{self.idx} is not an index into a status list.")


@dataclass(frozen=True, slots=True)
class SignedPermit:
    """A permit whose signature is good. Whether it holds now is another question.

    `digest` is the SHA-256 of its claims: signing them again gives another token and the same
    digest.
    """

    token: str
    terms: Terms
    issued_at: datetime
    status: StatusRef
    digest: str
    key: PermitVerifierKey


def issue_token(terms: Terms, status: StatusRef, key: PermitKey, issued_at: datetime) -> str:
    """Sign a permit. Signing the same terms again gives another token: ES256 is randomised.

    That the permit may be issued is for the review to say; this only signs.

    Args:
        terms: what it says.
        status: its place in the status list, which no other permit may have.
        key: the issuer's key.
        issued_at: now, in whole seconds; before the window ends.

    Raises:
        UnfitPermitError: the key is another issuer's, the window is over, a text cannot be
            written, or the token would be larger than 64 KiB.
    """
    key.must_sign_for(terms.issuer)
    seconds_of(issued_at, "The time of issue")
    if issued_at >= terms.until:
        raise UnfitPermitError(
            f"The window of permit {terms.id} ended at {write_instant(terms.until)}; a permit "
            "that holds at no time is not issued."
        )
    return sign_token(PERMIT_TYPE, _claims_of(terms, status, issued_at), key, LARGEST_PERMIT)


def must_be_issuable(terms: Terms, status: StatusRef, issued_at: datetime) -> None:
    """Refuse what no key at all could sign, before anybody is told that it was issued.

    Raises:
        UnfitPermitError: as `issue_token`.
    """
    issue_token(terms, status, PermitKey(terms.issuer, (1).to_bytes(32, "big")), issued_at)


def open_permit(token: str | bytes, keys: Collection[PermitVerifierKey]) -> SignedPermit:
    """Check that a permit is authentic and return what it says.

    Raises:
        MalformedPermitError: it is no permit in its one spelling.
        NotAuthenticError: no known key of its issuer signed it.
    """
    opened = open_token(token, PERMIT_TYPE, keys, LARGEST_PERMIT)
    permit = _permit_of(opened)
    if permit.terms.issuer != opened.key.issuer:
        raise NotAuthenticError(
            f"The permit says it is from {permit.terms.issuer}, but the key that signed it is "
            f"{opened.key.issuer}'s, who cannot speak for another."
        )
    return permit


def _claims_of(terms: Terms, status: StatusRef, issued_at: datetime) -> dict[str, JSON]:
    rest = {name: value for name, value in terms.data().items() if name not in _CLAIMED}
    return {
        "exp": seconds_of(terms.until, "The end of the window"),
        "iat": seconds_of(issued_at, "The time of issue"),
        "iss": terms.issuer,
        "jti": terms.id,
        "nbf": seconds_of(terms.start, "The start of the window"),
        "permit": {**rest, "format": FORMAT},
        "status": {"status_list": {"idx": status.idx, "uri": status.uri}},
        "sub": terms.holder,
    }


def _permit_of(opened: Opened) -> SignedPermit:
    """Read the claims. Writing them again must give the same: nothing is dropped or added."""
    claims = opened.claims
    for name in ("iss", "sub", "jti"):
        if not isinstance(claims.get(name), str):
            raise MalformedPermitError(f"The claim {name} is missing or is not a text.")
    when = {name: from_seconds(claims.get(name), f"The claim {name}") for name in _TIMES}
    rest = _rest_of(claims)
    instants = {name: write_instant(when[_CLAIMED[name]]) for name in ("start", "until")}
    named = {name: claims[_CLAIMED[name]] for name in ("id", "issuer", "holder")}
    if clash := sorted(set(rest) & set(_CLAIMED)):
        raise MalformedPermitError(f"The permit says {', '.join(clash)} twice.")
    terms = read_terms({**rest, **named, **instants})
    status = _status_of(claims)
    if _claims_of(terms, status, when["iat"]) != claims:
        raise MalformedPermitError(
            "The claims have a member that a permit does not have, or spell out what is left out."
        )
    return SignedPermit(opened.text, terms, when["iat"], status, opened.digest, opened.key)


_TIMES = ("exp", "iat", "nbf")


def _rest_of(claims: dict[str, JSON]) -> dict[str, JSON]:
    permit = claims.get("permit")
    if not isinstance(permit, dict) or permit.get("format") != FORMAT:
        raise MalformedPermitError(
            f"The claim permit is missing, or its format is not {FORMAT}; use a newer Placet."
        )
    return {name: value for name, value in permit.items() if name != "format"}


def _status_of(claims: dict[str, JSON]) -> StatusRef:
    match claims.get("status"):
        case {"status_list": {"idx": int(idx), "uri": str(uri)}} if not isinstance(idx, bool):
            return StatusRef(uri, idx)
    raise MalformedPermitError("The claim status is missing, or names no place in a status list.")
