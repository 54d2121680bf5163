"""Steps and conditions precedent: recorded as done by whose they are, and taken back by them.

An assurance can be taken back, the act of an office, and the record that a step was taken or an
event came about where that was a mistake: by whoever could record it. Nothing is struck out; what
was recorded stays, counts no more, and what rests on it falls in the same act (rule 8).
"""

from __future__ import annotations

from placet.registry import Duty
from placet.review.case import UNDECIDED, Assurance, Case, Fulfilment, Role, Stage
from placet.review.commands import Fulfil, Retract
from placet.review.consent import ACT, ASSURANCE, fulfillable, opened
from placet.review.consenting import as_liaison
from placet.review.errors import UnknownError, UnlawfulError
from placet.review.event import Event
from placet.review.kinds import applying, performing
from placet.review.parties import act_with, witnessing
from placet.review.scene import Applier, Performer, Scene

__all__ = ["APPLIERS", "PERFORMERS"]


def fulfil(scene: Scene, command: Fulfil) -> Event:
    """Record that a step was taken or a condition precedent came true.

    It counts for the party that asks for it, whose officers record it; where that keeps no desk
    here, those who lead the case do, but for the applicant's side. An office of this register acts
    by whoever holds it.

    Raises:
        NoAuthorityError: the act of an office is recorded by one who does not hold it.
        TwoRolesError: by one who has another role, or an office on the applicant's side.
        NotAllowedError: the actor leads the case for no party that asks for it.
        UnknownError: nothing of that name is asked on this case.
        UnlawfulError: an office of this register is consulted, which is by its advice.
    """
    scene.must_stand_at(Stage.UNDER_REVIEW, Stage.DECIDED, Stage.PERMITTED)
    return scene.done(command, _whose(scene, command.need))


def _whose(scene: Scene, need: str) -> dict[str, object]:
    """Let the actor say that something was done, or no longer is; return for which parties."""
    known, context = fulfillable(scene.case), scene.context
    asking = known.get(need, frozenset())
    what, _, office = need.rpartition(" ")
    here = bool(asking) and office in context.registry.record.offices
    if here and f"{what} " == ACT:
        scene.must_hold(office)
        party = context.party_of(office)
        scene.must_take(Role.DECIDER, party)
        return {"for": party, "role": Role.DECIDER.value, "counts-for": sorted(asking)}
    elsewhere = {each for each in asking if not context.offices_with(Duty.CASES, each)}
    leading = witnessing(scene) if elsewhere or not asking else frozenset()
    acting = act_with(scene, Duty.CASES, (asking - elsewhere) | leading)
    if not asking:
        asked = ", ".join(known) or "nothing that could be"
        raise UnknownError(f"Nothing named {need[:80]!r} is asked here; asked is {asked}.")
    if here and what == "consult":
        raise UnlawfulError(f"{office} is consulted by its advice: have it advise on the case.")
    return {**acting, "counts-for": sorted(asking & {acting["for"], *elsewhere})}


def _fulfilled(case: Case, command: Fulfil, event: Event) -> Case:
    done = Fulfilment(
        need=command.need,
        parties=tuple(event.found["counts-for"]),
        instrument=command.instrument,
        person=event.actor,
        at=event.at,
    )
    return case.model_copy(update={"fulfilled": (*case.fulfilled, done)})


# --- taken back


def retract(scene: Scene, command: Retract) -> Event:
    """Take back an assurance, or what was recorded as done; what rests on it is suspended (rule 8).

    Raises:
        NoAuthorityError: the act of an office is taken back by one who does not hold it.
        NotAllowedError: the actor could not record it.
        UnknownError: nothing of that name is on file that the actor could have recorded.
        UnlawfulError: it names the consultation of an office here, which is by its advice.
    """
    scene.must_stand_at(*UNDECIDED, Stage.PERMITTED)
    need = command.need
    if need.startswith(ASSURANCE):
        found: dict[str, object] = {**as_liaison(scene, need.removeprefix(ASSURANCE))}
    else:
        found = _whose(scene, need)
    event = scene.done(command, found)
    case = scene.case
    given: list[Assurance | Fulfilment] = [*case.assurances, *case.fulfilled]
    if not any(_is_retracted(case, each, event) for each in given):
        raise UnknownError(f"There is no {need[:80]} on file in this round to be taken back.")
    return event


def _is_retracted(case: Case, given: Assurance | Fulfilment, event: Event) -> bool:
    """Say whether an act takes back what is on file: of an assurance, what the own party recorded.

    Others need not know of it.
    """
    if given.withdrawn_at is not None or given.at < opened(case):
        return False
    need = getattr(event.command, "need", "")
    if isinstance(given, Fulfilment):
        return given.need == need and not set(given.parties).isdisjoint(
            event.found.get("counts-for", ())
        )
    return f"{ASSURANCE}{given.party}" == need and given.recorded_for in (
        None,
        event.found["for"],
    )


def _retracted(case: Case, _: Retract, event: Event) -> Case:
    gone = {"withdrawn_at": event.at}
    assurances = tuple(
        each.model_copy(update=gone) if _is_retracted(case, each, event) else each
        for each in case.assurances
    )
    fulfilled = tuple(
        each.model_copy(update=gone) if _is_retracted(case, each, event) else each
        for each in case.fulfilled
    )
    return case.model_copy(update={"assurances": assurances, "fulfilled": fulfilled})


PERFORMERS: dict[str, Performer] = dict([performing(Fulfil, fulfil), performing(Retract, retract)])

APPLIERS: dict[str, Applier] = dict([applying(Fulfil, _fulfilled), applying(Retract, _retracted)])
