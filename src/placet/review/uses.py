"""Reports of use: always recorded, and marked where a use went beyond its permit (rule 7).

A report is never refused for what it says was done, or does not say; a limit that was broken, or
may have been, stands beside it as a sentence, and stays open until somebody other than the
reporter has found what it was. What was reported wrongly is not edited: a later report corrects it,
with a reason, and counts in its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from placet.registry import Duty
from placet.review.breaches import breaches
from placet.review.case import Case, ReportOnFile, Role, Terms
from placet.review.commands import CorrectUse, ReportUse, ResolveViolation
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

__all__ = ["APPLIERS", "PERFORMERS", "correcting", "reporting"]


def report_use(scene: Scene, command: ReportUse) -> Event:
    """Record what was done under a permit, in what it went beyond it, and in what it may have.

    Raises:
        NotAllowedError: the actor neither acts for the holder or actor, nor leads cases.
        RepeatedError: there is a report of that name.
        UnknownError: the case has no such permit.
        UnlawfulError: the use lies in the future.
    """
    acting = reporting(scene, scene.permit(command.permit).terms)
    return _said(scene, command, acting, scene.case, scene.at)


def correct_use(scene: Scene, command: CorrectUse) -> Event:
    """Record what was done in place of a report that said something wrong of it.

    What was found of that report stays, and is for somebody else to resolve.

    Raises:
        NotAllowedError: as `report_use`; or an officer who leads did not make the report.
        RepeatedError: as `report_use`; or it was corrected already.
        UnknownError: the case has no such permit, or no such report of it.
        UnlawfulError: as `report_use`; or what it was has been found.
    """
    report = _on_file(scene, command.corrects)
    acting = correcting(scene, report)
    if report.permit != command.permit:
        raise UnknownError(f"The permit {command.permit} has no report {command.corrects[:80]}.")
    reported = _first_reported(scene, report)
    return _said(scene, command, acting, _superseded(scene.case, command), reported)


def _first_reported(scene: Scene, report: ReportOnFile) -> datetime:
    """Return when a use was reported first: a report may correct one that corrects another."""
    while report.corrects is not None:
        report = _on_file(scene, report.corrects)
    return report.reported_at


def correcting(scene: Scene, report: ReportOnFile) -> dict[str, str]:
    """Let the actor correct a report: for those who applied, or as the officer who made it.

    Raises:
        NotAllowedError: they do neither.
        RepeatedError: it was corrected already.
        UnlawfulError: what it was has been found.
    """
    acting = reporting(scene, scene.permit(report.permit).terms)
    if acting["role"] != Role.APPLICANT.value and report.reported_by != scene.actor:
        raise NotAllowedError(f"{scene.actor} did not report {report.report}, and corrects it not.")
    if report.corrected_by is not None:
        raise RepeatedError(f"{report.report} was corrected: correct {report.corrected_by}.")
    if report.finding is not None:
        raise UnlawfulError(f"{report.report} was found to be {report.finding}, and that stands.")
    return acting


def _said(
    scene: Scene, command: ReportUse, acting: Mapping[str, str], case: Case, reported: datetime
) -> Event:
    """Record what a use is said to be, held against a case; it was first `reported` then."""
    permit = scene.permit(command.permit)
    if any(each.report == command.report for each in scene.case.reports):
        raise RepeatedError(f"There is a report {command.report[:80]} already; nothing is edited.")
    if command.on.first > scene.at:
        raise UnlawfulError(f"The use is dated {command.on}, which has not come yet.")
    found = breaches(replace(scene, case=case), permit, command, reported)
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


def _corrected(case: Case, command: CorrectUse, event: Event) -> Case:
    reported = _reported(_superseded(case, command), command, event)
    *before, last = reported.reports
    why = {"corrects": command.corrects, "because": command.because}
    return reported.model_copy(update={"reports": (*before, last.model_copy(update=why))})


def _superseded(case: Case, command: CorrectUse) -> Case:
    """Return a case in which the report that is corrected counts no more."""
    reports = tuple(
        each.model_copy(update={"corrected_by": command.report})
        if each.report == command.corrects
        else each
        for each in case.reports
    )
    return case.model_copy(update={"reports": reports})


def _on_file(scene: Scene, name: str) -> ReportOnFile:
    report = next((each for each in scene.case.reports if each.report == name), None)
    if report is None:
        raise UnknownError(f"The case has no report {name[:80]}.")
    return report


# --- what a violation was found to be


def resolve_violation(scene: Scene, command: ResolveViolation) -> Event:
    """Close the case of a use that was outside its permit, or may have been, with what was found.

    Raises:
        NotAllowedError: the actor reported it, or controls permits for no party it rests on.
        RepeatedError: it has been resolved.
        UnknownError: there is no such report.
        UnlawfulError: the use was within its permit, or is to be found so and certainly was not.
    """
    report = _on_file(scene, command.report)
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
    [
        performing(ReportUse, report_use),
        performing(CorrectUse, correct_use),
        performing(ResolveViolation, resolve_violation),
    ]
)

APPLIERS: dict[str, Applier] = dict(
    [
        applying(ReportUse, _reported),
        applying(CorrectUse, _corrected),
        applying(ResolveViolation, _resolved),
    ]
)
