"""Desks: the cases that the person signed in has a part in, as lists, and what waits for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from placet.errors import QuestionError
from placet.need_to_know.brief import Brief as Listed
from placet.need_to_know.brief import brief, seen_in_brief, words_of
from placet.need_to_know.desk import Tab, keys
from placet.need_to_know.inbox import FOREVER, Waiting, inbox, urgency
from placet.need_to_know.shown import CaseStatus
from placet.need_to_know.staleness import renewing
from placet.need_to_know.stands import SUBMITTED, stands_at
from placet.need_to_know.view import sight
from placet.operations.answers import Brief
from placet.operations.house import House, SignedIn, viewer_of
from placet.operations.ports import OnDesk, Place, Sought, Tally
from placet.review import Case, Context, UnknownError, Viewer
from placet.review.viewer import relation

__all__ = [
    "WHOLE",
    "Desk",
    "Line",
    "Narrowed",
    "see_briefs",
    "see_desk",
    "see_inbox",
    "see_lines",
    "see_tallies",
    "see_waiting",
]


ENDED = (CaseStatus.CLOSED, CaseStatus.WITHDRAWN, CaseStatus.LAPSED)
"""The statuses of cases that can come to nothing more."""


_AT_ONCE = 100
"""Lines on a page where every page is wanted."""


@dataclass(frozen=True)
class Narrowed:
    """Which page of which tab is asked for, and how the list is narrowed.

    `words` are sought in what everybody knows of a case; `awaiting` is a party whose word is
    waited for; `submitted` leaves what nobody has determined yet, to whoever is told so; the page
    begins after the place `after`.
    """

    tab: Tab = Tab.ACTION
    words: str = ""
    statuses: tuple[CaseStatus, ...] = ()
    awaiting: str | None = None
    submitted: bool = False
    due_by: datetime | None = None
    after: Place | None = None
    most: int = 20


WHOLE = Narrowed()
"""The first page of what waits, not narrowed."""


@dataclass(frozen=True)
class Line:
    """A case on somebody's desk: in brief, and on the tab for action what waits there for them.

    Where its determination is out of date and they may know so, `renew` are the offices of theirs
    that could determine it anew; None where it is not. It is not looked at on the other tabs.
    """

    case: Case
    brief: Listed
    waiting: Waiting | None
    late: bool
    stands: str
    renew: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Desk:
    """A page of a desk, and how much there is on each tab.

    `further` is the place after which the next page begins, if there is more.
    """

    lines: tuple[Line, ...]
    further: Place | None
    tallies: Mapping[Tab, Tally]


def see_desk(house: House, who: SignedIn, narrowed: Narrowed = WHOLE) -> Desk:
    """Return a page of what is on the desk of the person signed in, and how much there is.

    Rows find it; then each case is held against what the inbox and the view say of it, and what
    they do not say is left out.
    """
    looking, at = viewer_of(house, who), house.clock.now()
    tallies = house.reading.tallies(keys(looking), at)
    compares = narrowed.tab is Tab.ACTION and tallies[Tab.STALE].count > 0
    lines, further = _page(house, looking, at, narrowed, compares=compares)
    return Desk(lines, further, tallies)


def see_lines(house: House, who: SignedIn, narrowed: Narrowed) -> tuple[Line, ...]:
    """Return a page of what is on the desk of the person signed in, as `see_desk`; no counts."""
    return _page(house, viewer_of(house, who), house.clock.now(), narrowed)[0]


def see_tallies(house: House, who: SignedIn) -> Mapping[Tab, Tally]:
    """Return how much there is on each tab of the person signed in."""
    return house.reading.tallies(keys(viewer_of(house, who)), house.clock.now())


def see_briefs(
    house: House,
    who: SignedIn,
    narrowed: Narrowed = WHOLE,
    *,
    tabs: Sequence[Tab] = (Tab.TEAM, Tab.OTHERS, Tab.CLOSED),
    open_only: bool = True,
    after: str | None = None,
) -> Iterator[Brief]:
    """Yield the cases that the person signed in has a part in, each with how it stands now.

    First those that their own parties have to answer, then those under review, the most urgent
    first, then those that are answered or ended, the latest first. With `after` it goes on after
    that case, from where it lies now. Of `narrowed` only the filters count. Those whose
    determination is out of date lie on a tab of their own besides: it is asked for alone.

    Raises:
        QuestionError: they have no part in the case `after`, or it lies on none of the tabs.
    """
    looking, place = viewer_of(house, who), None
    asked = narrowed.statuses or tuple(CaseStatus)
    statuses = tuple(each for each in asked if not open_only or each not in ENDED)
    if after is not None:
        tab, place = _lies(house, looking, after)
        tab = Tab.STALE if tabs == (Tab.STALE,) else tab  # it lies there in the same place
        if tab not in tabs:
            raise QuestionError(f"The case {after} lies elsewhere by now: begin the list anew.")
        tabs = tabs[tabs.index(tab) :]
    for tab in tabs if statuses else ():
        here = replace(narrowed, tab=tab, statuses=statuses, after=place)
        yield from map(_answer, _all(house, looking, here))
        place = None


def _answer(line: Line) -> Brief:
    """Return a line of a list as it is answered to programs."""
    known = line.brief
    return Brief.model_validate(
        {
            "case": known.case,
            "what": str(known.request.get("title") or known.request.get("request", "")),
            "applicant": known.applicant,
            "filed": line.case.submitted_at,
            "status": str(known.status),
            "stands": line.stands,
            "awaits": list(known.awaits),
            "undetermined-by": list(known.undetermined_by),
        }
    )


def _lies(house: House, looking: Viewer, case: str) -> tuple[Tab, Place]:
    """Return on which tab of a viewer a case lies, and where."""
    try:
        known = brief(house.reading.case(case), looking)
    except UnknownError:
        raise QuestionError(
            f"No list goes on after {case[:80]!r}: there is no such case that you have a part in."
        ) from None
    return known.tab, (known.day or FOREVER, known.since, known.case, "", "")


def see_inbox(house: House, who: SignedIn) -> Iterator[Waiting]:
    """Yield what waits for the person signed in, the most urgent first."""
    lines = _all(house, viewer_of(house, who), WHOLE)
    return (each.waiting for each in lines if each.waiting is not None)


def see_waiting(
    house: House, who: SignedIn, narrowed: Narrowed = WHOLE
) -> tuple[tuple[Waiting, ...], Place | None]:
    """Return a page of what waits for the person signed in, and where the next one begins."""
    here = replace(narrowed, tab=Tab.ACTION)
    lines, further = _page(house, viewer_of(house, who), house.clock.now(), here)
    return tuple(each.waiting for each in lines if each.waiting is not None), further


def _all(house: House, looking: Viewer, narrowed: Narrowed) -> Iterator[Line]:
    """Yield every page's lines."""
    at, after = house.clock.now(), narrowed.after
    while True:
        asked = replace(narrowed, after=after, most=_AT_ONCE)
        lines, after = _page(house, looking, at, asked)
        yield from lines
        if after is None:
            return


def _page(
    house: House, looking: Viewer, at: datetime, narrowed: Narrowed, *, compares: bool = False
) -> tuple[tuple[Line, ...], Place | None]:
    """Return the lines of a page, and the place after which the next one begins.

    Each case is compared with the present context where that is asked for, or is what the tab is
    about.
    """
    most = narrowed.most
    sought = Sought(
        keys(looking),
        narrowed.tab,
        at,
        most + 1,
        narrowed.after,
        words_of(narrowed.words),
        narrowed.statuses,
        narrowed.awaiting,
        narrowed.due_by,
        narrowed.submitted,
    )
    found = house.reading.desk(sought)
    compares = compares or narrowed.tab is Tab.STALE
    present = house.reading.context()
    lines = (_line(each, looking, at, narrowed, present, compares) for each in found[:most])
    further = found[most - 1].place if len(found) > most else None
    return tuple(each for each in lines if each is not None), further


def _line(
    found: OnDesk,
    looking: Viewer,
    at: datetime,
    narrowed: Narrowed,
    present: Context,
    compares: bool,
) -> Line | None:
    """Return a line for what rows found, if the inbox and the view say so too.

    Where it `compares`, the case is held against the present context; on the tab of stale cases
    only those stand that are.
    """
    case, due = found.case, found.place[0]
    if not relation(case, looking):
        return None
    eyes = sight(case, looking)
    shown, stood = seen_in_brief(eyes), stands_at(eyes, present, at)
    if narrowed.submitted and stood != SUBMITTED:
        return None
    late = due <= at
    renew = renewing(eyes, present, at) if compares else None
    if narrowed.tab is Tab.STALE:
        return Line(case, shown, None, late, stood, renew) if renew is not None else None
    if narrowed.tab is not Tab.ACTION:
        return Line(case, shown, None, late, stood) if shown.tab is narrowed.tab else None
    waits = (each for each in inbox([case], looking, at) if urgency(each) == found.place)
    waiting = next(waits, None)
    if waiting is None:
        return None
    return Line(case, shown, waiting, late, stood, renew)
