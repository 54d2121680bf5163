"""The acts that made the context, read back from the log: what was recorded, when, by whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from placet.ledger import Body
from placet.operations.ports import Reading
from placet.registry import parse_moment

__all__ = ["Recorded", "acts_on_context", "told_of"]


@dataclass(frozen=True)
class Recorded:
    """One act as its entry tells it; what was erased from the entry is empty here.

    `index` is its place in the log. `command` are the fields of what was asked, `found` what was
    worked out as it was done; `office` is the one in which the actor acted alone.
    """

    index: int
    kind: str
    at: datetime
    actor: str
    case: str
    command: Mapping[str, Any]
    office: str = ""
    found: Mapping[str, Any] = field(default_factory=dict)


def acts_on_context(reading: Reading) -> Iterator[Recorded]:
    """Yield the acts that made each version of the context, in order.

    Who may be told of which is for the caller to decide.
    """
    for each in reading.entries_of_context():
        if each.body is not None:
            yield told_of(each.index, each.body)


def told_of(index: int, body: Body) -> Recorded:
    """Return what stands behind an entry."""
    shown = body.shown
    kept = shown.get("payload")
    payload = kept if isinstance(kept, dict) else {}
    command, found = payload.get("command"), payload.get("found")
    return Recorded(
        index,
        str(shown["kind"]),
        parse_moment(str(shown["time"])),
        str(shown.get("actor") or ""),
        str(shown.get("case") or ""),
        command if isinstance(command, dict) else {},
        str(payload.get("office", "")),
        found if isinstance(found, dict) else {},
    )
