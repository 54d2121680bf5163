"""The inbox: what needs the action of the person signed in, and the cases of their parties.

Which tab, which filters and which page stand in the address, so that a list can be kept as a
bookmark and sent to a colleague, who sees their own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from placet.need_to_know.brief import Brief
from placet.need_to_know.desk import Tab
from placet.need_to_know.shown import CaseStatus
from placet.need_to_know.stands import SUBMITTED, was_used_outside
from placet.need_to_know.telling import permitted_words, used_words
from placet.operations.acting.many import MANY
from placet.operations.ports import Place, Tally
from placet.operations.seeing.desks import Line, Narrowed, see_desk
from placet.operations.seeing.handling import handling_of_lists
from placet.operations.seeing.places import place_of, written_place
from placet.registry import Registry
from placet.review.case import OF_THE_APPLICANT, OF_THE_CASE
from placet.web.house import names
from placet.web.keeping import lists_of
from placet.web.pages.case_words import ACTS, called, waited_for
from placet.web.pages.days import length
from placet.web.people import looking
from placet.web.templatetags.placet import instants

__all__ = ["inbox", "kept_query", "what_is_asked"]

_TIMES = "\N{MULTIPLICATION SIGN}"
_MOST = 20
"""Lines on a page."""
_SHORT = 100
"""Characters of a question on a line."""


@dataclass(frozen=True)
class _TabLink:
    """A tab as it is shown: its words, how much there is on it, and where it leads."""

    words: str
    count: str
    address: str
    here: bool


@dataclass(frozen=True)
class _Row:
    """A line as it is shown: what to do and what is asked for, in words, and how long there is.

    `about` is what the act is about, where that is not the case as a whole. Where a determination
    is to be renewed, `own_to_renew` says that an office of the person's own could. `since` is when
    it began to wait, or its case came to where it is; `waited` how long that is, in words.
    """

    line: Line
    do: object
    about: str
    what: str
    awaits: str
    status: str
    outside: bool
    renew: str
    own_to_renew: bool
    since: datetime
    waited: str
    due: datetime | None
    due_of: str
    left: str
    tone: str
    also: tuple[_Row, ...] = ()
    """What else waits on the same case, less urgent."""


@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    """Show a page of what waits for the person, or of the cases they have a part in."""
    seen = looking(request)
    now = seen.house.clock.now()
    narrowed = _narrowed(request.GET, now)
    desk = see_desk(seen.house, seen.who, narrowed)
    registry = names().registry
    query, lists = kept_query(request.GET, now), lists_of(seen.house, seen.who)
    kept = next((each for each in lists if each.query == query), None)
    rows = _by_case(_row(each, registry, now, seen.viewer.offices) for each in desk.lines)
    shown = {
        "handling": handling_of_lists(seen.viewer, registry),
        "tab": narrowed.tab,
        "tabs": list(_tabs(None if kept else narrowed.tab, desk.tallies)),
        "lists": lists,
        "kept": kept,
        "query": query,
        "here": request.get_full_path(),
        "many": [(each, ACTS[each]) for each in MANY] if seen.has("cases") else [],
        "lead": _lead(desk.tallies),
        "rows": rows,
        "told": any(each.awaits for each in rows),
        "narrowed": narrowed,
        "filtered": narrowed != Narrowed(narrowed.tab, most=_MOST),
        "status": _status(narrowed),
        "statuses": [SUBMITTED, *CaseStatus]
        if seen.viewer.audits or seen.has("cases")
        else [*CaseStatus],
        "parties": [(each, registry.name(each)) for each in sorted(registry.record.parties)],
        "due": request.GET.get("due", ""),
        "further": _address(request.GET, desk.further) if desk.further else None,
        "first": _address(request.GET, None) if narrowed.after else None,
    }
    return render(request, "inbox/inbox.html", shown)


# --- the address


def kept_query(given: QueryDict, now: datetime) -> str:
    """Return the filters of an address, in one spelling; nothing where it narrows nothing."""
    found = _narrowed(given, now)
    plain = {
        "tab": found.tab.value,
        "q": found.words,
        "status": _status(found),
        "awaiting": (found.awaiting or "")[:200],
        "due": given.get("due", "") if found.due_by is not None else "",
    }
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in plain.items() if value})
    return query.urlencode() if len(query) > 1 else ""


def _narrowed(given: QueryDict, now: datetime) -> Narrowed:
    """Read an address; what cannot be read is as if it were not there."""
    found = Narrowed(
        tab=_one(Tab, given.get("tab")) or Tab.ACTION,
        words=given.get("q", "")[:200].replace("\0", ""),
        awaiting=given.get("awaiting", "").replace("\0", "") or None,
        after=place_of(given.get("after", "")),
        most=_MOST,
    )
    status = _one(CaseStatus, given.get("status"))
    days = given.get("due", "")
    if given.get("status") == SUBMITTED:
        found = replace(found, submitted=True)
    if status is not None:
        found = replace(found, statuses=(status,))
    if days in _DAYS:
        found = replace(
            found, due_by=now.replace(hour=0, minute=0, second=0) + timedelta(days=int(days) + 1)
        )
    return found


def _status(narrowed: Narrowed) -> str:
    """Return the status that a list is narrowed to, as an address names it."""
    if narrowed.submitted:
        return SUBMITTED
    return narrowed.statuses[0].value if narrowed.statuses else ""


_DAYS = ("0", "7", "30")


def _one(kind: Any, value: str | None) -> Any:
    return kind(value) if value in {each.value for each in kind} else None


def _address(given: QueryDict, after: Place | None) -> str:
    """Return the address of another page of the same list."""
    other = given.copy()
    other.pop("after", None)
    if after is not None:
        other["after"] = written_place(after)
    return f"?{other.urlencode()}"


# --- words


def _tabs(here: Tab | None, tallies: Mapping[Tab, Tally]) -> Iterator[_TabLink]:
    words = {
        Tab.ACTION: _("Needs my action"),
        Tab.STALE: _("Determination out of date"),
        Tab.TEAM: _("My team"),
        Tab.OTHERS: _("Waiting for others"),
        Tab.CLOSED: _("Closed"),
    }
    for tab, said in words.items():
        count = tallies[tab].count
        if tab is Tab.STALE and not count and here is not tab:
            continue
        more = f"{Tally.MOST_COUNTED:,}+" if count >= Tally.MOST_COUNTED else str(count)
        yield _TabLink(said, more, f"?tab={tab.value}", tab is here)


def _lead(tallies: Mapping[Tab, Tally]) -> str:
    """Say in sentences what waits and what is late, and what is out of date."""
    said = [_waits(tallies[Tab.ACTION])]
    if stale := tallies[Tab.STALE].count:
        old = ngettext(
            "%(count)d case is to be determined anew.",
            "%(count)d cases are to be determined anew.",
            stale,
        )
        said.append(old % {"count": stale})
    return " ".join(said)


def _waits(tally: Tally) -> str:
    if not tally.count:
        return _("Nothing waits for you.")
    waits = ngettext(
        "%(count)d thing waits for you", "%(count)d things wait for you", tally.count
    ) % {"count": tally.count}
    late = ngettext("%(late)d is late", "%(late)d are late", tally.late) % {"late": tally.late}
    return f"{waits}, {late}." if tally.late else f"{waits}."


def _by_case(rows: Iterable[_Row]) -> list[_Row]:
    """Return the rows of a page, those of one case as one where the most urgent of them stood."""
    found: dict[str, _Row] = {}
    for each in rows:
        case = each.line.brief.case
        first = found.setdefault(case, each)
        if first is not each:
            found[case] = replace(first, also=(*first.also, each))
    return list(found.values())


def _row(line: Line, registry: Registry, now: datetime, own: Collection[str]) -> _Row:
    brief, waiting = line.brief, line.waiting
    due = waiting.first if waiting else brief.day
    due_of = _whose(brief, registry) if due == brief.day and brief.day_of not in own else ""
    left, tone = _left(due, now)
    if waiting and waiting.at_once:
        left, tone = _("At once"), "no"
    since = waiting.since if waiting else brief.since
    return _Row(
        line,
        ACTS.get(waiting.act, waiting.act) if waiting else "",
        _about(line, registry),
        what_is_asked(brief.request, registry),
        waited_for(names(), brief.awaits, brief.undetermined_by, brief.unissued_by),
        line.stands,
        was_used_outside(line.case),
        ", ".join(registry.office_title(each) for each in line.renew or ()),
        not {*(line.renew or ())}.isdisjoint(own),
        since,
        length(since, now),
        due,
        due_of,
        left,
        tone,
    )


def _whose(brief: Brief, registry: Registry) -> str:
    """Say for whom a day is set, where that is not the case as a whole."""
    if brief.day_of == OF_THE_APPLICANT:
        return registry.name(brief.applicant)
    return registry.office_title(brief.day_of) if brief.day_of not in ("", OF_THE_CASE) else ""


def _about(line: Line, registry: Registry) -> str:
    """Say what an act that waits is about: an office, a party, a question, a use, a permit."""
    case, waiting = line.case, line.waiting
    if waiting is None or waiting.about == waiting.case:
        return ""
    if waiting.act == "supply":
        return Truncator(case.questions[int(waiting.about)].asks).chars(_SHORT)
    if waiting.act in ("reconsider", "dismiss-appeal"):
        return Truncator(case.appeals[int(waiting.about)].because).chars(_SHORT)
    if waiting.act == "resolve-violation":
        found = next(each for each in case.reports if each.report == waiting.about)
        plain = found.model_dump(mode="json", by_alias=True)
        return str(instants(used_words(plain, case.request, registry)))
    if waiting.about in case.permits:
        lines = case.permits[waiting.about].terms.lines
        return permitted_words([each.model_dump() for each in lines], registry)
    return called(registry, waiting.about)


def _left(due: datetime | None, now: datetime) -> tuple[str, str]:
    """Say how long there is until a day, and in which tone."""
    if due is None:
        return "", ""
    if due <= now:
        return _("Overdue %(length)s") % {"length": length(due, now)}, "no"
    days = (due - now).days
    if days == 0:
        return _("Within a day"), "no"
    return length(now, due), "wait" if days <= 3 else "quiet"


def what_is_asked(request: Mapping[str, Any], registry: Registry) -> str:
    """Say what is asked for: how many of what, and from whom to whom."""
    record = registry.record
    lines = []
    for each in request.get("lines", {}).values():
        name = str(each.get("item") or each.get("lot") or "")
        known = record.items.get(name)
        quantity = each.get("quantity")
        said = known.name if known is not None else name
        lines.append(f"{quantity} {_TIMES} {said}" if quantity else said)
    ends = [str(request[each]) for each in ("actor", "recipient") if request.get(each)]
    ends = [registry.name(each) for each in ends if each not in ("none", "unknown")]
    return ", ".join([*lines[:2], *(["…"] if lines[2:] else []), " → ".join(ends)])
