"""Before an act is filled in: whether it is the person's at all, and if not, who could do it."""

from __future__ import annotations

from collections.abc import Mapping

from placet.need_to_know.offered import Offer
from placet.need_to_know.theirs import Barred, barred, begun_on
from placet.need_to_know.view import Sight, no_such_case, sight
from placet.operations.house import House, SignedIn, viewer_of
from placet.review import UnknownError
from placet.review.lawful import Desk

__all__ = ["begun"]


def begun(
    house: House, who: SignedIn, kind: str, case: str | None, settled: Mapping[str, str]
) -> tuple[Barred | None, tuple[Offer, ...]]:
    """Return why the person signed in does not begin an act, or in which ways they may do it now.

    Of an act on no case there are no ways to choose among.

    Args:
        house: the installation.
        who: the person signed in.
        kind: which act.
        case: on which case; None for an act on none.
        settled: what is known of its fields.

    Raises:
        UnknownError: there is no such case, or they have no part in it: it reads the same.
    """
    context, at = house.reading.context(), house.clock.now()
    if case is None:
        return barred(Desk(context, who.person, at, who.office), kind), ()
    return begun_on(_eyes(house, who, case), context, kind, settled, at)


def _eyes(house: House, who: SignedIn, case: str) -> Sight:
    looking = viewer_of(house, who)
    try:
        held = house.reading.case(case)
    except UnknownError:
        raise no_such_case(case) from None
    return sight(held, looking)
