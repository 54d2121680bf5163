"""Watching: whether the log keeps up, for whoever keeps it running. It tells of no case."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from placet.operations.house import House
from placet.registry import parse_moment

__all__ = ["KeepingUp", "keeping_up"]


@dataclass(frozen=True)
class KeepingUp:
    """How the log stands at a moment.

    `sequencer` says whether one runs; `waits` is the age of the oldest act without a number,
    `checkpoint` that of the last entry which the newest checkpoint covers, `status_list` that of
    the newest list; None where there is none.
    """

    entries: int
    unnumbered: int
    sequencer: bool
    waits: timedelta | None
    checkpoint: timedelta | None
    status_list: timedelta | None


def keeping_up(house: House) -> KeepingUp:
    """Return how the log stands now."""
    reading, now = house.reading, house.clock.now()
    signed = reading.checkpoint()
    size = signed.checkpoint.size if signed is not None else 0
    last = next(reading.entries(size - 1, size), None) if size else None
    ended = last.body.shown.get("time") if last is not None and last.body is not None else None
    since, token = reading.waiting_since(), reading.status_list()
    listed = _issued_at(token) if token is not None else None
    return KeepingUp(
        entries=size,
        unnumbered=reading.unnumbered(),
        sequencer=reading.has_sequencer(),
        waits=_age(since, now),
        checkpoint=_age(parse_moment(ended) if isinstance(ended, str) else None, now),
        status_list=_age(listed, now),
    )


def _age(since: datetime | None, now: datetime) -> timedelta | None:
    return max(now - since, timedelta()) if since is not None else None


def _issued_at(token: str) -> datetime | None:
    """Return what a status list says of its own age: to watch it, not to rely on it."""
    payload = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return datetime.fromtimestamp(claims["iat"], UTC)
    except (binascii.Error, ValueError, KeyError, TypeError):
        return None
