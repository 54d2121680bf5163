"""What can be wrong at the boundary to disk and database, as one tree, split by what is wrong.

    StoreError
    ├── DataFolderError     a folder that cannot be made, or that others could change
    ├── ServerError         the embedded PostgreSQL cannot start, or another process has it
    ├── DatabaseError       the database cannot be reached, or refuses
    │   └── RolesError          roles are missing, or may do more than they should
    ├── UnfitChangeError    what an act came to does not follow from what it was given
    ├── NotCoveredError     an act is on record, and no checkpoint covers it yet
    ├── SequencerHeldError  another process numbers the entries of this database
    ├── KeyFileError        a key's file is missing, unreadable, or open to others
    └── BehindCheckpointError   the database is behind what was signed: never go on from there

    UnfitValueError     what was asked holds what no database keeps: whoever asks must act

The text says what is wrong, where, why, and what to do next.
"""

from __future__ import annotations

from placet.errors import InstallationError, QuestionError

__all__ = [
    "BehindCheckpointError",
    "DataFolderError",
    "DatabaseError",
    "KeyFileError",
    "NotCoveredError",
    "RolesError",
    "SequencerHeldError",
    "ServerError",
    "StoreError",
    "UnfitChangeError",
    "UnfitValueError",
    "not_up_to_date",
]


class StoreError(InstallationError):
    """The root of what can be wrong with the data folder or the database."""


class DataFolderError(StoreError):
    """A folder that cannot be made, belongs to someone else, or that others could change."""


class ServerError(StoreError):
    """The embedded PostgreSQL is missing, taken by another process, too old, or does not start."""


class DatabaseError(StoreError):
    """The database cannot be reached, or refuses what it was asked."""


class RolesError(DatabaseError):
    """A role of the database is missing, or may do more than a role of Placet should."""


class UnfitChangeError(StoreError):
    """A change that does not follow from the case and context it was made on: a defect of ours."""


class NotCoveredError(StoreError):
    """An act is on record, and no checkpoint covers it yet; `ticket` is its place in the queue."""

    recorded = True
    told = (
        "What you did is on record and must not be repeated; it has no number yet, and gets one "
        "once whoever keeps Placet running has mended what is in its log."
    )

    def __init__(self, text: str, ticket: int) -> None:
        self.ticket = ticket
        super().__init__(text)


class SequencerHeldError(StoreError):
    """Another process is the sequencer of this database; there is one at a time."""


class KeyFileError(StoreError):
    """A key's file is missing, cannot be read or believed, or can be read by others."""


class BehindCheckpointError(StoreError):
    """The database lacks entries that were signed: it was restored, or something was removed."""


class UnfitValueError(QuestionError):
    """A text or number that no database keeps; nothing is written."""


def not_up_to_date(error: Exception) -> DatabaseError:
    """Return the error of a schema that could not be brought up to date."""
    return DatabaseError(
        f"The schema of the database could not be brought up to date: {str(error).rstrip('.')}. "
        "Nothing of the migration that failed was kept"
    )
