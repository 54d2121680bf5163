"""What `register` measures of an act on the registry: all permits that stand are looked at.

What each rests on is judged anew, now and on each date on record that could end it; meanwhile
nobody else acts. Cases are read before. So such an act takes the longer, the more permits stand.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import psycopg

from benchmarks.measuring import Result, row
from benchmarks.register_world import Log, Server, new_log
from benchmarks.web_world import bring
from placet.store.connections import one

__all__ = ["standing"]

CASES = (600, 6_000)
"""Cases of the registers compared; about every sixth has a permit that stands."""
_RECORD = {"kind": "service", "origin": "US"}


def standing(on: Server, count: int) -> Iterator[Result]:
    """Measure recording a fact that ends no permit, in registers of few and of many."""
    with ExitStack() as held:
        logs = {}
        for cases in CASES:
            log = held.enter_context(new_log(on, f"standing_{cases}"))
            bring(log, cases)
            logs[f"{_permits(log):,} permits stand"] = log
        found: dict[str, list[float]] = {name: [] for name in logs}
        for index in range(count + 1):
            for name, log in logs.items():
                took = _recorded(log, index)
                if index:
                    found[name].append(took)
    base = next(iter(found))
    rows = tuple(row(name, each, found[base]) for name, each in found.items())
    yield Result("A fact is recorded, and no permit falls", "s", rows, base)


def _permits(log: Log) -> int:
    with psycopg.connect(log.environ["DATABASE_URL"]) as owner:
        return int(one(owner.execute("SELECT count(*) FROM permit WHERE status = 0"))[0])


def _recorded(log: Log, index: int) -> float:
    log.clock.at += timedelta(minutes=1)
    began = time.perf_counter()
    log.do(
        "lindqvist",
        "record-fact",
        section="items",
        id="us-targeting-data",
        supersedes="yes",
        because="it is called otherwise",
        record={**_RECORD, "name": f"United States targeting data ({index})"},
    )
    return time.perf_counter() - began
