"""Administering accounts: who has a way in, and giving, closing and mending it.

Whoever holds an office with the duty of authority may, since they record already who holds which
office and whose key is whose. Nobody does it for themselves. What a person may do does not change
by it: that follows from their offices. Each change is kept with who made it and why, and goes to
the log of the process (decision 26 says why there, and not to the ledger).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import F

from placet.operations.house import House
from placet.registry import Duty, Official
from placet.review import NotAllowedError, UnknownError, UnlawfulError, Viewer
from placet.web.accounts.invitation import invitation
from placet.web.accounts.models import AccountChange, User
from placet.web.accounts.subjects import subjects, tie, untie

__all__ = [
    "CHANGES",
    "CLOSING",
    "ON_A_PAGE",
    "Held",
    "PeoplePage",
    "PersonSeen",
    "administered",
    "changed",
    "changes_seen",
    "closed",
]

_LOG = structlog.get_logger("placet.accounts")
_SHOWN = 50

ON_A_PAGE = 25
"""People on a page."""


@dataclass(frozen=True)
class Held:
    """An office that a person holds or held: its title, the record, and whether it is held now."""

    title: str
    official: Official
    now: bool


@dataclass(frozen=True)
class PersonSeen:
    """A person of the register: their offices, and their account if they have one."""

    person: str
    name: str
    offices: tuple[Held, ...]
    account: User | None
    factors: int
    subjects: tuple[str, ...]

    @property
    def state(self) -> str:
        """What there is of an account, in a word."""
        if self.account is None:
            return "none"
        if not self.account.is_active:
            return "disabled"
        return "in use" if self.account.has_usable_password() or self.subjects else "invited"


@dataclass(frozen=True)
class PeoplePage:
    """People on a page; `further` is after whom the next begins, None on the last."""

    people: tuple[PersonSeen, ...]
    further: str | None


def administered(
    house: House, viewer: Viewer, find: str = "", after: str = "", most: int | None = None
) -> PeoplePage:
    """Return a page of people, by their ids from `after` on, with their offices and accounts.

    `find` is a part of a name or an id. Three questions in all, however many people there are.

    Raises:
        NotAllowedError: the viewer holds no office with the duty of authority.
    """
    _administrator(house, viewer)
    most = most or ON_A_PAGE
    context, now = house.reading.context(), house.clock.now()
    sought = find.strip().casefold()
    named = sorted(
        (person, name)
        for person, name in context.people.items()
        if person > after and (sought in person.casefold() or sought in name.casefold())
    )
    shown = dict(named[:most])
    accounts: Mapping[str, User] = {
        each.username: each for each in User.objects.filter(username__in=shown)
    }
    keys = [each.pk for each in accounts.values()]
    factors = Counter(
        Authenticator.objects.filter(user_id__in=keys).values_list("user_id", flat=True)
    )
    tied = subjects(keys)
    record = context.registry.record
    held: dict[str, list[Held]] = {}
    for _, each in sorted(record.officials.items()):
        if each.who in shown:
            present = each.is_certain(now)
            title = record.offices[each.office].title
            held.setdefault(each.who, []).append(Held(title, each, present))
    people = tuple(
        PersonSeen(
            person,
            name,
            tuple(held.get(person, ())),
            account := accounts.get(person),
            factors[account.pk] if account is not None else 0,
            tied.get(account.pk, ()) if account is not None else (),
        )
        for person, name in shown.items()
    )
    return PeoplePage(people, people[-1].person if len(named) > most else None)


def changes_seen(house: House, viewer: Viewer) -> tuple[AccountChange, ...]:
    """Return what was changed of accounts, the latest first."""
    _administrator(house, viewer)
    return tuple(AccountChange.objects.order_by("-id")[:_SHOWN])


def changed(
    house: House, viewer: Viewer, what: str, person: str, because: str, subject: str = ""
) -> str:
    """Change an account, and return what there is to hand on: a link, or nothing.

    `subject` is whom an identity provider is to let in as that person, where that is the change.

    Raises:
        NotAllowedError: the viewer holds no office with the duty of authority, or it is their own.
        UnknownError: the register knows no such person, or they have no account; or there is no
            such change.
        UnlawfulError: it is not said why, or the change is none that can be made of it now.
    """
    by = _administrator(house, viewer)
    make = CHANGES.get(what)
    if make is None:
        raise UnknownError(f"There is no change {what[:40]!r} of an account.")
    if person not in house.reading.context().people:
        raise UnknownError(f"The register knows nobody by the id {person[:80]!r}: appoint them.")
    if person == by:
        raise NotAllowedError("Nobody administers their own account: it takes another person.")
    if not because.strip():
        raise UnlawfulError("Say why the account is changed; it is kept with the change.")
    because = f"{subject.strip()}: {because.strip()}" if make is _tie else because.strip()
    with transaction.atomic():
        given = make(person, subject)
        AccountChange.objects.create(
            at=house.clock.now(), by=by, about=person, what=what, because=because[:500]
        )
    _LOG.info("account-changed", what=what, by=by, about=person)
    return given


def closed(house: House, viewer: Viewer, what: str, person: str, because: str) -> None:
    """Change an account so that it is less of a way in, and never more: for programs.

    Raises:
        NotAllowedError: it would open a way in, or as `changed`.
        UnknownError, UnlawfulError: as `changed`.
    """
    _administrator(house, viewer)
    if what not in CLOSING:
        raise NotAllowedError(
            f"{what[:40]} opens a way in as somebody: a person does it on the page of accounts, "
            f"having shown anew who they are. A token may {', '.join(CLOSING)}."
        )
    changed(house, viewer, what, person, because)


def _administrator(house: House, viewer: Viewer) -> str:
    context = house.reading.context()
    if viewer.person is not None and any(each is Duty.AUTHORITY for _, each in viewer.duties):
        return viewer.person
    could = context.offices_with(Duty.AUTHORITY)
    raise NotAllowedError("Accounts are administered by whoever has the duty of authority.", could)


def _invite(person: str, _subject: str) -> str:
    user = User.objects.filter(username=person).first() or User.objects.create_user(person)
    if not user.is_active:
        raise UnlawfulError("The account is disabled; enable it first.")
    return invitation(user)


def _disable(person: str, _subject: str) -> str:
    _account(person, is_active=False, sessions=F("sessions") + 1)
    return ""


def _enable(person: str, _subject: str) -> str:
    _account(person, is_active=True)
    return ""


def _end_sessions(person: str, _subject: str) -> str:
    _account(person, sessions=F("sessions") + 1)
    return ""


def _reset_factor(person: str, _subject: str) -> str:
    """Forget passkeys and codes of an account, and end its sessions; keys on record stay."""
    _account(person, sessions=F("sessions") + 1)
    Authenticator.objects.filter(user__username=person).delete()
    return ""


def _tie(person: str, subject: str) -> str:
    tie(_user(person), subject)
    return ""


def _untie(person: str, _subject: str) -> str:
    untie(_user(person))
    _account(person, sessions=F("sessions") + 1)
    return ""


def _user(person: str) -> User:
    found: User | None = User.objects.filter(username=person).first()
    if found is None:
        raise UnknownError(f"{person[:80]!r} has no account; invite them.")
    return found


def _account(person: str, **fields: object) -> None:
    if not User.objects.filter(username=person).update(**fields):
        raise UnknownError(f"{person[:80]!r} has no account; invite them.")


CHANGES: Mapping[str, Callable[[str, str], str]] = {
    "invite": _invite,
    "disable": _disable,
    "enable": _enable,
    "end-sessions": _end_sessions,
    "reset-second-factor": _reset_factor,
    "tie": _tie,
    "untie": _untie,
}
"""What may be changed of an account."""

CLOSING = ("disable", "end-sessions", "untie")
"""The changes that take a way in and give none: whoever stole a token gets in nowhere by them."""
