"""The embedded PostgreSQL: starts, stops, survives, and lets in nobody else."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest

from placet.store import lock
from placet.store.cluster import ROLES, Cluster
from placet.store.embedded import EmbeddedServer
from placet.store.errors import DataFolderError, ServerError
from placet.store.supervisor import LOG_NAME, Log
from server_for_tests import Url, folder_for_server
from waiting import until

ROOT = os.geteuid() == 0
NEEDS_ROOT = pytest.mark.skipif(not ROOT, reason="only root can run something as another user")
TRIES = 30

OWNER = """
import os, sys
from pathlib import Path
from placet.store.embedded import EmbeddedServer

data, system = map(Path, sys.argv[1:])
with EmbeddedServer(data, system_folder=system) as server:
    {then}
    print(server.url("placet_owner"), flush=True)
    sys.stdin.read()
"""


class Made(NamedTuple):
    """A data folder whose cluster is made, and the system folder that belongs to it."""

    data: Path
    system: Path

    def server(self) -> EmbeddedServer:
        """The server of this data folder, not started."""
        return EmbeddedServer(self.data, system_folder=self.system)

    def another(self, name: str, say: Callable[[str], None] = lambda _: None) -> EmbeddedServer:
        """The server of another data folder beside this one, not durable, not started."""
        other = self.data.parent / name
        return EmbeddedServer(other, say=say, durable=False, system_folder=self.system)

    def owner(self, then: str = "pass") -> subprocess.Popen[str]:
        """Another process that runs the server, does something, and waits for its input."""
        script = OWNER.format(then=then)
        return subprocess.Popen(
            [sys.executable, "-c", script, str(self.data), str(self.system)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )


@pytest.fixture(scope="module")
def made() -> Iterator[Made]:
    """A cluster as users have it, durable; every test leaves it stopped or killed."""
    with folder_for_server() as folders:
        place = Made(*folders)
        with place.server() as server:
            ask(server.url("placet_owner"), "CREATE TABLE kept (number int)")
        yield place


def ask(url: str, statement: str) -> list[tuple[object, ...]]:
    """What the server answers; nothing for a statement that answers nothing."""
    with psycopg.connect(url) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def keep(url: str) -> int:
    """Commit one more row; how many there are."""
    ask(url, "INSERT INTO kept VALUES (1)")
    return kept(url)


def kept(url: str) -> int:
    """How many rows are there."""
    [(number,)] = ask(url, "SELECT count(*) FROM kept")
    assert isinstance(number, int)
    return number


def postmaster(cluster: Cluster) -> int:
    """The number of the server's first process."""
    return int((cluster.data / "postmaster.pid").read_text().split()[0])


def supervisor(server: EmbeddedServer) -> int:
    """The number of the process that watches over the server."""
    assert server._supervisor is not None
    return server._supervisor.pid


def await_end(process: int) -> None:
    """Wait until a process is gone, or nobody but its parent cares."""
    until(lambda: _state(process) in ("", "Z"), lambda: f"process {process} is still there")


def _state(process: int) -> str:
    """Return the letter of a process's state; nothing where there is none, or it goes just now."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return stat.rpartition(")")[2].split()[0]


def as_user(user: int, group: int) -> list[str]:
    """What to put before a command that root runs as another user.

    `env`, and not `setpriv` with privileges it has yet to lose, opens the program.
    """
    return ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "env"]


def as_server(cluster: Cluster) -> list[str]:
    """What to put before a command to run it as the user of the server."""
    return as_user(cluster.account.user, cluster.account.group) if ROOT else []


def by_hand(cluster: Cluster) -> subprocess.Popen[bytes]:
    """Start PostgreSQL on a cluster without us; it takes connections when this returns."""
    sockets = ("-c", f"unix_socket_directories={cluster.logs}")
    running = subprocess.Popen(
        [*as_server(cluster), *cluster.command, *sockets], stderr=subprocess.DEVNULL, cwd="/"
    )
    until(lambda: cluster.is_ready() or running.poll() is not None)
    assert running.poll() is None
    return running


def socket_folder(server: EmbeddedServer) -> Path:
    """Where the server's socket is."""
    return Path(str(psycopg.conninfo.conninfo_to_dict(server.url("placet_act"))["host"]))


class TestRunning:
    """What a running server is like."""

    def test_every_role_connects_and_none_is_a_superuser(self, server: EmbeddedServer) -> None:
        """The five roles are who they say, and may do nothing that only a superuser may."""
        for role in ROLES:
            query = "SELECT rolname, rolsuper, rolreplication, rolbypassrls, rolcreaterole FROM "
            rows = ask(server.url(role), query + "pg_roles WHERE rolname = current_user")
            assert rows == [(role, False, False, False, False)]

    def test_nobody_connects_as_superuser(self, server: EmbeddedServer) -> None:
        """There is no door for the superuser, for us neither."""
        url = server.url("placet_owner").replace("placet_owner", "postgres")
        with pytest.raises(psycopg.OperationalError, match=r"pg_hba\.conf rejects connection"):
            ask(url, "SELECT 1")

    def test_only_the_owner_owns(self, server: EmbeddedServer) -> None:
        """The database is of `placet_owner`; the others may connect to it and nothing more."""
        may = "has_database_privilege(current_user, current_database(), '{}')"
        query = "SELECT " + ", ".join(may.format(what) for what in ("CONNECT", "CREATE", "TEMP"))
        found = {role: ask(server.url(role), query)[0] for role in ROLES}
        assert found.pop("placet_owner") == (True, True, True)
        assert set(found.values()) == {(True, False, False)}

    def test_settings(self, made: Made) -> None:
        """No network; everything committed is flushed and checksummed; bytes sort as bytes."""
        names = [
            "listen_addresses", "fsync", "synchronous_commit", "full_page_writes", "wal_level",
            "data_checksums", "server_encoding", "jit", "shared_buffers", "max_connections",
        ]  # fmt: skip
        query = ", ".join(f"current_setting('{name}')" for name in names)
        locale = "SELECT datlocprovider, datlocale, datcollate FROM pg_database"
        with made.server() as server:
            url = server.url("placet_read")
            assert ask(url, f"SELECT {query}") == [
                ("", "on", "on", "on", "replica", "on", "UTF8", "off", "128MB", "120")
            ]
            assert set(ask(url, locale)) == {("b", "C.UTF-8", "C")}

    @NEEDS_ROOT
    def test_no_process_of_the_server_is_root(self, made: Made) -> None:
        """Started as root, with data and packages that only root can reach, nothing stays root."""
        with made.server() as server:
            for process in (supervisor(server), postmaster(server.cluster())):
                status = Path(f"/proc/{process}/status").read_text()
                user = server.cluster().account.user
                assert f"Uid:\t{user}\t{user}\t{user}\t{user}\n" in status
                assert "Groups:\t \n" in status

    @NEEDS_ROOT
    @pytest.mark.parametrize(
        ("user", "answer"),
        [("server", "Peer authentication failed"), ("nobody", "Permission denied")],
    )
    def test_another_user_of_the_machine_does_not_get_in(
        self, made: Made, user: str, answer: str
    ) -> None:
        """Not even the user that the server runs as; others do not reach the socket."""
        with made.server() as server:
            cluster = server.cluster()
            who = pwd.getpwnam(cluster.account.name if user == "server" else user)
            if user == "nobody" and cluster.account.name == "nobody":
                pytest.skip("this machine has no user postgres: nobody is the server's user")
            done = subprocess.run(
                [
                    *as_user(who.pw_uid, who.pw_gid),
                    *(cluster.programs / "psql", server.url("placet_act"), "-c", "SELECT 1"),
                ],
                capture_output=True,
                text=True,
                check=False,
                cwd="/",
            )
        assert (done.returncode, done.stdout) == (2, "")
        assert answer in done.stderr

    def test_the_log_names_no_values(self, made: Made) -> None:
        """What fails is in the log without the statement's values: more people read logs."""
        with made.server() as server:
            url = server.url("placet_owner")
            ask(url, "CREATE TABLE IF NOT EXISTS one (name text PRIMARY KEY)")
            with pytest.raises(psycopg.errors.UniqueViolation):
                ask(url, "INSERT INTO one VALUES ('Secret'), ('Secret')")
            place = server.cluster().logs / LOG_NAME
        log = place.read_text()  # once the server has ended, all that it said is written down
        assert "duplicate key" in log
        assert "Secret" not in log


class TestStartingAndStopping:
    """How long it takes, what is said, and what is left behind."""

    def test_the_first_start_says_what_takes_long(self, made: Made) -> None:
        """The first start reports its progress, the next ones have nothing to report."""
        said: list[str] = []
        for _ in range(2):
            with made.another("first", said.append) as server:
                assert server.is_running
        assert len(said) == 2
        assert "Preparing the database" in said[0]

    def test_an_existing_cluster_starts_and_stops_at_once(self, made: Made) -> None:
        """Well under a second is added to what PostgreSQL itself takes; the socket's folder goes.

        Whatever makes it longer is there each time; a machine that is busy is not so for ever, and
        it has PostgreSQL by itself take longer too.
        """
        cluster = made.server().cluster()
        for _ in range(TRIES):
            began = time.monotonic()
            with made.server() as server:
                assert server.is_running
                sockets = socket_folder(server)
                assert sockets.stat().st_mode & 0o7777 == 0o700
            ended = time.monotonic()
            assert not sockets.exists()
            with by_hand(cluster) as alone:
                alone.send_signal(signal.SIGINT)
            if ended - began < time.monotonic() - ended + 0.7:
                return
        pytest.fail(f"each of {TRIES} starts and stops took much longer than PostgreSQL does")

    def test_a_data_folder_with_a_long_name(self, made: Made) -> None:
        """A socket's path is limited, a data folder's is not; blanks and quotes are allowed."""
        long = 'a "long" name ' * 14 + "/it's " + "x" * 200
        with made.another(long) as server:
            assert ask(server.url("placet_act"), "SELECT 1") == [(1,)]

    def test_a_read_only_cluster_folder_is_said(self, made: Made) -> None:
        """Proves that a lock that cannot be opened for writing is an error that says what to do."""
        script = (
            "import os, sys; from pathlib import Path; from placet.store import lock\n"
            "from placet.store.errors import StoreError\n"
            "if os.geteuid() == 0: os.setresuid(65534, 65534, 65534)\n"
            "try: lock.try_to_take(Path(sys.argv[1]))\n"
            "except StoreError as error: print(error)"
        )
        folder = made.data.parent / "read-only"
        folder.mkdir(mode=0o555)
        ran = subprocess.run(
            [sys.executable, "-c", script, str(folder / "lock")],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "Permission denied" in ran.stdout
        assert "Make its folder writable" in ran.stdout

    def test_a_half_made_cluster_is_made_again(self, made: Made) -> None:
        """A first start that was killed leaves nothing that the next one would trust."""
        server = made.another("half")
        (server.cluster().home / "data.new" / "base").mkdir(parents=True)
        with server:
            assert ask(server.url("placet_act"), "SELECT 1") == [(1,)]

    def test_a_cluster_of_another_version_is_refused(self, made: Made) -> None:
        """The error names both versions and the way out."""
        version = made.server().cluster().data / "PG_VERSION"
        ours = version.read_text()
        version.write_text("16\n")
        with pytest.raises(ServerError, match=r"made by PostgreSQL 16.* brings 18.*pg_dump"):
            made.server().start()
        version.write_text(ours)

    def test_why_it_does_not_start_is_said(self, made: Made) -> None:
        """The error carries the server's own words, and another start is possible."""
        control = made.server().cluster().data / "global" / "pg_control"
        control.rename(control.with_name("away"))
        with pytest.raises(ServerError, match=r'(?s)does not start.*global/pg_control"'):
            made.server().start()
        control.with_name("away").rename(control)
        with made.server() as server:
            assert server.is_running

    def test_a_foreign_folder_for_the_socket_is_refused(self, made: Made) -> None:
        """Somebody who makes the socket's folder first can stop us, but not pose as the server."""
        sockets = socket_folder(made.server())
        sockets.mkdir()
        sockets.chmod(0o755)
        with pytest.raises(ServerError, match="is in the way"):
            made.server().start()
        sockets.rmdir()

    @NEEDS_ROOT
    def test_a_lost_cluster_is_not_replaced_by_an_empty_one(self, made: Made) -> None:
        """When the data folder points to a cluster that is gone, that is said."""
        home = made.another("lost").cluster().home
        home.rename(home.with_name("elsewhere"))
        with pytest.raises(ServerError, match="is not there"):
            made.another("lost").start()

    def test_a_data_folder_that_others_can_change_is_refused(self, tmp_path: Path) -> None:
        """The check of the data folder is made at every start."""
        tmp_path.chmod(0o777)
        with pytest.raises(DataFolderError):
            EmbeddedServer(tmp_path, system_folder=tmp_path).start()

    def test_the_log_is_bounded(self, tmp_path: Path) -> None:
        """A log that has grown to its size is put aside; one such is kept."""
        log = Log(tmp_path, largest=100)
        for number in range(100):
            log.write(b"line %02d\n" % number)
        log.close()
        last, before = (tmp_path / LOG_NAME).read_bytes(), (tmp_path / "server.log.1").read_bytes()
        assert (before + last).endswith(b"line 98\nline 99\n")
        assert max(len(last), len(before)) <= 100
        assert len(list(tmp_path.iterdir())) == 2


class TestTwice:
    """One server for one data folder."""

    def test_another_process_has_it(self, made: Made) -> None:
        """The error names the process, since when, and a URL that works meanwhile."""
        with made.owner() as owner:
            assert owner.stdout is not None
            owner.stdout.readline()
            with pytest.raises(ServerError, match=f"for process {owner.pid}, since 20.*Z") as error:
                made.server().start()
            url = str(error.value).partition("DATABASE_URL='")[2].rstrip("'")
            assert ask(url, "SELECT current_user") == [("placet_owner",)]
            assert made.server().running_elsewhere() == url
            owner.communicate("")
        assert owner.returncode == 0
        assert made.server().running_elsewhere() is None

    def test_the_same_process_has_it(self, made: Made) -> None:
        """A second start in one process is refused in the same way, and harms nothing."""
        with made.server() as server:
            with pytest.raises(ServerError, match=f"for process {os.getpid()}"):
                made.server().start()
            assert server.is_running

    def test_a_server_that_we_did_not_start(self, made: Made) -> None:
        """A PostgreSQL that somebody started by hand on our cluster is left alone, and named."""
        with by_hand(made.server().cluster()) as running:
            with pytest.raises(ServerError, match=f"process {running.pid}, a PostgreSQL that"):
                made.server().start()
            running.send_signal(signal.SIGINT)


class TestCrashes:
    """Whatever is killed, the server ends, and the next start needs no repair."""

    def test_kill_the_process_that_started_it(self, made: Made) -> None:
        """The server ends with its parent; the next start waits for that and finds every row."""
        with made.owner() as owner:
            assert owner.stdout is not None
            rows = keep(owner.stdout.readline().strip())
            first = postmaster(made.server().cluster())
            owner.kill()
            owner.wait()
            with made.server() as server:
                await_end(first)
                assert kept(server.url("placet_owner")) == rows

    def test_kill_a_process_that_has_forked(self, made: Made) -> None:
        """A forked child that outlives the parent does not keep the server alive."""
        with made.owner(then="os.fork() or os.close(1)") as owner:
            assert owner.stdout is not None
            owner.stdout.readline()
            first = postmaster(made.server().cluster())
            owner.kill()
            await_end(first)

    def test_the_end_of_a_forked_child(self, made: Made) -> None:
        """A forked child that ends in good order leaves its parent's server alone."""
        with made.owner(then="os.fork() or sys.exit(); os.wait()") as owner:
            assert owner.stdout is not None
            assert keep(owner.stdout.readline().strip())
            owner.communicate("")

    def test_kill_the_supervisor(self, made: Made) -> None:
        """Without its supervisor the server ends, and the same object starts it again."""
        server = made.server()
        server.start()
        rows = keep(server.url("placet_owner"))
        first = postmaster(server.cluster())
        os.kill(supervisor(server), signal.SIGKILL)
        await_end(first)
        server.stop()
        with server:
            assert kept(server.url("placet_owner")) == rows

    def test_kill_the_server(self, made: Made) -> None:
        """After a kill of PostgreSQL itself, what was committed is recovered at the next start.

        Whoever serves with it is told, and ends; the supervisor ends with it, or it with that.
        """
        server = made.server()
        server.must_run()
        server.start()
        server.must_run()
        rows = keep(server.url("placet_owner"))
        sockets = socket_folder(server)
        os.kill(postmaster(server.cluster()), signal.SIGKILL)
        await_end(supervisor(server))
        assert not server.is_running
        with pytest.raises(ServerError, match="PostgreSQL ended, or was killed"):
            server.must_run()
        assert (sockets / ".s.PGSQL.5432").exists()
        with made.server() as again:
            assert kept(again.url("placet_owner")) == rows
        server.stop()

    def test_a_stale_number_of_a_living_process(self, made: Made) -> None:
        """A crash left a process number that now belongs to a stranger of the same user."""
        cluster = made.server().cluster()
        stranger = subprocess.Popen([*as_server(cluster), "sleep", "600"], cwd="/")
        with stranger:
            (cluster.data / "postmaster.pid").write_text(f"{stranger.pid}\n{cluster.data}\n")
            with made.server() as server:
                assert server.is_running
            assert stranger.poll() is None
            stranger.kill()

    def test_everything_killed_at_once(self, made: Made) -> None:
        """Parent, supervisor and server are killed in one moment; committed rows are there."""
        with made.owner() as owner:
            assert owner.stdout is not None
            rows = keep(owner.stdout.readline().strip())
            first = postmaster(made.server().cluster())
            stat = Path(f"/proc/{first}/stat").read_text()
            for process in (int(stat.rpartition(")")[2].split()[1]), first, owner.pid):
                os.kill(process, signal.SIGKILL)
            owner.wait()
        with made.server() as server:
            assert kept(server.url("placet_owner")) == rows

    def test_every_process_of_the_server_holds_the_lock(self, made: Made) -> None:
        """While anything of the server is alive the cluster is taken; afterwards it is free."""
        server = made.server()
        server.start()
        path = server.cluster().home / "lock"
        first = postmaster(server.cluster())
        os.kill(first, signal.SIGSTOP)
        os.kill(supervisor(server), signal.SIGKILL)
        await_end(supervisor(server))
        assert lock.try_to_take(path) is None
        os.kill(first, signal.SIGCONT)
        await_end(first)
        server.stop()


ORDINARY = """
import os, signal, sys
from pathlib import Path
import psycopg
from placet.store.embedded import EmbeddedServer

os.environ["XDG_RUNTIME_DIR"] = sys.argv[2]
with EmbeddedServer(Path(sys.argv[1])) as server:
    with psycopg.connect(server.url("placet_owner")) as connection:
        connection.execute("CREATE TABLE kept (number int)")
    os.kill(int((server.cluster().data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
with EmbeddedServer(Path(sys.argv[1])) as server:
    with psycopg.connect(server.url("placet_act")) as connection:
        print(os.geteuid(), server.url("placet_act"), connection.execute(
            "SELECT to_regclass('kept') IS NOT NULL").fetchone())
"""


def python_for(user: pwd.struct_passwd) -> str | None:
    """An interpreter that the user can run with our packages; none when they lie out of reach."""
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        if (
            Path(python).exists()
            and not run_as(user, python, "import placet.store.embedded").returncode
        ):
            return python
    return None


def run_as(
    user: pwd.struct_passwd, python: str, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run a script as another user, who finds our packages by PYTHONPATH."""
    return subprocess.run(
        [*as_user(user.pw_uid, user.pw_gid), python, "-W", "error", "-c", *arguments],
        env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


@NEEDS_ROOT
def test_as_an_ordinary_user() -> None:
    """Without root everything lies in the data folder, and start, crash and recovery work too."""
    nobody = pwd.getpwnam("nobody")
    if (python := python_for(nobody)) is None:
        pytest.skip("nobody can reach no Python with our packages on this machine")
    with folder_for_server() as (data, runtime):
        for folder in (data, runtime):
            folder.mkdir(mode=0o700)
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        done = run_as(nobody, python, ORDINARY, str(data), str(runtime))
        assert done.stderr == ""
        user, url, there = done.stdout.split(maxsplit=2)
        assert (user, there) == (str(nobody.pw_uid), "(True,)\n")
        assert str(runtime).replace("/", "%2F") in url
        assert "requirepeer=nobody" in url
        assert (data / "cluster" / "data" / "PG_VERSION").exists()
        assert list(runtime.iterdir()) == []


class TestDatabases:
    """The fixtures that other tests build on."""

    def test_a_database_is_empty_and_apart(self, new_database: Callable[..., Url]) -> None:
        """Two databases share nothing, and a copy has what its template had."""
        first, second = new_database("first"), new_database("second")
        ask(first("placet_owner"), "CREATE TABLE here (number int)")
        exists = "SELECT to_regclass('here') IS NOT NULL"
        assert ask(first("placet_owner"), exists) == [(True,)]
        assert ask(second("placet_owner"), exists) == [(False,)]
        third = new_database("third", template="first")
        assert ask(third("placet_owner"), exists) == [(True,)]
        assert ask(third("placet_read"), "SELECT current_user") == [("placet_read",)]
