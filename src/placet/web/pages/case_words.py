"""The words of a case's page: what acts, lines of the time line and standings are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from placet.need_to_know.permit_view import STATUS_WORDS
from placet.registry import Duty, Registry
from placet.review import Context

__all__ = [
    "ACTS",
    "EVIDENCE",
    "FACTS",
    "LINES",
    "LINES_OF",
    "STANDINGS",
    "TONES",
    "VERDICTS",
    "act_title",
    "called",
    "spoken",
    "waited_for",
]

ACTS: Mapping[str, Promise] = {
    "decide": _("Decide"),
    "withdraw-consent": _("Take the decision back"),
    "dismiss-appeal": _("Dismiss the appeal"),
    "advise": _("Give advice"),
    "countersign": _("Countersign the advice"),
    "dissent": _("Dissent from the advice"),
    "issue": _("Issue the permit"),
    "suspend": _("Suspend the permit"),
    "lift": _("Lift the suspension"),
    "revoke": _("Revoke the permit"),
    "amend": _("Narrow the permit"),
    "check-end-use": _("Record an end-use check"),
    "resolve-violation": _("Resolve the use beyond the permit"),
    "break-glass": _("Act before the review"),
    "review-after": _("Review the emergency"),
    "determine": _("Determine who has a say"),
    "ask": _("Ask the applicant"),
    "fulfil": _("Record that it was done"),
    "set-deadline": _("Set a deadline"),
    "escalate": _("Escalate"),
    "assign": _("Assign the case"),
    "return": _("Return without action"),
    "reconsider": _("Open a new round"),
    "lapse": _("Let the case lapse"),
    "close": _("Close the case"),
    "record-consent": _("Record a consent"),
    "record-assurance": _("Record an assurance"),
    "retract": _("Take back"),
    "supply": _("Answer the question"),
    "report-use": _("Report a use"),
    "correct-use": _("Correct the report"),
    "surrender": _("Give the permit back"),
    "withdraw": _("Withdraw the request"),
    "appeal": _("Appeal"),
    "recuse": _("Step aside"),
    "adopt-policy": _("Adopt a policy"),
    "announce-policy": _("Announce a policy"),
    "end-policy": _("End a policy"),
    "revise-book": _("Revise the book"),
    "record-fact": _("Record a fact"),
    "appoint": _("Appoint"),
    "dismiss": _("Dismiss"),
    "register-key": _("Register a key"),
    "retire-key": _("Retire a key"),
    "delegate": _("Delegate"),
    "revoke-delegation": _("Revoke a delegation"),
    "erase": _("Erase what stands behind an entry"),
    "change-semantics": _("Change the semantics"),
    "rotate-key": _("Name the next key"),
}
"""What each act is called: on a button, and on the page that it leads to."""

LINES: Mapping[str, Promise] = {
    "submit": _("filed the request"),
    "supply": _("answered a question"),
    "withdraw": _("withdrew the request"),
    "appeal": _("appealed"),
    "surrender": _("gave the permit back"),
    "report-use": _("reported a use"),
    "correct-use": _("corrected a report of use"),
    "determine": _("determined who has a say"),
    "assign": _("assigned the case"),
    "ask": _("asked the applicant"),
    "return": _("returned the request"),
    "set-deadline": _("set a deadline"),
    "escalate": _("escalated the case"),
    "lapse": _("let the case lapse"),
    "reconsider": _("opened a new round; earlier decisions fell"),
    "close": _("closed the case"),
    "fulfil": _("recorded that a step was taken"),
    "advise": _("gave advice"),
    "dissent": _("dissented from the advice"),
    "countersign": _("countersigned the advice"),
    "recuse": _("stepped aside"),
    "decide": _("decided"),
    "record-consent": _("recorded a consent given elsewhere"),
    "record-assurance": _("recorded an assurance, which is no approval"),
    "retract": _("took back what a consent depended on"),
    "withdraw-consent": _("took a consent back"),
    "dismiss-appeal": _("dismissed the appeal"),
    "break-glass": _("acted before the review"),
    "review-after": _("reviewed the emergency"),
    "issue": _("issued the permit"),
    "suspend": _("suspended the permit"),
    "lift": _("lifted the suspension"),
    "revoke": _("revoked the permit"),
    "amend": _("narrowed the permit"),
    "resolve-violation": _("resolved a use beyond the permit"),
    "check-end-use": _("recorded an end-use check"),
    "adopt-policy": _("adopted a policy, which moved this case"),
    "announce-policy": _("announced a policy, which moved this case"),
    "end-policy": _("ended a policy, which moved this case"),
    "revise-book": _("revised a book, which moved this case"),
    "record-fact": _("recorded a fact, which moved this case"),
    "revoke-delegation": _("revoked a delegation, which moved this case"),
    "permit-begins": _("The permit began to hold"),
    "permit-ends": _("The permit ended"),
    "permit-suspended": _("The permit was suspended"),
    "deadline-passed": _("A deadline passed"),
}
"""What a line of the time line says, after the name of who did it."""

LINES_OF: Mapping[str, Promise] = {
    "record-consent": _("recorded a consent that %(party)s gave elsewhere"),
    "record-assurance": _("recorded an assurance of %(party)s, which is no approval"),
}
"""What a line says of an act that puts the word of another party on record."""

VERDICTS: Mapping[tuple[str, str], Promise] = {
    ("decide", "approve"): _("gave consent"),
    ("decide", "refuse"): _("refused"),
    ("decide", "return"): _("returned it without action"),
    ("record-consent", "approve"): _("recorded a consent that %(party)s gave elsewhere"),
    ("record-consent", "refuse"): _("recorded that %(party)s refused"),
    ("record-consent", "return"): _("recorded that %(party)s returned it without action"),
}
"""What a line says of a decision, by the act and the verdict."""

STANDINGS: Mapping[str, Promise] = {
    "clear": _("No yes needed"),
    "given": _("Given"),
    "waiting": _("Waiting"),
    "possible": _("May be asked"),
    "refused": _("Refused"),
    "returned": _("Returned"),
    "rules-refuse": _("Rules refuse"),
}

TONES: Mapping[str, str] = {
    "clear": "yes",
    "given": "yes",
    "waiting": "wait",
    "possible": "info",
    "refused": "no",
    "returned": "quiet",
    "rules-refuse": "no",
    "good": "yes",
    "bad": "no",
    "over": "info",
}
"""The tone of a badge or a notice, by standing or by the tone of the answer."""

EVIDENCE: Mapping[str, Promise] = {
    "passkey": _("a passkey of theirs, over exactly what was shown"),
    "ssh": _("a signature by an SSH key of theirs, over exactly what was shown"),
    "session": _("their working session, which a key of theirs had certified"),
    "demonstration": _("the word of the demonstration, and no key: this is weaker evidence"),
}
"""What shows that somebody did an act, by the kind of the evidence."""

FACTS: Mapping[str, Promise] = {
    "activity": _("Activity"),
    "lines": _("Asked for"),
    "applicant": _("Applicant"),
    "raised-by": _("Raised by"),
    "actor": _("Acts"),
    "recipient": _("Recipient"),
    "area": _("Area"),
    "target": _("Target category"),
    "purpose": _("Purpose"),
    "period": _("Period"),
    "platforms": _("Platforms"),
    "services": _("Services"),
    "legs": _("Route"),
}


def waited_for(
    context: Context,
    awaits: Sequence[str],
    undetermined_by: Sequence[str],
    unissued_by: Sequence[str] = (),
) -> str:
    """Say for whom a case waits: parties; or offices, to determine it or to issue its permit."""
    offices = (
        each
        for duty, parties in ((Duty.CASES, undetermined_by), (Duty.PERMITS, unissued_by))
        for party in parties
        for each in context.offices_with(duty, party)
    )
    first = dict.fromkeys(context.registry.office_title(each) for each in offices)
    return ", ".join([*first, *(context.registry.name(each) for each in awaits)])


def called(registry: Registry, key: str) -> str:
    """Return what an office or a party is called; anything else by its id."""
    if key in registry.record.offices:
        return registry.office_title(key)
    return registry.name(key)


def act_title(kind: str) -> str:
    """Return what an act is called; by its kind where no button leads to it."""
    return str(ACTS.get(kind, capfirst(spoken(kind))))


def spoken(code: object) -> str:
    """Return an id of ours as words: `record-consent` as `record consent`; `re-export` is one."""
    text = str(code)
    return _WORDS.get(text) or text.replace("-", " ").replace("_", " ")


_WORDS = {"re-export": "re-export", "return": "return without action", **STATUS_WORDS}
"""Ids that are a word, hyphen and all, say less than what they are of, or are no word of ours."""
