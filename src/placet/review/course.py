"""The course of a case: when it came how far, for reports to count.

Pure, and worked out from the case alone. When it was determined is told to those who are told whom
it waits for (`desk.Row.told`); the rest is known to everybody with a part in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from placet.review.case import Case
from placet.review.released import released
from placet.review.view import Status, status_of

__all__ = ["Course", "course"]


@dataclass(frozen=True)
class Course:
    """When a case was filed and determined, when its last word was out, and its first permit."""

    filed: datetime
    determined: datetime | None
    answered: datetime | None
    permitted: datetime | None

    @property
    def text(self) -> str:
        """The course as one line of text."""
        times = (self.filed, self.determined, self.answered, self.permitted)
        return "\x1f".join(("course", *(each.isoformat()[:19] if each else "" for each in times)))


def course(case: Case) -> Course:
    """Return the course of a case; while it is under review, it is not answered."""
    words = [each.at for each in released(case)]
    answered = max(words) if words and status_of(case) is not Status.UNDER_REVIEW else None
    return Course(
        case.submitted_at,
        case.determined.at if case.determined is not None else None,
        answered,
        min((each.issued_at for each in case.permits.values()), default=None),
    )
