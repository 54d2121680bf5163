"""Reports: outcomes, how long answers took, how old open cases are, who is waited for."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from placet.operations.seeing.reports import ages_in_words, report_csv, see_report
from placet.web.people import looking

__all__ = ["report", "report_table"]


@login_required
def report(request: HttpRequest) -> HttpResponse:
    """Show a report on the cases that the person has a part in."""
    seen = looking(request)
    found = see_report(seen.house, seen.who)
    now = seen.house.clock.now()
    ages = list(zip(ages_in_words(), found.ages, strict=True))
    page = {
        "report": found,
        "now": now,
        "ages": ages,
        "aged": max(1, sum(found.ages)),
        "ended": max(1, sum(found.outcomes.values())),
    }
    return render(request, "reports/report.html", page)


@login_required
def report_table(request: HttpRequest) -> HttpResponse:
    """Hand out the same figures as comma-separated values."""
    seen = looking(request)
    now, data = seen.house.clock.now(), report_csv(see_report(seen.house, seen.who))
    answer = HttpResponse(data, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="placet-report-{now:%Y-%m-%d}.csv"'
    return answer
