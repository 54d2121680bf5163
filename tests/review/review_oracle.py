"""An oracle that judges every step of a case, and shares no code with what it judges.

It reads the events, the plain text of the context and the raw determinations, never the functions
that weigh decisions. It holds each step to the rules of DESIGN §3 that bind the review; what
becomes of permits is judged by an oracle of its own (`permit_oracle`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from plain_record import has_duty, holds, may_decide
from review_world import Story

from placet.determination import determine
from placet.determination.world import Matter
from placet.review.case import Case, Stage
from placet.review.event import Event

__all__ = ["ReviewOracle"]

_ROLES: dict[str, set[str]] = {
    **{key: {"applicant"} for key in ["submit", "supply", "withdraw", "appeal", "surrender"]},
    **{
        key: {"officer"}
        for key in [
            "determine",
            "assign",
            "ask",
            "return",
            "set-deadline",
            "escalate",
            "lapse",
            "reconsider",
            "close",
            "issue",
            "record-consent",
            "record-assurance",
            "suspend",
            "lift",
            "amend",
            "check-end-use",
            "resolve-violation",
        ]
    },
    **{key: {"adviser"} for key in ["advise", "dissent"]},
    "countersign": {"countersigner"},
    **{key: {"decider"} for key in ["decide", "break-glass"]},
    **{key: {"decider", "officer"} for key in ["revoke", "review-after", "fulfil", "retract"]},
    **{key: {"applicant", "officer"} for key in ["report-use", "correct-use"]},
}
"""In which role an act is done; where it may be done in either, what else is done tells which."""

_LEADING = {"determine", "assign", "ask", "return", "set-deadline", "escalate", "lapse"}
_LEADING |= {"reconsider", "close"}

_FROM: dict[str, set[Stage]] = {
    Stage.CLOSED: {Stage.PERMITTED},
    Stage.WITHDRAWN: {Stage.SUBMITTED, Stage.UNDER_REVIEW, Stage.DECIDED},
    Stage.LAPSED: {Stage.SUBMITTED, Stage.UNDER_REVIEW, Stage.DECIDED},
}
_BY: dict[str, set[str]] = {
    Stage.CLOSED: {"close"},
    Stage.WITHDRAWN: {"withdraw"},
    Stage.LAPSED: {"lapse"},
    Stage.RETURNED: {"return", "decide", "record-consent"},
    Stage.REFUSED: {"decide", "record-consent"},
    Stage.SUBMITTED: {"submit", "supply", "reconsider", "withdraw-consent"},
}
"""By which acts a case gets to a stage."""

_MOVING = {"submit", "supply", "determine", "decide", "record-consent", "withdraw-consent", "issue"}
_MOVING |= {"reconsider", "withdraw", "return", "lapse", "close", "recuse"}
"""The acts that may bring a case to another stage: whatever is not here never does."""

_GROWING = ("decisions", "advice", "questions", "moves", "assurances", "appeals", "fulfilled")
_GROWING += ("reports", "checks")
_LATER = {
    "decisions": {"withdrawn_at", "voided_at"},
    "advice": {"dissents", "countersigned_by", "superseded_at"},
    "questions": {"answered_at", "says"},
    "appeals": {"reconsidered_at", "dismissals"},
    "reports": {"finding", "found_because", "corrected_by"},
    "assurances": {"withdrawn_at"},
    "fulfilled": {"withdrawn_at"},
}
"""What may be added, once, to what is on file."""


class ReviewOracle:
    """Judges a step by what happened, with rules of its own."""

    def __init__(self) -> None:
        self.said: dict[str, Mapping[str, Any]] = {}
        self.roles: dict[str, set[str]] = {}
        self.recused: set[str] = set()
        self.refused_rounds: set[int] = set()
        self.deadlines: dict[str, datetime] = {}
        self.escalated: set[str] = set()
        self.latest = ""
        self.asked_before = self.void = 0

    def copy(self) -> ReviewOracle:
        """Return an oracle that knows the same and may learn other things."""
        other = ReviewOracle()
        other.said, other.recused = dict(self.said), set(self.recused)
        other.roles = {person: set(roles) for person, roles in self.roles.items()}
        other.refused_rounds, other.latest = set(self.refused_rounds), self.latest
        other.deadlines, other.escalated = dict(self.deadlines), set(self.escalated)
        other.asked_before, other.void = self.asked_before, self.void
        return other

    def look(self, before: Case | None, event: Event, after: Case, story: Story) -> None:
        """Check one step."""
        kind = event.command.kind
        assert event.actor not in self.recused
        assert after.version == len(story.events)
        self.keeps(before, after)
        self.one_role(event)
        self.moves_on(before, event, after)
        if kind in _LEADING:
            self.leads(event, story)
        if kind == "fulfil":
            self.fulfils(event, story)
        if before is not None and kind == "supply":
            self.answers(before, event, after)
        if before is not None and kind == "dismiss-appeal":
            self.dismisses(before, event, after, story)
        if kind == "determine":
            was, self.latest = self.latest, event.found["digest"]
            self.said[self.latest] = _apart(event.found["determination"])
            if self.said.get(was) != self.said[self.latest]:
                self.void = len(after.decisions)
        if kind == "decide":
            self.of_decision(event, story)
        if before is not None and kind in ("issue", "break-glass"):
            self.of_permit(before, event, after, story)
        if before is not None and kind in ("escalate", "lapse"):
            assert any(each <= event.at for each in self.due(before, kind))
        self.learn(event, after)

    def learn(self, event: Event, after: Case) -> None:
        """Remember what later steps are judged by."""
        command: Any = event.command
        match command.kind:
            case "recuse":
                self.recused.add(event.actor)
            case "submit" if command.due is not None:
                self.deadlines["case"] = command.due
            case "set-deadline":
                self.escalated.discard(command.of)
                self.deadlines.pop(command.of, None)
                if command.due is not None:
                    self.deadlines[command.of] = command.due
            case "reconsider":
                self.deadlines, self.escalated = {}, set()
                self.asked_before = len(after.questions)
            case "escalate":
                self.escalated |= {of for of, due in self.deadlines.items() if due <= event.at}
        if after.stage is Stage.REFUSED:
            self.refused_rounds.add(after.round)

    # --- whatever the act

    def keeps(self, before: Case | None, after: Case) -> None:
        """Nothing on file is lost or changed; what may be added to it later is added once."""
        if before is None:
            return
        assert after.round >= before.round
        for name in _GROWING:
            assert len(getattr(after, name)) >= len(getattr(before, name))
            for old, new in zip(getattr(before, name), getattr(after, name), strict=False):
                later = {each: getattr(old, each) for each in _LATER.get(name, ())}
                assert old == new.model_copy(update=later)
                for field, was in later.items():
                    now = getattr(new, field)
                    assert was in (None, now) or now[: len(was)] == was
        assert before.permits.keys() <= after.permits.keys()

    def one_role(self, event: Event) -> None:
        """Nobody acts in two roles: some one role must do for all that a person did."""
        kind = event.command.kind
        able = _ROLES.get(kind, set())
        if kind in ("withdraw-consent", "dismiss-appeal"):
            able = {"decider" if getattr(event.command, "office", None) else "officer"}
        if able:
            self.roles[event.actor] = self.roles.get(event.actor, able) & able
            assert self.roles[event.actor]

    def moves_on(self, before: Case | None, event: Event, after: Case) -> None:
        """A case gets to a stage only by the acts that lead there, and an end is an end."""
        kind, was = event.command.kind, before.stage if before is not None else None
        if after.stage is was:
            return
        assert kind in _MOVING
        assert kind in _BY.get(after.stage, _MOVING)
        assert was not in (Stage.CLOSED, Stage.WITHDRAWN)
        assert was in _FROM.get(after.stage, {was})
        if was in (Stage.REFUSED, Stage.RETURNED, Stage.LAPSED):
            assert kind == "reconsider"
        if after.stage is Stage.PERMITTED:
            assert any(not each.emergency for each in after.permits.values())

    def leads(self, event: Event, story: Story) -> None:
        """A case is led by officials of those who are asked, never of the applicant."""
        plain = story.context.plain
        assert has_duty(plain, event.actor, "cases", event.at, ["US", "DE"])

    def answers(self, before: Case, event: Event, after: Case) -> None:
        """An answer that leaves the request leaves the review; any other takes it all back."""
        supplied = getattr(event.command, "request", None)
        if supplied in (None, before.request):
            for name in ("stage", "determined", "asked", "decisions", "permits", "announced"):
                assert getattr(after, name) == getattr(before, name)
        else:
            self.void = len(after.decisions)
            assert (after.stage, after.determined) == (Stage.SUBMITTED, None)
            assert not before.permits

    def dismisses(self, before: Case, event: Event, after: Case, story: Story) -> None:
        """One appeal of this round is answered, by whose word it is against; all else stands."""
        command: Any = event.command
        for name in ("stage", "determined", "asked", "decisions", "permits", "round", "ended"):
            assert getattr(after, name) == getattr(before, name)
        pairs = zip(before.appeals, after.appeals, strict=True)
        (old, new), *more = [(old, new) for old, new in pairs if old != new]
        assert not more
        assert new.reconsidered_at is None
        assert command.party not in [each.party for each in old.dismissals]
        against = {
            (each.party, each.office)
            for each in self.counting(before, event, past=True)
            if each.at <= old.at and (each.provisos or each.verdict != "approve")
        }
        if command.office is not None:
            assert (command.party, command.office) in against
            assert holds(story.context.plain, event.actor, command.office, event.at)
        else:
            duty = "cases" if command.party is None else "liaison"
            assert has_duty(story.context.plain, event.actor, duty, event.at, ["US", "DE"])

    def fulfils(self, event: Event, story: Story) -> None:
        """An office acts by its holder; of a step, the party that asks for it speaks."""
        plain, need = story.context.plain, getattr(event.command, "need", "")
        if need.startswith("act of "):
            assert holds(plain, event.actor, need.removeprefix("act of "), event.at)
        else:
            assert need in ("notify Congress", "event training-done")
            parties = event.found["counts-for"]
            assert has_duty(plain, event.actor, "cases", event.at, parties)
            assert need != "notify Congress" or parties == ["US"]

    def due(self, before: Case, kind: str) -> Iterator[datetime]:
        """Yield the days that let a case be escalated, or lapse: never those of the reviewers."""
        for of, day in self.deadlines.items():
            if of not in self.escalated if kind == "escalate" else of in ("applicant", "case"):
                yield day
        if kind == "lapse":
            asked = before.questions[self.asked_before :]
            open_ = [each for each in asked if each.answered_at is None]
            yield from (each.due for each in open_ if each.due is not None)

    # --- decisions

    def of_decision(self, event: Event, story: Story) -> None:
        """It is taken on what is determined today, by somebody who may."""
        decision: Any = event.command
        assert decision.determination == self.latest
        assert self.said[self.latest] == fresh(story, event.at)
        answer = self.party(self.latest, decision.party)
        office = next(each for each in answer["at_most"]["by"] if each["office"] == decision.office)
        delegation, plain = decision.delegation, story.context.plain
        assert may_decide(plain, event.actor, decision.office, delegation, event.at)
        assert not (office["reserved"] and delegation)

    def party(self, digest: str, party: str) -> Mapping[str, Any]:
        """Return what a determination says of a party."""
        return next(each for each in self.said[digest]["parties"] if each["party"] == party)

    def of_permit(self, before: Case, event: Event, after: Case, story: Story) -> None:
        """Every party that is asked about a line has said yes to it, and nothing changed since.

        Where the glass is broken one party is spared, if its rules let it, and no other.
        """
        command: Any = event.command
        spared = command.party if command.kind == "break-glass" else None
        if spared is None:
            asked = [each["party"] for each in self.said[self.latest]["parties"]]
            assert has_duty(story.context.plain, event.actor, "permits", event.at, asked)
        assert self.said[self.latest] == fresh(story, event.at)
        assert before.round not in self.refused_rounds
        permit = after.permits[next(iter(after.permits.keys() - before.permits.keys()))]
        for line in permit.terms.lines:
            answer = next(
                each for each in self.said[self.latest]["lines"] if each["line"] == line.line
            )
            for party, outcome in answer["parties"].items():
                assert outcome != "refuse"
                given = [each for each in self.counting(before, event) if each.party == party]
                given = [each for each in given if line.line in each.lines]
                if outcome == "review" and party != spared:
                    self.said_yes(party, given, story, event)

    def said_yes(self, party: str, given: list[Any], story: Story, event: Event) -> None:
        """Every office that decides for a party has said yes, by as many persons as it takes."""
        if any(each.external and each.verdict == "approve" for each in given):
            return
        plain = story.context.plain
        for office in self.party(self.latest, party)["at_most"]["by"]:
            by = [each for each in given if each.office == office["office"]]
            assert {each.verdict for each in by} == {"approve"}
            assert len({each.person for each in by}) >= office["persons"]
            assert len({each.text for each in by}) == 1
            for each in by:
                assert may_decide(
                    plain, each.person, each.office, each.delegation, each.at, event.at
                )
                for condition in each.provided:
                    assert condition.event is None or came_about(condition.event, party, story)
                    if condition.consent_of is not None:
                        agreed = {
                            other.party
                            for other in self.counting(story.now, event)
                            if other.verdict == "approve"
                        }
                        assert condition.consent_of in agreed

    def counting(self, case: Case, event: Event, *, past: bool = False) -> list[Any]:
        """The decisions of this round, not withdrawn, not run out, taken on this answer or since.

        Those of one who stepped aside since are none; those that have run out are with the `past`.
        """
        return [
            each
            for each in case.decisions[self.void :]
            if each.round == case.round
            and each.person not in self.recused
            and not each.withdrawn_at
            and (past or each.until is None or each.until > event.at)
        ]


def came_about(name: str, party: str, story: Story) -> bool:
    """Say whether somebody recorded that an event came about, for a party that waits for it."""
    events = story.events
    opened = [number for number, each in enumerate(events) if each.command.kind == "reconsider"]
    return any(
        each.command.kind == "fulfil"
        and getattr(each.command, "need", "") == f"event {name}"
        and party in each.found["counts-for"]
        for each in events[max(opened, default=0) :]
    )


def _apart(determination: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is asked and why; who may act for an office is checked for each decision."""
    left_out = ("at", "known_at", "context", "authority")
    return {key: each for key, each in determination.items() if key not in left_out}


def fresh(story: Story, at: datetime) -> Mapping[str, Any]:
    """Return what would be determined now."""
    context = story.context
    request = context.request(story.now.request)
    matter = Matter(context.registry, context.books, request, at, context=context.digest)
    return _apart(determine(matter).plain())
