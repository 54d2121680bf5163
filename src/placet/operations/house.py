"""The house as an operation finds it: where acts are recorded and read, the clock, who is in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from placet.evidence import JSON, DemonstrationEvidence, OpenSession
from placet.operations.ports import Clock, Reading, Recording, References
from placet.review import Context
from placet.review.viewer import Viewer, viewer

__all__ = ["House", "SignedIn", "viewer_of"]


@dataclass(frozen=True)
class House:
    """The ports of one installation; `origin` is its log's name, as in `example.gov/placet`.

    `signers` are the public keys of the `log` and of its `permit`s where this process has the keys:
    whoever begins the log names them in it.
    """

    recording: Recording
    reading: Reading
    clock: Clock
    references: References
    origin: str
    signers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in, and the session they opened; None for whoever begins the log.

    In a `demonstration` the system's word stands in for the session: whether the log is one is
    asked again at every act. Whoever comes in one `office` sees and acts in that one alone.

    The actor of every act is this person; no request and no command names another
    (DESIGN §3, rule 2).
    """

    person: str
    session: OpenSession | None
    demonstration: bool = False
    office: str | None = None

    def looking(self, context: Context, at: datetime) -> Viewer:
        """Return the person as a viewer, with the offices they hold at a moment and come in."""
        return viewer(context, self.person, at, self.office)

    def sign(self, statement: bytes) -> JSON:
        """Have the session sign the statement of an act; without one there is no evidence."""
        if self.session is not None:
            return self.session.sign(statement).document
        return DemonstrationEvidence.of(statement).document if self.demonstration else None


def viewer_of(house: House, who: SignedIn) -> Viewer:
    """Return the person signed in as a viewer, with the offices they hold now and come in."""
    return who.looking(house.reading.context(), house.clock.now())
