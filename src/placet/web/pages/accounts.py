"""Administration: who has an account, and giving, closing and mending it."""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.decorators import reauthentication_required
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from placet.errors import PlacetError
from placet.review import NotAllowedError
from placet.web.accounts.administering import administered, changed, changes_seen
from placet.web.accounts.subjects import provider_names
from placet.web.errors import of_asker, status_of
from placet.web.people import looking

__all__ = ["accounts"]

_confirmed: Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]] = (
    reauthentication_required
)
"""Lets those in who showed a moment ago who they are."""


@login_required
@_confirmed
@require_http_methods(["GET", "POST"])
def accounts(request: HttpRequest) -> HttpResponse:
    """List people's accounts to whoever administers them, page by page, and change one."""
    if request.method == "POST":
        return _change(request)
    return _page(request)


def _change(request: HttpRequest) -> HttpResponse:
    seen, sent = looking(request), request.POST
    person = sent.get("person", "")
    found: dict[str, object] = {"about": person, "did": sent.get("what", "")}
    status = 200
    try:
        found["link"] = changed(
            seen.house,
            seen.viewer,
            sent.get("what", ""),
            person,
            sent.get("because", ""),
            sent.get("subject", ""),
        )
    except NotAllowedError:
        raise
    except PlacetError as error:
        found["problem"], status = of_asker(error), status_of(error)
    return _page(request, status, **found)


def _page(request: HttpRequest, status: int = 200, **page: object) -> HttpResponse:
    seen = looking(request)
    find, after = request.GET.get("find", ""), request.GET.get("after", "")
    page.update(vars(administered(seen.house, seen.viewer, find, after)), find=find, after=after)
    page["providers"] = tuple(provider_names())
    page["changes"] = changes_seen(seen.house, seen.viewer)
    return render(request, "account/accounts.html", page, status=status)
