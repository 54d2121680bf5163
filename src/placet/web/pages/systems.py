"""Systems: the items on record, and each with what it relies on and who has a say over it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString

from placet.drawing.consent_map import consent_maps
from placet.drawing.reliance_map import reliance_maps
from placet.drawing.spans import Bar, Row, time_spans
from placet.operations.on_record.systems import ItemSeen, see_item, see_items
from placet.web.pages.days import day_of, picture, pictures
from placet.web.people import looking

__all__ = ["item", "items"]


@login_required
def items(request: HttpRequest) -> HttpResponse:
    """List every item, as it stands on a day; `find` keeps those whose name or origin has it."""
    seen, day = looking(request), day_of(request)
    wanted = request.GET.get("find", "").strip().casefold()
    rows = [
        each
        for each in see_items(seen.house, seen.who, day)
        if wanted in f"{each.item.name} {' '.join(each.origin)}".casefold()
    ]
    page = {
        "rows": rows,
        "day": day,
        "find": request.GET.get("find", ""),
        "records": seen.has("registry"),
    }
    return render(request, "systems/items.html", page)


@login_required
def item(request: HttpRequest, item: str) -> HttpResponse:
    """Show an item: origin, reliances, availability, lots, and who has a say if a party acts."""
    seen, day = looking(request), day_of(request)
    own = sorted(seen.viewer.parties)
    actor = request.GET.get("actor", "").strip() or (own[0] if own else "")
    if not actor:
        every = see_items(seen.house, seen.who, day)
        actor = next((each.item.origin[0] for each in every if each.key == item), "")
    found = see_item(seen.house, seen.who, item, actor, day)
    known = found.registry
    says = [
        (each, *map(picture, consent_maps(each.determination, each.request, known, link=_link)))
        for each in found.says
    ]
    had = {each.reliance.on: each.available for each in found.relies_on}
    had[item] = found.available
    page = {
        "found": found,
        "day": day,
        "actor": actor,
        "actors": sorted(
            (each.name or key, key) for key, each in found.registry.record.parties.items()
        ),
        "map": pictures(*reliance_maps(found.registry, item, day, had, link=_link)),
        "line": _line(request, found) if found.item.availability else "",
        "says": says,
    }
    return render(request, "systems/item.html", page)


def _line(request: HttpRequest, found: ItemSeen) -> SafeString:
    bars = tuple(
        Bar(each.from_, each.until, each.status, each.status) for each in found.item.availability
    )
    title = f"Availability of {found.item.name}"
    rows = [Row(found.item.name, bars)]
    return pictures(*time_spans("availability", title, rows, day_of(request)))


def _link(key: str) -> str:
    kind, _, name = key.partition(":")
    return reverse("item", args=[name]) if kind == "item" else ""
