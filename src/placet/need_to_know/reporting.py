"""Reports: outcomes, how long answers took, how old open cases are, who is waited for.

A report tells a viewer no more than their cases do: it counts those that they have a part in, and
when a case was determined, and whom it waits for, where they are told so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from placet.need_to_know.view import Sight
from placet.review.case import Case

__all__ = ["AGES", "STAGES", "Aged", "Figures", "Report", "Span", "aged"]

AGES = (7, 30, 90, 365)
"""Days that part the ages of open cases: under a week, a month, a quarter, a year, and older."""

STAGES = ("filed to determined", "determined to answered", "filed to answered", "filed to permit")
"""The stages whose times are counted, in order."""


@dataclass(frozen=True)
class Span:
    """How long a stage took, in whole hours: in how many cases, the median, nine in ten, at most.

    Each is a time that was taken: the shortest that half of them, or nine in ten, did not exceed.
    """

    stage: str
    cases: int
    median: int
    ninth_decile: int
    longest: int


@dataclass(frozen=True)
class Aged:
    """An open case: since when, and whose word it waits for, as far as the viewer is told.

    Where it is not determined yet, `undetermined_by` are the parties whose officers have to; where
    only the permit is to be issued, `unissued_by` those whose officers do.
    """

    case: str
    title: str
    since: datetime
    days: int
    awaits: tuple[str, ...]
    undetermined_by: tuple[str, ...] = ()
    unissued_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figures:
    """What the cases before somebody come to, as rows say. `ages` counts open cases by `AGES`.

    `oldest` are the open cases that were filed first.
    """

    outcomes: Mapping[str, int]
    spans: tuple[Span, ...]
    ages: tuple[int, ...]
    awaited: Mapping[str, int]
    oldest: Sequence[Case]


@dataclass(frozen=True)
class Report:
    """What the cases of a viewer come to. `ages` counts open cases by `AGES`, youngest first."""

    cases: int
    outcomes: Mapping[str, int]
    spans: tuple[Span, ...]
    ages: tuple[int, ...]
    awaited: Mapping[str, int]
    oldest: tuple[Aged, ...]


def aged(eyes: Sight, at: datetime) -> Aged:
    """Return an open case with its age at a moment, as a viewer sees it."""
    case = eyes.case
    title = str(case.request.get("title") or case.request.get("request") or "")
    days = (at - case.submitted_at).days
    return Aged(
        *(case.id, title, case.submitted_at, days),
        awaits=eyes.awaits,
        undetermined_by=eyes.undetermined_by,
        unissued_by=eyes.unissued_by,
    )
