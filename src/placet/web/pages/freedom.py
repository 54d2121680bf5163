"""Freedom of action: what a holder can use, where, and whose leave it needs."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from placet.errors import QuestionError
from placet.operations.on_record.books import known_to
from placet.operations.on_record.systems import see_freedom
from placet.registry import Activity, iso_names
from placet.web.pages.days import day_of
from placet.web.people import looking

__all__ = ["freedom"]


@login_required
def freedom(request: HttpRequest) -> HttpResponse:
    """Show the matrix of a holder on a day, by what the person signed in may know."""
    seen, day = looking(request), day_of(request)
    own = sorted(seen.viewer.parties)
    holder = request.GET.get("holder", "").strip() or (own[0] if own else "UA")
    activity = _activity(request.GET.get("activity", Activity.USE))
    found = see_freedom(seen.house, seen.who, holder, day, activity)
    registry = known_to(seen.house, seen.who).registry
    items = [(key, registry.item(key).name) for key in found.items]
    cells = {(each.item, each.area): each for each in found.cells}
    page = {
        "free": sum(each.free == "yes" for each in found.cells),
        "found": found,
        "day": day,
        "holder": holder,
        "holders": sorted((each.name or key, key) for key, each in registry.record.parties.items()),
        "activity": activity,
        "activities": (Activity.USE, Activity.RETRANSFER, Activity.MODIFICATION),
        "items": items,
        "rows": [
            (iso_names().get(area, area), [(name, cells[key, area]) for key, name in items])
            for area in found.areas
        ],
        "all_known": seen.viewer.audits,
    }
    return render(request, "freedom/freedom.html", page)


def _activity(named: str) -> Activity:
    try:
        return Activity(named)
    except ValueError:
        known = ", ".join(Activity)
        raise QuestionError(f"{named[:50]!r} is no activity; there are {known}.") from None
