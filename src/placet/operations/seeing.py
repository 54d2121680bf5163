"""Seeing: what the person signed in may know, and nothing more (DESIGN §3, need to know)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from placet.errors import QuestionError
from placet.need_to_know import View, view
from placet.need_to_know.brief import Brief as Listed
from placet.need_to_know.brief import brief, seen_in_brief, words_of
from placet.need_to_know.desk import Tab, keys
from placet.need_to_know.inbox import FOREVER, Waiting, inbox, urgency
from placet.need_to_know.permit_view import PermitView, view_permit
from placet.need_to_know.shown import CaseStatus
from placet.need_to_know.staleness import renewing
from placet.need_to_know.stands import SUBMITTED, stands_at
from placet.need_to_know.view import advice_at, no_such_case, sight
from placet.operations.answers import Brief
from placet.operations.house import House, SignedIn
from placet.operations.ports import OnDesk, Place, Sought, Tally
from placet.operations.proving import receipt
from placet.permit import PermitFile
from placet.review import Case, Context, UnknownError, Viewer
from placet.review.viewer import relation

__all__ = [
    "Desk",
    "Line",
    "Narrowed",
    "advice_seen",
    "how_it_stands",
    "permit_file",
    "see_briefs",
    "see_case",
    "see_desk",
    "see_inbox",
    "see_lines",
    "see_permit",
    "see_tallies",
    "see_waiting",
    "status_list",
    "viewer_of",
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


def viewer_of(house: House, who: SignedIn) -> Viewer:
    """Return the person signed in as a viewer, with the offices they hold now and come in."""
    return who.looking(house.reading.context(), house.clock.now())


def see_case(house: House, who: SignedIn, case: str) -> View:
    """Return a case as the person signed in sees it.

    Raises:
        UnknownError: there is no such case, or they have no part in it: it reads the same.
    """
    looking = viewer_of(house, who)  # first, so that both refusals ask the same questions
    return view(_case(house, case), looking)


def how_it_stands(house: House, who: SignedIn, case: str) -> str:
    """Return how a case stands now, in the word that lists have for it.

    Raises:
        UnknownError: there is no such case, or they have no part in it: it reads the same.
    """
    context, now = house.reading.context(), house.clock.now()
    looking = who.looking(context, now)
    return stands_at(sight(_case(house, case), looking), context, now)


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


def advice_seen(house: House, who: SignedIn, case: str, number: str) -> int:
    """Return the place in a case of a piece of advice by the number that its viewer sees.

    Raises:
        UnknownError: they see no such advice, or no such case.
    """
    seen = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else -1
    return advice_at(_case(house, case), viewer_of(house, who), seen)


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


def see_permit(house: House, who: SignedIn, permit: str) -> PermitView:
    """Return a permit with whether it holds now: dates, quantity left, suspension, every ground.

    Raises:
        UnknownError: there is no such permit, or they have no part in its case: it reads the same.
    """
    # The context comes first, so that both refusals ask the same questions.
    context, now = house.reading.context(), house.clock.now()
    looking = who.looking(context, now)
    try:
        return view_permit(house.reading.case_of_permit(permit), permit, context, looking, now)
    except UnknownError:
        name = f"{permit[:80]!r}"
        raise UnknownError(f"There is no permit {name} that you have a part in.") from None


def permit_file(house: House, who: SignedIn, permit: str) -> PermitFile:
    """Return a permit as a file to hand on: the token, the receipt of its issue, the status list.

    Raises:
        UnknownError: there is no such permit on a case that they have a part in, or its token is
            not signed yet.
    """
    seen = see_permit(house, who, permit)
    row = house.reading.permit_row(permit)
    if row.token is None:
        raise UnknownError(f"The permit {permit} is not signed yet; ask again in a moment.")
    issued = _issued_in(house, seen.case, permit)
    proof = receipt(house.reading, issued).decode()
    return PermitFile(row.token, proof, house.reading.status_list())


def status_list(house: House, at: datetime | None = None) -> str:
    """Return the latest signed status list: it is public, and names no permit.

    With `at` the version that was the latest at that moment, for whoever asks whether a permit
    stood when it was used.

    Raises:
        QuestionError: there is none yet, or was none then.
    """
    found = house.reading.status_list(at)
    if found is None:
        when = "There is no status list yet" if at is None else "There was no status list then"
        raise QuestionError(f"{when}: no permit was issued.")
    return found


def _issued_in(house: House, case: str, permit: str) -> int:
    """Return the place in the log of the act that issued a permit."""
    for each in house.reading.entries_of_case(case):
        payload = each.body.shown.get("payload") if each.body else None
        command = payload.get("command") if isinstance(payload, dict) else None
        kind = each.body.shown.get("kind") if each.body else None
        name = _ISSUES.get(str(kind))
        if name and isinstance(command, dict) and command.get(name) == permit:
            return each.index
    raise UnknownError(f"The act that issued the permit {permit} is erased or not in the log.")


_ISSUES = {"issue": "permit", "break-glass": "permit", "amend": "replacement"}
"""The acts by which permits come about, and the field that names the new one."""


def _case(house: House, case: str) -> Case:
    try:
        return house.reading.case(case)
    except UnknownError:
        raise no_such_case(case) from None
