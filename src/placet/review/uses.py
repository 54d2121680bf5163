"""Reports of use: always recorded, and marked where a use went beyond its permit (rule 7).

A report is never refused for what it says was done, or does not say; a limit that was broken, or
may have been, stands beside it as a sentence, and stays open until somebody other than the
reporter has found what it was.
"""

from __future__ import annotations

from placet.registry import Duty
from placet.review.breaches import breaches
from placet.review.case import Case, ReportOnFile, Role, Terms
from placet.review.commands import ReportUse, ResolveViolation
from placet.review.errors import (
    NotAllowedError,
    RepeatedError,
    UnknownError,
    UnlawfulError,
)
from placet.review.event import Event
from placet.review.kinds import applying, performing
from placet.review.parties import act_with
from placet.review.permit_files import parties_behind
from placet.review.scene import Applier, Performer, Scene

__all__ = ["APPLIERS", "PERFORMERS", "reporting"]


def report_use(scene: Scene, command: ReportUse) -> Event:
    """Record what was done under a permit, in what it went beyond it, and in what it may have.

    Raises:
        NotAllowedError: the actor neither acts for the holder or actor, nor leads cases.
        RepeatedError: there is a report of that name.
        UnknownError: the case has no such permit.
        UnlawfulError: the use lies in the future.
    """
    permit = scene.permit(command.permit)
    acting = reporting(scene, permit.terms)
    if any(each.report == command.report for each in scene.case.reports):
        raise RepeatedError(f"There is a report {command.report[:80]} already; nothing is edited.")
    if command.on.first > scene.at:
        raise UnlawfulError(f"The use is dated {command.on}, which has not come yet.")
    found = breaches(scene, permit, command)
    beyond = [each.says for each in found if each.certain]
    doubts = [each.says for each in found if not each.certain]
    return scene.done(command, {**acting, "beyond": beyond, "doubts": doubts})


def reporting(scene: Scene, terms: Terms) -> dict[str, str]:
    """Let the actor report: for the holder or the actor, or as an officer who leads cases.

    Raises:
        NotAllowedError: they do neither, or have another role.
    """
    context = scene.context
    applying_ = [
        each
        for each in dict.fromkeys([terms.holder, terms.actor])
        if scene.has(Duty.APPLICATIONS, each)
    ]
    leads = scene.has(Duty.CASES)
    if applying_ and not (leads and scene.case.roles.get(scene.actor) is Role.OFFICER):
        return act_with(scene, Duty.APPLICATIONS, applying_, Role.APPLICANT)
    if leads:
        return act_with(scene, Duty.CASES, scene.parties)
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
        doubts=tuple(event.found["doubts"]),
    )
    return case.model_copy(update={"reports": (*case.reports, report)})


# --- what a violation was found to be


def resolve_violation(scene: Scene, command: ResolveViolation) -> Event:
    """Close the case of a use that was outside its permit, or may have been, with what was found.

    Raises:
        NotAllowedError: the actor reported it, or controls permits for no party it rests on.
        RepeatedError: it has been resolved.
        UnknownError: there is no such report.
        UnlawfulError: the use was within its permit, or is to be found so and certainly was not.
    """
    report = next((each for each in scene.case.reports if each.report == command.report), None)
    if report is None:
        raise UnknownError(f"The case has no report {command.report[:80]}.")
    behind = parties_behind(scene.permit(report.permit))
    acting = act_with(scene, Duty.PERMITS, behind)
    if report.reported_by == scene.actor:
        raise NotAllowedError(f"{scene.actor} reported this; another person finds what it was.")
    if not (report.beyond or report.doubts):
        raise UnlawfulError(f"The use {command.report} was within its permit; nothing is open.")
    if command.finding == "within" and report.beyond:
        raise UnlawfulError(f"The use {command.report} was not within its permit, on its own word.")
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
