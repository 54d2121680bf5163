"""Random people do random things, and after every step an oracle that shares no code looks on.

The oracle reads the events, the plain text of the context and the raw determinations, never the
functions that weigh decisions.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from review_world import RELEASE, US_BOOK, USE, Story, asked, changed, command, with_book, world

from placet.determination import determine
from placet.determination.world import Matter
from placet.registry import parse_moment
from placet.review.case import Case, Stage
from placet.review.errors import ReviewError
from placet.review.event import Event
from placet.review.fold import fold
from placet.review.perform import perform

DECIDERS = {
    "sec": "us/secdef",
    "acting": "us/secdef",
    "hatter": "us/secdef",
    "state-1": "us/state",
    "state-2": "us/state",
    "kurt": "de/council",
    "lena": "de/council",
    "max": "de/council",
}
OTHERS = ["olena", "taras", "yurii", "dep", "jay", "joe", "desk", "desk-2", "lic", "lia", "dieter"]
PEOPLE = st.sampled_from([*DECIDERS, *OTHERS, "mallory"])
OFFICES = st.sampled_from(["us/secdef", "us/state", "de/council", "us/joint-staff"])
STRICTER = US_BOOK.replace(
    "because: decided by State", "persons: '2'\n        because: two of State"
)
REQUESTS = [
    asked(USE),
    asked(USE, area="UA-43"),
    asked(RELEASE),
    asked(RELEASE, recipient="MD"),
    asked(RELEASE, lines={"a": {"item": "missile"}, "c": {"item": "booster"}}),
]
PROVIDED = st.sampled_from([[], [], [], [{"consent-of": "DE"}], [{"event": "training-done"}]])
UNTIL = st.sampled_from([None, None, None, "2025-06-10", "2025-07-10"])

ROLE = {
    **dict.fromkeys(["submit", "supply", "withdraw", "appeal"], "applicant"),
    **dict.fromkeys(
        ["determine", "ask", "return", "reconsider", "lapse", "fulfil", "issue", "record-consent"],
        "officer",
    ),
    **dict.fromkeys(["advise", "dissent"], "adviser"),
    "countersign": "countersigner",
    "decide": "decider",
}
GROWING = ("decisions", "advice", "questions", "moves", "assurances", "appeals", "fulfilled")


class Oracle:
    """Judges a step by what happened, with rules of its own."""

    def __init__(self) -> None:
        self.said: dict[str, Mapping[str, Any]] = {}
        self.roles: dict[str, set[str]] = {}
        self.recused: set[str] = set()
        self.refused_rounds: set[int] = set()
        self.latest = ""

    def copy(self) -> Oracle:
        """Return an oracle that knows the same and may learn other things."""
        other = Oracle()
        other.said, other.recused = dict(self.said), set(self.recused)
        other.roles = {person: set(roles) for person, roles in self.roles.items()}
        other.refused_rounds, other.latest = set(self.refused_rounds), self.latest
        return other

    def look(self, before: Case | None, event: Event, after: Case, story: Story) -> None:
        """Check one step."""
        kind = event.command.kind
        assert event.actor not in self.recused
        assert after.version == len(story.events)
        self.keeps(before, after)
        self.one_role(event)
        if kind == "determine":
            self.latest = event.found["digest"]
            self.said[self.latest] = _apart(event.found["determination"])
        if kind == "decide":
            self.of_decision(event, story)
        if kind == "issue":
            assert before is not None
            self.of_permit(before, event, after, story)
        if kind == "recuse":
            self.recused.add(event.actor)
        if after.stage is Stage.REFUSED:
            self.refused_rounds.add(after.round)

    def keeps(self, before: Case | None, after: Case) -> None:
        """Nothing on file is lost or changed; a decision may be marked as withdrawn."""
        if before is None:
            return
        assert after.round >= before.round
        for name in GROWING:
            assert len(getattr(after, name)) >= len(getattr(before, name))
        assert after.moves[: len(before.moves)] == before.moves
        for old, new in zip(before.decisions, after.decisions, strict=False):
            assert old.withdrawn_at is None or old == new
            assert old == new.model_copy(update={"withdrawn_at": old.withdrawn_at})
        assert before.permits.keys() <= after.permits.keys()

    def one_role(self, event: Event) -> None:
        """Nobody acts in two roles."""
        kind = event.command.kind
        role = ROLE.get(kind, "")
        if kind == "withdraw-consent":
            role = "decider" if getattr(event.command, "office", None) else "officer"
        if role:
            self.roles.setdefault(event.actor, set()).add(role)
        assert len(self.roles.get(event.actor, ())) <= 1

    def of_decision(self, event: Event, story: Story) -> None:
        """It is taken on what is determined today, by somebody who may."""
        decision: Any = event.command
        assert decision.determination == self.latest
        assert self.said[self.latest] == _fresh(story, event.at)
        answer = self.party(self.latest, decision.party)
        office = next(each for each in answer["at_most"]["by"] if each["office"] == decision.office)
        assert _may(story, event.actor, decision.office, decision.delegation, event.at)
        assert not (office["reserved"] and decision.delegation)

    def party(self, digest: str, party: str) -> Mapping[str, Any]:
        return next(each for each in self.said[digest]["parties"] if each["party"] == party)

    def of_permit(self, before: Case, event: Event, after: Case, story: Story) -> None:
        """Every party that is asked about a line has said yes to it, and nothing changed since."""
        assert self.said[self.latest] == _fresh(story, event.at)
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
                if outcome == "review":
                    self.said_yes(party, given, story, event)

    def said_yes(self, party: str, given: list[Any], story: Story, event: Event) -> None:
        if any(each.external and each.verdict == "approve" for each in given):
            return
        for office in self.party(self.latest, party)["at_most"]["by"]:
            by = [each for each in given if each.office == office["office"]]
            assert {each.verdict for each in by} == {"approve"}
            assert len({each.person for each in by}) >= office["persons"]
            assert len({each.text for each in by}) == 1
            for each in by:
                assert _may(story, each.person, each.office, each.delegation, each.at, event.at)
                for condition in each.provided:
                    assert condition.event is None or event.at >= parse_moment("2025-07-01")
                    if condition.consent_of is not None:
                        agreed = {
                            other.party
                            for other in self.counting(story.now, event)
                            if other.verdict == "approve"
                        }
                        assert condition.consent_of in agreed

    def counting(self, case: Case, event: Event) -> list[Any]:
        """The decisions of this round, not withdrawn, not run out, taken on the same answer."""
        return [
            each
            for each in case.decisions
            if each.round == case.round
            and not each.withdrawn_at
            and (each.until is None or each.until > event.at)
            and self.said[each.determination] == self.said[self.latest]
        ]


def _digest(case: Case) -> str:
    return case.determined.digest if case.determined else f"sha256:{'0' * 64}"


def _apart(determination: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is asked and why; who may act for an office is checked for each decision."""
    left_out = ("at", "known_at", "context", "authority")
    return {key: each for key, each in determination.items() if key not in left_out}


def _fresh(story: Story, at: datetime) -> Mapping[str, Any]:
    context = story.context
    request = context.request(story.now.request)
    matter = Matter(context.registry, context.books, request, at, context=context.digest)
    return _apart(determine(matter).plain())


def _may(
    story: Story,
    person: str,
    office: str,
    delegation: str | None,
    at: datetime,
    now: datetime | None = None,
) -> bool:
    """Say, from the plain text of the registry, whether a person may decide for an office."""
    registry = story.context.plain["registry"]
    if delegation is not None:
        found = registry["delegations"][delegation]
        revoked = found.get("revoked")
        if found["of"] != office or found.get("grade", "confirmed") != "confirmed":
            return False
        if revoked and parse_moment(revoked["on"]) <= (now or at):
            return False
        office = found["to"]
    return any(
        each.get("person", key) == person
        and each["office"] == office
        and ("until" not in each or at < parse_moment(each["until"]))
        for key, each in registry["officials"].items()
    )


DELEGATED = "secdef-to-deputy"
ISSUE = ("lic", "issue", {"permit": "P-G", "status": 999_999})
TOLD = {"because": "b", "disclosed": "d"}
YES = {"verdict": "approve", **TOLD}
PLOTS: list[list[tuple[str, str, dict[str, Any]]]] = [
    [ISSUE],
    [("", "wait", {"days": 70}), ISSUE],
    [("desk", "determine", {}), ISSUE],
    [("", "the rules get stricter", {}), ISSUE, ("desk", "determine", {}), ISSUE],
    [
        ("state-1", "decide", {"party": "US", "office": "us/state", **YES}),
        ("max", "decide", {"party": "DE", "office": "de/council", **YES}),
        ISSUE,
    ],
    [("desk", "reconsider", {"because": "b"}), ("desk", "determine", {}), ISSUE],
    [
        ("acting", "withdraw-consent", {"party": "US", "office": "us/secdef", **TOLD}),
        ("state-2", "withdraw-consent", {"party": "US", "office": "us/state", **TOLD}),
        ("max", "withdraw-consent", {"party": "DE", "office": "de/council", **TOLD}),
        ISSUE,
    ],
    [
        ("desk", "determine", {}),
        ("dep", "decide", {"party": "US", "office": "us/secdef", **YES, "delegation": DELEGATED}),
        ("lic", "decide", {"party": "US", "office": "us/secdef", **YES}),
        ("jay", "advise", {"office": "us/joint-staff", "stance": "for", "says": "s"}),
        ("hatter", "advise", {"office": "us/joint-staff", "stance": "for", "says": "s"}),
        ("hatter", "decide", {"party": "US", "office": "us/secdef", **YES}),
    ],
]
"""What is tried from every state that is reached: by who may, and by who may not."""


def at_stage(*stages: Stage) -> Any:
    """Return a precondition: try something only where it has a chance."""
    return precondition(lambda self: self.story.now.stage in stages)


REVIEWED = at_stage(Stage.UNDER_REVIEW, Stage.DECIDED)
DECIDED = precondition(lambda self: bool(self.story.now.decisions))


class Review(RuleBasedStateMachine):
    """People act on one case; what is refused changes nothing, and what is not is checked."""

    def __init__(self) -> None:
        super().__init__()
        self.story = Story(BASE)
        self.oracle = Oracle()
        self.tried = (0, 0)

    def attempt(self, actor: str, kind: str, **fields: Any) -> None:
        """Try an act; it is refused and nothing changes, or it is done and the oracle looks."""
        before = self.story.case
        try:
            event = self.story.do(actor, kind, **fields)
        except ReviewError:
            assert self.story.case is before
            return
        self.oracle.look(before, event, self.story.now, self.story)

    @invariant()
    def whatever_comes_next_holds(self) -> None:
        """Try each plot from here, without keeping it, and have the oracle look at every step."""
        state = (len(self.story.events), self.story.context.version)
        if self.story.case is None or state == self.tried:
            return
        self.tried = state
        for plot in PLOTS:
            story = Story(self.story.context, self.story.case, self.story.at, [*self.story.events])
            oracle = self.oracle.copy()
            for actor, kind, fields in plot:
                self.ghost(story, oracle, actor, kind, fields)

    def ghost(
        self, story: Story, oracle: Oracle, actor: str, kind: str, fields: dict[str, Any]
    ) -> None:
        if kind == "wait":
            story.wait(**fields)
            return
        if kind == "the rules get stricter":
            story.context = STRICT
            return
        given = {**fields, "determination": _digest(story.now)} if kind == "decide" else fields
        before = story.now
        story.wait(minutes=1)
        try:
            event = perform(before, story.context, command(kind, **given), actor, story.at)
        except ReviewError:
            return
        story.case = fold(before, event)
        story.events.append(event)
        oracle.look(before, event, story.now, story)

    @initialize(
        request=st.sampled_from(REQUESTS), depth=st.integers(0, 3), provided=PROVIDED, until=UNTIL
    )
    def begin(
        self, request: dict[str, Any], depth: int, provided: list[Any], until: str | None
    ) -> None:
        """File, and go some of the way that a well-run office would go."""
        self.attempt("olena", "submit", case="C-1", request=request)
        for _ in range(depth):
            self.goes_on(["kurt", "state-1", "sec", "lena"], provided, until)

    @at_stage(Stage.SUBMITTED, Stage.UNDER_REVIEW, Stage.DECIDED)
    @rule(deciders=st.permutations(sorted(DECIDERS)), provided=PROVIDED, until=UNTIL)
    def goes_on(self, deciders: list[str], provided: list[Any], until: str | None) -> None:
        """Do what a well-run office would do next, whoever is there."""
        stage = self.story.now.stage
        if stage is Stage.SUBMITTED:
            self.determine("desk")
        elif stage is Stage.UNDER_REVIEW:
            self.advise("jay")
            self.time_passes(2)
            self.fulfil("desk")
            self.record("lia", "GB")
            for actor in deciders[:4]:
                self.decided(actor, DECIDERS[actor], "approve", provided, until, [], None)
        else:
            self.issue("lic")

    @at_stage(Stage.SUBMITTED, Stage.UNDER_REVIEW, Stage.DECIDED)
    @rule(actor=st.sampled_from(["desk", "desk-2", "dieter", "yurii", "sec"]))
    def determine(self, actor: str) -> None:
        self.attempt(actor, "determine")

    @REVIEWED
    @rule(
        actor=st.sampled_from(sorted(DECIDERS)),
        verdict=st.sampled_from(["approve"] * 6 + ["refuse", "return"]),
        provided=PROVIDED,
        until=UNTIL,
        part=st.booleans(),
    )
    def decide(
        self, actor: str, verdict: str, provided: list[Any], until: str | None, *, part: bool
    ) -> None:
        lines = sorted(self.story.now.request["lines"])[:1] if part else []
        self.decided(actor, DECIDERS[actor], verdict, provided, until, lines, None)

    @REVIEWED
    @rule(
        actor=PEOPLE,
        office=OFFICES,
        delegation=st.sampled_from(
            ["state-to-deputy", "secdef-to-deputy", "deputy-to-staff", "disputed", "reported", None]
        ),
    )
    def decide_for_another(self, actor: str, office: str, delegation: str | None) -> None:
        self.decided(actor, office, "approve", [], None, [], delegation)

    @REVIEWED
    @rule(office=st.sampled_from(["state", "secdef"]))
    def deputy_decides(self, office: str) -> None:
        self.decided("dep", f"us/{office}", "approve", [], None, [], f"{office}-to-deputy")

    def decided(
        self,
        actor: str,
        office: str,
        verdict: str,
        provided: list[Any],
        until: str | None,
        lines: list[str],
        delegation: str | None,
    ) -> None:
        self.attempt(
            actor,
            "decide",
            party=office[:2].upper(),
            office=office,
            delegation=delegation,
            verdict=verdict,
            provided=provided,
            until=until,
            lines=lines,
            because="b",
            disclosed="d",
            determination=_digest(self.story.now),
        )

    @REVIEWED
    @rule(actor=st.sampled_from(["lia", "dieter", "desk"]), party=st.sampled_from(["GB", "DE"]))
    def record(self, actor: str, party: str) -> None:
        self.attempt(
            actor,
            "record-consent",
            party=party,
            given_by="a government",
            given_on="2025-05-01",
            instrument="a note",
            instrument_digest=f"sha256:{'1' * 64}",
            verdict="approve",
            disclosed="d",
            determination=_digest(self.story.now),
        )

    @at_stage(Stage.DECIDED, Stage.PERMITTED)
    @rule(actor=st.sampled_from(["lic", "lic", "lic", "dieter", "sec", "desk", "olena"]))
    def issue(self, actor: str) -> None:
        number = len(self.story.events)
        self.attempt(actor, "issue", permit=f"P-{number}", status=number)

    @at_stage(Stage.UNDER_REVIEW)
    @rule(actor=st.sampled_from(["jay", "joe", "hatter", "desk"]))
    def advise(self, actor: str) -> None:
        self.attempt(actor, "advise", office="us/joint-staff", stance="for", says="s")

    @precondition(lambda self: bool(self.story.now.advice))
    @rule(actor=st.sampled_from(["jay", "joe", "desk", "desk-2"]))
    def countersign(self, actor: str) -> None:
        self.attempt(actor, "countersign", advice="0")

    @DECIDED
    @rule(actor=st.sampled_from(["acting", "state-2", "max"]), own=st.booleans(), office=OFFICES)
    def take_back(self, actor: str, office: str, *, own: bool) -> None:
        office = DECIDERS[actor] if own else office
        self.attempt(
            actor,
            "withdraw-consent",
            party=office[:2].upper(),
            office=office,
            because="b",
            disclosed="d",
        )

    @rule(actor=st.sampled_from(["desk-2", "sec", "jay", "kurt"]))
    def step_aside(self, actor: str) -> None:
        if not self.oracle.recused and len(self.story.events) > 8:
            self.attempt(actor, "recuse", because="b")

    @rule(actor=PEOPLE, kind=st.sampled_from(["reconsider", "lapse", "appeal", "close"]))
    def turn(self, actor: str, kind: str) -> None:
        self.attempt(actor, kind, because="b")

    @at_stage(Stage.REFUSED, Stage.RETURNED, Stage.DECIDED)
    @rule()
    def new_round(self) -> None:
        self.attempt("desk", "reconsider", because="b")

    @REVIEWED
    @rule(actor=st.sampled_from(["desk", "desk-2"]))
    def fulfil(self, actor: str) -> None:
        self.attempt(actor, "fulfil", need="notify Congress", instrument="a letter")

    @rule(days=st.sampled_from([0, 1, 3, 40]))
    def time_passes(self, days: int) -> None:
        self.story.wait(days=days)

    @precondition(lambda self: self.story.context.version < 6)
    @rule(what=st.sampled_from(["stricter", "as before", "revoked", "dismissed"]))
    def the_context_changes(self, what: str) -> None:
        story = self.story
        today = story.at.strftime("%Y-%m-%d")
        if what in ("stricter", "as before"):
            book = STRICTER if what == "stricter" else US_BOOK
            story.context = with_book(story.context, book)
        elif what == "revoked":
            story.context = changed(
                story.context, "delegations", "state-to-deputy", revoked={"on": today}
            )
        else:
            story.context = changed(story.context, "officials", "kurt", until=today)


BASE = world()
STRICT = with_book(BASE, STRICTER)

TestReview = Review.TestCase
TestReview.settings = settings(
    max_examples=25, stateful_step_count=20, deadline=None, derandomize=True
)
