"""fold(): the case after an event. It never fails on an event that was performed."""

from __future__ import annotations

from placet.review import (
    advising,
    appeals,
    consenting,
    deciding,
    filing,
    fulfilling,
    issuing,
    leading,
    permits,
)
from placet.review.case import Case, Move, Role
from placet.review.errors import UnknownError
from placet.review.event import Event
from placet.review.falling import with_suspensions
from placet.review.scene import Applier

__all__ = ["fold"]

_APPLIERS: dict[str, Applier] = {
    **filing.APPLIERS,
    **leading.APPLIERS,
    **fulfilling.APPLIERS,
    **advising.APPLIERS,
    **deciding.APPLIERS,
    **consenting.APPLIERS,
    **appeals.APPLIERS,
    **issuing.APPLIERS,
    **permits.APPLIERS,
}


def fold(case: Case | None, event: Event) -> Case:
    """Return the case after an event; `case` is None before the event that opens it.

    Raises:
        UnknownError: the event is none of a case.
    """
    if case is None:
        moved = filing.filed(event)
    elif event.command.kind in _APPLIERS:
        moved = with_suspensions(_APPLIERS[event.command.kind](case, event), event)
    else:
        raise UnknownError(f"{event.command.kind} is no act on a case that is open.")
    role = event.found.get("role")
    return moved.model_copy(
        update={
            "version": moved.version + 1,
            "last": event.at,
            "moves": (*moved.moves, _move(event)),
            "roles": {event.actor: Role(role), **moved.roles} if role else moved.roles,
        }
    )


def _move(event: Event) -> Move:
    command = event.command
    party = getattr(command, "party", None) or event.found.get("for")
    said = (getattr(command, name, None) for name in ("says", "asks", "because"))
    says = next((each for each in said if isinstance(each, str)), "")
    return Move(
        kind=command.kind,
        person=event.actor,
        at=event.at,
        party=party,
        office=event.office,
        says=says,
        unchanged=event.found.get("unchanged", False),
    )
