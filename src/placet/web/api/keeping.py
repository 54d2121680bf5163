"""Drafts of requests and kept lists over the API: each is read, written and removed by itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeVar

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from ninja import Header, Router, Schema
from pydantic import ConfigDict, Field, StringConstraints

from placet.need_to_know.desk import Tab
from placet.operations.answers import DraftBrief, Drafts, DraftSeen, Lists, ListSeen
from placet.web.api.admitting import Bearer, holder
from placet.web.api.idempotency import REPLAYED, Repeatable, once
from placet.web.api.problems import may_fail, problem
from placet.web.api.words import (
    Digest,
    Key,
    Limit,
    Number,
    StatusAsked,
    created,
    found,
    is_as_seen,
    written_json,
)
from placet.web.house import house
from placet.web.keeping import (
    LONGEST_NAME,
    draft_of,
    drafts_of,
    keep_draft,
    keep_list,
    list_of,
    lists_of,
)
from placet.web.models import Draft, KeptList
from placet.web.pages.inbox import kept_query
from placet.web.pages.request_form import NAMES, plain_of
from placet.web.uploads import attachments_of, of_draft, sent_under

__all__ = ["router"]

router = Router(by_alias=True)
_READ, _ACT = Bearer("read"), Bearer("act")
_SEE = may_fail(401, 403, 422, 429)
_ONE = may_fail(401, 403, 404, 422, 429)
_ADD = may_fail(400, 401, 403, 404, 409, 422, 429, heads={201: REPLAYED})
_CHANGE = may_fail(400, 401, 403, 404, 409, 412, 422, 429)
_REMOVE = may_fail(401, 403, 404, 412, 422, 429)
_Row = TypeVar("_Row", Draft, KeptList)

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        pattern=r"^[!-~ ]{1,400}$",
        description="The `ETag` of what you saw: where it has changed since, nothing is done.",
    ),
]
_Text = Annotated[str, StringConstraints(max_length=4000, pattern=r"^[^\x00]*$")]
_Named = Annotated[str, StringConstraints(pattern=f"^({'|'.join(NAMES)})$")]
Fields = dict[_Named, Annotated[list[_Text], Field(max_length=60)]]


class DraftWanted(Schema):
    """A request that is not filed: the fields of its form, right or wrong, each with its values.

    `documents` are those that it keeps, by digest: sent before, or among its own.
    """

    model_config = ConfigDict(extra="forbid")
    fields: Fields
    documents: Annotated[list[Digest], Field(max_length=20)] = []


class ListWanted(Schema):
    """A list of cases under a name: its tab, and how it is narrowed; `due` is in how many days."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, StringConstraints(pattern=rf"^[^\x00-\x1f\x7f]{{1,{LONGEST_NAME}}}$")]
    tab: Tab = Tab.ACTION
    q: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")] = ""
    status: StatusAsked | None = None
    awaiting: Key | None = None
    due: Literal[0, 7, 30] | None = None


# --- drafts


@router.get(
    "/drafts", auth=_READ, tags=["drafts"], response={200: Drafts, 304: None}, openapi_extra=_SEE
)
def drafts(request: HttpRequest, *, limit: Limit = 50, after: Number | None = None) -> HttpResponse:
    """Return the drafts of the holder; `after` is the `next` of the page before."""
    every = sorted(drafts_of(house(), holder(request).who), key=lambda each: -each.pk)
    ahead = [each for each in every if after is None or each.pk < after]
    page = [DraftBrief(draft=each.pk, title=each.title, kept=each.kept_at) for each in ahead]
    shown = Drafts(drafts=page[:limit], next=_next(ahead, limit))
    return found(request, written_json(Drafts, shown))


@router.post("/drafts", auth=_ACT, tags=["drafts"], response={201: DraftSeen}, openapi_extra=_ADD)
def add_draft(request: HttpRequest, wanted: DraftWanted, *, key: Repeatable = None) -> HttpResponse:
    """Keep a request that is not filed as a draft; nobody else sees it."""
    who = holder(request).who

    def kept() -> HttpResponse:
        documents = sent_under(None, who, wanted.documents)
        made = keep_draft(house(), who, wanted.fields, documents)
        return created(DraftSeen, _draft(made))

    return once(request, who, key, house().clock.now(), kept)


@router.get(
    "/drafts/{draft}",
    auth=_READ,
    tags=["drafts"],
    response={200: DraftSeen, 304: None},
    openapi_extra=_ONE,
)
def draft(request: HttpRequest, draft: Number) -> HttpResponse:
    """Return a draft of the holder."""
    seen = draft_of(house(), holder(request).who, draft)
    return _answer(request, DraftSeen, _draft(seen))


@router.put(
    "/drafts/{draft}",
    auth=_ACT,
    tags=["drafts"],
    response={200: DraftSeen},
    openapi_extra=_CHANGE,
)
def change_draft(
    request: HttpRequest, draft: Number, wanted: DraftWanted, *, seen: IfMatch = None
) -> HttpResponse:
    """Put other fields and documents into a draft of the holder, in place of those it has."""
    who = holder(request).who
    with transaction.atomic():
        held = draft_of(house(), who, draft, to_change=True)
        if not is_as_seen(seen, _draft(held).tag):
            return _otherwise()
        documents = sent_under(held, who, wanted.documents)
        kept = keep_draft(house(), who, wanted.fields, documents, held)
    return _answer(request, DraftSeen, _draft(kept))


@router.delete(
    "/drafts/{draft}",
    auth=_ACT,
    tags=["drafts"],
    response={204: None},
    openapi_extra=_REMOVE,
)
def remove_draft(request: HttpRequest, draft: Number, *, seen: IfMatch = None) -> HttpResponse:
    """Remove a draft of the holder, with its documents."""
    with transaction.atomic():
        held = draft_of(house(), holder(request).who, draft, to_change=True)
        if not is_as_seen(seen, _draft(held).tag):
            return _otherwise()
        held.delete()
    return HttpResponse(status=204)


def _draft(kept: Draft) -> DraftSeen:
    documents = attachments_of(of_draft(kept))
    plain = {
        "draft": kept.pk,
        "title": kept.title,
        "kept": kept.kept_at,
        "fields": kept.fields,
        "request": plain_of(kept.fields),
        "documents": documents,
    }
    return DraftSeen.model_validate({**plain, "tag": _tag(kept.kept_at, kept.fields, documents)})


# --- lists


@router.get(
    "/lists", auth=_READ, tags=["lists"], response={200: Lists, 304: None}, openapi_extra=_SEE
)
def lists(request: HttpRequest, *, limit: Limit = 50, after: Number | None = None) -> HttpResponse:
    """Return the lists that the holder keeps; `after` is the `next` of the page before."""
    every = lists_of(house(), holder(request).who)
    ahead = [each for each in every if after is None or each.pk > after]
    shown = Lists(lists=[_list(each) for each in ahead[:limit]], next=_next(ahead, limit))
    return found(request, written_json(Lists, shown))


@router.post("/lists", auth=_ACT, tags=["lists"], response={201: ListSeen}, openapi_extra=_ADD)
def add_list(request: HttpRequest, wanted: ListWanted, *, key: Repeatable = None) -> HttpResponse:
    """Keep how a list of cases is narrowed under a name; nobody else sees it."""
    who = holder(request).who

    def kept() -> HttpResponse:
        made = keep_list(house(), who, wanted.name, _query(wanted))
        return created(ListSeen, _list(made))

    return once(request, who, key, house().clock.now(), kept)


@router.get(
    "/lists/{kept}",
    auth=_READ,
    tags=["lists"],
    response={200: ListSeen, 304: None},
    openapi_extra=_ONE,
)
def one_list(request: HttpRequest, kept: Number) -> HttpResponse:
    """Return a list that the holder keeps."""
    held = list_of(house(), holder(request).who, kept)
    return _answer(request, ListSeen, _list(held))


@router.put(
    "/lists/{kept}", auth=_ACT, tags=["lists"], response={200: ListSeen}, openapi_extra=_CHANGE
)
def change_list(
    request: HttpRequest, kept: Number, wanted: ListWanted, *, seen: IfMatch = None
) -> HttpResponse:
    """Put another name and other filters in place of those of a list that the holder keeps."""
    who = holder(request).who
    with transaction.atomic():
        held = list_of(house(), who, kept, to_change=True)
        if not is_as_seen(seen, _list(held).tag):
            return _otherwise()
        changed = keep_list(house(), who, wanted.name, _query(wanted), held)
    return _answer(request, ListSeen, _list(changed))


@router.delete(
    "/lists/{kept}", auth=_ACT, tags=["lists"], response={204: None}, openapi_extra=_REMOVE
)
def remove_list(request: HttpRequest, kept: Number, *, seen: IfMatch = None) -> HttpResponse:
    """Remove a list that the holder keeps; no case is touched by that."""
    with transaction.atomic():
        held = list_of(house(), holder(request).who, kept, to_change=True)
        if not is_as_seen(seen, _list(held).tag):
            return _otherwise()
        held.delete()
    return HttpResponse(status=204)


def _list(kept: KeptList) -> ListSeen:
    given = QueryDict(kept.query)
    due = given.get("due")
    plain = {
        "list": kept.pk,
        "name": kept.name,
        "query": kept.query,
        "tab": given.get("tab", Tab.ACTION),
        "q": given.get("q", ""),
        "status": given.get("status"),
        "awaiting": given.get("awaiting"),
        "due": int(due) if due else None,
    }
    return ListSeen.model_validate({**plain, "tag": _tag(kept.kept_at, kept.name, kept.query)})


def _query(wanted: ListWanted) -> str:
    """Return the filters as the address of the inbox has them; nothing where they are none."""
    given = QueryDict(mutable=True)
    plain = wanted.model_dump(mode="json", exclude={"name"}, exclude_none=True)
    given.update({name: str(each) for name, each in plain.items() if each != ""})
    return kept_query(given, house().clock.now())


def _next(ahead: Sequence[_Row], limit: int) -> int | None:
    """Return after which row the next page begins; None on the last."""
    return ahead[limit - 1].pk if len(ahead) > limit else None


def _tag(*said: object) -> str:
    """Return what stands for something as it is kept now."""
    written = json.dumps(said, default=str, sort_keys=True)
    return f"sha256:{hashlib.sha256(written.encode()).hexdigest()}"


def _answer(request: HttpRequest, kind: Any, seen: DraftSeen | ListSeen) -> HttpResponse:
    return found(request, written_json(kind, seen), digest=seen.tag)


def _otherwise() -> HttpResponse:
    return problem("changed", 412, "It has changed since you saw it. Read it again.")
