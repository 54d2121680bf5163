"""Over all completions: what holds at least, what at most, and which questions matter.

The request's parts (rights, services, the home authority) are grouped so that
parts which share an open choice stand together; groups are independent of
each other. Within a group every completion is judged: disputes are joined
inside a completion, and questions span the interval from the meet to the join
over completions. The lattice being distributive, the interval of the whole is
the join of the groups' intervals, and it is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TypeAlias

from placet.conditions import Beyond, Leaf, Open, Value, explore
from placet.determination.classes import Classes
from placet.determination.connections import Connection, Stands, fact_of
from placet.determination.judgement import (
    Judged,
    Standing,
    fallback,
    home_review,
    judge,
    requires,
    review,
)
from placet.determination.verdict import BOTTOM, Verdict, at_least, at_most
from placet.determination.world import Matter, World, is_dispute
from placet.registry import ItemKind, Presence

__all__ = [
    "BOUND",
    "Completion",
    "Group",
    "Part",
    "Question",
    "Reading",
    "complete",
    "differ_only_in",
]

BOUND = 512
"""How many completions of one group are told apart before its result is only bounded."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to be judged: a right, the home authority where there is none, or a service.

    Exactly one of the three: `connection`; a `service` that the line may rely
    on; or neither, for the home authority.
    """

    line: str
    connection: Connection | None = None
    service: str = ""


Found: TypeAlias = Judged | bool | None
Reading: TypeAlias = tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class Completion:
    """One class of completions: the answers that make it, and the readings of what is disputed."""

    answers: Mapping[str, Value]
    readings: tuple[tuple[Mapping[str, Value], Reading], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Parts that share open choices, with every completion of them."""

    parts: tuple[Part, ...]
    completions: tuple[Completion, ...]
    exact: bool = True
    ceiling: Verdict = BOTTOM

    def interval(self, chosen: Callable[[Part], bool]) -> tuple[Verdict, Verdict]:
        """Return what the chosen parts require at least and at most."""
        joins = [_required(each, self.parts, chosen) for each in self.completions]
        touched = any(chosen(part) for part in self.parts)
        most = at_most(joins) | (self.ceiling if touched else BOTTOM)
        return (at_least(joins) if self.exact else BOTTOM), most


@dataclass(frozen=True, slots=True)
class Question:
    """An answer that is not given: its key, the values that matter, and whether it surely can."""

    key: str
    certain: bool
    answers: tuple[Value, ...]


def complete(matter: Matter) -> tuple[tuple[Group, ...], tuple[Question, ...]]:
    """Judge a matter over all its completions; return its groups and the questions that matter."""
    classes = Classes(matter)
    groups: list[Group] = []
    questions: list[Question] = []
    for parts in _independent(matter, classes):
        try:
            leaves = _explore(parts, matter, classes)
        except Beyond:
            bounded, asked = _bounded(parts, matter, classes)
            groups.extend(bounded)
            questions.extend(asked)
        else:
            group = _group(parts, leaves, matter, classes)
            groups.append(group)
            questions.extend(_mattering(group, classes))
    return tuple(groups), tuple(sorted(set(questions), key=lambda each: each.key))


def _group(
    parts: tuple[Part, ...], leaves: tuple[Completion, ...], matter: Matter, classes: Classes
) -> Group:
    """Return a group with its completions; bounded where a question's classes are not exact."""
    if not any(classes.only_bounded(key) for each in leaves for key in each.answers):
        return Group(parts, leaves)
    ceiling = reduce(or_, (_ceiling(part, matter) for part in parts), BOTTOM)
    return Group(parts, leaves, exact=False, ceiling=ceiling)


def _parts(matter: Matter) -> Iterator[Part]:
    for line, every in matter.connections.items():
        yield from (Part(line, connection) for connection in every)
        if not any(_surely_present(each, matter) for each in every):
            yield Part(line)
        services = {item for each in every for item in each.path[1:]}
        for item in sorted(services):
            if matter.registry.item(item).kind is ItemKind.SERVICE:
                yield Part(line, service=item)


def _surely_present(connection: Connection, matter: Matter) -> bool:
    """Say whether a connection, other than that the actor acts, is present in every world."""
    if not connection.guards:
        return False
    return all(
        isinstance(guard, Stands)
        and matter.presence(fact_of(matter.registry, guard)) is Presence.IN
        for guard in connection.guards
    ) and not _may_be_set_aside(connection, matter)


def _may_be_set_aside(connection: Connection, matter: Matter) -> bool:
    findings = matter.registry.record.findings.values()
    return any(each.connection.party == connection.party for each in findings)


def find(part: Part, world: World) -> Found:
    """Judge one part in one world; raises Open for a choice not made."""
    if part.connection is not None:
        return judge(part.connection, world)
    every = world.matter.connections[part.line]
    if part.service:
        reaching = (each for each in every if part.service in each.path[1:])
        used = any(world.present(each) for each in reaching)
        return used and not world.available(part.service, part.line)
    judged = [judge(each, world) for each in every if each.guards]
    if any(each is not None and each.standing is not Standing.SET_ASIDE for each in judged):
        return None
    because = "no right is found, and nothing is cleared by silence"
    own = next(each for each in every if not each.guards)
    return Judged(own, Standing.UNKNOWN, home_review(world), because)


def _explore(parts: Sequence[Part], matter: Matter, classes: Classes) -> tuple[Completion, ...]:
    """Judge parts together over every completion, and each completion over every reading.

    Raises:
        Beyond: there are more than `BOUND` of either.
    """

    def readings(answers: Mapping[str, Value]) -> tuple[Leaf[Reading], ...]:
        def reading(choices: Mapping[str, Value]) -> Reading:
            world = World(matter, {**answers, **choices})
            return tuple(find(part, world) for part in parts)

        return explore(reading, _either, BOUND)

    leaves = explore(readings, classes.of, BOUND)
    return tuple(
        Completion(leaf.answers, tuple((each.answers, each.result) for each in leaf.result))
        for leaf in leaves
    )


def _either(key: str) -> Sequence[Value]:
    """Both readings of a dispute. A question is none: it is passed on to be asked."""
    if not is_dispute(key):
        raise Open(key)
    return (False, True)


def _independent(matter: Matter, classes: Classes) -> Iterator[tuple[Part, ...]]:
    """Yield groups of parts such that no two groups share an open choice."""
    groups: list[tuple[set[str], list[Part]]] = []
    for part in _parts(matter):
        support = _support(part, matter, classes)
        touching = [each for each in groups if each[0] & support]
        merged = (set(support), [part])
        for each in touching:
            merged[0].update(each[0])
            merged[1].extend(each[1])
            groups.remove(each)
        groups.append(merged)
    for _, parts in groups:
        yield tuple(sorted(parts, key=repr))


def _support(part: Part, matter: Matter, classes: Classes) -> frozenset[str]:
    """Return the open choices that judging a part may meet; every one, where they are too many."""
    met: set[str] = set()

    def note(key: str) -> Sequence[Value]:
        met.add(key)
        return (False, True) if is_dispute(key) else classes.of(key)

    def judged(answers: Mapping[str, Value]) -> None:
        find(part, World(matter, answers))

    try:
        explore(judged, note, BOUND)
    except Beyond:
        return frozenset(met)
    return frozenset(met)


def _bounded(
    parts: tuple[Part, ...], matter: Matter, classes: Classes
) -> tuple[list[Group], list[Question]]:
    """Bound a group that is too large: each part on its own, from nothing up to its most."""
    groups: list[Group] = []
    keys: set[str] = set()
    for part in parts:
        keys |= {key for key in _support(part, matter, classes) if not is_dispute(key)}
        try:
            leaves = _explore([part], matter, classes)
        except Beyond:
            empty = Completion({}, (({}, (None,)),))
            groups.append(Group((part,), (empty,), exact=False, ceiling=_ceiling(part, matter)))
        else:
            groups.append(Group((part,), leaves))
    return groups, [
        Question(key, certain=False, answers=tuple(classes.of(key))) for key in sorted(keys)
    ]


def _ceiling(part: Part, matter: Matter) -> Verdict:
    """Return the most that a part can require: everything its party's book can say, joined."""
    world = World(matter)
    found = home_review(world)
    book = matter.books.get(part.connection.party) if part.connection else None
    if book is None:
        return found
    for policy in book.policies.values():
        for rule in policy.rules.values():
            found |= requires(rule, book.book, world)
        if policy.otherwise:
            found |= review(policy.otherwise, book.book, world)
    return found | fallback(book, book.book, world)


def _required(
    completion: Completion, parts: Sequence[Part], chosen: Callable[[Part], bool]
) -> Verdict:
    """Join what the chosen parts require in one completion, over every reading of it."""
    found = (
        result.verdict
        for _, reading in completion.readings
        for part, result in zip(parts, reading, strict=True)
        if isinstance(result, Judged) and chosen(part)
    )
    return reduce(or_, found, BOTTOM)


def _mattering(group: Group, classes: Classes) -> Iterator[Question]:
    """Yield each question for which two completions that differ in it alone differ in result."""
    results = [_compared(each, group.parts) for each in group.completions]
    keys = sorted({key for each in group.completions for key in each.answers})
    for key in keys:
        if _decides(key, group.completions, results):
            certain = not classes.only_bounded(key)
            yield Question(key, certain=certain, answers=tuple(classes.of(key)))


Compared: TypeAlias = tuple[dict[tuple[str, str], Verdict], frozenset[tuple[str, str]]]


def _compared(completion: Completion, parts: Sequence[Part]) -> Compared:
    """Return what is compared: what each party requires on each line, and what is withdrawn."""
    required: dict[tuple[str, str], Verdict] = {}
    withdrawn: set[tuple[str, str]] = set()
    for _, reading in completion.readings:
        for part, result in zip(parts, reading, strict=True):
            if isinstance(result, Judged):
                key = (part.line, result.connection.party)
                required[key] = required.get(key, BOTTOM) | result.verdict
            elif result:
                withdrawn.add((part.line, part.service))
    kept = {key: verdict for key, verdict in required.items() if verdict != BOTTOM}
    return kept, frozenset(withdrawn)


def _decides(key: str, completions: Sequence[Completion], results: Sequence[Compared]) -> bool:
    having = [index for index, each in enumerate(completions) if key in each.answers]
    return any(
        results[first] != results[second]
        and differ_only_in(key, completions[first].answers, completions[second].answers)
        for position, first in enumerate(having)
        for second in having[position + 1 :]
    )


def differ_only_in(key: str, one: Mapping[str, Value], other: Mapping[str, Value]) -> bool:
    """Say whether some completion of each differs from the other's in one key alone."""
    return one[key] != other[key] and all(
        other[each] == value for each, value in one.items() if each != key and each in other
    )
