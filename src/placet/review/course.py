"""The course of a case: when it came how far, and since when whoever is asked has been.

Determining anew moves neither: a case was determined when it first was, on the request as it reads
in the present round, and whoever was asked then and still is has been waited for since then.

Pure, and worked out from the case alone. When it was determined is told to those who are told whom
it waits for (`need_to_know.desk.Row.told`); the rest is known to everybody with a part in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from placet.review.case import UNDECIDED, Case, Determined
from placet.review.released import released
from placet.review.viewer import asked_to_advise

__all__ = [
    "Course",
    "agreed_since",
    "asked_anew",
    "asked_since",
    "course",
    "first_determined",
]


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
    answered = max(words) if words and case.stage not in UNDECIDED else None
    return Course(
        case.submitted_at,
        first_determined(case),
        answered,
        min((each.issued_at for each in case.permits.values()), default=None),
    )


def first_determined(case: Case) -> datetime | None:
    """Return when a case was first determined as it reads in this round; None where it is not."""
    if case.determined is None:
        return None
    return case.asked.get(_WHOLE, case.determined.at)


def asked_since(case: Case, name: str) -> datetime:
    """Return since when a party or an office has been asked.

    One that no rule names, but a decision or a deadline, has been since the case was determined;
    before that, since it was filed.
    """
    return case.asked.get(name) or first_determined(case) or case.submitted_at


def agreed_since(case: Case) -> datetime:
    """Return since when nobody has been waited for, on a case that is decided: the last consent.

    Where all clear, since it was determined.
    """
    words = (each.at for each in released(case))
    return max([first_determined(case) or case.submitted_at, *words])


def asked_anew(case: Case, determined: Determined, at: datetime) -> Mapping[str, datetime]:
    """Return since when each party and office is asked, once a case is determined at a moment."""
    before = case.asked if case.determined is not None else {}
    return {name: before.get(name, at) for name in sorted(set(_asks(determined)))}


_WHOLE = "case"
"""Under which name it is kept when a case was first determined."""


def _asks(determined: Determined) -> Iterator[str]:
    yield _WHOLE
    for need in determined.needs.values():
        if need.outcome != "clear":
            yield need.party
            yield from (each.office for each in need.by)
        yield from asked_to_advise(need)
        yield from (each.consent_of for each in need.provided if each.consent_of)
        yield from (each.act_of for each in need.provided if each.act_of)
