"""The passkeys of an account, each as it stands on record or would stand there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from fido2 import cbor

from placet.operations.acting.keys_on_record import passkey_text
from placet.web.accounts.adapters import RELYING_PARTY
from placet.web.people import looking

__all__ = ["OwnPasskey", "passkeys_of"]


@dataclass(frozen=True)
class OwnPasskey:
    """A passkey of an account; `public` is how it would stand on record."""

    id: int
    name: str
    public: str
    on_record: bool


def passkeys_of(request: HttpRequest) -> Iterator[OwnPasskey]:
    """Yield the passkeys of the account of whoever looks."""
    record = looking(request).house.reading.context().registry.record.keys
    known = {each.public for each in record.values()}
    kept = Authenticator.objects.filter(
        user_id=request.user.pk, type=Authenticator.Type.WEBAUTHN
    ).order_by("pk")
    for each in kept:
        held = each.wrap()
        made = held.authenticator_data.credential_data
        cose = cbor.encode(dict(made.public_key))
        public = passkey_text(RELYING_PARTY, made.credential_id, cose)
        yield OwnPasskey(each.pk, held.name, public, public in known)
