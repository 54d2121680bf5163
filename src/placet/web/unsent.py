"""A form that was not taken, since its sender is signed in no more or anew: shown back to them.

What was written is shown only where the form came from a page of ours, and nothing is sent on: to
do it is for the person, on the page to which they are led back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

__all__ = ["came_from", "is_sent_away", "own_address", "unsent"]

_NOT_WRITTEN = ("csrfmiddlewaretoken", "back", "draft", "digest", "passkey", "do")
"""Fields that forms carry along, and that nobody writes."""


def own_address(back: str) -> str:
    """Return an address of our own pages, or nothing."""
    ok = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if ok else ""


def came_from(request: HttpRequest) -> str:
    """Return the page from which a form was sent: that of the case that it is about, if any."""
    sent, case = request.POST, request.POST.get("on-case")
    if not case and (draft := sent.get("draft", "")).startswith("{"):
        try:
            case = json.loads(draft).get("case")
        except (ValueError, RecursionError):
            case = None
    if isinstance(case, str) and case and "/" not in case:
        return reverse("case", args=[case])
    at = urlsplit(request.headers.get("Referer", ""))
    known = f"{at.scheme}://{at.netloc}" == settings.ADDRESS
    return own_address(sent.get("back", "")) or (own_address(at.path) if known else "")


def is_sent_away(request: HttpRequest, answer: HttpResponse) -> bool:
    """Say whether a form was answered by the page for signing in: what it held would be lost."""
    to = answer.get("Location", "") if answer.status_code == 302 else ""
    return request.method == "POST" and to.startswith(f"{resolve_url(settings.LOGIN_URL)}?next=")


def unsent(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that nothing was done, what was written, and where to do it."""
    back = came_from(request) or reverse("front")
    sign_in = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': back})}"
    page = {
        "written": list(_written(request)),
        "to": back if request.user.is_authenticated else sign_in,
        "anew": request.user.is_authenticated,
        "reason": reason,
    }
    return render(request, "unsent.html", page, status=403)


def _written(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """Yield what somebody wrote into the form, with the name of each field."""
    if request.headers.get("Sec-Fetch-Site") != "same-origin":
        return
    for name, values in request.POST.lists():
        text = "\n".join(str(each) for each in values if each)
        carried = name in _NOT_WRITTEN or name.startswith("on-")
        if text and not (carried or "password" in name or "signature" in name):
            yield name.replace("-", " "), text
