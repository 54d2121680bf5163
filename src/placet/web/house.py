"""The house of this process: opened once, when it is first asked for, without signing keys."""

from __future__ import annotations

import os
from functools import cache

from placet.bootstrap import connected
from placet.operations.house import House

__all__ = ["house"]


@cache
def house() -> House:
    """Return the register of this installation as operations find it.

    Raises:
        QuestionError: the log has not begun.
    """
    return connected(os.environ)
