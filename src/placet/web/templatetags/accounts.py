"""Tags for the pages of one's own account."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import template

from placet.registry import Duty
from placet.review import Context
from placet.web.accounts.passkeys import OwnPasskey, passkeys_of, registers_own
from placet.web.house import house, names
from placet.web.people import looking

__all__ = ["register"]

register = template.Library()


@register.simple_tag(takes_context=True)
def unrecorded(context: Any) -> list[OwnPasskey]:
    """Return the passkeys of whoever looks that are not on record: they sign nothing."""
    return [each for each in passkeys_of(context["request"]) if not each.on_record]


@register.simple_tag(takes_context=True)
def registers(context: Any) -> bool:
    """Say whether whoever looks may put a key of theirs on record."""
    return registers_own(context["request"])


@register.simple_tag(takes_context=True)
def administrators(context: Any) -> list[str]:
    """Return the offices whose holders administer accounts, by their titles.

    Who holds them is known to their own party: whoever looks and acts for it is told the names.
    """
    known, request = names(), context["request"]
    own = looking(request).viewer.parties if request.user.is_authenticated else frozenset()
    return [_named(each, known, own) for each in known.offices_with(Duty.AUTHORITY)]


def _named(office: str, known: Context, own: Collection[str]) -> str:
    title, at = known.registry.office_title(office), house().clock.now()
    terms = known.registry.record.officials.values()
    if known.party_of(office) not in own:
        return title
    held = [each.name for each in terms if each.office == office and each.is_certain(at)]
    return f"{title} ({', '.join(held)})" if held else title
