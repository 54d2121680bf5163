"""Status lists: which permits are revoked or suspended (Token Status List, draft-21).

A list has one status per permit, packed into bits from the least significant one up (§4), and is
published as a signed token (§5.1). It says how things stood when it was signed. We add the
claim `version`: every version is an entry of the log, so a list shown to one reader only is
found out.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from placet.ledger import JSON
from placet.permit.errors import (
    ChangedKeyError,
    MalformedPermitError,
    StatusError,
    UnfitPermitError,
)
from placet.permit.keys import PermitKey, PermitVerifierKey
from placet.permit.spelling import (
    from_seconds,
    read_base64url,
    read_uri,
    seconds_of,
    write_base64url,
)
from placet.permit.tokens import open_token, sign_token

__all__ = [
    "LARGEST_LIST",
    "LARGEST_STATUS_TOKEN",
    "STATUS_TYPE",
    "Status",
    "StatusList",
    "StatusListToken",
    "issue_status_token",
    "open_status_token",
    "read_status",
]

STATUS_TYPE = "statuslist+jwt"

LARGEST_LIST = 2 << 20
"""The most bytes of an unpacked list: eight million permits."""

LARGEST_STATUS_TOKEN = 4 << 20
"""The most bytes of a status list token."""

_BITS = (1, 2, 4, 8)
_BLOCK = 256  # bytes of two lists that are compared at once
_CLAIMS = frozenset({"exp", "iat", "status_list", "sub", "ttl", "version"})


class Status(IntEnum):
    """How a permit stands in a list (§7.1)."""

    VALID = 0
    INVALID = 1
    """Revoked or surrendered, for good."""
    SUSPENDED = 2
    """Not to be used while this lasts."""


@dataclass(frozen=True, slots=True)
class StatusList:
    """Statuses by index, `bits` to each, packed (§4). Immutable."""

    bits: int
    packed: bytes

    def __post_init__(self) -> None:
        if self.bits not in _BITS:
            raise MalformedPermitError(f"A status has 1, 2, 4 or 8 bits, not {self.bits}.")
        if not 0 < len(self.packed) <= LARGEST_LIST:
            raise MalformedPermitError(
                f"A status list has from 1 to {LARGEST_LIST} bytes, not {len(self.packed)}."
            )

    @classmethod
    def of(cls, size: int, bits: int = 2) -> StatusList:
        """Make a list with room for at least so many permits, all valid."""
        return cls(bits, bytes(-(-size * bits // 8)))

    @property
    def size(self) -> int:
        """How many statuses there are; always whole bytes of them."""
        return len(self.packed) * 8 // self.bits

    def status(self, idx: int) -> Status:
        """Return a status.

        Raises:
            StatusError: the index is beyond the list, or the status is none of ours.
        """
        value = self._value(idx)
        try:
            return Status(value)
        except ValueError:
            raise StatusError(
                f"The status {value} at index {idx} has no meaning here; ask the issuer."
            ) from None

    def with_status(self, idx: int, value: Status) -> StatusList:
        """Return a list with one status changed."""
        return self.with_statuses({idx: value})

    def with_statuses(self, changes: Mapping[int, Status]) -> StatusList:
        """Return a list with statuses changed, by index.

        Raises:
            StatusError: an index is beyond the list.
            UnfitPermitError: a status does not fit into the bits of this list.
        """
        packed = bytearray(self.packed)
        for idx, value in changes.items():
            if value >> self.bits:
                raise UnfitPermitError(f"{value.name} does not fit into {self.bits} bits.")
            place, shift = self._place(idx)
            mask = ((1 << self.bits) - 1) << shift
            packed[place] = packed[place] & ~mask | value << shift
        return StatusList(self.bits, bytes(packed))

    def differing(self, other: StatusList) -> Iterator[int]:
        """Yield the indices at which another list, of the same size, has another status."""
        for start in range(0, len(self.packed), _BLOCK):
            if self.packed[start : start + _BLOCK] != other.packed[start : start + _BLOCK]:
                end = min((start + _BLOCK) * 8 // self.bits, self.size)
                for idx in range(start * 8 // self.bits, end):
                    if self._value(idx) != other._value(idx):
                        yield idx

    def compress(self) -> str:
        """Return the list as its `lst`: ZLIB at the highest level, in base64url (§4.1).

        Other builds of zlib may write other bytes; what counts is what they unpack to.
        """
        return write_base64url(zlib.compress(self.packed, 9))

    @classmethod
    def parse(cls, bits: int, lst: str) -> StatusList:
        """Unpack a list; one that would unpack to more than 2 MiB is refused half way."""
        data = read_base64url(lst, "The status list")
        unpacking = zlib.decompressobj()
        try:
            packed = unpacking.decompress(data, LARGEST_LIST + 1)
        except zlib.error as error:
            raise MalformedPermitError(f"The status list cannot be unpacked: {error}.") from None
        if len(packed) > LARGEST_LIST:
            raise MalformedPermitError(f"The status list unpacks to more than {LARGEST_LIST}.")
        if not unpacking.eof or unpacking.unused_data:
            raise MalformedPermitError("The status list is cut off, or something follows it.")
        return cls(bits, packed)

    def _place(self, idx: int) -> tuple[int, int]:
        if not 0 <= idx < self.size:
            raise StatusError(f"The index {idx} is beyond this list of {self.size} statuses.")
        return idx * self.bits // 8, idx * self.bits % 8

    def _value(self, idx: int) -> int:
        place, shift = self._place(idx)
        return self.packed[place] >> shift & ((1 << self.bits) - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusListToken:
    """One version of a list: where it is published, when it was signed, until when it may serve.

    `ttl` is in seconds: fetch a newer one when it is that old. At `expires_at` it says nothing
    any more.
    """

    uri: str
    statuses: StatusList
    issued_at: datetime
    expires_at: datetime
    ttl: int
    version: int

    def __post_init__(self) -> None:
        try:
            read_uri(self.uri)
        except ValueError as error:
            raise MalformedPermitError(f"The status list cannot be named: {error}.") from None
        if self.expires_at <= self.issued_at or self.ttl < 1 or self.version < 1:
            raise MalformedPermitError(
                "A status list expires after it was issued, and its ttl and version count from 1."
            )


def issue_status_token(token: StatusListToken, key: PermitKey) -> str:
    """Sign a version of a status list (§5.1)."""
    statuses: dict[str, JSON] = {"bits": token.statuses.bits, "lst": token.statuses.compress()}
    claims: dict[str, JSON] = {
        "exp": seconds_of(token.expires_at, "The end of the status list"),
        "iat": seconds_of(token.issued_at, "The time of the status list"),
        "status_list": statuses,
        "sub": token.uri,
        "ttl": token.ttl,
        "version": token.version,
    }
    return sign_token(STATUS_TYPE, claims, key, LARGEST_STATUS_TOKEN)


def open_status_token(token: str | bytes, keys: Collection[PermitVerifierKey]) -> StatusListToken:
    """Check that a status list is authentic (§8.3). Whether it is fresh is for the reader to ask.

    Raises:
        MalformedPermitError: it is no status list in its one spelling, or unpacks to too much.
        NotAuthenticError: no known key signed it.
        ChangedKeyError: the key that signed it was changed since.
    """
    opened = open_token(token, STATUS_TYPE, keys, LARGEST_STATUS_TOKEN)
    if opened.key.until is not None:
        raise ChangedKeyError(
            f"the status list is signed with a key that {opened.key.issuer} has changed since, and "
            "who still has that key could sign any list, of any time. Get a newer one."
        )
    claims = opened.claims
    match claims:
        case {
            "status_list": {"bits": int(bits), "lst": str(lst), **more},
            "sub": str(uri),
            "ttl": int(ttl),
            "version": int(version),
        } if not more and set(claims) == _CLAIMS and _whole(bits, ttl, version):
            return StatusListToken(
                uri=uri,
                statuses=StatusList.parse(bits, lst),
                issued_at=from_seconds(claims["iat"], "The claim iat"),
                expires_at=from_seconds(claims["exp"], "The claim exp"),
                ttl=ttl,
                version=version,
            )
    raise MalformedPermitError(
        "The claims of a status list are exp, iat, status_list with bits and lst, sub, ttl and "
        "version, each of its type, and nothing else."
    )


def read_status(token: str | bytes, keys: Collection[PermitVerifierKey], idx: int) -> Status:
    """Return the status at an index of a signed list, as of when it was signed.

    Raises:
        MalformedPermitError, NotAuthenticError: as `open_status_token`.
        StatusError: the index is beyond the list, or the status is none of ours.
    """
    return open_status_token(token, keys).statuses.status(idx)


def _whole(*numbers: int) -> bool:
    """Tell whether these are numbers: JSON's true is none, though Python counts it as 1."""
    return not any(isinstance(each, bool) for each in numbers)
