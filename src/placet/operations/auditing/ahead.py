"""What an audit looks up ahead: acts that explain why an earlier entry cannot be done again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain

from placet.determination import SEMANTICS, earlier_semantics
from placet.ledger import Body, Erased, LedgerError
from placet.operations.auditing.entries import WrongError, opened
from placet.operations.ports import EntryUnread, Reading
from placet.review import RECORD_COMMANDS, Command, ReviewError, command_of
from placet.review.commands import ChangeSemantics, Erase

__all__ = ["Ahead"]


class Ahead:
    """The acts on the record itself, in the whole log; looked for when the first is asked for.

    `queue` are those that waited for a number when the audit began, at the places they will have.
    """

    def __init__(self, reading: Reading, queue: Iterable[EntryUnread] = ()) -> None:
        self._reading = reading
        self._queue = queue

    @cached_property
    def changes(self) -> tuple[tuple[int, str], ...]:
        """Every change of semantics: the entry, and the version that holds from there on."""
        found = ((index, act) for index, act in self._acts if isinstance(act, ChangeSemantics))
        return tuple((index, act.to) for index, act in found)

    @property
    def present_semantics_differ(self) -> bool:
        """Whether the last change of semantics came to others than those of this program.

        It is known only where something made it necessary to look.
        """
        looked = "changes" in self.__dict__
        return looked and bool(self.changes) and self.changes[-1][1] != SEMANTICS

    def change_behind(self, index: int) -> int | None:
        """Return the change that explains why an entry differs under present semantics."""
        before = [each for each in self.changes if each[0] < index]
        if before:
            entry, to = before[-1]
            return entry if to != SEMANTICS else None
        after = (entry for entry, _ in self.changes if entry > index and earlier_semantics())
        return next(after, None)

    def erasure_of(
        self, index: int, fields: frozenset[str], before: int | None = None
    ) -> int | None:
        """Return the first act that erased something of an entry, if acts erased these fields.

        `before` leaves out acts that were done since.
        """
        acts = [
            (entry, act)
            for entry, act in self._acts
            if isinstance(act, Erase)
            and act.entry == index
            and entry > index
            and (before is None or entry < before)
        ]
        erased = {field for _, act in acts for field in act.fields}
        return acts[0][0] if acts and fields <= erased else None

    def erases_documents(self, index: int, before: int) -> bool:
        """Say whether an act erased the documents of an entry, alone or with its payload."""
        either = (frozenset({"documents"}), frozenset({"payload"}))
        return any(self.erasure_of(index, each, before) is not None for each in either)

    def left_by(self, index: int, act: Erase) -> Body:
        """Return what an act left of the body that it erased something of.

        Raises:
            WrongError: what it erased is still there, or there never was such an entry.
        """
        for each in self._reading.entries(act.entry, act.entry + 1):
            if act.entry >= index or each.body is None:
                break
            fields = each.body.fields
            named = [name for name in act.fields if name != "documents"]
            left = [name for name in named if not isinstance(fields[name], Erased)]
            if left:
                raise WrongError(
                    f"it erased {', '.join(left)} of entry {act.entry}, and that is still there."
                )
            return each.body
        raise WrongError(f"it erased something of entry {act.entry}, which it could not.")

    @cached_property
    def _acts(self) -> tuple[tuple[int, Command], ...]:
        return tuple(self._look())

    def _look(self) -> Iterator[tuple[int, Command]]:
        """Go through the log; what cannot be read is said when the audit comes to it."""
        entries = chain(self._reading.entries(), (each.read() for each in self._queue))
        while True:
            try:
                each = next(entries, None)
            except LedgerError:
                return
            if each is None:
                return
            kind = opened(each.body)["kind"] if each.body is not None else None
            if each.body is None or kind not in RECORD_COMMANDS:
                continue
            match each.body.shown.get("payload"):
                case {"command": dict(command)}:
                    try:
                        yield each.index, command_of(str(kind), command)
                    except ReviewError:
                        return
