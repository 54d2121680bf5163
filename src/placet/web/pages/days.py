"""The day a page is asked about, and pictures as templates take them."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from django.utils.safestring import SafeString

from placet.errors import QuestionError
from placet.registry import parse_moment
from placet.web.people import looking

__all__ = ["day_of", "picture"]


def day_of(request: HttpRequest) -> datetime:
    """Return the day that the address names, by default the present moment.

    Raises:
        QuestionError: it names none.
    """
    asked = request.GET.get("day", "").strip()
    if not asked:
        return looking(request).house.clock.now()
    try:
        return parse_moment(asked)
    except ValueError as error:
        raise QuestionError(f"{str(error)[:200]}. Give a day as in 2025-07-01.") from None


def picture(svg: str) -> SafeString:
    """Return a picture of ours as it stands in a page; all text in it is escaped by `drawing`."""
    return SafeString(svg)
