"""By which id a new thing goes on record: one that tells nothing of what others have there.

Whoever could choose an id would be told, by a refusal, that there is something of that name. These
rules bind who acts from here on, and no act that is on record: an audit does not ask for them.
"""

from __future__ import annotations

from placet.operations.house import House
from placet.review import Command, UnknownError, UnlawfulError
from placet.review.commands import RecordFact

__all__ = ["must_be_drawn", "must_bear_its_party", "none_to_file_under"]


def must_be_drawn(house: House, case: str) -> None:
    """Refuse a reference to file under that was not drawn, or that a case has.

    Raises:
        UnlawfulError: the same, whichever it is, and whosever the case.
    """
    if house.references.could_draw("C", case):
        try:
            house.reading.case(case)
        except UnknownError:
            return
    raise none_to_file_under(case)


def none_to_file_under(case: str) -> UnlawfulError:
    """Return the refusal of a reference that is not one to file under."""
    return UnlawfulError(
        f"{case[:120]} is no reference to file under: leave `case` out, and the register draws "
        "one; or give the one that the statement was made with, once."
    )


def must_bear_its_party(command: Command) -> None:
    """Refuse an id for a stock that does not say whose stock it is.

    Raises:
        UnlawfulError: it begins otherwise.
    """
    if not isinstance(command, RecordFact) or command.section != "stock" or command.supersedes:
        return
    party = command.record.get("party")
    if isinstance(party, str) and not command.id.startswith(begins := f"{party.lower()}-"):
        raise UnlawfulError(
            f"{command.id[:120]} is no id for a stock of {party[:120]}: it begins with `{begins}`."
        )
