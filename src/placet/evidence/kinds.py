"""The kinds of evidence, and how much each shows.

Evidence is JSON, kept raw in the entry of its act. The union is open: a kind that this version
does not know is read and kept, and shows nothing.

    {"kind": "ssh", "signature": "<armored>"}
    {"kind": "passkey", "credential": "<id>", "client-data": "<clientDataJSON>",
     "authenticator-data": "<authenticatorData>", "signature": "<signature>"}, in base64url
    {"kind": "session", "challenge": "<the sign-in statement>",
     "signature": "<armored>" or evidence of the kind passkey, "act": "<armored>"}
    {"kind": "demonstration", "digest": "<SHA-256 of the statement, in hex>"}
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, TypeAlias

from placet.evidence.errors import MalformedEvidenceError
from placet.evidence.framing import read_base64url, write_base64url
from placet.evidence.statements import JSON, Statement

__all__ = [
    "DemonstrationEvidence",
    "Evidence",
    "PasskeyEvidence",
    "SessionEvidence",
    "SshEvidence",
    "Strength",
    "UnknownEvidence",
    "parse_evidence",
    "parse_opening",
    "written_opening",
]

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_KIND = re.compile(r"[a-z][a-z0-9-]{0,31}", re.ASCII)
_OF_A_PASSKEY = ("credential", "client-data", "authenticator-data", "signature")
_LONGEST_OF_A_PASSKEY = 8192


class Strength(IntEnum):
    """How much evidence shows, from nothing up; a book sets the least that it accepts."""

    NONE = 0
    """Nothing is shown."""
    DEMONSTRATION = 1
    """The system says so. For demonstrations."""
    SESSION = 2
    """The key of a session that the person opened signed this statement."""
    SIGNATURE = 3
    """The person's key signed this statement."""
    HARDWARE = 4
    """A key that cannot leave its device signed this statement, so the device itself says."""

    @classmethod
    def parse(cls, text: str) -> Strength:
        """Read a strength as a book writes it, such as `session`.

        Raises:
            MalformedEvidenceError: there is no such strength.
        """
        for each in cls:
            if text == str(each):
                return each
        known = ", ".join(str(each) for each in cls)
        raise MalformedEvidenceError(f"{text[:40]!r} is no strength of evidence; use {known}.")

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class SshEvidence:
    """An SSH signature over the statement of the act, armored."""

    KIND: ClassVar = "ssh"

    signature: str

    @property
    def document(self) -> JSON:
        """The evidence as it stands in an entry."""
        return {"kind": self.KIND, "signature": self.signature}


@dataclass(frozen=True, slots=True)
class PasskeyEvidence:
    """What a passkey gave (a WebAuthn assertion) for the SHA-256 of the statement, raw.

    `credential` is the id of the credential, `client_data` what the browser says it asked for (its
    clientDataJSON), `authenticator_data` what the authenticator says of itself.
    """

    KIND: ClassVar = "passkey"

    credential: bytes
    client_data: bytes
    authenticator_data: bytes
    signature: bytes

    @property
    def document(self) -> JSON:
        """The evidence as it stands in an entry."""
        return {
            "kind": self.KIND,
            "credential": write_base64url(self.credential),
            "client-data": write_base64url(self.client_data),
            "authenticator-data": write_base64url(self.authenticator_data),
            "signature": write_base64url(self.signature),
        }


@dataclass(frozen=True, slots=True)
class SessionEvidence:
    """The signature of an act by the key of a session, and what says whose session that is.

    `challenge` is the sign-in statement, which names the session's key; `signature` is the
    person's over it, an armored SSH signature or that of a passkey; `act` is the session key's over
    the statement of the act, armored.
    """

    KIND: ClassVar = "session"

    challenge: str
    signature: str | PasskeyEvidence
    act: str

    @property
    def opening(self) -> Statement:
        """The sign-in statement, read.

        Raises:
            MalformedEvidenceError: it is not a statement.
        """
        return Statement.parse(self.challenge.encode("utf-8", "surrogatepass"))

    @property
    def document(self) -> JSON:
        """The evidence as it stands in an entry."""
        return {
            "kind": self.KIND,
            "challenge": self.challenge,
            "signature": written_opening(self.signature),
            "act": self.act,
        }


@dataclass(frozen=True, slots=True)
class DemonstrationEvidence:
    """The system's word that the person was asked again, for the statement with this digest."""

    KIND: ClassVar = "demonstration"

    digest: str

    @classmethod
    def of(cls, statement: bytes) -> DemonstrationEvidence:
        """Make the evidence for a statement."""
        return cls(hashlib.sha256(statement).hexdigest())

    @property
    def document(self) -> JSON:
        """The evidence as it stands in an entry."""
        return {"kind": self.KIND, "digest": self.digest}


@dataclass(frozen=True, slots=True)
class UnknownEvidence:
    """Evidence of a kind that this version does not know; it satisfies nothing."""

    kind: str
    document: JSON


Evidence: TypeAlias = (
    SshEvidence | PasskeyEvidence | SessionEvidence | DemonstrationEvidence | UnknownEvidence
)


def parse_evidence(document: JSON) -> Evidence:
    """Read evidence from an entry. That it can be read does not mean that it is good.

    Raises:
        MalformedEvidenceError: it names no kind, or is not what its kind consists of.
    """
    match document:
        case {"kind": "ssh", "signature": str(signature), **rest} if not rest:
            return SshEvidence(signature)
        case {"kind": "passkey", **rest} if rest.keys() == set(_OF_A_PASSKEY):
            return PasskeyEvidence(*(_read(rest[name], name) for name in _OF_A_PASSKEY))
        case {
            "kind": "session",
            "challenge": str(text),
            "signature": signature,
            "act": str(by_session),
            **rest,
        } if not rest:
            return SessionEvidence(text, parse_opening(signature), by_session)
        case {"kind": "demonstration", "digest": str(digest), **rest} if (
            not rest and _DIGEST.fullmatch(digest)
        ):
            return DemonstrationEvidence(digest)
        case {"kind": "ssh" | "passkey" | "session" | "demonstration" as known}:
            raise MalformedEvidenceError(
                f"Evidence of the kind {known} has other fields than these, or values that are "
                "none; see docs/reference/evidence.md for what belongs in it."
            )
        case {"kind": str(kind)} if isinstance(document, Mapping) and _KIND.fullmatch(kind):
            return UnknownEvidence(kind, document)
    raise MalformedEvidenceError("Evidence is an object that names its kind, as in 'ssh'.")


def parse_opening(document: JSON) -> str | PasskeyEvidence:
    """Read what opened a session: an armored SSH signature, or evidence of the kind passkey.

    Raises:
        MalformedEvidenceError: it is neither.
    """
    if isinstance(document, str):
        return document
    given = parse_evidence(document)
    if not isinstance(given, PasskeyEvidence):
        raise MalformedEvidenceError("A session is opened by an SSH signature or by a passkey.")
    return given


def written_opening(opening: str | PasskeyEvidence) -> JSON:
    """Write what opened a session as `parse_opening` reads it."""
    return opening if isinstance(opening, str) else opening.document


def _read(text: object, name: str) -> bytes:
    if not isinstance(text, str) or len(text) > _LONGEST_OF_A_PASSKEY:
        raise MalformedEvidenceError(
            f"`{name}` of the passkey's evidence is text of at most {_LONGEST_OF_A_PASSKEY} "
            "characters."
        )
    return read_base64url(text, f"`{name}` of the passkey's evidence")
