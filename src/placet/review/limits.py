"""The limits of a permit: what the request asks, narrowed by every proviso and every date.

Limits only ever narrow. Where nothing is left the permit cannot be issued; what the request does
not say is not known, and never "any": it is owed. A permit for which nobody set an end lasts 365
days. A permit that is out is narrowed from its own terms, whatever was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from placet.determination.connections import item_of
from placet.policy import Proviso
from placet.registry import NONE, UNKNOWN, Activity, Areas, Line, Registry, Request, beneath
from placet.registry.request import Period
from placet.review.case import OPEN, Stage, Terms, TermsLine
from placet.review.errors import UnlawfulError

__all__ = ["LONGEST", "asked", "narrowed", "not_stated", "unstated", "window"]

LONGEST = timedelta(days=365)
"""How long a permit lasts at most where neither the request nor a decision sets an end."""


def unstated(request: Request, lines: Iterable[str], stage: Stage) -> Iterator[str]:
    """Yield what a request leaves open that a permit must limit, each as a sentence.

    Nothing can be asked of the applicant once all have decided, but in another round.
    """
    ask = "ask for it." if stage in OPEN else "open a new round and ask for it."
    for name in not_stated(request):
        yield f"The request does not state its {name}, which a permit must limit: {ask}"
    if request.activity is Activity.USE and request.area == NONE:
        yield f"The request names no area, and a use takes place somewhere: {ask}"
    for line in lines:
        if request.lines[line].quantity == UNKNOWN:
            yield f"The request does not say how many {line} are wanted: {ask}"


def not_stated(request: Request) -> tuple[str, ...]:
    """Return the fields that a permit must limit and a request leaves open."""
    limits = ("area", "target", "purpose", "recipient")
    return tuple(each for each in limits if getattr(request, each) in (None, UNKNOWN))


def window(
    request: Request,
    untils: Iterable[datetime],
    at: datetime,
    start: datetime | None = None,
    end: datetime | None = None,
) -> tuple[datetime, datetime]:
    """Return from when until when a permit may last that is issued at a moment.

    Args:
        request: its period bounds the window.
        untils: when the consents run out, or anything else that it rests on ends.
        at: the moment of issue.
        start: from when it is to last, if later.
        end: until when it is to last, if sooner.

    Raises:
        UnlawfulError: a wider window is asked for than allowed, or nothing is left of it.
    """
    period = request.period or Period()
    earliest = max(each for each in (at, start, period.from_) if each is not None)
    bounds = [each for each in (*untils, period.until) if each is not None]
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


def asked(
    request: Request, registry: Registry, lines: Iterable[str], span: tuple[datetime, datetime]
) -> Terms:
    """Return what a request asks for some lines in a window, as terms that nothing narrows yet."""
    within = _stated(request.area, NONE)
    return Terms(
        demonstration=registry.record.demonstration,
        activity=request.activity,
        holder=request.applicant,
        actor=request.actor,
        recipients=_stated(request.recipient),
        lines=tuple(_line(request.lines[each], registry) for each in sorted(lines)),
        within=within,
        area_sets=dict(_spelled(within, registry.areas)),
        targets=_stated(request.target),
        purposes=_stated(request.purpose),
        from_=span[0],
        until=span[1],
    )


def _stated(value: str | None, *but: str) -> tuple[str, ...]:
    return () if value in (None, UNKNOWN, *but) else (str(value),)


def _line(line: Line, registry: Registry) -> TermsLine:
    quantity = line.quantity if isinstance(line.quantity, int) else None
    if quantity is None and line.serials:
        quantity = len(line.serials)
    lot = line.lot if line.lot != UNKNOWN else None
    return TermsLine(line=line.id, item=item_of(line, registry), lot=lot, quantity=quantity)


def narrowed(terms: Terms, provisos: Iterable[Proviso], registry: Registry) -> Terms:
    """Return terms narrowed by provisos: in nothing wider than they were.

    A set of areas stays what it was when it first limited them. A proviso on a line that the terms
    do not have limits nothing in them, and is left out.

    Raises:
        UnlawfulError: nothing is left of a limit, or a set is named that has changed since.
    """
    held = {each.line for each in terms.lines}
    added = tuple(each for each in provisos if each.line is None or each.line in held)
    bounds = _Bounds(terms, registry.areas)
    bounds.must_mean_the_same(added)
    within = _intersection(terms.within, _given(added, "within"), bounds.inside, "area")
    outside = _united(terms.outside, _given(added, "outside"))
    not_targets = _united(terms.not_targets, _given(added, "not_targets"))
    days = [terms.report_within_days, *(each.report_within_days for each in added)]
    return terms.model_copy(
        update={
            "recipients": _intersection(
                terms.recipients, _given(added, "recipients"), str.__eq__, "recipient"
            ),
            "lines": tuple(_fewer(each, added) for each in terms.lines),
            "within": bounds.left(within, outside),
            "outside": outside,
            "area_sets": {
                **dict(_spelled((*within, *outside), registry.areas)),
                **terms.area_sets,
            },
            "targets": _targets(terms.targets, not_targets),
            "not_targets": not_targets,
            "purposes": _intersection(
                terms.purposes, _given(added, "purposes"), beneath, "purpose"
            ),
            "provisos": tuple(dict.fromkeys((*terms.provisos, *added))),
            "each_use": terms.each_use or any(each.each_use for each in added),
            "no_onward_transfer": terms.no_onward_transfer
            or any(each.no_onward_transfer for each in added),
            "report_within_days": min((each for each in days if each is not None), default=None),
        }
    )


def _given(provisos: Iterable[Proviso], name: str) -> list[tuple[str, ...]]:
    """Return what each proviso says of a limit, of those that say something."""
    return [found for each in provisos if (found := getattr(each, name))]


def _united(before: tuple[str, ...], limits: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({*before, *(each for limit in limits for each in limit)}))


def _fewer(line: TermsLine, provisos: Iterable[Proviso]) -> TermsLine:
    limits = (each.at_most for each in provisos if each.line in (None, line.line))
    most = (line.quantity, *limits)
    quantity = min((each for each in most if each is not None), default=None)
    if quantity == 0:
        raise UnlawfulError(f"Nothing is left of the line {line.line}: its quantity is 0.")
    return line.model_copy(update={"quantity": quantity})


def _targets(targets: tuple[str, ...], barred: tuple[str, ...]) -> tuple[str, ...]:
    left = tuple(each for each in targets if not any(beneath(each, one) for one in barred))
    if targets and not left:
        raise UnlawfulError(f"Nothing is left of the targets: {', '.join(barred)} are excluded.")
    return left


@dataclass(frozen=True)
class _Bounds:
    """The areas by which terms are limited: a set is what it was when it first limited them."""

    terms: Terms
    areas: Areas

    def must_mean_the_same(self, provisos: Iterable[Proviso]) -> None:
        """Refuse a set in a proviso that is made of other areas now than the terms say."""
        named = [each for name in ("within", "outside") for each in _given(provisos, name)]
        for each, codes in _spelled((one for limit in named for one in limit), self.areas):
            if self.terms.area_sets.get(each, codes) != codes:
                raise UnlawfulError(
                    f"{each} is made of other areas now than the permit says. Name the areas "
                    "themselves."
                )

    def inside(self, one: str, other: str) -> bool:
        """Say whether all of an area lies in another."""
        codes, limits = self.codes(one), self.codes(other)
        lies = (any(self.areas.within(each, limit) for limit in limits) for each in codes)
        return one == other or (bool(codes) and all(lies))

    def codes(self, named: str) -> tuple[str, ...]:
        """Return what an area is made of."""
        if named in self.areas.sets and named not in self.terms.area_sets:
            return tuple(_codes(named, self.areas))
        return self.terms.area_sets.get(named, (named,))

    def left(self, within: tuple[str, ...], outside: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse areas that are all excluded."""
        for barred in outside:
            if within and all(self.inside(each, barred) for each in within):
                raise UnlawfulError(f"Nothing is left of the area: all of it lies in {barred}.")
        return within


def _intersection(
    start: tuple[str, ...],
    limits: Iterable[tuple[str, ...]],
    inside: Callable[[str, str], bool],
    what: str,
) -> tuple[str, ...]:
    """Return what lies in every limit: of two that are nested the inner; overlaps are left out.

    Nothing to start with is no limit.
    """
    found = start
    for limit in limits:
        if not found:
            found = limit
            continue
        inner = [one for one in found if any(inside(one, other) for other in limit)]
        inner += [other for other in limit if any(inside(other, one) for one in found)]
        found = tuple(dict.fromkeys(inner))
        if not found:
            raise UnlawfulError(f"Nothing is left of the {what}: its limits exclude each other.")
    return tuple(sorted(found))


def _spelled(named: Iterable[str], areas: Areas) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Spell out each set that a limit names, for those who have nothing but the permit."""
    for each in dict.fromkeys(named):
        if each in areas.sets:
            yield each, tuple(sorted(_codes(each, areas)))


def _codes(named: str, areas: Areas) -> Iterator[str]:
    """Yield the ISO codes that a set is made of, none that lies in another of them."""
    inside = {code for code in areas.codes if areas.within(code, named)}
    for code in inside:
        if not any(above in inside for above in list(areas.lineage(code))[1:]):
            yield code
