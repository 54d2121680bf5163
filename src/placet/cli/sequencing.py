"""Numbering and signing until told to stop: a thread of `placet serve`, or `placet sequencer`."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

from placet.bootstrap import sequencing
from placet.store.errors import DatabaseError, SequencerHeldError
from placet.store.sequencer import Sequencer

__all__ = ["number_until", "sequence"]

_PAUSE = 1.0


def sequence(say: Callable[[str], None]) -> None:
    """Number and sign, as the process that alone has the keys, until Ctrl-C or SIGTERM.

    A second one waits until the first has ended: it may stand by on another machine that has the
    same folder of keys.

    Raises:
        QuestionError: no database is named.
        StoreError, LedgerError: what must not be signed; nothing was.
    """
    stop = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: stop.set())
    with sequencing(os.environ) as sequencer:
        say("Numbering and signing. Stop it with Ctrl-C.")
        number_until(sequencer, stop, say)


def number_until(sequencer: Sequencer, stop: threading.Event, say: Callable[[str], None]) -> None:
    """Number until `stop` is set; a database that was away, or another sequencer, is waited for.

    Raises:
        StoreError, LedgerError: what must not be signed: it would be refused again and again.
    """
    said = ""
    while not stop.is_set():
        try:
            sequencer.run(stop)
        except (DatabaseError, SequencerHeldError) as error:
            if str(error) != said:
                said = str(error)
                say(f"Nothing is numbered, and it is tried again: {said}")
            stop.wait(_PAUSE)
