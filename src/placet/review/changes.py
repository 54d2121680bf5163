"""Acts on no case: what they change in the context, and which permits fall with it (rule 8).

Every act makes the next version of the context out of the one before it, in plain text, and the
real loaders read it again: nothing that does not hold together is ever accepted. Whatever a
permit rested on before the act and no longer rests on after it suspends the permit, in the same
act, unless a written carve-out spares it. Acts on the record (an erasure, other semantics, the
next key) leave registry and books as they were, and make the next version all the same: what was
signed for one is signed for no other (record 38).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from placet.registry import Duty
from placet.review.case import Case, Move
from placet.review.commands import (
    AnnouncePolicy,
    Appoint,
    Begin,
    Command,
    ContextChange,
    Dismiss,
    RegisterKey,
    RetireKey,
)
from placet.review.context import Context, load_context
from placet.review.errors import ClockError, RepeatedError, StageError
from placet.review.event import Event
from placet.review.falling import what_ends, with_suspensions
from placet.review.grounds import Footing
from placet.review.lawful import Desk, lawful
from placet.review.rewriting import must_be_plain, rewritten

__all__ = ["change", "changed", "suspended"]

_ENDS_NOTHING = (AnnouncePolicy, Appoint, Dismiss, RegisterKey, RetireKey)
"""Acts that end no ground: a consent outlives the term and the keys of whoever gave it."""


def change(
    context: Context | None,
    command: Command,
    actor: str,
    at: datetime,
    cases: Mapping[str, Case],
    office: str | None = None,
) -> tuple[Event, Context]:
    """Do an act on the context; return it and the context after it.

    Of what an erasure erases nothing is looked at here (`erasing`); nor whether a key is one.

    Args:
        context: the context as it stands; None before the log begins.
        command: what is asked to be done: `Begin`, a `ContextChange`, or an act on the record.
        actor: the person signed in.
        at: the present moment.
        cases: every case that has a permit not yet ended, by id.
        office: in which they act alone; None where all that they hold count.

    Raises:
        ReviewError: the rules do not allow it; says what is missing.
        ScenarioError: the changed context would not hold together; with every problem found.
    """
    if isinstance(command, Begin):
        return _begin(context, command, actor, at)
    if context is None:
        raise StageError("The log has not begun; begin it with a first context.")
    context.must_be_in_time(at)
    established = lawful(Desk(context, actor, at, office), command)
    after = changed(context, Event(command, actor, at))
    ends = _ends(context, after, command, at, cases) if isinstance(command, ContextChange) else {}
    touched = {each["case"] for every in ends.values() for each in every}
    for each in sorted(touched):
        _must_be_in_time(cases[each], at)
    found = {**established, "context": after.digest, **ends}
    return Event(command, actor, at, None, found, tuple(sorted(touched)), office), after


def _begin(
    context: Context | None, command: Begin, actor: str, at: datetime
) -> tuple[Event, Context]:
    if context is not None:
        raise RepeatedError("The log has begun; its first context is only ever changed by acts.")
    must_be_plain(command.registry, "The registry")
    for index, book in enumerate(command.books):
        must_be_plain(book, f"Book {index + 1}")
    first = changed(None, Event(command, actor, at))
    Desk(first, actor, at).must_have(Duty.AUTHORITY)
    return Event(command, actor, at, None, {"context": first.digest}), first


def changed(context: Context | None, event: Event) -> Context:
    """Return the context after an act that was done; the same act gives the same context.

    Raises:
        ScenarioError: it does not hold together; with every problem found.
    """
    plain = None if context is None else context.plain
    version = 0 if context is None else context.version
    return load_context(version + 1, rewritten(plain, event.command, event.actor, event.at))


def _ends(
    before: Context,
    after: Context,
    command: ContextChange,
    at: datetime,
    cases: Mapping[str, Case],
) -> dict[str, Any]:
    """Return which permits the act suspends and spares, at its moment and on days to come."""
    pairs = (
        (Footing(case, before, at), Footing(case, after, at)) for _, case in sorted(cases.items())
    )
    now = () if isinstance(command, _ENDS_NOTHING) else pairs
    return what_ends(now, command.except_permits, command.carve_out, ahead=True)


def _must_be_in_time(case: Case, at: datetime) -> None:
    if at < case.last:
        raise ClockError(
            f"The clock says {at.isoformat()}, which is before the last act on a case that it "
            "touches: it was set back. Set the clock right."
        )


def suspended(case: Case, event: Event) -> Case:
    """Apply an act on the context to a case that it touches: its permits are suspended or spared.

    The case's time line says that it was touched and by which kind of act, not by what in it:
    a policy may be undeclared.
    """
    moved = with_suspensions(case, event)
    move = Move(kind=event.command.kind, person=event.actor, at=event.at, office=event.office)
    return moved.model_copy(
        update={"version": case.version + 1, "last": event.at, "moves": (*case.moves, move)}
    )
