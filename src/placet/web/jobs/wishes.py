"""Where somebody wishes to be told: their own addresses, and nobody else's.

Whoever comes in one office has the addresses at which they are told of that one, and no others.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from placet.operations.house import SignedIn
from placet.review import UnknownError, UnlawfulError
from placet.web.jobs.hooks import secret_of
from placet.web.jobs.models import Channel, Subscription

__all__ = ["MOST", "add_wish", "remove_wish", "secret_for", "wishes_of"]

MOST = 10
"""Addresses that one person may have."""


def wishes_of(who: SignedIn) -> list[Subscription]:
    """Return the addresses of a person, as they came."""
    return list(_of(who).order_by("id"))


def _of(who: SignedIn) -> QuerySet[Subscription]:
    every: QuerySet[Subscription] = Subscription.objects.filter(person=who.person)
    return every if who.office is None else every.filter(office=who.office)


def add_wish(who: SignedIn, channel: str, address: str) -> Subscription:
    """Add an address of a person's, at which they are told of the office they come in, or of all.

    Raises:
        UnlawfulError: it cannot be one, is there already, or is one too many.
    """
    if _of(who).count() >= MOST:
        raise UnlawfulError(
            _("You have as many addresses as one person may have. Remove one first.")
        )
    if not address.isprintable():
        raise UnlawfulError(_("An address is one line of text that can be read."))
    wish = Subscription(
        person=who.person, office=who.office or "", channel=channel, address=address
    )
    try:
        wish.full_clean()
    except ValidationError as error:
        raise UnlawfulError(" ".join(error.messages)) from None
    wish.save()
    return wish


def remove_wish(who: SignedIn, key: int) -> None:
    """Remove an address of a person's; what was still to be sent there is forgotten.

    Raises:
        UnknownError: they have no such address.
    """
    found = _of(who).filter(id=key).first()
    if found is None:
        raise UnknownError(_("You have no such address."))
    found.delete()


def secret_for(wish: Subscription) -> str:
    """Return the secret by which what is sent to a web hook is checked; e-mail has none."""
    return secret_of(wish.salt) if wish.channel == Channel.WEBHOOK else ""
