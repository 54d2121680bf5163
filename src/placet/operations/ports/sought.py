"""What is sought on desks and among cases, and what is found there: pages of lists, and sums."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from placet.analysis.projection import Draw
from placet.need_to_know.desk import Held, Tab
from placet.need_to_know.shown import CaseStatus
from placet.review.case import Case

__all__ = ["OnDesk", "Place", "Sought", "Taken", "Tally"]

Place = tuple[datetime, datetime, str, str, str]
"""A place in the order of a list: due, since, case, act, about. What is never due is `FOREVER`."""


@dataclass(frozen=True)
class Sought:
    """What is sought on the desks of somebody at a moment: one page of one tab.

    The page begins after a place. The closed cases come the latest first, all else the most
    urgent first. `words` are each the beginning of a word of the case; `statuses` and `due_by`
    narrow the list. So do, where the viewer knows whom a case waits for, `awaiting`, a party whose
    word is waited for, and `undetermined`: what nobody has determined yet.
    """

    held: Held
    tab: Tab
    at: datetime
    most: int
    after: Place | None = None
    words: tuple[str, ...] = ()
    statuses: tuple[CaseStatus, ...] = ()
    awaiting: str | None = None
    due_by: datetime | None = None
    undetermined: bool = False


@dataclass(frozen=True)
class OnDesk:
    """A case on somebody's desk, in its place, as rows say; `view` and `inbox` have the word."""

    case: Case
    place: Place


@dataclass(frozen=True)
class Tally:
    """How much there is on a tab, and how much of it is late; from `MOST_COUNTED` on it is more."""

    count: int = 0
    late: int = 0

    MOST_COUNTED: ClassVar[int] = 100


@dataclass(frozen=True)
class Taken:
    """What lines of requests take together of a stock that these words name.

    `approved` is what permits still allow, `pending` what was asked for and is not settled; of
    `count` lines the first `MOST_NAMED` stand in `draws`, in the order of their cases.
    """

    item: str
    lot: str
    activity: str
    actor: str
    approved: int
    pending: int
    count: int
    draws: tuple[Draw, ...]

    MOST_NAMED: ClassVar[int] = 50
