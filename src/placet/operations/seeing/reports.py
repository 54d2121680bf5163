"""Reports on the cases that somebody has a part in, to read and to take away as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import pairwise

from placet.need_to_know.desk import keys
from placet.need_to_know.reporting import AGES, Report, aged
from placet.need_to_know.view import sight
from placet.operations.house import House, SignedIn, viewer_of
from placet.registry import written
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

    Of the cases that are open the longest stands what the page says of them, with parties by id.
    What a spreadsheet would take for a formula is set apart by an apostrophe.
    """
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\r\n")
    rows.writerow(_COLUMNS)
    for each in _rows(report):
        cells = [_plain(cell) if isinstance(cell, str) else cell for cell in each]
        rows.writerow([*cells, *[""] * (len(_COLUMNS) - len(cells))])
    return table.getvalue()


_COLUMNS = (
    *("section", "name", "count", "median hours", "nine in ten hours", "longest hours"),
    *("title", "filed", "days", "waits for", "undetermined by", "unissued by"),
)


def _rows(report: Report) -> Iterator[tuple[str | int, ...]]:
    """Yield the rows of a report, each as far as it goes."""
    for status, count in report.outcomes.items():
        yield "outcome", status, count
    for span in report.spans:
        yield "time", span.stage, span.cases, span.median, span.ninth_decile, span.longest
    for name, count in zip(ages_in_words(), report.ages, strict=True):
        yield "age of open cases", name, count
    for party, count in report.awaited.items():
        yield "waited for", party, count
    for case in report.oldest:
        parties = map(" ".join, (case.awaits, case.undetermined_by, case.unissued_by))
        named = ("open the longest", case.case, "", "", "", "", case.title)
        yield *named, written(case.since), case.days, *parties


def ages_in_words() -> tuple[str, ...]:
    """Return the names of the ages that open cases are counted by, the youngest first."""
    between = [f"{low} to {high} days" for low, high in pairwise(AGES)]
    return (f"under {AGES[0]} days", *between, f"{AGES[-1]} days and older")


def _plain(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
