"""The question that counts what lies before somebody for a report, in one reading of its rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from placet.need_to_know.reporting import AGES, STAGES, Span
from placet.need_to_know.shown import CaseStatus

__all__ = ["FIGURES", "OLDEST", "Counted", "counted"]

OLDEST = 20
"""How many open cases are named."""

FIGURES = """
WITH seen AS MATERIALIZED (SELECT * FROM courses_before(%(marks)s::text[])),
open AS (SELECT * FROM seen WHERE status = 'under-review'),
taken AS (
    SELECT stage, floor(extract(epoch FROM took) / 3600)::bigint AS hours
    FROM seen CROSS JOIN LATERAL (VALUES
        (1, CASE WHEN told THEN determined - filed END),
        (2, CASE WHEN told AND answered >= determined THEN answered - determined END),
        (3, answered - filed),
        (4, permitted - filed)
    ) AS every (stage, took) WHERE took IS NOT NULL
)
SELECT 'outcome', status, count(*), NULL::bigint, NULL::bigint, NULL::bigint
    FROM seen GROUP BY status
UNION ALL SELECT 'span', stage::text, count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY hours),
    percentile_disc(0.9) WITHIN GROUP (ORDER BY hours), max(hours) FROM taken GROUP BY stage
UNION ALL SELECT 'age', limits::text, count(*), NULL, NULL, NULL FROM open CROSS JOIN LATERAL (
    SELECT count(*) AS limits FROM unnest(%(ages)s::int[]) AS days
    WHERE %(at)s - filed >= make_interval(days => days)
) AS each GROUP BY limits
UNION ALL SELECT 'awaited', party, count(*), NULL, NULL, NULL
    FROM open CROSS JOIN LATERAL unnest(awaited) AS party WHERE told GROUP BY party
UNION ALL SELECT 'oldest', case_id, nth, NULL, NULL, NULL FROM (
    SELECT case_id, row_number() OVER (ORDER BY filed, case_id) AS nth
    FROM open ORDER BY nth LIMIT %(oldest)s
) AS first
"""
"""Each row says of what it is, its name, how many there are, and of a stage how long it took."""


@dataclass
class Counted:
    """What was counted, each in the order in which it is shown."""

    outcomes: dict[str, int] = field(default_factory=dict)
    spans: tuple[Span, ...] = ()
    ages: tuple[int, ...] = ()
    awaited: dict[str, int] = field(default_factory=dict)
    oldest: tuple[str, ...] = ()


def counted(rows: Iterable[tuple[Any, ...]]) -> Counted:
    """Return what the rows of the question say."""
    found: dict[str, dict[str, tuple[int, ...]]] = defaultdict(dict)
    for what, name, *figures in rows:
        found[what][name] = tuple(figures)
    numbers = {what: {name: each[0] for name, each in its.items()} for what, its in found.items()}
    outcomes, awaited = numbers.get("outcome", {}), numbers.get("awaited", {})
    ages, oldest = numbers.get("age", {}), numbers.get("oldest", {})
    return Counted(
        {status: outcomes[status] for status in CaseStatus if status in outcomes},
        tuple(
            Span(stage, *found["span"][str(number)])
            for number, stage in enumerate(STAGES, 1)
            if str(number) in found["span"]
        ),
        tuple(ages.get(str(number), 0) for number in range(len(AGES) + 1)),
        dict(sorted(awaited.items(), key=lambda each: (-each[1], each[0]))),
        tuple(sorted(oldest, key=lambda case: oldest[case])),
    )
