"""A policy server beside `/determine`: Cerbos, with a policy that means the same for a slice.

The slice is what the United States' book of the scenario says, on 1 July 2025, of the use of
ATACMS and of GMLRS, with or without American targeting data, in Ukraine and in Russia: clear,
review or refuse. In Cerbos each of the three is an action that is allowed or not. That its policy
means the same is checked on every request that is sent.

What Cerbos is not asked for here, and Placet does: who holds a right and by which path, the rules
of other parties, what is unknown or disputed, what holds on another day; reasons, digest, token.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import tarfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.http_load import ask, post
from benchmarks.measuring import Skipped

__all__ = ["MOST", "outcomes", "question", "serving"]

PACKAGE = "@cerbos/cerbos-linux-x64@0.55.0"
MOST = 50
"""Resources in one request, as it comes."""
_ACTIONS = ["clear", "review", "refuse"]
_STARTS_WITHIN = 30.0
_LONG_RANGE = frozenset({"atacms"})

_POLICY = """
apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: use
  version: default
  variables:
    local:
      data: '"us-targeting-data" in R.attr.services'
      each_strike: R.attr.item_class == "missile.long-range" || V.data
      in_russia: R.attr.area == "RU" || R.attr.area.startsWith("RU-")
      in_ukraine: R.attr.area == "UA" || R.attr.area.startsWith("UA-")
  rules:
    - actions: [review]
      effect: EFFECT_ALLOW
      roles: ["*"]
      condition: {match: {expr: V.each_strike || !(V.in_russia || V.in_ukraine)}}
    - actions: [refuse]
      effect: EFFECT_ALLOW
      roles: ["*"]
      condition: {match: {expr: V.in_russia && !V.each_strike}}
    - actions: [clear]
      effect: EFFECT_ALLOW
      roles: ["*"]
      condition: {match: {expr: V.in_ukraine && !V.each_strike}}
"""


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[tuple[int, int]]:
    """Run the server of the package; yield its port and its process.

    Raises:
        Skipped: the package cannot be had here.
    """
    program = _program(folder)
    (folder / "policies").mkdir()
    (folder / "policies" / "use.yaml").write_text(_POLICY)
    port, other = _free(), _free()
    told = {
        "server": {"httpListenAddr": f"127.0.0.1:{port}", "grpcListenAddr": f"127.0.0.1:{other}"},
        "storage": {"driver": "disk", "disk": {"directory": str(folder / "policies")}},
        "telemetry": {"disabled": True},
    }
    (folder / "settings.json").write_text(json.dumps(told))
    with (folder / "said").open("wb") as said:
        settings = str(folder / "settings.json")
        command = [str(program), "server", "--config", settings, "--log-level", "ERROR"]
        process = subprocess.Popen(command, stdout=said, stderr=said)
        try:
            _wait(port, process, folder / "said")
            yield port, process.pid
        finally:
            process.terminate()
            process.wait()


def question(requests: Sequence[Mapping[str, Any]]) -> bytes:
    """Return what asks Cerbos about some requests."""
    asked = {
        "requestId": "r",
        "principal": {"id": "UA", "roles": ["applicant"]},
        "resources": [
            {
                "actions": _ACTIONS,
                "resource": {"kind": "use", "id": each["request"], "attr": _attributes(each)},
            }
            for each in requests
        ],
    }
    return post("/api/check/resources", json.dumps(asked).encode())


def outcomes(port: int, requests: Sequence[Mapping[str, Any]]) -> list[str]:
    """Ask Cerbos about some requests; return what it allows of each."""
    answer = json.loads(ask(port, question(requests)))
    return [
        " and ".join(name for name in _ACTIONS if each["actions"][name] == "EFFECT_ALLOW")
        for each in answer["results"]
    ]


def _attributes(request: Mapping[str, Any]) -> dict[str, Any]:
    (line,) = request["lines"].values()
    item, services = line["item"], request["services"]
    return {
        "item": item,
        "item_class": "missile.long-range" if item in _LONG_RANGE else "missile",
        "quantity": line["quantity"],
        "area": request["area"],
        "target": request["target"],
        "purpose": request["purpose"],
        "services": [] if services == "none" else [services],
    }


def _program(folder: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise Skipped("Cerbos comes as an npm package, and there is no npm")
    command = [npm, "pack", PACKAGE, "--silent", "--pack-destination", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    if done.returncode:
        raise Skipped(f"npm cannot get {PACKAGE}: {done.stderr.strip()[-200:]}")
    with tarfile.open(folder / done.stdout.split()[-1]) as package:
        package.extractall(folder, filter="data")
    return folder / "package" / "cerbos-linux-x64"


def _free() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _wait(port: int, process: subprocess.Popen[bytes], said: Path) -> None:
    until = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.1)
    raise Skipped(f"Cerbos does not start: {said.read_text()[-300:]}")
