"""The applicant: filing a request, answering questions, withdrawing it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from placet.determination import Determination, request_digest
from placet.errors import RequestError
from placet.registry import Request
from placet.review.case import OF_THE_CASE, UNDECIDED, Case, Deadline, Role, Stage
from placet.review.commands import Submit, Supply, Withdraw
from placet.review.consent import live_permits, voided
from placet.review.context import Context
from placet.review.errors import RepeatedError, StageError, UnknownError, UnlawfulError
from placet.review.event import Event
from placet.review.kinds import applying, performing
from placet.review.parties import act_for_applicant, filing_party
from placet.review.scene import Applier, Performer, Scene

__all__ = [
    "APPLIERS",
    "PERFORMERS",
    "file",
    "filed",
    "must_have_no_permit",
]


def file(
    context: Context, command: Submit, actor: str, at: datetime, office: str | None = None
) -> Event:
    """File a request.

    What is found are its digest and the answer that the announced policies give: no more than
    an outsider may know.

    Raises:
        NotAllowedError: the actor does not act for the applicant.
        RequestError: with every problem found in the request.
        UnlawfulError: a line asks for none; the day by which an answer is needed is past.
    """
    request = context.request(command.request)
    party = filing_party(context, actor, at, command.request, office)
    if command.due is not None and command.due <= at:
        raise UnlawfulError("The day by which an answer is needed is not in the future.")
    found = {"for": party, "role": Role.APPLICANT.value, **_as_filed(context, request, at)}
    return Event(command, actor, at, command.case, found, office=office)


def _as_filed(context: Context, request: Request, at: datetime) -> dict[str, Any]:
    for line in request.lines.values():
        if line.quantity == 0:
            raise UnlawfulError(
                f"The line {line.id} asks for none. Ask for one at least, or take the line out."
            )
    announced = context.determine(request, at, announced_only=True)
    return {"request": request_digest(request), "announced": _for_an_outsider(announced)}


def _for_an_outsider(determination: Determination) -> dict[str, Any]:
    return {
        "outcome": determination.outcome,
        "parties": {each.party: each.outcome for each in determination.parties},
        "questions": [each.asks for each in determination.open_questions],
    }


def filed(event: Event) -> Case:
    """Return the case that a filing opens, before its first move is counted."""
    command = event.command
    if not isinstance(command, Submit):
        raise UnknownError(f"A case begins with submit, not with {command.kind}.")
    due = command.due
    return Case(
        id=command.case,
        version=0,
        stage=Stage.SUBMITTED,
        request=command.request,
        applicant=command.request["applicant"],
        submitted_by=event.actor,
        submitted_at=event.at,
        attachments=command.attachments,
        announced=event.found["announced"],
        deadlines=(Deadline(of=OF_THE_CASE, due=due, set_by=event.actor),) if due else (),
        last=event.at,
    )


def supply(scene: Scene, command: Supply) -> Event:
    """Answer a question, in words or with the request as it now reads too.

    An answer that leaves the request as it was leaves the review as it is. What a permit was issued
    on stays as it was: the permit is judged by it to its end, and uses of it are afterwards.

    Raises:
        UnknownError: there is no such question.
        RepeatedError: it has been answered.
        UnlawfulError: the request is now that of another applicant, or another one; or it reads
            otherwise than when a permit was issued on it.
        RequestError: with every problem found in the request.
    """
    scene.must_stand_at(*UNDECIDED)
    found = act_for_applicant(scene)
    if command.question >= len(scene.case.questions):
        raise UnknownError(f"The case has no question {command.question}.")
    if scene.case.questions[command.question].answered_at is not None:
        raise RepeatedError("This question has been answered.")
    return scene.done(command, {**found, **_supply(scene, command.request)})


def _supply(scene: Scene, plain: dict[str, Any] | None) -> dict[str, Any]:
    """Return what is found of a request that comes with an answer: nothing new, or as if filed."""
    request = scene.context.request(plain) if plain is not None else None
    if plain is None or request is None or _reads_alike(scene, request):
        return {"unchanged": True}
    for name in ("request", "applicant", "raised-by"):
        if plain.get(name) != scene.case.request.get(name):
            raise UnlawfulError(f"An answer cannot change who asks: {name} differs. File it anew.")
    if scene.case.permits:
        raise UnlawfulError(
            f"A permit was issued on this request: {', '.join(sorted(scene.case.permits))}. Answer "
            "with the request as it is; what is wanted besides is filed anew."
        )
    return _as_filed(scene.context, request, scene.at)


def _reads_alike(scene: Scene, request: Request) -> bool:
    """Say whether a request is the one on file; one that can no longer be read is another."""
    try:
        return request_digest(request) == scene.context.digest_of(scene.case.request)
    except RequestError:
        return False


def _supplied(case: Case, command: Supply, event: Event) -> Case:
    """Where the request changed it is submitted anew: decisions fall with what they were on.

    What it is about in words is no part of what is decided, and may always be told better.
    """
    questions = list(case.questions)
    questions[command.question] = questions[command.question].model_copy(
        update={"answered_at": event.at, "says": command.says}
    )
    answered: dict[str, Any] = {
        "request": command.request or case.request,
        "attachments": case.attachments + command.attachments,
        "questions": tuple(questions),
    }
    if not event.found.get("unchanged"):
        decisions = voided(case, None, event.at)
        answered |= {"stage": Stage.SUBMITTED, "determined": None, "decisions": decisions}
        answered["announced"] = event.found["announced"]
    return case.model_copy(update=answered)


def withdraw(scene: Scene, command: Withdraw) -> Event:
    """Withdraw the request.

    Raises:
        StageError: a permit has been issued and not been ended.
    """
    scene.must_stand_at(*UNDECIDED)
    found = act_for_applicant(scene)
    must_have_no_permit(scene, "surrendered")
    return scene.done(command, found)


def must_have_no_permit(scene: Scene, how: str) -> None:
    """Refuse to end a case on which a permit stands.

    Raises:
        StageError: names the permits; they have to be ended first.
    """
    alive = [each.permit for each in live_permits(scene.case) if scene.at < each.terms.until]
    if alive:
        raise StageError(f"A permit stands: {', '.join(alive)}. It has to be {how} first.")


def _withdrawn(case: Case, command: Withdraw, _: Event) -> Case:
    return case.model_copy(update={"stage": Stage.WITHDRAWN, "ended": command.because})


PERFORMERS: dict[str, Performer] = dict(
    [
        performing(Supply, supply),
        performing(Withdraw, withdraw),
    ]
)

APPLIERS: dict[str, Applier] = dict(
    [
        applying(Supply, _supplied),
        applying(Withdraw, _withdrawn),
    ]
)
