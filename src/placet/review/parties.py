"""Which parties lead a case, which stand behind the request, and for which somebody acts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from placet.determination import Determination
from placet.registry import Duty, Request
from placet.review.case import Determined, PartyNeed, Role
from placet.review.context import Context
from placet.review.errors import NotAllowedError, StaleError, UnlawfulError
from placet.review.scene import Scene
from placet.review.summary import differences, summary
from placet.review.viewer import called_in, not_issuing, sides_of

__all__ = [
    "act_for_applicant",
    "act_with",
    "current",
    "decides_here",
    "determined_now",
    "filing_party",
    "issuing",
    "parties_of_request",
    "reviewing",
    "witnessing",
]


def parties_of_request(request: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the parties behind a request: the applicant, and who raised it if that is another."""
    raised = request.get("raised-by")
    return (request["applicant"], raised) if raised else (request["applicant"],)


def _filing_duties(request: Mapping[str, Any]) -> tuple[tuple[Duty, str], ...]:
    """Return the duties, each with its party, by any of which somebody speaks for the applicant.

    A party that raises a request for another does so through its office for applications, or
    through its case officers.
    """
    applying = [(Duty.APPLICATIONS, each) for each in parties_of_request(request)]
    raised = request.get("raised-by")
    return (*applying, (Duty.CASES, raised)) if raised else tuple(applying)


def filing_party(
    context: Context,
    actor: str,
    at: datetime,
    request: Mapping[str, Any],
    office: str | None = None,
) -> str:
    """Return the party for which somebody speaks on the applicant's side, in one office or in all.

    Raises:
        NotAllowedError: they speak for none; names the offices that do.
    """
    duties = _filing_duties(request)
    for duty, party in duties:
        if context.has_duty(actor, duty, at, party, office):
            return party
    could = [office for duty, party in duties for office in context.offices_with(duty, party)]
    raise NotAllowedError(f"{actor} does not act for the applicant.", could)


def act_for_applicant(scene: Scene) -> dict[str, str]:
    """Let the actor act for the applicant, and return for whom and in what role.

    Raises:
        NotAllowedError: they do not act for the applicant, or have another role.
    """
    party = filing_party(scene.context, scene.actor, scene.at, scene.case.request, scene.office)
    scene.must_take(Role.APPLICANT)
    return {"for": party, "role": Role.APPLICANT.value}


def act_with(
    scene: Scene, duty: Duty, parties: Iterable[str], role: Role = Role.OFFICER
) -> dict[str, str]:
    """Let the actor act by a duty for one of some parties, and return for which and in what role.

    Raises:
        NotAllowedError: they have the duty for none of them, or have another role.
    """
    wanted = sorted(parties)
    scene.must_have(duty, wanted)
    party = next(each for each in wanted if scene.has(duty, each))
    scene.must_take(role, party)
    return {"for": party, "role": role.value}


def determined_now(scene: Scene) -> tuple[Request, Determination]:
    """Determine the case's request afresh, in the scene's context at the scene's moment."""
    request = scene.context.request(scene.case.request)
    return request, scene.context.determine(request, scene.at)


def determined(scene: Scene) -> Determined:
    """Return what the review goes by of a determination made afresh."""
    request, determination = determined_now(scene)
    return summary(determination, request, scene.context, scene.at)


def reviewing(scene: Scene, by: Determined | None = None) -> frozenset[str]:
    """Return the parties whose officers lead a case: those with a say, and those who decide.

    The applicant's own party is one of them only where it is itself asked. The home authority is
    one wherever it decides for want of anybody else; and whoever was called in for others.
    """
    basis = by or scene.case.determined
    if basis is None:
        basis = scene.present or determined(scene)
    offices = scene.context.registry.record.offices
    asked = {
        party
        for party, need in basis.needs.items()
        if need.outcome != "clear" or party != scene.case.applicant
    }
    deciding = {
        offices[each.office].party
        for need in basis.needs.values()
        for each in need.by
        if each.office in offices
    }
    called = {scene.context.party_of(each) for each in called_in(scene.case)}
    return frozenset(asked | deciding | called)


def issuing(scene: Scene) -> frozenset[str]:
    """Return the parties whose officers issue a permit."""
    needs = scene.case.determined.needs if scene.case.determined else {}
    return reviewing(scene) - not_issuing(scene.case, needs)


def witnessing(scene: Scene) -> frozenset[str]:
    """Return the parties whose officers record what one without people here said or waits for.

    Those that lead the case, but for the applicant's side: whoever wants a yes attests none.
    """
    return reviewing(scene) - sides_of(scene.case)


def decides_here(context: Context, need: PartyNeed, at: datetime) -> tuple[str, ...]:
    """Return the offices that somebody holds here, of those by which a party would decide.

    They are those that its rules name, and its home office: a party that has people in this
    register decides in it, also while a chair is vacant.
    """
    party = context.registry.record.parties.get(need.party)
    home = party.home if party is not None else None
    deciding = dict.fromkeys([*(each.office for each in need.by), *([home] if home else ())])
    return tuple(each for each in deciding if context.is_held(each, at))


def current(scene: Scene) -> Determined:
    """Return the determination that the case stands on, if the present moment would give the same.

    Raises:
        UnlawfulError: the case stands on none.
        StaleError: something has changed since; says what (rule 4).
    """
    standing = scene.case.determined
    if standing is None:
        raise UnlawfulError("Nothing has been determined yet. Determine the case first.")
    now = scene.present or determined(scene)
    if now.substance != standing.substance:
        raise StaleError(
            "What the case stands on has changed since it was determined. Determine it anew.",
            differences(standing, now, scene.parties),
        )
    return standing
