"""Waiting in tests: for what is sure to come, however busy the machine is."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 300.0
"""Seconds until a test gives up, many times what anything takes: a busy machine is no failure."""


def until(holds: Callable[[], object], otherwise: Callable[[], object] = str) -> None:
    """Wait until something holds; where it never does, fail with what `otherwise` returns then."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, otherwise()
        time.sleep(0.01)
