"""Auditing: every act of a log is done again, and the result compared with what is on record.

    hashes → signatures → authority and evidence → the act itself → the state it leads to

Audit reads the log from entry 0. It rebuilds each command from what the entry says, has the same
person do it again at the same moment, on the state to which the entries before lead, and compares
byte for byte (DESIGN §4). It shares no code with what writes. Entries may be added meanwhile: an
audit is of one moment, at which it reads the state. What waited for a number then is done again
after the log, in the order of the queue, so that every row has to follow from an act.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from itertools import islice

from pydantic import ValidationError

from placet.errors import PlacetError
from placet.evidence import DemonstrationEvidence
from placet.ledger import (
    EMPTY_ROOT,
    FULL,
    JSON,
    Body,
    VerifierKey,
    case_of,
    date_of,
    open_checkpoint,
)
from placet.operations.auditing.ahead import Ahead
from placet.operations.auditing.dates import Dates
from placet.operations.auditing.documents import DocumentsOnFile
from placet.operations.auditing.entries import (
    WrongError,
    documents_of,
    entry_of,
    opened,
    read_body,
)
from placet.operations.auditing.keys import KeyHistory, PermitKeys
from placet.operations.auditing.lists import StatusLists
from placet.operations.auditing.reperforming import Item, Redone
from placet.operations.auditing.report import AuditReport, AuditVerdict, Explained, Finding
from placet.operations.auditing.shards import Shards
from placet.operations.auditing.state import Promised, StateOnFile
from placet.operations.auditing.tree import TreeCheck
from placet.operations.auditing.whole import STATUS_LIST, Whole
from placet.operations.ports import EntryUnread, Reading
from placet.permit import PermitVerifierKey

__all__ = ["audit"]

Progress = Callable[[int, int], None]

AHEAD = 4
"""How many bundles are handed out before the first of them is waited for: none stands idle."""


def audit(
    reading: Reading,
    origin: str,
    log_keys: Collection[VerifierKey],
    *,
    permit_keys: Collection[PermitVerifierKey] = (),
    prepared: Collection[str] = (),
    check: bytes | None = None,
    promised: Promised | None = None,
    noted: Collection[str] = (),
    workers: int = 1,
    progress: Progress | None = None,
) -> AuditReport:
    """Audit a log and the state beside it.

    Args:
        reading: reads everything, whoever it concerns.
        origin: the name of the log.
        log_keys: its keys, the oldest first, known to whoever audits, not taken from the database.
            Of one that was changed, and does not say when, an audit finds only that another one
            signed in between.
        permit_keys: the keys that sign its permits; without any, tokens are not checked.
        prepared: the keys of both, as text, that were made and do not sign yet.
        check: a checkpoint kept outside: whoever holds the log's key can rewrite a log, and
            only what somebody else has kept shows it.
        promised: what was signed last, or was about to be, as the keys' folder has it. It is read
            before this is called: the log only goes on from there.
        noted: the digests of the claims of permits that were signed, or were about to be, as the
            keys' folder has them. They are read before this is called as well.
        workers: in how many processes acts are done again, where there are enough of them.
        progress: is told how many entries of how many are done.

    Raises:
        LedgerError: `check` is no checkpoint that these keys signed.
    """
    known = [open_checkpoint(check, log_keys).checkpoint] if check is not None else []
    keys = PermitKeys.of(permit_keys)
    history = KeyHistory.of(origin, log_keys, permit_keys, prepared)
    signers = [replace(each, until=None) for each in log_keys]  # how far each, `history` says
    with Shards(origin, keys, workers) as shards:
        auditing = _Audit(reading, history, shards, noted, progress)
        auditing.begin(keys)
        if promised is not None and not auditing.state.can_keep(promised):
            known.append(promised.checkpoint)
        auditing.run(TreeCheck(reading, signers, known, auditing.state.size))
    return auditing.report()


@dataclass
class _Audit:
    """One audit under way."""

    reading: Reading
    keys: KeyHistory
    shards: Shards
    noted: Collection[str]
    progress: Progress | None = None
    size: int = 0
    tolerant: bool = False
    counts: Counter[AuditVerdict] = field(default_factory=Counter)
    evidence: Counter[str | None] = field(default_factory=Counter)
    wrong: list[Finding] = field(default_factory=list)
    explained: list[Explained] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    misfiled: list[Finding] = field(default_factory=list)
    waiting: list[tuple[list[Item], list[Future[list[Redone]]]]] = field(default_factory=list)
    dates: Dates = field(default_factory=Dates)
    otherwise: list[Finding] = field(default_factory=list)

    def begin(self, permit_keys: PermitKeys) -> None:
        """Read the state beside the log, and how far the log goes."""
        if not permit_keys.held:
            self.notes.append("Without the permits' keys no token was checked.")
        try:
            self.otherwise = [Finding(None, each) for each in self.reading.structure()]
            early = self.reading.checkpoint()
            self.shards.expect(early.checkpoint.size if early is not None else 0)
            self.state = StateOnFile.read(self.reading)
        except (PlacetError, ValidationError) as error:
            self.wrong.append(Finding(None, f"What the database has cannot be read: {error}"))
            self.state, permit_keys = StateOnFile(), PermitKeys()
        self.lists = StatusLists(self.keys.origin, self.state, permit_keys)
        self.queue = _queued(self.state)
        self.ahead = Ahead(self.reading, self.queue)

    def run(self, tree: TreeCheck) -> None:
        """Go through the log until something does not follow, or to its end."""
        self.size = tree.size
        self.documents = DocumentsOnFile(self.state, self.ahead)
        self.whole = Whole(
            self.keys.origin, self.shards, self.ahead, self.state, self.lists, self.keys
        )
        for entries in _bundles(self.reading, tree.size):
            self._bundle(tree, entries)
            if self.wrong:
                break
        else:
            self._conclude(tree)
        self._collect()
        self.wrong.extend(self.otherwise)

    def report(self) -> AuditReport:
        """Say what was found."""
        context, signed = self.whole.context, self.state.heads.signed
        return AuditReport(
            origin=self.keys.origin,
            size=self.state.size,
            root=signed.checkpoint.root if signed is not None else EMPTY_ROOT,
            audited=sum(self.counts.values()),
            counts=dict(self.counts),
            wrong=tuple(sorted(map(self._named, self.wrong), key=_place)),
            explained=tuple(sorted(self.explained, key=lambda each: each.index)),
            notes=tuple(self.notes),
            demonstration=context is not None and context.demonstration,
            by_word=self.evidence[DemonstrationEvidence.KIND],
        )

    # --- entries

    def _bundle(self, tree: TreeCheck, entries: Sequence[EntryUnread]) -> None:
        """Check a bundle of entries as leaves, then do them again as far as they are sure."""
        found = tree.take(entries)
        end = None
        if found is not None and found.index is not None:
            end = found.index if found.until is None else found.until + 1
        self._entries(each for each in entries if end is None or each.index < end)
        if found is not None:
            self._collect()
            self.wrong.append(found)

    def _entries(self, entries: Iterable[EntryUnread]) -> None:
        """Do entries again."""
        items: list[Item] = []
        for each in entries:
            if self.wrong:
                break
            self._entry(each, items)
        self._dispatch(items)

    def _entry(self, each: EntryUnread, items: list[Item]) -> None:
        """Put an entry with those to be done again, or do one that concerns no single case."""
        if each.data is None:
            says = "nothing stands behind it: a body is never deleted, only erased by an act."
            self._settle([Redone(each.index, AuditVerdict.WRONG, says)])
            return
        about = case_of(each.data)
        if about is not None:
            items.append(self._item(each, each.data, *about))
            return
        try:
            body = read_body(each.data)
        except WrongError as error:
            self._settle([Redone(each.index, AuditVerdict.WRONG, str(error))])
            return
        fields = opened(body)
        case, version = fields["case"], fields["case_version"]
        if isinstance(case, str) and isinstance(version, int):
            items.append(self._item(each, each.data, case, version))
        else:
            self._filed(each, case)
            if not (self._is_played and fields["kind"] == STATUS_LIST):
                self._dated(each)
            self._no_case(each, body, items)

    def _item(self, each: EntryUnread, data: bytes, case: str, version: int) -> Item:
        self._filed(each, case)
        self._dated(each)
        on_file = self.state.moved(case, version + 1, each.index)
        return Item(each.index, each.leaf, case, data, on_file)

    def _filed(self, each: EntryUnread, case: JSON) -> None:
        if each.under != case:
            says = f"the database has it under case {each.under}, not under its own."
            self.misfiled.append(Finding(each.index, says))

    def _dated(self, each: EntryUnread) -> None:
        """Hold the date of the next entry against those before it."""
        at = date_of(each.data) if each.data is not None else None
        self.misfiled += self.dates.take(each.index, at)

    @property
    def _is_played(self) -> bool:
        """Whether acts are dated as they are told, and versions of the status list are not."""
        return self.whole.context is not None and self.whole.context.demonstration

    def _no_case(self, each: EntryUnread, body: Body, items: list[Item]) -> None:
        """Do an entry again that concerns no single case; what came before it is settled first."""
        if opened(body)["kind"] != STATUS_LIST:
            self._dispatch(items)
            items.clear()
            self._collect()
            if self.wrong:
                return
        try:
            self.misfiled += self.documents.brought(each.index, None, documents_of(body))
            outcome = self.whole.again(each.index, *entry_of(body, each.leaf))
        except (PlacetError, ValidationError) as error:
            outcome = Redone(each.index, AuditVerdict.WRONG, str(error))
        self._settle([outcome])

    def _dispatch(self, items: Sequence[Item]) -> None:
        """Have entries done again; what was handed out before is settled meanwhile."""
        if items:
            handed = self.shards.take(items, tolerant=self.tolerant)
            self.waiting.append((list(items), handed))
        while len(self.waiting) > AHEAD:
            self._collect_one()

    def _collect(self) -> None:
        while self.waiting:
            self._collect_one()

    def _collect_one(self) -> None:
        items, handed = self.waiting.pop(0)
        outcomes = [outcome for each in handed for outcome in each.result()]
        differing = any(each.verdict is AuditVerdict.DIFFERS for each in outcomes)
        if differing and not self.tolerant and self.ahead.changes:
            outcomes = self._tolerated(items, outcomes)
        cases = {item.index: item.case for item in items}
        for each in outcomes:
            brought = self.documents.brought(each.index, cases[each.index], each.documents)
            self.misfiled.extend(brought)
        self._settle(sorted(outcomes, key=lambda each: each.index))

    def _tolerated(self, items: list[Item], outcomes: list[Redone]) -> list[Redone]:
        """Go on from what entries say: the log has acts that changed the semantics."""
        self.tolerant = True
        for more, handed in self.waiting:
            items.extend(more)
            outcomes.extend(outcome for each in handed for outcome in each.result())
        self.waiting.clear()
        sure = [each for each in outcomes if each.verdict is not AuditVerdict.DIFFERS]
        settled = {each.index for each in sure}
        rest = [each for each in items if each.index not in settled]
        again = self.shards.take(rest, tolerant=True)
        return [*sure, *(outcome for each in again for outcome in each.result())]

    def _settle(self, outcomes: Iterable[Redone]) -> None:
        """Give every entry its verdict."""
        for each in outcomes:
            verdict, by = self._judged(each)
            self.lists.note(each)
            if each.index < self.size:
                self.counts[verdict] += 1
                self.evidence[each.evidence] += 1
            if by is not None:
                self.explained.append(Explained(each.index, verdict, by, each.says))
            elif verdict is AuditVerdict.WRONG:
                says = each.says
                if each.verdict is AuditVerdict.ERASED:
                    gone = ", ".join(sorted(each.erased)) or f"what entry {each.cause} said"
                    says = f"{gone} is gone from it, and no act erased it."
                self.wrong.append(Finding(each.index, says))
        if self.progress is not None:
            self.progress(sum(self.counts.values()), self.size)

    def _judged(self, outcome: Redone) -> tuple[AuditVerdict, int | None]:
        """Return the verdict, and which entry explains it where it is no reproduction."""
        by: int | None = None
        match outcome.verdict:
            case AuditVerdict.DIFFERS:
                by = self.ahead.change_behind(outcome.index)
            case AuditVerdict.ERASED:
                cause = outcome.index if outcome.cause is None else outcome.cause
                by = self.ahead.erasure_of(cause, frozenset())
                if self.ahead.erasure_of(outcome.index, outcome.erased) is None:
                    by = by if not outcome.erased else None
            case verdict:
                return verdict, None
        return (AuditVerdict.WRONG if by is None else outcome.verdict), by

    def _named(self, finding: Finding) -> Finding:
        """Name an act that has no number, where a finding is about one, by its ticket."""
        waiting = self.state.waiting
        at = finding.index - self.state.size if finding.index is not None else -1
        if not (self.queue and 0 <= at < len(waiting)):
            return finding
        says = f"The act with ticket {waiting[at].ticket}, which has no number yet: {finding.says}"
        return Finding(None, says)

    # --- the end

    def _conclude(self, tree: TreeCheck) -> None:
        """Compare what only the end of the log can tell."""
        self._collect()
        if self.wrong:
            return
        found = tree.conclude()
        if found is not None:
            self.wrong.append(found)
        for each in islice(self.reading.entries(tree.size), 1):
            signed = self.reading.checkpoint()
            if signed is None or signed.checkpoint.size <= each.index:
                self.wrong.append(Finding(each.index, "no signed checkpoint covers it."))
                return
        self._do_queued()
        self.wrong.extend(self.keys.conclude(tree.runs))
        self._compare()
        if tree.runs:  # keys are published when the log is taken up
            of = self.state
            self.wrong.extend(self.keys.on_file(of.log_keys, of.permit_keys, of.next_keys))
        self.notes.extend(self.keys.unused())
        if self.ahead.present_semantics_differ:
            self.notes.append("The log was last determined under other semantics than these.")

    def _do_queued(self) -> None:
        """Do again what waited for a number: the state holds it already."""
        if not self.queue:
            return
        self._entries(self.queue)
        self._collect()
        self.notes.append(
            f"Acts that had no number yet, and were done again all the same: {len(self.queue)}. "
            "No checkpoint covers them; audit again."
        )

    def _compare(self) -> None:
        """Compare the state with what all acts lead to."""
        self.wrong.extend(self.state.behind())
        self.wrong.extend(self.state.ahead())
        self.wrong.extend(self.misfiled)
        self.wrong.extend(self.documents.left())
        self.wrong.extend(self.state.beside())
        self.wrong.extend(self.state.unsigned(is_due=self.lists.is_due))
        self.wrong.extend(self.lists.conclude())
        if not self.wrong:
            self.wrong.extend(self.lists.earlier(self.reading.status_lists(), self.shards.lost()))
        if not self.wrong:
            self.wrong.extend(self.state.signed_besides(self.noted))
            self.wrong.extend(self.state.listed())
            if self.whole.context is not None and self.whole.changed_at is not None:
                context, changed_at = self.whole.context, self.whole.changed_at
                self.wrong.extend(self.state.falling(context, changed_at))
        self.wrong.extend(self.state.misqueued())
        self.wrong.extend(self.state.stored())


def _queued(state: StateOnFile) -> list[EntryUnread]:
    """Return what waits for a number as entries, at the places that they are to have."""
    return [
        EntryUnread(index, each.leaf or b"", each.data, each.under)
        for index, each in enumerate(state.waiting, state.size)
    ]


def _bundles(reading: Reading, size: int) -> Iterator[list[EntryUnread]]:
    """Yield the entries below a size bundle by bundle."""
    entries = reading.unread(0, size)
    for _ in range(0, size, FULL):
        yield list(islice(entries, FULL))


def _place(finding: Finding) -> tuple[bool, int]:
    return finding.index is None, finding.index or 0
