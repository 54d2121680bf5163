"""The limits of a permit: what the request asks, narrowed by every proviso and every date.

Limits only ever narrow. Where nothing is left the permit cannot be issued; what the request does
not say is not known, and never "any": it is owed. A permit for which nobody set an end lasts 365
days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from placet.determination.connections import item_of
from placet.policy import Proviso
from placet.registry import NONE, UNKNOWN, Activity, Areas, Line, Registry, Request, beneath
from placet.registry.request import Period
from placet.review.case import Terms, TermsLine
from placet.review.errors import UnlawfulError

__all__ = ["LONGEST", "Limits", "unstated"]

LONGEST = timedelta(days=365)
"""How long a permit lasts at most where neither the request nor a decision sets an end."""


def unstated(request: Request, lines: Iterable[str]) -> Iterator[str]:
    """Yield what a request leaves open that a permit must limit, each as a sentence."""
    for name in ("area", "target", "purpose", "recipient"):
        if getattr(request, name) in (None, UNKNOWN):
            yield f"The request does not state its {name}, which a permit must limit: ask for it."
    if request.activity is Activity.USE and request.area == NONE:
        yield "The request names no area, and a use takes place somewhere: ask for it."
    for line in lines:
        if request.lines[line].quantity == UNKNOWN:
            yield f"The request does not say how many {line} are wanted: ask for it."


@dataclass(frozen=True)
class Limits:
    """What bounds a permit: the request, the provisos that bind it, and when consents run out."""

    request: Request
    registry: Registry
    provisos: tuple[Proviso, ...]
    untils: tuple[datetime, ...]

    def terms(
        self, lines: Iterable[str], at: datetime, start: datetime | None, end: datetime | None
    ) -> Terms:
        """Return the terms of a permit for some lines, issued at a moment.

        Raises:
            UnlawfulError: nothing is left of a limit, or a wider window is asked for than allowed.
        """
        begins, ends = self._window(at, start, end)
        within = self._within()
        outside = tuple(sorted({each for proviso in self.provisos for each in proviso.outside}))
        request = self.request
        days = [
            each.report_within_days for each in self.provisos if each.report_within_days is not None
        ]
        return Terms(
            demonstration=self.registry.record.demonstration,
            activity=request.activity,
            holder=request.applicant,
            actor=request.actor,
            recipients=self._narrowed("recipient", lambda one, other: one == other),
            lines=tuple(self._line(request.lines[each]) for each in sorted(lines)),
            within=within,
            outside=outside,
            area_sets=dict(self._area_sets((*within, *outside))),
            targets=self._targets(),
            not_targets=tuple(
                sorted({each for proviso in self.provisos for each in proviso.not_targets})
            ),
            purposes=self._narrowed("purpose", beneath),
            from_=begins,
            until=ends,
            provisos=self.provisos,
            each_use=any(each.each_use for each in self.provisos),
            no_onward_transfer=any(each.no_onward_transfer for each in self.provisos),
            report_within_days=min(days, default=None),
        )

    def _window(
        self, at: datetime, start: datetime | None, end: datetime | None
    ) -> tuple[datetime, datetime]:
        period = self.request.period or Period()
        earliest = max(each for each in (at, start, period.from_) if each is not None)
        bounds = [each for each in (*self.untils, period.until) if each is not None]
        latest = min(bounds, default=earliest + LONGEST)
        if end is not None and end > latest:
            raise UnlawfulError(
                f"The permit cannot last until {end.isoformat()}: what it rests on ends at "
                f"{latest.isoformat()}."
            )
        if start is not None and start < at:
            raise UnlawfulError("A permit holds from its issue or from later, never from before.")
        latest = end or latest
        if latest <= earliest:
            raise UnlawfulError(
                f"Nothing is left of the time: from {earliest.isoformat()} to {latest.isoformat()}."
            )
        return earliest, latest

    def _line(self, line: Line) -> TermsLine:
        asked = [line.quantity] if isinstance(line.quantity, int) else []
        if not asked and line.serials:
            asked = [len(line.serials)]
        most = [each.at_most for each in self.provisos if each.at_most is not None]
        quantity = min([*asked, *most], default=None)
        if quantity == 0:
            raise UnlawfulError(f"Nothing is left of the line {line.id}: its quantity is 0.")
        lot = line.lot if line.lot != UNKNOWN else None
        return TermsLine(
            line=line.id, item=item_of(line, self.registry), lot=lot, quantity=quantity
        )

    def _within(self) -> tuple[str, ...]:
        area, areas = self.request.area, self.registry.areas
        start = None if area in (None, NONE, UNKNOWN) else (str(area),)
        limits = [each.within for each in self.provisos if each.within]

        def inside(one: str, other: str) -> bool:
            codes = tuple(_codes(one, areas)) if one in areas.sets else (one,)
            return one == other or (bool(codes) and all(areas.within(c, other) for c in codes))

        found = _intersection(start, limits, inside, "area")
        for barred in (each for proviso in self.provisos for each in proviso.outside):
            if found and all(inside(each, barred) for each in found):
                raise UnlawfulError(f"Nothing is left of the area: all of it lies in {barred}.")
        return found

    def _area_sets(self, named: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Spell out each set that a limit names, for those who have nothing but the permit."""
        areas = self.registry.areas
        for each in dict.fromkeys(named):
            if each in areas.sets:
                yield each, tuple(sorted(_codes(each, areas)))

    def _targets(self) -> tuple[str, ...]:
        target = self.request.target
        if target in (None, UNKNOWN):
            return ()
        for barred in (each for proviso in self.provisos for each in proviso.not_targets):
            if beneath(str(target), barred):
                raise UnlawfulError(f"Nothing is left of the targets: {barred} is excluded.")
        return (str(target),)

    def _narrowed(self, name: str, inside: Callable[[str, str], bool]) -> tuple[str, ...]:
        asked = getattr(self.request, name)
        start = None if asked in (None, UNKNOWN) else (str(asked),)
        several = "purposes" if name == "purpose" else "recipients"
        limits = [found for each in self.provisos if (found := getattr(each, several))]
        return _intersection(start, limits, inside, name)


def _intersection(
    start: tuple[str, ...] | None,
    limits: Iterable[tuple[str, ...]],
    inside: Callable[[str, str], bool],
    what: str,
) -> tuple[str, ...]:
    """Return what lies in every limit: of two that are nested the inner; overlaps are left out."""
    found = start
    for limit in limits:
        if found is None:
            found = limit
            continue
        inner = [one for one in found if any(inside(one, other) for other in limit)]
        inner += [other for other in limit if any(inside(other, one) for one in found)]
        found = tuple(dict.fromkeys(inner))
        if not found:
            raise UnlawfulError(f"Nothing is left of the {what}: its limits exclude each other.")
    return tuple(sorted(found or ()))


def _codes(named: str, areas: Areas) -> Iterator[str]:
    """Yield the ISO codes that a set is made of, none that lies in another of them."""
    inside = {code for code in areas.codes if areas.within(code, named)}
    for code in inside:
        if not any(above in inside for above in list(areas.lineage(code))[1:]):
            yield code
