"""Statements: the exact bytes that say what a person does, and the same in plain words.

A statement is canonical JSON (RFC 8785): an object that names its purpose, the origin (the log
for which it is made) and the person who acts, and whatever else the act consists of. There is one
spelling of each statement and one text of it, so what is read is what is signed.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from placet.canonical import canonical_json
from placet.evidence.errors import MalformedEvidenceError

__all__ = [
    "ACT_NAMESPACE",
    "JSON",
    "LARGEST_STATEMENT",
    "SESSION_ACT_NAMESPACE",
    "SIGN_IN",
    "SIGN_IN_NAMESPACE",
    "Statement",
    "statement",
]

JSON: TypeAlias = bool | int | str | Sequence["JSON"] | Mapping[str, "JSON"] | None
"""What a statement can hold: no floats, no dates, no bytes."""

ACT_NAMESPACE = "placet-act"
"""What an act is signed for: the namespace of its SSH signature."""

SESSION_ACT_NAMESPACE = "placet-session-act"
"""What the key of a session signs an act for."""

SIGN_IN_NAMESPACE = "placet-sign-in"
"""What the opening of a session is signed for."""

SIGN_IN = "sign-in"
"""The purpose of the statement that opens a session."""

LARGEST_STATEMENT = 1 << 16
"""The most bytes of a statement; nobody reads more before signing."""

_LARGEST_INTEGER = (1 << 53) - 1
_DEEPEST = 16
_NAMING = ("purpose", "origin", "person")
_NAMES = {
    "purpose": (re.compile(r"[a-z][a-z0-9-]{0,63}", re.ASCII), "small letters and hyphens"),
    "origin": (
        re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}", re.ASCII),
        "the log's name, as in example.gov/placet",
    ),
    "person": (
        re.compile(r"[A-Za-z0-9][A-Za-z0-9._@/+-]{0,127}", re.ASCII),
        "a person's id: letters, digits, and . _ @ / + -",
    ),
}


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, read or written: `data` are the exact bytes, `fields` all that they say."""

    data: bytes
    fields: Mapping[str, JSON]

    @classmethod
    def parse(cls, data: bytes) -> Statement:
        """Read a statement; JSON that is not canonical is refused.

        Raises:
            MalformedEvidenceError: it could be read in two ways (a key that stands twice, a
                number beyond 2^53 - 1, another spelling), is too large, or lacks a name.
        """
        if len(data) > LARGEST_STATEMENT:
            raise _too_large(len(data))
        try:
            fields = json.loads(data.decode("utf-8"))
        except (ValueError, RecursionError):
            raise MalformedEvidenceError("The statement is not JSON in UTF-8.") from None
        if _canonical(fields) != data:
            raise MalformedEvidenceError(
                "The statement is JSON but not canonical: each key once and in order, no spaces, "
                "one spelling of each text and number (RFC 8785)."
            )
        return cls(data, fields)

    @classmethod
    def write(cls, purpose: str, origin: str, fields: Mapping[str, JSON]) -> Statement:
        """Write a statement.

        Args:
            purpose: what is done, as in `decide`; small letters and hyphens.
            origin: the log for which it is done, as in `example.gov/placet`.
            fields: what the act consists of; `person` names who acts.

        Raises:
            MalformedEvidenceError: a name is missing or is none, or a value cannot be written as
                canonical JSON; says where.
        """
        if taken := sorted({"purpose", "origin"} & set(fields)):
            raise MalformedEvidenceError(
                f"The fields of a statement cannot set {' or '.join(taken)} again; give it once."
            )
        whole = {**fields, "purpose": purpose, "origin": origin}
        return cls(_canonical(whole), whole)

    def __getitem__(self, name: str) -> str:
        """Return one of the three names: `purpose`, `origin` or `person`."""
        return str(self.fields[name])

    @property
    def namespace(self) -> str:
        """What a signature over this statement is given for."""
        return SIGN_IN_NAMESPACE if self["purpose"] == SIGN_IN else ACT_NAMESPACE


def statement(purpose: str, origin: str, fields: Mapping[str, JSON]) -> bytes:
    """Return the bytes of a statement, as `Statement.write` writes it.

    Raises:
        MalformedEvidenceError: it is none.
    """
    return Statement.write(purpose, origin, fields).data


def _canonical(value: object) -> bytes:
    """Write a whole statement, or say why it is none."""
    if not isinstance(value, dict):
        raise MalformedEvidenceError("A statement is a JSON object.")
    for name, (form, words) in _NAMES.items():
        held = value.get(name)
        if not isinstance(held, str) or not form.fullmatch(held):
            raise MalformedEvidenceError(
                f"The {name} of the statement is missing or is not one ({words})."
            )
    data = canonical_json(value, partial(_check, where="the statement", depth=0))
    if len(data) > LARGEST_STATEMENT:
        raise _too_large(len(data))
    return data


def _too_large(size: int) -> MalformedEvidenceError:
    return MalformedEvidenceError(
        f"The statement has {size} bytes; the most is {LARGEST_STATEMENT}, since nobody reads "
        "more before signing. Put a digest in the place of what is large."
    )


def _check(value: object, where: str, depth: int) -> None:
    """Refuse what canonical JSON cannot hold, or what two readers could read differently."""
    if depth > _DEEPEST:
        raise MalformedEvidenceError(f"{where[:80]} is nested more than {_DEEPEST} deep.")
    if isinstance(value, dict):
        for key, item in value.items():
            _check_text(key, f"a key of {where}")
            _check(item, f"{where}.{key[:80]}", depth + 1)
    elif isinstance(value, list | tuple):
        for place, item in enumerate(value):
            _check(item, f"{where}[{place}]", depth + 1)
    elif isinstance(value, str):
        _check_text(value, where)
    elif value is not None and not isinstance(value, int):
        raise MalformedEvidenceError(
            f"{where} is a {type(value).__name__}; a statement holds text, integers, true, false, "
            "null, lists and objects. Write shares in basis points or as text."
        )
    elif isinstance(value, int) and abs(value) > _LARGEST_INTEGER:
        raise MalformedEvidenceError(f"{where} is beyond 2^53 - 1; write it as text.")


def _check_text(text: object, where: str) -> None:
    if not isinstance(text, str):
        raise MalformedEvidenceError(f"{where} is not text.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise MalformedEvidenceError(
            f"{where} has half of a surrogate pair, which UTF-8 cannot write."
        ) from None
    if not unicodedata.is_normalized("NFC", text):
        raise MalformedEvidenceError(
            f"{where} is not in Unicode's normal form C; two texts that look the same would have "
            "two signatures. Normalise it first."
        )
