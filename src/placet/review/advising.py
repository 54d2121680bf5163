"""Advice: recommendations of teams, dissent from them, countersignatures, and stepping aside.

Advice never changes what the rules say. An office that decides for a party does not advise it.
"""

from __future__ import annotations

from collections.abc import Iterator

from placet.registry import Duty
from placet.review.case import AdviceOnFile, Case, DissentOnFile, Role, Stage
from placet.review.commands import Advise, Countersign, Dissent, Recuse
from placet.review.consent import opened, settled
from placet.review.errors import NoAuthorityError, RepeatedError, UnknownError, UnlawfulError
from placet.review.event import Event
from placet.review.kinds import applying, performing
from placet.review.parties import reviewing
from placet.review.scene import Applier, Performer, Scene

__all__ = ["APPLIERS", "PERFORMERS", "advisory_offices"]


def advisory_offices(scene: Scene) -> frozenset[str]:
    """Return the offices that may advise on a case.

    Those that a rule names, to advise or to be consulted, and every office of a reviewing party
    that does not itself decide.
    """
    offices = scene.context.registry.record.offices
    needs = scene.case.determined.needs.values() if scene.case.determined else ()
    named = {each for need in needs for each in need.advice_from}
    named |= {str(step["consult"]) for need in needs for step in need.steps if "consult" in step}
    deciding = {each.office for need in needs for each in need.by}
    parties = reviewing(scene)
    own = {key for key, office in offices.items() if office.party in parties}
    return frozenset((own - deciding) | (named & offices.keys()))


def advise(scene: Scene, command: Advise) -> Event:
    """Record what an office recommends; it supersedes what the office said of the same before.

    Raises:
        UnknownError: there is no such office; names those of the actor that may advise.
        NoAuthorityError: the office does not advise on this case, or the actor does not hold it.
    """
    scene.must_stand_at(Stage.UNDER_REVIEW)
    may = advisory_offices(scene)
    if command.office not in may:
        own = sorted(may & scene.offices)
        if command.office not in scene.context.registry.record.offices:
            yours = f" Yours that may advise here: {', '.join(own)}." if own else ""
            raise UnknownError(f"There is no office {command.office[:80]}.{yours}")
        raise NoAuthorityError(f"{command.office} does not advise on this case.", own or may)
    scene.must_hold(command.office)
    party = scene.context.party_of(command.office)
    scene.must_take(Role.ADVISER, party)
    return scene.done(command, {"for": party, "role": Role.ADVISER.value})


def _advised(case: Case, command: Advise, event: Event) -> Case:
    given = AdviceOnFile(
        office=command.office,
        party=event.found["for"],
        person=event.actor,
        at=event.at,
        round=case.round,
        stance=command.stance,
        says=command.says,
    )
    before = (
        each.model_copy(update={"superseded_at": event.at}) if _speaks(case, each, given) else each
        for each in case.advice
    )
    return case.model_copy(update={"advice": (*before, given)})


def _speaks(case: Case, advice: AdviceOnFile, of: AdviceOnFile) -> bool:
    """Say whether advice on file is what an office says so far of what is now under review."""
    return advice.office == of.office and advice.superseded_at is None and _is_of_now(case, advice)


def _is_of_now(case: Case, advice: AdviceOnFile) -> bool:
    return advice.round == case.round and advice.at >= opened(case)


def _advice(scene: Scene, number: int) -> AdviceOnFile:
    """Return advice that speaks of what is now under review.

    Raises:
        UnknownError: there is none of that number.
        UnlawfulError: it was given before the request read as it does, or in another round; or its
            office has said something else since.
    """
    if number >= len(scene.case.advice):
        raise UnknownError(f"The case has no advice {number}.")
    advice = scene.case.advice[number]
    if not _is_of_now(scene.case, advice):
        raise UnlawfulError("This advice was given on what is no longer asked.")
    if advice.superseded_at is not None:
        raise UnlawfulError(f"{advice.office} has given other advice since; speak to that.")
    return advice


def dissent(scene: Scene, command: Dissent) -> Event:
    """Record that another official of the same office, or of another that advises the same party.

    Raises:
        NoAuthorityError: the actor is none.
        RepeatedError: it is their own advice, or they have dissented from it.
    """
    scene.must_stand_at(Stage.UNDER_REVIEW, Stage.DECIDED)
    advice = _advice(scene, command.advice)
    offices = scene.context.registry.record.offices
    advisory = advisory_offices(scene)
    of_party = {each for each in advisory if offices[each].party == advice.party}
    may = {advice.office, *of_party}
    if not scene.offices & may:
        raise NoAuthorityError(f"{scene.actor} is not of those who advise {advice.party}.", may)
    if scene.actor in (advice.person, *(each.person for each in advice.dissents)):
        raise RepeatedError(f"{scene.actor} gave this advice or has dissented from it.")
    scene.must_take(Role.ADVISER, advice.party)
    return scene.done(command, {"for": advice.party, "role": Role.ADVISER.value})


def _dissented(case: Case, command: Dissent, event: Event) -> Case:
    advice = case.advice[command.advice]
    said = DissentOnFile(person=event.actor, at=event.at, says=command.says)
    changed = advice.model_copy(update={"dissents": (*advice.dissents, said)})
    return _with_advice(case, command.advice, changed)


def _with_advice(case: Case, number: int, advice: AdviceOnFile) -> Case:
    every = (*case.advice[:number], advice, *case.advice[number + 1 :])
    return case.model_copy(update={"advice": every})


def countersign(scene: Scene, command: Countersign) -> Event:
    """Confirm advice as a second person: of the same office, or a case officer of its party.

    Raises:
        NoAuthorityError: the actor is neither.
        UnlawfulError: it is their own advice.
        RepeatedError: it is countersigned.
    """
    scene.must_stand_at(Stage.UNDER_REVIEW)
    advice = _advice(scene, command.advice)
    may = tuple(_countersigning(scene, advice))
    if scene.offices.isdisjoint(may):
        raise NoAuthorityError(f"{scene.actor} may not countersign for {advice.office}.", may)
    if advice.person == scene.actor:
        raise UnlawfulError("Nobody countersigns their own advice.")
    if advice.countersigned_by is not None:
        raise RepeatedError(f"{advice.countersigned_by} has countersigned this advice.")
    scene.must_take(Role.COUNTERSIGNER, advice.party)
    return scene.done(command, {"for": advice.party, "role": Role.COUNTERSIGNER.value})


def _countersigning(scene: Scene, advice: AdviceOnFile) -> Iterator[str]:
    yield advice.office
    yield from scene.context.offices_with(Duty.CASES, advice.party)


def _countersigned(case: Case, command: Countersign, event: Event) -> Case:
    advice = case.advice[command.advice].model_copy(update={"countersigned_by": event.actor})
    return _with_advice(case, command.advice, advice)


def recuse(scene: Scene, command: Recuse) -> Event:
    """Step aside. What the person did before stays on file.

    What they decided is owed again, where no permit was issued on it.
    """
    return scene.done(command, {"for": min(scene.parties)})


def _recused(case: Case, _: Recuse, event: Event) -> Case:
    officer = None if case.officer == event.actor else case.officer
    recused = (*case.recused, event.actor)
    found = case.model_copy(update={"recused": recused, "officer": officer})
    if case.stage not in (Stage.UNDER_REVIEW, Stage.DECIDED):
        return found
    return found.model_copy(update={"stage": settled(found, event.at)})


PERFORMERS: dict[str, Performer] = dict(
    [
        performing(Advise, advise),
        performing(Dissent, dissent),
        performing(Countersign, countersign),
        performing(Recuse, recuse),
    ]
)

APPLIERS: dict[str, Applier] = dict(
    [
        applying(Advise, _advised),
        applying(Dissent, _dissented),
        applying(Countersign, _countersigned),
        applying(Recuse, _recused),
    ]
)
