"""Who may change the context, and which changes are lawful (DESIGN §3).

Every function looks at one kind of act on the context as it stands, raises a ReviewError where
it may not be done, and returns what was established. Whether the changed context holds together
is asked afterwards, of the loaders.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from placet.canonical import canonical_json
from placet.policy import Book, Policy
from placet.registry import Delegation, Duty, Fact, Grade, RegistryRecord, parse_start
from placet.registry.loading import SECTIONS_OF_TEXT
from placet.review.commands import (
    AdoptPolicy,
    AnnouncePolicy,
    Appoint,
    Command,
    Delegate,
    Dismiss,
    EndPolicy,
    RecordFact,
    RegisterKey,
    RetireKey,
    ReviseBook,
    RevokeDelegation,
)
from placet.review.context import Context
from placet.review.errors import (
    NoAuthorityError,
    NotAllowedError,
    RepeatedError,
    UnknownError,
    UnlawfulError,
)
from placet.review.rewriting import MEANS, PASSKEY, must_be_plain, policy_text

__all__ = ["Desk", "lawful", "policy_digest"]

R = TypeVar("R")

DAY = timedelta(days=1)

OF_AUTHORITY = frozenset({"officials", "keys", "delegations"})
"""The sections that only their own acts write."""

SECTIONS = frozenset(RegistryRecord.model_fields) - {"title", "about", "demonstration"}
"""What a fact stands under. That a log is a demonstration is said when it begins, and never later.
"""

PUBLIC_KEYS = ("ssh-ed25519 ", f"{PASSKEY} ")
"""How a public key begins; whether it is one is checked where signatures are."""


def policy_digest(text: Mapping[str, Any]) -> str:
    """Return the digest of a policy's text, leaving out whether and when it was announced.

    `sha256:` and 64 hexadecimal digits over canonical JSON (RFC 8785). It is found both when an
    undeclared policy is adopted and when it is announced: its text stayed what it was.
    """
    kept = {key: value for key, value in text.items() if key != "announced"}
    return f"sha256:{hashlib.sha256(canonical_json(kept)).hexdigest()}"


@dataclass(frozen=True, eq=False)
class Desk:
    """A context, the person who would change it, the moment, and the office they act in alone."""

    context: Context
    actor: str
    at: datetime
    office: str | None = None

    def has(self, duty: Duty, party: str | None = None) -> bool:
        """Say whether the actor holds an office with a duty, of one party or of any."""
        return self.context.has_duty(self.actor, duty, self.at, party, self.office)

    def must_have(self, duty: Duty, party: str | None = None) -> None:
        """Refuse an actor who holds no office with the duty.

        Raises:
            NotAllowedError: names the offices whose officials could.
        """
        if not self.has(duty, party):
            of = f" of {party}" if party else ""
            could = self.context.offices_with(duty, party)
            raise NotAllowedError(f"{self.actor} holds no office{of} whose duty is {duty}.", could)

    def holds(self, office: str) -> bool:
        """Say whether the actor holds an office, as its holder or acting; not by delegation."""
        held = self.context.offices_of(self.actor, self.at, self.office)
        return office in {each.office for each in held}

    @property
    def day(self) -> datetime:
        """The first instant of the day of the act."""
        return self.at.replace(hour=0, minute=0, second=0, microsecond=0)

    def must_not_be_past(self, moment: datetime, what: str) -> None:
        """Refuse what would take effect before the day of the act.

        Raises:
            UnlawfulError: names the day.
        """
        if moment < self.day:
            raise UnlawfulError(
                f"{what} on {moment:%Y-%m-%d}, which is past: nothing takes effect before the "
                f"day it is done. Write {self.day:%Y-%m-%d} or later."
            )

    def must_shorten(self, fact: Fact, until: datetime, what: str) -> None:
        """Refuse an end that lies behind the one on record: to prolong takes a new act.

        Raises:
            UnlawfulError: names the end on record.
        """
        if fact.until is not None and fact.until.latest <= until:
            raise UnlawfulError(f"{what} ends on {fact.until} already; an end is not put off.")


def _known(records: Mapping[str, R], key: str, what: str) -> R:
    found = records.get(key)
    if found is None:
        raise UnknownError(f"There is no {what} {key[:80]}.")
    return found


def _must_be_new(records: Mapping[str, object], key: str, what: str) -> None:
    if key in records:
        raise RepeatedError(f"There is a {what} {key[:80]} already; nothing on record is edited.")


# --- policies


def _adopt(desk: Desk, command: AdoptPolicy) -> dict[str, Any]:
    must_be_plain(command.text, "The policy")
    _known(desk.context.registry.record.parties, command.party, "party")
    book = desk.context.books.get(command.party)
    _must_adopt(desk, command.party, str(command.text.get("adopted-by", "")), book)
    _must_be_new(book.policies if book else {}, command.policy, "policy")
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
    if office in _deciding(desk.context, party, book) and desk.holds(office):
        return
    could = desk.context.offices_with(Duty.POLICIES, party)
    raise NotAllowedError(f"{desk.actor} does not adopt or announce policies of {party}.", could)


def _deciding(context: Context, party: str, book: Book | None) -> frozenset[str]:
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
    book = _known(desk.context.books, party, "book of")
    found = _known(book.policies, policy, f"policy of {party}")
    _must_adopt(desk, party, found.adopted_by or "", book)
    return found


def _announce(desk: Desk, command: AnnouncePolicy) -> dict[str, Any]:
    policy = _policy(desk, command.party, command.policy)
    if policy.announced is not None:
        raise RepeatedError(f"{command.policy} was announced: {policy.announced}.")
    desk.must_not_be_past(command.on, "The policy would be announced")
    text = policy_text(desk.context.plain, command.party, command.policy)
    return {"policy": policy_digest(text)}


def _end(desk: Desk, command: EndPolicy) -> dict[str, Any]:
    policy = _policy(desk, command.party, command.policy)
    if command.until < desk.at:
        raise UnlawfulError(
            f"{command.policy} would have ended at {command.until.isoformat()}, which is past; "
            "write the present moment or a later one."
        )
    desk.must_shorten(policy, command.until, command.policy)
    return {}


REVISED = frozenset({"title", "claims", "otherwise", "unstated", "evidence", "break-glass"})
"""What of a book is revised as a whole; its policies are adopted and ended one by one."""


def _revise(desk: Desk, command: ReviseBook) -> dict[str, Any]:
    must_be_plain(command.fields, "The change of the book")
    _known(desk.context.registry.record.parties, command.party, "party")
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
    if section in OF_AUTHORITY and not _rumoured(command):
        raise UnlawfulError(
            f"What stands under {section} is not recorded as a fact: appoint or dismiss, register "
            "or retire a key, delegate or revoke. Only the report of a delegation, not confirmed, "
            "is recorded: it gives no authority."
        )
    if section not in SECTIONS:
        raise UnknownError(f"A registry has no section {section[:80]}.")
    must_be_plain(command.record, "The fact")
    must_be_plain(command.id, "Its id")
    if section in SECTIONS_OF_TEXT and command.record.keys() != {MEANS}:
        raise UnlawfulError(f"A fact under {section} has one field, `{MEANS}`: what it means.")
    held = desk.context.plain["registry"].get(section, {}).get(command.id)
    desk.must_have(Duty.AUTHORITY if _bears_on_authority(command, held) else Duty.REGISTRY)
    if section == "findings":
        _must_find(desk, str(command.record.get("by", "")))
    if held is None and command.supersedes:
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


def _bears_on_authority(command: RecordFact, held: Any) -> bool:
    """Say whether a fact settles who decides: an office, or which one is a party's home."""
    if command.section == "parties":
        return command.record.get("home") != (held or {}).get("home")
    return command.section == "offices"


def _must_find(desk: Desk, office: str) -> None:
    """Refuse to record a finding for an office of a party whose registry the actor does not keep.

    A finding can take a party's say away: it is recorded by those for whom the office speaks.
    """
    known = _known(desk.context.registry.record.offices, office, "office")
    desk.must_have(Duty.REGISTRY, known.party)


# --- officials and keys


def _appoint(desk: Desk, command: Appoint) -> dict[str, Any]:
    desk.must_have(Duty.AUTHORITY)
    if command.person == desk.actor:
        raise NoAuthorityError(f"{desk.actor} cannot appoint themselves: it takes another person.")
    _must_be_new(desk.context.registry.record.officials, command.official, "official")
    people = desk.context.people
    if command.official in people and command.official != command.person:
        raise RepeatedError(f"{command.official[:80]} is the id of another person.")
    if people.get(command.person, command.name) != command.name:
        raise RepeatedError(
            f"{command.person[:80]} is the id of {people[command.person]}; give another."
        )
    _known(desk.context.registry.record.offices, command.office, "office")
    desk.must_not_be_past(command.from_, "The appointment would begin")
    _must_run_forward(command.from_, command.until)
    return {}


def _must_run_forward(start: datetime, until: datetime | None) -> None:
    if until is not None and until <= start:
        raise UnlawfulError(f"It would end, {until.isoformat()}, before it begins.")


def _dismiss(desk: Desk, command: Dismiss) -> dict[str, Any]:
    desk.must_have(Duty.AUTHORITY)
    official = _known(desk.context.registry.record.officials, command.official, "official")
    desk.must_not_be_past(command.until, "The time in office would end")
    desk.must_shorten(official, command.until, command.official)
    return {}


def _register(desk: Desk, command: RegisterKey) -> dict[str, Any]:
    _known(desk.context.people, command.person, "person")
    if command.person != desk.actor:
        desk.must_have(Duty.AUTHORITY)
    elif not desk.context.demonstration and not desk.context.keys_of(desk.actor, desk.at):
        raise NoAuthorityError(
            f"{desk.actor} cannot register their own first key: it takes another person, with the "
            "duty of authority."
        )
    keys = desk.context.registry.record.keys
    _must_be_new(keys, command.key, "key")
    if not command.public.startswith(PUBLIC_KEYS) or "\n" in command.public:
        begins = " or ".join(repr(each) for each in PUBLIC_KEYS)
        raise UnlawfulError(f"A public key is one line that begins with {begins}.")
    if any(_same_key(each.public, command.public) for each in keys.values()):
        raise RepeatedError("The key is on record already; a key has one owner and one time.")
    desk.must_not_be_past(command.from_, "The key would be used from a day")
    return {}


def _same_key(one: str, other: str) -> bool:
    """Say whether two public keys are one: an SSH key whatever its comment, a passkey wherever.

    Passkeys are one if they share the credential or the key: either names one authenticator.
    """
    return not _signs(one).isdisjoint(_signs(other))


def _signs(public: str) -> frozenset[str]:
    """Return what of a public key signs: a passkey's credential and key, or the SSH key."""
    words = public.split()
    return frozenset(words[2:4] if words[:1] == [PASSKEY] else words[1:2])


def _retire(desk: Desk, command: RetireKey) -> dict[str, Any]:
    key = _known(desk.context.registry.record.keys, command.key, "key")
    if key.person != desk.actor:
        desk.must_have(Duty.AUTHORITY)
    desk.must_not_be_past(command.until, "The key would be retired")
    desk.must_shorten(key, command.until, command.key)
    return {}


# --- delegations


def _delegate(desk: Desk, command: Delegate) -> dict[str, Any]:
    record = desk.context.registry.record
    of = _known(record.offices, command.of, "office")
    to = _known(record.offices, command.to, "office")
    if not desk.holds(command.of):
        raise NoAuthorityError(
            f"{desk.actor} does not hold {command.of}. Whoever holds an office delegates for it; "
            "a delegate does not delegate on.",
            [command.of],
        )
    if command.of == command.to or of.party != to.party:
        raise UnlawfulError(f"{command.to} is not another office of {of.party}.")
    _must_be_new(record.delegations, command.delegation, "delegation")
    desk.must_not_be_past(command.from_, "The delegation would begin")
    _must_run_forward(command.from_, command.until)
    return {}


def _revoke(desk: Desk, command: RevokeDelegation) -> dict[str, Any]:
    delegation: Delegation = _known(
        desk.context.registry.record.delegations, command.delegation, "delegation"
    )
    if not desk.holds(delegation.of) and not desk.has(Duty.AUTHORITY):
        could = (delegation.of, *desk.context.offices_with(Duty.AUTHORITY))
        raise NoAuthorityError(f"{desk.actor} does not hold {delegation.of}.", could)
    if delegation.revoked is not None and delegation.revoked.on.latest <= desk.at:
        raise RepeatedError(f"{command.delegation} was revoked on {delegation.revoked.on}.")
    return {}


_LAWFUL: dict[type[Command], Callable[[Desk, Any], dict[str, Any]]] = {
    AdoptPolicy: _adopt,
    AnnouncePolicy: _announce,
    EndPolicy: _end,
    ReviseBook: _revise,
    RecordFact: _record,
    Appoint: _appoint,
    Dismiss: _dismiss,
    RegisterKey: _register,
    RetireKey: _retire,
    Delegate: _delegate,
    RevokeDelegation: _revoke,
}


def lawful(desk: Desk, command: Command) -> dict[str, Any]:
    """Return what is established in changing the context so, where the actor may.

    Raises:
        NotAllowedError: the actor may not; says who could.
        RepeatedError: the id is taken, or it was done before.
        UnknownError: the act names something that is not there.
        UnlawfulError: nobody may do it in this form; or it is no act on a context.
    """
    check = _LAWFUL.get(type(command))
    if check is None:
        raise UnlawfulError(f"The act {command.kind} changes no context.")
    return check(desk, command)
