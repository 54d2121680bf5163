"""Errors of ours as pages: what is wrong, why, and what to do; never a trace."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from placet.errors import InputError, PlacetError
from placet.review import (
    NoAuthorityError,
    NotAllowedError,
    RepeatedError,
    StaleError,
    UnknownError,
)

__all__ = ["ErrorsMiddleware", "status_of"]


class ErrorsMiddleware:
    """Answers an error of ours by a page that says it."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        return self.answer(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Show an error of ours; leave a defect to be logged and answered with 500."""
        if not isinstance(error, PlacetError):
            return None
        status = status_of(error)
        return render(request, "error.html", {"error": error, "status": status}, status=status)


def status_of(error: PlacetError) -> int:
    """Return the HTTP status that says who must act on an error (RFC 9110, section 15)."""
    for kinds, status in _STATUS:
        if isinstance(error, kinds):
            return status
    return 422


_STATUS: tuple[tuple[tuple[type[PlacetError], ...], int], ...] = (
    ((UnknownError,), 404),
    ((NotAllowedError, NoAuthorityError), 403),
    ((StaleError, RepeatedError), 409),
    ((InputError,), 400),
)
