"""Who is let in: the token is good, is for this, its office is held now, and not too often."""

from __future__ import annotations

import math
import time
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from ninja.errors import Throttled
from ninja.security import HttpBearer

from placet.determination import Kept
from placet.review import NoAuthorityError, NotAllowedError
from placet.web.api.present import present_context, present_viewer
from placet.web.api.tokens import Holder, holder_of
from placet.web.house import house

__all__ = ["Bearer", "admitted", "charge", "holder"]


class Bearer(HttpBearer):
    """Lets in the holder of a token that is for one scope."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Holder | None:
        """Return the holder, or None for a token that is none, is over or was revoked.

        Raises:
            NotAllowedError: the token is not for this, or its office is not held any more.
            Throttled: it asks too often.
        """
        del request
        found = _good(token, house().clock.now())
        if found is None:
            return None
        charge(found, self.scope)
        return admitted(token, self.scope)


def admitted(token: str, scope: str) -> Holder | None:
    """Return the holder of a token, or None for one that is none, is over or was revoked.

    Raises:
        NotAllowedError: the token is not for this, or its office is not held any more.
    """
    now = house().clock.now()
    found = _good(token, now)
    if found is None:
        return None
    if scope not in found.scopes:
        raise NotAllowedError(f"This token is not for {scope}; make one that is.")
    if not present_viewer(present_context(), found.person, now, found.office).offices:
        raise NoAuthorityError(f"The token is for the office {found.office}, no longer held.")
    return found


def _good(token: str, now: datetime) -> Holder | None:
    found = holder_of(token)
    return found if found is not None and now < found.expires_at else None


def holder(request: HttpRequest) -> Holder:
    """Return who was let in."""
    found: Holder = vars(request)["auth"]
    return found


_buckets: Kept[tuple[str, str], list[float]] = Kept(4096)


def charge(of: Holder, scope: str, cost: int = 1) -> None:
    """Count what a token asks for in this process: so many a second, and twice that at once.

    Raises:
        Throttled: it is too much; says after how many seconds there is room.
    """
    rate = float(settings.API_RATES[scope])
    now = time.monotonic()
    bucket = _buckets.get((of.reference, scope))
    if bucket is None:
        bucket = _buckets.keep((of.reference, scope), [2 * rate, now])
    left = min(2 * rate, bucket[0] + (now - bucket[1]) * rate)
    bucket[:] = [left - cost if left >= cost else left, now]
    if left < cost:
        raise Throttled(wait=max(1, math.ceil((cost - left) / rate)))
