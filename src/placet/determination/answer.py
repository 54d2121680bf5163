"""The determination: the reasoned result as data, with its canonical bytes and digest.

A determination is never a bare boolean. Its canonical form is RFC 8785 JSON
(integers only, NFC text, instants in UTC); the digest is the SHA-256 of those
bytes. The same inputs under the same semantics give the same bytes anywhere.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from placet.canonical import canonical_json

__all__ = [
    "SEMANTICS",
    "AdviceGiven",
    "Authority",
    "DelegationSeen",
    "Determination",
    "FactUsed",
    "Flag",
    "LineAnswer",
    "OpenQuestion",
    "Outstanding",
    "PartyAnswer",
    "Required",
    "Reviewer",
    "RightFound",
    "RuleHeard",
    "SetAside",
    "Stage",
    "earlier_semantics",
]

OF_THE_REQUEST = frozenset({"readings-differ"})
"""The flags that are about the request itself, by its name."""

_CIRCUMSTANCES = frozenset({"at", "known_at", "context"})
SEMANTICS = "placet-1"
"""The version of the evaluation semantics. A change of it is itself a recorded act."""

EARLIER_SEMANTICS: tuple[str, ...] = ()
"""The versions before it, by which earlier programs judged: answers by these may differ today."""


def earlier_semantics() -> tuple[str, ...]:
    """Return the semantics by which earlier programs judged."""
    return EARLIER_SEMANTICS


@dataclass(frozen=True, slots=True)
class Flag:
    """Something a reader must know about the answer: its kind, what it is about, and a sentence."""

    flag: str
    about: str
    says: str

    def naming(self, request: str) -> Flag:
        """Return the same flag of another request."""
        return Flag(self.flag, request, self.says) if self.flag in OF_THE_REQUEST else self


@dataclass(frozen=True, slots=True)
class Reviewer:
    """An office that decides, by how many persons, and whether only the office itself may."""

    office: str
    title: str
    persons: int
    reserved: bool


@dataclass(frozen=True, slots=True)
class Required:
    """A verdict as data. `by` names the deciding offices; provisos and the rest are plain data."""

    outcome: str
    by: tuple[Reviewer, ...]
    provisos: tuple[Mapping[str, Any], ...]
    steps: tuple[Mapping[str, Any], ...]
    provided: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class FactUsed:
    """A fact that the answer hangs on, with its grade and sources."""

    fact: str
    grade: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RightFound:
    """A connection that counts: its basis, its path, the facts it hangs on, what it amounts to."""

    line: str
    basis: str
    item: str
    activity: str
    path: tuple[str, ...]
    through: tuple[str, ...]
    lot: str
    agreement: str
    standing: str
    certain: bool
    outcome: str
    because: str
    facts: tuple[FactUsed, ...]


@dataclass(frozen=True, slots=True)
class RuleHeard:
    """A rule that bears on the answer: to what effect, in every completion or only in some."""

    rule: str
    policy: str
    title: str
    effect: str
    certain: bool
    then: str
    because: str
    cite: tuple[str, ...]
    undeclared: bool
    standing: bool
    grade: str
    note: str


@dataclass(frozen=True, slots=True)
class AdviceGiven:
    """Advice that is on record: by whom, for or against, and why. It never changes the outcome."""

    party: str
    by: str
    stance: str
    because: str
    rule: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DelegationSeen:
    """A delegation of a deciding office, and whether it counts."""

    delegation: str
    to: str
    counts: bool
    grade: str
    because: str


@dataclass(frozen=True, slots=True)
class Authority:
    """Who may act for a deciding office at the moment."""

    office: str
    title: str
    holders: tuple[str, ...]
    delegations: tuple[DelegationSeen, ...]


@dataclass(frozen=True, slots=True)
class PartyAnswer:
    """What one party's rules say. `outcome` is `open` where the open questions decide it."""

    party: str
    name: str
    outcome: str
    at_least: Required
    at_most: Required
    by: tuple[str, ...]
    reserved: bool
    because: str
    waits_for: tuple[str, ...]
    rights: tuple[RightFound, ...]
    rules: tuple[RuleHeard, ...]
    certain: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """One party's stage of the route: who advises, what is done, who decides, after whom.

    `circle` says that the party waits for itself through others.
    """

    party: str
    by: tuple[str, ...]
    reserved: bool
    advice_from: tuple[str, ...]
    steps: tuple[Mapping[str, Any], ...]
    waits_for: tuple[str, ...]
    circle: bool


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """The outcome of one line, which may be decided on its own."""

    line: str
    item: str
    outcome: str
    at_least: str
    at_most: str
    parties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SetAside:
    """A connection that a finding says gives no right."""

    finding: str
    party: str
    basis: str
    by: str
    because: str


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """An answer that is not given: what it asks, of whom, and whether it surely can matter."""

    key: str
    asks: str
    asked_of: str
    certain: bool
    stated: str


@dataclass(frozen=True, slots=True)
class Outstanding:
    """Something besides a consent that stands between the request and its execution."""

    kind: str
    about: str
    says: str


@dataclass(frozen=True)
class Determination:
    """The reasoned result for one request at one moment.

    `outcome` is `clear`, `review`, `refuse`, or `open` where completions
    differ; `at_least` and `at_most` bound it. `proceed` says that nothing but
    consents stands between the request and its execution.
    """

    request: str
    at: str
    known_at: str | None
    announced_only: bool
    context: str
    request_digest: str
    outcome: str
    at_least: str
    at_most: str
    interval: Mapping[str, Required]
    proceed: bool
    why_not: tuple[Outstanding, ...]
    parties: tuple[PartyAnswer, ...]
    route: tuple[Stage, ...]
    lines: tuple[LineAnswer, ...]
    open_questions: tuple[OpenQuestion, ...]
    provisos: tuple[Mapping[str, Any], ...]
    steps: tuple[Mapping[str, Any], ...]
    provided: tuple[Mapping[str, Any], ...]
    advice: tuple[AdviceGiven, ...]
    authority: tuple[Authority, ...]
    set_aside: tuple[SetAside, ...]
    flags: tuple[Flag, ...]
    facts: tuple[FactUsed, ...]
    semantics: str = SEMANTICS

    def plain(self) -> dict[str, Any]:
        """Return the determination as plain data: dicts, lists, text, integers and booleans."""
        return dict(self._data)

    @cached_property
    def _data(self) -> dict[str, Any]:
        return {item.name: _plain(getattr(self, item.name)) for item in dataclasses.fields(self)}

    @cached_property
    def _members(self) -> dict[str, bytes]:
        """The members of the canonical form, each as it is written, in their order there."""
        return {name: _member(name, each) for name, each in sorted(self._data.items())}

    def naming(
        self, request: str, request_digest: str, at: str, known_at: str | None
    ) -> Determination:
        """Return the same answer for a request that is alike, at a moment that is (`precedents`).

        What is not named anew is shared with this answer, as it is and as it is written.
        """
        named: dict[str, Any] = {
            "request": request,
            "request_digest": request_digest,
            "at": at,
            "known_at": known_at,
        }
        if request != self.request:
            flags = tuple([each.naming(request) for each in self.flags])
            if flags != self.flags:
                named["flags"] = flags
        plain = {name: _plain(each) for name, each in named.items()}
        written = {name: _member(name, each) for name, each in plain.items()}
        fields = {name: vars(self)[name] for name in _FIELDS}
        found = object.__new__(Determination)
        vars(found).update(
            fields | named, _data=self._data | plain, _members=self._members | written
        )
        return found

    @cached_property
    def substance(self) -> str:
        """The digest of what it says apart from its moment and its context.

        It changes only where the answer does.
        """
        return self.digest_apart_from(_CIRCUMSTANCES)

    def digest_apart_from(self, names: Container[str]) -> str:
        """Return the digest of its canonical bytes without some members."""
        members = (each for name, each in self._members.items() if name not in names)
        return _sha256(b"{%s}" % b",".join(members))

    def canonical(self) -> bytes:
        """Return the canonical bytes (RFC 8785)."""
        return b"{%s}" % b",".join(self._members.values())

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the canonical bytes, as `sha256:` and 64 hexadecimal digits."""
        return _sha256(self.canonical())

    def party(self, party: str) -> PartyAnswer | None:
        """Return what one party's rules say, or None if the party has no say."""
        return next((each for each in self.parties if each.party == party), None)


_FIELDS = tuple(each.name for each in dataclasses.fields(Determination))


def _member(name: str, value: Any) -> bytes:
    return b'"%s":%s' % (name.encode(), canonical_json(value))


def _sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {item.name: _plain(getattr(value, item.name)) for item in fields}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return value
