"""What can be wrong with a ledger, as one tree, split by what is wrong.

    LedgerError
    ├── MalformedError      bytes that are not in the format they should be in
    ├── UnfitError          a key, a policy or a size that must not be used this way
    ├── BadSignatureError   a signature that is missing, of an unknown key, or not over this text
    ├── NotWitnessedError   fewer witnesses than the policy asks for (in `cosignatures`)
    ├── BadProofError       a proof that does not lead to the root it should lead to
    ├── InconsistentError   two statements of one log that cannot both be true
    │   ├── ForkError           two trees, neither of which continues the other
    │   └── RollbackError       a tree smaller than one already known
    ├── WrongContentError   an entry or a tile that the signed root does not cover
    ├── MissingError        an entry, a tile or a checkpoint that is not there
    ├── OverwriteError      other bytes in the place of what was already written
    └── DisclosureError     a field that is hidden, erased, or not the one that was committed

The text says what is wrong, where, why, and what to do next.
"""

from __future__ import annotations

from placet.errors import PlacetError

__all__ = [
    "BadProofError",
    "BadSignatureError",
    "DisclosureError",
    "ForkError",
    "InconsistentError",
    "LedgerError",
    "MalformedError",
    "MissingError",
    "OverwriteError",
    "RollbackError",
    "UnfitError",
    "WrongContentError",
]


class LedgerError(PlacetError):
    """The root of what can be wrong with a ledger, a proof or a disclosure."""


class MalformedError(LedgerError):
    """Bytes that are not in the format they should be in."""


class UnfitError(LedgerError):
    """A key, a policy, a salt or a size that must not be used in this way."""


class BadSignatureError(LedgerError):
    """A signature that is missing, of no known key, or not over this text."""


class BadProofError(LedgerError):
    """A proof that does not lead to the root it should lead to."""


class InconsistentError(LedgerError):
    """Two statements of one log that cannot both be true."""


class ForkError(InconsistentError):
    """Two trees of one log, neither of which continues the other."""


class RollbackError(InconsistentError):
    """A tree smaller than one that is already known."""


class WrongContentError(LedgerError):
    """An entry or a tile that the signed root does not cover; `path` and `index` say which."""

    def __init__(self, text: str, *, path: str = "", index: int | None = None) -> None:
        self.path = path
        self.index = index
        super().__init__(text)


class MissingError(LedgerError):
    """An entry, a tile or a checkpoint that is not there; `path` says which."""

    def __init__(self, text: str, *, path: str = "") -> None:
        self.path = path
        super().__init__(text)


class OverwriteError(LedgerError):
    """Other bytes in the place of what was already written."""


class DisclosureError(LedgerError):
    """A field that is hidden or erased, or a disclosure that is not of the entry committed to."""
