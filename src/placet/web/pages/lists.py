"""Lists of cases that a person keeps under a name: the filters of an address of the inbox."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from placet.review import ReviewError
from placet.web import keeping
from placet.web.pages.inbox import kept_query
from placet.web.people import looking

__all__ = ["keep_list", "remove_list"]


@login_required
@require_POST
def keep_list(request: HttpRequest) -> HttpResponse:
    """Keep the filters that were sent under a name of the person's."""
    seen = looking(request)
    query = kept_query(QueryDict(request.POST.get("query", "")), seen.house.clock.now())
    try:
        keeping.keep_list(seen.house, seen.who, request.POST.get("name", ""), query)
    except ReviewError as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("The list is kept. Nobody else sees its name."))
    return redirect(f"{reverse('inbox')}?{query}" if query else reverse("inbox"))


@login_required
@require_POST
def remove_list(request: HttpRequest, key: int) -> HttpResponse:
    """Remove one of the person's lists; of another's it reads as if there were none."""
    seen = looking(request)
    keeping.list_of(seen.house, seen.who, key).delete()
    messages.success(request, _("The list is removed; no case is touched by that."))
    return redirect("inbox")
