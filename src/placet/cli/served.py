"""A register at an address: whom it is asked as, and the session that was opened there."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from placet.bootstrap import data_folder
from placet.cli.sessions import keep_session, kept_session, session_file
from placet.client import Client, ServedRegister
from placet.errors import QuestionError
from placet.operations.acting.act import Signing
from placet.operations.outside.checking_permits import read_limited

__all__ = ["client_of", "served", "sign_in_at"]

_HERE = ("localhost", "127.0.0.1", "::1")


@contextmanager
def served(
    environ: Mapping[str, str], server: str, *, without_token: bool = False
) -> Iterator[ServedRegister]:
    """Ask the register at an address, as the holder of the token that an environment names.

    Raises:
        QuestionError: there is no token, or the address would give it away.
    """
    session = kept_session(session_file(data_folder(environ), server))
    with client_of(environ, server, without_token=without_token) as client:
        yield ServedRegister(client, session)


def client_of(environ: Mapping[str, str], server: str, *, without_token: bool = False) -> Client:
    """Return a client of a server.

    Raises:
        QuestionError: there is no token, or the address would give it away.
    """
    where = urlsplit(server)
    if where.hostname is None or where.scheme not in ("http", "https"):
        raise QuestionError(f"{server!r} is no address of a server, as in https://placet.example.")
    if where.scheme == "http" and where.hostname not in _HERE:
        raise QuestionError(
            f"{server} has no HTTPS: everybody on the way could read the token. Use https://."
        )
    return Client(server, "" if without_token else _token(environ, server))


def sign_in_at(
    environ: Mapping[str, str], server: str, person: str, sign: Signing, hours: int
) -> None:
    """Open a session at a server, and keep it here.

    Raises:
        QuestionError: the token is of somebody else.
    """
    with client_of(environ, server) as client:
        register = ServedRegister(client)
        if register.person != person:
            raise QuestionError(
                f"The token is of {register.person}, and not of {person}. Each acts by their own."
            )
        session = register.open_session(secrets.token_bytes(32), hours, sign)
    keep_session(session_file(data_folder(environ), server), session)


def _token(environ: Mapping[str, str], server: str) -> str:
    token = environ.get("PLACET_TOKEN", "").strip()
    if not token and (file := environ.get("PLACET_TOKEN_FILE")):
        token = read_limited(Path(file)).decode("utf-8", "replace").strip()
    if not token:
        raise QuestionError(
            f"There is no token to ask {server} with. Make one there, under /tokens/, and set "
            "PLACET_TOKEN to it, or PLACET_TOKEN_FILE to a file that holds it."
        )
    return token
