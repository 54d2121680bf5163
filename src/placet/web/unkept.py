"""What a browser keeps of the pages when its person has gone: nothing.

Whoever sits down at a machine next must not find by Back what was shown to somebody before.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

__all__ = ["UnkeptMiddleware"]


class UnkeptMiddleware:
    """Has nothing stored of any answer, but of what says that it is `public`: a view cannot forget.

    Nothing else is needed when somebody signs out: of what must not be stored browsers drop what
    they hold for going back, once the cookie of the session goes.
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        answer = self.answer(request)
        if "public" not in answer.get("Cache-Control", ""):
            answer["Cache-Control"] = "no-store"
        return answer
