"""Seeing: what the person signed in may know, and nothing more (DESIGN §3, need to know)."""

from __future__ import annotations

from collections.abc import Iterator

from placet.errors import QuestionError
from placet.operations.house import House, SignedIn
from placet.operations.proving import receipt
from placet.permit import PermitFile
from placet.review import (
    Case,
    UnknownError,
    View,
    Viewer,
    view,
    viewer,
)
from placet.review.inbox import Waiting, inbox
from placet.review.permit_view import PermitView, view_permit
from placet.review.view import no_such_case
from placet.review.viewer import relation

__all__ = [
    "permit_file",
    "see_case",
    "see_cases",
    "see_inbox",
    "see_permit",
    "status_list",
    "viewer_of",
]


def viewer_of(house: House, who: SignedIn) -> Viewer:
    """Return the person signed in as a viewer, with the offices they hold now."""
    return viewer(house.reading.context(), who.person, house.clock.now())


def see_case(house: House, who: SignedIn, case: str) -> View:
    """Return a case as the person signed in sees it.

    Raises:
        UnknownError: there is no such case, or they have no part in it: it reads the same.
    """
    return view(_case(house, case), viewer_of(house, who))


def see_cases(house: House, who: SignedIn, *, open_only: bool = True) -> Iterator[View]:
    """Yield the cases that the person signed in has a part in, the latest moved first."""
    looking = viewer_of(house, who)
    for case in house.reading.cases(open_only=open_only):
        if relation(case, looking):
            yield view(case, looking)


def see_inbox(house: House, who: SignedIn) -> tuple[Waiting, ...]:
    """Return what waits for the person signed in, the oldest first."""
    cases = house.reading.cases(open_only=True)
    return inbox(cases, viewer_of(house, who), house.clock.now())


def see_permit(house: House, who: SignedIn, permit: str) -> PermitView:
    """Return a permit with whether it holds now: dates, quantity left, suspension, every ground.

    Raises:
        UnknownError: there is no such permit, or they have no part in its case: it reads the same.
    """
    looking = viewer_of(house, who)
    try:
        case = house.reading.case_of_permit(permit)
        return view_permit(case, permit, house.reading.context(), looking, house.clock.now())
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


def status_list(house: House) -> str:
    """Return the latest signed status list: it is public, and names no permit.

    Raises:
        QuestionError: there is none yet.
    """
    found = house.reading.status_list()
    if found is None:
        raise QuestionError("There is no status list yet: no permit was issued.")
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


def _case(house: House, case: str) -> Case:
    try:
        return house.reading.case(case)
    except UnknownError:
        raise no_such_case(case) from None
