"""What of an entry may be erased, and by whom (DESIGN §3, rule 6; records 35 and 38).

An entry is the record of the party whose official did the act. What all later acts are checked
by stays: of an act on no case neither what it says is erased, nor whose it was.
"""

from __future__ import annotations

from collections.abc import Mapping

from placet.registry import Duty
from placet.review.authority import Desk
from placet.review.commands import CASE_COMMANDS, NO_CASE_COMMANDS, Erase
from placet.review.errors import UnknownError, UnlawfulError

__all__ = ["must_be_erasable"]

_STAYS = frozenset({"actor", "payload"})


def must_be_erasable(desk: Desk, command: Erase, shown: Mapping[str, object]) -> None:
    """Refuse to erase what rests on no act of a person, on another's record, or carries others.

    Args:
        desk: who would erase, in which context.
        command: the erasure.
        shown: what the entry shows, by field; nothing where there is none that the actor knows.

    Raises:
        UnknownError: there is no such entry of a person, or those whose record it is have others
            for it: it reads the same.
        UnlawfulError: its payload or actor is to go, and it is an act on no case.
    """
    kind, person = shown.get("kind"), shown.get("actor")
    if (kind not in CASE_COMMANDS and kind not in NO_CASE_COMMANDS) or not _keeps(desk, person):
        raise UnknownError(
            f"There is no entry {command.entry} of which you could erase something: it takes the "
            "duty of records for the party whose official did the act."
        )
    if kind in NO_CASE_COMMANDS and _STAYS.intersection(command.fields):
        raise UnlawfulError(
            f"Entry {command.entry} is {kind}, and later acts are checked by it: neither its "
            "payload nor its actor is erased. Its evidence can be; what it says, a later act "
            "corrects."
        )


def _keeps(desk: Desk, person: object) -> bool:
    """Say whether the actor keeps the records of a party that a person acts or acted for.

    Who it was may be erased already.
    """
    parties = desk.parties_of(person) if isinstance(person, str) else ()
    if not parties:
        return desk.has(Duty.RECORDS)
    return any(desk.has(Duty.RECORDS, desk.whose(Duty.RECORDS, each)) for each in parties)
