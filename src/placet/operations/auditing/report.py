"""What an audit found: a verdict on every entry, and what is wrong, the first of it by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

__all__ = ["AuditReport", "AuditVerdict", "Explained", "Finding"]


class AuditVerdict(StrEnum):
    """What doing an act again came to (DESIGN §4)."""

    REPRODUCED = "reproduced"
    DIFFERS = "differs under present semantics"
    ERASED = "not re-executable (erased)"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not follow from the log.

    `index` is the first entry that is wrong, or with which what is wrong begins; None where no
    entry can be named. `until` is the last that may be the wrong one, where that cannot be told.
    """

    index: int | None
    says: str
    until: int | None = None

    def __str__(self) -> str:
        if self.index is None:
            return self.says
        if self.until is None or self.until == self.index:
            return f"Entry {self.index}: {self.says}"
        return f"Entries {self.index} to {self.until}: {self.says}"


@dataclass(frozen=True, slots=True)
class Explained:
    """An entry that was not reproduced, and rightly so: `by` is the entry that explains it."""

    index: int
    verdict: AuditVerdict
    by: int
    says: str

    def __str__(self) -> str:
        return f"Entry {self.index}: {self.verdict}, explained by entry {self.by}: {self.says}"


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The result of an audit.

    `size` and `root` are those of the latest checkpoint, `audited` is how many entries were done
    again before the audit ended. `wrong` holds what is wrong, the first entry first: once a log
    does not follow, what comes after it says nothing, and the audit ends there. `notes` says what
    was taken on trust, or could not be checked. `demonstration` says that the log is one, `by_word`
    how many acts rest on the system's word alone.
    """

    origin: str
    size: int
    root: bytes
    audited: int
    counts: Mapping[AuditVerdict, int]
    wrong: tuple[Finding, ...]
    explained: tuple[Explained, ...]
    notes: tuple[str, ...]
    demonstration: bool = False
    by_word: int = 0

    @property
    def follows(self) -> bool:
        """Whether everything follows: nothing is wrong, and every entry was looked at."""
        return not self.wrong and self.audited == self.size

    @property
    def first(self) -> Finding | None:
        """The first that is wrong."""
        return self.wrong[0] if self.wrong else None

    def plain(self, most: int | None = None) -> dict[str, Any]:
        """Return the report as plain data; with `most`, of very many findings the first."""
        return {
            "origin": self.origin,
            "size": self.size,
            "root": self.root.hex(),
            "audited": self.audited,
            "follows": self.follows,
            "counts": {str(verdict): count for verdict, count in self.counts.items()},
            "wrong": [{"entry": each.index, "says": str(each)} for each in self.wrong[:most]],
            "explained": [
                {"entry": each.index, "says": str(each)} for each in self.explained[:most]
            ],
            "notes": list(self.notes),
            "demonstration": self.demonstration,
            "by-word": self.by_word,
        }
