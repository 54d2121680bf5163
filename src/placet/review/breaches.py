"""In what a use went beyond its permit, or may have: a report held against terms and record.

A report is read as a request is: a value, `none`, or not known. What is left out is not known, and
a day without a time is a day. What holds whatever the answer would be is certain; what depends on
it is a doubt, and asks for it. Neither is ever settled by silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from placet.canonical import canonical_json
from placet.determination.connections import TRANSFERS
from placet.policy import Proviso
from placet.registry import NONE, UNKNOWN, Occasion, Registry, beneath, written
from placet.review.case import Case, PermitOnFile, Terms
from placet.review.commands import ReportUse
from placet.review.grounds import failing
from placet.review.scene import Scene
from placet.review.validity import counted_reports, remaining, successors

__all__ = ["Breach", "breaches", "to_reporter"]


@dataclass(frozen=True, slots=True)
class Breach:
    """In what a use went beyond its permit; where it is not certain, `says` asks for what is."""

    says: str
    certain: bool = True


def breaches(
    scene: Scene, permit: PermitOnFile, use: ReportUse, reported: datetime
) -> tuple[Breach, ...]:
    """Return everything in which a use went beyond its permit or may have, each once.

    `reported` is when it was reported first: a report that corrects another is not late for that.
    """
    return tuple(dict.fromkeys(_breaches(scene, permit, use, reported)))


def _breaches(
    scene: Scene, permit: PermitOnFile, use: ReportUse, reported: datetime
) -> Iterator[Breach]:
    yield from _out_of_time(scene, permit, use.on)
    yield from _not_said(permit.terms, use)
    for says in (*_too_many(scene, permit, use), *_out_of_bounds(scene, permit, use, reported)):
        yield Breach(says)
    for says in _too_many_since(scene.case, permit, use):
        yield Breach(says, certain=False)


# --- time


def _out_of_time(scene: Scene, permit: PermitOnFile, on: Occasion) -> Iterator[Breach]:
    """Yield what the time of a use breaks: on a bare day, whichever moment of it that was."""
    readings = [tuple(_at_odds(scene, permit, on, each)) for each in _moments(scene, on)]
    ever = dict.fromkeys(says for each in readings for says in each)
    always = [says for says in ever if all(says in each for each in readings)]
    if all(readings) and not always:
        yield Breach(f"Whatever its time: {' Or: '.join(ever)}")
        return
    for says in ever:
        yield Breach(says) if says in always else Breach(_depends_on_time(says), certain=False)


def _depends_on_time(says: str) -> str:
    return f"It depends on the time, which is not said: {says[0].lower()}{says[1:]}{_ASK_TIME}"


_ASK_TIME = " Ask for the time."
_ASK = ": ask for it."


def to_reporter(says: str) -> str:
    """Return what is said of a use as it is said to whoever reports it, and knows."""
    asked = says.replace(_ASK_TIME, " Give the time, if it is known.")
    return asked.replace(_ASK, ": give it, if it is known.")


def _moments(scene: Scene, on: Occasion) -> Iterator[datetime]:
    """Yield the moments by which an occasion is judged: between them nothing on record changes.

    What was done has been done by now. What begins or ends in a day does so at a moment that is
    written in the context or the case.
    """
    last = min(on.last, scene.at)
    yield from dict.fromkeys([on.first, last])
    if on.whole_day:
        record = canonical_json(
            [scene.context.plain, scene.case.model_dump(mode="json", by_alias=True)]
        )
        inside = rf"{on}T\d\d:\d\d(?::\d\d)?Z".encode()
        for each in dict.fromkeys(re.findall(inside, record)):
            if on.first < (moment := datetime.fromisoformat(each.decode())) < last:
                yield moment


def _at_odds(scene: Scene, permit: PermitOnFile, on: Occasion, moment: datetime) -> Iterator[str]:
    """Yield why a permit did not allow a use at a moment: not its time, or not in force then.

    Where an act says since when a ground is gone, what was done before is not held against it.
    """
    terms = permit.terms
    if moment < terms.from_:
        yield f"The permit begins on {written(terms.from_)}, and the use was on {on}."
    if moment >= terms.until:
        yield f"The permit ended on {written(terms.until)}, and the use was on {on}."
    if permit.ended_at is not None and moment >= permit.ended_at:
        yield f"The permit was {permit.stage} on {written(permit.ended_at)}, before the use."
    if _was_suspended(scene, permit, moment):
        yield "The permit was suspended at the time."


def _was_suspended(scene: Scene, permit: PermitOnFile, moment: datetime) -> bool:
    """Say whether a permit was suspended at a moment, by an act or because a ground was gone.

    Everybody with a part in the case was told that much then; by what, and since when, is the
    business of the party whose ground it was.
    """
    by_acts = any(
        each.at <= moment and (each.lifted_at is None or moment < each.lifted_at)
        for each in (*permit.suspensions, *permit.falling)
    )
    later = {each.ground for each in permit.suspensions if each.at > moment}
    gone = (ground for ground, _ in failing(permit, scene.case, scene.context, moment))
    return by_acts or any(ground not in later for ground in gone)


# --- what is not said


def _not_said(terms: Terms, use: ReportUse) -> Iterator[Breach]:
    """Yield what a report leaves open that the permit limits."""
    every: tuple[Terms | Proviso, ...] = (terms, *terms.provisos)
    limits = {
        "area": any(each.within or each.outside for each in every),
        "target": bool(terms.targets) or any(each.not_targets for each in every),
        "purpose": any(each.purposes for each in every),
        "recipient": any(each.recipients for each in every) or _closed(terms),
    }
    for name, limited in limits.items():
        if limited and getattr(use, name) == UNKNOWN:
            says = f"The report does not say its {name}, which the permit limits{_ASK}"
            yield Breach(says, certain=False)


def _closed(terms: Terms) -> bool:
    """Say whether nothing may be passed on under a permit."""
    return terms.no_onward_transfer or terms.activity not in TRANSFERS


# --- number, report, place, target, purpose, recipient


def _too_many(scene: Scene, permit: PermitOnFile, use: ReportUse) -> Iterator[str]:
    left = remaining(permit, scene.case)
    if use.line not in left:
        yield f"The permit has no line {use.line[:80]}."
        return
    most = left[use.line]
    if most is not None and use.quantity > most:
        yield (
            f"On the line {use.line} {use.quantity} used, {most} left: "
            f"{use.quantity - most} too many."
        )


def _too_many_since(case: Case, permit: PermitOnFile, use: ReportUse) -> Iterator[str]:
    """Yield what a use takes from a permit that took this one's place, and was used.

    The use may have been allowed when it was; then one that is reported already was not.
    """
    reports = counted_reports(permit, case)
    later = list(successors(permit, case))
    for index, each in enumerate(later):
        since = {one.permit for one in later[index:]}
        under = [one.line for one in reports if one.permit in since]
        name, ask = f"{each.permit}, which took its place", "ask which was used first."
        left = remaining(each, case).get(use.line)
        if use.line in under and left is not None and use.quantity > left:
            yield f"{name}, has {left} of {use.line} left, and this was {use.quantity}: {ask}"
        if under and each.terms.each_use and not permit.terms.each_use:
            yield f"{name}, is for one use, and one has been reported: {ask}"


def _out_of_bounds(
    scene: Scene, permit: PermitOnFile, use: ReportUse, reported: datetime
) -> Iterator[str]:
    terms = permit.terms
    bounds = _Bounds(scene.context.registry, terms, use)
    yield from bounds.vocabulary()
    yield from bounds.whole()
    for each in terms.provisos:
        yield from bounds.proviso(each)
    if terms.each_use and counted_reports(permit, scene.case):
        yield "The permit is for one use, and one has been reported."
    days = (reported.date() - use.on.first.date()).days
    if terms.report_within_days is not None and days > terms.report_within_days:
        yield (
            f"It was reported {days} days after the use; the permit asks for it within "
            f"{terms.report_within_days}."
        )


@dataclass(frozen=True, eq=False)
class _Bounds:
    """A use held against limits of place, target, purpose and recipient, as far as it says them."""

    registry: Registry
    terms: Terms
    use: ReportUse

    def vocabulary(self) -> Iterator[str]:
        """Yield what is reported in words that nothing on record explains."""
        use, record = self.use, self.registry.record
        limited = bool(self.terms.within or self.terms.outside)
        no_area = use.area != UNKNOWN and use.area not in self.registry.areas.codes
        if no_area and (limited or use.area != NONE):
            yield f"{use.area} is no area by ISO 3166, so where it was is not known."
        if use.target not in (NONE, UNKNOWN, *record.targets):
            yield f"{use.target} is no category of target on record."
        if use.purpose not in (NONE, UNKNOWN, *record.purposes):
            yield f"{use.purpose} is no purpose on record."

    def whole(self) -> Iterator[str]:
        """Yield what breaks the terms as a whole."""
        terms, target, recipient = self.terms, self.use.target, self.use.recipient
        yield from self._area(terms.within, terms.outside)
        yield from self._target(terms.not_targets)
        yield from self._purpose(terms.purposes)
        yield from self._recipient(terms.recipients)
        covered = any(beneath(target, each) for each in terms.targets)
        if terms.targets and target != UNKNOWN and not covered:
            yield f"The target was {target}, and the permit covers {_listed(terms.targets)}."
        if not terms.recipients and _closed(terms) and recipient not in (NONE, UNKNOWN):
            yield f"It was passed on to {recipient}, and the permit allows no transfer."

    def proviso(self, proviso: Proviso) -> Iterator[str]:
        """Yield what breaks one proviso."""
        yield from self._area(proviso.within, proviso.outside)
        yield from self._target(proviso.not_targets)
        yield from self._purpose(proviso.purposes)
        yield from self._recipient(proviso.recipients)

    def _area(self, within: tuple[str, ...], outside: tuple[str, ...]) -> Iterator[str]:
        area = self.use.area
        if area == UNKNOWN:
            return
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
        if purposes and purpose != UNKNOWN and not any(beneath(purpose, each) for each in purposes):
            yield f"The purpose was {purpose}, and the permit is for {_listed(purposes)}."

    def _recipient(self, recipients: tuple[str, ...]) -> Iterator[str]:
        recipient = self.use.recipient
        if recipients and recipient not in (UNKNOWN, *recipients):
            yield f"The recipient was {recipient}, and the permit names {_listed(recipients)}."


def _listed(names: tuple[str, ...]) -> str:
    return " or ".join(names)
