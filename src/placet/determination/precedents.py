"""Precedents: like requests are judged alike, so each kind is judged once.

A request is judged by `determine`, and the answer is kept under all that a determination can
see of the request (`likeness`) and of the moment (`seasons`). The next one that looks the same
gets that answer, with its own name and digest and moment in it. What is not proved to look the
same is another kind. So the plain judgement remains the only one there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from placet.determination.answer import Determination
from placet.determination.determine import determine, request_digest
from placet.determination.kept import Kept
from placet.determination.likeness import PLACES, Likeness, crossed, frame_of
from placet.determination.seasons import Seasons
from placet.determination.world import Matter
from placet.policy import Book
from placet.registry import UNKNOWN, Line, Registry, Request, written

__all__ = ["Precedents"]

_MOST_FRAMES = 512
_MOST_ANSWERS = 1024
_MOST_VALUES = 16_384
_MOST_DIGESTS = 256
"""How much is kept: frames, answers (some 40 kB each), classes of values, digests of requests."""


@dataclass(frozen=True, eq=False, slots=True)
class _Frame:
    """Requests that differ only in what conditions tell apart, at moments that are alike."""

    crossed: frozenset[str]


@dataclass(frozen=True, eq=False)
class Precedents:
    """The judgement in one context, which remembers what it has judged of late.

    `context` is the digest of the registry and books.
    """

    registry: Registry
    books: Mapping[str, Book]
    context: str
    _frames: Kept[Any, _Frame] = field(default_factory=lambda: Kept(_MOST_FRAMES), repr=False)
    _classes: Kept[Any, Any] = field(default_factory=lambda: Kept(_MOST_VALUES), repr=False)
    _answers: Kept[Any, Determination] = field(
        default_factory=lambda: Kept(_MOST_ANSWERS), repr=False
    )
    _digests: Kept[int, tuple[Request, str]] = field(
        default_factory=lambda: Kept(_MOST_DIGESTS), repr=False
    )

    def determine(
        self, request: Request, at: datetime, *, announced_only: bool = False
    ) -> Determination:
        """Determine who has a say over a request at a moment, by what is known.

        `announced_only` leaves undeclared policies out, and takes the record as known then.
        """
        return next(self.determine_all([request], at, announced_only=announced_only))

    def determine_all(
        self, requests: Iterable[Request], at: datetime, *, announced_only: bool = False
    ) -> Iterator[Determination]:
        """Determine many requests at one moment, in order, each as it is asked for."""
        named = written(at)
        known = named if announced_only else None
        for request in requests:
            found = self.alike(request, at, announced_only=announced_only)
            yield found.naming(request.request, self.digest_of(request), named, known)

    def alike(
        self, request: Request, at: datetime, *, announced_only: bool = False
    ) -> Determination:
        """Return what is determined of requests like this one at moments like this.

        It says the same, and names the one it was determined for: for who asks what it says, and
        keeps nothing of it.
        """
        known_at = at if announced_only else None
        matter = Matter(
            self.registry, self.books, request, at, known_at, announced_only, self.context
        )
        kind = self._kind(matter)
        found = self._answers.get(kind)
        return found if found is not None else self._answers.keep(kind, determine(matter))

    def lasts(self, request: Request, at: datetime) -> datetime:
        """Return until when a request's answer stays that of a moment, in this context.

        It is the moment itself where a condition may read another answer out of each.
        """
        return at if None in self._times(request) else self.seasons.end(at)

    def digest_of(self, request: Request) -> str:
        """Return a request's digest; that of one and the same request is worked out once."""
        known = self._digests.get(id(request))
        if known is None or known[0] is not request:
            known = self._digests.keep(id(request), (request, request_digest(request)))
        return known[1]

    @cached_property
    def seasons(self) -> Seasons:
        """The spans of time in which nothing changes that a determination looks at."""
        return Seasons.of(self.registry, self.books)

    @cached_property
    def _likeness(self) -> Likeness:
        return Likeness.of(self.registry, self.books)

    def _kind(self, matter: Matter) -> tuple[Any, ...]:
        """Return what two matters have in common if they are judged alike, and only then."""
        request = matter.request
        times = self._times(request)
        season = None if None in times else self.seasons.season(matter.at)
        moment = season or matter.at
        seen = (moment, matter.announced_only, *frame_of(request, self.registry))
        frame = self._frames.get(seen)
        if frame is None:
            frame = self._frames.keep(seen, _Frame(crossed(matter)))
        line = next(iter(request.lines.values()))
        recipient = request.recipient if request.recipient in frame.crossed else ""
        kind = [frame, recipient]
        kind += [self._class(frame, name, getattr(request, name), matter, line) for name in PLACES]
        for name, time in zip(("starts", "ends"), times, strict=False):
            kind.append(time if None in times else self._class(frame, name, time, matter, line))
        for _, each in sorted(request.lines.items()):
            kind.append(self._class(frame, "quantity", each.quantity, matter, each))
        return tuple(kind)

    def _times(self, request: Request) -> tuple[datetime | None, ...]:
        """Return when the request would begin and be over, if a condition looks at that.

        Where one of them is open, its classes are drawn around the moment and the other one.
        """
        if not self._likeness.timed:
            return ()
        period = request.period
        return (period.from_, period.until) if period else (None, None)

    def _class(self, frame: _Frame, variable: str, value: Any, matter: Matter, line: Line) -> Any:
        """Return the class of a value; one that is not stated is a class of its own."""
        if value is None or value == UNKNOWN:
            return value
        place = (frame, variable, value)
        found = self._classes.get(place)
        if found is None:
            found = self._classes.keep(place, self._likeness.told(variable, matter, line))
        return found
