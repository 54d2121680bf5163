"""Acting: the one way by which every act goes, whoever asks and from where.

    command → perform (pure) → evidence checked → entry and state in one transaction

The command is performed and its evidence checked on the case and context as they stand under
the act's locks, so nothing can change in between. Where anything is refused, nothing is written.
A person signs what is shown before that; a session has its key at hand, and signs under the locks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from placet.evidence import (
    DemonstrationEvidence,
    SessionEvidence,
    Statement,
    Strength,
    Verified,
    WeakEvidenceError,
    parse_evidence,
    verify,
    verify_sign_in,
)
from placet.ledger import JSON
from placet.need_to_know import change_for, perform_for
from placet.need_to_know.view import no_such_case
from placet.operations.acting.documents import check_documents
from placet.operations.acting.keys_on_record import keys_of, must_name_keys
from placet.operations.acting.naming import must_bear_its_party, none_to_file_under
from placet.operations.acting.next_keys import check_public, must_be_prepared
from placet.operations.acting.since_seen import telling_what_changed
from placet.operations.house import House, SignedIn
from placet.operations.ports import Acknowledgement, Change
from placet.review import (
    NO_CASE_COMMANDS,
    Case,
    Command,
    Context,
    Event,
    NotAllowedError,
    UnknownError,
    decides_for,
    fold,
    needs_signature,
    statement_fields,
    suspended,
)
from placet.review.commands import Erase, RotateKey, Submit
from placet.review.erasing import must_be_erasable, must_have_documents
from placet.review.lawful import Desk, lawful
from placet.review.viewer import concerned, relation

__all__ = [
    "Signing",
    "act",
    "check_evidence",
    "check_session",
    "least_strength",
    "must_be_demonstration",
    "must_have_part",
    "shown",
    "to_sign",
]

Signing = Callable[[bytes], JSON]
"""Has a statement signed, by a key of the person who acts or of the session; returns evidence."""


def act(
    house: House,
    who: SignedIn,
    command: Command,
    *,
    case: str | None = None,
    sign: Signing | None = None,
    documents: Mapping[str, bytes] | None = None,
) -> Acknowledgement:
    """Do an act, and return when a signed checkpoint covers it.

    Args:
        house: the installation.
        who: the person signed in, who is the actor.
        command: what is asked to be done.
        case: on which case; None for an act on the context or the record, or a new case.
        sign: has the person sign what is shown; needed where `needs_signature` says so.
        documents: what the act attaches, by digest.

    Raises:
        DocumentError: the documents are not those that the act names, or are not taken.
        ReviewError: the rules do not allow it; says what is missing.
        EvidenceError: the evidence does not show that the person did it.
        InputError: the command brings a request, a policy or a fact that cannot be read.
        LedgerError, PermitError: it names a key that is none.
    """
    if isinstance(command, Submit):
        case = command.case
    brought = documents or {}
    check_documents(command, brought)
    signed = _signed(house, who, command, case, sign)
    if command.kind in NO_CASE_COMMANDS:
        record = house.recording.erase if isinstance(command, Erase) else house.recording.on_context
        return record(
            lambda context, cases: _change_context(house, who, command, signed, context, cases)
        )
    if case is None:
        raise NotAllowedError(f"The act {command.kind} is done on a case; name the case.")
    with telling_what_changed(house, who, command, case):
        return house.recording.on_case(
            case,
            lambda held, context: replace(
                _change_case(house, who, command, case, signed, held, context), documents=brought
            ),
        )


def shown(
    origin: str,
    person: str,
    command: Command,
    case: Case | None,
    context: Context | None,
    office: str | None = None,
) -> bytes:
    """Return the statement of an act: exactly what the person is shown and signs."""
    return _stated(origin, person, command, case, context, office).data


def _stated(
    origin: str,
    person: str,
    command: Command,
    case: Case | None,
    context: Context | None,
    office: str | None,
) -> Statement:
    fields = statement_fields(case, context, command, person, office)
    return Statement.write(command.kind, origin, {**fields, "person": person})


def least_strength(command: Command, context: Context | None) -> Strength:
    """Return the least evidence an act takes: a party's book sets it for its decisions.

    In a demonstration the system's word stands in for each of them.
    """
    if not needs_signature(command.kind):
        return Strength.SESSION
    party = decides_for(command)
    book = context.books.get(party) if context is not None and party is not None else None
    passkey = book is not None and book.evidence == "passkey"
    return Strength.HARDWARE if passkey else Strength.SIGNATURE


def must_be_demonstration(context: Context) -> None:
    """Refuse the system's word in a log that is no demonstration.

    Raises:
        WeakEvidenceError: it is none.
    """
    if not context.demonstration:
        raise WeakEvidenceError(
            "The system's word is evidence only in a log that says from its first entry that it is "
            "a demonstration, and this one does not: sign with a key on record."
        )


def check_evidence(
    origin: str, event: Event, evidence: JSON, case: Case | None, context: Context
) -> Verified:
    """Check that the evidence shows that the actor did this act, by a key that was theirs.

    In a demonstration the system's word may stand in; what is returned says of which kind it was.
    `case` is the case before the act. For the act that begins the log `context` is the one it
    begins: its keys are the first.

    Raises:
        EvidenceError: it does not.
    """
    return _check(event, evidence, _stated_in(origin, event, case, context), context)


def check_session(origin: str, event: Event, evidence: JSON, context: Context) -> None:
    """Check what the evidence shows by itself, where nobody can say what was shown to the person.

    There has to be some; a session has to be the actor's, open at that moment, and enough for the
    act; the word of a demonstration has to be in one.

    Raises:
        EvidenceError: it is not so.
    """
    match parse_evidence(evidence) if evidence is not None else None:
        case None:
            raise WeakEvidenceError(f"There is no evidence that {event.actor} did this.")
        case SessionEvidence() as session:
            keys = keys_of(context, event.actor, event.at)
            verified = verify_sign_in(session, origin, event.actor, keys, event.at)
            verified.must_reach(least_strength(event.command, context))
        case DemonstrationEvidence():
            must_be_demonstration(context)


def _stated_in(origin: str, event: Event, case: Case | None, context: Context) -> Statement:
    """Return the statement of an act that was done on a case, in a context."""
    before = None if event.command.kind == "begin" else context
    return _stated(origin, event.actor, event.command, case, before, event.office)


def _check(event: Event, evidence: JSON, stated: Statement, context: Context) -> Verified:
    verified = verify(evidence, stated, keys_of(context, event.actor, event.at), event.at)
    if verified.kind == DemonstrationEvidence.KIND:
        must_be_demonstration(context)
    else:
        verified.must_reach(least_strength(event.command, context))
    return verified


def to_sign(house: House, who: SignedIn, command: Command, case: str | None) -> bytes:
    """Return the statement that a person signs, if the act could be done as things stand.

    What could not be done is refused first: a statement names the determination, or on what
    context it builds, and whoever may not act on these is not to learn of them.

    Raises:
        ReviewError: the act could not be done.
    """
    if command.kind == "begin":
        return shown(house.origin, who.person, command, None, None, who.office)
    context, at = house.reading.context(), house.clock.now()
    if case is None or isinstance(command, Submit):
        _must_be_lawful(house, context, who, command, at)
        return shown(house.origin, who.person, command, None, context, who.office)
    held = _of_name(house, case)
    _must_have_part(held, context, who, command.kind, at)
    with telling_what_changed(house, who, command, case):
        perform_for(held, context, command, who.person, at, who.office)
    return shown(house.origin, who.person, command, held, context, who.office)


def must_have_part(house: House, who: SignedIn, kind: str, case: str) -> None:
    """Refuse who has no part in a case, and an applicant what is not an applicant's act.

    Raises:
        UnknownError: they have no part in it: it reads as if there were none.
        NotAllowedError: they applied, and the act is for those who review.
    """
    context = house.reading.context()  # first, so that both refusals ask the same questions
    _must_have_part(_of_name(house, case), context, who, kind, house.clock.now())


def _of_name(house: House, case: str) -> Case:
    try:
        return house.reading.case(case)
    except UnknownError:
        raise no_such_case(case) from None


def _must_have_part(case: Case, context: Context, who: SignedIn, kind: str, at: datetime) -> None:
    """Refuse who has no part in a case, and an applicant what is not an applicant's act.

    It comes before anything else is said: why an act cannot be done tells of the review.

    Raises:
        UnknownError: they have no part in it: it reads as if there were none.
        NotAllowedError: they applied, and the act is for those who review.
    """
    related = relation(case, who.looking(context, at))
    if not related:
        raise no_such_case(case.id)
    if not (related.inside or related.auditor or kind in OF_APPLICANTS):
        raise NotAllowedError("This is done by the offices that review a case, not by applicants.")


OF_APPLICANTS = frozenset(
    {"submit", "supply", "withdraw", "appeal", "surrender", "report-use", "correct-use", "recuse"}
)
"""What those who applied do on their case."""


def _must_be_lawful(
    house: House, context: Context, who: SignedIn, command: Command, at: datetime
) -> None:
    """Refuse an act on no case yet, on the context or on the record that the person may not do."""
    if isinstance(command, Submit):
        perform_for(None, context, command, who.person, at, who.office)
    else:
        desk = Desk(context, who.person, at, who.office)
        must_bear_its_party(command)
        lawful(desk, command)
        must_name_keys(command, context)
        _must_be_erasable(house, desk, command)


def _must_be_erasable(house: House, desk: Desk, command: Command) -> None:
    """Refuse to erase what stays or is not there, and what the actor neither knows nor keeps."""
    if not isinstance(command, Erase):
        return
    found = house.reading.entries(command.entry, command.entry + 1)
    shown = next((each.body.shown for each in found if each.body is not None), {})
    own = desk.context.parties_of(desk.actor, desk.at, desk.office)
    match shown.get("case"):
        case str(name) if not own & concerned(house.reading.case(name)):
            shown = {}
    must_be_erasable(desk, command, shown)
    must_have_documents(command, shown)


def _signed(
    house: House, who: SignedIn, command: Command, case: str | None, sign: Signing | None
) -> Signing:
    """Have the person sign now where that is needed; else the session signs under the locks."""
    if not needs_signature(command.kind):
        return who.sign
    if sign is None:
        raise NotAllowedError(
            f"The act {command.kind} is signed by the person who does it. Sign it with a key "
            "on record."
        )
    given = sign(to_sign(house, who, command, case))
    return lambda _: given


def _evidence(
    house: House, event: Event, signed: Signing, case: Case | None, context: Context
) -> JSON:
    """Return the evidence of an act, checked on what stands under its locks."""
    stated = _stated_in(house.origin, event, case, context)
    evidence = signed(stated.data)
    _check(event, evidence, stated, context)
    return evidence


def _change_case(
    house: House,
    who: SignedIn,
    command: Command,
    name: str,
    signed: Signing,
    case: Case | None,
    context: Context,
) -> Change:
    """Do an act on a case; to whoever has no part in it, it reads as if there were none."""
    at = house.clock.now()
    if case is None and not isinstance(command, Submit):
        raise no_such_case(name)
    if case is not None and isinstance(command, Submit):
        raise none_to_file_under(name)
    if case is not None:
        _must_have_part(case, context, who, command.kind, at)
    event = perform_for(case, context, command, who.person, at, who.office)
    evidence = _evidence(house, event, signed, case, context)
    return Change(event, (fold(case, event),), evidence=evidence)


def _change_context(
    house: House,
    who: SignedIn,
    command: Command,
    signed: Signing,
    context: Context | None,
    cases: Mapping[str, Case],
) -> Change:
    at: datetime = house.clock.now()
    must_bear_its_party(command)
    event, after = change_for(context, command, who.person, at, cases, who.office)
    must_name_keys(command, after)
    if isinstance(command, RotateKey):
        check_public(command.of, command.public, house.origin)
        must_be_prepared(house.reading, command.of, command.public)
    _must_be_erasable(house, Desk(context or after, who.person, at, who.office), command)
    evidence = _evidence(house, event, signed, None, context or after)
    moved = tuple(suspended(cases[each], event) for each in event.touches)
    return Change(event, moved, after, evidence)
