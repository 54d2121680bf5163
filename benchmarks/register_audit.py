"""An audit of a typical log: every act is done again, every signature and tile checked.

The log: cases that are filed, determined, advised on, decided with a signature, issued a permit,
and two reports of use each. What is measured is the whole of `audit`, from reading the database to
its report, the start of its processes included.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from benchmarks.measuring import Result, row
from benchmarks.register_world import Log, Server, new_log
from placet.operations.auditing.audit import audit

__all__ = ["audits", "play_cases"]

CASES = 1_000
CALLERS = 16
AIM = "at least 1,000"
_TURN = threading.Lock()


def audits(on: Server, count: int) -> Iterator[Result]:
    """Measure audits in one process and in one for each core."""
    with new_log(on, "audited") as log:
        began = time.perf_counter()
        play_cases(log, CASES)
        took = time.perf_counter() - began
        cores = os.cpu_count() or 1
        rates: dict[int, list[float]] = {workers: [] for workers in sorted({1, cores})}
        size, cpu = 0, 0.0
        for _ in range(min(count, 2)):
            for workers, found in rates.items():
                before = time.process_time()
                size, rate = _audited(log, workers)
                found.append(rate)
                if workers == 1:
                    cpu = (time.process_time() - before) / size
        load = os.getloadavg()[0]
    names = {workers: f"{workers} process{'es' if workers > 1 else ''}" for workers in rates}
    rows = tuple(
        row(names[each], found, rates[1], aim=AIM if each == cores else "")
        for each, found in rates.items()
    )
    remarks = (
        f"{size:,} entries, done in {took:.0f} s by {CALLERS} callers.",
        f"CPU of an entry, in one process: {cpu * 1e3:.1f} ms.",
        f"Load of the machine, a minute's average: {load:.1f}.",
    )
    yield Result("An audit", "entries a second", rows, names[1], remarks)


def play_cases(log: Log, count: int) -> None:
    """Have so many cases pass, several side by side."""
    left = list(range(count))
    for person in ("marchenko", "whitfield", "hart", "secretary"):
        log.signed_in(person)

    def work() -> None:
        while left:
            left.pop()
            _case(log)

    threads = [threading.Thread(target=work) for _ in range(CALLERS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def _case(log: Log) -> None:
    """Have one case pass: seven entries, each at a moment of its own."""

    def do(person: str, kind: str, **fields: Any) -> None:
        with _TURN:
            log.clock.at += timedelta(seconds=1)
        log.do(person, kind, case, **fields)

    case = log.submitted()
    do("hart", "advise", office="us/usd-policy", stance="for", says="Stocks allow it.")
    determined = log.house.reading.case(case).determined
    do(
        "secretary",
        "decide",
        party="US",
        office="us/secdef",
        verdict="approve",
        determination=determined.digest if determined is not None else "",
        because="a military object within reach of the border",
        disclosed="The United States agrees.",
    )
    references = log.house.references
    permit = references.reference("P")
    do("whitfield", "issue", permit=permit, status=references.status_index())
    for number in range(2):
        do(
            "marchenko",
            "report-use",
            permit=permit,
            report=f"{permit}-{number}",
            line="missiles",
            quantity=1,
            on="2025-07-03T09:00:00Z",
            area="RU-KRS",
            target="military.depot",
            purpose="defence.strike",
            recipient="none",
        )


def _audited(log: Log, workers: int) -> tuple[int, float]:
    """Audit; return the entries, and how many a second."""
    house, keys = log.house, log.installation.keys
    began = time.perf_counter()
    report = audit(
        house.reading,
        house.origin,
        [keys.signer().verifier],
        permit_keys=[keys.permit_key().verifier],
        workers=workers,
    )
    took = time.perf_counter() - began
    if report.wrong:
        raise AssertionError(f"The audit says: {report.wrong[0]}")
    return report.size, report.size / took
