"""A large registry out of real data: the foreign components found in weapons.

The data (CC BY 4.0, scraped from a public portal of one belligerent party) is not part of this
repository; it is read from `shared/data/weapon-components` beside it. What is made of it is a
scenario in the file format: weapons and components as items, makers as companies under the
country given for them, and one reliance for each component that was found in a weapon.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring import Skipped

__all__ = ["HOLDER", "Found", "found_parts", "largest", "write_scenario"]

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "weapon-components"
HOLDER = "RU"
"""Who is recorded as the origin of every weapon: a simplification that the figures do not feel."""


@dataclass(frozen=True)
class Found:
    """A component that was found in a weapon, who made it, and where that maker is."""

    component: str
    name: str
    maker: str
    country: str
    weapon: str


def found_parts() -> tuple[Found, ...]:
    """Read every component once for each weapon that it was found in.

    Raises:
        Skipped: the data is not there.
    """
    table = DATA / "components.csv.gz"
    if not table.is_file():
        raise Skipped(f"no data at {DATA}")
    with gzip.open(table, "rt", encoding="utf-8", newline="") as lines:
        found = (each for line in csv.DictReader(lines) for each in _found(line))
        return tuple(dict.fromkeys(found))


def _found(line: Mapping[str, str]) -> Iterator[Found]:
    maker = line["manufacturer"].strip()
    country = line["manufacturer_country"]
    for weapon in json.loads(line["found_in_drones"]):
        yield Found(
            line["component_id"],
            line["name_marking"],
            "" if maker in ("", "Not identified") else maker,
            "" if country in ("", "UNK") else country,
            weapon,
        )


def largest(parts: Sequence[Found], count: int) -> tuple[str, ...]:
    """Return the weapons with the most components, the largest first."""
    return tuple(name for name, _ in Counter(each.weapon for each in parts).most_common(count))


def write_scenario(folder: Path, parts: Sequence[Found]) -> int:
    """Write the scenario of these parts and return how many records it has."""
    makers = {each.maker: each.country for each in parts if each.maker}
    countries = {HOLDER, *(each.country for each in parts if each.country)}
    sections: dict[str, dict[str, dict[str, object]]] = {
        "parties": {
            **{code: {"kind": "state"} for code in sorted(countries)},
            **{
                _slug(name): {"kind": "company", "name": name, "under": [country] * bool(country)}
                for name, country in makers.items()
            },
        },
        "items": {
            **{each.weapon: {"name": each.weapon, "origin": [HOLDER]} for each in parts},
            **{each.component: {"name": each.name, "origin": [_origin(each)]} for each in parts},
        },
        "reliances": {
            f"{each.weapon}/{each.component}": {
                "of": each.weapon,
                "on": each.component,
                "as": "component",
                "grade": "reported",
            }
            for each in parts
        },
    }
    (folder / "registry").mkdir(parents=True)
    (folder / "books").mkdir()
    for section, records in sections.items():
        lines = (f"  {_text(key)}: {_flow(record)}\n" for key, record in records.items())
        path = folder / "registry" / f"{section}.yaml"
        path.write_text(f"{section}:\n{''.join(lines)}", encoding="utf-8")
    return sum(map(len, sections.values()))


def _origin(part: Found) -> str:
    if part.maker:
        return _slug(part.maker)
    return part.country or "unknown"


def _slug(name: str) -> str:
    return "maker/" + re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")


def _flow(record: Mapping[str, object]) -> str:
    written = (f"{key}: {_value(each)}" for key, each in record.items() if each)
    return f"{{{', '.join(written)}}}"


def _value(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_text(each) for each in value)}]"
    return _text(str(value))


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
