"""Reports of use: always recorded, and marked where a use went beyond its permit (rule 7).

A report is never refused for what it says was done; a limit that was broken stands beside it as
a sentence, and stays open until somebody other than the reporter has found what it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from placet.determination.connections import TRANSFERS
from placet.policy import Proviso
from placet.registry import NONE, Duty, Registry, beneath, written
from placet.review.case import Case, PermitOnFile, ReportOnFile, Role, Terms
from placet.review.commands import ReportUse, ResolveViolation
from placet.review.errors import (
    NotAllowedError,
    RepeatedError,
    UnknownError,
    UnlawfulError,
)
from placet.review.event import Event
from placet.review.grounds import failing
from placet.review.kinds import applying, performing
from placet.review.parties import act_with
from placet.review.permit_files import parties_behind
from placet.review.scene import Applier, Performer, Scene
from placet.review.validity import counted_reports, remaining

__all__ = ["APPLIERS", "PERFORMERS"]


def report_use(scene: Scene, command: ReportUse) -> Event:
    """Record what was done under a permit, and in what it went beyond it.

    Raises:
        NotAllowedError: the actor neither acts for the holder or actor, nor leads cases.
        RepeatedError: there is a report of that name.
        UnknownError: the case has no such permit.
        UnlawfulError: the use lies in the future.
    """
    permit = scene.permit(command.permit)
    acting = _reporting(scene, permit.terms)
    if any(each.report == command.report for each in scene.case.reports):
        raise RepeatedError(f"There is a report {command.report[:80]} already; nothing is edited.")
    if command.on > scene.at:
        raise UnlawfulError(f"The use is dated {written(command.on)}, which has not come yet.")
    found = dict.fromkeys(_beyond(scene, permit, command))
    return scene.done(command, {**acting, "beyond": list(found)})


def _reporting(scene: Scene, terms: Terms) -> dict[str, str]:
    """Let the actor report: for the holder or the actor, or as an officer who leads cases."""
    context, at = scene.context, scene.at
    applying_ = [
        each
        for each in dict.fromkeys([terms.holder, terms.actor])
        if context.has_duty(scene.actor, Duty.APPLICATIONS, at, each)
    ]
    leads = context.has_duty(scene.actor, Duty.CASES, at)
    if applying_ and not (leads and scene.case.roles.get(scene.actor) is Role.OFFICER):
        return act_with(scene, Duty.APPLICATIONS, applying_, Role.APPLICANT)
    if leads:
        return act_with(scene, Duty.CASES, context.parties_of(scene.actor, at))
    could = [
        *context.offices_with(Duty.APPLICATIONS, terms.holder),
        *context.offices_with(Duty.APPLICATIONS, terms.actor),
        *context.offices_with(Duty.CASES),
    ]
    raise NotAllowedError(f"{scene.actor} does not report uses of this permit.", could)


def _reported(case: Case, command: ReportUse, event: Event) -> Case:
    report = ReportOnFile(
        permit=command.permit,
        report=command.report,
        line=command.line,
        quantity=command.quantity,
        on=command.on,
        area=command.area,
        target=command.target,
        purpose=command.purpose,
        recipient=command.recipient,
        says=command.says,
        reported_by=event.actor,
        reported_at=event.at,
        beyond=tuple(event.found["beyond"]),
    )
    return case.model_copy(update={"reports": (*case.reports, report)})


# --- what a use goes beyond


def _beyond(scene: Scene, permit: PermitOnFile, command: ReportUse) -> Iterator[str]:
    """Yield, as sentences, everything in which a use went beyond its permit."""
    terms = permit.terms
    yield from _out_of_time(permit, command)
    yield from _not_in_force(scene, permit, command)
    yield from _too_many(scene, permit, command)
    bounds = _Bounds(scene.context.registry, terms, command)
    yield from bounds.vocabulary()
    yield from bounds.whole()
    for each in terms.provisos:
        yield from bounds.proviso(each)
    if terms.each_use and counted_reports(permit, scene.case):
        yield "The permit is for one use, and one has been reported."
    days = (scene.at.date() - command.on.date()).days
    if terms.report_within_days is not None and days > terms.report_within_days:
        yield (
            f"It was reported {days} days after the use; the permit asks for it within "
            f"{terms.report_within_days}."
        )


def _out_of_time(permit: PermitOnFile, command: ReportUse) -> Iterator[str]:
    terms, on = permit.terms, command.on
    if on < terms.from_:
        yield f"The permit begins on {written(terms.from_)}, and the use was on {written(on)}."
    if on >= terms.until:
        yield f"The permit ended on {written(terms.until)}, and the use was on {written(on)}."
    if permit.ended_at is not None and on >= permit.ended_at:
        yield f"The permit was {permit.stage} on {written(permit.ended_at)}, before the use."


def _not_in_force(scene: Scene, permit: PermitOnFile, command: ReportUse) -> Iterator[str]:
    """Yield that the permit was suspended then: by an act, or for want of what it rests on.

    Where an act says since when a ground is gone, what was done before is not held against it.
    """
    on = command.on
    for each in permit.suspensions:
        if each.at <= on and (each.lifted_at is None or on < each.lifted_at):
            yield f"The permit was suspended at the time, since {written(each.at)}."
    later = {each.ground for each in permit.suspensions if each.at > on}
    for ground, why in failing(permit, scene.case, scene.context, on):
        if ground not in later:
            yield f"What the permit rests on did not hold at the time: {why}."


def _too_many(scene: Scene, permit: PermitOnFile, command: ReportUse) -> Iterator[str]:
    left = remaining(permit, scene.case)
    if command.line not in left:
        yield f"The permit has no line {command.line[:80]}."
        return
    most = left[command.line]
    if most is not None and command.quantity > most:
        yield (
            f"On the line {command.line} {command.quantity} used, {most} left: "
            f"{command.quantity - most} too many."
        )


@dataclass(frozen=True, eq=False)
class _Bounds:
    """A use held against limits of place, target, purpose and recipient."""

    registry: Registry
    terms: Terms
    use: ReportUse

    def vocabulary(self) -> Iterator[str]:
        """Yield what is reported in words that nothing on record explains."""
        use, record = self.use, self.registry.record
        limited = bool(self.terms.within or self.terms.outside)
        if use.area not in self.registry.areas.codes and (limited or use.area != NONE):
            yield f"{use.area} is no area by ISO 3166, so where it was is not known."
        if use.target != NONE and use.target not in record.targets:
            yield f"{use.target} is no category of target on record."
        if use.purpose != NONE and use.purpose not in record.purposes:
            yield f"{use.purpose} is no purpose on record."

    def whole(self) -> Iterator[str]:
        """Yield what breaks the terms as a whole."""
        terms, use = self.terms, self.use
        yield from self._area(terms.within, terms.outside)
        yield from self._target(terms.not_targets)
        yield from self._purpose(terms.purposes)
        yield from self._recipient(terms.recipients)
        if terms.targets and not any(beneath(use.target, each) for each in terms.targets):
            yield f"The target was {use.target}, and the permit covers {_listed(terms.targets)}."
        closed = terms.no_onward_transfer or terms.activity not in TRANSFERS
        if not terms.recipients and closed and use.recipient != NONE:
            yield f"It was passed on to {use.recipient}, and the permit allows no transfer."

    def proviso(self, proviso: Proviso) -> Iterator[str]:
        """Yield what breaks one proviso."""
        yield from self._area(proviso.within, proviso.outside)
        yield from self._target(proviso.not_targets)
        yield from self._purpose(proviso.purposes)
        yield from self._recipient(proviso.recipients)

    def _area(self, within: tuple[str, ...], outside: tuple[str, ...]) -> Iterator[str]:
        area = self.use.area
        if within and not any(self._lies_in(area, each) for each in within):
            yield f"It was in {area}, which is not all within {_listed(within)}."
        for each in outside:
            if self._touches(area, each):
                yield f"It was in {area}, and {each} is excluded."

    def _lies_in(self, area: str, limit: str) -> bool:
        """Say whether an area lies in a limit; a set is what it was when the permit was issued."""
        areas = self.registry.areas
        codes = self.terms.area_sets.get(limit, (limit,))
        return any(areas.within(area, each) for each in codes)

    def _touches(self, area: str, limit: str) -> bool:
        areas = self.registry.areas
        codes = self.terms.area_sets.get(limit, (limit,))
        return any(areas.touches(area, each) for each in codes)

    def _target(self, excluded: tuple[str, ...]) -> Iterator[str]:
        target = self.use.target
        for each in excluded:
            if beneath(target, each):
                yield f"The target was {target}, and {each} is excluded."
            elif beneath(each, target):
                yield f"The target was {target}, which may be {each}, and that is excluded."

    def _purpose(self, purposes: tuple[str, ...]) -> Iterator[str]:
        purpose = self.use.purpose
        if purposes and not any(beneath(purpose, each) for each in purposes):
            yield f"The purpose was {purpose}, and the permit is for {_listed(purposes)}."

    def _recipient(self, recipients: tuple[str, ...]) -> Iterator[str]:
        recipient = self.use.recipient
        if recipients and recipient not in recipients:
            yield f"The recipient was {recipient}, and the permit names {_listed(recipients)}."


def _listed(names: tuple[str, ...]) -> str:
    return " or ".join(names)


# --- what a violation was found to be


def resolve_violation(scene: Scene, command: ResolveViolation) -> Event:
    """Close the case of a use outside its permit with what was found.

    Raises:
        NotAllowedError: the actor reported it, or controls permits for no party it rests on.
        RepeatedError: it has been resolved.
        UnknownError: there is no such report.
        UnlawfulError: the use was within its permit.
    """
    report = next((each for each in scene.case.reports if each.report == command.report), None)
    if report is None:
        raise UnknownError(f"The case has no report {command.report[:80]}.")
    behind = parties_behind(scene.permit(report.permit))
    acting = act_with(scene, Duty.PERMITS, behind)
    if report.reported_by == scene.actor:
        raise NotAllowedError(f"{scene.actor} reported this; another person finds what it was.")
    if not report.beyond:
        raise UnlawfulError(f"The use {command.report} was within its permit; nothing is open.")
    if report.finding is not None:
        raise RepeatedError(f"{command.report} was resolved: {report.finding}.")
    return scene.done(command, acting)


def _resolved(case: Case, command: ResolveViolation, _: Event) -> Case:
    found = {"finding": command.finding, "found_because": command.because}
    reports = tuple(
        each.model_copy(update=found) if each.report == command.report else each
        for each in case.reports
    )
    return case.model_copy(update={"reports": reports})


PERFORMERS: dict[str, Performer] = dict(
    [performing(ReportUse, report_use), performing(ResolveViolation, resolve_violation)]
)

APPLIERS: dict[str, Applier] = dict(
    [applying(ReportUse, _reported), applying(ResolveViolation, _resolved)]
)
