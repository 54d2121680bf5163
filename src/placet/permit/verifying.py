"""Verifying a permit offline: what it says, and how much of that can be known here.

Whoever holds a permit, the issuer's public keys and a clock learns whether it is authentic and in
its window; with a status list, whether it stood when the list was signed; with a receipt and the
log's key, whether the act that issued it is in the log. Whether it is valid now, quantities left
and consents withdrawn since included, only the issuer can say.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from placet.ledger import (
    VerifiedReceipt,
    VerifierKey,
    WitnessPolicy,
    parse_receipt,
    verify_receipt,
)
from placet.permit.errors import (
    ChangedKeyError,
    NotAuthenticError,
    StaleStatusError,
    StatusError,
    UnfitPermitError,
)
from placet.permit.issuing import SignedPermit, open_permit
from placet.permit.keys import PermitVerifierKey
from placet.permit.spelling import seconds_of, write_instant
from placet.permit.status import Status, StatusListToken, open_status_token
from placet.permit.wording import sentences_of

__all__ = [
    "LEEWAY",
    "EntryStanding",
    "PermitReading",
    "Proven",
    "StatusReading",
    "verify_permit",
]

LEEWAY = timedelta(seconds=60)
"""How far a clock may be behind, for status lists, never for windows: the reader's behind the
issuer's, or that which dates lists behind that which dates permits."""


class Proven(Enum):
    """How a permit stands, as far as can be known offline. There is no plain yes."""

    CHANGED_KEY = "signed with a key that was changed since"
    IN_WINDOW = "authentic, in its window, and valid in the status list"
    UNCONFIRMED = "authentic and in its window; its status is not known"
    UNDATED = "authentic; no moment was given to compare its window with"
    NOT_YET = "authentic, but its window has not begun"
    EXPIRED = "authentic, but its window has ended"
    SUSPENDED = "authentic, but suspended"
    REVOKED = "authentic, but revoked"


class EntryStanding(Enum):
    """Whether the act that issued a permit is shown to be in the log."""

    PROVEN = "proven by a receipt"
    UNCHECKED = "a receipt is there, but no key of the log to check it with"
    UNPROVEN = "there is no receipt"


@dataclass(frozen=True, slots=True)
class StatusReading:
    """What a status list said, when it was signed, and which version it is."""

    status: Status
    as_of: datetime
    version: int


@dataclass(frozen=True, slots=True)
class PermitReading:
    """What is known of an authentic permit.

    `at` is the moment compared with, or None. `status` is None where no list was given.
    `receipt` is there where `entry` is PROVEN; it shows that the entry is in the log, not what
    the entry says: that, a disclosure shows.
    """

    permit: SignedPermit
    at: datetime | None
    standing: Proven
    reason: str
    status: StatusReading | None
    entry: EntryStanding
    receipt: VerifiedReceipt | None

    def sentences(self) -> tuple[str, ...]:
        """Say in plain words what is known, what the permit allows, and what is not known."""
        first, reason, *shown = self.proof()
        return (
            first,
            reason,
            *sentences_of(self.permit.terms),
            *shown,
            "Whether it is valid now, only the issuer can say.",
        )

    def proof(self) -> tuple[str, ...]:
        """Say what is shown of it: by whom it was signed, how it stands, and what the log has."""
        return (
            self._first_sentence(),
            self.reason,
            self._log_sentence(),
        )

    def _first_sentence(self) -> str:
        permit, terms = self.permit, self.permit.terms
        signed = f"signed it at {write_instant(permit.issued_at)} with the key {permit.key.kid}."
        if self.standing is Proven.CHANGED_KEY:
            return (
                f"Whether permit {terms.id} is authentic is not shown: who has the key that "
                f"{terms.issuer} used {signed}"
            )
        return f"Permit {terms.id} is authentic: {terms.issuer} {signed}"

    def _log_sentence(self) -> str:
        entry = self.permit.terms.entry
        if self.receipt is None:
            return (
                f"That the act of issue is in the log {entry.origin} is not shown: "
                f"{self.entry.value}."
            )
        tree, witnessing = self.receipt.checkpoint, self.receipt.witnessing
        seen = f" {witnessing}" if witnessing is not None else " No witness was asked for."
        return (
            f"The act of issue is entry {self.receipt.index} of the log {entry.origin}, shown by a "
            f"receipt for its first {tree.size} entries.{seen}"
        )


def verify_permit(
    token: str | bytes,
    keys: Collection[PermitVerifierKey],
    *,
    at: datetime | None = None,
    status_token: str | bytes | None = None,
    bundled: bool = False,
    max_status_age: timedelta | None = None,
    receipt: bytes | None = None,
    log_keys: Collection[VerifierKey] = (),
    witnesses: WitnessPolicy | None = None,
) -> PermitReading:
    """Read a permit offline (DESIGN §4).

    Args:
        token: the permit, with nothing before or after it.
        keys: the issuers' keys, known from elsewhere.
        at: the moment to compare with, as a rule now; None to compare with none.
        status_token: a version of the status list that the permit names.
        bundled: the list came in the permit's file, and every such list grows old: one that is too
            old is not refused, but no longer speaks for the permit. Against it, it still does. So
            also one that is later than `at`, or from before the permit: the place was nobody's.
        max_status_age: the oldest such version that will do; needs `at`.
        receipt: a receipt of the entry that issued the permit.
        log_keys: the keys of that entry's log, known from elsewhere; without any, a receipt is
            reported as unchecked.
        witnesses: who must have seen the log; None to ask for none, on purpose.

    Raises:
        MalformedPermitError: the permit or the list is not one, in its one spelling.
        NotAuthenticError: no known key of the issuer signed it, the receipt is another log's, or
            the key had been changed before the act of issue.
        StatusError: the list is another list, or is of a later moment and not bundled.
        StaleStatusError: the list is from before the permit, has expired or is older than
            `max_status_age`, and not bundled.
        UnfitPermitError: `at` is not in whole seconds with a time zone, or is needed and missing;
            or witnesses are asked for, and there is no receipt, or no key of the log.
        LedgerError: the receipt does not show the entry in the log, or too few witnesses saw it.
    """
    if at is not None:
        seconds_of(at, "The moment to compare with")
    elif max_status_age is not None:
        raise UnfitPermitError("The age of a status list needs a moment to count from; give one.")
    permit = open_permit(token, keys)
    status, listed = None, "Its status is not known: no status list was read."
    if status_token is not None:
        try:
            status = _status_of(permit, status_token, keys, at, bundled, max_status_age)
            listed = _listed(status)
        except StaleStatusError as error:
            if not bundled:
                raise
            listed = f"Its status is not known. {error}"
        except ChangedKeyError as error:
            listed = f"Its status is not known: {error}"
    entry, verified = _entry_of(permit, receipt, log_keys, witnesses)
    until = permit.key.until
    if until is not None and verified is not None and verified.index >= until:
        raise NotAuthenticError(
            f"The act that issued permit {permit.terms.id} is entry {verified.index} of the log, "
            f"and the key that signed the permit had been changed at {until} entries: not the "
            "issuer signed it."
        )
    if until is not None:
        standing, reason = Proven.CHANGED_KEY, _of_changed_key(until, listed)
    else:
        standing, reason = _standing_of(permit, at, status, listed)
    return PermitReading(permit, at, standing, reason, status, entry, verified)


def _status_of(
    permit: SignedPermit,
    token: str | bytes,
    keys: Collection[PermitVerifierKey],
    at: datetime | None,
    bundled: bool,
    max_age: timedelta | None,
) -> StatusReading:
    """Read the permit's place in a list, signed by the permit's issuer (draft-21 §8.3)."""
    own = [each for each in keys if each.issuer == permit.terms.issuer]
    found = open_status_token(token, own)
    if found.uri != permit.status.uri:
        raise StatusError(
            f"The permit's status is in {permit.status.uri}; this list is {found.uri}. Get the "
            "right one."
        )
    status = found.statuses.status(permit.status.idx)
    against = bundled and status is not Status.VALID
    if at is not None and found.issued_at > at + LEEWAY and not against:
        later = (
            f"was signed at {write_instant(found.issued_at)}, after the moment asked about, "
            f"{write_instant(at)}. Use the version of that time, or set the clock."
        )
        if bundled:
            raise StaleStatusError(f"The list that came with it {later}")
        raise StatusError(f"The status list {later}")
    which = "The list that came with it" if bundled else "The status list"
    if found.issued_at < permit.issued_at - LEEWAY and not against:
        raise StaleStatusError(
            f"{which} was signed at {write_instant(found.issued_at)}, before the permit was issued "
            f"at {write_instant(permit.issued_at)}, and says nothing of it; ask for a newer one."
        )
    if at is not None and not against:
        _must_be_recent(found, at, max_age, which)
    return StatusReading(status, found.issued_at, found.version)


def _must_be_recent(
    found: StatusListToken, at: datetime, max_age: timedelta | None, which: str
) -> None:
    if at >= found.expires_at:
        raise StaleStatusError(
            f"{which} expired at {write_instant(found.expires_at)}; ask for a newer one."
        )
    if max_age is not None and at - found.issued_at > max_age:
        raise StaleStatusError(
            f"{which}, of {write_instant(found.issued_at)}, is older than {max_age} at "
            f"{write_instant(at)}; ask for a newer one."
        )


def _entry_of(
    permit: SignedPermit,
    receipt: bytes | None,
    log_keys: Collection[VerifierKey],
    witnesses: WitnessPolicy | None,
) -> tuple[EntryStanding, VerifiedReceipt | None]:
    standing = EntryStanding.UNPROVEN if receipt is None else EntryStanding.UNCHECKED
    if witnesses is not None and (receipt is None or not log_keys):
        raise UnfitPermitError(
            "Witnesses cosign the log, and say nothing of a permit that is not shown to be in it: "
            f"{standing.value}."
        )
    if receipt is None:
        return standing, None
    parsed = parse_receipt(receipt)
    if not log_keys:
        return standing, None
    entry = permit.terms.entry
    verified = verify_receipt(parsed, entry.entry, log_keys, witnesses)
    if verified.checkpoint.origin != entry.origin:
        raise NotAuthenticError(
            f"The permit was issued in the log {entry.origin}; the receipt is of "
            f"{verified.checkpoint.origin}."
        )
    return EntryStanding.PROVEN, verified


def _of_changed_key(until: int, listed: str) -> str:
    return (
        f"That key was changed when the log had {until} entries. Who still has it could sign this "
        "today, with any terms and any time in it, and the receipt of another permit beside it. "
        "The issuer signed with its next key what it had issued and not ended: ask for the "
        f"permit's file anew. {listed}"
    )


def _standing_of(
    permit: SignedPermit, at: datetime | None, status: StatusReading | None, listed: str
) -> tuple[Proven, str]:
    """Weigh what is known: revoked for good, then over, then suspended, then not begun."""
    terms = permit.terms
    until = write_instant(terms.until)
    found = status.status if status is not None else None
    if found is Status.INVALID:
        return Proven.REVOKED, f"It permits nothing. {listed}"
    if at is not None and at >= terms.until:
        return Proven.EXPIRED, f"It permits nothing: its window ended at {until}. {listed}"
    if found is Status.SUSPENDED:
        return Proven.SUSPENDED, f"It permits nothing until the issuer says so. {listed}"
    if at is None:
        return Proven.UNDATED, f"Its window was compared with no moment. {listed}"
    moment, begins = write_instant(at), max(terms.start, permit.issued_at)
    if at < begins:
        start = write_instant(begins)
        text = f"At {moment} it permits nothing yet: it holds from {start} on. {listed}"
        return Proven.NOT_YET, text
    standing = Proven.UNCONFIRMED if found is None else Proven.IN_WINDOW
    return standing, f"At {moment} it is in its window, which ends at {until}. {listed}"


_SAYS = {Status.VALID: "valid", Status.INVALID: "revoked", Status.SUSPENDED: "suspended"}


def _listed(status: StatusReading) -> str:
    return (
        f"Version {status.version} of the status list, signed at {write_instant(status.as_of)}, "
        f"says that it is {_SAYS[status.status]}."
    )
