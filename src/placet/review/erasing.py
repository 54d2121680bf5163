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

__all__ = ["must_be_erasable", "must_have_documents"]

_STAYS = frozenset({"actor", "payload"})
_ERASABLE = ("actor", "evidence", "payload")


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


def must_have_documents(command: Erase, shown: Mapping[str, object]) -> None:
    """Refuse to erase the documents of an entry that has none: it would be told that they are gone.

    Where one was erased on record that never was, nothing was lost; so no audit asks for this.

    Args:
        command: the erasure.
        shown: what the entry shows, by field, to whoever may erase of it.

    Raises:
        UnknownError: it brought none, or they went with its payload; says what there is.
    """
    if "documents" not in command.fields:
        return
    match shown.get("payload"):
        case {"command": {"attachments": [_, *_]}}:
            return
    stays = _STAYS if shown.get("kind") in NO_CASE_COMMANDS else frozenset()
    left = [name for name in _ERASABLE if name in shown and name not in stays]
    there = f"what can be erased of it is {', '.join(left)}" if left else "nothing of it is left"
    raise UnknownError(f"Entry {command.entry} has no documents to be erased; {there}.")


def _keeps(desk: Desk, person: object) -> bool:
    """Say whether the actor keeps the records of a party that a person acts or acted for.

    Who it was may be erased already.
    """
    parties = desk.parties_of(person) if isinstance(person, str) else ()
    if not parties:
        return desk.has(Duty.RECORDS)
    return any(desk.has(Duty.RECORDS, desk.whose(Duty.RECORDS, each)) for each in parties)
