"""The only place that picks implementations: from an environment to a house that is open."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from placet.errors import QuestionError
from placet.ledger import JSON
from placet.operations.house import House
from placet.operations.ports import Clock
from placet.operations.seeing.permit_terms import claims_of, status_ref, status_uri
from placet.permit import (
    PermitKey,
    Status,
    StatusList,
    StatusListToken,
    issue_status_token,
    issue_token,
    read_terms,
)
from placet.registry import parse_moment
from placet.review.commands import PLACES
from placet.store.cluster import ROLES, Role
from placet.store.connections import Database
from placet.store.coverage import Coverage
from placet.store.embedded import CLUSTER, EmbeddedServer
from placet.store.errors import DatabaseError, SequencerHeldError
from placet.store.folder import data_folder, named_folder
from placet.store.keys import Keys
from placet.store.migrating import migrate
from placet.store.reading import DatabaseReading
from placet.store.recording import DatabaseRecording
from placet.store.rotating import SigningKeys
from placet.store.sequencer import Sequencer
from placet.store.settings import database_settings

__all__ = [
    "Installation",
    "SystemClock",
    "SystemReferences",
    "connected",
    "data_folder",
    "django_database",
    "keys_folder",
    "opened",
    "reached",
    "role_urls",
    "sequencing",
]

KEYS = "keys"
"""The folder of the signing keys beneath the data folder, unless `PLACET_KEYS` names another."""

STATUS_LIST_LASTS = timedelta(days=2)
STATUS_LIST_TTL = 3600
"""Seconds after which a reader should fetch a newer list."""

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""The letters of a reference: none that is easily taken for another."""
_REFERENCE_LETTERS = 12
_DRAWS = 1000
_WORKING: tuple[Role, ...] = ("placet_act", "placet_read", "placet_sequencer")


class SystemClock:
    """The clock of the machine, to the second."""

    def now(self) -> datetime:
        """Return the present moment."""
        return datetime.now(UTC).replace(microsecond=0)


class SystemReferences:
    """References from the operating system's randomness.

    `taken` says whether a permit has a place on the status list already.
    """

    def __init__(self, taken: Callable[[int], bool] = lambda _: False) -> None:
        self._taken = taken

    def reference(self, prefix: str) -> str:
        """Return a new reference: the prefix and twelve letters and digits, 58 bits."""
        drawn = "".join(secrets.choice(_LETTERS) for _ in range(_REFERENCE_LETTERS))
        return f"{prefix}-{drawn}"

    def could_draw(self, prefix: str, reference: str) -> bool:
        """Say whether a reference is of the form of those that are drawn."""
        form = f"{re.escape(prefix)}-[{_LETTERS}]{{{_REFERENCE_LETTERS}}}"
        return re.fullmatch(form, reference) is not None

    def status_index(self) -> int:
        """Return a random place on the status list that no permit has.

        Raises:
            QuestionError: so many are taken that none was found.
        """
        drawn = (secrets.randbelow(PLACES) for _ in range(_DRAWS))
        found = next((each for each in drawn if not self._taken(each)), None)
        if found is None:
            raise QuestionError(f"The status list of {PLACES} places is full.")
        return found

    def nonce(self) -> str:
        """Return 43 unpredictable characters of base64url."""
        return secrets.token_urlsafe(32)

    def session_key(self) -> bytes:
        """Return the 32 unpredictable bytes of a private key, for one session."""
        return secrets.token_bytes(32)


@dataclass(frozen=True)
class Installation:
    """An installation that is open: its data folder, its keys if this process may use them."""

    folder: Path
    keys: Keys
    signing: SigningKeys
    house: House
    urls: Mapping[Role, str]
    sequencer: Sequencer | None = None
    server: EmbeddedServer | None = None

    def must_run(self) -> None:
        """Make sure that the embedded server runs still, where there is one.

        Raises:
            ServerError: it ended.
        """
        if self.server is not None:
            self.server.must_run()

    def renew(self) -> None:
        """Number what waits, and sign the status list again where it is old.

        Where another process does so, or the keys are elsewhere, there is nothing to do here.
        """
        if self.sequencer is None:
            return
        try:
            while self.sequencer.run_once() or self.sequencer.left:
                pass
        except SequencerHeldError:
            return


def keys_folder(environ: Mapping[str, str]) -> Path:
    """Return the folder of the signing keys: `PLACET_KEYS`, or `keys` in the data folder."""
    return Path(environ.get("PLACET_KEYS") or data_folder(environ) / KEYS)


@contextmanager
def reached(
    environ: Mapping[str, str],
    say: Callable[[str], None] = lambda _: None,
    *,
    beside: bool = False,
) -> Iterator[dict[Role, str]]:
    """Reach the database that an environment names, as it is, and say by which URLs.

    `beside` is for what may be done while work goes on: where another process runs the embedded
    server, that one is used.

    Raises:
        StoreError: the folder or the server cannot be used.
    """
    folder = data_folder(environ)
    with ExitStack() as held:
        if beside and not environ.get("DATABASE_URL"):
            running = EmbeddedServer(folder).running_elsewhere()
            environ = {**environ, "DATABASE_URL": running} if running else environ
        yield _urls(environ, _server(environ, folder, held, say))


def role_urls(environ: Mapping[str, str], roles: Iterable[Role]) -> dict[str, str]:
    """Return the variables that name the database to a process which connects in some roles.

    Raises:
        QuestionError: no database is named.
    """
    return {f"DATABASE_URL_{_short(role)}": _named(environ, role) for role in roles}


@contextmanager
def sequencing(environ: Mapping[str, str], clock: Clock | None = None) -> Iterator[Sequencer]:
    """Open what numbers and signs, alone: the keys, and the database in the one role for it.

    Raises:
        QuestionError: no database is named.
        KeyFileError: there are no keys, or others can read them.
    """
    keys = Keys(keys_folder(environ))
    numbering = Database(_named(environ, "placet_sequencer"))
    try:
        yield _sequencer(keys, numbering, clock or SystemClock())
    finally:
        numbering.close()


@contextmanager
def opened(
    environ: Mapping[str, str],
    *,
    new_origin: str | None = None,
    clock: Clock | None = None,
    say: Callable[[str], None] = lambda _: None,
    as_it_is: bool = False,
) -> Iterator[Installation]:
    """Open the installation that an environment names; close it again at the end.

    Args:
        environ: `PLACET_DATA`, `PLACET_KEYS`, `DATABASE_URL` and `DATABASE_URL_ACT` and so on.
        new_origin: the name of the log, where there are no keys yet and this is to make them.
        clock: the machine's, unless another one is played.
        say: is told what takes long.
        as_it_is: leave the schema as it is: another process brought it up to date.

    Raises:
        StoreError: the folder, the server, the schema or the keys cannot be used; before keys are
            made each role has connected.
        QuestionError: there are no keys, and no name was given to make some.
    """
    if new_origin is None and not environ.get("DATABASE_URL"):
        _must_have_database(named_folder(environ))
    folder = data_folder(environ)
    keys = Keys(keys_folder(environ))
    with ExitStack() as held:
        server = _server(environ, folder, held, say)
        urls = _urls(environ, server)
        if not as_it_is:
            migrate(urls["placet_owner"])
        if not keys.exist and new_origin is not None:
            _must_connect(environ, urls)
            keys = Keys.create(keys.folder, new_origin)
        yield replace(_installation(folder, keys, urls, clock, held), server=server)


def _must_have_database(folder: Path) -> None:
    """Refuse to make a database where one is to be read: the folder's name may be mistyped.

    Raises:
        QuestionError: there is none in this folder.
    """
    if not os.path.lexists(folder / CLUSTER):
        raise QuestionError(
            f"{folder}: this installation has no log yet; nothing was made there. If PLACET_DATA "
            "should name another folder, correct it. Use `placet demo` to see a log, or "
            "`placet begin` to begin your own."
        )


def _must_connect(environ: Mapping[str, str], urls: Mapping[Role, str]) -> None:
    """Have each role that the commands work in connect once.

    Raises:
        DatabaseError: one cannot; the text names the variable that says how.
    """
    for role in _WORKING:
        database = Database(urls[role], most=1)
        try:
            with database.connection():
                pass
        except DatabaseError as error:
            name = f"DATABASE_URL_{_short(role)}"
            hint = (
                f"Correct {name}"
                if environ.get(name)
                else f"Set {name}: without it {role} comes as DATABASE_URL says, by its password"
            )
            raise DatabaseError(f"{role} cannot connect. {error} {hint}.") from error
        finally:
            database.close()


@contextmanager
def connected(environ: Mapping[str, str], clock: Clock | None = None) -> Iterator[House]:
    """Give the house of a process that shares an installation: it starts nothing, has no keys.

    Args:
        environ: `DATABASE_URL_ACT` and `DATABASE_URL_READ`, or `DATABASE_URL`.
        clock: the machine's, unless another one is played.

    Raises:
        QuestionError: no database is named, or the log has not begun.
    """
    with ExitStack() as held:
        act, read = (Database(_named(environ, role)) for role in ("placet_act", "placet_read"))
        for each in (act, read):
            held.callback(each.close)
        reading = DatabaseReading(read)
        origin = _origin_of(reading)
        recording = DatabaseRecording(
            act,
            Coverage(act, None),
            claims=lambda case, permit, leaf: claims_of(case, permit, origin, leaf),
            played=clock is not None,
        )
        references = SystemReferences(reading.is_taken)
        yield House(recording, reading, clock or SystemClock(), references, origin)


def django_database(environ: Mapping[str, str], role: Role, *, schema: str) -> dict[str, Any]:
    """Return Django's settings of the database as a role sees one schema of it.

    Raises:
        QuestionError: no database is named.
    """
    settings = database_settings(_named(environ, role))
    settings["OPTIONS"] |= {"options": f"-c search_path={schema} -c application_name=placet-web"}
    return settings | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}


def _named(environ: Mapping[str, str], role: Role) -> str:
    """Return by which URL a role connects to a server that runs already."""
    named = environ.get("DATABASE_URL", "")
    if not named and not environ.get(f"DATABASE_URL_{_short(role)}"):
        raise QuestionError(
            f"No database is named for {role}. `placet serve` names it; else set DATABASE_URL, or "
            f"DATABASE_URL_{_short(role)}."
        )
    return _url_of(environ, named, role)


def _short(role: Role) -> str:
    return role.removeprefix("placet_").upper()


def _installation(
    folder: Path, keys: Keys, urls: Mapping[Role, str], playing: Clock | None, held: ExitStack
) -> Installation:
    clock = playing or SystemClock()
    act, read = Database(urls["placet_act"]), Database(urls["placet_read"])
    numbering = Database(urls["placet_sequencer"])
    for each in (act, read, numbering):
        held.callback(each.close)
    reading = DatabaseReading(read)
    sequencer = None
    if keys.exist:
        sequencer, origin = _sequencer(keys, numbering, clock), keys.signer().name
    else:
        origin = _origin_of(reading)
    recording = DatabaseRecording(
        act,
        Coverage(act, sequencer),
        claims=lambda case, permit, leaf: claims_of(case, permit, origin, leaf),
        played=playing is not None,
    )
    signers = keys.public() if keys.exist else {}
    house = House(recording, reading, clock, SystemReferences(reading.is_taken), origin, signers)
    return Installation(folder, keys, SigningKeys(numbering, keys), house, urls, sequencer)


def _sequencer(keys: Keys, numbering: Database, clock: Clock) -> Sequencer:
    origin = keys.signer().name
    return Sequencer(
        numbering,
        keys,
        sign_permit=partial(_sign_permit, keys, origin),
        sign_status_list=partial(_sign_status_list, keys, origin, clock),
        clock=clock,
    )


def _origin_of(reading: DatabaseReading) -> str:
    """Return the name of a log whose keys are elsewhere."""
    names = {each.name for each in reading.log_keys()}
    if len(names) != 1:
        raise QuestionError(
            "This installation has no log yet, and no keys. Use `placet demo` to see one, or "
            "`placet begin` to begin your own."
        )
    return names.pop()


def _server(
    environ: Mapping[str, str], folder: Path, held: ExitStack, say: Callable[[str], None]
) -> EmbeddedServer | None:
    """Start the embedded server, unless the environment names one."""
    if environ.get("DATABASE_URL"):
        return None
    return held.enter_context(EmbeddedServer(folder, say=say))


def _urls(environ: Mapping[str, str], server: EmbeddedServer | None) -> dict[Role, str]:
    """Return by which URL each role connects: to the embedded server, or to the one named."""
    if server is not None:
        return {role: server.url(role) for role in ROLES}
    return {role: _url_of(environ, environ["DATABASE_URL"], role) for role in ROLES}


def _url_of(environ: Mapping[str, str], named: str, role: Role) -> str:
    """Return a role's own URL, or the server's with the role as its user.

    The owner connects as whoever `DATABASE_URL` names.
    """
    if own := environ.get(f"DATABASE_URL_{_short(role)}"):
        return own
    if role == "placet_owner":
        return named
    parts = {**conninfo_to_dict(named), "user": role}
    return make_conninfo("", **{key: value for key, value in parts.items() if value is not None})


def _sign_permit(keys: Keys, origin: str, claims: JSON) -> str:
    match claims:
        case {"terms": dict(terms), "status": int(status), "issued-at": str(issued)}:
            at = parse_moment(issued)
            return issue_token(read_terms(terms), status_ref(origin, status), keys.permit_key(), at)
    raise QuestionError("The claims of a permit are not what a permit is made of.")


def _sign_status_list(
    keys: Keys, origin: str, clock: Clock, version: int, statuses: Mapping[int, int]
) -> str:
    key: PermitKey = keys.permit_key()
    now = clock.now()
    token = StatusListToken(
        uri=status_uri(origin),
        statuses=StatusList.of(PLACES).with_statuses(
            {index: Status(status) for index, status in statuses.items()}
        ),
        issued_at=now,
        expires_at=now + STATUS_LIST_LASTS,
        ttl=STATUS_LIST_TTL,
        version=version,
    )
    return issue_status_token(token, key)
