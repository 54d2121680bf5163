"""The decisions of one's own parties, each with whether it still counts, and why it does not."""

from __future__ import annotations

from datetime import datetime

from placet.need_to_know.audience import Audience
from placet.need_to_know.own_case import knows_work
from placet.need_to_know.view import Sight
from placet.review.case import Case, DecisionOnFile, Kept

__all__ = ["OwnDecision", "own_decisions"]


class OwnDecision(Kept):
    """A decision on file, and why it does not count any more; nothing where it does.

    `evidence` is the kind of what shows that its person took it; the log has that.
    """

    decision: DecisionOnFile
    fallen: str = ""
    evidence: str = ""


def own_decisions(eyes: Sight, at: datetime) -> tuple[OwnDecision, ...]:
    """Return the decisions that a viewer sees, in the order in which they were taken."""
    return tuple(
        OwnDecision(decision=each, fallen=_fallen(eyes.case, each, at))
        for each in eyes.case.decisions
        if knows_work(eyes, each.party) or _recorded_by_own(eyes, each)
    )


def _recorded_by_own(eyes: Sight, decision: DecisionOnFile) -> bool:
    """Say whether it was given elsewhere, and those of the viewer's own parties recorded it."""
    own = eyes.own(None, decision.person)
    return decision.external is not None and own >= Audience.DECIDING


def _fallen(case: Case, decision: DecisionOnFile, at: datetime) -> str:
    if decision.withdrawn_at is not None:
        return "It was withdrawn."
    if decision.person in case.recused:
        return "Who took it has stepped aside since: it is owed again."
    if decision.round != case.round:
        return "It was taken in an earlier round."
    if decision.voided_at is not None:
        return "What it was taken on has changed in substance: it has to be taken anew."
    if decision.until is not None and at >= decision.until:
        return "It has run out."
    return ""
