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
from dataclasses import dataclass

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
        self._turn = threading.Lock()
        self._waiting: set[int] = set()
        self._covered: dict[int, Covered] = {}

    def wait(self, ticket: int) -> Covered:
        """Return when a checkpoint covers an entry that is committed.

        Raises:
            NotCoveredError: nobody numbers entries, or this process does and cannot; the act
                stays on record.
        """
        self._waiting.add(ticket)
        try:
            with self._turn:
                if ticket not in self._covered:
                    self._take_turn(ticket)
                return self._covered[ticket]
        finally:
            self._waiting.discard(ticket)
            self._covered.pop(ticket, None)

    def _take_turn(self, ticket: int) -> None:
        """Number entries, or listen, until one's own entry is covered."""
        until = time.monotonic() + self._patience
        while True:
            if self._number(ticket):
                self._look()
            else:
                self._listen(ticket)
            if ticket in self._covered:
                return
            if time.monotonic() > until:
                raise NotCoveredError(
                    "The act is on record and must not be repeated, but it has no number yet: "
                    "no sequencer runs. Start one where the keys are; it will number the act.",
                    ticket,
                )

    def _number(self, ticket: int) -> bool:
        """Number all that waits; false where another process does, or this one may not."""
        if self._sequencer is None:
            return False
        try:
            self._sequencer.run_once()
            while self._sequencer.left:
                self._sequencer.run_once()
        except SequencerHeldError:
            return False
        except PlacetError as error:
            raise NotCoveredError(
                f"The act is on record and must not be repeated, but it has no number yet: {error}",
                ticket,
            ) from error
        return True

    def _listen(self, ticket: int) -> None:
        """Wait until one's own entry is covered, or for a moment."""
        with self._database.connection() as connection:
            connection.execute(f"LISTEN {NUMBERED}")
            try:
                connection.execute(f"NOTIFY {PENDING}")
                self._look()
                if ticket not in self._covered:
                    for _ in connection.notifies(timeout=_LOOK, stop_after=1):
                        pass
                    self._look()
            finally:
                connection.execute("UNLISTEN *")

    def _look(self) -> None:
        """Note which of those who wait are covered."""
        with self._database.connection() as connection:
            rows = connection.execute(
                "SELECT ticket, index,"
                " (SELECT min(size) FROM checkpoint WHERE size > index)"
                " FROM numbered WHERE ticket = ANY(%s)",
                (list(self._waiting),),
            )
            for ticket, index, size in rows:
                self._covered[ticket] = Covered(index, size)
