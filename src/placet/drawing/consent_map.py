"""The consent map: a picture of who must say yes to a request, and why.

From left to right, or on a narrow screen from top to bottom: the request; the items it asks for;
what these rely on, as far as anyone's right runs; and everyone who has a say. A line leads from
an item to a party that has a right over it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from placet.determination import Determination, PartyAnswer, Required, RightFound, RuleHeard
from placet.drawing.boxes import Link, Node
from placet.drawing.consent_column import drawn_down
from placet.drawing.consent_picture import drawn
from placet.drawing.pictures import Edge, Picture
from placet.drawing.wording import asks, counted, listing, summary, worded
from placet.registry import UNKNOWN, Registry, Request

__all__ = ["Said", "consent_map", "consent_maps"]

_RANKS = ("clear", "review", "refuse")
_ORDER = ("refuse", "returned", "review", "waiting", "open", "given", "clear")
_ITEM_WORDS = {
    "clear": "clear",
    "review": "needs a yes",
    "refuse": "refused",
    "open": "open",
    "withdrawn": "withdrawn",
    "given": "agreed",
    "waiting": "waiting",
    "returned": "returned",
    "": "no say over this alone",
}
_PARTY_WORDS = {"clear": "clear", "review": "must say yes", "refuse": "refuses"}
_SILENT = ("overridden", "advises")
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Said:
    """What a party has said on a case: a status of the legend, in a word, and what belongs to it.

    `lines` are written beneath the word, such as the offices that are waited for.
    """

    status: str
    word: str
    lines: tuple[str, ...] = ()


def consent_map(
    determination: Determination,
    request: Request,
    registry: Registry,
    *,
    link: Link | None = None,
    said: Mapping[str, Said] | None = None,
    answer: str = "",
) -> str:
    """Return the picture of a determination as one self-contained, accessible SVG element.

    The request gives the words of the first box and the registry the names;
    everything else is read from the determination, so that the same three give
    the same bytes. `link` turns a node's key into the address of its page (or
    an empty text for none): `request:<id>`, `item:<id>` or `party:<id>`.

    With `said` it is the picture of a case: each party named there stands as it has spoken, not
    as its rules have it; `answer` is then what the first box says.
    """
    return drawn(_Map(determination, request, registry, said or {}, answer).picture(), link)


def consent_maps(
    determination: Determination,
    request: Request,
    registry: Registry,
    *,
    link: Link | None = None,
    said: Mapping[str, Said] | None = None,
    answer: str = "",
) -> tuple[str, str]:
    """Return what `consent_map` returns, and the same from top to bottom, for a narrow screen."""
    picture = _Map(determination, request, registry, said or {}, answer).picture()
    return drawn(picture, link), drawn_down(picture, link)


@dataclass(frozen=True, slots=True)
class _Tie:
    """A right as it weighs in the picture: at least and at most what."""

    party: str
    right: RightFound
    least: int
    most: int


@dataclass(frozen=True, eq=False)
class _Map:
    """Reads a determination as boxes and lines."""

    determination: Determination
    request: Request
    registry: Registry
    said: Mapping[str, Said] = field(default_factory=dict)
    stated: str = ""

    def picture(self) -> Picture:
        found = self.determination
        deeper = max(self.depths.values(), default=-1)
        relied = ["It relies on", *["Which relies on"] * deeper][:deeper]
        items = ["Asked for", *relied] if self.depths else []
        strictest = sorted(found.parties, key=lambda each: _ORDER.index(self.status_of(each)))
        parties = tuple(self.party(each, deeper + 2) for each in strictest)
        nodes = (self.asked(), *(self.item(each) for each in self.depths), *parties)
        about = " ".join([f"{self.sentence()}.", *(f"{node.whole}." for node in nodes[1:])])
        return Picture(
            id=f"consent-map-{hashlib.sha256(about.encode()).hexdigest()[:12]}",
            title=f"Who must say yes, and why: {self.title}",
            about=about,
            headings=("The request", *items, "Who has a say"),
            nodes=nodes,
            edges=tuple(self.edges()),
        )

    def status_of(self, party: PartyAnswer) -> str:
        """Return how a party stands: as it has spoken, or as its rules have it."""
        spoken = self.said.get(party.party)
        return spoken.status if spoken else party.outcome

    # What is tied to what

    @cached_property
    def ties(self) -> tuple[_Tie, ...]:
        """Every right of every party; one that an open answer may lack weighs nothing at least."""
        return tuple(
            _Tie(
                party.party,
                right,
                0 if _may_be_absent(party, right) else min(_rank(right), _least(party)),
                _rank(right),
            )
            for party in self.determination.parties
            for right in party.rights
        )

    @cached_property
    def withdrawn(self) -> frozenset[str]:
        why_not = self.determination.why_not
        return frozenset(each.about for each in why_not if each.kind == "withdrawn")

    @cached_property
    def starts(self) -> tuple[str, ...]:
        """The items that the request's lines name."""
        lines = (each.item for each in self.determination.lines)
        paths = (tie.right.path[0] for tie in self.ties if tie.right.path)
        return tuple(dict.fromkeys([*lines, *paths]))

    @cached_property
    def steps(self) -> tuple[tuple[str, str], ...]:
        """Each reliance that a right runs along, once, leaving out what would close a circle."""
        onward: dict[str, list[str]] = {}
        for tie in self.ties:
            for one, other in pairwise(tie.right.path):
                if other not in onward.get(one, ()) and one not in _reached(other, onward):
                    onward.setdefault(one, []).append(other)
        return tuple((one, other) for one, others in onward.items() for other in others)

    @cached_property
    def depths(self) -> dict[str, int]:
        """Every item, and how many reliances away from the request it stands at most."""
        depths = dict.fromkeys(self.starts, 0)
        for tie in self.ties:
            depths.update({item: 0 for item in tie.right.path if item not in depths})
        depths.update({item: 1 for item in sorted(self.withdrawn) if item not in depths})
        for _ in depths:
            for one, other in self.steps:
                depths[other] = max(depths[other], depths[one] + 1)
        return depths

    def edges(self) -> Iterator[Edge]:
        """Yield the lines; each is as strict as the strictest right that runs along it."""
        for item in self.starts:
            along = [tie for tie in self.ties if tie.right.path[:1] == (item,)]
            yield self.edge(self.start, f"item:{item}", along)
        for one, other in self.steps:
            along = [tie for tie in self.ties if (one, other) in pairwise(tie.right.path)]
            yield self.edge(f"item:{one}", f"item:{other}", along)
        led = {*self.starts, *(other for _, other in self.steps)}
        for item in self.depths:
            if item not in led:
                yield self.edge(self.start, f"item:{item}", [])
        for party in self.determination.parties:
            mine = [tie for tie in self.ties if tie.party == party.party]
            for item in dict.fromkeys(tie.right.path[-1] for tie in mine if tie.right.path):
                along = [tie for tie in mine if tie.right.path[-1:] == (item,)]
                yield self.edge(f"item:{item}", f"party:{party.party}", along)
            if not any(tie.right.path for tie in mine):
                status = self.status_of(party)
                yield Edge(self.start, f"party:{party.party}", status, party.certain)

    def edge(self, source: str, target: str, along: list[_Tie]) -> Edge:
        if target.removeprefix("item:") in self.withdrawn:
            return Edge(source, target, "withdrawn", certain=True)
        return Edge(source, target, self.joined(along), all(tie.right.certain for tie in along))

    def bounds(self, ties: list[_Tie]) -> tuple[int, int]:
        """Return what rights amount to together, at least and at most.

        Where all rights of a party are among them, its answer says that exactly.
        """
        least, most = [0], [0]
        for party in self.determination.parties:
            mine = [tie for tie in ties if tie.party == party.party]
            if mine and len(mine) == len(party.rights):
                least.append(_RANKS.index(party.at_least.outcome))
                most.append(_RANKS.index(party.at_most.outcome))
            least.extend(tie.least for tie in mine)
            most.extend(tie.most for tie in mine)
        return max(least), max(most)

    def joined(self, ties: list[_Tie]) -> str:
        """Return what rights amount to together; `open` where that is not certain.

        On a case it is how their parties stand, the one that most stands in the way.
        """
        spoken = {self.said[tie.party].status for tie in ties if tie.party in self.said}
        if spoken:
            return min(spoken, key=_ORDER.index)
        least, most = self.bounds(ties)
        return _RANKS[least] if least == most else "open"

    # What each box says

    @property
    def start(self) -> str:
        return f"request:{self.determination.request}"

    @property
    def title(self) -> str:
        return self.request.title or self.request.request

    def asked(self) -> Node:
        """Return the box of the request, with the answer in a few words."""
        found = self.determination
        notes = [
            *([self.request.title] if self.request.title else []),
            summary(self.request, self.registry),
        ]
        notes += [f"judged{self.as_of}"] if found.at else []
        if found.known_at:
            notes.append(f"as known on {worded(found.known_at)}")
        if found.announced_only:
            notes.append("announced rules only")
        status = min((self.status_of(each) for each in found.parties), key=_ORDER.index, default="")
        status = status if self.said else found.outcome
        blocked = [f"{self.named(each)} is withdrawn" for each in sorted(self.withdrawn)]
        if blocked and status != "refuse":
            status = "withdrawn"
        word = self.answer()
        lines = [f"Cannot proceed: {listing(blocked)}"] if blocked else []
        if status != "refuse":
            first = (each.says for each in found.why_not if each.kind == "condition precedent")
            lines += [f"First: {each}" for each in first]
        lines += [each.asks for each in found.open_questions[:_SHOWN]]
        title = asks(self.request, self.registry)
        whole = "; ".join([title, word, *lines, *notes])
        return Node(
            self.start, 0, title, status, word, whole, lines=tuple(lines), notes=tuple(notes)
        )

    def answer(self) -> str:
        found = self.determination
        if self.stated:
            return self.stated
        if found.outcome == "review":
            asked = [each.name for each in found.parties if each.outcome == "review"]
            named = listing(asked) if len(asked) < _SHOWN else f"{len(asked)} parties"
            return f"{named or 'Someone'} must say yes"
        if found.outcome == "refuse":
            refusing = [each.name for each in found.parties if each.outcome == "refuse"]
            return f"Refused by {listing(refusing)}" if refusing else "Refused"
        if found.outcome == "clear":
            return "Clear: no further yes needed"
        return f"Open: {_span(found.at_least, found.at_most)}"

    def sentence(self) -> str:
        judged = f", judged{self.as_of}" if self.determination.at else ""
        return f"{self.title}{judged}: {self.answer()}"

    @property
    def as_of(self) -> str:
        return f" as of {worded(self.determination.at)}"

    def named(self, item: str) -> str:
        known = self.registry.record.items.get(item)
        return known.name if known else item

    def item(self, item: str) -> Node:
        mine = [tie for tie in self.ties if tie.right.item == item]
        status = "withdrawn" if item in self.withdrawn else self.joined(mine) if mine else ""
        word = _ITEM_WORDS[status]
        if status == "open" and not self.said:
            least, most = self.bounds(mine)
            word = f"open: {_span(_RANKS[least], _RANKS[most])}"
        note = self.role(item)
        whole = "; ".join(each for each in (f"{self.named(item)}: {word}", note) if each)
        notes = (note,) if note else ()
        return Node(
            f"item:{item}",
            self.depths[item] + 1,
            self.named(item),
            status,
            word,
            whole,
            notes=notes,
        )

    def role(self, item: str) -> str:
        """Return what an item is to the request: asked for, or relied on as what."""
        said = []
        if item in self.starts:
            lines = [each.line for each in self.determination.lines if each.item == item]
            asked = [
                self.request.lines[each].quantity for each in lines if each in self.request.lines
            ]
            number = " + ".join(str(each) for each in asked if each not in (None, UNKNOWN))
            said.append(f"{number} asked for".strip())
            said += ["number unknown"] * (UNKNOWN in asked)
        known = self.registry.record.reliances
        facts = {each.fact.partition("/") for tie in self.ties for each in tie.right.facts}
        hung = (known[key] for section, _, key in facts if section == "reliances" and key in known)
        kinds = {each.as_ for each in hung if each.on == item}
        if kinds:
            said.append(f"as {listing(sorted(kinds))}")
        rights = [tie.right for tie in self.ties if tie.right.item == item]
        said += sorted({right.activity for right in rights})
        said += [f"lot {lot}" for lot in sorted({right.lot for right in rights if right.lot})]
        return " · ".join(said)

    def party(self, party: PartyAnswer, column: int) -> Node:
        spoken = self.said.get(party.party)
        word = spoken.word if spoken else self.word_of(party)
        offices = list(spoken.lines) if spoken else self.deciding(party)
        lines = offices[:_SHOWN]
        if len(offices) > _SHOWN:
            lines = [*offices[: _SHOWN - 1], f"and {len(offices) - _SHOWN + 1} more offices"]
        chips, notes = list(self.chips(party)), list(self.notes(party))
        said = [f"{party.name}: {word}", *offices, *chips, *notes, party.because]
        return Node(
            f"party:{party.party}",
            column,
            party.name,
            self.status_of(party),
            word,
            "; ".join(dict.fromkeys(each.rstrip(".") for each in said if each)),
            tuple(chips),
            tuple(lines),
            tuple(notes),
        )

    def word_of(self, party: PartyAnswer) -> str:
        return _PARTY_WORDS.get(party.outcome) or (
            f"open: {_span(party.at_least.outcome, party.at_most.outcome)}"
        )

    def deciding(self, party: PartyAnswer) -> list[str]:
        return self.offices(party.at_most) if party.outcome in ("review", "open") else []

    def offices(self, required: Required) -> list[str]:
        """Return each office that must say yes, and who holds it: one waits for a person."""
        holders = {each.office: each.holders for each in self.determination.authority}
        said = []
        for each in required.by:
            unnamed = each.office not in self.registry.record.offices and each.title == each.office
            title = "its competent authority" if unnamed else each.title
            held = listing(holders.get(each.office, ()))
            persons = f"{each.persons} persons" if each.persons > 1 else ""
            said.append(" · ".join(part for part in (title, held, persons) if part))
        return said

    def chips(self, party: PartyAnswer) -> Iterator[str]:
        """Yield what a reader must notice about a party's answer."""
        heard = [rule for rule in party.rules if rule.effect not in _SILENT]
        standings = {right.standing for right in party.rights}
        if party.outcome != "clear" and any(each.reserved for each in party.at_most.by):
            yield "reserved"
        yield from sorted(standings & {"possible right", "right of unknown"})
        if any(rule.undeclared for rule in heard):
            yield "undeclared"
        if any(rule.standing for rule in heard) and party.outcome == "clear":
            yield "standing authorisation"
        yield from sorted({rule.grade for rule in heard} & {"reported", "disputed"})
        if any(rule.effect == "failed" for rule in heard):
            yield "rule failed"
        differ = any(each.flag == "readings-differ" for each in self.determination.flags)
        if differ and not party.certain and party.outcome != "open":
            yield "readings differ"
        for each in party.waits_for:
            yield f"waits for {self.registry.name(each)}"
        if party.at_most.steps:
            yield counted(len(party.at_most.steps), "step") + " first"

    def notes(self, party: PartyAnswer) -> Iterator[str]:
        """Yield why a party answers so, on what basis it has a say, and what it attaches."""
        heard = [rule for rule in party.rules if _deciding(rule, party)]
        titles = dict.fromkeys(rule.title for rule in heard if rule.title)
        bases = dict.fromkeys(
            self.basis(each) for each in party.rights if each.standing != "own party"
        )
        if titles or not bases:
            yield listing(titles) or party.because
        if bases:
            yield f"by {listing(bases)}"
        provisos = [str(each.get("text", "")) for each in party.at_most.provisos]
        if provisos and party.outcome != "refuse":
            text = "; ".join(each for each in provisos if each)
            yield f"{counted(len(provisos), 'proviso')}: {text}"

    def basis(self, right: RightFound) -> str:
        through = listing(self.registry.name(each) for each in right.through)
        by = f"{right.basis} under {right.agreement}" if right.agreement else right.basis
        return f"{by} (through {through})" if through else by


def _rank(right: RightFound) -> int:
    return _RANKS.index(right.outcome)


def _least(party: PartyAnswer) -> int:
    """Return what a party's answer is at least: no single right of it comes to more."""
    return _RANKS.index(party.at_least.outcome)


def _may_be_absent(party: PartyAnswer, right: RightFound) -> bool:
    return party.outcome == "open" and not right.certain


def _deciding(rule: RuleHeard, party: PartyAnswer) -> bool:
    return rule.effect not in _SILENT and rule.then == party.at_most.outcome


def _span(least: str, most: str) -> str:
    if least == most:
        return least
    return f"{least} {'or' if 'review' in (least, most) else 'to'} {most}"


def _reached(start: str, onward: dict[str, list[str]]) -> set[str]:
    """Return an item and every item beyond it."""
    found, ahead = {start}, [start]
    while ahead:
        fresh = [each for each in onward.get(ahead.pop(), ()) if each not in found]
        found.update(fresh)
        ahead.extend(fresh)
    return found
