"""perform(): the one way in which an act on a case comes about.

It is pure: the same command, actor, moment, case and context give the same event, so that an
auditor performs every act again and compares.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from placet.review import (
    advising,
    appeals,
    consenting,
    deciding,
    filing,
    fulfilling,
    issuing,
    leading,
    permits,
)
from placet.review.case import Case, Determined
from placet.review.commands import (
    Command,
    ReportUse,
    Retract,
    Submit,
    Surrender,
    WithdrawConsent,
)
from placet.review.context import Context
from placet.review.errors import ClockError, NotAllowedError, RepeatedError, UnknownError
from placet.review.event import Event
from placet.review.falling import what_ends
from placet.review.fold import fold
from placet.review.grounds import Footing, live
from placet.review.scene import Performer, Scene

__all__ = ["attempt", "perform"]

_PERFORMERS: dict[str, Performer] = {
    **filing.PERFORMERS,
    **leading.PERFORMERS,
    **fulfilling.PERFORMERS,
    **advising.PERFORMERS,
    **deciding.PERFORMERS,
    **consenting.PERFORMERS,
    **appeals.PERFORMERS,
    **issuing.PERFORMERS,
    **permits.PERFORMERS,
}


def perform(
    case: Case | None,
    context: Context,
    command: Command,
    actor: str,
    at: datetime,
    office: str | None = None,
    present: Determined | None = None,
) -> Event:
    """Do an act on a case, or say why not. `case` is None for the act that opens one.

    In an `office` the actor acts in that one alone; else in all that they hold. `present` is what
    the determination comes to, where that is not to be determined afresh: an audit that judges by
    other semantics than the act was done by takes it as it is on record.

    Raises:
        ReviewError: the act cannot be done, and nothing is to be written.
        RequestError: a request that the act carries cannot be read.
    """
    if at.utcoffset() != UTC.utcoffset(None) or at.microsecond:
        raise ClockError("An act has a moment in UTC and in whole seconds.")
    context.must_be_in_time(at)
    if not context.offices_of(actor, at, office):
        what = f"does not hold {office}" if office else "holds no office"
        raise NotAllowedError(f"{actor} {what} at {at.isoformat()}, so may do nothing.")
    if isinstance(command, Submit):
        if case is not None:
            raise RepeatedError(f"There is a case {case.id} already.")
        return filing.file(context, command, actor, at, office)
    if case is None:
        raise UnknownError("There is no such case.")
    return attempt(Scene(case, context, actor, at, office, present), command)


def attempt(scene: Scene, command: Command) -> Event:
    """Do an act on the scene of an open case, or say why not; as `perform` does.

    Raises:
        ReviewError: the act cannot be done there.
        RequestError: a request that the act carries cannot be read.
    """
    performer = _PERFORMERS.get(command.kind)
    if performer is None:
        raise UnknownError(f"{command.kind or 'This'} is no act on a case.")
    scene.must_be_in_time()
    if not isinstance(command, ReportUse | Surrender):  # what was used is told by whoever can
        scene.must_not_be_recused()
    return _with_what_falls(scene, performer(scene, command))


def _with_what_falls(scene: Scene, event: Event) -> Event:
    """Return an act with every permit of the case whose ground it ends: it suspends them (rule 8).

    An act that takes something back can spare some, by name and in writing.

    Raises:
        UnknownError: a permit is to be spared that rests on nothing that the act ends.
        UnlawfulError: permits are spared without the text of a carve-out, or the reverse.
    """
    before, at = scene.case, scene.at
    spares = _carve_out(event.command)
    if not any(spares) and not any(live(each, at) for each in before.permits.values()):
        return event
    pair = (Footing(each, scene.context, at) for each in (before, fold(before, event)))
    ends = what_ends([(next(pair), next(pair))], *spares)
    found = {**event.found, **{name: each for name, each in ends.items() if each}}
    return replace(event, found=found)


def _carve_out(command: Command) -> tuple[tuple[str, ...], str | None]:
    if isinstance(command, WithdrawConsent | Retract):
        return command.except_permits, command.carve_out
    return (), None
