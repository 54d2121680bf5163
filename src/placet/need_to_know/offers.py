"""What somebody could do on a case: each act that is theirs by office, possible now or why not.

An act is tried, and nothing is written: `perform` decides whether it is possible. Why it is not
is worked out on the case as the viewer's own parties know it, so that a reason tells nothing of
others' work. To the applicant's side only the file speaks (`applicants`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from placet.errors import PlacetError
from placet.need_to_know.applicants import offers_of_applicants
from placet.need_to_know.audience import Audience
from placet.need_to_know.offered import Offer, offered
from placet.need_to_know.own_case import knows_work, own_case, own_needs
from placet.need_to_know.refusals import as_known, why_not
from placet.need_to_know.view import Sight
from placet.policy import Precondition
from placet.registry import Duty
from placet.review.advising import advisory_offices
from placet.review.appeals import lying_appeal, owing_answer
from placet.review.case import (
    OF_THE_CASE,
    Case,
    DecisionOnFile,
    PartyNeed,
    PermitOnFile,
    PermitStage,
)
from placet.review.commands import PLACES, Command, Countersign, Dissent, Verdict
from placet.review.consent import (
    ASSURANCE,
    counting,
    name_of_act,
    name_of_condition,
    name_of_step,
)
from placet.review.context import Context
from placet.review.errors import (
    NotAllowedError,
    OwedError,
    StaleError,
    UndisclosedError,
)
from placet.review.event import command_of
from placet.review.perform import perform
from placet.review.scene import Scene
from placet.review.statement import needs_signature
from placet.review.validity import open_suspensions

__all__ = ["ELSEWHERE", "STALE", "offers"]

ELSEWHERE = "What other parties still have to do stands in the way."
STALE = "What the case stands on has changed since it was determined. Have it determined anew."

_WORD = "…"
_DIGEST = f"sha256:{'0' * 64}"
_PROBE = "placet-probe"


def offers(eyes: Sight, context: Context, at: datetime) -> tuple[Offer, ...]:
    """Return every act on the case that is the viewer's by office, what they lead with first.

    Args:
        eyes: the case before the eyes of the viewer.
        context: the present context: it says who holds what.
        at: the moment of looking.
    """
    if eyes.viewer.person is None:
        return ()
    found = list(_Inside(eyes, context, at).offers()) if eyes.relation.inside else []
    if eyes.relation.applicant:
        found += offers_of_applicants(eyes, context, at)
    if found and eyes.relation.inside:
        found.append(_recusal(eyes))
    return tuple(found)


def _recusal(eyes: Sight) -> Offer:
    aside = ["You stepped aside already."] if eyes.viewer.person in eyes.case.recused else []
    return offered("recuse", eyes.case.id, aside)


@dataclass(frozen=True)
class _Try:
    """An act to be tried: what is settled of it, and what stands in for the rest."""

    act: str
    about: str = ""
    choice: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    rest: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Inside:
    """Tries what those inside could do."""

    eyes: Sight
    context: Context
    at: datetime

    def offers(self) -> Iterator[Offer]:
        for each in self.tries():
            yield self.tried(each)

    def tries(self) -> Iterator[_Try]:
        yield from self.decisions()
        yield from self.appeals()
        yield from self.own_acts()
        yield from self.advice()
        yield from self.permits() if self.has(Duty.PERMITS) else self.own_permits()
        yield from self.emergencies()
        if self.has(Duty.CASES):
            yield from self.leading()
        if self.has(Duty.LIAISON):
            yield from self.consents()

    def has(self, duty: Duty) -> bool:
        return any((party, duty) in self.eyes.viewer.duties for party in self.eyes.relation.inside)

    def scene(self, case: Case) -> Scene:
        """Return a case as the scene on which the viewer acts."""
        who = self.eyes.viewer
        return Scene(case, self.context, who.person or "", self.at, who.office)

    @cached_property
    def own(self) -> Case:
        return own_case(self.eyes)

    @cached_property
    def needs(self) -> Mapping[str, PartyNeed]:
        return {
            party: need
            for party, need in own_needs(self.eyes).items()
            if party in self.eyes.relation.inside
        }

    @cached_property
    def digest(self) -> str:
        determined = self.eyes.case.determined
        return determined.digest if determined else _DIGEST

    @cached_property
    def free(self) -> int:
        """A place on the status list that no permit of the case has."""
        taken = {each.status for each in self.eyes.case.permits.values()}
        return next(each for each in range(PLACES) if each not in taken)

    # --- what each place has

    def decisions(self) -> Iterator[_Try]:
        rest = {"because": _WORD, "disclosed": _WORD, "determination": self.digest}
        for party, need in self.needs.items():
            for reviewer in need.by if need.outcome != "clear" else ():
                if reviewer.office not in self.eyes.viewer.acts_for:
                    continue
                settled = {
                    "party": party,
                    "office": reviewer.office,
                    **self.delegated(reviewer.office),
                }
                for verdict in Verdict:
                    fields = {**settled, "verdict": verdict.value}
                    yield _Try("decide", reviewer.office, verdict.value, fields, rest)
        for office in sorted({each.office or "" for each in counting(self.own, self.at)}):
            if office in self.eyes.viewer.offices:
                party = next(each.party for each in self.own.decisions if each.office == office)
                settled = {"party": party, "office": office}
                rest = {"because": _WORD, "disclosed": _WORD}
                yield _Try("withdraw-consent", office, "", settled, rest)

    def appeals(self) -> Iterator[_Try]:
        """Yield whom the viewer could answer an appeal for: a party whose word it is against."""
        case = self.eyes.case
        owing = owing_answer(case)
        rest = {"because": _WORD, "disclosed": _WORD}
        for party, offices in sorted(owing.items()):
            for office in sorted(self.eyes.viewer.offices & offices):
                settled = {"party": party, "office": office}
                yield _Try("dismiss-appeal", office, "", settled, rest)
            if None in offices and self.has(Duty.LIAISON) and party not in self.eyes.viewer.parties:
                yield _Try("dismiss-appeal", party, "", {"party": party}, rest)
        if lying_appeal(case) is not None and not owing and self.has(Duty.CASES):
            yield _Try("dismiss-appeal", case.id, "", {}, rest)

    def delegated(self, office: str) -> dict[str, str]:
        """Return the delegation by which the viewer acts for an office that they do not hold."""
        if office in self.eyes.viewer.offices:
            return {}
        found = self.context.registry.record.delegations.items()
        named = (
            key
            for key, each in sorted(found)
            if each.of == office and each.to in self.eyes.viewer.offices
        )
        name = next(named, None)
        return {"delegation": name} if name else {}

    def advice(self) -> Iterator[_Try]:
        if self.own.determined is not None:
            scene = self.scene(self.own)
            for office in sorted(advisory_offices(scene) & self.eyes.viewer.offices):
                yield _Try(
                    "advise", office, "", {"office": office}, {"stance": "for", "says": _WORD}
                )
        for number, place in enumerate(self.eyes.advice):
            if self.eyes.case.advice[place].superseded_at is None:
                yield _Try("countersign", str(number), "", {"advice": number})
                yield _Try("dissent", str(number), "", {"advice": number}, {"says": _WORD})

    def permits(self) -> Iterator[_Try]:
        case = self.eyes.case
        yield _Try("issue", case.id, "", {}, {"permit": _PROBE, "status": self.free})
        for name, permit in sorted(case.permits.items()):
            one, rest = {"permit": name}, {"because": _WORD}
            if permit.stage is PermitStage.ISSUED:
                yield _Try("suspend", name, "", one, rest)
            if permit.stage is PermitStage.SUSPENDED or open_suspensions(permit, self.at):
                yield _Try("lift", name, "", one, rest)
            if permit.stage in (PermitStage.ISSUED, PermitStage.SUSPENDED):
                yield _Try("revoke", name, "", one, rest)
                yield _Try("amend", name, "", one, {**rest, **self.narrower(permit)})
            yield _Try("check-end-use", name, "", one, {"result": "in-order", "says": _WORD})
        for report in case.reports:
            if report.open:
                rest = {"finding": "excused", "because": _WORD}
                yield _Try("resolve-violation", report.report, "", {"report": report.report}, rest)

    def own_permits(self) -> Iterator[_Try]:
        """Yield the permits that rest on what an office of the viewer's decided: to be revoked."""
        for name, permit in sorted(self.eyes.case.permits.items()):
            mine = any(each.by in self.eyes.viewer.offices for each in permit.grounds)
            if mine and permit.stage in (PermitStage.ISSUED, PermitStage.SUSPENDED):
                yield _Try("revoke", name, "", {"permit": name}, {"because": _WORD})

    def narrower(self, permit: PermitOnFile) -> dict[str, Any]:
        """Return what would narrow a permit: an end a second earlier."""
        end = permit.terms.until - timedelta(seconds=1)
        return {"replacement": _PROBE, "status": self.free, "until": f"{end:%Y-%m-%dT%H:%M:%SZ}"}

    def emergencies(self) -> Iterator[_Try]:
        case = self.eyes.case
        for party in sorted(self.eyes.viewer.emergency & self.needs.keys()):
            glass = self.context.books[party].break_glass
            if glass is not None and self.needs[party].outcome != "clear":
                settled = {"party": party, "office": glass.by}
                probe = {"hours": 1, "permit": _PROBE, "status": self.free, "because": _WORD}
                rest = {**probe, "determination": self.digest}
                yield _Try("break-glass", party, "", settled, rest)
        for name, permit in sorted(case.permits.items()):
            broken = (each.party for each in permit.grounds if each.kind == "break-glass")
            own = any(knows_work(self.eyes, party) for party in broken)
            if own and permit.emergency and permit.after_review is None:
                rest = {"finding": "justified", "because": _WORD}
                yield _Try("review-after", name, "", {"permit": name}, rest)

    def leading(self) -> Iterator[_Try]:
        case, why = self.eyes.case, {"because": _WORD}
        ahead = (self.at + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        yield _Try("determine", case.id)
        yield _Try("ask", case.id, "", {}, {"asks": _WORD})
        for need in self.fulfillable():
            yield _Try("fulfil", need, "", {"need": need}, {"instrument": _WORD})
            if any(each.need == need and not each.withdrawn_at for each in self.own.fulfilled):
                yield _Try("retract", need, "", {"need": need}, why)
        yield _Try("set-deadline", case.id, "", {}, {"of": OF_THE_CASE, "due": ahead, **why})
        offices = sorted(
            office for party, office in self.eyes.viewer.house if party in self.eyes.relation.inside
        )
        yield _Try("escalate", case.id, "", {}, {"to": offices[0], **why})
        yield _Try("assign", case.id, "", {}, {"to": self.eyes.viewer.person, **why})
        yield _Try("return", case.id, "", {}, {"disclosed": _WORD, **why})
        for act in ("reconsider", "lapse", "close"):
            yield _Try(act, case.id, "", {}, why)

    def own_acts(self) -> Iterator[_Try]:
        asked = dict[str, bool]()
        for party in self.eyes.relation.inside:
            for office, done in self.eyes.acts(party).items():
                asked[office] = asked.get(office, True) and done
        for office, done in asked.items():
            name = name_of_act(office)
            if not done:
                yield _Try("fulfil", name, "", {"need": name}, {"instrument": _WORD})
            else:
                yield _Try("retract", name, "", {"need": name}, {"because": _WORD})

    def fulfillable(self) -> Iterator[str]:
        """Yield what officers record of what their own parties ask: no act or advice of offices."""
        offices = self.context.registry.record.offices
        for need in self.needs.values():
            for step in need.steps:
                if "wait-days" not in step and step.get("consult") not in offices:
                    yield name_of_step(step)
        for each in dict.fromkeys(self.conditions()):
            if each.event or (each.act_of and each.act_of not in offices):
                yield name_of_condition(each)

    def conditions(self) -> Iterator[Precondition]:
        """Yield the conditions precedent that rules and decisions of one's own parties name."""
        for party, need in self.needs.items():
            yield from need.provided
            for said in self.own.decisions:
                if said.party == party:
                    yield from said.provided

    def consents(self) -> Iterator[_Try]:
        rest = {"given-by": _WORD, "given-on": self.at.strftime("%Y-%m-%dT%H:%M:%SZ")}
        rest |= {"instrument": _WORD, "instrument-digest": _DIGEST, "disclosed": _WORD}
        for party in self.eyes.awaits:
            if party not in self.eyes.viewer.parties:
                word = {"verdict": "approve", "determination": self.digest}
                yield _Try("record-consent", party, "", {"party": party}, {**rest, **word})
                said = {"given-by": _WORD, "says": _WORD, "instrument": _WORD}
                yield _Try("record-assurance", party, "", {"party": party}, said)
        for party in dict.fromkeys(each.party for each in self.recorded()):
            told = {"because": _WORD, "disclosed": _WORD}
            yield _Try("withdraw-consent", party, "", {"party": party}, told)
        given = (each for each in self.own.assurances if each.withdrawn_at is None)
        for party in dict.fromkeys(each.party for each in given):
            need = f"{ASSURANCE}{party}"
            yield _Try("retract", need, "", {"need": need}, {"because": _WORD})

    def recorded(self) -> Iterator[DecisionOnFile]:
        """Yield the consents given elsewhere that those of one's own parties recorded."""
        for each in counting(self.eyes.case, self.at):
            if each.external and self.eyes.own(each.party, each.person) >= Audience.DECIDING:
                yield each

    # --- trying

    @cached_property
    def known(self) -> Scene:
        return as_known(self.eyes, self.context, self.at)

    def tried(self, one: _Try) -> Offer:
        command = self.command(one)
        error = self.error(command)
        return Offer(
            act=one.act,
            about=one.about,
            choice=one.choice,
            fields=dict(one.fields),
            possible=error is None,
            **(self.why_not(command, error) if error is not None else {}),
            signed=needs_signature(command.kind),
        )

    def command(self, one: _Try) -> Command:
        """Return an act as it would be done; advice by its number on the case."""
        command = command_of(one.act, {**one.rest, **one.fields})
        if isinstance(command, Countersign | Dissent):
            place = self.eyes.advice[command.advice]
            return command.model_copy(update={"advice": place})
        return command

    def error(self, command: Command) -> PlacetError | None:
        """Return why an act cannot be done; None where it can."""
        try:
            who = self.eyes.viewer
            perform(self.eyes.case, self.context, command, who.person or "", self.at, who.office)
        except PlacetError as error:
            return error
        return None

    def why_not(self, command: Command, error: PlacetError) -> dict[str, Any]:
        """Return the reasons that a viewer may know, and who could."""
        told = error if self.eyes.viewer.audits else why_not(self.eyes, self.known, command)
        if isinstance(told, StaleError):
            return {"why": (STALE,)}
        if isinstance(told, UndisclosedError):
            return {"why": (ELSEWHERE,)}
        if isinstance(told, NotAllowedError):
            return {"why": (told.says.partition("\n")[0],), "who_could": told.who_could}
        why = told.owed if isinstance(told, OwedError) else (str(told).partition("\n")[0],)
        return {"why": why, "who_could": ()}
