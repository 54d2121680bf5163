"""`/determine` over HTTP, as a program asks it: with a token, over connections that are kept open.

The server is `placet serve --demo` as anybody starts it, with two workers of Granian. Whoever asks
runs on the same machine and takes its share: what is found is less than a server alone does. In
the same run Cerbos, a policy server, is asked the same by the same client (`cerbos.py` says what).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from benchmarks import cerbos
from benchmarks.http_load import Load, ask, cpu_of, load, post
from benchmarks.measuring import Result, Skipped, row
from benchmarks.serving import serving
from placet.registry import read

HERE = Path(__file__).resolve().parent.parent
SCENARIO = HERE / "scenarios" / "ukraine-long-range"
AT = "2025-07-01"
AT_ONCE = 8
SINGLES, BATCHES, SIZE = 4_000, 24, 1_000
_ROUNDS = 7

_Request = dict[str, Any]


@dataclass(frozen=True)
class _Case:
    """Something that is asked over and over: of whom, what, and how many decisions it brings."""

    name: str
    port: int
    process: int
    messages: Sequence[bytes]
    decisions: int
    aim: str = ""


def run(rounds: int) -> Iterator[Result]:
    """Measure requests one by one and in batches, and a policy server beside them."""
    count = max(2, min(rounds, _ROUNDS))
    with contextlib.ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        data = _made(folder / "placet")
        kept = {name: each for name, each in os.environ.items() if not name.startswith("DATABASE_")}
        environ = kept | {"PLACET_DATA": str(data)}
        served = held.enter_context(serving(environ, "--scenario", str(SCENARIO)))
        token = _token(served.address, served.password)
        cases, remarks = list(_placet(served.port, served.process, token)), []
        try:
            of, it = held.enter_context(cerbos.serving(_made(folder / "cerbos")))
        except Skipped as why:
            remarks.append(f"Cerbos is left out: {why}.")
        else:
            cases += _cerbos(of, it, served.port, token)
        loads: dict[str, list[Load]] = {each.name: [] for each in cases}
        costs: dict[str, list[float]] = {each.name: [] for each in cases}
        for number in range(count + 1):  # the first is thrown away
            for each in cases[number % len(cases) :] + cases[: number % len(cases)]:
                before = cpu_of(each.process)
                found = load(each.port, each.messages, AT_ONCE)
                if number:
                    loads[each.name].append(found)
                    costs[each.name].append(cpu_of(each.process) - before)
    yield _rates(cases, loads, [*remarks, _client(loads)])
    yield _spent(cases, costs)


def _rates(cases: Sequence[_Case], loads: dict[str, list[Load]], remarks: Sequence[str]) -> Result:
    rates = {each.name: [one.rate * each.decisions for one in loads[each.name]] for each in cases}
    base = cases[0].name
    return Result(
        "Determinations over HTTP, authenticated; and Cerbos",
        "decisions a second",
        tuple(row(each.name, rates[each.name], rates[base], aim=each.aim) for each in cases),
        base,
        (f"{AT_ONCE} connections; whoever asks shares the cores with the server.", *remarks),
    )


def _spent(cases: Sequence[_Case], costs: dict[str, list[float]]) -> Result:
    """Say what a decision takes of the processor: it is much the same on a busy machine."""
    micro = {
        each.name: [one * 1e6 / (len(each.messages) * each.decisions) for one in costs[each.name]]
        for each in cases
    }
    base = cases[0].name
    rows = tuple(row(each.name, micro[each.name], micro[base]) for each in cases)
    return Result("What the server's processes ran for it", "µs a decision", rows, base)


def _client(loads: dict[str, list[Load]]) -> str:
    parts = [one.client / one.seconds for each in loads.values() for one in each]
    return f"The client took {statistics.median(parts):.0%} of a core."


# --- what is asked


def _placet(port: int, process: int, token: str) -> Iterator[_Case]:
    many = _requests(SIZE)
    singles = [_determine(token, "", request=each) for each in _requests(SINGLES)]
    batch = _determine(token, "/batch", requests=many)
    yield _Case("Placet, one by one", port, process, singles, 1, "3,000 or more")
    yield _Case(
        f"Placet, {SIZE:,} at once", port, process, [batch] * BATCHES, SIZE, "10,000 or more"
    )


def _cerbos(port: int, process: int, placet: int, token: str) -> Iterator[_Case]:
    """Yield what Cerbos is asked, once it is sure that it says the same."""
    asked = _requests(SIZE)
    answers = json.loads(ask(placet, _determine(token, "/batch", requests=asked)))["answers"]
    said = [each["parties"]["US"] for each in answers]
    parts = [asked[each : each + cerbos.MOST] for each in range(0, SIZE, cerbos.MOST)]
    told = [each for part in parts for each in cerbos.outcomes(port, part)]
    if told != said or set(said) != {"clear", "review", "refuse"}:
        raise RuntimeError("Cerbos and Placet do not say the same of the slice.")
    singles = [cerbos.question([each]) for each in _requests(SINGLES)]
    many = [cerbos.question(each) for each in parts] * 10
    yield _Case("Cerbos, one by one", port, process, singles, 1)
    yield _Case(f"Cerbos, {cerbos.MOST} at once", port, process, many, cerbos.MOST)


def _requests(count: int) -> list[_Request]:
    """Return requests that differ in name, quantity, area, target, item and services."""
    plain = dict(read(SCENARIO / "requests" / "atacms-in-russia.yaml").plain)
    plain.pop("expect", None)
    areas = ("RU-KRS", "RU-BEL", "RU-ROS", "UA-14", "UA-43")
    return [
        {
            **plain,
            "request": f"r-{each}",
            "area": areas[each % len(areas)],
            "target": ("military.depot", "military.airfield")[each % 2],
            "services": ("us-targeting-data", "none")[each % 3 == 0],
            "lines": {
                "missiles": {"item": ("atacms", "gmlrs")[each % 3 == 0], "quantity": each % 97 + 1}
            },
        }
        for each in range(count)
    ]


def _determine(token: str, path: str, **asked: object) -> bytes:
    body = json.dumps({**asked, "at": AT}).encode()
    return post(f"/api/v1/determine{path}", body, Authorization=f"Bearer {token}")


# --- the server


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _token(address: str, password: str) -> str:
    """Sign in, show the password again, and make a token, as a person does."""
    with httpx.Client(base_url=address, follow_redirects=True, timeout=60) as browser:

        def post(path: str, **fields: str) -> str:
            form = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(path).text)
            given = {**fields, "csrfmiddlewaretoken": form.group(1) if form else ""}
            return browser.post(path, data=given, headers={"Referer": address}).text

        post("/account/login/", login="secretary", password=password)
        post("/account/reauthenticate/", password=password)
        made = post("/tokens/", office="us/secdef", scope="determine", days="1", label="load")
        found = re.search(r"<code>(placet_[A-Za-z0-9_-]+)</code>", made)
        if found is None:
            raise Skipped("no token was made")
        return found.group(1)
