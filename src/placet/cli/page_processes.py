"""Processes of the pages: what they are told, and what is done in one of them to its end.

None is told of keys: they get addresses of the database in their roles, and a secret for cookies.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from placet import files
from placet.bootstrap import Installation, role_urls
from placet.errors import QuestionError
from placet.store.cluster import Role

__all__ = ["invite", "prepare_pages", "refuse_what_is_unsafe", "told_apart", "told_here"]

_ADDRESSES: Mapping[str, Role] = {
    "DATABASE_URL_OWNER": "placet_owner",
    "DATABASE_URL_ACT": "placet_act",
    "DATABASE_URL_READ": "placet_read",
    "DATABASE_URL_WORKER": "placet_worker",
}
"""The roles that the other processes connect in: not the sequencer's."""
_SHORTEST_SECRET = 32


def refuse_what_is_unsafe(environ: Mapping[str, str], address: str) -> None:
    """Refuse a secret that can be guessed, DEBUG, and real work without HTTPS but here.

    Raises:
        QuestionError: it is so; says what to do.
    """
    secret = environ.get("PLACET_SECRET_KEY")
    if secret is not None and (len(secret) < _SHORTEST_SECRET or len(set(secret)) < 8):
        raise QuestionError(
            f"PLACET_SECRET_KEY can be guessed: make it {_SHORTEST_SECRET} random characters, or "
            "leave it out, and one is drawn and kept in the data folder."
        )
    if environ.get("DEBUG", "0") not in ("", "0"):
        raise QuestionError("DEBUG is set: pages would show what is inside. Unset it.")
    at = urlsplit(address)
    if at.scheme != "https" and at.hostname not in ("localhost", "127.0.0.1"):
        raise QuestionError(
            f"{address} is not HTTPS: whoever listens on the way could act for others, and "
            "browsers refuse passkeys. Put a proxy with a certificate in front."
        )


def told_here(installation: Installation, address: str, *, demo: bool) -> dict[str, str]:
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
        **_told(address, demo),
        "PLACET_SECRET_KEY": os.environ.get("PLACET_SECRET_KEY") or _kept(folder, "web-secret", 48),
        "PLACET_STATIC": str(folder / "static"),
        **({"PLACET_DEMO_PASSWORD": _kept(folder, "demo-password", 9)} if demo else {}),
    }


def told_apart(environ: Mapping[str, str], address: str, *, demo: bool = False) -> dict[str, str]:
    """Return the environment where the database and its sequencer run elsewhere.

    Raises:
        QuestionError: no database is named, or the secret that all workers share is missing.
    """
    if not environ.get("PLACET_SECRET_KEY"):
        raise QuestionError(
            "PLACET_SECRET_KEY is missing: pages and work that run apart need the same one. Make "
            f"it {_SHORTEST_SECRET} random characters, and give it to each of them."
        )
    away = ("PLACET_KEYS", "PLACET_DATA", *(name for name in environ if "DATABASE_URL" in name))
    kept = {name: value for name, value in environ.items() if name not in away}
    return {
        **kept,
        **role_urls(environ, ("placet_act", "placet_read", "placet_worker")),
        **_told(address, demo),
    }


def _told(address: str, demo: bool) -> dict[str, str]:
    """Return what every process of the pages is told."""
    return {
        "PLACET_ADDRESS": address,
        "PLACET_DEMONSTRATION": "1" if demo else "0",
        "DJANGO_SETTINGS_MODULE": "placet.web.settings",
        "PYTHONUNBUFFERED": "1",
    }


def _kept(folder: Path, name: str, size: int) -> str:
    """Return a secret of the installation; draw it at the first asking."""
    path = folder / name
    if not path.is_file():
        with suppress(FileExistsError):  # another process drew it just now
            files.create(path, secrets.token_urlsafe(size).encode(), mode=0o600)
    return path.read_text().strip()


def prepare_pages(environ: Mapping[str, str], *, check: bool) -> None:
    """Bring the tables of the pages up to date; or only `check` that they are and may be served.

    Raises:
        QuestionError: they are not, or must not be.
    """
    done = _of_pages(environ, "prepare", *(["--check"] if check else []))
    if done.returncode < 0:
        stopped = signal.Signals(-done.returncode).name
        raise QuestionError(f"The pages are not served: {stopped} stopped what prepares them.")
    if done.returncode:
        said = done.stderr.strip()[-2000:].removeprefix("CommandError: ")
        raise QuestionError(f"The pages cannot be served: {said}")


def invite(person: str, email: str, environ: Mapping[str, str]) -> str:
    """Make an account for a person, or find it; return the link by which they choose a password.

    Raises:
        QuestionError: the register knows no such person.
    """
    done = _of_pages(environ, "account", person, "--email", email)
    if done.returncode:
        said = " ".join(done.stderr.strip().splitlines()[-1:])
        raise QuestionError(said.removeprefix("CommandError: "))
    return done.stdout.strip()


def _of_pages(environ: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the pages in a process of its own, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "placet.web", *arguments],
        env=dict(environ),
        capture_output=True,
        text=True,
        check=False,
    )
