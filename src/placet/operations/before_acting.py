"""Before an act is filled in: whether it is the person's at all, and if not, who could do it."""

from __future__ import annotations

from collections.abc import Mapping

from placet.operations.house import House, SignedIn
from placet.operations.seeing import viewer_of
from placet.review import UnknownError
from placet.review.lawful import Desk
from placet.review.offers import Offer
from placet.review.theirs import Barred, barred, barred_on, open_to
from placet.review.view import Sight, no_such_case, sight

__all__ = ["bars", "ways"]


def bars(
    house: House, who: SignedIn, kind: str, case: str | None, settled: Mapping[str, str]
) -> Barred | None:
    """Return why the person signed in does not begin an act; None where they may.

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
        return barred(Desk(context, who.person, at, who.office), kind)
    return barred_on(_eyes(house, who, case), context, kind, settled, at)


def ways(
    house: House, who: SignedIn, kind: str, case: str, settled: Mapping[str, str]
) -> tuple[Offer, ...]:
    """Return in which ways the person signed in may do an act on a case now.

    Raises:
        UnknownError: there is no such case, or they have no part in it: it reads the same.
    """
    context, at = house.reading.context(), house.clock.now()
    return open_to(_eyes(house, who, case), context, kind, settled, at)


def _eyes(house: House, who: SignedIn, case: str) -> Sight:
    looking = viewer_of(house, who)
    try:
        held = house.reading.case(case)
    except UnknownError:
        raise no_such_case(case) from None
    return sight(held, looking)
