"""Puts a case together from what is filed and released, and from each party's own work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from parts_of_a_case import (
    FILE_DIGEST,
    LINES,
    REVIEWING,
    SECRET_DIGEST,
    START,
    Filed,
    Joint,
    Said,
    Work,
    moment,
    office,
    person,
)

from placet.policy import Precondition, Proviso
from placet.registry import Occasion
from placet.review import case as kept
from placet.review.case import Case, Role, Stage
from placet.review.commands import Attachment, Verdict

__all__ = ["case_of"]


def case_of(filed: Filed, works: Mapping[str, Work], joint: Joint) -> Case:
    """Put a case together."""
    substance = SECRET_DIGEST[:-1] + joint.substance
    building = [_Party(party, work, filed, substance) for party, work in works.items()]
    reviewing = filed.status in REVIEWING
    return Case(
        id="C-1",
        version=joint.version,
        stage=joint.stage if reviewing else filed.status,
        round=filed.round,
        request={
            "applicant": "UA",
            "actor": "UA",
            "area": filed.area,
            "lines": {line: {"item": "missile"} for line in LINES},
        },
        applicant="UA",
        submitted_by=person("UA", 0),
        submitted_at=START,
        attachments=(
            Attachment(name=filed.attachment, media="text/plain", size=3, digest=FILE_DIGEST),
        ),
        announced={"outcome": filed.announced, "parties": {"US": "review"}},
        officer=person("DE", works["DE"].who),
        determined=kept.Determined(
            digest=SECRET_DIGEST[:-1] + joint.digest,
            substance=substance,
            at=moment(joint.at),
            context_version=joint.version,
            outcome=f"hidden {joint.index}",
            needs={each.party: each.need() for each in building if each.say != "none"},
            outstanding=joint.outstanding,
            open_questions=joint.outstanding,
        ),
        roles={k: role for each in building for k, role in each.roles()},
        recused=_recused(building),
        questions=(_question(filed, works["DE"]),),
        advice=_in_time(each.advice() for each in building),
        decisions=_in_time(each.decisions() for each in building),
        assurances=_in_time(each.assurances() for each in building),
        fulfilled=_in_time(each.fulfilled() for each in building),
        deadlines=(*_due(filed, works["DE"]), *(d for each in building for d in each.deadlines())),
        permits=_permits(filed, building, joint, substance),
        reports=_reports(filed, works["US"]),
        checks=_in_time(each.checks() for each in building),
        appeals=_appeals(filed),
        ended=filed.ended if filed.status in _TOLD else works["US"].because,
        moves=_in_time([_file_moves(filed, works), *(each.moves() for each in building)]),
        last=moment(joint.version),
    )


def _recused(building: Iterable[Any]) -> tuple[str, ...]:
    """Return who stepped aside: of those who decided nobody, for that takes back what is out."""
    deciders = {said.person for each in building for said in each.decisions()}
    every = (person(each.party, n) for each in building for n in each.work.recused)
    return tuple(each for each in every if each not in deciders)


_TOLD = (Stage.WITHDRAWN, Stage.RETURNED, Stage.REFUSED)


def _in_time(parts: Iterable[Iterable[Any]]) -> tuple[Any, ...]:
    return tuple(sorted((each for part in parts for each in part), key=lambda each: each.at))


def _question(filed: Filed, asking: Work) -> kept.InformationRequest:
    return kept.InformationRequest(
        asked_by=person("DE", asking.who),
        asked_at=moment(20),
        asks=filed.question,
        answered_at=moment(filed.answered) if filed.answered else None,
        says="an answer" if filed.answered else None,
    )


def _due(filed: Filed, setting: Work) -> Iterator[kept.Deadline]:
    if filed.due:
        yield kept.Deadline(
            of="applicant",
            due=moment(filed.due),
            set_by=person("DE", setting.who),
            escalated_to="fr/minister" if setting.due else None,
        )


def _reports(filed: Filed, finding: Work) -> tuple[kept.ReportOnFile, ...]:
    if filed.permit is None or filed.beyond is None:
        return ()
    report = kept.ReportOnFile(
        permit=filed.permit,
        report="R-1",
        line="one",
        quantity=8,
        on=Occasion(moment(600)),
        area="UA-43",
        target="none",
        purpose="none",
        recipient="none",
        reported_by=person("UA", 0),
        reported_at=moment(700),
        beyond=(filed.beyond,) if filed.beyond else (),
        doubts=("The time is not said.",),
        finding=filed.finding,
        found_because=finding.because if filed.finding else None,
    )
    return (report,)


def _appeals(filed: Filed) -> tuple[kept.AppealOnFile, ...]:
    if filed.appeal is None:
        return ()
    made = kept.AppealOnFile(person=person("UA", 0), at=moment(900), because=filed.appeal)
    if filed.dismissed is None:
        return (made,)
    answer = kept.Dismissal(party="US", at=moment(910), disclosed=filed.dismissed)
    return (made.model_copy(update={"dismissals": (answer,)}),)


def _file_moves(filed: Filed, works: Mapping[str, Work]) -> Iterator[kept.Move]:
    yield kept.Move(kind="submit", person=person("UA", 0), at=START, party="UA")
    asking = works["DE"]
    yield kept.Move(
        kind="ask",
        person=person("DE", asking.who),
        at=moment(20),
        party="DE",
        says=asking.because,
    )
    if filed.permit:
        issuing = works["US"]
        yield kept.Move(
            kind="issue",
            person=person("US", issuing.who),
            at=moment(250),
            party="US",
            says=issuing.because,
        )


def _permits(
    filed: Filed, building: Iterable[_Party], joint: Joint, substance: str
) -> dict[str, kept.PermitOnFile]:
    if filed.permit is None:
        return {}
    parts = list(building)
    issuing = next(each for each in parts if each.party == "US")
    spans = list(_spans(filed))
    covering = [
        kept.Suspension(
            at=since,
            by="fr-person-0",
            because=f"hidden {joint.version}",
            party="FR",
            lifted_at=until,
        )
        for since, until in spans
    ]
    surrendered = filed.permit_stage is kept.PermitStage.SURRENDERED
    permit = kept.PermitOnFile(
        permit=filed.permit,
        status=joint.index,
        stage=filed.permit_stage,
        terms=kept.Terms(
            activity="use",
            holder="UA",
            actor="UA",
            lines=(kept.TermsLine(line="one", item="missile", quantity=filed.quantity),),
            from_=moment(250),
            until=moment(90_000),
        ),
        grounds=tuple(each.ground() for each in parts),
        issued_by=person("US", issuing.work.who),
        issued_at=moment(250),
        determination=issuing.digest(substance),
        suspensions=(*covering, *(s for each in parts for s in each.suspensions(spans))),
        spared=tuple(s for each in parts for s in each.spared()),
        ended_because=filed.ended if surrendered else issuing.work.because,
        emergency=filed.emergency,
        after_review=issuing.work.because,
    )
    return {filed.permit: permit}


def _spans(filed: Filed) -> Iterator[tuple[Any, Any]]:
    times = [*filed.suspended, None]
    for since, until in zip(times[::2], times[1::2], strict=False):
        if since is not None:
            yield moment(since), None if until is None else moment(until)


@dataclass(frozen=True)
class _Party:
    """Builds what one party's work puts on file."""

    party: str
    work: Work
    filed: Filed
    substance: str

    @property
    def said(self) -> Said | None:
        return self.filed.said.get(self.party)

    @property
    def say(self) -> str:
        return "review" if self.said else self.work.say

    def by(self, number: int) -> str:
        return person(self.party, number)

    def digest(self, _: str) -> str:
        return SECRET_DIGEST[:-1] + str(self.work.persons)

    def need(self) -> kept.PartyNeed:
        approved = self.said is not None and self.said.verdict is Verdict.APPROVE
        refuse = self.work.rules_refuse and not approved and self.say == "review"
        outcome = "refuse" if refuse else self.say
        council = kept.Reviewer(
            office=office(self.party, "council"), persons=self.work.persons, reserved=False
        )
        return kept.PartyNeed(
            party=self.party,
            outcome=outcome,
            by=(council,),
            standing=self.work.asks,
            rules=self.work.asks,
            rights=self.work.asks,
            services=self.work.asks,
            advice_from=(office(self.party, "staff"), office(self.party, "legal")),
            provisos=tuple(Proviso(text=each) for each in self.work.asks),
            steps=tuple({"notify": each} for each in [*self.work.asks, *self.archive(told=True)]),
            provided=(
                *(Precondition(event=each) for each in self.work.asks),
                *(
                    Precondition.model_validate({"act-of": each})
                    for each in self.archive(told=False)
                ),
            ),
            lines=dict.fromkeys(LINES, outcome),
        )

    def archive(self, *, told: bool) -> Iterator[str]:
        """The office that is named, to be told or to act."""
        if self.work.told if told else self.work.asked_to_act:
            yield office(self.party, "archive")

    def roles(self) -> Iterator[tuple[str, Role]]:
        for number, role in self.work.roles.items():
            yield self.by(number), role

    def advice(self) -> Iterator[kept.AdviceOnFile]:
        for name, given in (
            ("staff", self.work.staff_advice),
            ("legal", self.work.legal_advice),
        ):
            for minutes, says in given:
                yield kept.AdviceOnFile(
                    office=office(self.party, name),
                    party=self.party,
                    person=self.by(minutes % 6),
                    at=moment(minutes),
                    round=self.filed.round,
                    stance="for",
                    says=says,
                    dissents=(
                        kept.DissentOnFile(person=self.by(0), at=moment(minutes), says=says),
                    ),
                )

    def decisions(self) -> Iterator[kept.DecisionOnFile]:
        for number, why in enumerate(self.work.fallen):
            fallen = self.decision(number, Said(Verdict.APPROVE, why, number), "f")
            yield fallen.model_copy(update={"withdrawn_at": moment(50)})
        if self.said is not None:
            for number in range(self.work.persons):
                earlier = self.said.at - self.work.persons + 1 + number
                yield self.decision(number, self.said, "d").model_copy(
                    update={"at": moment(earlier)}
                )
        elif self.say == "review":
            for number in range(min(self.work.so_far, self.work.persons - 1)):
                yield self.decision(number, Said(Verdict.REFUSE, self.work.because, 60), "e")

    def decision(self, number: int, said: Said, text: str) -> kept.DecisionOnFile:
        proviso = (Proviso(text=said.proviso),) if said.proviso else ()
        waits = self.work.asks or ("hidden",)
        return kept.DecisionOnFile(
            party=self.party,
            office=office(self.party, "council"),
            person=self.by(number),
            at=moment(said.at),
            round=self.filed.round,
            verdict=said.verdict,
            lines=LINES,
            provisos=proviso,
            provided=tuple(Precondition(event=each) for each in waits) if said.conditional else (),
            until=moment(said.until) if said.until else None,
            because=self.work.because,
            disclosed=said.disclosed,
            determination=SECRET_DIGEST,
            substance=self.substance,
            text=SECRET_DIGEST[:-1] + text,
        )

    def assurances(self) -> Iterator[kept.Assurance]:
        for each in self.work.fulfilled:
            yield kept.Assurance(
                party="FR",
                given_by=each,
                says=each,
                instrument=each,
                recorded_by=self.by(0),
                recorded_for=self.party,
                at=moment(30),
            )

    def fulfilled(self) -> Iterator[kept.Fulfilment]:
        for each in self.work.fulfilled:
            yield kept.Fulfilment(need=each, instrument=each, person=self.by(0), at=moment(30))

    def checks(self) -> Iterator[kept.EndUseCheck]:
        for each in self.work.fulfilled:
            yield kept.EndUseCheck(
                permit="P-1", person=self.by(0), at=moment(30), result=each, says=each
            )

    def deadlines(self) -> Iterator[kept.Deadline]:
        if self.work.due:
            yield kept.Deadline(
                of=office(self.party, "council"),
                due=moment(self.work.due),
                set_by=self.by(self.work.who),
                escalated_to=office(self.party, "minister"),
            )

    def ground(self) -> kept.Ground:
        return kept.Ground(kind="decision", party=self.party, about=self.work.because)

    def suspensions(self, spans: Iterable[tuple[Any, Any]]) -> Iterator[kept.Suspension]:
        for since, until in spans if self.work.due else ():
            yield kept.Suspension(
                at=since,
                by=self.by(0),
                because=self.work.because,
                ground=self.ground() if self.work.persons > 1 else None,
                party=self.party,
                lifted_at=until,
            )

    def spared(self) -> Iterator[kept.CarveOut]:
        for each in self.work.fallen:
            yield kept.CarveOut(at=moment(40), by=self.by(0), says=each, ground=self.ground())

    def moves(self) -> Iterator[kept.Move]:
        for minutes, kind in self.work.acts:
            yield kept.Move(
                kind=kind,
                person=self.by(minutes % 6),
                at=moment(minutes),
                party=self.party if minutes % 2 else None,
                says=self.work.because,
            )
