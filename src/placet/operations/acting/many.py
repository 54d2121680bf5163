"""One act on several cases: each is its own act, with its own checks, entry and outcome.

Nothing is all or nothing: what is refused on one case is done on the next. Only acts whose text
can be the same for all are done so, and that nobody has to sign: who decides, issues or gives
advice has each case before their eyes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from placet.errors import PlacetError
from placet.need_to_know.offers import offers
from placet.need_to_know.view import no_such_case, sight
from placet.operations.acting.act import act
from placet.operations.house import House, SignedIn, viewer_of
from placet.operations.ports import Acknowledgement
from placet.review import UnknownError, UnlawfulError, command_of

__all__ = ["MANY", "MOST", "ActOnOne", "Prospect", "act_on_each", "prospects"]

MANY = ("determine", "assign", "ask", "set-deadline", "escalate", "return", "lapse", "close")
"""The acts that are done on several cases: those that lead a case, and are signed by a session."""

MOST = 50
"""Cases at once: as many as somebody still looks through."""


@dataclass(frozen=True)
class Prospect:
    """A case that was chosen, its request, and why the act would be refused, if it would."""

    case: str
    request: Mapping[str, Any]
    why: tuple[str, ...] = ()


@dataclass(frozen=True)
class ActOnOne:
    """What became of the act on one case: it is on record, or it was refused and nothing is."""

    case: str
    done: Acknowledgement | None = None
    refused: PlacetError | None = None


def prospects(house: House, who: SignedIn, kind: str, cases: Sequence[str]) -> tuple[Prospect, ...]:
    """Say on which of some cases an act is possible now, and why not on the others.

    A case that there is not reads as one that they have no part in.

    Raises:
        UnlawfulError: the act is not done on several cases, or they are too many or none.
    """
    _must_be_for_many(kind, cases)
    looking, context, at = viewer_of(house, who), house.reading.context(), house.clock.now()

    def prospect(name: str) -> Prospect:
        try:
            eyes = sight(house.reading.case(name), looking)
        except UnknownError:
            return Prospect(name[:80], {}, (str(no_such_case(name)),))
        offered = [each for each in offers(eyes, context, at) if each.act == kind]
        if any(each.possible for each in offered):
            return Prospect(eyes.case.id, eyes.case.request)
        why = dict.fromkeys(said for each in offered for said in each.why)
        return Prospect(eyes.case.id, eyes.case.request, tuple(why) or (_NOT_YOURS,))

    return tuple(map(prospect, dict.fromkeys(cases)))


_NOT_YOURS = "This is done by the offices that lead the case."


def act_on_each(
    house: House, who: SignedIn, kind: str, fields: Mapping[str, Any], cases: Sequence[str]
) -> tuple[ActOnOne, ...]:
    """Do an act on each of some cases, and say of each what became of it.

    Raises:
        UnlawfulError: the act is not done on several cases, or they are too many or none.
        UnknownError: the fields are not what the act takes; nothing was done on any case.
    """
    _must_be_for_many(kind, cases)
    command = command_of(kind, fields)

    def outcome(case: str) -> ActOnOne:
        try:
            return ActOnOne(case, done=act(house, who, command, case=case))
        except PlacetError as error:
            return ActOnOne(case, refused=error)

    return tuple(map(outcome, dict.fromkeys(cases)))


def _must_be_for_many(kind: str, cases: Sequence[str]) -> None:
    if kind not in MANY:
        raise UnlawfulError(
            f"The act {kind[:80]!r} is not done on several cases at once: its text is about one "
            f"case, and is read with it. On several are done: {', '.join(MANY)}."
        )
    if not 1 <= len(set(cases)) <= MOST:
        raise UnlawfulError(
            f"{len(set(cases))} cases are chosen. Choose at least one, and {MOST} at most."
        )
