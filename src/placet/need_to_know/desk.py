"""Desks: the rows by which lists find cases, and what of somebody makes a row theirs.

Pure. A row is for whoever holds its `key`; `keys` says what a viewer holds. What the rows find
for a viewer at a moment is what `inbox` and `brief` say of the cases one by one; these decide, and
rows are held against them before anything is shown. `case_on_desks` has the rows of a case.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

from placet.need_to_know.inbox import FOREVER
from placet.registry import Duty
from placet.review.viewer import Viewer

__all__ = ["BEGINNING", "Held", "Row", "Tab", "keys", "knows_days_of"]

BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
"""Since when a row holds that holds from the first."""


class Tab(StrEnum):
    """Where a case lies for somebody."""

    ACTION = "action"
    """Something waits for them."""
    STALE = "stale"
    """Its determination no longer follows from what is on record; beside the three below."""
    TEAM = "team"
    """Under review, and a party of theirs has still to answer."""
    OTHERS = "others"
    """Under review, and nobody of theirs is waited for, as far as they may know."""
    CLOSED = "closed"
    """An outcome is out, or the case ended without one."""


class Row(NamedTuple):
    """A case on the desk of whoever holds `key` and all of `also`, and nothing of `not_for`.

    On the tab for action it is for `act`, about `about`, and from `begins` to before `ends`; on
    the others it is the case as such. `told` says that they know whose word the case waits for.
    What `not_for` names is a person, or (`others`) what makes a row not theirs whoever they are.
    """

    key: str
    tab: Tab
    act: str = ""
    about: str = ""
    since: datetime = BEGINNING
    due: datetime = FOREVER
    begins: datetime = BEGINNING
    ends: datetime = FOREVER
    also: tuple[str, ...] = ()
    not_for: tuple[str, ...] = ()
    told: bool = False

    @property
    def persons(self) -> tuple[str, ...]:
        """The persons that a row is not for."""
        return tuple(each for each in self.not_for if each.startswith("person:"))

    @property
    def others(self) -> tuple[str, ...]:
        """What else keeps a row from whoever holds it: the same for every case of its kind."""
        return tuple(each for each in self.not_for if not each.startswith("person:"))

    @property
    def line(self) -> str:
        """The row as one line of text."""
        times = (self.since, self.due, self.begins, self.ends)
        return "\x1f".join(
            (
                *(self.key, self.tab, self.act, self.about),
                *(each.isoformat()[:19] for each in times),
                *("\x1e".join(each) for each in (self.also, self.others + self.persons)),
                "told" if self.told else "",
            )
        )

    def is_for(self, held: Held, at: datetime) -> bool:
        """Say whether a row is for somebody at a moment."""
        return (
            self.key in held.keys
            and held.marks.issuperset(self.also)
            and held.marks.isdisjoint(self.not_for)
            and self.begins <= at < self.ends
        )


@dataclass(frozen=True)
class Held:
    """What a viewer holds: `keys` that a row may be for, and `marks` that it may ask or exclude.

    Every key is a mark as well.
    """

    keys: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()


def keys(viewer: Viewer) -> Held:
    """Return what a viewer holds: by which rows cases are found for them."""
    if viewer.person is None:
        return Held()
    names = {party: {f"party:{party}"} for party in viewer.parties}
    for party, office in viewer.house:
        names.setdefault(party, {f"party:{party}"}).add(f"house:{office}")
    reviewing = {party for party, duty in viewer.duties if duty in _REVIEWING} | viewer.emergency
    found = {
        *(f"office:{office}" for office in viewer.offices),
        *(f"acts-for:{office}" for office in viewer.acts_for),
        *(f"{duty} {name}" for party, duty in viewer.duties for name in names.get(party, ())),
        *(f"reviews {name}" for party in reviewing for name in names.get(party, ())),
        *(f"{office} in {name}" for party, office in viewer.held for name in names[party]),
        *(("audits",) if viewer.audits else ()),
    }
    marks = {
        f"person:{viewer.person}",
        *map(knows_days_of, viewer.days_known),
        *(f"party:{party}" for party in viewer.parties),
        *(f"{party} as {name}" for party, every in names.items() for name in every),
        *(f"held:{office}" for office in viewer.filled),
    }
    return Held(frozenset(found), frozenset(found | marks))


def knows_days_of(office: str) -> str:
    """Return the mark of whoever knows the deadlines that are set for an office."""
    return f"days of {office}"


_REVIEWING = (Duty.CASES, Duty.PERMITS, Duty.LIAISON)
"""The duties by which somebody has a decider's or an officer's place in a review."""
