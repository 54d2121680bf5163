"""The keys page: by which keys a person signs, and putting a passkey of theirs on record."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from placet.registry import written
from placet.review import command_of
from placet.web.accounts.passkeys import passkeys_of, registers_own
from placet.web.acting.views import Draft, go_on
from placet.web.people import looking

__all__ = ["keys_page", "record_passkey"]


@login_required
@require_GET
def keys_page(request: HttpRequest) -> HttpResponse:
    """Show the keys by which the person signs, and their passkeys that are not among them."""
    seen = looking(request)
    at = seen.house.clock.now()
    record = seen.house.reading.context().registry.record.keys
    own = {
        name: (each, each.is_certain(at))
        for name, each in sorted(record.items())
        if each.person == seen.person
    }
    page = {
        "keys": own,
        "passkeys": list(passkeys_of(request)),
        "registers": registers_own(request),
    }
    return render(request, "account/keys.html", page)


@login_required
@require_POST
def record_passkey(request: HttpRequest, passkey: int) -> HttpResponse:
    """Ask to put a passkey of the person on record, so that they can sign with it."""
    seen = looking(request)
    found = next((each for each in passkeys_of(request) if each.id == passkey), None)
    if found is None:
        raise Http404
    fields = {
        "key": seen.house.references.reference("K"),
        "person": seen.person,
        "public": found.public,
        "from": written(seen.house.clock.now()),
        "because": _("A passkey, enrolled in the browser: %s") % found.name,
    }
    back = reverse("keys")
    return go_on(request, Draft(command_of("register-key", fields), None, back))
