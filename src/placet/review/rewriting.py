"""What an act makes of the plain context: registry and books as they would stand in files.

Nothing is checked here but that it can be written down: who may, and whether it is lawful, is
`lawful`'s; whether the result holds together, the loaders say.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from placet.registry import written
from placet.registry.reading import MAX_DEPTH
from placet.registry.records import SECTIONS_OF_TEXT
from placet.review.commands import (
    AdoptPolicy,
    AnnouncePolicy,
    Appoint,
    Begin,
    ChangeSemantics,
    Command,
    Delegate,
    Dismiss,
    EndPolicy,
    Erase,
    RecordFact,
    RegisterKey,
    RetireKey,
    ReviseBook,
    RevokeDelegation,
    RotateKey,
)
from placet.review.errors import UnlawfulError

__all__ = ["MEANS", "PASSKEY", "kind_of_key", "must_be_plain", "policy_text", "rewritten"]

MEANS = "means"
"""The one field of a fact recorded under `targets`, `purposes` or `classes`: what a term means."""

PASSKEY = "passkey"
"""The first word of a passkey; any other key is one of SSH."""

Plain = Mapping[str, Any]


def rewritten(plain: Plain | None, command: Command, actor: str, at: datetime) -> dict[str, Any]:
    """Return the plain context after an act; `plain` is None before the log begins.

    It says when its `last` act was: no act that builds on it is before that; and how many `acts`
    each person has done on no case: what is signed for one of them is signed for no other.

    Raises:
        UnlawfulError: the act is none that changes a context.
    """
    acts = (plain or {}).get("acts", {})
    counted = {**acts, actor: acts.get(actor, 0) + 1}
    return {**_changed(plain, command, at), "last": written(at), "acts": counted}


def _changed(plain: Plain | None, command: Command, at: datetime) -> dict[str, Any]:
    """Return registry and books after an act."""
    match command:
        case Begin(registry=registry, books=books):
            return {"registry": dict(registry), "books": [dict(each) for each in books]}
        case AdoptPolicy(party=party, policy=policy, text=text):
            return _with_policy(_begun(plain), party, policy, text)
        case AnnouncePolicy(party=party, policy=policy, on=on):
            return _with_policy_field(_begun(plain), party, policy, "announced", written(on))
        case EndPolicy(party=party, policy=policy, until=until):
            return _with_policy_field(_begun(plain), party, policy, "until", written(until))
        case ReviseBook(party=party, fields=fields):
            return _with_book(_begun(plain), party, fields)
        case Erase() | ChangeSemantics() | RotateKey():
            return {**_begun(plain)}
    section, key, record = _registry_record(_begun(plain), command, at)
    return _with_record(_begun(plain), section, key, record)


def _begun(plain: Plain | None) -> Plain:
    if plain is None:
        raise UnlawfulError("There is no context to change: the log has not begun.")
    return plain


def _registry_record(plain: Plain, command: Command, at: datetime) -> tuple[str, str, Any]:
    """Return the section, id and new record of an act that writes one record of the registry."""
    match command:
        case RecordFact(section=section, id=key, record=record):
            means = record.get(MEANS)
            return section, key, means if section in SECTIONS_OF_TEXT else dict(record)
        case Appoint():
            return "officials", command.official, _official(command)
        case Dismiss(official=key, until=until):
            return "officials", key, {**plain["registry"]["officials"][key], **_until(until)}
        case RegisterKey(key=key, person=person, public=public, from_=start):
            kind = kind_of_key(public)
            record = {"person": person, "kind": kind, "public": public, "from": written(start)}
            return "keys", key, record
        case RetireKey(key=key, until=until):
            return "keys", key, {**plain["registry"]["keys"][key], **_until(until)}
        case Delegate():
            return "delegations", command.delegation, _instrument(command)
        case RevokeDelegation(delegation=key):
            revoked = {"revoked": {"on": written(at)}}
            return "delegations", key, {**plain["registry"]["delegations"][key], **revoked}
    raise UnlawfulError(f"The act {command.kind} changes no context.")


def kind_of_key(public: str) -> str:
    """Return the kind of a public key, which follows from its first word."""
    return PASSKEY if public.split(" ")[0] == PASSKEY else "ssh"


def _official(command: Appoint) -> dict[str, Any]:
    return {
        "name": command.name,
        "office": command.office,
        "person": command.person,
        "from": written(command.from_),
        **_until(command.until),
        **({"acting": "yes"} if command.acting else {}),
    }


def _instrument(command: Delegate) -> dict[str, Any]:
    activities = [str(each) for each in command.activities]
    return {
        "of": command.of,
        "to": command.to,
        "from": written(command.from_),
        **_until(command.until),
        **({"activities": activities} if activities else {}),
    }


def _until(until: datetime | None) -> dict[str, Any]:
    return {} if until is None else {"until": written(until)}


def _with_record(plain: Plain, section: str, key: str, record: Any) -> dict[str, Any]:
    registry = plain["registry"]
    records = {**registry.get(section, {}), key: record}
    return {**plain, "registry": {**registry, section: records}}


def policy_text(plain: Plain, party: str, policy: str) -> dict[str, Any]:
    """Return the text of a policy that is on record."""
    book = next(each for each in plain["books"] if each["book"] == party)
    return dict(book["policies"][policy])


def _with_policy_field(
    plain: Plain, party: str, policy: str, field: str, value: str
) -> dict[str, Any]:
    text = {**policy_text(plain, party, policy), field: value}
    return _with_policy(plain, party, policy, text)


def _with_policy(plain: Plain, party: str, policy: str, text: Plain) -> dict[str, Any]:
    """Write a policy into its party's book."""
    book: Plain = next((each for each in plain["books"] if each["book"] == party), {})
    policies = {**book.get("policies", {}), policy: dict(text)}
    return _with_book(plain, party, {"policies": policies})


def _with_book(plain: Plain, party: str, fields: Plain) -> dict[str, Any]:
    """Replace fields of a party's book, which is begun where there is none."""
    books = list(plain["books"])
    if not any(each["book"] == party for each in books):
        books.append({"book": party})
    changed = [{**each, **fields} if each["book"] == party else each for each in books]
    return {**plain, "books": changed}


def must_be_plain(value: object, place: str, depth: int = 0) -> None:
    """Refuse what could not stand in a file: anything but nested NFC text.

    A file gives text alone, typed by its schema; a number here would read the same and give the
    context another digest.

    Raises:
        UnlawfulError: names the place.
    """
    if depth > MAX_DEPTH:
        raise UnlawfulError(f"{place} nests deeper than {MAX_DEPTH} levels.")
    if isinstance(value, Mapping):
        for key, each in value.items():
            must_be_plain(key, f"A name in {place}", depth + 1)
            must_be_plain(each, f"{place}.{key}", depth + 1)
    elif isinstance(value, list | tuple):
        for index, each in enumerate(value):
            must_be_plain(each, f"{place}[{index}]", depth + 1)
    elif not (isinstance(value, str) and _legible(value)):
        raise UnlawfulError(
            f"{place} must be text, as it would stand in a file: no number, nothing empty, "
            "Unicode in its composed form (NFC) and without control characters."
        )


def _legible(text: str) -> bool:
    letters = all(unicodedata.category(each) not in ("Cc", "Cs") or each in "\n\t" for each in text)
    return bool(text) and letters and unicodedata.is_normalized("NFC", text)
