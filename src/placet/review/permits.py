"""What is done with a permit once it is issued: given back, suspended, revoked, narrowed, checked.

A permit is under the hand of the parties that it rests on; not of the party that holds it or acts
by it, though that was itself among those asked. How a use is reported, and how the glass is
broken, stands in `uses` and `emergency`.
"""

from __future__ import annotations

from datetime import datetime

from placet.registry import Duty
from placet.review.case import (
    Case,
    EndUseCheck,
    PermitOnFile,
    PermitStage,
    Role,
    Suspension,
    Terms,
    TermsLine,
)
from placet.review.commands import Amend, CheckEndUse, Lift, Revoke, Surrender, Suspend
from placet.review.deciding import must_limit
from placet.review.emergency import APPLIERS as _EMERGENCY_APPLIERS
from placet.review.emergency import PERFORMERS as _EMERGENCY_PERFORMERS
from placet.review.errors import (
    NotAllowedError,
    OwedError,
    RepeatedError,
    StageError,
    UnknownError,
    UnlawfulError,
)
from placet.review.event import Event
from placet.review.grounds import failing, falls, live
from placet.review.kinds import applying, performing
from placet.review.limits import narrowed
from placet.review.parties import act_with
from placet.review.permit_files import must_be_new, parties_behind, with_permit
from placet.review.scene import Applier, Performer, Scene
from placet.review.uses import APPLIERS as _USES_APPLIERS
from placet.review.uses import PERFORMERS as _USES_PERFORMERS
from placet.review.validity import open_suspensions, used

__all__ = ["APPLIERS", "PERFORMERS", "holding"]


def _live(scene: Scene, name: str) -> PermitOnFile:
    """Return a permit that neither an act nor time has ended.

    Raises:
        StageError: it has been ended, or is over.
        UnknownError: the case has no such permit.
    """
    permit = scene.permit(name)
    if not live(permit, scene.at):
        over = permit.stage in (PermitStage.ISSUED, PermitStage.SUSPENDED)
        how = f"over since {permit.terms.until.isoformat()}" if over else permit.stage
        raise StageError(f"The permit {name} is {how}; nothing more is done with it.")
    return permit


def _controlled(scene: Scene, permit: PermitOnFile) -> dict[str, str]:
    """Let the actor act on a permit, for a party it rests on; return for which, in what role."""
    return act_with(scene, Duty.PERMITS, parties_behind(permit))


# --- the holder


def surrender(scene: Scene, command: Surrender) -> Event:
    """Give a permit back.

    Raises:
        NotAllowedError: the actor does not act for the party that holds it.
        StageError: it has been ended, or is over.
    """
    permit = _live(scene, command.permit)
    return scene.done(command, holding(scene, permit.terms))


def holding(scene: Scene, terms: Terms) -> dict[str, str]:
    """Let the actor act for the party that holds a permit; return for which, in what role.

    Raises:
        NotAllowedError: they do not act for it, or have another role.
    """
    return act_with(scene, Duty.APPLICATIONS, (terms.holder,), Role.APPLICANT)


def _surrendered(case: Case, command: Surrender, event: Event) -> Case:
    return _ended(case, command, event, PermitStage.SURRENDERED)


def _ended(case: Case, command: Surrender | Revoke, event: Event, stage: PermitStage) -> Case:
    ended = {"stage": stage, "ended_at": event.at, "ended_because": command.because}
    return with_permit(case, case.permits[command.permit].model_copy(update=ended))


# --- those it rests on


def suspend(scene: Scene, command: Suspend) -> Event:
    """Suspend a permit until it is lifted.

    Raises:
        NotAllowedError: the actor controls permits for no party that it rests on.
        RepeatedError: that party has suspended it.
        StageError: it has been ended, or is over.
    """
    permit = _live(scene, command.permit)
    acting = _controlled(scene, permit)
    if any(each.party == acting["for"] for each in open_suspensions(permit, scene.at)):
        raise RepeatedError(f"{acting['for']} has suspended {command.permit} already.")
    return scene.done(command, acting)


def _suspended(case: Case, command: Suspend, event: Event) -> Case:
    permit = case.permits[command.permit]
    why = Suspension(at=event.at, by=event.actor, because=command.because, party=event.found["for"])
    changed = {"stage": PermitStage.SUSPENDED, "suspensions": (*permit.suspensions, why)}
    return with_permit(case, permit.model_copy(update=changed))


def lift(scene: Scene, command: Lift) -> Event:
    """Lift a suspension, where everything the permit rests on holds again.

    A party takes back its own order, and no other's: the permit is in force when none is left.

    Raises:
        NotAllowedError: the actor controls permits for no party that it rests on, or another
            ordered the suspension.
        OwedError: with every ground that does not hold.
        StageError: the permit is not suspended, has been ended, or is over.
    """
    permit = _live(scene, command.permit)
    if permit.stage is not PermitStage.SUSPENDED and not open_suspensions(permit, scene.at):
        raise StageError(f"The permit {command.permit} is not suspended by any act.")
    acting = _lifting(scene, permit)
    owed = [why for _, why in failing(permit, scene.case, scene.context, scene.at)]
    if owed:
        raise OwedError("What the permit rests on does not hold again.", dict.fromkeys(owed))
    return scene.done(command, acting)


def _lifting(scene: Scene, permit: PermitOnFile) -> dict[str, str]:
    """Let the actor act for a party that ordered a suspension, or for any where an act fell it."""
    acting = _controlled(scene, permit)
    by = {each.party for each in open_suspensions(permit, scene.at)}
    ordered = {each for each in by if each is not None}
    if own := {each for each in ordered if scene.has(Duty.PERMITS, each)}:
        return act_with(scene, Duty.PERMITS, own)
    if None in by:
        return acting
    raise NotAllowedError(
        f"Nothing that suspends {permit.permit} was ordered by a party of {scene.actor}'s. Whoever "
        "ordered it takes it back.",
        [name for each in sorted(ordered) for name in _licensing(scene, each)],
    )


def _licensing(scene: Scene, party: str) -> tuple[str, ...]:
    return scene.context.offices_with(Duty.PERMITS, party)


def _lifted(case: Case, command: Lift, event: Event) -> Case:
    permit, mine = case.permits[command.permit], (None, event.found["for"])
    begun = tuple(each for each in permit.falling if each.at <= event.at)
    suspensions = tuple(
        each.model_copy(update={"lifted_at": event.at})
        if each.lifted_at is None and each.party in mine
        else each
        for each in (*permit.suspensions, *begun)
    )
    falling = tuple(each for each in permit.falling if each not in begun)
    found = permit.model_copy(update={"suspensions": suspensions, "falling": falling})
    stage = PermitStage.SUSPENDED if open_suspensions(found, event.at) else PermitStage.ISSUED
    return with_permit(case, found.model_copy(update={"stage": stage}))


def revoke(scene: Scene, command: Revoke) -> Event:
    """Revoke a permit for good; an office that decided, or broke the glass, for it may do so too.

    Raises:
        NotAllowedError: the actor neither controls permits for a party that it rests on, nor
            holds an office that decided or broke the glass.
        StageError: it has been ended, or is over.
    """
    permit = _live(scene, command.permit)
    offices = (each for each in permit.grounds if each.kind in ("decision", "break-glass"))
    decided = [each for each in offices if each.by in scene.offices]
    officer = any(scene.has(Duty.PERMITS, each) for each in parties_behind(permit))
    if decided and (not officer or scene.case.roles.get(scene.actor) is Role.DECIDER):
        scene.must_take(Role.DECIDER, decided[0].party)
        return scene.done(command, {"for": decided[0].party, "role": Role.DECIDER.value})
    return scene.done(command, _controlled(scene, permit))


def _revoked(case: Case, command: Revoke, event: Event) -> Case:
    return _ended(case, command, event, PermitStage.REVOKED)


def check_end_use(scene: Scene, command: CheckEndUse) -> Event:
    """Record an end-use check; also of a permit that is over.

    Raises:
        NotAllowedError: the actor controls permits for no party that it rests on.
    """
    return scene.done(command, _controlled(scene, scene.permit(command.permit)))


def _checked(case: Case, command: CheckEndUse, event: Event) -> Case:
    check = EndUseCheck(
        permit=command.permit,
        person=event.actor,
        at=event.at,
        result=command.result,
        says=command.says,
    )
    return case.model_copy(update={"checks": (*case.checks, check)})


# --- narrower terms


def amend(scene: Scene, command: Amend) -> Event:
    """Replace a permit by a narrower one. Wider terms need a new decision.

    The permit's own terms are narrowed, whatever was asked for: each limit lies within what it
    was. What was suspended stays so, and what was used stays used.

    Raises:
        NotAllowedError: the actor controls permits for no party that it rests on.
        RepeatedError: the new permit's name or its place on the status list is taken.
        StageError: the permit has been ended, or is over.
        UnknownError: a quantity or a proviso is of a line that the permit does not have.
        UnlawfulError: it would be wider in anything, change nothing, allow less than was used, or
            is of an emergency, which is reviewed and not amended.
    """
    permit = _live(scene, command.permit)
    acting = _controlled(scene, permit)
    must_be_new(scene, command.replacement, command.status)
    if permit.emergency:
        raise UnlawfulError("An emergency permit is not amended; revoke it, and decide the case.")
    if not command.provisos and not command.quantities and command.until is None:
        raise UnlawfulError("The replacement would say the same: nothing in it is narrower.")
    terms = _narrowed(scene, permit, command)
    if terms.model_copy(update={"from_": permit.terms.from_}) == permit.terms:
        raise UnlawfulError("The replacement would say the same: nothing in it is narrower.")
    return scene.done(command, {**acting, "terms": terms.plain()})


def _narrowed(scene: Scene, permit: PermitOnFile, command: Amend) -> Terms:
    old = permit.terms
    start, last = max(old.from_, scene.at), _last(scene, permit)
    end = command.until or last
    if last < end <= old.until:
        raise UnlawfulError(
            f"The permit cannot last until {end.isoformat()}: what it rests on ends at "
            f"{last.isoformat()}."
        )
    if not start < end <= old.until:
        raise UnlawfulError(
            f"A permit until {old.until.isoformat()} is narrowed to an end before then and after "
            "it begins. A later end needs a new decision; to end it now, revoke it."
        )
    must_limit(command.provisos, {each.line for each in old.lines})
    drawn = narrowed(old, command.provisos, scene.context.registry)
    fewest = {each.line: each.quantity for each in drawn.lines}
    lines = _fewer(scene, permit, command, fewest)
    return drawn.model_copy(update={"lines": lines, "from_": start, "until": end})


def _last(scene: Scene, permit: PermitOnFile) -> datetime:
    """Return until when a permit lasts at most: one that holds now, while all it rests on does."""
    sooner = falls(permit, scene.case, scene.context, scene.at)
    return permit.terms.until if sooner in (None, scene.at) else sooner


def _fewer(
    scene: Scene, permit: PermitOnFile, command: Amend, drawn: dict[str, int | None]
) -> tuple[TermsLine, ...]:
    """Return the lines of a permit with no more of each than before, and no less than was used."""
    held = {each.line: each for each in permit.terms.lines}
    for line, quantity in sorted(command.quantities.items()):
        if line not in held:
            raise UnknownError(f"The permit {permit.permit} has no line {line[:80]}.")
        most = held[line].quantity
        if most is not None and quantity > most:
            raise UnlawfulError(f"{quantity} of {line} are more than {most}: decide it anew.")
    found = []
    for name, each in held.items():
        bounds = (each.quantity, command.quantities.get(name), drawn.get(name))
        fewest = min((one for one in bounds if one is not None), default=None)
        spent = used(permit, scene.case, name)
        if fewest is not None and fewest < spent:
            raise UnlawfulError(
                f"{spent} of {name} have been used, so {fewest} would be less than what was. "
                "Revoke the permit instead."
            )
        found.append(each.model_copy(update={"quantity": fewest}))
    return tuple(found)


def _amended(case: Case, command: Amend, event: Event) -> Case:
    old = case.permits[command.permit]
    replaced = {
        "stage": PermitStage.AMENDED,
        "superseded_by": command.replacement,
        "ended_at": event.at,
        "ended_because": command.because,
    }
    issued = {
        "permit": command.replacement,
        "status": command.status,
        "terms": Terms.model_validate(event.found["terms"]),
        "issued_by": event.actor,
        "issued_at": event.at,
        "supersedes": old.permit,
    }
    found = with_permit(case, old.model_copy(update=replaced))
    return with_permit(found, old.model_copy(update=issued))


PERFORMERS: dict[str, Performer] = {
    **dict(
        [
            performing(Surrender, surrender),
            performing(Suspend, suspend),
            performing(Lift, lift),
            performing(Revoke, revoke),
            performing(CheckEndUse, check_end_use),
            performing(Amend, amend),
        ]
    ),
    **_USES_PERFORMERS,
    **_EMERGENCY_PERFORMERS,
}
"""What performs each act on a permit, reports of use and emergencies included."""

APPLIERS: dict[str, Applier] = {
    **dict(
        [
            applying(Surrender, _surrendered),
            applying(Suspend, _suspended),
            applying(Lift, _lifted),
            applying(Revoke, _revoked),
            applying(CheckEndUse, _checked),
            applying(Amend, _amended),
        ]
    ),
    **_USES_APPLIERS,
    **_EMERGENCY_APPLIERS,
}
"""What applies each of them to a case."""
