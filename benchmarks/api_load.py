"""`/determine` over HTTP, as a program asks it: with a token, over connections that are kept open.

The server is `placet serve --demo` as anybody starts it, with two workers of Granian. Whoever asks
runs on the same machine and takes its share: what is found is less than a server alone does.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from benchmarks.measuring import Result, Skipped, row
from placet.registry import read

HERE = Path(__file__).resolve().parent.parent
SCENARIO = HERE / "scenarios" / "ukraine-long-range"
PORT = 18_747
AT_ONCE = 8
SINGLES, BATCHES, SIZE = 4_000, 16, 1_000
_STARTS_WITHIN = 240


def run(rounds: int) -> Iterator[Result]:
    """Measure requests one by one and in batches."""
    with tempfile.TemporaryDirectory() as name, _serving(Path(name)) as token:
        singles = [_body({"request": each}) for each in _requests(SINGLES)]
        many = _requests(SIZE)
        batches = [_body({"requests": many})] * BATCHES
        _rate("/api/v1/determine", singles[:500], token)
        found: dict[str, list[float]] = {"one by one": [], f"in batches of {SIZE:,}": []}
        for _ in range(min(rounds, 5)):
            found["one by one"].append(_rate("/api/v1/determine", singles, token))
            rate = _rate("/api/v1/determine/batch", batches, token) * SIZE
            found[f"in batches of {SIZE:,}"].append(rate)
        yield Result(
            "Determinations over HTTP, authenticated",
            "a second",
            tuple(row(name, each) for name, each in found.items()),
            remarks=(f"{AT_ONCE} connections; whoever asks shares the cores with the server",),
        )


def _requests(count: int) -> list[dict[str, object]]:
    """Return requests that differ in name, quantity, area and target."""
    plain = dict(read(SCENARIO / "requests" / "atacms-in-russia.yaml").plain)
    plain.pop("expect", None)
    areas = ("RU-KRS", "RU-BEL", "RU-ROS", "UA-14", "UA-43")
    return [
        {
            **plain,
            "request": f"r-{each}",
            "area": areas[each % len(areas)],
            "target": ("military.depot", "military.airfield")[each % 2],
            "lines": {"missiles": {"item": "atacms", "quantity": each % 97 + 1}},
        }
        for each in range(count)
    ]


def _body(asked: dict[str, object]) -> bytes:
    return json.dumps(asked).encode()


def _rate(path: str, bodies: list[bytes], token: str) -> float:
    """Send bodies over several connections at once; return how many were answered a second."""
    wrong: list[int] = []
    threads = [
        threading.Thread(target=_send, args=(path, bodies[each::AT_ONCE], token, wrong))
        for each in range(AT_ONCE)
    ]
    began = time.perf_counter()
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    took = time.perf_counter() - began
    if wrong:
        raise Skipped(f"{len(wrong)} requests were answered {sorted(set(wrong))}")
    return len(bodies) / took


def _send(path: str, bodies: list[bytes], token: str, wrong: list[int]) -> None:
    connection = http.client.HTTPConnection("localhost", PORT)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    for body in bodies:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != http.client.OK:
            wrong.append(answer.status)
    connection.close()


@contextlib.contextmanager
def _serving(folder: Path) -> Iterator[str]:
    """Start a server with the story in it; yield a token of one of its people."""
    address = f"http://localhost:{PORT}"
    command = [sys.executable, "-m", "placet", "serve", "--demo", "--scenario", str(SCENARIO)]
    command += ["--port", str(PORT), "--address", address, "--workers", "2"]
    environ = {name: each for name, each in os.environ.items() if not name.startswith("DATABASE_")}
    with (folder / "said").open("wb") as said:
        server = subprocess.Popen(
            command, env={**environ, "PLACET_DATA": str(folder)}, stdout=said, stderr=said
        )
        try:
            _wait(address, server)
            yield _token(address, (folder / "demo-password").read_text().strip())
        finally:
            server.terminate()
            server.wait(timeout=60)


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{address}/api/v1/ledger").status_code == http.client.OK:
                return
        time.sleep(1)
    raise Skipped("the server did not start")


def _token(address: str, password: str) -> str:
    """Sign in, show the password again, and make a token, as a person does."""
    with httpx.Client(base_url=address, follow_redirects=True) as browser:

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
