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

__all__ = ["OwnPasskey", "passkeys_of", "registers_own"]


@dataclass(frozen=True)
class OwnPasskey:
    """A passkey of an account.

    `public` is how it stands on record, or would; `on_record` by which name it does, if so.
    """

    id: int
    name: str
    public: str
    on_record: str | None


def registers_own(request: HttpRequest) -> bool:
    """Say whether whoever looks may put a key of theirs on record."""
    seen = looking(request)
    return seen.house.reading.context().registers_own(seen.person or "", seen.house.clock.now())


def passkeys_of(request: HttpRequest) -> Iterator[OwnPasskey]:
    """Yield the passkeys of the account of whoever looks."""
    record = looking(request).house.reading.context().registry.record.keys
    known = {each.public: name for name, each in record.items()}
    kept = Authenticator.objects.filter(
        user_id=request.user.pk, type=Authenticator.Type.WEBAUTHN
    ).order_by("pk")
    for each in kept:
        held = each.wrap()
        made = held.authenticator_data.credential_data
        cose = cbor.encode(dict(made.public_key))
        public = passkey_text(RELYING_PARTY, made.credential_id, cose)
        yield OwnPasskey(each.pk, held.name, public, known.get(public))
