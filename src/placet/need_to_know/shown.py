"""The shape of what is shown of a case: a view, as plain data in the spelling of files."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Any

from placet.canonical import canonical_json
from placet.registry.facts import Count, Moment, Text, YesNo
from placet.review.case import UNDECIDED, Case, Kept, Stage
from placet.review.released import ReleasedWord

__all__ = [
    "TOLD_WHY",
    "CaseStatus",
    "Inside",
    "Shown",
    "View",
    "status_of",
]

Shown = dict[str, Any]
"""A record of the case as far as it is shown, as plain data in the spelling of files."""


class CaseStatus(StrEnum):
    """Where a case stands, in words for everybody who sees it.

    From filing to outcome it is under review: when the review began, and whether every party
    has decided, are internal.
    """

    UNDER_REVIEW = "under-review"
    PERMITTED = "permitted"
    CLOSED = "closed"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    LAPSED = "lapsed"


TOLD_WHY = (Stage.WITHDRAWN, Stage.RETURNED, Stage.REFUSED)
"""Stages whose reason the applicant gave or is told; why a case lapsed or was closed is not."""


class Inside(Kept):
    """A party's own review, as its adviser, decider or officer sees it.

    `need` is what the party's rules ask; whoever is only named there does not see it. `acts` are
    the viewer's own offices whose act is asked for, with whether they have acted. `digest` and
    `determined_at` are of the determination that a decision names. `process` is the officers' part:
    stage, roles, what is outstanding.
    """

    place: Text
    need: Shown
    acts: dict[Text, YesNo] = {}
    digest: Text | None = None
    determined_at: Moment | None = None
    process: Shown = {}


class View(Kept):
    """What one viewer sees of a case.

    What stands down to `moves` is the file: everybody who sees the case at all sees it, and
    more of single records where they are the viewer's own party's. `inside` and what follows
    is the work of the viewer's own parties. `awaits` names the parties whose decision is not
    yet out, `undetermined_by` those whose officers have to determine it first. Auditors see the
    work of all parties there, and the case itself as `whole`.
    """

    case: Text
    status: CaseStatus
    round: Count
    request: Shown
    applicant: Text
    submitted_by: Text
    submitted_at: Moment
    attachments: tuple[Shown, ...] = ()
    announced: Shown = {}
    outcomes: tuple[ReleasedWord, ...] = ()
    questions: tuple[Shown, ...] = ()
    deadlines: tuple[Shown, ...] = ()
    permits: tuple[Shown, ...] = ()
    reports: tuple[Shown, ...] = ()
    appeals: tuple[Shown, ...] = ()
    ended: Text | None = None
    moves: tuple[Shown, ...] = ()
    inside: dict[str, Inside] = {}
    awaits: tuple[Text, ...] = ()
    undetermined_by: tuple[Text, ...] = ()
    advice: tuple[Shown, ...] = ()
    decisions: tuple[Shown, ...] = ()
    assurances: tuple[Shown, ...] = ()
    fulfilled: tuple[Shown, ...] = ()
    checks: tuple[Shown, ...] = ()
    whole: Shown | None = None

    def canonical(self) -> bytes:
        """Return the view's canonical bytes (RFC 8785)."""
        return canonical_json(self.model_dump(mode="json", by_alias=True))

    @property
    def digest(self) -> str:
        """The SHA-256 of the view's own bytes: it tells no more than the view does."""
        return f"sha256:{hashlib.sha256(self.canonical()).hexdigest()}"


def status_of(case: Case) -> CaseStatus:
    """Return where a case stands, as everybody knows who sees it."""
    return CaseStatus.UNDER_REVIEW if case.stage in UNDECIDED else CaseStatus(case.stage)
