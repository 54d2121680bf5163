"""Doing acts again that concern no single case: on the context, on the record, the status list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from placet.errors import PlacetError
from placet.ledger import JSON, Entry
from placet.operations.acting.act import check_evidence
from placet.operations.acting.keys_on_record import must_name_keys
from placet.operations.auditing.ahead import Ahead
from placet.operations.auditing.entries import WrongError, event_of, same
from placet.operations.auditing.keys import KeyHistory
from placet.operations.auditing.lists import StatusLists
from placet.operations.auditing.reperforming import Redone
from placet.operations.auditing.report import AuditVerdict
from placet.operations.auditing.shards import Shards
from placet.operations.auditing.state import StateOnFile
from placet.review import (
    NO_CASE_COMMANDS,
    Case,
    Command,
    Context,
    Event,
    UnknownError,
    change,
)
from placet.review.commands import Begin, Erase
from placet.review.erasing import must_be_erasable
from placet.review.falling import OF_PERMITS
from placet.review.lawful import Desk

__all__ = ["STATUS_LIST", "Whole"]

STATUS_LIST = "status-list"
"""The kind of the entries that log a version of the status list."""

_PLACET = "placet"


@dataclass
class Whole:
    """The context as the entries so far lead to it, and what it is compared with."""

    origin: str
    shards: Shards
    ahead: Ahead
    state: StateOnFile
    lists: StatusLists
    keys: KeyHistory
    context: Context | None = None
    changed_at: datetime | None = None

    def again(self, index: int, entry: Entry, erased: frozenset[str]) -> Redone:
        """Do an act again.

        Raises:
            PlacetError: it does not follow; says why.
        """
        if entry.kind == STATUS_LIST:
            return self._list(index, entry, erased)
        version = self.context.version if self.context is not None else 0
        if entry.context_version != version:
            raise WrongError(
                f"it builds on version {entry.context_version} of the context, "
                f"which is at {version}."
            )
        if entry.kind in NO_CASE_COMMANDS:
            return self._context_act(index, entry, erased)
        raise WrongError(f"there is no act {entry.kind[:80]!r} without a case.")

    def _list(self, index: int, entry: Entry, erased: frozenset[str]) -> Redone:
        """Note a version of the status list; the signer of lists is no person."""
        version = self.context.version if self.context is not None else 0
        if erased or entry.actor != _PLACET or entry.context_version > version:
            raise WrongError("it lists a status list and is not as the signer of lists writes it.")
        self.lists.take(index, entry.payload, entry.time)
        return Redone(index, AuditVerdict.REPRODUCED)

    def _context_act(self, index: int, entry: Entry, erased: frozenset[str]) -> Redone:
        if gone := sorted(erased - {"evidence"}):
            raise WrongError(
                f"{', '.join(gone)} of an act on no case is gone: no act erases that, and who may "
                "do what from here on cannot be known."
            )
        recorded = event_of(entry)
        differs, after = self._changed(recorded, entry.payload)
        must_name_keys(recorded.command, after)
        kind = self._evidence(recorded, entry, self.context or after) if not erased else None
        self._erasing(index, recorded)
        self.keys.take(index, recorded.command)
        self.state.compare_context(after, index)
        self.context, self.changed_at = after, entry.time
        self.shards.go_on_in(after)
        on_file = {name: self.state.touched(name, index) for name in recorded.touches}
        held = {name: each for name, each in on_file.items() if each is not None}
        for outcome in self.shards.touch(recorded, index, held):
            if outcome.verdict is AuditVerdict.WRONG:
                raise WrongError(outcome.says)
            self.lists.note(outcome)
        if differs:
            return Redone(index, AuditVerdict.DIFFERS, differs, evidence=kind)
        return _reproduced(index, erased, kind)

    def _erasing(self, index: int, recorded: Event) -> None:
        """Make sure that what an act erased is gone, and that it could be; note which entry's."""
        command = recorded.command
        if not isinstance(command, Erase) or self.context is None:
            return
        desk = Desk(self.context, recorded.actor, recorded.at, recorded.office)
        must_be_erasable(desk, command, self.ahead.left_by(index, command).shown)
        self.state.erasures[index] = command.entry

    def _evidence(self, recorded: Event, entry: Entry, context: Context) -> str:
        """Check the evidence of an act on no case; return of which kind it is."""
        return check_evidence(self.origin, recorded, entry.evidence, None, context).kind

    def _changed(self, recorded: Event, payload: JSON) -> tuple[str, Context]:
        """Do an act on the context again; say in what it differs, and return the context after.

        Other semantics can explain only that it ended other grounds of those that are judged.
        """
        command = recorded.command
        if isinstance(command, Begin) and command.origin != self.origin:
            raise WrongError(f"it begins the log {command.origin}, not {self.origin}.")
        cases, lost = self.shards.permitted(), self.shards.lost()
        try:
            event, after = self._done_again(recorded, cases)
        except PlacetError as error:
            says = f"the act {command.kind} could not have been done: {error}"
            raise WrongError(says) from error
        differs = f"done again, the act {command.kind} comes to something else."
        if same(_without(event.payload, lost), _without(payload, lost)):
            return "", after
        if not same(_not_judged(event.payload, lost), _not_judged(payload, lost)):
            raise WrongError(differs)
        return differs, after

    def _done_again(self, recorded: Event, cases: Mapping[str, Case]) -> tuple[Event, Context]:
        """Do an act again; what was judged otherwise then, it may have spared a permit."""
        who = recorded.actor, recorded.at, cases, recorded.office
        try:
            return change(self.context, recorded.command, *who)
        except UnknownError:
            lesser = _sparing_none_that_is_judged(recorded)
            if lesser == recorded.command:
                raise
        event, after = change(self.context, lesser, *who)
        return replace(event, command=recorded.command), after


def _sparing_none_that_is_judged(recorded: Event) -> Command:
    """Return a command that spares no permit of which all that it spared was judged."""
    spared = recorded.found.get("spared", ())
    facts = {each["permit"] for each in spared if each["ground"]["kind"] not in _JUDGED}
    judged = {each["permit"] for each in spared} - facts
    named = getattr(recorded.command, "except_permits", ())
    left = tuple(each for each in named if each not in judged)
    fewer = {"except_permits": left} | ({} if left else {"carve_out": None})
    return recorded.command.model_copy(update=fewer) if left != named else recorded.command


def _reproduced(index: int, erased: frozenset[str], kind: str | None) -> Redone:
    if not erased:
        return Redone(index, AuditVerdict.REPRODUCED, evidence=kind)
    says = "its evidence is gone; the act itself was done again"
    return Redone(index, AuditVerdict.ERASED, says, index, erased)


def _without(payload: JSON, lost: frozenset[str]) -> dict[str, Any]:
    """Leave out of an act on the context what it did to cases whose state cannot be known."""
    match payload:
        case {"command": command, "found": dict(found), "touches": list(touches), **rest}:
            listed: Mapping[str, Any] = {
                name: [one for one in each if one["case"] not in lost]
                for name, each in found.items()
                if name in OF_PERMITS
            }
            left = [each for each in touches if each not in lost]
            whole = {"command": command, "found": {**found, **listed}, "touches": left}
            return whole | {str(name): each for name, each in rest.items()}
    raise WrongError("its payload is not that of an act.")


_JUDGED = frozenset({"service", "standing-authorisation"})
"""The kinds of grounds of which the judgement says whether they hold; of all others facts do."""


def _not_judged(payload: JSON, lost: frozenset[str]) -> dict[str, Any]:
    """Leave out of an act on the context what it did to grounds that are judged.

    In place of the cases it touches stand those that it names alone, there or in what it did.
    """
    whole = _without(payload, lost)
    found = whole["found"]
    did = {name: each for name, each in found.items() if name in OF_PERMITS}
    named = {one["case"] for each in did.values() for one in each}
    left = {
        name: [one for one in each if one["ground"]["kind"] not in _JUDGED]
        for name, each in did.items()
    }
    odd = sorted(named.symmetric_difference(whole["touches"]))
    return {**whole, "found": {**found, **left}, "touches": odd}
