"""Acts, counted where they are recorded, whatever page or endpoint they came by."""

from __future__ import annotations

from datetime import datetime

from prometheus_client import Counter

from placet.operations.ports import Acknowledgement, Comparing, ContextMaking, Making, Recording

__all__ = ["ACTS", "CountedRecording"]

ACTS = Counter("placet_acts", "Acts recorded by these processes, by kind.", ("kind",))


class CountedRecording:
    """A recording that counts what it records; implements `operations.ports.Recording`."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    def on_case(self, case: str, make: Making) -> Acknowledgement:
        """Record an act on a case."""
        return _counted(self._recording.on_case(case, make))

    def on_context(self, make: ContextMaking) -> Acknowledgement:
        """Record an act on the context or on the log as a whole."""
        return _counted(self._recording.on_context(make))

    def erase(self, make: ContextMaking) -> Acknowledgement:
        """Record an erasure."""
        return _counted(self._recording.erase(make))

    def compare(self, at: datetime, most: int, comparing: Comparing) -> int:
        """Compare open cases with the present context: no act, and not counted."""
        return self._recording.compare(at, most, comparing)


def _counted(done: Acknowledgement) -> Acknowledgement:
    ACTS.labels(done.change.event.command.kind).inc()
    return done
