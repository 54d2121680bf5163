"""Areas: ISO 3166-1 countries, ISO 3166-2 subdivisions, and the sets each party defines for itself.

The codes and their parents come from pycountry's data files, read directly;
they are part of the context, so its digest changes when the tables do.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

from placet.registry.records import AreaSet

__all__ = ["Areas", "iso_names"]

_Known: TypeAlias = dict[tuple[str, str], bool]
"""What was found for an area and a set, so that sets which share others are looked at once."""


@cache
def _iso() -> tuple[dict[str, str], dict[str, str], str]:
    """Return every code's name, every code's parent, and the SHA-256 of both tables."""
    folder = _tables()
    names: dict[str, str] = {}
    parents: dict[str, str] = {}
    digest = hashlib.sha256()
    for table, part in (("3166-1", "iso3166-1.json"), ("3166-2", "iso3166-2.json")):
        content = (folder / part).read_bytes()
        digest.update(content)
        for row in json.loads(content)[table]:
            code = row.get("alpha_2") or row["code"]
            names[code] = row.get("common_name") or row["name"]
            if "-" in code:
                parents[code] = row.get("parent") or code.partition("-")[0]
    return names, parents, digest.hexdigest()


def _tables() -> Path:
    """Return the folder of the tables; the package that holds them is not imported."""
    found = find_spec("pycountry")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("pycountry", name="pycountry")
    return Path(found.origin).parent / "databases"


def iso_names() -> Mapping[str, str]:
    """Return the name of every ISO 3166 country and subdivision code."""
    return _iso()[0]


@dataclass(frozen=True)
class Areas:
    """Which areas there are and which lie within which.

    `parents` maps a subdivision to its parent subdivision or country; `sets`
    holds the named sets by id. A code that is neither is not an area.
    """

    codes: frozenset[str]
    parents: Mapping[str, str]
    sets: Mapping[str, AreaSet]
    edition: str
    _within: _Known = field(default_factory=dict, compare=False, repr=False)
    _touches: _Known = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def with_sets(cls, sets: Mapping[str, AreaSet]) -> Areas:
        """Return the ISO 3166 areas together with the parties' own sets."""
        names, parents, edition = _iso()
        return cls(frozenset(names), parents, sets, edition)

    def lineage(self, area: str) -> Iterator[str]:
        """Yield the area, its parent, and so on up to the country."""
        yield area
        while area in self.parents:
            area = self.parents[area]
            yield area

    def within(self, area: str, other: str) -> bool:
        """Say whether all of `area` lies in `other`, a code or a set's id."""
        named = self.sets.get(other)
        if named is None:
            return other in self.lineage(area)
        if (area, other) not in self._within:
            self._within[area, other] = False  # in a circle of sets, nothing is surely within
            self._within[area, other] = any(
                self.within(area, each) for each in named.includes
            ) and not any(self.touches(area, each) for each in named.excludes)
        return self._within[area, other]

    def touches(self, area: str, other: str) -> bool:
        """Say whether any part of `area` may lie in `other`, a code or a set's id."""
        named = self.sets.get(other)
        if named is None:
            return other in self.lineage(area) or area in self.lineage(other)
        if (area, other) not in self._touches:
            self._touches[area, other] = False
            self._touches[area, other] = any(
                self.touches(area, each) for each in named.includes
            ) and not any(self.within(area, each) for each in named.excludes)
        return self._touches[area, other]

    def known(self) -> frozenset[str]:
        """Return every code and every set's id."""
        return self.codes | self.sets.keys()
