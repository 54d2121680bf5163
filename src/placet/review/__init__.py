"""The review: the case as the fold of its events; commands that return an event or say why not.

Pure: no clock, no database, no cryptography; time, ids and random references
are arguments, and evidence comes verified (DESIGN §3).
"""

from placet.review.case import Case, Determined, Ground, PermitOnFile, PermitStage, Stage
from placet.review.changes import change, changed, suspended
from placet.review.commands import (
    CASE_COMMANDS,
    CONTEXT_COMMANDS,
    NO_CASE_COMMANDS,
    RECORD_COMMANDS,
    Command,
)
from placet.review.context import Context, load_context
from placet.review.errors import (
    NoAuthorityError,
    NotAllowedError,
    OwedError,
    RepeatedError,
    ReviewError,
    StageError,
    StaleError,
    TwoRolesError,
    UndisclosedError,
    UnknownError,
    UnlawfulError,
    UnreadableError,
)
from placet.review.event import Event, command_of, model_of, payload_of
from placet.review.fold import fold
from placet.review.perform import perform
from placet.review.statement import decides_for, needs_signature, statement_fields
from placet.review.validity import Validity, validity
from placet.review.viewer import Viewer, viewer

__all__ = [
    "CASE_COMMANDS",
    "CONTEXT_COMMANDS",
    "NO_CASE_COMMANDS",
    "RECORD_COMMANDS",
    "Case",
    "Command",
    "Context",
    "Determined",
    "Event",
    "Ground",
    "NoAuthorityError",
    "NotAllowedError",
    "OwedError",
    "PermitOnFile",
    "PermitStage",
    "RepeatedError",
    "ReviewError",
    "Stage",
    "StageError",
    "StaleError",
    "TwoRolesError",
    "UndisclosedError",
    "UnknownError",
    "UnlawfulError",
    "UnreadableError",
    "Validity",
    "Viewer",
    "change",
    "changed",
    "command_of",
    "decides_for",
    "fold",
    "load_context",
    "model_of",
    "needs_signature",
    "payload_of",
    "perform",
    "statement_fields",
    "suspended",
    "validity",
    "viewer",
]
