"""Processes to be killed: workers that act without end, and the sequencer, forked from a nursery.

Run as a script it is the nursery: everything is imported once, each line of its input is a task
in JSON, each gets a process of its own, whose id it prints. The input's end is its own end. It
waits for none of its children, so that no other process gets the number of one that ended.
"""

from __future__ import annotations

import itertools
import json
import logging
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import acting_world as world

from placet import bootstrap
from placet.evidence import ForgedEvidenceError
from placet.operations.house import House
from placet.operations.ports import Acknowledgement
from placet.store.connections import Database
from placet.store.errors import DatabaseError, NotCoveredError, SequencerHeldError
from placet.store.keys import Keys
from placet.store.sequencer import Sequencer

SHARED = "C-shared"
"""The case on which all workers act."""


@dataclass(frozen=True)
class Task:
    """What a process does: `kind` is `work`, `work-with-keys` or `number`.

    `files` is the beginning of the names of its files: `.done` has a line for each act that was
    acknowledged, `.wrong` what ended the process that should not have.
    """

    kind: str
    name: str
    url: str
    keys: str
    files: str


def numbering(url: str, keys: Keys) -> tuple[Database, Sequencer]:
    """Put a sequencer together as the installation does, and the database it works on."""
    database, clock = Database(url), bootstrap.SystemClock()
    origin = keys.signer().name
    return database, Sequencer(
        database,
        keys,
        sign_permit=partial(bootstrap._sign_permit, keys, origin),
        sign_status_list=partial(bootstrap._sign_status_list, keys, origin, clock),
        clock=clock,
    )


def _number(task: Task) -> None:
    url = task.url.replace("placet_owner", "placet_sequencer")
    database, sequencer = numbering(url, Keys(Path(task.keys)))
    while True:
        try:
            sequencer.run(threading.Event())
        except SequencerHeldError:
            time.sleep(0.05)
        except DatabaseError:
            database.close()
            return


def _work(task: Task) -> None:
    """Act until killed, or until the database goes away; write down what is acknowledged."""
    keys = task.keys if task.kind == "work-with-keys" else f"{task.keys}-not-here"
    environ = {"PLACET_DATA": task.files, "PLACET_KEYS": keys, "DATABASE_URL": task.url}
    said = os.open(f"{task.files}.done", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        with bootstrap.opened(environ) as installation:
            for done in _acts(installation.house, task.name):
                cases = [[each.id, each.version] for each in done.change.cases]
                line = [done.index, done.entry.hex(), cases]
                os.write(said, json.dumps(line).encode() + b"\n")
                os.fsync(said)
    except (DatabaseError, NotCoveredError):
        return


def _acts(house: House, name: str) -> Iterator[Acknowledgement]:
    """Act: a case in Russia up to the decision, one in Ukraine up to a use; a change of context."""
    for number in itertools.count():
        russia, ukraine, permit = f"C-{name}-{number}", f"D-{name}-{number}", f"P-{name}-{number}"
        request = world.plain(world.USE)
        yield world.do(house, "olena", "submit", russia, request=request)
        yield world.do(house, "dana", "determine", russia)
        yield world.do(house, "dora", "ask", russia, asks="what for")
        told = {**request, "title": "Use of what is left"}
        yield world.do(house, "taras", "supply", russia, question=0, request=told, says="that")
        yield from _on_the_shared_case(house)
        yield world.do(house, "dana", "determine", russia)
        yield world.do(
            house, "jay", "advise", russia, office="us/joint-staff", stance="for", says="w"
        )
        yield world.decide(house, "sec", russia)
        yield from _on_the_shared_case(house)
        if number % 2:
            yield _on_the_context(house, f"{name}-{number}")
        yield world.do(house, "olena", "submit", ukraine, request={**request, "area": "UA-63"})
        yield world.do(house, "dana", "determine", ukraine)
        index = house.references.status_index()
        yield world.do(house, "lee", "issue", ukraine, permit=permit, status=index)
        now = bootstrap.SystemClock().now()
        yield world.use(house, "olena", ukraine, now, permit=permit, report="first")
        yield world.do(house, "len", "revoke", ukraine, permit=permit, because="enough")


def _on_the_context(house: House, fact: str) -> Acknowledgement:
    """Record a fact; where somebody else changed the context since it was signed, sign again."""
    record = {"means": "more"}
    for _ in range(100):
        with suppress(ForgedEvidenceError):
            done: Acknowledgement = world.do(
                house,
                "rory",
                "record-fact",
                section="purposes",
                id=fact,
                record=record,
                because="it came up",
            )
            return done
    raise AssertionError("What was signed for the context was refused a hundred times.")


def _on_the_shared_case(house: House) -> Iterator[Acknowledgement]:
    yield world.do(house, "dana", "ask", SHARED, asks="and what else")


def _perform(task: Task) -> None:
    """Do a task, and end the process; whoever started it reads what went wrong."""
    with Path(f"{task.files}.wrong").open("w") as wrong:
        os.dup2(wrong.fileno(), sys.stderr.fileno())
    logging.getLogger("psycopg").setLevel(logging.ERROR)  # it warns of lost connections
    if task.kind == "number":
        _number(task)
    else:
        _work(task)


class Nursery:
    """Forks processes quickly; also a context manager, at whose end none of them is left."""

    def __init__(self) -> None:
        self._running: dict[str, int] = {}
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for name in list(self._running):
            self.kill(name)
        with self._process:
            self._process.stdin.close()

    def start(self, task: Task) -> None:
        """Start a process."""
        asked, told = self._process.stdin, self._process.stdout
        assert asked is not None
        assert told is not None
        asked.write(json.dumps(asdict(task)) + "\n")
        asked.flush()
        self._running[task.name] = int(told.readline())

    def kill(self, name: str) -> None:
        """Kill a process with SIGKILL, and wait until it is gone."""
        kill(self._running.pop(name))

    @property
    def running(self) -> list[str]:
        """The names of the processes that were started and not killed."""
        return list(self._running)


def kill(*processes: int) -> None:
    """Kill processes with SIGKILL, and wait until they are gone; the nursery has to reap its own.

    Those of the nursery that ended by themselves are still there to be killed: nobody else can get
    their number. One of the database may have ended since it was seen.
    """
    held = []
    for process in processes:
        with suppress(ProcessLookupError):
            held.append(os.pidfd_open(process))
    for each in held:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(each, signal.SIGKILL)
    for each in held:
        select.select([each], [], [])
        os.close(each)


def _nursery() -> None:
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            _perform(Task(**json.loads(line)))
            return
        print(process, flush=True)


if __name__ == "__main__":
    _nursery()
