"""Permits: those somebody has a part in, one on paper, and what anybody may ask of one.

The public question needs no sign-in: whoever holds a permit's token learns whether we signed it,
what it allows, and whether it is valid now, by the same computation that the review goes by.
Whoever does not hold the token learns nothing, not even whether there is such a permit.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from placet.errors import QuestionError
from placet.need_to_know.permit_view import (
    PermitView,
    WholePermit,
    told_publicly,
    view_permit,
    whole_permit,
)
from placet.need_to_know.view import sight
from placet.operations.answers import NowValid
from placet.operations.house import House, SignedIn, viewer_of
from placet.operations.log.proving import receipt
from placet.permit import (
    PermitFile,
    PermitReading,
    PermitVerifierKey,
    SignedPermit,
    StaleStatusError,
    open_permit,
    verify_permit,
)
from placet.review import UnknownError, validity
from placet.review.viewer import relation

__all__ = [
    "PaperPermit",
    "PermitsSeen",
    "Verified",
    "paper_permit",
    "permit_file",
    "see_permit",
    "see_permits",
    "status_list",
    "verify_publicly",
]

LARGEST = 1 << 20
"""The most characters of a permit or permit file that are read."""


@dataclass(frozen=True)
class Verified:
    """What a permit is worth: what an offline verifier would say, and whether it is valid now.

    `now` is what this installation computes at `at`, and `why` are the reasons why the permit is
    not in force that whoever holds it may know: nobody's own. `whole_file` says that a permit file
    came, and not a token alone.
    """

    reading: PermitReading
    now: NowValid
    why: tuple[str, ...]
    at: datetime
    whole_file: bool


@dataclass(frozen=True)
class PaperPermit:
    """A permit as it is printed: what its holder is handed, and what stands on the page."""

    seen: WholePermit
    file: PermitFile
    signed: SignedPermit


@dataclass(frozen=True)
class PermitsSeen:
    """Some permits, and the case after which there are more; None at the end."""

    permits: tuple[PermitView, ...]
    after: str | None


def see_permits(
    house: House, who: SignedIn, count: int = 50, after: str | None = None
) -> PermitsSeen:
    """Return permits that the person signed in has a part in, the latest moved case first.

    Args:
        house: the house.
        who: the person signed in.
        count: of how many cases at most; those they have no part in are left out of these.
        after: the case after which to go on.
    """
    looking, context, now = viewer_of(house, who), house.reading.context(), house.clock.now()
    parties = None if looking.audits else looking.parties
    cases = house.reading.permitted(count, parties, after)
    found = [
        view_permit(case, name, context, looking, now)
        for case in cases
        if relation(case, looking)
        for name in reversed(case.permits)
    ]
    return PermitsSeen(tuple(found), cases[-1].id if len(cases) == count else None)


def paper_permit(
    house: House, who: SignedIn, permit: str, keys: Collection[PermitVerifierKey]
) -> PaperPermit:
    """Return a permit to print, its signature checked.

    Raises:
        UnknownError: there is no such permit on a case that they have a part in, or its token is
            not signed yet.
        PermitError: none of the keys signed it.
    """
    seen = see_permit(house, who, permit)
    file = permit_file(house, who, permit)
    return PaperPermit(seen, file, open_permit(file.permit, keys))


def verify_publicly(house: House, pasted: str, keys: Collection[PermitVerifierKey]) -> Verified:
    """Say what a pasted token, or a permit file, is worth; nobody needs to be signed in.

    The status list is ours and the latest, whatever list came along; one that has expired is
    as good as none. "Valid now" takes in what
    no list says: quantities left, and every consent and service that the permit rests on.

    Raises:
        PermitError: it is no permit, or not authentic.
        LedgerError: the receipt that came along does not show the entry in the log.
    """
    text = pasted.strip()[:LARGEST]
    whole = text.startswith("{")
    found = PermitFile.parse(text.encode())
    now = house.clock.now()
    offline = partial(
        verify_permit,
        found.permit,
        keys,
        at=now,
        receipt=found.receipt.encode() if found.receipt else None,
        log_keys=house.reading.log_keys(),
    )
    try:
        reading = offline(status_token=house.reading.status_list())
    except StaleStatusError:
        reading = offline()
    return Verified(reading, *_now(house, reading, keys, now), now, whole)


def _now(
    house: House, reading: PermitReading, keys: Collection[PermitVerifierKey], now: datetime
) -> tuple[NowValid, tuple[str, ...]]:
    """Say whether these very claims are of a permit of ours that is in force, and why it is not.

    The same claims may have been signed more than once: each of these tokens is the permit.
    """
    name = reading.permit.terms.id
    try:
        row = house.reading.permit_row(name)
        case = house.reading.case_of_permit(name)
    except UnknownError:
        return "not-ours", ()
    if row.token is None or open_permit(row.token, keys).digest != reading.permit.digest:
        return "not-ours", ()
    context = house.reading.context()
    if validity(case.permits[name], case, context, now).in_force:
        return "in-force", ()
    return "not-in-force", told_publicly(case, name, context, now)


def see_permit(house: House, who: SignedIn, permit: str) -> WholePermit:
    """Return a permit with whether it holds now, what stopped or ended it, and the uses reported.

    Raises:
        UnknownError: there is no such permit, or they have no part in its case: it reads the same.
    """
    # The context comes first, so that both refusals ask the same questions.
    context, now = house.reading.context(), house.clock.now()
    looking = who.looking(context, now)
    try:
        eyes = sight(house.reading.case_of_permit(permit), looking)
        places = house.reading.places_of_case(eyes.case.id)
        return whole_permit(eyes, permit, context, now, places)
    except UnknownError:
        name = f"{permit[:80]!r}"
        raise UnknownError(f"There is no permit {name} that you have a part in.") from None


def permit_file(house: House, who: SignedIn, permit: str) -> PermitFile:
    """Return a permit as a file to hand on: the token, the receipt of its issue, the status list.

    Raises:
        UnknownError: there is no such permit on a case that they have a part in, or its token is
            not signed yet.
    """
    seen = see_permit(house, who, permit)
    row = house.reading.permit_row(permit)
    if row.token is None:
        raise UnknownError(f"The permit {permit} is not signed yet; ask again in a moment.")
    issued = _issued_in(house, seen.case, permit)
    proof = receipt(house.reading, issued).decode()
    return PermitFile(row.token, proof, house.reading.status_list())


def status_list(house: House, at: datetime | None = None) -> str:
    """Return the latest signed status list: it is public, and names no permit.

    With `at` the version that was the latest at that moment, for whoever asks whether a permit
    stood when it was used.

    Raises:
        QuestionError: there is none yet, or was none then.
    """
    found = house.reading.status_list(at)
    if found is None:
        when = "There is no status list yet" if at is None else "There was no status list then"
        raise QuestionError(f"{when}: no permit was issued.")
    return found


def _issued_in(house: House, case: str, permit: str) -> int:
    """Return the place in the log of the act that issued a permit."""
    for each in house.reading.entries_of_case(case):
        payload = each.body.shown.get("payload") if each.body else None
        command = payload.get("command") if isinstance(payload, dict) else None
        kind = each.body.shown.get("kind") if each.body else None
        name = _ISSUES.get(str(kind))
        if name and isinstance(command, dict) and command.get(name) == permit:
            return each.index
    raise UnknownError(f"The act that issued the permit {permit} is erased or not in the log.")


_ISSUES = {"issue": "permit", "break-glass": "permit", "amend": "replacement"}
"""The acts by which permits come about, and the field that names the new one."""
