"""The registry: every record by id, what refers to what, and the vocabularies they make up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from placet.conditions import Condition, compile_condition
from placet.registry.areas import Areas, iso_names
from placet.registry.language import LANGUAGES
from placet.registry.records import (
    Activity,
    Basis,
    Item,
    ItemKind,
    Lot,
    RegistryRecord,
    Reliance,
    StockClass,
)

__all__ = ["Registry", "beneath", "serial_in"]

Held: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""Who holds a party's say, each with the chain of companies that leads to it."""


def beneath(term: str, other: str) -> bool:
    """Say whether a dotted term is `other` or beneath it, as `energy.refinery` is `energy`."""
    return term == other or term.startswith(f"{other}.")


def serial_in(serial: str, ranges: Iterable[str]) -> bool:
    """Say whether a serial number stands in a list of serials and ranges `first..last`.

    A range compares serials of equal length, letter by letter.
    """
    for entry in ranges:
        first, dots, last = entry.partition("..")
        if serial == entry or (dots and len(serial) == len(first) and first <= serial <= last):
            return True
    return False


@dataclass(frozen=True, eq=False)
class Registry:
    """The registry's records, with the look-ups the judgement needs.

    `record` holds every section by id. The registry is not bound to a moment:
    each fact is asked whether it stands at one (`Fact.standing`).
    """

    record: RegistryRecord
    _compiled: dict[tuple[str, str], Condition] = field(default_factory=dict, repr=False)
    _held: dict[str, Held] = field(default_factory=dict, repr=False)

    @cached_property
    def areas(self) -> Areas:
        """The ISO 3166 areas and the parties' own sets."""
        return Areas.with_sets(self.record.areas)

    @cached_property
    def states(self) -> frozenset[str]:
        """Every party, and every ISO 3166-1 country though the registry says nothing of it."""
        countries = (code for code in iso_names() if "-" not in code)
        return frozenset(countries) | self.record.parties.keys()

    @cached_property
    def vocabularies(self) -> Mapping[str, Collection[str]]:
        """The values that names and literals may take, by vocabulary."""
        record = self.record
        return {
            "sources": record.sources,
            "parties": record.parties,
            "states": self.states,
            "offices": record.offices,
            "items": record.items,
            "services-and-platforms": self.services | self.platforms,
            "lots": record.lots,
            "pools": record.pools,
            "agreements": record.agreements,
            "classes": record.classes,
            "targets": record.targets,
            "purposes": record.purposes,
            "terms": record.targets.keys() | record.purposes.keys(),
            "areas": self.areas.known(),
            "codes": self.areas.codes,
            "postures": record.posture,
            "posture-values": {value for each in record.posture.values() for value in each.values},
            "activities": [activity.value for activity in Activity],
            "bases": [basis.value for basis in Basis],
            "stock-classes": [each.value for each in StockClass],
        }

    def condition(self, text: str, language: str) -> Condition:
        """Compile a condition of this registry, once for each text.

        Raises:
            ConditionError: the text is not in the language.
        """
        key = (language, text)
        if key not in self._compiled:
            compiled = compile_condition(text, LANGUAGES[language], self.vocabularies)
            self._compiled[key] = compiled
        return self._compiled[key]

    @cached_property
    def reliances_of(self) -> Mapping[str, tuple[Reliance, ...]]:
        """The reliances of each item on others, in order of id."""
        found: dict[str, list[Reliance]] = {}
        for _, reliance in sorted(self.record.reliances.items()):
            found.setdefault(reliance.of, []).append(reliance)
        return {item: tuple(each) for item, each in found.items()}

    @cached_property
    def lots_of(self) -> Mapping[str, tuple[Lot, ...]]:
        """The lots of each item, in order of id."""
        found: dict[str, list[Lot]] = {}
        for _, lot in sorted(self.record.lots.items()):
            found.setdefault(lot.item, []).append(lot)
        return {item: tuple(each) for item, each in found.items()}

    @cached_property
    def services(self) -> frozenset[str]:
        """The items that are services, or that another relies on as one."""
        items = self.record.items.items()
        return self._relied_on_as("service") | {
            key for key, item in items if item.kind is ItemKind.SERVICE
        }

    @cached_property
    def platforms(self) -> frozenset[str]:
        """The items that another is used from."""
        return self._relied_on_as("platform")

    def _relied_on_as(self, kind: str) -> frozenset[str]:
        every = self.record.reliances.values()
        return frozenset(each.on for each in every if each.as_ == kind)

    def name(self, party: str) -> str:
        """Return what a party is called."""
        known = self.record.parties.get(party)
        return (known.name if known else None) or iso_names().get(party) or party

    def office_title(self, office: str) -> str:
        """Return what an office is called."""
        known = self.record.offices.get(office)
        return known.title if known else office

    def class_name(self, key: str) -> str:
        """Return what a class of items is called."""
        return self.record.classes.get(key, key)

    def item(self, item: str) -> Item:
        """Return an item that the registry is known to hold."""
        return self.record.items[item]

    def in_class(self, item: str, named: str) -> bool:
        """Say whether an item belongs to a class, or to one beneath it."""
        known = self.record.items.get(item)
        return known is not None and any(beneath(each, named) for each in known.classes)

    def jurisdictions(self, party: str) -> Held:
        """Return who holds a party's say: the party itself, or the states a company is under.

        Each comes with a chain of companies that leads to it. Where several
        chains meet in a company, one of them is followed further.
        """
        if party not in self._held:
            self._held[party] = tuple(self._above(party))
        return self._held[party]

    def _above(self, party: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        passed: set[str] = set()
        pending: list[tuple[str, tuple[str, ...]]] = [(party, ())]
        while pending:
            each, chain = pending.pop()
            known = self.record.parties.get(each)
            if known is None or known.kind != "company" or not known.under or each in chain:
                yield each, chain
            elif each not in passed:
                passed.add(each)
                pending.extend((above, (*chain, each)) for above in reversed(known.under))
