"""Who may change the context or the record, and which changes are lawful (DESIGN §3).

Every function looks at one kind of act on the context as it stands, raises a ReviewError where
it may not be done, and returns what was established. Whether the changed context holds together
is asked afterwards, of the loaders.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

from placet.canonical import canonical_json
from placet.determination import SEMANTICS, earlier_semantics
from placet.policy import Book, Policy
from placet.registry import Duty, Grade, Presence, RegistryRecord, parse_start
from placet.registry.records import SECTIONS_OF_TEXT
from placet.review.authority import (
    Desk,
    appoint,
    delegate,
    dismiss,
    known,
    must_be_new,
    must_settle,
    register_key,
    retire_key,
    revoke,
)
from placet.review.commands import (
    AdoptPolicy,
    AnnouncePolicy,
    Appoint,
    ChangeSemantics,
    Command,
    Delegate,
    Dismiss,
    EndPolicy,
    Erase,
    RecordFact,
    RegisterKey,
    RetireKey,
    ReviseBook,
    RevokeDelegation,
    RotateKey,
)
from placet.review.context import Context
from placet.review.errors import (
    NotAllowedError,
    RepeatedError,
    UnknownError,
    UnlawfulError,
)
from placet.review.rewriting import MEANS, must_be_plain, policy_text
from placet.review.ties import is_others_stock, must_take_nothing

__all__ = ["Desk", "deciding", "lawful", "policy_digest"]

R = TypeVar("R")

OF_AUTHORITY = frozenset({"officials", "keys", "delegations"})
"""The sections that only their own acts write."""

SECTIONS = frozenset(RegistryRecord.model_fields) - {"title", "about", "demonstration"}
"""What a fact stands under. That a log is a demonstration is said when it begins, and never later.
"""


def policy_digest(text: Mapping[str, Any]) -> str:
    """Return the digest of a policy's text, without whether and when it was announced, and tests.

    `sha256:` and 64 hexadecimal digits over canonical JSON (RFC 8785). It is found both when an
    undeclared policy is adopted and when it is announced: its text stayed what it was. Tests are
    its owner's papers: whoever compares what was announced does not have them.
    """
    kept = {key: value for key, value in text.items() if key not in ("announced", "tests")}
    return f"sha256:{hashlib.sha256(canonical_json(kept)).hexdigest()}"


# --- policies


def _adopt(desk: Desk, command: AdoptPolicy) -> dict[str, Any]:
    must_be_plain(command.text, "The policy")
    known(desk.context.registry.record.parties, command.party, "party")
    book = desk.context.books.get(command.party)
    _must_adopt(desk, command.party, str(command.text.get("adopted-by", "")), book)
    must_be_new(book.policies if book else {}, command.policy, "policy")
    if "from" not in command.text:
        raise UnlawfulError("The policy does not say from when it is in force; add `from`.")
    for field, what in (("from", "The policy would begin"), ("announced", "It was announced")):
        told = command.text.get(field)
        if isinstance(told, str) and told != "undeclared":
            desk.must_not_be_past(_latest(told), what)
    return {"policy": policy_digest(command.text)}


def _latest(text: str) -> datetime:
    try:
        return parse_start(text).latest
    except ValueError as error:
        raise UnlawfulError(f"The policy cannot be dated: {error}.") from error


def _must_adopt(desk: Desk, party: str, office: str, book: Book | None) -> None:
    """Refuse whoever neither keeps the party's policies nor holds the office that adopts.

    That a text names an office does not make it one that may adopt: the office is of the party,
    and one by which its book, as it stands, already decides or adopts; or it is its home.
    """
    if desk.has(Duty.POLICIES, party):
        return
    if office in deciding(desk.context, party, book) and desk.holds(office):
        return
    could = desk.context.offices_with(Duty.POLICIES, party)
    raise NotAllowedError(f"{desk.actor} does not adopt or announce policies of {party}.", could)


def deciding(context: Context, party: str, book: Book | None) -> frozenset[str]:
    """Return the offices of a party that may adopt policies by what its book and home say."""
    record = context.registry.record
    home = record.parties[party].home
    named = {home} | set(_named_in(book) if book else ())
    return frozenset(
        each for each in named if each in record.offices and record.offices[each].party == party
    )


def _named_in(book: Book) -> Iterator[str | None]:
    yield from book.otherwise.offices
    for policy in book.policies.values():
        yield policy.adopted_by
        yield from policy.otherwise.offices if policy.otherwise else ()
        for rule in policy.rules.values():
            yield from rule.then.offices


def _policy(desk: Desk, party: str, policy: str) -> Policy:
    if party not in desk.context.parties_of(desk.actor, desk.at, desk.office):
        could = desk.context.offices_with(Duty.POLICIES, party)
        raise NotAllowedError(
            f"{desk.actor} does not adopt or announce policies of {party}.", could
        )
    book = known(desk.context.books, party, "book of")
    found = known(book.policies, policy, f"policy of {party}")
    _must_adopt(desk, party, found.adopted_by or "", book)
    return found


def _announce(desk: Desk, command: AnnouncePolicy) -> dict[str, Any]:
    policy = _policy(desk, command.party, command.policy)
    told = policy.announced
    if told is not None and told.reached(desk.at) is not Presence.OUT:
        raise RepeatedError(f"{command.policy} was announced: {told}.")
    if told is not None and command.on >= told.earliest:
        raise RepeatedError(
            f"{command.policy} is to be announced: {told}. That is only brought forward."
        )
    desk.must_not_be_past(command.on, "The policy would be announced")
    text = policy_text(desk.context.plain, command.party, command.policy)
    return {"policy": policy_digest(text)}


def _end(desk: Desk, command: EndPolicy) -> dict[str, Any]:
    policy = _policy(desk, command.party, command.policy)
    desk.must_not_be_over(command.until, command.policy)
    desk.must_shorten(policy, command.until, command.policy)
    return {}


REVISED = frozenset({"title", "claims", "otherwise", "unstated", "evidence", "break-glass"})
"""What of a book is revised as a whole; its policies are adopted and ended one by one."""


def _revise(desk: Desk, command: ReviseBook) -> dict[str, Any]:
    must_be_plain(command.fields, "The change of the book")
    known(desk.context.registry.record.parties, command.party, "party")
    if not desk.has(Duty.POLICIES, command.party):
        could = desk.context.offices_with(Duty.POLICIES, command.party)
        raise NotAllowedError(f"{desk.actor} does not keep the book of {command.party}.", could)
    other = sorted(command.fields.keys() - REVISED)
    if other or not command.fields:
        raise UnlawfulError(
            f"{', '.join(other)[:80] or 'Nothing'} is not revised in this way: name one or more of "
            f"{', '.join(sorted(REVISED))}. Policies are adopted, announced and ended."
        )
    return {}


# --- facts


def _record(desk: Desk, command: RecordFact) -> dict[str, Any]:
    section = command.section
    if section not in SECTIONS:
        raise UnknownError(f"A registry has no section {section[:80]}.")
    held = desk.context.plain["registry"].get(section, {}).get(command.id)
    if section in OF_AUTHORITY and not (_rumoured(command) or _said_revoked(desk, command, held)):
        raise UnlawfulError(
            f"What stands under {section} is not recorded as a fact: appoint or dismiss, register "
            "or retire a key, delegate or revoke. Only the report of a delegation, not confirmed, "
            "is recorded: it gives no authority; and that one is said to be revoked, which counts."
        )
    must_be_plain(command.record, "The fact")
    must_be_plain(command.id, "Its id")
    if section in SECTIONS_OF_TEXT and command.record.keys() != {MEANS}:
        raise UnlawfulError(f"A fact under {section} has one field, `{MEANS}`: what it means.")
    if _bears_on_authority(command, held):
        must_settle(desk, command, held)
    else:
        desk.must_have(Duty.REGISTRY)
    if section == "findings":
        _must_find(desk, str(command.record.get("by", "")))
    known = None if is_others_stock(desk, command, held) else held
    must_take_nothing(desk, command, known)
    if known is None and command.supersedes:
        raise UnknownError(f"There is no {command.id[:80]} under {section} to supersede.")
    if held is not None and not command.supersedes:
        raise RepeatedError(
            f"{command.id[:80]} stands under {section} already. A correction supersedes it, and "
            "says so: `supersedes: yes`."
        )
    return {}


def _rumoured(command: RecordFact) -> bool:
    """Say whether a fact is the mere report of a delegation: it gives no authority (rule 5)."""
    said = command.record.get("assertions") or [command.record]
    well_formed = isinstance(said, list) and all(isinstance(each, Mapping) for each in said)
    if command.section != "delegations" or command.supersedes or not well_formed:
        return False
    return all(each.get("grade", Grade.CONFIRMED) != Grade.CONFIRMED for each in said)


def _said_revoked(desk: Desk, command: RecordFact, held: Mapping[str, Any] | None) -> bool:
    """Say whether a fact adds to a delegation that it is reported, or disputed, to be revoked.

    It takes authority away (DESIGN §2), so it is recorded by the delegation's own party.
    """
    revoked = command.record.get("revoked")
    if command.section != "delegations" or held is None or not isinstance(revoked, Mapping):
        return False
    told = revoked.get("grade") in (Grade.REPORTED, Grade.DISPUTED)
    if not told or {**held, "revoked": revoked} != command.record or "revoked" in held:
        return False
    desk.must_have_for(Duty.REGISTRY, desk.context.party_of(str(held["of"])))
    return True


def _bears_on_authority(command: RecordFact, held: Any) -> bool:
    """Say whether a fact settles who decides: an office, or which one is a party's home."""
    if command.section == "parties":
        return command.record.get("home") != (held or {}).get("home")
    return command.section == "offices"


def _must_find(desk: Desk, office: str) -> None:
    """Refuse to record a finding for an office of a party whose registry the actor does not keep.

    A finding can take a party's say away: it is recorded by those for whom the office speaks.
    """
    desk.must_have(
        Duty.REGISTRY, known(desk.context.registry.record.offices, office, "office").party
    )


# --- the record itself


def _erase(desk: Desk, _: Erase) -> dict[str, Any]:
    """Let whoever has the duty of records erase; what of which entry, `erasing` says."""
    desk.must_have(Duty.RECORDS)
    return {}


def _change_semantics(desk: Desk, command: ChangeSemantics) -> dict[str, Any]:
    """Refuse semantics by which no version of this program judges or ever did."""
    desk.must_have(Duty.AUTHORITY)
    if command.to not in (*earlier_semantics(), SEMANTICS):
        raise UnlawfulError(
            f"There are no semantics {command.to[:80]}: this program judges by {SEMANTICS}. Record "
            "the one that its answers name."
        )
    return {}


def _rotate(desk: Desk, _: RotateKey) -> dict[str, Any]:
    """Let the duty of authority name the next key; that it is one, whoever holds keys checks."""
    desk.must_have(Duty.AUTHORITY)
    return {}


_LAWFUL: dict[type[Command], Callable[[Desk, Any], dict[str, Any]]] = {
    AdoptPolicy: _adopt,
    AnnouncePolicy: _announce,
    EndPolicy: _end,
    ReviseBook: _revise,
    RecordFact: _record,
    Appoint: appoint,
    Dismiss: dismiss,
    RegisterKey: register_key,
    RetireKey: retire_key,
    Delegate: delegate,
    RevokeDelegation: revoke,
    Erase: _erase,
    ChangeSemantics: _change_semantics,
    RotateKey: _rotate,
}


def lawful(desk: Desk, command: Command) -> dict[str, Any]:
    """Return what is established in doing such an act on no case, where the actor may.

    Raises:
        NotAllowedError: the actor may not; says who could.
        RepeatedError: the id is taken, or it was done before.
        UnknownError: the act names something that is not there.
        UnlawfulError: nobody may do it in this form; or it is an act on a case.
    """
    check = _LAWFUL.get(type(command))
    if check is None:
        raise UnlawfulError(f"The act {command.kind} is done on a case.")
    return check(desk, command)
