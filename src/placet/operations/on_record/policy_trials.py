"""A policy tried on real requests: those of the latest cases that somebody has a part in.

Each is determined anew, on the day and by the rules that are asked about, with what its viewer may
know; what comes out is what the rules of this policy say of it. It changes nothing, and no case is
determined by it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from placet.determination import Determination
from placet.errors import RequestError
from placet.need_to_know.desk import Tab
from placet.need_to_know.knowing import known_answer, own_parties
from placet.operations.house import House, SignedIn, viewer_of
from placet.operations.seeing.desks import Narrowed, see_lines
from placet.review.case import Case
from placet.review.viewer import relation

__all__ = ["ON_EACH_TAB", "Spoke", "Trial", "tried"]

ON_EACH_TAB = 10
"""Of how many cases on each tab the requests are tried: so it asks no more as lists grow."""


@dataclass(frozen=True)
class Spoke:
    """What a rule of a policy says of a request: to what effect, with what outcome, if any."""

    rule: str
    effect: str
    then: str


@dataclass(frozen=True)
class Trial:
    """What the rules of a policy say of a case's request; `problem` says why it was not tried."""

    case: str
    title: str
    rules: tuple[Spoke, ...] = ()
    problem: str = ""


def tried(house: House, who: SignedIn, party: str, policy: str, day: datetime) -> tuple[Trial, ...]:
    """Return what a policy says on a day of the latest requests that somebody has a part in."""
    narrowed = (Narrowed(tab, most=ON_EACH_TAB) for tab in (Tab.TEAM, Tab.OTHERS, Tab.CLOSED))
    lines = (line for each in narrowed for line in see_lines(house, who, each))
    cases = {line.case.id: line.case for line in lines}
    looking, context, now = viewer_of(house, who), house.reading.context(), house.clock.now()

    def answered(case: Case) -> Determination:
        return known_answer(case, context, own_parties(case, relation(case, looking)), day, now)

    prefix = f"{party}/{policy}/"
    return tuple(_of(case, answered, prefix) for case in cases.values())


def _of(case: Case, answered: Callable[[Case], Determination], prefix: str) -> Trial:
    title = str(case.request.get("title") or "")
    try:
        answer = answered(case)
    except RequestError as error:
        return Trial(case.id, title, problem=str(error))
    heard = (
        Spoke(each.rule.removeprefix(prefix), each.effect, each.then or "")
        for party in answer.parties
        for each in party.rules
        if each.rule.startswith(prefix)
    )
    return Trial(case.id, title, tuple(dict.fromkeys(heard)))
