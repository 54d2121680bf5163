"""The register: what an act costs, how many can be done, whether that stays so, and an audit.

Measured, on a durable server started for the run: whole acts (evidence checked, rules applied,
recorded, covered by a signed checkpoint) and the record alone, at 1 to 64 callers; the ledger's
part of an act; acts and proofs in logs of a thousand to a million entries; an act on the registry
where many permits stand; an audit that does thousands of acts again. Against: the raw syncs of the
same disk, PostgreSQL's own commits, and the naive log, whose acts lock its head row. Rates are per
second: more is better, a ratio above 1 is faster than what it is compared with.

An act waits for three syncs, one after another: its commit, the file `last-checkpoint`, the commit
of the checkpoint. So one caller alone has a third of the raw syncs at best; many callers share the
last two.

That matters where a sync takes a millisecond or more, as it does on most servers. On a disk that
syncs ten thousand times a second one caller hardly waits for it, and many can gain little over one:
at most cores x time of a lone act / CPU of an act among many (record 50). So what many callers do
is measured on the disk as it is, and with each sync one and four milliseconds longer. After the
sync of `last-checkpoint` there is a pause. Commits get theirs by PostgreSQL's own `commit_delay`,
with no other session needed for it (`commit_siblings = 0`): whoever writes the log out sleeps so
long before, holding the lock on it; a lone committer too, as strace shows. In one thing that is
kinder than a slow disk: what is committed meanwhile goes out with that sync, where it would wait
for the next one. The raw rates with the pause are measured beside it, in the same run.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from secrets import randbelow
from typing import TypeVar
from unittest.mock import patch

import psycopg

from benchmarks.measuring import Result, row
from benchmarks.register_acts import (
    Act,
    apart,
    bare,
    calls,
    calls_of,
    clients,
    commits,
    naive,
    rate,
    slowed,
    synced,
    unlogged,
    whole,
)
from benchmarks.register_audit import audits
from benchmarks.register_standing import standing
from benchmarks.register_world import Log, Server, fill, new_log, server
from placet.ledger import (
    hash_leaf,
    hashes_from,
    parse_receipt,
    prove_inclusion,
    verify_inclusion,
    verify_receipt,
)
from placet.operations.log.proving import checkpoint as latest
from placet.operations.log.proving import receipt
from placet.store.connections import Database

__all__ = ["run"]

CALLERS = (1, 8, 32, 64)
PROCESSES = 2
SLOWED = {each: f", each sync {each * 1e3:.0f} ms longer" for each in (0.001, 0.004)}
"""How many seconds longer each sync takes, where that is looked at too, and how that is said."""
FILE = "file: write and sync"
COMMIT = "PostgreSQL: insert and commit"
SECONDS = 0.5
"""For how long each number of callers calls, each round."""
TOGETHER = (1, 32)
"""How many call where the cost of one act is looked at: alone, and sharing checkpoints."""
KINDS = ("time", "CPU here", "CPU of PostgreSQL")
ACTS = 40
"""Acts whose commits and syncs are counted."""
SIZES = (1_024, 100_096, 1_000_192)
"""Entries of the logs compared. All end at a full tile: what an act costs swings a little with the
width of the tile that is being filled."""
PROOFS = 40
COMPARED = 128
"""Acts that are done with the log and without it, each round; so many divided by the callers."""

OURS: Mapping[str, Callable[[Log, int], Act]] = {
    "the record alone": bare,
    "whole acts": whole,
}
"""What many callers do."""
WHERE = ("", f", {PROCESSES} processes")
"""In this process, and in processes of their own."""

AIMS = {
    "the ledger's part: CPU here": "at most 1 for one caller",
    **{f"{kind}{WHERE[1]}, 32{SLOWED[0.004]}": "ratio at least 4" for kind in OURS},
    **{f"{kind}{where}, 64": "ratio at least 1" for kind in OURS for where in WHERE},
    "commits": "2",
    "inclusion alone": "under 50",
}
"""What is aimed at, by the row that shows it; of 32 callers where the disk is far (record 50)."""
FLAT = "ratio at most 1.25"
RECEIPT = "under 5"

Making = Callable[[int], Act]
"""Makes what so many callers do, on a new case for each."""
Rates = Mapping[str, list[float]]
Cases = Mapping[str, Callable[[], float]]
"""What is measured, by name and callers: each says how many a second."""
T = TypeVar("T")


def run(count: int) -> Iterator[Result]:
    """Measure the register; half as many rounds as asked for, as each is long."""
    times = max(2, count // 2)
    with server() as on:
        yield from _one_act(on, times)
        yield from _many(on, times)
        yield from _many_slowed(on, times)
        yield from _sizes(on, times)
        yield from standing(on, times)
        yield from audits(on, times)


def _rounds(cases: Cases, count: int) -> dict[str, list[float]]:
    """Take what every case says of itself, once per round, each round in another order."""
    found: dict[str, list[float]] = {name: [] for name in cases}
    for index in range(count + 1):
        for name, case in _turned(cases, index):
            value = case()
            if index:
                found[name].append(value)
    return found


def _turned(cases: Mapping[str, T], index: int) -> list[tuple[str, T]]:
    """Return the cases in the order of a round."""
    items = list(cases.items())
    shift = index % len(items)
    return items[shift:] + items[:shift]


def _load() -> str:
    return f"Load of the machine, a minute's average: {os.getloadavg()[0]:.1f}."


# --- one act


def _one_act(on: Server, count: int) -> Iterator[Result]:
    """Measure an act with the log and without: its time, and the CPU of both processes."""
    with ExitStack() as held:
        log = held.enter_context(new_log(on, "one"))
        database = Database(log.installation.urls["placet_act"])
        held.callback(database.close)
        plain = unlogged(log, database)
        for name, logged, unlogging in (
            ("a whole act", partial(whole, log), partial(whole, plain)),
            (
                "the record alone",
                partial(bare, log),
                partial(bare, plain),
            ),
        ):
            for callers in TOGETHER:
                title = f"One act: {name}, {callers} caller{'s' if callers > 1 else ''}"
                yield _against_unlogged(on, title, logged, unlogging, callers, count)
        yield _commits(log)


def _against_unlogged(
    on: Server, title: str, logged: Making, plain: Making, callers: int, count: int
) -> Result:
    """Measure as many acts with the log as without, in every round on new cases.

    A case grows with its acts, and so does what an act costs: whoever did more acts in the same
    time would seem to do dearer ones.
    """
    ways = {"logged": logged, "unlogged": plain}
    found: dict[str, list[float]] = {
        f"{way}: {kind}": [] for way in (*ways, "the ledger's part") for kind in KINDS
    }
    for index in range(count + 1):
        costs = {
            way: _cost(on, partial(calls_of, make(callers), callers, COMPARED // callers))
            for way, make in _turned(ways, index)
        }
        both = zip(costs["logged"], costs["unlogged"], strict=True)
        costs["the ledger's part"] = [one - other for one, other in both]
        for way, each in costs.items():
            for kind, cost in zip(KINDS, each, strict=True):
                if index:
                    found[f"{way}: {kind}"].append(cost)
    rows = tuple(row(each, samples, aim=AIMS.get(each, "")) for each, samples in found.items())
    return Result(title, "ms an act", rows, remarks=(_load(),))


def _cost(on: Server, run: Callable[[], tuple[int, float]]) -> list[float]:
    """Return what an act costs in milliseconds: time, CPU of this process, CPU of the server."""
    here, there = time.process_time(), on.cpu()
    done, took = run()
    spent = (took, time.process_time() - here, on.cpu() - there)
    return [each * 1e3 / done for each in spent]


def _commits(log: Log) -> Result:
    """Count transactions that write, and syncs of our own, of acts one after another."""
    act = bare(log, 1)
    with psycopg.connect(log.environ["DATABASE_URL"], autocommit=True) as asking:
        before = _transactions(asking)
        with (
            patch("placet.store.keys.os.fsync", wraps=os.fsync) as fsync,
            patch("placet.store.keys.os.fdatasync", wraps=os.fdatasync) as fdatasync,
        ):
            for _ in range(ACTS):
                act(0)
        written = _transactions(asking) - before
    rows = (
        row("commits", [written / ACTS], aim=AIMS["commits"]),
        row("syncs of last-checkpoint", [(fsync.call_count + fdatasync.call_count) / ACTS]),
    )
    remark = "Counted, not timed: transactions that wrote, and syncs in the keys' folder."
    return Result("What an act waits for", "a synchronous act", rows, remarks=(remark,))


def _transactions(asking: psycopg.Connection) -> int:
    found = asking.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
    return int(next(found)[0])


# --- many callers


def _many(on: Server, count: int) -> Iterator[Result]:
    """Measure acts per second at several numbers of callers, all side by side."""
    with ExitStack() as held:
        yield from _side_by_side(_cases(on, held, "bare", 0), count, "")
    with ExitStack() as held:
        yield from _side_by_side(_apart(on, held, "far", 0), count, "")


def _many_slowed(on: Server, count: int) -> Iterator[Result]:
    """Measure the same where each sync takes longer."""
    for number, (pause, where) in enumerate(SLOWED.items()):
        name = f"slowed_{number}"
        with slowed(pause), ExitStack() as held:
            yield from _side_by_side(_cases(on, held, name, pause), count, where)
        with ExitStack() as held:
            yield from _side_by_side(_apart(on, held, f"{name}_far", pause), count, where)


def _cases(on: Server, held: ExitStack, name: str, pause: float) -> Cases:
    """Make what many callers do in this process, and what it is held against."""
    most = max(CALLERS)
    made = held.enter_context(clients(on, f"{name}_peers", most, pause))
    log = held.enter_context(new_log(on, f"{name}_log", pause))
    peers = {
        FILE: (held.enter_context(synced(on.folder, pause)), (1,)),
        COMMIT: (commits(made), (1, 32, 64)),
        "naive, under a locked head row": (naive(made), CALLERS),
    }
    cases: dict[str, Callable[[], float]] = {
        f"{name}, {callers}": partial(rate, act, callers, SECONDS)
        for name, (act, counts) in peers.items()
        for callers in counts
    }
    for name, making in OURS.items():
        for callers in CALLERS:
            cases[f"{name}, {callers}"] = partial(_rate, making, log, callers)
    return cases


def _rate(making: Callable[[Log, int], Act], log: Log, callers: int) -> float:
    return rate(making(log, callers), callers, SECONDS)


def _apart(on: Server, held: ExitStack, name: str, pause: float) -> Cases:
    """Make what as many callers do in processes of their own."""
    cases: dict[str, Callable[[], float]] = {}
    for kind, making in OURS.items():
        log = held.enter_context(new_log(on, f"{name}_{kind.split()[-1]}", pause))
        run = held.enter_context(apart(log, making, PROCESSES, pause))
        for callers in CALLERS:
            cases[f"{kind}, {PROCESSES} processes, {callers}"] = partial(run, callers, SECONDS)
    return cases


def _side_by_side(cases: Cases, count: int, where: str) -> Iterator[Result]:
    rates = _rounds(cases, count)
    names = dict.fromkeys(each.rpartition(", ")[0] for each in cases)
    if FILE in names:
        title = "The disk and the database"
        yield _rates(title, rates, (FILE, COMMIT), f"{FILE}, 1", where)
    for name in names:
        if name not in (FILE, COMMIT):
            yield _rates(f"Acts: {name}", rates, (name,), f"{name}, 1", where)


def _rates(title: str, rates: Rates, names: tuple[str, ...], base: str, where: str) -> Result:
    rows = tuple(
        row(each, samples, rates[base], aim=AIMS.get(each, AIMS.get(f"{each}{where}", "")))
        for each, samples in rates.items()
        if each.rpartition(", ")[0] in names
    )
    return Result(f"{title}{where}", "a second, by callers", rows, base, (_load(),))


# --- sizes


def _sizes(on: Server, count: int) -> Iterator[Result]:
    """Measure acts and proofs in logs of several sizes, side by side."""
    with ExitStack() as held:
        logs, took = {}, []
        for size in SIZES:
            name = f"{size:,} entries"
            log = held.enter_context(new_log(on, f"size_{size}"))
            act = bare(log, 1)
            began = time.perf_counter()
            fill(log, size, number=partial(act, 0))
            took.append(f"{name} in {time.perf_counter() - began:.0f} s")
            logs[name] = (log, act)
        costs: dict[str, list[list[float]]] = {name: [] for name in logs}
        for index in range(count + 1):
            for name, (_, act) in _turned(logs, index):
                cost = _cost(on, partial(calls, act, 1, SECONDS))
                if index:
                    costs[name].append(cost)
        base = next(iter(costs))
        for place, kind in enumerate(KINDS):
            yield Result(
                f"The record of an act, by the size of its log: {kind}",
                "ms",
                tuple(
                    row(
                        name,
                        [each[place] for each in found],
                        [each[place] for each in costs[base]],
                        aim=FLAT if name != base else "",
                    )
                    for name, found in costs.items()
                ),
                base,
                (f"Built {', '.join(took)}.", _load()),
            )
        yield from _proofs({name: log for name, (log, _) in logs.items()}, count)


def _proofs(logs: Mapping[str, Log], count: int) -> Iterator[Result]:
    """Measure receipts made from the database, and checked without it."""
    making: dict[str, list[float]] = {name: [] for name in logs}
    checking: dict[str, list[float]] = {}
    for index in range(count + 1):
        for name, log in _turned(logs, index):
            made, checked = _proof(log)
            if index:
                making[name].append(made)
                for what, seconds in checked.items():
                    checking.setdefault(f"{name}: {what}", []).append(seconds)
    base = next(iter(making))
    rows = tuple(row(name, found, making[base], aim=RECEIPT) for name, found in making.items())
    yield Result("A receipt, made from the database", "ms", rows, base, (_load(),))
    rows = tuple(
        row(name, found, aim=AIMS.get(name.rpartition(": ")[2], ""))
        for name, found in checking.items()
    )
    yield Result("A receipt, checked", "µs", rows, remarks=(_load(),))


def _proof(log: Log) -> tuple[float, dict[str, float]]:
    """Return the milliseconds to make a receipt, and the microseconds to check one."""
    reading, keys = log.house.reading, list(log.house.reading.log_keys())
    last = latest(reading).checkpoint
    size = last.size
    chosen = [randbelow(size) for _ in range(PROOFS)]
    began = time.perf_counter()
    made = [receipt(reading, index) for index in chosen]
    took = (time.perf_counter() - began) / PROOFS * 1e3
    leaves = [next(iter(reading.entries(index, index + 1))).leaf for index in chosen]
    began = time.perf_counter()
    parsed = [parse_receipt(each) for each in made]
    read = time.perf_counter()
    for each, leaf in zip(parsed, leaves, strict=True):
        verify_receipt(each, leaf, keys, None)
    verified = time.perf_counter()
    proofs = [prove_inclusion(each, size, hashes_from(reading.tiles(), size)) for each in chosen]
    hashes = [hash_leaf(leaf) for leaf in leaves]
    start = time.perf_counter()
    for index, hashed, proof in zip(chosen, hashes, proofs, strict=True):
        verify_inclusion(index, hashed, size, last.root, proof)
    end = time.perf_counter()
    seconds = {
        "inclusion alone": end - start,
        "with the signature": verified - read,
        "and read from its file": verified - began,
    }
    return took, {name: each / PROOFS * 1e6 for name, each in seconds.items()}
