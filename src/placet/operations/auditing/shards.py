"""The cases of an audit, spread over processes: they meet only where the context changes."""

from __future__ import annotations

import gc
import zlib
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from multiprocessing.forkserver import ensure_running
from types import TracebackType
from typing import Any, Self

from placet.operations.auditing.keys import PermitKeys
from placet.operations.auditing.reperforming import CaseOnFile, Item, Redone, Shard
from placet.review import Case, Context, Event, load_context

__all__ = ["Shards"]

WORTH_SPREADING = 2_000
"""From how many entries on it pays to start other processes."""


class Shards:
    """Shards side by side; a case is always in the same one.

    Args:
        origin: the name of the log.
        permit_keys: the keys that sign its permits; none, and no token is checked.
        workers: in how many processes; with 1 everything is done in this one.
    """

    def __init__(self, origin: str, permit_keys: PermitKeys, workers: int) -> None:
        self._held = ExitStack()
        self._pools: list[Executor] = []
        self._here = Shard(origin, permit_keys)
        self._workers = workers

    def expect(self, size: int) -> None:
        """Have the other processes made ready, if a log of this size is worth them.

        They are branches of one that has loaded what they need, and that loads it meanwhile.
        """
        if self._workers < 2 or size < WORTH_SPREADING:
            return
        context = get_context("forkserver")
        context.set_forkserver_preload([__name__])
        ensure_running()
        for _ in range(self._workers):
            pool = ProcessPoolExecutor(1, context, _begin, (self._here,))
            self._pools.append(self._held.enter_context(pool))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._held.close()

    def take(self, items: Sequence[Item], *, tolerant: bool) -> list[Future[list[Redone]]]:
        """Have entries done again, in order of index within each case."""
        if not self._pools:
            done: Future[list[Redone]] = Future()
            done.set_result(self._here.take(items, tolerant=tolerant))
            return [done]
        parts: list[list[Item]] = [[] for _ in self._pools]
        for item in items:
            parts[zlib.crc32(item.case.encode()) % len(parts)].append(item)
        both = zip(self._pools, parts, strict=True)
        return [pool.submit(_take, part, tolerant) for pool, part in both if part]

    def permitted(self) -> dict[str, Case]:
        """Return every case that has a permit which no act has ended."""
        if not self._pools:
            return self._here.permitted()
        found: dict[str, Case] = {}
        for each in [pool.submit(_permitted) for pool in self._pools]:
            found |= each.result()
        return found

    def lost(self) -> frozenset[str]:
        """Return the cases whose state cannot be known."""
        if not self._pools:
            return frozenset(self._here.lost)
        return frozenset().union(*(pool.submit(_lost).result() for pool in self._pools))

    def go_on_in(self, context: Context) -> None:
        """Go on in another context."""
        if not self._pools:
            self._here.context = context
        for each in [
            pool.submit(_go_on_in, context.version, context.plain) for pool in self._pools
        ]:
            each.result()

    def touch(self, event: Event, index: int, on_file: Mapping[str, CaseOnFile]) -> list[Redone]:
        """Apply an act on the context to the cases it touches; return what `Shard.touch` does."""
        if not self._pools:
            return self._here.touch(event, index, on_file)
        asked = [pool.submit(_touch, event, index, on_file) for pool in self._pools]
        return [outcome for each in asked for outcome in each.result()]


_held: list[Shard] = []
"""The one shard of a worker process."""


def _begin(shard: Shard) -> None:
    """Hold a shard. What is loaded by now is never garbage, and of the rest there is little."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    _held[:] = [shard]


def _take(items: Sequence[Item], tolerant: bool) -> list[Redone]:
    return _held[0].take(items, tolerant=tolerant)


def _permitted() -> dict[str, Case]:
    return _held[0].permitted()


def _lost() -> frozenset[str]:
    return frozenset(_held[0].lost)


def _go_on_in(version: int, plain: Mapping[str, Any]) -> None:
    _held[0].context = load_context(version, plain)


def _touch(event: Event, index: int, on_file: Mapping[str, CaseOnFile]) -> list[Redone]:
    return _held[0].touch(event, index, on_file)
