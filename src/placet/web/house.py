"""The house of this process: opened once, when it is first asked for, without signing keys."""

from __future__ import annotations

import atexit
import os
from contextlib import ExitStack
from contextvars import ContextVar
from dataclasses import replace
from functools import cache

from placet.bootstrap import connected
from placet.operations.house import House
from placet.review import Context
from placet.web.watching.counting import CountedRecording

__all__ = ["NAMES", "house", "names"]

NAMES: ContextVar[Context | None] = ContextVar("names", default=None)
"""The context by which the request under way names parties, offices, people and items."""


def names() -> Context:
    """Return the context that says what things are called: asked for once in a request."""
    found = NAMES.get()
    if found is None:
        found = house().reading.context()
        NAMES.set(found)
    return found


@cache
def house() -> House:
    """Return the register of this installation as operations find it.

    Raises:
        QuestionError: the log has not begun.
    """
    held = ExitStack()
    atexit.register(held.close)
    found = held.enter_context(connected(os.environ))
    return replace(found, recording=CountedRecording(found.recording))
