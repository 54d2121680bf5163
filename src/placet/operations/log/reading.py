"""Looking at the log: checkpoints, entries, tiles for mirrors; and what stands behind an entry.

Index, leaf, checkpoints and tiles are public. Behind an entry sees who audits, and who did the act;
behind one that made a policy what it is, also whoever acts for the policy's party, who may know it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from placet.evidence import DemonstrationEvidence
from placet.ledger import (
    CHECKPOINT,
    MissingError,
    SignedCheckpoint,
    Tile,
    export_log,
    narrowed,
)
from placet.ledger import FIELDS as ENTRY_FIELDS
from placet.need_to_know.consequences import is_own_whole
from placet.operations.house import House, SignedIn
from placet.operations.log.archives import archived
from placet.operations.log.proving import checkpoint, receipt
from placet.operations.log.recorded import Recorded, told_of
from placet.operations.ports import EntryOnFile, Reading
from placet.review import NotAllowedError, UnknownError, Viewer

__all__ = [
    "FIELDS",
    "POLICY_ACTS",
    "EntrySeen",
    "LogSeen",
    "entry_disclosure",
    "entry_receipt",
    "kind_of_evidence",
    "log_archive",
    "log_file",
    "may_know",
    "see_entries",
    "see_entry",
    "see_log",
]

POLICY_ACTS = frozenset({"adopt-policy", "announce-policy", "end-policy"})
"""The acts that make a policy what it is."""

FIELDS = ("kind", "time", "case", "actor")
"""The fields of an entry that are disclosed if none are named; the payload stays behind."""

_AUDITED = frozenset({"case_version", "context_version"})
"""Fields that count what others did: auditors alone see and disclose them."""


@dataclass(frozen=True)
class LogSeen:
    """The log from outside: its latest checkpoint, its keys, and acts that wait for a number."""

    origin: str
    checkpoint: SignedCheckpoint
    keys: tuple[str, ...]
    unnumbered: int


@dataclass(frozen=True)
class EntrySeen:
    """An entry: its place, the public leaf, and what it says where that may be known.

    `evidence` is the kind of what shows that its actor did it; empty where there is none. Who
    `discloses` may hand on what it says to outsiders: auditors, and whoever did it. To them its
    evidence is handed out too, where it was `signed` and nothing of it was erased since. The act as
    a `whole`, with all that was found in doing it, they hand on where none of it is others'. Then
    it is there as canonical JSON, the `act` word for word, unless it was erased.
    """

    index: int
    leaf: bytes
    told: Recorded | None
    person: str = ""
    evidence: str = ""
    discloses: bool = False
    signed: bool = False
    whole: bool = False
    act: bytes = b""


def see_log(house: House) -> LogSeen:
    """Return what is public of the log.

    Raises:
        QuestionError: it has not begun.
    """
    reading = house.reading
    keys = tuple(each.line for each in reading.log_keys())
    return LogSeen(house.origin, checkpoint(reading), keys, reading.unnumbered())


def see_entries(
    house: House, who: SignedIn, count: int, below: int | None = None
) -> tuple[EntrySeen, ...]:
    """Return the latest entries that a checkpoint covers, the latest first.

    Args:
        house: the house.
        who: the person signed in.
        count: how many at most.
        below: leave out this one and those after it.

    Raises:
        QuestionError: the log has not begun.
    """
    size = checkpoint(house.reading).checkpoint.size
    end = size if below is None else max(0, min(below, size))
    looking, names = _looking(house, who)
    found = [
        _seen(each, looking, names) for each in house.reading.entries(max(0, end - count), end)
    ]
    return tuple(reversed(found))


def see_entry(house: House, who: SignedIn, index: int) -> EntrySeen:
    """Return one entry, with its act word for word: to whom `entry_disclosure` has its payload.

    Raises:
        UnknownError: no checkpoint covers such an entry.
    """
    return _entry(house, *_looking(house, who), index)


def _looking(house: House, who: SignedIn) -> tuple[Viewer, Mapping[str, str]]:
    """Return whoever looks, and the names of people, of one context."""
    context = house.reading.context()
    return who.looking(context, house.clock.now()), context.people


def _entry(house: House, looking: Viewer, names: Mapping[str, str], index: int) -> EntrySeen:
    if 0 <= index < checkpoint(house.reading).checkpoint.size:
        for each in house.reading.entries(index, index + 1):
            seen = _seen(each, looking, names)
            return replace(seen, act=_word_for_word(each)) if seen.whole else seen
    raise UnknownError(f"No checkpoint covers an entry {index}.")


def _seen(each: EntryOnFile, looking: Viewer, names: Mapping[str, str]) -> EntrySeen:
    told = told_of(each.index, each.body) if each.body is not None else None
    if told is None or not may_know(told, looking):
        return EntrySeen(each.index, each.leaf, None)
    person, shows = names.get(told.actor, told.actor), kind_of_evidence(each)
    discloses = _did_or_audits(told, looking)
    signed = shows not in ("", DemonstrationEvidence.KIND) and _is_whole(each)
    whole = discloses and is_own_whole(told.found, looking)
    return EntrySeen(each.index, each.leaf, told, person, shows, discloses, signed, whole)


def _word_for_word(entry: EntryOnFile) -> bytes:
    body = entry.body
    return body.written("payload") if body is not None and "payload" in body.shown else b""


def _is_whole(entry: EntryOnFile) -> bool:
    return entry.body is not None and len(entry.body.shown) == len(ENTRY_FIELDS)


def kind_of_evidence(entry: EntryOnFile) -> str:
    """Return the kind of what shows that an entry's actor did it; nothing where there is none."""
    shows = entry.body.shown.get("evidence") if entry.body is not None else None
    return str(shows.get("kind", "")) if isinstance(shows, dict) else ""


def may_know(told: Recorded, viewer: Viewer) -> bool:
    """Say whether somebody may know what stands behind an entry, here and wherever it is told of.

    Who acts for a party knows what made its policies, undeclared ones too. The act that began the
    log is not among these: it holds the affairs of all.
    """
    of_own_policy = told.kind in POLICY_ACTS and told.command.get("party") in viewer.parties
    return of_own_policy or _did_or_audits(told, viewer)


def _did_or_audits(told: Recorded, viewer: Viewer) -> bool:
    return viewer.audits or viewer.did(told.actor, told.at, told.office or None)


def entry_receipt(house: House, index: int) -> bytes:
    """Return the receipt of an entry: anybody may have it, it says nothing of the act.

    Raises:
        UnknownError: no checkpoint covers such an entry.
    """
    if not 0 <= index < checkpoint(house.reading).checkpoint.size:
        raise UnknownError(f"No checkpoint covers an entry {index}.")
    return receipt(house.reading, index)


def entry_disclosure(
    house: House, who: SignedIn, index: int, fields: Collection[str] = FIELDS
) -> bytes:
    """Return a receipt with fields of an entry disclosed, to hand on.

    Args:
        house: the house.
        who: the person signed in.
        index: the entry's place.
        fields: which are shown. The payload is the whole act, with its reason and with what
            followed from it.

    Raises:
        UnknownError: there is no such entry, or they neither did the act nor audit.
        NotAllowedError: a field tells of what is not the affair of whoever did the act.
        DisclosureError: there is no such field, or it was erased.
    """
    looking, names = _looking(house, who)
    seen = _entry(house, looking, names, index)
    if not seen.discloses:
        raise UnknownError(f"There is nothing behind the entry {index} that you may hand on.")
    kept = _AUDITED & {*fields} if not looking.audits else set()
    kept |= {*fields} & {"payload"} if not seen.whole else set()
    if kept:
        raise NotAllowedError(
            f"The {', '.join(sorted(kept))} of entry {index} would tell of what is not yours alone:"
            " an auditor hands that on."
        )
    return receipt(house.reading, index, fields)


def log_file(reading: Reading, path: str) -> bytes:
    """Return a file of the log as tlog-tiles has it: `checkpoint`, or a tile of the tree.

    Only what the latest checkpoint covers is handed out, so that whoever mirrors the log never
    gets a tile that no checkpoint speaks of.

    Raises:
        MalformedError: the path is none of a tile.
        MissingError: the log has no such tile, or not so wide a one.
        QuestionError: the log has not begun.
    """
    signed = checkpoint(reading)
    if path == CHECKPOINT:
        return signed.render()
    tile = Tile.parse(path)
    if not _covered(tile, signed.checkpoint.size):
        raise MissingError(f"The log has no {path} yet.", path=path)
    (data,) = reading.tiles()([tile])
    return narrowed(tile, data)


def log_archive(reading: Reading, at: datetime) -> Iterator[bytes]:
    """Return the whole log as the files of an export, in one archive written as it goes out.

    The checkpoint comes last: what broke off has none, and verifies as nothing.

    Args:
        reading: the log.
        at: when the archive is made.

    Raises:
        QuestionError: the log has not begun.
    """
    return archived(export_log(checkpoint(reading), reading.tiles()), "log", at)


def _covered(tile: Tile, size: int) -> bool:
    held = size >> (8 * max(tile.level, 0))
    return tile.number * 256 + tile.width <= held
