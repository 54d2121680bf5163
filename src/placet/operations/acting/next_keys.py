"""The next key of a log or of its permits: an act names it before it signs anything (`RotateKey`).

It is made where the present one signs, and nobody names one of their own.
"""

from __future__ import annotations

from collections.abc import Mapping

from placet.ledger import KeyKind, UnfitError, VerifierKey
from placet.operations.ports import KeyUse, Reading
from placet.permit import parse_jwks, public_text
from placet.review import NotAllowedError
from placet.review.commands import RotateKey

__all__ = ["WHOSE", "check_public", "is_named", "must_be_prepared"]

WHOSE: Mapping[KeyUse, str] = {"log": "this log", "permit": "this log's permits"}
"""Whose keys they are, in words."""


def check_public(of: KeyUse, public: str, origin: str) -> None:
    """Make sure that a text is a public key of a log, or of its permits, in its one spelling.

    Raises:
        MalformedError, PermitError: it is no key.
        UnfitError: it is a key of something else.
    """
    if of == "log":
        log_key = VerifierKey.parse(public)
        good = str(log_key) == public and log_key.kind is KeyKind.NOTE and log_key.name == origin
    else:
        permit_key, *others = parse_jwks(public.encode())
        good = not others and public_text(permit_key) == public and permit_key.issuer == origin
    if not good:
        raise UnfitError(
            f"This is not a key of {origin} for its {of}, as `placet keys show` writes one: "
            f"{public[:200]}"
        )


def must_be_prepared(reading: Reading, of: KeyUse, public: str) -> None:
    """Make sure that a key is the next one of whoever holds the keys that sign.

    Raises:
        NotAllowedError: it is not: it would be somebody's own.
    """
    prepared = reading.next_keys().get(of)
    if public != prepared:
        waits = f"The one made there is {prepared}." if prepared else "None was made there yet."
        raise NotAllowedError(
            f"The next key of {WHOSE[of]} is made where the present one signs, by `placet "
            f"keys rotate {of}`, and this is not it: {public[:200]}. {waits}"
        )


def is_named(reading: Reading, of: KeyUse, public: str) -> bool:
    """Say whether an act names a key as the next one."""
    for each in reading.entries_of_no_case():
        shown = each.body.shown if each.body is not None else {}
        match shown.get("kind"), shown.get("payload"):
            case RotateKey.kind, {"command": {"of": str(what), "public": str(named)}}:
                if (what, named) == (of, public):
                    return True
    return False
