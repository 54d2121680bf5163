"""An oracle that follows permits by what was done, and shares no code with what it judges.

It keeps a model of its own: what each permit rests on and allows, who ordered what, what was used,
which consents stand. After every act, on the case or beside it, it says which permits must have
fallen with it, and at any moment what each of them is (DESIGN §3, rules 1 and 6 to 10).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from plain_record import come, delegated, has_duty, holds

from placet.registry import parse_moment
from placet.review.case import Case
from placet.review.event import Event

__all__ = ["Held", "PermitOracle"]

Plain = Mapping[str, Any]
Ground = tuple[tuple[str, str], ...]
"""What a permit rests on, as the entry spells it."""

_ORDERS = {"suspend", "lift", "amend", "check-end-use"}
_ENDS = {"revoke": "revoked", "surrender": "surrendered"}


@dataclass
class Given:
    """A consent of a party: of an office here, or a foreign one (`office` is None)."""

    party: str
    office: str | None
    person: str
    at: datetime
    round: int
    wording: tuple[str, ...]
    delegation: str | None
    withdrawn: datetime | None = None


@dataclass
class Met:
    """What made a condition precedent true, until it was taken back: for whom, and by whom."""

    need: str
    by: str
    parties: tuple[str, ...] | None
    at: datetime
    gone: datetime | None = None


@dataclass
class Stop:
    """A time for which a permit is suspended: by a party's order, or with what it rested on."""

    at: datetime
    party: str | None = None
    ground: Ground | None = None
    lifted: datetime | None = None


@dataclass
class Held:
    """A permit, as the acts have made it."""

    terms: Plain
    grounds: tuple[Ground, ...]
    broken_by: str | None = None
    before: str | None = None
    stops: list[Stop] = field(default_factory=list)
    coming: list[Stop] = field(default_factory=list)
    spared: set[Ground] = field(default_factory=set)
    ended: datetime | None = None
    how: str = ""
    reviewed: bool = False

    def copy(self) -> Held:
        """Return a permit that has come as far, and may come to something else."""
        stops, coming = ([replace(each) for each in kind] for kind in (self.stops, self.coming))
        return replace(self, stops=stops, coming=coming, spared=set(self.spared))

    def open(self, at: datetime) -> list[Stop]:
        """Return what stops it at a moment: what was ordered ahead stands once it has begun."""
        begun = [each for each in self.coming if each.at <= at]
        return [each for each in (*self.stops, *begun) if each.lifted is None]

    @property
    def began(self) -> datetime:
        """When it begins."""
        return parse_moment(self.terms["from"])

    @property
    def until(self) -> datetime:
        """When it ends by the clock."""
        return parse_moment(self.terms["until"])

    def live(self, at: datetime) -> bool:
        """Say whether neither an act nor the clock has ended it."""
        return not self.how and at < self.until


@dataclass
class Use:
    """A use as reported; a report that was found mistaken, or is corrected, uses nothing up.

    `reported` is when it was first reported, however often that was corrected since.
    """

    permit: str
    line: str
    quantity: int
    by: str
    outside: bool
    reported: datetime
    found: str = ""
    corrected: bool = False

    @property
    def counts(self) -> bool:
        """Say whether it uses something up."""
        return self.found != "mistaken-report" and not self.corrected


class PermitOracle:
    """Says what every permit is, and judges every act that bears on one."""

    def __init__(self, request: Plain) -> None:
        self.request = request
        self.held: dict[str, Held] = {}
        self.given: list[Given] = []
        self.noes: list[Given] = []
        self.aside: set[str] = set()
        self.met: list[Met] = []
        self.uses: dict[str, Use] = {}
        self.round = 1
        self.rounds: list[datetime] = []

    def copy(self) -> PermitOracle:
        """Return an oracle that knows the same and may learn other things."""
        other = PermitOracle(self.request)
        other.held = {name: each.copy() for name, each in self.held.items()}
        other.given = [replace(each) for each in self.given]
        other.noes = [replace(each) for each in self.noes]
        other.aside = set(self.aside)
        other.met = [replace(each) for each in self.met]
        other.uses = {name: replace(each) for name, each in self.uses.items()}
        other.round, other.rounds = self.round, [*self.rounds]
        return other

    def look(self, before: Plain, event: Event, after: Plain, case: Case) -> None:
        """Check one act, done on the case or on the context `before` it, which is then `after`."""
        standing = {
            (name, each)
            for name, held in self.held.items()
            for each in held.grounds
            if held.live(event.at) and self.stands(each, before, event.at)
        }
        self.judge(event, after, case)
        if event.command.kind == "issue":
            self.rests(event, case)
        self.learn(event)
        ended = {(name, each) for name, each in standing if self.held[name].live(event.at)}
        ended = {each for each in ended if not self.stands(each[1], after, event.at)}
        self.fell(event, after, ended)
        self.on_file(case)

    # --- rule 8: what a permit rests on

    def stands(self, ground: Ground, plain: Plain, at: datetime) -> bool:
        """Say whether what a permit rests on stands at a moment, by what is on record."""
        has = dict(ground)
        books = {each["book"]: each for each in plain["books"]}
        match has["kind"]:
            case "decision" | "external-consent":
                return self.consented(has, plain, at)
            case "service":
                item = plain["registry"]["items"][has["about"]]
                said = item.get("availability", ())
                return not any(
                    each["status"] == "withdrawn"
                    and come(each["from"], at)
                    and not come(each.get("until"), at)
                    for each in said
                )
            case "delegation":
                return delegated(plain, has["about"], at)
            case "standing-authorisation":
                policies = books[has["party"]]["policies"]
                own = has["about"].split(":")[1].split("/")[0]
                over = [each for each in policies.values() if own in each.get("supersedes", ())]
                gone = any(come(each["from"], at) for each in over)
                return not gone and not come(policies[own].get("until"), at)
            case "condition":
                return any(
                    each.need == has["about"]
                    and (each.parties is None or has["party"] in each.parties)
                    and each.at >= parse_moment(has["at"])
                    and (each.gone is None or at < each.gone)
                    for each in self.met
                )
            case "break-glass":
                leave = books[has["party"]].get("break-glass", {}).get("by") == has["by"]
                return leave and not any(
                    (each.party, each.round) == (has["party"], self.round)
                    and parse_moment(has["at"]) <= each.at <= at
                    and each.withdrawn is None
                    and each.person not in self.aside
                    for each in self.noes
                )
        return has["kind"] == "clear"

    def consented(self, has: Mapping[str, str], plain: Plain, at: datetime) -> bool:
        """Say whether the approval stands that a permit was issued on, in the same words."""
        own = [
            each
            for each in self.given
            if (each.party, each.office or "")
            == (has["party"], has["by"] if has["kind"] == "decision" else "")
        ]
        words = {each.wording for each in own if each.at == parse_moment(has["at"])}
        still = {
            each.person
            for each in own
            if each.wording in words
            and not any(end <= at for end in self.rounds[each.round - 1 :])
            and (each.withdrawn is None or at < each.withdrawn)
            and (each.delegation is None or delegated(plain, each.delegation, at))
        }
        return len(still) >= (2 if has.get("by") == "de/council" else 1)

    def fell(self, event: Event, plain: Plain, ended: set[tuple[str, Ground]]) -> None:
        """What an act ends suspends at once what rests on it, but for what it spares in writing."""
        listed, spared = (
            {(each["permit"], _spelled(each["ground"])) for each in event.found.get(name, ())}
            for name in ("suspends", "spared")
        )
        names = set(getattr(event.command, "except_permits", ()))
        assert ended <= listed | spared
        assert {name for name, _ in spared} <= names
        assert not names or getattr(event.command, "carve_out", None)
        assert names.isdisjoint(name for name, _ in listed)
        for name, ground in listed:
            assert not self.stands(ground, plain, event.at)
            self.held[name].stops.append(Stop(event.at, None, ground))
            self.held[name].spared.discard(ground)
        self.is_to_fall(event, plain)
        for name, ground in spared:
            self.held[name].spared.add(ground)

    def is_to_fall(self, event: Event, plain: Plain) -> None:
        """What an act ends on a day to come is listed with the day, and what it has stay."""
        for each in event.found.get("stays", ()):
            held, day = self.held[each["permit"]], parse_moment(each["from"])
            ground = _spelled(each["ground"])
            assert day > event.at
            assert self.stands(ground, plain, day)
            held.coming = [one for one in held.coming if (one.ground, one.at) != (ground, day)]
        for each in event.found.get("falls", ()):
            held, day = self.held[each["permit"]], parse_moment(each["from"])
            ground = _spelled(each["ground"])
            assert event.at < day < held.until
            assert self.stands(ground, plain, event.at)
            assert not self.stands(ground, plain, day)
            held.coming.append(Stop(day, None, ground))

    def status(self, name: str, plain: Plain, at: datetime) -> str:
        """Say what a permit is: by acts, then the clock, then what it rests on, then its use."""
        held = self.held[name]
        if held.how:
            return held.how
        if at >= held.until:
            return "expired"
        if at < held.began:
            return "not-yet"
        fallen = [each for each in held.grounds if not self.stands(each, plain, at)]
        if held.open(at) or set(fallen) - held.spared:
            return "suspended"
        left = self.left(name).values()
        return "exhausted" if all(each == 0 for each in left) else "in-force"

    # --- rule 7: what was used

    def left(self, name: str) -> dict[str, int | None]:
        """Return how many of each line may still be used, by all reports but mistaken ones."""
        broken = [each for each, held in self.held.items() if held.broken_by]
        names = {one for each in (name, *broken) for one in self._lineage(each)}
        names |= set(self.held) if name in broken else set()
        counted = [each for each in self.uses.values() if each.permit in names and each.counts]
        found: dict[str, int | None] = {}
        for each in self.held[name].terms["lines"]:
            used = sum(use.quantity for use in counted if use.line == each["line"])
            most = each.get("quantity")
            found[each["line"]] = None if most is None else max(0, most - used)
        return found

    def _lineage(self, name: str) -> Iterator[str]:
        """Yield a permit with all that are one permission with it, before and since."""
        yield name
        before, since = self.held[name].before, name
        while before is not None:
            yield before
            before = self.held[before].before
        while after := self._after(since):
            yield (since := after)

    def _after(self, name: str) -> str | None:
        return next((key for key, each in self.held.items() if each.before == name), None)

    def _short_since(self, use: Any) -> bool:
        """Say whether one that took a permit's place, and was used, has no room for a use."""
        counted = [each for each in self.uses.values() if each.counts]
        later, name = [], use.permit
        while after := self._after(name):
            later.append(name := after)
        for index, each in enumerate(later):
            most = self.left(each).get(use.line)
            spent = {one.permit for one in counted if one.line == use.line}
            if most is not None and use.quantity > most and not spent.isdisjoint(later[index:]):
                return True
        return False

    def outside(self, use: Any, plain: Plain, reported: datetime) -> bool:
        """Say whether a use, first reported at a moment, was outside its permit."""
        held, on = self.held[use.permit], use.on.first
        stopped = any(
            each.at <= on and (each.lifted is None or on < each.lifted)
            for each in (*held.stops, *held.coming)
        )
        later = {each.ground for each in held.stops if each.at > on}
        fallen = {each for each in held.grounds if not self.stands(each, plain, on)}
        days = held.terms.get("report-within-days")
        return (
            not held.began <= on < held.until
            or (held.ended is not None and held.ended <= on)
            or stopped
            or bool(fallen - later - held.spared)
            or self._too_many(use)
            or any(self._elsewhere(name, getattr(use, name)) for name in _SAID)
            or (days is not None and (reported.date() - on.date()).days > days)
        )

    def _too_many(self, use: Any) -> bool:
        most = self.left(use.permit).get(use.line, 0)
        return most is not None and use.quantity > most

    def _elsewhere(self, name: str, said: str) -> bool:
        asked = self.request[name]
        return said not in (asked, "unknown") and not (name == "area" and asked == "none")

    def reports(self, event: Event, plain: Plain, case: Case) -> None:
        """It is on file, with a mark exactly if it was outside, beside one that it corrects."""
        use, file = event.command, case.reports[-1]
        assert (file.report, file.reported_by) == (use.report, event.actor)
        reported = self._corrects(event, plain, case) if use.kind == "correct-use" else event.at
        outside = self.outside(use, plain, reported)
        assert bool(file.beyond) is outside
        unsaid = any(getattr(use, name) == "unknown" for name in _SAID)
        assert bool(file.doubts) is (unsaid or self._short_since(use))
        open_ = bool(file.beyond or file.doubts)
        self.uses[use.report] = Use(
            use.permit, use.line, use.quantity, event.actor, open_, reported
        )

    def _corrects(self, event: Event, plain: Plain, case: Case) -> datetime:
        """Have a report count no more, by those who made it; return when it was first made."""
        command: Any = event.command
        was = self.uses[command.corrects]
        assert (was.permit, was.found, was.corrected) == (command.permit, "", False)
        applying = has_duty(plain, event.actor, "applications", event.at, ["UA"])
        leading = has_duty(plain, event.actor, "cases", event.at)
        assert applying or (leading and was.by == event.actor)
        kept = next(each for each in case.reports if each.report == command.corrects)
        assert (kept.corrected_by, case.reports[-1].corrects) == (command.report, command.corrects)
        was.corrected = True
        return was.reported

    def must_take(self, actor: str, use: Any, plain: Plain, at: datetime) -> bool:
        """Say whether a report must be taken, whatever it says: who, of what, and not of later."""
        known = use.permit in self.held and use.report not in self.uses
        able = has_duty(plain, actor, "applications", at, ["UA"]) or has_duty(
            plain, actor, "cases", at
        )
        return known and able and use.on.first <= at

    # --- who may, and what else an act must be

    def judge(self, event: Event, plain: Plain, case: Case) -> None:
        """Check an act on permits against what was before it."""
        command: Any = event.command
        kind = command.kind
        if kind in ("report-use", "correct-use"):
            self.reports(event, plain, case)
        elif kind in ("withdraw", "return", "lapse", "reconsider"):
            assert not any(each.live(event.at) for each in self.held.values())
        elif kind == "supply":
            assert not self.held or command.request in (None, self.request)
        elif kind == "close":
            self.closes(plain, event.at)
        elif kind == "break-glass":
            self.breaks(event, plain)
        elif kind in _ORDERS | _ENDS.keys():
            held = self.held[command.permit]
            assert kind == "check-end-use" or held.live(event.at)
            assert self.able(kind, event, plain, held)
        elif kind == "resolve-violation":
            use = self.uses[command.report]
            assert use.outside
            assert (use.found, use.by == event.actor) == ("", False)
            behind = _behind(self.held[use.permit])
            assert has_duty(plain, event.actor, "permits", event.at, behind)
        elif kind == "review-after":
            held = self.held[command.permit]
            assert not held.reviewed
            assert held.broken_by not in (None, event.actor)
        if kind == "lift":
            self.lifts(event, plain)

    def rests(self, event: Event, case: Case) -> None:
        """A permit rests on each condition that somebody can take back, for whoever asked."""
        lines = {each["line"] for each in event.found["terms"]["lines"]}
        conditions = {
            (each["party"], each["about"])
            for each in event.found["grounds"]
            if each["kind"] == "condition"
        }
        for each in case.decisions:
            if each.round != self.round or each.withdrawn_at or lines.isdisjoint(each.lines):
                continue
            for one in each.provided if each.verdict == "approve" else ():
                if one.act_of:
                    assert (each.party, f"act of {one.act_of}") in conditions
                if one.assurance_from:
                    assert (each.party, f"assurance from {one.assurance_from}") in conditions

    def able(self, kind: str, event: Event, plain: Plain, held: Held) -> bool:
        """Say whether an actor has a hand in a permit."""
        actor, at = event.actor, event.at
        if kind == "surrender":
            return has_duty(plain, actor, "applications", at, [held.terms["holder"]])
        kinds = {("kind", "decision"), ("kind", "break-glass")}
        decided = [dict(each).get("by") for each in held.grounds if kinds & set(each)]
        ours = kind == "revoke" and any(each and holds(plain, actor, each, at) for each in decided)
        return ours or has_duty(plain, actor, "permits", at, _behind(held))

    def lifts(self, event: Event, plain: Plain) -> None:
        """One takes back one's own order or what an act ended; all rested on holds or is spared."""
        held = self.held[getattr(event.command, "permit", "")]
        party = event.found["for"]
        assert has_duty(plain, event.actor, "permits", event.at, [party])
        assert any(each.party in (None, party) for each in held.open(event.at))
        for each in held.grounds:
            assert each in held.spared or self.stands(each, plain, event.at)

    def breaks(self, event: Event, plain: Plain) -> None:
        """The party's book lets this office do so, for so long, and not again before a review."""
        command: Any = event.command
        book = next(each for each in plain["books"] if each["book"] == command.party)
        leave = book["break-glass"]
        assert leave["by"] == command.office
        assert command.hours <= int(leave["hours"])
        assert holds(plain, event.actor, command.office, event.at)
        until = parse_moment(event.found["terms"]["until"])
        assert until <= event.at + timedelta(hours=command.hours)
        assert all(each.reviewed for each in self.held.values() if each.broken_by)
        lines = {each["line"] for each in event.found["terms"]["lines"]}
        for held in self.held.values():
            assert not held.live(event.at) or lines.isdisjoint(
                each["line"] for each in held.terms["lines"]
            )

    def closes(self, plain: Plain, at: datetime) -> None:
        """Nothing is left to do: no permit runs, no use is open, no emergency unreviewed."""
        running = {"not-yet", "in-force", "suspended"}
        assert all(self.status(each, plain, at) not in running for each in self.held)
        assert not any(each.outside and not each.found for each in self.uses.values())
        assert all(each.reviewed for each in self.held.values() if each.broken_by)

    # --- what was done

    def learn(self, event: Event) -> None:
        """Remember what an act has made of permits and consents."""
        command: Any = event.command
        match command.kind:
            case "decide" | "record-consent" if command.verdict == "approve":
                self.given.append(_given(event, self.round))
            case "decide" | "record-consent":
                self.noes.append(_given(event, self.round))
            case "withdraw-consent":
                self._take_back(command, event.at)
            case "record-assurance" | "fulfil" | "retract":
                self._meet(command, event)
            case "reconsider":
                self.round += 1
                self.rounds.append(event.at)
            case "recuse":
                self.aside.add(event.actor)
            case "resolve-violation":
                self.uses[command.report].found = command.finding
            case _ if hasattr(command, "permit"):
                self._learn_of(command.permit, event)

    def _take_back(self, command: Any, at: datetime) -> None:
        for each in (*self.given, *self.noes):
            same = (each.party, each.office) == (command.party, command.office)
            if same and each.withdrawn is None and each.round == self.round:
                each.withdrawn = at

    def _meet(self, command: Any, event: Event) -> None:
        """The liaison of the party that recorded an assurance takes it back; an office its act."""
        by = event.found["for"]
        if command.kind == "record-assurance":
            self.met.append(Met(f"assurance from {command.party}", by, None, event.at))
        elif command.kind == "fulfil":
            asking = tuple(event.found["counts-for"])
            self.met.append(Met(command.need, by, asking, event.at))
        else:
            for each in self.met:
                own = each.parties is not None or each.by == by
                if each.need == command.need and own and each.gone is None:
                    each.gone = event.at

    def _learn_of(self, name: str, event: Event) -> None:
        kind, at = event.command.kind, event.at
        if kind in ("issue", "break-glass"):
            grounds = tuple(_spelled(each) for each in event.found["grounds"])
            by = event.actor if kind == "break-glass" else None
            self.held[name] = Held(event.found["terms"], grounds, by)
        elif kind == "suspend":
            self.held[name].stops.append(Stop(at, event.found["for"]))
        elif kind == "lift":
            held = self.held[name]
            held.stops += [each for each in held.coming if each.at <= at]
            held.coming = [each for each in held.coming if each.at > at]
            for stop in held.stops:
                if stop.party in (None, event.found["for"]):
                    stop.lifted = stop.lifted or at
        elif kind in _ENDS:
            self._end(name, _ENDS[kind], at)
        elif kind == "amend":
            self._amend(event)
        elif kind == "review-after":
            self._review(self.held[name], event)

    def _review(self, held: Held, event: Event) -> None:
        held.reviewed = True
        unjust = getattr(event.command, "finding", "") == "not-justified"
        if unjust and held.live(event.at):
            held.how, held.ended = "revoked", event.at

    def _end(self, name: str, how: str, at: datetime) -> None:
        self.held[name].how, self.held[name].ended = how, at

    def _amend(self, event: Event) -> None:
        """The replacement is narrower, and carries on what stopped the one before it."""
        command: Any = event.command
        old, terms = self.held[command.permit], event.found["terms"]
        for limit in ("within", "targets", "purposes", "recipients"):
            held = set(old.terms.get(limit, ()))
            assert not held or set(terms[limit]) <= held
        for limit in ("outside", "not-targets"):
            assert set(terms.get(limit, ())) >= set(old.terms.get(limit, ()))
        for fixed in ("activity", "holder", "actor", "report-within-days"):
            assert terms.get(fixed) == old.terms.get(fixed)
        lines = {each["line"]: each["quantity"] for each in terms["lines"]}
        was = {each["line"]: each["quantity"] for each in old.terms["lines"]}
        assert lines.keys() == was.keys()
        assert all(lines[each] <= was[each] for each in lines)
        assert parse_moment(terms["until"]) <= old.until
        assert parse_moment(terms["from"]) >= old.began
        assert {**terms, "from": ""} != {**old.terms, "from": ""}
        self.held[command.replacement] = replace(old.copy(), terms=terms, before=command.permit)
        self._end(command.permit, "amended", event.at)

    # --- rule 6: what is on file

    def on_file(self, case: Case) -> None:
        """The case keeps every permit with all that was ever done to it."""
        assert case.permits.keys() == self.held.keys()
        for name, held in self.held.items():
            kept = case.permits[name]
            terms = kept.terms.model_dump(mode="json", by_alias=True, exclude_defaults=True)
            assert terms == held.terms
            assert [(each.at, each.party, each.lifted_at) for each in kept.suspensions] == [
                (each.at, each.party, each.lifted) for each in held.stops
            ]
            assert (kept.ended_at, kept.emergency) == (held.ended, held.broken_by is not None)
        assert [each.report for each in case.reports] == list(self.uses)


_SAID = ("area", "target", "purpose", "recipient")


def _spelled(ground: Mapping[str, str]) -> Ground:
    return tuple(sorted(ground.items()))


def _behind(held: Held) -> Collection[str]:
    return {dict(each)["party"] for each in held.grounds} - {"UA"} or {"UA"}


def _given(event: Event, round_: int) -> Given:
    """A consent, with all that was said in it: who says the same says it again."""
    command: Any = event.command
    said = ("provisos", "provided", "until", "because", "instrument", "disclosed")
    wording = (*(repr(getattr(command, each, None)) for each in said), repr(event.found["lines"]))
    office, delegation = (getattr(command, each, None) for each in ("office", "delegation"))
    return Given(command.party, office, event.actor, event.at, round_, wording, delegation)
