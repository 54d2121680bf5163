"""A story whose every act is looked at by oracles: for the machines that act at random."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from context_oracle import look_beside
from permit_oracle import PermitOracle
from review_oracle import ReviewOracle
from review_world import Story, command

from placet.review.case import Case
from placet.review.changes import change, changed, suspended
from placet.review.errors import ReviewError
from placet.review.event import Event
from placet.review.fold import fold
from placet.review.perform import perform
from placet.review.validity import validity

__all__ = ["Watched"]


class Watched:
    """A story and the oracles that watch it.

    Of every act that is tried, either nothing changes, or the oracles find it right. In a ghost of
    a story acts are done once only, and not written and read back: it is cheap, and not kept.
    """

    def __init__(self, story: Story, request: Mapping[str, Any], *, ghost: bool = False) -> None:
        self.story, self.ghost = story, ghost
        self.review = ReviewOracle()
        self.permits = PermitOracle(request)

    def copy(self, *, ghost: bool = False) -> Watched:
        """Return a story that has come as far and goes its own way."""
        story = replace(self.story, events=[*self.story.events])
        other = Watched(story, self.permits.request, ghost=ghost)
        other.review, other.permits = self.review.copy(), self.permits.copy()
        return other

    def attempt(self, actor: str, kind: str, **fields: Any) -> Event | None:
        """Try an act on the case; return it, or None where it was refused."""
        story = self.story
        before, version = story.case, len(story.events)
        try:
            event = (
                self._once(actor, kind, fields) if self.ghost else story.do(actor, kind, **fields)
            )
        except ReviewError:
            assert story.case is before
            assert len(story.events) == version
            self._never_refused(actor, kind, fields)
            return None
        self._look(before, event, actor)
        return event

    def _once(self, actor: str, kind: str, fields: Mapping[str, Any]) -> Event:
        story = self.story
        at = story.at + timedelta(minutes=1)
        event = perform(story.case, story.context, command(kind, **fields), actor, at)
        story.case, story.at = fold(story.case, event), at
        story.events.append(event)
        return event

    def _look(self, before: Case | None, event: Event, actor: str) -> None:
        """Whoever is signed in did it, by name and by nobody's word (rule 2); then the oracles."""
        story, plain = self.story, self.story.context.plain
        assert (event.actor, story.now.moves[-1].person) == (actor, actor)
        self.review.look(before, event, story.now, story)
        self.permits.look(plain, event, plain, story.now)

    def _never_refused(self, actor: str, kind: str, fields: Mapping[str, Any]) -> None:
        """A report of use is taken from everybody whose it is, whatever it says (rule 7)."""
        if kind != "report-use" or self.story.case is None or actor in self.review.recused:
            return
        at = self.story.at
        use = command(kind, **fields)
        role = "applicant" if actor in ("olena", "taras") else "officer"
        free = role in self.review.roles.get(actor, {role})
        assert not (free and self.permits.must_take(actor, use, self.story.context.plain, at))

    def beside(self, actor: str, kind: str, **fields: Any) -> Event | None:
        """Try an act on no case, which may suspend permits; None where it was refused."""
        story = self.story
        cases = {story.now.id: story.now}
        wanted = command(kind, because="for a reason", **fields)
        try:
            event, after = change(story.context, wanted, actor, story.at, cases)
        except ReviewError:
            return None
        assert self.ghost or changed(story.context, event).digest == after.digest
        before, story.context = story.context.plain, after
        assert event.actor == actor
        look_beside(before, event, after.plain)
        if event.touches:
            story.case = suspended(story.now, event)
            story.events.append(event)
        self.permits.look(before, event, after.plain, story.now)
        return event

    def all_is_as_told(self) -> None:
        """What is computed of each permit is what the oracle says of it, at this moment."""
        story, plain = self.story, self.story.context.plain
        for name in self.permits.held:
            found = validity(story.now.permits[name], story.now, story.context, story.at)
            assert found.status == self.permits.status(name, plain, story.at)
            assert dict(found.remaining) == self.permits.left(name)
