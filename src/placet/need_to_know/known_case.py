"""A case as far as somebody knows it: what is not disclosed to them is not there.

An act that is refused is tried again on it (`refusals`), so that why it is refused follows from
what the person sees.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from placet.need_to_know.audience import Audience
from placet.need_to_know.shown import TOLD_WHY
from placet.need_to_know.view import Sight
from placet.policy import Precondition
from placet.review.case import (
    NOT_KNOWN,
    UNDECIDED,
    Case,
    DecisionOnFile,
    Determined,
    Move,
    PartyNeed,
    PermitOnFile,
    PermitStage,
    Stage,
)
from placet.review.released import ReleasedWord, awaited, released

__all__ = ["known_case", "known_determined", "known_stage"]

_NOBODY = NOT_KNOWN
"""Who did what somebody else's party did: not known."""
_NO_DIGEST = f"sha256:{'0' * 64}"


def known_case(seen: Sight) -> Case:
    """Return a case as far as whoever looks knows it; an auditor knows it all.

    What is told of others without their names is done by nobody.
    """
    return seen.case if seen.relation.auditor else _Known(seen)()


def known_determined(seen: Sight, whole: Determined) -> Determined | None:
    """Return what is determined, on the case or at present, as far as whoever looks knows it."""
    return _Known(seen).determined(whole)


def known_stage(seen: Sight) -> Stage:
    """Return the stage, or the one that may be where the viewer sees `under review`.

    Whoever decides learns that every word is out; how it stands otherwise, officers and auditors.
    """
    case, place = seen.case, seen.place
    if seen.relation.auditor or place >= Audience.LEADING or case.stage not in UNDECIDED:
        return case.stage
    out = place >= Audience.DECIDING and not awaited(case)
    return Stage.DECIDED if out else Stage.UNDER_REVIEW


@dataclass(frozen=True)
class _Known:
    """Puts together what is known of a case."""

    seen: Sight

    def __call__(self) -> Case:
        seen, case = self.seen, self.seen.case
        moves = tuple(self.moves())
        leads, decides = seen.place >= Audience.LEADING, Audience.DECIDING
        people = {each for each in case.roles if leads and self.own(each) >= Audience.LEADING}
        people.add(seen.viewer.person or _NOBODY)
        return case.model_copy(
            update={
                "version": 0,
                "stage": known_stage(seen),
                "officer": None,
                "determined": self.determined(case.determined) if case.determined else None,
                "asked": {},
                "roles": {each: role for each, role in case.roles.items() if each in people},
                "recused": tuple(each for each in case.recused if each in people),
                "questions": tuple(
                    each.model_copy(update={"asked_by": _NOBODY}) for each in case.questions
                ),
                "advice": tuple(case.advice[each] for each in seen.advice),
                "decisions": tuple(self.decisions()),
                "assurances": tuple(
                    each
                    for each in case.assurances
                    if seen.own(each.party, each.recorded_by) >= decides
                ),
                "fulfilled": tuple(
                    each for each in case.fulfilled if self.own(each.person) >= decides
                ),
                "deadlines": tuple(seen.deadlines_seen()),
                "permits": {name: self.permit(each) for name, each in sorted(case.permits.items())},
                "reports": tuple(
                    each.model_copy(update={"found_because": None}) for each in case.reports
                ),
                "checks": tuple(each for each in case.checks if self.own(each.person) >= decides),
                "ended": case.ended if case.stage in TOLD_WHY else None,
                "moves": moves,
                "last": max(each.at for each in moves),
            }
        )

    def own(self, person: str) -> Audience:
        return self.seen.own(None, person)

    def determined(self, whole: Determined) -> Determined | None:
        """Return what the viewer's own parties are asked, and of the others that they are."""
        seen = self.seen
        if not seen.relation.inside:
            return None
        own = {
            name: self.need(each)
            for name, each in whole.needs.items()
            if name in seen.relation.inside
        }
        decides, leads = seen.place >= Audience.DECIDING, seen.place >= Audience.LEADING
        return whole.model_copy(
            update={
                "digest": whole.digest if decides else _NO_DIGEST,
                "at": whole.at if decides else seen.case.submitted_at,
                "context_version": 0,
                "outcome": _NOBODY,
                "needs": {**(self.others() if decides else {}), **own},
                "outstanding": whole.outstanding if leads else (),
                "open_questions": whole.open_questions if leads else (),
            }
        )

    def need(self, whole: PartyNeed) -> PartyNeed:
        """Return what a party in whose review the viewer has a place asks, as far as they know."""
        acts = self.seen.acts(whole.party)
        asked = tuple(Precondition.model_validate({"act-of": each}) for each in acts)
        if self.seen.own(whole.party) < Audience.ADVISING:
            return PartyNeed(party=whole.party, outcome="review", provided=asked)
        provided = tuple(dict.fromkeys([*whole.provided, *asked]))
        return whole.model_copy(update={"provided": provided})

    def others(self) -> dict[str, PartyNeed]:
        """Return of each other party that is awaited, or has spoken, that it is asked."""
        case, asked = self.seen.case, dict[str, set[str]]()
        for each in awaited(case):
            asked[each] = set(case.request["lines"])
        for word in released(case):
            asked.setdefault(word.party, set()).update(word.lines)
        return {
            party: PartyNeed(party=party, outcome="review", lines=dict.fromkeys(lines, "review"))
            for party, lines in sorted(asked.items())
        }

    def decisions(self) -> Iterable[DecisionOnFile]:
        """Yield the viewer's own parties' decisions, and the words of the others that are out."""
        case, seen = self.seen.case, self.seen
        own = [
            each
            for each in case.decisions
            if seen.own(each.party, each.person if each.external else None) >= Audience.DECIDING
        ]
        yield from own
        told = {each.party for each in own}
        for word in released(case) if case.determined else ():
            if word.party not in told:
                yield _said(word, case.round, case.determined.substance if case.determined else "")

    def permit(self, permit: PermitOnFile) -> PermitOnFile:
        seen = self.seen
        issued = self.own(permit.issued_by) >= Audience.DECIDING
        surrendered = permit.stage is PermitStage.SURRENDERED
        return permit.model_copy(
            update={
                "status": -1,
                "grounds": tuple(each for each in permit.grounds if seen.decides(each.party)),
                "issued_by": permit.issued_by if issued else _NOBODY,
                "determination": permit.determination if issued else _NO_DIGEST,
                "suspensions": tuple(each for each in permit.suspensions if seen.orders(each)),
                "falling": tuple(each for each in permit.falling if seen.orders(each)),
                "spared": tuple(each for each in permit.spared if seen.decides(each.ground.party)),
                "ended_because": permit.ended_because if surrendered else None,
                "after_review": permit.after_review if issued else None,
            }
        )

    def moves(self) -> Iterable[Move]:
        """Yield the time line that is shown; what is released of others, by nobody."""
        nobody = {"person": _NOBODY, "party": None, "says": ""}
        for each in self.seen.case.moves:
            audience = self.seen.reads(each)
            if audience is not None:
                whole = audience >= Audience.DECIDING
                yield each if whole else each.model_copy(update=nobody)


def _said(word: ReleasedWord, number: int, substance: str) -> DecisionOnFile:
    """Return a party's word that is out as a decision of nobody who is known."""
    return DecisionOnFile(
        party=word.party,
        office=None,
        person=_NOBODY,
        at=word.at,
        round=number,
        verdict=word.verdict,
        lines=word.lines,
        provisos=word.provisos,
        until=word.until,
        because=_NOBODY,
        disclosed=word.disclosed,
        determination=_NO_DIGEST,
        substance=substance,
        text=_NO_DIGEST,
        external={
            "given-by": word.office or word.party,
            **({"given-on": str(word.given)} if word.given is not None else {}),
        },
    )
