"""What a case takes, or would take, of whatever stock its lines draw on.

Pure, and worked out from the case alone: whose stock a line draws on is for the registry to say
(`analysis.projection.drawn_on`), and may change without the case. Nothing is used here but what
everybody with a part in the case sees.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from placet.registry import number_asked
from placet.review.case import UNDECIDED, Case, PermitStage
from placet.review.validity import left

__all__ = ["Taking", "takings"]

_LIVE = (PermitStage.ISSUED, PermitStage.SUSPENDED)


@dataclass(frozen=True, order=True)
class Taking:
    """What a line takes: how much permits still allow, how much was asked for and is not settled.

    What says whose stock it is stands as the request has it, empty where it does not say.
    """

    line: str
    item: str
    lot: str
    activity: str
    actor: str
    approved: int
    pending: int

    @property
    def text(self) -> str:
        """The taking as one line of text."""
        words = (self.line, self.item, self.lot, self.activity, self.actor)
        return "\x1f".join(("takes", *words, str(self.approved), str(self.pending)))


def takings(case: Case) -> frozenset[Taking]:
    """Return what the lines of a case take; a line that takes nothing is left out."""
    request, approved = case.request, _approved(case)
    lines: Mapping[str, Mapping[str, Any]] = request.get("lines", {})
    found = (
        Taking(
            name,
            str(line.get("item") or ""),
            str(line.get("lot") or ""),
            str(request.get("activity") or ""),
            str(request.get("actor") or ""),
            approved.get(name, 0),
            (number_asked(line) or 0) if case.stage in UNDECIDED else 0,
        )
        for name, line in lines.items()
    )
    return frozenset(each for each in found if each.approved or each.pending)


def _approved(case: Case) -> Mapping[str, int]:
    """Return how much of each line may still be used under permits that have not ended."""
    found: dict[str, int] = defaultdict(int)
    for permit in case.permits.values():
        if permit.stage in _LIVE:
            for line, number in left(permit, case).items():
                found[line] += number or 0
    return found
