"""Cases over the API: the inbox, lists, a case as its viewer sees it, its time line, receipts."""

from __future__ import annotations

from dataclasses import asdict, replace
from itertools import islice
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from placet.need_to_know import View
from placet.need_to_know.desk import Tab
from placet.need_to_know.shown import CaseStatus
from placet.need_to_know.stands import SUBMITTED
from placet.need_to_know.time_line import TimeLine
from placet.operations.answers import Briefs, Counts, Inbox, Me, OfficeHeld
from placet.operations.seeing.case_page import (
    CasePage,
    Comparison,
    compare_case,
    receipt_of_line,
    see_case_page,
    see_time_line,
)
from placet.operations.seeing.cases import see_case
from placet.operations.seeing.desks import Narrowed, see_briefs, see_tallies, see_waiting
from placet.operations.seeing.places import place_of, written_place
from placet.registry.facts import Moment
from placet.web.api.admitting import Bearer, holder
from placet.web.api.problems import may_fail
from placet.web.api.words import (
    Day,
    Further,
    Key,
    Limit,
    Name,
    Number,
    StatusAsked,
    day_or_now,
    found,
    text,
    written_json,
)
from placet.web.house import house

__all__ = ["router"]

router = Router(auth=Bearer("read"), tags=["cases"], by_alias=True)
_MAY = may_fail(401, 403, 422, 429)
_ONE = may_fail(401, 403, 404, 422, 429)
_LISTED = (Tab.TEAM, Tab.OTHERS, Tab.CLOSED)
Listed = Literal["stale", "team", "others", "closed"]
Words = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]


class Filters(Schema):
    """How a list is narrowed, as the pages narrow it."""

    q: Words = Field("", description="Words that a case is found by, or how they begin.")
    status: StatusAsked | None = Field(
        None,
        description="How a case was answered; or `submitted`: nobody has determined it, as far as "
        "the holder is told.",
    )
    awaiting: Key | None = Field(None, description="The party whose word is waited for.")
    due: Moment | None = Field(
        None,
        description="What is due by then; a use beyond its permit always is.",
    )

    @property
    def narrowed(self) -> Narrowed:
        """The filters as operations take them."""
        return Narrowed(
            words=self.q,
            statuses=(self.status,) if isinstance(self.status, CaseStatus) else (),
            awaiting=self.awaiting,
            submitted=self.status == SUBMITTED,
            due_by=self.due,
        )


@router.get("/me", response={200: Me, 304: None}, openapi_extra=_MAY)
def me(request: HttpRequest) -> HttpResponse:
    """Say who the token is of, what it is for, and in which office they come."""
    of, context = holder(request), house().reading.context()
    office = context.registry.record.offices[of.office]
    answer = Me(
        person=of.person,
        name=context.people.get(of.person, of.person),
        token=of.reference,
        scopes=sorted(of.scopes),
        expires=of.expires_at,
        office=OfficeHeld(office=of.office, title=office.title, party=office.party),
        demonstration=context.demonstration,
    )
    return found(request, written_json(Me, answer))


@router.get("/inbox", response={200: Inbox, 304: None}, openapi_extra=_MAY)
def inbox(
    request: HttpRequest,
    filters: Query[Filters],
    *,
    limit: Limit = 50,
    after: Further | None = None,
) -> HttpResponse:
    """Return what waits for the holder of the token; `after` is the `next` of the page before."""
    begins = place_of(after) if after is not None else None
    asked = replace(filters.narrowed, most=limit, after=begins)
    waiting, further = see_waiting(house(), holder(request).who, asked)
    where = written_place(further) if further is not None else None
    return found(request, written_json(Inbox, Inbox(waiting=list(waiting), next=where)))


@router.get("/inbox/counts", response={200: Counts, 304: None}, openapi_extra=_MAY)
def counts(request: HttpRequest) -> HttpResponse:
    """Return how much there is on each tab of the holder: what waits for them, and their cases."""
    tallies = see_tallies(house(), holder(request).who)
    shown = {tab.value: asdict(each) for tab, each in tallies.items()}
    return found(request, written_json(Counts, Counts.model_validate(shown)))


@router.get("/cases", response={200: Briefs, 304: None}, openapi_extra=_MAY)
def cases(
    request: HttpRequest,
    filters: Query[Filters],
    *,
    tab: Listed | None = None,
    limit: Limit = 50,
    after: Name | None = None,
    ended: bool = True,
) -> HttpResponse:
    """Return cases that the holder has a part in; `after` is the `next` of the page before."""
    seen = see_briefs(
        house(),
        holder(request).who,
        filters.narrowed,
        tabs=_LISTED if tab is None else (Tab(tab),),
        open_only=not ended,
        after=after,
    )
    page = list(islice(seen, limit + 1))
    further = page[limit - 1].case if len(page) > limit else None
    return found(request, written_json(Briefs, Briefs(cases=page[:limit], next=further)))


@router.get("/cases/{case}", response={200: View, 304: None}, openapi_extra=_ONE)
def case(request: HttpRequest, case: Name) -> HttpResponse:
    """Return a case as the holder sees it: its canonical bytes, with their digest as ETag."""
    seen = see_case(house(), holder(request).who, case)
    return found(request, seen.canonical(), digest=seen.digest)


@router.get("/cases/{case}/page", response={200: CasePage, 304: None}, openapi_extra=_ONE)
def case_page(request: HttpRequest, case: Name) -> HttpResponse:
    """Return all that the page of a case shows: answer, parties, rules, what is missing, offers."""
    seen = see_case_page(house(), holder(request).who, case)
    return found(request, written_json(CasePage, seen))


@router.get(
    "/cases/{case}/time-line", response={200: list[TimeLine], 304: None}, openapi_extra=_ONE
)
def time_line(request: HttpRequest, case: Name) -> HttpResponse:
    """Return what was done on a case and what followed by itself, as far as it is shown."""
    seen = see_time_line(house(), holder(request).who, case)
    return found(request, written_json(list[TimeLine], list(seen)))


@router.get(
    "/cases/{case}/time-line/{entry}/receipt",
    response={200: None},
    openapi_extra=may_fail(401, 403, 404, 422, 429, text="text/plain"),
)
def line_receipt(request: HttpRequest, case: Name, entry: Number) -> HttpResponse:
    """Return the receipt of a line's entry: a proof that it is in the log (c2sp.org/tlog-proof)."""
    return text(receipt_of_line(house(), holder(request).who, case, entry))


@router.get("/cases/{case}/comparison", response={200: Comparison, 304: None}, openapi_extra=_ONE)
def comparison(request: HttpRequest, case: Name, at: Day = None) -> HttpResponse:
    """Return in what the determination would differ at another moment."""
    day = day_or_now(at, house().clock.now())
    seen = compare_case(house(), holder(request).who, case, day)
    return found(request, written_json(Comparison, seen))
