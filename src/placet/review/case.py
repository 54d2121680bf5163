"""The state of a case: what the fold of its events comes to (DESIGN §3).

State is data and nothing else: every class here is frozen, JSON-ready, and says
nothing that the events do not. Instants are in UTC and whole seconds.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import ConfigDict

from placet.policy import Precondition, Proviso
from placet.registry import Record
from placet.registry.facts import Count, Moment, Once, Text, YesNo
from placet.review.commands import Attachment, Digest, Verdict

__all__ = [
    "NOT_KNOWN",
    "OF_THE_APPLICANT",
    "OF_THE_CASE",
    "OPEN",
    "TOLD_TO_APPLICANTS",
    "UNDECIDED",
    "AdviceOnFile",
    "AppealOnFile",
    "Assurance",
    "CarveOut",
    "Case",
    "Deadline",
    "DecisionOnFile",
    "Determined",
    "Dismissal",
    "DissentOnFile",
    "EndUseCheck",
    "Fulfilment",
    "Ground",
    "InformationRequest",
    "Kept",
    "Move",
    "PartyNeed",
    "PermitOnFile",
    "PermitStage",
    "ReportOnFile",
    "Reviewer",
    "Role",
    "Stage",
    "Suspension",
    "Terms",
    "TermsLine",
]

NOT_KNOWN = "(not known)"
"""Who took a decision, and why, where a case is put together as somebody knows it; no id is so."""


class Stage(StrEnum):
    """Where a case stands."""

    SUBMITTED = "submitted"
    UNDER_REVIEW = "under-review"
    DECIDED = "decided"
    PERMITTED = "permitted"
    CLOSED = "closed"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    LAPSED = "lapsed"


OPEN = (Stage.SUBMITTED, Stage.UNDER_REVIEW)
"""Before every party has decided."""
UNDECIDED = (*OPEN, Stage.DECIDED)
"""Before an outcome is out."""


class Role(StrEnum):
    """In what a person has acted on a case; one person acts in one (rule 3)."""

    APPLICANT = "applicant"
    OFFICER = "officer"
    ADVISER = "adviser"
    COUNTERSIGNER = "countersigner"
    DECIDER = "decider"


class PermitStage(StrEnum):
    """What acts have made of a permit; whether it is valid at a moment is computed from more."""

    ISSUED = "issued"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    SURRENDERED = "surrendered"
    AMENDED = "amended"


class Kept(Record):
    """Anything that a case keeps: its fields go by their own names as well as by those of files."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    def plain(self) -> dict[str, Any]:
        """Return it as an entry spells it: what is left out is as it is by default."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)


class Reviewer(Kept):
    """An office that must decide: by how many persons, and whether only the office itself may."""

    office: Text
    persons: Count
    reserved: YesNo


class PartyNeed(Kept):
    """What one party's rules ask, taken from the determination at its strictest reading.

    `outcome` is `clear`, `review` or `refuse`; `standing` names the rules of standing
    authorisations by which a party clears, as `book:policy/rule`; `rights` spells out each right
    that a decision is about; `lines` gives the outcome per line.
    """

    party: Text
    outcome: Text
    by: tuple[Reviewer, ...] = ()
    standing: tuple[Text, ...] = ()
    rules: tuple[Text, ...] = ()
    rights: tuple[Text, ...] = ()
    services: tuple[Text, ...] = ()
    advice_from: tuple[Text, ...] = ()
    provisos: tuple[Proviso, ...] = ()
    steps: tuple[dict[str, Any], ...] = ()
    provided: tuple[Precondition, ...] = ()
    lines: dict[str, str] = {}


class Determined(Kept):
    """The determination a case stands on: its digest, what of it the review goes by, and when.

    `digest` is of the whole determination; `substance` of what is asked and why, apart from the
    moment, the context and the persons in office, so that it changes only where the answer does
    (rule 4).
    """

    digest: Digest
    substance: Digest
    at: Moment
    context_version: Count
    outcome: Text
    needs: dict[str, PartyNeed]
    outstanding: tuple[Text, ...] = ()
    open_questions: tuple[Text, ...] = ()


class InformationRequest(Kept):
    """A question to the applicant and, once it came, the answer."""

    asked_by: Text
    asked_at: Moment
    asks: Text
    fields: tuple[Text, ...] = ()
    due: Moment | None = None
    answered_at: Moment | None = None
    says: Text | None = None


class DissentOnFile(Kept):
    """An official's dissent from the advice of a team."""

    person: Text
    at: Moment
    says: Text


class AdviceOnFile(Kept):
    """A team's advice, who gave it, who confirmed it, and who dissents. `party` is the office's.

    What the office said later on the same request, in the same round, has superseded it.
    """

    office: Text
    party: Text
    person: Text
    at: Moment
    round: Count
    stance: Text
    says: Text
    dissents: tuple[DissentOnFile, ...] = ()
    countersigned_by: Text | None = None
    superseded_at: Moment | None = None


class DecisionOnFile(Kept):
    """One person's decision for an office, or an external consent recorded by a liaison official.

    `external` holds the instrument, its digest and who gave it; it is None for a decision of
    an office of ours; `attachments` are its documents. `text` is the digest of what was decided,
    equal for all who decided the same. A decision of an earlier round, withdrawn, or `voided`
    since what it was taken on became another, is kept and no longer counts.
    """

    party: Text
    office: Text | None = None
    delegation: Text | None = None
    person: Text
    at: Moment
    round: Count
    verdict: Verdict
    lines: tuple[Text, ...]
    provisos: tuple[Proviso, ...] = ()
    provided: tuple[Precondition, ...] = ()
    until: Moment | None = None
    because: Text
    disclosed: Text
    determination: Digest
    substance: Digest
    text: Digest
    external: dict[str, str] | None = None
    attachments: tuple[Attachment, ...] = ()
    withdrawn_at: Moment | None = None
    voided_at: Moment | None = None


class Assurance(Kept):
    """An assurance of a party: recorded, never an approval. `recorded_for` is whose liaison did.

    Of one from before that was kept it is not known. One that was taken back stays, and meets no
    condition.
    """

    party: Text
    given_by: Text
    says: Text
    instrument: Text
    recorded_by: Text
    recorded_for: Text | None = None
    at: Moment
    withdrawn_at: Moment | None = None


class Fulfilment(Kept):
    """That a step was taken or a condition precedent came true, and by which instrument.

    `parties` are those that ask for it and for which it counts. The act of an office that was taken
    back is kept, and meets no condition.
    """

    need: Text
    parties: tuple[Text, ...] = ()
    instrument: Text
    person: Text
    at: Moment
    withdrawn_at: Moment | None = None


OF_THE_APPLICANT = "applicant"
"""Of what a deadline is that the applicant must meet."""
OF_THE_CASE = "case"
"""Of what a deadline is that is set for a case as a whole: an answer is needed by then at all."""
TOLD_TO_APPLICANTS = (OF_THE_APPLICANT, OF_THE_CASE)
"""Of what the deadlines are that the applicant is told of."""


class Deadline(Kept):
    """The day by which an office or the applicant must act, and whether it was escalated.

    An office of a party without a say is `called_in` for those with a say and nobody here.
    """

    of: Text
    due: Moment
    set_by: Text
    escalated_to: Text | None = None
    called_in: YesNo = False


class TermsLine(Kept):
    """What a permit allows of one line; without a quantity the line had none."""

    line: Text
    item: Text
    lot: Text | None = None
    quantity: Count | None = None


class Terms(Kept):
    """What a permit allows: the limits that every use is held against.

    `area_sets` spells out each named set of areas in `within` and `outside` in ISO 3166 codes,
    as they were when the permit was issued. A permit of a demonstration says that it is one.
    """

    demonstration: YesNo = False
    activity: Text
    holder: Text
    actor: Text
    recipients: tuple[Text, ...] = ()
    lines: tuple[TermsLine, ...]
    within: tuple[Text, ...] = ()
    outside: tuple[Text, ...] = ()
    area_sets: dict[str, tuple[Text, ...]] = {}
    targets: tuple[Text, ...] = ()
    not_targets: tuple[Text, ...] = ()
    purposes: tuple[Text, ...] = ()
    from_: Moment
    until: Moment
    provisos: tuple[Proviso, ...] = ()
    each_use: YesNo = False
    no_onward_transfer: YesNo = False
    report_within_days: Count | None = None


class Ground(Kept):
    """One thing that a permit rests on.

    `kind` is `decision`, `external-consent`, `standing-authorisation`, `service`, `delegation`,
    `condition`, `clear` or `break-glass`; `about` names it: a party, a rule `book:policy/rule`, a
    service, a delegation, or a condition precedent by its name.
    """

    kind: Text
    party: Text
    about: Text
    by: Text | None = None
    at: Moment | None = None


class Suspension(Kept):
    """Why a permit is suspended; an act that ends a ground names it, a person's order none.

    `party` is the one for which a person ordered it. A suspension that was lifted is kept: what
    was done in the meantime is judged by it.
    """

    at: Moment
    by: Text
    because: Text
    ground: Ground | None = None
    party: Text | None = None
    lifted_at: Moment | None = None


class CarveOut(Kept):
    """That an act which ended a ground spares the permit in writing; `says` is that text."""

    at: Moment
    by: Text
    says: Text
    ground: Ground


class PermitOnFile(Kept):
    """A permit: its terms, what it rests on, and what acts have made of it.

    `falling` are suspensions that begin on a day to come, by an act that ends a ground then: once
    begun they stand until they are lifted, though the ground holds again.
    """

    permit: Text
    status: Count
    stage: PermitStage
    terms: Terms
    grounds: tuple[Ground, ...]
    issued_by: Text
    issued_at: Moment
    determination: Digest
    suspensions: tuple[Suspension, ...] = ()
    falling: tuple[Suspension, ...] = ()
    spared: tuple[CarveOut, ...] = ()
    ended_at: Moment | None = None
    ended_because: Text | None = None
    supersedes: Text | None = None
    superseded_by: Text | None = None
    emergency: YesNo = False
    after_review: Text | None = None


class ReportOnFile(Kept):
    """A use as reported, in what it went beyond its permit, and in what it may have (`doubts`).

    Either stays open until a `finding`, also where a later report corrects this one: that one says
    why, and counts in its place.
    """

    permit: Text
    report: Text
    line: Text
    quantity: Count
    on: Once
    area: Text
    target: Text
    purpose: Text
    recipient: Text
    says: Text | None = None
    reported_by: Text
    reported_at: Moment
    beyond: tuple[Text, ...] = ()
    doubts: tuple[Text, ...] = ()
    finding: Text | None = None
    found_because: Text | None = None
    corrects: Text | None = None
    because: Text | None = None
    corrected_by: Text | None = None

    @property
    def open(self) -> bool:
        """Whether somebody has yet to find what a use was that was not plainly within."""
        return bool(self.beyond or self.doubts) and self.finding is None

    @property
    def outside(self) -> bool:
        """Whether the use went beyond its permit, and nobody has found that it did not."""
        return bool(self.beyond) and self.finding in (None, "excused", "sanctioned")


class EndUseCheck(Kept):
    """An end-use check: by whom, when, with what result."""

    permit: Text
    person: Text
    at: Moment
    result: Text
    says: Text


class Dismissal(Kept):
    """That an appeal was dismissed by the party whose word it is against, or by the desk: no party.

    All who have a part in the case are told of it, and why, as far as `disclosed`.
    """

    party: Text | None = None
    at: Moment
    disclosed: Text


class AppealOnFile(Kept):
    """An appeal, and whether a new round was opened on it, or who has dismissed it."""

    person: Text
    at: Moment
    because: Text
    reconsidered_at: Moment | None = None
    dismissals: tuple[Dismissal, ...] = ()


class Move(Kept):
    """One line of the case's time line: what was done, by whom, when, for which party.

    `office` is the one in which it was done, where the person acted in one alone. `unchanged` says
    of an answer that it left the request as it read.
    """

    kind: Text
    person: Text
    at: Moment
    party: Text | None = None
    office: Text | None = None
    says: str = ""
    unchanged: YesNo = False

    @property
    def puts_request(self) -> bool:
        """Whether the request reads from then on as it was put there."""
        return self.kind in ("submit", "supply") and not self.unchanged


class Case(Kept):
    """A case. `version` counts its events; `round` its reconsiderations.

    `asked` says since when each party and office that the determination asks has been asked: since
    the first that did, on the request as it reads in this round, and not since it was renewed;
    `case` when that was.
    """

    id: Text
    version: Count
    stage: Stage
    round: Count = 1
    request: dict[str, Any]
    applicant: Text
    submitted_by: Text
    submitted_at: Moment
    attachments: tuple[Attachment, ...] = ()
    announced: dict[str, Any] = {}
    officer: Text | None = None
    determined: Determined | None = None
    asked: dict[str, Moment] = {}
    roles: dict[str, Role] = {}
    recused: tuple[Text, ...] = ()
    questions: tuple[InformationRequest, ...] = ()
    advice: tuple[AdviceOnFile, ...] = ()
    decisions: tuple[DecisionOnFile, ...] = ()
    assurances: tuple[Assurance, ...] = ()
    fulfilled: tuple[Fulfilment, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    permits: dict[str, PermitOnFile] = {}
    reports: tuple[ReportOnFile, ...] = ()
    checks: tuple[EndUseCheck, ...] = ()
    appeals: tuple[AppealOnFile, ...] = ()
    ended: Text | None = None
    moves: tuple[Move, ...] = ()
    last: Moment
