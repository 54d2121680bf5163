"""The way to the API: past sessions, cookies and forms, which it has no use for."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, ResolverMatch, resolve

from placet.web.api.problems import problem

__all__ = ["NOTHING_LOADED", "PREFIX", "ApiMiddleware"]

PREFIX = "/api/v1/"
NOTHING_LOADED = "default-src 'none'; frame-ancestors 'none'"
"""The content security policy of what no browser shows."""


class ApiMiddleware:
    """Answers what is asked of the API; a token comes in a header, so no cookie is looked at."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        if not request.path_info.startswith(PREFIX):
            return self.answer(request)
        answer = self._answer(request)
        answer["Content-Security-Policy"] = NOTHING_LOADED
        return answer

    def _answer(self, request: HttpRequest) -> HttpResponse:
        try:
            found = _found(request.path_info)
        except Resolver404:
            return problem("unknown", 404, "There is no such address.")
        request.resolver_match = found
        answer: HttpResponse = found.func(request, *found.args, **found.kwargs)
        if answer.status_code == 405:
            allowed = answer["Allow"]
            answer = problem("method", 405, f"Here one may {allowed}.")
            answer["Allow"] = allowed
        return answer


@lru_cache(maxsize=1024)
def _found(path: str) -> ResolverMatch:
    """Return what answers at an address; each is looked for once."""
    return resolve(path)
