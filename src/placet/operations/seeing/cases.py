"""Cases: one case as the person signed in may know it, and nothing more (DESIGN §3)."""

from __future__ import annotations

from placet.need_to_know import View, view
from placet.need_to_know.stands import stands_at
from placet.need_to_know.view import advice_at, no_such_case, sight
from placet.operations.house import House, SignedIn, viewer_of
from placet.review import Case, UnknownError

__all__ = [
    "advice_seen",
    "how_it_stands",
    "see_case",
]


def see_case(house: House, who: SignedIn, case: str) -> View:
    """Return a case as the person signed in sees it.

    Raises:
        UnknownError: there is no such case, or they have no part in it: it reads the same.
    """
    looking = viewer_of(house, who)  # first, so that both refusals ask the same questions
    return view(_case(house, case), looking)


def how_it_stands(house: House, who: SignedIn, case: str) -> str:
    """Return how a case stands now, in the word that lists have for it.

    Raises:
        UnknownError: there is no such case, or they have no part in it: it reads the same.
    """
    context, now = house.reading.context(), house.clock.now()
    looking = who.looking(context, now)
    return stands_at(sight(_case(house, case), looking), context, now)


def advice_seen(house: House, who: SignedIn, case: str, number: str) -> int:
    """Return the place in a case of a piece of advice by the number that its viewer sees.

    Raises:
        UnknownError: they see no such advice, or no such case.
    """
    seen = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else -1
    return advice_at(_case(house, case), viewer_of(house, who), seen)


def _case(house: House, case: str) -> Case:
    try:
        return house.reading.case(case)
    except UnknownError:
        raise no_such_case(case) from None
