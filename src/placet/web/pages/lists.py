"""Lists of cases that a person keeps under a name: the filters of an address of the inbox."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from placet.web.models import KeptList
from placet.web.pages.inbox import kept_query
from placet.web.people import looking

__all__ = ["MOST", "keep_list", "remove_list"]

MOST = 20
"""Lists that one person may keep."""
_LONGEST_NAME = 60
_LONGEST_QUERY = 1000


@login_required
@require_POST
def keep_list(request: HttpRequest) -> HttpResponse:
    """Keep the filters that were sent under a name of the person's."""
    seen = looking(request)
    query = kept_query(QueryDict(request.POST.get("query", "")), seen.house.clock.now())
    name = "".join(each for each in request.POST.get("name", "") if each.isprintable()).strip()
    name = name[:_LONGEST_NAME]
    if problem := _problem(seen.person, name, query):
        messages.error(request, problem)
    else:
        KeptList.objects.create(person=seen.person, name=name, query=query)
        messages.success(request, _("The list is kept. Nobody else sees its name."))
    return redirect(f"{reverse('inbox')}?{query}" if query else reverse("inbox"))


@login_required
@require_POST
def remove_list(request: HttpRequest, key: int) -> HttpResponse:
    """Remove one of the person's lists; of another's it reads as if there were none."""
    get_object_or_404(KeptList, pk=key, person=looking(request).person).delete()
    messages.success(request, _("The list is removed; no case is touched by that."))
    return redirect("inbox")


def _problem(person: str | None, name: str, query: str) -> str:
    """Return why a list cannot be kept, and what to do; nothing where it can."""
    mine = KeptList.objects.filter(person=person)
    if not query or len(query) > _LONGEST_QUERY:
        return _("There is no filter to keep here. Narrow the list first, in fewer words.")
    if not name:
        return _("A list is kept under a name. Give it one.")
    if mine.filter(name=name).exists():
        return _("You keep another list of that name. Choose another name, or remove that one.")
    if mine.count() >= MOST:
        return _("You keep as many lists as one person may. Remove one first.")
    return ""
