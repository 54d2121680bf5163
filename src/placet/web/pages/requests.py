"""A new request: its form, the answer as it forms, drafts, and filing it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from placet.canonical import canonical_json
from placet.errors import PlacetError, RequestError
from placet.operations.acting.drafting import drawn
from placet.operations.seeing.cases import see_case
from placet.operations.seeing.forming import Forming, forming
from placet.review import RepeatedError, UnknownError, command_of
from placet.web.acting.views import Draft as Ready
from placet.web.acting.views import go_on
from placet.web.acting.working import working
from placet.web.errors import of_asker, status_of
from placet.web.house import names
from placet.web.keeping import draft_of, draft_seen, drafts_of, keep_draft
from placet.web.models import Draft, Upload
from placet.web.pages.case_words import FACTS
from placet.web.pages.request_form import (
    NAMES,
    ROWS,
    Sent,
    answered_at,
    asked_apart,
    item_choices,
    must_be_clear,
    plain_of,
    rows_of,
    shown_fields,
)
from placet.web.pages.request_problems import told_in_form
from placet.web.people import Looking, looking
from placet.web.uploads import attached, attachments_of, of_draft, received

__all__ = ["new_request"]


@login_required
@require_http_methods(["GET", "POST"])
def new_request(request: HttpRequest) -> HttpResponse:
    """Ask for a request; show what it needs so far, keep it as a draft, or file it."""
    seen = looking(request)
    if request.method == "GET":
        draft = _draft(seen, request.GET.get("draft"))
        return _page(request, _begun(seen, draft), draft, of_draft(draft))
    sent, do, draft = _sent(request.POST), request.POST.get("do"), None
    uploads = attached(seen.person or "", request.POST.getlist("upload"))
    try:
        draft = _draft(seen, request.POST.get("draft"))
        uploads += received(request, uploads)
        if do == "keep":
            return _keep(request, sent, draft, uploads)
        if do == "remove":
            return _remove(draft)
        must_be_clear(sent)
        if do == "file":
            return _file(request, sent, draft, uploads)
        found = forming(seen.house, seen.who, plain_of(sent)) if do == "see" else None
    except PlacetError as error:
        if do == "remove":
            raise
        return _page(
            request, sent, draft, uploads, problem=of_asker(error), status=_status(do, error)
        )
    return _page(request, sent, draft, uploads, found=found, do=do)


def _status(do: str | None, error: PlacetError) -> int:
    """Return the status of an answer; a form that is still being filled in is no failure."""
    return 200 if do == "see" else status_of(error)


def _draft(seen: Looking, key: str | None) -> Draft | None:
    """Return a draft of the person's own; another's reads as if there were none."""
    if not key:
        return None
    number = int(key) if key.isascii() and key.isdigit() and len(key) < 18 else 0
    return draft_of(seen.house, seen.who, number)


def _begun(seen: Looking, draft: Draft | None) -> Sent:
    """Return what stands in the form at first: a draft, or whose requests the person files."""
    if draft is not None:
        kept: Sent = draft.fields
        return kept
    offices = names().registry.record.offices
    party = next((offices[each].party for each, _title in seen.offices), "")
    return {"applicant": [party], "actor": [party]}


def _sent(given: QueryDict) -> Sent:
    """Return the fields of a request among what was sent."""
    return {name: [each.replace("\0", "") for each in given.getlist(name)] for name in NAMES}


def _keep(
    request: HttpRequest, sent: Sent, draft: Draft | None, uploads: Sequence[Upload]
) -> HttpResponse:
    seen = looking(request)
    with transaction.atomic():
        held = draft_seen(seen.house, seen.who, draft, request.POST.get("draft-version"))
        draft = keep_draft(seen.house, seen.who, sent, uploads, held)
    messages.success(request, _("The draft is kept. Nobody else sees it."))
    return redirect(f"{reverse('new-request')}?draft={draft.pk}#keep")


def _remove(draft: Draft | None) -> HttpResponse:
    if draft is not None:
        draft.delete()
    return redirect("new-request")


def _file(
    request: HttpRequest, sent: Sent, draft: Draft | None, uploads: Sequence[Upload]
) -> HttpResponse:
    """File the request with its documents; a draft of it is kept until it is filed.

    Raises:
        NotAllowedError: the person does not act for the applicant.
        RequestError: with every problem found in the request.
        RepeatedError: the draft was kept again elsewhere since it was opened here.
    """
    seen, plain = looking(request), plain_of(sent)
    forming(seen.house, seen.who, plain)
    with transaction.atomic():
        draft_seen(seen.house, seen.who, draft, request.POST.get("draft-version"))
    documents = attachments_of(uploads)
    digest = hashlib.sha256(canonical_json([plain, documents])).hexdigest()
    if case := _filed_as(request, digest):
        messages.info(request, _("You have filed just this already: this is its case."))
        return redirect("case", case=case)
    made = drawn(seen.house, "submit", None, {})
    attaching = {"attachments": documents} if documents else {}
    command = command_of("submit", {**made, "request": plain, **attaching})
    at_once = working(request) is not None
    answer = go_on(request, Ready(command, None, ""))
    filed = [*request.session.get("filed", ()), (digest, made["case"])]
    request.session["filed"] = filed[-_REMEMBERED:]
    if draft is not None and at_once:
        draft.delete()
    return answer


_REMEMBERED = 20
"""How many of the last requests of a session are known again."""


def _filed_as(request: HttpRequest, digest: str) -> str | None:
    """Return the case as which just this was filed in this session: a form files once.

    Whoever goes back to a form finds what they wrote, and a button that would file it again.
    """
    seen = looking(request)
    for each, case in request.session.get("filed", ()):
        if each == digest:
            try:
                return see_case(seen.house, seen.who, case).case
            except UnknownError:  # it waited for a working session, and was never filed
                continue
    return None


def _page(
    request: HttpRequest,
    sent: Sent,
    draft: Draft | None,
    uploads: Sequence[Upload],
    *,
    found: Forming | None = None,
    problem: PlacetError | None = None,
    do: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show the form; where lines or documents were added to it the reader goes on there."""
    registry = names().registry
    problems = told_in_form(sent, problem.problems) if isinstance(problem, RequestError) else ()
    by_field: dict[str, tuple[str, ...]] = {}
    for each in problems:
        by_field[each.at] = (*by_field.get(each.at, ()), each.says)
    fields = shown_fields(registry, sent, by_field)
    asked, unasked = asked_apart(fields, [key for key, _asks in _asked(found)])
    more = ROWS if do == "rows" else 0
    rows = rows_of(sent, by_field, more)
    page: dict[str, Any] = {
        "fields": fields,
        "asked": asked,
        "unasked": unasked,
        "rows": rows,
        "new_row": len(rows) - more + 1 if more else 0,
        "just_attached": do == "attach",
        "items": item_choices(registry),
        "problems": problems,
        "problem": None if problems else problem,
        "at_top": status != 200,
        "found": found,
        "questions": [(asks, answered_at(key, fields)) for key, asks in _asked(found)],
        "owed": [(FACTS[each], f"f-{each}") for each in found.owed] if found else (),
        "draft": draft,
        "version": _version(request, draft, problem),
        "uploads": uploads,
        "drafts": drafts_of(looking(request).house, looking(request).who),
    }
    return render(request, "requests/new.html", page, status=status)


def _version(request: HttpRequest, draft: Draft | None, problem: PlacetError | None) -> str:
    """Return which version of a draft a form goes on from: as sent, till it is told of another."""
    sent = request.POST.get("draft-version")
    now = draft.version if draft is not None else ""
    return now if sent is None or isinstance(problem, RepeatedError) else sent


def _asked(found: Forming | None) -> list[tuple[str, str]]:
    """Return what is asked, by its key and in words."""
    return [] if found is None else list(zip(found.keys, found.questions, strict=True))
