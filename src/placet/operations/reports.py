"""Reports on the cases that somebody has a part in, to read and to take away as a table."""

from __future__ import annotations

import csv
import io
from itertools import pairwise

from placet.need_to_know.desk import keys
from placet.need_to_know.reporting import AGES, Report, aged
from placet.need_to_know.view import sight
from placet.operations.house import House, SignedIn
from placet.operations.seeing import viewer_of
from placet.review.viewer import relation

__all__ = ["ages_in_words", "report_csv", "see_report"]


def see_report(house: House, who: SignedIn) -> Report:
    """Return a report, as of now, on all cases that the person signed in has a part in.

    Rows count them; of those named, each is held against what its view says.
    """
    looking, at = viewer_of(house, who), house.clock.now()
    found = house.reading.figures(keys(looking), at)
    oldest = (aged(sight(each, looking), at) for each in found.oldest if relation(each, looking))
    return Report(
        cases=sum(found.outcomes.values()),
        outcomes=found.outcomes,
        spans=found.spans,
        ages=found.ages,
        awaited=found.awaited,
        oldest=tuple(oldest),
    )


def report_csv(report: Report) -> str:
    """Return a report as comma-separated values (RFC 4180): section, name, and its figures.

    A name that a spreadsheet would take for a formula is set apart by an apostrophe.
    """
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\r\n")
    rows.writerow(
        ["section", "name", "count", "median hours", "nine in ten hours", "longest hours"]
    )
    for status, count in report.outcomes.items():
        rows.writerow(["outcome", _plain(status), count, "", "", ""])
    for span in report.spans:
        figures = [span.cases, span.median, span.ninth_decile, span.longest]
        rows.writerow(["time", _plain(span.stage), *figures])
    for name, count in zip(ages_in_words(), report.ages, strict=True):
        rows.writerow(["age of open cases", name, count, "", "", ""])
    for party, count in report.awaited.items():
        rows.writerow(["waited for", _plain(party), count, "", "", ""])
    return written.getvalue()


def ages_in_words() -> tuple[str, ...]:
    """Return the names of the ages that open cases are counted by, the youngest first."""
    between = [f"{low} to {high} days" for low, high in pairwise(AGES)]
    return (f"under {AGES[0]} days", *between, f"{AGES[-1]} days and older")


def _plain(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
