"""What can be wrong with evidence, as one tree, split by what is wrong.

    EvidenceError
    ├── MalformedEvidenceError   a statement, a key or evidence that is not in its format
    ├── ForgedEvidenceError      a signature that is not over this statement, or not for this use
    ├── UnknownSignerError       a good signature by a key that is not one of this person's
    ├── StaleEvidenceError       a session that was not open at the time of the act
    └── WeakEvidenceError        evidence that shows less than is asked for, or nothing

The text says what is wrong, where, why, and what to do next.
"""

from __future__ import annotations

from placet.errors import PlacetError

__all__ = [
    "EvidenceError",
    "ForgedEvidenceError",
    "MalformedEvidenceError",
    "StaleEvidenceError",
    "UnknownSignerError",
    "WeakEvidenceError",
]


class EvidenceError(PlacetError):
    """The root of what can be wrong with evidence."""


class MalformedEvidenceError(EvidenceError):
    """A statement, a key or evidence that is not in the format it should be in."""


class ForgedEvidenceError(EvidenceError):
    """Evidence that is not of this statement, this place or this use."""


class UnknownSignerError(EvidenceError):
    """A good signature, by a key that is not among those of the person."""


class StaleEvidenceError(EvidenceError):
    """A session that was not open at the time of the act."""


class WeakEvidenceError(EvidenceError):
    """Evidence that shows less than is asked for, or of a kind that shows nothing here."""
