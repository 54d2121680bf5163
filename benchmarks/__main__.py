"""`python -m benchmarks`: run them all, or those named, and print their tables."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import api_load, cold, conditions, loading, register, warm, web_load
from benchmarks.measuring import Result, Skipped, pace

BENCHMARKS: dict[str, Callable[[int], Iterator[Result]]] = {
    "cold": cold.run,
    "warm": warm.run,
    "conditions": conditions.run,
    "loading": loading.run,
    "register": register.run,
    "api": api_load.run,
    "web": web_load.run,
}


def main() -> None:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    known = ", ".join(BENCHMARKS)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {known}; all by default")
    parser.add_argument("--rounds", type=int, default=15, help="rounds of each (default: 15)")
    parser.add_argument("--output", type=Path, help="a file to write the results to, as JSON")
    given = parser.parse_args()
    unknown = [name for name in given.names if name not in BENCHMARKS]
    if unknown or given.rounds < 2:
        parser.error(f"no benchmark {unknown[0]}; there are {known}" if unknown else "two rounds")
    machine = _machine()
    print(machine, flush=True)
    found = {name: _run(name, given.rounds) for name in given.names or BENCHMARKS}
    print(f"\nAt the end: {_pace()}.", flush=True)
    if given.output:
        whole = {"machine": machine, "at": time.strftime("%Y-%m-%d", time.gmtime())}
        text = json.dumps({**whole, "results": found}, indent=2, ensure_ascii=False)
        given.output.write_text(f"{text}\n", encoding="utf-8")


def _run(name: str, rounds: int) -> list[dict[str, Any]]:
    results = []
    try:
        for result in BENCHMARKS[name](rounds):
            print(f"\n{result.table()}", flush=True)
            results.append(result.plain())
    except Skipped as reason:
        print(f"\n{name} is skipped: {reason}", file=sys.stderr)
    return results


def _machine() -> str:
    cores = os.cpu_count()
    python = f"Python {platform.python_version()}, {platform.machine()}, {cores} cores"
    return f"{python}, {_pace()}"


def _pace() -> str:
    return f"{pace():.0f} million turns of an empty loop a second"


main()
