"""The pages about a register: every command runs, one page after another, and prints what is shown.

The pages are followed as a reader would, in the register that `placet demo` plays, so that what
one page makes the next may use. References are drawn at random: one that a page shows stands for
whatever is printed in its place at first, and for the same from there on. A `…` stands for
anything.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_docs import BEGINS_A_REGISTER, IN_A_REGISTER, ROOT, Block, blocks, place, plain
from typer.testing import CliRunner

from placet.cli.main import whole
from placet.store.embedded import EmbeddedServer

sys.path.append(str(ROOT / "tests" / "store"))

from server_for_tests import Databases

__all__ = ["place"]

REFERENCE = re.compile(r"[CPU]-[2-9A-Z]{12}")
DEMO = "placet demo"
KEPT = re.compile(r"(placet .*) > (\S+)")
FILE = re.compile(r"# (\S+\.yaml)\n")


class Reader:
    """Somebody who follows pages, and knows what their references stand for."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self.played = ""

    def follow(self, page: Path) -> None:
        """Do what a page says, in the folder that is the current one."""
        for block in blocks(page):
            place = f"{page.relative_to(ROOT)}:{block.line}"
            if block.language == "yaml" and (named := FILE.match(block.text)):
                self.write(Path(named[1]), block.text)
            for command, shown in commands(block):
                self.do(command, shown, f"{place}: {command}")

    def do(self, command: str, shown: str, place: str) -> None:
        """Run a command as it is shown; what it prints must be what is shown beneath it."""
        unknown = set(REFERENCE.findall(command)) - self.known.keys()
        assert not unknown, f"{place}\nno output before it shows {unknown}"
        code, output = self.carry_out(REFERENCE.sub(lambda found: self.known[found[0]], command))
        expected = re.search(r"# exits with (\d)", command)
        assert code == (int(expected[1]) if expected else 0), f"{place}\n{output}"
        rest = plain(output)
        for piece in re.split(r"^[│\s]*…\s*$", shown, flags=re.MULTILINE):
            found = re.search(self.pattern(plain(piece)), rest)
            assert found, f"{place}\nnot in its output: {plain(piece)}\n{rest}"
            self.known |= {f"{key[0]}-{key[1:]}": real for key, real in found.groupdict().items()}
            rest = rest[found.end() :]

    def carry_out(self, command: str) -> tuple[int, str]:
        """Run a command; the demonstration is played once, and seen again where it is shown."""
        if command != DEMO:
            return carry_out(command)
        if not self.played:
            code, self.played = carry_out(command)
            assert code == 0, self.played
        return 0, self.played

    def pattern(self, text: str) -> str:
        """Return what a text matches: a new reference is a group that is named after it."""
        parts: list[str] = []
        met: set[str] = set()
        for each in re.split(rf"({REFERENCE.pattern}|…)", text):
            group = each.replace("-", "", 1)
            if each == "…":
                parts.append(".*?")
            elif not REFERENCE.fullmatch(each) or each in self.known:
                parts.append(re.escape(self.known.get(each, each)))
            elif each in met:
                parts.append(f"(?P={group})")
            else:
                met.add(each)
                parts.append(f"(?P<{group}>{REFERENCE.pattern})")
        return "".join(parts)

    def write(self, path: Path, text: str) -> None:
        """Write a file that a page shows; `AAAA…` in it is the key in the `.pub` file it names."""
        for line in re.findall(r"ssh-ed25519 AAAA… (\w+)", text):
            public = Path(f"{line}.pub").read_text(encoding="ascii").strip()
            text = text.replace(f"ssh-ed25519 AAAA… {line}", public)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def commands(block: Block) -> Iterator[tuple[str, str]]:
    """Yield the commands of a console block, each with the output shown beneath it."""
    if block.language == "console":
        for each in re.findall(r"^\$ (.*\n(?:[^$].*\n|\n)*)", block.text, re.MULTILINE):
            whole = re.sub(r" \\\n *", " ", each)
            command, _, shown = whole.partition("\n")
            yield command, shown


def run(command: str) -> tuple[int, str]:
    """Run `placet` in this process; return its exit code, and what it says before what it gives."""
    arguments = shlex.split(command, comments=True)[1:]
    done = CliRunner().invoke(whole(), arguments, prog_name="placet")
    said = done.stderr + done.stdout
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        return 1, f"{said}\n{done.exception}"
    return done.exit_code, said


def carry_out(command: str) -> tuple[int, str]:
    """Run `placet` in this process and `ssh-keygen` beside it; `> FILE` keeps what it prints."""
    kept = KEPT.fullmatch(command)
    if kept:
        code, output = run(kept[1])
        Path(kept[2]).write_text(output, encoding="utf-8")
        return code, ""
    if command.startswith("placet "):
        return run(command)
    assert command.startswith("ssh-keygen "), f"{command} is not one that is run here"
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is absent: install openssh-client to have this page followed")
    typed, _, given = command.partition(" < ")
    data = Path(given).read_bytes() if given else b""
    done = subprocess.run(shlex.split(typed), input=data, capture_output=True, check=False)
    return done.returncode, (done.stdout + done.stderr).decode()


@pytest.fixture
def databases(server: EmbeddedServer) -> Iterator[Databases]:
    """Databases in a server that runs, so that not every command starts one."""
    made = Databases(server)
    yield made
    made.drop()


@pytest.fixture
def database(
    databases: Databases, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty database for one test, named as an administrator would."""
    url = databases.new(request.node.name[:60])
    monkeypatch.setenv("DATABASE_URL", url("placet_owner"))
    for role in ("act", "read", "sequencer"):
        monkeypatch.setenv(f"DATABASE_URL_{role.upper()}", url(f"placet_{role}"))


@pytest.mark.usefixtures("place", "database")
def test_the_pages_of_a_register_can_be_followed_one_after_another() -> None:
    """Whoever plays the demonstration and follows the pages in order sees what they show."""
    reader = Reader()
    for page in IN_A_REGISTER:
        reader.follow(page)


@pytest.mark.usefixtures("place", "database")
def test_a_register_can_be_begun_as_shown() -> None:
    """Whoever copies the files of the how-to and types its commands has begun a register."""
    Reader().follow(BEGINS_A_REGISTER)
