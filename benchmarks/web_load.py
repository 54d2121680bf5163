"""The pages under load: inbox and case pages of a register with a hundred thousand cases.

Real acts make a few cases of each kind, under review, asked, decided, permitted, withdrawn; the
rest are these again, each with a reference, times and rows of its own, brought in by bulk. Then
`placet serve` serves them, and sixteen readers, signed in as five people, go through pages as fast
as they are answered: any tab, any of the first pages, any case. Server, database and readers share
the machine. A page counts only if it is what was asked for.
"""

from __future__ import annotations

import http.client
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import psycopg

from benchmarks.measuring import Result, Row, row
from benchmarks.register_world import AT, Log, new_log, server
from placet.operations.ports import parties_of
from placet.review.case import Case
from placet.store.desk_rows import desk_of
from placet.store.rows import text_of

__all__ = ["run"]

CASES = int(os.environ.get("PLACET_BENCH_CASES", "100000"))
READERS = 16
SECONDS = 20.0
PEOPLE = ("secretary", "whitfield", "marchenko", "hart", "tan")
_PAGES = 5
"""Of how many pages of each list the readers read."""
_PATIENCE = 120.0


def run(count: int) -> Iterator[Result]:
    """Measure pages a second, and how long the slowest hundredth took."""
    with server() as on:
        with new_log(on, "pages") as log:
            made = _kinds(log)
            environ = dict(log.environ)
            names = _bring(environ["DATABASE_URL"], made)
        with _serving(environ) as (port, password):
            yield from _measured(port, password, names, max(2, count // 5))


# --- the cases


def _kinds(log: Log) -> list[Case]:
    """Return a case of each kind, made by real acts."""
    found = []
    for act in (_nothing, _asked, _advised, _decided, _permitted, _withdrawn):
        case = log.submitted()
        act(log, case)
        found.append(log.house.reading.case(case))
    return found


def _nothing(_: Log, __: str) -> None:
    """Leave it to the deciding authority."""


def _asked(log: Log, case: str) -> None:
    log.do("whitfield", "ask", case, asks="which depot", due="2025-08-01")


def _advised(log: Log, case: str) -> None:
    log.do("hart", "advise", case, office="us/usd-policy", stance="for", says="within the limits")
    log.do("whitfield", "set-deadline", case, of="us/secdef", due="2025-07-20", because="soon")


def _decided(log: Log, case: str) -> None:
    determined = log.house.reading.case(case).determined
    assert determined is not None  # noqa: S101
    log.do(
        "secretary",
        "decide",
        case,
        party="US",
        office="us/secdef",
        verdict="approve",
        because="for the file",
        disclosed="as told",
        determination=determined.digest,
    )


def _permitted(log: Log, case: str) -> None:
    _decided(log, case)
    references = log.house.references
    permit, status = references.reference("P"), references.status_index()
    log.do("whitfield", "issue", case, permit=permit, status=status)


def _withdrawn(log: Log, case: str) -> None:
    log.do("marchenko", "withdraw", case, because="no longer needed")


def _bring(url: str, kinds: Sequence[Case]) -> list[str]:
    """Bring the cases in, and return some of their references."""
    drawn = random.Random(7)  # noqa: S311
    names: list[str] = []
    with psycopg.connect(url) as owner:
        ticket = (owner.execute("SELECT min(ticket) FROM entry").fetchone() or (0,))[0]
        for start in range(0, CASES - len(kinds), 2000):
            part = [
                _again(drawn.choice(kinds), number, drawn)
                for number in range(start, min(start + 2000, CASES - len(kinds)))
            ]
            _write(owner, part, ticket)
            names += [each.id for each in part[:20]]
        owner.commit()
        owner.autocommit = True
        owner.execute("VACUUM (ANALYZE)")
    return names


def _again(kind: Case, number: int, drawn: random.Random) -> Case:
    """Return a case like another: with a name, times and permits of its own."""
    earlier = timedelta(days=drawn.randrange(300), seconds=drawn.randrange(86_400))
    later = {"at": AT - earlier}
    name = f"C-{number:07d}"
    permits = {
        f"P-{number:07d}": each.model_copy(update={"permit": f"P-{number:07d}"})
        for each in kind.permits.values()
    }
    determined = kind.determined.model_copy(update=later) if kind.determined is not None else None
    moves = tuple(each.model_copy(update=later) for each in kind.moves)
    return kind.model_copy(
        update={
            "id": name,
            "permits": permits,
            "moves": moves,
            "determined": determined,
            "submitted_at": AT - earlier,
            "last": AT - earlier,
        }
    )


def _write(owner: psycopg.Connection, cases: Sequence[Case], ticket: int) -> None:
    """Insert what an act would: `COPY` is not for tables under row-level security."""
    with owner.pipeline(), owner.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO case_head (case_id, version, stage, applicant, state, moved_at)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            [
                (each.id, each.version, each.stage.value, each.applicant, _state(each), each.last)
                for each in cases
            ],
        )
        cursor.executemany(
            "INSERT INTO case_party (case_id, party) VALUES (%s, %s)",
            [(each.id, party) for each in cases for party in sorted(parties_of(each))],
        )
        cursor.executemany(
            "INSERT INTO moved (case_id, version, ticket) VALUES (%s, %s, %s)",
            [(each.id, each.version, ticket) for each in cases],
        )
        for each in cases:
            for statement, values in desk_of(each, None):
                owner.execute(statement, values)


def _state(case: Case) -> str:
    return text_of(case.model_dump(mode="json", by_alias=True, exclude_defaults=True))


# --- the server


@contextmanager
def _serving(environ: dict[str, str]) -> Iterator[tuple[int, str]]:
    """Serve as `placet serve` does; yield the port and the password of the demonstration."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "placet", "serve", "--demo", "--workers", "2"]
    command += ["--port", str(port), "--address", f"http://localhost:{port}"]
    folder = Path(environ["PLACET_DATA"])
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=os.environ | environ, stdout=log, stderr=log)
        try:
            _wait_for(port, process, folder / "log")
            yield port, (folder / "demo-password").read_text().strip()
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            if _Reader(port).get("/account/login/")[0] == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"The server does not answer: {log.read_text()[-3000:]}")


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


def _measured(port: int, password: str, names: Sequence[str], count: int) -> Iterator[Result]:
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
        seconds = [_load(port, asked, SECONDS) for _ in range(count)]
        yield _result(title, seconds, least)


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


def _result(title: str, rounds: Sequence[Sequence[float]], least: int) -> Result:
    """Sum rounds up: pages a second, and milliseconds for half and for all but a hundredth."""
    rates = [len(each) / SECONDS for each in rounds]
    wanted: list[tuple[str, Callable[[Sequence[float]], float]]] = [
        ("ms for half of them", statistics.median),
        ("ms for 99 of 100", lambda each: statistics.quantiles(each, n=100)[98]),
    ]
    rows: list[Row] = [row("a second", rates)]
    for name, of in wanted:
        rows.append(row(name, [of(each) * 1000 for each in rounds]))
    return Result(
        title=f"{title}: {READERS} readers, {CASES:,} cases",
        unit="see each line",
        rows=tuple(rows),
        remarks=(f"Aimed at: {least} a second, 99 of 100 within 400 ms.",),
    )
