"""Authority in the context: who changes it, and offices, officials, keys and delegations as acts.

Who has people here is recorded by them: where somebody holds an office of a party with the duty
of authority, only they say who its officials are, which offices it has and by which keys its
people sign. For a party that has nobody, whoever has that duty does (record 36).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from placet.registry import Delegation, Duty, Fact, Grade, Official, last_day
from placet.review.commands import (
    Appoint,
    Delegate,
    Dismiss,
    RecordFact,
    RegisterKey,
    RetireKey,
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
from placet.review.rewriting import PASSKEY

__all__ = [
    "Desk",
    "appoint",
    "delegate",
    "dismiss",
    "known",
    "known_to",
    "must_be_new",
    "must_settle",
    "register_key",
    "retire_key",
    "revoke",
]

R = TypeVar("R")

PUBLIC_KEYS = ("ssh-ed25519 ", f"{PASSKEY} ")
"""How a public key begins; whether it is one is checked where signatures are."""


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

    def whose(self, duty: Duty, party: str) -> str | None:
        """Return whose officials have a duty for a party: its own, or None for any party's.

        Its own alone, where somebody of it has that duty here; else whoever has it.
        """
        offices = self.context.offices_with(duty, party)
        return party if any(self.context.is_held(each, self.at) for each in offices) else None

    def has_for(self, duty: Duty, party: str) -> bool:
        """Say whether the actor has a duty for a party: own, or with nobody for it."""
        return self.has(duty, self.whose(duty, party))

    def must_have_for(self, duty: Duty, party: str) -> None:
        """Refuse an actor who does not have a duty for a party.

        Raises:
            NotAllowedError: names the offices whose officials could.
        """
        self.must_have(duty, self.whose(duty, party))

    def must_answer_for(self, person: str) -> None:
        """Refuse an actor without the duty of authority for each party that a person acts for.

        Raises:
            NotAllowedError: names the offices whose officials could.
        """
        self.must_have(Duty.AUTHORITY)
        for party in sorted(self.parties_of(person)):
            self.must_have_for(Duty.AUTHORITY, party)

    def knows_of(self, party: str) -> bool:
        """Say whether who holds the offices of a party, and by which keys, is the actor's to know.

        It is for its own officials, and for whoever records its authority.
        """
        own = self.context.parties_of(self.actor, self.at, self.office)
        return party in own or self.has_for(Duty.AUTHORITY, party)

    def knows(self, person: str) -> bool:
        """Say whether a person is the actor, or an official that is the actor's to know."""
        return person == self.actor or any(map(self.knows_of, self.parties_of(person)))

    def belongs_to(self, office: str) -> bool:
        """Say whether the actor holds an office, or is to hold it, whatever they act in alone."""
        return office in {each.office for each in self._terms(self.actor)}

    def parties_of(self, person: str) -> frozenset[str]:
        """Return the parties a person acts for or is to act for; if none, those they acted for."""
        terms = self._terms(person) or self.context.terms_of(person)
        return frozenset(self.context.party_of(each.office) for each in terms)

    def _terms(self, person: str) -> tuple[Official, ...]:
        return tuple(
            each
            for each in self.context.terms_of(person)
            if each.until is None or self.at < each.until.latest
        )

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

    def must_not_be_over(self, until: datetime, what: str) -> None:
        """Refuse an end before the moment of the act: what was done until now would lose its hold.

        Raises:
            UnlawfulError: it is.
        """
        if until < self.at:
            raise UnlawfulError(
                f"{what} would have ended at {until.isoformat()}, which is past; write the "
                "present moment or a later one."
            )

    def must_shorten(self, fact: Fact, until: datetime, what: str) -> None:
        """Refuse an end that lies behind the one on record: to prolong takes a new act.

        Raises:
            UnlawfulError: names the end on record; or it would be over before it begins.
        """
        if fact.from_ is not None and until <= fact.from_.earliest:
            raise UnlawfulError(
                f"{what} begins on {fact.from_}, and would be over before it did. Choose a later "
                "end."
            )
        if fact.until is not None and fact.until.latest <= until:
            raise UnlawfulError(f"{what} ends on {fact.until} already; an end is not put off.")


def known(records: Mapping[str, R], key: str, what: str) -> R:
    """Return a record by its id.

    Raises:
        UnknownError: there is none.
    """
    found = records.get(key)
    if found is None:
        raise UnknownError(f"There is no {what} {key[:80]}.")
    return found


def known_to(
    desk: Desk,
    records: Mapping[str, R],
    key: str,
    what: str,
    is_known: Callable[[R], bool],
) -> R:
    """Return a record of people by its id; what others have reads as if there were none.

    Raises:
        UnknownError: there is none, or it is not the actor's to know.
    """
    found = records.get(key)
    if found is None or not is_known(found):
        raise UnknownError(
            f"There is no {what} {key[:80]} that {desk.actor} would know of: who holds its offices "
            "is known to a party's own officials."
        )
    return found


def must_be_new(records: Mapping[str, object], key: str, what: str) -> None:
    """Refuse an id that is taken.

    Raises:
        RepeatedError: it is.
    """
    if key in records:
        raise RepeatedError(f"There is a {what} {key[:80]} already; nothing on record is edited.")


# --- offices, officials and keys


def must_settle(desk: Desk, command: RecordFact, held: Mapping[str, Any] | None) -> None:
    """Refuse a fact that settles who decides, to whoever may not record it; `held` is as it stands.

    Those facts are an office, and which one is a party's home. Nobody records them of an office of
    their own; and an office stays its party's.

    Raises:
        NoAuthorityError: the office is their own.
        NotAllowedError: it is of a party that has others for it.
        UnlawfulError: the office would be another party's.
    """
    record = command.record
    office, party = (
        (str(record.get("home")), command.id)
        if command.section == "parties"
        else (command.id, str(record.get("party")))
    )
    if command.section == "offices" and held is not None and held["party"] != party:
        raise UnlawfulError(
            f"{office} is an office of {held['party']} and stays one: what it decided would become "
            f"the word of {party}. Record another office."
        )
    desk.must_have_for(Duty.AUTHORITY, party)
    if desk.belongs_to(office):
        raise NoAuthorityError(
            f"{desk.actor} holds {office}, or is to hold it: what it may do is settled by another "
            "person."
        )


def appoint(desk: Desk, command: Appoint) -> dict[str, Any]:
    """Let the actor appoint an official: of a party for which they have the duty of authority.

    Raises:
        NoAuthorityError: it would be themselves.
        NotAllowedError: the office, or the person appointed, is of a party that has others for it.
        RepeatedError, UnknownError, UnlawfulError: an id is taken, there is no such office, or it
            would begin in the past.
    """
    desk.must_answer_for(command.person)
    office = known(desk.context.registry.record.offices, command.office, "office")
    desk.must_have_for(Duty.AUTHORITY, office.party)
    if command.person == desk.actor:
        raise NoAuthorityError(f"{desk.actor} cannot appoint themselves: it takes another person.")
    must_be_new(desk.context.registry.record.officials, command.official, "official")
    people = desk.context.people
    if command.official in people and command.official != command.person:
        raise RepeatedError(f"{command.official[:80]} is the id of another person.")
    if people.get(command.person, command.name) != command.name:
        raise RepeatedError(
            f"The id that was given is that of {people[command.person]}, and not of "
            f"{command.name[:80]}. Give another id, or that name."
        )
    desk.must_not_be_past(command.from_, "The appointment would begin")
    _must_run_forward(command.from_, command.until)
    return {}


def _must_run_forward(start: datetime, until: datetime | None) -> None:
    if until is not None and until <= start:
        last = last_day(until)
        end = f"{last:%-d %B %Y}" if last else f"{until:%-d %B %Y, %H:%M} UTC"
        raise UnlawfulError(f"Its end, {end}, comes before it begins. Choose a later one.")


def dismiss(desk: Desk, command: Dismiss) -> dict[str, Any]:
    """Let the actor end an official's time: of a party for which they have the duty of authority.

    Raises:
        NotAllowedError: they do not have it for their own party.
        UnknownError, UnlawfulError: there is no such official of theirs, or the end is past or put
            off.
    """
    context = desk.context
    official = known_to(
        desk,
        context.registry.record.officials,
        command.official,
        "official",
        lambda found: desk.knows_of(context.party_of(found.office)),
    )
    desk.must_have_for(Duty.AUTHORITY, context.party_of(official.office))
    desk.must_not_be_over(command.until, f"The term of {command.official}")
    desk.must_shorten(official, command.until, command.official)
    return {}


def register_key(desk: Desk, command: RegisterKey) -> dict[str, Any]:
    """Let the actor register a key: a further one of their own, or the first of somebody else.

    Raises:
        NoAuthorityError: it would be their own first, or a further one of somebody else.
        NotAllowedError: they do not have the duty of authority for their own party.
        RepeatedError, UnknownError, UnlawfulError: the key or its id is on record, there is no such
            person of theirs, or it is no key, or would be used from a day that is past.
    """
    known_to(
        desk, desk.context.people, command.person, "person", lambda _: desk.knows(command.person)
    )
    keys = desk.context.registry.record.keys
    if command.person == desk.actor:
        _must_have_key(desk)
    else:
        _must_have_no_key(desk, command.person)
    must_be_new(keys, command.key, "key")
    if not command.public.startswith(PUBLIC_KEYS) or "\n" in command.public:
        begins = " or ".join(repr(each) for each in PUBLIC_KEYS)
        raise UnlawfulError(f"A public key is one line that begins with {begins}.")
    if any(_same_key(each.public, command.public) for each in keys.values()):
        raise RepeatedError("The key is on record already; a key has one owner and one time.")
    desk.must_not_be_past(command.from_, "The key would be used from a day")
    return {}


def _must_have_key(desk: Desk) -> None:
    if not desk.context.registers_own(desk.actor, desk.at):
        raise NoAuthorityError(
            f"{desk.actor} cannot register their own first key: it takes another person, with the "
            "duty of authority."
        )


def _must_have_no_key(desk: Desk, person: str) -> None:
    """Refuse to give somebody a further key: whoever has one would not notice another."""
    desk.must_answer_for(person)
    held = sorted(
        name
        for name, key in desk.context.registry.record.keys.items()
        if key.person == person and (key.until is None or desk.at < key.until.latest)
    )
    if held:
        raise NoAuthorityError(
            f"{person} has the key {', '.join(held)}, and registers any further one themselves. "
            "If it is lost, retire it first.",
        )


def _same_key(one: str, other: str) -> bool:
    """Say whether two public keys are one: an SSH key whatever its comment, a passkey wherever.

    Passkeys are one if they share the credential or the key: either names one authenticator.
    """
    return not _signs(one).isdisjoint(_signs(other))


def _signs(public: str) -> frozenset[str]:
    """Return what of a public key signs: a passkey's credential and key, or the SSH key."""
    words = public.split()
    return frozenset(words[2:4] if words[:1] == [PASSKEY] else words[1:2])


def retire_key(desk: Desk, command: RetireKey) -> dict[str, Any]:
    """Let the actor retire a key: their own, or of a party for which they have authority.

    Raises:
        NotAllowedError: they do not have the duty of authority for their own party.
        UnknownError, UnlawfulError: there is no such key of theirs, or the end is past or put off.
    """
    keys = desk.context.registry.record.keys
    key = known_to(desk, keys, command.key, "key", lambda found: desk.knows(found.person))
    if key.person != desk.actor:
        desk.must_answer_for(key.person)
    desk.must_not_be_over(command.until, f"The key {command.key}")
    desk.must_shorten(key, command.until, command.key)
    return {}


# --- delegations


def delegate(desk: Desk, command: Delegate) -> dict[str, Any]:
    """Let the actor delegate, for an office that they hold, to another of its party.

    Raises:
        NoAuthorityError: they do not hold it.
        RepeatedError, UnknownError, UnlawfulError: the id is taken, there is no such office, the
            other is of another party, or it would begin in the past.
    """
    record = desk.context.registry.record
    of = known(record.offices, command.of, "office")
    to = known(record.offices, command.to, "office")
    if not desk.holds(command.of):
        raise NoAuthorityError(
            f"{desk.actor} does not hold {command.of}. Whoever holds an office delegates for it; "
            "a delegate does not delegate on.",
            [command.of],
        )
    if command.of == command.to or of.party != to.party:
        raise UnlawfulError(f"{command.to} is not another office of {of.party}.")
    must_be_new(record.delegations, command.delegation, "delegation")
    desk.must_not_be_past(command.from_, "The delegation would begin")
    _must_run_forward(command.from_, command.until)
    return {}


def revoke(desk: Desk, command: RevokeDelegation) -> dict[str, Any]:
    """Let the actor revoke a delegation: of an office that they hold, or by the duty of authority.

    Raises:
        NotAllowedError: neither.
        RepeatedError, UnknownError: it was revoked, or there is none of their party.
    """
    context = desk.context
    delegation: Delegation = known_to(
        desk,
        context.registry.record.delegations,
        command.delegation,
        "delegation",
        lambda found: desk.knows_of(context.party_of(found.of)),
    )
    whose = desk.whose(Duty.AUTHORITY, context.party_of(delegation.of))
    if not desk.holds(delegation.of) and not desk.has(Duty.AUTHORITY, whose):
        could = (delegation.of, *context.offices_with(Duty.AUTHORITY, whose))
        raise NoAuthorityError(f"{desk.actor} does not hold {delegation.of}.", could)
    revoked = delegation.revoked
    certain = revoked is not None and revoked.grade is Grade.CONFIRMED
    if revoked is not None and certain and revoked.on.latest <= desk.at:
        raise RepeatedError(f"{command.delegation} was revoked on {revoked.on}.")
    return {}
