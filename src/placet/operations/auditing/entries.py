"""Reading entries for an audit: what stands behind a leaf, as far as it is still there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from placet.errors import PlacetError
from placet.ledger import (
    JSON,
    Body,
    Entry,
    Erased,
    LedgerError,
    MalformedError,
    Shown,
    parse_body,
)
from placet.review import Event, command_of

__all__ = [
    "WrongError",
    "documents_of",
    "entry_of",
    "event_of",
    "opened",
    "read_body",
    "same",
    "semantics_of",
    "written",
]


class WrongError(PlacetError):
    """Something that an entry or the database says does not follow."""


def read_body(data: bytes) -> Body:
    """Read what stands behind an entry.

    Raises:
        WrongError: it cannot be read; says why.
    """
    try:
        return parse_body(data)
    except LedgerError as error:
        raise WrongError(f"what stands behind it cannot be read: {error}") from error


def documents_of(body: Body) -> Mapping[str, str] | None:
    """Return the documents that an entry names, by digest; None where its payload is erased.

    Raises:
        WrongError: it names some otherwise than by name and digest.
    """
    if "payload" not in body.shown:
        return None
    found: dict[str, str] = {}
    match body.shown["payload"]:
        case {"command": {"attachments": list(attached)}}:
            for each in attached:
                match each:
                    case {"digest": str(digest), "name": str(name)}:
                        found[digest] = name
                    case _:
                        raise WrongError("it names documents otherwise than by name and digest.")
    return found


def opened(body: Body) -> dict[str, JSON]:
    """Return the fields by which an entry finds its place, None where they are not shown."""
    shown = body.shown
    return {name: shown.get(name) for name in ("case", "case_version", "kind")}


def entry_of(body: Body, leaf: bytes) -> tuple[Entry, frozenset[str]]:
    """Return the act behind a leaf, and which of its fields were erased; these are None in it.

    Raises:
        WrongError: the body is not the one committed to, or lacks what is never erased.
    """
    if body.commitment != leaf:
        raise WrongError("what stands behind it is not what was committed to.")
    gone = {name: held for name, held in body.fields.items() if not isinstance(held, Shown)}
    if not gone:
        return body.entry(), frozenset()
    hidden = [name for name, held in gone.items() if not isinstance(held, Erased)]
    if hidden or not gone.keys() <= {"actor", "evidence", "payload"}:
        raise WrongError(f"the fields {', '.join(sorted(gone))} are not there.")
    filled = {name: Shown("", None) if name in gone else each for name, each in body.fields.items()}
    return Body(filled).entry(), frozenset(gone)


def event_of(entry: Entry) -> Event:
    """Return the event that an entry says there was.

    Raises:
        MalformedError: the payload is none.
        UnknownError, UnreadableError: there is no such act.
    """
    match entry.payload:
        case {"command": dict(command), "found": dict(found), "touches": list(touches), **rest} if (
            entry.actor is not None and _in_office(rest)
        ):
            return Event(
                command_of(entry.kind, command),
                entry.actor,
                entry.time,
                entry.case,
                found,
                tuple(str(each) for each in touches),
                office=str(rest["office"]) if rest else None,
            )
    raise MalformedError("its payload is not that of an act.")


def _in_office(rest: Mapping[Any, Any]) -> bool:
    """Say whether what is left of a payload is the office of the act, or nothing."""
    return not rest or (rest.keys() == {"office"} and isinstance(rest["office"], str))


def semantics_of(entry: Entry) -> str | None:
    """Return the semantics by which an entry says that it determined; None where it did not."""
    match entry.payload:
        case {"found": {"determination": {"semantics": semantics}}}:
            return str(semantics)
    return None


def same(one: Mapping[str, Any], other: JSON) -> bool:
    """Say whether two payloads are the same document, byte for byte once written."""
    return written(one) == written(other)


def written(value: object) -> str:
    """Write plain data in the one way in which it is compared."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
