"""A cold process: from the shell to the answer of `placet determine`.

Measured: the whole wall time of a new process, its exit included, that loads the scenario of the
long-range weapons and judges one request. Against: an interpreter that does nothing, and one that
only imports the libraries the command line stands on. What lies between the second floor and
`determine` is ours to answer for. The target is 0.6 seconds for the whole.

Byte code is cached, as it is for an installed package: the first round writes it and is thrown
away.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.measuring import Result, rounds, rows

__all__ = ["run"]

ROOT = Path(__file__).resolve().parent.parent
REQUEST = "scenarios/ukraine-long-range/requests/atacms-in-russia.yaml"
LIBRARIES = "import typer, pydantic, yaml"
CASES = {
    "python -c pass": ("-c", "pass"),
    "its libraries alone": ("-c", LIBRARIES),
    "placet --version": ("-m", "placet", "--version"),
    "placet determine": ("-m", "placet", "determine", REQUEST, "--at", "2025-07-01", "--json"),
}


def run(count: int) -> Iterator[Result]:
    """Measure the cold process."""
    with tempfile.TemporaryDirectory() as cache:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        environment = {**kept, "PYTHONPYCACHEPREFIX": cache}
        seconds = rounds({name: _process(each, environment) for name, each in CASES.items()}, count)
    base = "its libraries alone"
    remark = f"Its libraries: {LIBRARIES}."
    yield Result("Cold process", "s", rows(seconds, 1, base), base, (remark,))


def _process(arguments: tuple[str, ...], environment: dict[str, str]) -> Callable[[], object]:
    command = (sys.executable, *arguments)

    def act() -> object:
        return subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, env=environment, cwd=ROOT
        )

    return act
