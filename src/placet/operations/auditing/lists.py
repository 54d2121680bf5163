"""The versions of the status list, to compare: with the log, and with what acts made of permits.

The sequencer signs what the database says at that moment. So each version that was ever signed is
held against the acts before its entry, and not the latest alone.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from placet.errors import PlacetError
from placet.ledger import JSON
from placet.operations.acting.dating import IN_ORDER
from placet.operations.auditing.entries import WrongError
from placet.operations.auditing.keys import PermitKeys
from placet.operations.auditing.reperforming import Redone
from placet.operations.auditing.report import Finding
from placet.operations.auditing.state import StateOnFile
from placet.operations.ports import ListRow, PermitRow
from placet.operations.seeing.permit_terms import status_uri
from placet.permit import PermitError, Status, StatusList, open_status_token

__all__ = ["StatusLists"]

_EARLY = datetime.min.replace(tzinfo=UTC)
_WORDS = {
    Status.VALID: "valid",
    Status.INVALID: "revoked or surrendered",
    Status.SUSPENDED: "suspended",
}


@dataclass(frozen=True, slots=True, order=True)
class _Change:
    """That an act changed the status at a place of the list."""

    index: int
    place: int
    status: Status
    at: datetime


class _ByActs:
    """What the status list should say, as acts go on."""

    def __init__(self, changes: Sequence[_Change]) -> None:
        self._left = deque(changes)
        self._statuses: dict[int, Status] = {}
        self._before: list[tuple[_Change, Status]] = []
        self._expected = StatusList.of(1)
        self._fresh: dict[int, Status] = {}

    def go_on(self, index: int) -> None:
        """Take all that acts before an entry changed."""
        while self._left and self._left[0].index < index:
            change = self._left.popleft()
            self._before.append((change, self._statuses.get(change.place, Status.VALID)))
            self._statuses[change.place] = self._fresh[change.place] = change.status

    def otherwise(self, listed: StatusList, at: datetime) -> Iterator[tuple[int, str]]:
        """Yield the places where a list, signed at a moment, says something else, and what.

        It may say what was before an act that was still on its way then. And that a permit is
        suspended which no act has: it falls on a day, by what was on record.

        Raises:
            StatusError: the list has no such place, or no such status.
        """
        self._expect(listed)
        self._before = [each for each in self._before if each[0].at > at - IN_ORDER]
        for place in self._expected.differing(listed):
            status = self._expected.status(place)
            may = {held for change, held in self._before if change.place == place} | {status}
            said = listed.status(place)
            if said not in may and not (said is Status.SUSPENDED and Status.VALID in may):
                yield place, f"{_WORDS[said]}; by then it was {_WORDS[status]}"

    def _expect(self, like: StatusList) -> None:
        """Bring what is expected up to now, in a list of the same size."""
        if (self._expected.bits, self._expected.size) == (like.bits, like.size):
            self._expected = self._expected.with_statuses(self._fresh)
        else:
            self._expected = StatusList.of(like.size, like.bits).with_statuses(self._statuses)
        self._fresh = {}


class StatusLists:
    """The versions of the status list as the log has them, and the latest one on file."""

    def __init__(self, origin: str, state: StateOnFile, keys: PermitKeys) -> None:
        self._uri = status_uri(origin)
        self._state = state
        self._keys = keys
        self._versions: list[tuple[int, str]] = []
        self._times: list[datetime] = []
        self._changes: list[_Change] = []

    def note(self, done: Redone) -> None:
        """Note the statuses that an act changed."""
        if done.at is not None:
            for place, status in done.statuses.items():
                self._changes.append(_Change(done.index, place, status, done.at))

    def take(self, index: int, payload: JSON, at: datetime) -> None:
        """Note a version that was logged.

        Raises:
            WrongError: the payload is none, or a version was left out.
        """
        match payload:
            case {"version": int(version), "digest": str(digest), **rest} if not rest:
                if version != len(self._versions) + 1:
                    raise WrongError(
                        f"it lists version {version} of the status list after version "
                        f"{len(self._versions)}."
                    )
                self._versions.append((index, digest))
                self._times.append(at)
            case _:
                raise WrongError("its payload is not that of a version of the status list.")

    def conclude(self) -> Iterator[Finding]:
        """Compare the lists with the log, and the latest with the permits as they are on file."""
        yield from self._latest()
        on_file = self._state.heads.lists
        for version, ((index, digest), at) in enumerate(
            zip(self._versions, self._times, strict=True), 1
        ):
            row = on_file.get(version)
            if row is None:
                yield Finding(index, f"version {version} of the status list is not on file.")
            elif row != ListRow(digest, digest, at):
                says = f"version {version} of the status list is not the one that was logged."
                yield Finding(index, says)
        for version in sorted(on_file.keys() - range(1, len(self._versions) + 1)):
            says = f"The database has a version {version} of the status list never logged."
            yield Finding(None, says)

    def earlier(self, tokens: Iterable[str], lost: Collection[str]) -> Iterator[Finding]:
        """Say of each version, as it was signed, what acts had not made so by then.

        Whichever of the keys signed it: what it says is held against the log all the same.
        Nothing is said of permits of `lost` cases, whose acts cannot be done again.
        """
        if not self._keys.held:
            return
        rows = {row.status_index: row for row in self._state.heads.permits.values()}
        unknown = {place for place, row in rows.items() if row.case in lost}
        by_acts = _ByActs(sorted(self._changes))
        logged = zip(self._versions, self._times, tokens, strict=False)
        for version, ((index, _), at, token) in enumerate(logged, 1):
            what = f"version {version} of the status list"
            try:
                listed = open_status_token(token, self._keys.ever()).statuses
                by_acts.go_on(index)
                for place, says in by_acts.otherwise(listed, at):
                    if place not in unknown:
                        permit = rows[place].permit if place in rows else f"at {place}, of no act"
                        yield Finding(index, f"{what} says that permit {permit} is {says}.")
            except PlacetError as error:
                yield Finding(index, f"{what} is none of this log: {error}")

    def _latest(self) -> Iterator[Finding]:
        if not self._keys.held:
            return
        token = self._state.heads.token
        last = self._versions[-1][0] if self._versions else None
        if token is None:
            if last is not None:
                yield Finding(last, "the status list is not on file.")
            return
        try:
            found = open_status_token(token, self._keys.since(last or 0))
        except PlacetError as error:
            yield Finding(last, f"the status list on file is none of this log: {error}")
            return
        says = self._misplaced(found.version, token)
        other = found.uri != self._uri or found.statuses != self._expected(found.statuses)
        if says:
            yield Finding(last, says)
        elif other:
            yield Finding(last, "the status list says something else than the permits on file.")
        else:
            yield from self._unlisted(last, is_due=not self._by_present_key(token))

    @property
    def is_due(self) -> bool:
        """Whether a list is to be signed by the next key, as the one on file is by that before."""
        token = self._state.heads.token
        return bool(self._keys.held) and token is not None and not self._by_present_key(token)

    def _by_present_key(self, token: str) -> bool:
        """Say whether a list is signed by a key that was not changed since; else one is due."""
        try:
            open_status_token(token, self._keys.present())
        except PermitError:
            return False
        return True

    def _unlisted(self, last: int | None, *, is_due: bool) -> Iterator[Finding]:
        """Say of which permits the database has another status as listed than the list.

        Once the key was changed nothing is listed by the next one, until it signs the list due.
        """
        for row in self._state.heads.permits.values():
            expected = self._status(row)
            if row.listed != expected and not (is_due and row.listed is None):
                says = f"the database has permit {row.permit} as listed with status {row.listed}"
                yield Finding(last, f"{says}; the status list has it with {expected}.")

    def _misplaced(self, version: int, token: str) -> str:
        """Say why the list on file is not the latest that was logged; nothing if it is."""
        if version < len(self._versions):
            return f"an earlier status list is on file: version {version}."
        if version > len(self._versions):
            return f"version {version} of the status list was never logged."
        _, digest = self._versions[version - 1]
        if digest != f"sha256:{hashlib.sha256(token.encode()).hexdigest()}":
            return "the status list on file is not the one that was logged."
        return ""

    def _status(self, row: PermitRow) -> int | None:
        """Return the status that the list has: an act is listed with the batch that numbers it."""
        place = self._state.cases.get(row.case)
        waits = place is not None and place.index >= self._state.size
        return row.listed if waits else row.status_at(self._times[-1] if self._times else _EARLY)

    def _expected(self, like: StatusList) -> StatusList:
        rows = self._state.heads.permits.values()
        statuses = {row.status_index: Status(self._status(row) or 0) for row in rows}
        if any(index >= like.size for index in statuses):
            return StatusList.of(max(statuses) + 1, like.bits)
        return StatusList.of(like.size, like.bits).with_statuses(statuses)
