"""The house of this process: opened once, when it is first asked for, without signing keys."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cache

from placet.bootstrap import connected
from placet.operations.house import House
from placet.web.watching.counting import CountedRecording

__all__ = ["house"]


@cache
def house() -> House:
    """Return the register of this installation as operations find it.

    Raises:
        QuestionError: the log has not begun.
    """
    found = connected(os.environ)
    return replace(found, recording=CountedRecording(found.recording))
