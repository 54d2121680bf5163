"""`placet serve`: everything that an office needs, in one command, until Ctrl-C.

    this process      database (embedded, unless DATABASE_URL names one) and sequencer: the keys
    ├── pages         Granian, several workers; no keys
    └── work          what goes on in the background; no keys

The keys never leave this process: the others are given addresses of the database, and a secret
for cookies.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import typer

from placet.bootstrap import Installation, opened
from placet.cli.demo import ORIGIN, must_be_told_whole, play_story
from placet.cli.ending import with_us
from placet.cli.page_processes import (
    prepare_pages,
    refuse_what_is_unsafe,
    told_apart,
    told_here,
)
from placet.cli.sequencing import number_until
from placet.errors import PlacetError, QuestionError
from placet.operations.demonstration.demonstrators import Demonstrator, demonstrators

__all__ = ["Serving", "serve"]

_LOOKS = 1.0
"""Seconds between two looks at whether the database runs still."""
_STOPS = 10.0
"""Seconds in which a process ends when it is told to, before it is killed."""


@dataclass(frozen=True)
class Serving:
    """How to serve: where people find the pages, where they are listened for, how much at once."""

    address: str
    host: str
    port: int
    workers: int
    threads: int
    demo: bool
    scenario: Path
    only: str | None = None


def serve(serving: Serving) -> None:
    """Serve until Ctrl-C or SIGTERM; then stop everything in order.

    Raises:
        QuestionError: what is there must not be served in this way.
        StoreError: the database or the keys cannot be used, or the embedded server ended.
    """
    refuse_what_is_unsafe(os.environ, serving.address)
    if serving.only != "work":
        _must_be_free(serving.host, serving.port)
    stop = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: stop.set())
    with ExitStack() as held:
        figures = held.enter_context(TemporaryDirectory(prefix="placet-figures-"))
        people: Sequence[Demonstrator] = ()
        looks: list[Callable[[], None]] = []
        if serving.only is None:
            origin = ORIGIN if serving.demo else None
            installation = held.enter_context(opened(os.environ, new_origin=origin, say=_say))
            if serving.demo:
                _play_if_empty(installation, serving.scenario)
            _must_have_begun(installation)
            looks.append(installation.must_run)
            installation.renew()  # what must not be signed is found out before anybody acts
            environ = told_here(installation, serving.address, demo=serving.demo)
            context = installation.house.reading.context()
            people = [each for each in demonstrators(context) if each.does]
            held.enter_context(_numbering(installation, stop))
        else:
            environ = told_apart(os.environ, serving.address, demo=serving.demo)
        environ.setdefault("PROMETHEUS_MULTIPROC_DIR", figures)
        prepare_pages(environ, check=serving.only is not None)
        for name, command in (("pages", _pages(serving)), ("work", _work())):
            if serving.only in (None, name):
                held.enter_context(_running(command, environ, stop))
        _greet(serving, environ, people)
        until_stopped(stop, looks)
        _say("Stopping.")


def until_stopped(stop: threading.Event, looks: Sequence[Callable[[], None]]) -> None:
    """Wait until it is time to stop, and look meanwhile whether all is there that is needed.

    Whoever watches over this process starts it again when it ends; of pages without a database
    nobody would know.

    Raises:
        ServerError: the database ended.
    """
    while not stop.wait(_LOOKS):
        for look in looks:
            look()


def _must_be_free(host: str, port: int) -> None:
    """Refuse a port that somebody serves: the system would have both of us answer, by turns.

    Raises:
        QuestionError: it is taken, or nobody can listen there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except OSError as error:
            raise QuestionError(
                f"Nothing can be served on port {port} of {host}: {error.strerror}. Stop what "
                "listens there, or name another with --port, and in --address where that is given."
            ) from error


def _play_if_empty(installation: Installation, scenario: Path) -> None:
    """Play the story into a register that has not begun.

    Raises:
        QuestionError: it stopped half way when it was played before.
    """
    if installation.house.reading.checkpoint() is not None:
        must_be_told_whole(installation, scenario)
        return
    _say("Playing the story into the register.")
    play_story(installation, scenario, lambda _: None)


def _must_have_begun(installation: Installation) -> None:
    if installation.sequencer is None:
        raise QuestionError(
            "This process has no keys, so nothing it does could be signed. Name their folder with "
            "PLACET_KEYS; to begin a register use `placet begin`, to see one `placet serve --demo`."
        )
    if installation.house.reading.checkpoint() is None:
        raise QuestionError("The register has not begun. Use `placet begin`.")


def _pages(serving: Serving) -> list[str]:
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi"),
        *("--host", serving.host, "--port", str(serving.port)),
        *("--workers", str(serving.workers), "--blocking-threads", str(serving.threads)),
        *("--no-log", "--workers-kill-timeout", "5s", "--respawn-failed-workers"),
        "placet.web.wsgi:application",
    ]


def _work() -> list[str]:
    return [sys.executable, "-m", "placet.web", "work"]


@contextmanager
def _numbering(installation: Installation, stop: threading.Event) -> Iterator[None]:
    """Number and sign what is committed, in a thread of this process.

    What must not be signed stops everything: acts that are never numbered help nobody.
    """
    sequencer = installation.sequencer

    def run() -> None:
        try:
            if sequencer is not None:
                number_until(sequencer, stop, _say)
        except PlacetError as error:
            _say(f"Nothing is signed any more, so everything stops: {error}")
            failed.append(error)
            stop.set()

    failed: list[PlacetError] = []
    thread = threading.Thread(target=run, name="sequencer")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    if failed:
        raise failed[0]


@contextmanager
def _running(
    command: list[str], environ: Mapping[str, str], stop: threading.Event
) -> Iterator[None]:
    """Run a process that ends with us, again where it ends by itself, until it is time to stop.

    It leads a group of its own: Ctrl-C on a terminal reaches this process alone, which stops the
    others once and in order. What it has started and left behind is killed, before it runs again
    as well: two that serve the same port would answer by turns.
    """

    def started() -> subprocess.Popen[bytes]:
        return subprocess.Popen(with_us(command), env=dict(environ), process_group=0)

    current = [started()]

    def watch() -> None:
        while not stop.is_set():
            if current[0].poll() is not None and not stop.wait(1):
                _kill_group(current[0].pid)
                current[0] = started()
            stop.wait(0.5)

    watching = threading.Thread(target=watch, name=command[2])
    watching.start()
    try:
        yield
    finally:
        stop.set()
        watching.join()
        current[0].terminate()
        try:
            current[0].wait(_STOPS)
        except subprocess.TimeoutExpired:
            current[0].kill()
            current[0].wait()
        _kill_group(current[0].pid)


def _kill_group(first: int) -> None:
    """Kill what is left of the group of a process that has ended."""
    with suppress(ProcessLookupError):
        os.killpg(first, signal.SIGKILL)


def _greet(serving: Serving, environ: Mapping[str, str], people: Sequence[Demonstrator]) -> None:
    """Say where it is, and in a demonstration by whom to sign in and what each is for."""
    if serving.only == "work":
        typer.echo("Working in the background. Stop it with Ctrl-C.")
        return
    typer.echo(f"\nPlacet is at {serving.address}")
    if "PLACET_DEMO_PASSWORD" in environ:
        typer.echo("Sign in by one of these names; the password of each is")
        typer.echo(f"\n    {environ['PLACET_DEMO_PASSWORD']}\n")
        for each in people:
            typer.echo(f"    {each.person:<11} {each.does}")
    typer.echo("\nStop it with Ctrl-C. What was done is kept.")


def _say(text: str) -> None:
    typer.echo(text, err=True)
