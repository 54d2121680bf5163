"""Who sees which field of a case: the table that `view` goes by.

Every field of every record of a case stands here once; a field that is missing fails the
tests, so nothing new is shown, or withheld, without a decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, StrEnum

from placet.policy import Precondition, Proviso
from placet.registry import Record
from placet.review.case import (
    AdviceOnFile,
    AppealOnFile,
    Assurance,
    CarveOut,
    Case,
    Deadline,
    DecisionOnFile,
    Determined,
    Dismissal,
    DissentOnFile,
    EndUseCheck,
    Fulfilment,
    Ground,
    InformationRequest,
    Kept,
    Move,
    PartyNeed,
    PermitOnFile,
    ReportOnFile,
    Reviewer,
    Suspension,
    Terms,
    TermsLine,
)
from placet.review.commands import Attachment

__all__ = ["AUDIENCES", "MOVES", "PARTS", "Audience", "Openness"]


class Audience(IntEnum):
    """Who sees a field; the numbers from 1 to 3 are the places of `viewer.Place`.

    Beyond `FILE` a field is seen only by the party whose own it is.
    """

    FILE = 0
    """Everybody who may see the case at all: the applicant's side and all who are inside."""
    ADVISING = 1
    """The party's advisers, deciders and officers."""
    DECIDING = 2
    """The party's deciders and officers."""
    LEADING = 3
    """The party's officers."""
    AUDIT = 4
    """Auditors alone: it depends on what several parties did."""


_FILE, _ADVISING, _DECIDING, _LEADING, _AUDIT = Audience

AUDIENCES: Mapping[type[Kept], Mapping[str, Audience]] = {
    Case: {
        "id": _FILE,
        "version": _AUDIT,
        "stage": _LEADING,
        "round": _FILE,
        "request": _FILE,
        "applicant": _FILE,
        "submitted_by": _FILE,
        "submitted_at": _FILE,
        "attachments": _FILE,
        "announced": _FILE,
        "officer": _DECIDING,
        "determined": _ADVISING,
        "asked": _AUDIT,
        "roles": _LEADING,
        "recused": _LEADING,
        "questions": _FILE,
        "advice": _ADVISING,
        "decisions": _DECIDING,
        "assurances": _DECIDING,
        "fulfilled": _DECIDING,
        "deadlines": _FILE,
        "permits": _FILE,
        "reports": _FILE,
        "checks": _DECIDING,
        "appeals": _FILE,
        "ended": _FILE,
        "moves": _FILE,
        "last": _AUDIT,
    },
    Determined: {
        "digest": _DECIDING,
        "substance": _AUDIT,
        "at": _DECIDING,
        "context_version": _AUDIT,
        "outcome": _AUDIT,
        "needs": _ADVISING,
        "outstanding": _LEADING,
        "open_questions": _LEADING,
    },
    PartyNeed: {
        "party": _ADVISING,
        "outcome": _ADVISING,
        "by": _ADVISING,
        "standing": _ADVISING,
        "rules": _ADVISING,
        "rights": _ADVISING,
        "services": _ADVISING,
        "advice_from": _ADVISING,
        "provisos": _ADVISING,
        "steps": _ADVISING,
        "provided": _ADVISING,
        "lines": _ADVISING,
    },
    InformationRequest: {
        "asked_by": _DECIDING,
        "asked_at": _FILE,
        "asks": _FILE,
        "fields": _FILE,
        "due": _FILE,
        "answered_at": _FILE,
        "says": _FILE,
    },
    AdviceOnFile: {
        "office": _ADVISING,
        "party": _ADVISING,
        "person": _ADVISING,
        "at": _ADVISING,
        "round": _ADVISING,
        "stance": _ADVISING,
        "says": _ADVISING,
        "dissents": _ADVISING,
        "countersigned_by": _ADVISING,
        "superseded_at": _ADVISING,
    },
    DecisionOnFile: {
        "party": _DECIDING,
        "office": _DECIDING,
        "delegation": _DECIDING,
        "person": _DECIDING,
        "at": _DECIDING,
        "round": _DECIDING,
        "verdict": _DECIDING,
        "lines": _DECIDING,
        "provisos": _DECIDING,
        "provided": _DECIDING,
        "until": _DECIDING,
        "because": _DECIDING,
        "disclosed": _DECIDING,
        "determination": _DECIDING,
        "substance": _AUDIT,
        "text": _DECIDING,
        "external": _DECIDING,
        "attachments": _DECIDING,
        "withdrawn_at": _DECIDING,
        "voided_at": _DECIDING,
    },
    Assurance: {
        "party": _DECIDING,
        "given_by": _DECIDING,
        "says": _DECIDING,
        "instrument": _DECIDING,
        "recorded_by": _DECIDING,
        "recorded_for": _DECIDING,
        "at": _DECIDING,
        "withdrawn_at": _DECIDING,
    },
    Fulfilment: {
        "need": _DECIDING,
        "parties": _DECIDING,
        "instrument": _DECIDING,
        "person": _DECIDING,
        "at": _DECIDING,
        "withdrawn_at": _DECIDING,
    },
    Deadline: {
        "of": _FILE,
        "due": _FILE,
        "set_by": _DECIDING,
        "escalated_to": _DECIDING,
        "called_in": _DECIDING,
    },
    PermitOnFile: {
        "permit": _FILE,
        "status": _AUDIT,
        "stage": _FILE,
        "terms": _FILE,
        "grounds": _DECIDING,
        "issued_by": _DECIDING,
        "issued_at": _FILE,
        "determination": _DECIDING,
        "suspensions": _DECIDING,
        "falling": _AUDIT,
        "spared": _DECIDING,
        "ended_at": _FILE,
        "ended_because": _AUDIT,
        "supersedes": _FILE,
        "superseded_by": _FILE,
        "emergency": _FILE,
        "after_review": _DECIDING,
    },
    Ground: {
        "kind": _DECIDING,
        "party": _DECIDING,
        "about": _DECIDING,
        "by": _DECIDING,
        "at": _DECIDING,
    },
    Suspension: {
        "at": _DECIDING,
        "by": _DECIDING,
        "because": _DECIDING,
        "ground": _DECIDING,
        "party": _DECIDING,
        "lifted_at": _DECIDING,
    },
    CarveOut: {
        "at": _DECIDING,
        "by": _DECIDING,
        "says": _DECIDING,
        "ground": _DECIDING,
    },
    ReportOnFile: {
        "permit": _FILE,
        "report": _FILE,
        "line": _FILE,
        "quantity": _FILE,
        "on": _FILE,
        "area": _FILE,
        "target": _FILE,
        "purpose": _FILE,
        "recipient": _FILE,
        "says": _FILE,
        "reported_by": _FILE,
        "reported_at": _FILE,
        "beyond": _FILE,
        "doubts": _FILE,
        "finding": _FILE,
        "found_because": _AUDIT,
        "corrects": _FILE,
        "because": _FILE,
        "corrected_by": _FILE,
    },
    EndUseCheck: {
        "permit": _DECIDING,
        "person": _DECIDING,
        "at": _DECIDING,
        "result": _DECIDING,
        "says": _DECIDING,
    },
    AppealOnFile: {
        "person": _FILE,
        "at": _FILE,
        "because": _FILE,
        "reconsidered_at": _FILE,
        "dismissals": _FILE,
    },
    Move: {
        "kind": _FILE,
        "at": _FILE,
        "unchanged": _FILE,
        "person": _DECIDING,
        "party": _DECIDING,
        "office": _DECIDING,
        "says": _DECIDING,
    },
}
"""Who sees which field, by record. `view` holds what else a field waits for."""

PARTS: Mapping[type[Record], frozenset[str]] = {
    Dismissal: frozenset({"party", "at", "disclosed"}),
    Attachment: frozenset({"name", "media", "size", "digest"}),
    Reviewer: frozenset({"office", "persons", "reserved"}),
    DissentOnFile: frozenset({"person", "at", "says"}),
    Terms: frozenset(
        {
            "demonstration",
            "activity",
            "holder",
            "actor",
            "recipients",
            "lines",
            "within",
            "outside",
            "area_sets",
            "targets",
            "not_targets",
            "purposes",
            "from_",
            "until",
            "provisos",
            "each_use",
            "no_onward_transfer",
            "report_within_days",
        }
    ),
    TermsLine: frozenset({"line", "item", "lot", "quantity"}),
    Proviso: frozenset(
        {
            "each_use",
            "at_most",
            "line",
            "within",
            "outside",
            "not_targets",
            "purposes",
            "recipients",
            "no_onward_transfer",
            "report_within_days",
            "text",
        }
    ),
    Precondition: frozenset({"consent_of", "assurance_from", "act_of", "event", "text"}),
}
"""Records that are seen whole, wherever the record that they are part of is seen."""


class Openness(StrEnum):
    """How much of a line of the time line those see whose own it is not."""

    FILING = "filing"
    """The applicant's own act: everything."""
    RELEASED = "released"
    """That it was done, and when: not by whom, for which party, or in what words."""
    INTERNAL = "internal"
    """Nothing."""


_FILING = ("submit", "supply", "withdraw", "appeal", "surrender", "report-use", "correct-use")
_RELEASED = (
    "ask",
    "return",
    "lapse",
    "dismiss-appeal",
    "reconsider",
    "close",
    "break-glass",
    "issue",
    "suspend",
    "lift",
    "revoke",
    "amend",
    "resolve-violation",
)
_INTERNAL = (
    "determine",
    "assign",
    "set-deadline",
    "escalate",
    "fulfil",
    "advise",
    "dissent",
    "countersign",
    "recuse",
    "decide",
    "record-consent",
    "record-assurance",
    "withdraw-consent",
    "retract",
    "review-after",
    "check-end-use",
)

MOVES: Mapping[str, Openness] = {
    **dict.fromkeys(_FILING, Openness.FILING),
    **dict.fromkeys(_RELEASED, Openness.RELEASED),
    **dict.fromkeys(_INTERNAL, Openness.INTERNAL),
}
"""How open each act on a case is; an act that is not here is internal."""
