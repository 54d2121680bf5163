"""Web hooks: where one may point, and how what is sent to it is signed.

Signed after Standard Webhooks (standardwebhooks.com), so that libraries exist to check it:
HMAC-SHA256 over `id.timestamp.body`. The secret follows from the secret of the installation and
the subscription's salt: it stands in no table, and whoever reads the database cannot sign.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings

__all__ = ["headers", "secret_of", "unfit_address"]

_HERE = ("localhost", "127.0.0.1", "::1")


def unfit_address(address: str) -> str | None:
    """Return why an address cannot be a web hook's, or None where it can.

    Plain HTTP is for a demonstration or a test on this machine: where people find the pages
    elsewhere, it could be used to reach what listens on this machine alone.
    """
    try:
        at = urlsplit(address)
        host, _ = at.hostname, at.port
    except ValueError:
        return "This is not an address."
    if at.username or at.password:
        return "Leave name and password out: what is sent is signed."
    here = urlsplit(settings.ADDRESS).hostname in _HERE
    if host and (at.scheme == "https" or (at.scheme == "http" and host in _HERE and here)):
        return None
    return "Give an https address; http is for localhost, where the pages are at localhost too."


def secret_of(salt: str) -> str:
    """Return the secret of a subscription, as receivers' libraries take it."""
    return f"whsec_{base64.b64encode(_key(salt)).decode()}"


def headers(salt: str, notice: str, timestamp: int, body: bytes) -> Mapping[str, str]:
    """Return what goes along with a body: its id, the moment, the signature over all three."""
    signed = f"{notice}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.digest(_key(salt), signed, hashlib.sha256)).decode()
    return {
        "webhook-id": notice,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }


def _key(salt: str) -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), f"placet webhook {salt}".encode(), "sha256")
