"""Waiting until a signed checkpoint covers an act.

Whoever waits and may use the keys numbers the next batch, for all who wait, in whatever process:
while one batch is being written, others commit and queue, and the first of them numbers all. So
a batch grows with the number of those who wait, and no thread has to run for it.

Where a sequencer runs on its own, a process waits for its word, by turns: one thread listens for
all. What a batch announces is only a reason to look; if nothing is announced, it looks anyway.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import psycopg

from placet.errors import PlacetError
from placet.store.connections import NUMBERED, PENDING, Database
from placet.store.errors import NotCoveredError, SequencerHeldError
from placet.store.sequencer import Sequencer

__all__ = ["Coverage", "Covered"]

_LOOK = 0.05  # seconds between two looks when nothing is announced
_PATIENCE = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class Covered:
    """The number of an entry, and the size of the first checkpoint that covers it."""

    index: int
    size: int


@dataclass(slots=True)
class _Waiter:
    """One thread that waits for its act: it sleeps until it is covered, or has the turn."""

    ticket: int
    has_turn: bool
    asleep: threading.Lock = field(default_factory=threading.Lock)
    covered: Covered | None = None

    def __post_init__(self) -> None:
        self.asleep.acquire()


class Coverage:
    """Waits for checkpoints, on behalf of all threads of a process.

    Args:
        database: connections that may read numbers and checkpoints.
        sequencer: numbers entries where nobody else does; None where this process has no keys.
        patience: seconds after which whoever waits is told that nobody numbers entries.
    """

    def __init__(
        self, database: Database, sequencer: Sequencer | None, *, patience: float = _PATIENCE
    ) -> None:
        self._database = database
        self._sequencer = sequencer
        self._patience = patience
        self._lock = threading.Lock()
        self._waiting: dict[int, _Waiter] = {}
        self._turn_taken = False

    def wait(self, ticket: int) -> Covered:
        """Return when a checkpoint covers an entry that is committed.

        Raises:
            NotCoveredError: nobody numbers entries, or this process does and cannot; the act
                stays on record.
        """
        with self._lock:
            waiter = self._waiting[ticket] = _Waiter(ticket, not self._turn_taken)
            self._turn_taken = True
        try:
            if not waiter.has_turn:
                waiter.asleep.acquire()
            return waiter.covered or self._take_turn(waiter)
        finally:
            self._leave(waiter)

    def _leave(self, waiter: _Waiter) -> None:
        """Wait no more; the turn goes to who has waited longest."""
        with self._lock:
            self._waiting.pop(waiter.ticket, None)
            if not waiter.has_turn:
                return
            heir = next(iter(self._waiting.values()), None)
            self._turn_taken = heir is not None
            if heir is not None:
                heir.has_turn = True
                heir.asleep.release()

    def _note(self, found: Iterable[tuple[int, int, int]]) -> None:
        """Note tickets that are covered, with number and size, and wake those who wait for them."""
        with self._lock:
            for ticket, index, size in found:
                waiter = self._waiting.pop(ticket, None)
                if waiter is not None:
                    waiter.covered = Covered(index, size)
                    waiter.asleep.release()

    def _take_turn(self, waiter: _Waiter) -> Covered:
        """Number entries, or listen, until one's own entry is covered."""
        until = time.monotonic() + self._patience
        while True:
            if not self._number(waiter):
                self._listen(waiter)
            if waiter.covered is not None:
                return waiter.covered
            if time.monotonic() > until:
                raise NotCoveredError(
                    "The act is on record and must not be repeated, but it has no number yet: "
                    "no sequencer runs. Start one where the keys are; it will number the act.",
                    waiter.ticket,
                )

    def _number(self, waiter: _Waiter) -> bool:
        """Number all that waits; false where another process does, or this one may not."""
        if self._sequencer is None:
            return False
        try:
            self._note(self._sequencer.number())
            while self._sequencer.left:
                self._note(self._sequencer.number())
        except SequencerHeldError:
            return False
        except PlacetError as error:
            raise NotCoveredError(
                f"The act is on record and must not be repeated, but it has no number yet: {error}",
                waiter.ticket,
            ) from error
        if waiter.covered is None:  # another process numbered it
            with self._database.connection() as connection:
                self._look(connection)
        return True

    def _listen(self, waiter: _Waiter) -> None:
        """Wait until one's own entry is covered, or for a moment."""
        with self._database.connection() as connection:
            try:
                with connection.pipeline() as pipeline:
                    connection.execute(f"LISTEN {NUMBERED}")
                    connection.execute(f"NOTIFY {PENDING}")
                    pipeline.sync()  # whoever looks after this misses no batch
                    self._look(connection)
                if waiter.covered is None:
                    for _ in connection.notifies(timeout=_LOOK, stop_after=1):
                        pass
                    self._look(connection)
            finally:
                connection.execute("UNLISTEN *")

    def _look(self, connection: psycopg.Connection) -> None:
        """Look which of those who wait are covered."""
        with self._lock:
            tickets = list(self._waiting)
        found = connection.execute(
            "SELECT ticket, index, (SELECT min(size) FROM checkpoint WHERE size > index)"
            " FROM numbered WHERE ticket = ANY(%s)",
            (tickets,),
        )
        self._note(found.fetchall())
