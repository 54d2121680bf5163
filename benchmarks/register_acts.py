"""What `register` has done over and over: acts, the same unlogged, and what is beside them."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import cycle
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Barrier, Event, Thread
from time import perf_counter, sleep
from typing import Any
from unittest.mock import patch

import psycopg

from benchmarks.register_world import AT, Log, Server
from placet.bootstrap import opened
from placet.ledger import JSON
from placet.operations.demonstration.playing import PlayedClock
from placet.operations.ports import Acknowledgement, Change, Clock, Comparing, Making
from placet.operations.seeing.permit_terms import claims_of
from placet.review.case import Case, Stage
from placet.review.commands import Advise
from placet.review.context import Context
from placet.review.event import Event as Happened
from placet.store.connections import CONTEXT, PLACET, Database, one
from placet.store.rows import case_of, check_change, write_rows
from placet.store.sequencer import Sequencer

__all__ = [
    "CASES",
    "Act",
    "apart",
    "bare",
    "calls",
    "calls_of",
    "clients",
    "commits",
    "naive",
    "rate",
    "slowed",
    "synced",
    "unlogged",
    "whole",
]

Act = Callable[[int], object]
"""Done by a caller: which one, from 0."""

CASES = 64
"""Cases that whole acts are on, of all callers together."""

_EVIDENCE: JSON = {"kind": "none", "says": "the record alone checks no evidence"}


def rate(act: Act, callers: int, seconds: float) -> float:
    """Have so many threads act over and over, each waiting for its own; return acts a second."""
    done, took = calls(act, callers, seconds)
    return done / took


def calls(act: Act, callers: int, seconds: float) -> tuple[int, float]:
    """Have so many threads act for so long; return how many acts, in how many seconds."""
    until = perf_counter() + seconds
    return _together(act, callers, lambda _: perf_counter() < until)


def calls_of(act: Act, callers: int, times: int) -> tuple[int, float]:
    """Have each of so many threads act so many times; return how many acts, in how many seconds."""
    return _together(act, callers, lambda done: done < times)


def _together(act: Act, callers: int, goes_on: Callable[[int], bool]) -> tuple[int, float]:
    done = [0] * callers
    ready = Barrier(callers + 1)

    def call(caller: int) -> None:
        ready.wait()
        while goes_on(done[caller]):
            act(caller)
            done[caller] += 1

    with ThreadPoolExecutor(callers) as threads:
        calling = [threads.submit(call, each) for each in range(callers)]
        began = perf_counter()
        ready.wait()
        for each in calling:
            each.result()
        return sum(done), perf_counter() - began


# --- acts of ours


def whole(log: Log, callers: int) -> Act:
    """Return a whole act, on cases of each caller's own in turn: a deadline is set.

    The session's signature is checked, the act performed, and all of it recorded. However many
    call, the cases are as many: a case grows with its acts, and so does what an act costs.
    """
    log.signed_in("whitfield")
    each = max(1, CASES // callers)
    turns = [cycle([log.submitted() for _ in range(each)]) for _ in range(callers)]
    given = {"of": "us/usd-policy", "due": "2025-08-01T00:00:00Z", "because": "to have it by then"}
    return lambda caller: log.do("whitfield", "set-deadline", next(turns[caller]), **given)


def bare(log: Log, callers: int) -> Act:
    """Return the record of an act alone, on a case for each caller; it is checked by its date."""
    house, cases = log.house, [f"B-{secrets.token_hex(6)}" for _ in range(callers)]
    for case in cases:
        house.recording.on_case(case, _step(case, house.clock))
    return lambda caller: house.recording.on_case(cases[caller], _step(cases[caller], house.clock))


def _step(case: str, clock: Clock) -> Making:
    def make(known: Case | None, _context: Context) -> Change:
        after, at = _opened(case), clock.now()
        if known is not None:
            after = known.model_copy(update={"version": known.version + 1, "last": at})
        command = Advise(office="us/usd-policy", stance="for", says="as before")
        return Change(Happened(command, "hart", at, case), (after,), evidence=_EVIDENCE)

    return make


def _opened(case: str) -> Case:
    return Case(
        id=case,
        version=1,
        stage=Stage.SUBMITTED,
        request={"purpose": "none", "activity": "use"},
        applicant="UA",
        submitted_by="marchenko",
        submitted_at=AT,
        last=AT,
    )


class Unlogged:
    """A recording that keeps the state and no log: the same transaction less the ledger's part.

    No entry, no body, nobody to number it. Moves are kept with the ticket of the log's first act,
    as they must name one.
    """

    def __init__(self, database: Database, context: Context, origin: str) -> None:
        self._database = database
        self._context = context
        self._origin = origin

    def on_case(self, case: str, make: Making) -> Acknowledgement:
        """Do an act on a case."""
        with self._database.transaction() as connection:
            connection.execute(
                "SELECT pg_advisory_xact_lock_shared(%s, %s),"
                " pg_advisory_xact_lock(hashtextextended(%s, 0))",
                (PLACET, CONTEXT, case),
            )
            found = connection.execute(
                "SELECT (SELECT max(version) FROM context),"
                " (SELECT state FROM case_head WHERE case_id = %s),"
                " (SELECT min(ticket) FROM entry)",
                (case,),
            )
            _version, state, ticket = one(found)
            before = case_of(state) if state is not None else None
            change = make(before, self._context)
            known = {case: before} if before is not None else {}
            check_change(change, known, self._context)
            write_rows(connection, change, known, ticket, b"", self._claims, self._context)
        return Acknowledgement(change, 0, b"", 0)

    def on_context(self, make: Any) -> Acknowledgement:
        """Not measured."""
        raise NotImplementedError

    erase = on_context

    def compare(self, at: datetime, most: int, comparing: Comparing) -> int:
        """Not measured."""
        raise NotImplementedError

    def _claims(self, case: Case, permit: Any, leaf: bytes) -> JSON:
        return claims_of(case, permit, self._origin, leaf)


def unlogged(log: Log, database: Database) -> Log:
    """Return a log whose acts are not logged any more; its people stay signed in."""
    recording = Unlogged(database, log.house.reading.context(), log.house.origin)
    house = replace(log.house, recording=recording)
    return replace(log, installation=replace(log.installation, house=house))


# --- from processes of their own


@contextmanager
def apart(
    log: Log, made: Callable[[Log, int], Act], processes: int, pause: float = 0
) -> Iterator[Callable[[int, float], float]]:
    """Have processes act whose keys are in yet another one, which numbers for all.

    What is yielded takes how many call, a multiple of the processes or 1, and for how long.

    Args:
        log: the log that they act in.
        made: makes an act for so many callers, in each process.
        processes: how many processes act.
        pause: how many seconds longer a sync of the keys' folder takes.
    """
    context = get_context("spawn")
    pairs = [context.Pipe() for _ in range(processes + 1)]
    numbering, *acting = [pipe for _, pipe in pairs]
    started = [
        context.Process(target=_number, args=(log.environ, numbering, pause)),
        *(context.Process(target=_call, args=(log.environ, pipe, made)) for pipe in acting),
    ]
    for each in started:
        each.start()
    pipes = [pipe for pipe, _ in pairs]
    for pipe in pipes:
        pipe.recv()

    def run(count: int, seconds: float) -> float:
        used = pipes[1 : 1 + min(count, processes)]
        for pipe in used:
            pipe.send((max(1, count // processes), seconds))
        return sum(float(pipe.recv()) for pipe in used)

    try:
        yield run
    finally:
        for pipe in pipes:
            pipe.send(None)
        for each in started:
            each.join()


def _number(environ: dict[str, str], pipe: Connection, pause: float) -> None:
    """Number entries until told to stop."""
    with slowed(pause), opened(environ) as installation:
        database = Database(installation.urls["placet_sequencer"])
        sequencer = Sequencer(
            database,
            installation.keys,
            sign_permit=lambda _: "",
            sign_status_list=lambda _, __: "",
            clock=PlayedClock(AT),
        )
        stop = Event()
        thread = Thread(target=sequencer.run, args=(stop,))
        thread.start()
        pipe.send("ready")
        pipe.recv()
        stop.set()
        thread.join()
        database.close()


def _call(environ: dict[str, str], pipe: Connection, made: Callable[[Log, int], Act]) -> None:
    """Act as often as told, without keys."""
    keyless = {**environ, "PLACET_KEYS": str(Path(environ["PLACET_DATA"]) / "no-keys")}
    clock = PlayedClock(AT)
    with opened(keyless, clock=clock) as installation:
        log = Log(keyless, installation, clock)
        pipe.send("ready")
        while (told := pipe.recv()) is not None:
            callers, seconds = told
            pipe.send(rate(made(log, callers), callers, seconds))


# --- what they are held against


@contextmanager
def slowed(pause: float) -> Iterator[None]:
    """Have each sync of the keys' folder take so many seconds longer, in this process."""
    whole = os.fdatasync

    def sync(descriptor: int) -> None:
        whole(descriptor)
        if pause:
            sleep(pause)

    with patch("placet.store.keys.os.fdatasync", sync):
        yield


@contextmanager
def synced(folder: Path, pause: float = 0) -> Iterator[Act]:
    """Write a block to a file and wait until the disk has it, and so many seconds more."""
    descriptor = os.open(folder / "synced", os.O_WRONLY | os.O_CREAT, 0o600)
    block = secrets.token_bytes(512)

    def write(_caller: int) -> None:
        os.pwrite(descriptor, block, 0)
        os.fsync(descriptor)
        if pause:
            sleep(pause)

    try:
        yield write
    finally:
        os.close(descriptor)


@contextmanager
def clients(
    on: Server, name: str, count: int, pause: float = 0
) -> Iterator[list[psycopg.Connection]]:
    """Connect so many clients to a new database with the tables of the two designs below."""
    on.new_database(name, pause)
    url = on.embedded.url("placet_owner", name)
    made = [psycopg.connect(url, autocommit=True) for _ in range(count)]
    made[0].execute(
        "CREATE TABLE plain (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea);"
        "CREATE TABLE head (size bigint, root bytea); INSERT INTO head VALUES (0, '');"
        "CREATE TABLE chained (index bigint PRIMARY KEY, leaf bytea, body bytea)"
    )
    try:
        yield made
    finally:
        for each in made:
            each.close()


def commits(made: list[psycopg.Connection]) -> Act:
    """Return PostgreSQL's own commit of one row of 2 KB, about the size of a body."""
    body = secrets.token_bytes(2048)

    def insert(caller: int) -> None:
        made[caller].execute("INSERT INTO plain (body) VALUES (%s)", (body,))

    return insert


def naive(made: list[psycopg.Connection]) -> Act:
    """Return the naive log: each act locks the head row, chains its entry to it, and commits.

    It does less than ours: no state of a case, no signature, no proof shorter than the log.
    """
    body = secrets.token_bytes(2048)

    def append(caller: int) -> None:
        connection = made[caller]
        with connection.pipeline(), connection.transaction():
            size, root = one(connection.execute("SELECT size, root FROM head FOR UPDATE"))
            leaf = hashlib.sha256(root + body).digest()
            connection.execute("INSERT INTO chained VALUES (%s, %s, %s)", (size, leaf, body))
            connection.execute("UPDATE head SET size = %s, root = %s", (size + 1, leaf))

    return append
