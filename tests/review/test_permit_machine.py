"""Random people do random things with permits, and after every step oracles look on.

A permit is suspended, lifted, narrowed, given back, revoked, used within and beyond it; the glass
is broken and reviewed; what permits rest on is withdrawn, by acts on the case and beside it; time
goes by. The oracles share no code with what they judge (`review_oracle`, `permit_oracle`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from offered import try_all
from plain_record import come
from review_world import RELEASE, USE, Story, asked, world
from watched_story import Watched

from building import examples
from placet.registry import written

CONTROLLERS = st.sampled_from(["lic", "lic", "lic", "dieter", "dieter", "sec", "olena", "desk"])
REPORTERS = st.sampled_from(["olena", "olena", "taras", "desk", "desk-2", "yurii", "lic", "kurt"])
WHICH = st.integers(0, 3)
DECIDERS = {"sec": "us/secdef", "acting": "us/secdef", "kurt": "de/council", "max": "de/council"}
DECIDERS |= {"state-1": "us/state", "dep": "us/state"}
NOTHING = f"sha256:{'0' * 64}"
SAID = {"because": "b", "disclosed": "d"}
OTHERWISE: list[dict[str, Any]] = [
    *[{}] * 4,
    {"area": "RU-MOW"},
    {"area": "PL"},
    {"target": "energy"},
    {"purpose": "training"},
    {"recipient": "FR"},
    {"line": "another"},
    {"area": "unknown", "target": "unknown", "purpose": "unknown", "recipient": "unknown"},
]
STRIKE, CLEARED = asked(USE), asked(USE, area="UA-43")
LINES = {"a": {"item": "missile", "quantity": "4"}, "b": {"item": "shell", "quantity": "9"}}
TRANSFER = asked(RELEASE, lines=LINES)
DATA = {"name": "Targeting data", "origin": "US", "kind": "service"}
NARROWER: list[dict[str, Any]] = [{"until": "2025-08-01"}, {"quantities": {"one": "2", "a": "2"}}]
NARROWER += [{"quantities": {"one": "9"}}, {"until": "2026-08-01"}, {}]
NARROWER += [{"provisos": [{"not-targets": ["energy"], "at-most": "3", "text": "less"}]}]
PROMISE = {"given_by": "a minister", "says": "we shall", "instrument": "a note"}
ASSURED, PLAN = "assurance from GB", "act of us/joint-staff"
WIDER = {"area": "RU", "target": "military", "purpose": "defence"}


def _decided(watched: Watched, actor: str, office: str, **fields: Any) -> None:
    determined = watched.story.now.determined
    watched.attempt(
        actor,
        "decide",
        party=office[:2].upper(),
        office=office,
        verdict=fields.pop("verdict", "approve"),
        determination=determined.digest if determined else NOTHING,
        **SAID,
        **fields,
    )


def _break(watched: Watched, actor: str, office: str, hours: int) -> None:
    number, determined = len(watched.story.events), watched.story.now.determined
    watched.attempt(
        actor,
        "break-glass",
        party=office[:2].upper(),
        office=office,
        hours=hours,
        permit=f"E-{number}",
        status=number,
        because="an attack under way",
        determination=determined.digest if determined else NOTHING,
    )


@cache
def _start(name: str) -> Watched:
    """Tell how a permit came about, or how the review got so far that the glass may be broken."""
    request = {
        "struck": STRIKE,
        "asked": STRIKE,
        "assured": STRIKE,
        "cleared": CLEARED,
    }.get(name, TRANSFER)
    watched = Watched(Story(world()), request)
    watched.attempt("olena", "submit", case="C-1", request=request)
    watched.attempt("desk", "determine")
    if name == "assured":
        watched.attempt("lia", "record-assurance", party="GB", **PROMISE)
        provided = [{"assurance-from": "GB"}, {"act-of": "us/joint-staff"}]
        _decided(watched, "sec", "us/secdef", provided=provided)
        watched.attempt("jay", "fulfil", need=PLAN, instrument="a plan")
    if name == "struck":
        _decided(watched, "sec", "us/secdef")
    if name in ("released", "broken"):
        _decided(watched, "kurt", "de/council")
        _decided(watched, "lena", "de/council")
    if name == "released":
        _decided(watched, "dep", "us/state", delegation="state-to-deputy")
    if name == "broken":
        _break(watched, "sec", "us/secdef", 12)
    elif name != "asked":
        watched.attempt("lic", "issue", permit="P-0", status=0)
    assert bool(watched.permits.held) is (name != "asked")
    return watched


def has(what: str) -> Any:
    """Return a precondition: try something only where there is a permit, or a report, for it."""
    return precondition(lambda self: bool(getattr(self.watched.story.now, what)))


class Permits(RuleBasedStateMachine):
    """People act on permits; what is refused changes nothing, and what is not is checked."""

    @initialize(
        start=st.sampled_from(["struck", "asked", "cleared", "released", "broken", "assured"])
    )
    def begin(self, start: str) -> None:
        self.watched = _start(start).copy()
        self.tried: object = None

    @property
    def story(self) -> Story:
        return self.watched.story

    @invariant()
    def every_permit_is_what_it_is_told_to_be(self) -> None:
        self.watched.all_is_as_told()

    @invariant()
    def whatever_comes_next_holds(self) -> None:
        """Try each plot from here, without keeping it, and have the oracles look at every step."""
        kept, story = self.watched, self.story
        state = (len(story.events), story.context.version, story.at)
        if state == self.tried:
            return
        self.tried = state
        for plot in PLOTS:
            self.watched = kept.copy(ghost=True)
            for act in plot:
                act(self)
                self.watched.all_is_as_told()
        self.watched = kept

    def on(self, which: int, actor: str, kind: str, **fields: Any) -> None:
        """Try an act on one of the permits there are."""
        if not (names := sorted(self.story.now.permits)):
            return
        self.watched.attempt(actor, kind, permit=names[which % len(names)], **fields)

    def spare(self, *, spares: bool) -> dict[str, Any]:
        """Return a carve-out for the first permit that has not ended, or none."""
        held = self.watched.permits.held.items()
        live = [name for name, each in held if each.live(self.story.at)][:1]
        return {"except_permits": live, "carve_out": "under way"} if spares and live else {}

    @rule(hours=st.sampled_from([1, 5, 13, 24 * 6, 24 * 40]))
    def time_passes(self, hours: int) -> None:
        """Nobody does anything, and no permit comes into force that had begun and was not."""
        permits, plain = self.watched.permits, self.story.context.plain
        before = {each: permits.status(each, plain, self.story.at) for each in permits.held}
        self.story.wait(hours=hours)
        for name, was in before.items():
            now = permits.status(name, plain, self.story.at)
            assert now in (was, "expired", "suspended") or was == "not-yet"

    @has("permits")
    @rule(which=WHICH, actor=CONTROLLERS)
    def suspend(self, which: int, actor: str) -> None:
        self.on(which, actor, "suspend", because="a doubt")

    @has("permits")
    @rule(which=WHICH, actor=CONTROLLERS)
    def lift(self, which: int, actor: str) -> None:
        self.on(which, actor, "lift", because="cleared up")

    @has("permits")
    @rule(
        which=WHICH,
        by=st.sampled_from(
            [
                ("sec", "revoke"),
                ("lic", "revoke"),
                ("max", "revoke"),
                ("yurii", "revoke"),
                ("olena", "surrender"),
                ("lic", "surrender"),
            ]
        ),
    )
    def end(self, which: int, by: tuple[str, str]) -> None:
        self.on(which, *by, because="enough")

    @has("permits")
    @rule(which=WHICH, actor=CONTROLLERS, less=st.sampled_from(NARROWER))
    def amend(self, which: int, actor: str, less: dict[str, Any]) -> None:
        number = len(self.story.events)
        name = {"replacement": f"P-{number}", "status": number}
        self.on(which, actor, "amend", because="less", **name, **less)

    @has("permits")
    @rule(which=WHICH, actor=CONTROLLERS)
    def check(self, which: int, actor: str) -> None:
        self.on(which, actor, "check-end-use", result="in-order", says="seen")

    @has("permits")
    @rule(
        which=WHICH,
        actor=REPORTERS,
        quantity=st.sampled_from([1, 1, 2, 4, 10**14]),
        otherwise=st.sampled_from(OTHERWISE),
        ago=st.sampled_from([0, 0, 0, 2, 24, 24 * 6, -1]),
        again=st.booleans(),
    )
    def report(
        self, which: int, actor: str, quantity: int, otherwise: dict[str, Any], ago: int, **of: bool
    ) -> None:
        """Report all that was allowed, but for something; sometimes by a name that is taken."""
        number = len(self.story.now.reports)
        name = f"R-{number - 1 if of['again'] and number % 3 == 2 else number}"
        on = self.story.at - timedelta(hours=ago)
        self.on(which, actor, "report-use", **self.used(name, quantity, on, **otherwise))

    def used(self, name: str, quantity: int, on: datetime, **otherwise: Any) -> dict[str, Any]:
        """Return what is said of a use."""
        request = self.story.now.request
        said = {each: request[each] for each in ("area", "target", "purpose", "recipient")}
        line = {"line": min(request["lines"]), "quantity": quantity}
        return {"report": name, "on": written(on), **said, **line, **otherwise}

    @has("reports")
    @rule(
        which=WHICH,
        actor=REPORTERS,
        quantity=st.sampled_from([1, 1, 2, 10**14]),
        otherwise=st.sampled_from(OTHERWISE),
    )
    def correct(self, which: int, actor: str, quantity: int, otherwise: dict[str, Any]) -> None:
        """One of the last reports said something wrong of a use."""
        if not (reports := self.story.now.reports):
            return
        wrong = reports[-1 - which % len(reports)]
        name = f"R-{len(reports)}"
        said = self.used(name, quantity, wrong.on.first, **otherwise)
        fields = {"permit": wrong.permit, "corrects": wrong.report, "because": "b"}
        self.watched.attempt(actor, "correct-use", **said, **fields)

    @has("reports")
    @rule(
        which=WHICH,
        actor=CONTROLLERS,
        finding=st.sampled_from(["within", "excused", "sanctioned", "mistaken-report"]),
    )
    def resolve(self, which: int, actor: str, finding: str) -> None:
        if not (reports := self.story.now.reports):
            return
        report = reports[-1 - which % len(reports)].report
        self.watched.attempt(
            actor, "resolve-violation", report=report, finding=finding, because="b"
        )

    @rule(
        actor=st.sampled_from(["sec", "sec", "acting", "hatter", "dep", "kurt"]),
        office=st.sampled_from(["us/secdef"] * 4 + ["us/state", "de/council"]),
        hours=st.sampled_from([1, 12, 12, 13]),
    )
    def break_glass(self, actor: str, office: str, hours: int) -> None:
        _break(self.watched, actor, office, hours)

    @precondition(lambda self: any(each.broken_by for each in self.watched.permits.held.values()))
    @rule(
        which=WHICH,
        actor=st.sampled_from(["sec", "acting", "ig", "desk", "olena", "dieter"]),
        finding=st.sampled_from(["justified", "not-justified"]),
    )
    def review_after(self, which: int, actor: str, finding: str) -> None:
        self.on(which, actor, "review-after", finding=finding, because="looked at")

    @rule(by=st.sampled_from(sorted(DECIDERS.items())), spares=st.booleans())
    def take_back(self, by: tuple[str, str], *, spares: bool) -> None:
        actor, office = by
        fields = {"party": office[:2].upper(), "office": office, **SAID}
        self.watched.attempt(actor, "withdraw-consent", **fields, **self.spare(spares=spares))

    @rule(
        who=st.sampled_from([("lia", ASSURED), ("joe", PLAN), ("desk", PLAN), ("dieter", ASSURED)]),
        spares=st.booleans(),
        again=st.booleans(),
    )
    def retract(self, who: tuple[str, str], *, spares: bool, again: bool) -> None:
        """What a consent depends on is taken back, and given again."""
        actor, need = who
        self.watched.attempt(actor, "retract", need=need, because="b", **self.spare(spares=spares))
        if again and need == ASSURED:
            self.watched.attempt(actor, "record-assurance", party="GB", **PROMISE)
        elif again:
            self.watched.attempt(actor, "fulfil", need=PLAN, instrument="another")

    @rule(verdict=st.sampled_from(["approve", "approve", "approve", "refuse"]))
    def decide_anew(self, verdict: str) -> None:
        """All who decide say what they said before, or refuse; and the permit is asked for."""
        for actor, office in DECIDERS.items():
            by = {"delegation": "state-to-deputy"} if actor == "dep" else {}
            _decided(self.watched, actor, office, verdict=verdict, **by)
        number = len(self.story.events)
        self.watched.attempt("lic", "issue", permit=f"P-{number}", status=number)

    @rule(anew=st.booleans())
    def ask_anew(self, *, anew: bool) -> None:
        """The applicant is asked, and answers more or the same; or a new round is opened."""
        if anew:
            self.watched.attempt("desk", "reconsider", because="b")
        else:
            request, number = self.story.now.request, str(len(self.story.now.questions))
            self.watched.attempt("desk", "ask", asks="Still?")
            for each in ({**request, **WIDER}, request) if self.story.now.permits else (request,):
                self.watched.attempt("olena", "supply", question=number, says="yes", request=each)
        self.watched.attempt("desk", "determine")

    @rule(actor=st.sampled_from(["desk", "dieter", "olena"]))
    def close(self, actor: str) -> None:
        self.watched.attempt(actor, "close", because="done")

    @rule(who=st.sampled_from([*DECIDERS, "olena", "desk", "lic", "lia", "jay", "dieter"]))
    def what_is_offered_is_done(self, who: str) -> None:
        """No act that somebody is offered is refused when it is done; none of them is kept."""
        assert try_all(self.story, who)[1] == []

    @rule(actor=st.sampled_from(["desk-2", "lic", "sec"]))
    def step_aside(self, actor: str) -> None:
        if len(self.story.events) > 15:
            self.watched.attempt(actor, "recuse", because="b")

    @precondition(lambda self: self.story.context.version < 5)
    @rule(
        what=st.sampled_from(
            ["data", "data", "pause", "delegation", "policy", "later policy", "end", "leave"]
        ),
        spares=st.booleans(),
    )
    def something_else_ends(self, what: str, *, spares: bool) -> None:
        """By an act beside the case: a service, a delegation, a policy, the leave of a book."""
        carve_out = self.spare(spares=spares)
        today = f"{self.story.at:%Y-%m-%d}"
        soon = written(self.story.at + timedelta(days=1))
        if what == "data":
            gone = come(_gone(self.story), self.story.at)
            fact = DATA if gone else {**DATA, "availability": [_withdrawn(today)]}
            fields = {"section": "items", "id": "data", "record": fact, "supersedes": "yes"}
            self.watched.beside("rules", "record-fact", **fields, **carve_out)
        elif what == "pause":
            days = (soon, written(self.story.at + timedelta(days=3)))
            pause = {**_withdrawn(days[0]), "until": days[1]}
            fact = {**DATA, "availability": [pause]}
            fields = {"section": "items", "id": "data", "record": fact, "supersedes": "yes"}
            self.watched.beside("rules", "record-fact", **fields, **carve_out)
        elif what == "delegation":
            self.watched.beside(
                "state-1", "revoke-delegation", delegation="state-to-deputy", **carve_out
            )
        elif what == "end":
            until = {"party": "US", "policy": "use", "until": written(self.story.at)}
            self.watched.beside("rules", "end-policy", **until, **carve_out)
        elif what == "leave":
            other = {"by": "us/state", "hours": "6", "because": "an attack"}
            fields = {"party": "US", "fields": {"break-glass": other}}
            self.watched.beside("rules", "revise-book", **fields, **carve_out)
        else:
            text = {**REVIEWED, "from": today if what == "policy" else soon}
            fields = {"party": "US", "policy": "review", "text": text}
            self.watched.beside("rules", "adopt-policy", **fields, **carve_out)


REVIEWED = {
    "title": "Review of every use",
    "announced": "undeclared",
    "supersedes": ["use"],
    "rules": {
        "all": {"when": 'activity == "use"', "then": "review us/secdef", "because": "it is war"}
    },
}


def _withdrawn(day: str) -> dict[str, str]:
    return {"status": "withdrawn", "from": day}


def _gone(story: Story) -> str | None:
    """Since when the data is withdrawn."""
    item = story.context.plain["registry"]["items"]["data"]
    every = item.get("availability", ())
    return next((each["from"] for each in every if "until" not in each), None)


LAST = -1

PLOTS: list[list[Callable[[Permits], object]]] = [
    [
        lambda it: it.lift(LAST, "dieter"),
        lambda it: it.lift(LAST, "lic"),
        lambda it: it.report(LAST, "olena", 1, {}, 0, again=False),
        lambda it: it.close("desk"),
    ],
    [
        lambda it: it.suspend(LAST, "lic"),
        lambda it: it.time_passes(1),
        lambda it: it.report(LAST, "olena", 1, {}, 0, again=False),
        lambda it: it.lift(LAST, "dieter"),
        lambda it: it.lift(LAST, "lic"),
        lambda it: it.resolve(0, "lic", "mistaken-report"),
        lambda it: it.report(LAST, "olena", 1, {}, 0, again=False),
    ],
    [
        lambda it: it.report(LAST, "desk", 3, {}, 0, again=False),
        lambda it: it.amend(LAST, "lic", {"quantities": {"one": "3", "a": "3"}}),
        lambda it: it.report(LAST, "olena", 1, {}, 0, again=False),
        lambda it: it.resolve(0, "lic", "excused"),
        lambda it: it.amend(LAST, "lic", {"until": "2025-08-01"}),
        lambda it: it.close("desk"),
    ],
    [
        lambda it: it.take_back(("max", "de/council"), spares=False),
        lambda it: it.take_back(("acting", "us/secdef"), spares=False),
        lambda it: it.lift(LAST, "lic"),
        lambda it: it.review_after(LAST, "sec", "justified"),
        lambda it: it.review_after(LAST, "ig", "not-justified"),
        lambda it: it.end(LAST, ("lic", "revoke")),
        lambda it: it.report(LAST, "olena", 1, {}, 0, again=False),
        lambda it: it.close("desk"),
    ],
    [
        lambda it: it.decide_anew("approve"),
        lambda it: it.end(LAST, ("lic", "revoke")),
        lambda it: it.time_passes(13),
        lambda it: it.close("desk"),
        lambda it: it.review_after(0, "ig", "justified"),
        lambda it: it.close("desk"),
    ],
    [
        lambda it: it.report(LAST, "dieter", 9, {}, 0, again=False),
        lambda it: it.resolve(0, "dieter", "excused"),
        lambda it: it.take_back(("max", "de/council"), spares=True),
        lambda it: it.break_glass("sec", "us/secdef", 13),
        lambda it: it.lift(LAST, "lic"),
    ],
    [
        lambda it: it.retract(("lia", ASSURED), spares=False, again=False),
        lambda it: it.lift(LAST, "lic"),
        lambda it: it.retract(("joe", PLAN), spares=True, again=True),
        lambda it: it.lift(LAST, "lic"),
    ],
    [
        lambda it: it.report(LAST, "olena", 2, {}, 0, again=False),
        lambda it: it.time_passes(24 * 6),
        lambda it: it.correct(0, "desk", 1, {}),
        lambda it: it.correct(0, "taras", 1, {"area": "PL"}),
        lambda it: it.correct(0, "olena", 1, {}),
        lambda it: it.correct(1, "olena", 2, {}),
        lambda it: it.resolve(1, "lic", "excused"),
        lambda it: it.correct(0, "olena", 3, {}),
    ],
    [
        lambda it: it.time_passes(24 * 200),
        lambda it: it.suspend(LAST, "lic"),
        lambda it: it.report(LAST, "olena", 1, {}, 0, again=False),
        lambda it: it.close("desk"),
    ],
]
"""What is tried from every state that is reached: by who may, and by who may not."""

TestPermits = Permits.TestCase
TestPermits.settings = settings(examples(32), stateful_step_count=25)
