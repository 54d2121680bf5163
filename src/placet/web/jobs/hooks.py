"""Web hooks: where one may point, and how what is sent to it is signed.

Signed after Standard Webhooks (standardwebhooks.com), so that libraries exist to check it:
HMAC-SHA256 over `id.timestamp.body`. The secret follows from the secret of the installation and
the subscription's salt: it stands in no table, and whoever reads the database cannot sign.

Anybody signed in may add one, and what sends stands inside: so it points to addresses that
anybody reaches, or to networks that the installation names (`PLACET_HOOKS_WITHIN`). A name is
looked up when something is sent, and what is found is what is connected to.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from django.conf import settings

__all__ = ["InsideError", "headers", "place_of", "secret_of", "unfit_address"]

_HERE = ("localhost", "127.0.0.1", "::1")
_HTTPS = 443
_OTHERS_FROM = 1024
"""Below stand the ports of what was never meant to be posted to, but for that of HTTPS."""


class InsideError(Exception):
    """A name leads to where no web hook may point; the text says so."""


def unfit_address(address: str) -> str | None:
    """Return why an address cannot be a web hook's, or None where it can.

    Plain HTTP is for a demonstration or a test on this machine: where people find the pages
    elsewhere, it could be used to reach what listens on this machine alone.
    """
    try:
        at = urlsplit(address)
        host, port = at.hostname, at.port
    except ValueError:
        return "This is not an address."
    if host and at.scheme == "https" and (problem := _unfit(host, port or _HTTPS)):
        return problem
    if at.username or at.password:
        return "Leave name and password out: what is sent is signed."
    here = urlsplit(settings.ADDRESS).hostname in _HERE
    if host and (at.scheme == "https" or (at.scheme == "http" and host in _HERE and here)):
        return None
    return "Give an https address; http is for localhost, where the pages are at localhost too."


def place_of(address: str) -> str:
    """Return the IP address at which a web hook is reached now.

    Raises:
        InsideError: the name leads, or leads also, to where no web hook may point.
        OSError: there is no such name, or nobody to ask.
    """
    at = urlsplit(address)
    host = at.hostname or ""
    if at.scheme == "http":
        return host  # this machine alone: see above
    found = socket.getaddrinfo(host, at.port or _HTTPS, type=socket.SOCK_STREAM)
    places = [str(each[4][0]) for each in found]
    if not all(_may_be_posted_to(ip_address(each.partition("%")[0])) for each in places):
        raise InsideError("its name leads to an address that not everybody reaches")
    return places[0]


def _unfit(host: str, port: int) -> str | None:
    """Say why nothing is posted to a host by HTTPS, as far as that is seen without asking."""
    if port != _HTTPS and port < _OTHERS_FROM:
        return f"Nothing is posted to port {port}: give none, or one from {_OTHERS_FROM} on."
    try:
        place = ip_address(host)
    except ValueError:
        inside = host in _HERE or host.endswith(".localhost")
    else:
        inside = not _may_be_posted_to(place)
    if inside:
        return "Give an address that everybody reaches; this one lies inside."
    return None


def _may_be_posted_to(place: IPv4Address | IPv6Address) -> bool:
    """Say whether everybody reaches an IP address, or the installation names its network."""
    mapped = place.ipv4_mapped if isinstance(place, IPv6Address) else None
    seen = mapped or place
    if seen.is_global and not seen.is_multicast:
        return True
    return any(seen in each for each in settings.HOOKS_WITHIN)


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
