"""Entries: what a log says publicly about an act, and how the act is disclosed.

Publicly an entry is 32 bytes: the SHA-256 of a commitment that nobody can guess. Behind it
stands a *body* with one field for each thing that may have to be shown on its own. Each field has
its own salt; its digest is that of an SD-JWT disclosure (RFC 9901 §4.2.3):

    digest of a field  = base64url(SHA-256(base64url(["<salt>", "<name>", <value>])))
    entry in the log   = SHA-256({"fields": {"<name>": "<digest>", ...}, "format": "..."})

Unlike in an SD-JWT, the commitment binds each name to one digest: an operator cannot commit
to two values of one field and show one to each side. All bodies have the same names, so
that hidden ones say nothing.

An erased field keeps its digest. The entry stays what it was, every proof goes on holding,
and the value is gone with its salt.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias

from placet.ledger.canonical import JSON, canonical, fitting, must_be_canonical, parse_json
from placet.ledger.errors import DisclosureError, MalformedError, UnfitError

__all__ = [
    "FIELDS",
    "FORMAT",
    "SALT_BYTES",
    "Body",
    "Entry",
    "Erased",
    "Hidden",
    "Shown",
    "case_of",
    "date_of",
    "disclose",
    "erase",
    "field_digest",
    "parse_body",
    "seal",
    "verify_disclosure",
]

FORMAT = "placet-entry-1"

FIELDS = (
    "actor",
    "case",
    "case_version",
    "context_version",
    "evidence",
    "kind",
    "payload",
    "time",
)
"""The fields of every body. One that does not apply is null: that it does not is hidden too."""

SALT_BYTES = 32
"""256 bits: RFC 9901 §9.3 asks for 128; a public log is open to guessing for ever."""

_DIGEST = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_WORD = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_ABOUT = re.compile(
    rb'\{"fields":\{"actor":\{[^{}]*\},"case":\{"salt":"[^"]*","value":"([^"\\]+)"\},'
    rb'"case_version":\{"salt":"[^"]*","value":([0-9]{1,16})\},'
)
_DATED = re.compile(
    rb'"time":\{"salt":"[^"]*","value":"([^"\\]+)"\}\},"format":"%b"\}\Z' % FORMAT.encode()
)
_TAIL = 512
"""No more bytes than these hold the time and the format at the end of a body."""
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,5}[1-9])?Z", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An act as it is committed to, and what it builds on.

    `case` and `case_version` go together; both are None for an act that concerns no case.
    `evidence` is what shows that the actor did it, raw: a signature, an assertion.
    """

    kind: str
    time: datetime
    context_version: int
    actor: str | None = None
    case: str | None = None
    case_version: int | None = None
    evidence: JSON = None
    payload: JSON = None

    def __post_init__(self) -> None:
        if self.time.tzinfo is None:
            raise UnfitError("The time of an entry has no time zone; give it in UTC.")
        if (self.case is None) != (self.case_version is None):
            raise UnfitError("An entry names a case and the version it builds on, or neither.")
        if not self.kind or self.case == "" or self.actor == "":
            raise UnfitError("The kind, the case or the actor of an entry is an empty text.")
        if self.context_version < 0 or (self.case_version or 0) < 0:
            raise UnfitError("The versions that an entry builds on count from 0.")

    def fields(self) -> dict[str, JSON]:
        """Return the value of every field."""
        return {name: getattr(self, name) for name in FIELDS} | {"time": _instant(self.time)}


@dataclass(frozen=True, slots=True)
class Shown:
    """A field with its value and the salt that lets anyone check it."""

    salt: str
    value: JSON
    _written: bytes = field(default=b"", repr=False, compare=False)

    def written(self, name: str) -> bytes:
        """Return the value as canonical JSON; it was written when it was sealed or read."""
        return self._written or canonical(self.value, name)


@dataclass(frozen=True, slots=True)
class Hidden:
    """A field that is not shown here; its holder has it."""

    digest: str


@dataclass(frozen=True, slots=True)
class Erased:
    """A tombstone: a field that nobody has any more."""

    digest: str


Field: TypeAlias = Shown | Hidden | Erased


@dataclass(frozen=True, slots=True)
class Body:
    """What stands behind an entry, as much of it as is shown."""

    fields: Mapping[str, Field]

    def __post_init__(self) -> None:
        if tuple(sorted(self.fields)) != FIELDS:
            names = ", ".join(sorted(self.fields))
            raise MalformedError(f"A body has the fields {', '.join(FIELDS)}; this has {names}.")

    @property
    def commitment(self) -> bytes:
        """The entry in the log: 32 bytes. It is the same whatever is shown, hidden or erased."""
        fields = self.fields
        return hashlib.sha256(
            _document((name, _spelled(_digest(name, fields[name]))) for name in FIELDS)
        ).digest()

    @property
    def shown(self) -> dict[str, JSON]:
        """The values of the fields that are shown."""
        return {name: held.value for name, held in self.fields.items() if isinstance(held, Shown)}

    def written(self, name: str) -> bytes:
        """Return the value of a field as canonical JSON.

        Raises:
            DisclosureError: it is hidden or erased.
        """
        held = self.fields[name]
        if not isinstance(held, Shown):
            raise DisclosureError(f"The field {name} is {_state(held)}; the act is not whole.")
        return held.written(name)

    def render(self) -> bytes:
        """Write the body, or a disclosure of it, as canonical JSON."""
        fields = self.fields
        whole = _document((name, _written(name, fields[name])) for name in FIELDS)
        return fitting(whole, "the body")

    def entry(self) -> Entry:
        """Return the act; every field must be shown.

        Raises:
            DisclosureError: a field is hidden or erased.
        """
        values = self.shown
        for name, held in self.fields.items():
            if not isinstance(held, Shown):
                raise DisclosureError(f"The field {name} is {_state(held)}; the act is not whole.")
        return _entry_of(values)


def seal(entry: Entry, salt: Callable[[int], bytes]) -> Body:
    """Give every field a salt of its own.

    Args:
        entry: the act.
        salt: makes that many unpredictable bytes, as `secrets.token_bytes` does.

    Raises:
        MalformedError: a value cannot be written as canonical JSON; says which.
        UnfitError: the salts are too short or not all different.
    """
    salts = [salt(SALT_BYTES) for _ in FIELDS]
    if len(set(salts)) != len(FIELDS) or any(len(each) != SALT_BYTES for each in salts):
        raise UnfitError(f"Each field needs a fresh salt of {SALT_BYTES} unpredictable bytes.")
    fields: dict[str, Field] = {}
    for (name, value), each in zip(sorted(entry.fields().items()), salts, strict=True):
        written = canonical(value, name)
        copy: JSON = json.loads(written) if isinstance(value, dict | list | tuple) else value
        fields[name] = Shown(_base64url(each), copy, written)
    return Body(fields)


def field_digest(name: str, salt: str, value: JSON) -> str:
    """Return the digest of a field: that of its SD-JWT disclosure (RFC 9901 §4.2.3)."""
    return _digest(name, Shown(salt, value))


def disclose(body: Body, names: Collection[str]) -> Body:
    """Show only the named fields of a body. What is hidden and what is erased look alike.

    Raises:
        DisclosureError: there is no such field, or the body itself does not show it.
    """
    for name in names:
        held = body.fields.get(name)
        if not isinstance(held, Shown):
            state = _state(held) if held is not None else "unknown"
            known = "" if held is not None else f" There are {', '.join(FIELDS)}."
            raise DisclosureError(
                f"The field {name[:80]} is {state}; it cannot be disclosed.{known}"
            )
    return Body(
        {
            name: held if name in names else Hidden(_digest(name, held))
            for name, held in body.fields.items()
        }
    )


def erase(body: Body, names: Collection[str]) -> Body:
    """Replace fields by tombstones. That it was lawful is an act, with an entry of its own.

    Erasing again changes nothing.

    Raises:
        DisclosureError: there is no such field.
    """
    if unknown := sorted(set(names) - set(FIELDS)):
        raise DisclosureError(f"There is no field {', '.join(unknown)} to erase.")
    return Body(
        {
            name: Erased(_digest(name, held)) if name in names else held
            for name, held in body.fields.items()
        }
    )


def verify_disclosure(disclosure: bytes, entry: bytes) -> dict[str, JSON]:
    """Check a disclosure against an entry of the log; return the fields it shows.

    That the entry is in the log is for a receipt to show.

    Raises:
        MalformedError: it is not a disclosure.
        DisclosureError: it is not of this entry, or a value or salt was changed.
    """
    body = parse_body(disclosure)
    if body.commitment != entry:
        raise DisclosureError(
            "The disclosure is not of this entry: a value, a salt or a digest in it is another "
            "than the one committed to."
        )
    return body.shown


def parse_body(data: bytes) -> Body:
    """Read a body or a disclosure."""
    document = parse_json(data, "The body")
    if not isinstance(document, dict) or set(document) != {"fields", "format"}:
        raise MalformedError("A body has the keys fields and format, and no others.")
    if document["format"] != FORMAT:
        raise MalformedError(f"The format of this body is not {FORMAT}; use a newer Placet.")
    fields = document["fields"]
    if not isinstance(fields, dict):
        raise MalformedError("The fields of a body are an object.")
    body = Body({name: _read(name, held) for name, held in fields.items()})
    must_be_canonical(data, body.render(), "The body")
    return body


def case_of(data: bytes) -> tuple[str, int] | None:
    """Return the case that a body is about, and the version, at a glance; None if it takes more.

    If the body can be read at all, that is what is read there: nothing else could stand so at its
    beginning. So bodies are given to whoever reads them, each case to one.
    """
    found = _ABOUT.match(data)
    return (found[1].decode("utf-8", "replace"), int(found[2])) if found else None


def date_of(data: bytes) -> datetime | None:
    """Return the time of a body at a glance, as `case_of` does its case; None if it takes more."""
    found = _DATED.search(data, max(0, len(data) - _TAIL))
    text = found[1].decode("utf-8", "replace") if found else ""
    try:
        return datetime.fromisoformat(text) if _INSTANT.fullmatch(text) else None
    except ValueError:
        return None


def _read(name: str, held: JSON) -> Field:
    match held:
        case {"salt": str(salt), "value": value, **rest} if not rest and _DIGEST.fullmatch(salt):
            written = _spelled(value) if type(value) is str else canonical(value, name)
            return Shown(salt, value, written)
        case {"digest": str(digest), **rest} if _DIGEST.fullmatch(digest):
            if not rest:
                return Hidden(digest)
            if len(rest) == 1 and rest.get("erased") is True:
                return Erased(digest)
    raise MalformedError(f"The field {name[:80]} is neither shown, nor hidden, nor erased.")


def _document(fields: Iterable[tuple[str, bytes]]) -> bytes:
    """Write an object with all fields in their order, each as canonical JSON, and the format."""
    inner = b",".join([b'"%b":%b' % (name.encode(), written) for name, written in fields])
    return b'{"fields":{%b},"format":"%b"}' % (inner, FORMAT.encode())


def _spelled(word: str) -> bytes:
    """Write a name, a salt or a digest as canonical JSON."""
    return b'"%b"' % word.encode() if _WORD.fullmatch(word) else canonical(word)


def _written(name: str, held: Field) -> bytes:
    """Write a field as canonical JSON."""
    if isinstance(held, Shown):
        return b'{"salt":%b,"value":%b}' % (_spelled(held.salt), held.written(name))
    erased = {"erased": True} if isinstance(held, Erased) else {}
    return canonical({"digest": held.digest, **erased})


def _digest(name: str, held: Field) -> str:
    """Return the digest of a field: that of `[salt, name, value]` as canonical JSON."""
    if not isinstance(held, Shown):
        return held.digest
    disclosed = b"[%b,%b,%b]" % (_spelled(held.salt), _spelled(name), held.written(name))
    return _base64url(hashlib.sha256(base64.urlsafe_b64encode(disclosed).rstrip(b"=")).digest())


def _state(held: Field) -> str:
    return "erased" if isinstance(held, Erased) else "hidden"


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def _instant(at: datetime) -> str:
    """Write an instant in UTC, with as many decimals as it has: one spelling each."""
    text = at.astimezone(UTC).isoformat().removesuffix("+00:00")
    return (text.rstrip("0") if "." in text else text) + "Z"


def _entry_of(values: Mapping[str, JSON]) -> Entry:
    """Type the values of a whole body."""
    match values:
        case {
            "actor": str() | None as actor,
            "case": str() | None as case,
            "case_version": int() | None as case_version,
            "context_version": int(context_version),
            "evidence": evidence,
            "kind": str(kind),
            "payload": payload,
            "time": str(time),
        } if _INSTANT.fullmatch(time):
            try:
                at = datetime.fromisoformat(time)
            except ValueError:
                raise MalformedError(f"{time} is not an instant.") from None
            return Entry(
                kind=kind,
                time=at,
                context_version=context_version,
                actor=actor,
                case=case,
                case_version=case_version,
                evidence=evidence,
                payload=payload,
            )
    raise MalformedError("A field of the body is not of its type; it was not made by `seal`.")
