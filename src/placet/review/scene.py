"""The scene of an act: the case and context as they stand, who acts, and when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from placet.registry import Duty
from placet.review.case import Case, Determined, PermitOnFile, Role, Stage
from placet.review.commands import Command
from placet.review.context import Context
from placet.review.errors import (
    ClockError,
    NoAuthorityError,
    NotAllowedError,
    StageError,
    TwoRolesError,
    UnknownError,
)
from placet.review.event import Event
from placet.review.viewer import sides_of

__all__ = ["Applier", "Performer", "Scene"]


def _in_words(stage: Stage) -> str:
    """Return a stage as people see it: of a case that is decided, that it awaits its permit."""
    return "waiting for its permit" if stage is Stage.DECIDED else stage.replace("-", " ")


@dataclass(frozen=True, eq=False)
class Scene:
    """A case, the context it is acted on in, the person who acts, and the moment.

    `office` is the one in which they act alone; None where all that they hold count. `present` is
    what the present moment gives, where that is not to be determined afresh.
    """

    case: Case
    context: Context
    actor: str
    at: datetime
    office: str | None = None
    present: Determined | None = None

    @property
    def offices(self) -> frozenset[str]:
        """The offices in which the actor acts."""
        held = self.context.offices_of(self.actor, self.at, self.office)
        return frozenset(each.office for each in held)

    @property
    def parties(self) -> frozenset[str]:
        """The parties for which the actor acts."""
        return self.context.parties_of(self.actor, self.at, self.office)

    def has(self, duty: Duty, party: str | None = None) -> bool:
        """Say whether the actor acts in an office with a duty, of one party or of any."""
        return self.context.has_duty(self.actor, duty, self.at, party, self.office)

    def must_be_in_time(self) -> None:
        """Refuse a moment before the case's last event, without saying when that was.

        Raises:
            ClockError: the clock was set back.
        """
        if self.at < self.case.last:
            raise ClockError(
                f"The clock says {self.at.isoformat()}, which is before the case's last act: it "
                "was set back. Set the clock right."
            )

    def must_stand_at(self, *stages: Stage) -> None:
        """Refuse an act at another stage of the case.

        Raises:
            StageError: names the stage.
        """
        if self.case.stage not in stages:
            wanted = " or ".join(map(_in_words, stages))
            says = f"The case is {_in_words(self.case.stage)}; this is done while it is {wanted}."
            raise StageError(says)

    def must_have(self, duty: Duty, parties: Iterable[str | None] = (None,)) -> None:
        """Refuse an actor who holds no office with the duty, of one of the parties (None: any).

        Raises:
            NotAllowedError: names the offices whose officials could.
        """
        wanted = tuple(parties)
        if not any(self.has(duty, each) for each in wanted):
            could = [name for each in wanted for name in self.context.offices_with(duty, each)]
            raise NotAllowedError(
                f"{self.actor} holds no office whose duty is {duty} on this case.", could
            )

    def must_hold(self, office: str) -> None:
        """Refuse an actor who does not hold an office, as its holder or acting.

        Raises:
            NoAuthorityError: names the office.
        """
        if office not in self.offices:
            raise NoAuthorityError(f"{self.actor} does not hold the office {office}.", [office])

    def must_not_be_recused(self) -> None:
        """Refuse an actor who stepped aside.

        Raises:
            TwoRolesError: they did.
        """
        if self.actor in self.case.recused:
            raise TwoRolesError(f"{self.actor} stepped aside and takes no further part.")

    def must_take(self, role: Role, party: str | None = None) -> None:
        """Refuse an actor who has another role on the case, or stands on another side (rule 3).

        `party` is the one for which they act. Whoever is on the applicant's side, in any office,
        takes no part in another party's review; and one person decides for one party.

        Raises:
            TwoRolesError: names the role already taken, or the other side.
        """
        taken = self.case.roles.get(self.actor)
        if taken is not None and taken is not role:
            raise TwoRolesError(
                f"{self.actor} has acted on this case as {taken} and cannot act as {role}: "
                "one person never acts in two roles."
            )
        if role is not Role.APPLICANT and party is not None:
            self._must_be_of_one_side(role, party)

    def _must_be_of_one_side(self, role: Role, party: str) -> None:
        side = sides_of(self.case)
        own = side & self.context.parties_of(self.actor, self.at)
        if own and party not in side:
            raise TwoRolesError(
                f"{self.actor} holds an office of {min(own)}, on the applicant's side, and takes "
                f"no part in the review of {party}."
            )
        for given in self.case.decisions:
            other = given.person == self.actor and given.party != party
            if role is Role.DECIDER and other:
                raise TwoRolesError(
                    f"{self.actor} has decided for {given.party} on this case: one person decides "
                    "for one party."
                )

    def permit(self, name: str) -> PermitOnFile:
        """Return a permit of the case.

        Raises:
            UnknownError: the case has no such permit.
        """
        found = self.case.permits.get(name)
        if found is None:
            raise UnknownError(f"The case {self.case.id} has no permit {name[:80]}.")
        return found

    def done(
        self,
        command: Command,
        found: Mapping[str, object] | None = None,
        touches: Iterable[str] = (),
    ) -> Event:
        """Return the event of an act on this case."""
        return Event(
            command,
            self.actor,
            self.at,
            self.case.id,
            dict(found or {}),
            tuple(sorted(touches)),
            self.office,
        )


Performer: TypeAlias = Callable[[Scene, Command], Event]
"""Performs one kind of command; raises a ReviewError and changes nothing where it cannot."""

Applier: TypeAlias = Callable[[Case, Event], Case]
"""Applies one kind of event to a case; it never fails on an event that was performed."""
