"""What a person can ask to be done: one command is one act, and one entry of the log.

A command says what is wanted and nothing about who wants it: the actor is whoever is
signed in (DESIGN §3, rule 2). Ids, references and indices that must be unpredictable are
drawn by whoever builds the command, so that performing it again gives the same event.
One module for each of those who act.
"""

from __future__ import annotations

from types import ModuleType

from placet.review.commands import advisers, applicant, context, deciders, officer, permits, record
from placet.review.commands.advisers import Advise, Countersign, Dissent, Recuse
from placet.review.commands.applicant import (
    Appeal,
    CorrectUse,
    ReportUse,
    Submit,
    Supply,
    Surrender,
    Withdraw,
)
from placet.review.commands.command import (
    PLACES,
    Attachment,
    Command,
    Digest,
    Verdict,
    Words,
)
from placet.review.commands.context import (
    AdoptPolicy,
    AnnouncePolicy,
    Appoint,
    Begin,
    ContextChange,
    Delegate,
    Dismiss,
    EndPolicy,
    RecordFact,
    RegisterKey,
    RetireKey,
    ReviseBook,
    RevokeDelegation,
)
from placet.review.commands.deciders import (
    BreakGlass,
    Decide,
    DismissAppeal,
    RecordAssurance,
    RecordConsent,
    Retract,
    ReviewAfter,
    WithdrawConsent,
)
from placet.review.commands.officer import (
    AskApplicant,
    Assign,
    Close,
    Determine,
    Escalate,
    Fulfil,
    Lapse,
    Reconsider,
    Return,
    SetDeadline,
)
from placet.review.commands.permits import (
    Amend,
    CheckEndUse,
    Issue,
    Lift,
    ResolveViolation,
    Revoke,
    Suspend,
)
from placet.review.commands.record import ChangeSemantics, Erase, RotateKey

__all__ = [
    "CASE_COMMANDS",
    "CONTEXT_COMMANDS",
    "NO_CASE_COMMANDS",
    "PLACES",
    "RECORD_COMMANDS",
    "AdoptPolicy",
    "Advise",
    "Amend",
    "AnnouncePolicy",
    "Appeal",
    "Appoint",
    "AskApplicant",
    "Assign",
    "Attachment",
    "Begin",
    "BreakGlass",
    "ChangeSemantics",
    "CheckEndUse",
    "Close",
    "Command",
    "ContextChange",
    "CorrectUse",
    "Countersign",
    "Decide",
    "Delegate",
    "Determine",
    "Digest",
    "Dismiss",
    "DismissAppeal",
    "Dissent",
    "EndPolicy",
    "Erase",
    "Escalate",
    "Fulfil",
    "Issue",
    "Lapse",
    "Lift",
    "Reconsider",
    "RecordAssurance",
    "RecordConsent",
    "RecordFact",
    "Recuse",
    "RegisterKey",
    "ReportUse",
    "ResolveViolation",
    "RetireKey",
    "Retract",
    "Return",
    "ReviewAfter",
    "ReviseBook",
    "Revoke",
    "RevokeDelegation",
    "RotateKey",
    "SetDeadline",
    "Submit",
    "Supply",
    "Surrender",
    "Suspend",
    "Verdict",
    "Withdraw",
    "WithdrawConsent",
    "Words",
]


def _kinds(*modules: ModuleType) -> dict[str, type[Command]]:
    """Return the commands of some modules by kind, in the order in which they are written."""
    return {
        each.kind: each
        for module in modules
        for each in vars(module).values()
        if isinstance(each, type)
        and issubclass(each, Command)
        and each.kind
        and each.__module__ == module.__name__
    }


CASE_COMMANDS: dict[str, type[Command]] = _kinds(applicant, officer, advisers, deciders, permits)
"""Commands on one case, by kind."""

CONTEXT_COMMANDS: dict[str, type[Command]] = _kinds(context)
"""Commands that change the context, by kind."""

RECORD_COMMANDS: dict[str, type[Command]] = _kinds(record)
"""Commands about the log itself, by kind."""

NO_CASE_COMMANDS: dict[str, type[Command]] = {**CONTEXT_COMMANDS, **RECORD_COMMANDS}
"""Commands on no case, by kind: each makes the next version of the context."""
