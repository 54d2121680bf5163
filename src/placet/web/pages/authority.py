"""Authority: offices, who holds them, who may act for them, and the keys by which people sign."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString

from placet.drawing.spans import Bar, Row, time_spans
from placet.operations.acting.before import begun
from placet.operations.on_record.authorities import OfficeSeen, PartySeen, see_authority
from placet.registry import Presence
from placet.web.pages.case_words import ACTS
from placet.web.pages.days import day_of, pictures
from placet.web.people import looking

__all__ = ["authority"]

_HOLDS = {Presence.IN: "in force", Presence.EITHER: "may be in force", Presence.OUT: "over"}


@login_required
def authority(request: HttpRequest) -> HttpResponse:
    """Show the offices of every party on a day; their people, to those who may know them."""
    seen, day = looking(request), day_of(request)
    parties = see_authority(seen.house, seen.who, day)
    page = {
        "parties": [(each, _line(each, day)) for each in parties],
        "day": day,
        "administers": seen.has("authority"),
        "acts": [
            (each, ACTS[each])
            for each in ("delegate", "revoke-delegation")
            if begun(seen.house, seen.who, each, None, {})[0] is None
        ],
    }
    return render(request, "authority/authority.html", page)


def _line(party: PartySeen, day: datetime) -> SafeString | str:
    """Draw who held which office when, with delegations beneath; nothing where nobody is known."""
    rows = [row for office in party.offices for row in _rows(office)]
    if not rows:
        return ""
    return pictures(*time_spans(f"authority-{party.party}", f"Offices of {party.name}", rows, day))


def _rows(office: OfficeSeen) -> list[Row]:
    rows: list[Row] = []
    held = [
        Bar(
            each.official.from_,
            each.official.until,
            "acting" if each.official.acting and each.holds is Presence.IN else _HOLDS[each.holds],
            f"{each.official.name}{', acting' if each.official.acting else ''}",
        )
        for each in office.holders
    ]
    rows.extend(Row(office.office.title, (bar,)) for bar in held)
    for each in office.delegations:
        delegation = each.delegation
        end = delegation.revoked.on if delegation.revoked is not None else delegation.until
        status = each.stands.partition(":")[0]
        bar = Bar(delegation.from_, end, status, f"to {each.to}: {each.stands}")
        rows.append(Row(f"{office.office.title}, delegated", (bar,)))
    return rows
