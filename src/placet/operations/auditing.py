"""Auditing: every act of a log is done again, and the result compared with what is on record.

    hashes → signatures → authority and evidence → the act itself → the state it leads to

Audit reads the log from entry 0. It rebuilds each command from what the entry says, has the same
person do it again at the same moment, on the state to which the entries before lead, and compares
byte for byte (DESIGN §4). It shares no code with what writes. Entries may be added meanwhile: the
state is compared as it was when the audit began.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from pydantic import ValidationError

from placet.errors import PlacetError
from placet.ledger import (
    EMPTY_ROOT,
    FULL,
    JSON,
    Entry,
    LedgerError,
    SignedCheckpoint,
    VerifierKey,
    open_checkpoint,
)
from placet.operations.acting import check_evidence
from placet.operations.audit_ahead import Ahead
from placet.operations.audit_report import AuditReport, Explained, Finding, Verdict
from placet.operations.audit_shards import Shards
from placet.operations.audit_state import StateOnFile, StatusLists
from placet.operations.audit_tree import TreeCheck
from placet.operations.ports import EntryOnFile, Reading
from placet.operations.reperforming import (
    Item,
    Outcome,
    WrongError,
    entry_of,
    event_of,
    opened,
    same,
)
from placet.permit import PermitVerifierKey
from placet.review import (
    CONTEXT_COMMANDS,
    RECORD_COMMANDS,
    Context,
    Event,
    change,
    changed,
    load_context,
    record_act,
)
from placet.review.commands import Begin

__all__ = ["audit"]

Progress = Callable[[int, int], None]

WORTH_SPREADING = 2_000
"""From how many entries on it pays to start other processes."""

_STATUS_LIST = "status-list"
_PLACET = "placet"


def audit(
    reading: Reading,
    origin: str,
    log_keys: Collection[VerifierKey],
    *,
    permit_keys: Collection[PermitVerifierKey] = (),
    check: bytes | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> AuditReport:
    """Audit a log and the state beside it.

    Args:
        reading: reads everything, whoever it concerns.
        origin: the name of the log.
        log_keys: its keys, known to whoever audits, not taken from the database.
        permit_keys: the keys that sign its permits; without any, tokens are not checked.
        check: a checkpoint kept outside: whoever holds the log's key can rewrite a log, and
            only what somebody else has kept shows it.
        workers: in how many processes acts are done again, where there are enough of them.
        progress: is told how many entries of how many are done.

    Raises:
        LedgerError: `check` is no checkpoint that these keys signed.
    """
    known = open_checkpoint(check, log_keys) if check is not None else None
    signed = reading.checkpoint()
    few = signed is None or signed.checkpoint.size < WORTH_SPREADING
    with Shards(origin, permit_keys, 1 if few else workers) as shards:
        auditing = _Audit(reading, origin, shards, known)
        if not permit_keys:
            auditing.notes.append("Without the permits' keys no token was checked.")
        return auditing.run(log_keys, permit_keys, progress)


@dataclass
class _Audit:
    """One audit under way. `context` is the context as the entries so far lead to it."""

    reading: Reading
    origin: str
    shards: Shards
    known: SignedCheckpoint | None
    context: Context | None = None
    gap: int | None = None
    tolerant: bool = False
    counts: Counter[Verdict] = field(default_factory=Counter)
    wrong: list[Finding] = field(default_factory=list)
    explained: list[Explained] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    waiting: list[tuple[list[Item], list[Future[list[Outcome]]]]] = field(default_factory=list)

    def run(
        self,
        log_keys: Collection[VerifierKey],
        permit_keys: Collection[PermitVerifierKey],
        progress: Progress | None,
    ) -> AuditReport:
        self.ahead = Ahead(self.reading)
        signed = self._begin(permit_keys)
        size = signed.checkpoint.size if signed is not None else 0
        tree = TreeCheck(self.reading, log_keys, self.known, size)
        for entries, broken in _bundles(self.reading, size):
            self._bundle(tree, entries, broken)
            if self.wrong:
                break
            if progress is not None:
                progress(self.done, size)
        else:
            self._conclude(tree, size)
        self._collect()
        root = signed.checkpoint.root if signed is not None else EMPTY_ROOT
        return AuditReport(
            self.origin,
            size,
            root,
            sum(self.counts.values()),
            dict(self.counts),
            tuple(sorted(self.wrong, key=_place)),
            tuple(sorted(self.explained, key=lambda each: each.index)),
            tuple(self.notes),
        )

    @property
    def done(self) -> int:
        return sum(self.counts.values())

    def _begin(self, permit_keys: Collection[PermitVerifierKey]) -> SignedCheckpoint | None:
        """Read the state beside the log, then how far the log goes."""
        try:
            self.state = StateOnFile.read(self.reading)
            self.lists = StatusLists(self.origin, self.state, permit_keys)
            return self.reading.checkpoint()
        except (PlacetError, ValidationError) as error:
            self.wrong.append(Finding(None, f"What the database has cannot be read: {error}"))
            self.state = StateOnFile()
            self.lists = StatusLists(self.origin, self.state, ())
            return None

    # --- entries

    def _bundle(self, tree: TreeCheck, entries: Sequence[EntryOnFile], broken: str) -> None:
        """Check a bundle of entries as leaves, then do them again as far as they are sure."""
        start = entries[0].index if entries else self.done
        found = Finding(start + len(entries), broken) if broken else tree.take(entries)
        end = None
        if found is not None and found.index is not None:
            end = found.index if found.until is None else found.until + 1
        items: list[Item] = []
        for each in entries:
            if (end is not None and each.index >= end) or self._first_wrong() is not None:
                break
            self._entry(each, items)
        self._dispatch(items)
        if found is not None:
            self._collect()
            self.wrong.append(found)

    def _first_wrong(self) -> Finding | None:
        return self.wrong[0] if self.wrong else None

    def _entry(self, each: EntryOnFile, items: list[Item]) -> None:
        """Put an entry with those to be done again, or do one that concerns no single case."""
        if each.body is None:
            says = "nothing stands behind it: a body is never deleted, only erased by an act."
            self._settle([Outcome(each.index, Verdict.WRONG, says)])
            return
        fields = opened(each.body)
        case, version = fields["case"], fields["case_version"]
        if isinstance(case, str) and isinstance(version, int):
            on_file = self.state.moved(case, version + 1, each.index)
            items.append(Item(each.index, each.leaf, each.body, on_file))
            return
        if fields["kind"] != _STATUS_LIST:
            self._dispatch(items)
            items.clear()
            self._collect()
            if self.wrong:
                return
        try:
            outcome = self._whole(each.index, *entry_of(each.body, each.leaf))
        except PlacetError as error:
            outcome = Outcome(each.index, Verdict.WRONG, str(error))
        self._settle([outcome])

    def _dispatch(self, items: Sequence[Item]) -> None:
        """Have entries done again; what was handed out before is settled meanwhile."""
        if items:
            handed = self.shards.take(items, tolerant=self.tolerant)
            self.waiting.append((list(items), handed))
        while len(self.waiting) > 1:
            self._collect_one()

    def _collect(self) -> None:
        while self.waiting:
            self._collect_one()

    def _collect_one(self) -> None:
        items, handed = self.waiting.pop(0)
        outcomes = [outcome for each in handed for outcome in each.result()]
        differing = any(each.verdict is Verdict.DIFFERS for each in outcomes)
        if differing and not self.tolerant and self.ahead.changes:
            outcomes = self._tolerated(items, outcomes)
        self._settle(sorted(outcomes, key=lambda each: each.index))

    def _tolerated(self, items: list[Item], outcomes: list[Outcome]) -> list[Outcome]:
        """Go on from what entries say: the log has acts that changed the semantics."""
        self.tolerant = True
        for more, handed in self.waiting:
            items.extend(more)
            outcomes.extend(outcome for each in handed for outcome in each.result())
        self.waiting.clear()
        sure = [each for each in outcomes if each.verdict is not Verdict.DIFFERS]
        settled = {each.index for each in sure}
        rest = [each for each in items if each.index not in settled]
        again = self.shards.take(rest, tolerant=True)
        return [*sure, *(outcome for each in again for outcome in each.result())]

    def _settle(self, outcomes: Iterable[Outcome]) -> None:
        """Give every entry its verdict."""
        for each in outcomes:
            verdict, by = self._judged(each)
            self.counts[verdict] += 1
            if by is not None:
                self.explained.append(Explained(each.index, verdict, by, each.says))
            elif verdict is Verdict.WRONG:
                says = each.says
                if each.verdict is Verdict.ERASED:
                    gone = ", ".join(sorted(each.erased)) or f"what entry {each.cause} said"
                    says = f"{gone} is gone from it, and no act erased it."
                self.wrong.append(Finding(each.index, says))

    def _judged(self, outcome: Outcome) -> tuple[Verdict, int | None]:
        """Return the verdict, and which entry explains it where it is no reproduction."""
        by: int | None = None
        match outcome.verdict:
            case Verdict.DIFFERS:
                by = self.ahead.change_behind(outcome.index)
            case Verdict.ERASED:
                cause = outcome.index if outcome.cause is None else outcome.cause
                by = self.ahead.erasure_of(cause, frozenset())
                if self.ahead.erasure_of(outcome.index, outcome.erased) is None:
                    by = by if not outcome.erased else None
            case verdict:
                return verdict, None
        return (Verdict.WRONG if by is None else outcome.verdict), by

    # --- acts that concern no single case

    def _whole(self, index: int, entry: Entry, erased: frozenset[str]) -> Outcome:
        """Do an act again that concerns the context, the record, or the status list."""
        if entry.kind == _STATUS_LIST:
            return self._list(index, entry, erased)
        version = self.context.version if self.context is not None else 0
        if entry.context_version != version:
            raise WrongError(
                f"it builds on version {entry.context_version} of the context, "
                f"which is at {version}."
            )
        if entry.kind in CONTEXT_COMMANDS:
            return self._context_act(index, entry, erased)
        if entry.kind in RECORD_COMMANDS:
            return self._record_act(index, entry, erased)
        raise WrongError(f"there is no act {entry.kind[:80]!r} without a case.")

    def _list(self, index: int, entry: Entry, erased: frozenset[str]) -> Outcome:
        """Note a version of the status list; the signer of lists is no person."""
        version = self.context.version if self.context is not None else 0
        if erased or entry.actor != _PLACET or entry.context_version > version:
            raise WrongError("it lists a status list and is not as the signer of lists writes it.")
        self.lists.take(index, entry.payload)
        return Outcome(index, Verdict.REPRODUCED)

    def _record_act(self, index: int, entry: Entry, erased: frozenset[str]) -> Outcome:
        if self.context is None:
            raise WrongError("the log had not begun.")
        if erased - {"evidence"}:
            return Outcome(index, Verdict.ERASED, "it moved no case", index, erased)
        recorded = event_of(entry)
        if not erased:
            check_evidence(self.origin, recorded, entry.evidence, None, self.context)
        event = record_act(self.context, recorded.command, recorded.actor, recorded.at)
        if not same(event.payload, entry.payload):
            raise WrongError(f"done again, the act {entry.kind} comes to something else.")
        self.ahead.must_be_done(index, recorded.command)
        return _reproduced(index, erased)

    def _context_act(self, index: int, entry: Entry, erased: frozenset[str]) -> Outcome:
        version = entry.context_version + 1
        if erased - {"evidence"}:
            self.gap = index
            self._go_on_in(load_context(version, self.state.context_on_file(version)))
            says = f"version {version} of the context is taken as it is on file"
            return Outcome(index, Verdict.ERASED, says, index, erased)
        recorded = event_of(entry)
        differs, after = self._changed(recorded, entry.payload)
        if not erased:
            context = self.context or after
            check_evidence(self.origin, recorded, entry.evidence, None, context)
        if differs and not self.ahead.changes:
            raise WrongError(differs)
        self.state.compare_context(after, index)
        self._go_on_in(after)
        on_file = {name: self.state.touched(name, index) for name in recorded.touches}
        held = {name: each for name, each in on_file.items() if each is not None}
        for outcome in self.shards.touch(recorded, index, held):
            raise WrongError(outcome.says)
        if differs:
            return Outcome(index, Verdict.DIFFERS, differs)
        return _reproduced(index, erased)

    def _go_on_in(self, context: Context) -> None:
        self.context = context
        self.shards.go_on_in(context, self.gap)

    def _changed(self, recorded: Event, payload: JSON) -> tuple[str, Context]:
        """Do an act on the context again; say in what it differs, and return the context after."""
        command = recorded.command
        if isinstance(command, Begin) and command.origin != self.origin:
            raise WrongError(f"it begins the log {command.origin}, not {self.origin}.")
        cases, lost = self.shards.permitted(), self.shards.lost()
        try:
            event, after = change(self.context, command, recorded.actor, recorded.at, cases)
        except PlacetError as error:
            says = f"the act {command.kind} could not have been done: {error}"
            return says, changed(self.context, recorded)
        if same(_without(event.payload, lost), _without(payload, lost)):
            return "", after
        return f"done again, the act {command.kind} comes to something else.", after

    # --- the end

    def _conclude(self, tree: TreeCheck, size: int) -> None:
        """Compare what only the end of the log can tell."""
        self._collect()
        if self.wrong:
            return
        found = tree.conclude()
        if found is not None:
            self.wrong.append(found)
        for each in islice(self.reading.entries(size), 1):
            signed = self.reading.checkpoint()
            if signed is None or signed.checkpoint.size <= each.index:
                self.wrong.append(Finding(each.index, "no signed checkpoint covers it."))
        unsettled = _unsettled(self.reading, size)
        if unsettled:
            self.notes.append(
                "Acts were recorded while the audit ran, or wait for a number; what they moved "
                "was not compared. Audit again."
            )
        doubtful = unsettled or self.gap is not None
        self.wrong.extend(self.state.conclude(doubtful=doubtful))
        self.wrong.extend(self.lists.conclude(doubtful=doubtful))
        if self.ahead.present_semantics_differ:
            self.notes.append("The log was last determined under other semantics than these.")


def _reproduced(index: int, erased: frozenset[str]) -> Outcome:
    if not erased:
        return Outcome(index, Verdict.REPRODUCED)
    says = "its evidence is gone; the act itself was done again"
    return Outcome(index, Verdict.ERASED, says, index, erased)


def _without(payload: JSON, lost: frozenset[str]) -> dict[str, Any]:
    """Leave out of an act on the context what it did to cases whose state cannot be known."""
    match payload:
        case {"command": command, "found": dict(found), "touches": list(touches)}:
            listed: Mapping[str, Any] = {
                name: [one for one in each if one["case"] not in lost]
                for name, each in found.items()
                if name in ("suspends", "spared")
            }
            left = [each for each in touches if each not in lost]
            return {"command": command, "found": {**found, **listed}, "touches": left}
    raise WrongError("its payload is not that of an act.")


def _unsettled(reading: Reading, size: int) -> bool:
    """Say whether there is more on record than the audit has looked at."""
    signed = reading.checkpoint()
    return reading.unnumbered() > 0 or (signed is not None and signed.checkpoint.size > size)


def _bundles(reading: Reading, size: int) -> Iterator[tuple[list[EntryOnFile], str]]:
    """Yield the entries below a size bundle by bundle, and why reading ended where it did."""
    entries = reading.entries(0, size)
    for _ in range(0, size, FULL):
        bundle: list[EntryOnFile] = []
        try:
            bundle.extend(islice(entries, FULL))
        except LedgerError as error:
            yield bundle, f"what stands behind it cannot be read: {error}"
            return
        yield bundle, ""


def _place(finding: Finding) -> tuple[bool, int]:
    return finding.index is None, finding.index or 0
