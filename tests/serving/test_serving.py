"""`placet serve` as real processes: it stops cleanly, keeps what was done, and comes apart."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import pytest

from placet.cli import serving
from placet.cli.serving import until_stopped
from placet.store.errors import ServerError
from server_for_tests import Databases, free_port
from waiting import PATIENCE, until

SECRET = "qN3vXk8ZtB1wRr7yJ5mLd2HsGfPc9oEa"


@dataclass
class Place:
    """A data folder and a database for processes under test."""

    folder: Path
    url: Callable[[str], str]
    root: Path
    port: int = field(default_factory=free_port)

    @property
    def address(self) -> str:
        """Where its pages are."""
        return f"http://localhost:{self.port}"

    @property
    def environ(self) -> dict[str, str]:
        """The environment of a process that has everything."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PLACET_", "DATABASE_", "DJANGO_"))
        }
        here = {"PLACET_DATA": str(self.folder), "DATABASE_URL": self.url("placet_owner")}
        return {**kept, **here, "TMPDIR": str(self.folder.parent)}  # what is killed leaves files

    def run(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        command = [sys.executable, "-m", "placet", *arguments]
        told = {**self.environ, **environ}
        return subprocess.run(
            command, env=told, cwd=self.root, capture_output=True, text=True, check=False
        )

    @contextmanager
    def started(self, *arguments: str, environ: dict[str, str] | None = None) -> Iterator[Any]:
        """Start a command in a session of its own, as a terminal would; it must be stopped."""
        log = self.folder.parent / f"log-{time.monotonic_ns()}"
        command = [sys.executable, "-m", "placet", *arguments]
        with log.open("wb") as out:
            process = subprocess.Popen(
                command,
                env=environ or self.environ,
                cwd=self.root,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        try:
            yield process, log
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def answers(self, path: str, process: Any, log: Path) -> bytes:
        """Wait until the pages answer with 200."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.address}{path}", timeout=5) as answer:
                    return bytes(answer.read())
            except (OSError, http.client.HTTPException):
                time.sleep(0.2)
        return pytest.fail(f"{path} does not answer:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="module")
def place(server: Any, tmp_path_factory: pytest.TempPathFactory, root: Path) -> Place:
    """A register of its own, into which the story was played."""
    folder = tmp_path_factory.mktemp("serving") / "data"
    made = Place(folder, Databases(server).new("serving"), root)
    assert made.run("demo").returncode == 0
    return made


def _of_session(session: int) -> list[tuple[int, int, str]]:
    """Return process, group and command line of what belongs to a session and runs."""
    found = []
    for each in Path("/proc").iterdir():
        try:
            stat = (each / "stat").read_text().rpartition(")")[2].split()
            line = (each / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (OSError, IndexError):
            continue
        if int(stat[3]) == session and stat[0] != "Z":
            found.append((int(each.name), int(stat[2]), line))
    return found


def _of_pages(session: int) -> list[tuple[int, int]]:
    """Return the processes that serve pages in a session, each with its group."""
    return [(process, group) for process, group, line in _of_session(session) if "granian" in line]


def _first_of_pages(session: int) -> int | None:
    """Return the process that started the others that serve pages."""
    return next((pid for pid, group in _of_pages(session) if pid == group), None)


def _stopped(process: Any) -> int:
    """Press Ctrl-C: the whole group of the terminal gets it."""
    os.killpg(process.pid, signal.SIGINT)
    return int(process.wait(timeout=PATIENCE))


def _must_be_gone(session: int) -> None:
    """Wait until nothing of a session runs any more: what was killed in it takes time to end."""
    until(lambda: not _of_session(session), lambda: _of_session(session))


def _says(text: str, process: Any, log: Path) -> None:
    """Wait until a process has said something."""
    until(lambda: text in log.read_text() or process.poll() is not None, log.read_text)
    assert text in log.read_text(), log.read_text()


def _signed_in(place: Place, person: str, password: str) -> Any:
    """Sign in as a browser does."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    with opener.open(f"{place.address}/account/login/") as page:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.read().decode())
    assert token
    fields = {"login": person, "password": password, "csrfmiddlewaretoken": token[1]}
    data = urllib.parse.urlencode(fields).encode()
    with opener.open(f"{place.address}/account/login/", data) as page:
        assert page.url.endswith("/inbox/"), page.read().decode()[:2000]
    return opener


def _greeted(place: Place, process: Any, log: Path) -> tuple[str, dict[str, str]]:
    """Return what is printed where it is served: the password, and what each name is for."""
    _says("\nStop it with Ctrl-C. What was done is kept.\n", process, log)
    said = re.search(
        rf"^Placet is at {re.escape(place.address)}\n"
        r"Sign in by one of these names; the password of each is\n\n    (\S+)\n\n"
        r"((?:    \S+ +\S.*\n)+)\nStop it",
        log.read_text(),
        re.MULTILINE,
    )
    assert said, log.read_text()
    return said[1], dict(each.split(maxsplit=1) for each in said[2].splitlines())


def test_served_stopped_by_ctrl_c_and_served_again(place: Place) -> None:
    """Proves that Ctrl-C leaves no process and code 0, and that a second start keeps the data.

    Where it is, at the port that is named, and by what names and password one signs in, is printed
    before.

    In that one the server of pages is killed with SIGKILL: another takes its place, and of the
    first no worker is left. Then all of it is killed, and leaves no process either.

    Figures of all workers add up, and the log holds no password.
    """
    serve = ("serve", "--demo", "--port", str(place.port))
    with place.started(*serve) as (process, log):
        place.answers("/healthz", process, log)
        assert json.loads(place.answers("/readyz", process, log))["ready"] is True
        password, names = _greeted(place, process, log)
        assert names["whitfield"] == "leads cases, and issues permits"
        assert [*names][:2] == ["marchenko", "whitfield"], "who asks comes first, then who reviews"
        assert names.keys() >= {"hart", "secretary", "lindqvist", "reyes", "tan", "ashworth"}
        browser = _signed_in(place, "whitfield", password)
        for _ in range(6):
            browser.open(f"{place.address}/inbox/").read()
        figures = place.answers("/metrics", process, log).decode()
        (counted,) = re.findall(r'placet_requests_total\{[^}]*route="inbox/"[^}]*\} (\S+)', figures)
        assert float(counted) >= 7
        (entries,) = re.findall(r"^placet_log_entries (\S+)", figures, re.MULTILINE)
        assert _of_session(process.pid)
        assert _stopped(process) == 0
        _must_be_gone(process.pid)
        said = log.read_text()
    assert "Stopping." in said
    after = said.partition("What was done is kept.")[2].splitlines()
    assert {each for each in after if not each.startswith("{")} == {"", "Stopping."}
    assert "Traceback" not in said
    lines = [json.loads(each) for each in said.splitlines() if each.startswith("{")]
    assert any(each.get("route") == "inbox/" for each in lines)
    assert not any(password in json.dumps(each) for each in lines)
    with place.started(*serve) as (process, log):
        figures = place.answers("/metrics", process, log).decode()
        assert f"\nplacet_log_entries {entries}\n" in figures
        assert _greeted(place, process, log) == (password, names)
        browser = _signed_in(place, "whitfield", password)
        first = _first_of_pages(process.pid)
        os.kill(first, signal.SIGKILL)
        until(lambda: _first_of_pages(process.pid) not in (None, first))
        place.answers("/readyz", process, log)
        assert browser.open(f"{place.address}/inbox/").status == 200
        pages = _of_pages(process.pid)
        assert len({group for _, group in pages}) == 1, "no worker is left of those before"
        process.kill()
        process.wait()
        _must_be_gone(process.pid)  # what it started ended with it


def test_real_work_is_greeted_by_its_address_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No name and no password is printed where it is no demonstration; background work has none."""
    serve = serving.Serving("https://placet.example", "127.0.0.1", 8000, 1, 3, False, Path())
    for only, said in (
        (None, f"\nPlacet is at {serve.address}\n\nStop it with Ctrl-C. What was done is kept.\n"),
        ("work", "Working in the background. Stop it with Ctrl-C.\n"),
    ):
        serving._greet(replace(serve, only=only), {"PLACET_SECRET_KEY": SECRET}, ())
        assert capsys.readouterr().out == said


def test_nothing_is_served_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves that serving ends with an error when a look finds no server, and else when told."""
    monkeypatch.setattr(serving, "_LOOKS", 0.01)
    stop = threading.Event()
    looked: list[bool] = []

    def look() -> None:
        looked.append(True)
        if len(looked) == 2:
            stop.set()
        if len(looked) == 3:
            raise ServerError("PostgreSQL ended")

    until_stopped(stop, [look])
    assert len(looked) == 2
    with pytest.raises(ServerError, match="PostgreSQL ended"):
        until_stopped(threading.Event(), [look])


def test_a_demonstration_is_not_served_as_real_work(place: Place) -> None:
    """Proves that without --demo the register of a demonstration is refused, and nothing left."""
    done = place.run("serve", "--port", str(place.port))
    assert done.returncode == 1
    assert "The log says that it is a demonstration" in done.stderr


@pytest.mark.parametrize(
    ("environ", "options", "says"),
    [
        ({"PLACET_SECRET_KEY": "secret"}, (), "can be guessed"),
        ({"PLACET_SECRET_KEY": "a" * 64}, (), "can be guessed"),
        ({"DEBUG": "1"}, (), "DEBUG is set"),
        ({}, ("--address", "http://placet.example"), "is not HTTPS"),
        ({}, ("--only", "pages"), "PLACET_SECRET_KEY is missing"),
        ({"PLACET_KEYS": "/nonexistent"}, (), "no keys"),
    ],
)
def test_what_is_unsafe_is_not_served(
    place: Place, environ: dict[str, str], options: tuple[str, ...], says: str
) -> None:
    """Proves that a secret that can be guessed, DEBUG, plain HTTP and missing keys are refused."""
    done = place.run("serve", "--port", str(place.port), *options, **environ)
    assert done.returncode == 1
    assert says in done.stderr


def test_a_port_that_is_taken_is_refused(place: Place) -> None:
    """Proves that two never share a port, where visitors would get the one and the other by turns.

    The other may be ours: it lets others listen beside it, as the processes of pages do.
    """
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = place.run("serve", "--demo", "--port", str(port))
    assert done.returncode == 1
    assert f"port {port} of 127.0.0.1: Address already in use" in done.stderr


def test_each_part_runs_alone_and_together_they_do_all(place: Place, ukraine: Path) -> None:
    """Proves that sequencer, pages and work apart serve a register, each without what it lacks.

    The pages and the work have no keys and no folder of data; the sequencer knows one role.
    """
    from placet.bootstrap import connected
    from placet.operations.acting.act import act
    from placet.operations.acting.signing_in import resume_demonstration
    from placet.registry import read
    from placet.review import command_of

    bare = {
        key: each for key, each in place.environ.items() if not key.startswith(("PLACET", "DATA"))
    }
    numbers = {
        **bare,
        "PLACET_KEYS": str(place.folder / "keys"),
        "DATABASE_URL_SEQUENCER": place.url("placet_sequencer"),
    }
    pages = {
        **bare,
        "PLACET_SECRET_KEY": SECRET,
        **{
            f"DATABASE_URL_{each.upper()}": place.url(f"placet_{each}")
            for each in ("act", "read", "worker")
        },
    }
    serve = ("serve", "--demo", "--workers", "1", "--address", place.address, "--only")
    owner = {
        **pages,
        "DATABASE_URL_OWNER": place.url("placet_owner"),
        "DJANGO_SETTINGS_MODULE": "placet.web.settings",
        "PLACET_ADDRESS": place.address,
        "PLACET_DEMONSTRATION": "1",
        "PLACET_DEMO_PASSWORD": SECRET,
    }
    subprocess.run([sys.executable, "-m", "placet.web", "prepare"], env=owner, check=True)
    with ExitStack() as held:
        started = [
            held.enter_context(place.started("sequencer", environ=numbers)),
            held.enter_context(
                place.started(*serve, "pages", "--port", str(place.port), environ=pages)
            ),
            held.enter_context(place.started(*serve, "work", environ=pages)),
        ]
        assert json.loads(place.answers("/readyz", *started[1]))["ready"] is True
        assert place.answers("/static/placet/placet.css", *started[1])
        _says("Working in the background", *started[2])
        house = held.enter_context(connected(pages))
        plain = dict(read(ukraine / "requests" / "atacms-in-russia.yaml").plain)
        plain.pop("expect", None)
        case = house.references.reference("C")
        who = resume_demonstration(house, "marchenko")
        done = act(house, who, command_of("submit", {"case": case, "request": plain}), case=case)
        assert done.index < done.size, "a checkpoint covers it"
        for process, log in reversed(started):
            assert process.poll() is None, log.read_text()
            assert _stopped(process) == 0, log.read_text()
            _must_be_gone(process.pid)
