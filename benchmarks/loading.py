"""A large registry: loading it, and asking who has a say over what stands in it.

Measured, for growing parts of the data on components found in weapons: reading the files as YAML,
building and checking the registry, the whole `load_scenario`, then `who` (without a request, on
re-export) of the weapons with the most and the fewest components; and the peak memory of a process
that does no more than load. Against: the whole load of the same size. Read down a column to see
whether time grows with the registry or faster than it; `who` should follow the components of its
weapon, not the registry.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measuring import Result, Row, rounds, rows
from benchmarks.weapons import HOLDER, Found, found_parts, largest, write_scenario
from placet.determination import determine
from placet.operations.scenarios.scenario import load_scenario
from placet.registry import Request, load_registry, read

__all__ = ["run"]

WEAPONS = (20, 65, 195)
AT = datetime(2026, 7, 1, tzinfo=UTC)
PEAK = """
import json, re, sys
from pathlib import Path
from placet.operations.scenarios.scenario import load_scenario
def peak():
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1]) / 1024
before = peak()
held = load_scenario(Path(sys.argv[1]))
print(json.dumps([before, peak()]))
"""
"""What the process runs whose memory is measured; the system's own account of it (Linux)."""


def run(count: int) -> Iterator[Result]:
    """Measure each size in turn."""
    every = found_parts()
    ordered = largest(every, len(every))
    for number in WEAPONS:
        # Every so manieth weapon, so that each size has large and small ones.
        chosen = set(ordered[:: max(1, len(ordered) // number)])
        yield from _of(tuple(each for each in every if each.weapon in chosen), max(3, count // 5))


def _of(parts: tuple[Found, ...], count: int) -> Iterator[Result]:
    ordered = largest(parts, len(parts))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "weapons"
        records = write_scenario(folder, parts)
        files = sorted((folder / "registry").glob("*.yaml"))
        documents = [read(each) for each in files]
        scenario = load_scenario(folder)

        def who(weapon: str) -> object:
            return determine(scenario.matter(_bare(weapon), AT))

        seconds = rounds(
            {
                "load the whole": lambda: load_scenario(folder),
                "  of it: read the YAML": lambda: [read(each) for each in files],
                "  of it: build and check": lambda: load_registry(documents),
                "who, largest weapon": lambda: who(ordered[0]),
                "who, smallest weapon": lambda: who(ordered[-1]),
            },
            count,
        )
        peak = _peak(folder) if Path("/proc/self/status").is_file() else ()
    most = sum(each.weapon == ordered[0] for each in parts)
    least = sum(each.weapon == ordered[-1] for each in parts)
    title = f"Registry of {records:,} records, {len(ordered)} weapons, {len(parts):,} components"
    remark = f"The largest weapon has {most} components, the smallest {least}."
    base = "load the whole"
    yield Result(title, "s", rows(seconds, 1, base), base, (remark,))
    if peak:
        yield Result(f"Peak memory, {records:,} records", "MB", peak)


def _bare(weapon: str) -> Request:
    """Return the request to re-export a weapon, with all else left out: what `who` asks."""
    plain = {
        "request": "who",
        "applicant": HOLDER,
        "actor": HOLDER,
        "activity": "re-export",
        "lines": {"asked": {"(id)": "asked", "item": weapon}},
    }
    return Request.model_validate(plain)


def _peak(folder: Path) -> tuple[Row, ...]:
    """Return the peak memory of a fresh process, before and after it loads a scenario."""
    command = (sys.executable, "-c", PEAK, str(folder))
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    before, after = json.loads(told.stdout)
    return (Row("imports alone", before, before, before), Row("loaded", after, after, after))
