"""Dates go with the log: by how much an act may be dated otherwise than it is recorded.

Entries are numbered in the order in which acts came by their locks. Acts beside one another are
dated by several clocks, none quite in step. What is dated further back counts as of a moment that
was over: by a session, a term or a key that had ended, before a deadline that had passed.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from placet.registry import written
from placet.review.errors import ClockError

__all__ = ["IN_ORDER", "IN_STEP", "must_be_in_step"]

IN_STEP = timedelta(minutes=1)
"""How far a clock may be from the database's, and an act behind what is on record."""

IN_ORDER = timedelta(minutes=5)
"""How far an entry may be dated before an earlier one: by two clocks, each out of step the other
way, and by what an act takes from its moment to its number."""


def must_be_in_step(
    at: datetime, there: datetime, newest: datetime | None, *, played: bool
) -> None:
    """Refuse an act that is dated otherwise than it is recorded, without saying what was when.

    Args:
        at: the moment of the act.
        there: what the clock beside the record says.
        newest: the latest moment on record, if there is any.
        played: the moments of acts are told, as in a demonstration: they only go on.

    Raises:
        ClockError: it is too far from either.
    """
    if at > there + IN_STEP or (not played and at < there - IN_STEP):
        raise ClockError(
            f"The clock says {written(at)}, and that of the database {written(there)}: one of "
            "them is wrong. Nothing is recorded; set them right."
        )
    if newest is not None and at < newest - IN_STEP:
        raise ClockError(
            f"The clock says {written(at)}, and something on record is dated later: a clock is "
            "wrong, or was. Nothing is recorded; set the clock right, or wait until it is later."
        )
