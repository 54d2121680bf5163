"""Measuring in interleaved rounds, and what every benchmark returns.

A shared machine drifts: it is faster in one second than in the next. So the things that are
compared take turns within each round and each is given as a ratio to one of them. Ratios travel;
absolute times hold for one machine and one hour.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["Result", "Row", "Skipped", "pace", "rounds", "row", "rows"]

_TURNS = 2_000_000


def pace() -> float:
    """Return how many million turns of an empty loop Python does in a second: the best of five.

    By this a time measured on one machine, or in one hour, is compared with that of another.
    """
    taken = []
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(_TURNS):
            pass
        taken.append(time.perf_counter() - began)
    return _TURNS / min(taken) / 1e6


class Skipped(Exception):
    """A benchmark that cannot be run here; the message says why."""


@dataclass(frozen=True)
class Row:
    """One thing measured: a median with its 10th and 90th percentile, and its ratio to a base.

    `aim` says what the median, or where it says so the ratio, is meant to be.
    """

    name: str
    median: float
    p10: float
    p90: float
    ratio: float | None = None
    aim: str = ""


@dataclass(frozen=True)
class Result:
    """A table: what was measured, in which unit, with remarks that belong beside it."""

    title: str
    unit: str
    rows: tuple[Row, ...]
    base: str = ""
    remarks: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """Return the table as plain data."""
        return asdict(self)

    def table(self) -> str:
        """Return the table as text, with the ratios and the aims in the last columns."""
        aim = "aim" if any(each.aim for each in self.rows) else ""
        head = ("", "median", "p10", "p90", f"ratio to {self.base}" if self.base else "", aim)
        body = [
            (
                each.name,
                *map(_number, (each.median, each.p10, each.p90)),
                _ratio(each.ratio),
                each.aim,
            )
            for each in self.rows
        ]
        widths = [max(len(line[index]) for line in (head, *body)) for index in range(len(head))]
        lines = [f"{self.title} [{self.unit}]"]
        for name, *numbers in (head, *body):
            cells = [each.rjust(width) for each, width in zip(numbers, widths[1:], strict=True)]
            lines.append("  ".join((f"  {name.ljust(widths[0])}", *cells)).rstrip())
        return "\n".join((*lines, *(f"  {each}" for each in self.remarks)))


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def rounds(cases: Mapping[str, Callable[[], object]], count: int) -> dict[str, list[float]]:
    """Run every case once per round, each round in another order; return the seconds of each.

    One round more is run first and thrown away.
    """
    names = list(cases)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for index in range(count + 1):
        shift = index % len(names)
        gc.collect()
        for name in (*names[shift:], *names[:shift]):
            began = time.perf_counter()
            cases[name]()
            took = time.perf_counter() - began
            if index:
                seconds[name].append(took)
    return seconds


def row(
    name: str, samples: Sequence[float], base: Sequence[float] | None = None, *, aim: str = ""
) -> Row:
    """Sum up the samples of one thing; the ratio is the median of the ratios of each round."""
    low, high = samples[0], samples[0]
    if len(samples) > 1:
        cuts = statistics.quantiles(samples, n=10, method="inclusive")
        low, high = cuts[0], cuts[-1]
    ratio = None
    if base is not None:
        ratio = statistics.median(one / other for one, other in zip(samples, base, strict=True))
    return Row(name, statistics.median(samples), low, high, ratio, aim)


def rows(
    seconds: Mapping[str, Sequence[float]], scale: float, base: str | None = None
) -> tuple[Row, ...]:
    """Sum up all that was measured together, in a unit of which a second holds `scale`."""
    scaled = {name: [each * scale for each in samples] for name, samples in seconds.items()}
    return tuple(row(name, each, scaled[base] if base else None) for name, each in scaled.items())
