"""The keys by which people sign, as the registry has them: read, written, and checked when named.

The review takes a key for a line of text; whether it is one is asked here, at the act that
names it and again by the audit.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from placet.evidence import KeyOnRecord, MalformedEvidenceError, Passkey, parse_key
from placet.evidence.framing import write_base64url
from placet.review import Command, Context
from placet.review.commands import Begin, RegisterKey
from placet.review.rewriting import kind_of_key

__all__ = ["credentials_of", "keys_of", "must_name_keys", "passkey_text"]


def keys_of(context: Context, person: str, at: datetime) -> tuple[KeyOnRecord, ...]:
    """Return the keys by which a person may sign at a moment.

    Raises:
        MalformedEvidenceError: one of them is none.
    """
    return tuple(parse_key(each) for each in context.keys_of(person, at).values())


def credentials_of(context: Context, person: str, at: datetime) -> tuple[str, ...]:
    """Return the credential ids of a person's passkeys in base64url, for a browser to choose from.

    Raises:
        MalformedEvidenceError: one of the person's keys is none.
    """
    return tuple(
        write_base64url(each.credential)
        for each in keys_of(context, person, at)
        if isinstance(each, Passkey)
    )


def passkey_text(rp_id: str, credential: bytes, cose: bytes) -> str:
    """Return the `public` of a passkey to be registered, from what the authenticator made.

    Args:
        rp_id: the relying party for which it was made: the domain of the pages.
        credential: the id of its credential.
        cose: its public key in COSE, as the authenticator gave it.

    Raises:
        MalformedEvidenceError: it is none, or of an algorithm that is not accepted.
    """
    return str(Passkey(rp_id, credential, cose))


def must_name_keys(command: Command, context: Context) -> None:
    """Make sure that each key by which an act would let people sign is one, and of its kind.

    Args:
        command: the act.
        context: the one that it begins, where it begins the log.

    Raises:
        MalformedEvidenceError: one is none; says which and why.
    """
    for name, kind, public in _named(command, context):
        try:
            parse_key(public)
        except MalformedEvidenceError as error:
            raise MalformedEvidenceError(f"The key {name[:80]} cannot be used. {error}") from error
        if kind != kind_of_key(public):
            raise MalformedEvidenceError(
                f"The key {name[:80]} is said to be of kind {kind}, and its text is of kind "
                f"{kind_of_key(public)}; write kind: {kind_of_key(public)}."
            )


def _named(command: Command, context: Context) -> Iterator[tuple[str, str, str]]:
    """Return id, kind and text of the keys that an act brings in."""
    match command:
        case RegisterKey(key=key, public=public):
            yield key, kind_of_key(public), public
        case Begin():
            for name, each in context.registry.record.keys.items():
                yield name, each.kind, each.public
