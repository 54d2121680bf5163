"""Random people do random things on a case, and after every step oracles look on.

They share no code with what they judge (`review_oracle`, `permit_oracle`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from offered import try_all
from review_world import RELEASE, START, US_BOOK, USE, Story, asked, with_book, world
from watched_story import Watched

from building import examples
from placet.determination import SEMANTICS
from placet.registry import written
from placet.review.case import Case, Stage

DECIDERS = {
    "sec": "us/secdef",
    "acting": "us/secdef",
    "hatter": "us/secdef",
    "state-1": "us/state",
    "state-2": "us/state",
    "kurt": "de/council",
    "lena": "de/council",
    "max": "de/council",
    "nina": "us/state",
}
OTHERS = ["olena", "taras", "yurii", "dep", "jay", "joe", "desk", "desk-2", "lic", "lia", "dieter"]
PEOPLE = st.sampled_from([*DECIDERS, *OTHERS, "mallory"])
OFFICES = st.sampled_from(["us/secdef", "us/state", "de/council", "us/joint-staff"])
STRICTER = US_BOOK.replace(
    "because: decided by State", "persons: '2'\n        because: two of State"
)
LATE = {
    "title": "Late",
    "announced": "undeclared",
    "supersedes": ["release"],
    "rules": {
        "all": {
            "when": 'activity == "release"',
            "then": "review us/secdef",
            "because": "it is late",
        }
    },
}
MISSILE = {"section": "items", "id": "missile", "supersedes": "yes"}
NEW = {"name": "Missile", "origin": "GB"}
LENT, KEY = "state-to-staff", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5"
REQUESTS = [
    asked(USE),
    asked(USE, area="UA-43"),
    asked(RELEASE),
    asked(RELEASE, recipient="MD"),
    asked(RELEASE, lines={"a": {"item": "missile"}, "c": {"item": "booster"}}),
]
PROVIDED = st.sampled_from([[], [], [], [{"consent-of": "DE"}], [{"event": "training-done"}]])
DUE = st.sampled_from([None, "2025-06-02", "2025-06-20", "2025-08-01"])
UNTIL = st.sampled_from([None, None, None, "2025-06-10", "2025-07-10"])


def beside(at: datetime) -> list[tuple[str, str, dict[str, Any]]]:
    """Return acts on no case that may be done at a moment, in an order in which all of them can."""
    day, now = f"{at:%Y-%m-%d}", written(at)
    late, parts = {"party": "US", "policy": "late"}, {"party": "DE", "policy": "parts"}
    nina = {"official": "nina-1", "person": "nina", "name": "Nina", "office": "us/state"}
    lent = {"delegation": LENT, "of": "us/state", "to": "us/joint-staff", "from_": now}
    return [
        ("rules", "adopt-policy", {**late, "text": {**LATE, "from": day}}),
        ("rules", "announce-policy", {**late, "on": day}),
        ("rita", "announce-policy", {**parts, "on": day}),
        ("rules", "record-fact", {**MISSILE, "record": NEW}),
        ("rules", "appoint", {**nina, "from_": now}),
        ("rules", "dismiss", {"official": "kurt", "until": now}),
        ("state-2", "delegate", lent),
        ("state-1", "revoke-delegation", {"delegation": "state-to-deputy"}),
        ("rules", "register-key", {"key": "k", "person": "sec", "public": KEY, "from_": now}),
        ("rules", "retire-key", {"key": "k", "until": written(at + timedelta(days=1))}),
        ("rules", "erase", {"entry": "3", "fields": ["evidence"]}),
        ("rules", "change-semantics", {"to": SEMANTICS}),
        ("rules", "rotate-key", {"of": "log", "public": "another key"}),
    ]


def _digest(case: Case) -> str:
    return case.determined.digest if case.determined else f"sha256:{'0' * 64}"


DELEGATED = "secdef-to-deputy"
DELEGATIONS = ["state-to-deputy", DELEGATED, "deputy-to-staff", "disputed", "reported"]
ISSUE = ("lic", "issue", {"permit": "P-G", "status": 99_999})
TOLD = {"because": "b", "disclosed": "d"}
YES = {"verdict": "approve", **TOLD}
PROMISE = {"given_by": "a minister", "says": "we shall", "instrument": "a note"}
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
        ("joe", "dissent", {"advice": "0", "says": "I do not"}),
        ("jay", "countersign", {"advice": "0"}),
        ("desk-2", "countersign", {"advice": "0"}),
    ],
    [
        ("desk", "ask", {"asks": "Which?"}),
        ("desk", "supply", {"question": "0", "says": "so"}),
        ("olena", "supply", {"question": "0", "says": "so"}),
        ("acting", "decide", {"party": "US", "office": "us/secdef", **YES}),
        ISSUE,
        ("desk", "determine", {}),
        ISSUE,
    ],
    [
        ("lia", "record-assurance", {"party": "GB", **PROMISE}),
        ("desk", "set-deadline", {"of": "applicant", "due": "2025-12-01", "because": "b"}),
        ("desk", "escalate", {"to": "us/state", "because": "early"}),
        ("desk", "lapse", {"because": "early"}),
        ("", "wait", {"days": 200}),
        ("desk", "escalate", {"to": "us/state", "because": "late"}),
        ISSUE,
        ("desk", "escalate", {"to": "us/state", "because": "late again"}),
        ("desk", "lapse", {"because": "late"}),
        ISSUE,
        ("desk", "reconsider", {"because": "b"}),
        ISSUE,
    ],
    [
        ("desk", "return", TOLD),
        ISSUE,
        ("olena", "appeal", {"because": "b"}),
        ("desk", "dismiss-appeal", TOLD),
        ("desk", "dismiss-appeal", TOLD),
        ("olena", "appeal", {"because": "b"}),
        ("desk", "reconsider", {"because": "b"}),
        ISSUE,
    ],
    [
        ("olena", "appeal", {"because": "b"}),
        ("acting", "dismiss-appeal", {"party": "US", "office": "us/secdef", **TOLD}),
        ("max", "dismiss-appeal", {"party": "DE", "office": "de/council", **TOLD}),
        ("lia", "dismiss-appeal", {"party": "GB", **TOLD}),
        ("desk-2", "dismiss-appeal", TOLD),
        ISSUE,
    ],
    [
        ("olena", "withdraw", {"because": "b"}),
        ("desk", "reconsider", {"because": "b"}),
        ("desk", "determine", {}),
        ISSUE,
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
        self.watched = Watched(Story(BASE), {})
        self.tried = (0, 0)

    @property
    def story(self) -> Story:
        return self.watched.story

    def attempt(self, actor: str, kind: str, **fields: Any) -> None:
        self.watched.attempt(actor, kind, **fields)

    @invariant()
    def whatever_comes_next_holds(self) -> None:
        """Try each plot from here, without keeping it, and have the oracles look at every step."""
        state = (len(self.story.events), self.story.context.version)
        if self.story.case is None or state == self.tried:
            return
        self.tried = state
        for plot in PLOTS:
            ghosts = self.watched.copy(ghost=True)
            for actor, kind, fields in plot:
                self.haunt(ghosts, actor, kind, fields)

    def haunt(self, ghosts: Watched, actor: str, kind: str, fields: dict[str, Any]) -> None:
        if kind == "wait":
            ghosts.story.wait(**fields)
        elif kind == "the rules get stricter":
            ghosts.story.context = STRICT
        else:
            now = ghosts.story.now
            seen = {"decide": {"determination": _digest(now)}, "supply": {"request": now.request}}
            ghosts.attempt(actor, kind, **fields, **seen.get(kind, {}))

    @invariant()
    def every_permit_is_what_it_is_told_to_be(self) -> None:
        self.watched.all_is_as_told()

    @initialize(
        request=st.sampled_from(REQUESTS),
        depth=st.sampled_from([0, 1, 2, 3, 3]),
        provided=PROVIDED,
        until=UNTIL,
    )
    def begin(
        self, request: dict[str, Any], depth: int, provided: list[Any], until: str | None
    ) -> None:
        """File, and go some of the way that a well-run office would go."""
        self.watched.permits.request = request
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
            self.attempt("desk", "fulfil", need="notify Congress", instrument="a letter")
            self.record("lia", "GB")
            for actor in deciders[:4]:
                self.decided(actor, DECIDERS[actor], "approve", provided, until, [], None)
        else:
            for actor in ("desk", "dieter") if provided else ():
                self.attempt(actor, "fulfil", need="event training-done", instrument="a letter")
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
        delegation=st.sampled_from([*DELEGATIONS, LENT, None]),
    )
    def decide_for_another(self, actor: str, office: str, delegation: str | None) -> None:
        self.decided(actor, office, "approve", [], None, [], delegation)

    @REVIEWED
    @rule(
        by=st.sampled_from(
            [
                ("dep", "us/state", "state-to-deputy"),
                ("dep", "us/secdef", "secdef-to-deputy"),
                ("jay", "us/state", LENT),
            ]
        )
    )
    def deputy_decides(self, by: tuple[str, str, str]) -> None:
        actor, office, delegation = by
        self.decided(actor, office, "approve", [], None, [], delegation)

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
        if not self.watched.review.recused and len(self.story.events) > 8:
            self.attempt(actor, "recuse", because="b")

    @rule(actor=PEOPLE, kind=st.sampled_from(["reconsider", "lapse", "appeal", "close"]))
    def turn(self, actor: str, kind: str) -> None:
        self.attempt(actor, kind, because="b")

    @rule(who=st.integers(0, 19), kind=st.sampled_from(["withdraw", "return"]))
    def end(self, who: int, kind: str) -> None:
        """Seldom: an end is an end."""
        if len(self.story.events) > 4:
            actor = {0: "olena", 1: "desk", 2: "sec"}.get(who, "mallory")
            said = {"disclosed": "d"} if kind == "return" else {}
            self.attempt(actor, kind, because="b", **said)

    @at_stage(Stage.SUBMITTED, Stage.UNDER_REVIEW)
    @rule(actor=st.sampled_from(["desk", "dieter", "yurii", "sec"]), due=DUE)
    def ask(self, actor: str, due: str | None) -> None:
        self.attempt(actor, "ask", asks="Which?", fields=["area"], due=due)

    @precondition(lambda self: bool(self.story.now.questions))
    @rule(actor=st.sampled_from(["olena", "taras", "desk"]), area=st.sampled_from(["", "UA-43"]))
    def supply(self, actor: str, area: str) -> None:
        """The request comes back as it was, or for another area."""
        case = self.story.now
        asked_now = {**case.request, "area": area} if area else case.request
        if actor == "olena":
            self.watched.permits.request = asked_now
        number = str(len(case.questions) - 1)
        self.attempt(actor, "supply", question=number, says="so", request=asked_now)
        self.watched.permits.request = self.story.now.request

    @rule(
        actor=st.sampled_from(["desk", "desk-2", "yurii", "olena"]),
        of=st.sampled_from(["applicant", "case", "us/state", "ua/procurement"]),
        due=DUE,
    )
    def set_deadline(self, actor: str, of: str, due: str | None) -> None:
        self.attempt(actor, "set-deadline", of=of, due=due, because="b")

    @precondition(lambda self: bool(self.story.now.deadlines))
    @rule(
        actor=st.sampled_from(["desk", "olena"]),
        to=st.sampled_from(["us/state", "ua/desk"]),
        late=st.booleans(),
    )
    def escalate(self, actor: str, to: str, *, late: bool) -> None:
        if late:
            self.time_passes(40)
        self.attempt(actor, "escalate", to=to, because="late")

    @precondition(lambda self: bool(self.story.now.deadlines or self.story.now.questions))
    @rule(actor=st.sampled_from(["desk", "dieter"]))
    def lapse(self, actor: str) -> None:
        self.attempt(actor, "lapse", because="late")

    @at_stage(Stage.REFUSED, Stage.RETURNED, Stage.DECIDED, Stage.PERMITTED)
    @rule(actor=st.sampled_from(["olena", "desk"]))
    def appeal(self, actor: str) -> None:
        self.attempt(actor, "appeal", because="b")

    @precondition(lambda self: bool(self.story.now.appeals))
    @rule(actor=PEOPLE, office=st.none() | OFFICES, party=st.sampled_from([None, "US", "DE", "GB"]))
    def dismiss_appeal(self, actor: str, office: str | None, party: str | None) -> None:
        fields = {"office": office, "party": party, **TOLD}
        self.attempt(actor, "dismiss-appeal", **{k: v for k, v in fields.items() if v is not None})

    @precondition(lambda self: bool(self.story.now.appeals))
    @rule(actor=st.sampled_from(sorted(DECIDERS)))
    def answer_for_ones_word(self, actor: str) -> None:
        office = DECIDERS[actor]
        self.attempt(actor, "dismiss-appeal", party=office[:2].upper(), office=office, **TOLD)

    @rule(actor=st.sampled_from(["desk", "lia"]), to=st.sampled_from(["desk-2", "jay", "yurii"]))
    def assign(self, actor: str, to: str) -> None:
        self.attempt(actor, "assign", to=to, because="b")

    @rule(actor=st.sampled_from(["lia", "desk", "dieter"]), party=st.sampled_from(["GB", "UA"]))
    def assure(self, actor: str, party: str) -> None:
        self.attempt(actor, "record-assurance", party=party, **PROMISE)

    @precondition(lambda self: bool(self.story.now.advice))
    @rule(actor=st.sampled_from(["jay", "joe", "hatter", "kurt"]))
    def dissent(self, actor: str) -> None:
        self.attempt(actor, "dissent", advice="0", says="I do not")

    @at_stage(Stage.REFUSED, Stage.RETURNED, Stage.DECIDED)
    @rule()
    def new_round(self) -> None:
        self.attempt("desk", "reconsider", because="b")

    @REVIEWED
    @rule(
        actor=st.sampled_from(["desk", "desk-2", "dieter", "sec", "jay"]),
        need=st.sampled_from(
            [
                "notify Congress",
                "event training-done",
                "act of us/secdef",
                "consult us/joint-staff",
            ]
        ),
    )
    def fulfil(self, actor: str, need: str = "notify Congress") -> None:
        self.attempt(actor, "fulfil", need=need, instrument="a letter")

    @rule(who=PEOPLE)
    def what_is_offered_is_done(self, who: str) -> None:
        """No act that somebody is offered is refused when it is done; none of them is kept."""
        assert try_all(self.story, who)[1] == []

    @rule(days=st.sampled_from([0, 1, 3, 40]))
    def time_passes(self, days: int) -> None:
        self.story.wait(days=days)

    @precondition(lambda self: self.story.context.version < 6)
    @rule(book=st.sampled_from([STRICTER, US_BOOK]))
    def the_rules_change(self, book: str) -> None:
        self.story.context = with_book(self.story.context, book)

    @precondition(lambda self: self.story.context.version < 6)
    @rule(
        which=st.integers(0, len(beside(START)) - 1),
        by=st.sampled_from([None] * 4 + ["desk", "rita", "sec", "olena", "mallory"]),
    )
    def something_else_is_done(self, which: int, by: str | None) -> None:
        """Beside the case, as in the log: a policy or a fact, who holds which office, a key."""
        actor, kind, fields = beside(self.story.at)[which]
        self.watched.beside(by or actor, kind, **fields)


BASE = world()
STRICT = with_book(BASE, STRICTER)

TestReview = Review.TestCase
TestReview.settings = settings(examples(36), stateful_step_count=25)


def test_what_is_done_beside_the_case_can_be() -> None:
    """Each such act is done by whom the machine takes for it, and by nobody who should not."""
    watched = Watched(Story(BASE), {})
    watched.attempt("olena", "submit", case="C-1", request=asked(RELEASE))
    for actor, kind, fields in beside(watched.story.at):
        for other in sorted({*DECIDERS, *OTHERS, "rules", "rita", "mallory"} - {actor}):
            watched.copy(ghost=True).beside(other, kind, **fields)
        assert watched.beside(actor, kind, **fields) is not None, (actor, kind)
