"""The first page: to the inbox for whoever is signed in, else to signing in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

__all__ = ["front"]


def front(request: HttpRequest) -> HttpResponse:
    """Go to the inbox, or to signing in."""
    return redirect("inbox" if request.user.is_authenticated else "account_login")
