"""Errors of ours as pages: what is wrong, why, and what to do; never a trace."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from placet.errors import InputError, InstallationError, PlacetError
from placet.operations.seeing.naming import in_names
from placet.review import (
    NoAuthorityError,
    NotAllowedError,
    RepeatedError,
    ReviewError,
    StaleError,
    UnknownError,
    UnreadableError,
)
from placet.web.house import names
from placet.web.unsent import came_from, is_sent_away, unsent

__all__ = ["ErrorsMiddleware", "no_such_page", "of_asker", "refusal", "said", "status_of"]

_log = logging.getLogger(__name__)


class ErrorsMiddleware:
    """Answers an error of ours by a page that says it, and a form that came after its session."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        answer = self.answer(request)
        return unsent(request) if is_sent_away(request, answer) else answer

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Show an error of ours; leave a defect to be logged and answered with 500."""
        if not isinstance(error, PlacetError):
            return None
        recorded = isinstance(error, InstallationError) and error.recorded
        return refusal(request, said(error), status_of(error), recorded=recorded)


def no_such_page(request: HttpRequest, *_why: object, **_named: object) -> HttpResponse:
    """Answer an address that leads to no page, as one that leads to nothing for the person."""
    return refusal(request, _("There is no such page: the address may be mistyped."), 404)


def refusal(
    request: HttpRequest, says: str, status: int, *, recorded: bool = False
) -> HttpResponse:
    """Answer by a page that says why something is not done, or how far where it is `recorded`."""
    back = came_from(request) if request.method == "POST" and status != 404 else ""
    page = {"error": says, "status": status, "back": back, "recorded": recorded}
    return render(request, "error.html", page, status=status)


def said(error: PlacetError) -> str:
    """Return what is said of an error to whoever asked, by name; what is not theirs is logged."""
    if isinstance(error, InstallationError):
        _log.error("Placet cannot do what it was asked.", exc_info=error)
        return error.told
    return in_names(str(error), names()) if isinstance(error, ReviewError) else str(error)


def of_asker(error: PlacetError) -> PlacetError:
    """Return an error that a form can show beside what was sent: the asker can mend it.

    Raises:
        InstallationError: it is one, and has a page of its own.
    """
    if isinstance(error, InstallationError):
        raise error
    return error


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
    ((InputError, UnreadableError), 400),
    ((InstallationError,), 503),
)
