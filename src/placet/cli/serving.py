"""`placet serve`: everything that an office needs, in one command, until Ctrl-C.

    this process      database (embedded, unless DATABASE_URL names one) and sequencer: the keys
    ├── pages         Granian, several workers; no keys
    └── work          what goes on in the background; no keys

The keys never leave this process: the others are given addresses of the database, and a secret
for cookies.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import typer

from placet.bootstrap import Installation, opened, role_urls
from placet.cli.demo import ORIGIN, must_be_told_whole, play_story
from placet.cli.ending import with_us
from placet.cli.sequencing import number_until
from placet.errors import PlacetError, QuestionError
from placet.store.cluster import Role

__all__ = ["Serving", "prepare", "serve"]

_STOPS = 10.0
"""Seconds in which a process ends when it is told to, before it is killed."""
_ADDRESSES: Mapping[str, Role] = {
    "DATABASE_URL_OWNER": "placet_owner",
    "DATABASE_URL_ACT": "placet_act",
    "DATABASE_URL_READ": "placet_read",
    "DATABASE_URL_WORKER": "placet_worker",
}
"""The roles that the other processes connect in: not the sequencer's."""
_SHORTEST_SECRET = 32


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
    account: str | None = None
    only: str | None = None


def serve(serving: Serving) -> None:
    """Serve until Ctrl-C or SIGTERM; then stop everything in order.

    Raises:
        QuestionError: what is there must not be served in this way.
        StoreError: the database or the keys cannot be used.
    """
    _refuse_what_is_unsafe(os.environ, serving)
    stop = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: stop.set())
    with ExitStack() as held:
        figures = held.enter_context(TemporaryDirectory(prefix="placet-figures-"))
        if serving.only is None:
            origin = ORIGIN if serving.demo else None
            installation = held.enter_context(opened(os.environ, new_origin=origin, say=_say))
            if serving.demo:
                _play_if_empty(installation, serving.scenario)
            _must_have_begun(installation)
            installation.renew()  # what must not be signed is found out before anybody acts
            environ = _environ(installation, serving)
            held.enter_context(_numbering(installation, stop))
        else:
            environ = _environ_alone(serving)
        environ.setdefault("PROMETHEUS_MULTIPROC_DIR", figures)
        _prepare(environ, check=serving.only is not None)
        for name, command in (("pages", _pages(serving)), ("work", _work())):
            if serving.only in (None, name):
                held.enter_context(_running(command, environ, stop))
        _greet(serving, environ)
        if serving.account:
            _invite(serving.account, environ)
        stop.wait()
        _say("Stopping.")


def prepare(serving: Serving) -> None:
    """Bring all tables up to date, as the owner: before pages and work that run apart are started.

    Raises:
        QuestionError: what is there must not be served in this way.
        StoreError: the database cannot be reached, or refuses.
    """
    _refuse_what_is_unsafe(os.environ, serving)
    with opened(os.environ, say=_say) as installation:
        owner = {"DATABASE_URL_OWNER": installation.urls["placet_owner"]}
        _prepare({**_environ_alone(serving), **owner}, check=False)


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


def _refuse_what_is_unsafe(environ: Mapping[str, str], serving: Serving) -> None:
    """Refuse a secret that can be guessed, DEBUG, and real work without HTTPS but here."""
    secret = environ.get("PLACET_SECRET_KEY")
    if secret is not None and (len(secret) < _SHORTEST_SECRET or len(set(secret)) < 8):
        raise QuestionError(
            f"PLACET_SECRET_KEY can be guessed: make it {_SHORTEST_SECRET} random characters, or "
            "leave it out, and one is drawn and kept in the data folder."
        )
    if environ.get("DEBUG", "0") not in ("", "0"):
        raise QuestionError("DEBUG is set: pages would show what is inside. Unset it.")
    at = urlsplit(serving.address)
    if at.scheme != "https" and at.hostname not in ("localhost", "127.0.0.1"):
        raise QuestionError(
            f"{serving.address} is not HTTPS: whoever listens on the way could act for others, and "
            "browsers refuse passkeys. Put a proxy with a certificate in front."
        )


def _must_have_begun(installation: Installation) -> None:
    if installation.sequencer is None:
        raise QuestionError(
            "This process has no keys, so nothing it does could be signed. Name their folder with "
            "PLACET_KEYS; to begin a register use `placet begin`, to see one `placet serve --demo`."
        )
    if installation.house.reading.checkpoint() is None:
        raise QuestionError("The register has not begun. Use `placet begin`.")


def _environ(installation: Installation, serving: Serving) -> dict[str, str]:
    """Return the environment of the other processes: no keys, and no folder that holds them."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PLACET_KEYS", "PLACET_DATA", "DATABASE_URL", "DATABASE_URL_SEQUENCER")
    }
    urls = {name: installation.urls[role] for name, role in _ADDRESSES.items()}
    folder = installation.folder
    return {
        **kept,
        **urls,
        **_told(serving),
        "PLACET_SECRET_KEY": os.environ.get("PLACET_SECRET_KEY") or _kept(folder, "web-secret", 48),
        "PLACET_STATIC": str(folder / "static"),
        **({"PLACET_DEMO_PASSWORD": _kept(folder, "demo-password", 9)} if serving.demo else {}),
    }


def _environ_alone(serving: Serving) -> dict[str, str]:
    """Return the environment where the database and its sequencer run elsewhere.

    Raises:
        QuestionError: no database is named, or the secret that all workers share is missing.
    """
    if not os.environ.get("PLACET_SECRET_KEY"):
        raise QuestionError(
            "PLACET_SECRET_KEY is missing: pages and work that run apart need the same one. Make "
            f"it {_SHORTEST_SECRET} random characters, and give it to each of them."
        )
    away = ("PLACET_KEYS", "PLACET_DATA", *(name for name in os.environ if "DATABASE_URL" in name))
    kept = {name: value for name, value in os.environ.items() if name not in away}
    return {
        **kept,
        **role_urls(os.environ, ("placet_act", "placet_read", "placet_worker")),
        **_told(serving),
    }


def _told(serving: Serving) -> dict[str, str]:
    """Return what every process of the pages is told."""
    return {
        "PLACET_ADDRESS": serving.address,
        "PLACET_DEMONSTRATION": "1" if serving.demo else "0",
        "DJANGO_SETTINGS_MODULE": "placet.web.settings",
        "PYTHONUNBUFFERED": "1",
    }


def _kept(folder: Path, name: str, size: int) -> str:
    """Return a secret of the installation; draw it at the first asking."""
    path = folder / name
    if not path.is_file():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(size))
    return path.read_text().strip()


def _prepare(environ: Mapping[str, str], *, check: bool) -> None:
    """Bring the tables of the pages up to date; or only `check` that they are and may be served."""
    done = _of_pages(environ, "prepare", *(["--check"] if check else []))
    if done.returncode:
        raise QuestionError(f"The pages cannot be served: {done.stderr.strip()[-2000:]}")


def _invite(person: str, environ: Mapping[str, str]) -> None:
    """Make an account for a person, and print the link by which they choose a password."""
    done = _of_pages(environ, "account", person)
    said = done.stderr.strip().splitlines()[-1:] if done.returncode else [done.stdout.strip()]
    typer.echo(f"\nThe account of {person}: {' '.join(said)}")


def _of_pages(environ: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the pages in a process of its own, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "placet.web", *arguments],
        env=dict(environ),
        capture_output=True,
        text=True,
        check=False,
    )


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


def _greet(serving: Serving, environ: Mapping[str, str]) -> None:
    if serving.only == "work":
        typer.echo("Working in the background. Stop it with Ctrl-C.")
        return
    typer.echo(f"\nPlacet is at {serving.address}")
    if "PLACET_DEMO_PASSWORD" in environ:
        typer.echo("Sign in by one of these names; the password of each is")
        typer.echo(f"\n    {environ['PLACET_DEMO_PASSWORD']}\n")
        for name, who in _DEMO_PEOPLE.items():
            typer.echo(f"    {name:<11} {who}")
    typer.echo("\nStop it with Ctrl-C. What was done is kept.")


_DEMO_PEOPLE = {
    "marchenko": "asks, for Ukraine",
    "whitfield": "leads cases and issues permits",
    "hart": "advises, and adopts policies",
    "secretary": "decides, for the United States",
    "tan": "audits",
    "lindqvist": "keeps the registry, offices and accounts",
}


def _say(text: str) -> None:
    typer.echo(text, err=True)
