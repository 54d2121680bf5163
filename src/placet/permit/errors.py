"""What can be wrong with a permit, as one tree, split by what is wrong.

    PermitError
    ├── MalformedPermitError   bytes that are not a permit, a status list, a key or a permit file
    ├── NotAuthenticError      a signature that is bad, of no known key, or by another issuer
    ├── UnfitPermitError       terms, a key or a moment that must not be used this way
    └── StatusError            a status list that does not speak about this permit, or not today
        ├── StaleStatusError       one that is too old to be relied on
        └── ChangedKeyError        one that anybody may have signed who has a key of before

What is wrong with a receipt is a `placet.ledger.LedgerError`.
"""

from __future__ import annotations

from placet.errors import PlacetError

__all__ = [
    "ChangedKeyError",
    "MalformedPermitError",
    "NotAuthenticError",
    "PermitError",
    "StaleStatusError",
    "StatusError",
    "UnfitPermitError",
]


class PermitError(PlacetError):
    """The root of what can be wrong with a permit, its status or its keys."""


class MalformedPermitError(PermitError):
    """Bytes that are not in the format they should be in."""


class NotAuthenticError(PermitError):
    """A signature that is bad, of no known key, of another algorithm, or by another issuer."""


class UnfitPermitError(PermitError):
    """Terms, a key or a moment that must not be used in this way."""


class StatusError(PermitError):
    """A status list that does not speak about this permit, or not about this moment."""


class StaleStatusError(StatusError):
    """A status list that is too old to be relied on."""


class ChangedKeyError(StatusError):
    """A status list signed with a key that was changed since: of what time it is, is not known."""
