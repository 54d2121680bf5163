"""Over all completions: what holds at least, what at most, and which questions matter.

The request's parts (rights, services, the home authority) are grouped so that
parts which share an open choice stand together; groups are independent of
each other. Within a group every completion is judged: disputes are joined
inside a completion, and questions span the interval from the meet to the join
over completions. The lattice being distributive, the interval of the whole is
the join of the groups' intervals, and it is exact. A group that has too many
completions is taken apart, and bounded from below and above.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from operator import and_, or_
from typing import TypeAlias, TypeVar

from placet.conditions import Beyond, Leaf, Open, Value, explore
from placet.determination.classes import Classes
from placet.determination.connections import Connection, Stands, fact_of
from placet.determination.judgement import (
    Judged,
    fallback,
    home_review,
    requires,
    review,
)
from placet.determination.parts import Found, Judge, Part
from placet.determination.verdict import BOTTOM, Verdict, at_least, at_most
from placet.determination.world import Matter, World, is_dispute
from placet.policy import Outcome, Then
from placet.registry import UNKNOWN, Presence

__all__ = [
    "BOUND",
    "Completed",
    "Completion",
    "Group",
    "Reading",
    "complete",
    "differ_only_in",
]

BOUND = 512
"""How many completions of one group are told apart before its result is only bounded."""


T = TypeVar("T")
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
        places = [place for place, part in enumerate(self.parts) if chosen(part)]
        if not places:
            return BOTTOM, BOTTOM
        joins: dict[frozenset[int], Verdict] = {}  # many completions come to the same verdicts
        for each in self.completions:
            found = _verdicts(each, places)
            same = frozenset(found)
            if same not in joins:
                joins[same] = reduce(or_, found.values(), BOTTOM)
        least = at_least(joins.values()) if self.exact else BOTTOM
        return least, at_most(joins.values()) | self.ceiling

    def found(self) -> Iterator[Judged]:
        """Yield everything judged in any world."""
        for reading in self._worlds():
            yield from (each for each in reading if isinstance(each, Judged))

    def always(self, seen_in: Callable[[Judged], Iterable[T]]) -> frozenset[T]:
        """Return what is seen in something judged in every world; nothing where it is bounded."""
        if not self.exact:
            return frozenset()
        worlds = (
            {seen for each in reading if isinstance(each, Judged) for seen in seen_in(each)}
            for reading in self._worlds()
        )
        return frozenset(reduce(and_, worlds))

    def _worlds(self) -> Iterator[Reading]:
        return (reading for each in self.completions for _, reading in each.readings)


@dataclass(frozen=True, slots=True)
class Completed:
    """A matter over all its completions.

    `exact` groups are independent of each other and told apart completely.
    Those that are only `bounded` may share choices and may turn on any of the
    questions `open`.
    """

    exact: tuple[Group, ...]
    bounded: tuple[Group, ...]
    open: frozenset[str]

    @property
    def groups(self) -> tuple[Group, ...]:
        """Every group."""
        return self.exact + self.bounded


def complete(matter: Matter) -> Completed:
    """Judge a matter over all its completions."""
    classes, judge = Classes(matter), Judge(matter)
    exact: list[Group] = []
    bounded: list[Group] = []
    asked: set[str] = set()
    for parts in _independent(judge, classes):
        try:
            found = [_group(parts, _explore(parts, judge, classes), matter, classes)]
        except Beyond:
            found = [_alone(part, judge, classes) for part in parts]
        if len(found) == 1 and found[0].exact:
            exact.extend(found)
        else:
            bounded.extend(found)
            asked.update(key for part in parts for key in _may_ask(part, judge, classes))
    return Completed(tuple(exact), tuple(bounded), frozenset(asked))


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
            if item in matter.registry.services:
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


def _explore(parts: Sequence[Part], judge: Judge, classes: Classes) -> tuple[Completion, ...]:
    """Judge parts together over every completion, and each completion over every reading.

    Raises:
        Beyond: there are more than `BOUND` of either.
    """

    def readings(answers: Mapping[str, Value]) -> tuple[Leaf[Reading], ...]:
        def reading(choices: Mapping[str, Value]) -> Reading:
            made = {**answers, **choices}
            return tuple(judge.find(part, made) for part in parts)

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


def _independent(judge: Judge, classes: Classes) -> Iterator[tuple[Part, ...]]:
    """Yield groups of parts such that no two groups share an open choice."""
    groups: list[tuple[set[str], list[Part]]] = []
    for part in _parts(judge.matter):
        support = _support(part, judge, classes)
        touching = [each for each in groups if each[0] & support]
        merged = (set(support), [part])
        for each in touching:
            merged[0].update(each[0])
            merged[1].extend(each[1])
            groups.remove(each)
        groups.append(merged)
    for _, parts in groups:
        yield tuple(sorted(parts, key=repr))


def _support(part: Part, judge: Judge, classes: Classes) -> frozenset[str]:
    """Return the open choices that judging a part may meet; every one, where they are too many."""
    met: set[str] = set()

    def note(key: str) -> Sequence[Value]:
        met.add(key)
        return (False, True) if is_dispute(key) else classes.of(key)

    try:
        explore(partial(judge.find, part), note, BOUND)
    except Beyond:
        return frozenset(met) | classes.every
    return frozenset(met)


def _may_ask(part: Part, judge: Judge, classes: Classes) -> frozenset[str]:
    """Return the questions that a part may turn on; every one, where its classes are not exact."""
    support = {key for key in _support(part, judge, classes) if not is_dispute(key)}
    if any(classes.only_bounded(key) for key in support):
        support |= {key for key in classes.every if not is_dispute(key)}
    return frozenset(support)


def _alone(part: Part, judge: Judge, classes: Classes) -> Group:
    """Judge one part of a group that is too large; where it is itself too large, bound it."""
    try:
        return _group((part,), _explore([part], judge, classes), judge.matter, classes)
    except Beyond:
        withdrawn = True if part.service else None
        only = Completion({}, (({}, (withdrawn,)),))
        return Group((part,), (only,), exact=False, ceiling=_ceiling(part, judge.matter))


def _ceiling(part: Part, matter: Matter) -> Verdict:
    """Return the most that a part can require: everything its party's book can say, joined."""
    if part.service:
        return BOTTOM
    world = World(matter)
    found = home_review(world)
    if part.connection is None or part.connection.party == UNKNOWN:
        return found
    found |= review(Then(Outcome.REVIEW), part.connection.party, world)
    book = matter.books.get(part.connection.party)
    if book is None:
        return found
    for policy in book.policies.values():
        for rule in policy.rules.values():
            found |= requires(rule, book.book, world)
        if policy.otherwise:
            found |= review(policy.otherwise, book.book, world)
    return found | fallback(book, book.book, world)


def _verdicts(completion: Completion, places: Sequence[int]) -> dict[int, Verdict]:
    """Return what is required at some places of one completion, in any reading, by identity."""
    return {
        id(result.verdict): result.verdict
        for _, reading in completion.readings
        for result in map(reading.__getitem__, places)
        if isinstance(result, Judged)
    }


def differ_only_in(key: str, one: Mapping[str, Value], other: Mapping[str, Value]) -> bool:
    """Say whether some completion of each differs from the other's in one key alone."""
    return one[key] != other[key] and all(
        other[each] == value for each, value in one.items() if each != key and each in other
    )
