"""The lattice of verdicts: what a right requires, joined over rights and met over completions.

A verdict is a product of chains and powersets, so it is a distributive
lattice. Its order is strictness: `a <= b` when joining `a` to `b` adds
nothing. The join is what several rights require together; the meet is what
every completion of an incomplete request requires at least.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_

from placet.policy import Outcome, Precondition, Proviso, Step

__all__ = ["BOTTOM", "Quorum", "Verdict", "at_least", "at_most"]


@dataclass(frozen=True, slots=True)
class Quorum:
    """How an office decides: how many different persons, and whether only the office itself may."""

    persons: int = 1
    reserved: bool = False

    def __or__(self, other: Quorum) -> Quorum:
        return Quorum(max(self.persons, other.persons), self.reserved or other.reserved)

    def __and__(self, other: Quorum) -> Quorum:
        return Quorum(min(self.persons, other.persons), self.reserved and other.reserved)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What must happen: an outcome, who decides and how, and what goes with it.

    `offices` maps each deciding office to its quorum. An office id that is a
    party's id stands for that party's competent authority, which no record
    names.
    """

    outcome: Outcome = Outcome.CLEAR
    offices: Mapping[str, Quorum] = field(default_factory=dict)
    provisos: frozenset[Proviso] = frozenset()
    steps: frozenset[Step] = frozenset()
    provided: frozenset[Precondition] = frozenset()

    def __or__(self, other: Verdict) -> Verdict:
        """Join: the stricter outcome, every office, every proviso, step and condition."""
        shared = self.offices.keys() & other.offices.keys()
        both = {name: self.offices[name] | other.offices[name] for name in shared}
        return Verdict(
            max(self.outcome, other.outcome),
            {**self.offices, **other.offices, **both},
            self.provisos | other.provisos,
            self.steps | other.steps,
            self.provided | other.provided,
        )

    def __and__(self, other: Verdict) -> Verdict:
        """Meet: the milder outcome, and only what both require."""
        shared = self.offices.keys() & other.offices.keys()
        return Verdict(
            min(self.outcome, other.outcome),
            {name: self.offices[name] & other.offices[name] for name in shared},
            self.provisos & other.provisos,
            self.steps & other.steps,
            self.provided & other.provided,
        )

    def __le__(self, other: Verdict) -> bool:
        """Say whether `other` is at least as strict in every respect."""
        return self | other == other


BOTTOM = Verdict()
"""What an absent right requires: nothing. It is the unit of the join, and no answer on its own."""


def at_most(verdicts: Iterable[Verdict]) -> Verdict:
    """Join verdicts. The join of nothing is not an answer: nothing is cleared by silence.

    Raises:
        ValueError: there are no verdicts.
    """
    found = list(verdicts)
    if not found:
        raise ValueError("the join of no verdicts is not an answer")
    return reduce(or_, found)


def at_least(verdicts: Iterable[Verdict]) -> Verdict:
    """Meet verdicts.

    Raises:
        ValueError: there are no verdicts.
    """
    found = list(verdicts)
    if not found:
        raise ValueError("the meet of no verdicts is not an answer")
    return reduce(and_, found)
