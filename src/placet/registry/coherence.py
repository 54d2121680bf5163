"""Coherence: what no record of a registry shows on its own, though each of them can be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from graphlib import CycleError, TopologicalSorter
from typing import Any

from pydantic import BaseModel

from placet.errors import Problem
from placet.registry.facts import LONGEST_NAME, one_word
from placet.registry.moments import Start
from placet.registry.names import nearest
from placet.registry.reading import Located, Path_
from placet.registry.records import SECTIONS_OF_TEXT, RegistryRecord

__all__ = ["incoherences", "no_ids", "records_in", "reversed_times", "unprintable"]

_ON_PERMITS = ("parties", "items", "lots", "offices", "areas", "targets", "purposes")
DEEPEST = {"areas": 50, "parties": 64, "items": 64}
"""How many records of a section may lead to one another in a chain."""


def incoherences(record: RegistryRecord, where: Located) -> Iterator[Problem]:
    """Yield what no record shows on its own: orphan terms, odd companies, endless chains."""
    yield from reversed_times(record, where)
    for section in ("parties", "items"):
        yield from no_ids(filter(None, getattr(record, section)), where, (section,))
    for section in _ON_PERMITS:
        yield from unprintable(getattr(record, section), where, (section,))
    yield from _orphans(record, where)
    yield from _odd_parties(record, where)
    yield from _odd_chains(record, where)
    yield from _odd_serials(record, where)
    for key, posture in record.posture.items():
        for index, entry in enumerate(posture.history):
            if entry.value not in posture.values:
                what = f"'{entry.value}' is none of the values of {key}"
                place = where(("posture", key, "history", index, "value"))
                yield Problem(place, what, do=nearest(entry.value, posture.values))
    for key, lot in record.lots.items():
        if lot.pool and record.pools[lot.pool].item != lot.item:
            what = f"the pool {lot.pool} holds another item than {lot.item}"
            yield Problem(where(("lots", key, "pool")), what)


def no_ids(keys: Iterable[str], where: Located, path: Path_) -> Iterator[Problem]:
    """Yield the keys that cannot stand in addresses and in names of rules, where ids have to."""
    for key in keys:
        if "/" in key:
            why = "it parts names, as in party/policy/rule, and addresses"
            yield Problem(where((*path, key)), f"{key} has a slash", why, "Write a hyphen.")
        elif key in ("", ".", ".."):
            why = "no address leads to it"
            yield Problem(where((*path, key)), f"{key!r} is no id", why, "Write a word.")


def unprintable(keys: Iterable[str], where: Located, path: Path_) -> Iterator[Problem]:
    """Yield the keys that no permit can name, where one has to: nothing could be issued then."""
    for key in keys:
        try:
            one_word(key)
        except ValueError:
            what, why = f"{key!r} is no id", "a permit names it by one word that can be seen"
            do = f"Write hyphens for spaces, and at most {LONGEST_NAME} characters."
            yield Problem(where((*path, key)), what, why, do)


def _orphans(record: RegistryRecord, where: Located) -> Iterator[Problem]:
    for section in sorted(SECTIONS_OF_TEXT):
        terms = getattr(record, section)
        for term in terms:
            parent, dot, _ = term.rpartition(".")
            if dot and parent not in terms:
                what = f"{term} has no parent"
                yield Problem(where((section, term)), what, do=f"Add `{parent}` to {section}.")


def _odd_chains(record: RegistryRecord, where: Located) -> Iterator[Problem]:
    """Yield circles of area sets and of companies, and chains too long to be followed.

    Items may rely on each other in a circle, but none on itself.
    """
    areas = {key: [*area.includes, *area.excludes] for key, area in record.areas.items()}
    parties = {key: [*party.under] for key, party in record.parties.items()}
    items: dict[str, list[str]] = {}
    for key, reliance in record.reliances.items():
        if reliance.of == reliance.on:
            what = f"{reliance.of} relies on itself"
            yield Problem(where(("reliances", key, "on")), what, do="Remove the reliance.")
        items.setdefault(reliance.of, []).append(reliance.on)
    circles = {
        "areas": (areas, "these areas name each other in a circle"),
        "parties": (parties, "these companies are under each other in a circle"),
    }
    for section, (graph, what) in circles.items():
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            yield Problem(where((section,)), f"{what}: {' → '.join(error.args[1])}")
    for section, graph in (("areas", areas), ("parties", parties), ("items", items)):
        for key, length in _lengths(graph).items():
            if length == DEEPEST[section]:
                what = f"more than {length - 1} {section} lead from {key} to one another in a chain"
                yield Problem(where((section, key)), what)


def _lengths(graph: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return the length of the longest chain from each node, with no way back in a circle."""
    lengths: dict[str, int] = {}
    for start in sorted(graph):
        open_ = {start: iter(graph[start])} if start not in lengths else {}
        while open_:
            node, following = next(reversed(open_.items()))
            after = next((each for each in following if each in graph), None)
            if after is None:
                open_.pop(node)
                below = (lengths.get(each, 0) for each in graph[node])
                lengths[node] = 1 + max(below, default=0)
            elif after not in lengths and after not in open_:
                open_[after] = iter(graph[after])
    return lengths


def _odd_serials(record: RegistryRecord, where: Located) -> Iterator[Problem]:
    """Yield ranges of serials that hold nothing, and serials that stand in two lots of an item."""
    ranges: dict[tuple[str, int], list[tuple[str, str, str, int]]] = {}
    for key, lot in record.lots.items():
        for index, entry in enumerate(lot.serials):
            first, dots, last = entry.partition("..")
            if dots and (len(first) != len(last) or last < first):
                why = "a range runs from a first serial to a later one of equal length"
                place = where(("lots", key, "serials", index))
                yield Problem(place, f"{entry} is not a range of serials", why)
            else:
                span = (first, last if dots else first, key, index)
                ranges.setdefault((lot.item, len(first)), []).append(span)
    for spans in ranges.values():
        reached, holder = "", ""
        for first, last, key, index in sorted(spans):
            if holder not in ("", key) and first <= reached:
                what = f"serials from {first} on stand in two lots, {holder} and {key}"
                yield Problem(where(("lots", key, "serials", index)), what)
            if last >= reached:
                reached, holder = last, key


def reversed_times(record: BaseModel, where: Located, path: Path_ = ()) -> Iterator[Problem]:
    """Yield each record, at any depth, that is certainly over before it begins."""
    begun, over = getattr(record, "from_", None), getattr(record, "until", None)
    if isinstance(begun, Start) and isinstance(over, Start) and over.latest <= begun.earliest:
        what = f"it is over, {over}, before it begins, {begun}"
        yield Problem(where((*path, "until")), what, do="`until` is when it no longer holds.")
    for name, written in _fields_of_records(type(record)):
        for step, each in _records_of(getattr(record, name)):
            yield from reversed_times(each, where, (*path, written, *step))


def records_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the records that a field of a record may hold."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from records_in(inner)


@cache
def _fields_of_records(model: type[BaseModel]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, info.alias or name)
        for name, info in model.model_fields.items()
        if any(records_in(info.annotation))
    )


def _records_of(value: object) -> Iterator[tuple[Path_, BaseModel]]:
    """Yield the records that a field holds, each with its key or index in it."""
    if isinstance(value, BaseModel):
        yield (), value
    elif isinstance(value, dict):
        yield from (((key,), each) for key, each in value.items() if isinstance(each, BaseModel))
    elif isinstance(value, tuple):
        yield from (
            ((index,), each) for index, each in enumerate(value) if isinstance(each, BaseModel)
        )


def _odd_parties(record: RegistryRecord, where: Located) -> Iterator[Problem]:
    for key, party in record.parties.items():
        if party.under and party.kind != "company":
            what = f"{key} is a {party.kind}, which is under no other party"
            yield Problem(where(("parties", key, "under")), what)
        if party.home and record.offices[party.home].party != key:
            what = f"{party.home} is not an office of {key}"
            yield Problem(where(("parties", key, "home")), what)
