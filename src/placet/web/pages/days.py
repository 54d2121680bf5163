"""The day a page is asked about, how long something lasts, and pictures as templates take them."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from placet.errors import QuestionError
from placet.registry import parse_moment
from placet.web.people import looking

__all__ = ["day_of", "length", "picture", "pictures"]


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


def pictures(across: str, down: str) -> SafeString:
    """Return a picture as it stands in a page twice, of which one is shown: wide, or on a phone."""
    return format_html(
        '<div class="across">{}</div><div class="down">{}</div>', picture(across), picture(down)
    )


def length(start: datetime, end: datetime) -> str:
    """Return how long it is from one moment to a later one, in the one unit that says most."""
    hours = int((end - start).total_seconds()) // 3600
    if hours < 1:
        return _("less than an hour")
    if hours < _DAY:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    days = hours // _DAY
    if days < _MONTHS_FROM:
        return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    months = 12 * (end.year - start.year) + end.month - start.month - (end.day < start.day)
    if months < _YEARS_FROM:
        return ngettext("%(n)d month", "%(n)d months", months) % {"n": months}
    return ngettext("%(n)d year", "%(n)d years", months // 12) % {"n": months // 12}


_DAY, _MONTHS_FROM, _YEARS_FROM = 24, 62, 36
"""Hours of a day; from how many days on months are counted, and from how many of these years."""
