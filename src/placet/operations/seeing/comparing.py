"""Comparing: which open cases stand on a determination that no longer follows.

A context that moves on, or a day that comes, can make any of them stale without an act on it. So
they are compared in the background, a few at a time: what was compared is on record with each few,
and whoever begins again goes on from there.
"""

from __future__ import annotations

from datetime import timedelta

from placet.need_to_know.staleness import compared
from placet.operations.house import House

__all__ = ["compare_cases"]

_AT_ONCE = 50
"""Cases compared in one transaction: an act on one of them waits for no longer than that takes."""


def compare_cases(house: House, most: int, within: timedelta) -> int:
    """Compare the open cases whose turn it is, and return how many they were.

    No more than about `most`, and none is begun once `within` is over.
    """
    began = house.clock.now()
    done = 0
    while done < most and house.clock.now() - began <= within:
        found = house.recording.compare(began, min(_AT_ONCE, most - done), compared)
        if not found:
            break
        done += found
    return done
