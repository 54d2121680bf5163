"""One act on several cases of the inbox: what it would do to each, and what became of each."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from placet.errors import PlacetError
from placet.evidence import EvidenceError
from placet.need_to_know.choices import nameable
from placet.operations.acting.many import ActOnOne, act_on_each, prospects
from placet.operations.seeing.handling import handling_of_lists
from placet.review import ReviewError, model_of
from placet.web.acting.failing import Form
from placet.web.acting.fields import choosing, fields_of, plain_of
from placet.web.acting.views import open_session_first
from placet.web.acting.working import working
from placet.web.errors import of_asker, said, status_of
from placet.web.house import names
from placet.web.pages.case_words import ACTS
from placet.web.pages.inbox import what_is_asked
from placet.web.people import looking
from placet.web.unsent import own_address

__all__ = ["done_on_many", "many"]

_DONE = "done-on-many"


@login_required
@require_http_methods(["GET", "POST"])
def many(request: HttpRequest) -> HttpResponse:
    """Ask once for what an act takes, and do it on each of the cases that are ticked."""
    sent = request.POST if request.method == "POST" else request.GET
    problem: PlacetError | None = None
    if request.method == "POST":
        try:
            return _do(request, sent)
        except PlacetError as error:
            problem = of_asker(error)
    return _page(request, sent, problem)


@login_required
@require_GET
def done_on_many(request: HttpRequest) -> HttpResponse:
    """Say of each case what became of the act that was done last on several."""
    found = request.session.get(_DONE)
    if not found:
        return redirect("inbox")
    handling = handling_of_lists(looking(request).viewer, names().registry)
    return render(request, "inbox/done.html", {**found, "handling": handling})


def _do(request: HttpRequest, sent: QueryDict) -> HttpResponse:
    """Do the act on each case.

    Raises:
        UnlawfulError: it is not done on several cases, or none is ticked, or too many.
        UnknownError: what was sent is not what the act takes.
    """
    seen, kind = looking(request), sent.get("act", "")
    acting = working(request)
    if acting is None:
        kept = sent.copy()
        kept.pop("csrfmiddlewaretoken", None)
        return open_session_first(request, f"{reverse('many')}?{kept.urlencode()}")
    plain = plain_of(fields_of(kind, "case"), sent, request.FILES)
    outcomes = act_on_each(seen.house, acting, kind, plain, _ticked(sent))
    request.session[_DONE] = {
        "act": str(ACTS[kind]),
        "outcomes": [_told(each) for each in outcomes],
        "done": sum(each.done is not None for each in outcomes),
        "back": own_address(sent.get("back", "")) or reverse("inbox"),
    }
    return redirect("done-on-many")


def _told(outcome: ActOnOne) -> dict[str, Any]:
    """Return an outcome as it is kept until it is shown."""
    entry = outcome.done.index if outcome.done is not None else None
    return {
        "case": outcome.case[:80],
        "entry": entry,
        "says": said(outcome.refused) if outcome.refused else "",
        "refused": isinstance(outcome.refused, ReviewError | EvidenceError),
    }


def _ticked(sent: QueryDict) -> list[str]:
    return [each.replace("\0", "") for each in sent.getlist("case")]


def _page(request: HttpRequest, sent: QueryDict, problem: PlacetError | None) -> HttpResponse:
    seen, kind = looking(request), sent.get("act", "")
    found = prospects(seen.house, seen.who, kind, _ticked(sent))
    named = nameable(names(), seen.viewer, seen.viewer.parties, seen.house.clock.now())
    fields = choosing(kind, fields_of(kind, "case"), named)
    form = Form(kind, sent, problem)
    registry = names().registry
    page = {
        "handling": handling_of_lists(seen.viewer, registry),
        "act": kind,
        "label": ACTS[kind],
        "about": model_of(kind).__doc__,
        "fields": form.bound(fields),
        "rows": [(each, what_is_asked(each.request, registry)) for each in found],
        "possible": sum(not each.why for each in found),
        "form": form,
        "back": own_address(sent.get("back", "")),
    }
    return render(request, "inbox/many.html", page, status=status_of(problem) if problem else 200)
