"""The pages under load: inbox and case pages of a register with a hundred thousand cases.

`web_world` makes the register. Then `placet serve` serves it, and sixteen readers, signed in as
five people, go through pages as fast as they are answered: any tab, any of the first pages, any
case. Server, database and readers share the machine. A page counts only if it is what was asked
for.
"""

from __future__ import annotations

import http.client
import os
import random
import re
import statistics
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from benchmarks.http_load import cpu_of
from benchmarks.measuring import Result, row
from benchmarks.register_world import Server, new_log, server
from benchmarks.serving import serving
from benchmarks.web_world import bring

__all__ = ["run"]

CASES = int(os.environ.get("PLACET_BENCH_CASES", "100000"))
READERS = 16
SECONDS = 20.0
PEOPLE = ("secretary", "whitfield", "marchenko", "hart", "tan")
_PAGES = 5
"""Of how many pages of each list the readers read."""


def run(count: int) -> Iterator[Result]:
    """Measure pages a second, and how long the slowest hundredth took."""
    with server() as on:
        with new_log(on, "pages") as log:
            names = bring(log, CASES)
            environ = os.environ | dict(log.environ)
        with serving(environ) as served:
            spent = _Spent(served.process, on)
            yield from _measured(served.port, served.password, names, spent, max(2, count // 5))


class _Reader:
    """A browser of one person, as far as it costs a server something."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection = http.client.HTTPConnection("localhost", port, timeout=30)
        self.cookies: dict[str, str] = {}

    def get(self, address: str) -> tuple[int, str]:
        return self._ask("GET", address)

    def sign_in(self, person: str, password: str) -> None:
        _, page = self.get("/account/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        fields = {"login": person, "password": password}
        fields["csrfmiddlewaretoken"] = token[1] if token else ""
        status, page = self._ask("POST", "/account/login/", urlencode(fields))
        if status != 302:
            raise RuntimeError(f"{person} could not be signed in: {status}")

    def _ask(self, method: str, address: str, body: str | None = None) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Referer"] = f"http://localhost:{self._port}/"
        self._connection.request(method, address, body, headers)
        answer = self._connection.getresponse()
        for each in answer.msg.get_all("Set-Cookie") or ():
            name, _, rest = each.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return answer.status, answer.read().decode()


# --- the readers


@dataclass(frozen=True)
class _Asked:
    """Something that a reader asks for, and what shows that it was answered."""

    cookies: dict[str, str]
    address: str
    holds: str


@dataclass(frozen=True)
class _Spent:
    """What pages and database have run so far; on a busy machine that says more than a rate."""

    process: int
    on: Server

    def __call__(self) -> tuple[float, float]:
        return cpu_of(self.process), self.on.cpu()


def _measured(
    port: int, password: str, names: Sequence[str], spent: _Spent, count: int
) -> Iterator[Result]:
    people = {}
    for person in PEOPLE:
        people[person] = _Reader(port)
        people[person].sign_in(person, password)
    inboxes = [each for reader in people.values() for each in _inboxes(reader)]
    officer, auditor = people["whitfield"], people["tan"]
    cases = [
        _Asked(reader.cookies, f"/cases/{name}/", name)
        for name in names
        for reader in (officer, auditor)
    ]
    for title, asked, least in (
        ("Inbox pages", inboxes, 100),
        ("Case pages", cases, 60),
    ):
        _load(port, asked, 5.0)
        rounds, costs = [], []
        for _ in range(count):
            pages, database = spent()
            rounds.append(_load(port, asked, SECONDS))
            now, then = spent()
            costs.append((now - pages, then - database))
        yield _result(title, rounds, costs, least)


def _inboxes(reader: _Reader) -> Iterator[_Asked]:
    """Yield the first pages of every list of a person that has something on it."""
    for tab in ("action", "team", "others", "closed"):
        address = f"/inbox/?tab={tab}"
        for _ in range(_PAGES):
            status, page = reader.get(address)
            first = re.search(r"/cases/([^/]+)/", page)
            if status != 200 or first is None:
                break
            yield _Asked(reader.cookies, address, first[0])
            further = re.search(r'rel="next" href="([^"]+)"', page)
            if further is None:
                break
            address = f"/inbox/{further[1].replace('&amp;', '&')}"


def _load(port: int, asked: Sequence[_Asked], seconds: float) -> list[float]:
    """Have all readers read for so long; return how long each page took."""
    until = time.monotonic() + seconds
    took: list[list[float]] = [[] for _ in range(READERS)]
    wrong: list[str] = []

    def read(number: int) -> None:
        drawn, reader = random.Random(number), _Reader(port)  # noqa: S311
        while time.monotonic() < until and not wrong:
            each = drawn.choice(asked)
            reader.cookies = dict(each.cookies)
            began = time.monotonic()
            status, page = reader.get(each.address)
            took[number].append(time.monotonic() - began)
            if status != 200 or each.holds not in page:
                wrong.append(f"{each.address} was answered with {status}")

    threads = [threading.Thread(target=read, args=(number,)) for number in range(READERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise RuntimeError(wrong[0])
    return [each for part in took for each in part]


def _result(
    title: str,
    rounds: Sequence[Sequence[float]],
    costs: Sequence[tuple[float, float]],
    least: int,
) -> Result:
    """Sum rounds up: pages a second, how long they took, and what they took of the processor."""
    slow = [statistics.quantiles(each, n=100)[98] for each in rounds]
    pages, database = zip(*costs, strict=True)
    rows = [
        row("pages a second", [len(each) / SECONDS for each in rounds], aim=f"{least} or more"),
        row("ms for half of them", _milliseconds(map(statistics.median, rounds))),
        row("ms for 99 of 100", _milliseconds(slow), aim="under 400"),
        row("ms of CPU a page: pages", _each(pages, rounds)),
        row("ms of CPU a page: PostgreSQL", _each(database, rounds)),
    ]
    title = f"{title}: {READERS} readers, {CASES:,} cases"
    return Result(title=title, unit="see each line", rows=tuple(rows))


def _milliseconds(seconds: Iterable[float]) -> list[float]:
    return [each * 1000 for each in seconds]


def _each(seconds: Iterable[float], rounds: Sequence[Sequence[float]]) -> list[float]:
    """Return milliseconds for each page of a round."""
    return [one * 1000 / len(each) for one, each in zip(seconds, rounds, strict=True)]
