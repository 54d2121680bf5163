"""Stock: classes, levels against floor, trend, and what approved and pending requests take."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString

from placet.drawing.levels import Ahead, Figure, level_charts
from placet.operations.on_record.stocks import StockSeen, see_stock
from placet.web.pages.days import day_of, pictures
from placet.web.people import looking

__all__ = ["stock"]


@login_required
def stock(request: HttpRequest) -> HttpResponse:
    """Show the stock of the viewer's own parties on a day; of all parties for who audits."""
    seen, day = looking(request), day_of(request)
    found = see_stock(seen.house, seen.who, day)
    page = {
        "stocks": [(each, _chart(each, day)) for each in found],
        "day": day,
        "records": seen.has("registry"),
    }
    return render(request, "stock/stock.html", page)


def _chart(seen: StockSeen, day: datetime) -> SafeString | str:
    """Draw the figures that are numbers; where there are none, nothing."""
    figures = [
        Figure(each.known_since(), each.on_hand)
        for each in seen.positions
        if each.on_hand is not None and each.known_since() <= day
    ]
    if not figures:
        return ""
    last, ahead = seen.position, None
    if seen.projection is not None:
        ahead = Ahead(seen.projection.after_approved, seen.projection.after_pending)
    floor = last.floor if last is not None else None
    yellow = last.yellow_below if last is not None else None
    title = f"{seen.item_name} of {seen.name}"
    name = f"stock-{seen.party}-{seen.item}"
    return pictures(*level_charts(name, title, figures, (floor, yellow), ahead, day))
