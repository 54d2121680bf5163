"""Reports: outcomes, how long answers took, how old open cases are, who is waited for.

Pure, and from nothing but views: a report tells a viewer no more than their cases do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from placet.review.view import Status, View

__all__ = ["AGES", "Aged", "Report", "Span", "reported"]

AGES = (7, 30, 90, 365)
"""Days that part the ages of open cases: under a week, a month, a quarter, a year, and older."""


@dataclass(frozen=True)
class Span:
    """How long a stage took, in whole hours: in how many cases, the median, nine in ten, at most.

    A median of an even number is the earlier of the middle two: it is a time that was taken.
    """

    stage: str
    cases: int
    median: int
    ninth_decile: int
    longest: int


@dataclass(frozen=True)
class Aged:
    """An open case: since when, and whose word it waits for, as far as the viewer is told."""

    case: str
    title: str
    since: datetime
    days: int
    awaits: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """What the cases of a viewer come to. `ages` counts open cases by `AGES`, youngest first."""

    cases: int
    outcomes: Mapping[str, int]
    spans: tuple[Span, ...]
    ages: tuple[int, ...]
    awaited: Mapping[str, int]
    oldest: tuple[Aged, ...]


def reported(views: Iterable[View], at: datetime, oldest: int = 20) -> Report:
    """Report on cases as a viewer sees them, at a moment; of the open, the oldest by name."""
    outcomes: Counter[str] = Counter()
    awaited: Counter[str] = Counter()
    taken: dict[str, list[timedelta]] = {}
    ages = [0] * (len(AGES) + 1)
    still: list[Aged] = []
    for each in views:
        outcomes[each.status] += 1
        for stage, span in _stages(each):
            taken.setdefault(stage, []).append(span)
        if each.status is Status.UNDER_REVIEW:
            aged = _aged(each, at)
            ages[sum(aged.days >= limit for limit in AGES)] += 1
            awaited.update(aged.awaits)
            still.append(aged)
    still.sort(key=lambda each: (each.since, each.case))
    return Report(
        cases=sum(outcomes.values()),
        outcomes={status: outcomes[status] for status in Status if outcomes[status]},
        spans=tuple(_span(stage, taken[stage]) for stage in _STAGES if stage in taken),
        ages=tuple(ages),
        awaited=dict(sorted(awaited.items(), key=lambda each: (-each[1], each[0]))),
        oldest=tuple(still[:oldest]),
    )


_STAGES = ("filed to determined", "determined to answered", "filed to answered", "filed to permit")


def _stages(seen: View) -> Iterator[tuple[str, timedelta]]:
    """Yield how long a case took for each stage it has been through, as far as it is shown."""
    words = [each.at for each in seen.outcomes]
    answered = max(words) if words and seen.status is not Status.UNDER_REVIEW else None
    determined = [each.determined_at for each in seen.inside.values() if each.determined_at]
    if determined:
        yield "filed to determined", determined[0] - seen.submitted_at
    if determined and answered is not None and answered >= determined[0]:
        yield "determined to answered", answered - determined[0]
    if answered is not None:
        yield "filed to answered", answered - seen.submitted_at
    issued = [_moment(each["issued-at"]) for each in seen.permits if each.get("issued-at")]
    if issued:
        yield "filed to permit", min(issued) - seen.submitted_at


def _moment(value: object) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _aged(seen: View, at: datetime) -> Aged:
    title = str(seen.request.get("title") or seen.request.get("request") or "")
    return Aged(seen.case, title, seen.submitted_at, (at - seen.submitted_at).days, seen.awaits)


def _span(stage: str, taken: list[timedelta]) -> Span:
    hours = sorted(int(each.total_seconds()) // 3600 for each in taken)
    last = len(hours) - 1
    return Span(stage, len(hours), hours[last // 2], hours[last * 9 // 10], hours[last])
