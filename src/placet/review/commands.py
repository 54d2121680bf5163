"""What a person can ask to be done: one command is one act, and one entry of the log.

A command says what is wanted and nothing about who wants it: the actor is whoever is
signed in (DESIGN §3, rule 2). Ids, references and indices that must be unpredictable are
drawn by whoever builds the command, so that performing it again gives the same event.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, StringConstraints

from placet.policy import Precondition, Proviso
from placet.registry import UNKNOWN, Activity, Record
from placet.registry.facts import Count, Moment, Once, YesNo

__all__ = ["CASE_COMMANDS", "CONTEXT_COMMANDS", "RECORD_COMMANDS", "Command"]

LONGEST_TEXT = 20_000
"""Characters of a reason or an opinion; a longer one belongs into a document that is named."""

_STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _legible(text: str) -> str:
    """Refuse what could not be seen as it was written: control characters, turned writing."""
    if _STEERS.search(text) or not unicodedata.is_normalized("NFC", text):
        raise ValueError("a text has no control characters, and stands in Unicode's form C")
    return text


Words = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_TEXT, strict=True),
    AfterValidator(_legible),
]
"""A text that people read: not empty, NFC, at most 20,000 characters."""
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=200, strict=True), AfterValidator(_legible)
]
"""The name or id of something: an office, a person, a policy."""
Reference = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$", strict=True)
]
"""The reference of a case, a permit or a report, as it is drawn."""
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$", strict=True)]


class Command(Record):
    """What is asked to be done. `kind` names it in the log; it is the class's, never a field."""

    kind: ClassVar[str] = ""


class Verdict(StrEnum):
    """What a decision says."""

    APPROVE = "approve"
    REFUSE = "refuse"
    RETURN = "return"


class Attachment(Record):
    """A document that goes with a request: its name, media type, size in bytes and digest."""

    name: Name
    media: Name
    size: Count
    digest: Digest


# --- the applicant


class Submit(Command):
    """File a request and so open a case. `case` is its new, unpredictable reference."""

    kind: ClassVar[str] = "submit"
    case: Reference
    request: dict[str, Any]
    due: Moment | None = None
    attachments: tuple[Attachment, ...] = ()


class Supply(Command):
    """Answer an open information request with the request as it now reads."""

    kind: ClassVar[str] = "supply"
    question: Count
    request: dict[str, Any]
    says: Words
    attachments: tuple[Attachment, ...] = ()


class Withdraw(Command):
    """Withdraw the request. Permits in force are surrendered, not withdrawn."""

    kind: ClassVar[str] = "withdraw"
    because: Words


class Appeal(Command):
    """Ask that a refusal, a return or a proviso be reconsidered."""

    kind: ClassVar[str] = "appeal"
    because: Words


class Surrender(Command):
    """Give a permit back."""

    kind: ClassVar[str] = "surrender"
    permit: Reference
    because: Words


class ReportUse(Command):
    """Say what was actually done under a permit: always recorded, marked where it went beyond.

    `on` is an instant, or a day that stays one. What is left out is not known; `none` says none.
    """

    kind: ClassVar[str] = "report-use"
    permit: Reference
    report: Reference
    line: Name
    quantity: Annotated[Count, Field(ge=1)]
    on: Once
    area: Name = UNKNOWN
    target: Name = UNKNOWN
    purpose: Name = UNKNOWN
    recipient: Name = UNKNOWN
    says: Words | None = None


# --- the case officer


class Determine(Command):
    """Determine who has a say and what their rules say today; begins or renews the review."""

    kind: ClassVar[str] = "determine"


class Assign(Command):
    """Give the case to a case officer, or to another one."""

    kind: ClassVar[str] = "assign"
    to: Name
    because: Words


class AskApplicant(Command):
    """Ask the applicant for information; `fields` are those of the request that are wanted."""

    kind: ClassVar[str] = "ask"
    asks: Words
    fields: tuple[Name, ...] = ()
    due: Moment | None = None


class Return(Command):
    """Return the request without action: it is not decided on the merits."""

    kind: ClassVar[str] = "return"
    because: Words
    disclosed: Words


class SetDeadline(Command):
    """Set the day by which an office or the applicant must act; None takes it back."""

    kind: ClassVar[str] = "set-deadline"
    of: Name
    due: Moment | None
    because: Words


class Escalate(Command):
    """Bring a case whose deadline has passed before another office; it approves nothing."""

    kind: ClassVar[str] = "escalate"
    to: Name
    because: Words


class Lapse(Command):
    """End a case whose deadline for the applicant has passed."""

    kind: ClassVar[str] = "lapse"
    because: Words


class Reconsider(Command):
    """Open a new round after an appeal, or of one's own motion: earlier decisions fall."""

    kind: ClassVar[str] = "reconsider"
    because: Words


class Close(Command):
    """Close a case on which nothing is left to do."""

    kind: ClassVar[str] = "close"
    because: Words


class Fulfil(Command):
    """Record that a step was taken or a condition precedent came true; `need` names it."""

    kind: ClassVar[str] = "fulfil"
    need: Words
    instrument: Words


# --- advisers


class Advise(Command):
    """Record a team's recommendation."""

    kind: ClassVar[str] = "advise"
    office: Name
    stance: Literal["for", "against", "divided", "consider"]
    says: Words


class Dissent(Command):
    """Record that an official of the team holds otherwise; it is kept beside the advice."""

    kind: ClassVar[str] = "dissent"
    advice: Count
    says: Words


class Countersign(Command):
    """Confirm a team's advice as a second person."""

    kind: ClassVar[str] = "countersign"
    advice: Count


class Recuse(Command):
    """Step aside: whoever does takes no further part in the case."""

    kind: ClassVar[str] = "recuse"
    because: Words


# --- deciders


class Decide(Command):
    """Decide for a party, on the determination that was seen.

    `office` is the deciding office of the party; `delegation` names the instrument where
    the actor acts for it from another office. Without `lines` all are decided. Where an
    office decides by several persons, each gives the same text. `because` is for the file,
    `disclosed` is what the applicant is told.
    """

    kind: ClassVar[str] = "decide"
    party: Name
    office: Name
    delegation: Name | None = None
    verdict: Verdict
    lines: tuple[Name, ...] = ()
    provisos: tuple[Proviso, ...] = ()
    provided: tuple[Precondition, ...] = ()
    until: Moment | None = None
    because: Words
    disclosed: Words
    determination: Digest


class RecordConsent(Command):
    """Record a foreign decision from its instrument; a liaison official attests it."""

    kind: ClassVar[str] = "record-consent"
    party: Name
    given_by: Words
    given_on: Once
    instrument: Words
    instrument_digest: Digest
    verdict: Verdict
    lines: tuple[Name, ...] = ()
    provisos: tuple[Proviso, ...] = ()
    provided: tuple[Precondition, ...] = ()
    until: Moment | None = None
    disclosed: Words
    determination: Digest


class RecordAssurance(Command):
    """Record that a party gave an assurance. An assurance of approval is never an approval."""

    kind: ClassVar[str] = "record-assurance"
    party: Name
    given_by: Words
    says: Words
    instrument: Words


class WithdrawConsent(Command):
    """Take a party's decision or consent back; permits that rest on it are suspended at once.

    `except_permits` names those that a written carve-out spares, `carve_out` the text.
    """

    kind: ClassVar[str] = "withdraw-consent"
    party: Name
    office: Name | None = None
    because: Words
    disclosed: Words
    except_permits: tuple[Reference, ...] = ()
    carve_out: Words | None = None


class BreakGlass(Command):
    """Act before the review, where the party's book allows it, for a few hours.

    Opens a mandatory after-review. `permit`, `status` and `status_list` are those of the
    emergency permit.
    """

    kind: ClassVar[str] = "break-glass"
    party: Name
    office: Name
    hours: Annotated[Count, Field(ge=1)]
    permit: Reference
    status: Count
    because: Words
    determination: Digest


class ReviewAfter(Command):
    """Find, after the event, whether breaking the glass was justified."""

    kind: ClassVar[str] = "review-after"
    permit: Reference
    finding: Literal["justified", "not-justified"]
    because: Words


# --- permits


class Issue(Command):
    """Issue the permit that every required consent now allows. `status` is its list index.

    Without a `from`, it holds from the act on; `until` may only shorten what the
    decisions and the request allow.
    """

    kind: ClassVar[str] = "issue"
    permit: Reference
    status: Count
    from_: Moment | None = None
    until: Moment | None = None
    lines: tuple[Name, ...] = ()


class Suspend(Command):
    """Suspend a permit, until it is lifted."""

    kind: ClassVar[str] = "suspend"
    permit: Reference
    because: Words


class Lift(Command):
    """Lift a suspension, where everything the permit rests on holds again."""

    kind: ClassVar[str] = "lift"
    permit: Reference
    because: Words


class Revoke(Command):
    """Revoke a permit for good."""

    kind: ClassVar[str] = "revoke"
    permit: Reference
    because: Words


class Amend(Command):
    """Replace a permit by a narrower one. Wider terms need a new decision."""

    kind: ClassVar[str] = "amend"
    permit: Reference
    replacement: Reference
    status: Count
    until: Moment | None = None
    quantities: dict[str, Count] = {}
    provisos: tuple[Proviso, ...] = ()
    because: Words


class ResolveViolation(Command):
    """Close the case of a use that was outside its permit, or may have been, with what was found.

    `within` is found of a use that only may have been outside.
    """

    kind: ClassVar[str] = "resolve-violation"
    report: Reference
    finding: Literal["within", "excused", "sanctioned", "mistaken-report"]
    because: Words


class CheckEndUse(Command):
    """Record an end-use check."""

    kind: ClassVar[str] = "check-end-use"
    permit: Reference
    result: Literal["in-order", "concern", "not-possible"]
    says: Words


# --- the context: registry, books, authority


class Begin(Command):
    """Begin the log with a first context. Whoever begins holds the duty of authority in it.

    `log_key` and `permit_key` are the public keys by which the log and its permits are signed.
    """

    kind: ClassVar[str] = "begin"
    origin: Name
    log_key: Words | None = None
    permit_key: Words | None = None
    registry: dict[str, Any]
    books: tuple[dict[str, Any], ...]


class ContextChange(Command):
    """An act that changes the context; it suspends every permit that rests on what it ends.

    `except_permits` names permits that a written carve-out spares, `carve_out` the text.
    """

    because: Words
    except_permits: tuple[Reference, ...] = ()
    carve_out: Words | None = None


class AdoptPolicy(ContextChange):
    """Adopt a policy of a party's book; an undeclared one is thereby committed to the log."""

    kind: ClassVar[str] = "adopt-policy"
    party: Name
    policy: Name
    text: dict[str, Any]


class AnnouncePolicy(ContextChange):
    """Announce a policy that was adopted undeclared; its text stays what it was."""

    kind: ClassVar[str] = "announce-policy"
    party: Name
    policy: Name
    on: Moment


class EndPolicy(ContextChange):
    """End a policy at a moment that is not in the past."""

    kind: ClassVar[str] = "end-policy"
    party: Name
    policy: Name
    until: Moment


class ReviseBook(ContextChange):
    """Change what a party's book says apart from its policies.

    `fields` are those of the book that are replaced, each as a whole: what the party claims, what
    holds otherwise, how its decisions are signed, whether it allows acting before the review.
    """

    kind: ClassVar[str] = "revise-book"
    party: Name
    fields: dict[str, Any]


class RecordFact(ContextChange):
    """Record a fact of the registry. A correction supersedes what stood there, and says so."""

    kind: ClassVar[str] = "record-fact"
    section: Name
    id: Name
    record: dict[str, Any]
    supersedes: YesNo = False


class Appoint(ContextChange):
    """Record that a person holds an office, or acts in it, for a time."""

    kind: ClassVar[str] = "appoint"
    official: Name
    person: Name
    name: Name
    office: Name
    acting: YesNo = False
    from_: Moment
    until: Moment | None = None


class Dismiss(ContextChange):
    """End the time of an official in an office."""

    kind: ClassVar[str] = "dismiss"
    official: Name
    until: Moment


class RegisterKey(ContextChange):
    """Record the public key by which a person signs from now on."""

    kind: ClassVar[str] = "register-key"
    key: Name
    person: Name
    public: Words
    from_: Moment


class RetireKey(ContextChange):
    """End the use of a key; what it signed before goes on holding."""

    kind: ClassVar[str] = "retire-key"
    key: Name
    until: Moment


class Delegate(ContextChange):
    """Let another office act for one's own, for a time and for some activities."""

    kind: ClassVar[str] = "delegate"
    delegation: Name
    of: Name
    to: Name
    activities: tuple[Activity, ...] = ()
    from_: Moment
    until: Moment | None = None


class RevokeDelegation(ContextChange):
    """Put an end to a delegation."""

    kind: ClassVar[str] = "revoke-delegation"
    delegation: Name


# --- the record itself


class Erase(Command):
    """Erase fields of an entry's body, where the law asks for it; a tombstone stays."""

    kind: ClassVar[str] = "erase"
    entry: Count
    fields: tuple[Literal["actor", "evidence", "payload"], ...] = Field(min_length=1)
    because: Words


class ChangeSemantics(Command):
    """Record that determinations are made under another version of the semantics from here on."""

    kind: ClassVar[str] = "change-semantics"
    to: Name
    because: Words


class RotateKey(Command):
    """Name the public key by which the log, or its permits, are signed next.

    What the key before it signed goes on holding; it signs nothing more once the next one does.
    """

    kind: ClassVar[str] = "rotate-key"
    of: Literal["log", "permit"]
    public: Words
    because: Words


def _concrete(of: type[Command]) -> dict[str, type[Command]]:
    found = {of.kind: of} if of.kind else {}
    for each in of.__subclasses__():
        found |= _concrete(each)
    return found


CONTEXT_COMMANDS: dict[str, type[Command]] = _concrete(ContextChange) | {Begin.kind: Begin}
"""Commands that change the context, by kind."""

RECORD_COMMANDS: dict[str, type[Command]] = {
    each.kind: each for each in (Erase, ChangeSemantics, RotateKey)
}
"""Commands about the log itself, by kind."""

CASE_COMMANDS: dict[str, type[Command]] = {
    kind: each
    for kind, each in _concrete(Command).items()
    if kind not in CONTEXT_COMMANDS and kind not in RECORD_COMMANDS
}
"""Commands on one case, by kind."""
