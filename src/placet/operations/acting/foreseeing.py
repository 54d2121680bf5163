"""Foreseeing: what an act would come to, before anybody signs it, by what does it afterwards."""

from __future__ import annotations

from dataclasses import dataclass

from placet.errors import RequestError
from placet.need_to_know import change_for, perform_for
from placet.need_to_know.telling import request_words
from placet.operations.acting.act import must_have_part
from placet.operations.acting.drafting import drafted
from placet.operations.house import House, SignedIn
from placet.operations.seeing.permit_terms import consents_of, limits_of
from placet.operations.seeing.permits import see_permit
from placet.permit import Consent, Limits
from placet.review import Command, ReviewError, fold

__all__ = [
    "Allowed",
    "Foreseen",
    "allowed",
    "foreseen",
    "foreseen_unfilled",
    "must_hold_together",
]


@dataclass(frozen=True)
class Foreseen:
    """What an act comes to: the request that it decides on, in a line, and the permit it makes.

    `consents` are those that the permit rests on. Of a report of use, `beyond` says in what it
    would be marked as beyond its permit, and `doubts` in what it may be.
    """

    asks: str = ""
    permit: Limits | None = None
    consents: tuple[Consent, ...] = ()
    beyond: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Allowed:
    """What a permit allows, and how many of each line are left; None where it sets no number."""

    limits: Limits
    remaining: dict[str, int | None]


def foreseen(house: House, who: SignedIn, command: Command, case: str) -> Foreseen:
    """Return what an act on a case would come to now. Nothing is recorded.

    Raises:
        ReviewError: the act could not be done.
    """
    must_have_part(house, who, command.kind, case)
    held, context = house.reading.case(case), house.reading.context()
    event = perform_for(held, context, command, who.person, house.clock.now(), who.office)
    if "beyond" in event.found:
        found = event.found
        return Foreseen(beyond=tuple(found["beyond"]), doubts=tuple(found["doubts"]))
    after = fold(held, event)
    new = (each for name, each in after.permits.items() if name not in held.permits)
    permit = next(new, None)
    if permit is None and "determination" not in type(command).model_fields:
        return Foreseen()
    asks = request_words(context.request(held.request), context.registry)
    if permit is None:
        return Foreseen(asks)
    return Foreseen(asks, limits_of(permit.terms), consents_of(after, permit))


def must_hold_together(house: House, who: SignedIn, command: Command) -> None:
    """Refuse a change of the context after which it would not hold together. Nothing is recorded.

    Raises:
        ReviewError: the act could not be done.
        ScenarioError: it would not; with every problem, by the field of book or registry.
    """
    context, at = house.reading.context(), house.clock.now()
    change_for(context, command, who.person, at, {}, who.office)


def foreseen_unfilled(house: House, who: SignedIn, kind: str, case: str) -> Foreseen:
    """Return what an act would come to if nothing was filled in; nothing where that is refused."""
    try:
        return foreseen(house, who, drafted(house, who, kind, case, {}), case)
    except (ReviewError, RequestError):
        return Foreseen()


def allowed(house: House, who: SignedIn, permit: str) -> Allowed:
    """Return what a permit allows, and what is left of it.

    Raises:
        UnknownError: there is no such permit, or they have no part in its case: it reads the same.
    """
    seen = see_permit(house, who, permit)
    on_file = house.reading.case(seen.case).permits[permit]
    return Allowed(limits_of(on_file.terms), dict(seen.remaining))
