"""Whose an act is at all: whether somebody may begin it, before anything of it is filled in.

Whether it can then be done is decided when it is performed. What is said here rests on offices
and duties, which everybody knows, and on what `offers` tries before the viewer's own eyes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from placet.need_to_know.offered import Offer
from placet.need_to_know.offers import offers
from placet.need_to_know.view import Sight
from placet.registry import Duty
from placet.registry.facts import Text, YesNo
from placet.review.authority import Desk
from placet.review.case import Kept
from placet.review.context import Context
from placet.review.lawful import deciding
from placet.review.viewer import announced_parties, sides_of

__all__ = ["Barred", "barred", "begun_on"]


class Barred(Kept):
    """Why somebody does not begin an act, and the offices that could.

    It is `theirs` where it is by office, and only not possible now.
    """

    theirs: YesNo = False
    why: tuple[Text, ...]
    who_could: tuple[Text, ...] = ()


# --- on a case

_BY_DUTY: Mapping[Duty, Collection[str]] = {
    Duty.CASES: (
        *("determine", "ask", "assign", "return", "set-deadline", "escalate", "lapse"),
        *("reconsider", "close"),
    ),
    Duty.PERMITS: (
        *("issue", "suspend", "lift", "revoke", "amend", "check-end-use", "resolve-violation"),
    ),
    Duty.LIAISON: ("record-consent", "record-assurance"),
    Duty.APPLICATIONS: ("supply", "withdraw", "appeal", "surrender", "report-use", "correct-use"),
}
_ALSO = dict.fromkeys(["report-use", "correct-use"], Duty.CASES)
"""The duty by which it is somebody's of those who review, where that is another."""
_DUTY = {kind: duty for duty, kinds in _BY_DUTY.items() for kind in kinds}
"""The duty by which an act on a case is somebody's; the others are of offices that rules name."""


def begun_on(
    eyes: Sight, context: Context, kind: str, settled: Mapping[str, str], at: datetime
) -> tuple[Barred | None, tuple[Offer, ...]]:
    """Return why a viewer does not begin an act on a case, or in which ways they may do it now.

    Args:
        eyes: the case before the eyes of the viewer.
        context: the present context.
        kind: which act.
        settled: what is known of its fields, as which permit it is about.
        at: the moment of looking.
    """
    every = [each for each in offers(eyes, context, at) if each.act == kind]
    ways = tuple(each for each in every if each.possible and _is_about(each, settled))
    return _bar(eyes, context, kind, settled, every), ways


def _bar(
    eyes: Sight,
    context: Context,
    kind: str,
    settled: Mapping[str, str],
    every: Sequence[Offer],
) -> Barred | None:
    about = [each for each in every if _is_about(each, settled)]
    if any(each.possible for each in about):
        return None
    if found := about or every:
        why = dict.fromkeys(one for each in found for one in each.why)
        others = dict.fromkeys(one for each in found for one in each.who_could)
        return Barred(theirs=True, why=tuple(why), who_could=tuple(others))
    duty = _DUTY.get(kind)
    parties = sides_of(eyes.case) if duty is Duty.APPLICATIONS else _reviewing(eyes)
    owing = {(party, duty) for party in parties} | {
        (party, _ALSO.get(kind)) for party in eyes.relation.inside
    }
    if kind == "recuse" or owing & eyes.viewer.duties:
        return None
    could = [] if duty is None else _offices(context, duty, parties)
    return Barred(why=(_why(eyes, duty),), who_could=tuple(could))


def _is_about(offer: Offer, settled: Mapping[str, str]) -> bool:
    return all(settled.get(name, str(value)) == str(value) for name, value in offer.fields.items())


def _reviewing(eyes: Sight) -> frozenset[str]:
    """Return the parties whose offices review a case, as far as the viewer may know."""
    return frozenset(eyes.relation.inside) or announced_parties(eyes.case)


def _offices(context: Context, duty: Duty, parties: Iterable[str]) -> list[str]:
    return [each for party in sorted(parties) for each in context.offices_with(duty, party)]


def _why(eyes: Sight, duty: Duty | None) -> str:
    if duty is Duty.APPLICATIONS:
        return "This is done by those who applied."
    if eyes.relation.auditor:
        return "Whoever audits sees everything, and does nothing on a case."
    if not eyes.relation.inside:
        return "This is done by the offices that review a case, not by applicants."
    if duty is None:
        return "None of your offices has this to do here: rules and decisions name those that have."
    return "None of your offices has this to do on the case."


# --- on no case

_ON_NONE: Mapping[str, Collection[Duty]] = {
    "appoint": (Duty.AUTHORITY,),
    "dismiss": (Duty.AUTHORITY,),
    "change-semantics": (Duty.AUTHORITY,),
    "rotate-key": (Duty.AUTHORITY,),
    "register-key": (Duty.AUTHORITY,),
    "retire-key": (Duty.AUTHORITY,),
    "revoke-delegation": (Duty.AUTHORITY,),
    "record-fact": (Duty.REGISTRY, Duty.AUTHORITY),
    "adopt-policy": (Duty.POLICIES,),
    "announce-policy": (Duty.POLICIES,),
    "end-policy": (Duty.POLICIES,),
    "revise-book": (Duty.POLICIES,),
    "erase": (Duty.RECORDS,),
    "delegate": (),
    "submit": (Duty.APPLICATIONS,),
}
"""The duties by any of which an act on no case is somebody's."""


def barred(desk: Desk, kind: str) -> Barred | None:
    """Return why somebody does not begin an act on no case; None where they may."""
    duties = _ON_NONE.get(kind)
    if duties is None:
        return Barred(why=("The log has begun; its context is changed by other acts.",))
    if any(map(desk.has, duties)) or _by_office(desk, kind) or _of_ones_own(desk, kind):
        return None
    own = desk.context.parties_of(desk.actor, desk.at, desk.office)
    could = [one for duty in duties for one in _offices(desk.context, duty, own)]
    anywhere = [one for duty in duties for one in desk.context.offices_with(duty)]
    return Barred(why=("None of your offices has this to do.",), who_could=could or anywhere)


def _by_office(desk: Desk, kind: str) -> bool:
    """Say whether an office that they hold has it to do, whatever its duties."""
    record = desk.context.registry.record
    held = {key: record.offices[key] for key in record.offices if desk.holds(key)}
    if kind in ("adopt-policy", "announce-policy", "end-policy"):
        books = desk.context.books
        parties = {each.party for each in held.values()}
        may = (deciding(desk.context, each, books.get(each)) for each in parties)
        return any(held.keys() & each for each in may)
    if kind == "delegate":
        of = [each.party for each in record.offices.values()]
        return any(of.count(each.party) > 1 for each in held.values())
    if kind == "revoke-delegation":
        return any(each.of in held for each in record.delegations.values())
    return False


def _of_ones_own(desk: Desk, kind: str) -> bool:
    """Say whether it is about a key of theirs, or one that they may add to it."""
    own = ("register-key", "retire-key")
    return kind in own and desk.context.registers_own(desk.actor, desk.at)
