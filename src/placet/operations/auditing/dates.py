"""The dates of a log, in its order: none lies far before one that the log has already."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from placet.operations.acting.dating import IN_ORDER
from placet.operations.auditing.report import Finding
from placet.registry import written

__all__ = ["Dates"]


class Dates:
    """The latest date so far, and the entry that has it."""

    def __init__(self) -> None:
        self._newest: tuple[datetime, int] | None = None
        self._named = False

    def take(self, index: int, at: datetime | None) -> Iterator[Finding]:
        """Say that the next entry is dated too far back; after each latest date once."""
        if at is None:
            return
        if self._newest is None or at >= self._newest[0]:
            self._newest, self._named = (at, index), False
            return
        newest, earlier = self._newest
        if at < newest - IN_ORDER and not self._named:
            self._named = True
            yield Finding(
                index,
                f"it is dated {written(at)}, and the earlier entry {earlier} {written(newest)}: "
                "one of the two dates is wrong.",
            )
