"""The time line of a case: what people did and what followed by itself, as one viewer may know it.

A line of an act has its entry, the place in the log, which everybody sees. Its place among the acts
on the case would count those that are not shown. What follows from dates is computed, and has none.
Of a decision those whose own it is not see the word that is out and stands, as `released` has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import zip_longest

from placet.need_to_know.audience import Audience
from placet.need_to_know.shown import Shown
from placet.need_to_know.view import Sight
from placet.registry import Occasion, parse_moment, parse_occasion
from placet.registry.facts import Count, Moment, Once, Text, YesNo
from placet.review.case import (
    Case,
    DecisionOnFile,
    Kept,
    Move,
    PermitOnFile,
    PermitStage,
)
from placet.review.commands import Verdict
from placet.review.released import ReleasedWord, released

__all__ = ["TimeLine", "permit_line", "time_line"]


class TimeLine(Kept):
    """One line: an act, by whom where that is shown; or what followed, with no one who did it.

    `at` is when it was recorded or came about, `effective` what the record says of when it took
    place, where that is another moment. Of a decision, or a consent that was recorded, `verdict` is
    what it says, with how many `limits`, and whether it is `conditional`: it waits for something.
    One that is another's is the act by which it was complete, without who did it. An act has its
    `entry` as soon as the log has numbered it.
    """

    kind: Text
    at: Moment
    effective: Once | None = None
    person: Text | None = None
    name: Text | None = None
    party: Text | None = None
    says: str = ""
    about: str = ""
    verdict: Verdict | None = None
    limits: Count = 0
    conditional: YesNo = False
    entry: Count | None = None

    @property
    def followed(self) -> bool:
        """Whether it came about by itself: nobody did it."""
        return self.kind in _FOLLOWING


_FOLLOWING = ("permit-begins", "permit-ends", "permit-suspended", "deadline-passed")


def time_line(
    eyes: Sight, people: Mapping[str, str], at: datetime, places: Sequence[int] = ()
) -> tuple[TimeLine, ...]:
    """Return the lines that a viewer sees, the first first.

    Args:
        eyes: the case before the eyes of the viewer.
        people: the names of people, by id.
        at: the moment of looking: later there is nothing yet.
        places: the entries of the acts on the case in the log, as far as they are numbered.
    """
    acts = list(_acts(eyes, people, places))
    known = {each.at for each in acts}
    itself = (each for each in _by_itself(eyes) if each.at <= at and each.at not in known)
    found = [*itself, *acts, *_words(eyes, places)]
    return tuple(sorted(found, key=lambda each: each.at))


def permit_line(
    eyes: Sight,
    permit: PermitOnFile,
    people: Mapping[str, str],
    at: datetime,
    places: Sequence[int] = (),
) -> tuple[TimeLine, ...]:
    """Return the lines that say when a permit was suspended, lifted and ended, the first first.

    A suspension that no order made is a line of its own, with why where the viewer may know that.
    `places` are as for `time_line`.
    """
    acts = list(_acts(eyes, people, places, permit))
    known = {each.at for each in acts}
    told = {
        each.at: each.because
        for each in permit.suspensions
        if eyes.relation.auditor or eyes.orders(each)
    }
    itself = (
        TimeLine(kind="permit-suspended", at=each, says=told.get(each, ""))
        for each in _suspended(eyes, permit)
        if each <= at and each not in known
    )
    return tuple(sorted([*itself, *acts], key=lambda each: each.at))


def _suspended(eyes: Sight, permit: PermitOnFile) -> Iterator[datetime]:
    return (parse_moment(each["since"]) for each in eyes.permit(permit)["suspended"])


def _is_of(move: Move, permit: PermitOnFile) -> bool:
    """Say whether an act is one that suspended a permit, lifted that, or ended it."""
    stops = permit.suspensions
    if move.kind == "suspend":
        done = (move.at, move.person, move.says)
        return any((each.at, each.by, each.because) == done for each in stops)
    if move.kind == "lift":
        return any(each.lifted_at == move.at for each in stops)
    ended = (permit.ended_at, permit.ended_because)
    return move.kind in ("revoke", "surrender", "amend") and ended == (move.at, move.says)


def _acts(
    eyes: Sight,
    people: Mapping[str, str],
    places: Sequence[int],
    permit: PermitOnFile | None = None,
) -> Iterator[TimeLine]:
    """Yield the acts that are seen: all, or those that stopped or ended one permit."""
    for move, entry in zip_longest(eyes.case.moves, places[: len(eyes.case.moves)]):
        if permit is not None and not _is_of(move, permit):
            continue
        shown = _whole(move) if eyes.relation.auditor else eyes.move(move)
        if shown is not None:
            person = shown.get("person")
            decision = _decision(eyes, move)
            yield TimeLine(
                kind=move.kind,
                at=move.at,
                effective=_other_than(move.at, _effective(eyes.case, move)) if person else None,
                person=person,
                name=people.get(person, person) if person else None,
                party=shown.get("party"),
                says=shown.get("says", "") or _told(eyes.case, move),
                verdict=decision.verdict if decision else None,
                limits=len(decision.provisos) if decision else 0,
                conditional=bool(decision.provided) if decision else False,
                entry=entry,
            )


def _told(case: Case, move: Move) -> str:
    """Return what all were told by an act whose own reason the viewer does not see: a dismissal.

    Each dismissal is one act, in the same order; two may be of one moment.
    """
    acts = (each for each in case.moves if each.kind == "dismiss-appeal")
    dismissals = (each for one in case.appeals for each in one.dismissals)
    told = (each.disclosed for act, each in zip(acts, dismissals, strict=False) if act is move)
    return next(told, "")


def _decision(eyes: Sight, move: Move) -> DecisionOnFile | None:
    """Return what was decided by an act, where the viewer sees the decision itself."""
    for each in eyes.case.decisions:
        if _takes(move, each):
            return each if _sees(eyes, each) else None
    return None


def _takes(move: Move, decision: DecisionOnFile) -> bool:
    """Say whether an act is the one by which a decision was taken, or recorded."""
    by = (decision.at, decision.person)
    return move.kind in _DECIDING and (move.at, move.person) == by


def _sees(eyes: Sight, decision: DecisionOnFile) -> bool:
    """Say whether the viewer sees a decision itself, and not only what is released of it."""
    own = eyes.own(decision.party, decision.person if decision.external else None)
    return eyes.relation.auditor or own >= Audience.DECIDING


def _words(eyes: Sight, places: Sequence[int]) -> Iterator[TimeLine]:
    """Yield the words that are out, of the decisions that the viewer does not see."""
    for word in released(eyes.case):
        decision = _completing(eyes.case, word)
        if not _sees(eyes, decision):
            acts = zip(eyes.case.moves, places, strict=False)
            yield TimeLine(
                kind="decide",
                at=word.at,
                effective=word.given,
                party=word.party,
                says=word.disclosed,
                verdict=word.verdict,
                limits=len(word.provisos),
                conditional=word.conditional,
                entry=next((entry for move, entry in acts if _takes(move, decision)), None),
            )


def _completing(case: Case, word: ReleasedWord) -> DecisionOnFile:
    """Return the decision by which a word was complete."""
    of = (word.party, word.office, word.verdict, word.at)
    return next(
        each
        for each in case.decisions
        if (each.party, each.office, each.verdict, each.at) == of and {*word.lines} <= {*each.lines}
    )


_DECIDING = ("decide", "record-consent")


def _whole(move: Move) -> Shown:
    return move.model_dump(mode="json", by_alias=True)


def _other_than(at: datetime, effective: Occasion | None) -> Occasion | None:
    return None if effective == Occasion(at) else effective


def _effective(case: Case, move: Move) -> Occasion | None:
    """Return when what a line records took place: a use, or a decision given elsewhere."""
    if move.kind in ("report-use", "correct-use"):
        uses = (
            each.on
            for each in case.reports
            if (each.reported_at, each.reported_by) == (move.at, move.person)
        )
        return next(uses, None)
    if move.kind == "record-consent":
        given = (
            parse_occasion(each.external["given-on"])
            for each in case.decisions
            if each.external and (each.at, each.person) == (move.at, move.person)
        )
        return next(given, None)
    return None


def _by_itself(eyes: Sight) -> Iterator[TimeLine]:
    """Yield what the clock did: permits that begin, stop and end, days that pass."""
    for name, permit in sorted(eyes.case.permits.items()):
        if permit.terms.from_ > permit.issued_at:
            yield TimeLine(kind="permit-begins", at=permit.terms.from_, about=name)
        if permit.stage in (PermitStage.ISSUED, PermitStage.SUSPENDED):
            yield TimeLine(kind="permit-ends", at=permit.terms.until, about=name)
        for since in _suspended(eyes, permit):
            yield TimeLine(kind="permit-suspended", at=since, about=name)
    for day in eyes.deadlines():
        yield TimeLine(kind="deadline-passed", at=parse_moment(day["due"]), about=day["of"])
