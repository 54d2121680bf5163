"""Consent of others: foreign decisions and assurances as recorded, and the withdrawal of any.

A liaison official attests what a foreign government decided elsewhere, from its instrument. A party
whose own offices are held here decides here. Whoever holds the office that decided here takes its
decision back.
"""

from __future__ import annotations

from placet.registry import Duty
from placet.review.case import (
    Assurance,
    Case,
    DecisionOnFile,
    Role,
    Stage,
)
from placet.review.commands import RecordAssurance, RecordConsent, Verdict, WithdrawConsent
from placet.review.consent import awaited, counting, settled
from placet.review.deciding import (
    decided_lines,
    must_be_ahead,
    must_be_current,
    must_be_open_to_approval,
    on_file,
    text_of,
    with_decision,
)
from placet.review.errors import NotAllowedError, RepeatedError, UnknownError, UnlawfulError
from placet.review.event import Event
from placet.review.kinds import applying, performing
from placet.review.parties import act_with, decides_here, witnessing
from placet.review.scene import Applier, Performer, Scene
from placet.review.viewer import sides_of

__all__ = ["APPLIERS", "PERFORMERS", "as_liaison"]

_RESTING = (Stage.UNDER_REVIEW, Stage.DECIDED, Stage.PERMITTED)


def record_consent(scene: Scene, command: RecordConsent) -> Event:
    """Record a foreign decision from its instrument.

    It may be of a party without a say of its own, where a condition precedent asks for it.

    Raises:
        NotAllowedError: the actor is no liaison official of another party with a say, or the party
            decides here; names its offices.
        UnknownError: the party has no part in the case.
        UnlawfulError: the decision is the liaison's own party's, or dated in the future.
        RepeatedError: a decision of that party on those lines is on file.
        StaleError: it was recorded on another determination, or what it says has changed.
    """
    scene.must_stand_at(Stage.UNDER_REVIEW, Stage.DECIDED)
    acting = as_liaison(scene, command.party)
    case, at = scene.case, scene.at
    needs = case.determined.needs if case.determined else {}
    need = needs.get(command.party)
    if need is None and command.party not in awaited(case):
        raise UnknownError(
            f"{command.party} has no say on this case, and no condition asks for it."
        )
    if need is not None and (here := decides_here(scene.context, need, at)):
        raise NotAllowedError(
            f"{command.party} decides in this register. Recorded from an instrument is what is "
            "decided elsewhere.",
            here,
        )
    if command.given_on.first > at:
        raise UnlawfulError("The instrument is dated in the future.")
    lines = decided_lines(scene, command)
    substance = must_be_current(scene, command.determination)
    must_be_ahead(command.until, at)
    if need is not None and command.verdict is Verdict.APPROVE:
        must_be_open_to_approval(scene, need, lines)
    earlier = [each for each in counting(case, at) if each.party == command.party and each.external]
    if any(set(each.lines) & set(lines) for each in earlier):
        raise RepeatedError(f"A decision of {command.party} is on file; withdraw that one first.")
    text = text_of(command, None, lines, command.instrument)
    found = {**acting, "lines": list(lines), "text": text, "substance": substance}
    return scene.done(command, found)


def as_liaison(scene: Scene, about: str) -> dict[str, str]:
    """Let the actor record another party's word: never of one for which they act in any office.

    Nor do those on the applicant's side, who want it.

    Raises:
        NotAllowedError: they are no liaison official of another party with a say, or act on the
            applicant's side.
        UnlawfulError: they act for the party.
    """
    own = scene.context.parties_of(scene.actor, scene.at)
    if about in own:
        raise UnlawfulError(f"{scene.actor} acts for {about}, which decides for itself.")
    parties = witnessing(scene) - {about}
    if side := own & sides_of(scene.case):
        could = [name for each in sorted(parties) for name in _liaisons(scene, each)]
        raise NotAllowedError(
            f"{scene.actor} acts for {min(side)}, on the applicant's side, which attests nobody "
            "else's word. A liaison official of another party with a say does; where none has "
            "people here, whoever leads the case calls an office in, by a deadline for it.",
            could,
        )
    return act_with(scene, Duty.LIAISON, parties)


def _liaisons(scene: Scene, party: str) -> tuple[str, ...]:
    return scene.context.offices_with(Duty.LIAISON, party)


def _consent_recorded(case: Case, command: RecordConsent, event: Event) -> Case:
    given = on_file(case, command, event, command.instrument)
    external = {
        "instrument": command.instrument,
        "instrument-digest": command.instrument_digest,
        "given-by": command.given_by,
        "given-on": str(command.given_on),
    }
    with_it = {"external": external, "attachments": command.attachments}
    return with_decision(case, given.model_copy(update=with_it))


def record_assurance(scene: Scene, command: RecordAssurance) -> Event:
    """Record an assurance. It is never an approval.

    Raises:
        NotAllowedError: the actor is no liaison official of a party with a say.
        UnknownError: there is no such party.
    """
    scene.must_stand_at(Stage.SUBMITTED, *_RESTING)
    if command.party not in scene.context.registry.states:
        raise UnknownError(f"{command.party[:80]} is no party.")
    return scene.done(command, as_liaison(scene, command.party))


def _assurance_recorded(case: Case, command: RecordAssurance, event: Event) -> Case:
    given = Assurance(
        party=command.party,
        given_by=command.given_by,
        says=command.says,
        instrument=command.instrument,
        recorded_by=event.actor,
        recorded_for=event.found["for"],
        at=event.at,
    )
    return case.model_copy(update={"assurances": (*case.assurances, given)})


# --- withdrawal


def withdraw_consent(scene: Scene, command: WithdrawConsent) -> Event:
    """Take a decision or consent back, and suspend every permit that rests on it (rule 8).

    An official who holds the deciding office withdraws what it decided; a liaison official what
    a foreign government did. Without an office the external consent is meant.

    Raises:
        UnknownError: there is no such decision on file in this round.
    """
    ended = (Stage.REFUSED, Stage.RETURNED)
    scene.must_stand_at(Stage.SUBMITTED, *_RESTING, *ended)
    if command.office is None:
        acting = as_liaison(scene, command.party)
    else:
        scene.must_hold(command.office)
        scene.must_take(Role.DECIDER, command.party)
        acting = {"role": Role.DECIDER.value}
    if not any(_is_withdrawn(scene.case, each, command) for each in scene.case.decisions):
        what = command.office or "an external consent"
        raise UnknownError(f"No decision of {command.party} by {what} is on file in this round.")
    return scene.done(command, acting)


def _is_withdrawn(case: Case, decision: DecisionOnFile, command: WithdrawConsent) -> bool:
    return (
        decision.party == command.party
        and decision.office == command.office
        and decision.round == case.round
        and decision.withdrawn_at is None
    )


def _consent_withdrawn(case: Case, command: WithdrawConsent, event: Event) -> Case:
    decisions = tuple(
        each.model_copy(update={"withdrawn_at": event.at})
        if _is_withdrawn(case, each, command)
        else each
        for each in case.decisions
    )
    found = case.model_copy(update={"decisions": decisions})
    if case.stage not in _RESTING:
        return found
    return found.model_copy(update={"stage": settled(found, event.at)})


PERFORMERS: dict[str, Performer] = dict(
    [
        performing(RecordConsent, record_consent),
        performing(RecordAssurance, record_assurance),
        performing(WithdrawConsent, withdraw_consent),
    ]
)

APPLIERS: dict[str, Applier] = dict(
    [
        applying(RecordConsent, _consent_recorded),
        applying(RecordAssurance, _assurance_recorded),
        applying(WithdrawConsent, _consent_withdrawn),
    ]
)
